"""YAML text -> values with places, from events: bounded, and the same with both parsers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sphinx_statestores.registry import reader
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.reader import Mapping, Node, Scalar, Sequence, read_document

if TYPE_CHECKING:
    from sphinx_statestores.registry.problems import Problem

LOADERS = ["CSafeLoader", "SafeLoader"] if yaml.__with_libyaml__ else ["SafeLoader"]


@pytest.fixture(params=LOADERS, autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test of this file once for each parser."""
    loader: Any = getattr(yaml, request.param)
    monkeypatch.setattr(reader, "PARSER", loader)


def read(text: str) -> Node:
    document, problems = read_document(text, "f.yaml")
    assert problems == []
    assert document is not None
    return document.root


def refused(text: str) -> Problem:
    document, problems = read_document(text, "f.yaml")
    assert document is None
    (problem,) = problems
    return problem


def pairs(node: Node) -> dict[str, Node]:
    assert isinstance(node, Mapping)
    return {key.text: value for key, value in node.pairs if isinstance(key, Scalar)}


def scalars(node: Node) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    children = node.items if isinstance(node, Sequence) else [child for pair in node.pairs for child in pair]
    return [scalar for child in children for scalar in scalars(child)]


def test_every_scalar_knows_its_place() -> None:
    """Each scalar carries the line and the column at which it is written, both from 1."""
    text = "a: 1\nb:\n  - 'two'\n  -   three\n\n  # note\n  - {x: 四, y: five}\nc: |\n  six\n"
    assert [(s.text, s.line, s.column) for s in scalars(read(text))] == [
        ("a", 1, 1),
        ("1", 1, 4),
        ("b", 2, 1),
        ("two", 3, 5),
        ("three", 4, 7),
        ("x", 7, 6),
        ("四", 7, 9),
        ("y", 7, 12),
        ("five", 7, 15),
        ("c", 8, 1),
        ("six\n", 8, 4),
    ]


def test_collections_know_their_place() -> None:
    """A mapping and a list stand where their first item stands, or their bracket."""
    root = read("a:\n  b: 1\nc:\n  - 1\nd: [1]\ne: {f: 1}\n")
    assert isinstance(root, Mapping)
    assert (root.line, root.column) == (1, 1)
    assert {name: (node.line, node.column) for name, node in pairs(root).items()} == {
        "a": (2, 3),
        "c": (4, 3),
        "d": (5, 4),
        "e": (6, 4),
    }


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("text", "str"),
        ("no", "bool"),
        ("On", "bool"),
        ("y", "str"),
        ("123", "int"),
        ("0x1F", "int"),
        ("1:30", "int"),
        ("1_000", "int"),
        ("1.5", "float"),
        (".inf", "float"),
        ("2024-01-01", "timestamp"),
        ("~", "null"),
        ("null", "null"),
        ("", "null"),
        ("=", "value"),
        ("1.0.0", "str"),
    ],
)
def test_kinds_of_plain_scalars(written: str, kind: str) -> None:
    """An unquoted scalar has the kind that YAML 1.1 gives it, and keeps its spelling."""
    value = pairs(read(f"a: {written}\n"))["a"]
    assert isinstance(value, Scalar)
    assert (value.text, value.kind) == (written, kind)


@pytest.mark.parametrize("written", ["no", "123", "1.5", "2024-01-01", "~", "", "<<", "="])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_quoted_scalars_are_texts(written: str, quote: str) -> None:
    """A quoted scalar is a text, whatever it would be without its quotes."""
    value = pairs(read(f"a: {quote}{written}{quote}\n"))["a"]
    assert isinstance(value, Scalar)
    assert (value.text, value.kind) == (written, "str")


def test_block_scalars_are_texts() -> None:
    """A literal or folded block is a text even where it holds a number."""
    assert [s.kind for s in scalars(read("- |\n  5\n- >\n  no\n"))] == ["str", "str"]


def test_a_tag_decides_the_kind() -> None:
    """An explicit core tag wins over the spelling."""
    assert [s.kind for s in scalars(read("- !!str 5\n- !!int '5'\n- !!bool x\n"))] == ["str", "int", "bool"]


def test_a_huge_number_is_not_computed() -> None:
    """A number with more digits than Python converts is still only its spelling."""
    value = pairs(read("a: " + "9" * 5000 + "\n"))["a"]
    assert isinstance(value, Scalar)
    assert (len(value.text), value.kind) == (5000, "int")


def test_equal_keys_are_all_kept() -> None:
    """The reader loses no pair: that two keys are equal is for the caller to judge."""
    root = read("a: 1\na: 2\n")
    assert isinstance(root, Mapping)
    assert [
        (key.text, value.text) for key, value in root.pairs if isinstance(key, Scalar) if isinstance(value, Scalar)
    ] == [
        ("a", "1"),
        ("a", "2"),
    ]


def test_an_alias_is_the_value_of_its_anchor() -> None:
    """An alias yields the anchored value, with the place where that is written."""
    node = pairs(read("a: &x [1, 2]\nb: *x\n"))["b"]
    assert isinstance(node, Sequence)
    assert (node.line, node.column, [s.text for s in scalars(node)]) == (1, 4, ["1", "2"])


def test_an_anchor_can_be_defined_again() -> None:
    """An alias means the latest definition of its anchor."""
    node = pairs(read("a: &x 1\nb: &x 2\nc: *x\n"))["c"]
    assert isinstance(node, Scalar)
    assert node.text == "2"


def merged(text: str) -> dict[str, str]:
    root = pairs(read(text))["z"]
    assert isinstance(root, Mapping)
    names = [key.text for key, _ in root.pairs if isinstance(key, Scalar)]
    assert len(names) == len(set(names)) == len(root.pairs)
    return {name: value.text for name, value in pairs(root).items() if isinstance(value, Scalar)}


def test_own_keys_win_over_merged_ones() -> None:
    """A mapping's own key stands, whether it comes before or after the merge key."""
    assert merged("z: {a: own, <<: {a: merged, b: merged}}\n") == {"a": "own", "b": "merged"}
    assert merged("z: {<<: {a: merged, b: merged}, a: own}\n") == {"a": "own", "b": "merged"}


def test_earlier_merge_sources_win() -> None:
    """Of several sources of a merge key, the earlier one gives the value."""
    assert merged("z: {<<: [{a: first}, {a: second, b: second}]}\n") == {"a": "first", "b": "second"}


def test_merges_reach_through_merges() -> None:
    """What was merged into a source is merged on."""
    assert merged("x: &x {a: x, b: x}\ny: &y {<<: *x, b: y}\nz: {<<: *y}\n") == {"a": "x", "b": "y"}


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    """Only an unquoted ``<<`` merges."""
    assert merged("z: {'<<': text}\n") == {"<<": "text"}


@pytest.mark.parametrize("source", ["text", "[{a: 1}, text]", "[[{a: 1}]]"])
def test_only_mappings_can_be_merged(source: str) -> None:
    """A merge key whose value is no mapping is refused at the merge key."""
    problem = refused(f"z:\n  <<: {source}\n")
    assert (problem.kind, problem.location.line, problem.location.column) == (Kind.NOT_YAML, 2, 3)


def test_merge_keys_have_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose merge keys copy more pairs than the limit is refused, and one that reaches it is not."""
    text = "x: &x {a: 1, b: 2}\ny: {<<: *x}\nz: {<<: *x}\n"
    monkeypatch.setattr(reader, "MERGE_LIMIT", 4)
    read(text)
    monkeypatch.setattr(reader, "MERGE_LIMIT", 3)
    problem = refused(text)
    assert problem.kind is Kind.NOT_YAML
    assert problem.location.line == 3


def test_the_deepest_nesting_that_is_read() -> None:
    """As many levels as the limit says are read; one more is refused, at its bracket."""
    limit = reader.DEPTH_LIMIT
    read("[" * limit + "]" * limit)
    problem = refused("[" * (limit + 1) + "]" * (limit + 1))
    assert (problem.kind, problem.location.line, problem.location.column) == (Kind.NOT_YAML, 1, limit + 1)


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "a: " + "[" * 100_000 + "]" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000,
        "".join(" " * depth + "a:\n" for depth in range(1000)),
    ],
    ids=["open", "closed", "mappings", "block", "indented"],
)
def test_deep_nesting_is_a_problem_not_a_crash(text: str) -> None:
    """A hundred thousand nested collections give one problem and overflow no stack."""
    problem = refused(text)
    assert problem.kind is Kind.NOT_YAML
    assert "deep" in problem.message


@pytest.mark.parametrize("text", ["&a [*a]", "&a {b: *a}", "a: &a\n  b:\n    - {c: *a}\n", "&a {*a : 1}"])
def test_a_value_cannot_hold_itself(text: str) -> None:
    """An alias inside its own anchor is refused, so that no value is endless."""
    problem = refused(text)
    assert problem.kind is Kind.NOT_YAML
    assert "inside its own anchor" in problem.message


def test_an_alias_needs_an_anchor() -> None:
    """An alias whose anchor was never defined is refused where it stands."""
    problem = refused("a:\n  - *b\n")
    assert (problem.kind, problem.location.line, problem.location.column) == (Kind.NOT_YAML, 2, 5)


def test_sizes_follow_aliases() -> None:
    """A collection's size counts aliased values each time; the document's counts what is written."""
    document, _ = read_document("a: &a [1, 2, 3]\nb: [*a, *a]\n", "f.yaml")
    assert document is not None
    b = pairs(document.root)["b"]
    assert isinstance(b, Sequence)
    assert b.size == 1 + 4 + 4
    assert document.root.size == 1 + 1 + 4 + 1 + 9
    assert document.size == 10


def test_an_alias_bomb_is_counted_not_walked() -> None:
    """Reading a bomb of ten to the ninth values takes as little as writing it."""
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    node = pairs(read(bomb))["j"]
    assert isinstance(node, Sequence)
    assert node.size > 10**9


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("!!python/object/apply:os.system", "!!python/object/apply:os.system"),
        ("!!binary", "!!binary"),
        ("!local", "!local"),
        ("!<tag:example.org,2024:x>", "tag:example.org,2024:x"),
    ],
)
@pytest.mark.parametrize("value", ["x", "[x]", "{x: y}"])
def test_tags_that_are_refused(tag: str, shown: str, value: str) -> None:
    """A tag that asks for anything but a plain value is refused, named, where its value begins."""
    problem = refused(f"a:\n  b: {tag} {value}\n")
    assert (problem.kind, problem.location.line, problem.location.column) == (Kind.NOT_YAML, 2, 6)
    assert repr(shown) in problem.message


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "--- ~\n", "null\n"])
def test_empty_documents(text: str) -> None:
    """A file without a value is said to be empty, as a whole and not at a line."""
    problem = refused(text)
    assert (problem.kind, str(problem.location)) == (Kind.EMPTY_FILE, "f.yaml")


@pytest.mark.parametrize("text", ["a\x00b", "a: \x07\n", "a: \x1b[31m\n"])
def test_characters_that_yaml_forbids(text: str) -> None:
    """A control character is a problem of the file, and the message does not repeat it."""
    problem = refused(text)
    assert problem.kind is Kind.NOT_YAML
    assert problem.message.isprintable()


def test_messages_do_not_quote_the_file() -> None:
    """A syntax error repeats nothing of the text, which may be a secret in a file that is no registry."""
    assert "hunter2" not in refused("password: hunter2 : x\n").message


def test_the_second_document_is_refused() -> None:
    """A file holds one document; the second is refused where it begins."""
    problem = refused("a: 1\n---\nb: 2\n")
    assert (problem.kind, problem.location.line, problem.location.column) == (Kind.WRONG_SHAPE, 2, 1)


def test_line_ends_do_not_change_what_is_read() -> None:
    """Windows line ends give the same values at the same places."""
    text = "a: 1\nb:\n  - c\n"
    assert read(text.replace("\n", "\r\n")) == read(text)


def test_lone_surrogates_are_refused() -> None:
    """An escaped half of a character, which no file can be written with, is a problem with either parser."""
    assert refused('a: "\\ud800"\n').kind is Kind.NOT_YAML


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a: 1\n\ufeffb: 2\n", 2, 1), ("a: 'x\ufeff'\n", 1, 6), ("\ufeffa: 1\n", 1, 1)],
)
def test_a_byte_order_mark_inside(text: str, line: int, column: int) -> None:
    """A byte order mark anywhere in the text is refused where it stands: the parsers disagree on it."""
    problem = refused(text)
    assert problem.kind is Kind.NOT_YAML
    assert (problem.location.line, problem.location.column) == (line, column)
    assert "byte order mark" in problem.message


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\ufffe", "\ud800"])
def test_forbidden_characters_have_a_place(character: str) -> None:
    """A character that YAML forbids is named by its number, with line and column, also behind another mistake."""
    for text in (f"a: 1\né: x{character}\n", f"a: ]\né: x{character}\n"):
        problem = refused(text)
        assert (problem.kind, problem.location.line, problem.location.column) == (Kind.NOT_YAML, 2, 5)
        assert f"U+{ord(character):04X}" in problem.message


@pytest.mark.parametrize("written", ["! 5", "! no", "! text", "! ''"])
def test_the_tag_of_nothing_makes_a_text(written: str) -> None:
    """A lone ``!`` makes a text of a scalar."""
    value = pairs(read(f"a: {written}\n"))["a"]
    assert isinstance(value, Scalar)
    assert (value.text, value.kind) == (written.removeprefix("! ").strip("'"), "str")


def test_long_texts_count_for_several_values() -> None:
    """Aliases to a long text weigh as much as those to a list of its length, written or followed."""
    text = "x" * 1280
    document, _ = read_document(f"a: &a {text}\nb: [*a, *a]\n", "f.yaml")
    assert document is not None
    b = pairs(document.root)["b"]
    assert isinstance(b, Sequence)
    assert b.size == 1 + 2 * 11
    assert document.root.size == 1 + 2 + 11 + b.size
    assert document.size == 1 + 2 + 11 + 1 + 2


@pytest.mark.parametrize(
    "text",
    [
        "a: *hunter2\n",
        "a: !hunter2 x\n",
        "a: !hunter2!x y\n",
        "a: &hunter2 [*hunter2]\n",
        "a: 'hunter2\n",
        "a: @hunter2\n",
    ],
)
def test_nothing_is_quoted_without_leave(text: str) -> None:
    """Of a file that is something else, no message repeats a word; what is wrong and where is said all the same."""
    document, (problem,) = read_document(text, "f.yaml", may_quote=False)
    assert document is None
    assert "hunter2" not in problem.message
    assert "@" not in problem.message
    assert problem.location.line >= 1
