"""Two texts -> their differences by lines, in nearly linear time.

``difflib`` takes quadratic time or more when many lines have changed. This is patience diff
(https://bramcohen.livejournal.com/73318.html): lines that occur exactly once in each text are matched first, then the
ranges between them are compared in the same way.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: The number of context lines around a change.
_CONTEXT = 3
#: The maximum number of line pairs that are compared with dynamic programming.
_PAIRS = 2500
#: The maximum recursion depth for ranges between equal lines.
_DEPTH = 12
# Only a line feed ends a line: the text may contain other characters that `str.splitlines` splits at.
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_NO_NEWLINE = "\\ No newline at end of file\n"


class _Range(NamedTuple):
    """A range of lines in both texts that is compared. The end is exclusive."""

    old: int
    old_end: int
    new: int
    new_end: int
    depth: int


def unified_diff(before: str, after: str, before_name: str, after_name: str) -> str:
    """Return the unified diff of two texts, as ``diff -u`` prints it; empty when all lines are equal."""
    old, new = _LINES.findall(before), _LINES.findall(after)
    hunks = list(_hunks(_changes(old, new), old, new))
    return "".join((f"--- {before_name}\n", f"+++ {after_name}\n", *hunks)) if hunks else ""


def _changes(old: Sequence[str], new: Sequence[str]) -> list[_Range]:
    """Return the replaced ranges, in order. The lines between them are equal."""
    changes: list[_Range] = []
    # A stack: the first range is handled first.
    waiting = [_Range(0, len(old), 0, len(new), 0)]
    while waiting:
        part = _without_equal_ends(waiting.pop(), old, new)
        if part.old == part.old_end and part.new == part.new_end:
            continue
        pairs = _equal_lines(part, old, new)
        if not pairs:
            changes.append(part)
            continue
        between = []
        o, n = part.old, part.new
        for o_end, n_end in (*pairs, (part.old_end, part.new_end)):
            between.append(_Range(o, o_end, n, n_end, part.depth + 1))
            o, n = o_end + 1, n_end + 1
        waiting += reversed(between)
    return changes


def _without_equal_ends(part: _Range, old: Sequence[str], new: Sequence[str]) -> _Range:
    o, o_end, n, n_end, depth = part
    while o < o_end and n < n_end and old[o] == new[n]:
        o, n = o + 1, n + 1
    while o < o_end and n < n_end and old[o_end - 1] == new[n_end - 1]:
        o_end, n_end = o_end - 1, n_end - 1
    return _Range(o, o_end, n, n_end, depth)


def _equal_lines(part: _Range, old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return pairs of equal lines, ascending in both texts."""
    if part.old == part.old_end or part.new == part.new_end:
        return []
    if (part.old_end - part.old) * (part.new_end - part.new) <= _PAIRS:
        return _longest_common(part, old, new)
    if part.depth >= _DEPTH:
        return []
    in_old = Counter(old[part.old : part.old_end])
    in_new = Counter(new[part.new : part.new_end])
    places = {new[n]: n for n in range(part.new, part.new_end) if in_new[new[n]] == 1}
    common = [(o, places[old[o]]) for o in range(part.old, part.old_end) if in_old[old[o]] == 1 and old[o] in places]
    return _longest_ascending(common)


def _longest_ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence of pairs whose second numbers ascend, as the first ones do."""
    ends: list[int] = []
    positions: list[int] = []
    before: list[int] = []
    for position, (_, n) in enumerate(pairs):
        length = bisect_left(ends, n)
        before.append(positions[length - 1] if length else -1)
        ends[length:] = [n]
        positions[length:] = [position]
    found = []
    position = positions[-1] if positions else -1
    while position >= 0:
        found.append(pairs[position])
        position = before[position]
    return found[::-1]


def _longest_common(part: _Range, old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of a longest common subsequence, for few lines."""
    o_lines, n_lines = old[part.old : part.old_end], new[part.new : part.new_end]
    # The length of the longest common subsequence of the remaining lines: by line of the old text, then of the new
    # one.
    longest = [[0] * (len(n_lines) + 1) for _ in range(len(o_lines) + 1)]
    for o in reversed(range(len(o_lines))):
        for n in reversed(range(len(n_lines))):
            if o_lines[o] == n_lines[n]:
                longest[o][n] = longest[o + 1][n + 1] + 1
            else:
                longest[o][n] = max(longest[o + 1][n], longest[o][n + 1])
    found = []
    o = n = 0
    while o < len(o_lines) and n < len(n_lines):
        if o_lines[o] == n_lines[n]:
            found.append((part.old + o, part.new + n))
            o, n = o + 1, n + 1
        elif longest[o + 1][n] >= longest[o][n + 1]:
            o += 1
        else:
            n += 1
    return found


def _hunks(changes: Sequence[_Range], old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Yield hunks: changes with their context. Changes that are close together share a hunk."""
    start = 0
    for position, change in enumerate(changes):
        is_last = position + 1 == len(changes)
        if is_last or changes[position + 1].old - change.old_end > 2 * _CONTEXT:
            yield _hunk(changes[start : position + 1], old, new)
            start = position + 1


def _hunk(changes: Sequence[_Range], old: Sequence[str], new: Sequence[str]) -> str:
    first, last = changes[0], changes[-1]
    before = min(_CONTEXT, first.old, first.new)
    behind = min(_CONTEXT, len(old) - last.old_end, len(new) - last.new_end)
    old_lines = _numbers(first.old - before, last.old_end + behind)
    new_lines = _numbers(first.new - before, last.new_end + behind)
    lines = [f"@@ -{old_lines} +{new_lines} @@\n"]
    equal = first.old - before
    for change in changes:
        lines += [_line(" ", line) for line in old[equal : change.old]]
        lines += [_line("-", line) for line in old[change.old : change.old_end]]
        lines += [_line("+", line) for line in new[change.new : change.new_end]]
        equal = change.old_end
    lines += [_line(" ", line) for line in old[equal : last.old_end + behind]]
    return "".join(lines)


def _numbers(start: int, end: int) -> str:
    """Return a range of lines for a hunk header: https://www.gnu.org/software/diffutils/manual/#Detailed-Unified."""
    if end - start == 1:
        return f"{start + 1}"
    return f"{start + 1 if end > start else start},{end - start}"


def _line(mark: str, line: str) -> str:
    return f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n{_NO_NEWLINE}"
