"""Where a link of a registry may lead."""

from __future__ import annotations

import pytest

from sphinx_statestores.registry.links import is_address, is_web_address, link_fault


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org/a?b=c:d#e",
        "http://example.org",
        "HTTPS://EXAMPLE.ORG",
        " https://example.org ",
        "mailto:team@example.org",
    ],
)
def test_addresses(link: str) -> None:
    """The web and mailboxes may be linked to, in any case and with outer blanks; they are outside the site."""
    assert link_fault(link) == ""
    assert is_address(link)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "page",
        "reference/TENETS.md",
        "../a.md#b",
        "/services/auth",
        "./a:b",
        "#a:b",
        "?a:b",
        "a/b:c",
        "my page.md",
    ],
)
def test_relative_links(link: str) -> None:
    """What has no scheme is relative, also with a colon further back; it is a page and no address."""
    assert link_fault(link) == ""
    assert not is_address(link)


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("javascript:alert(1)", "links begin with http:, https:, mailto: or are relative"),
        ("JaVaScRiPt:alert(1)", "links begin with"),
        (" javascript:alert(1)", "links begin with"),
        ("javascript&colon;x:y", "links begin with"),
        ("data:text/html,x", "links begin with"),
        ("file:///etc/passwd", "links begin with"),
        ("vbscript:x", "links begin with"),
        ("ftp://example.org", "links begin with"),
        (":x", "links begin with"),
        ("C:\\a", "links begin with"),
        ("java\tscript:alert(1)", "invisible characters"),
        ("java\nscript:alert(1)", "invisible characters"),
        ("\x01javascript:alert(1)", "invisible characters"),
        ("java\u200bscript:x", "invisible characters"),
        ("https://example.org/\u202ea", "invisible characters"),
        ("//example.org", "names a host"),
        (" //example.org", "names a host"),
        ("\\\\example.org", "names a host"),
        ("/\\example.org", "names a host"),
        ("guide\\page", "write paths with '/' on every system"),
        ("https:\\example.org", "write paths with '/' on every system"),
    ],
)
def test_links_that_are_refused(link: str, reason: str) -> None:
    """Any other scheme is refused however it is disguised, and so is a host without one."""
    assert reason in link_fault(link)
    assert not is_address(link)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org", True),
        ("HTTP://example.org:8080/a(b)?c=d&e=[f]#g", True),
        ("https://[::1]/a", True),
        ("https://example.org/ä", True),
        ("See https://example.org", False),
        ("https://example.org and more", False),
        ("https://", False),
        ("https:///a", False),
        ("https://?a", False),
        ("https://example.org/\u202ea", False),
        ("https://example.org/<b>", False),
        ("mailto:a@example.org", False),
        ("javascript://example.org/%0aalert(1)", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_addresses_of_the_web(text: str, expected: bool) -> None:
    """A text is an address of the web when all of it is one, with a host."""
    assert is_web_address(text) is expected
