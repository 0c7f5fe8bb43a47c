"""Merge stores into a registry file. Comments, order and formatting of the rest of the file are preserved.

Values are replaced in place, missing fields are added at the end of their store, and new stores at the end of the
section; nothing is removed. Each edit is verified by loading the result: one that fails is dropped and reported.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.imports.documents import fields_of, inner, raw_of
from sphinx_statestores.imports.spans import Span, read_spans
from sphinx_statestores.imports.writer import (
    field_lines,
    flow_text,
    is_default,
    item_lines,
    json_text,
    registry_text,
    scalar,
    store_text,
    without_defaults,
)
from sphinx_statestores.registry.fields import FILE_FIELDS, FieldType
from sphinx_statestores.registry.loader import STORES_SECTION, load_sources
from sphinx_statestores.registry.model import KEY_FIELDS
from sphinx_statestores.registry.places import NOWHERE
from sphinx_statestores.registry.problems import Kind, Location, Problem, Severity, has_errors
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.reader import plain_kind, read_document
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as MappingOf

    from sphinx_statestores.imports.format import Data, FoundStore, Raw, Section
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.reader import Node

#: Sections that map names to values; names can be added to them.
_BY_NAME = frozenset({"x-backends", "x-services"})
#: Maximum number of times that a file is loaded to find the edits that fail.
_TRIES = 64
_EMPTY_LINE = re.compile(r"\n[ \t]*\r?\n")
# Empty lines, then a line with only a comment.
_COMMENT_LINES = re.compile(r"(?:\r?\n[ \t]*)*?\r?\n([ ]*)#[^\r\n]*")
_SECTION_FOLLOWS = re.compile(r"\r?\n(?!\.\.\.)[^\s#]")
_DOCUMENT_END = re.compile(r"^\.\.\.", re.MULTILINE)
_LINE_END = re.compile(r"\r?\n")


class Edit(NamedTuple):
    """A replacement of the text from *start* to *end*."""

    start: int
    end: int
    text: str


class _Change(NamedTuple):
    """The edits for one store."""

    store: FoundStore
    edits: list[Edit]


class Merged(NamedTuple):
    """The result of a merge: the new text, the names of stores, and the problems."""

    text: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    problems: tuple[Problem, ...]


def merge(
    source: SourceText,
    stores: Iterable[FoundStore],
    sections: MappingOf[str, Section],
    others: Iterable[SourceText] = (),
) -> Merged:
    """Merge *stores* into a registry file, and the *sections* that neither it nor *others* define.

    *others* are the other files of the registry, such as its guide. Returns the text unchanged, with its problems,
    when the file has errors.
    """
    others = tuple(others)
    before, found = load_sources([source, *others])
    # A file without stores is no error: they are added.
    unreadable = [p for p in found if p.severity is Severity.ERROR and p.kind is not Kind.NO_REGISTRY]
    document, _ = read_document(source.text, source.path)
    root = read_spans(source.text) if document is not None else None
    if root is None or not root.is_mapping or unreadable:
        problems = unreadable or [Problem(Kind.EMPTY_FILE, "the file is empty", Location(source.path))]
        return Merged(source.text, (), (), tuple(problems))
    return _Merger(source, others, before, root).merge(list(stores), sections)


class _Merger:
    """Collects the edits of one file, and applies those that pass verification."""

    def __init__(self, source: SourceText, others: tuple[SourceText, ...], before: Registry, root: Span) -> None:
        self._others = others
        #: Of the other files: section -> the names in it.
        self._elsewhere = _names_by_section(others)
        self._text = source.text
        self._path = source.path
        self._before = before
        self._root = root
        self._is_json = _is_json(source.text)
        self._line_end = "\r\n" if "\r\n" in source.text else "\n"
        #: Store -> its node.
        self._nodes = _store_nodes(source.text, source.path)
        self._section = root.get(STORES_SECTION)
        self._indent, self._step = self._indents()
        self._sections: list[Edit] = []
        self.problems: list[Problem] = []

    def _indents(self) -> tuple[str, str]:
        """Return the indentation of stores in this file, and that of fields relative to their store."""
        section = self._section
        if section is None or section.is_flow or not section.children:
            return "  ", "  "
        indent = section.children[0].column
        fields = (
            value.children[0].column
            for _, value in section.pairs()
            if value.is_mapping and not value.is_flow and value.children
        )
        step = next((column - indent for column in fields if column > indent), 2)
        return " " * indent, " " * step

    def merge(self, stores: list[FoundStore], sections: MappingOf[str, Section]) -> Merged:
        known = self._before.by_name
        spans = {key.text: value for key, value in self._section.pairs()} if self._section else {}
        added = [store for store in stores if store.name not in spans and store.name not in known]
        self._sections = self._section_edits(sections, added if self._section is None else [])
        changes: list[_Change] = []
        for store in stores:
            if store.name in known and store.name in spans:
                change = self._change(known[store.name], spans[store.name], store)
                if change.edits:
                    changes.append(change)
            elif store.name in known:
                self._report(store, "is defined in another file: change it there", known[store.name].location.path)
        changes = self._right_ones(changes)
        edits = [edit for change in changes for edit in change.edits]
        if added and self._section is not None:
            edits.append(self._append(added, self._section))
        text = apply(self._text, [*edits, *self._sections])
        _, problems = self._load(text)
        problems = [problem for problem in problems if problem.kind is not Kind.NO_REGISTRY]
        if has_errors(problems):
            self.problems += [problem for problem in problems if problem.severity is Severity.ERROR]
            return Merged(self._text, (), (), tuple(self.problems))
        names = tuple(change.store.name for change in changes)
        return Merged(text, tuple(store.name for store in added), names, tuple(self.problems))

    def _right_ones(self, changes: list[_Change]) -> list[_Change]:
        """Return the changes that pass verification; find the others by bisection, and report them."""
        right: list[_Change] = []
        waiting = [changes] if changes else []
        tries = 0
        while waiting:
            some = waiting.pop()
            tries += 1
            if tries <= _TRIES and self._is_right(some):
                right += some
            elif len(some) == 1 or tries > _TRIES:
                for change in some:
                    self._report(change.store, "cannot be changed automatically: change it by hand")
            else:
                half = len(some) // 2
                waiting += [some[half:], some[:half]]
        return right

    def _is_right(self, changes: list[_Change]) -> bool:
        """Return whether the edited file loads, its stores have the new values, and no other store changes."""
        edits = [edit for change in changes for edit in change.edits]
        text = apply(self._text, [*edits, *self._sections])
        after, problems = self._load(text)
        if has_errors(problems):
            return False
        found = {change.store.name: change.store for change in changes}
        if after.names != self._before.names:
            return False
        nodes = _store_nodes(text, self._path)
        return all(
            _has(new, nodes.get(new.name), found[new.name]) if new.name in found else _values(new) == _values(old)
            for old, new in zip(self._before.stores, after.stores, strict=True)
        )

    def _load(self, text: str) -> tuple[Registry, list[Problem]]:
        return load_sources([SourceText(self._path, text, ""), *self._others])

    def _report(self, store: FoundStore, what: str, path: str = "") -> None:
        message = f"the store {shown(store.name)} of {path or self._path} {what}"
        self.problems.append(Problem(Kind.INVALID_VALUE, message, store.location))

    # -- one store --------------------------------------------------------------------

    def _change(self, before: Store, span: Span, store: FoundStore) -> _Change:
        """Return the edits for the fields of a store that differ; report fields that have to be changed by hand."""
        if not span.is_mapping or not span.children:
            self._report(store, "is written as an alias: change it by hand")
            return _Change(store, [])
        nodes = fields_of(self._nodes.get(store.name))
        edits: list[Edit] = []
        new: dict[str, Data] = {}
        by_hand: list[str] = []
        for name, value in store.fields.items():
            field = FILE_FIELDS.get(name)
            place = span.get(name)
            if field is None:
                if place is None:
                    new[name] = value
                elif not self._change_value(place, raw_of(nodes[name]), value, edits, in_flow=span.is_flow):
                    by_hand.append(name)
                continue
            old: object = getattr(before, field.attribute)
            if field.type is FieldType.KEYS:
                if not self._change_keys(before, place, value, new, edits):
                    by_hand.append(name)
            elif isinstance(value, list):
                missing = [item for item in value if item not in old] if isinstance(old, tuple) else []
                if missing and place is not None and place.is_list:
                    edits.append(self._append_items(place, missing))
                elif missing and place is None and not old:
                    new[name] = value
                elif missing:
                    by_hand.append(name)
            elif isinstance(value, dict):
                if place is None:
                    new[name] = value
                elif not self._change_value(place, raw_of(nodes[name]), value, edits, in_flow=span.is_flow):
                    by_hand.append(name)
            elif _same(old, value) or (place is None and is_default(store.name, name, value)):
                continue
            elif place is None:
                new[name] = value
            elif place.is_mapping or place.is_list:
                by_hand.append(name)
            else:
                edits.append(self._replaced(place, value, in_flow=span.is_flow))
        if new:
            edits.append(self._add_fields(span, new))
        for name in by_hand:
            self._report(store, f"has another {name!r}: change it by hand")
        fields = {name: value for name, value in store.fields.items() if name not in by_hand}
        return _Change(store._replace(fields=fields), edits)

    def _change_value(self, place: Span, old: Raw, value: Data, edits: list[Edit], *, in_flow: bool) -> bool:
        """Add the edits that update a custom field of any shape; return whether that is possible."""
        if _covers(old, value):
            return True
        if isinstance(value, dict) and isinstance(old, dict) and place.is_mapping:
            inner_edits: list[Edit] = []
            for name, item in value.items():
                inside = place.get(name)
                if name in old and (
                    inside is None
                    or not self._change_value(inside, old[name], item, inner_edits, in_flow=place.is_flow)
                ):
                    return False
            if missing := {name: item for name, item in value.items() if name not in old}:
                inner_edits.append(self._add_fields(place, missing))
            edits += inner_edits
            return True
        if isinstance(value, list) and isinstance(old, list) and place.is_list:
            edits.append(self._append_items(place, [item for item in value if item not in old]))
            return True
        is_replaceable = old == "" or (isinstance(old, str) and not isinstance(value, (list, dict)))
        if is_replaceable and not (place.is_mapping or place.is_list):
            edits.append(self._replaced(place, value, in_flow=in_flow))
            return True
        return False

    def _change_keys(
        self, before: Store, place: Span | None, value: Data, new: dict[str, Data], edits: list[Edit]
    ) -> bool:
        """Add the edits for keys, and fields of keys, that a store lacks; return whether that is possible."""
        patterns = {key.pattern: key for key in before.keys}
        items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
        missing: list[Data] = [item for item in items if item["pattern"] not in patterns]
        if place is None or not place.is_list:
            if missing and place is None:
                new["keys"] = missing
            return not missing or place is None
        spans = {found.text: each for each in place.children if (found := each.get("pattern"))}
        for item in items:
            key, span = patterns.get(str(item["pattern"])), spans.get(str(item["pattern"]))
            if key is None or span is None:
                continue
            # Existing values of a key are kept: they may be hand-written.
            lacking: dict[str, Data] = {
                name: item[name] for name in KEY_FIELDS if name in item and not getattr(key, name)
            }
            lacking = {name: text for name, text in lacking.items() if span.get(name) is None}
            if lacking:
                edits.append(self._add_fields(span, lacking))
        if missing:
            edits.append(self._append_items(place, missing))
        return True

    def _add_fields(self, span: Span, fields: dict[str, Data]) -> Edit:
        """Return the edit that adds fields at the end of a mapping; in braces, it may be empty."""
        if span.is_flow:
            return self._add_in_flow(span, [self._flow({name: value})[1:-1] for name, value in fields.items()])
        end = span.children[-1].end
        column = span.children[0].column
        indent = " " * column
        lines = [line for name, value in fields.items() for line in field_lines(name, value, indent, self._step)]
        return self._behind(end, lines, column)

    def _append_items(self, place: Span, items: list[Data]) -> Edit:
        """Return the edit that adds items at the end of a list; in brackets, it may be empty."""
        if place.is_flow:
            return self._add_in_flow(place, [self._flow(item) for item in items])
        end = place.children[-1].end
        indent = " " * place.column
        lines = [line for item in items for line in item_lines(item, indent, self._step)]
        return self._behind(end, lines, place.column)

    def _add_in_flow(self, span: Span, entries: list[str]) -> Edit:
        """Return the edit that adds entries at the end of brackets or braces, in lines if the first one is in one."""
        if not span.children:
            return Edit(span.start + 1, span.start + 1, ", ".join(entries))
        before = self._text[span.start + 1 : span.children[0].start]
        separator = f",{before if before.isspace() and _LINE_END.search(before) else ' '}"
        end = span.children[-1].end
        return Edit(end, end, "".join(f"{separator}{entry}" for entry in entries))

    def _replaced(self, place: Span, value: Data, *, in_flow: bool) -> Edit:
        """Return the edit that replaces a scalar, or fills an empty value."""
        # More texts need quotes in braces than in block style.
        text = scalar(value) if isinstance(value, str) and not in_flow else self._flow(value)
        return Edit(place.start, place.end, f" {text}" if place.start == place.end else text)

    def _flow(self, value: Data) -> str:
        """Return a value in flow style; as JSON, where the file is JSON."""
        return json_text(value) if self._is_json else flow_text(value)

    def _behind(self, end: int, lines: Iterable[str], indent: int) -> Edit:
        """Return the edit that inserts lines after the line where a value ends and its comments."""
        found = _LINE_END.search(self._text, end)
        place = found.start() if found else len(self._text)
        while comment := _COMMENT_LINES.match(self._text, place):
            if len(comment[1]) <= indent:
                break
            place = comment.end()
        return Edit(place, place, "".join(f"{self._line_end}{line}" for line in lines))

    # -- the file ---------------------------------------------------------------------

    def _append(self, stores: list[FoundStore], section: Span) -> Edit:
        if section.is_flow and (section.children or self._root.is_flow):
            return self._add_fields(section, _fields_by_name(stores))
        if self._root.is_flow:
            return self._replaced(section, _fields_by_name(stores), in_flow=True)
        lines: list[str] = []
        has_gaps = self._has_gaps(section)
        for position, store in enumerate(stores):
            if has_gaps and (position or section.children):
                lines.append("")
            lines += store_text(store.name, without_defaults(store), self._indent, self._step).splitlines()
        if not section.children:
            # Stores replace empty braces or an empty value.
            key = next(key for key, value in self._root.pairs() if value is section)
            start = key.end + self._text[key.end :].index(":") + 1
            edit = self._behind(max(section.end, start), lines, 0)
            if section.is_flow or section.text:
                return Edit(start, edit.start, self._text[section.end : edit.start] + edit.text)
            return edit
        edit = self._behind(section.children[-1].end, lines, len(self._indent))
        if has_gaps and _SECTION_FOLLOWS.match(self._text, edit.start):
            return edit._replace(text=edit.text + self._line_end)
        return edit

    def _has_gaps(self, section: Span) -> bool:
        """Return whether new stores are separated by empty lines: as most stores of the file are."""
        pairs = list(section.pairs())
        between = [self._text[before.end : after.start] for (_, before), (after, _) in pairwise(pairs)]
        return sum(_EMPTY_LINE.search(text) is not None for text in between) * 2 >= len(between)

    def _section_edits(self, sections: MappingOf[str, Section], stores: list[FoundStore]) -> list[Edit]:
        """Return the edits that add sections; *stores*, if any, are added as a section of their own."""
        edits = []
        new: dict[str, Data] = {}
        for name, section in sections.items():
            place = self._root.get(name)
            elsewhere = self._elsewhere.get(name)
            value = section.value
            if isinstance(value, dict) and name in _BY_NAME:
                known = {key.text for key, _ in place.pairs()} if place is not None else set()
                value = {key: item for key, item in value.items() if key not in known | (elsewhere or set())}
                if not value:
                    continue
                if place is not None and place.is_mapping:
                    edits.append(self._add_fields(place, value))
                    continue
                if place is not None and _is_null(place):
                    edits.append(self._replaced(place, value, in_flow=self._root.is_flow))
                    continue
                elsewhere = None
            if place is None and elsewhere is None:
                new[name] = value
            else:
                message = f"{self._path} or its guide already has {name!r}: it is not changed"
                self.problems.append(Problem(Kind.DUPLICATE_NAME, message, section.location, Severity.INFO))
        if self._root.is_flow and (stores or new):
            first = {STORES_SECTION: _fields_by_name(stores)} if stores else {}
            edits.append(self._add_fields(self._root, {**first, **new}))
        elif stores or new:
            marker = _DOCUMENT_END.search(self._text, self._root.children[-1].end)
            end = marker.start() if marker else len(self._text)
            gap = "\n" if self._text[:end].endswith("\n") else "\n\n"
            text = gap + registry_text(stores, new, modeline=False)
            edits.append(Edit(end, end, text.replace("\n", self._line_end)))
        return edits


def _fields_by_name(stores: Iterable[FoundStore]) -> dict[str, Data]:
    return {store.name: without_defaults(store) for store in stores}


def _names_by_section(sources: Iterable[SourceText]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for source in sources:
        document, _ = read_document(source.text, source.path)
        for name, value in fields_of(document.root if document is not None else None).items():
            found.setdefault(name, set()).update(fields_of(value))
    return found


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return the edited text; edits at one offset are applied in their order."""
    parts = []
    done = 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join((*parts, text[done:]))


def _is_null(place: Span) -> bool:
    return not (place.is_mapping or place.is_list) and plain_kind(place.text) == "null"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _store_nodes(text: str, path: str) -> dict[str, Node]:
    document, _ = read_document(text, path)
    return fields_of(inner(document.root, STORES_SECTION)) if document is not None else {}


def _same(old: object, value: str | bool) -> bool:
    return old == value if isinstance(value, bool) else str(old).split() == value.split()


def _values(store: Store) -> tuple[object, ...]:
    """Return the values of a store without its locations."""
    keys = tuple(key._replace(places=NOWHERE) for key in store.keys)
    return (*store._replace(places=NOWHERE, keys=keys),)


def _covers(old: Raw, value: Data) -> bool:
    """Return whether *old* contains *value*: all items of a list, all fields of a mapping, or an equal text."""
    if isinstance(value, dict):
        return isinstance(old, dict) and all(name in old and _covers(old[name], item) for name, item in value.items())
    if isinstance(value, list):
        return isinstance(old, list) and all(item in old for item in value)
    return isinstance(old, str) and _same(old, value)


def _has(store: Store, node: Node | None, found: FoundStore) -> bool:
    """Return whether a store has the imported values; custom fields are read from its *node*."""
    nodes = fields_of(node)
    for name, value in found.fields.items():
        field = FILE_FIELDS.get(name)
        if field is None:
            if name not in nodes or not _covers(raw_of(nodes[name]), value):
                return False
            continue
        own: object = getattr(store, field.attribute)
        if field.type is FieldType.KEYS:
            patterns = {key.pattern for key in store.keys}
            if isinstance(value, list) and any(
                isinstance(item, dict) and item["pattern"] not in patterns for item in value
            ):
                return False
        elif isinstance(value, list):
            if isinstance(own, tuple) and not set(map(str, value)) <= set(own):
                return False
        elif isinstance(value, dict):
            if name not in nodes or not _covers(raw_of(nodes[name]), value):
                return False
        elif not (_same(own, value) or (not own and is_default(store.name, name, value))):
            return False
    return True
