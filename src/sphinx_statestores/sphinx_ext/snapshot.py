"""The registry as it was read, kept beside the doctrees: an unchanged one is not parsed again.

Safe to delete at any time. It is taken for what it says only when it is whole, of this version, and of the very
content that the files have now. As with Sphinx's own pickled environment, who can write into the folder of the
doctrees is trusted.
"""

from __future__ import annotations

import contextlib
import pickle
import sys
from hashlib import blake2b
from typing import TYPE_CHECKING, cast

from sphinx_statestores import __version__
from sphinx_statestores.export.files import replace_file
from sphinx_statestores.registry.garbage import no_search_for_garbage
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.source import SourceText

#: Changes with the shape of what is kept.
_FORMAT = 3
_DIGEST_SIZE = 32


def load_with_snapshot(sources: Sequence[SourceText | Problem], file: Path) -> tuple[Registry, list[Problem]]:
    """Do what :func:`~sphinx_statestores.registry.loader.load_sources` does, once for each content of the files.

    *file* is the snapshot, which is read when it is of these contents, and else written. Raises nothing of its own: a
    snapshot that cannot be read or written costs time only.
    """
    texts = [source for source in sources if not isinstance(source, Problem)]
    if len(texts) != len(sources):
        # What made a file unreadable is not in its digest.
        return load_sources(sources)
    key = _digest(
        repr(
            (_FORMAT, __version__, sys.version_info[:2], [(source.path, source.digest) for source in texts])
        ).encode()
    )
    kept = _read(file, key)
    if kept is not None:
        return kept
    loaded = load_sources(sources)
    payload = pickle.dumps(loaded, protocol=5)
    # In a folder that nobody may write to, the next build reads the files again.
    with contextlib.suppress(OSError):
        replace_file(file, key + _digest(payload) + payload)
    return loaded


def _read(file: Path, key: bytes) -> tuple[Registry, list[Problem]] | None:
    try:
        content = file.read_bytes()
    except OSError:
        return None
    head, payload = content[: 2 * _DIGEST_SIZE], content[2 * _DIGEST_SIZE :]
    if head != key + _digest(payload):
        return None
    try:
        with no_search_for_garbage():
            return cast("tuple[Registry, list[Problem]]", pickle.loads(payload))  # noqa: S301 - see above
    except Exception:  # noqa: BLE001 - whatever a pickle of another code base may raise
        return None


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=_DIGEST_SIZE).digest()
