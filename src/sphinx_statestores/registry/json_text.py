"""JSON -> the same in YAML, so that the reader of registries tells its lines, too."""

from __future__ import annotations

import re

# An escape of JSON: what YAML does not have, or this program's reader refuses, is written as the character itself.
_ESCAPE = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|(.))", re.DOTALL)


def json_as_yaml(text: str) -> str:
    """Take a text in JSON; return one in YAML with the same values on the same lines."""
    # Outside of texts, JSON has tabs that pure Python's YAML does not take; inside, it has none.
    text = text.replace("\t", " ")
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(0x10000 + ((int(escape[1], 16) - 0xD800) << 10) + int(escape[2], 16) - 0xDC00)
    return "/" if escape[3] == "/" else escape[0]
