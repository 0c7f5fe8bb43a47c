"""Addresses of servers on the command line."""

from __future__ import annotations

import pytest

from sphinx_statestores.live.addresses import Address, read_address
from sphinx_statestores.live.faults import ServerError


@pytest.mark.parametrize(
    ("text", "protocol", "address", "shown"),
    [
        ("redis://cache", "redis", Address("redis", host="cache", port=6379), "redis://cache:6379"),
        (
            "rediss://cache.example.org:7000/3",
            "redis",
            Address("redis", host="cache.example.org", port=7000, database="3", is_encrypted=True),
            "rediss://cache.example.org:7000/3",
        ),
        (
            "redis://password-cache",
            "redis",
            Address("redis", host="password-cache", port=6379),
            "redis://password-cache:6379",
        ),
        ("redis://[::1]:1/", "redis", Address("redis", host="::1", port=1), "redis://[::1]:1"),
        (
            "valkey,keydb=unix:///run/a b.sock?db=1",
            "redis",
            Address("redis", ("valkey", "keydb"), socket="/run/a b.sock", database="1"),
            "unix:///run/a%20b.sock?db=1",
        ),
        (
            "mysql://db/app%2Fx",
            "mysql",
            Address("mysql", host="db", port=3306, database="app/x"),
            "mysql://db:3306/app%2Fx",
        ),
        ("mariadb=mariadb://db", "mysql", Address("mysql", ("mariadb",), host="db", port=3306), "mysql://db:3306"),
        ("mysqls://db?db=a", "mysql", Address("mysql", (), "db", 3306, "", "a", True), "mysqls://db:3306/a"),
    ],
)
def test_an_address(text: str, protocol: str, address: Address, shown: str) -> None:
    """An address has a backend, a host or a socket, and a database; messages show it as a URL."""
    assert read_address(text, protocol) == address
    assert address.text.replace("/app/x", "/app%2Fx") == shown


@pytest.mark.parametrize(
    "text",
    [
        "redis://:Secr3t@host",
        "redis://Secr3t@host",
        "valkey=redis://user:Secr3t@host:1/0",
        "Secr3t@host",
        "redis://host:Secr3t",
        "redis://host/Secr3t",
        "redis://host?password=Secr3t",
        "unix:///run/r.sock?password=Secr3t&db=0",
        "unix:///run/r.sock?Secr3t",
        "unix://Secr3t/r.sock",
        "redis://host#Secr3t",
        "mysql://Secr3t",
        "Secr3t",
        "=Secr3t",
        "redis://[Secr3t",
        "redis://host:0",
        "redis://host:65536",
        "redis://ho st",
        "redis://",
        "unix://",
        "",
    ],
)
def test_what_is_no_address(text: str) -> None:
    """What is no address, or has a user or password, is refused, and no message repeats any of it."""
    with pytest.raises(ServerError) as caught:
        read_address(text, "redis")
    assert "Secr3t" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
