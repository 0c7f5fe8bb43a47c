"""The language of a project -> translations of the extension's own text, and of the registry's prose.

English sentences are the message ids of the extension. The core marks its messages where they are defined; they are
translated here. The prose of a registry has a catalogue of its own, whose message ids are the texts in its files.
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
from sphinx_statestores.registry.prose import translated
from sphinx_statestores.registry.query import Complaint
from sphinx_statestores.registry.quoting import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.builders import Builder
    from sphinx.config import Config

    from sphinx_statestores.registry.model import Registry

#: The name of the catalogue of the extension's own text, in the package and in the ``locale_dirs`` of a project.
CATALOGUE = "sphinx_statestores"
#: The name of the catalogue of the registry's prose, in the ``locale_dirs`` of a project.
REGISTRY_CATALOGUE = "statestores-registry"
#: The folder of the package's own catalogues.
LOCALE_DIR = Path(__file__).parent / "locale"

# Exceptions while reading a catalogue. Babel raises TypeError for some faults of a header.
_FAULTS = (OSError, ValueError, LookupError, struct.error, PoFileError, TypeError)


class Language(NamedTuple):
    """The translations of one build."""

    words: NullTranslations
    #: Equal for equal translations.
    digest: str

    def of_registry(self, registry: Registry) -> Registry:
        """Return a registry with its prose in this language."""
        return registry if self.words is ENGLISH else translated(registry, self.words)


#: No translations.
ORIGINAL = Language(ENGLISH, "")


#: Characters with a meaning in HTML or LaTeX; no language needs them in a title.
_MARKUP = re.compile(r"[<>&\"\\{}$#%^_~]")


def plain_title(message: str, words: NullTranslations) -> str:
    """Return the translation of a title, without markup characters: Sphinx writes it unescaped into HTML and LaTeX.

    Translations are untrusted.
    """
    return _MARKUP.sub("", one_line(words.gettext(message)))


class _Catalogue(GNUTranslations):
    """A message catalogue that never raises, whatever its file contains."""

    def gettext(self, message: str) -> str:
        """Return a translation; an empty text for an empty message, whose entry in a catalogue is the header."""
        try:
            return super().gettext(message) if message else ""
        except ArithmeticError:  # gettext evaluates the plural rule here, too
            return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the plural form for a number; the English one when the catalogue's rule divides by zero."""
        try:
            return super().ngettext(msgid1, msgid2, n)
        except ArithmeticError:
            return ENGLISH.ngettext(msgid1, msgid2, n)


def read_languages(builder: Builder, config: Config, srcdir: Path) -> tuple[Language, Language, list[Complaint]]:
    """Read the translations of the extension's own text, and those of the registry's prose.

    Returns both, and complaints about catalogues that cannot be read. The gettext builder needs the texts of the
    registry as they are.
    """
    words, complaints = _read_language(CATALOGUE, config, srcdir)
    if not builder.use_message_catalog:
        return words, ORIGINAL, complaints
    prose, more = _read_language(REGISTRY_CATALOGUE, config, srcdir)
    return words, prose, complaints + more


def _read_language(name: str, config: Config, srcdir: Path) -> tuple[Language, list[Complaint]]:
    """Read a catalogue for the language of a project, first the project's own, then that of the package.

    A missing message is taken from the next catalogue, and finally from English. Returns the translations, and
    complaints about catalogues that cannot be read.

    Sphinx's ``get_translation`` does not fit: it keeps the language of the first build in a process, and does not
    read the project's folders.
    """
    with_fuzzy = bool(config.gettext_allow_fuzzy_translations)
    found: list[_Catalogue] = []
    digest = blake2b(repr(with_fuzzy).encode(), digest_size=16)
    complaints = []
    for path in _files(name, config, srcdir):
        try:
            content = _compiled(path, with_fuzzy=with_fuzzy)
            found.append(_Catalogue(BytesIO(content)))
        except _FAULTS as error:
            message = f"the translations in {printable(str(path))!r} cannot be read, so they are not used: {error}"
            complaints.append(Complaint(Kind.INVALID_CONFIG, message))
        else:
            digest.update(blake2b(content).digest())
    for catalogue, other in pairwise(found):
        catalogue.add_fallback(other)
    return Language(found[0] if found else ENGLISH, digest.hexdigest()), complaints


def _files(name: str, config: Config, srcdir: Path) -> Iterator[Path]:
    """Yield the existing catalogues: the project's first, and in each folder the most specific language first."""
    language = config.language or ""
    languages = dict.fromkeys((language, language.partition("_")[0]))
    for folder in (*(srcdir / each for each in config.locale_dirs), LOCALE_DIR):
        for each in filter(None, languages):
            compiled = folder / each / "LC_MESSAGES" / f"{name}.mo"
            source = compiled.with_suffix(".po")
            # Sphinx compiles the project's catalogues too late, or not at all.
            path = source if folder != LOCALE_DIR and _time(source) > _time(compiled) else compiled
            if path.is_file():
                yield path


def _time(path: Path) -> int:
    """Return when a file was written; a time before all others when there is none."""
    try:
        return path.stat().st_mtime_ns if path.is_file() else -1
    except OSError:
        return -1


def _compiled(path: Path, *, with_fuzzy: bool) -> bytes:
    """Return a catalogue as Sphinx compiles it. Raises one of `_FAULTS` when it is not valid."""
    content = path.read_bytes()
    if path.suffix == ".mo":
        return content
    compiled = BytesIO()
    # Without a language, Babel ignores the plural rule. Without `abort_invalid`, it prints what it cannot read.
    catalogue = read_po(BytesIO(content), path.parts[-3], abort_invalid=True)
    write_mo(compiled, catalogue, use_fuzzy=with_fuzzy)
    return compiled.getvalue()
