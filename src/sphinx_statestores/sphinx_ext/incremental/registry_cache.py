"""The registry as it was read, kept beside the doctrees: an unchanged one is not parsed again.

Safe to delete at any time. It is used only when it is whole, of this version, and of the very content that the files
have now. As with Sphinx's own pickled environment, who can write into the folder of the doctrees is trusted.
"""

from __future__ import annotations

import pickle
import sys
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple, cast

from sphinx_statestores import __version__
from sphinx_statestores.registry.lint import apply_rule_settings, lint
from sphinx_statestores.registry.loader import load_sources, paused_collection
from sphinx_statestores.registry.problems import Problem, Severity, has_errors
from sphinx_statestores.registry.report import shorten
from sphinx_statestores.sphinx_ext.incremental.files import keep, read_kept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sphinx_statestores.registry.model import Registry, RuleSetting
    from sphinx_statestores.registry.source import SourceText

#: Changes with the shape of what is kept.
_FORMAT = 11
_DIGEST_SIZE = 32
#: Whoever builds a site is shown so many of each kind of hint.
_INFOS = 10


class Findings(NamedTuple):
    """What is wrong with a registry."""

    #: Its problems as the project wants them, with the findings of the lint rules.
    problems: list[Problem]
    #: How many errors it has, whether they are said or not.
    errors: int
    #: Whether it has been loaded without an error.
    is_sound: bool


def load_with_cache(
    sources: Sequence[SourceText | Problem],
    rules: Mapping[str, RuleSetting] | None,
    file: Path,
    *,
    hint: str | None = None,
) -> tuple[Registry, Findings]:
    """Load a registry and check it, once for each content of its files and each setting of the rules.

    *rules* are the settings that win over those of the registry; with None the rules are not checked. With a *hint*,
    many problems of one kind are counted, and it says how to see them all; with None all are reported. *file* is the
    cache, which is read when it is of these contents and settings, and else written. Raises nothing of its own: a
    cache that cannot be read or written costs time only.
    """
    texts = [source for source in sources if not isinstance(source, Problem)]
    if len(texts) != len(sources):
        # What made a file unreadable is not in its digest.
        return _load(sources, rules, hint)
    contents = [(source.path, source.digest) for source in texts]
    settings = None if rules is None else sorted(rules.items())
    key = repr((_FORMAT, __version__, sys.version_info[:2], contents, settings, hint)).encode()
    cached = _read(file, key)
    if cached is None:
        cached = _load(sources, rules, hint)
        with paused_collection():
            content = pickle.dumps(cached, protocol=5)
        # In a folder that nobody may write to, the next build reads the files again.
        keep(file, _digest(key, content) + content)
        # A copy lies together, once everything else is gone, and not among what parsing leaves behind.
        del cached
        cached = _unpickled(content) or _load(sources, rules, hint)
    return cached


def _load(
    sources: Sequence[SourceText | Problem], rules: Mapping[str, RuleSetting] | None, hint: str | None
) -> tuple[Registry, Findings]:
    registry, loaded = load_sources(sources)
    problems = apply_rule_settings(registry, loaded) if rules is None else lint(registry, rules, loaded)
    findings = Findings(
        problems if hint is None else shorten(problems, hint=hint, infos=_INFOS),
        sum(problem.severity is Severity.ERROR for problem in problems),
        not has_errors(loaded),
    )
    return registry, findings


def _read(file: Path, key: bytes) -> tuple[Registry, Findings] | None:
    """Return what is kept for a key; None when that is something else, or damaged: then it is not unpickled."""
    kept = memoryview(read_kept(file) or b"")
    digest, content = kept[:_DIGEST_SIZE], kept[_DIGEST_SIZE:]
    return _unpickled(content) if digest == _digest(key, content) else None


def _unpickled(content: bytes | memoryview) -> tuple[Registry, Findings] | None:
    try:
        with paused_collection():
            registry, findings = pickle.loads(content)  # noqa: S301 - see above
    except Exception:  # noqa: BLE001 - a pickle of this version, but of another code base, may raise anything
        return None
    return cast("Registry", registry), cast("Findings", findings)


def _digest(key: bytes, content: bytes | memoryview) -> bytes:
    digest = blake2b(key, digest_size=_DIGEST_SIZE)
    digest.update(content)
    return digest.digest()
