"""YAML and JSON with other names for the fields: mappings and lists of stores, wherever they are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.imports.documents import (
    data_of,
    fields_of,
    inner,
    items_of,
    line_of,
    raw_of,
    read_parts,
    text_of,
)
from sphinx_statestores.imports.format import Imported, Importer, ImportOptions, Report, Section
from sphinx_statestores.imports.normalize import Group, Row, assign, is_skipped, normalize
from sphinx_statestores.imports.synonyms import backend_words, ranked_words, service_name, squashed
from sphinx_statestores.registry.loader import STORES_SECTION
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import listed, shown
from sphinx_statestores.registry.reader import Mapping, Scalar, Sequence
from sphinx_statestores.registry.shapes import SERVICE_NAME
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as StrMapping

    from sphinx_statestores.imports.documents import Part
    from sphinx_statestores.imports.format import Raw
    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.source import SourceText

#: Sections of a registry file that are read with its stores.
_OWN_SECTIONS = ("x-backends", "x-services")
_EXTRA = "extra"
_OWN_EXPORT = "urn:sphinx-statestores:"
# What other things have, too.
_SAYS_LITTLE = frozenset({"name", "purpose", "status", "since", "tags"})
# The name that a store of a mapping gets, beside those that it has itself.
_NAME = "name"
#: What is called so beside collections has values for stores that lack them.
_DEFAULTS = frozenset({"default", "defaults"})
#: What is called so in something with a backend holds stores of their own, and is none of its fields.
_HOLDING = frozenset({"statestores", "stores", "datastores", "databases", "keyspaces"})
#: What is called so has the names of services under it; squashed.
_SERVICES = frozenset({"services", "service", "microservices", "apps", "applications", "teams", "owners", "domains"})
#: Names above stores that are those of no service; squashed.
_OF_NO_SERVICE = frozenset(
    {"xstatestores", "statestores", "stores", "store", "datastores", "datastore", "components", "resources",
     "databases", "items", "entries", "list", "data", "storage", "storages", "state", "states", "persistence",
     "layers", "layer", "caches", "cache", "tables", "keyspaces", "collections", "backends", "spec", "config",
     "settings", "definitions", "registry", "catalog", "catalogue", "inventory", "infrastructure", "infra",
     "platform", "system", "systems", "project", "regions", "region", "environments", "environment", "envs", "all",
     "root", "global", "shared", "common", "default", "defaults"}
)  # fmt: skip


class _Collection(NamedTuple):
    """A mapping or a list with stores in it."""

    #: The keys that lead to it; those of a list are the names of its items.
    where: tuple[str, ...]
    node: Node
    #: Name, place and value of each store; the name is empty in a list.
    members: tuple[tuple[str, Node, Node], ...]
    #: What is said around it for all of it: the service.
    service: str = ""
    #: Field -> its value for stores that lack it, from ``defaults`` beside it.
    values: StrMapping[str, str] = {}

    @property
    def path(self) -> str:
        """The keys, as ``--at`` takes them."""
        return ".".join(self.where)


def _read(source: SourceText, options: ImportOptions) -> Imported:
    report = Report(source.path)
    stores = []
    sections: dict[str, Section] = {}
    for part in read_parts(source, report):
        sections |= _own_sections(part, report)
        own = _backends(sections.get("x-backends"))
        part_options = options._replace(backends={**own, **options.backends})
        collections = _collections(part, options, report)
        if not collections:
            if not options.paths:
                message = "no collection of stores was found: it is a mapping of mappings, or a list of them"
                report.problem(Kind.NO_REGISTRY, f"{message} (--at PATH names it)", line_of(part, part.root))
            continue
        for collection, defaults in zip(collections, _defaults(collections), strict=True):
            line = line_of(part, collection.node)
            if collection.where:
                report.note(f"the stores are read from {shown(collection.path)}", line)
            group = _group(part, collection, options, report)
            stores += normalize(group._replace(defaults=defaults), part_options, report)
    return report.imported(stores, sections)


def _own_sections(part: Part, report: Report) -> dict[str, Section]:
    """Return the sections of a registry that describe the backends and services of its stores."""
    root = fields_of(part.root)
    if STORES_SECTION not in root:
        return {}
    found = {name: root[name] for name in _OWN_SECTIONS if isinstance(root.get(name), Mapping)}
    return {name: Section(data_of(node), report.place(line_of(part, node))) for name, node in found.items()}


def _backends(section: Section | None) -> dict[str, str]:
    """Return label and key -> key for each backend of ``x-backends``."""
    found: dict[str, str] = {}
    for key, value in section.value.items() if section is not None and isinstance(section.value, dict) else ():
        label = value.get("label") if isinstance(value, dict) else value
        found |= {key: key, **({label: key} if isinstance(label, str) and label else {})}
    return found


# -- where the stores are -----------------------------------------------------------------


def _collections(part: Part, options: ImportOptions, report: Report) -> list[_Collection]:
    """Return all collections of stores of a document, or those that the options name."""
    if options.paths:
        return [each for path in options.paths for each in _at(part, path, options, report)]
    finder = _Finder(options, report)
    own = inner(part.root, STORES_SECTION)
    if own is None:
        found = finder.find_all(part.root)
    else:
        found = [_Collection((STORES_SECTION,), own, tuple(_members(own)))]
        kept = {STORES_SECTION, *_own_sections(part, report)}
        finder.left_out = [name for name in fields_of(part.root) if name not in kept]
    if found:
        finder.note_left_out(line_of(part, part.root))
    return found


def _at(part: Part, path: str, options: ImportOptions, report: Report) -> list[_Collection]:
    """Return what is under a path; a mapping or a list there counts as a collection whatever is in it."""
    nodes: list[tuple[tuple[str, ...], Node]] = [((), part.root)]
    for name in path.split("."):
        nodes, above = list(_step(name, nodes)), nodes
        if not nodes:
            names = list(dict.fromkeys(key for _, node in above for key, _, _ in _named_members(node) if key))
            near = did_you_mean(name, names) or (
                f" (there are {listed(map(shown, names), len(names))})" if names else ""
            )
            message = f"--at {path}: there is no {shown(name)}{near}"
            report.problem(Kind.NO_REGISTRY, message, line_of(part, part.root))
            return []
    found = []
    for where, node in nodes:
        finder = _Finder(options, report)
        inside = finder.find(where, node)
        finder.note_left_out(line_of(part, node))
        if not inside and not isinstance(node, Scalar):
            inside = [_Collection(where, node, tuple(finder.members(node)))]
        found += inside
    if not found:
        report.problem(Kind.NO_REGISTRY, f"--at {path}: this is no mapping and no list", line_of(part, part.root))
    return found


def _step(name: str, nodes: Iterable[tuple[tuple[str, ...], Node]]) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Yield what has a name in any of some nodes; lists are looked through."""
    for where, node in nodes:
        for key, _, value in _named_members(node):
            if key == name:
                yield (*where, key), value
        for item in items_of(node):
            if text_of(inner(item, _NAME)) != name:
                yield from _step(name, [(where, item)])


def _members(node: Node) -> Iterator[tuple[str, Node, Node]]:
    """Yield name, place and value of what is in a mapping or a list; items of a list have no name."""
    if isinstance(node, Mapping):
        yield from ((key.text if isinstance(key, Scalar) else "", key, value) for key, value in node.pairs)
    else:
        yield from (("", item, item) for item in items_of(node))


def _holds_mappings(node: Node) -> bool:
    return any(isinstance(value, Mapping) for _, _, value in _members(node))


def _named_members(node: Node) -> Iterator[tuple[str, Node, Node]]:
    """Yield the same, with the names that items of a list say themselves."""
    for name, place, value in _members(node):
        yield name or text_of(inner(value, _NAME)), place, value


class _Finder:
    """Looks for collections of stores, at any depth."""

    def __init__(self, options: ImportOptions, report: Report) -> None:
        self._options = options
        self._report = report
        self._words = {*ranked_words(), *map(squashed, options.names.values())}
        #: What is beside collections.
        self.left_out: list[str] = []
        #: The same, where it has parts that may be stores with unknown fields.
        self.unknown: list[str] = []
        self._is_own_export = False

    def find_all(self, root: Node) -> list[_Collection]:
        """Return what is in a document."""
        # What an export says beside its stores follows from them, or is for other readers.
        self._is_own_export = text_of(inner(root, "schema")).startswith(_OWN_EXPORT)
        return self.find((), root)

    def find(self, where: tuple[str, ...], node: Node, service: str = "") -> list[_Collection]:
        """Return what is in a node, in the order of the text; *service* is what is said around it."""
        if isinstance(node, Scalar):
            return []
        members = self.members(node)
        values = [value for _, _, value in members]
        if members and isinstance(node, Mapping) and all(isinstance(value, Scalar) for value in values):
            # "tech: mysql" alone is a field that nobody knows.
            is_usual = not where or squashed(where[-1]) in _OF_NO_SERVICE or len(members) > 1
            is_short = is_usual and all(
                name and squashed(name) not in self._words and backend_words(text_of(value)).key
                for name, _, value in members
            )
            return [_Collection(where, node, tuple(members), service)] if is_short else []
        service = text_of(self._fields(node).get("service")) or service
        is_named = isinstance(node, Mapping)
        # "redis: {sessions: {}, carts: {}}": then a name is enough.
        is_of_backend = bool(where and backend_words(where[-1]).key)
        inside: list[_Collection] = []
        places: list[int] = []
        shared: dict[str, str] = {}
        sure = likely = 0
        # Whether "defaults" is a store is known when all else has been read.
        for place, member in sorted(enumerate(members), key=lambda each: squashed(each[1][0]) in _DEFAULTS):
            name, _, value = member
            if inside and squashed(name) in _DEFAULTS and isinstance(value, Mapping):
                shared |= self._values(name, value)
                continue
            is_sure = self._is_sure(value, is_named=is_named)
            # What is a store may have other things with fields of their own.
            step = name or text_of(inner(value, _NAME))
            found = [] if is_sure else self.find((*where, step) if step else where, value, service)
            if found:
                inside += found
                continue
            places.append(place)
            sure += is_sure
            likely += is_sure or self._is_likely(name, value, is_named=is_named, is_of_backend=is_of_backend)
        # Beside stores, there may be what is none. Beside collections, a store has to say that it is one.
        rest = [members[place] for place in sorted(places)]
        if sure:
            is_collection = bool(inside) or likely * (2 if is_named else len(rest)) >= len(rest)
        else:
            # Without a backend, one thing with an owner makes no store of the others.
            is_collection = (
                not inside and likely > 0 and likely == sum(not isinstance(each[2], Scalar) for each in rest)
            )
        if not inside:
            return [_Collection(where, node, tuple(rest), service)] if is_collection else []
        stores = [member for member in rest if is_collection and not isinstance(member[2], Scalar)]
        for member in rest:
            if member not in stores:
                name = member[0] or text_of(inner(member[2], _NAME)) or f"item {members.index(member) + 1}"
                has_parts = _holds_mappings(member[2]) and not self._is_own_export
                (self.unknown if has_parts else self.left_out).append(".".join((*where, name)))
        found = [_Collection(where, node, tuple(stores), service), *inside] if stores else inside
        return [each._replace(values={**shared, **each.values}) for each in found]

    def _values(self, name: str, node: Node) -> dict[str, str]:
        """Return what a member that is called ``defaults`` has for stores that lack it."""
        own = fields_of(node)
        found = {field: (theirs, text_of(own[theirs])) for theirs, field in assign(own, self._options.names).items()}
        used = {theirs for field, (theirs, text) in found.items() if text and field != _NAME}
        self.left_out += [f"{name}.{theirs}" for theirs in own if theirs not in used]
        return {field: text for field, (theirs, text) in found.items() if theirs in used}

    def note_left_out(self, line: int) -> None:
        """Note what is beside collections; what may be more of them is a problem."""
        if self.left_out:
            what = listed(map(shown, self.left_out), len(self.left_out))
            self._report.note(f"left out beside the stores: {what}", line)
        if self.unknown:
            what = listed(map(shown, self.unknown), len(self.unknown))
            message = (
                f"no stores were understood in {what}: left out (--at PATH reads a part, --skip NAME is for others)"
            )
            self._report.problem(Kind.WRONG_SHAPE, message, line)

    def members(self, node: Node) -> list[tuple[str, Node, Node]]:
        """Return what is in a node, but for what the options leave out."""
        found = list(_members(node))
        skipped = [name for name, _, _ in found if name and is_skipped(name, self._options)]
        self._report.names.update(dict.fromkeys(skipped))
        return [member for member in found if member[0] not in skipped]

    def _fields(self, value: Node) -> dict[str, Node]:
        own = fields_of(value)
        return {field: own[name] for name, field in assign(own, self._options.names).items()}

    def _is_sure(self, value: Node, *, is_named: bool) -> bool:
        """Return whether something says its backend, one that is known or beside another field of a store."""
        found = self._fields(value)
        backend = text_of(found.get("backend")) or text_of(next(iter(fields_of(found.get("backend")).values()), None))
        is_known = bool(backend_words(backend).key)
        others = found.keys() - _SAYS_LITTLE - {"backend"}
        if any(squashed(name) in _HOLDING and _holds_mappings(inside) for name, inside in fields_of(value).items()):
            return False
        return bool(backend) and (is_known or bool(others)) and (is_named or "name" in found)

    def _is_likely(self, name: str, value: Node, *, is_named: bool, is_of_backend: bool) -> bool:
        """Return whether something has a field of a store that other things do not have, or a backend above it."""
        found = self._fields(value)
        telling = found.keys() - _SAYS_LITTLE
        if telling == {"backend"}:
            # "type" is a field of much else.
            telling = {"backend"} if backend_words(text_of(found["backend"])).key else set()
        is_telling = bool(telling) or (is_of_backend and isinstance(value, Mapping))
        return is_telling and ("name" in found if not is_named else squashed(name) not in self._words)


def _defaults(collections: list[_Collection]) -> list[dict[str, str]]:
    """Return for each collection what the names above it say of its stores: the service, the backend."""
    siblings = Counter(each.where[:-1] for each in collections)
    found = []
    for each in collections:
        said: dict[str, str] = {"service": each.service} if each.service else {}
        # The name of a single collection says what it holds, not whose it is.
        is_telling = siblings[each.where[:-1]] > 1 or (len(each.where) > 1 and squashed(each.where[-2]) in _SERVICES)
        for name in reversed(each.where):
            if backend_words(name).key and name != each.service:
                said.setdefault("backend", name)
            elif name != each.where[-1] or is_telling:
                is_usual = squashed(name) in _OF_NO_SERVICE | _SERVICES or not name[:1].isalpha()
                if not is_usual and SERVICE_NAME.fullmatch(service_name(name)):
                    said.setdefault("service", name)
        found.append({**each.values, **said})
    return found


def _group(part: Part, collection: _Collection, options: ImportOptions, report: Report) -> Group:
    rows: list[Row] = []
    names: dict[str, None] = {}
    pairs = collection.members
    name_field = "" if isinstance(collection.node, Sequence) else options.names.get("name", _NAME)
    known = dict.fromkeys(field for _, _, value in pairs for field in fields_of(value))
    backend = next((name for name, field in assign(known, options.names).items() if field == "backend"), "")
    for name, key, value in pairs:
        line = line_of(part, key)
        if isinstance(value, Scalar) and name and backend_words(text := text_of(value)).key:
            fields: dict[str, Raw] = {backend or "backend": text}
            lines = {backend or "backend": line_of(part, value)}
        elif isinstance(value, Mapping):
            own = fields_of(value)
            if len(own) < len(value.pairs):
                message = (
                    "a field is there twice, or its name is no text: the first one counts, and the rest is left out"
                )
                report.problem(Kind.DUPLICATE_NAME, message, line)
            # As the JSON export writes them.
            extra = fields_of(own.get(_EXTRA))
            if extra and all(field.startswith("x-") for field in extra):
                own = {**{field: node for field, node in own.items() if field != _EXTRA}, **extra}
            fields = {field: raw_of(node) for field, node in own.items()}
            lines = {field: line_of(part, node) for field, node in own.items()}
        else:
            report.problem(
                Kind.WRONG_SHAPE, f"{shown(name) if name else 'this'} is not a store: it is left out", line
            )
            continue
        if name:
            # A title that a store has beside its name stays what it is.
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
