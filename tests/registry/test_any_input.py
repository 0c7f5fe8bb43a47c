"""Whatever a file holds, loading it gives stores or problems: nothing raises, hangs, or leaks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from work import counted_calls

from sphinx_statestores.registry import reader, suggest
from sphinx_statestores.registry.loader import SECTIONS, load_sources
from sphinx_statestores.registry.reader import Mapping, Scalar, Sequence, read_document
from sphinx_statestores.registry.source import SourceText, decode_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.problems import Problem
    from sphinx_statestores.registry.reader import Node

ROOT = Path(__file__).resolve().parents[2]
GOOD = "".join(
    (ROOT / "schemas" / name).read_text("utf-8") for name in ("state-stores-guide.yaml", "state-stores.yaml")
)
# A part of each section: with all stores, most edits would be far from everything that has rules.
GOOD = GOOD[: GOOD.index("  edge-revocation-statestore:")] + (
    "  everything:\n    backend: memory\n    service: Auth\n    purpose: &p 'Every field, `code` and more'\n"
    "    prefix: auth:all\n    table: everything\n    enableSearch: false\n    status: deprecated\n"
    "    replacedBy: auth-statestore\n    since: 1.4\n    readers: [Account]\n    writers: Account\n"
    "    tags: [hot, cold]\n    keys: [{pattern: 'a:{id}', type: hash, ttl: 1h, purpose: *p}]\n    x-own: {a: [b]}\n"
)

PARSERS = ["CSafeLoader", "SafeLoader"] if yaml.__with_libyaml__ else ["SafeLoader"]
FRAGMENTS = [
    *"-:?,[]{}#&*!|>'\"%@`<=~ \t\n\r\\", ": ", "- ", "\n  ", "\n    ", "? ", "<<: ", "*p", "&p ", "*q", "!!str ",
    "!!python/name:os ", "!x ", "---\n", "...\n", "%YAML 1.2\n", "|2\n", ">-\n", "no", "5", "1:30", "2024-01-01", "~",
    "\ufeff", "\x85", "\u2028", "\u200b", "\u202e", "\x00", "\x1b[31m", "\x7f", "\ufffe", "\ud800", "é", "漢", "😀",
    '"\\e"', '"\\ud83d"', "`" * 7, "x" * 200, "[" * 40, "{a: " * 40, "- " * 40, *SECTIONS,
    "backend: redis", "backend: mysql", "service: ../x", "prefix: 'a *'", "x-backends: {redis: {tables: true}}\n",
]  # fmt: skip
QUICK = settings(max_examples=150)


@pytest.fixture(params=PARSERS, autouse=True, scope="module")
def parser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run each test of this file once for each parser."""
    loader: Any = getattr(yaml, request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "PARSER", loader)
        yield


@st.composite
def edited(draw: st.DrawFn) -> str:
    """A good registry in which a few places have been cut, doubled, swapped or overwritten."""
    text = GOOD
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 60)))
        match draw(st.sampled_from(["cut", "double", "swap", "insert", "replace"])):
            case "cut":
                text = text[:start] + text[end:]
            case "double":
                text = text[:end] + text[start:end] + text[end:]
            case "swap":
                lines = text.split("\n")
                one, other = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
                lines[one], lines[other] = lines[other], lines[one]
                text = "\n".join(lines)
            case "insert":
                text = text[:start] + draw(st.sampled_from(FRAGMENTS)) + text[start:]
            case _:
                text = text[:start] + draw(st.sampled_from(FRAGMENTS)) + text[end:]
    return text


def values() -> st.SearchStrategy[Any]:
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates()
    words = st.sampled_from(["redis", "mysql", "Auth", "a-b", "A-B", "backend", "service", "prefix", "stores", "x-a"])
    return st.recursive(
        scalars | words,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=8), inner, max_size=4),
        max_leaves=20,
    )


def check(source: SourceText | Problem) -> tuple[Registry, list[Problem]]:
    """Load a file and hold what is promised of every outcome."""
    registry, problems = load_sources([source])
    for problem in problems:
        assert problem.message.isprintable()
        assert len(problem.message) < 1000
        assert problem.location.path == "f.yaml"
    for store in registry.stores:
        assert store.name.isascii()
        assert store.backend in registry.backends
        assert store.service in registry.services
    assert [problem.location for problem in problems] == sorted(problem.location for problem in problems)
    return registry, problems


@QUICK
@given(text=st.text(max_size=200) | st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join))
def test_any_text(text: str) -> None:
    """Any text gives a registry and problems, and never an exception."""
    registry, problems = check(SourceText("f.yaml", text, ""))
    assert registry.stores or problems


@QUICK
@given(data=st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Any bytes give a registry and problems, and never an exception."""
    _, problems = check(decode_source("f.yaml", data))
    assert problems


@QUICK
@given(text=edited())
def test_any_edit_of_a_good_registry(text: str) -> None:
    """A good registry with mistakes anywhere in it gives stores or problems, and never an exception."""
    registry, problems = check(SourceText("f.yaml", text, ""))
    assert registry.stores or problems


@QUICK
@given(sections=st.dictionaries(st.sampled_from(SECTIONS), values(), min_size=1))
def test_any_value_in_a_section(sections: dict[str, Any]) -> None:
    """Each section may hold any value whatever."""
    check(SourceText("f.yaml", yaml.safe_dump(sections, allow_unicode=True), ""))


def comparable(node: Node) -> object:
    """A value without its places: where an empty one stands, the parsers may disagree."""
    match node:
        case Scalar():
            return node.text, node.kind
        case Sequence():
            return [comparable(item) for item in node.items]
        case Mapping():
            return [(comparable(key), comparable(value)) for key, value in node.pairs], node.size, node.depth


@settings(max_examples=300)
@given(text=st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
def test_both_parsers_give_the_same_answer(text: str) -> None:
    """Both parsers read the same values or both refuse, tabs and comments behind ``|`` aside."""
    text = text.replace("\t", "").replace("#", "")
    answers = []
    for loader in PARSERS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reader, "PARSER", getattr(yaml, loader))
            document, problems = read_document(text, "f.yaml")
        answers.append((document and (comparable(document.root), document.size), [p.kind for p in problems]))
    assert answers[0] == answers[-1]


#: For each, text that grows with a number, and would take time out of proportion if anything were careless.
GROWING: dict[str, Callable[[int], str]] = {
    "unknown fields": lambda n: GOOD + "".join(f"    bakend{i}: x\n" for i in range(n)),
    "unknown backends": lambda n: "x-state-stores:\n" + "".join(f"  s{i}: {{backend: redsi{i}}}\n" for i in range(n)),
    "own backends and unknown ones": lambda n: (
        f"x-backends: {{{', '.join(f'own{i}' for i in range(n))}}}\nx-state-stores:\n"
        + "".join(f"  s{i}: {{backend: onw{i}, service: A}}\n" for i in range(n))
    ),
    "one name many times": lambda n: "x-state-stores:\n" + "  a: {}\n" * n,
    "one prefix many times": lambda n: (
        "x-state-stores:\n"
        + "".join(f"  s{i}: {{backend: redis, prefix: a, service: A, purpose: p}}\n" for i in range(n))
    ),
    "brackets": lambda n: "[" * n,
    "aliases": lambda n: "a: &a [x, x]\nx-state-stores: [" + "*a, " * n + "]\n",
    "merge keys": lambda n: "a: &a {x: x}\nx-state-stores: {<<: [" + "*a, " * n + "]}\n",
    "near misses": lambda n: "".join(f"x-state-store{i}: 1\n" for i in range(n)),
    "control characters": lambda n: (
        "x-state-stores: {a: {" + "".join(f'"\\a{i}": "\\a", ' for i in range(n)) + "}}\n"
    ),
}


@pytest.mark.parametrize("name", GROWING)
def test_work_is_in_proportion_to_the_text(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the text takes at most about four times the work."""
    monkeypatch.setattr(suggest, "BUDGET", 1000)
    small, large = (SourceText("f.yaml", GROWING[name](n), "") for n in (100, 400))
    load_sources([small])
    with counted_calls() as few:
        load_sources([small])
    with counted_calls() as many:
        load_sources([large])
    assert many[0] < 5 * few[0] + 1000
