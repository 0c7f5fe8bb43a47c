"""Import YAML and JSON with other field names: mappings and lists of stores at any depth, as rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, cast

from sphinx_statestores.imports.documents import fields_of, line_of, raw_of, read_parts, text_of
from sphinx_statestores.imports.format import Imported, Importer, ImportOptions, Report, Section
from sphinx_statestores.imports.normalize import Default, Group, Row, assign, normalize
from sphinx_statestores.imports.structured_places import (
    NAME,
    OF_NO_SERVICE,
    Collection,
    Owner,
    entry_fields,
    find_collections,
    is_own_export,
)
from sphinx_statestores.imports.synonyms import backend_words, same_name, service_name
from sphinx_statestores.registry.field_words import squashed
from sphinx_statestores.registry.loader import STORES_SECTION
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.reader import Mapping, Scalar, Sequence
from sphinx_statestores.registry.shapes import SERVICE_NAME

if TYPE_CHECKING:
    from sphinx_statestores.imports.documents import Part
    from sphinx_statestores.imports.format import Data, Raw
    from sphinx_statestores.registry.source import SourceText

#: Sections of a registry file that are read with its stores.
_OWN_SECTIONS = ("x-backends", "x-services")
_EXTRA = "extra"
#: Keys whose children are named after services; squashed.
_SERVICES = frozenset({"services", "service", "microservices", "apps", "applications", "teams", "owners", "domains"})


def _read(source: SourceText, options: ImportOptions) -> Imported:
    report = Report(source.path)
    stores = []
    sections: dict[str, Section] = {}
    for part in read_parts(source, report):
        described = _own_sections(part, report)
        sections |= described
        own = _backends(sections.get("x-backends"))
        part_options = options._replace(backends={**own, **options.backends})
        collections = find_collections(part, options, report, described)
        for collection, defaults in zip(collections, _defaults(collections), strict=True):
            line = line_of(part, collection.node)
            if collection.where:
                report.note(f"the stores are read from {shown(collection.path)}", line)
            group = _group(part, collection, options, report)
            is_ours = collection.where[:1] == (STORES_SECTION,) or is_own_export(part.root)
            stores += normalize(group._replace(defaults=defaults, is_ours=is_ours), part_options, report)
    return report.imported(stores, sections)


def _own_sections(part: Part, report: Report) -> dict[str, Section]:
    """Return the sections of a registry that describe the backends and services of its stores."""
    root = fields_of(part.root)
    if STORES_SECTION not in root:
        return {}
    found = {name: root[name] for name in _OWN_SECTIONS if isinstance(root.get(name), Mapping)}
    # What a source may hold, a registry file may hold as well.
    return {
        name: Section(cast("Data", raw_of(node)), report.place(line_of(part, node))) for name, node in found.items()
    }


def _backends(section: Section | None) -> dict[str, str]:
    """Return label and key -> key for each backend of ``x-backends``."""
    found: dict[str, str] = {}
    for key, value in section.value.items() if section is not None and isinstance(section.value, dict) else ():
        label = value.get("label") if isinstance(value, dict) else value
        found |= {key: key, **({label: key} if isinstance(label, str) and label else {})}
    return found


def _defaults(collections: list[Collection]) -> list[dict[str, Default]]:
    """Return for each collection the defaults of its stores: service and backend from its path, and ``defaults``."""
    siblings = Counter(each.where[:-1] for each in collections)
    among_stores = {(STORES_SECTION,), *(each.where for each in collections if each.where)}
    found = []
    for each in collections:
        own: dict[str, str] = {}
        # The key of a single collection names its content, not a service, unless stores are expected beside it.
        is_telling = (
            siblings[each.where[:-1]] > 1
            or each.where[:-1] in among_stores
            or (len(each.where) > 1 and squashed(each.where[-2]) in _SERVICES)
        )
        service = each.owners[0].service if each.owners else ""
        for name in reversed(each.where):
            if backend_words(name).key and name != service:
                own.setdefault("backend", name)
            elif name != each.where[-1] or is_telling:
                is_usual = squashed(name) in OF_NO_SERVICE | _SERVICES or not name[:1].isalpha()
                if not is_usual and SERVICE_NAME.fullmatch(service_name(name)):
                    own.setdefault("service", name)
        values = {field: Default(text) for field, text in {**each.values, **own}.items()}
        if each.owners:
            values["service"] = _default_service(each.owners, own.get("service", ""))
        found.append(values)
    return found


def _default_service(owners: tuple[Owner, ...], name: str) -> Default:
    """Return the first of *owners*, and what counts without its field; *name* is the service in the path, if any."""
    first, *others = owners
    if not first.word:
        return Default(first.service)
    other = next((each for each in others if not each.word or not same_name(each.word, first.word)), None)
    if other is not None:
        instead = f"takes {shown(other.word) + ': ' if other.word else ''}{shown(other.service)}"
    else:
        instead = f"takes the name {shown(name)}" if name else "leaves it out"
    source = f"it from {shown(first.word)} of {shown(first.path) if first.path else 'the file'}"
    return Default(first.service, source, f" (--skip {first.word} {instead})")


def _group(part: Part, collection: Collection, options: ImportOptions, report: Report) -> Group:
    rows: list[Row] = []
    names: dict[str, None] = {}
    pairs = collection.members
    known = dict.fromkeys(field for _, _, value in pairs for field in entry_fields(value, options))
    mapped_name = next((field for field in known if options.is_mapped("name", field)), NAME)
    name_field = "" if isinstance(collection.node, Sequence) else mapped_name
    backend = next((name for name, field in assign(known, options.names).items() if field == "backend"), "")
    for name, key, value in pairs:
        line = line_of(part, key)
        if isinstance(value, Scalar) and name and backend_words(text := text_of(value)).key:
            fields: dict[str, Raw] = {backend or "backend": text}
            lines = {backend or "backend": line_of(part, value)}
        elif isinstance(value, Mapping):
            own = entry_fields(value, options)
            if len(fields_of(value)) < len(value.pairs):
                message = "a field is defined twice, or its name is not a string: only the first one is used"
                report.problem(Kind.DUPLICATE_NAME, message, line)
            # The JSON export has custom fields in "extra".
            extra = fields_of(own.get(_EXTRA))
            if extra and all(field.startswith("x-") for field in extra):
                own = {**{field: node for field, node in own.items() if field != _EXTRA}, **extra}
            fields = {field: raw_of(node) for field, node in own.items()}
            lines = {field: line_of(part, node) for field, node in own.items()}
        else:
            called = name or text_of(value)
            report.problem(
                Kind.WRONG_SHAPE, f"{shown(called) if called else 'this'} is not a store: it is left out", line
            )
            continue
        if name:
            # A field "name" beside the key is a title.
            if name_field in fields and fields[name_field] != name:
                fields["x-name"] = fields[name_field]
            fields = {**fields, name_field: name}
        names.update(dict.fromkeys(fields))
        rows.append(Row(fields, line, lines))
    return Group("field", tuple(names), tuple(rows), line_of(part, collection.node))


def _recognizes(source: SourceText) -> bool:
    return source.path.lower().endswith((".yaml", ".yml", ".json")) or source.text.lstrip().startswith(
        ("{", "[", "---")
    )


FORMAT = Importer(_read, _recognizes)
