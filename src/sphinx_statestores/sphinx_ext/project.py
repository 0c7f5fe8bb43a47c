"""``conf.py`` and registry files -> the data of one build.

The domain object holds them during the build. The next build of the same application loads them again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from sphinx_statestores.checks.lint import lint_code
from sphinx_statestores.export.outputs import Project as OutputsProject
from sphinx_statestores.export.outputs import check_outputs
from sphinx_statestores.registry.federation import Federation, ForeignSite, foreign_site, merge
from sphinx_statestores.registry.fetch import FetchOptions
from sphinx_statestores.registry.lock import LOCK_NAME, read_lock
from sphinx_statestores.registry.model import Registry
from sphinx_statestores.registry.observed_stores import facts_of
from sphinx_statestores.registry.own_rules import spelled
from sphinx_statestores.registry.paths import exists, repository_path
from sphinx_statestores.registry.phrases import VALUES
from sphinx_statestores.registry.problems import RULES, Kind, Location, Problem, Severity
from sphinx_statestores.registry.query_check import check_query
from sphinx_statestores.registry.quoting import listed, printable, shown
from sphinx_statestores.registry.report import shorten
from sphinx_statestores.registry.rules import unknown_rule
from sphinx_statestores.registry.selection import bound, without
from sphinx_statestores.registry.settings import with_outputs
from sphinx_statestores.registry.source import read_source
from sphinx_statestores.registry.suggest import did_you_mean
from sphinx_statestores.sphinx_ext.config import read_settings
from sphinx_statestores.sphinx_ext.config_names import ConfigFile, read_config_file
from sphinx_statestores.sphinx_ext.config_values import DEFAULT_REGISTRIES, absolute, unknown_label
from sphinx_statestores.sphinx_ext.generated_pages import generate_pages
from sphinx_statestores.sphinx_ext.incremental.code_cache import read_code
from sphinx_statestores.sphinx_ext.incremental.output_record import OutputRecord, open_record
from sphinx_statestores.sphinx_ext.incremental.registry_cache import load_with_cache, shorten_report
from sphinx_statestores.sphinx_ext.incremental.site_copies import SiteCopies
from sphinx_statestores.sphinx_ext.logging import inform, report, warn
from sphinx_statestores.sphinx_ext.observations import OwnRegistry, read_observed
from sphinx_statestores.sphinx_ext.read.columns import find_column, has_column, unknown_column
from sphinx_statestores.sphinx_ext.resolve.versions import Versions
from sphinx_statestores.sphinx_ext.words import read_languages

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from docutils.nodes import Element
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.checks.code_usage import Usage
    from sphinx_statestores.registry.fields import Value
    from sphinx_statestores.registry.observation import Observation
    from sphinx_statestores.registry.settings import SharedSettings
    from sphinx_statestores.registry.source import SourceText
    from sphinx_statestores.sphinx_ext.config import Settings
    from sphinx_statestores.sphinx_ext.read.headings import Headings
    from sphinx_statestores.sphinx_ext.resolve.answers import Answers
    from sphinx_statestores.sphinx_ext.words import Language

#: Engine -> the extension that draws with it, whose nodes are called as the engine.
ENGINE_EXTENSIONS = {"graphviz": "sphinx.ext.graphviz", "mermaid": "sphinxcontrib.mermaid"}
#: So many files of a folder are compared with a name that is not there.
_FILES_TO_COMPARE = 1000
#: So many folders above are looked into for a file that is not there.
_LEVELS_ABOVE = 3
_ALL_PROBLEMS = "statestores_all_problems = True shows them"


@dataclass(frozen=True)
class Project:
    """The data of one build."""

    settings: Settings
    #: With the stores of the sites that are merged, without the stores that no page shows. In the language of pages.
    registry: Registry
    #: The same in its own language: for filters, comparisons, and what is not a page.
    original: Registry
    #: The own registry, and the stores of other sites.
    federation: Federation
    builder: Builder
    #: Path in the registry's places -> file.
    files: dict[str, Path]
    #: The translations of the extension's own text.
    language: Language
    #: The translations of the registry's prose.
    prose: Language
    #: Whether sphinx-design can make tabs and cards in this output.
    with_design: bool
    #: Where the configuration is written, for warnings about it.
    conf: ConfigFile
    #: The number of errors in the registry, including suppressed ones.
    errors: int
    #: Whether no store is left out because of an error.
    is_sound: bool
    #: The other versions of the registry that pages compare.
    versions: Versions
    #: The stores that no page shows.
    hidden: Registry
    #: All names that a page may have for them, and for the stores of linked sites that no page links to.
    excluded: AbstractSet[str]
    #: What was seen on servers; None where nothing is known.
    observation: Observation | None
    #: What tells this registry from any other: its files, and what each holds or why it cannot be read; the outputs
    #: that a settings file declares.
    contents: tuple[tuple[str, str], ...]
    #: The fingerprints of the pages in the output folder.
    record: OutputRecord
    #: What code uses; None for a registry without ``x-code``.
    usage: Usage | None
    #: The inventories of intersphinx, available once it has loaded them; None without intersphinx.
    inventories: Inventories | None
    #: Engine -> the class of the nodes that its extension draws. Extensions that are not loaded are left out.
    engines: Mapping[str, type[Element]]


class Inventories(Protocol):
    """The part of ``sphinx.ext.intersphinx``'s adapter that is used."""

    @property
    def main_inventory(self) -> dict[str, dict[str, object]]:
        """Object type -> name -> inventory entry."""


class CurrentBuild(Protocol):
    """The interface of the domain for code that takes part in the current build."""

    project: Project
    #: Whether no build has used the project yet.
    is_new: bool
    #: Titles as a theme prints them, if they contain markup characters -> the same as escaped HTML.
    risky_titles: dict[str, str]
    #: Column -> store -> HTML of the cell, for index pages; filled by the first one.
    index_cells: dict[str, dict[str, str]]
    #: The documents whose text has been compared with the registry in this build.
    compared: set[str]
    #: The number of errors found in these, including suppressed ones.
    page_errors: int

    @property
    def answers(self) -> Answers:
        """Answers questions, once all documents have been read."""

    def begin(self, project: Project) -> None:
        """Start a build with a project."""

    def forget_answers(self) -> None:
        """Discard cached answers, because documents have been read."""

    @property
    def has_begun(self) -> bool:
        """Whether a build has started."""

    @property
    def headings(self) -> dict[str, Headings]:
        """Document -> the questions of its headings. Documents without any are left out."""

    @property
    def guide_parts(self) -> dict[str, tuple[str, ...]]:
        """Document -> the parts of the guide that it was read with; only documents with headings for them."""

    @property
    def languages(self) -> dict[str, str]:
        """Document -> the digest of the translations that it was read with. Documents that use none are left out."""


def current(env: BuildEnvironment) -> CurrentBuild:
    """Return the domain object, which holds the data of the current build."""
    return cast("CurrentBuild", env.get_domain("statestore"))


def begin_build(app: Sphinx) -> None:
    """Read the registry before all documents; write the generated pages, which are documents (``builder-inited``)."""
    project = load_project(app)
    current(app.env).begin(project)
    suffixes = tuple(app.config.source_suffix)
    for complaint in generate_pages(
        project.registry,
        project.settings,
        Path(app.srcdir),
        Path(app.confdir),
        suffixes,
        project.language.words,
        _shown_indices(app),
    ):
        warn(complaint.kind, complaint.message, project.conf.place(complaint.message))


def _shown_indices(app: Sphinx) -> list[str]:
    """Return the names of the index pages that ``html_domain_indices`` wants, as Sphinx's HTML builder reads it."""
    wanted: bool | Collection[str] = app.config.html_domain_indices
    names = [f"statestore-{index.name}" for index in app.env.get_domain("statestore").indices]
    return names if wanted is True else [name for name in names if name in (wanted or ())]


def begin_next_build(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Read the registry again when one application builds several times (``env-get-outdated``).

    Return the documents to read: pages may have been generated after Sphinx searched for them.
    """
    build = current(env)
    if build.is_new:
        build.is_new = False
        return []
    begin_build(app)
    build.is_new = False
    if not build.project.settings.generate_pages:
        return []
    env.find_files(app.config, app.builder)
    new, edited, _ = env.get_outdated_files(config_changed=False)
    return sorted(new | edited)


def load_project(app: Sphinx) -> Project:
    """Read settings and registry; log what is wrong with them."""
    settings, complaints, shared = read_settings(app.config, Path(app.confdir), Path(app.srcdir))
    language, prose, faults = read_languages(app.builder, app.config, Path(app.srcdir))
    conf = read_config_file(Path(app.confdir) / "conf.py")
    for complaint in (*complaints, *faults):
        warn(complaint.kind, complaint.message, conf.place(complaint.message))
    for problem in shared.problems:
        report(problem, f"{problem.location.path}:{problem.location.line or 1}")
    if settings.registry_files and app.srcdir != app.confdir:
        # Another version of the site may get the wrong registry: the message shows which one is used.
        inform(f"conf.py is not in the source folder: the registry is {str(settings.registry_files[0])!r}")
    for unknown in conf.unknown_names(app.config):
        warn(Kind.UNKNOWN_CONFIG, unknown.message, f"{conf.path}:{unknown.line}")
    files, sources = _read_sources(settings, Path(app.confdir))
    naming = _naming_file(app, shared)
    if naming is None:
        sources = _explained(sources, settings, Path(app.confdir))
    else:
        sources = [_with_near_files(source, files, naming) for source in sources]
    hint = None if settings.all_problems else _ALL_PROBLEMS
    kept = Path(app.doctreedir) / "statestores"
    registry, findings = load_with_cache(sources, settings.lint, kept / "registry.pickle", hint=hint)
    registry = with_outputs(registry, shared.outputs)
    own = OwnRegistry(registry, sources, findings.is_sound)
    observed = read_observed(settings, own, kept / "observed.pickle", hint)
    problems = [*findings.problems, *observed.problems]
    places = {**files, **dict(observed.files)}
    # Outputs are not compared when the registry has errors: they would differ because of these.
    if findings.is_sound and registry.guide.outputs:
        declared = OutputsProject(
            registry, files, settings.root, is_default=naming is not None and naming == shared.file
        )
        problems = problems + check_outputs(declared)
    _report_all(problems, places)
    sites = _with_other_sites(app, settings, registry, kept)
    whole = sites.registry
    usage = read_code(registry, whole, files, settings.root, kept, sites.federation.origins)
    code_problems: list[Problem] = []
    if usage is not None:
        # Parts of a registry make right code look wrong.
        if findings.is_sound and settings.lint is not None:
            code_problems = lint_code(registry, usage.problems, settings.lint)
        _report_all(shorten_report(code_problems, hint), files)
    for query in settings.exclude:
        for complaint in check_query(query, sites.filtered):
            warn(complaint.kind, f"statestores_exclude: {complaint.message}", conf.place("statestores_exclude"))
    # Generated files and checks have all stores, and pages do not. Without a filter that the own registry does not
    # declare, a query rather hides more: it is misspelt, and that was told.
    original = without(whole, [bound(query, whole) for query in settings.exclude])
    facts: dict[str, Mapping[str, Value]] = {}
    if observed.observation is not None:
        facts.update(facts_of(observed.observation))
    if usage is not None:
        # Nor does a page show code of services that own hidden stores only.
        usage = usage.without(whole.by_name.keys() - original.by_name.keys(), whole.users - original.users)
        facts.update(usage.facts(original))
    original = original._replace(facts=facts)
    registry = prose.of_registry(original)
    hidden = Registry(tuple(store for store in whole.stores if store.name not in registry.by_name))
    federation, own_names = _without_hidden(sites.federation, hidden)
    excluded = own_names | (sites.hidden_links - federation.linked.keys() - registry.by_name.keys())
    _check_names(settings, registry, conf)
    if registry.files or registry.stores:
        inform(_summary(registry))
    return Project(
        settings,
        registry,
        original,
        federation,
        app.builder,
        files,
        language,
        prose,
        # In EPUB, the tabs of sphinx-design are not well-formed XML.
        with_design="sphinx_design" in app.extensions and app.builder.name != "epub",
        conf=conf,
        errors=findings.errors
        + sum(problem.severity is Severity.ERROR for problem in observed.problems)
        + sites.errors
        + sum(problem.severity is Severity.ERROR for problem in (*shared.problems, *code_problems)),
        is_sound=findings.is_sound and not sites.errors,
        versions=Versions(
            Path(app.srcdir),
            settings.registry_files,
            settings.size_limit,
            settings.root,
            partial(without, queries=settings.exclude, names=own_names),
        ),
        hidden=hidden,
        excluded=excluded,
        observation=observed.observation,
        contents=(
            *observed.contents,
            *(
                (source.location.path, source.message)
                if isinstance(source, Problem)
                else (source.path, source.digest)
                for source in (*sources, *sites.documents)
            ),
            *((output.path, output.format) for output in shared.outputs),
            ("", usage.digest if usage else ""),
        ),
        record=open_record(app.builder, kept),
        usage=usage,
        inventories=_inventories(app),
        engines=_engines(app),
    )


def _report_all(problems: Iterable[Problem], files: Mapping[str, Path]) -> None:
    """Log problems; *files* has the files of paths in the registry's places."""
    for problem in problems:
        file = files.get(problem.location.path, problem.location.path)
        # Without a line number, Sphinx would take the path for a document name.
        report(problem, f"{file}:{problem.location.line or 1}")


class _Sites(NamedTuple):
    """The own registry with those of other sites."""

    #: With the stores of the sites that are merged.
    registry: Registry
    #: The linked stores are those that pages may link to.
    federation: Federation
    #: Also with the stores of the sites that are linked: what ``statestores_exclude`` filters.
    filtered: Registry
    #: The names of linked stores that pages may not link to.
    hidden_links: AbstractSet[str] = frozenset()
    #: What the sites publish, or why it cannot be read.
    documents: Sequence[SourceText | Problem] = ()
    #: The number of errors in merging.
    errors: int = 0


def _with_other_sites(app: Sphinx, settings: Settings, own: Registry, kept: Path) -> _Sites:
    """Merge and link the registries of other sites; log what is wrong with them."""
    merged, linked = settings.registries.sites, settings.sites
    if not merged and not linked:
        return _Sites(own, Federation(own), own)
    lock, problems = read_lock(Path(app.confdir, LOCK_NAME), settings.size_limit, settings.root)
    config = app.config
    options = FetchOptions(
        settings.timeout,
        settings.size_limit,
        config.user_agent or FetchOptions().user_agent,
        bool(config.tls_verify),
        config.tls_cacerts if isinstance(config.tls_cacerts, str) else "",
    )
    copies = SiteCopies(lock, options, settings.cache_limit, kept / "sites", settings.root)
    addresses = (*merged, *linked)
    documents, failures = copies.read(addresses)
    for failure in failures:
        warn(Kind.UNREACHABLE_SITE, failure, None)
    sites: list[ForeignSite] = []
    for address, document in zip(addresses, documents, strict=True):
        found, findings = load_with_cache([document], None, copies.file(address, ".pickle"))
        # Only what is left out matters here: the rest is told where the registry is kept.
        problems += [problem for problem in findings.problems if problem.severity is Severity.ERROR]
        sites.append(foreign_site(address.namespace, address.root, address.shown, found))
    whole, others = sites[: len(merged)], sites[len(merged) :]
    linkable = [site._replace(registry=without(site.registry, settings.exclude)) for site in others]
    registry, federation, clashes = merge(own, whole, linkable)
    hint = None if settings.all_problems else _ALL_PROBLEMS
    found_problems = [*problems, *clashes]
    for problem in found_problems if hint is None else shorten(found_problems, hint=hint):
        report(problem, f"{problem.location.path}:{problem.location.line or 1}")
    # These names and stores are for messages: nothing is merged with them.
    hidden_links = merge(own, (), others)[1].linked.keys() - federation.linked.keys()
    filtered = merge(own, sites)[0] if settings.exclude and others else registry
    return _Sites(registry, federation, filtered, hidden_links, documents, len(clashes))


def _without_hidden(federation: Federation, hidden: Registry) -> tuple[Federation, AbstractSet[str]]:
    """Return the federation without the hidden stores, and all names that a page may have for these."""
    aliases, linked = federation.aliases, federation.linked
    names = hidden.by_name.keys() | {name for name, called in aliases.items() if called in hidden.by_name}
    shown = federation._replace(
        own=without(federation.own, (), hidden.by_name),
        aliases={name: called for name, called in aliases.items() if name not in names},
        # The name of a hidden store must not lead to a store of another site.
        linked={name: found for name, found in linked.items() if name not in names},
    )
    return shown, names


def _engines(app: Sphinx) -> dict[str, type[Element]]:
    loaded = ((engine, app.extensions.get(name)) for engine, name in ENGINE_EXTENSIONS.items())
    found = {engine: getattr(extension.module, engine, None) for engine, extension in loaded if extension}
    return {engine: node for engine, node in found.items() if isinstance(node, type)}


def _inventories(app: Sphinx) -> Inventories | None:
    # Not imported: that would load intersphinx and its dependencies in every build.
    intersphinx = app.extensions.get("sphinx.ext.intersphinx")
    return cast("Inventories", intersphinx.module.InventoryAdapter(app.env)) if intersphinx is not None else None


def _read_sources(settings: Settings, confdir: Path) -> tuple[dict[str, Path], list[SourceText | Problem]]:
    """Return path in the registry's places -> file, and the content of each file or the problem with it."""
    files: dict[str, Path] = {}
    sources: list[SourceText | Problem] = []
    for path in settings.registry_files:
        source = read_source(path, settings.size_limit, settings.root)
        name = repository_path(path, settings.root)
        if name in files:
            # Several repositories, or none: use paths relative to the folder of conf.py.
            name = Path(os.path.relpath(path, confdir)).as_posix()
        files[name] = path
        if isinstance(source, Problem):
            sources.append(source._replace(location=source.location._replace(path=name)))
        else:
            sources.append(source._replace(path=name))
    return files, sources


def _explained(sources: list[SourceText | Problem], settings: Settings, confdir: Path) -> list[SourceText | Problem]:
    """Return what was read; where nothing is at any of the usual places, what to do about that."""
    usual = [absolute(confdir, name) for name in DEFAULT_REGISTRIES]
    if any(map(exists, usual)) or settings.registry_files[:1] != tuple(usual[:1]):
        return sources
    tried = " nor at ".join(map(repr, DEFAULT_REGISTRIES))
    message = (
        f"there is no registry at {tried} (relative to the folder of conf.py): set 'statestores_registry' in "
        "conf.py, or write 'statestores_registry = []' if the site has no registry"
    )
    return [Problem(Kind.UNREADABLE_FILE, message, Location(str(confdir / "conf.py")))]


def _naming_file(app: Sphinx, shared: SharedSettings) -> Path | None:
    """Return the file that names the registry: ``conf.py``, else the settings file; None when neither does."""
    if app.config.statestores_registry is not None:
        return Path(app.confdir, "conf.py")
    return shared.file if shared.registry is not None else None


def _with_near_files(source: SourceText | Problem, files: Mapping[str, Path], naming: Path) -> SourceText | Problem:
    """Return what was read; where there is no such file, say which files may be meant.

    *naming* is the file that has the path. The message names files in the same folder with similar names, or the same
    path from a folder at most three levels above.
    """
    if not isinstance(source, Problem) or exists(path := files[source.location.path]):
        return source
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in islice(entries, _FILES_TO_COMPARE)]
    except OSError:
        names = []
    name = "statestores_registry" if naming.name == "conf.py" else "registry"
    relative = f"a path in {name!r} is relative to the folder of {naming.name}"
    near = did_you_mean(path.name, names) or _from_above(path, naming.parent)
    return source._replace(message=f"{source.message}: {relative}{near}")


def _from_above(path: Path, folder: Path) -> str:
    """Return the end of a message with the path from another level where there is such a file, or an empty text."""
    try:
        relative = os.path.relpath(path, folder)
    except ValueError:
        # Another drive of Windows.
        return ""
    below = PurePath(*(part for part in PurePath(relative).parts if part != ".."))
    for level in range(_LEVELS_ABOVE + 1):
        found = PurePath(*[".."] * level, below)
        if exists(folder / found):
            return f"; did you mean {shown(found.as_posix())}?"
    return ""


def _summary(registry: Registry) -> str:
    """Return what has been read: ``124 stores of 44 services from schemas/state-stores.yaml``."""
    stores, services = len(registry.stores), len(registry.by_service)
    files = list(dict.fromkeys(store.places.path for store in registry.stores))
    files = files or [file.path for file in registry.files]
    return (
        f"{stores:,} {'store' if stores == 1 else 'stores'} of {services:,} "
        f"{'service' if services == 1 else 'services'} from {listed(map(printable, files), len(files), 'and')}"
    )


def _check_names(settings: Settings, registry: Registry, conf: ConfigFile) -> None:
    """Complain of columns, labels and rules that the registry could have declared, and has not."""
    own = registry.own_fields
    words = {*VALUES, *own, *(choice for field in own.values() for choice in field.choices)}
    found = [
        (
            Kind.UNKNOWN_COLUMN if find_column(key) else Kind.INVALID_CONFIG,
            "statestores_columns",
            unknown_column(key, registry),
        )
        for key in settings.columns
        if not has_column(key, registry)
    ]
    found += [
        (Kind.INVALID_CONFIG, "statestores_labels", unknown_label(name, words))
        for name in settings.labels
        if find_column(name) is None and name not in words
    ]
    rules = {spelled(rule.name): rule.name for rule in registry.guide.rules}
    found += [
        (Kind.INVALID_CONFIG, "statestores_lint", unknown_rule(name, own=rules.values()))
        for name in settings.lint or ()
        if name not in RULES and spelled(name) not in rules
    ]
    for kind, setting, message in found:
        warn(kind, f"{setting}: {message}", conf.place(setting))
