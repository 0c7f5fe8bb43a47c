"""YAML and JSON of any shape -> values that know their lines: bounded as a registry is, several documents a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.imports.format import Plain
from sphinx_statestores.registry.json_text import json_as_yaml
from sphinx_statestores.registry.problems import Kind, Problem
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.reader import Mapping, Scalar, Sequence, read_document

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from collections.abc import Mapping as StrMapping

    from sphinx_statestores.imports.format import Raw, Report
    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.source import SourceText

# Such a line begins or ends a document wherever it stands: https://yaml.org/spec/1.2.2/#rule-c-forbidden
_MARKER = re.compile(r"^(?:---|\.\.\.)(?=[ \t\r\n]|$)", re.MULTILINE)
_HOLDS_NOTHING = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?(?:\n|$)|---[ \t]*(?:#[^\n]*)?\r?(?:\n|$))*")
_HEAD_ONLY = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?(?:\n|$)|%[^\n]*(?:\n|$))*")
# The version of a Kubernetes resource: on a line of its own, or in braces.
_API_VERSION = r"(?:^[ \t-]*|[{{,]\s*)[\"']?apiVersion[\"']?\s*:\s*[\"']?{}/"
#: So many values may be in a text, all aliases followed, for each that is written.
_ALIAS_FACTOR = 10
_ALIAS_ALLOWANCE = 10_000
#: The kinds of scalars whose texts mean something else in quotes.
_PLAIN_KINDS = frozenset({"bool", "int", "float"})
#: So many documents are read.
_DOCUMENT_LIMIT = 10_000


class Part(NamedTuple):
    """One document of a file."""

    root: Node
    #: How many lines are before it.
    offset: int


def read_parts(source: SourceText, report: Report, *, may_quote: bool = True) -> list[Part]:
    """Return the documents of a text; each that cannot be read is a problem of the report.

    Without *may_quote*, no problem repeats a word of the text.
    """
    is_json = source.text.lstrip("\ufeff \t\r\n").startswith(("{", "["))
    texts = [(json_as_yaml(source.text), 0)] if is_json else list(_split(source.text))
    if len(texts) > _DOCUMENT_LIMIT:
        report.problem(Kind.NOT_YAML, f"only the first {_DOCUMENT_LIMIT:,} documents are read", texts[-1][1])
        del texts[_DOCUMENT_LIMIT:]
    parts = []
    for text, offset in texts:
        if _HOLDS_NOTHING.fullmatch(text):
            continue
        document, problems = read_document(text, source.path, may_quote=may_quote)
        report.problems += [_moved(problem, offset) for problem in problems]
        if document is None:
            continue
        if document.root.size > _ALIAS_ALLOWANCE + _ALIAS_FACTOR * document.size:
            report.problem(Kind.NOT_YAML, "the aliases of this document expand to too many values", offset + 1)
            continue
        parts.append(Part(document.root, offset))
    if not parts and not report.problems:
        report.problem(Kind.EMPTY_FILE, "the file is empty")
    return parts


def _split(text: str) -> Iterator[tuple[str, int]]:
    """Yield the documents with the number of lines before each."""
    start = line = 0
    for marker in _MARKER.finditer(text):
        part = text[start : marker.start()]
        # A document's own directives and the comments before it are its own.
        if marker[0] == "---" and _HEAD_ONLY.fullmatch(part):
            continue
        yield part, line
        line += part.count("\n")
        start = marker.start()
        if marker[0] == "...":
            end = text.find("\n", marker.end()) + 1 or len(text)
            line += text.count("\n", start, end)
            start = end
    yield text[start:], line


def _moved(problem: Problem, offset: int) -> Problem:
    location = problem.location
    return problem._replace(location=location._replace(line=location.line + offset if location.line else offset))


def fields_of(node: Node | None) -> dict[str, Node]:
    """Return what a mapping has by name, the first of equal names; nothing when it is no mapping."""
    found: dict[str, Node] = {}
    if isinstance(node, Mapping):
        for key, value in node.pairs:
            if isinstance(key, Scalar):
                found.setdefault(key.text, value)
    return found


def inner(node: Node | None, *names: str) -> Node | None:
    """Return what stands in a mapping under the first name, in that under the second, and so on; None for nothing."""
    for name in names:
        node = fields_of(node).get(name)
    return node


def text_of(node: Node | None) -> str:
    """Return a text, a number, a date or a truth value as it is written; nothing for all else."""
    return node.text if isinstance(node, Scalar) and node.kind != "null" else ""


def texts_of(node: Node | None) -> list[str]:
    """Return the texts of a list, or a single one."""
    nodes = node.items if isinstance(node, Sequence) else (node,)
    return [text for each in nodes if (text := text_of(each))]


def items_of(node: Node | None) -> tuple[Node, ...]:
    """Return the items of a list."""
    return node.items if isinstance(node, Sequence) else ()


def raw_of(node: Node) -> Raw:
    """Return a value without its places."""
    if isinstance(node, Scalar):
        if node.kind not in _PLAIN_KINDS:
            return text_of(node)
        # JSON has one spelling of each truth value.
        word = node.text.lower()
        return Plain(word if word in {"true", "false"} else node.text)
    if isinstance(node, Sequence):
        return [raw_of(item) for item in node.items]
    return {name: raw_of(value) for name, value in fields_of(node).items()}


def references_of(node: Node | None) -> list[str]:
    """Return the names in a list of references, or in a single one: each a text, or a mapping with an ``id``."""
    nodes = node.items if isinstance(node, Sequence) else (node,)
    return [name for each in nodes if (name := text_of(each) or text_of(inner(each, "id")))]


def resource_fields(root: Node, read: StrMapping[str, Collection[str]]) -> list[str]:
    """Return the fields of a resource, such as ``spec.auth``, but for those in *read*: name of its part -> fields."""
    return [
        f"{part}.{field}" if part else field
        for part, known in read.items()
        for field in fields_of(inner(root, part) if part else root)
        if field not in known
    ]


def api_version(group: str) -> re.Pattern[str]:
    """Return the pattern that finds a resource of a group of the API of Kubernetes, such as ``dapr.io``."""
    return re.compile(_API_VERSION.format(re.escape(group)), re.MULTILINE)


def _resources(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the resources in documents: a document may be one, a list of them, or one of the kind ``List``."""
    for part in parts:
        is_list = isinstance(part.root, Sequence) or text_of(inner(part.root, "kind")) == "List"
        items = items_of(part.root) or items_of(inner(part.root, "items"))
        yield from (part._replace(root=item) for item in items) if is_list else (part,)


def resources_of_kind(
    parts: Iterable[Part], name: Callable[[Node], str], wanted: Callable[[str], bool], report: Report
) -> list[Part]:
    """Return the resources in documents of a kind that is *wanted*; note the others."""
    found = []
    for part in _resources(parts):
        kind = name(part.root)
        if wanted(kind):
            found.append(part)
        else:
            report.note(
                f"{shown(kind) if kind else 'a document of another kind'} is skipped", line_of(part, part.root)
            )
    return found


def line_of(part: Part, node: Node | None) -> int:
    """Return the line of a value in the file."""
    return part.offset + (node.line if node is not None else 1)
