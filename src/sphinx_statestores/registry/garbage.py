"""What Python's search for garbage is spared: a time when nothing dies, values that stay, and most of its runs."""

from __future__ import annotations

import atexit
import gc
import os
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How many values have to come to life before Python looks for garbage among them.
_SELDOM = 10_000
#: The thresholds that Python had before, where they have been changed.
_usual: list[tuple[int, ...]] = []


@contextmanager
def no_search_for_garbage() -> Iterator[None]:
    """Keep Python from looking at all values again and again: with tens of thousands that takes a fifth of the time.

    What has no cycles is freed all the same (https://docs.python.org/3/library/gc.html).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def search_for_garbage_seldom() -> None:
    """Let Python look for garbage less often, until :func:`put_back`.

    By default it does after some hundreds of new values (https://docs.python.org/3/library/gc.html#gc.set_threshold),
    and a page has thousands. Processes that are forked in this time set aside what they begin with.
    """
    _watch_forks()
    first, *others = gc.get_threshold()
    # 0: somebody has switched it off.
    if not _usual and 0 < first < _SELDOM:
        _usual.append((first, *others))
        gc.set_threshold(_SELDOM, *others)


def set_aside() -> None:
    """Keep Python from looking at what is alive now, until :func:`put_back`: it looks at all values time and again.

    A registry that lives as long as the program would be most of what there is to look at.
    """
    gc.freeze()


@cache
def _watch_forks() -> None:
    """See to it that forked processes look for garbage among their own values only.

    To look at those of the process that they come from takes time, and memory, since what is looked at is no longer
    shared (https://docs.python.org/3/library/gc.html#gc.freeze).
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_set_aside_what_is_inherited)


def _set_aside_what_is_inherited() -> None:
    if _usual:
        gc.freeze()


def put_back() -> None:
    """Let Python look at everything again, and as often as before."""
    gc.unfreeze()
    if _usual:
        gc.set_threshold(*_usual.pop())


def end_without_search() -> None:
    """Let the program end without a last search for garbage: all that it could find is freed with the program.

    Python does not promise to find it then (https://docs.python.org/3/reference/datamodel.html#object.__del__).
    """
    # Once, however often a program builds.
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
