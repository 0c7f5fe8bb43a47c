"""The registry as it was read, kept beside the doctrees: an unchanged one is not parsed again.

Safe to delete at any time. It is taken for what it says only when it is whole, of this version, and of the very
content that the files have now. As with Sphinx's own pickled environment, who can write into the folder of the
doctrees is trusted.

It has three parts: what every build has to know, which is little; the registry, which a build that changes nothing
never looks at; and of which texts the registry was made, for a build that finds other contents, and parses only what
is not among these texts.
"""

from __future__ import annotations

import pickle
import sys
from functools import cached_property
from hashlib import blake2b
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sphinx_statestores import __version__
from sphinx_statestores.registry.garbage import no_search_for_garbage, set_aside
from sphinx_statestores.registry.model import Store
from sphinx_statestores.registry.places import Places
from sphinx_statestores.registry.problems import Problem, Severity, has_errors
from sphinx_statestores.registry.report import shorten
from sphinx_statestores.sphinx_ext.files import keep, read_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from sphinx_statestores.registry.increments import Kept, Table
    from sphinx_statestores.registry.loader import Reloaded
    from sphinx_statestores.registry.model import Registry, RuleSetting
    from sphinx_statestores.registry.source import SourceText

#: Changes with the shape of what is kept.
_FORMAT = 9
_DIGEST_SIZE = 32
_LENGTH_SIZE = 8
_PARTS = 3
_PLACES = Store._fields.index("places")
#: Whoever builds a site is shown so many of each kind of hint.
_INFOS = 10
#: So many entries leave much behind when they are parsed.
_MANY = 1000
#: The key of what has been read, the key of what can read it, the digest of each part, the length of each part.
_HEAD_SIZE = (2 + _PARTS) * _DIGEST_SIZE + _PARTS * _LENGTH_SIZE


class Findings(NamedTuple):
    """What a build has to know of a registry, whatever its pages show."""

    #: What is said of it, as the project wants it, with what the rules of taste have found.
    problems: list[Problem]
    #: How many errors it has, whether they are said or not.
    errors: int
    #: Whether it has been loaded without an error.
    is_sound: bool
    has_stores: bool
    #: Whether it declares generated files.
    has_outputs: bool


class Before(NamedTuple):
    """A registry of other contents, which was kept from the build before."""

    #: The path and the digest of each of its files.
    contents: tuple[tuple[str, str], ...]
    registry: Registry


class _Origin(NamedTuple):
    """Where a registry that is kept comes from."""

    contents: tuple[tuple[str, str], ...]
    tables: dict[str, Table]
    parser: str
    #: What loading it has found.
    loaded: list[Problem]
    #: What else its findings depend on.
    taste: str


class _Earlier(NamedTuple):
    """What was found in a registry by the same rules."""

    registry: Registry
    #: By loading it.
    loaded: list[Problem]
    findings: Findings


class _InColumns(NamedTuple):
    """A registry whose stores are pickled field by field, which takes half of the time; it is unpickled as it was.

    What has been computed of it is left away: few builds ask for that.
    """

    registry: Registry

    def __reduce__(self) -> tuple[Callable[..., Registry], tuple[object, ...]]:
        columns = list(zip(*self.registry.stores, strict=True))
        if columns:
            columns[_PLACES] = tuple(zip(*columns[_PLACES], strict=True))
        return _from_columns, (self.registry._replace(stores=()), columns)


def _from_columns(registry: Registry, columns: list[Iterable[Any]]) -> Registry:
    if columns:
        columns[_PLACES] = map(Places._make, zip(*columns[_PLACES], strict=True))
    return registry._replace(stores=tuple(map(Store._make, zip(*columns, strict=True))))


class _Snapshot(NamedTuple):
    """A snapshot that is whole, and was written by this version."""

    #: Whether it is of the same contents and settings.
    is_current: bool
    findings: memoryview
    registry: memoryview
    origin: memoryview


class Read:
    """A registry that has been read; it is put together when somebody asks for it."""

    def __init__(
        self,
        sources: Sequence[SourceText | Problem],
        findings: Findings,
        known: Registry | bytes,
        before: Before | None = None,
    ) -> None:
        self._sources = sources
        self._known = known
        self.findings = findings
        #: The registry as it was; None when nothing was kept, or nothing has changed.
        self.before = before

    @cached_property
    def registry(self) -> Registry:
        """The registry."""
        known, self._known = self._known, b""
        if isinstance(known, bytes):
            unpickled = cast("Registry | None", _unpickled(known))
            known = _read(self._sources, None, None)[0].registry if unpickled is None else unpickled
            # It lives as long as the build.
            set_aside()
        self._sources = ()
        return known


def read_with_snapshot(
    sources: Sequence[SourceText | Problem],
    rules: Mapping[str, RuleSetting] | None,
    file: Path,
    *,
    hint: str | None = None,
) -> Read:
    """Load a registry and check it, once for each content of its files and each setting of the rules.

    *rules* are the settings that win over those of the registry; with None the rules are not checked. With a *hint*,
    many problems of one kind are counted, and it says how to see them all; with None all are reported. *file* is the
    snapshot, which is read when it is of these contents and settings, and else written. Raises nothing of its own: a
    snapshot that cannot be read or written costs time only.
    """
    texts = [source for source in sources if not isinstance(source, Problem)]
    if len(texts) != len(sources):
        # What made a file unreadable is not in its digest.
        reloaded, findings = _read(sources, rules, hint)
        return Read(sources, findings, reloaded.registry)
    contents = tuple((source.path, source.digest) for source in texts)
    settings = None if rules is None else sorted(rules.items())
    base = _digest(repr((_FORMAT, __version__, sys.version_info[:2])).encode())
    key = _digest(repr((contents, settings, hint)).encode())
    snapshot = _opened(file, base, key)
    if snapshot is not None and snapshot.is_current:
        kept_findings = cast("Findings | None", _unpickled(snapshot.findings))
        if kept_findings is not None:
            return Read(sources, kept_findings, bytes(snapshot.registry))
    # All of it: what has come to life is set aside before Python looks for garbage again.
    with no_search_for_garbage():
        taste = repr((settings, hint))
        before, kept, earlier = _kept(snapshot, taste)
        reloaded, findings = _read(sources, rules, hint, kept, earlier)
        origin = _Origin(contents, reloaded.kept.tables, reloaded.kept.parser, reloaded.problems, taste)
        parts = [pickle.dumps(part, protocol=5) for part in (findings, _InColumns(reloaded.registry), origin)]
        head = [base, key, *map(_digest, parts), *(len(part).to_bytes(_LENGTH_SIZE) for part in parts)]
        # In a folder that nobody may write to, the next build reads the files again.
        keep(file, b"".join([*head, *parts]))
        before = before if before and before.contents != contents else None
        if reloaded.entries <= max(_MANY, len(reloaded.registry.stores) // 2):
            set_aside()
            return Read(sources, findings, reloaded.registry, before)
        # A copy lies together, once everything else is gone, and not among what parsing leaves behind.
        del reloaded, kept
        read = Read(sources, findings, parts[1], before)
        del parts
        _ = read.registry
        return read


def _read(
    sources: Sequence[SourceText | Problem],
    rules: Mapping[str, RuleSetting] | None,
    hint: str | None,
    kept: Kept | None = None,
    earlier: _Earlier | None = None,
) -> tuple[Reloaded, Findings]:
    # Most builds have a snapshot, and need neither YAML nor the rules.
    from sphinx_statestores.registry.lint import is_same_to_rules, lint, settled  # noqa: PLC0415
    from sphinx_statestores.registry.loader import reload_sources  # noqa: PLC0415

    reloaded = reload_sources(sources, kept)
    registry, loaded = reloaded.registry, reloaded.problems
    if earlier and earlier.loaded == loaded and is_same_to_rules(earlier.registry, registry):
        return reloaded, earlier.findings
    problems = settled(registry, loaded) if rules is None else lint(registry, rules, loaded)
    findings = Findings(
        problems if hint is None else shorten(problems, hint=hint, infos=_INFOS),
        sum(problem.severity is Severity.ERROR for problem in problems),
        not has_errors(loaded),
        bool(registry.stores),
        bool(registry.guide.outputs),
    )
    return reloaded, findings


def _opened(file: Path, base: bytes, key: bytes) -> _Snapshot | None:
    """Return a snapshot whose parts are what was written; nothing of it has been unpickled."""
    content = memoryview(read_kept(file) or b"")
    head, rest = content[:_HEAD_SIZE], content[_HEAD_SIZE:]
    if len(head) < _HEAD_SIZE or head[:_DIGEST_SIZE] != base:
        return None
    places = range(_HEAD_SIZE - _PARTS * _LENGTH_SIZE, _HEAD_SIZE, _LENGTH_SIZE)
    ends = list(accumulate(int.from_bytes(head[place : place + _LENGTH_SIZE]) for place in places))
    parts = [rest[start:end] for start, end in pairwise([0, *ends])]
    digests = head[2 * _DIGEST_SIZE : (2 + _PARTS) * _DIGEST_SIZE]
    if ends[-1] != len(rest) or digests != b"".join(map(_digest, parts)):
        return None
    return _Snapshot(head[_DIGEST_SIZE : 2 * _DIGEST_SIZE] == key, *parts)


def _kept(snapshot: _Snapshot | None, taste: str) -> tuple[Before, Kept, _Earlier | None] | tuple[None, None, None]:
    """Return the registry of a snapshot, and what was found in it where *taste* is the same."""
    from sphinx_statestores.registry.increments import Kept  # noqa: PLC0415 - it needs YAML

    if snapshot is None:
        return None, None, None
    origin = cast("_Origin | None", _unpickled(snapshot.origin))
    registry = None if origin is None else cast("Registry | None", _unpickled(snapshot.registry))
    if origin is None or registry is None:
        return None, None, None
    findings = cast("Findings | None", _unpickled(snapshot.findings)) if origin.taste == taste else None
    earlier = None if findings is None else _Earlier(registry, origin.loaded, findings)
    return Before(origin.contents, registry), Kept(registry, origin.tables, origin.parser), earlier


def _unpickled(content: bytes | memoryview) -> object:
    """Return what a whole pickle of this version holds; None when it is of another code base after all."""
    try:
        with no_search_for_garbage():
            return cast("object", pickle.loads(content))  # noqa: S301 - see above
    except Exception:  # noqa: BLE001 - whatever such a pickle may raise
        return None


def _digest(content: bytes | memoryview) -> bytes:
    return blake2b(content, digest_size=_DIGEST_SIZE).digest()
