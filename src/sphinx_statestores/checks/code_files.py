"""The files of a repository and ``x-code`` -> the places where they name stores. An unchanged file is not read again.

What is found does not depend on the stores of a registry, so an edit of these leaves the cache valid. The cache is
JSON: a repository may hold one that somebody else has written.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sphinx_statestores.checks.code_mentions import MENTIONS_LIMIT, Mention, Scanner
from sphinx_statestores.registry.code import USE_FIELDS
from sphinx_statestores.registry.globs import NEGATION, Glob
from sphinx_statestores.registry.paths import absolute_path, repository_root
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.tracked_files import FileState, Listing, Reader, list_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sphinx_statestores.registry.model import CodeUse, Registry

#: The folder of the command's cache, in the root of a repository.
CACHE_FOLDER = ".statestores_cache"
#: The maximum size of a file that is read, in bytes.
SIZE_LIMIT = 1024 * 1024
#: The maximum number of files that are read, and of the names in all of them.
FILES_LIMIT = 50_000
TOTAL_LIMIT = 500_000

#: The version of the cached data, and of how code is read.
_FORMAT = 2


class Repository(NamedTuple):
    """A repository with code, and the items of ``x-code`` that are about it."""

    root: Path
    uses: tuple[CodeUse, ...]
    #: Paths relative to the root of files that name stores for another reason: registries, and generated files.
    excluded: frozenset[str]


class CodeFile(NamedTuple):
    """A file that names stores."""

    #: Relative to the root of its repository, with ``/``.
    path: str
    mentions: tuple[Mention, ...]


class Scan(NamedTuple):
    """The code of a repository."""

    repository: Repository
    #: The files that name stores, by path.
    files: tuple[CodeFile, ...]
    #: Why some of the code is not known.
    problems: tuple[Problem, ...]
    #: What a later scan is given; None when it is what this one was given.
    cache: bytes | None


def repositories(registry: Registry, files: Mapping[str, Path], root: Path | None) -> list[Repository]:
    """Take a registry, the file of each path in its places, and the configured root; return its code.

    That is one repository, unless the registry is merged from several.
    """
    found: dict[Path, list[CodeUse]] = {}
    for use in registry.guide.code:
        found.setdefault(repository_root(_file(use.places.path, files), root), []).append(use)
    return [Repository(each, tuple(uses), _excluded(registry, files, each)) for each, uses in found.items()]


def _file(path: str, files: Mapping[str, Path]) -> Path:
    return files.get(path) or Path(path)


def _excluded(registry: Registry, files: Mapping[str, Path], root: Path) -> frozenset[str]:
    paths = [_file(file.path, files) for file in registry.files]
    guide = registry.guide
    paths += [_file(output.places.path, files).parent / output.path for output in guide.outputs]
    if guide.generated_code is not None and guide.generated_code.path:
        paths += [root / guide.generated_code.path]
    absolute = map(absolute_path, paths)
    return frozenset(path.relative_to(root).as_posix() for path in absolute if path.is_relative_to(root))


def scan(repository: Repository, cache: bytes = b"") -> Scan:
    """Take a repository, and the cache of an earlier scan; return what its code names. A damaged cache is ignored."""
    return _Scan(repository).run(cache)


class _Scan:
    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._reader = Reader(repository.root)
        self._problems: list[Problem] = []
        self._scanners: dict[tuple[int, ...], Scanner] = {}
        #: How many names may still be found.
        self._left = TOTAL_LIMIT

    def run(self, cache: bytes) -> Scan:
        listing = list_files(self._repository.root)
        selected = self._select(listing)
        digest = _digest(self._repository.uses)
        # Git keeps no cache: this one came with somebody's commit.
        is_foreign = any(path.startswith(f"{CACHE_FOLDER}/") for path in listing.paths)
        cached = {} if is_foreign else _read_cache(cache, digest)
        known: dict[str, tuple[FileState, tuple[Mention, ...]]] = {}
        large: list[str] = []
        for path, positions in selected.items():
            state = self._reader.state(path)
            if state is None or self._left <= 0:
                continue
            if state.size > SIZE_LIMIT:
                if not self._reader.is_binary(path):
                    large.append(path)
                continue
            entry = cached.get(path)
            if entry is None or entry[0] != state:
                entry = state, self._mentions(path, positions)
            known[path] = entry
            self._left -= len(entry[1])
            if len(entry[1]) > MENTIONS_LIMIT:
                self._report(
                    f"{shown(path)} names stores more than {MENTIONS_LIMIT:,} times: leave it out of 'files' with a "
                    f"glob that begins with {NEGATION!r}, or write templates that match less"
                )
        if large:
            self._report(
                f"{_files(len(large))} larger than {SIZE_LIMIT // 1024:,} KiB, such as {shown(large[0])}, and not "
                f"read: leave them out of 'files' with a glob that begins with {NEGATION!r}"
            )
        if self._left <= 0:
            self._report(f"the code names stores more than {TOTAL_LIMIT:,} times: write templates that match less")
        return Scan(
            self._repository,
            tuple(CodeFile(path, mentions) for path, (_, mentions) in known.items() if mentions),
            tuple(self._problems),
            None if known == cached else _dumped(digest, known),
        )

    def _select(self, listing: Listing) -> dict[str, tuple[int, ...]]:
        """Return the files that ``files`` selects, each with the positions of its items."""
        repository = self._repository
        if listing.fault:
            self._report(f"code is not read as a whole: {listing.fault}")
        wanted: list[dict[str, Glob]] = []
        unwanted: list[list[Glob]] = []
        for use in repository.uses:
            wanted.append({text: Glob(text) for text in use.files if not text.startswith(NEGATION)})
            unwanted.append([Glob(text.removeprefix(NEGATION)) for text in use.files if text.startswith(NEGATION)])
        unused = [set(globs) for globs in wanted]
        selected: dict[str, tuple[int, ...]] = {}
        for path in listing.paths:
            positions = []
            for position, globs in enumerate(wanted):
                matching = [text for text, glob in globs.items() if glob.matches(path)]
                if matching:
                    unused[position] -= set(matching)
                    if not any(glob.matches(path) for glob in unwanted[position]):
                        positions.append(position)
            if positions and path not in repository.excluded:
                selected[path] = tuple(positions)
        if not listing.fault:
            for use, without in zip(repository.uses, unused, strict=True):
                for text in sorted(without):
                    self._report(_without_files(text), use.places.of("files"))
        if len(selected) > FILES_LIMIT:
            self._report(f"'files' selects {len(selected):,} files, and {FILES_LIMIT:,} of them are read")
        return dict(islice(selected.items(), FILES_LIMIT))

    def _mentions(self, path: str, positions: tuple[int, ...]) -> tuple[Mention, ...]:
        scanner = self._scanners.get(positions)
        if scanner is None:
            uses = [self._repository.uses[position] for position in positions]
            scanner = self._scanners[positions] = Scanner(uses)
        # One more than the limit tells that there are more.
        return tuple(islice(scanner.mentions(self._reader.text(path, SIZE_LIMIT)), MENTIONS_LIMIT + 1))

    def _report(self, message: str, place: Location | None = None) -> None:
        place = place or self._repository.uses[0].places.of("files")
        self._problems.append(Problem(Kind.UNREAD_CODE, message, place))


def _files(number: int) -> str:
    return "1 file is" if number == 1 else f"{number:,} files are"


def _without_files(glob: str) -> str:
    return (
        f"no file matches {shown(glob)} in 'files' of 'x-code': write a path from the root of the repository; where "
        "there is git, only files that it tracks are read"
    )


# -- the cache --------------------------------------------------------------------------


def _digest(uses: Iterable[CodeUse]) -> str:
    facts = [_FORMAT, *((use.language, use.files, use.uses) for use in uses)]
    return blake2b(repr(facts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _dumped(digest: str, known: Mapping[str, tuple[FileState, tuple[Mention, ...]]]) -> bytes:
    # By column: that is read in a tenth of the time.
    files = {path: [*state, *zip(*mentions, strict=True)] for path, (state, mentions) in known.items()}
    return json.dumps({"digest": digest, "files": files}, separators=(",", ":")).encode()


def _read_cache(data: bytes, digest: str) -> dict[str, tuple[FileState, tuple[Mention, ...]]]:
    """Return the content of a cache by path; nothing when it is of other templates or not valid."""
    try:
        content = json.loads(data) if data else {}
        if not isinstance(content, dict) or content.get("digest") != digest:
            return {}
        return {path: _entry(*value) for path, value in content["files"].items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _entry(size: Any, mtime: Any, *columns: Any) -> tuple[FileState, tuple[Mention, ...]]:
    """Return what is known of a file. Raises TypeError and ValueError for what is not valid."""
    if columns:
        fields, words, lines, places, silenced = columns
        numbers = {*map(type, (size, mtime)), *map(type, lines), *map(type, places)}
        texts = {*map(type, words), *(type(kind) for kinds in silenced for kind in kinds)}
        if not {*fields} <= {*USE_FIELDS} or numbers != {int} or texts != {str}:
            raise TypeError(columns)
        rows = zip(fields, words, lines, places, map(tuple, silenced), strict=True)
        return FileState(size, mtime), tuple(map(Mention._make, rows))
    return FileState(int(size), int(mtime)), ()
