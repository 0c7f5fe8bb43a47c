"""Values of an import -> the same without passwords, tokens and connection strings: a registry is published."""

from __future__ import annotations

import re
from typing import TypeAlias, TypeVar

from sphinx_statestores.imports.synonyms import transliterated, words_of
from sphinx_statestores.registry.field_words import squashed

_Raw: TypeAlias = "str | list[_Raw] | dict[str, _Raw]"
_Data: TypeAlias = "str | bool | list[_Data] | dict[str, _Data]"
#: A value of a source, or of a registry file: :mod:`sphinx_statestores.imports.format`, which uses this module.
_Value = TypeVar("_Value", _Raw, _Data)

# Searched in a squashed name. "tokenTtl" and "tokens" are no secrets.
_NAME = re.compile(
    r"passwo?r?[dt]|passphrase|secret|creden[tcz]ial|connectionstr|connstr|token$|^dsn$|pwd?$"
    r"|(?:api|access|private|account|shared|auth|signing|encryption|aws|azure|gcp)key(?!format|pattern|prefix|ttl)"
    r"|(?:admin|db|mysql|redis|require|root|sql|user)pass$|masterauth"
    r"|kennwort|zugangsdaten|motdepasse|contrasena|wachtwoord|пароль|密码|密碼|パスワード"
)
# Words of a name, divided by hyphens. "bypass" and "enclave" have none of them, and tickets for a pass are no secret.
_WORD = re.compile(
    r"(?<![^-])(?:pass(?!-(?:count|level|rate|store|through|tickets?)\b)|pw|pwd|senha|mdp"
    r"|clave(?=$|-(?:de-)?acceso\b))(?![^-])"
)
# Tokens of services, which are known by how they begin: https://docs.github.com/code-security/reference/secret-security
_KNOWN = (
    r"(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|sk_live_|rk_live_|npm_|pypi-)[\w-]{10,200}|AKIA[0-9A-Z]{16}"
    r"|eyJ[\w-]{10,2000}+\.eyJ[\w-]{10,2000}|-----BEGIN [A-Z ]{0,30}PRIVATE KEY"
)
# "redis://user:password@host", "https://TOKEN@host", "Password = ...;", "AccountKey=...". No secrets are the port of
# "//host:80/a@b", a user, who has a shorter name than a token, and a placeholder: "token={id}", "password=$PASSWORD".
_IN_URL = r"//(?:[^/\s:@]+:(?!\d{1,5}/)|:|(?=\w{0,200}\d)\w{19,200})[^\s@]{1,200}"
_WORDS = (
    r"(?:passwo?r?[dt]|passphrase|pwd|kennwort|mot de passe|contrase(?:ñ|n)a|wachtwoord"
    r"|(?<![^\W_])(?:pass|pw|senha))"
)
_PLACEHOLDER = r"\{\w*\}|<[\w -]{1,50}>|\$[({]|\$(?-i:[A-Z_]{2,50})\b|\*{3}"
_ASSIGNED = rf"(?:{_WORDS}|secret|(?:account|access|api)_?key|token)\s*=\s*(?!{_PLACEHOLDER})[^\s;&]"
_HASHES = r"(?:argon|bcrypt|md|pbkdf|scrypt|sha)-?\d"
# "password: hunter2". Behind a colon, a word may belong to a sentence: what has a digit, ends its part of the text,
# or is in quotes belongs to none.
_WITH_COLON = (
    rf"{_WORDS}[\"']?\s{{0,5}}:\s{{1,5}}(?![\"']?{_HASHES})"
    r"(?:[\"'][^\"'\s]{1,200}[\"']|(?=[^\s,;]{0,100}[A-Za-z])(?=[^\s,;]{0,100}\d)\w[^\s,;]{3,200}"
    r"|(?!(?:argon2?|bcrypt|changed|encrypted|hashed|hidden|optional|redacted|required|scrypt|string|unknown)\b)"
    r"\w{6,200}(?=\s*(?:[,;)\]}]|\Z|\n)))"
)
# "Login with password hunter2": a word with letters and digits that is no algorithm, protocol or duration.
_IN_PROSE = (
    rf"{_WORDS}\s{{1,5}}(?:(?:is|ist|est|es):?\s{{1,5}})?[\"'`]?(?!{_HASHES}|(?:base|fido|http|oauth|tls|utf|web)-?\d|x509|\d+[a-z]+\b)"
    r"(?=\d{0,50}[A-Za-z])(?=[A-Za-z]{0,50}\d)[\w!#$%&*+?^~-]{5,200}(?![\w:{(/])"
)
# Options of commands that take a password: "--requirepass x", "redis-cli -a x", "mysql -px". No secret is a variable
# of the shell or another placeholder.
_ARGUMENT = r"[\"']?(?![-$<{*])[^\s\"']"
_OPTION = (
    rf"(?:--(?:requirepass|masterauth|[a-z-]{{0,30}}pass(?:word|wd|phrase)?|secret|token)(?:\s{{1,5}}|=)"
    r"|\b(?:(?:redis|valkey|keydb)-cli\b[^|;&\n]{0,200}?\s(?-i:-a)\s{0,5}"
    r"|(?:mysql|mariadb)[a-z-]{0,20}\b[^|;&\n]{0,200}?\s(?-i:-p)"
    r"|(?:mongo[a-z]{0,10}|cqlsh|sshpass)\b[^|;&\n]{0,200}?\s(?-i:-p)\s{0,5}"
    r"|sqlcmd\b[^|;&\n]{0,200}?\s(?-i:-P)\s{0,5}|curl\b[^|;&\n]{0,200}?\s-u\s{0,5}[^\s:]{1,100}:)"
    rf"){_ARGUMENT}"
    rf"|(?m:^)[ \t]{{0,20}}(?:requirepass|masterauth)[ \t]{{1,5}}{_ARGUMENT}(?=[^\s]{{0,200}}\s*(?m:$))[^\s]"
)
_COMMAND = re.compile(_OPTION, re.IGNORECASE)
_PATTERNS = rf"{_WITH_COLON}|{_IN_PROSE}|\b(?:{_KNOWN})"
_TEXT = re.compile(f"{_IN_URL}@|{_ASSIGNED}|{_OPTION}|{_PATTERNS}", re.IGNORECASE)
# In a message, a long text is cut.
_IN_MESSAGE = re.compile(rf"{_IN_URL}(?:@|\.\.\.)|{_ASSIGNED}+|(?:{_OPTION})\S*|{_PATTERNS}", re.IGNORECASE)
#: What names the value beside it: ``{name: redisPassword, value: ...}``.
_NAMING = ("name", "key", "id")


def is_secret_name(name: str) -> bool:
    """Return whether a field of this name probably holds a secret, or is one."""
    plain = transliterated(name)
    return any(
        found is not None
        for found in (_NAME.search(squashed(plain)), _WORD.search(words_of(plain)), _TEXT.search(name))
    )


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
        texts = [item for item in raw if isinstance(item, str)]
        # The arguments of a command: an option and its value are two items.
        if _COMMAND.search(" ".join(texts)) and not any(map(_COMMAND.search, texts)):
            return None
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
