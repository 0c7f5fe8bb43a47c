"""What is behind a URL: http and https only, within limits, and without a word of credentials."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.registry.fetch import FetchError, FetchOptions, fetch, fetch_registry

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Server

OPTIONS = FetchOptions(timeout=20)
GOOD = b'{"x-state-stores": {}}'


def why(url: str, options: FetchOptions = OPTIONS) -> str:
    with pytest.raises(FetchError) as caught:
        fetch_registry(url, options)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_a_document(server: Server) -> None:
    """The bytes come as they are sent; the server sees who asks."""
    server.answers["/a.json"] = GOOD
    assert fetch_registry(f"{server.url}a.json", OPTIONS._replace(user_agent="me/1")) == GOOD
    ((_, headers),) = server.requests
    assert headers["User-Agent"] == "me/1"
    assert "Authorization" not in headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect(server: Server, status: int) -> None:
    """A redirect is followed; an account is not told to the address that it leads to."""
    server.answers["/old.json"] = status, {"Location": "/new.json"}
    server.answers["/new.json"] = GOOD
    assert fetch(f"http://me:p%40ss@{server.host}/old.json", OPTIONS) == GOOD
    first, second = (headers for _, headers in server.requests)
    assert base64.b64decode(first["Authorization"].removeprefix("Basic ")) == b"me:p@ss"
    assert "Authorization" not in second


@pytest.mark.parametrize("scheme", ["file", "ftp", "data", "gopher"])
def test_a_redirect_to_something_else(server: Server, tmp_path: Path, scheme: str) -> None:
    """A redirect to a file, or to anything but http and https, is an error; the file is not read."""
    (tmp_path / "secret").write_bytes(GOOD)
    server.answers["/a.json"] = 302, {"Location": f"{scheme}://{tmp_path}/secret"}
    assert "302" in why(f"{server.url}a.json") or "insecure or unsupported URL" in why(f"{server.url}a.json")


def test_a_circle_of_redirects(server: Server) -> None:
    """Redirects without end are an error."""
    server.answers["/a.json"] = 302, {"Location": "/a.json"}
    assert "302" in why(f"{server.url}a.json")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x-state-stores", "x", ""]
)
def test_other_schemes(url: str) -> None:
    """A URL of another scheme is refused."""
    assert why(url) == "it is not an http or https URL"


def test_nothing_there(server: Server) -> None:
    """The status of an error is told."""
    assert why(f"{server.url}none.json") == "the server answered with status 404"


def test_no_server(server: Server) -> None:
    """That nobody answers is told, and neither the account nor the address."""
    server.close()
    reason = why(f"http://me:secret@{server.host}/a.json")
    assert reason
    assert "secret" not in reason
    assert server.host not in reason


def test_a_host_that_is_none() -> None:
    """A name that leads nowhere, and one that is no name, are errors."""
    assert why("http://nowhere.invalid/")
    assert why("http://[::1/")
    assert why(f"http://{'x' * 70}.example.org/")


def test_a_slow_server(server: Server) -> None:
    """After the timeout, it is given up."""
    server.answers["/a.json"] = GOOD
    server.delay = 0.6
    assert why(f"{server.url}a.json", OPTIONS._replace(timeout=0.1)) == "no answer within 0.1 seconds"


def test_a_document_that_is_too_large(server: Server) -> None:
    """More than the limit is not read; as much as the limit is."""
    server.answers["/a.json"] = GOOD + b" " * 1000
    size = len(GOOD) + 1000
    assert len(fetch_registry(f"{server.url}a.json", OPTIONS._replace(size_limit=size))) == size
    reason = why(f"{server.url}a.json", OPTIONS._replace(size_limit=size - 1))
    assert reason == f"it is larger than the limit of {size - 1:,} bytes"


@pytest.mark.parametrize("content", [b"<html>Who are you?</html>", b"", b"\xff\xfex\x00", b"x-state-stores: \xff"])
def test_what_is_no_registry(server: Server, content: bytes) -> None:
    """The page of a login, and what is not UTF-8, is not taken for a registry."""
    server.answers["/a.json"] = content
    assert why(f"{server.url}a.json")


def test_half_an_answer(server: Server) -> None:
    """A connection that ends too early is an error."""
    server.answers["/a.json"] = 200, {"Content-Length": "10"}
    assert why(f"{server.url}a.json")
