"""A URL -> the bytes behind it. Only ``http`` and ``https`` are followed, also by redirects.

The standard library does it, for the command and for the site: the rules stand at one place, and a package that only
links to files needs no client of its own.
"""

from __future__ import annotations

import base64
import os
import ssl
from http.client import HTTPException
from typing import TYPE_CHECKING, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from sphinx_statestores.registry.links import is_web_address
from sphinx_statestores.registry.loader import STORES_SECTION
from sphinx_statestores.registry.problems import Problem
from sphinx_statestores.registry.site_addresses import without_credentials
from sphinx_statestores.registry.source import SIZE_LIMIT, decode_source

if TYPE_CHECKING:
    from http.client import HTTPMessage
    from typing import IO, Any

_CHUNK = 1 << 16
#: The variables that name the certificates of a company; requests and curl read them, too.
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class FetchError(Exception):
    """A document could not be fetched. The text says why, without the URL."""


class FetchOptions(NamedTuple):
    """How documents are fetched."""

    #: In seconds; None waits for ever.
    timeout: float | None = None
    #: In bytes.
    size_limit: int = SIZE_LIMIT
    user_agent: str = "sphinx-statestores"
    #: Whether certificates are checked.
    verify: bool = True
    #: A file or a folder of certificates; empty for those of the system.
    certificates: str = ""


def fetch(url: str, options: FetchOptions) -> bytes:
    """Return the content of a document. Raises :exc:`FetchError`."""
    try:
        if not is_web_address(without_credentials(url)):
            raise FetchError("it is not an http or https URL")
        request = Request(without_credentials(url), headers={"User-Agent": options.user_agent})  # noqa: S310 - checked
        if credentials := _credentials(url):
            # Not sent to another host that the first one redirects to.
            request.add_unredirected_header("Authorization", credentials)
        with _opener(options).open(request, timeout=options.timeout) as response:
            return _read(response, options.size_limit)
    except HTTPError as error:
        error.close()
        raise FetchError(f"the server answered with status {error.code}") from None
    except URLError as error:
        raise FetchError(_reason(error.reason, options)) from None
    except (OSError, HTTPException, ValueError) as error:
        raise FetchError(_reason(error, options)) from None


def fetch_registry(url: str, options: FetchOptions) -> bytes:
    """Return what :func:`fetch` does, if it can be a registry. Raises :exc:`FetchError`.

    The page of a login, which a server may send instead, neither replaces a good copy nor is pinned.
    """
    data = fetch(url, options)
    source = decode_source(url, data)
    if isinstance(source, Problem):
        raise FetchError(source.message)
    if STORES_SECTION not in source.text:
        raise FetchError(f"the response of the server has no {STORES_SECTION!r}")
    return data


def _reason(error: object, options: FetchOptions) -> str:
    """Return why a connection failed. The text of some errors quotes the URL; those are named only."""
    if isinstance(error, TimeoutError):
        return f"no answer within {options.timeout:g} seconds" if options.timeout else "no answer"
    if isinstance(error, ssl.SSLError):
        return f"the connection is not secure: {getattr(error, 'verify_message', '') or error.reason or 'TLS fails'}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, _RefusedRedirectError):
        return str(error)
    return f"the connection failed ({type(error).__name__})"


def _credentials(url: str) -> str:
    account = urlsplit(url).netloc.rpartition("@")[0]
    if not account:
        return ""
    user, _, password = account.partition(":")
    return f"Basic {base64.b64encode(f'{unquote(user)}:{unquote(password)}'.encode()).decode()}"


def _read(response: IO[bytes], size_limit: int) -> bytes:
    data = bytearray()
    while len(data) <= size_limit and (chunk := response.read(_CHUNK)):
        data += chunk
    if len(data) > size_limit:
        raise FetchError(f"it is larger than the limit of {size_limit:,} bytes")
    # A server that closes the connection early raises nothing: `read` returns what there is.
    if getattr(response, "length", None):
        raise FetchError("the response is incomplete")
    return bytes(data)


class _RefusedRedirectError(ValueError):
    """A server redirects to something that is not followed."""


class _Redirects(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """Return the next request. Raises :exc:`_RefusedRedirectError` for anything but http and https."""
        scheme = urlsplit(newurl).scheme
        if not is_web_address(newurl) or (scheme == "http" and req.type == "https"):
            raise _RefusedRedirectError("the server redirects to an insecure or unsupported URL")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(options: FetchOptions) -> OpenerDirector:
    """Return what opens URLs. Not ``build_opener``, which also opens files and FTP."""
    opener = OpenerDirector()
    handlers: tuple[Any, ...] = (
        ProxyHandler(),
        UnknownHandler(),
        HTTPHandler(),
        HTTPSHandler(context=_context(options)),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
        _Redirects(),
    )
    for handler in handlers:
        opener.add_handler(handler)
    return opener


def _context(options: FetchOptions) -> ssl.SSLContext:
    given = options.certificates or next(filter(None, map(os.environ.get, _CERTIFICATES)), "")
    is_folder = os.path.isdir(given)  # noqa: PTH112 - never raises
    context = ssl.create_default_context(
        cafile=given if given and not is_folder else None, capath=given if is_folder else None
    )
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
