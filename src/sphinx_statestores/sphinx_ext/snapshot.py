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
from typing import TYPE_CHECKING, NamedTuple, cast

from sphinx_statestores import __version__
from sphinx_statestores.export.files import replace_file
from sphinx_statestores.registry.garbage import no_search_for_garbage
from sphinx_statestores.registry.lint import lint, settled
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sphinx_statestores.registry.model import Registry, RuleSetting
    from sphinx_statestores.registry.source import SourceText

#: Changes with the shape of what is kept.
_FORMAT = 4
_DIGEST_SIZE = 32


class Read(NamedTuple):
    """A registry, and what is wrong with it."""

    registry: Registry
    #: What loading it has found.
    loaded: list[Problem]
    #: The same as the project wants it, with what the rules of taste have found.
    problems: list[Problem]


def read_with_snapshot(
    sources: Sequence[SourceText | Problem], rules: Mapping[str, RuleSetting] | None, file: Path
) -> Read:
    """Load a registry and check it, once for each content of its files and each setting of the rules.

    *rules* are the settings that win over those of the registry; with None the rules are not checked. *file* is the
    snapshot, which is read when it is of these contents and settings, and else written. Raises nothing of its own: a
    snapshot that cannot be read or written costs time only.
    """
    texts = [source for source in sources if not isinstance(source, Problem)]
    if len(texts) != len(sources):
        # What made a file unreadable is not in its digest.
        return _read(sources, rules)
    contents = [(source.path, source.digest) for source in texts]
    settings = None if rules is None else sorted(rules.items())
    key = _digest(repr((_FORMAT, __version__, sys.version_info[:2], contents, settings)).encode())
    kept = _kept(file, key)
    if kept is not None:
        return kept
    read = _read(sources, rules)
    payload = pickle.dumps(read, protocol=5)
    # In a folder that nobody may write to, the next build reads the files again.
    with contextlib.suppress(OSError):
        replace_file(file, key + _digest(payload) + payload)
    return read


def _read(sources: Sequence[SourceText | Problem], rules: Mapping[str, RuleSetting] | None) -> Read:
    registry, loaded = load_sources(sources)
    problems = settled(registry, loaded) if rules is None else lint(registry, rules, loaded)
    return Read(registry, loaded, problems)


def _kept(file: Path, key: bytes) -> Read | None:
    try:
        content = file.read_bytes()
    except OSError:
        return None
    head, payload = content[: 2 * _DIGEST_SIZE], content[2 * _DIGEST_SIZE :]
    if head != key + _digest(payload):
        return None
    try:
        with no_search_for_garbage():
            return cast("Read", pickle.loads(payload))  # noqa: S301 - see above
    except Exception:  # noqa: BLE001 - whatever a pickle of another code base may raise
        return None


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=_DIGEST_SIZE).digest()
