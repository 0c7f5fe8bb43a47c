"""One raw value of ``conf.py`` -> one setting: a function for each kind of value.

Each takes a value of an allowed type, and a function for messages. For an invalid value it calls that function and
returns the default.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx_statestores.registry.fields import FIELDS, may_be_own
from sphinx_statestores.registry.links import link_fault
from sphinx_statestores.registry.messages import must_be, one_of
from sphinx_statestores.registry.model import RuleSetting
from sphinx_statestores.registry.naming import service_spellings
from sphinx_statestores.registry.paths import default_files, is_file, is_folder, path_fault
from sphinx_statestores.registry.phrases import VALUES
from sphinx_statestores.registry.query import Query, parse_query_text
from sphinx_statestores.registry.quoting import SHOWN_LENGTH, cut, one_line, shown
from sphinx_statestores.registry.rules import (
    OFF,
    find_level,
    find_own_rule,
    find_rule,
    severity_of,
    unknown_level,
    unknown_rule,
)
from sphinx_statestores.registry.site_addresses import (
    Registries,
    SiteAddress,
    is_foreign,
    is_pair,
    site_address,
    sort_entries,
)
from sphinx_statestores.registry.source import SIZE_LIMIT, size_in_bytes
from sphinx_statestores.registry.source_links import SOURCE_FIELDS, template_fault
from sphinx_statestores.registry.suggest import did_you_mean
from sphinx_statestores.sphinx_ext.read.columns import BACKLINKS, DEFAULT_COLUMNS, may_be_column, unknown_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_LEVELS = ("off", "info", "warning")
#: The default registries, relative to the folder of conf.py. The first existing one is used.
DEFAULT_REGISTRIES = ("../schemas/state-stores.yaml", "schemas/state-stores.yaml")
#: The number of rows from which a table has tools by default.
DEFAULT_LEAST_ROWS = 10


def literal(value: object) -> str:
    """Return a value as in ``conf.py``, for a message; for a value without a literal form, its type."""
    try:
        text = repr(value)
    except ValueError:  # a number of thousands of digits
        return f"such {type(value).__name__}"
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}..."


def registries(value: Any, confdir: Path, complain: Callable[[str], None] = lambda _: None) -> Registries:
    """Return the own files and the other sites that ``statestores_registry`` names; by default, the usual file."""
    if isinstance(value, (list, tuple)) or (value and is_foreign(value)):
        items = [value] if not isinstance(value, (list, tuple)) or is_pair(value) else value
        found = sort_entries(items, confdir, lambda message: complain(f"statestores_registry: {message}"))
        return found._replace(files=tuple(absolute(confdir, item) for item in found.files))
    if value:
        return Registries(tuple(default_files(absolute(confdir, value))), ())
    candidates = [absolute(confdir, candidate) for candidate in DEFAULT_REGISTRIES]
    chosen = next((path for path in candidates if is_file(path)), candidates[0])
    return Registries(tuple(default_files(chosen)), ())


def sites(value: Mapping[Any, str | Path], confdir: Path, complain: Callable[[str], None]) -> tuple[SiteAddress, ...]:
    """Return the sites that are linked."""
    found = (
        site_address(address, confdir, lambda message: complain(f"statestores_sites: {message}"), str(namespace))
        for namespace, address in value.items()
    )
    return tuple(site for site in found if site is not None)


def timeout(value: float | None, complain: Callable[[str], None]) -> float | None:
    """Return a number of seconds above 0; None waits for ever."""
    if value is None or 0 < value < float("inf"):
        return value
    complain(must_be("statestores_timeout", "a number of seconds above 0", literal(value)))
    return None


def least_rows(value: int, complain: Callable[[str], None]) -> int | None:
    """Return the number of rows from which a table has tools; None for no tools."""
    if value < 0:
        complain(must_be("statestores_interactive", "True, False or a number of rows", literal(value)))
        return DEFAULT_LEAST_ROWS
    return int(value) or None


def root(value: str | Path | None, confdir: Path, complain: Callable[[str], None]) -> Path | None:
    """Return an existing folder, or None."""
    if not value:
        return None
    root = absolute(confdir, value)
    if is_folder(root):
        return root
    complain(f"statestores_root: there is no folder {str(value)!r}: name one relative to the folder of conf.py")
    return None


def generated_folder(value: str, complain: Callable[[str], None]) -> str:
    """Return a folder below the source folder, without slashes around it; empty for none."""
    if fault := path_fault(value):
        complain(f"statestores_generate_pages is {shown(value)}: {fault}")
        return ""
    return value.strip("/")


def size_limit(value: float, complain: Callable[[str], None]) -> int:
    """Take MiB; return bytes."""
    try:
        return size_in_bytes(value)
    except ValueError:
        complain(f"statestores_size_limit: {literal(value)} is not a valid size in MiB")
        return SIZE_LIMIT


def percentage(value: float, complain: Callable[[str], None]) -> float:
    """Return a number from 0 to 100."""
    if 0 <= value <= 100:
        return float(value)
    complain(must_be("statestores_coverage_fail_under", "a number from 0 to 100", literal(value)))
    return 0


def absolute(confdir: Path, path: str | Path) -> Path:
    """Return a path that is relative to a folder without ``..`` in it, and with its links as they are."""
    # Not `resolve`: a registry may be reached through a link, and is called what the project calls it.
    parts: list[str] = []
    for part in (confdir / path).parts:
        if part == "..":
            # The parent of the root is the root.
            del parts[max(1, len(parts) - 1) :]
        else:
            parts.append(part)
    return Path(*parts)


def paths(value: Any, confdir: Path) -> tuple[Path, ...]:
    """Return one path or several, absolute; none for an empty value."""
    items = value if isinstance(value, (list, tuple)) else [value] if value else []
    return tuple(absolute(confdir, item) for item in items)


def service_pages(value: Any, complain: Callable[[str], None]) -> str | dict[str, str] | None:
    """Return a template or a dictionary from service to page; None for neither."""
    name = "statestores_service_pages"
    if isinstance(value, dict):
        pages = {str(service): str(page) for service, page in value.items()}
        return {service: page for service, page in pages.items() if _may_be_linked(name, page, complain)}
    if not value or not _may_be_linked(name, str(value), complain):
        return None
    return _template(name, str(value), tuple(service_spellings("Service")), complain) or None


def level(value: str, complain: Callable[[str], None]) -> str:
    """Return the level of messages about unknown literals."""
    if value in _LEVELS:
        return value
    complain(one_of("statestores_unknown_literals", _LEVELS, f"{shown(value)}{did_you_mean(value, _LEVELS)}"))
    return "info"


def lint(
    value: bool | dict[Any, str | dict[Any, Any]], complain: Callable[[str], None]
) -> dict[str, RuleSetting] | None:
    """Return rule -> setting; None if lint rules are not checked."""
    if isinstance(value, bool):
        return {} if value else None
    found = {}
    for name, wanted in value.items():
        rule = find_rule(str(name)) or find_own_rule(str(name))
        if rule is None:
            complain(f"statestores_lint: {unknown_rule(str(name))}")
        else:
            found[rule] = _rule_setting(rule, {"severity": wanted} if isinstance(wanted, str) else wanted, complain)
    return found


def _rule_setting(rule: str, wanted: Mapping[Any, Any], complain: Callable[[str], None]) -> RuleSetting:
    for key in wanted:
        if key not in {"severity", "except"}:
            near = did_you_mean(str(key), ("severity", "except"))
            complain(f"statestores_lint: unknown field {cut(repr(key))} of the rule {rule!r}{near}")
    text = wanted.get("severity", "")
    level = find_level(text) if isinstance(text, str) else None
    if level is None and text != "":
        complain(f"statestores_lint: {unknown_level(rule, str(text))}")
    globs = wanted.get("except", ())
    globs = (globs,) if isinstance(globs, str) else globs
    if not isinstance(globs, (list, tuple)) or not all(isinstance(glob, str) for glob in globs):
        what = f"statestores_lint: 'except' of the rule {rule!r}"
        complain(must_be(what, "a list of globs", cut(repr(globs))))
        globs = ()
    return RuleSetting(severity_of(level or ""), level == OFF, tuple(globs))


def source_url(value: str | None, complain: Callable[[str], None]) -> str:
    """Return a valid template of a URL; empty for none."""
    name = "statestores_source_url"
    if not value or not _may_be_linked(name, value, complain):
        return ""
    return _template(name, value, SOURCE_FIELDS, complain)


def labels(value: Mapping[Any, str], complain: Callable[[str], None]) -> dict[str, str]:
    """Return column or word -> label, on one line."""
    labels = {}
    for key, label in value.items():
        name = str(key)
        if not may_be_column(name) and name not in VALUES:
            complain(f"statestores_labels: {unknown_label(name)}")
        elif not label.strip():
            complain(f"statestores_labels: the label of {shown(name)} is empty")
        else:
            labels[name] = one_line(label)
    return labels


def unknown_label(name: str, more: Iterable[str] = ()) -> str:
    """Say that no column and no word is called so; *more* are those of the registry."""
    near = did_you_mean(name, (*FIELDS, BACKLINKS.key, *VALUES, *more))
    return f"unknown column or word {shown(name)}{near}"


def exclude(value: Any, complain: Callable[[str], None]) -> tuple[Query, ...]:
    """Return the queries whose stores no page shows."""
    queries = []
    for text in (value,) if isinstance(value, str) else value:
        query, complaints = parse_query_text(text, may_be_own)
        for complaint in complaints:
            complain(f"statestores_exclude: {complaint.message}")
        if query != Query():
            queries.append(query)
        elif text.strip() and not complaints:
            complain(f"statestores_exclude: {shown(text)} has no filter, so it excludes nothing")
    return tuple(queries)


def _may_be_linked(name: str, link: str, complain: Callable[[str], None]) -> bool:
    fault = link_fault(link)
    if fault:
        complain(f"{name}: {shown(link)} is not a valid link: {fault}")
    return not fault


def _template(name: str, value: str, known: tuple[str, ...], complain: Callable[[str], None]) -> str:
    """Return a template when it is one and has known fields only; else nothing."""
    fault = template_fault(value, known)
    if fault:
        complain(f"{name}: {fault}")
    return "" if fault else value


def columns(value: Any, complain: Callable[[str], None]) -> tuple[str, ...]:
    """Return the keys of known columns; by default, the default columns."""
    keys = value.replace(",", " ").split() if isinstance(value, str) else [str(key).strip() for key in value]
    known = []
    for key in keys:
        if not may_be_column(key):
            complain(f"statestores_columns: {unknown_column(key)}")
        else:
            known.append(key)
    return tuple(dict.fromkeys(known)) or DEFAULT_COLUMNS
