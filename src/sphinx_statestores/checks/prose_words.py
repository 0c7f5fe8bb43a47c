"""The words around a name -> whether they tell of another time, deny a store, or call the name one."""

from __future__ import annotations

import re
from functools import lru_cache

from sphinx_statestores.registry.inline import plain

# What is said of another time or place, or of a possibility, is no fact of today. "Until" and "before" are of another
# time with a date, a version or a name behind them, and with nothing: "until checkout" tells of what always happens.
_OTHER_TIME = re.compile(
    r"\b(?:not|never|no longer|former\w*|previous\w*|used to|was|were|been|old|older|legacy|deprecated|removed"
    r"|renam\w+|mov(?:e[sd]?|ing)|migrat\w+|instead|plan(?:s|ned|ning)?|propos\w+|future|would|could|will|might|e\.g"
    r"|example|for instance|mistake|wrong|bug|todo|replac\w+|switch\w+"
    r"|locally|local development|(?:in|for|during)\s+(?:(?:the|our)\s+)?(?:tests?|testing|development|staging|ci)"
    r"|(?:until|before)(?=\W*\Z|\s*[,;:)`]|\s+(?:the\s+)?(?:[v`]?\d|(?-i:[A-Z])|now|today|recently|lately|then|that|we"
    r"|version|release|upgrade|update|change|last|this|next|end|start|year|month|week|spring|summer|autumn|fall|winter)))"
    r"\b|n['\u2019]t\b",
    re.IGNORECASE,
)
# What denies a store, or speaks of one that need not be there: a name in such a sentence may be that of no store.
_DENIED = re.compile(
    r"\b(?:no|non|none|nor|neither|nothing|nobody|nowhere|without|yet|cannot|unlike|lacks?|lacking|missing|absent|unknown"
    r"|nonexist\w+|gone|dropped|retired|elsewhere|imagin\w+|invented|fictional|fictitious|hypothetical\w*|dummy"
    r"|placeholder|samples?|demos?|tutorials?|documentation|docs|tests|typo|errors?|misspel\w+|suppose|assum\w+"
    r"|consider\w*|hardly|against|avoid\w*|(?:is|do|does|did)nt|maybe|perhaps|should|may|whether"
    r"|if[ ](?:there|you|we|an?)|(?:instead|rather|other)[ ]than|names?[ ](?:such[ ]as|like)"
    r"|(?:name|call)[ ](?:it|them|your|an?)"
    r"|(?:other|another|different|external|third-party|their)[ ](?:[\w-]+[ ])?"
    r"(?:systems?|projects?|products?|teams?|compan\w+|app\w*|platforms?|repositor\w+|registr\w+|tools?|clusters?))\b"
    r"|n['\u2019]t\b",
    re.IGNORECASE,
)
# Behind a field's name, it is the value of this field.
_NO_VALUE = re.compile(r"[:=]\s*(?:no|none)\s*(?=[,;|.)]|\Z)", re.IGNORECASE)
# In the row of a table, where "no" and "none" are values.
_NO_STORE = re.compile(
    r"\b(?:yet|no (?:\w+ )?(?:state[ -])?stores?|missing|unknown|nonexist\w+|elsewhere|placeholder)\b", re.IGNORECASE
)
# Before the name of a store that is to come.
_TO_COME = re.compile(r"\b(?:add|adds|adding|create|creating|introduc\w+|want|need|request)\b", re.IGNORECASE)
# Directly before a name: what is said of it is denied.
_NO = re.compile(r"\b(?:no|without|neither|nor|none of)\b[^,;:]{0,30}\Z", re.IGNORECASE)
# Behind a fact, it tells of another one: "`x` (MySQL) is now in Redis". Before it, the fact is one of today.
_NOW = re.compile(r"\bnow\b", re.IGNORECASE)
_INLINE_CODE = re.compile(r"(`{1,2})[^`]*\1")
_SENTENCE_END = re.compile(r"(?<!e\.g)(?<!i\.e)[.!?](?=\s)|\n\s*(?:[-*+]|\d+[.)])\s")

# The words around a name that call it a store.
_STORE_BEHIND = re.compile(
    r"(?:`_{0,2}|\]\([^()\s]{0,500}\))?[*_]{0,3}\s+(?:(?P<state>state[ -]?)stores?\b(?!-)"
    # Behind other words, the store is not what is named: "the `x-y` store driver".
    r"|store\b(?=[*_]{0,3}\s*(?:[.,;:!?)\]]|\Z|(?:is|has|holds|keeps|contains|in|on|for|and|or|with|to|by|from|via|of|as"
    r"|which|that|when|where|while|does|gets|uses|stores|saves|too|only|also|itself|here|below|above)\b)))",
    re.IGNORECASE,
)
_STORE_BEFORE = re.compile(
    r"(?:(?P<word>(?!state\b)[\w-]+)[ \t\n]+)?(?P<state>\bstate[ -]?)?stores?(?: name)?[*_]{0,3}(?P<colon>[ \t\n]*:)?"
    r"(?:[ \t\n]+(?:called|named))?[*_]{0,3}[ \t\n]*[*_]{0,3}(?:\[|:[\w:]+:|\{[\w:]+\})?\Z",
    re.IGNORECASE,
)
#: What may be before the word in "the store `name`": others make a verb or another thing of it, as in "key store".
_ARTICLES = frozenset({"the", "a", "an", "its", "this", "our", "own", "each", "in", "from", "of", "redis", "mysql"})
_STORE_ROLE = re.compile(r"(?::|\{)(?:statestore:)?store(?::|\})\Z")


def tells_other_time(words: str) -> bool:
    """Return whether words tell of another time or place, or of a possibility."""
    # Inline code is a name, whatever it is made of.
    return _OTHER_TIME.search(_INLINE_CODE.sub("`", words)) is not None


def tells_past(words: str) -> bool:
    """Return whether words beside or behind a fact tell that it is one of another time."""
    return tells_other_time(words) or _NOW.search(_INLINE_CODE.sub("`", words)) is not None


def cell_tells_past(cell: str) -> bool:
    """Return whether the cell of a table tells that its row is one of another time."""
    return tells_past(plain(_INLINE_CODE.sub("", cell)))


def denies_store(words: str) -> bool:
    """Return whether words of a sentence say that there may be no store of a name in it."""
    return _DENIED.search(_NO_VALUE.sub("", " ".join(_INLINE_CODE.sub("`", words).split()))) is not None


def cell_denies_store(cell: str) -> bool:
    """Return whether the cell of a table says that there is no such store."""
    return _NO_STORE.search(cell) is not None


def denies_what_follows(before: str) -> bool:
    """Return whether what is said of a name directly behind these words is denied."""
    return _NO.search(before) is not None


def is_to_come(before: str) -> bool:
    """Return whether words before a name say that its store is to come."""
    return _TO_COME.search(before) is not None


# A list can have many items below the same words.
@lru_cache(maxsize=8)
def told_above(heading: str, sentence: str) -> tuple[bool, bool]:
    """Return whether the words above a table or a list tell of another time, and whether they deny its stores."""
    return tells_other_time(heading) or tells_other_time(sentence), denies_store(sentence)


def first_sentence(text: str) -> str:
    """Return a text up to the end of its first sentence."""
    return _SENTENCE_END.split(text, maxsplit=1)[0]


def last_sentence(text: str) -> str:
    """Return what follows the last end of a sentence."""
    return _SENTENCE_END.split(text)[-1]


def rest_of_sentence(text: str) -> tuple[str, bool]:
    """Return the words up to the end of the sentence, and whether it is a question."""
    end = _SENTENCE_END.search(text)
    words = text[: end.start()] if end else text
    sign = end[0] if end else words.rstrip(" \n)*_\"'")[-1:]
    return words, sign == "?"


def called_by(before: str, behind: str) -> str:
    """Return what the words around a name call it: ``state store``, ``store``, ``role`` for the role, or nothing."""
    if _STORE_ROLE.search(before):
        return "role"
    found = _STORE_BEHIND.match(behind)
    if found is None and (found := _STORE_BEFORE.search(before)) and not found["state"]:
        word = (found["word"] or "").lower()
        if word not in _ARTICLES and not (found["colon"] and not word):
            return ""
    if found is None:
        return ""
    return "state store" if found["state"] else "store"
