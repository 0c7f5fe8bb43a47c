"""YAML and JSON with other field names -> where stores are in it: mappings and lists of them at any depth."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.imports.documents import fields_of, inner, items_of, line_of, text_of
from sphinx_statestores.imports.normalize import assign, is_skipped
from sphinx_statestores.imports.synonyms import (
    SURE_BACKENDS,
    backend_words,
    is_address,
    is_blank,
    ranked_words,
    same_name,
)
from sphinx_statestores.registry.field_words import squashed
from sphinx_statestores.registry.loader import STORES_SECTION
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import listed, shown
from sphinx_statestores.registry.reader import Mapping, Scalar, Sequence
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Mapping as StrMapping

    from sphinx_statestores.imports.documents import Part
    from sphinx_statestores.imports.format import ImportOptions, Report
    from sphinx_statestores.registry.reader import Node

_OWN_EXPORT = "urn:sphinx-statestores:"
# Fields that entries other than stores often have, too.
_UNSPECIFIC = frozenset({"name", "purpose", "status", "since", "tags"})
#: The field for the name of a store, where that is the key of a mapping.
NAME = "name"
#: Keys beside collections whose fields are default values of stores; squashed.
_DEFAULTS = frozenset({"default", "defaults"})
#: Keys of nested collections: an entry with a backend and one of these is no store; squashed.
_HOLDING = frozenset({"statestores", "stores", "datastores", "databases", "keyspaces"})
#: Words for a backend that entries other than stores often have, too; squashed.
_UNSURE_BACKENDS = frozenset({"type", "kind", "provider", "driver"})
#: Keys of a mapping that describes the one store of an entry; squashed.
_STORES = frozenset({"store", "statestore", "datastore"})
#: Keys above stores that do not name a service; squashed.
OF_NO_SERVICE = frozenset(
    {"xstatestores", "statestores", "stores", "store", "datastores", "datastore", "components", "resources",
     "databases", "items", "entries", "list", "data", "storage", "storages", "state", "states", "persistence",
     "layers", "layer", "caches", "cache", "tables", "keyspaces", "collections", "backends", "spec", "config",
     "settings", "definitions", "registry", "catalog", "catalogue", "inventory", "infrastructure", "infra",
     "platform", "system", "systems", "project", "regions", "region", "environments", "environment", "envs", "all",
     "root", "global", "shared", "common", "default", "defaults"}
)  # fmt: skip
#: The fields of stores that "defaults" beside them may have for all.
_REQUIRED = frozenset({"backend", "service"})
#: What an item of a list is called that has no name.
_ITEM = re.compile(r"(?:^|\.)item \d+(?:$|\.)")


class Owner(NamedTuple):
    """The service of stores, as a field above them names it."""

    service: str
    #: The field; empty for a field of ``defaults``.
    word: str = ""
    #: The entry with that field; empty for the whole document.
    path: str = ""

    @property
    def field(self) -> str:
        """The path of the field."""
        return f"{self.path}.{self.word}" if self.path else self.word


class Collection(NamedTuple):
    """A mapping or list of stores."""

    #: The path of keys to it; an item of a list counts by its name.
    where: tuple[str, ...]
    node: Node
    #: Name, place and value of each store; the name is empty in a list.
    members: tuple[tuple[str, Node, Node], ...]
    #: The services that enclosing entries name, the one that counts first.
    owners: tuple[Owner, ...] = ()
    #: Registry field -> default value, from ``defaults`` beside it.
    values: StrMapping[str, str] = {}

    @property
    def path(self) -> str:
        """The path in the notation of ``--at``."""
        return ".".join(self.where)


def find_collections(
    part: Part, options: ImportOptions, report: Report, sections: Iterable[str] = ()
) -> list[Collection]:
    """Return all collections of stores in a document, or those that ``--at`` names.

    *sections* are those of a registry that are read with its stores. What else is beside these is noted.
    """
    if options.paths:
        return [each for path in options.paths for each in _at(part, path, options, report)]
    finder = _Finder(options, report)
    own = inner(part.root, STORES_SECTION)
    if own is None:
        found = finder.find_all(part.root)
    else:
        # In a registry every entry is a store, whatever it lacks, unless an entry only holds stores.
        nested = finder.find((STORES_SECTION,), own)
        if any(each.where != (STORES_SECTION,) for each in nested):
            found = nested
        else:
            found = [Collection((STORES_SECTION,), own, tuple(_members(own)))]
            finder = _Finder(options, report)
        kept = {STORES_SECTION, *sections}
        finder.left_out += [name for name in fields_of(part.root) if name not in kept]
    if found:
        finder.note_left_out(part, part.root, found)
    else:
        finder.report_none(part)
    return found


def _at(part: Part, path: str, options: ImportOptions, report: Report) -> list[Collection]:
    """Return the collections at a path; a mapping or list there counts as one whatever it contains."""
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
        finder.note_left_out(part, node, inside)
        if not inside and not isinstance(node, Scalar):
            inside = [Collection(where, node, tuple(finder.members(node)))]
        found += inside
    if not found:
        report.problem(
            Kind.NO_REGISTRY, f"--at {path}: this is neither a mapping nor a list", line_of(part, part.root)
        )
    return found


def _step(name: str, nodes: Iterable[tuple[tuple[str, ...], Node]]) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Yield path and value of the children with a name, in lists at any depth too."""
    for where, node in nodes:
        for key, _, value in _named_members(node):
            if key == name:
                yield (*where, key), value
        for item in items_of(node):
            if text_of(inner(item, NAME)) != name:
                yield from _step(name, [(where, item)])


def _members(node: Node) -> Iterator[tuple[str, Node, Node]]:
    """Yield name, key node and value of each child of a mapping or list; items of a list have no name."""
    if isinstance(node, Mapping):
        yield from ((key.text if isinstance(key, Scalar) else "", key, value) for key, value in node.pairs)
    else:
        yield from (("", item, item) for item in items_of(node))


def _holds_mappings(node: Node) -> bool:
    """Return whether a node has a mapping inside, at any depth."""
    return any(isinstance(value, Mapping) or _holds_mappings(value) for _, _, value in _members(node))


def is_own_export(root: Node) -> bool:
    """Return whether a document is the JSON export of this package."""
    return text_of(inner(root, "schema")).startswith(_OWN_EXPORT)


def _is_of_texts(node: Node) -> bool:
    """Return whether a node is a text, or a list of nothing else."""
    return (isinstance(node, Scalar) and node.kind == "str" and not is_blank(node.text)) or (
        bool(items_of(node)) and all(map(_is_of_texts, items_of(node)))
    )


def _deepest(where: tuple[str, ...], node: Node) -> list[str]:
    """Return the paths of the deepest mappings and lists inside a node, or of itself, that have mappings only."""
    values = [value for _, _, value in _members(node)]
    deeper = [
        path
        for name, _, value in _named_members(node)
        if not isinstance(value, Scalar)
        for path in _deepest((*where, name) if name else where, value)
    ]
    is_one = bool(values) and all(isinstance(value, Mapping) for value in values)
    return list(dict.fromkeys(deeper)) or ([".".join(where)] if where and is_one else [])


def _named_members(node: Node) -> Iterator[tuple[str, Node, Node]]:
    """Yield the same; an item of a list has the name in its field ``name``."""
    for name, place, value in _members(node):
        yield name or text_of(inner(value, NAME)), place, value


class _Finder:
    """Finds collections of stores at any depth."""

    def __init__(self, options: ImportOptions, report: Report) -> None:
        self._options = options
        self._report = report
        self._words = {*ranked_words(), *(squashed(name) for names in options.names.values() for name in names)}
        #: Paths of entries beside collections that are left out.
        self.left_out: list[str] = []
        #: Paths of those that have mappings inside, which may be stores with unknown fields, and where these are.
        self.unknown: dict[str, tuple[list[str], Node]] = {}
        #: Path -> texts where stores are expected.
        self._texts: dict[tuple[str, ...], Node] = {}
        #: Unknown backends of entries that may be stores -> the words for them.
        self._own_backends: dict[str, str] = {}
        self._is_own_export = False

    def find_all(self, root: Node) -> list[Collection]:
        """Return the collections in a document."""
        # Entries beside the stores of the JSON export are derived from them.
        self._is_own_export = is_own_export(root)
        return self.find((), root)

    def find(self, where: tuple[str, ...], node: Node, owners: tuple[Owner, ...] = ()) -> list[Collection]:
        """Return the collections in a node, in document order; *owners* are those of enclosing entries."""
        if where and squashed(where[-1]) in _HOLDING and _is_of_texts(node):
            self._texts.setdefault(where, node)
        if isinstance(node, Scalar):
            return []
        members = self.members(node)
        values = [value for _, _, value in members]
        if members and isinstance(node, Mapping) and all(isinstance(value, Scalar) for value in values):
            # "tech: mysql" alone is an unknown field.
            is_usual = not where or squashed(where[-1]) in OF_NO_SERVICE or len(members) > 1
            is_short = is_usual and all(
                name and squashed(name) not in self._words and backend_words(text_of(value)).key
                for name, _, value in members
            )
            return [Collection(where, node, tuple(members), owners)] if is_short else []
        owners = (*self._owners(where, node), *owners)
        is_named = isinstance(node, Mapping)
        # In "redis: {sessions: {}, carts: {}}", names are enough.
        is_of_backend = bool(where and backend_words(where[-1]).key)
        inside: list[Collection] = []
        places: list[int] = []
        shared: dict[str, str] = {}
        sure = likely = 0
        having: Counter[str] | None = None
        # "defaults" comes last: whether it is a store depends on what is beside it.
        for place, member in sorted(enumerate(members), key=lambda each: squashed(each[1][0]) in _DEFAULTS):
            name, _, value = member
            if squashed(name) in _DEFAULTS and isinstance(value, Mapping):
                having = self._having(members) if having is None and not inside else having
                if inside or (having is not None and self._completes(name, value, having)):
                    shared |= self._values(name, value)
                    continue
            is_sure = self._is_sure(value, is_named=is_named)
            # Mappings in a store are its fields.
            step = name or text_of(inner(value, NAME))
            found = [] if is_sure else self.find((*where, step) if step else where, value, owners)
            if found:
                inside += found
                continue
            is_sure = is_sure or self._has_own_backend(value, where, is_named=is_named)
            places.append(place)
            sure += is_sure
            likely += is_sure or self._is_likely(name, value, is_named=is_named, is_of_backend=is_of_backend)
        # Beside certain stores, other entries are allowed; beside collections, only certain stores count.
        rest = [members[place] for place in sorted(places)]
        if sure:
            is_collection = bool(inside) or likely * (2 if is_named else len(rest)) >= len(rest)
        else:
            # Without a backend, one entry with an owner is not enough.
            is_collection = (
                not inside and likely > 0 and likely == sum(not isinstance(each[2], Scalar) for each in rest)
            )
        if not inside:
            # The name of the collection may be that of a service, too: "defaults" in it says more.
            if "service" in shared:
                owners = (Owner(shared["service"]), *owners)
            return [Collection(where, node, tuple(rest), owners, shared)] if is_collection else []
        stores = []
        for place in sorted(places):
            name, key, value = member = members[place]
            if is_collection and not isinstance(value, Scalar):
                stores.append(member)
                continue
            name = name or text_of(inner(value, NAME)) or f"item {place + 1}"
            path = (*where, name)
            if self._is_own_export or not self._may_be_stores(name, value):
                self.left_out.append(".".join(path))
            else:
                self.unknown[".".join(path)] = (_deepest(path, value), key)
        found = [Collection(where, node, tuple(stores), owners), *inside] if stores else inside
        return [each._replace(values={**shared, **each.values}) for each in found]

    def _may_be_stores(self, name: str, node: Node) -> bool:
        """Return whether there may be stores in an entry: a part of it has a field of a store, or is called so."""
        if isinstance(node, Scalar):
            return False
        if squashed(name) in _HOLDING:
            return not _is_of_texts(node)
        if isinstance(node, Mapping) and backend_words(name).key:
            return _holds_mappings(node)
        return any(
            (isinstance(value, Mapping) and self._has_telling_field(value)) or self._may_be_stores(inside, value)
            for inside, _, value in _members(node)
        )

    def _has_telling_field(self, value: Node) -> bool:
        own = self._read(value)
        found = assign(own, self._options.names)
        # A known backend says more than the word before it.
        return any(
            found.get(name, "backend") not in _UNSPECIFIC | {"backend"}
            or (found.get(name) == "backend" and squashed(name) not in _UNSURE_BACKENDS)
            or (found.get(name) != NAME and bool(backend_words(text_of(node)).key))
            for name, node in own.items()
        )

    def _owners(self, where: tuple[str, ...], node: Node) -> Iterator[Owner]:
        """Yield the services that an entry names, the surest word first; an e-mail address is none."""
        own = self._read(node)
        while word := next(
            (name for name, field in assign(own, self._options.names).items() if field == "service"), ""
        ):
            # Of several spellings of one word, the first with a service counts: all take one step.
            spellings = [word, *(name for name in own if name != word and same_name(name, word))]
            services = ((name, text_of(own.pop(name))) for name in spellings)
            named = [(name, service) for name, service in services if service and not is_address(service)]
            yield from (Owner(service, name, ".".join(where)) for name, service in named[:1])

    def _completes(self, name: str, value: Node, having: Counter[str]) -> bool:
        """Return whether ``defaults`` among stores has a required field that all of them lack, and is no store.

        *having* is how many members have each required field, and under an empty name how many members there are.
        """
        if squashed(name) != "defaults":
            return False
        own = self._fields(value)
        if text_of(own.get(NAME)):
            return False
        return having[""] > 1 and any(having[field] == 1 for field in own.keys() & _REQUIRED)

    def _having(self, members: Iterable[tuple[str, Node, Node]]) -> Counter[str]:
        having: Counter[str] = Counter()
        for _, _, value in members:
            if isinstance(value, Mapping):
                having.update(("", *(self._fields(value).keys() & _REQUIRED)))
        return having

    def _values(self, name: str, node: Node) -> dict[str, str]:
        """Return registry field -> value for the texts in ``defaults``; the other fields are left out."""
        own = self._read(node)
        found = {field: (theirs, text_of(own[theirs])) for theirs, field in assign(own, self._options.names).items()}
        used = {theirs for field, (theirs, text) in found.items() if text and field != NAME}
        self.left_out += [f"{name}.{theirs}" for theirs in own if theirs not in used]
        return {field: text for field, (theirs, text) in found.items() if theirs in used}

    def note_left_out(self, part: Part, node: Node, found: list[Collection]) -> None:
        """Note the entries beside the collections that were *found* in a node; report those that may be stores."""
        used = {owner.field for each in found for owner in each.owners[:1] if self._lacks_service(each)}
        if found:
            # What is reported, and what is around that, is no entry beside the stores.
            used |= {
                ".".join(where[:end]) for where in self._report_texts(part, found) for end in range(1, len(where) + 1)
            }
        left_out = [path for path in self.left_out if path not in used]
        if left_out:
            what = listed(map(shown, left_out), len(left_out))
            self._report.note(f"left out beside the stores: {what}", line_of(part, node))
        for path, (places, key) in self.unknown.items():
            # An item of a list without a name has no path.
            if _ITEM.search(path):
                advice = "give it a name"
            else:
                at = listed((f"--at {shown(place)}" for place in places or [path]), len(places) or 1)
                advice = (
                    f"if they are stores, {at} {'read' if len(places) > 1 else 'reads'} them; "
                    f"--skip {shown(path.rpartition('.')[2])} leaves them out"
                )
            message = f"no stores were understood in {shown(path)}: left out ({advice})"
            self._report.problem(Kind.WRONG_SHAPE, message, line_of(part, key))

    def _report_texts(self, part: Part, found: list[Collection]) -> list[tuple[str, ...]]:
        """Report texts where stores are expected, but for those that are fields of stores; return their paths."""
        stores = {
            (*each.where, name or text_of(inner(value, NAME))) for each in found for name, _, value in each.members
        }
        paths = []
        for where, node in self._texts.items():
            if where[:-1] in stores:
                continue
            path = ".".join(where)
            texts = [text for each in (items_of(node) or (node,)) if (text := text_of(each))]
            message = (
                f"{shown(path)} has texts, not stores: {listed(map(shown, texts), len(texts))} "
                f"{'is' if len(texts) == 1 else 'are'} left out (write each as {{name: NAME, backend: BACKEND}}; "
                f"--skip {shown(where[-1])} leaves all of them out)"
            )
            self._report.problem(Kind.WRONG_SHAPE, message, line_of(part, node))
            paths.append(where)
        return paths

    def report_none(self, part: Part) -> None:
        """Report that a document has no collection, with the places, fields and backends that may be of stores."""
        root = part.root
        if self._own_backends:
            backend, word = next(iter(self._own_backends.items()))
            why = f"it is a mapping of mappings, or a list of them; if {shown(backend)} is the backend of a store, "
            why += f"--map backend={word} reads it"
        else:
            why = self._lacking(root) or "it is a mapping of mappings, or a list of them"
        keys = _deepest((), root) or [
            key for key, _, value in _members(root) if key and not isinstance(value, Scalar)
        ]
        near = f" (--at PATH names it, among {listed(map(shown, keys), len(keys))})" if keys else ""
        message = f"no collection of stores was found: {why}{near}"
        self._report.problem(Kind.NO_REGISTRY, message, line_of(part, root))
        self._report_texts(part, [])

    def _lacking(self, node: Node) -> str:
        """Return what the fields of the first mappings that may be stores lack; empty where there are none."""
        values = [value for _, _, value in self.members(node)]
        is_list = isinstance(node, Sequence)
        if len(values) > (0 if is_list else 1) and all(
            any(text_of(field) for field in fields_of(value).values()) for value in values
        ):
            own = list(dict.fromkeys(name for value in values for name in self._read(value)))
            known = assign(own, self._options.names)
            wanted = [
                field for field in ((NAME, "backend") if is_list else ("backend",)) if field not in known.values()
            ]
            if wanted:
                options = " ".join(f"--map {field}=FIELD" for field in wanted)
                which = "no field is understood" if not known else f"no field is for the {' or the '.join(wanted)}"
                tells = "names it" if len(wanted) == 1 else "name them"
                return f"{which} among {listed(map(shown, own), len(own))}; {options} {tells}"
        return next((lacking for value in values if (lacking := self._lacking(value))), "")

    def members(self, node: Node) -> list[tuple[str, Node, Node]]:
        """Return the children of a node without those that ``--skip`` names."""
        found = list(_members(node))
        skipped = [name for name, _, _ in found if name and is_skipped(name, self._options)]
        self._report.names.update(dict.fromkeys(skipped))
        return [member for member in found if member[0] not in skipped]

    def _lacks_service(self, collection: Collection) -> bool:
        """Return whether a store of a collection gets its service from above."""
        stores = [
            each for _, _, each in collection.members if isinstance(each, Mapping) or backend_words(text_of(each)).key
        ]
        own = (text_of(self._fields(each).get("service")) for each in stores)
        return "service" not in self._options.values and any(is_blank(text) or is_address(text) for text in own)

    def _read(self, value: Node) -> dict[str, Node]:
        """Return the fields of an entry without those that ``--skip`` names."""
        own = entry_fields(value, self._options)
        skipped = [name for name in own if is_skipped(name, self._options)]
        self._report.names.update(dict.fromkeys(skipped))
        return {name: node for name, node in own.items() if name not in skipped}

    def _fields(self, value: Node) -> dict[str, Node]:
        own = self._read(value)
        return {field: own[name] for name, field in assign(own, self._options.names).items()}

    def _is_sure(self, value: Node, *, is_named: bool) -> bool:
        """Return whether a value is certainly a store: its backend is known, or is beside another store field."""
        found = self._fields(value)
        backend = text_of(found.get("backend"))
        is_known = bool(backend_words(backend).key)
        others = found.keys() - _UNSPECIFIC - {"backend"}
        if any(squashed(name) in _HOLDING and _holds_mappings(inside) for name, inside in fields_of(value).items()):
            return False
        return bool(backend) and (is_known or bool(others)) and (is_named or "name" in found)

    def _has_own_backend(self, value: Node, where: tuple[str, ...], *, is_named: bool) -> bool:
        """Return whether a value is a store whose backend need not be known.

        The word for its backend must say so by itself or be that of ``--map``; or the value is below a key of stores.
        """
        fields = {field: name for name, field in assign(self._read(value), self._options.names).items()}
        word = fields.get("backend", "")
        backend = text_of(inner(value, word)) if word else ""
        if not backend or not (is_named or NAME in fields):
            return False
        is_one = (
            squashed(word) in SURE_BACKENDS
            or self._options.is_mapped("backend", word)
            or (bool(where) and squashed(where[-1]) in _HOLDING)
        )
        if not is_one:
            self._own_backends.setdefault(backend, word)
        return is_one

    def _is_likely(self, name: str, value: Node, *, is_named: bool, is_of_backend: bool) -> bool:
        """Return whether a value is probably a store: it has a specific field, or is below a backend's name."""
        found = self._fields(value)
        telling = found.keys() - _UNSPECIFIC
        if telling == {"backend"}:
            # "type" is a common field of other entries.
            telling = {"backend"} if backend_words(text_of(found["backend"])).key else set()
        is_telling = bool(telling) or (is_of_backend and isinstance(value, Mapping))
        return is_telling and ("name" in found if not is_named else squashed(name) not in self._words)


def entry_fields(value: Node, options: ImportOptions) -> dict[str, Node]:
    """Return the fields of an entry; where a mapping describes its backend, the fields of that in its place.

    Such as ``storage: {kind: redis, prefix: cart}``. A name that the entry has as well gets that of the mapping
    before it.
    """
    own = fields_of(value)
    if not any(isinstance(node, Mapping) for node in own.values()):
        return own
    word = next((name for name, field in assign(own, options.names).items() if field == "backend"), "")
    # "store" says where data are kept where it is no name.
    word = word or next((name for name in own if squashed(name) in _STORES), "")
    inside = fields_of(own.get(word))
    backend = next((name for name, field in assign(inside, options.names).items() if field == "backend"), "")
    if not backend or not backend_words(text_of(inside[backend])).key:
        return own
    found: dict[str, Node] = {}
    for name, node in own.items():
        if name == word:
            for part, part_node in inside.items():
                found[f"{word}-{part}" if part in own or part == NAME else part] = part_node
        else:
            found[name] = node
    return found
