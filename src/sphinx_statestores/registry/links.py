"""Where a link of a registry or a configuration may lead: to a page, to the web, to a mailbox."""

from __future__ import annotations

import re

from sphinx_statestores.registry.paths import path_fault

#: What a link may begin with; one without a scheme is relative.
LINK_SCHEMES = ("http", "https", "mailto")

# What stands before the first colon is a scheme, unless the path, the query or the fragment has begun
# (https://www.rfc-editor.org/rfc/rfc3986#section-4.2).
_SCHEME = re.compile(r"([^:/?#\\]*):")
# A browser drops some of these wherever they stand, and then reads what is left
# (https://url.spec.whatwg.org/#concept-basic-url-parser).
_DROPPED = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]")
# What is no part of an address (https://www.rfc-editor.org/rfc/rfc3986#appendix-C) ends it for whoever reads a text.
_WEB_ADDRESS = re.compile(r"https?://(?![/?#])[^\s<>\"`\\]+", re.IGNORECASE)
_OTHER_HOST = re.compile(r"\s*[/\\]{2}")


def link_fault(link: str) -> str:
    r"""Say why a link cannot be used; nothing when it can.

    A browser ignores case and outer blanks, and takes ``\`` for ``/``: so does this.
    """
    if _DROPPED.search(link):
        return "it has characters that cannot be seen"
    if _OTHER_HOST.match(link):
        return "it names a host without saying how to reach it: begin it with https:"
    scheme = _SCHEME.match(link)
    if scheme is None or scheme[1].strip().lower() in LINK_SCHEMES:
        return path_fault(link)
    return f"links begin with {', '.join(f'{name}:' for name in LINK_SCHEMES)} or are relative"


def is_address(link: str) -> bool:
    """Return whether a link leads outside the site: a usable one that begins with a scheme."""
    return _SCHEME.match(link) is not None and not link_fault(link)


def is_web_address(text: str) -> bool:
    """Return whether a text is wholly an address of the web."""
    return _WEB_ADDRESS.fullmatch(text) is not None and not link_fault(text)
