"""What a configuration calls a registry -> a file of the project, or the address of another site."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

from sphinx_statestores.registry.links import is_web_address
from sphinx_statestores.registry.paths import is_folder
from sphinx_statestores.registry.published import FILE_NAME
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.shapes import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SCHEMES = ("http:", "https:")
#: The suffixes of a URL of a document; any other URL is that of a site.
_DOCUMENTS = (".json", ".yaml", ".yml")


class SiteAddress(NamedTuple):
    """Where the registry of another site is."""

    #: May be empty.
    namespace: str
    #: The URL of the document; empty for a file.
    url: str
    #: The file, absolute; None for a URL.
    path: Path | None

    @property
    def root(self) -> str:
        """The root of the site as a URL; empty for a file."""
        return site_root(self.url) if self.url else ""

    @property
    def shown(self) -> str:
        """The address for messages, without credentials."""
        return shown_url(self.url) if self.url else str(self.path)


class Registries(NamedTuple):
    """The registries that a configuration names."""

    #: The project's own files: the items as they were given.
    files: tuple[str | Path, ...]
    #: Sites whose registries are merged.
    sites: tuple[SiteAddress, ...]


def sort_entries(entries: Iterable[object], folder: Path, complain: Callable[[str], None]) -> Registries:
    """Take the items of a list of registries; return own files and other sites.

    Another site is the URL of its root or of its ``statestores.json``, a path that ends in ``statestores.json``, or a
    pair of a namespace and any of these. Paths are relative to *folder*. *complain* takes messages about other items.
    """
    files: list[str | Path] = []
    sites = []
    for entry in entries:
        if isinstance(entry, (list, tuple)):
            if len(entry) == 2 and isinstance(entry[0], str) and isinstance(entry[1], (str, os.PathLike)):
                site = site_address(entry[1], folder, complain, entry[0])
            else:
                complain(
                    "an item that is a list must be a pair of a namespace and a URL or path; found "
                    f"{shown(repr(entry))}"
                )
                site = None
        elif isinstance(entry, (str, Path)) and is_foreign(entry):
            site = site_address(entry, folder, complain)
        else:
            files.append(entry if isinstance(entry, Path) else str(entry))
            continue
        if site is not None:
            sites.append(site)
    return Registries(tuple(files), tuple(sites))


def is_foreign(entry: str | Path) -> bool:
    """Return whether an item names the registry of another site, and not a file of the project."""
    text = str(entry)
    return _is_url(text) or Path(text).name == FILE_NAME


def is_pair(value: list[object] | tuple[object, ...]) -> bool:
    """Return whether a whole list of registries is a pair of a namespace and a site, and not two files."""
    return (
        len(value) == 2
        and isinstance(value[0], str)
        and NAMESPACE.fullmatch(value[0]) is not None
        and isinstance(value[1], (str, Path))
        and is_foreign(value[1])
    )


def site_address(
    address: str | os.PathLike[str], folder: Path, complain: Callable[[str], None], namespace: str = ""
) -> SiteAddress | None:
    """Return the address of a site; None for one that cannot be used, about which *complain* takes a message."""
    text = os.fspath(address)
    if namespace and not NAMESPACE.fullmatch(namespace):
        complain(
            f"{shown(namespace)} is not a valid namespace: use up to 63 ASCII letters, digits, '-' and '_', and "
            "begin with a letter or digit"
        )
        return None
    if _is_url(text):
        if _is_usable(text):
            return SiteAddress(namespace, document_url(text), None)
        complain(
            f"the item for {shown(namespace or 'a site')} is not a valid URL: write 'https://', the host and a path"
        )
        return None
    path = Path(os.path.normpath(folder / text))
    return SiteAddress(namespace, "", path / FILE_NAME if is_folder(path) else path)


def _is_url(text: str) -> bool:
    return text.lower().startswith(_SCHEMES)


def _is_usable(url: str) -> bool:
    try:
        return is_web_address(without_credentials(url)) and bool(urlsplit(url).hostname)
    except ValueError:  # such as a bracket in the host
        return False


def document_url(url: str) -> str:
    """Take the URL of a site's root or of its ``statestores.json``; return that of the file."""
    parts = urlsplit(url)
    if parts.path.lower().endswith(_DOCUMENTS):
        return url
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{FILE_NAME}", fragment=""))


def site_root(url: str) -> str:
    """Take the URL of a ``statestores.json``; return the root of its site, which links begin with."""
    parts = urlsplit(without_credentials(url))
    return urljoin(urlunsplit(parts._replace(query="", fragment="")), ".")


def without_credentials(url: str) -> str:
    """Return a URL without ``user:password@``."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def shown_url(url: str) -> str:
    """Return a URL for messages: without credentials, and without a query, which may hold a token."""
    parts = urlsplit(without_credentials(url))
    return urlunsplit(parts._replace(query="...", fragment="")) if parts.query else urlunsplit(parts)
