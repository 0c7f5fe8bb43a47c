"""A registry's files -> the loaded registry, from a cache beside the doctrees if the files have not changed.

What else is made of files alone is kept in the same way.

The cache can be deleted at any time. It is used only if it is complete, of this version, and made of the current
content of the files. Anybody who can write into the doctree folder is trusted, as with Sphinx's own pickled
environment.
"""

from __future__ import annotations

import pickle
import sys
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from sphinx_statestores import __version__
from sphinx_statestores.checks.lint import apply_rule_settings, lint
from sphinx_statestores.registry.loader import load_sources, paused_collection
from sphinx_statestores.registry.problems import Problem, Severity, has_errors
from sphinx_statestores.registry.report import shorten
from sphinx_statestores.sphinx_ext.incremental.files import keep, read_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sphinx_statestores.registry.model import Registry, RuleSetting
    from sphinx_statestores.registry.source import SourceText

_Result = TypeVar("_Result")

#: The version of the cached data.
_FORMAT = 15
_DIGEST_SIZE = 32
#: The maximum number of problems of severity info for each kind.
_INFOS = 10


class Findings(NamedTuple):
    """The problems of a registry."""

    #: The problems after rule settings, including those of the lint rules.
    problems: list[Problem]
    #: The number of errors, including those that are not reported.
    errors: int
    #: Whether the registry was loaded without errors.
    is_sound: bool


def load_with_cache(
    sources: Sequence[SourceText | Problem],
    rules: Mapping[str, RuleSetting] | None,
    file: Path,
    *,
    hint: str | None = None,
) -> tuple[Registry, Findings]:
    """Load and check a registry, using the cache if the files and the rule settings are unchanged.

    *rules* override the settings of the registry; None disables the lint rules. *hint* is added to the counts of a
    shortened report; None reports all problems. *file* is the cache: it is read, or written when it is out of date. A
    cache that cannot be read or written is ignored.
    """
    contents = contents_of(sources)
    if contents is None:
        return _load(sources, rules, hint)
    settings = None if rules is None else sorted(rules.items())
    return kept_result(file, (contents, settings, hint), lambda: _load(sources, rules, hint))


def contents_of(sources: Sequence[SourceText | Problem]) -> tuple[tuple[str, str], ...] | None:
    """Return path and digest of each file; None if one cannot be read, since the reason has no digest."""
    texts = tuple((source.path, source.digest) for source in sources if not isinstance(source, Problem))
    return texts if len(texts) == len(sources) else None


def kept_result(file: Path, inputs: object, make: Callable[[], _Result]) -> _Result:
    """Return what *make* returns, or what it returned in an earlier build with *inputs* of the same ``repr``.

    *file* is the cache. One that cannot be read or written is ignored.
    """
    key = repr((_FORMAT, __version__, sys.version_info[:2], inputs)).encode()
    cached: _Result | None = _read(file, key)
    if cached is None:
        cached = make()
        with paused_collection():
            content = pickle.dumps(cached, protocol=5)
        # If the cache cannot be written, the next build reads the files again.
        keep(file, _digest(key, content) + content)
        # Unpickled, the result is contiguous in memory instead of scattered among freed objects of the parser.
        del cached
        cached = _unpickled(content) or make()
    return cached


def _load(
    sources: Sequence[SourceText | Problem], rules: Mapping[str, RuleSetting] | None, hint: str | None
) -> tuple[Registry, Findings]:
    registry, loaded = load_sources(sources)
    problems = apply_rule_settings(registry, loaded) if rules is None else lint(registry, rules, loaded)
    findings = Findings(
        shorten_report(problems, hint),
        sum(problem.severity is Severity.ERROR for problem in problems),
        not has_errors(loaded),
    )
    return registry, findings


def shorten_report(problems: list[Problem], hint: str | None) -> list[Problem]:
    """Return problems as a build reports them: all, or with a *hint* the first of each kind, and counts."""
    return problems if hint is None else shorten(problems, hint=hint, infos=_INFOS)


def _read(file: Path, key: bytes) -> Any:
    """Return the cached data for a key; None for another key or damaged data, which are not unpickled."""
    kept = memoryview(read_kept(file) or b"")
    digest, content = kept[:_DIGEST_SIZE], kept[_DIGEST_SIZE:]
    return _unpickled(content) if digest == _digest(key, content) else None


def _unpickled(content: bytes | memoryview) -> Any:
    try:
        with paused_collection():
            return pickle.loads(content)  # noqa: S301 - see above
    except Exception:  # noqa: BLE001 - a pickle of another code base may raise anything
        return None


def _digest(key: bytes, content: bytes | memoryview) -> bytes:
    digest = blake2b(key, digest_size=_DIGEST_SIZE)
    digest.update(content)
    return digest.digest()
