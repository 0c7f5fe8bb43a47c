"""Refreshes the catalogues of the words on pages: ``python -m catalogues`` extracts, merges and compiles.

Babel does all of it, on which Sphinx depends anyway. What is written depends on the sources alone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "sphinx_statestores"
LOCALE_DIR = PACKAGE / "sphinx_ext" / "locale"
NAME = "sphinx_statestores"
TEMPLATE = LOCALE_DIR / f"{NAME}.pot"

#: What marks a message: Babel's own, that of the core, and the titles in the table of a store's fields.
KEYWORDS = {**DEFAULT_KEYWORDS, "gettext_noop": None, "Field": (2,), "_field": (2,), "_fact": (2,)}
#: No time of today: what is written twice is the same.
_NO_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def extracted() -> Catalog:
    """Return all messages of the sources, in their order."""
    template = Catalog(
        project="sphinx-statestores",
        copyright_holder="The sphinx-statestores maintainers",
        creation_date=_NO_TIME,
        charset="utf-8",
        last_translator="",
        language_team="",
        msgid_bugs_address="",
    )
    for file, _, message, comments, context in extract_from_dir(
        PACKAGE, [("**.py", "python")], keywords=KEYWORDS, strip_comment_tags=True
    ):
        template.add(message, None, [(Path(file).as_posix(), 0)], auto_comments=comments, context=context)
    return template


def sources() -> list[Path]:
    """Return the translations, one file a language."""
    return sorted(LOCALE_DIR.glob(f"*/LC_MESSAGES/{NAME}.po"))


def read(path: Path) -> Catalog:
    """Return what is in a file of messages."""
    with path.open("rb") as stream:
        return read_po(stream, locale=None if path == TEMPLATE else path.parts[-3])


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue as a text, without the version of Babel."""
    text = BytesIO()
    write_po(text, catalogue, width=118, include_lineno=False)
    lines = text.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b'"Generated-By'))


class _Unversioned(Catalog):
    """A catalogue whose head does not name the version of Babel."""

    def __iter__(self) -> Iterator[Message]:
        """Yield the messages, the head first."""
        for message in super().__iter__():
            if not message.id:
                head = str(message.string).splitlines(keepends=True)
                message.string = "".join(line for line in head if not line.startswith("Generated-By"))
            yield message


def compiled(catalogue: Catalog) -> bytes:
    """Return a catalogue as programs read it, without the version of Babel."""
    unversioned = _Unversioned(catalogue.locale)
    unversioned.mime_headers = catalogue.mime_headers
    for message in catalogue:
        if message.id:
            unversioned[message.id] = message
    content = BytesIO()
    write_mo(content, unversioned)
    return content.getvalue()


def merged(path: Path, template: Catalog) -> Catalog:
    """Return a translation with the messages of the template: new ones are empty, those that are gone go."""
    catalogue = read(path)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def main() -> None:
    """Write the template, all translations, and what programs read of them."""
    template = extracted()
    TEMPLATE.write_bytes(written(template))
    for path in sources():
        catalogue = merged(path, template)
        path.write_bytes(written(catalogue))
        path.with_suffix(".mo").write_bytes(compiled(read(path)))


if __name__ == "__main__":
    main()
