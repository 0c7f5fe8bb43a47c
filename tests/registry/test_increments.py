"""Loading a registry from what was kept of another gives exactly what loading it from its files gives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sphinx_statestores.registry import reader
from sphinx_statestores.registry.lint import lint
from sphinx_statestores.registry.loader import load_sources, reload_sources
from sphinx_statestores.registry.source import SourceText, decode_source, read_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_statestores.registry.increments import Kept
    from sphinx_statestores.registry.problems import Problem

PARSERS = ["CSafeLoader", "SafeLoader"] if yaml.__with_libyaml__ else ["SafeLoader"]
CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))

HEAD = "# The stores.\nopenapi: 3.1.0\nx-services:\n  Auth: {title: Who is who}\n\nx-state-stores:\n  # Auth\n\n"
STORES = {
    "auth": "  auth:\n    backend: redis\n    prefix: auth\n    service: Auth\n    purpose: Sessions\n\n",
    "mail": "  mail: {backend: redis, prefix: mail, service: Mail, purpose: 'Letters, {sent}'}\n",
    "item": (
        "  item:\n    backend: mysql\n    service: Item\n    purpose: |+\n      Things\n      to hold\n\n"
        "    keys:\n    - {pattern: 'a:{id}', purpose: x}\n    - pattern: b\n\n\n"
    ),
    "realm": (
        "  realm: # where\n    backend: mysql\n    service: Realm\n    purpose: Some\n      words\n\n    # end\n# !\n"
    ),
    "note": (
        "  note:\n    backend: memory\n    service: Auth\n    readers: [Mail,\n      Item]\n"
        "    purpose: >\n\n      A & *b*!\n\n"
    ),
    "quest": (
        "  quest:\n    backend: redis\n    prefix: quest\n    service: Quest\n"
        '    purpose: "Say\n      it"\n    x-own: 5\n'
    ),
}
TAIL = "x-outputs: []\nx-lint:\n  nested_prefix: off\n"
GOOD = HEAD + "".join(STORES.values()) + TAIL


@pytest.fixture(params=PARSERS, autouse=True, scope="module")
def parser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run each test of this file once for each parser."""
    loader: Any = getattr(yaml, request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "PARSER", loader)
        yield


def source(text: str | SourceText | Problem, path: str = "s.yaml") -> SourceText | Problem:
    return decode_source(path, text.encode("utf-8", "surrogatepass")) if isinstance(text, str) else text


def reloaded(kept: Kept | None, *texts: str | SourceText | Problem) -> tuple[Kept, int]:
    """Load a registry from what was kept, and from its files; both are the same. How many entries were read?"""
    sources = [source(text, f"{position}.yaml") for position, text in enumerate(texts)]
    expected, problems = load_sources(sources)
    found = reload_sources(sources, kept)
    assert found.registry == expected
    assert list(found.registry.services) == list(expected.services)
    assert found.problems == problems
    assert lint(found.registry, {}, found.problems) == lint(expected, {}, problems)
    for store, other in zip(found.registry.stores, expected.stores, strict=True):
        assert store.places == other.places
    return found.kept, found.entries


def kept_of(*texts: str | SourceText | Problem) -> Kept:
    return reloaded(None, *texts)[0]


def without(*names: str) -> str:
    return HEAD + "".join(text for name, text in STORES.items() if name not in names) + TAIL


def test_the_example_is_sound() -> None:
    """The registry of these tests has all its stores and no problem, so that each of them can be kept."""
    registry, problems = load_sources([source(GOOD)])
    assert (list(registry.names), problems) == (sorted(STORES), [])
    assert len(kept_of(GOOD).tables["0.yaml"]) == len(STORES)


NEW = "  new:\n    backend: memory\n    service: New\n    purpose: Other\n"
#: What is done -> the text before, the text behind, how many entries are read.
ORDINARY = {
    "nothing": (GOOD, 0),
    "purpose": (GOOD.replace("Sessions", "Tokens"), 1),
    "service": (GOOD.replace("service: Mail", "service: Post"), 1),
    "keys": (GOOD.replace("pattern: b", "pattern: c"), 1),
    "block": (GOOD.replace("Things", "Items"), 1),
    "two": (GOOD.replace("Things", "Items").replace("Sessions", "Tokens"), 2),
    "longer": (GOOD.replace("Sessions", "|\n      One\n\n      Two\n\n"), 1),
    "kept-lines": (GOOD.replace("purpose: Sessions", "purpose: |+\n      One"), 1),
    "renamed": (GOOD.replace("  mail:", "  post:"), 1),
    "added-first": (GOOD.replace("  auth:", NEW + "  auth:"), 1),
    "added-between": (GOOD.replace("  item:", NEW + "  item:"), 1),
    "added-last": (GOOD.replace(TAIL, NEW + TAIL), 1),
    "removed-first": (without("auth"), 0),
    "removed-between": (without("item"), 0),
    "removed-last": (without("quest"), 0),
    "removed-two": (without("auth", "note"), 0),
    "reordered": (HEAD + "".join(reversed(STORES.values())) + TAIL, 0),
    "sorted": (HEAD + "".join(STORES[name] for name in sorted(STORES)) + TAIL, 0),
    "comment-before": (GOOD.replace("  # Auth", "  # Auth\n# more\n    # still more"), 0),
    "comment-inside": (GOOD.replace("    prefix: auth", "    # why\n    prefix: auth"), 1),
    "comment-behind": (GOOD.replace("Sessions", "Sessions # so"), 1),
    "comment-to-us": (GOOD.replace("  auth:", "  auth: # statestores: ignore"), 1),
    "section-before": ("x-own: {a: [b]}\n" + GOOD, 0),
    "section-behind": (GOOD + "x-reference:\n  project: P\n", 0),
    "services-changed": (GOOD.replace("Who is who", "Whoever"), 0),
    "header-comment": (GOOD.replace("x-state-stores:", "x-state-stores:  # all"), 0),
    "an-error": (GOOD.replace("backend: mysql\n    service: Item", "backend: mysqll\n    service: Item"), 1),
    "a-warning": (GOOD.replace("Sessions", "''"), 1),
    "a-number": (GOOD.replace("service: Quest", "service: 5"), 1),
    "a-collision": (GOOD.replace("prefix: quest", "prefix: auth"), 1),
    "a-duplicate-field": (GOOD.replace("    prefix: auth", "    prefix: auth\n    prefix: auth"), 1),
    "an-empty-value": (GOOD.replace("x-own: 5", "since:"), 1),
    "flow-to-block": (GOOD.replace(STORES["mail"], STORES["mail"][:8] + NEW[6:]), 1),
    "list-at-the-margin": (GOOD.replace("    readers: [Mail,\n      Item]", "    readers:\n    - Mail"), 1),
    "without-a-tail": (GOOD.removesuffix(TAIL), 0),
    "without-a-tail-or-line-end": (GOOD.removesuffix("\n" + TAIL), 1),
}  # fmt: skip


@pytest.mark.parametrize("edit", ORDINARY)
def test_an_ordinary_edit(edit: str) -> None:
    """After an ordinary edit the entries that it touches are read, and no other."""
    text, entries = ORDINARY[edit]
    kept, read = reloaded(kept_of(GOOD), text)
    assert read == entries
    # And back; of what is kept of both, nothing is less than if all had been read.
    assert kept.tables == kept_of(text).tables
    reloaded(kept, GOOD)


#: What only reading all of it can tell.
STRANGE = {
    "duplicate-name": GOOD.replace("  mail:", "  auth:"),
    "duplicate-entry": GOOD.replace(STORES["mail"], STORES["mail"] * 2),
    "duplicate-behind": GOOD.replace(TAIL, STORES["auth"].replace("Sessions", "x") + TAIL),
    "duplicate-before": GOOD.replace("  auth:", STORES["quest"].replace("Say", "x") + "  auth:"),
    "open-quote": GOOD.replace("Sessions", '"Sessions'),
    "open-quote-closed-later": GOOD.replace("Sessions", '"Sessions').replace("x-own: 5", 'x-own: 5"'),
    "open-quote-closed-behind": GOOD.replace("Sessions", "'Sessions") + "x-own: it's\n",
    "open-flow": GOOD.replace("purpose: Sessions", "tags: [a,"),
    "open-flow-closed-later": GOOD.replace("purpose: Sessions", "tags: [a,").replace("x-own: 5", "]"),
    "open-flow-closed-behind": GOOD.replace("purpose: Sessions", "tags: {a: b,") + "x-own: c}\n",
    "open-flow-closed-as-an-entry": GOOD.replace("Sessions", "\n    tags: {a: b,").replace("  item:", "  }\n  item:"),
    "quote-around-the-section": GOOD.replace("openapi: 3", 'openapi: "3').replace("x-outputs: []", '" x-outputs: []'),
    "flow-around-the-section": "{ a: b,\n" + GOOD + "}",
    "flow-around-nothing-else": "{\n" + GOOD[GOOD.index("x-state") : -len(TAIL)] + "}",
    "flow-on-one-entry": "{\nx-state-stores:\n" + STORES["auth"] + "}\n",
    "block-around-the-section": GOOD.replace("openapi: 3.1.0", "openapi: |"),
    "block-of-texts": GOOD.replace("x-state-stores:", "x-state-stores: |"),
    "anchor": GOOD.replace("Sessions", "&p Sessions"),
    "alias": GOOD.replace("Sessions", "&p Sessions").replace("pattern: b", "pattern: *p"),
    "alias-from-outside": GOOD.replace("Sessions", "*v").replace("openapi: 3", "openapi: &v 3"),
    "alias-without-an-anchor": GOOD.replace("Sessions", "*v"),
    "anchored-section": GOOD.replace("x-state-stores:", "x-state-stores: &all"),
    "tagged-section": GOOD.replace("x-state-stores:", "x-state-stores: !!map"),
    "merge": GOOD.replace("    prefix: auth\n", "    <<: {prefix: auth}\n"),
    "merge-of-entries": GOOD.replace("  auth:", "  <<: {other: {backend: memory, service: A, purpose: b}}\n  auth:"),
    "tag": GOOD.replace("Sessions", "!!str Sessions"),
    "tab": GOOD.replace("Sessions", "Sessions\t# so"),
    "tab-line": GOOD.replace("  mail:", "\t\n  mail:"),
    "CRLF": GOOD.replace("\n", "\r\n"),
    "CR": GOOD.replace("\n", "\r"),
    "some-CR": GOOD.replace("Sessions\n", "Sessions\r"),
    "NEL": GOOD.replace("Sessions\n", "Sessions\x85"),
    "NEL-before": GOOD.replace("# The", "# The\x85# "),
    "LS": GOOD.replace("Sessions\n", "Sessions\u2028\n"),
    "BOM": "\ufeff" + GOOD,
    "BOM-inside": GOOD.replace("Sessions", "Sess\ufeffions"),
    "control": GOOD.replace("Sessions", "Sess\x00ions"),
    "quoted-key": GOOD.replace("  mail:", "  'mail':"),
    "key-with-a-blank": GOOD.replace("  mail:", "  mail :"),
    "key-of-a-number": GOOD.replace("  mail:", "  5:"),
    "key-of-truth": GOOD.replace("  mail:", "  no:"),
    "complex-key": GOOD.replace("  mail: {", "  ? mail\n  : {"),
    "complex-key-of-a-field": GOOD.replace("    purpose: Sessions\n", "    purpose: x\n    ? since\n"),
    "complex-key-of-a-field-alone": GOOD.replace("    purpose: Sessions\n", "    ? purpose\n"),
    "empty-key": GOOD.replace("  mail: {", "  : {"),
    "no-key": GOOD.replace("  mail: {", "  mail {"),
    "a-list": GOOD.replace("  mail: {", "  - {"),
    "an-odd-line": GOOD.replace("  mail:", "  junk\n  mail:"),
    "an-odd-line-at-the-margin": GOOD.replace("  mail:", "junk\n  mail:"),
    "less-indented": GOOD.replace("  mail:", " mail:"),
    "more-indented": GOOD.replace("  mail:", "   mail:"),
    "all-more-indented": GOOD.replace("\n  ", "\n   "),
    "backends": GOOD + "x-backends: {redis: {label: R, tables: true}}\n",
    "own-backend": GOOD + "x-backends: {own: {label: Own}}\n",
    "empty-section": HEAD + TAIL,
    "empty-flow": HEAD.replace("x-state-stores:", "x-state-stores: {}") + TAIL,
    "null-section": HEAD.replace("x-state-stores:", "x-state-stores: ~") + TAIL,
    "no-section": GOOD.replace("x-state-stores", "x-stores"),
    "two-sections": GOOD + "x-state-stores:\n" + NEW,
    "quoted-section": GOOD.replace("x-state-stores:", "'x-state-stores':"),
    "quoted-section-before": "'x-state-stores': {}\n" + GOOD,
    "quoted-section-behind": GOOD + "'x-state-stores':\n" + NEW,
    "document-markers": "---\n" + GOOD + "...\n",
    "marker-behind": GOOD.replace(TAIL, "...\n"),
    "marker-inside": GOOD.replace("  mail:", "---\n  mail:"),
    "second-document": GOOD + "---\nx: y\n",
    "directive": "%YAML 1.1\n---\n" + GOOD,
    "comments-to-us": GOOD.replace("Sessions", "Sessions # statestores: ignore[nothing]"),
    "broken-behind": GOOD + "x-own: [\n",
    "broken-before": "x: [\n" + GOOD,
    "nothing": "",
    "a-text": "x-state-stores",
    "cut": GOOD[: GOOD.index("Things") + 3],
    "lists-of-a-section": GOOD.replace("x-services:", "x-services:\n- a\nx-own:"),
}  # fmt: skip


@pytest.mark.parametrize("edit", STRANGE)
def test_a_strange_edit(edit: str) -> None:
    """Whatever an edit makes of a file, the result is that of reading all of it; so it is on the way back, and beside
    another edit."""
    strange, other = STRANGE[edit], GOOD.replace("Letters", "Packets")
    kept, _ = reloaded(kept_of(GOOD), strange)
    again, _ = reloaded(kept, strange.replace("Letters", "Parcels"))
    reloaded(again, GOOD)
    reloaded(kept, other)
    reloaded(kept_of(other), strange)


@pytest.mark.parametrize(
    ("edit", "entries"),
    [("CRLF", 1), ("document-markers", 1), ("own-backend", 1), ("BOM", 1), ("complex-key-of-a-field", 6)],
)
def test_what_is_strange_only_at_first(edit: str, entries: int) -> None:
    """A file with line ends of Windows, or a backend of its own, is cut as well once it is the one that is kept."""
    kept = kept_of(STRANGE[edit])
    assert reloaded(kept, STRANGE[edit].replace("Letters", "Parcels"))[1] == entries


def test_lines_may_move_around_backends() -> None:
    """Backends that only stand elsewhere are the same."""
    text = GOOD + "x-backends: {own: {label: Own}}\n"
    assert reloaded(kept_of(text), text.replace("  auth:", NEW + "  auth:"))[1] == 1


def test_several_files() -> None:
    """Each file is cut on its own; a name that moves to another, or is in both, is seen."""
    other = "x-state-stores:\n" + NEW + NEW.replace("new", "newer")
    kept = kept_of(GOOD, other)
    assert reloaded(kept, GOOD, other)[1] == 0
    assert reloaded(kept, GOOD.replace("Sessions", "x"), other.replace("Other", "Others", 1))[1] == 2
    for first, second in (
        (GOOD.replace(TAIL, NEW + TAIL), other),
        (GOOD, other + STORES["auth"]),
        (GOOD, other.replace("newer", "auth")),
        (GOOD.replace("  auth:", "  newer:"), other),
        (other, GOOD),
        (GOOD, ""),
        (GOOD, "x-backends: {redis: {tables: true}}\n"),
    ):
        reloaded(kept, first, second)
    reloaded(kept, GOOD)
    reloaded(kept, GOOD, read_source("missing.yaml"), other)


def test_one_file_twice() -> None:
    """Nothing is kept of a file that is named twice: its places would say two things."""
    both = [source(GOOD), source(GOOD)]
    found = reload_sources(both, None)
    assert found.kept.tables == {}
    again = reload_sources(both, reload_sources([source(GOOD)], None).kept)
    assert (again.registry, again.problems) == load_sources(both)


def test_another_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one parser has read is not mixed with what another one reads."""
    kept = kept_of(GOOD)._replace(parser="other 1.0")
    assert reloaded(kept, GOOD)[1] == len(STORES)


def test_cases_after_each_other() -> None:
    """Every registry of ``cases``, loaded from what is kept of the one before or behind, is itself."""
    sources = [found for path in CASES if isinstance(found := read_source(path), SourceText)]
    sources = [one._replace(path="0.yaml") for one in sources]
    kept = [reload_sources([one], None).kept for one in sources]
    for position, one in enumerate(sources):
        for step in (-1, 0, 1):
            reloaded(kept[(position + step) % len(kept)], one)


def test_cases_after_an_edit() -> None:
    """Every registry of ``cases``, with an entry more or less, is itself."""
    taken = 0
    for path in CASES:
        one = read_source(path)
        if not isinstance(one, SourceText) or "x-state-stores:\n" not in one.text:
            continue
        more = one.text.replace("x-state-stores:\n", "x-state-stores:\n" + NEW)
        kept, entries = reloaded(kept_of(one.text), more)
        taken += entries < len(kept.registry.stores)
        reloaded(kept, one.text)
    assert taken > 20


LINES = sorted(
    {*GOOD.splitlines(), *"".join(STRANGE.values()).splitlines(), "", "  }", '  "', "  - a", "    ? b", "]"}
)
FRAGMENTS = [*"\"'[]{}|>:?-#&*! \t", ": ", "|+", "|\n", "\n  ", "\n", " #", "- ", "&a ", "*a", "<<: ", "!!str ", "\r"]


@st.composite
def edited(draw: st.DrawFn, text: str) -> str:
    """A text in which a line, a few lines or a few characters are others."""
    lines = text.split("\n")
    one, other = sorted(draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    match draw(
        st.sampled_from(["cut", "double", "insert", "swap", "move", "entry", "indent", "character", "character"])
    ):
        case "cut":
            del lines[one : min(other, one + 3) + 1]
        case "double":
            lines[other:other] = lines[one : one + 6]
        case "insert":
            lines.insert(one, draw(st.sampled_from(LINES)))
        case "swap":
            lines[one], lines[other] = lines[other], lines[one]
        case "move":
            lines.insert(other, lines.pop(one))
        case "entry":
            lines[one:one] = draw(st.sampled_from([*STORES.values(), NEW])).split("\n")
        case "indent":
            lines[one] = draw(st.sampled_from(["", " ", "  ", "   ", "    "])) + lines[one].lstrip(" ")
        case _:
            place = draw(st.integers(0, len(lines[one])))
            length = draw(st.integers(0, 2))
            lines[one] = lines[one][:place] + draw(st.sampled_from(FRAGMENTS)) + lines[one][place + length :]
    return "\n".join(lines)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_edits(data: st.DataObject) -> None:
    """After any edits, one after the other, the registry is what reading all of it gives."""
    names = data.draw(st.lists(st.sampled_from(sorted(STORES)), min_size=1, unique=True))
    text = HEAD + "".join(STORES[name] for name in names) + data.draw(st.sampled_from([TAIL, ""]))
    kept = kept_of(text)
    for _ in range(data.draw(st.integers(1, 4))):
        text = data.draw(edited(text))
        following, _ = reloaded(kept, text)
        # From a file that cannot be read nothing is kept, and nothing would be shown by what comes after it.
        kept = following if following.registry.stores else kept
