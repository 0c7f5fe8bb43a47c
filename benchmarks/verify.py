"""Does a built site show what it has to? A fast build of the wrong pages is worth nothing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from benchmarks.site import page_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from benchmarks.contenders import Contender
    from benchmarks.site import Page, Site

# What docutils and Sphinx write is well-formed; a general parser takes ten times as long.
_TOKEN = re.compile(
    r"""<!--.*?-->|<(script|style)\b.*?</\1\s*>|<(?P<end>/?)(?P<tag>[a-zA-Z][\w-]*)(?P<attributes>(?:[^>"']|"[^"]*"|'[^']*')*)>|(?P<text>[^<]+)""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([\w-]+)=(?:"([^"]*)"|'([^']*)')""")
#: How many faults of one page are told.
_FEW = 3


@dataclass
class ScannedPage:
    """What a page has that counts."""

    #: The texts of all rows of four cells, which no other table of a site has.
    rows: list[tuple[str, ...]] = field(default_factory=list)
    #: The texts of the paragraphs and items outside tables.
    prose: list[str] = field(default_factory=list)
    #: Address and text of the links outside tables.
    links: list[tuple[str, str]] = field(default_factory=list)
    #: All addresses, those in tables too.
    addresses: set[str] = field(default_factory=set)
    ids: Counter[str] = field(default_factory=Counter)


def scan(html: str) -> ScannedPage:
    """Read what counts out of a page."""
    page = ScannedPage()
    tables = 0
    cells: list[str] = []
    cell: list[str] | None = None
    prose: list[str] | None = None
    link: tuple[str, list[str]] | None = None
    for token in _TOKEN.finditer(html):
        text = token["text"]
        if text is not None:
            for words in (cell, prose, link and link[1]):
                if words is not None:
                    words.append(text)
            continue
        tag = token["tag"]
        if tag is None:
            continue
        if token["end"]:
            if tag == "table":
                tables -= 1
            elif tag == "td" and cell is not None:
                cells.append(_plain(cell))
                cell = None
            elif tag == "tr" and len(cells) == 4:
                page.rows.append(tuple(cells))
            elif tag == "p" and prose is not None:
                page.prose.append(_plain(prose))
                prose = None
            elif tag == "a" and link is not None:
                if not tables:
                    page.links.append((link[0], _plain(link[1])))
                link = None
            continue
        found = {name: unescape(one or other) for name, one, other in _ATTRIBUTE.findall(token["attributes"])}
        if "id" in found:
            page.ids[found["id"]] += 1
        if tag == "table":
            tables += 1
        elif tag == "tr":
            cells = []
        elif tag == "td":
            cell = []
        elif tag == "p" and not tables:
            prose = []
        elif tag == "a" and "href" in found:
            link = (found["href"], [])
            page.addresses.add(found["href"])
    return page


def faults(html: Path, site: Site, contender: Contender) -> list[str]:
    """Return what is wrong with a built site: rows, words, ids and links, and whether all addresses exist."""

    @cache
    def scanned(name: str) -> ScannedPage | None:
        path = html / name
        return scan(path.read_text(encoding="utf-8")) if path.is_file() else None

    pages = {page.docname: page for page in site.pages}
    return [
        *(
            fault
            for docname in sorted(site.docnames)
            for fault in _faults_of(scanned(f"{docname}.html"), docname, pages.get(docname), site, contender)
        ),
        *_dead_addresses(html, scanned),
    ]


def _faults_of(
    page: ScannedPage | None, docname: str, own: Page | None, site: Site, contender: Contender
) -> Iterator[str]:
    if page is None:
        yield f"{docname}: there is no such page"
        return
    twice = [identifier for identifier, count in page.ids.items() if count > 1]
    if twice and not contender.is_exact:
        # What others give out twice beside their anchors is not what is measured.
        anchors = {contender.anchor.format(name) for name in site.by_name}
        twice = [identifier for identifier in twice if identifier in anchors]
    for identifier in twice[:_FEW]:
        yield f"{docname}: the id {identifier!r} is there {page.ids[identifier]} times"
    service = own.service if own else ""
    stores = site.by_service[service] if own else list(site.by_name.values())
    yield from _wrong_rows(docname, page, [store.row for store in stores] if contender.shows_stores else [])
    if own is None:
        return
    for text in own.paragraphs:
        if re.sub("[`*]", "", text) not in page.prose:
            yield f"{docname}: a paragraph is missing: {text[:60]!r}"
    for name in own.links:
        if f"reads and writes {name} at times" not in page.prose:
            yield f"{docname}: the item about {name!r} is missing"
    if not contender.shows_stores:
        return
    for store in stores:
        if contender.anchor.format(store.name) not in page.ids:
            yield f"{docname}: there is no anchor of {store.name!r}"
    wanted = [
        (f"{page_of(site.by_name[name].service)}.html#{contender.anchor.format(name)}", name) for name in own.links
    ]
    links = [(_absolute(docname, address), text) for address, text in page.links if text in own.links]
    if links != wanted:
        missing = [link for link in wanted if link not in links] or wanted
        yield f"{docname}: the link {missing[0]} is missing, and there is {links[:_FEW]}"


def _wrong_rows(docname: str, page: ScannedPage, wanted: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if page.rows == wanted:
        return
    there, asked_for = set(page.rows), set(wanted)
    missing = [row for row in wanted if row not in there]
    superfluous = [row for row in page.rows if row not in asked_for]
    for text, rows in (("missing", missing), ("not asked for", superfluous)):
        for row in rows[:_FEW]:
            yield f"{docname}: a row is {text}: {row}"
    if not missing and not superfluous:
        yield f"{docname}: the rows are not in order, or not there once each"


def _dead_addresses(html: Path, scanned: Callable[[str], ScannedPage | None]) -> Iterator[str]:
    """Look at every page that was made, those of indices too."""
    for path in sorted(html.rglob("*.html")):
        name = path.relative_to(html).as_posix()
        page = scanned(name)
        told = 0
        for address in sorted(page.addresses if page else ()):
            target, _, fragment = _absolute(name.removesuffix(".html"), address).partition("#")
            if ":" in target or told == _FEW:
                continue
            if target.endswith(".html"):
                other = scanned(target)
                alive = other is not None and (not fragment or fragment in other.ids)
            else:
                alive = (html / target).exists()
            if not alive:
                told += 1
                yield f"{name}: {address!r} leads nowhere"


def _absolute(docname: str, address: str) -> str:
    """Return an address on a page as seen from the root of the site."""
    if ":" in address:
        return address
    target, mark, fragment = address.partition("#")
    path = normpath(join(dirname(docname), target)) if target else f"{docname}.html"
    return f"{path}{mark}{fragment}"


def _plain(words: Sequence[str]) -> str:
    return " ".join(unescape("".join(words)).split())
