"""The ``statestores_*`` values of a project -> one frozen object, made once for each build."""

from __future__ import annotations

import string
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sphinx_statestores.registry.fields import find_field
from sphinx_statestores.registry.naming import service_spellings
from sphinx_statestores.registry.paths import default_files
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import Complaint
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx.config import Config

#: The columns of a table that names none.
DEFAULT_COLUMNS = ("name", "backend", "service", "purpose")

#: Where a registry is looked for when the project names none, from the folder of conf.py.
DEFAULT_REGISTRIES = ("../schemas/state-stores.yaml", "schemas/state-stores.yaml")


class ConfigValue(NamedTuple):
    """One ``statestores_*`` value, as it is registered and documented."""

    name: str
    default: Any
    #: Sphinx's word for what a change of it invalidates. Empty where late binding sees to it.
    rebuild: Literal["", "env"]
    types: tuple[type, ...]
    meaning: str


CONFIG_VALUES = (
    ConfigValue(
        "statestores_registry",
        None,
        "",
        (str, list, tuple),
        "The registry file, or a list of files that are merged, relative to ``conf.py``. A single file brings "
        "its guide along (``state-stores-guide.yaml`` beside ``state-stores.yaml``); a list is taken as it is.",
    ),
    ConfigValue(
        "statestores_service_pages",
        None,
        "",
        (str, dict),
        "Where the page of a service is: a template such as ``services/{kebab}`` or a dictionary from service to "
        "document name.",
    ),
    ConfigValue(
        "statestores_columns",
        list(DEFAULT_COLUMNS),
        "",
        (str, list, tuple),
        "The columns of a ``statestore-table`` without ``:columns:``.",
    ),
    ConfigValue(
        "statestores_table_presets",
        {},
        "env",
        (dict,),
        "Named sets of options for ``statestore-table``, chosen with ``:preset:``.",
    ),
)


@dataclass(frozen=True)
class Settings:
    """What a project wants of the extension."""

    #: The files to read, absolute, in order.
    registry_files: tuple[Path, ...] = ()
    #: A template, or service -> document; None when services have no pages.
    service_pages: str | Mapping[str, str] | None = None
    columns: tuple[str, ...] = DEFAULT_COLUMNS

    def service_page(self, service: str) -> str:
        """Return the document that is said to be a service's page, or nothing."""
        if self.service_pages is None:
            return ""
        if isinstance(self.service_pages, str):
            return self.service_pages.format_map(service_spellings(service)).strip("/")
        return self.service_pages.get(service, "").strip("/")


def read_settings(config: Config, confdir: Path) -> tuple[Settings, list[Complaint]]:
    """Read the values of a project; what cannot be used is complained about and its default taken."""
    complaints: list[Complaint] = []

    def complain(message: str) -> None:
        complaints.append(Complaint(Kind.INVALID_CONFIG, message))

    settings = Settings(
        registry_files=_registry_files(config.statestores_registry, confdir),
        service_pages=_service_pages(config.statestores_service_pages, complain),
        columns=_columns(config.statestores_columns, complain),
    )
    return settings, complaints


def _registry_files(value: Any, confdir: Path) -> tuple[Path, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(_absolute(confdir, item) for item in value)
    if value:
        return tuple(default_files(_absolute(confdir, value)))
    candidates = [_absolute(confdir, candidate) for candidate in DEFAULT_REGISTRIES]
    chosen = next((path for path in candidates if path.is_file()), candidates[0])
    return tuple(default_files(chosen))


def _absolute(confdir: Path, path: str) -> Path:
    # Not `resolve`: a registry may be reached through a link, and is called what the project calls it.
    parts: list[str] = []
    for part in (confdir / path).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return Path(*parts)


def _service_pages(value: Any, complain: Callable[[str], None]) -> str | dict[str, str] | None:
    if isinstance(value, dict):
        return {str(service): str(page) for service, page in value.items()}
    if not value:
        return None
    known = service_spellings("Service")
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(value) if name is not None]
    except ValueError as error:
        complain(f"statestores_service_pages: {value!r} is no template: {error}")
        return None
    unknown = [name for name in names if name not in known]
    if unknown:
        near = did_you_mean(unknown[0], known)
        fields = ", ".join(known)
        complain(f"statestores_service_pages: unknown field {unknown[0]!r} in {value!r}{near} (there are {fields})")
        return None
    return str(value)


def _columns(value: Any, complain: Callable[[str], None]) -> tuple[str, ...]:
    keys = value.replace(",", " ").split() if isinstance(value, str) else [str(key).strip() for key in value]
    known = []
    for key in keys:
        if find_field(key) is None:
            complain(f"statestores_columns: unknown column {key!r}{did_you_mean(key, DEFAULT_COLUMNS)}")
        else:
            known.append(key)
    return tuple(known) or DEFAULT_COLUMNS


def option_texts(preset: Mapping[str, Any]) -> dict[str, str]:
    """Return a preset's options as a page would write them: a list with commas, a truth value as a word."""

    def text(value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)

    return {str(name): text(value) for name, value in preset.items()}
