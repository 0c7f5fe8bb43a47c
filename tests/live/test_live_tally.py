"""The numbers of a group."""

from __future__ import annotations

from sphinx_statestores.live.budget import Budget, Meter
from sphinx_statestores.live.tally import Sample, Tally
from sphinx_statestores.registry.observation import KeyGroup


def test_a_group() -> None:
    """Types, lifetimes in whole seconds, and a sample of a limited size are counted."""
    tally = Tally()
    for lifetime in (1, 59_001, -1):
        tally.add_key("hash", lifetime)
    tally.add_key("string", -1)
    for size in (10, 20, 40):
        tally.add_sample(Sample(size, "listpack"))
    group = tally.group("a:*", 2)
    assert group == KeyGroup("a:*", 4, {"hash": 3, "string": 1}, 2, 1, 60, 2, 30, {"listpack": 2})
    assert group.bytes == 60


def test_no_key_expires() -> None:
    """Where no key expires, there are no times."""
    tally = Tally()
    tally.add_key("set", -1)
    assert tally.group("a", 5) == KeyGroup("a", 1, {"set": 1})


def test_merged_groups() -> None:
    """What two groups have counted is counted in one; a group whose keys do not expire has no times to compare."""
    one, other, third = Tally(), Tally(), Tally()
    one.add_key("set", -1)
    other.add_key("set", 5_000)
    third.add_key("list", 3_000)
    other.add_sample(Sample(8, "intset"))
    for tally in (other, third, Tally()):
        one.merge(tally)
    assert one.group("*", 9) == KeyGroup("*", 3, {"set": 2, "list": 1}, 2, 3, 5, 1, 8, {"intset": 1})


def test_a_budget() -> None:
    """A budget is used up by keys or by time."""
    now = [100.0]
    meter = Meter(Budget(10, 5.0, 1), lambda: now[0])
    assert (meter.used_up, meter.keys_left, meter.seconds_left) == ("", 10, 5.0)
    meter.asked = 10
    assert meter.used_up == "keys"
    meter.asked = 9
    now[0] = 106.0
    assert (meter.used_up, meter.seconds, meter.seconds_left) == ("seconds", 6.0, 0.0)
