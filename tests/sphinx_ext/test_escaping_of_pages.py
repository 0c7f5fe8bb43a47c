"""What a site does with the nasty texts that every export is tested with: each is read as it was written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from nasty import VALUES, registry_text, store_name

from sphinx_statestores.registry.inline import plain

if TYPE_CHECKING:
    from conftest import Built, Site

COLUMNS = "name, backend, service, purpose, tags, since, x-note, keys"
PAGE = f"""
Top
===

.. statestore-table::
   :columns: {COLUMNS}
   :group-by: service

{{links}}

.. statestore-map::
   :detail: stores

.. statestore-chart::
   :by: tag
   :stack: service

.. statestore-reference::
"""
ENTRIES = "Entries\n=======\n\n" + "\n".join(f".. statestore:: {store_name(name)}\n" for name in VALUES)
#: The same registry without anything nasty; inline code, which is no text's own markup, is there.
PLAIN = dict.fromkeys(VALUES, "plain `code` text")
#: What a purpose and a label are read as.
READ = {name: plain(text) for name, text in VALUES.items()}
LABEL = VALUES["html"]


def nasty_site(site: Site) -> None:
    links = " ".join(f":store:`{store_name(name)}`" for name in VALUES)
    site.registry(registry_text())
    site.write("index.rst", PAGE.format(links=links) + "\n.. toctree::\n\n   entries\n")
    site.write("entries.rst", ENTRIES)
    # A page's own text is not what this is about.
    site.conf("smartquotes = False")


def page(built: Built, name: str) -> BeautifulSoup:
    return BeautifulSoup(built.text(name), "html.parser")


def texts(cells: Any) -> list[str]:
    return [cell.get_text() for cell in cells]


def test_html(site: Site) -> None:
    """Cells and titles say what the registry says, no element comes from a text, and cards are data."""
    nasty_site(site)
    # The registry's own are about what cannot be seen in it.
    built = site.build(suppress_warnings=["statestores"])
    assert built.warnings == []
    index = page(built, "index.html")
    table = index.select_one("table.statestore-table")
    assert table is not None
    rows = [row.select("td") for row in table.select("tbody tr[id]")]
    found = {cells[0].get_text(): texts(cells) for cells in rows}
    assert found == {
        # The title of a service and the pattern of a key are no sentences: a backtick there is a backtick.
        store_name(name): [store_name(name), LABEL, text, READ[name], READ[name], READ[name], READ[name], text]
        for name, text in VALUES.items()
    }
    # What the cells are made of is what the extension made.
    made = {"a", "b", "code", "span", "wbr"}
    assert {tag.name for cells in rows for cell in cells for tag in cell.find_all(True)} <= made
    titles = {link.get_text(): link["title"] for link in index.select("p a.reference[title]")}
    assert titles == {store_name(name): f"{LABEL}, {text}: {READ[name]}" for name, text in VALUES.items()}
    headings = texts(table.select("tr.statestore-group th"))
    assert sorted(headings) == sorted(f"{text} \u2013 1 store (1 {LABEL})" for text in VALUES.values())


def test_no_element_is_a_text(site: Site) -> None:
    """The pages have the elements and attributes that they have with plain texts, and no others."""
    nasty_site(site)
    nasty = elements(site.build())
    site.registry(registry_text(PLAIN))
    assert nasty == elements(site.build(builddir="_build/plain"))


def elements(built: Built) -> set[tuple[str, str]]:
    """Return each element of the pages with each of its attributes, without places to break a line of long words."""
    return {
        (tag.name, attribute)
        for name in ("index.html", "entries.html")
        for tag in page(built, name).find_all(True)
        if tag.name != "wbr"
        for attribute in ("", *tag.attrs)
    }


def test_links_of_a_page(site: Site) -> None:
    """No link of a page leads anywhere but to http, https, mailto, or a place in the site."""
    nasty_site(site)
    built = site.build()
    links = [str(link["href"]) for name in ("index.html", "entries.html") for link in page(built, name).select("a")]
    assert links
    schemes = {link.partition(":")[0] for link in links if ":" in re.split("[/?#]", link)[0]}
    assert schemes <= {"http", "https", "mailto"}


def test_scripts_of_a_page(site: Site) -> None:
    """The only scripts with content are the site's own and data that says what the registry says."""
    nasty_site(site)
    built = site.build()
    index = page(built, "index.html")
    [data] = index.select("script#statestores-preview")
    cards = json.loads(data.get_text())
    assert sorted(card["purpose"] for card in cards.values()) == sorted(READ.values())
    # What a browser runs: other types are data.
    scripts = [script.get_text() for script in index.select("script:not([type='application/json'])")]
    assert not [script for script in scripts if "alert" in script]


def test_entries(site: Site) -> None:
    """An entry says what the registry says, its keys included."""
    nasty_site(site)
    entries = page(site.build(), "entries.html").select("dl.statestore")
    assert len(entries) == len(VALUES)
    for entry, text in zip(entries, VALUES.values(), strict=True):
        assert plain(text) in texts(entry.select("dd > p"))
        [cells] = [texts(row.select("td")) for row in entry.select("tbody tr")]
        assert cells == [text, plain(text), plain(text), plain(text)]


#: How the writer spells characters that mean something to TeX.
SPELLED = {
    *("\\textbackslash", "\\textasciitilde", "\\textasciicircum", "\\textless", "\\textgreater", "\\textbar"),
    *("\\sphinxhyphen", "\\textquotedbl", "\\textasciigrave", "\\sphinxquotedblleft", "\\textquotesingle"),
    *("\\sphinxcode", "\\sphinxupquote", "\\allowbreak"),
    "\\indexspace",  # between the letters of an index, which other names have others of
}


def tex_tokens(built: Built) -> set[str]:
    """Return the commands and the characters of the document that TeX would act on, listings aside."""
    [path] = built.outdir.glob("*.tex")
    source = path.read_text(encoding="utf-8").partition("\\begin{document}")[2]
    source = re.sub(r"\\begin\{sphinxVerbatim\}.*?\\end\{sphinxVerbatim\}", "", source, flags=re.DOTALL)
    # The writer ends lines with a comment: there is nothing in it.
    assert "".join(re.findall(r"(?<!\\)%(.*)", source)) == ""
    return set(re.findall(r"\\(?:[a-zA-Z@]+|.)|[$#&^~]", source))


def test_latex(site: Site) -> None:
    """TeX sees the commands that it sees with plain texts, the spelling of characters aside: none is a text's."""
    nasty_site(site)
    nasty = tex_tokens(site.build("latex"))
    site.registry(registry_text(PLAIN))
    plain_ones = tex_tokens(site.build("latex", builddir="_build/plain"))
    escaped = {f"\\{letter}" for letter in "%#_{}&$"}
    assert nasty - plain_ones <= SPELLED | escaped
    assert "\\textbackslash" in nasty


@pytest.mark.parametrize("builder", ["text", "man", "texinfo", "xml", "gettext", "epub"])
def test_other_outputs(site: Site, builder: str) -> None:
    """Every other output can be made of these texts, without a warning of its writer."""
    nasty_site(site)
    built = site.build(builder, version="1", epub_copyright="c", suppress_warnings=["statestores"])
    assert built.warnings == []
