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


@pytest.mark.parametrize("sources", ["*l, *l", "{}, {}, {}, {}"])
def test_merge_sources_without_pairs_cost_as_well(monkeypatch: pytest.MonkeyPatch, sources: str) -> None:
    """Each source of a merge key counts as one pair at least: to look at it takes time."""
    text = f"l: &l {{}}\nx: {{<<: [{sources}]}}\ny: {{<<: *l}}\n"
    count = sources.count(",") + 2
    monkeypatch.setattr(reader, "MERGE_LIMIT", count)
    read(text)
    monkeypatch.setattr(reader, "MERGE_LIMIT", count - 1)
    problem = refused(text)
    assert (problem.kind, problem.location.line, problem.location.column) == (Kind.NOT_YAML, 3, 5)


@pytest.mark.parametrize(
    ("text", "values", "line", "column"),
    [
        ("[a, b,\n c]\n", 4, 1, 1),
        ("a: [b, c]\nd:\n- e\n", 9, 1, 1),
        ("a: &x [b]\nc: *x\nd: *x\n", 8, 1, 1),
        ("[a, b,\n c]\n", 3, 1, 1),
        ("- a\n- b\n- [c, d]\n", 3, 3, 7),
        ("- &x a\n- *x\n- *x\n", 2, 3, 3),
        ("- " + "x" * 1280 + "\n- y\n", 11, 2, 3),
    ],
)
def test_the_number_of_values_is_limited(
    monkeypatch: pytest.MonkeyPatch, text: str, values: int, line: int, column: int
) -> None:
    """A file with as many values as the limit is read; with more, it is refused at the first that is too many."""
    document, _ = read_document(text, "f.yaml")
    assert document is not None
    monkeypatch.setattr(reader, "VALUE_LIMIT", document.size)
    read(text)
    monkeypatch.setattr(reader, "VALUE_LIMIT", min(values, document.size - 1))
    problem = refused(text)
    assert problem.message == f"the file has more than {min(values, document.size - 1)} values"
    assert (problem.kind, problem.location.line, problem.location.column) == (Kind.NOT_YAML, line, column)


def test_the_number_of_comments_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with as many comments to this program as the limit is read; one more is refused where it is."""
    text = "a: b\n" + "  # statestores: ignore\n" * 3 + "# other\n" * 9
    monkeypatch.setattr(reader, "COMMENT_LIMIT", 3)
    read(text)
    monkeypatch.setattr(reader, "COMMENT_LIMIT", 2)
    problem = refused(text)
    assert (problem.kind, problem.location.line, problem.location.column) == (Kind.NOT_YAML, 4, 3)


def test_the_deepest_nesting_that_is_read() -> None:
    """As many levels as the limit says are read; one more is refused, at its bracket."""
    limit = reader.DEPTH_LIMIT
    read("[" * limit + "]" * limit)
    problem = refused("[" * (limit + 1) + "]" * (limit + 1))
    assert (problem.kind, problem.location.line, problem.location.column) == (Kind.NOT_YAML, 1, limit + 1)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        # Where a parser looks ahead before it tells of anything, and may have a limit of its own.
        ("a: " + "[" * 2000, 1, 35),
        ("a: " + "[" * 2000 + "]" * 2000, 1, 35),
        ("[" * 2000, 1, 33),
        ("{" * 2000, 1, 33),
        ("- &b !!seq " + "[" * 2000, 1, 43),
        ("? " + "[" * 2000, 1, 34),
        ("- " * 20 + "[" * 2000, 1, 53),
        ("a:\n  b: # [\n    " + "[" * 2000, 3, 35),
        ("a: 1\n" + "[" * 2000, 2, 32),
        ('a: ["\\"[", it\'s, "[\n[", ' + "[" * 2000, 2, 35),
        # Another mistake behind it, which both parsers see while they look ahead.
        ("a: " + "[" * 40 + "@", 1, 35),
        ("a: " + "[" * 2000 + "@", 1, 35),
        ("a: " + "[" * 40 + '"\\q"', 1, 35),
        ("a: 1\n" + "[" * 40 + "]" * 40 + "\nb: 2\n", 2, 32),
        # Where they tell of each level at once.
        ("- " * 2000, 1, 65),
        ("? " * 2000, 1, 65),
        ("a: " + "[\n" * 2000, 32, 1),
        ("{a: " * 2000, 1, 129),
        ("".join(" " * depth + "a:\n" for depth in range(1000)), 33, 33),
        ("".join(" " * depth + "-\n" for depth in range(1000)), 33, 33),
    ],
)
def test_the_limit_of_nesting_comes_first(text: str, line: int, column: int) -> None:
    """What is one level too deep is refused where it begins, whatever limit the parser has and whatever follows."""
    problem = refused(text)
    assert problem.message == f"nested deeper than {reader.DEPTH_LIMIT} levels"
    assert (problem.location.line, problem.location.column) == (line, column)


@pytest.mark.parametrize(
    "text",
    [
        "a: '{0}'\n",
        'a: "{0}"\n',
        'a: ["{0}", b]\n',
        "a: ['{0}', b]\n",
        "a: [b, # {0}\n  c]\n",
        "a: b # {0}\n",
        "# {0}\na: b\n",
        "a: b{0}\n",
        "a: b\n  {0}\n",
        "a: |\n  {0}\n",
        "a: >\n  {0}\n",
        "a: [" + "[], " * 2000 + "]\n",
        "a: [" + "{{}}, " * 2000 + "]\n",
    ],
)
def test_brackets_that_are_text_or_closed_are_no_nesting(text: str) -> None:
    """Brackets in quotes, comments, blocks and plain text are none, and closed ones are not within others."""
    read(text.format("[{" * 1000))


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 31 + "]" * 31,
        "- " * 31 + "[]",
        "- " * 16 + "[" * 16 + "]" * 16,
        "- " * 10 + "{a: " * 22 + "b" + "}" * 22,
        "[a: " * 16 + "b" + "]" * 16,
        "".join(" " * depth + "a:\n" for depth in range(32)),
    ],
)
def test_nesting_up_to_the_limit_is_read(text: str) -> None:
    """Thirty-two levels are read, in whatever way they are written."""
    assert read(text).depth == reader.DEPTH_LIMIT


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


def flow(text: str) -> Node:
    """A value between brackets or braces, as the value of a key."""
    return pairs(read(f"a: {text}\n"))["a"]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("{purpose: Is it? so}", 19),
        ("[a?b]", 6),
        ("[a?]", 6),
        ("[?]", 5),
        ("[?a]", 5),
        ("[b ? c]", 7),
        ("['a', \"b?\", c?]", 17),
        ("[it's, 'so?', it's?]", 22),
        ("[a, # why?\n c?]", 3),
        ("{a: [b, {c: d?}]}", 17),
        ("[http://example.org/?q=1]", 24),
    ],
)
def test_a_question_mark_in_brackets_needs_quotes(text: str, column: int) -> None:
    """A ``?`` in a plain text between brackets is refused where it is: libyaml takes it, pure Python does not."""
    problem = refused(f"a: {text}\n")
    assert problem.kind is Kind.NOT_YAML
    assert "'?'" in problem.message
    assert (problem.location.line, problem.location.column) == (1 + text.count("\n"), column)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("{since: 1.2:, b: c}", 15),
        ("[a:]", 6),
        ("[a:b, c:]", 11),
        ("{a :}", 7),
        ("{a:[b]}", 6),
        ("{a:{b: c}}", 6),
        ('[say "x":]', 12),
    ],
)
def test_a_colon_in_brackets_needs_a_blank(text: str, column: int) -> None:
    """A colon between a plain text and a comma or bracket is refused: pure Python takes it, libyaml does not."""
    problem = refused(f"a: {text}\n")
    assert problem.kind is Kind.NOT_YAML
    assert "':'" in problem.message
    assert (problem.location.line, problem.location.column) == (1, column)


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("['a?', \"b?\", 'c''?', \"\\\"?\"]", ["a?", "b?", "c'?", '"?']),
        ("[a, # why?\n  b] # ?", ["a", "b"]),
        ("[\n# why? [\n'a',# so?\n b]", ["a", "b"]),
        ("{? b : c}", ["b", "c"]),
        ('{"a":[b],"c":{"d":[]},"e":""}', ["a", "b", "c", "d", "e", ""]),
        ("{'a':[b]}", ["a", "b"]),
        ("{[a]:[b], {c: d}: e}", ["a", "b", "c", "d", "e"]),
        ("{a: , b: }", ["a", "", "b", ""]),
        ('[it\'s, say "x", a#b]', ["it's", 'say "x"', "a#b"]),
        ("[!!str , ! 'a', !<tag:yaml.org,2002:str> b, !!str '']", ["", "a", "b", ""]),
    ],
)
def test_what_brackets_may_hold(text: str, texts: list[str]) -> None:
    """Quoted texts, comments and the usual signs between brackets are read as they are with either parser."""
    assert [scalar.text for scalar in scalars(flow(text))] == texts


def test_signs_outside_of_brackets_need_no_quotes() -> None:
    """Where there are no brackets, a ``?`` or a colon in a text is part of it."""
    text = "a: Is it? [so?]\nb: {c: d} \ne: what? a:b, c:]\nf: |\n  ? [a?]\ng: [h]\n"
    assert [scalar.text for scalar in scalars(read(text))] == [
        *("a", "Is it? [so?]", "b", "c", "d", "e", "what? a:b, c:]", "f", "? [a?]\n", "g", "h")
    ]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: [b, !!str, c]\n", 1, 8),
        ("a: |#c\n  b\n", 1, 5),
        ("a: &b !!str >-#c\n  b\n", 1, 15),
        ("a: |\n\tb\n", 2, 1),
        ("a: |\n\n  \tb\n", 3, 3),
        ('a: "\\U00110000"\n', 1, 7),
        ('a:\n  - "é\\UFFFFFFFF"\n', 2, 9),
    ],
)
def test_what_only_one_parser_takes_is_refused(text: str, line: int, column: int) -> None:
    """What the parsers do not both take is refused with both, at one place."""
    problem = refused(text)
    assert problem.kind is Kind.NOT_YAML
    assert (problem.location.line, problem.location.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("%YAML 1.3\n---\na: b\n", 1),
        ("%YAML 2.0\n---\na: b\n", 1),
        ("%YAML 1.1#c\n---\na: b\n", 1),
        ("# c\n\n%YAML 1." + "1" * 5000 + "\n---\na: b\n", 3),
        ("%YAML 1.1\n%FOO bar\n---\na: b\n", 2),
        ("%YAML 1.1\n---\na: b\n...\n%YAML 1.1\n---\nc: d\n", 5),
        ("a: b\n%FOO\n", 2),
        ("%", 1),
    ],
)
def test_directives_that_are_refused(text: str, line: int) -> None:
    """A directive that only one parser takes, or that does not stand before the document, is refused at its line."""
    problem = refused(text)
    assert problem.kind is Kind.NOT_YAML
    assert "directive" in problem.message
    assert (problem.location.line, problem.location.column) == (line, 1)


@pytest.mark.parametrize(
    "head",
    [
        "%YAML 1.1\n",
        "%YAML 1.2\r\n",
        "# c\n\n  # %\n%YAML  1.2  # c\n",
        "%TAG ! tag:example.org,2000:\n%YAML 1.1\n",
    ],
)
def test_directives_that_are_taken(head: str) -> None:
    """The version of YAML and prefixes of tags may be given, among comments."""
    assert [scalar.text for scalar in scalars(read(f"{head}---\na: b # %\n"))] == ["a", "b"]


@pytest.mark.parametrize("text", ["&a [*a]", "&a {b: *a}", "a: &a\n  b:\n    - {c: *a}\n", "&a {*a : 1}"])
def test_a_value_cannot_hold_itself(text: str) -> None:
    """An alias inside its own anchor is refused, so that no value is endless."""
    problem = refused(text)
    assert problem.kind is Kind.NOT_YAML
    assert "refers to the value that contains it" in problem.message


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


@pytest.mark.parametrize(
    "text",
    [
        "a: *{}\n",
        "a: !{} b\n",
        "a: !!{} b\n",
        "a: !{}!b c\n",
        "a: &{0} [*{0}]\n",
        "%TAG !{0}! a\n%TAG !{0}! b\n---\na: b\n",
        "%{}\n",
        "a: [{}?]\n",
        "a: 'b' {}\n",
    ],
)
def test_messages_are_short(text: str) -> None:
    """However long a word of the file is, the message about it is not."""
    assert len(refused(text.format("h" * 10_000)).message) < 250


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


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: 1\rb: 2\rc: 3\r", 1, 5),
        ("é: 1\r\nb: 2\r\r\n", 2, 5),
        ("a: 1\n# b\r", 2, 4),
        ("a: 'b\rc'\n", 1, 6),
        ("a: 1\x85b: 2\n", 1, 5),
        ("a: é\n- '\x85'\n", 2, 4),
        ("a: 1\n\u2028b: 2\n", 2, 1),
        ('a: "x\n  y\u2029"\n', 2, 4),
        ("a: |\n  b\u2028  c\n", 2, 4),
        ("# \u2028\na: ]\n", 1, 3),
        ("a: 1\u2029\r", 1, 5),
    ],
)
def test_line_ends_of_some_programs_only(text: str, line: int, column: int) -> None:
    """A line end that is neither LF nor CRLF is refused where the first one is: editors count otherwise."""
    problem = refused(text)
    assert problem.kind is Kind.NOT_YAML
    assert "LF" in problem.message
    assert (problem.location.line, problem.location.column) == (line, column)


def test_line_ends_of_all_kinds_can_be_written() -> None:
    """Escaped in double quotes, characters that end lines are part of a text."""
    assert [s.text for s in scalars(read('- "\\N\\L\\P\\r\\n"\n'))] == ["\x85\u2028\u2029\r\n"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_places_are_those_of_an_editor(line_end: str) -> None:
    """Lines end with LF or CRLF, and columns count characters, in values, comments and problems alike."""
    text = "# é\n\na: 'x\n\n  y' # statestores: ignore\n漢: [b,\n  c] # statestores: ignore\n".replace("\n", line_end)
    document, _ = read_document(text, "f.yaml")
    assert document is not None
    assert [(s.line, s.column) for s in scalars(document.root)] == [(3, 1), (3, 4), (6, 1), (6, 5), (7, 3)]
    assert [(c.text, c.line, c.column, c.offset) for c in document.comments] == [
        ("# statestores: ignore", 5, 6, text.index("# s")),
        ("# statestores: ignore", 7, 6, text.rindex("# s")),
    ]
    for mistake in ("d: [é?]", "d: [é:]", "d:é\x85", "d: *é", "d: ééé: "):
        location = refused(text + mistake + line_end).location
        assert location.line == 8


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
