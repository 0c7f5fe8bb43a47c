"""Files -> a registry and its problems. All files are read and merged; valid parts are kept."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sphinx_statestores.registry.backend_names import BackendNames
from sphinx_statestores.registry.backends import KNOWN_BACKENDS, Backend
from sphinx_statestores.registry.code import read_code
from sphinx_statestores.registry.guide import (
    DEFAULT_BACKEND_CHOICES,
    DEFAULT_CONVENTIONS,
    has_default_guide,
    read_backend_choices,
    read_backends,
    read_conventions,
    read_deployments,
    read_generated_code,
    read_lint,
    read_outputs,
    read_reference,
    read_services,
)
from sphinx_statestores.registry.ignores import read_ignores
from sphinx_statestores.registry.messages import must_be
from sphinx_statestores.registry.model import Guide, Reference, Registry, Service, SourceFile
from sphinx_statestores.registry.own_fields import merge_fields, read_fields, store_fields
from sphinx_statestores.registry.own_rules import read_rules, spelled
from sphinx_statestores.registry.physical import read_physical
from sphinx_statestores.registry.places import Places, places_at
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.published import SECTION as PUBLISHED_SECTION
from sphinx_statestores.registry.published import Publication, read_publication
from sphinx_statestores.registry.quoting import escaped, printable
from sphinx_statestores.registry.reader import VALUE_LIMIT, Mapping, Scalar, Sequence, read_document
from sphinx_statestores.registry.shapes import REFERENCE, Inspector, shape
from sphinx_statestores.registry.source import SIZE_LIMIT, SourceText, read_source
from sphinx_statestores.registry.stores import looks_like_a_store, read_store
from sphinx_statestores.registry.suggest import near
from sphinx_statestores.registry.validate import validate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from sphinx_statestores.registry.comments import Comment
    from sphinx_statestores.registry.layout import Layout
    from sphinx_statestores.registry.model import Ignore, OwnField, OwnRule, RuleSetting, Store
    from sphinx_statestores.registry.own_fields import StoreFields
    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.shapes import Entry

#: The section that every registry must have.
STORES_SECTION = "x-state-stores"
#: All sections that are read. A registry file may have any other content beside them.
SECTIONS = (
    STORES_SECTION,
    "x-backends",
    "x-physical",
    "x-fields",
    "x-rules",
    "x-services",
    "x-naming-conventions",
    "x-backend-guide",
    "x-deployments",
    "x-generated-code",
    "x-reference",
    "x-outputs",
    "x-code",
    "x-lint",
)

# Aliases can repeat values. A section that expands to more nodes than this, together with those before it, is
# rejected before it is walked.
_ALIAS_ALLOWANCE = 100_000
_ALIAS_FACTOR = 10
# Suggestions for misspelt sections cost more than reading the keys; a file with many keys has other content.
_KEYS_TO_COMPARE = 1000
# The name of a section and a misspelt one have so much in common; names of others, as `x-servers`, have less.
_MISSPELT = 0.85
# The minimum length of a word that names a section without its beginning, such as `x-conventions`.
_TELLING = 6
_WHOLE_STORE = frozenset({"backend", "service", "purpose"})
# So many files are named in a message.
_FILES_TO_NAME = 5


def load(paths: Iterable[str | Path], size_limit: int = SIZE_LIMIT) -> tuple[Registry, list[Problem]]:
    """Take the paths of registry files, in order of precedence; return the registry and its problems.

    *size_limit* is the maximum size of each file in bytes. The registry contains everything that is valid. The
    problems are in the order of the files and lines. Raises nothing, whatever the files contain.
    """
    return load_sources([read_source(path, size_limit) for path in paths])


def load_sources(sources: Iterable[SourceText | Problem]) -> tuple[Registry, list[Problem]]:
    """Take texts of registry files, or the problems that prevented reading them; return the same as :func:`load`."""
    with paused_collection():
        return _Merger().load(sources)


@contextmanager
def paused_collection() -> Iterator[None]:
    """Pause the cyclic garbage collector for a block that creates many values and no cycles.

    Otherwise the collector scans the new values repeatedly, which takes a fifth of the loading time
    (https://docs.python.org/3/library/gc.html). Afterwards it is enabled again if it was enabled before.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Merger:
    """Collects the sections of all files, then converts them: a backend may be defined after its use."""

    def __init__(self) -> None:
        self.files: list[SourceFile] = []
        #: One for each file, in order, including files that cannot be read.
        self.inspectors: list[Inspector] = []
        #: Whether a file may contain stores that could not be read.
        self.may_have_stores = False
        self.sections: dict[str, list[tuple[Inspector, Node]]] = {
            section: [] for section in (*SECTIONS, PUBLISHED_SECTION)
        }
        #: What is not read: each name with its value.
        self.others: list[tuple[Inspector, Scalar, Node]] = []
        #: The comments for this program, by file.
        self.comments: list[tuple[Inspector, Collection[Comment]]] = []
        #: Name of a store -> where it is defined first; those with errors are among them.
        self.defined: dict[str, Location] = {}

    def load(self, sources: Iterable[SourceText | Problem]) -> tuple[Registry, list[Problem]]:
        for source in sources:
            self._add(source)
        return self._finish()

    def _add(self, source: SourceText | Problem) -> None:
        if isinstance(source, Problem):
            inspector = Inspector(source.location.path)
            self.inspectors.append(inspector)
            inspector.problems.append(source)
            self.may_have_stores = True
            return
        inspector = Inspector(source.path)
        self.inspectors.append(inspector)
        self.files.append(SourceFile(source.path, source.digest))
        # Problems with the text are reported for registries only: another YAML file is not ours to check.
        is_registry = any(section in source.text for section in SECTIONS)
        document, problems = read_document(source.text, source.path, may_quote=is_registry)
        if document is None:
            inspector.problems += problems
            self.may_have_stores = True
            return
        self.comments.append((inspector, document.comments))
        if not isinstance(document.root, Mapping):
            message = must_be(
                "a registry file", "a mapping", f"{shape(document.root)}: begin it with {STORES_SECTION!r}"
            )
            inspector.report(Kind.WRONG_SHAPE, message, document.root)
            self.may_have_stores = True
            return
        budget = left = min(_ALIAS_ALLOWANCE + _ALIAS_FACTOR * document.size, VALUE_LIMIT)
        first: dict[str, Scalar] = {}
        for key, value in document.root.pairs:
            # Other content is not checked, whatever it is.
            if not isinstance(key, Scalar) or key.kind != "str":
                continue
            if key.text not in self.sections:
                self.others.append((inspector, key, value))
            elif key.text in first:
                inspector.duplicate(first[key.text], key, "a registry file")
            else:
                first[key.text] = key
                if value.size > left:
                    message = (
                        f"the aliases in {key.text!r} expand to too many values: the limit for a whole file is "
                        f"{budget:,}"
                    )
                    inspector.report(Kind.NOT_YAML, message, key)
                    self.may_have_stores |= key.text == STORES_SECTION
                else:
                    left -= value.size
                    self._add_section(inspector, key, value)

    def _add_section(self, inspector: Inspector, key: Scalar, value: Node) -> None:
        # A section with nothing but comments counts as missing; for stores there is a warning.
        if key.text == STORES_SECTION or not (isinstance(value, Scalar) and value.kind == "null"):
            self.sections[key.text].append((inspector, value))
            inspector.is_published |= key.text == PUBLISHED_SECTION

    def _finish(self) -> tuple[Registry, list[Problem]]:
        backends = self._backends()
        names = BackendNames(backends)
        layouts = self._layouts(names)
        fields = self._fields()
        publications = self._publications()
        stores = self._stores(names, store_fields(fields))
        for path, publication in publications.items():
            for name, layout in publication.layouts.items():
                if name in stores and stores[name].places.path == path:
                    stores[name] = stores[name]._replace(resolved=layout)
        rules = self._rules(fields)
        guide = self._guide(names, stores.values(), fields, rules)
        services = self._services(stores)
        self._report_misspelt_sections()
        if self.inspectors and not self.sections[STORES_SECTION] and not self.may_have_stores:
            self._report_no_registry()
        registry = Registry(
            stores=tuple(stores[name] for name in sorted(stores)),
            services=services,
            backends={
                key: backend._replace(layout=layouts[key]) if key in layouts else backend
                for key, backend in backends.items()
            },
            guide=guide,
            files=tuple(self.files),
            ignores=tuple(self._ignores(rules)),
            publications=publications,
        )
        self._validate(registry, stores.values())
        problems: list[Problem] = []
        for inspector in self.inspectors:
            # Sections are read in a fixed order; the report is in the order of the file.
            problems += sorted(inspector.problems, key=lambda problem: problem.location)
        return registry, problems

    def _validate(self, registry: Registry, stores: Iterable[Store]) -> None:
        # A file that is given twice is read once, so the first inspector for a path has its definitions.
        inspectors = {inspector.path: inspector for inspector in reversed(self.inspectors)}
        is_whole = bool(self.sections[STORES_SECTION]) and not self.may_have_stores
        for problem in validate(registry, stores, self.defined if is_whole else None):
            inspectors[problem.location.path].problems.append(problem)

    def _report_misspelt_sections(self) -> None:
        """Report what is no section and seems to be one, or a store; other names are nobody's business."""
        for inspector, key, value in self.others[:_KEYS_TO_COMPARE]:
            # Not what stores are merged with by an alias: it has such a name, or no purpose.
            is_own = key.text.startswith("x-")
            if self.sections[STORES_SECTION] and not is_own and looks_like_a_store(value, _WHOLE_STORE):
                message = (
                    f"{escaped(key.text)} looks like a store, but stands beside {STORES_SECTION!r}, where it is not "
                    "read: indent it below that"
                )
                inspector.report(Kind.WRONG_SHAPE, message, key)
                continue
            section = _meant_section(key.text)
            # Where there are no stores at all, that is told of the same name.
            if section and (section != STORES_SECTION or self.sections[STORES_SECTION]):
                message = f"unknown section {escaped(key.text)}, which is not read; did you mean {section!r}?"
                inspector.report(Kind.UNKNOWN_SECTION, message, key)

    def _report_no_registry(self) -> None:
        for inspector, key, value in self.others[:_KEYS_TO_COMPARE]:
            if key.text == REFERENCE:
                inspector.report_reference(key)
                return
            if looks_like_a_store(value):
                message = (
                    f"there is no {STORES_SECTION!r}, and {escaped(key.text)} looks like a store: write "
                    f"'{STORES_SECTION}:' on a line above it, and indent all stores below that"
                )
                inspector.report(Kind.NO_REGISTRY, message, key)
                return
            if near(key.text, (STORES_SECTION, "state-stores"), limit=1):
                message = (
                    f"there is no {STORES_SECTION!r}; found {escaped(key.text)}: rename it to {STORES_SECTION!r}?"
                )
                inspector.report(Kind.NO_REGISTRY, message, key)
                return
        inspector = self.inspectors[0]
        names = [printable(file.path) for file in self.files[:_FILES_TO_NAME]]
        others = len(self.files) - len(names)
        message = (
            f"there is no {STORES_SECTION!r} in {', '.join(names)}{f' and {others:,} more' if others else ''}: add "
            "it, with the name and the fields of each store"
        )
        inspector.report(Kind.NO_REGISTRY, message, Location(inspector.path))

    def _backends(self) -> dict[str, Backend]:
        own: dict[str, Backend] = {}
        places: dict[str, Location] = {}
        for inspector, node in self.sections["x-backends"]:
            for name, backend in read_backends(inspector, node):
                first = own.get(backend.key)
                is_same = first is not None and first._replace(places=backend.places) == backend
                if is_same or _is_first(inspector, name, places, "x-backends"):
                    own.setdefault(backend.key, backend)
        return {**KNOWN_BACKENDS, **own}

    def _layouts(self, backends: BackendNames) -> dict[str, Layout]:
        layouts: dict[str, Layout] = {}
        places: dict[str, Location] = {}
        for inspector, node in self.sections["x-physical"]:
            for name, layout in read_physical(inspector, node, backends):
                if layouts.get(name.text) == layout or _is_first(inspector, name, places, "x-physical"):
                    layouts.setdefault(name.text, layout)
        return layouts

    def _fields(self) -> dict[str, OwnField]:
        return merge_fields(
            (inspector, key, field)
            for inspector, node in self.sections["x-fields"]
            for key, field in read_fields(inspector, node)
        )

    def _rules(self, fields: dict[str, OwnField]) -> dict[str, OwnRule]:
        rules: dict[str, OwnRule] = {}
        places: dict[str, Location] = {}
        for inspector, node in self.sections["x-rules"]:
            for key, rule in read_rules(inspector, node, fields):
                name = spelled(rule.name)
                first = rules.get(name)
                is_same = first is not None and first._replace(places=rule.places) == rule
                if is_same or _is_first(inspector, key._replace(text=name), places, "x-rules"):
                    rules.setdefault(name, rule)
        return rules

    def _ignores(self, rules: dict[str, OwnRule]) -> Iterator[Ignore]:
        names = {name: rule.name for name, rule in rules.items()}
        for inspector, comments in self.comments:
            yield from read_ignores(inspector, comments, names)

    def _stores(self, backends: BackendNames, fields: StoreFields) -> dict[str, Store]:
        stores: dict[str, Store] = {}
        first_places = self.defined
        for inspector, node in self.sections[STORES_SECTION]:
            entries: dict[str, Entry] | None = {}
            if isinstance(node, Sequence):
                message = must_be(f"{STORES_SECTION!r}", "a mapping", "a list")
                hint = (
                    "write the name of each store with a colon and without '- ', and its fields indented below it "
                    "('statestores import FILE' converts lists)"
                )
                inspector.report(Kind.WRONG_SHAPE, f"{message}: {hint}", node)
                entries = None
            elif not (isinstance(node, Scalar) and node.kind == "null"):
                entries = inspector.entries(node, f"{STORES_SECTION!r}")
            if entries is None:
                self.may_have_stores = True
            elif not entries and len(getattr(node, "pairs", ())) == 0:
                message = f"{STORES_SECTION!r} is empty: write the name of each store below it, with its fields"
                inspector.report(Kind.NO_STORES, message, node)
            for key, value in (entries or {}).values():
                if key.text in SECTIONS:
                    message = (
                        f"the section {key.text!r} is inside {STORES_SECTION!r}, where it is not read: write it "
                        "without indentation"
                    )
                    inspector.report(Kind.UNKNOWN_SECTION, message, key)
                    continue
                if not _is_first(inspector, key, first_places, STORES_SECTION):
                    continue
                before = len(inspector.problems)
                store = read_store(inspector, key, value, backends, fields)
                inspector.problems[before:] = [
                    problem._replace(store=key.text) for problem in inspector.problems[before:]
                ]
                if store is not None:
                    stores[store.name] = store
        return stores

    def _services(self, stores: dict[str, Store]) -> dict[str, Service]:
        described: dict[str, Service] = {}
        places: dict[str, Location] = {}
        for inspector, node in self.sections["x-services"]:
            for name, service in read_services(inspector, node):
                first = described.get(service.name)
                is_same = first is not None and first._replace(places=service.places) == service
                if is_same or _is_first(inspector, name, places, "x-services"):
                    described.setdefault(service.name, service)
        for store in stores.values():
            if store.service not in described:
                described[store.service] = Service(store.service, store.service, "", _place_of_service(store))
        return {name: described[name] for name in sorted(described)}

    def _publications(self) -> dict[str, Publication]:
        return {
            inspector.path: read_publication(inspector, node) for inspector, node in self.sections[PUBLISHED_SECTION]
        }

    def _guide(
        self,
        backends: BackendNames,
        stores: Collection[Store],
        fields: dict[str, OwnField],
        rules: dict[str, OwnRule],
    ) -> Guide:
        sections = self.sections
        conventions = [
            convention
            for inspector, node in sections["x-naming-conventions"]
            for convention in read_conventions(inspector, node, backends)
        ]
        choices = [
            choice
            for inspector, node in sections["x-backend-guide"]
            for choice in read_backend_choices(inspector, node, backends)
        ]
        deployments = [
            deployment
            for inspector, node in sections["x-deployments"]
            for deployment in read_deployments(inspector, node)
        ]
        outputs = [output for inspector, node in sections["x-outputs"] for output in read_outputs(inspector, node)]
        is_usual = has_default_guide(store.backend for store in stores)
        code = self._only("x-generated-code")
        reference = self._only("x-reference")
        return Guide(
            tuple(conventions) if sections["x-naming-conventions"] else DEFAULT_CONVENTIONS if is_usual else (),
            tuple(choices) if sections["x-backend-guide"] else DEFAULT_BACKEND_CHOICES if is_usual else (),
            tuple(deployments),
            read_generated_code(*code) if code else None,
            (read_reference(*reference) if reference else None) or Reference(),
            tuple(outputs),
            self._lint(rules),
            tuple(fields.values()),
            tuple(rule for rule in rules.values() if rule.require or rule.forbid or rule.match),
            tuple(use for inspector, node in sections["x-code"] for use in read_code(inspector, node)),
        )

    def _lint(self, rules: dict[str, OwnRule]) -> dict[str, RuleSetting]:
        own = {name: rule.name for name, rule in rules.items()}
        settings: dict[str, RuleSetting] = {}
        places: dict[str, Location] = {}
        for inspector, node in self.sections["x-lint"]:
            for name, setting in read_lint(inspector, node, own=own):
                if settings.get(name.text) == setting or _is_first(inspector, name, places, "x-lint"):
                    settings.setdefault(name.text, setting)
        return settings

    def _only(self, section: str) -> tuple[Inspector, Node] | None:
        """Return the definition of a section that cannot be merged from several files; None when there is none."""
        found = self.sections[section]
        for inspector, node in found[1:]:
            first = Location(found[0][0].path, found[0][1].line, found[0][1].column)
            inspector.report(
                Kind.DUPLICATE_NAME, f"{section!r} is defined twice; the definition at {first} is used", node
            )
        return found[0] if found else None


def _meant_section(name: str) -> str | None:
    """Return the section that a name is meant to be; None where it may well be something of others."""
    spelled = name.lower().replace("_", "-")
    section = spelled if spelled.startswith("x-") else f"x-{spelled}"
    if section in SECTIONS:
        return section
    if not spelled.startswith("x-"):
        return None
    word = spelled.removeprefix("x-")
    close = near(word, [known.removeprefix("x-") for known in SECTIONS], limit=1, similarity=_MISSPELT)
    if close:
        return f"x-{close[0]}"
    # Short words, such as that of `x-guide`, may be sections of other programs.
    is_telling = len(word) >= _TELLING
    return next((known for known in SECTIONS if is_telling and known.endswith(f"-{word}")), None)


def _place_of_service(store: Store) -> Places:
    """Return the place of a service without an entry in ``x-services``: its name in a store."""
    _, line, column = store.places.of("service")
    return places_at(store.places.path, {"": (line, column)})


def _is_first(inspector: Inspector, name: Scalar, places: dict[str, Location], section: str) -> bool:
    """Record where a name is defined; report it when another file defined it before. Return whether it is new."""
    first = places.setdefault(name.text, inspector.place(name))
    if first == inspector.place(name):
        return True
    inspector.report(
        Kind.DUPLICATE_NAME,
        f"{escaped(name.text)} is defined twice in {section!r}; the definition at {first} is used",
        name,
    )
    return False
