"""Text that is marked as HTML, and data in HTML."""

from __future__ import annotations

import json


class Html(str):
    """HTML that an autoescaping template does not escape again. It is pickled as a plain string."""

    __slots__ = ()

    def __html__(self) -> str:
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


def compact_json(content: object) -> str:
    """Return JSON without blanks."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def script_json(content: object) -> str:
    """Return JSON for a ``script`` element. ``<`` is escaped, so that no text ends the element.

    See https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements.
    """
    return compact_json(content).replace("<", "\\u003c")
