"""``statestores.lock``: the documents of other sites as they were read, so that builds need no network.

A JSON object in the folder of ``conf.py``: URL -> SHA-256 and the lines of the document. Lines, because a review of
an update is one of lines.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.quoting import escaped
from sphinx_statestores.registry.site_addresses import without_credentials
from sphinx_statestores.registry.source import SIZE_LIMIT, read_source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: The name of the file.
LOCK_NAME = "statestores.lock"
#: The version of the format.
_VERSION = 1


class Lock(NamedTuple):
    """The pinned documents: URL without credentials -> bytes."""

    documents: Mapping[str, bytes]
    #: The URLs whose pinned document is not the one of its digest.
    damaged: frozenset[str] = frozenset()

    def get(self, url: str) -> bytes | None:
        """Return the pinned document of a URL; None when there is none."""
        return self.documents.get(without_credentials(url))

    def is_damaged(self, url: str) -> bool:
        """Return whether a URL is pinned, but its document is damaged."""
        return without_credentials(url) in self.damaged


def read_lock(path: Path, size_limit: int = SIZE_LIMIT, root: Path | None = None) -> tuple[Lock, list[Problem]]:
    """Return the lock and its problems; an empty lock when the file does not exist.

    A document that is not the one of its digest, as after a merge of two branches, is a problem and left out.
    """
    if not path.is_symlink() and not path.exists():
        return Lock({}), []
    source = read_source(path, size_limit, root)
    if isinstance(source, Problem):
        return Lock({}), [source]
    place = Location(str(path))
    update = "write it again with 'statestores federate URL ... --update'"
    try:
        content = json.loads(source.text)
        version, sites = content["version"], content["sites"]
        found = {str(url): ("\n".join(pinned["document"]), str(pinned["sha256"])) for url, pinned in sites.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Lock({}), [Problem(Kind.UNREADABLE_FILE, f"this is not a valid lock file: {update}", place)]
    if version != _VERSION:
        return Lock({}), [Problem(Kind.UNREADABLE_FILE, f"the lock file has an unsupported version: {update}", place)]
    documents, problems = {}, []
    for url, (text, digest) in found.items():
        data = text.encode("utf-8", "replace")
        if sha256(data).hexdigest() == digest:
            documents[url] = data
        else:
            message = (
                f"the pinned registry of {escaped(url)} does not match its digest: pin it again with 'statestores "
                "federate --update'"
            )
            problems.append(Problem(Kind.UNREADABLE_FILE, message, place))
    return Lock(documents, frozenset(found.keys() - documents.keys())), problems


def lock_text(documents: Mapping[str, bytes]) -> str:
    """Take URL -> document, which is UTF-8; return the content of the lock. Credentials of URLs are left out."""
    sites = {
        without_credentials(url): {
            "sha256": sha256(data).hexdigest(),
            "document": data.decode("utf-8").split("\n"),
        }
        for url, data in documents.items()
    }
    content = {"version": _VERSION, "sites": dict(sorted(sites.items()))}
    return f"{json.dumps(content, ensure_ascii=False, indent=1)}\n"
