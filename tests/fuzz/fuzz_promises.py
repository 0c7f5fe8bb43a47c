"""What must hold of everything that comes out, whatever went in: one function for each outlet."""

from __future__ import annotations

import csv
import io
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from csharp_source import Source
from fuzz_dice import CANARY
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt
from myst_parser.config.main import MdParserConfig
from myst_parser.mdit_to_docutils.base import DocutilsRenderer
from myst_parser.parsers.mdit import create_md_parser

from sphinx_statestores.cli.reporters import REPORTERS
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.problems import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.problems import Problem

SCHEMA = Path(__file__).resolve().parents[2] / "schemas" / "registry-export.schema.json"
#: No message of one problem is longer.
MESSAGE_LIMIT = 1000
#: No line of the command: it may name a file, which the system limits.
LINE_LIMIT = 10_000
_BREAK = re.compile(r"\r\n?|[\n\x85\u2028\u2029]")
_OTHER_BREAK = re.compile(r"[\r\x85\u2028\u2029]")


class BrokenPromiseError(Exception):
    """Something that is promised does not hold; *rule* is the promise, the same for all cases that break it."""

    def __init__(self, rule: str, detail: object = "") -> None:
        super().__init__(f"{rule}: {detail}" if detail else rule)
        self.rule = rule


def promise(rule: str, holds: object, detail: object = "") -> None:
    """Raise `BrokenPromiseError` unless a promise holds."""
    if not holds:
        raise BrokenPromiseError(rule, detail if isinstance(detail, str) else repr(detail)[:2000])


# -- problems -----------------------------------------------------------------------------


def check_problems(problems: Iterable[Problem], files: Mapping[str, bytes]) -> None:
    """Each problem has a place inside one of the files, and a message that is one printable line."""
    for problem in problems:
        check_line(problem.message)
        promise("a problem is in one of the files", problem.location.path in files, problem)
        _check_place(problem, files[problem.location.path])


def check_line(message: str, limit: int = MESSAGE_LIMIT) -> None:
    """A message is one printable line of bounded length."""
    promise("a message is one printable line", message.isprintable(), message)
    promise("a message is short", len(message) <= limit, message[:200])


def _check_place(problem: Problem, data: bytes) -> None:
    text = data.decode("utf-8-sig", "replace")
    line, column = problem.location.line, problem.location.column
    lines = text.split("\n")
    if _OTHER_BREAK.search(text):
        promise("a line is inside the file", 0 <= line <= len(_BREAK.findall(text)) + 1, problem)
        return
    promise("a line is inside the file", 0 <= line <= len(lines), problem)
    longest = len(lines[line - 1]) if line else 0
    promise("a column is inside its line", 0 <= column <= longest + 1, problem)


def check_reporters(problems: Sequence[Problem]) -> None:
    """Every format of ``check`` reports each problem once, and nothing else."""
    text = REPORTERS["text"].report(problems)
    promise("the text report has one line a problem", text.count("\n") == len(problems), text)
    promise("the text report is printable", all(line.isprintable() for line in text.split("\n")), text)
    annotations = REPORTERS["github"].report(problems).split("\n")[:-1]
    promise("each problem is one annotation", len(annotations) == len(problems), annotations)
    for line in annotations:
        is_command = re.match(r"::(error|warning|notice) [^\r\n]*?::", line) and line.isprintable()
        promise("an annotation is one workflow command", is_command, line)
    found = json.loads(REPORTERS["json"].report(problems))
    given = [problem.message for problem in problems]
    promise("the JSON report has each message", [item["message"] for item in found] == given, found)
    log = json.loads(REPORTERS["sarif"].report(problems))
    promise("the SARIF log has each problem", len(log["runs"][0]["results"]) == len(problems), log)


# -- exports ------------------------------------------------------------------------------


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def check_json(text: str, registry: Registry) -> None:
    """The document follows its schema and has the stores of the registry with their texts."""
    document = json.loads(text.encode("utf-8"))
    faults = [error.message for error in _validator().iter_errors(document)]
    promise("the JSON export follows its schema", not faults, faults)
    found = [(store["name"], store["purpose"]) for store in document["stores"]]
    promise("the JSON export has each store", found == [(s.name, s.purpose) for s in registry.stores], found)


def check_csv(text: str, registry: Registry) -> None:
    """Each store is one row, each row has all cells, and no cell is a formula."""
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    promise("each row of the CSV has all cells", len({len(row) for row in rows}) == 1, text)
    # A name that begins as a formula does is guarded as any other cell.
    names = [row[0].removeprefix("'") for row in rows[1:]]
    promise("the CSV has one row a store", names == list(registry.names), text)
    for cell in (cell for row in rows for cell in row):
        promise("no cell is a formula", cell.lstrip()[:1] not in {*"=+-@\uff1d\uff0b\uff0d\uff20"} - {""}, cell)


MYST = MdParserConfig(
    enable_extensions={
        *("amsmath", "attrs_inline", "attrs_block", "colon_fence", "deflist", "dollarmath", "fieldlist"),
        *("strikethrough", "substitution", "tasklist"),
    },
    dmath_double_inline=True,
)
MARKDOWN: dict[str, Callable[[], MarkdownIt]] = {
    "github": lambda: MarkdownIt("commonmark").enable("table").enable("strikethrough"),
    "myst": lambda: create_md_parser(MYST, DocutilsRenderer),
}
_BLOCKS = {
    *("heading", "blockquote", "paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item"),
    *("inline", "fence", "hr"),
}
_INLINE = {"text", "text_special", "code_inline", "softbreak", "em", "strong", "link"}


def check_markdown(text: str, registry: Registry) -> None:
    """The page has a row for each store, a heading for each example, and no markup that comes from a text."""
    # One of the parsers, picked by the page: they take most of the time.
    name = list(MARKDOWN)[len(text) % len(MARKDOWN)]
    tokens = MARKDOWN[name]().parse(text)
    blocks = {token.type.removesuffix("_open").removesuffix("_close") for token in tokens}
    promise(f"the page has its own blocks only ({name})", blocks <= _BLOCKS, blocks - _BLOCKS)
    inline = [child for token in tokens for child in token.children or []]
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in inline}
    promise(f"the page has its own markup only ({name})", kinds <= _INLINE, kinds - _INLINE)
    links = [token.attrs.get("href") for token in inline if token.type == "link_open"]
    promise(f"the page has its own link only ({name})", len(links) <= bool(registry.guide.reference.closing_href))
    attributes = [token.attrs for token in [*inline, *tokens] if token.type != "link_open"]
    attributes = [found for found in attributes if set(found) - {"style"}]
    promise(f"no text becomes an attribute ({name})", not attributes, attributes)
    first = [token.type for token in tokens]
    rows = first[: first.index("table_close")].count("tr_open") - 1
    promise(f"the table has one row a store ({name})", rows == len(registry.stores), rows)
    headings = [tokens[at + 1] for at, token in enumerate(tokens) if token.type == "heading_open"]
    said = ["".join(child.content for child in token.children or []) for token in headings]
    titles = [f"Example: {plain(example.title)}" for example in registry.guide.deployments]
    found = [title for title in said if title.startswith("Example:")]
    promise(
        f"each example has its heading ({name})",
        [title.split() for title in found] == [title.split() for title in titles],
        (found, titles),
    )


def check_csharp(text: str, registry: Registry) -> None:
    """The file is C#, each store that is not removed is a constant, and each literal ends where it should."""
    promise("each line of the C# is printable", all(line.isprintable() for line in text.split("\n")), text)
    try:
        source = Source(text)
    except AssertionError as error:
        raise BrokenPromiseError("the C# export can be parsed", str(error)) from error
    stores = [store for store in registry.stores if store.status != "removed"]
    constants = {name: (constant.value, constant.summary) for name, constant in source.constants.items()}
    wanted = {store.constant: (store.name, plain(store.purpose) or store.name) for store in stores}
    promise("each constant is its store's", constants == wanted, (constants, wanted))
    metadata = {store.constant: [store.service, store.purpose, store.backend] for store in stores}
    promise("each literal is its text", source.dictionary("Metadata") == metadata, source.dictionary("Metadata"))
    promise("nothing is called", not source.all("invocation_expression"))


#: Format -> what must hold of a registry in it.
EXPORTS: dict[str, Callable[[str, Registry], None]] = {
    "markdown": check_markdown,
    "csharp": check_csharp,
    "json": check_json,
    "csv": check_csv,
}


# -- what was read ------------------------------------------------------------------------

#: What turns the direction of writing (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


#: Fields that keep their lines.
_OF_SEVERAL_LINES = {"deployments", "note"}


def check_texts(registry: Registry, findings: Iterable[Problem]) -> None:
    """Each text is one line, but for those that keep their lines; what turns the direction of writing warns."""
    texts = list(_texts("", as_values(registry)))
    lines = [re.sub(r"[\n\t]", "", text) if field in _OF_SEVERAL_LINES else text for field, text in texts]
    control = [line for line in lines if _CONTROL.search(line)]
    promise("a text of a registry is one line", not control, control)
    turning = [line for line in lines if _DIRECTION.search(line)]
    warned = any(problem.kind is Kind.INVISIBLE_CHARACTERS for problem in findings)
    promise("what turns the direction of writing warns, whatever the registry says", warned or not turning, turning)


def _texts(field: str, value: Any) -> Iterable[tuple[str, str]]:
    """Yield each text, with the field that it is in."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield field, name
            yield from _texts(name, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(field, inner)


# -- secrets ------------------------------------------------------------------------------


def check_no_canary(text: str, where: str) -> None:
    """A text shows nothing of what lies outside: not as it is, not backwards, not with other characters between."""
    digits = re.sub("[^0-9]", "", text)
    # The text is not repeated: there may be real secrets beside ours.
    promise(f"nothing from outside is in {where}", CANARY not in digits and CANARY[::-1] not in digits)


def as_values(node: Any) -> Any:
    """Return a value without its places: where an empty value stands, the parsers may disagree."""
    if isinstance(node, tuple) and hasattr(node, "_asdict"):
        fields = node._asdict()
        return {name: as_values(value) for name, value in fields.items() if name not in {"places", "location"}}
    if isinstance(node, tuple | list):
        return [as_values(item) for item in node]
    if hasattr(node, "items"):
        return {key: as_values(value) for key, value in node.items()}
    return node
