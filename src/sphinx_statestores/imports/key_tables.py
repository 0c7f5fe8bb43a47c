"""Import key tables of hand-written Markdown pages: the ``keys`` of stores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.imports.footnotes import FOOTNOTE_MARK, Footnotes
from sphinx_statestores.imports.format import FoundStore, Note, Report, in_file_order
from sphinx_statestores.imports.normalize import Group, Row, assign, cells_by_column, column_names, normalize
from sphinx_statestores.imports.synonyms import SURE_NAMES, SURE_PATTERNS, backend_words, is_blank
from sphinx_statestores.registry.field_words import squashed
from sphinx_statestores.registry.inline import plain, runs
from sphinx_statestores.registry.markdown_blocks import from_markdown, tables, unread_tables
from sphinx_statestores.registry.model import KEY_FIELDS
from sphinx_statestores.registry.naming import service_spellings
from sphinx_statestores.registry.problems import Kind, Severity
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.shapes import NAME
from sphinx_statestores.registry.suggest import Suggestions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sphinx_statestores.imports.format import Data, ImportOptions, Raw
    from sphinx_statestores.registry.markdown_blocks import Table
    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.problems import Problem
    from sphinx_statestores.registry.source import SourceText

#: Names of the column with the store of each row; squashed.
_STORE_COLUMNS = SURE_NAMES - {"keyspace"}
# "Store: `auth-statestore`", "**State Store**: auth-statestore (Backend: Redis)".
_NAMED = re.compile(
    r"(?:^|[\s(>*-])(?:state\s+)?(?:store|component)s?(?:\s+name)?[*_]*\s*:[*_]*\s*"
    r"(?:`(?P<code>[A-Za-z0-9][A-Za-z0-9._-]{0,127})`|(?P<word>[A-Za-z0-9][A-Za-z0-9._-]{0,127}))",
    re.IGNORECASE,
)
# The text after a name without backticks: "Store: auth (Redis)".
_AFTER_A_NAME = re.compile(r"[*_]*\s*(?:$|[(,;.:])")
_PREFIX = re.compile(r"(?:key\s+)?prefix[*_]*\s*:[*_]*\s*`([^`\s]{1,128})`", re.IGNORECASE)
# A remark after a name: "(Redis)", ":".
_REMARK = re.compile(r"\s*\([^()]*\)\s*:?\s*$|\s*:\s*$")
# Separators of the patterns in one cell.
_BETWEEN = re.compile(r"\s*(?:[,;/&+]|and|or)?\s*")
_LIKE_A_STORE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_BACKEND = re.compile(r"backend[*_]*\s*:[*_]*\s*`?([A-Za-z][\w ]{0,40})", re.IGNORECASE)


class KeyTables(NamedTuple):
    """The stores and keys in the key tables of one page."""

    #: Stores of the registry, with only the field ``keys``.
    stores: tuple[FoundStore, ...]
    #: Stores that are not in the registry, with their keys and other fields from the page.
    unknown: tuple[FoundStore, ...]
    notes: tuple[Note, ...]
    problems: tuple[Problem, ...]


class _Named(NamedTuple):
    """The store of a table."""

    name: str
    #: ``backend`` and ``prefix`` from the text beside its name.
    facts: Mapping[str, str] = {}
    #: Whether the text only names the store: "Store: `a`", or the name alone.
    is_explicit: bool = False


def read_key_tables(source: SourceText, registry: Registry, options: ImportOptions) -> KeyTables:
    """Return the stores and keys in the key tables of a page. Raises nothing, whatever the page contains."""
    return _Page(source, registry, options).read()


class _Page:
    """Reads the key tables of a page."""

    def __init__(self, source: SourceText, registry: Registry, options: ImportOptions) -> None:
        self._registry = registry
        self._text = source.text
        self._options = options
        self._report = Report(source.path)
        self._footnotes = Footnotes(source.text, self._report)
        #: Store -> pattern -> key.
        self._found: dict[str, dict[str, dict[str, Data]]] = {}
        self._lines: dict[str, int] = {}
        self._facts: dict[str, Mapping[str, str]] = {}

    def read(self) -> KeyTables:
        for table in tables(self._text):
            self._table(table)
        for line, message in unread_tables(self._text):
            self._report.note(message, line)
        known, unknown = [], []
        for name, keys in self._found.items():
            place = self._report.place(self._lines[name])
            if name in self._registry.by_name:
                known.append(FoundStore(name, {"keys": list(keys.values())}, place))
            else:
                unknown.append(FoundStore(name, {**self._facts.get(name, {}), "keys": list(keys.values())}, place))
        return KeyTables(tuple(known), tuple(unknown), self._report.notes, tuple(self._report.problems))

    def _table(self, table: Table) -> None:
        head = column_names(plain(from_markdown(FOOTNOTE_MARK.sub("", cell))).strip() for cell in table.head)
        fields = _fields(head, self._options.names)
        if "pattern" not in fields.values():
            return
        store_column = next((name for name in head if squashed(name) in _STORE_COLUMNS and name not in fields), "")
        candidates = self._candidates(table)
        named = candidates[0] if candidates else None
        is_sure = any(squashed(name) in SURE_PATTERNS for name, field in fields.items() if field == "pattern")
        if not store_column and named is None:
            if is_sure or len(fields) > 2:
                message = "this table of keys does not name its store: write 'Store: `NAME`' before it"
                self._report.problem(Kind.MISSING_FIELD, message, table.line)
            return
        if not is_sure and len(fields) < 2:
            return
        if not store_column and len(candidates) > 1:
            names = " and ".join(shown(each.name) for each in candidates)
            message = f"the paragraph and the heading of this table of keys name two stores, {names}"
            self._report.problem(
                Kind.INVALID_NAME, f"{message}: write 'Store: `NAME`' before it; the table is left out", table.line
            )
            return
        columns = {name: field for name, field in fields.items() if squashed(name) != field}
        for name, field in columns.items():
            self._report.read_as("columns", name, field, table.line)
        backend_column = next((name for name in head if squashed(name) == "backend" and store_column), "")
        for name, cell in zip(head, table.head, strict=True):
            if cell.strip() and name not in {*fields, store_column, backend_column}:
                self._report.note(f"the column {shown(name)} of a table of keys is not read", table.line)
        self._footnotes.note(table.head, table.line)
        for line, row in table.rows:
            cells = {}
            for name, cell in cells_by_column(head, row, line, self._report).items():
                is_text = fields.get(name) == "purpose"
                resolved = (self._footnotes.in_brackets if is_text else self._footnotes.left_out)(cell, line)
                cells[name] = from_markdown(resolved)
            owner = named
            if store_column and (word := plain(cells.get(store_column, "")).strip()):
                backend = backend_words(plain(cells.get(backend_column, ""))).key
                owner = _Named(word, {"backend": backend} if backend else {})
            if owner is None:
                self._report.problem(Kind.MISSING_FIELD, "this row does not name its store", line)
            else:
                self._row(owner, {fields[name]: cell for name, cell in cells.items() if name in fields}, line)

    def _row(self, owner: _Named, cells: Mapping[str, str], line: int) -> None:
        patterns = _patterns(cells.get("pattern", ""))
        if not patterns:
            if any(cells.values()):
                self._report.problem(Kind.MISSING_FIELD, "this row has no key pattern: it is left out", line)
            return
        if not NAME.fullmatch(owner.name):
            self._report.problem(Kind.INVALID_NAME, f"{shown(owner.name)} is not a valid store name", line)
            return
        facts: dict[str, Data] = {}
        for field in KEY_FIELDS[1:]:
            text = cells.get(field, "").strip()
            if field != "purpose":
                text = plain(text).strip()
            if not is_blank(text) or (field == "ttl" and text.lower() == "none"):
                facts[field] = text
        keys = self._found.setdefault(owner.name, {})
        self._lines.setdefault(owner.name, line)
        if owner.facts:
            self._facts.setdefault(owner.name, owner.facts)
        for pattern in patterns:
            if pattern in keys:
                message = f"the key {shown(pattern)} is listed twice: the first one is used"
                self._report.problem(Kind.DUPLICATE_NAME, message, line, Severity.WARNING)
            else:
                keys[pattern] = {"pattern": pattern, **facts}

    # -- which store ------------------------------------------------------------------

    def _candidates(self, table: Table) -> list[_Named]:
        """Return the store that the paragraph before a table names, or else the nearest heading.

        Returns two when both mention a store of the registry, and not the same one.
        """
        before = self._named(table.before)
        if before is not None and before.is_explicit:
            return [before]
        heading = next((found for text in reversed(table.headings) if (found := self._named(text))), None)
        both = [each for each in (before, heading) if each is not None]
        known = self._registry.by_name
        is_conflict = len({each.name for each in both}) > 1 and all(each.name in known for each in both)
        return both if is_conflict else both[:1]

    def _named(self, markdown: str) -> _Named | None:
        text = from_markdown(markdown)
        known = self._registry.by_name
        codes = [run.text for run in runs(text) if run.is_code]
        in_registry = list(dict.fromkeys(code for code in codes if code in known))
        if len(in_registry) > 1:
            return None
        facts = _facts(text)
        for explicit in _NAMED.finditer(text):
            name, is_code = explicit["code"] or explicit["word"], bool(explicit["code"])
            # "In this store: keys of `auth`" is a sentence.
            is_word = not in_registry and (_LIKE_A_STORE.fullmatch(name) or _AFTER_A_NAME.match(text, explicit.end()))
            if is_code or name in known or is_word:
                return _Named(name, facts, is_explicit=True)
        alone = _REMARK.sub("", text[:300]).strip()
        is_name = plain(alone) in known or (alone == f"`{plain(alone)}`" and _LIKE_A_STORE.fullmatch(plain(alone)))
        if is_name:
            return _Named(plain(alone), facts, is_explicit=True)
        return _Named(in_registry[0], facts) if in_registry else None


def _patterns(cell: str) -> list[str]:
    """Return the patterns in a cell: the whole text, or several pieces of inline code."""
    parts = runs(cell)
    codes = [part.text.strip() for part in parts if part.is_code and part.text.strip()]
    if len(codes) > 1 and all(part.is_code or _BETWEEN.fullmatch(part.text) for part in parts):
        return list(dict.fromkeys(codes))
    pattern = plain(cell).strip()
    return [pattern] if pattern else []


def _facts(text: str) -> dict[str, str]:
    """Return ``backend`` and ``prefix`` in a text such as ``(Backend: Redis, prefix: `auth`)`` or ``(Redis)``."""
    found = {}
    remark = _REMARK.search(text[:300])
    backend = _BACKEND.search(text)
    words = [backend[1]] if backend else re.split(r"[,;]", remark[0].strip(" ():")) if remark else []
    if key := next((key for word in words if (key := backend_words(word.strip()).key)), ""):
        found["backend"] = key
    if prefix := _PREFIX.search(text):
        found["prefix"] = prefix[1]
    return found


def _fields(head: Iterable[str], mapping: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    own = {field: theirs for field, theirs in mapping.items() if field in KEY_FIELDS}
    return assign(head, own, of_keys=True)


def planned_stores(page: KeyTables, registry: Registry, options: ImportOptions, report: Report) -> list[FoundStore]:
    """Return the stores of a page that are not in the registry, with the status ``planned``.

    ``--set`` supplies missing fields. Without it, the service is the one whose name a store's name begins with.
    """
    services = {service_spellings(name)["kebab"]: name for name in registry.services}
    # --map names columns of key tables, not fields of stores.
    options = options._replace(names={})
    found = []
    for store in page.unknown:
        line = store.location.line
        facts: dict[str, Raw] = {name: value for name, value in store.fields.items() if isinstance(value, str)}
        if "service" not in options.values and (service := _service_in(store.name, services)):
            facts["service"] = service
            report.note(f"the store {shown(store.name)} is assigned to the service {shown(service)}", line)
        values = {"name": store.name, **facts}
        for planned in normalize(Group("field", tuple(values), (Row(values, line),), line), options, report):
            fields: dict[str, Data] = {**planned.fields, "status": "planned", "keys": store.fields["keys"]}
            found.append(planned._replace(fields=in_file_order(fields)))
    return found


def _service_in(name: str, services: Mapping[str, str]) -> str:
    """Return the service with the longest name that a store's name begins with."""
    words = name.split("-")
    beginnings = ("-".join(words[:number]) for number in range(len(words), 0, -1))
    return next((services[beginning] for beginning in beginnings if beginning in services), "")


def unknown_stores(page: KeyTables, registry: Registry, path: str) -> list[Problem]:
    """Return a problem for each store of a page that is not in the registry."""
    report = Report(path)
    suggestions = Suggestions()
    for store in page.unknown:
        near = suggestions.did_you_mean(store.name, registry.names)
        message = f"the registry has no store {shown(store.name)}{near or ':'} --planned adds it as a planned store"
        report.problem(Kind.UNKNOWN_STORE, message, store.location.line, Severity.ERROR)
    return report.problems
