"""The prose of a registry: offered to translators, and in the language of a project on every page."""

from __future__ import annotations

import json
import os
import re
import shutil
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built, Site

REGISTRY = """\
x-state-stores:
  auth-statestore:
    backend: redis
    prefix: auth
    service: Auth
    purpose: >-
      Sessions and "tokens",
      not `auth-lock`
    keys: [{pattern: 'session:{id}', type: hash, ttl: one day, purpose: One login}]
  auth-lock: {backend: redis, prefix: 'auth:lock', service: Auth, purpose: One login, tags: [login]}
  quest-statestore: {backend: mysql, service: Quest, purpose: Zeal, x-note: Zeal}
x-services: {Auth: Sign-in, Quest: {title: Tasks}}
"""
GUIDE = """\
x-lint: {nested_prefix: off}
x-naming-conventions: [{pattern: '{service}-statestore', backends: [redis], description: State of `one` service}]
x-backend-guide: [{useCase: Caches, backend: redis, rationale: Fast}]
x-deployments: [{title: Small, note: "On one.\\nFor tests.", stores: {auth-statestore: 'redis:1'}}]
x-reference: {project: our game, deployments: Sharing works., closing: {label: Notes, text: on it, href: page}}
"""
#: Text -> its German translation.
GERMAN = {
    'Sessions and "tokens", not `auth-lock`': 'Sitzungen und \N{DOUBLE LOW-9 QUOTATION MARK}Token", ohne `auth-lock`',
    "One login": "Eine Anmeldung",
    "Zeal": "Eifer",
    "Note": "Vermerk",
    "Sign-in": "Anmeldedienst",
    "Tasks": "Aufgaben",
    "State of `one` service": "Zustand `eines` Dienstes",
    "Caches": "Zwischenspeicher",
    "Fast": "Schnell",
    "Small": "Klein",
    "On one.\nFor tests.": "Auf einem.\nZum Testen.",
    "our game": "unser Spiel",
    "Sharing works.": "Teilen geht.",
    "Notes": "Anmerkungen",
    "on it": "dazu",
}
PAGE = """\
Page
====

:store:`auth-lock` and :store-service:`Quest`

.. statestore-table::
   :interactive:
   :columns: name, backend, service, purpose, x-note

.. statestore:: auth-statestore

.. statestore-service:: Quest

.. statestore-reference::
   :no-index:
"""
MYST_PAGE = """\
# Page

{store}`auth-lock` and {store-service}`Quest`

```{statestore-table}
:interactive:
:columns: name, backend, service, purpose, x-note
```

```{statestore} auth-statestore
```

```{statestore-service} Quest
```

```{statestore-reference}
:no-index:
```
"""
NAME = "statestores-registry"


@pytest.fixture
def pages(site: Site) -> Site:
    """A site of two files of a registry and two pages, one with everything."""
    site.registry(REGISTRY)
    site.registry(GUIDE, "schemas/state-stores-guide.yaml")
    site.conf('statestores_root = "."\n')
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   page\n   other\n")
    site.write("page.rst", PAGE)
    site.write("other.rst", "Other\n=====\n\n.. statestore-totals::\n")
    return site


def catalogue(texts: dict[str, str]) -> Catalog:
    """Return a catalogue of translations."""
    found = Catalog(locale="de", fuzzy=False)
    for text, german in texts.items():
        found.add(text, german)
    return found


def translate(site: Site, texts: dict[str, str], language: str = "de", name: str = NAME) -> Path:
    """Write the translations of a project, as text."""
    path = site.folder / f"locales/{language}/LC_MESSAGES/{name}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_po(stream, catalogue(texts))
    return path


def compile_only(site: Site, texts: dict[str, str]) -> None:
    """Write the translations of a project, compiled only."""
    path = site.folder / f"locales/de/LC_MESSAGES/{NAME}.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_mo(stream, catalogue(texts))


def plain(text: str) -> str:
    """A text on one line, without backticks, the signs of comments and breaks of LaTeX."""
    return " ".join(re.sub(r"[`#]|\\allowbreak\{\}", "", text).split())


def words(html: str) -> str:
    """The text of a page on one line."""
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


def offered(built: Built, name: str = NAME) -> Catalog:
    """Read what the gettext builder offers to translators."""
    return read_po(BytesIO((built.outdir / f"{name}.pot").read_bytes()))


# -- what translators get -----------------------------------------------------------------


@pytest.mark.parametrize("compact", [True, False, "docs"])
def test_one_catalogue_of_the_registry(pages: Site, compact: Any) -> None:
    """The gettext builder writes each text of a registry once, in a catalogue of its own, with all its places."""
    pages.write("more/page.rst", ":orphan:\n\nMore\n====\n\n.. statestore-table::\n")
    built = pages.build("gettext", gettext_compact=compact)
    assert built.warnings == []
    stores, guide = ("../../schemas/state-stores.yaml", "../../schemas/state-stores-guide.yaml")
    assert [(message.id, message.locations) for message in offered(built) if message.id] == [
        ('Sessions and "tokens", not `auth-lock`', [(stores, 6)]),
        ("One login", [(stores, 9), (stores, 10)]),
        ("Zeal", [(stores, 11)]),
        ("Note", [(stores, 11)]),
        ("Sign-in", [(stores, 12)]),
        ("Tasks", [(stores, 12)]),
        ("State of `one` service", [(guide, 2)]),
        ("Caches", [(guide, 3)]),
        ("Fast", [(guide, 3)]),
        ("Small", [(guide, 4)]),
        ("On one.\nFor tests.", [(guide, 4)]),
        ("our game", [(guide, 5)]),
        ("Sharing works.", [(guide, 5)]),
        ("Notes", [(guide, 5)]),
        ("on it", [(guide, 5)]),
    ]
    others = {message.id for path in built.outdir.rglob("*.pot") if path.stem != NAME for message in offered_in(path)}
    assert not others & GERMAN.keys()


def offered_in(path: Path) -> Catalog:
    """Read a file of messages."""
    return read_po(BytesIO(path.read_bytes()))


def test_a_translated_project_offers_the_same(pages: Site) -> None:
    """What is offered is the registry's own language, also where a translation exists, and the same in each run."""
    settings: dict[str, Any] = {
        "gettext_uuid": True,
        "gettext_compact": False,
        "statestores_generate_pages": "stores",
    }
    before = (pages.build("gettext", **settings).outdir / f"{NAME}.pot").read_bytes()
    translate(pages, GERMAN)
    again = pages.build("gettext", language="de", **settings)
    assert (again.outdir / f"{NAME}.pot").read_bytes() == before
    assert {message.id for message in offered(again, "stores/auth")} == {"", "Sign-in"}


def test_no_places(pages: Site) -> None:
    """``gettext_location = False`` leaves out the places."""
    text = pages.build("gettext", gettext_location=False).text(f"{NAME}.pot")
    assert "#:" not in text
    assert 'msgid "Zeal"' in text


def test_nothing_to_offer(site: Site) -> None:
    """A registry without prose has no catalogue."""
    site.write("index.rst", "Top\n===\n")
    site.registry("x-state-stores: {a: {backend: redis, prefix: a, service: A, purpose: ''}}\n")
    assert not (site.build("gettext").outdir / f"{NAME}.pot").exists()


def test_hidden_stores_are_not_offered(pages: Site) -> None:
    """A text that only a hidden store has needs no translation."""
    built = pages.build("gettext", statestores_exclude=["service=Quest"])
    assert not {"Zeal", "Tasks"} & {message.id for message in offered(built)}


def test_a_document_of_this_name(pages: Site) -> None:
    """A document called like the catalogue shares it."""
    pages.write(f"{NAME}.rst", ":orphan:\n\nA title\n=======\n\nZeal\n")
    found = {message.id: message.locations for message in offered(pages.build("gettext"))}
    assert "A title" in found
    assert [line for _, line in found["Zeal"]] == [11, 6]


def test_stores_of_another_site(pages: Site) -> None:
    """The stores of a site that is merged are on pages as well, so their texts are offered and translated."""
    pages.write(
        "elsewhere.json", "x-state-stores: {mail: {backend: redis, prefix: m, service: Mail, purpose: Letters}}\n"
    )
    conf = (
        'statestores_root = "."\nstatestores_registry = ["schemas/state-stores.yaml", ("other", "elsewhere.json")]\n'
    )
    pages.conf(conf)
    built = pages.build("gettext")
    (message,) = (message for message in offered(built) if message.id == "Letters")
    assert message.locations == [("../../elsewhere.json", 1)]
    translate(pages, {"Letters": "Briefe"})
    assert "Briefe" in pages.build("text", language="de", builddir="_de").text("page.txt")


# -- what readers get ---------------------------------------------------------------------


@pytest.mark.parametrize("markup", ["rst", "md"])
@pytest.mark.parametrize("builder", ["html", "latex", "text"])
def test_every_text_is_translated(pages: Site, builder: str, markup: str) -> None:
    """Each text of the registry is in German on a page, in every builder and both markups, and none in English."""
    if markup == "md":
        (pages.folder / "page.rst").unlink()
        pages.write("page.md", MYST_PAGE)
    translate(pages, GERMAN)
    built = pages.build(builder, language="de")
    assert built.warnings == []
    text = plain(built.resolved("page").astext())
    for english, german in GERMAN.items():
        assert plain(german) in text, english
        if english != "Zeal":  # the value of a custom field, too
            assert plain(english) not in text, english


def test_both_markups_are_the_same(pages: Site) -> None:
    """A translated page in Markdown is that in reStructuredText."""
    translate(pages, GERMAN)
    first = pages.build("text", language="de").text("page.txt")
    (pages.folder / "page.rst").unlink()
    pages.write("page.md", MYST_PAGE)
    assert pages.build("text", language="de", builddir="_myst").text("page.txt") == first


def test_what_is_beside_the_text(pages: Site) -> None:
    """Titles of links, cards, facets, the search, indices and the inventory have translations; code stays code."""
    translate(pages, GERMAN)
    built = pages.build(language="de")
    html = built.text("page.html")
    assert 'title="Redis, Anmeldedienst: Eine Anmeldung"' in html
    assert '["Auth","Anmeldedienst"]' in html
    assert 'Anmeldedienst",false]' in html
    assert re.search(r"ohne <[^>]*><code[^>]*>auth-lock|ohne <code[^>]*>(<span[^>]*>)?auth-lock", html)
    assert "Anmeldedienst" in words(built.text("statestore-services.html"))
    assert '"eif' in built.text("searchindex.js")
    assert b"Aufgaben" in decompressed((built.outdir / "objects.inv").read_bytes())
    for english in ("One login", "Sign-in", "Tasks"):
        assert english not in html
        assert english not in built.text("statestore-services.html")


def decompressed(inventory: bytes) -> bytes:
    """The lines of an inventory."""
    return zlib.decompress(inventory.split(b"\n", 4)[4])


def test_data_keeps_its_language(pages: Site) -> None:
    """What a site publishes and what is generated is the registry's own, so a translation is no drift."""
    pages.registry(REGISTRY + "x-outputs: [{format: csv, path: ../stores.csv}]\n")
    before = json.loads(pages.build().text("statestores.json"))
    unwritten = pages.build("text").warnings
    assert len(unwritten) == 1
    translate(pages, GERMAN)
    built = pages.build(language="de", builddir="_de")
    assert json.loads(built.text("statestores.json")) == before
    assert [line.partition(" ")[2] for line in built.warnings] == [line.partition(" ")[2] for line in unwritten]


def test_filters_and_order(pages: Site) -> None:
    """A filter finds the same stores in each language; the rows are in the order of what is shown."""
    table = ".. statestore-table::\n   {}\n   :columns: name, purpose\n   :no-index:\n\n"
    options = (
        ":search: login",
        ":search: !zeal",
        ":sort: purpose",
        ":sort: -purpose\n   :limit: 1",
        ":sort: service\n   :limit: 1",
    )
    pages.write("page.rst", "Page\n====\n\n" + "".join(map(table.format, options)))
    pages.write("other.rst", "Other\n=====\n\n:store-count:`search=zeal` :store-count:`search=eifer`\n")
    translate(pages, {**GERMAN, "Sign-in": "Zugang"})

    def names(**settings: Any) -> list[list[str]]:
        html = BeautifulSoup(pages.build(**settings).text("page.html"), "html.parser")
        return [[cell.get_text() for cell in row.select("tr td:first-child code")] for row in html.select("table")]

    found = ["auth-lock", "auth-statestore"]
    assert names() == [found, found, [*found, "quest-statestore"], ["quest-statestore"], found[:1]]
    german = names(language="de", builddir="_de")
    assert german == [found, found, ["quest-statestore", *found], found[1:], ["quest-statestore"]]
    assert "1 0" in words(pages.build(language="de", builddir="_de").text("other.html"))


def test_a_comparison_compares_the_original(pages: Site) -> None:
    """A translation is no change of a store; the texts of a comparison are translated as far as they can be."""
    older = REGISTRY.replace("purpose: Zeal", "purpose: Ardour")
    older = older.replace("purpose: One login}]", "purpose: Old}, {pattern: gone, purpose: Fast}]")
    pages.write("older.yaml", re.sub("  auth-lock:.*\n", "", older))
    pages.write("page.rst", "Page\n====\n\n.. statestore-changes::\n   :from: /older.yaml\n")
    translate(pages, {**GERMAN, "Old": "Alt"})
    text = words(pages.build(language="de").text("page.html"))
    assert "auth-lock Redis Anmeldedienst Eine Anmeldung" in text
    assert "Zweck Ardour Eifer" in text
    assert "Alt Eine Anmeldung" in text
    assert "gone ( Schnell )" in text or "gone (Schnell)" in text
    pages.write("older.yaml", REGISTRY)
    assert "Keine Änderungen." in words(pages.build(language="de").text("page.html"))


def test_generated_pages(pages: Site) -> None:
    """The title of a generated page is the translated title of its service, as plain text, and follows it."""
    settings: dict[str, Any] = {"language": "de", "statestores_generate_pages": "stores"}
    translate(pages, GERMAN)
    assert "<h1>Anmeldedienst" in pages.build(**settings).text("stores/auth.html")
    translate(pages, {**GERMAN, "Sign-in": ":ref:`x` <b>*\n====\n.. raw:: html"})
    second = pages.build(**settings)
    assert second.warnings == []
    (title,) = BeautifulSoup(second.text("stores/auth.html"), "html.parser").select("h1")
    assert title.get_text().startswith(":ref:`x` <b>* ==== .. raw:: html")
    assert "<b>" not in str(title)
    assert "stores/quest" not in second.read


def test_a_country_and_english(pages: Site) -> None:
    """``de_AT`` has the texts of ``de``, and an English site can translate a registry that is not in English."""
    translate(pages, GERMAN)
    assert "Eifer" in pages.build("text", language="de_AT").text("page.txt")
    translate(pages, {"Zeal": "Fervour"}, "en")
    assert "Fervour" in pages.build("text", language="en").text("page.txt")


def test_no_catalogue(pages: Site) -> None:
    """Without a catalogue, or for a text that it lacks, the text is the registry's own; there is no warning."""
    built = pages.build("text", language="de")
    assert built.warnings == []
    assert "Zeal" in built.text("page.txt")
    translate(pages, {"Caches": "Zwischenspeicher", "Fast": ""})
    some = pages.build("text", language="de")
    assert some.warnings == []
    assert re.search(r"Zwischenspeicher *\| Redis *\| Fast", some.text("page.txt"))


def test_a_broken_catalogue(pages: Site) -> None:
    """A catalogue that cannot be read is one warning, and the page has the registry's own texts."""
    path = translate(pages, GERMAN).with_suffix(".mo")
    path.with_suffix(".po").unlink()
    path.write_bytes(b"\xde\x12\x04\x95" + bytes(4) + b"\xff" * 40)
    built = pages.build("text", language="de")
    assert "Zeal" in built.text("page.txt")
    (warning,) = built.warnings
    assert "[statestores.invalid_config]" in warning


def test_the_newer_of_two_files(pages: Site) -> None:
    """Of a translation and what was compiled of it, the newer one is used, as for the texts of pages."""
    path = translate(pages, {"Zeal": "Eifer"})
    compile_only(pages, {"Zeal": "Elan"})
    for time, word in ((10**18, "Elan"), (10**18 + 1, "Elan"), (10**18 + 10**9, "Elan"), (10**18 - 10**9, "Eifer")):
        os.utime(path, ns=(10**18, 10**18))
        os.utime(path.with_suffix(".mo"), ns=(time, time))
        assert word in pages.build("text", language="de").text("page.txt")


@pytest.mark.parametrize("with_fuzzy", [True, False])
def test_fuzzy_translations(pages: Site, with_fuzzy: bool) -> None:
    """A fuzzy translation is used only if Sphinx uses fuzzy translations."""
    path = translate(pages, GERMAN)
    path.write_text(path.read_text().replace('msgid "Zeal"', '#, fuzzy\nmsgid "Zeal"'))
    built = pages.build("text", language="de", gettext_allow_fuzzy_translations=with_fuzzy)
    assert ("Eifer" in built.text("page.txt")) is with_fuzzy


def test_translations_are_text(pages: Site) -> None:
    """A translation is the text of another person: it is escaped everywhere, and only backticks mean something."""
    attack = "<script>x</script> \\input{x} `a <b>` | `open :ref:`x`\n\n.. raw:: html\x07"
    translate(pages, dict.fromkeys(GERMAN, attack))
    built = pages.build(language="de")
    assert built.warnings == []
    html = built.text("page.html")
    assert "<script>x" not in html
    assert "&lt;script&gt;x" in html
    assert "a &lt;b&gt;" in html
    assert "<script>x" not in built.text("statestore-services.html")
    assert "\x07" not in html
    latex = pages.build("latex", language="de")
    assert "\\input{x}" not in "".join(path.read_text() for path in latex.outdir.glob("*.tex"))
    assert pages.build("xml", language="de").warnings == []


# -- builds after a change ----------------------------------------------------------------


def build_pages(site: Site, builddir: str = "_build", parallel: int = 0) -> Built:
    """Build a German site."""
    return site.build(language="de", builddir=builddir, parallel=parallel)


@pytest.fixture
def several(pages: Site) -> Site:
    """A site with pages that show different texts."""
    pages.write("index.rst", "Top\n===\n\n.. toctree::\n   :glob:\n\n   *\n")
    pages.write("page.rst", "Page\n====\n\n.. statestore-table::\n   :service: Quest\n")
    pages.write("auth.md", "# Auth\n\n```{statestore-table}\n:service: Auth\n```\n")
    pages.write("guide.rst", "Guide\n=====\n\n.. statestore-backends::\n")
    pages.write("link.rst", "Link\n====\n\n:store:`auth-lock`\n")
    pages.write("plain.rst", "Plain\n=====\n\nNo stores.\n")
    return pages


@pytest.mark.parametrize("parallel", [0, 2])
@pytest.mark.parametrize("write", [translate, compile_only])
def test_other_translations_write_pages_again(several: Site, write: Any, parallel: int) -> None:
    """Another translation, compiled or not, writes exactly the pages that show it, and equals a clean build."""
    texts = dict(GERMAN)
    write(several, texts)
    assert "Eifer" in build_pages(several, parallel=parallel).text("page.html")
    assert build_pages(several, parallel=parallel).written == []
    for changed, shown in (
        ({"Zeal": "Elan"}, ["page"]),
        ({"One login": "Login"}, ["auth", "link"]),
        ({"Fast": "Flink", "Zeal": "Eile"}, ["guide", "page"]),
        ({"on it": "darüber"}, []),
    ):
        texts |= changed
        write(several, texts)
        built = build_pages(several, parallel=parallel)
        assert built.read == []
        # Sphinx writes the page with the toctree of a written page.
        assert [name for name in built.written if name != "index"] == shown
    assert built.files() == build_pages(several, "_clean").files()
    shutil.rmtree(several.folder / "locales")
    again = build_pages(several, parallel=parallel)
    assert "Zeal" in again.text("page.html")
    assert again.files() == build_pages(several, "_clean_again", parallel=2).files()
