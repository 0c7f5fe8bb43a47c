"""YAML and JSON with other names for the fields: a mapping or a list of stores, at the top or under a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.imports.documents import fields_of, inner, line_of, raw_of, read_parts, text_of
from sphinx_statestores.imports.format import Imported, Importer, ImportOptions, Report
from sphinx_statestores.imports.settle import Group, Row, assign, settle
from sphinx_statestores.imports.synonyms import backend_words, ranked_words, squashed
from sphinx_statestores.registry.loader import STORES_SECTION
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import listed, shown
from sphinx_statestores.registry.reader import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from sphinx_statestores.imports.documents import Part
    from sphinx_statestores.imports.settle import Raw
    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.source import SourceText

#: Where stores usually are, the surest first; squashed.
_USUAL_KEYS = ("xstatestores", "statestores", "stores", "datastores", "components", "resources", "databases", "items")
#: So deep a collection of stores is looked for.
_LEVELS = 4
_EXTRA = "extra"
# What other things have, too.
_SAYS_LITTLE = frozenset({"name", "purpose", "status", "since", "tags"})
# The name that a store of a mapping gets, beside those that it has itself.
_NAME = "name"


def _read(source: SourceText, options: ImportOptions) -> Imported:
    report = Report(source.path)
    stores = []
    for part in read_parts(source, report):
        where, collection = _collection(part.root, options)
        if collection is None:
            message = "no stores were found: they must be a mapping of mappings, or a list of mappings"
            report.problem(Kind.NO_REGISTRY, message, line_of(part, part.root))
            continue
        if where:
            report.note(f"the stores are read from {shown('.'.join(where))}", line_of(part, collection))
        _note_others(part, where, report)
        stores += settle(_group(part, collection, options, report), options, report)
    return report.imported(stores)


def _collection(root: Node, options: ImportOptions) -> tuple[tuple[str, ...], Node | None]:
    """Return the keys that lead to the stores, and these; the nearest to the top, the usual name first."""
    own = inner(root, STORES_SECTION)
    if own is not None:
        return (STORES_SECTION,), own
    level: list[tuple[tuple[str, ...], Node]] = [((), root)]
    for _ in range(_LEVELS):
        found = [(where, node) for where, node in level if _is_collection(node, options)]
        if found:
            return min(found, key=lambda each: _rank(each[0]))
        level = [
            ((*where, name), value)
            for where, node in level
            for name, value in fields_of(node).items()
            if not isinstance(value, Scalar)
        ]
    return (), None


def _rank(where: tuple[str, ...]) -> int:
    name = squashed(where[-1]) if where else ""
    return _USUAL_KEYS.index(name) if name in _USUAL_KEYS else len(_USUAL_KEYS)


def _is_collection(node: Node, options: ImportOptions) -> bool:
    words = {**ranked_words(), **{squashed(theirs): (field, 0) for field, theirs in options.names.items()}}

    def is_store(value: Node, *, is_named: bool) -> bool:
        found = {words[squashed(name)][0]: node for name, node in fields_of(value).items() if squashed(name) in words}
        telling = found.keys() - _SAYS_LITTLE
        if telling == {"backend"}:
            # "type" is a field of much else.
            telling = {"backend"} if backend_words(text_of(found["backend"])).key else set()
        return bool(telling) and (is_named or "name" in found)

    if isinstance(node, Sequence):
        return any(is_store(item, is_named=False) for item in node.items)
    if not isinstance(node, Mapping) or not node.pairs:
        return False
    values = [value for _, value in node.pairs]
    if all(isinstance(value, Scalar) for value in values):
        return all(backend_words(text_of(value)).key for value in values)
    # Beside them, there may be one that is none; and of several sections, one may look like a store.
    return sum(is_store(value, is_named=True) for value in values) * 2 >= len(values)


def _note_others(part: Part, where: tuple[str, ...], report: Report) -> None:
    """Say what else is in a document."""
    if not where:
        return
    around = inner(part.root, *where[:-1])
    others = [name for name in fields_of(around) if name != where[-1]]
    if len(where) > 1:
        others += [name for name in fields_of(part.root) if name != where[0]]
    if others:
        report.note(
            f"ignored, since they are not stores: {listed(map(shown, others), len(others))}", line_of(part, around)
        )


def _group(part: Part, collection: Node, options: ImportOptions, report: Report) -> Group:
    rows: list[Row] = []
    names: dict[str, None] = {}
    if isinstance(collection, Mapping):
        pairs: list[tuple[str, Node, Node]] = [
            (key.text, key, value) for key, value in collection.pairs if isinstance(key, Scalar)
        ]
    else:
        pairs = [("", item, item) for item in collection.items] if isinstance(collection, Sequence) else []
    name_field = "" if isinstance(collection, Sequence) else options.names.get("name", _NAME)
    known = dict.fromkeys(field for _, _, value in pairs for field in fields_of(value))
    backend = next((name for name, field in assign(known, options.names).items() if field == "backend"), "")
    for name, key, value in pairs:
        line = line_of(part, key)
        if isinstance(value, Scalar) and name and backend_words(text := text_of(value)).key:
            fields: dict[str, Raw] = {backend or "backend": text}
            lines = {backend or "backend": line_of(part, value)}
        elif isinstance(value, Mapping):
            own = fields_of(value)
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
    return Group("field", tuple(names), tuple(rows), line_of(part, collection))


def _recognizes(source: SourceText) -> bool:
    return source.path.lower().endswith((".yaml", ".yml", ".json")) or source.text.lstrip().startswith(
        ("{", "[", "---")
    )


FORMAT = Importer(_read, _recognizes)
