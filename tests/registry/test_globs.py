"""Globs of files in a repository, with a field for a service."""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase
from itertools import product

import pytest

from sphinx_statestores.registry.globs import Glob


@pytest.mark.parametrize(
    ("glob", "matching", "others"),
    [
        ("a/*.cs", ["a/b.cs", "a/.cs"], ["a/b.csx", "a/b/c.cs", "b/a/c.cs", "a/b.CS"]),
        ("a/**", ["a/b", "a/b/c.d"], ["a", "ab/c"]),
        ("**/*.py", ["x.py", "a/x.py", "a/b/c/x.py"], ["x.pyc", "a/x.py/b"]),
        ("a/**/b/*.x", ["a/b/c.x", "a/b/b/c.x", "a/q/r/b/c.x"], ["a/c.x", "a/b/c/d.x"]),
        ("**/a/**/b", ["a/b", "a/a/b", "x/a/y/b", "a/b/a/b"], ["b", "a/c", "a/b/c"]),
        ("a?c/*b*d", ["axc/bd", "axc/1b2b3d"], ["ac/bd", "a/c/bd", "axc/b"]),
        ("**/**/x", ["x", "a/x"], ["ax"]),
        ("a.c", ["a.c"], ["abc"]),
        ("a\nb/*", ["a\nb/c\n"], ["a\nb/c/d"]),
        ("lib-{kebab}/*", ["lib-a/x", "lib-a-b/x"], ["lib-/x", "lib-a/b/x"]),
    ],
)
def test_what_a_glob_matches(glob: str, matching: list[str], others: list[str]) -> None:
    """``*`` and ``?`` stay inside of a part, ``**`` is any number of parts, and all else is literal."""
    found = Glob(glob)
    assert [path for path in matching if not found.matches(path)] == []
    assert [path for path in others if found.matches(path)] == []


def test_a_part_matches_as_fnmatch_does() -> None:
    """The pattern that never goes back agrees with the standard library on all short patterns and names."""
    names = ["".join(letters) for size in range(1, 6) for letters in product("ab", repeat=size)]
    for pattern in ("".join(letters) for size in range(1, 5) for letters in product("ab*?", repeat=size)):
        if "**" not in pattern:
            glob = Glob(pattern)
            assert [n for n in names if glob.matches(n)] == [n for n in names if fnmatchcase(n, pattern)], pattern


def test_any_folders_match_as_a_search_does() -> None:
    """``**`` between parts agrees with a plain search through all ways to match."""

    def search(parts: list[str], path: list[str]) -> bool:
        if not parts:
            return not path
        if parts[0] == "**":
            return any(search(parts[1:], path[start:]) for start in range(len(path) + 1))
        return bool(path) and path[0] == parts[0] and search(parts[1:], path[1:])

    paths = ["/".join(parts) for size in range(1, 6) for parts in product("ab", repeat=size)]
    for size in range(1, 5):
        for parts in product(("a", "b", "**"), repeat=size):
            if parts[-1] != "**":
                glob = Glob("/".join(parts))
                wanted = [path for path in paths if search(list(parts), path.split("/"))]
                assert [path for path in paths if glob.matches(path)] == wanted, parts


@pytest.mark.parametrize(
    ("glob", "path", "values"),
    [
        ("lib-{kebab}/**", "lib-a-b/c/d", ["a-b"]),
        ("src/{service}Service.cs", "src/AuthService.cs", ["Auth"]),
        ("**/{lower}/**/*.cs", "src/auth/x/a.cs", ["src", "auth", "x"]),
        ("**/{lower}.cs", "a/b/c.cs", ["c"]),
        ("{snake}/*.py", "a_b/c.py", ["a_b"]),
        ("{snake}/*.py", "a_b/c.cs", []),
        ("a/*", "a/b", []),
    ],
)
def test_what_a_field_stands_for(glob: str, path: str, values: list[str]) -> None:
    """A field yields all that it may stand for in a path, from left to right."""
    assert list(Glob(glob).values(path)) == values


@pytest.mark.parametrize(
    ("glob", "part"),
    [
        ("*a" * 60 + "b", "a"),
        ("**/" * 60 + "b", "a/"),
        ("**/a/" * 30 + "b", "a/"),
        ("*" + "?" * 100 + "b", "a"),
    ],
)
def test_a_glob_takes_polynomial_time(glob: str, part: str) -> None:
    """The longest globs that nearly match are refused at once: an exponential search would never end."""
    assert not Glob(glob[:200]).matches((part * 500).strip("/"))
    assert sys.version_info >= (3, 11)  # patterns that never go back
