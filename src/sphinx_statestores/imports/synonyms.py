"""Synonyms of the fields of stores and keys, of backends and of statuses: one table each."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from sphinx_statestores.registry.backends import KNOWN_BACKENDS
from sphinx_statestores.registry.field_words import SYNONYMS, squashed
from sphinx_statestores.registry.fields import FIELDS, FILE_FIELDS
from sphinx_statestores.registry.naming import kebab_case

#: Of the words for a name, those that say by themselves that it is the name of a store.
SURE_NAMES = frozenset({"component", "componentname", "store", "storename", "statestore", "datastore", "keyspace"})

#: Of these, those that name stores without another column that says so.
SUREST_NAMES = SURE_NAMES - {"component", "componentname"}
#: Of the words for a backend, those that say by themselves that it is the backend of a store.
SURE_BACKENDS = frozenset({"backend", "backingstore", "storetype", "databasetype"})

#: Words for a column that may count its rows; "#" is none of letters.
COUNTING_NAMES = frozenset({"", "no", "nr", "num", "number", "row", "pos"})

#: Field of a key -> other words for it.
KEY_SYNONYMS: dict[str, tuple[str, ...]] = {
    "pattern": (
        "key pattern",
        "key patterns",
        "key structure",
        "key template",
        "key",
        "keys",
        "redis key",
        "key format",
        "key name",
        "key schema",
    ),
    "type": (
        "data type",
        "value type",
        "data structure",
        "structure",
        "value",
        "stored data",
        "data",
        "redis type",
        "model",
    ),
    "ttl": ("expiry", "expiration", "expires", "time to live", "lifetime", "ttl s", "ttl seconds"),
    "purpose": ("description", "notes", "usage", "summary", "used for", "comment", "contents"),
}

#: Word -> backend, beside the keys and the labels of the known ones.
_BACKEND_WORDS = {
    "pg": "postgresql",
    "postgre": "postgresql",
    "mongo": "mongodb",
    "elastic": "elasticsearch",
    "mssql": "sqlserver",
    "microsoftsqlserver": "sqlserver",
    "oracledatabase": "oracle",
    "oracledb": "oracle",
    "cockroach": "cockroachdb",
    "scylla": "scylladb",
    "amazondynamodb": "dynamodb",
    "awsdynamodb": "dynamodb",
    "amazons3": "s3",
    "awss3": "s3",
    "mssqlserver": "sqlserver",
    "azurecosmosdb": "cosmosdb",
    "inmemory": "memory",
    "redisstack": "redis",
    "rediscluster": "redis",
}
STATUS_WORDS = {
    **dict.fromkeys(("live", "production", "current", "stable", "inuse", "enabled"), "active"),
    **dict.fromkeys(("draft", "proposed", "experimental", "new", "future", "design"), "planned"),
    **dict.fromkeys(("legacy", "obsolete", "sunset"), "deprecated"),
    **dict.fromkeys(("deleted", "retired", "gone", "dropped"), "removed"),
}
TRUE_WORDS = frozenset({"true", "yes", "y", "on", "1", "x", "✓", "✔", "✅", "☑"})
FALSE_WORDS = frozenset({"false", "no", "n", "off", "0", "✗", "✘", "❌", "☐"})
# Texts of blank cells, beside dashes.
_NOTHING_WORDS = frozenset({"", "n/a", "n.a.", "none", "/", "...", "\N{HORIZONTAL ELLIPSIS}"})
# Texts that programs write for no value; in prose, they are words.
_NULLS = frozenset({"null", "nil", "~"})
_DASHES = re.compile("[-_\N{MINUS SIGN}\u2010-\u2015]+")
# Letters that Unicode does not take apart, and those of German that are written as two.
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ẞ": "SS", "æ": "ae", "Æ": "Ae",
     "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th",
     "Þ": "Th", "\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)  # fmt: skip


def is_blank(text: str, *, is_prose: bool = False) -> bool:
    """Return whether a cell is empty, a dash or ``n/a``; or ``null``, unless it is prose."""
    word = text.strip().strip("`").strip().lower()
    return word in _NOTHING_WORDS or (word in _NULLS and not is_prose) or _DASHES.fullmatch(word) is not None


def transliterated(text: str) -> str:
    """Return a text with ASCII letters in place of those with accents; letters of other scripts stay."""
    if text.isascii():
        return text
    # A letter and its accent may be two characters.
    return "".join(map(_in_ascii, unicodedata.normalize("NFC", text).translate(_LETTERS)))


def _in_ascii(letter: str) -> str:
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(mark))
    return bare if bare and bare.isascii() else letter


# Where a word begins in "keyPattern", "tokenTTL" and "AWSKey"; not in "IDs".
_IN_CAMEL_CASE = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z]{2})(?=[A-Z]{2,}\b)|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_IDENTIFIER = re.compile(r"[\w.-]+")


def words_of(text: str) -> str:
    """Return the words of a text in lower case, with hyphens between: ``Zuständig für`` is ``zustaendig-fuer``.

    So are those of ``keyPattern``. In several words, such as ``MySQL version``, there are names in mixed case.
    """
    text = transliterated(text)
    if _IDENTIFIER.fullmatch(text):
        text = _IN_CAMEL_CASE.sub("-", text)
    # In some scripts, marks are parts of a word.
    letters = (letter if letter.isalnum() or unicodedata.category(letter)[0] == "M" else " " for letter in text)
    return "-".join("".join(letters).lower().split())


def same_name(one: str, other: str) -> bool:
    """Return whether a person means one column with both names; names such as ``#`` have nothing but signs."""
    return (squashed(one) or one.strip()) == (squashed(other) or other.strip())


#: Words of :data:`KEY_SYNONYMS` for a pattern that say by themselves that it is one of keys.
SURE_PATTERNS = frozenset(
    {"keypattern", "keypatterns", "keystructure", "keytemplate", "rediskey", "keyformat", "keyschema"}
)


@cache
def ranked_words(of_keys: bool = False) -> dict[str, tuple[str, int]]:
    """Return squashed word -> field, and how sure that is: less is surer."""
    found: dict[str, tuple[str, int]] = {}
    table = KEY_SYNONYMS if of_keys else SYNONYMS
    for field, words in table.items():
        known = [field]
        if not of_keys:
            known += [other.key for other in FIELDS.values() if other.name == field]
        for rank, word in enumerate((*known, *words)):
            found.setdefault(squashed(word), (field, rank))
    return found


#: The fields that ``--map`` and ``--set`` know.
KNOWN_FIELDS = ("name", *FILE_FIELDS)


@cache
def _backends() -> dict[str, str]:
    labels = {squashed(backend.label): key for key, backend in reversed(list(KNOWN_BACKENDS.items()))}
    return {**_BACKEND_WORDS, **labels, **{squashed(key): key for key in KNOWN_BACKENDS}}


class BackendWords(NamedTuple):
    """What a text about a backend was read as."""

    #: Empty when it names none that is known.
    key: str
    #: Whether its search module is named as well.
    enable_search: bool = False


# "Redis 7", "postgres@14", "MySQL (primary)".
_VERSION = re.compile(r"\s*\([^()]*\)\s*$|[\s@:]+v?[\d.]+x?\s*$")
# "redis:7-alpine", "bitnami/redis:7.2", "docker.io/library/mysql@sha256:...". What is no version may be no tag, as in
# a bucket behind "s3:".
_IMAGE = re.compile(
    r"((?:[a-z0-9][a-z0-9._-]*(?::\d+)?/)*)([a-z0-9][a-z0-9._-]*)"
    r"(?::(?:v?\d[\w.-]*|RELEASE\.[\w.-]+|(?:latest|stable|lts|alpine|slim|bookworm|bullseye|edge)[\w.-]*))?"
    r"(?:@sha256:[0-9a-f]+)?"
)
_LONGEST = 200
_SEARCH = re.compile(r"\s*(?:\+|with|and|&)\s*(?:full[- ]text\s+)?(?:redi)?search\s*$", re.IGNORECASE)


def backend_words(text: str) -> BackendWords:
    """Return the backend that a text such as ``Redis + Search`` or ``postgres@14`` names."""
    if len(text) > _LONGEST:
        return BackendWords("")
    without_search = _SEARCH.sub("", text)
    text, enable_search = without_search, without_search != text
    known = _backends()
    for words in (text, _VERSION.sub("", text)):
        if key := known.get(squashed(words)):
            # A key that was written in full is what was meant, where two keys have one label.
            return BackendWords(words if words in KNOWN_BACKENDS else key, enable_search)
    return BackendWords(_of_image(text), enable_search)


def _of_image(text: str) -> str:
    """Return the backend of a container image; empty for another text, and for two backends: ``redis/mysql``."""
    image = _IMAGE.fullmatch(text.strip())
    if image is None:
        return ""
    known, name = _backends(), image[2]
    above = image[1].split("/")[:-1]
    key = known.get(squashed(name)) or known.get(squashed("".join(above[-1:]) + name), "")
    key = name if name in KNOWN_BACKENDS else key
    others = {other for part in above if (other := known.get(squashed(part)))}
    return key if others <= {key, known.get(squashed(key), "")} else ""


# "ada@example.org", "Ada <ada@example.org>".
_ADDRESS = re.compile(r"(?:mailto:)?[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[^@<>]{0,100}<[\w.+-]+@[\w-]+(?:\.[\w-]+)+>")


def is_address(text: str) -> bool:
    """Return whether a text is the e-mail address of a person, which is no name of a service."""
    return _ADDRESS.fullmatch(text.strip()) is not None


def service_name(text: str) -> str:
    """Spell the name of a service in PascalCase: ``auth-service`` is ``AuthService``; what is so already stays.

    A letter that has no spelling in ASCII stays, and makes it no name of a service.
    """
    words = [word for part in re.split(r"[^\w.]+|_", transliterated(text)) if (word := part.strip("."))]
    return "".join(word[:1].upper() + word[1:] for word in words)


def store_name(text: str) -> str:
    """Spell words as a name that a store could have: ``Auth Store`` is ``auth-store``."""
    words = kebab_case(transliterated(text).strip())
    return "-".join(word for word in re.split(r"[^A-Za-z0-9._]+", words) if word)
