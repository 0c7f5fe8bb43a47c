"""The addresses of other sites -> their registries: pinned by the lock, kept by an earlier build, or fetched.

A site is fetched again when its copy is older than the limit. The copies can be deleted at any time.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.fetch import FetchError, fetch_registry
from sphinx_statestores.registry.paths import exists
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.source import decode_source, read_source
from sphinx_statestores.sphinx_ext.incremental.files import keep, read_kept

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sphinx_statestores.registry.fetch import FetchOptions
    from sphinx_statestores.registry.lock import Lock
    from sphinx_statestores.registry.site_addresses import SiteAddress
    from sphinx_statestores.registry.source import SourceText

_DAY = 24 * 60 * 60
#: The maximum number of sites that are fetched at the same time.
_AT_ONCE = 8
#: What to do about a local copy that is not there.
_NOT_BUILT = (
    "the path of another site is relative to the folder of conf.py, and an HTML build of that site makes the file"
)


class SiteCopies(NamedTuple):
    """Where documents are taken from."""

    lock: Lock
    options: FetchOptions
    #: In days; negative for ever, 0 for each build.
    limit: float
    #: The folder of the copies.
    folder: Path
    #: The root of the repository, for sites that are files.
    root: Path | None

    def read(self, sites: Sequence[SiteAddress]) -> tuple[list[SourceText | Problem], list[str]]:
        """Return the document of each site, or the problem with it; and messages about sites that failed.

        A site that fails and has an old copy is that copy, and a message.
        """
        if not sites:
            return [], []
        with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(sites))) as pool:
            found = list(pool.map(self._read, sites))
        return [document for document, _ in found], [message for _, message in found if message]

    def file(self, site: SiteAddress, suffix: str) -> Path:
        """Return the file in which something of a site is kept."""
        name = (site.url or str(site.path)).encode("utf-8", "surrogateescape")
        return self.folder / f"{blake2b(name, digest_size=16).hexdigest()}{suffix}"

    def _read(self, site: SiteAddress) -> tuple[SourceText | Problem, str]:
        if site.path is not None:
            found = read_source(site.path, self.options.size_limit, self.root)
            if isinstance(found, Problem) and not exists(site.path):
                found = found._replace(message=f"{found.message}: {_NOT_BUILT}")
            return found, ""
        pinned = self.lock.get(site.url)
        if pinned is not None:
            return decode_source(site.shown, pinned), ""
        if self.lock.is_damaged(site.url):
            # Its own message says so. What the site publishes today is not what was pinned.
            return Problem(Kind.UNREACHABLE_SITE, "the pinned registry is damaged", Location(site.shown)), ""
        file = self.file(site, ".json")
        age = _age(file)
        old = read_kept(file) if age is not None else None
        if old is not None and age is not None and (self.limit < 0 or age < self.limit * _DAY):
            return decode_source(site.shown, old), ""
        try:
            data = fetch_registry(site.url, self.options)
        except FetchError as error:
            message = f"{site.shown} cannot be fetched: {error}"
            if old is None:
                return Problem(Kind.UNREACHABLE_SITE, message, Location(site.shown)), message
            days = int((age or 0) / _DAY)
            return decode_source(site.shown, old), f"{message}; a copy of {_days(days)} is used"
        keep(file, data)
        return decode_source(site.shown, data), ""


def _days(number: int) -> str:
    return "today" if number < 1 else f"{number} day{'' if number == 1 else 's'} ago"


def _age(file: Path) -> float | None:
    """Return the age of a file in seconds; None when there is none."""
    try:
        return max(0.0, time.time() - file.stat().st_mtime)
    except OSError:
        return None
