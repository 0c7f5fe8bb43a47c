"""The words that the extension itself puts on pages, in the language of a project.

English sentences are the message ids. Those of the core are marked where they are defined; here they get translated.
"""

from __future__ import annotations

import re
import struct
from gettext import GNUTranslations, NullTranslations
from hashlib import blake2b
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from sphinx_statestores.registry.phrases import ENGLISH
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import Complaint
from sphinx_statestores.registry.quoting import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.config import Config

#: The name of the catalogue, here and in the ``locale_dirs`` of a project.
CATALOGUE = "sphinx_statestores"
#: The catalogues that come with the package.
LOCALE_DIR = Path(__file__).parent / "locale"

# What reading a catalogue may raise; the last is what Babel raises for some faults of a header.
_FAULTS = (OSError, ValueError, LookupError, struct.error, PoFileError, TypeError)


class Language(NamedTuple):
    """What one build says in which words."""

    words: NullTranslations
    #: Equal when all words are.
    digest: str


#: What no language needs in a title, and what means something where Sphinx writes a title as it is.
_MARKUP = re.compile(r"[<>&\"\\{}$#%^_~]")


def plain_title(message: str, words: NullTranslations) -> str:
    """Return the translation of a title that Sphinx writes as it is, into HTML and LaTeX; without markup in it.

    Translations come from many hands.
    """
    return _MARKUP.sub("", one_line(words.gettext(message)))


class _Catalogue(GNUTranslations):
    """A file of translations, which answers whatever is in it."""

    def gettext(self, message: str) -> str:
        """Return a translation; nothing for nothing, for which a catalogue has its header."""
        try:
            return super().gettext(message) if message else ""
        except ArithmeticError:  # it looks for a form of a plural as well
            return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return a form of a translation; that of English where the rule of a catalogue divides by zero."""
        try:
            return super().ngettext(msgid1, msgid2, n)
        except ArithmeticError:
            return ENGLISH.ngettext(msgid1, msgid2, n)


def read_language(config: Config, srcdir: Path) -> tuple[Language, list[Complaint]]:
    """Read the catalogues of the language of a project, its own first, then that of the package.

    What a catalogue lacks is taken from the next, and last from English. One that cannot be read is complained about.

    Sphinx's ``get_translation`` is of no use here. It knows one language in a process, that of the first build, and
    no folders of a project.
    """
    with_fuzzy = bool(config.gettext_allow_fuzzy_translations)
    found: list[_Catalogue] = []
    digest = blake2b(repr(with_fuzzy).encode(), digest_size=16)
    complaints = []
    for path in _files(config, srcdir):
        try:
            content = path.read_bytes()
            found.append(_catalogue(path, content, with_fuzzy=with_fuzzy))
        except _FAULTS as error:
            message = f"the translations in {printable(str(path))!r} cannot be read, and are left out: {error}"
            complaints.append(Complaint(Kind.INVALID_CONFIG, message))
        else:
            digest.update(blake2b(content).digest())
    for catalogue, other in pairwise(found):
        catalogue.add_fallback(other)
    return Language(found[0] if found else ENGLISH, digest.hexdigest()), complaints


def _files(config: Config, srcdir: Path) -> Iterator[Path]:
    """Yield the catalogues that there are: those of the project come first, and of each folder the most specific."""
    language = config.language or ""
    names = dict.fromkeys((language, language.partition("_")[0]))
    for folder in (*(srcdir / name for name in config.locale_dirs), LOCALE_DIR):
        for name in filter(None, names):
            compiled = folder / name / "LC_MESSAGES" / f"{CATALOGUE}.mo"
            source = compiled.with_suffix(".po")
            # Sphinx compiles those of a project after the first words are needed, if it does at all.
            path = source if folder != LOCALE_DIR and source.is_file() else compiled
            if path.is_file():
                yield path


def _catalogue(path: Path, content: bytes, *, with_fuzzy: bool) -> _Catalogue:
    """Return what is in a file; raises one of several exceptions when it is no catalogue."""
    if path.suffix == ".mo":
        return _Catalogue(BytesIO(content))
    compiled = BytesIO()
    # Without a language, Babel forgets the rule for plurals; and without the other, it prints what it cannot read.
    catalogue = read_po(BytesIO(content), path.parts[-3], abort_invalid=True)
    write_mo(compiled, catalogue, use_fuzzy=with_fuzzy)
    return _Catalogue(BytesIO(compiled.getvalue()))
