"""Interface words: in the language of a project, in every builder, and changed with the translations."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import catalogues
import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.testing.util import SphinxTestApp

from sphinx_statestores.registry.phrases import changes_text, totals_text
from sphinx_statestores.registry.totals import Totals
from sphinx_statestores.sphinx_ext.resolve.blocks import Span, sentence
from sphinx_statestores.sphinx_ext.words import LOCALE_DIR, _Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from gettext import NullTranslations
    from pathlib import Path

    from conftest import Site

REGISTRY = """\
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions, enableSearch: true, since: 1.2,
    keys: [{pattern: 'a:{id}', type: hash, ttl: 24h, purpose: One each}]}
  auth-old: {backend: redis, prefix: old, service: Auth, purpose: Old, status: deprecated,
    replacedBy: auth-statestore}
  auth-gone: {backend: redis, prefix: gone, service: Auth, purpose: Gone, status: removed}
  quest-soon: {backend: mysql, service: Quest, purpose: Quests, status: planned, readers: [Auth], tags: [t]}
  odd: {backend: mysql, service: Quest, purpose: Odd}
x-generated-code: {language: csharp, path: gen/Stores.cs, class: Stores}
x-deployments: [{title: Small, stores: {auth-statestore: r}}]
x-reference: {closing: {label: The end, text: for more, href: https://example.org}}
"""
OLDER = """\
x-state-stores:
  auth-statestore: {backend: redis, prefix: a, service: Auth, purpose: Sessions,
    keys: [{pattern: 'a:{id}', type: string, ttl: 1h, purpose: One}]}
  auth-old: {backend: redis, prefix: old, service: Auth, purpose: Old}
  auth-lost: {backend: redis, prefix: lost, service: Auth, purpose: Lost}
"""
#: Name -> arguments and options of all directives that have words of ours.
DIRECTIVES: list[tuple[str, str, dict[str, str]]] = [
    (
        "statestore-table",
        "",
        {"totals": "", "columns": "name, backend, search, status, replaced-by, backlinks, keys"},
    ),
    ("statestore-table", "", {"group-by": "status", "no-index": ""}),
    ("statestore-table", "", {"service": "Quest", "backend": "redis"}),
    ("statestore-totals", "", {}),
    ("statestore-totals", "", {"match": "odd", "by": "service"}),
    ("statestore", "auth-old", {}),
    ("statestore", "auth-statestore", {}),
    ("statestore", "quest-soon", {}),
    ("statestore", "auth-gone", {}),
    ("statestore-conventions", "", {"no-index": ""}),
    ("statestore-backends", "", {"no-index": ""}),
    ("statestore-code", "", {"no-index": ""}),
    ("statestore-changes", "", {"from": "/older.yaml"}),
    ("statestore-changes", "", {"from": "/schemas/state-stores.yaml"}),
    ("statestore-coverage", "", {}),
    ("statestore-reference", "", {"no-index": ""}),
]


def rst(names: list[tuple[str, str, dict[str, str]]]) -> str:
    """A page of directives in reStructuredText."""
    blocks = [
        f".. {name}:: {argument}\n" + "".join(f"   :{key}: {value}\n" for key, value in options.items())
        for name, argument, options in names
    ]
    return "Page\n====\n\n:store:`auth-old`\n\n" + "\n".join(blocks)


def myst(names: list[tuple[str, str, dict[str, str]]]) -> str:
    """The same page in Markdown."""
    blocks = [
        f"```{{{name}}} {argument}\n" + "".join(f":{key}: {value}\n" for key, value in options.items()) + "```\n"
        for name, argument, options in names
    ]
    return "# Page\n\n{store}`auth-old`\n\n" + "\n".join(blocks)


@pytest.fixture
def pages(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site of one page with everything."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(site.folder.parent))
    site.registry(REGISTRY)
    site.write("older.yaml", OLDER)
    site.conf('statestores_root = "."\n')
    site.write("index.rst", rst(DIRECTIVES))
    return site


def structure(document: nodes.document) -> list[tuple[object, ...]]:
    """What a document is made of, but for its words."""
    return [
        (type(node).__name__, node["ids"], node["classes"], node.get("refid"), node.get("refuri"))
        for node in document.findall(nodes.Element)
    ]


def messages(language: str) -> Iterator[tuple[str, str]]:
    """Yield the messages of a shipped catalogue without fields, and their translations."""
    for message in catalogues.read(LOCALE_DIR / language / "LC_MESSAGES" / f"{catalogues.NAME}.po"):
        if message.id and isinstance(message.id, str) and "{" not in message.id:
            yield message.id, str(message.string)


#: What none of the pages has: not to be seen in a text, or of a page without stores.
ELSEWHERE = {"The comparison is not available.", "**Name constants**", "active", "no", "service", "backend"}


def plain(text: str) -> str:
    """A text in one line, without markup."""
    return " ".join(text.replace("**", "").split())


@pytest.mark.parametrize("builder", ["html", "latex", "text"])
@pytest.mark.parametrize("language", ["de", "ja"])
def test_another_language_changes_nothing_but_words(pages: Site, builder: str, language: str) -> None:
    """A page has the same nodes, ids, classes and targets in two languages, and other words."""
    english = pages.build(builder, builddir="_en").resolved("index")
    built = pages.build(builder, builddir="_other", language=language)
    assert built.warnings == []
    other = built.resolved("index")
    assert structure(other) == structure(english)
    text, before = (plain(document.astext()) for document in (other, english))
    for message, translation in messages(language):
        if message == translation or not re.search(rf"\b{re.escape(plain(message))}", before):
            continue
        assert plain(translation) in text, message
        # In "State Store Components" there is "State Store"; what is long is said once.
        assert len(message) < 16 or plain(message) not in text


@pytest.mark.parametrize("language", ["de", "ja"])
def test_both_markups_say_the_same(pages: Site, language: str) -> None:
    """A page in Markdown says what the same page in reStructuredText says, in another language."""
    first = pages.build("text", language=language).text("index.txt")
    (pages.folder / "index.rst").unlink()
    pages.write("index.md", myst(DIRECTIVES))
    assert pages.build("text", language=language, builddir="_myst").text("index.txt") == first


def test_german_words(pages: Site) -> None:
    """Titles of columns, totals, groups, the state of a store, sections, empty texts and cards are in German."""
    built = pages.build(language="de")
    page = BeautifulSoup(built.text("index.html"), "html.parser")
    assert [cell.get_text() for cell in page.select("th.head")][:5] == [
        "Komponentenname",
        "Backend",
        "Suche",
        "Status",
        "Ersetzt durch",
    ]
    words = " ".join(page.get_text(" ").split())
    for text in (
        ": 5 Stores (3 Redis, 2 MySQL)",
        "veraltet \N{EN DASH} 1 Store (1 Redis)",
        "Keine State Stores.",
        "Veraltet : ersetzt durch",
        "State-Store-Komponenten",
        "3 hinzugefügt, 1 entfernt, 2 geändert: vorher 3 Stores (3 Redis), jetzt 5 Stores (3 Redis, 2 MySQL).",
        "Typ von a:{id}",
        "Keine Änderungen.",
        "2 Stores folgen keinem dieser Muster: odd , quest-soon .",
        "Siehe The end for more.",
    ):
        assert text in words, text
    assert '"Ersetzt durch"' not in built.text("index.html")
    assert '["Präfix","old",true]' in built.text("index.html")
    assert page.select("section section")[0]["id"] == "state-store-components"
    assert 'class="reference internal" href="#state-store-components">State-Store-Komponenten<' in built.text(
        "index.html"
    )


def test_indices_and_search(pages: Site) -> None:
    """The indices, links to them, the general index and the search use the language."""
    pages.write("more.rst", "More\n====\n\n:ref:`statestore-services`\n\n.. statestore:: odd\n")
    built = pages.build(language="de")
    assert "<h1>State Stores nach Service</h1>" in built.text("statestore-services.html")
    assert "State Stores nach Service" in built.text("more.html")
    assert "odd (State Store)" in built.text("genindex.html")
    assert '["statestore","store","StateStore"]' in built.text("searchindex.js").replace(" ", "")


def test_a_generated_list_of_pages(pages: Site) -> None:
    """The list of generated pages has its title in the language, and follows it."""
    pages.conf('statestores_root = "."\nstatestores_generate_pages = "stores/"\n')
    title = "ステートストア"
    assert f"<title>{title}" in pages.build(language="ja").text("stores/index.html")
    assert "<title>State stores" in pages.build().text("stores/index.html")


def test_two_languages_in_one_process(pages: Site) -> None:
    """Builds of one process have each their own language, though Sphinx keeps the words of the first."""
    pages.conf('statestores_root = "."\nhtml_domain_indices = True\n')
    apps = []
    found = {}
    for language in ("de", "ja", "en"):
        app = SphinxTestApp(
            "html",
            srcdir=pages.folder,
            builddir=pages.folder / f"_{language}",
            confoverrides={"language": language},
        )
        apps.append(app)
        app.build()
        index = (app.outdir / "statestore-backends.html").read_text(encoding="utf-8")
        page = (app.outdir / "index.html").read_text(encoding="utf-8")
        found[language] = [
            BeautifulSoup(page, "html.parser").select("th.head")[0].get_text(),
            BeautifulSoup(index, "html.parser").select("h1")[0].get_text(),
        ]
    for app in apps:
        app.cleanup()
    assert found == {
        "de": ["Komponentenname", "State Stores nach Backend"],
        "ja": ["コンポーネント名", "バックエンド別のステートストア"],
        "en": ["Component Name", "State stores by backend"],
    }


def test_a_language_without_a_catalogue(pages: Site) -> None:
    """In a language that nobody has translated to, the words are English, and there is no warning."""
    built = pages.build("text", language="eo")
    assert "Component Name" in built.text("index.txt")
    assert built.warnings == []


def test_a_country_has_the_words_of_its_language(pages: Site) -> None:
    """``de_AT`` has the words of ``de``."""
    assert "Komponentenname" in pages.build("text", language="de_AT").text("index.txt")


HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=2; plural={};\\n"\n'
)


def translate(site: Site, language: str, texts: dict[str, str], *, plural: str = "n != 1", more: str = "") -> Path:
    """Write a catalogue of the project."""
    entries = "".join(f'\nmsgid "{message}"\nmsgstr "{text}"\n' for message, text in texts.items())
    name = f"locales/{language}/LC_MESSAGES/sphinx_statestores.po"
    site.write(name, HEADER.replace("{}", plural) + entries + more)
    return site.folder / name


def test_a_project_has_its_own_words(pages: Site) -> None:
    """A catalogue in ``locale_dirs`` comes before that of the package, also in English and for one's own fields."""
    pages.registry(REGISTRY.replace("purpose: Odd", "purpose: Odd, x-on-call: someone"))
    pages.write("index.rst", ".. statestore-table::\n   :columns: name, purpose, x-on-call\n   :totals:\n")
    translate(pages, "en", {"Component Name": "Store", "On Call": "Phone"})
    translate(pages, "de", {"Component Name": "Speicher", "On Call": "Bereitschaft"})
    english = pages.build("text").text("index.txt")
    german = pages.build("text", language="de").text("index.txt")
    assert re.findall(r"\| (\S+) +\| (\S+) +\| (\S+) +\|", english)[0] == ("Store", "Purpose", "Phone")
    assert re.findall(r"\| (\S+) +\| (\S+) +\| (\S+) +\|", german)[0] == ("Speicher", "Zweck", "Bereitschaft")
    assert "**Gesamt**: 5 Stores" in german


def test_other_translations_write_pages_again(pages: Site) -> None:
    """When a catalogue changes, a build writes and reads what has words of it, and equals a clean one."""
    pages.write("index.rst", "Top\n===\n\n.. toctree::\n\n   a\n   b\n   c\n")
    pages.write("a.rst", "A\n=\n\n.. statestore-totals::\n")
    pages.write("b.md", "# B\n\n```{statestore-reference}\n```\n")
    pages.write("c.rst", "C\n=\n\nNothing.\n")
    translate(pages, "de", {"Naming Conventions": "Namen"})
    first = pages.build(language="de")
    assert ">Namen<" in first.text("index.html")
    assert pages.build(language="de").written == []
    translate(pages, "de", {"Naming Conventions": "So heißt es", "{number} {label}": "{label}: {number}"})
    second = pages.build(language="de")
    assert ">So heißt es<" in second.text("index.html")
    assert "(Redis: 3, MySQL: 2)" in second.text("a.html")
    assert second.read == ["b"]
    assert "c" not in second.written
    assert second.files() == pages.build(language="de", builddir="_clean").files()
    # Without a catalogue, the words of the package are there again.
    shutil.rmtree(pages.folder / "locales")
    assert ">Namenskonventionen<" in pages.build(language="de").text("index.html")


def test_two_processes_read_the_words(pages: Site) -> None:
    """What several processes have read is read again when the words change, as with one process."""
    for number in range(8):
        pages.write(f"p{number}.rst", ":orphan:\n\nP\n=\n\n.. statestore-reference::\n   :no-index:\n")
    pages.build(language="de", parallel=2)
    translate(pages, "de", {"Generated Code": "Erzeugtes"})
    second = pages.build(language="de", parallel=2)
    assert second.read == ["index", *(f"p{number}" for number in range(8))]
    assert all("Erzeugtes" in second.text(f"p{number}.html") for number in range(8))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"no catalogue", "mo"),
        (b"\xde\x12\x04\x95" + bytes(4) + b"\xff" * 40, "mo"),
        (b'msgid "a"\nmsgstr "\xff"\n', "po"),
        (b'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=__import__(1);\\n"\n', "po"),
        (b"root:x:0:0\n", "po"),
        (b'msgid ""\nmsgstr "Content-Type: text/plain; charset=klingon\\n"\n', "po"),
    ],
)
def test_a_catalogue_that_cannot_be_read(pages: Site, content: bytes, name: str) -> None:
    """A broken catalogue of a project is one warning, and the words of the package are taken."""
    folder = pages.folder / "locales/de/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / f"sphinx_statestores.{name}").write_bytes(content)
    built = pages.build("text", language="de", gettext_auto_build=False)
    assert "Komponentenname" in built.text("index.txt")
    (warning,) = built.warnings
    assert "the translations in" in warning
    assert "[statestores.invalid_config]" in warning
    assert "root:x" not in warning


def test_translations_are_no_program(pages: Site) -> None:
    """A translation is text: no format, no attribute, no markup, and no rule of plurals ends a build."""
    wide = "{number:>999999999} {number.__class__} {count!r} {secret} <b>%(number)s"
    more = f'\nmsgid "{{number}} store"\nmsgid_plural "{{number}} stores"\nmsgstr[0] "{wide}"\nmsgstr[1] "{wide}"\n'
    texts = {
        "Component Name": "<script>x</script>",
        "State stores by service": "<script>x</script>\\\\input{x}",
        "state store": "<img src=x>",
        "No state stores.": ":ref:`x` <b>",
        "**Deprecated**: replaced by {store}.": "**{store}** *{nothing}",
    }
    path = translate(pages, "de", texts, more=more)
    built = pages.build(language="de")
    page = built.text("index.html")
    assert "<script>x" not in page + built.text("statestore-services.html")
    assert "{number:&gt;999999999} {number.__class__} {count!r} {secret} &lt;b&gt;%(number)s" in page
    assert ":ref:`x` &lt;b&gt;" in page
    assert "<strong>{store}</strong>" in page
    assert "<img src=x>" not in built.text("searchindex.js")
    assert "scriptx/scriptinputx" in built.text("statestore-services.html")
    latex = pages.build("latex", language="de", latex_domain_indices=True)
    assert "\\input{x}" not in "".join(path.read_text() for path in latex.outdir.glob("*.tex"))
    path.write_text(path.read_text().replace("n != 1", "1/(n-5)"))
    divided = pages.build("text", language="de")
    assert "5 stores (3 Redis, 2 MySQL)" in divided.text("index.txt")


def test_messages_for_translators_stay(pages: Site) -> None:
    """The gettext builder offers the same of a page in each language, and what was translated so comes first."""
    pages.write("index.rst", ".. statestore-table::\n   :caption: All\n   :totals:\n\n.. statestore-reference::\n")
    offered = {}
    for language in ("en", "de"):
        text = pages.build("gettext", language=language, builddir=f"_{language}").text("index.pot")
        offered[language] = re.findall(r'^msgid "(.+)"', text, re.MULTILINE)
    assert offered["de"] == offered["en"]
    assert offered["en"][:3] == ["All", "State Store Components", "Naming Conventions"]
    texts = '\nmsgid "Naming Conventions"\nmsgstr "So heißen sie"\n\nmsgid "All"\nmsgstr "Alle"\n'
    pages.write("locales/de/LC_MESSAGES/index.po", HEADER.replace("{}", "n != 1") + texts)
    page = BeautifulSoup(pages.build(language="de").text("index.html"), "html.parser")
    assert [found.get_text().strip("\N{PILCROW SIGN}") for found in page.select("h1, h2")] == [
        "State-Store-Komponenten",
        "So heißen sie",
        "Wahl des Backends",
        "Flexibles Deployment",
        "Generierter Code",
    ]
    assert "Alle" in page.select("caption")[0].get_text()


def test_options_are_not_translated(pages: Site) -> None:
    """A text of the author is what the author wrote, even where it is a message of ours."""
    pages.write("index.rst", ".. statestore-table::\n   :match: x\n   :empty: No *state* stores.\n")
    assert "No *state* stores." in pages.build("text", language="de").text("index.txt")


def test_sentences() -> None:
    """A message gets its values as they are, whatever is in them; what it does not name is left out."""
    assert sentence("a **b** {c}{d} {e}", c="{d}**x**", d=(Span("y", "code"),), f="z") == (
        Span("a "),
        Span("b", "strong"),
        Span(" "),
        Span("{d}**x**"),
        Span("y", "code"),
        Span(" "),
        Span("{e}"),
    )


# -- the catalogues -----------------------------------------------------------------------


def shipped(language: str) -> NullTranslations:
    """The translations of the package."""
    with (LOCALE_DIR / language / "LC_MESSAGES" / f"{catalogues.NAME}.mo").open("rb") as stream:
        return _Catalogue(stream)


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [
        ("de", 0, "0 Stores"),
        ("de", 1, "1 Store (1 Redis)"),
        ("de", 124, "124 Stores (124 Redis)"),
        ("ja", 0, "ストア 0 件"),
        ("ja", 1, "ストア 1 件 (Redis 1 件)"),
        ("ja", 124, "ストア 124 件 (Redis 124 件)"),
    ],
)
def test_plural_forms(language: str, number: int, text: str) -> None:
    """German has two forms of a number of stores, Japanese one."""
    parts = (("Redis", number),) if number else ()
    assert totals_text(Totals(number, parts), shipped(language)) == text


def test_changes_in_japanese() -> None:
    """The sentence on what changed has the order of the language."""
    text = changes_text({"added": 1, "changed": 0, "removed": 2}, Totals(3, ()), Totals(2, ()), shipped("ja"))
    assert text == "追加 1 件, 削除 2 件: 変更前 ストア 3 件、変更後 ストア 2 件。"


def fields_of(text: str) -> list[str]:
    """The names between braces, and the signs of strong words, sorted."""
    return sorted(re.findall(r"\{\w+\}|\*\*", text))


LANGUAGES = [path.parts[-3] for path in catalogues.sources()]


def test_the_languages() -> None:
    """German and Japanese are shipped."""
    assert LANGUAGES == ["de", "ja"]


def test_the_template_is_that_of_the_sources() -> None:
    """The template has the messages of the sources, all and no others ('make catalogues' refreshes it)."""
    assert catalogues.TEMPLATE.read_bytes() == catalogues.written(catalogues.extracted())


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_are_complete(language: str) -> None:
    """Each message is translated, with the same fields and as many strong words, in all forms; and compiled."""
    path = LOCALE_DIR / language / "LC_MESSAGES" / f"{catalogues.NAME}.po"
    catalogue = catalogues.read(path)
    template = catalogues.extracted()
    assert [m.id for m in catalogue if m.id] == [m.id for m in template if m.id]
    for message in catalogue:
        if message.id:
            ids: Any = message.id if isinstance(message.id, tuple) else (message.id,)
            strings: Any = message.string if isinstance(message.string, tuple) else (message.string,)
            assert len(strings) == (catalogue.num_plurals if message.pluralizable else 1)
            assert [fields_of(string) for string in strings] == [fields_of(ids[0])] * len(strings), message.id
            assert all(strings)
            assert not message.fuzzy
    assert path.with_suffix(".mo").read_bytes() == catalogues.compiled(catalogue)


def test_what_the_core_says_is_in_the_template() -> None:
    """Titles of fields, their choices, and what the domain and its indices are called are messages."""
    from sphinx_statestores.registry.fields import FIELDS  # noqa: PLC0415
    from sphinx_statestores.sphinx_ext.domain import StateStoreDomain  # noqa: PLC0415
    from sphinx_statestores.sphinx_ext.read.columns import BACKLINKS  # noqa: PLC0415

    known = {message.id for message in catalogues.read(catalogues.TEMPLATE)}
    said = {field.title for field in (*FIELDS.values(), BACKLINKS)}
    said |= {choice for field in FIELDS.values() for choice in field.choices}
    said |= {str(kind.lname) for kind in StateStoreDomain.object_types.values()}
    said |= {str(index.localname) for index in StateStoreDomain.indices}
    assert said <= known
