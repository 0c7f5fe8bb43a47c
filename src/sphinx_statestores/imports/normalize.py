"""Normalize imported rows: map names to registry fields, convert values, and return stores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.imports.format import FoundStore, Plain, in_file_order
from sphinx_statestores.imports.names import names_in
from sphinx_statestores.imports.secrets import is_secret_name, without_secrets
from sphinx_statestores.imports.synonyms import (
    COUNTING_NAMES,
    FALSE_WORDS,
    STATUS_WORDS,
    TRUE_WORDS,
    backend_words,
    is_address,
    is_blank,
    ranked_words,
    same_name,
    service_name,
    transliterated,
    words_of,
)
from sphinx_statestores.registry.backends import KNOWN_BACKENDS
from sphinx_statestores.registry.field_words import DEPRECATED, squashed
from sphinx_statestores.registry.fields import FILE_FIELDS, LISTS, FieldType
from sphinx_statestores.registry.inline import plain, runs
from sphinx_statestores.registry.key_index import VARIABLE
from sphinx_statestores.registry.layout import LAYOUT_NAMES
from sphinx_statestores.registry.model import KEY_FIELDS, STATUSES
from sphinx_statestores.registry.problems import Kind, Severity
from sphinx_statestores.registry.quoting import folded, listed, shown
from sphinx_statestores.registry.shapes import SERVICE_NAME
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sphinx_statestores.imports.format import Data, Imported, ImportOptions, Raw, Report

# What differs from key to key at the end of a pattern, and what is before it.
_VARIABLE_END = re.compile(rf"[:/](?:{VARIABLE.pattern})$")
# Separators of list items in one cell.
_DIVIDERS = re.compile(r"[,;]|\s+/\s+")
# Fields of the JSON export that are derived from others.
_DERIVED = frozenset({"constant", "source"})
# Fields that identify a mapping such as ``owner: {team: identity, channel: ...}``, the first one that it has.
_IDENTIFYING = ("service", "name", "id", "team", "type", "kind", "engine")


class Row(NamedTuple):
    """The values of one store by their names in the source."""

    values: Mapping[str, Raw]
    line: int
    #: Name -> line of its value, where it differs from *line*.
    lines: Mapping[str, int] = {}


class Default(NamedTuple):
    """A value from above the rows, for those that lack it."""

    text: str
    #: What it is, as a note says it.
    source: str = "the value above them"
    #: What to do where another one is meant.
    advice: str = ""


class Group(NamedTuple):
    """Rows of one table or collection."""

    #: The word for a name in messages: ``column`` or ``field``.
    noun: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    line: int
    #: Registry field -> value for rows that lack it.
    defaults: Mapping[str, Default] = {}
    #: Names that the table itself does not have: their values are from the headings above it.
    above: frozenset[str] = frozenset()
    #: Whether the rows are in a format of our own, whose values are exact.
    is_ours: bool = False


def column_names(head: Iterable[str]) -> tuple[str, ...]:
    """Return unique names of columns: the position is the name of an empty one, and is added to a repeated one."""
    names: dict[str, None] = {}
    for number, cell in enumerate(head, 1):
        name = cell or f"column {number}"
        while name in names:
            name = f"{name} {number}"
        names[name] = None
    return tuple(names)


def cells_by_column(names: Sequence[str], cells: Sequence[str], line: int, report: Report) -> dict[str, str]:
    """Return column -> cell for a row of a table; report cells without a column."""
    if any(cells[len(names) :]):
        message = "this row has more cells than there are columns: the extra cells are ignored"
        report.problem(Kind.WRONG_SHAPE, message, line)
    return dict(zip(names, cells, strict=False))


def assign(names: Iterable[str], mapping: Mapping[str, Sequence[str]], *, of_keys: bool = False) -> dict[str, str]:
    """Return source name -> registry field, without the names that are unknown; each field is assigned once.

    *mapping*, registry field -> source names, takes precedence over synonyms; these count for a field whose mapped
    names are not there. *of_keys* selects the fields of a key.
    """
    names = list(names)
    found: dict[str, str] = {}
    for field, all_theirs in mapping.items():
        mapped = (name for theirs in all_theirs for name in names if name not in found and same_name(theirs, name))
        if (first := next(mapped, None)) is not None:
            found[first] = field
    taken = set(found.values())
    words = ranked_words(of_keys)
    candidates = [(words[squashed(name)], name) for name in names if name not in found and squashed(name) in words]
    for (field, _), name in sorted(candidates, key=lambda candidate: candidate[0][1]):
        if field not in taken:
            found[name] = field
            taken.add(field)
    return found


def normalize(group: Group, options: ImportOptions, report: Report) -> list[FoundStore]:
    """Return the stores of a group; notes and problems are added to *report*."""
    report.noun = group.noun
    report.names.update(dict.fromkeys(name for name in group.names if name not in group.above))
    names = [name for name in group.names if not is_skipped(name, options)]
    assigned = assign(names, options.names)
    if group.noun == "field":
        assigned |= _other_words(names, assigned, group, options)
    fields: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        field = assigned.get(name, "")
        if not field and _counts_rows(name, group):
            report.note(f"the {group.noun} {shown(name)} is left out: it counts the rows", group.line)
            continue
        if not field and squashed(name) in _DERIVED:
            report.note(f"the {group.noun} {shown(name)} is left out: it is derived from the others", group.line)
            continue
        if not field and is_secret_name(name):
            report.note(
                f"the {group.noun} {shown(name)} is left out: it may hold a secret (--map x-NAME={name} keeps it)",
                group.line,
            )
            continue
        if not field:
            field = _own_field(name)
            if field != name:
                report.not_understood[name] = None
        if field in taken and name not in assigned:
            message = f"the {group.noun} {shown(name)} is a second {group.noun} for {field!r}: it is left out"
            message += " (rename it, or use --map)"
            report.problem(Kind.DUPLICATE_NAME, message, group.line)
            continue
        fields[name] = field
        taken.add(field)
        report.read_as(f"{group.noun}s", name, field, group.line)
    if "name" not in taken and group.rows:
        _report_no_names(group, report)
        return []
    stores = []
    defaults = {field: default for field, default in group.defaults.items() if field not in options.values}
    for row in group.rows:
        found = _RowNormalizer(row, fields, defaults, options, report).stores()
        stores += found if group.is_ours else [_without_separator(store, report) for store in found]
    return stores


def _without_separator(store: FoundStore, report: Report) -> FoundStore:
    """Return a store whose prefix does not end with what its backend has between the prefix and the rest of a key."""
    prefix, backend = store.fields.get("prefix"), KNOWN_BACKENDS.get(str(store.fields.get("backend")))
    bare = prefix.removesuffix(backend.separator if backend is not None else ":") if isinstance(prefix, str) else ""
    if not bare or bare == prefix:
        return store
    report.read_as("prefixes", str(prefix), bare, store.lines.get("prefix", store.location.line))
    return store._replace(fields={**store.fields, "prefix": bare})


def normalize_rows(rows: Sequence[Row], options: ImportOptions, report: Report) -> Imported:
    """Return the result of an importer whose rows use the names of registry fields."""
    names = dict.fromkeys(name for row in rows for name in row.values)
    return report.imported(normalize(Group("field", tuple(names), tuple(rows), 0, is_ours=True), options, report))


def _report_no_names(group: Group, report: Report) -> None:
    words = [name for name in group.names if name in report.not_understood]
    which = f"; not understood: {listed(map(shown, words), len(words))}" if words else ""
    number = len(group.rows)
    message = (
        f"no {group.noun} is for the names of stores{which} (--map name={group.noun.upper()} names the right one): "
        f"{'one entry is' if number == 1 else f'{number} entries are'} left out"
    )
    report.problem(Kind.INVALID_NAME, message, group.line)


def _other_words(
    names: list[str], assigned: Mapping[str, str], group: Group, options: ImportOptions
) -> dict[str, str]:
    """Return further source name -> registry field, where no row has two names for it: ``team`` or ``owner``."""
    words = ranked_words()
    found: dict[str, str] = {}
    others_of: dict[str, list[str]] = {}
    for name, field in assigned.items():
        others_of.setdefault(field, []).append(name)
    for name in names:
        if name in assigned:
            continue
        mapped = next((field for field in options.names if options.is_mapped(field, name)), "")
        field = mapped or words.get(squashed(name), ("", 0))[0]
        others = others_of.get(field, [])
        # Beside a field that is mapped explicitly, a synonym does not count.
        if not mapped and any(options.is_mapped(field, other) for other in others):
            continue
        if others and not any(
            name in row.values and any(other in row.values for other in others) for row in group.rows
        ):
            found[name] = field
            others.append(name)
    return found


def is_skipped(name: str, options: ImportOptions) -> bool:
    """Return whether ``--skip`` names a column or field."""
    return any(same_name(name, skipped) for skipped in options.skipped)


def _counts_rows(name: str, group: Group) -> bool:
    """Return whether a column numbers the rows, judged by its name and its values."""
    if group.noun != "column" or (squashed(name) not in COUNTING_NAMES and not re.fullmatch(r"column \d+", name)):
        return False
    cells = [text for row in group.rows if isinstance(text := row.values.get(name, ""), str) and text.strip()]
    numbers = [int(match[1]) for cell in cells if (match := re.fullmatch(r"\s*([0-9]{1,9})[.)]?\s*", cell))]
    return bool(numbers) and len(numbers) == len(cells) and numbers == sorted(set(numbers))


def _own_field(name: str) -> str:
    """Return the name of a custom field: ``x-team`` for ``Team``."""
    words = words_of(name)
    return words if words.startswith("x-") else f"x-{words or 'field'}"


class _RowNormalizer:
    """Converts one row to stores."""

    def __init__(
        self,
        row: Row,
        fields: Mapping[str, str],
        defaults: Mapping[str, Default],
        options: ImportOptions,
        report: Report,
    ) -> None:
        self._row = row
        self._report = report
        self._options = options
        self._defaults = defaults
        self._names = {field: name for name, field in fields.items()}
        self._says_deprecated = any(
            field == "status" and squashed(name) in DEPRECATED for name, field in fields.items()
        )
        self._fields = fields

    def stores(self) -> list[FoundStore]:
        """Return one store for each name in the row, all with the same fields."""
        row, report = self._row, self._report
        given = {self._fields[name]: value for name, value in row.values.items() if name in self._fields}
        lines = {self._fields[name]: line for name, line in row.lines.items() if name in self._fields}
        named = names_in(given.pop("name", ""), row.line, report)
        given = self._without_addresses(given, lines)
        for field, (text, source, advice) in self._defaults.items():
            if _is_nothing(given.get(field, "")):
                given[field] = text
                report.note(f"stores without {field!r} get {source}: {shown(text)}{advice}", row.line)
        given = self._without_secrets(given, lines)
        # The command line is trusted.
        for field, text in self._options.values.items():
            if _is_nothing(given.get(field, "")):
                given[field] = text
        found = []
        for name, status in named.items():
            own = given
            if status and _is_nothing(given.get("status", "")):
                own = {**given, "status": status}
            elif status:
                report.note(
                    f"of {shown(name)}, {self._called('status')} is used, not the status in its name", row.line
                )
            found.append(FoundStore(name, self._normalized(name, own, lines), report.place(row.line), lines))
        return found

    def _without_addresses(self, given: dict[str, Raw], lines: Mapping[str, int]) -> dict[str, Raw]:
        """Return the values with the e-mail address of a person as a custom field, not as the service."""
        text = given.get("service")
        if not isinstance(text, str) or not is_address(plain(folded(text)).strip()):
            return given
        theirs = self._names.get("service", "service")
        field = _own_field(theirs)
        self._report.note(
            f"an e-mail address in {shown(theirs)} is no service: it is kept as {field!r}",
            lines.get("service", self._row.line),
        )
        return {**given, "service": "", field: given.get(field) or text}

    def _without_secrets(self, given: Mapping[str, Raw], lines: Mapping[str, int]) -> dict[str, Raw]:
        """Return the values without probable secrets; a custom field that ``--map`` names is kept."""
        kept: dict[str, Raw] = {}
        for field, raw in given.items():
            is_own = field not in FILE_FIELDS
            safe = raw if is_own and field in self._options.names else without_secrets(raw, by_name=is_own)
            if safe != raw:
                message = f"a value of {self._called(field)} is left out: it may hold a secret"
                hint = f" (--map {field}={self._names.get(field, field)} keeps it)" if is_own else ""
                self._report.note(f"{message}{hint}", lines.get(field, self._row.line))
            if safe is not None:
                kept[field] = safe
        return kept

    def _normalized(self, name: str, given: Mapping[str, Raw], lines: Mapping[str, int]) -> dict[str, Data]:
        """Return the fields of a store, in the order of a registry file."""
        found: dict[str, Data] = {}
        for field, raw in given.items():
            self._line = lines.get(field, self._row.line)
            value: Data | None = None
            if field == "purpose" and isinstance(raw, str):
                value = "" if is_blank(raw, is_prose=True) else folded(raw).strip()
            elif not _is_nothing(raw):
                value = self._value(field, raw, name, found) if field in FILE_FIELDS else self._own(raw)
            if value is not None and value not in ("", [], {}):
                found.setdefault(field, value)
        self._leave_out_owner(found)
        return in_file_order(found)

    def _own(self, raw: Raw) -> Data:
        if isinstance(raw, Plain):
            return raw
        if isinstance(raw, str):
            text = folded(raw).strip()
            # A text that is all inline code is a name or a value.
            return plain(text) if len(runs(text)) == 1 else text
        if isinstance(raw, list):
            return [self._own(item) for item in raw]
        return {name: self._own(value) for name, value in raw.items()}

    def _value(self, field: str, raw: Raw, store: str, found: dict[str, Data]) -> Data | None:
        """Return the value of a registry field; report an invalid one, and return None."""
        of_type = FILE_FIELDS[field].type
        if of_type is FieldType.KEYS:
            return self._keys(raw)
        if of_type is FieldType.LAYOUT:
            if isinstance(raw, dict) and raw.keys() <= {*LAYOUT_NAMES}:
                return self._own(raw)
            # Something else that others call so.
            found[f"x-{field}"] = self._own(raw)
            return None
        if of_type in LISTS:
            items = self._items(field, raw)
            return [self._service(item) for item in items] if of_type is FieldType.SERVICES else list(items)
        if isinstance(raw, list) and len(raw) == 1:
            raw = raw[0]
        if isinstance(raw, dict):
            raw = self._inner(field, raw, store)
            if isinstance(raw, dict) and of_type is FieldType.LOOSE:
                # Such as days and other conditions of a retention.
                found[f"x-{field}"] = self._own(raw)
                return None
        if not isinstance(raw, str):
            self._problem(field, f"{self._called(field)} of {shown(store)} is not a string: it is left out")
            return None
        text = plain(folded(raw)).strip()
        match of_type:
            case FieldType.BACKEND:
                return self._backend(text, found)
            case FieldType.SERVICE:
                return self._owner(text, found, store)
            case FieldType.FLAG | FieldType.YES_OR_NO:
                return self._flag(field, text, store)
            case FieldType.CHOICE if field == "status":
                return self._status(text, found)
            case FieldType.CHOICE:
                return self._choice(field, text, found)
            case _:
                return self._prefix(text) if field == "prefix" else text

    def _called(self, field: str) -> str:
        name = self._names.get(field, field)
        return shown(name) if name == field else f"{shown(name)} ({field})"

    def _problem(self, field: str, message: str, severity: Severity | None = None) -> None:
        self._report.problem(Kind.INVALID_VALUE, message, self._line, severity)

    def _backend(self, text: str, found: dict[str, Data]) -> str:
        words = backend_words(text)
        if words.enable_search:
            found["enableSearch"] = True
        if known := words.key or self._options.backends.get(text, ""):
            self._report.read_as("backends", text, known, self._line)
            return known
        key = _own_key(text)
        labels = [*KNOWN_BACKENDS, *(backend.label for backend in KNOWN_BACKENDS.values())]
        near = did_you_mean(text, labels, limit=1)
        message = f"unknown backend {shown(text)}: it is added to 'x-backends' as {key!r}{near}"
        self._report.problem(Kind.UNKNOWN_BACKEND, message, self._line, Severity.WARNING)
        self._report.own_backends.setdefault(key, text)
        return key

    def _inner(self, field: str, raw: dict[str, Raw], store: str) -> Raw:
        """Return the identifying text of a mapping: ``identity`` of ``{team: identity, channel: ...}``."""
        name = next((name for name in _IDENTIFYING if isinstance(raw.get(name), str)), "")
        if not name:
            return raw
        if others := [other for other in raw if other != name]:
            what = listed(map(shown, others), len(others))
            self._report.note(
                f"of {self._called(field)} of {shown(store)}, {shown(name)} is read, not {what}", self._line
            )
        return raw[name]

    def _owner(self, text: str, found: dict[str, Data], store: str) -> str:
        first, *others = [part for each in _DIVIDERS.split(text) if (part := each.strip())] or [""]
        if others:
            message = (
                f"{self._called('service')} of {shown(store)} has several services: the first one is used as the "
                "owner"
            )
            self._problem("service", f"{message}, the others are kept as 'x-owners'", Severity.WARNING)
            found["x-owners"] = [self._service(other) for other in others]
        return self._service(first)

    def _service(self, text: str) -> str:
        name = service_name(text)
        self._report.read_as("services", text, name, self._line)
        if (" " in text or not text.isascii()) and SERVICE_NAME.fullmatch(name):
            self._report.titles.setdefault(name, text)
        return name

    def _flag(self, field: str, text: str, store: str) -> Data | None:
        word = text.lower()
        if word in TRUE_WORDS or word in FALSE_WORDS:
            return word in TRUE_WORDS
        self._problem(field, f"{self._called(field)} of {shown(store)} is {shown(text)}: it must be true or false")
        return None

    def _status(self, text: str, found: dict[str, Data]) -> Data | None:
        word = squashed(text)
        if self._says_deprecated and word in TRUE_WORDS | FALSE_WORDS:
            word = "deprecated" if word in TRUE_WORDS else "active"
        status = word if word in STATUSES else STATUS_WORDS.get(word, "")
        if status:
            self._report.read_as("statuses", text, status, self._line)
            return status
        message = f"{shown(text)} is not a status ({', '.join(STATUSES)}): it is kept as 'x-status'"
        self._report.problem(Kind.INVALID_VALUE, message, self._line, Severity.WARNING)
        found["x-status"] = text
        return None

    def _prefix(self, text: str) -> str:
        """Return what all keys begin with, where a pattern of keys is given: ``sess`` of ``sess:{id}``."""
        start = text
        while start != (start := _VARIABLE_END.sub("", start)):
            pass
        if start == text or not start or VARIABLE.search(start):
            return text
        self._report.read_as("prefixes", text, start, self._line)
        return start

    def _choice(self, field: str, text: str, found: dict[str, Data]) -> Data | None:
        choices = FILE_FIELDS[field].choices
        word = text.strip().lower()
        if word in choices:
            return word
        message = f"{shown(text)} is not a {field} ({', '.join(choices)}): it is kept as 'x-{field}'"
        self._report.problem(Kind.INVALID_VALUE, message, self._line, Severity.WARNING)
        found[f"x-{field}"] = text
        return None

    def _items(self, field: str, raw: Raw) -> list[str]:
        if isinstance(raw, str):
            words = [plain(folded(item)).strip() for item in _DIVIDERS.split(raw)]
        elif isinstance(raw, list):
            words = [plain(folded(item)).strip() for item in raw if isinstance(item, str)]
            if len(words) < len(raw):
                self._problem(field, f"an item of {self._called(field)} is not a string: it is left out")
        else:
            words = list(raw)
            self._report.note(f"of {self._called(field)}, the names are taken, not what they stand for", self._line)
        return list(dict.fromkeys(word for word in words if not is_blank(word)))

    def _keys(self, raw: Raw) -> Data:
        if isinstance(raw, dict):
            items: list[Raw] = [
                {"pattern": pattern, **(value if isinstance(value, dict) else {"purpose": value})}
                for pattern, value in raw.items()
            ]
        else:
            items = raw if isinstance(raw, list) else list(_DIVIDERS.split(raw))
        return [key for item in items if (key := self._key(item))]

    def _key(self, item: Raw) -> dict[str, Data]:
        if isinstance(item, str):
            return {"pattern": plain(folded(item)).strip()} if item.strip() else {}
        if isinstance(item, list):
            self._problem("keys", f"an item of {self._called('keys')} is a list: it is left out")
            return {}
        fields = assign(item, {}, of_keys=True)
        found: dict[str, Data] = {}
        for name, value in item.items():
            field = fields.get(name)
            if field is None and squashed(name) in _DERIVED:
                continue
            if field is None or not isinstance(value, str):
                self._problem(
                    "keys", f"{shown(name)} is not a field of a key ({', '.join(KEY_FIELDS)}): it is left out"
                )
            elif value.strip():
                found[field] = folded(value).strip()
        if "pattern" not in found:
            if found:
                self._problem("keys", f"an item of {self._called('keys')} has no pattern: it is left out")
            return {}
        return {field: found[field] for field in KEY_FIELDS if field in found}

    @staticmethod
    def _leave_out_owner(found: dict[str, Data]) -> None:
        owner = found.get("service")
        for field in ("readers", "writers"):
            services = found.get(field)
            if isinstance(services, list):
                found[field] = [service for service in services if service != owner]
                if not found[field]:
                    del found[field]


def _is_nothing(raw: Raw) -> bool:
    return is_blank(raw) if isinstance(raw, str) else not raw


def _own_key(label: str) -> str:
    words = "-".join(word for word in re.split(r"[^a-z0-9._]+", transliterated(label).lower()) if word)
    return words[:128] or "unknown"
