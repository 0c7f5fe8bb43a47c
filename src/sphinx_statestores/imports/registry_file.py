"""Combine imported stores into a registry that loads; leave out what fails to load, and report it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.imports.format import FoundStore, Note, Section, in_file_order
from sphinx_statestores.imports.secrets import without_secrets
from sphinx_statestores.imports.writer import registry_text
from sphinx_statestores.registry.backends import KNOWN_BACKENDS
from sphinx_statestores.registry.fields import FILE_FIELDS
from sphinx_statestores.registry.loader import STORES_SECTION, load_sources
from sphinx_statestores.registry.model import Registry
from sphinx_statestores.registry.problems import Kind, Problem, Severity
from sphinx_statestores.registry.quoting import listed, printable, shown
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sphinx_statestores.imports.format import Data, Imported
    from sphinx_statestores.registry.problems import Location

_NAME = "<import>"
_SECTION = re.compile(r"([^\s#][^:]*):")
_STORE = re.compile(r"  \S")
_FIELD = re.compile(r"    ([^\s:]+):")
#: Sections with entries of a project's own names, whose fields may be anything.
_OF_ENTRIES = ("x-backends", "x-services")
#: Required fields of a store.
_REQUIRED = ("backend", "service")


class LoadableRegistry(NamedTuple):
    """Stores and sections that load, with the notes and problems of an import."""

    stores: tuple[FoundStore, ...]
    sections: Mapping[str, Section]
    notes: tuple[Note, ...]
    problems: tuple[Problem, ...]

    def text(self) -> str:
        """Return the registry file."""
        return registry_text(self.stores, {name: section.value for name, section in self.sections.items()})


def combine(found: Iterable[Imported], registry: Registry | None = None) -> LoadableRegistry:
    """Combine the results of importers; a store that is in two sources has the fields of both.

    Stores of *registry*, which the result is merged into, need not be complete in the sources.
    """
    registry = registry or Registry()
    known = registry.by_name
    stores: dict[str, FoundStore] = {}
    sections: dict[str, Section] = {}
    notes: list[Note] = []
    problems: list[Problem] = []
    # Field that no store of a text has -> what of the text may hold it -> whether that is a column or a field.
    not_understood: dict[str, dict[str, str]] = {field: {} for field in _REQUIRED}
    for imported in found:
        for field in _REQUIRED:
            if not any(field in store.fields for store in imported.stores):
                not_understood[field].update(dict.fromkeys(imported.not_understood, imported.noun))
        notes += imported.notes
        problems += imported.problems
        for store in (_store_without_secrets(store, notes) for store in imported.stores):
            first = stores.get(store.name)
            if first is None:
                stores[store.name] = store
                continue
            both, differing = _both_fields(first.fields, store.fields)
            stores[store.name] = first._replace(fields=in_file_order(both))
            has_more = both.get("keys") != first.fields.get("keys")
            if differing:
                message = (
                    f"the store {shown(store.name)} is defined twice with a different {' and '.join(differing)}: "
                    f"the first one is used, at {first.location}"
                )
                problems.append(Problem(Kind.DUPLICATE_NAME, message, store.location))
            else:
                what = "their keys are joined" if has_more else "both are equal"
                notes.append(
                    Note(f"the store {shown(store.name)} is also at {first.location}: {what}", store.location)
                )
        for name, section in imported.sections.items():
            safe = _section_without_secrets(name, section, notes)
            sections[name] = _both(name, sections.get(name), safe, problems)
    stores = _with_one_key(stores, sections, registry, notes)
    new = [store for store in stores.values() if store.name not in known]
    own = {key: backend.label for key, backend in registry.backends.items() if key not in KNOWN_BACKENDS}
    complete, missing = _complete(new, not_understood)
    loadable = _loadable(complete, sections, own, LoadableRegistry((), {}, tuple(notes), (*problems, *missing)))
    kept = {store.name: store for store in loadable.stores}
    in_order = (kept.get(name) if name not in known else store for name, store in stores.items())
    return _with_services(loadable._replace(stores=tuple(store for store in in_order if store is not None)), registry)


def _store_without_secrets(store: FoundStore, notes: list[Note]) -> FoundStore:
    """Leave probable secrets out of the known fields of a store.

    Its custom fields come from the normalizer, which knows those that the command line keeps.
    """
    fields = dict(store.fields)
    for field in fields.keys() & FILE_FIELDS:
        kept = without_secrets(fields[field], by_name=False)
        if field == "keys" and isinstance(kept, list):
            kept = [key for key in kept if isinstance(key, dict) and "pattern" in key]
        if kept == fields[field]:
            continue
        line = store.lines.get(field, store.location.line)
        notes.append(_left_out(f"{field!r} of {shown(store.name)}", store.location._replace(line=line)))
        fields[field] = "" if kept is None else kept
        if fields[field] in ("", []):
            del fields[field]
    return store._replace(fields=fields)


def _section_without_secrets(name: str, section: Section, notes: list[Note]) -> Section:
    """Leave probable secrets out of a section. The names of backends, services and stores are no names of secrets."""
    kept: Data | None
    if isinstance(section.value, dict):
        by_name = name in _OF_ENTRIES
        entries = {key: without_secrets(value, by_name=by_name) for key, value in section.value.items()}
        kept = {key: value for key, value in entries.items() if value is not None}
    else:
        kept = without_secrets(section.value, by_name=False) or []
    if kept == section.value:
        return section
    notes.append(_left_out(repr(name), section.location))
    return section._replace(value=kept)


def _left_out(what: str, location: Location) -> Note:
    return Note(f"a value of {what} is left out: it may hold a secret", location)


def _with_one_key(
    stores: dict[str, FoundStore], sections: Mapping[str, Section], registry: Registry, notes: list[Note]
) -> dict[str, FoundStore]:
    """Give backends with one label one key, that of *registry* if it uses one: ``postgres`` or ``postgresql``."""
    section = sections.get("x-backends")
    described = section.value if section is not None and isinstance(section.value, dict) else {}
    keys_of: dict[str, list[str]] = {}
    for key, backend in KNOWN_BACKENDS.items():
        if key not in described and registry.backends.get(key, backend).label == backend.label:
            keys_of.setdefault(backend.label, []).append(key)
    used = {store.backend for store in registry.stores}
    found = {store.fields.get("backend") for store in stores.values()}
    ours: dict[str, str] = {}
    for keys in keys_of.values():
        own = [key for key in keys if key in used]
        given = [key for key in keys if key in found]
        if len(own) == 1 or (not own and len(given) > 1):
            key = (own or keys)[0]
            ours |= {other: key for other in given if other != key}
    one_key = dict(stores)
    said: dict[str, Note] = {}
    for name, store in stores.items():
        theirs = str(store.fields.get("backend", ""))
        if key := ours.get(theirs, ""):
            one_key[name] = store._replace(fields={**store.fields, "backend": key})
            message = f"backends: {shown(theirs)} read as {shown(key)}, the key of other stores"
            said.setdefault(message, Note(message, store.location))
    notes += said.values()
    return one_key


def _complete(
    stores: Iterable[FoundStore], not_understood: Mapping[str, Mapping[str, str]]
) -> tuple[list[FoundStore], list[Problem]]:
    """Return the stores with all required fields, and one problem for each field that others lack."""
    stores = list(stores)
    problems = []
    for field in _REQUIRED:
        lacking = [store for store in stores if field not in store.fields]
        if not lacking:
            continue
        names = listed((shown(store.name) for store in lacking), len(lacking))
        who = f"the store {names} has" if len(lacking) == 1 else f"{len(lacking)} stores have"
        left = "the store is left out" if len(lacking) == 1 else f"they are left out: {names}"
        hint = f"--set {field}=VALUE gives one to all that have none"
        if columns := not_understood[field]:
            words = listed(map(shown, columns), len(columns))
            nouns = " or ".join(dict.fromkeys(columns.values())).upper()
            hint = f"not understood: {words}; --map {field}={nouns} names the right one, {hint}"
        message = f"{who} no {field!r} ({hint}): {left}"
        problems.append(Problem(Kind.MISSING_FIELD, printable(message), lacking[0].location))
    return [store for store in stores if all(field in store.fields for field in _REQUIRED)], problems


def _with_services(loadable: LoadableRegistry, registry: Registry) -> LoadableRegistry:
    """Give the readers and writers that are no services yet an entry in ``x-services``."""
    section = loadable.sections.get("x-services")
    said = section.value if section is not None else {}
    if not isinstance(said, dict):
        return loadable
    described = dict(said)
    known = {*registry.services, *described, *(str(store.fields.get("service")) for store in loadable.stores)}
    users = dict.fromkeys(
        user
        for store in loadable.stores
        for field in ("readers", "writers")
        if isinstance(services := store.fields.get(field), list)
        for user in map(str, services)
        if user not in known
    )
    if not users:
        return loadable
    place = section.location if section is not None else loadable.stores[0].location
    words = listed(map(shown, users), len(users))
    note = Note(f"services that own no store get an entry in 'x-services': {words}", place)
    described.update({user: user for user in users})
    return loadable._replace(
        sections={**loadable.sections, "x-services": Section(described, place)}, notes=(*loadable.notes, note)
    )


def _both_fields(first: Mapping[str, Data], second: Mapping[str, Data]) -> tuple[dict[str, Data], list[str]]:
    """Return the fields of two definitions of a store, and the names of those that differ: the first value counts.

    Keys are joined by their patterns, and differ where one pattern has two values for a field.
    """
    both = {**second, **first}
    differing = [field for field in second if field != "keys" and both[field] != second[field]]
    one, other = _by_pattern(first.get("keys", [])), _by_pattern(second.get("keys", []))
    if one and other:
        keys = {pattern: {**other.get(pattern, {}), **one.get(pattern, {})} for pattern in {**one, **other}}
        both["keys"] = list(keys.values())
        differing += [
            f"key {shown(pattern)}" for pattern, key in other.items() if {**keys[pattern], **key} != keys[pattern]
        ]
    return both, differing


def _by_pattern(keys: Data) -> dict[str, dict[str, Data]]:
    return {str(key["pattern"]): key for key in keys if isinstance(key, dict)} if isinstance(keys, list) else {}


def _both(name: str, first: Section | None, second: Section, problems: list[Problem]) -> Section:
    if first is None or first.value == second.value:
        return second if first is None else first
    if isinstance(first.value, dict) and isinstance(second.value, dict):
        return first._replace(value={**second.value, **first.value})
    message = f"{name!r} is defined twice: the first one is used, at {first.location}"
    problems.append(Problem(Kind.DUPLICATE_NAME, message, second.location))
    return first


def _loadable(
    stores: list[FoundStore], sections: dict[str, Section], own_backends: Mapping[str, str], before: LoadableRegistry
) -> LoadableRegistry:
    """Leave out fields, stores and sections that fail to load, until the rest loads.

    *own_backends* are those that are defined elsewhere: key -> label.
    """
    problems = list(before.problems)
    # After the first pass, an error cannot be attributed to a field: the whole store is left out.
    is_whole_store = False
    while stores or sections:
        values: dict[str, Data] = {name: section.value for name, section in sections.items()}
        if own_backends:
            ours = values.get("x-backends", {})
            values["x-backends"] = {**own_backends, **(ours if isinstance(ours, dict) else {})}
        text = registry_text(stores, values)
        _, found = load_sources([SourceText(_NAME, text, "")])
        errors = [
            problem
            for problem in found
            if problem.severity is Severity.ERROR and problem.kind is not Kind.NO_REGISTRY
        ]
        if not errors:
            break
        places = _places(text)
        by_name = {store.name: store for store in stores}
        left_out: set[str] = set()
        for problem in errors:
            section, field = places[problem.location.line - 1]
            if section != STORES_SECTION or problem.store not in by_name:
                name = section if section in sections else next(reversed(sections), "")
                place = sections[name].location if name else problem.location
                sections.pop(name, None)
                problems.append(problem._replace(message=f"{problem.message}: {name!r} is left out", location=place))
                if not name:
                    stores = []
                continue
            store = by_name[problem.store]
            is_field = not is_whole_store and field in store.fields and not _is_required(field)
            if is_field:
                fields = {name: value for name, value in store.fields.items() if name != field}
                by_name[store.name] = store._replace(fields=fields)
            else:
                left_out.add(store.name)
            line = store.lines.get(field, store.location.line)
            message = f"{problem.message}: the {'field' if is_field else 'store'} is left out"
            problems.append(problem._replace(message=message, location=store.location._replace(line=line)))
        stores = [by_name[store.name] for store in stores if store.name not in left_out]
        is_whole_store = True
    return LoadableRegistry(tuple(stores), sections, before.notes, tuple(problems))


def _places(text: str) -> list[tuple[str, str]]:
    """Return for each line of a written registry the section that it is in, and the field of a store."""
    section = field = ""
    found = []
    for line in text.split("\n"):
        if match := _FIELD.match(line):
            field = match[1].strip("\"'")
        elif _STORE.match(line):
            field = ""
        elif match := _SECTION.match(line):
            section, field = match[1], ""
        found.append((section, field))
    return found


def _is_required(field: str) -> bool:
    return field in _REQUIRED
