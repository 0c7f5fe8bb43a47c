"""Random sites: pages of directives and roles over a random registry, built, edited and built again."""

from __future__ import annotations

import json
import logging
import re
import shutil
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from conftest import Built, Site
from fuzz_dice import BACKENDS, CANARY_COMMAND, CANARY_TAG, HOSTILE, NAMES, SERVICES, Dice
from fuzz_documents import Grammar, mutate, write
from fuzz_promises import BrokenPromiseError, check_line, promise
from nasty import VALUES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

#: What a page asks with: sound words, and words that nothing is called.
_FILTERS = ("service", "backend", "match", "status", "tag", "search")
_COLUMNS = (
    "name",
    "backend",
    "service",
    "purpose",
    "prefix",
    "table",
    "tags",
    "keys",
    "x-note",
    "source",
    "mentions",
)
_NUMBERS = ("0", "1", "3", "-1", "+2", "1e3", "9" * 400, "9" * 5000, "\u00b2", "\u0663", "1.5", " ", "")
#: Texts that are no markup of a page's own language: what a caption says is the author's, and so is raw HTML in it.
_PROSE = [
    "Stores",
    "**Bold** and `code`",
    "A `auth-lock` in words",
    *(VALUES[key] for key in ("quotes", "latex", "unicode")),
]
#: One line, as an option is; a page is no place for characters that its own parser refuses.
_OPTIONS = sorted({" ".join(text.split()) for text in HOSTILE if text.replace("\n", "").isprintable()})

BUILDERS = (
    *("text", "latex", "man", "texinfo", "xml", "epub", "singlehtml", "dirhtml", "json", "gettext"),
    *("htmlhelp", "devhelp", "qthelp", "pickle"),
)

_HEAD = """\
project = "p"
version = release = "1"
epub_copyright = "c"
smartquotes = False
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
suppress_warnings = ["epub.unknown_project_files"]
"""
#: What conf.py may say; each line by itself.
_SETTINGS = [
    "statestores_autolink = True",
    "statestores_unknown_literals = 'warning'",
    "statestores_service_pages = 'page{lower}'",
    "statestores_service_pages = {'Auth': 'page0', 'Item': 'https://example.org/'}",
    "statestores_generate_pages = 'stores/'",
    "statestores_generate_store_pages = True",
    "statestores_source_url = 'https://example.org/blob/{ref}/{path}#L{line}'",
    "statestores_columns = ['name', 'purpose', 'x-note']",
    "statestores_lint = {'naming_convention': 'warning', 'nested_prefix': 'off'}",
    "statestores_lint = False",
    "statestores_preview = False",
    "statestores_table_presets = {'p': {'columns': 'name, purpose', 'backend': 'redis', 'totals': True}}",
    "extensions.append('sphinx_design')",
    "myst_enable_extensions = ['colon_fence', 'attrs_inline', 'attrs_block', 'substitution', 'dollarmath']",
]

# -- pages --------------------------------------------------------------------------------


def _list(dice: Dice, words: tuple[str, ...] | list[str]) -> str:
    found = [("!" if dice.chance(0.2) else "") + dice.one(words) for _ in range(dice.randint(1, 3))]
    return dice.one([", ", " ", ","]).join(found)


def _value(dice: Dice, option: str) -> str:
    """Return a value of an option, a hostile one now and then."""
    if option in {"caption", "empty", "alt"}:
        return dice.one(_PROSE)
    if dice.chance(0.2):
        return dice.one(_OPTIONS)
    choices: dict[str, Callable[[], str]] = {
        "service": lambda: _list(dice, SERVICES),
        "backend": lambda: _list(dice, BACKENDS),
        "match": lambda: _list(dice, ["*-statestore", "auth-*", "*", "[a-c]*", *NAMES]),
        "status": lambda: _list(dice, ["active", "deprecated", "removed", "planned"]),
        "tag": lambda: _list(dice, ["hot", "cold", "lock"]),
        "search": lambda: _list(dice, ["session", "token", "auth"]),
        "sort": lambda: _list(dice, ["name", "-service", "backend", "x-note"]).replace("!", "-"),
        "group-by": lambda: dice.one(["service", "backend", "status", "tags", "x-note"]),
        "columns": lambda: _list(dice, _COLUMNS).replace("!", ""),
        "limit": lambda: dice.one(_NUMBERS),
        "widths": lambda: dice.one(["auto", "1 2 3", "1,2", *_NUMBERS]),
        "by": lambda: dice.one(["service", "backend", "status", "tag"]),
        "stack": lambda: dice.one(["", "service", "backend", "status", "tag"]),
        "engine": lambda: dice.one(["svg", "graphviz", "mermaid"]),
        "preset": lambda: dice.one(["p", "q"]),
        "show": lambda: _list(dice, ["added", "removed", "changed", "renamed"]).replace("!", ""),
        "from": lambda: dice.one(["/old.yaml", "old.yaml", "HEAD:x", "v1", "../../etc/passwd", "-x", "a:b:c", ":"]),
        "to": lambda: dice.one(["/schemas/state-stores.yaml", "old.yaml", "HEAD", "--output=x"]),
        "sections": lambda: _list(dice, ["components", "conventions", "backends", "deployments", "code"]),
        "detail": lambda: dice.one(["table", "entries", "stores", "services"]),
        "class": lambda: dice.one(["a", "a b", "A_b", "1"]),
        "name": lambda: f"n{dice.randint(0, 40)}",
    }
    return choices[option]() if option in choices else dice.one(["", "", "false", "yes", "x"])


_TABLE = (
    *_FILTERS,
    "sort",
    "group-by",
    "limit",
    "columns",
    "totals",
    "empty",
    "caption",
    "widths",
    "preset",
    "no-index",
)
#: Directive -> what its argument may be, and its options.
_DIRECTIVES: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "statestore-table": ([], (*_TABLE, "class", "name", "colums")),
    "statestore-totals": ([], (*_FILTERS, "by", "class", "name")),
    "statestore-map": (["", *SERVICES], (*_FILTERS, "detail", "engine", "alt", "caption", "empty", "class", "name")),
    "statestore-chart": (
        [],
        (*_FILTERS, "by", "stack", "sort", "limit", "alt", "caption", "empty", "class", "name"),
    ),
    "statestore-conventions": ([], ("no-index", "class", "name")),
    "statestore-backends": ([], ("no-index", "class", "name")),
    "statestore-deployments": ([], ("class", "name")),
    "statestore-code": ([], ("class", "name")),
    "statestore": ([*NAMES, "auth-lock0"], ("no-index", "no-index-entry", "class", "no-typesetting")),
    "statestore-service": (SERVICES, (*_TABLE, "detail", "class", "name")),
    "statestore-changes": ([], ("from", "from", "to", *_FILTERS, "show", "empty", "class")),
    "statestore-coverage": ([], ("class", "name")),
    "statestore-reference": ([], ("sections", "no-index", "class")),
}


def _directive(dice: Dice, *, markdown: bool) -> str:
    name = dice.one([*_DIRECTIVES, "statestore-table", "statestore-table", "statestore"])
    arguments, options = _DIRECTIVES[name]
    argument = ""
    if arguments:
        argument = " " + (dice.one(_OPTIONS) or "x" if dice.chance(0.1) else dice.one(arguments))
    lines = [f":{option}: {_value(dice, option)}".rstrip() for option in dice.sample(options, dice.few(len(options)))]
    if markdown:
        fence = "`" * 60 if any("```" in line for line in [argument, *lines]) else "```"
        return "\n".join([f"{fence}{{{name}}}{argument}", *lines, fence, ""])
    return "\n".join([f".. {name}::{argument}", *(f"   {line}" for line in lines), ""])


def _role(dice: Dice, *, markdown: bool) -> str:
    role, words = dice.one(
        [
            ("store", NAMES),
            ("store-service", SERVICES),
            ("store-backend", BACKENDS),
            ("store-count", ["all", "service=Auth", "backend=redis status=active", "servic=x", "x", "tag=!hot", "="]),
            ("statestore:store", NAMES),
        ]
    )
    hostile = [text.replace("`", "") for text in _OPTIONS if "\\" not in text and CANARY_TAG not in text]
    word = dice.one(hostile).strip() or "x" if dice.chance(0.15) else dice.one(words)
    text = dice.one([word, word, f"~{word}", f"!{word}", f"a title <{word}>"])
    return f"{{{role}}}`{text}`" if markdown else f":{role}:`{text}`"


def page(dice: Dice, name: str, *, markdown: bool) -> str:
    """Return a page. Its title says only how it is called, so that no other page shows what an edit changes."""
    parts = [f"# Page {name}\n" if markdown else f"Page {name}\n{'=' * 20}\n"]
    for _ in range(dice.randint(1, 4)):
        if dice.chance(0.6):
            parts.append(_directive(dice, markdown=markdown))
        else:
            literal = dice.one([*NAMES, "auth-lokc", "x-statestore"])
            code = f"`{literal}`" if markdown else f"``{literal}``"
            roles = " ".join(_role(dice, markdown=markdown) for _ in range(dice.randint(1, 3)))
            parts.append(f"Words about {roles} and {code}.\n")
    return "\n".join(parts)


def _registry(dice: Dice) -> bytes:
    root = Grammar(dice, dice.one([0.05, 0.25])).registry()
    mutate(dice, root, dice.one([0, 0, 0, 1]))
    return write(root, dice).encode("utf-8", "replace")


# -- a case -------------------------------------------------------------------------------

_MARK = b"%%%% "


def join(parts: list[tuple[str, bytes]]) -> bytes:
    """Write the files of a case into one: each after a line with its name."""
    return b"".join(_MARK + name.encode() + b"\n" + data.rstrip(b"\n") + b"\n" for name, data in parts)


def split(data: bytes) -> list[tuple[str, bytes]]:
    """Read what `join` has written; anything is a case, as leaving lines away gives one."""
    parts = []
    for part in re.split(rb"^%%%% ", data, flags=re.MULTILINE)[1:]:
        name, _, content = part.partition(b"\n")
        parts.append((name.decode("utf-8", "replace"), content))
    return parts


class Pages:
    """A site: its configuration, registry and pages, an edit, and a second builder."""

    name = "pages"
    suffix = ".site"

    def __init__(self, folder: Path, pages: int = 8) -> None:
        self._folder = folder / self.name
        self._pages = pages

    def make(self, dice: Dice) -> bytes:
        """Return a site."""
        settings = dice.sample(_SETTINGS, dice.few(6))
        names = [(f"page{number}", dice.chance(0.5)) for number in range(self._pages)]
        files = [
            (f"{name}.md" if md else f"{name}.rst", page(dice, name, markdown=md).encode()) for name, md in names
        ]
        edited = _registry(dice) if dice.chance(0.3) else None
        registry = _registry(dice)
        if edited is None:
            lines = registry.split(b"\n")
            at = dice.randrange(len(lines))
            lines[at : at + 1] = dice.one([[], [lines[at].replace(b"a", b"b")], [lines[at], b"# moved"]])
            edited = b"\n".join(lines)
        edits = [("edit schemas/state-stores.yaml", edited)]
        if dice.chance(0.4):
            name, md = dice.one(names)
            changed = page(dice, name, markdown=md).encode()
            edits = [
                (f"edit {name}.md" if md else f"edit {name}.rst", changed),
                *dice.sample(edits, dice.randint(0, 1)),
            ]
        return join(
            [
                (f"builder {dice.one(BUILDERS)}", b""),
                ("conf.py", "\n".join(settings).encode()),
                ("schemas/state-stores.yaml", registry),
                ("old.yaml", _registry(dice)),
                *files,
                *edits,
            ]
        )

    def check(self, data: bytes) -> None:
        """Build the site, build it again after an edit, and with another builder."""
        shutil.rmtree(self._folder, ignore_errors=True)
        site = Site(self._folder)
        parts = split(data)
        builder = next((name.split()[1] for name, _ in parts if re.fullmatch(r"builder \w+", name)), "text")
        try:
            self._check(site, dict(parts), builder if builder in BUILDERS else "text")
        finally:
            site.close()

    def _check(self, site: Site, parts: dict[str, bytes], builder: str) -> None:
        pages = [name for name in parts if re.fullmatch(r"page\w+\.(rst|md)", name)]
        toctree = "".join(f"   {name.rpartition('.')[0]}\n" for name in pages)
        site.write("index.rst", f"Top\n===\n\n.. toctree::\n   :titlesonly:\n\n{toctree}")
        site.conf(_HEAD + parts.get("conf.py", b"").decode())
        for name in [*pages, "old.yaml", "schemas/state-stores.yaml"]:
            self._write(name, parts.get(name, b""))
        check_html(_built(site, "html", "_build"))
        check_output(_built(site, builder, "_other"), builder)
        edits = {name.removeprefix("edit "): text for name, text in parts.items() if name.startswith("edit ")}
        for name in edits.keys() & {*pages, "schemas/state-stores.yaml"}:
            self._write(name, edits[name])
        again = _built(site, "html", "_build")
        check_html(again)
        found, wanted = again.files(), _built(site, "html", "_clean").files()
        different = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
        promise("after an edit the site is what a clean build gives", not different, different)

    def _write(self, name: str, data: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


class _Said(logging.Handler):
    """Looks at everything that the extension logs."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _built(site: Site, builder: str, builddir: str) -> Built:
    said = _Said()
    logger = logging.getLogger("sphinx.sphinx_statestores")
    logger.addHandler(said)
    try:
        built = site.build(builder, builddir=builddir)
    finally:
        logger.removeHandler(said)
    for message in said.messages:
        check_line(message)
    log = "\n".join([*built.warnings, built.status])
    promise("no build prints a traceback", "Traceback (most recent call last)" not in log, log[-2000:])
    return built


# -- what is built ------------------------------------------------------------------------

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())  # noqa: SIM905


class _Balance(HTMLParser):
    """Finds elements that are not closed, and ids that are there twice."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids.update(value or "" for name, value in attrs if name == "id")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids.update(value or "" for name, value in attrs if name == "id")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or (self.open and self.open[-1] == tag):
            if tag not in _VOID:
                self.open.pop()
            return
        self.wrong.append(f"</{tag}> inside {self.open[-3:]} at {self.getpos()}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def check_html(built: Built, *, unique: bool = True) -> None:
    """No page has an element, an attribute or a link that comes from a text."""
    for path in sorted(built.outdir.rglob("*.html")):
        check_page(path.read_text(encoding="utf-8"), path.name, unique=unique)
    inventory = built.outdir / "objects.inv"
    if inventory.exists():
        _check_inventory(inventory)


def check_page(text: str, name: str, *, unique: bool = True) -> None:
    """One page, or the body of one; with *unique*, no id is there twice."""
    soup = BeautifulSoup(text, "html.parser")
    promise("no element comes from a text", not soup.find(CANARY_TAG), name)
    for tag in soup.find_all(True):
        odd = [key for key in tag.attrs if key.startswith("on") or "fuzz" in key]
        promise("no attribute comes from a text", not odd, (name, odd))
        for key in ("href", "src"):
            link = re.sub(r"\s", "", str(tag.get(key, ""))).lower()
            promise("no link leads to a script", not link.startswith("javascript:fuzzregistry"), (name, link))
    for script in soup.find_all("script", type="application/json"):
        json.loads(script.get_text())
    balance = _Balance()
    balance.feed(text)
    promise("each element is closed", not balance.wrong and not balance.open, (name, balance.wrong, balance.open))
    twice = [found for found, number in balance.ids.items() if number > 1]
    promise("no id is there twice", not unique or not twice, (name, twice))


def _check_inventory(path: Path) -> None:
    lines = path.read_bytes().split(b"\n", 4)
    for line in zlib.decompress(lines[4]).decode().split("\n")[:-1]:
        # An empty ``:name:`` of a page makes an empty label, of Sphinx's own directives as well.
        parts = re.fullmatch(r"(.*?) +(std:\w+|statestore:\w+) +(-?\d+) +(\S*) +(.*)", line)
        promise("the inventory has a site's own objects only", parts, line)


def _text_files(outdir: Path, *suffixes: str) -> Iterator[tuple[str, str]]:
    for path in sorted(outdir.rglob("*")):
        if path.suffix in suffixes:
            yield path.name, path.read_text(encoding="utf-8")


def check_output(built: Built, builder: str) -> None:
    """No text has become markup of another output."""
    outdir = built.outdir
    if builder in {"singlehtml", "dirhtml", "htmlhelp", "devhelp", "qthelp"}:
        # Where all pages are one, Sphinx gives equal headings of several pages the same id.
        check_html(built, unique=builder != "singlehtml")
    for name, text in _text_files(outdir, ".fjson"):
        check_page(str(json.loads(text).get("body", "")), name)
    for name, text in _text_files(outdir, ".tex"):
        promise("no text is a command of TeX", f"\\{CANARY_COMMAND}" not in text, name)
    for name, text in _text_files(outdir, ".texi"):
        commands = re.findall(rf"(@+){CANARY_COMMAND}", text)
        promise("no text is a command of Texinfo", all(len(signs) % 2 == 0 for signs in commands), name)
    if builder == "man":
        for path in sorted(outdir.glob("*.[0-9]")):
            requests = re.findall(r"(?m)^[.'][ \t]*(?:so|mso|sy|pi|open|opena|nx|rd|psbb).*", path.read_text("utf-8"))
            promise("no text is a request of roff", not requests, requests)
    if builder == "xml":
        for name, text in _text_files(outdir, ".xml"):
            _parse_xml(text, name)
    for path in sorted(outdir.glob("*.epub")):
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                if name.endswith((".xhtml", ".opf", ".ncx")):
                    _parse_xml(book.read(name).decode("utf-8"), name)


def _parse_xml(text: str, name: str) -> None:
    try:
        root = ET.fromstring(text)  # noqa: S314 - made by the code under test
    except ET.ParseError as error:
        raise BrokenPromiseError("XML is well-formed", f"{name}: {error}") from error
    tags = {str(element.tag).rpartition("}")[2] for element in root.iter()}
    promise("no element of XML comes from a text", CANARY_TAG not in tags, name)
