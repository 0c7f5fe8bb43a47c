"""The section ``x-published`` of a site's ``statestores.json``: where the site shows its stores and services.

The rest of the file is a registry. The address of a store is relative to the root of the site, so that a site can
move; a relative address never leads out of it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

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

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle and copy by fields: a mapping proxy cannot be pickled."""
        return Publication, (self.project, self.url, dict(self.stores), dict(self.sources), dict(self.services))


def read_publication(inspector: Inspector, node: Node) -> Publication:
    """Read ``x-published``: ``version``, ``project``, ``url``, ``stores``, ``sources``, ``services``.

    Addresses that lead out of the site, or to anything but ``http`` and ``https``, are reported and left out.
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
