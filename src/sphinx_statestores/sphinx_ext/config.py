"""The ``statestores_*`` values of a project -> one frozen object, created once for each build."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import sphinx_statestores.sphinx_ext.config_values as convert
from sphinx_statestores.registry.links import is_address
from sphinx_statestores.registry.messages import must_be
from sphinx_statestores.registry.naming import service_spellings
from sphinx_statestores.registry.paths import is_file
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import Complaint, Query
from sphinx_statestores.registry.quoting import listed
from sphinx_statestores.registry.settings import SharedSettings, find_settings
from sphinx_statestores.registry.source import MIB, SIZE_LIMIT
from sphinx_statestores.registry.source_links import DEFAULT_REF, source_address
from sphinx_statestores.sphinx_ext.config_values import literal
from sphinx_statestores.sphinx_ext.read.columns import DEFAULT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx.config import Config

    from sphinx_statestores.registry.model import RuleSetting
    from sphinx_statestores.registry.site_addresses import (
        Registries,
        SiteAddress,
    )

#: The key of a configuration value in the metadata of its setting.
_VALUE = "value"
_PATH = type(Path())
#: Types as messages call them.
_TYPE_WORDS: Mapping[type, str] = {
    str: "a string", list: "a list", tuple: "a tuple", dict: "a dictionary", bool: "True or False", int: "an integer",
    float: "a number", _PATH: "a path", Path: "a path",
}  # fmt: skip


class ConfigValue(NamedTuple):
    """The definition of a ``statestores_*`` value, for Sphinx and for the documentation."""

    name: str
    default: Any
    #: What a change of the value makes Sphinx read again. Empty when fingerprints detect the change.
    rebuild: Literal["", "env"]
    types: tuple[type, ...]
    meaning: str
    #: A value to copy, for messages; None where the meaning is enough.
    example: Any
    #: The types of the items of a list, and of the values of a dictionary.
    items: tuple[type, ...]
    #: Converts a value of an allowed type to its setting.
    read: Callable[[Any, _Reading], Any]


class _Reading(NamedTuple):
    """The context for converting values."""

    #: The folder that the registry and the root of its repository are relative to.
    folder: Path
    #: Takes a message about an invalid value.
    complain: Callable[[str], None]


def _setting(
    name: str,
    default: object,
    types: tuple[type, ...],
    meaning: str,
    *,
    example: object = None,
    rebuild: Literal["", "env"] = "",
    items: tuple[type, ...] = (str, Path),
    read: Callable[[Any, _Reading], Any] = lambda value, _: value,
) -> Any:
    """Define a configuration value; return the dataclass field of its setting."""
    value = ConfigValue(f"statestores_{name}", default, rebuild, types, meaning, example, items, read)
    return field(metadata={_VALUE: value})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a project: one field for each configuration value."""

    registries: Registries = _setting(  # noqa: RUF009 - a field
        "registry",
        None,
        (str, _PATH, list, tuple),
        "The registry file, or a list of files that are merged, relative to ``conf.py``. With a single file, the "
        "guide beside it is read as well (``state-stores-guide.yaml`` beside ``state-stores.yaml``); with a list, "
        "only the listed files are. An item may also be another site: its URL, or its ``statestores.json``, alone "
        "or as a pair with a namespace (:doc:`/howto/federation`). :ref:`A settings file <settings-file>` can set "
        "this, too.",
        items=(str, Path, list, tuple),
        read=lambda value, reading: convert.registries(value, reading.folder, reading.complain),
    )
    sites: tuple[SiteAddress, ...] = _setting(
        "sites",
        {},
        (dict,),
        "Other sites whose stores can be linked, but are not listed: a dictionary from a namespace to the URL of a "
        "site or to the path of its ``statestores.json`` (:doc:`/howto/federation`).",
        read=lambda value, reading: convert.sites(value, reading.folder, reading.complain),
    )
    #: In seconds; None waits for ever.
    timeout: float | None = _setting(
        "timeout",
        None,
        (int, float),
        "How many seconds to wait for another site. By default, there is no limit.",
        read=lambda value, reading: convert.timeout(value, reading.complain),
    )
    cache_limit: float = _setting(
        "cache_limit",
        5,
        (int, float),
        "How many days a build uses its copy of the registry of another site before it fetches the registry again. "
        "With ``0``, every build fetches it; with a negative number, the copy never expires.",
    )
    #: Absolute, or None if not configured.
    root: Path | None = _setting(  # noqa: RUF009 - a field
        "root",
        None,
        (str, _PATH),
        "The root of the repository, relative to ``conf.py``. No link is followed out of it, outputs must be below "
        "it, and messages and pages show the paths of registry files from it. The default is the nearest folder "
        "above a file that has ``.git``. Without one, it is the current folder if the file is below it, otherwise "
        "the folder of the file. Set it if the site is built without ``.git``, for example in a container. :ref:`A "
        "settings file <settings-file>` can set this, too.",
        read=lambda value, reading: convert.root(value, reading.folder, reading.complain),
    )
    strict: bool = _setting(
        "strict",
        False,
        (bool,),
        "Whether a build exits with status 1 if the registry has errors, even without ``-W`` and even if the "
        "warnings are suppressed.",
    )
    all_problems: bool = _setting(
        "all_problems",
        False,
        (bool,),
        "Whether all problems of the registry are reported. By default, the first 100 of each kind are reported, "
        "and the others are counted.",
    )
    #: In bytes.
    size_limit: int = _setting(
        "size_limit",
        SIZE_LIMIT // MIB,
        (int, float),
        "The maximum size of a registry file in MiB.",
        read=lambda value, reading: convert.size_limit(value, reading.complain),
    )
    #: Absolute.
    observed: tuple[Path, ...] = _setting(
        "observed",
        None,
        (str, _PATH, list, tuple),
        "The file that ``statestores observe`` has written about running servers, or a ``schema.json`` of tbls, or a "
        "list of these, relative to ``conf.py`` (:doc:`/howto/compare-with-servers`). :ref:`A settings file "
        "<settings-file>` can set this, too.",
        read=lambda value, reading: convert.paths(value, reading.folder),
    )
    #: A template, or service -> document. None: services have no configured pages.
    service_pages: str | Mapping[str, str] | None = _setting(
        "service_pages",
        None,
        (str, dict),
        "The pages of services: a template such as ``services/{kebab}``, or a dictionary from service to document "
        "name.",
        read=lambda value, reading: convert.service_pages(value, reading.complain),
    )
    columns: tuple[str, ...] = _setting(
        "columns",
        list(DEFAULT_COLUMNS),
        (str, list, tuple),
        "The columns of a ``statestore-table`` without ``:columns:``.",
        read=lambda value, reading: convert.columns(value, reading.complain),
    )
    autolink: bool = _setting(
        "autolink",
        False,
        (bool,),
        "Whether an inline literal that is exactly the name of a store becomes a link.",
    )
    unknown_literals: str = _setting(
        "unknown_literals",
        "info",
        (str,),
        "How to report an inline literal that looks like the name of a store but is not: ``off``, ``info`` or "
        "``warning``.",
        read=lambda value, reading: convert.level(value, reading.complain),
    )
    name_patterns: tuple[str, ...] = _setting(
        "name_patterns",
        [],
        (list, tuple),
        "Patterns of what looks like the name of a store, such as ``*-statestore``. By default, these are "
        "kebab-case words with an ending that at least two stores of the registry share.",
        read=lambda value, _: tuple(value),
    )
    ignored_names: tuple[str, ...] = _setting(
        "ignored_names",
        [],
        (list, tuple),
        "Patterns of what looks like the name of a store but is not, such as ``package-lock``.",
        read=lambda value, _: tuple(value),
    )
    generate_pages: str = _setting(
        "generate_pages",
        "",
        (str,),
        "The folder for generated pages, such as ``stores/``. A page is generated for each service that has none.",
        example="stores/",
        read=lambda value, reading: convert.generated_folder(value, reading.complain),
    )
    generate_store_pages: bool = _setting(
        "generate_store_pages",
        False,
        (bool,),
        "Whether a page is generated for each store as well.",
    )
    page_template: str = _setting(
        "page_template",
        "",
        (str,),
        "A Jinja template for the generated pages of services, relative to ``conf.py``.",
    )
    coverage_fail_under: float = _setting(
        "coverage_fail_under",
        0,
        (int, float),
        "The minimum percentage of stores that the pages must mention. With fewer, a build exits with status 1.",
        read=lambda value, reading: convert.percentage(value, reading.complain),
    )
    preview: bool = _setting(
        "preview",
        True,
        (bool,),
        "Whether a link to a store in running text shows a card with details of the store on hover, focus and touch.",
    )
    #: How many rows a table needs to have tools; None for no tools.
    interactive: int | None = _setting(
        "interactive",
        convert.DEFAULT_LEAST_ROWS,
        (bool, int),
        "How many rows a ``statestore-table`` needs to be searched, filtered and sorted on the page "
        "(:ref:`interactive-tables`): a number, ``True`` for every table, ``False`` or ``0`` for none. The option "
        "``:interactive:`` of a table decides for that table.",
        read=lambda value, reading: convert.least_rows(value, reading.complain),
    )
    source_url: str = _setting(
        "source_url",
        None,
        (str,),
        "The URL of a line of the registry, or of code: a template with ``{path}`` (from the root of the "
        "repository), ``{line}``, ``{ref}`` and ``{repo}`` (the name of the root folder), such as "
        "``https://example.org/{repo}/blob/{ref}/{path}#L{line}``. :ref:`A settings file <settings-file>` can set "
        "this, too.",
        read=lambda value, reading: convert.source_url(value, reading.complain),
    )
    source_ref: str = _setting(
        "source_ref",
        None,
        (str,),
        "The value of ``{ref}``: a branch, a tag or a commit. The default is ``main``. :ref:`A settings file "
        "<settings-file>` can set this, too.",
        read=lambda value, _: DEFAULT_REF if value is None else value,
    )
    #: Key of a column, or word of a field -> what pages show for it.
    labels: Mapping[str, str] = _setting(
        "labels",
        {},
        (dict,),
        "Labels for columns and fields, by their keys, and for the values ``yes``, ``no``, ``planned`` and so on: a "
        'dictionary such as ``{"name": "Store", "x-team": "Owned by", "deprecated": "on its way out"}``.',
        items=(str,),
        read=lambda value, reading: convert.labels(value, reading.complain),
    )
    #: What a store passes that no page shows: one of them is enough.
    exclude: tuple[Query, ...] = _setting(
        "exclude",
        [],
        (str, list, tuple),
        "Stores to hide from all pages: filters such as ``tag=internal status=planned``, or a list of such "
        "filters, one of which must match. Read :ref:`what this does not hide <excluded-stores>`.",
        items=(str,),
        read=lambda value, reading: convert.exclude(value, reading.complain),
    )
    table_presets: Mapping[str, Mapping[str, Any]] = _setting(
        "table_presets",
        {},
        (dict,),
        "Named sets of options for ``statestore-table``, chosen with ``:preset:``.",
        rebuild="env",
        items=(dict,),
    )
    #: Rule -> a setting that overrides ``x-lint``; None disables the lint rules.
    lint: Mapping[str, RuleSetting] | None = _setting(
        "lint",
        True,
        (bool, dict),
        "The lint rules: a dictionary from a rule to its severity, or to ``severity`` and ``except``. It "
        "overrides, rule by rule, ``x-lint`` and :ref:`the settings file <settings-file>`. With ``False``, a build "
        "does not check the rules.",
        items=(str, dict),
        read=lambda value, reading: convert.lint(value, reading.complain),
    )

    @property
    def registry_files(self) -> tuple[Path, ...]:
        """The project's own registry files: absolute, in order."""
        return tuple(map(Path, self.registries.files))

    def source_uri(self, path: str, line: int, repo: str) -> str:
        """Return the URL of a line of a file, or an empty text; *repo* is the name of its repository's folder."""
        return source_address(self.source_url, path, line, self.source_ref, repo)

    def service_page(self, service: str) -> str:
        """Return the configured page of a service, or an empty text."""
        if self.service_pages is None:
            return ""
        if isinstance(self.service_pages, str):
            page = self.service_pages.format_map(service_spellings(service))
        else:
            page = self.service_pages.get(service, "")
        return page if is_address(page) else page.strip("/")


#: All configuration values, in the order of the documentation.
CONFIG_VALUES: tuple[ConfigValue, ...] = tuple(each.metadata[_VALUE] for each in fields(Settings))


def read_settings(config: Config, confdir: Path, srcdir: Path) -> tuple[Settings, list[Complaint], SharedSettings]:
    """Read the values of a project; what cannot be used is complained about and its default taken.

    What ``conf.py`` does not say is taken from the settings file around *confdir*, which is returned as well: its
    outputs are those that are for this registry. The registry and the root of its repository are relative to
    *confdir*, or to *srcdir* where that is another folder and a registry is there: ``sphinx-build -c`` builds other
    versions of a site so, each with a registry of its own.
    """
    complaints: list[Complaint] = []

    def complain(message: str) -> None:
        complaints.append(Complaint(Kind.INVALID_CONFIG, message))

    values = {each.name: _typed(config, each.metadata[_VALUE], complain) for each in fields(Settings)}
    shared = find_settings(confdir, convert.root(values["root"], confdir, lambda _: None))
    if values["registries"] is not None:
        shared = shared._replace(outputs=())
    given = dict(values)
    values.update(_shared_values(values, shared, confdir))
    beside_sources = convert.registries(values["registries"], srcdir).files
    is_beside = beside_sources != convert.registries(values["registries"], confdir).files and all(
        map(is_file, beside_sources)
    )
    reading = _Reading(srcdir if is_beside else confdir, complain)
    made = {each.name: each.metadata[_VALUE].read(values[each.name], reading) for each in fields(Settings)}
    if made["lint"] is not None and shared.lint:
        made["lint"] = {**shared.lint, **made["lint"]}
    for name, has_effect, hint in _DEPENDENT:
        if given[name] != _default(name) and not has_effect(made):
            complain(f"statestores_{name} has no effect: {hint}")
    return Settings(**made), complaints, shared


def _shared_values(values: Mapping[str, Any], shared: SharedSettings, confdir: Path) -> dict[str, Any]:
    """Return the values that a settings file gives, where ``conf.py`` gives none, as ``conf.py`` would give them."""
    found: dict[str, Any] = {"source_url": shared.source_url, "source_ref": shared.source_ref}
    if isinstance(shared.registry, Path):
        found["registries"] = Path(os.path.relpath(shared.registry, confdir))
    elif shared.registry is not None:
        found["registries"] = [Path(os.path.relpath(path, confdir)) for path in shared.registry]
    if shared.observed is not None:
        found["observed"] = [Path(os.path.relpath(path, confdir)) for path in shared.observed]
    if shared.root is not None:
        found["root"] = os.path.relpath(shared.root, confdir)
    given = {name: value for name, value in found.items() if values[name] is None and value is not None}
    return {**given, "lint": False} if values["lint"] is True and shared.lint is None else given


def _default(name: str) -> Any:
    return next(value.default for value in CONFIG_VALUES if value.name == f"statestores_{name}")


#: Setting -> whether it has an effect beside the other settings, and what to do where it has none.
_DEPENDENT: tuple[tuple[str, Callable[[Mapping[str, Any]], bool], str], ...] = (
    (
        "generate_store_pages",
        lambda made: bool(made["generate_pages"]),
        "name a folder for the pages in statestores_generate_pages, such as 'stores/'",
    ),
    (
        "page_template",
        lambda made: bool(made["generate_pages"]),
        "name a folder for the pages in statestores_generate_pages, such as 'stores/'",
    ),
    (
        "source_ref",
        lambda made: "{ref}" in made["source_url"],
        "put {ref} into statestores_source_url, such as 'https://example.org/repo/blob/{ref}/{path}#L{line}'",
    ),
    (
        "name_patterns",
        lambda made: made["unknown_literals"] != "off",
        "statestores_unknown_literals is 'off'; set it to 'info' or 'warning'",
    ),
    (
        "ignored_names",
        lambda made: made["unknown_literals"] != "off",
        "statestores_unknown_literals is 'off'; set it to 'info' or 'warning'",
    ),
)


def _typed(config: Config, value: ConfigValue, complain: Callable[[str], None]) -> Any:
    """Return a value if its type and those of its items are allowed; otherwise complain and return its default."""
    found = getattr(config, value.name)
    if found == value.default:
        return found
    if not isinstance(found, value.types):
        hint = f": write one such as {value.example!r}" if value.example else ""
        complain(must_be(value.name, _any_of(value.types), f"{literal(found)}{hint}"))
        return value.default
    if isinstance(found, (list, tuple)):
        wrong = [item for item in found if not isinstance(item, value.items)]
    elif isinstance(found, dict):
        wrong = [item for item in found.values() if not isinstance(item, value.items)]
    else:
        wrong = []
    if wrong:
        complain(must_be(f"{value.name}: each item", _any_of(value.items), literal(wrong[0])))
        return value.default
    return found


def _any_of(types: tuple[type, ...]) -> str:
    """Return types in words: ``a string, a path or a list``."""
    return listed(dict.fromkeys(_TYPE_WORDS.get(kind, kind.__name__) for kind in types), len(types), "or")


def table_presets(config: Config) -> Mapping[str, Mapping[str, Any]]:
    """Return the valid presets; invalid ones are reported once, at the start of a build."""
    [value] = (value for value in CONFIG_VALUES if value.name == "statestores_table_presets")
    presets: Mapping[str, Mapping[str, Any]] = _typed(config, value, lambda _: None)
    return presets


def option_texts(preset: Mapping[str, Any]) -> dict[str, str]:
    """Take the options of a preset; return their texts as on a page: a list with commas, a boolean as a word."""

    def text(value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (list, tuple)):
            return ", ".join(map(str, value))
        return "" if value is None else str(value)

    return {str(name): text(value) for name, value in preset.items()}
