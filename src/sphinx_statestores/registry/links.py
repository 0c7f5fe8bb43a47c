"""Links of a registry or a configuration -> whether they are allowed, and whether they leave the site."""

from __future__ import annotations

import re

from sphinx_statestores.registry.paths import path_fault

#: The allowed schemes; a link without a scheme is relative.
LINK_SCHEMES = ("http", "https", "mailto")

# The text before the first colon is a scheme, unless the path, the query or the fragment has begun
# (https://www.rfc-editor.org/rfc/rfc3986#section-4.2).
_SCHEME = re.compile(r"([^:/?#\\]*):")
# Browsers remove some of these characters anywhere in a URL (https://url.spec.whatwg.org/#concept-basic-url-parser).
_DROPPED = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]")
# A character that is not allowed in a URL ends it (https://www.rfc-editor.org/rfc/rfc3986#appendix-C).
_WEB_ADDRESS = re.compile(r"https?://(?![/?#])[^\s<>\"`\\]+", re.IGNORECASE)
_OTHER_HOST = re.compile(r"\s*[/\\]{2}")


def link_fault(link: str) -> str:
    r"""Take a link; return why it cannot be used, or an empty text.

    Like browsers, ignores case and outer blanks, and treats ``\`` as ``/``.
    """
    if _DROPPED.search(link):
        return "it has invisible characters"
    if _OTHER_HOST.match(link):
        return "it names a host without a scheme: begin it with 'https:'"
    scheme = _SCHEME.match(link)
    if scheme is None or scheme[1].strip().lower() in LINK_SCHEMES:
        return path_fault(link)
    return f"links begin with {', '.join(f'{name}:' for name in LINK_SCHEMES)} or are relative"


def is_address(link: str) -> bool:
    """Return whether a link leads outside the site: it is allowed and has a scheme."""
    return _SCHEME.match(link) is not None and not link_fault(link)


def is_web_address(text: str) -> bool:
    """Return whether the whole text is one ``http`` or ``https`` URL."""
    return _WEB_ADDRESS.fullmatch(text) is not None and not link_fault(text)


# Browsers take "%2e" for "." in a path (https://url.spec.whatwg.org/#double-dot-path-segment).
_DOTS = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)
#: Nearly all addresses: names without a leading point, and an id.
_USUAL = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*(?:[A-Za-z0-9_-][A-Za-z0-9_.-]*)?(?:#[A-Za-z0-9_.-]+)?")
_IN_A_SITE = re.compile(r"[^\s<>\"`\\]+")


def site_address_fault(address: str) -> str:
    """Take the address of a page that another site gives; return why it cannot be used, or an empty text.

    It is a whole ``http`` or ``https`` URL, or relative to the root of that site and below it.
    """
    if _USUAL.fullmatch(address) or is_web_address(address):
        return ""
    if fault := link_fault(address):
        return fault
    if _SCHEME.match(address):
        return "it is neither an http or https address nor relative to its site"
    path = re.split("[?#]", address, maxsplit=1)[0]
    if not _IN_A_SITE.fullmatch(address) or path.startswith("/") or any(map(_DOTS.fullmatch, path.split("/"))):
        return "it is not below the root of its site"
    return ""
