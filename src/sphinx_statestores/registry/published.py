"""The section ``x-published`` of a site's ``statestores.json``: where the site shows its stores and services.

The rest of the file is a registry. The address of a store is relative to the root of the site, so that a site can
move; a relative address never leads out of it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.layout import KEY_PATTERNS, LAYOUT_NAMES, TEMPLATES_LIMIT, ResolvedLayout
from sphinx_statestores.registry.links import is_web_address, site_address_fault
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import escaped, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.shapes import Entry, Inspector

#: The name of the file, beside ``objects.inv``.
FILE_NAME = "statestores.json"
#: The section of the file that an ordinary registry does not have.
SECTION = "x-published"
#: The version of the format. Increased for changes that break readers.
VERSION = 1

_NOTHING: Mapping[str, str] = MappingProxyType({})
_NO_LAYOUTS: Mapping[str, ResolvedLayout] = MappingProxyType({})


#: The names of the parts of a layout, in the order of :class:`~.layout.ResolvedLayout`.
_RESOLVED_NAMES = ("name", *LAYOUT_NAMES)


class Publication(NamedTuple):
    """The content of ``x-published``."""

    #: The name of the site; may be empty.
    project: str = ""
    #: The root of the site as a URL that ends in ``/``; empty when the site does not say it.
    url: str = ""
    #: Store -> its address: relative to the root, or a whole URL. Stores on no page are left out.
    stores: Mapping[str, str] = _NOTHING
    #: Store -> the URL of its lines in the registry of the site.
    sources: Mapping[str, str] = _NOTHING
    #: Service -> the address of its page.
    services: Mapping[str, str] = _NOTHING
    #: Store that the site has from another one -> where its data lie, if that does not follow from the registry.
    layouts: Mapping[str, ResolvedLayout] = _NO_LAYOUTS

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle and copy by fields: a mapping proxy cannot be pickled."""
        return Publication, (self.project, self.url, *map(dict, self[2:]))


def read_publication(inspector: Inspector, node: Node) -> Publication:
    """Read ``x-published``: ``version``, ``project``, ``url``, ``stores``, ``sources``, ``services``, ``layouts``.

    Addresses that lead out of the site, or to anything but ``http`` and ``https``, are reported and left out, and so
    are layouts that are not valid.
    """
    what = f"{SECTION!r}"
    entries = inspector.entries(node, what) or {}
    if "version" in entries:
        version = inspector.line(entries["version"].value, f"'version' of {what}", loose=True)
        if version != str(VERSION):
            message = (
                f"{what} has the version {shown(version)}, and only {VERSION} is supported: its addresses are ignored"
            )
            inspector.report(Kind.INVALID_VALUE, message, entries["version"].value)
            return Publication()
    url = _web_address(inspector, entries["url"], f"'url' of {what}") if "url" in entries else ""
    return Publication(
        inspector.line(entries["project"].value, f"'project' of {what}") if "project" in entries else "",
        f"{url.rstrip('/')}/" if url else "",
        _texts(inspector, entries, "stores", _site_address),
        _texts(inspector, entries, "sources", _web_address),
        _texts(inspector, entries, "services", _site_address),
        _layouts(inspector, entries["layouts"].value) if "layouts" in entries else _NO_LAYOUTS,
    )


def _texts(
    inspector: Inspector, entries: dict[str, Entry], field: str, read: Callable[[Inspector, Entry, str], str]
) -> Mapping[str, str]:
    if field not in entries:
        return _NOTHING
    items = inspector.entries(entries[field].value, f"{field!r} of {SECTION!r}") or {}
    found = {name: read(inspector, entry, f"the address of {escaped(name)}") for name, entry in items.items()}
    return {name: text for name, text in found.items() if text}


def _site_address(inspector: Inspector, entry: Entry, what: str) -> str:
    return _checked(inspector, entry, what, site_address_fault)


def _web_address(inspector: Inspector, entry: Entry, what: str) -> str:
    return _checked(
        inspector, entry, what, lambda text: "" if is_web_address(text) else "it is not an http or https URL"
    )


def _checked(inspector: Inspector, entry: Entry, what: str, find_fault: Callable[[str], str]) -> str:
    text = inspector.line(entry.value, what, is_name=True)
    fault = find_fault(text) if text else ""
    if not fault:
        return text
    inspector.report(Kind.INVALID_VALUE, f"{what} is {shown(text)}, which is ignored: {fault}", entry.value)
    return ""


def layout_data(layout: ResolvedLayout) -> dict[str, object]:
    """Take a layout; return it as :func:`read_publication` reads it, without what is empty."""
    return {name: value for name, value in zip(_RESOLVED_NAMES, layout, strict=True) if value}


def _layouts(inspector: Inspector, node: Node) -> Mapping[str, ResolvedLayout]:
    items = inspector.entries(node, f"'layouts' of {SECTION!r}") or {}
    found = {name: _layout(inspector, name, entry, f"the layout of {escaped(name)}") for name, entry in items.items()}
    return {name: layout for name, layout in found.items() if layout is not None}


def _layout(inspector: Inspector, name: str, entry: Entry, what: str) -> ResolvedLayout | None:
    before = inspector.errors
    entries = inspector.entries(entry.value, what) or {}
    inspector.other_fields(entries, _RESOLVED_NAMES, what)
    keys: tuple[Node, ...] = ()
    if "keys" in entries:
        keys = inspector.items(entries["keys"].value, f"'keys' of {what}")
        if len(keys) > TEMPLATES_LIMIT:
            message = f"{what} has {len(keys):,} patterns of keys, more than {TEMPLATES_LIMIT}"
            inspector.report(Kind.INVALID_VALUE, message, entries["keys"].value)
            return None
    texts = {
        field: inspector.line(entries[field].value, f"{field!r} of {what}", is_name=True)
        for field in _RESOLVED_NAMES
        if field in entries and field not in KEY_PATTERNS
    }
    layout = ResolvedLayout(
        texts.get("name") or name,
        tuple(_parts(inspector, item, f"'keys' of {what}") for item in keys),
        _parts(inspector, entries["locks"].value, f"'locks' of {what}") if "locks" in entries else (),
        *(texts.get(field, "") for field in LAYOUT_NAMES if field not in KEY_PATTERNS),
    )
    return layout if inspector.errors == before else None


def _parts(inspector: Inspector, node: Node, what: str) -> tuple[str, ...]:
    """Return the texts between the wildcards of a pattern."""
    before = inspector.errors
    parts = tuple(inspector.line(item, f"a text of {what}", is_name=True) for item in inspector.items(node, what))
    if inspector.errors == before and not (parts and parts[0]):
        inspector.report(Kind.INVALID_VALUE, f"a pattern in {what} does not begin with a text", node)
    return parts
