"""Values of an import -> the same without passwords, tokens and connection strings: a registry is published."""

from __future__ import annotations

import re
from typing import TypeAlias, TypeVar

from sphinx_statestores.registry.field_words import squashed

_Raw: TypeAlias = "str | list[_Raw] | dict[str, _Raw]"
_Data: TypeAlias = "str | bool | list[_Data] | dict[str, _Data]"
#: A value of a source, or of a registry file: :mod:`sphinx_statestores.imports.format`, which uses this module.
_Value = TypeVar("_Value", _Raw, _Data)

# Searched in a squashed name. "tokenTtl" and "tokens" are no secrets.
_NAME = re.compile(
    r"passwo?r?d|passphrase|secret|credential|connectionstr|connstr|(?:api|access|private|account|shared|auth)key"
    r"|token$|^(?:pwd|dsn)$|pwd$"
)
# Tokens of services, which are known by how they begin: https://docs.github.com/code-security/reference/secret-security
_KNOWN = (
    r"(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|sk_live_|rk_live_|npm_|pypi-)[\w-]{10,200}|AKIA[0-9A-Z]{16}"
    r"|eyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}|-----BEGIN [A-Z ]{0,30}PRIVATE KEY"
)
# "redis://user:password@host", "https://TOKEN@host", "Password = ...;", "AccountKey=...". No secrets are the port of
# "//host:80/a@b", a user, who has a shorter name than a token, and a placeholder: "token={id}".
_IN_URL = r"//(?:[^/\s:@]+:(?!\d{1,5}/)|:|(?=\w{0,200}\d)\w{19,200})[^\s@]{1,200}"
_ASSIGNED = r"(?:passwo?r?d|pwd|secret|(?:account|access|api)_?key|token)\s*=\s*(?!\{\w*\})[^\s;&]"
# "password: hunter2". Behind a colon, a word may belong to a sentence: what has a digit, ends its part of the text,
# or is in quotes belongs to none.
_WITH_COLON = (
    r"(?:passwo?r?d|passphrase|pwd)[\"']?\s{0,5}:\s{1,5}(?![\"']?(?:argon|bcrypt|md|pbkdf|scrypt|sha)\d)"
    r"(?:[\"'][^\"'\s]{1,200}[\"']|(?=[^\s,;]{0,100}[A-Za-z])(?=[^\s,;]{0,100}\d)\w[^\s,;]{3,200}"
    r"|(?!(?:argon2?|bcrypt|changed|encrypted|hashed|hidden|optional|redacted|required|scrypt|string|unknown)\b)"
    r"\w{6,200}(?=\s*(?:[,;)\]}]|\Z|\n)))"
)
_TEXT = re.compile(f"{_IN_URL}@|{_ASSIGNED}|{_WITH_COLON}|\\b(?:{_KNOWN})", re.IGNORECASE)
# In a message, a long text is cut.
_IN_MESSAGE = re.compile(rf"{_IN_URL}(?:@|\.\.\.)|{_ASSIGNED}+|{_WITH_COLON}|\b(?:{_KNOWN})", re.IGNORECASE)
#: What names the value beside it: ``{name: redisPassword, value: ...}``.
_NAMING = ("name", "key", "id")


def is_secret_name(name: str) -> bool:
    """Return whether a field of this name probably holds a secret, or is one."""
    return _NAME.search(squashed(name)) is not None or _TEXT.search(name) is not None


def masked(message: str) -> str:
    """Return a message with ``***`` instead of credentials."""
    return _IN_MESSAGE.sub("***", message)


def without_secrets(raw: _Value, *, by_name: bool = True) -> _Value | None:
    """Return a value without the parts that probably hold a secret; None when nothing is left of it.

    Texts with credentials are left out, and *by_name* also the values of fields that :func:`is_secret_name` knows.
    """
    if isinstance(raw, str):
        return None if _TEXT.search(raw) else raw
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, list):
        items = [kept for item in raw if (kept := without_secrets(item, by_name=by_name)) is not None]
        return items if items or not raw else None
    naming = (raw.get(field, "") for field in _NAMING)
    if by_name and len(raw) > 1 and any(isinstance(name, str) and is_secret_name(name) for name in naming):
        return None
    fields = {
        name: kept
        for name, value in raw.items()
        if not (by_name and is_secret_name(name)) and (kept := without_secrets(value, by_name=by_name)) is not None
    }
    return fields if fields or not raw else None
