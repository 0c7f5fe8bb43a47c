"""Merging into a registry file: every byte that says nothing else is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.imports import merge as merge_module
from sphinx_statestores.imports.format import Data, FoundStore, Plain, Section
from sphinx_statestores.imports.merge import merge
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.problems import Kind, Location, has_errors
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx_statestores.imports.merge import Merged
    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.problems import Problem

HERE = Location("found.csv", 2)
NEW: dict[str, Data] = {"backend": "mysql", "service": "New", "purpose": "Is new"}


def merged(text: str, **stores: dict[str, Data]) -> Merged:
    """Merge stores into a text."""
    found = [FoundStore(name.replace("_", "-"), fields, HERE) for name, fields in stores.items()]
    return merge(SourceText("r.yaml", text, ""), found, {})


SHAPES = {
    "block": "x-state-stores:\n  a:\n    backend: redis\n    service: A # owner\n    purpose: P\n",
    "no-newline-at-the-end": "x-state-stores:\n  a:\n    backend: redis\n    service: A\n    purpose: P",
    "wide": "x-state-stores:\n     a:\n        backend: redis\n        service: A\n        purpose: P\n\nz: 1\n",
    "crlf": "x-state-stores:\r\n  a:\r\n    backend: redis\r\n    service: A\r\n    purpose: P\r\n",
    "braces": "x-state-stores: {a: {backend: redis, service: A, purpose: P}}\n",
    "braces-on-lines": "x-state-stores: {\n  a: {backend: redis,\n    service: A, purpose: P,\n  },\n}\n",
    "json": '{"x-state-stores": {"a": {"backend": "redis", "service": "A", "purpose": "P"}}}',
    "in-quotes": "x-state-stores:\n  'a':\n    backend: 'redis'\n    service: \"A\"\n    purpose: 'P'\n",
    "block-text": "x-state-stores:\n  a:\n    backend: redis\n    service: A\n    purpose: >\n      P\n\n\nz: 1\n",
    "long-text": "x-state-stores:\n  a:\n    purpose: P and\n      more\n    backend: redis\n    service: A\n",
    "document-marks": "---\nx-state-stores:\n  a:\n    backend: redis\n    service: A\n    purpose: P\n",
    "not-ascii": "# é\nx-state-stores:\n  a: # 😀\n    x-é: 1\n    backend: redis\n    service: A\n    purpose: P\n",
    "others-around": "z: {y: 1}\nx-state-stores:\n  a:\n    backend: redis\n    service: A\n    purpose: P\n# end\n",
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_a_file_of_any_shape(text: str) -> None:
    """A text is changed in its place, a field and a store are added, and no other line of the file differs."""
    done = merged(text, a={"purpose": "Now: this, #2", "tags": ["x", "y, z"], "since": "1.0"}, b=NEW)
    assert [str(problem) for problem in done.problems] == []
    assert (done.added, done.changed) == (("b",), ("a",))
    registry, problems = loaded(done.text)
    assert problems == []
    a, b = registry.stores
    assert (a.backend, a.service, a.purpose, a.tags, a.since) == ("redis", "A", "Now: this, #2", ("x", "y, z"), "1.0")
    assert (b.backend, b.service, b.purpose) == ("mysql", "New", "Is new")
    assert lines_without(text, "purpose:") <= lines_without(done.text, "purpose:")
    assert ("\r\n" in text) == ("\r\n" in done.text)
    assert "\n" not in done.text.replace("\r\n", "") if "\r\n" in text else True
    again = merge(SourceText("r.yaml", done.text, ""), [FoundStore("b", NEW, HERE)], {})
    assert again.text == done.text


def loaded(text: str) -> tuple[Registry, list[Problem]]:
    """Load a text."""
    return load_sources([SourceText("r.yaml", text, "")])


def lines_without(text: str, word: str) -> set[str]:
    """Return the lines of a text in block style, but for those of a value that changes."""
    changing = {"      P", "      more"}
    return {
        line for line in text.splitlines() if line.strip() and not {word, "{", "}"} & {*line, *line.split()}
    } - changing


def test_a_list_grows_and_nothing_is_removed() -> None:
    """Items that are missing are added behind those that are there, in brackets and in lines."""
    text = (
        "x-state-stores:\n"
        "  a: {backend: redis, service: A, purpose: P, tags: [one]}\n"
        "  b:\n    backend: redis\n    service: A\n    purpose: P\n    readers:\n    - One # first\n    tags: [z]\n"
    )
    done = merged(text, a={"tags": ["two", "one"]}, b={"readers": ["Two"], "prefix": ""})
    assert done.text == text.replace("[one]", "[one, two]").replace("- One # first\n", "- One # first\n    - Two\n")


@pytest.mark.parametrize(
    "text",
    [
        "x-state-stores:\n  a: &a {backend: redis, service: A, purpose: P}\n  b: *a\n",
        "x-state-stores:\n  a: {backend: s3, service: A, purpose: &p P}\n  b: {backend: s3, service: A, purpose: *p}",
    ],
)
def test_what_an_edit_would_break_is_reported(text: str) -> None:
    """Where another store takes its value from the place of the edit, the file stays as it is, which is reported."""
    done = merged(text, a={"purpose": "Another"})
    assert "hand" in " ".join(problem.message for problem in done.problems)
    registry, problems = loaded(done.text)
    assert problems == []
    assert {store.name for store in registry.stores} == {"a", "b"}
    assert registry.by_name["a"].purpose == "P"


def test_a_wrong_value_is_reported_and_the_others_are_merged() -> None:
    """A value that a store cannot have is not written; what is right of other stores is."""
    text = "".join(f"  s{n}: {{backend: redis, service: A, purpose: P}}\n" for n in range(40))
    stores: dict[str, dict[str, Data]] = {f"s{n}": {"prefix": "a b" if n == 17 else f"p{n}"} for n in range(40)}
    done = merged(f"x-state-stores:\n{text}", **stores)
    assert len(done.changed) == 39
    assert ["s17" in problem.message for problem in done.problems] == [True]


def test_a_file_with_errors_stays_as_it_is() -> None:
    """Nothing is merged into a registry that has errors: these are reported."""
    text = "x-state-stores:\n  a: {backend: redis}\n"
    done = merged(text, b=NEW)
    assert done.text == text
    assert {problem.kind for problem in done.problems} == {Kind.MISSING_FIELD}


@pytest.mark.parametrize(
    "text",
    [
        "x-state-stores: {}\n",
        "x-state-stores:\n",
        "# c\nx-state-stores: # here\n\nz: 1\n",
        "z: 1\n",
        "---\nz: 1\n...\n",
        "{}\n",
        "{z: 1}\n",
        "{z: 1, x-state-stores: {}}\n",
        "{z: 1, x-state-stores: ~}\n",
    ],
)
def test_an_empty_registry_gets_its_first_store(text: str) -> None:
    """Stores come where there are none yet, with the comments around."""
    done = merged(text, b=NEW)
    registry, problems = loaded(done.text)
    assert (problems, registry.names) == ([], ("b",))
    kept = text.replace(" {}", "").replace(" ~", "").replace("}", "").splitlines()
    assert all(line in done.text for line in kept)


def test_sections_are_added_once() -> None:
    """A section comes at the end where neither the file nor its guide has one; names are added to those by name."""
    text = "x-state-stores: {a: {backend: redis, service: A, purpose: P}}\nx-services:\n  A: An A\n"
    sections = {
        "x-services": Section({"A": "Other", "B": "A B"}, HERE),
        "x-reference": Section({"project": "P"}, HERE),
        "x-deployments": Section([], HERE),
        "x-backends": Section({"kafka": "K", "nats": "NATS"}, HERE),
    }
    guide = SourceText("r-guide.yaml", "x-deployments: []\nx-backends: {kafka: Kafka}\n", "")
    new: dict[str, Data] = {"backend": "kafka", "service": "B"}
    done = merge(SourceText("r.yaml", text, ""), [FoundStore("b", new, HERE)], sections, [guide])
    with_store = text.replace("}}\n", "}, b: {backend: kafka, service: B}}\n")
    assert done.text == f"{with_store}  B: A B\n\nx-reference:\n  project: P\n\nx-backends:\n  nats: NATS\n"
    assert [problem.severity.value for problem in done.problems] == ["info"]


NEEDED = {"x-backends": Section({"kafka": "Kafka"}, HERE), "x-reference": Section({"project": "P: Q"}, HERE)}
WHOLE = {
    "json": '{"x-state-stores": {"a": {"backend": "redis", "service": "A"}}}',
    "json-with-braces": '{"x-backends": {}, "x-state-stores": {"a": {"backend": "redis", "service": "A"}}}\n',
    "json-of-nothing": "{}",
    "braces": "{x-state-stores: {a: {backend: redis, service: A}}, z: 1}\n",
    "braces-with-null": "{x-backends: ~, x-state-stores: {a: {backend: redis, service: A}}}\n",
    "end-mark": "x-state-stores:\n  a: {backend: redis, service: A}\n...\n# behind\n",
    "end-mark-crlf": "x-state-stores:\r\n  a: {backend: redis, service: A}\r\n...\r\n",
    "empty-braces": "x-backends: {} # none\nx-state-stores:\n  a: {backend: redis, service: A}\n",
    "null": "x-backends:\n# none\nx-state-stores:\n  a: {backend: redis, service: A}\n",
    "tilde": "x-backends: ~\nx-state-stores:\n  a: {backend: redis, service: A}\n",
}


@pytest.mark.parametrize("text", WHOLE.values(), ids=WHOLE)
def test_sections_are_added_to_a_file_of_any_shape(text: str) -> None:
    """A section that new stores need comes into braces, before an end mark, and where its name has no value yet."""
    new: dict[str, Data] = {"backend": "kafka", "service": "B"}
    done = merge(SourceText("r.yaml", text, ""), [FoundStore("b", new, HERE)], NEEDED)
    assert [str(problem) for problem in done.problems] == []
    registry, problems = loaded(done.text)
    assert not has_errors(problems)
    assert registry.by_name["b"].backend == "kafka"
    assert registry.backends["kafka"].label == "Kafka"
    assert "project: P: Q" in done.text.replace('"', "")
    assert text.count("\n") <= done.text.count("\n")
    assert all(line in done.text for line in text.splitlines() if line.startswith(("...", "#", "  a")))
    if text.startswith('{"') or text == "{}":
        assert list(json.loads(done.text)["x-state-stores"])[-1] == "b"


def test_json_stays_json() -> None:
    """What is changed and added in a registry of JSON is written as JSON, keys and quotes of texts included."""
    text = (
        '{"x-state-stores": {"a": {"backend": "redis", "service": "A", "tags": [], "x-m": {}, "enableSearch": true}}}'
    )
    found: dict[str, Data] = {
        "purpose": 'Says "é"',
        "tags": ["x"],
        "x-m": {"k": ["v"]},
        "enableSearch": False,
        "keys": [{"pattern": "a:{id}"}],
    }
    done = merged(text, a=found)
    assert done.problems == ()
    assert json.loads(done.text)["x-state-stores"]["a"] == {"backend": "redis", "service": "A", **found}


def test_numbers_and_truth_values_stay_what_they_are_in_json() -> None:
    """What JSON has a number or a truth value for is written as one; all else is a text."""
    text = '{"x-state-stores": {"a": {"backend": "redis", "service": "A", "x-rows": 5, "x-m": {}}}}'
    found: dict[str, Data] = {
        "x-rows": Plain("6"),
        "x-m": {"k": [Plain("true"), Plain("-1.5E+3")]},
        "x-mask": Plain("0x1F"),
        "x-zip": "01234",
        "x-code": "7",
    }
    done = merged(text, a=found)
    assert done.problems == ()
    custom = {"x-rows": 6, "x-m": {"k": [True, -1500.0]}, "x-mask": "0x1F", "x-zip": "01234", "x-code": "7"}
    assert json.loads(done.text)["x-state-stores"]["a"] == {"backend": "redis", "service": "A", **custom}


def test_lines_in_braces_stay_lines() -> None:
    """Where each entry of braces or brackets has a line of its own, a new one has, with the same indentation."""
    text = """{
  "x-state-stores": {
    "a": {
      "backend": "redis",
      "service": "A",
      "tags": [
        "x"
      ]
    }
  }
}
"""
    done = merged(text, a={"tags": ["x", "y"], "since": "1"}, b={"backend": "mysql", "service": "B"})
    assert done.problems == ()
    expected = text.replace(
        '"x"\n      ]\n    }', '"x",\n        "y"\n      ],\n      "since": "1"\n    },\n    "b": {B}'
    )
    assert done.text == expected.replace("{B}", '{"backend": "mysql", "service": "B"}')


def test_a_list_without_items_is_filled() -> None:
    """Where a store has a list that is empty, its items come into its brackets."""
    text = "x-state-stores:\n  a:\n    backend: redis\n    tags: [ ] # none\n    service: A\n"
    done = merged(text, a={"tags": ["one", "two"]})
    assert (done.problems, done.text) == ((), text.replace("[ ]", "[one, two ]"))


def test_merging_reads_the_file_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many stores change, the file is loaded a fixed number of times."""

    def loads(number: int) -> int:
        calls = 0

        def counted(sources: Iterable[SourceText | Problem]) -> tuple[Registry, list[Problem]]:
            nonlocal calls
            calls += 1
            return load_sources(sources)

        monkeypatch.setattr(merge_module, "load_sources", counted)
        text = "".join(f"  s{n}: {{backend: mysql, service: A, purpose: P}}\n" for n in range(number))
        stores: dict[str, dict[str, Data]] = {f"s{n}": {"purpose": "New"} for n in range(number)}
        done = merged(f"x-state-stores:\n{text}", **stores)
        assert len(done.changed) == number
        return calls

    assert loads(10) == loads(200)


def test_a_store_of_another_file_is_reported() -> None:
    """What the guide defines is not defined again, and not changed: a problem says where it is."""
    text = "x-state-stores: {a: {backend: redis, service: A, purpose: P}}\n"
    guide = SourceText("r-guide.yaml", text.replace("a:", "b:"), "")
    done = merge(SourceText("r.yaml", text, ""), [FoundStore("b", NEW, HERE)], {}, [guide])
    assert done.text == text
    assert ["r-guide.yaml is defined in another file" in problem.message for problem in done.problems] == [True]


@pytest.mark.parametrize(
    ("wanted", "is_right"),
    [
        ({"keys": "{prefix}/*"}, True),
        ({"keys": "{prefix}/*", "locks": "x:*"}, True),
        ({"locks": "y:*"}, False),
        ({"search": "i"}, False),
    ],
)
def test_a_layout_is_verified(wanted: dict[str, Data], is_right: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store whose edit leaves another layout than the imported one is not changed."""
    text = (
        "x-state-stores:\n  a:\n    backend: redis\n    service: A\n"
        '    physical: {keys: "{prefix}/*", locks: "x:*"}\n    purpose: P\n'
    )
    monkeypatch.setattr(merge_module._Merger, "_change_value", lambda *_, **__: True)
    done = merged(text, a={"physical": wanted, "purpose": "New"})
    assert ("purpose: New" in done.text) is is_right
    assert [str(problem) for problem in done.problems if "by hand" in problem.message] == [
        str(problem) for problem in done.problems
    ]
    assert bool(done.problems) is not is_right
