"""What a build made, to be compared with what another made of the same sources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def output_files(outdir: Path) -> dict[str, bytes]:
    """Return every output file that must not depend on the way to it."""
    found = {
        path.relative_to(outdir).as_posix(): path.read_bytes()
        for path in sorted(outdir.rglob("*"))
        if path.is_file() and path.name != ".buildinfo"
    }
    if "searchindex.js" in found:
        found["searchindex.js"] = _without_lost_words(found["searchindex.js"])
    return found


def differences(outdir: Path, other: Path) -> list[str]:
    """Return the names of the files that differ between two output folders, or are in one only."""
    one, two = output_files(outdir), output_files(other)
    return sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))


def _without_lost_words(index: bytes) -> bytes:
    """Drop what Sphinx itself loses or keeps from build to build.

    It keeps the words that no page has any longer, with an empty list, and forgets the index entries of pages that
    it does not read.
    """
    head, tail = b"Search.setIndex(", b")"
    content = json.loads(index.removeprefix(head).removesuffix(tail))
    for part in ("terms", "titleterms"):
        content[part] = {word: pages for word, pages in content[part].items() if pages != []}
    content.pop("indexentries", None)
    return json.dumps(content, sort_keys=True).encode()
