"""Import the sections of a guide from the page of ``statestores generate markdown``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.imports.documents import read_parts, text_of
from sphinx_statestores.imports.format import Data, FoundStore, Report, Section
from sphinx_statestores.imports.synonyms import backend_words
from sphinx_statestores.registry.guide import DEFAULT_BACKEND_CHOICES, DEFAULT_CONVENTIONS, has_default_guide
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.markdown_blocks import Fence, Heading, Paragraph, RawTable, blocks, from_markdown
from sphinx_statestores.registry.naming import constant_name
from sphinx_statestores.registry.phrases import DEPLOYMENTS_PARAGRAPH
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.reader import Mapping as MappingNode
from sphinx_statestores.registry.reader import Scalar
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sphinx_statestores.registry.model import Convention

_TITLE = "Generated State Store Reference"
_CONVENTIONS = ("Pattern", "Backend", "Description")
_CHOICES = ("Use Case", "Backend", "Rationale")
_GUIDES = {_CONVENTIONS: "x-naming-conventions", _CHOICES: "x-backend-guide"}
_REGENERATE = re.compile(r"> \*\*Do not edit manually\*\* - regenerate with (.+)")
_PROJECT = re.compile(r"This document lists all state store components used in (.+)\.")
_EXAMPLE = "Example: "
_CODE_PATH = re.compile(r"State store definitions are generated to (.+),")
_CONFIGURATIONS = re.compile(r"- \*\*Configurations\*\*: `+(.+)\.Configurations`+ dictionary")
_CONSTANTS = re.compile(r"- \*\*Name constants\*\*: (.+), etc\.")
_CLOSING = re.compile(
    r"\*This file is auto-generated\. See \[((?:[^\[\]\\]|\\.)*)\]\((<[^<>]*>|[^()\s]*)\)(?: (.*))?\.\*"
)
_PREFER = re.compile(r".*\(prefer `([^`]+)`\)")
_SEARCH = " + Search"


def is_guide_table(head: tuple[str, ...]) -> bool:
    """Return whether a table is one of a guide and not of stores."""
    return head in {_CONVENTIONS, _CHOICES}


def read_reference_page(source: SourceText, stores: Iterable[FoundStore], report: Report) -> dict[str, Section]:
    """Return the sections of a generated page; of another page, those in its tables for a guide."""
    page = _Page(source, report)
    page.read(list(stores))
    return page.sections


class _Page:
    """Collects the sections from the blocks of a page."""

    def __init__(self, source: SourceText, report: Report) -> None:
        self._source = source
        self._report = report
        self.sections: dict[str, Section] = {}
        self._reference: dict[str, Data] = {}
        self._code: dict[str, Data] = {}
        self._deployments: list[Data] = []
        self._prose: list[str] = []
        self._is_usual = True

    def read(self, stores: list[FoundStore]) -> None:
        found = list(blocks(self._source.text))
        is_generated = any(isinstance(block, Heading) and block.text == _TITLE for block in found[:3])
        self._is_usual = has_default_guide(str(store.fields.get("backend", "")) for store in stores)
        heading, line = "", 0
        for block in found:
            if isinstance(block, Heading):
                heading, line = block.text, block.line
            elif isinstance(block, RawTable) and is_guide_table(block.head):
                self._table(block)
            elif is_generated and isinstance(block, Paragraph):
                self._paragraph(block, heading, stores)
            elif is_generated and isinstance(block, Fence) and heading.startswith(_EXAMPLE):
                self._deployment(from_markdown(heading.removeprefix(_EXAMPLE)), block)
        self._add_prose()
        if is_generated and self._is_usual:
            heads = {block.head for block in found if isinstance(block, RawTable)}
            for head, name in _GUIDES.items():
                if head not in heads:
                    self._add(name, [], 1)
        if self._deployments:
            self._add("x-deployments", self._deployments, line)
        if self._code:
            self._add("x-generated-code", _in_order(self._code, ("path", "class", "names")), line)
        if self._reference:
            order = ("project", "regenerate", "deployments", "closing")
            self._add("x-reference", _in_order(self._reference, order), 1)

    def _add(self, name: str, value: Data, line: int) -> None:
        self.sections[name] = Section(value, self._report.place(line))

    def _table(self, table: RawTable) -> None:
        rows = [(line, [from_markdown(cell) for cell in row[:3]]) for line, row in table.rows if len(row) > 2]
        if table.head == _CONVENTIONS:
            conventions = [self._convention(line, *row) for line, row in rows]
            if not self._is_usual or conventions != [_as_data(default) for default in DEFAULT_CONVENTIONS]:
                self._add("x-naming-conventions", list(conventions), table.line)
        else:
            choices = [self._choice(line, *row) for line, row in rows]
            defaults: list[dict[str, Data]] = [
                _filled(useCase=c.use_case, backend=c.backend, enableSearch=c.enable_search, rationale=c.rationale)
                for c in DEFAULT_BACKEND_CHOICES
            ]
            if not self._is_usual or choices != defaults:
                self._add("x-backend-guide", list(choices), table.line)

    def _convention(self, line: int, pattern: str, backends: str, description: str) -> dict[str, Data]:
        prefer = _PREFER.fullmatch(description)
        keys: list[Data] = [self._backend(label, line) for label in backends.split("/") if label.strip()]
        return _filled(
            pattern=plain(pattern), backends=keys, description=description, prefer=prefer[1] if prefer else ""
        )

    def _choice(self, line: int, use_case: str, backend: str, rationale: str) -> dict[str, Data]:
        label = backend.removesuffix(_SEARCH)
        return _filled(
            useCase=use_case,
            backend=self._backend(label, line),
            enableSearch=label != backend,
            rationale=rationale,
        )

    def _backend(self, label: str, line: int) -> str:
        text = plain(label).strip()
        own = {label: key for key, label in self._report.own_backends.items()}
        key = backend_words(text).key or own.get(text, "")
        if not key:
            message = f"unknown backend {shown(text)} in a guide: define it in 'x-backends'"
            self._report.problem(Kind.UNKNOWN_BACKEND, message, line)
        return key

    def _paragraph(self, block: Paragraph, heading: str, stores: list[FoundStore]) -> None:
        if heading == "Deployment Flexibility":
            self._prose.append("\n".join(from_markdown(line) for line in block.lines))
            return
        for line in block.lines:
            if match := _REGENERATE.fullmatch(line):
                command = plain(from_markdown(match[1]))
                if command != "statestores generate markdown":
                    self._reference["regenerate"] = command
            elif match := _PROJECT.fullmatch(line):
                self._reference["project"] = from_markdown(match[1])
            elif match := _CODE_PATH.fullmatch(line):
                self._code["path"] = plain(match[1])
            elif match := _CONFIGURATIONS.fullmatch(line):
                self._code["class"] = match[1]
            elif match := _CONSTANTS.fullmatch(line):
                self._code["names"] = _names(match[1], stores)
            elif match := _CLOSING.fullmatch(line):
                closing = {"label": from_markdown(match[1]), "href": from_markdown(match[2].strip("<>"))}
                if match[3]:
                    closing["text"] = from_markdown(match[3])
                self._reference["closing"] = {**closing}

    def _add_prose(self) -> None:
        prose = "\n\n".join(self._prose)
        if prose and prose != DEPLOYMENTS_PARAGRAPH and self._deployments:
            self._reference["deployments"] = prose

    def _deployment(self, title: str, block: Fence) -> None:
        comments = []
        lines = list(block.lines)
        while lines and lines[0].startswith("# "):
            comments.append(lines.pop(0)[2:])
        inside = Report(self._source.path)
        text = "\n".join(lines)
        parts = read_parts(SourceText(self._source.path, text, ""), inside) if text.strip() else []
        for problem in inside.problems:
            self._report.problem(problem.kind, f"in the example {shown(title)}: {problem.message}", block.line)
        if not parts:
            return
        root = parts[0].root
        stores: dict[str, Data] = {}
        for key, value in root.pairs if isinstance(root, MappingNode) else ():
            if isinstance(key, Scalar) and isinstance(value, Scalar):
                stores[key.text] = text_of(value)
        self._deployments.append(_filled(title=title, note="\n".join(comments), stores=stores))


def _in_order(fields: Mapping[str, Data], order: Iterable[str]) -> dict[str, Data]:
    return {name: fields[name] for name in order if name in fields}


def _names(constants: str, stores: list[FoundStore]) -> list[Data]:
    """Return the stores that the examples of generated code name."""
    by_constant = {constant_name(store.name): store.name for store in reversed(stores)}
    words = (plain(from_markdown(word)).rpartition(".")[2] for word in constants.split(","))
    return [by_constant[word] for word in words if word in by_constant]


def _as_data(default: Convention) -> dict[str, Data]:
    return _filled(
        pattern=default.pattern,
        backends=list(default.backends),
        description=default.description,
        prefer=default.prefer,
    )


def _filled(**fields: Data) -> dict[str, Data]:
    return {name: value for name, value in fields.items() if value not in ("", False, [], {})}
