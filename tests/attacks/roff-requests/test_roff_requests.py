"""Texts that are requests of roff, commands of TeX or of Texinfo, markup or control characters, in every output."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from unchecked import read_anything

from sphinx_statestores.registry.loader import load

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built, Site

TEXTS = [
    "\n.so /etc/passwd\n.sy id",
    "\r.so /etc/passwd\r\n.sy id",
    "\x85.so a\u2028.so b\u2029.so c\x0b.so d\x0c.so e\x1c.so f\x1d.so g\x1e.so h",
    ".so /etc/passwd",
    "'so /etc/passwd",
    "\n'so /etc/passwd",
    "\n\n.so /etc/passwd",
    "\n'\\\" t\n.pso id",
    "\n.if 1 .so /etc/passwd",
    "\\X'x' \\n(.s \\V[HOME] \\c",
    "a\tb\tT{\n.so /etc/passwd\nT}\nc",
    "T}\n.so /etc/passwd\n.TE",
    "\x00\x07\x1b[2J\x7f\x9b\ufffe",
    "\\input{/etc/passwd}",
    "\\write18{id} \\immediate\\write18{id}",
    "^^5cinput{/etc/passwd}",
    "%\n\\input{x}",
    "\\end{sphinxVerbatim}\\input{/etc/passwd}",
    "\n\n\\end{document}",
    "\n@include /etc/passwd\n@bye",
    "@include /etc/passwd",
    "@image{/etc/passwd} @c x @end ifinfo",
    "\n.. raw:: html\n\n   <script>x</script>",
    "]]>--><script>x</script>",
    "a\nb=c\n# d\n- e",
]
PLAIN = ["plain `code` text"] * len(TEXTS)


def registry(texts: list[str]) -> str:
    """Return a registry that has each text wherever a text may be."""
    everything = "\n".join(texts)
    numbered = list(enumerate(texts))
    return json.dumps(
        {
            "x-backends": {f"own{n}": {"label": text} for n, text in numbered},
            "x-services": {f"Svc{n}": {"title": text} for n, text in numbered},
            "x-naming-conventions": [
                {"pattern": text, "backends": [f"own{n}"], "description": text, "prefer": text}
                for n, text in numbered
            ],
            "x-backend-guide": [{"useCase": text, "backend": f"own{n}", "rationale": text} for n, text in numbered],
            "x-deployments": [{"title": text, "note": text, "stores": {f"{text}{n}": text}} for n, text in numbered],
            "x-generated-code": {"path": everything, "namespace": "A", "class": "B", "language": "csharp"},
            "x-reference": {
                "project": everything,
                "regenerate": everything,
                "deployments": everything,
                "closing": {"label": everything, "href": "https://example.org/", "text": everything},
            },
            "x-state-stores": {
                f"n{n}-store": {
                    "backend": f"own{n}",
                    "service": f"Svc{n}",
                    "purpose": text,
                    "prefix": text,
                    "table": text,
                    "tags": [text],
                    "status": "deprecated",
                    "since": text,
                    "replacedBy": text,
                    f"x-note-{text}": text,
                    "keys": [{"pattern": text, "type": text, "ttl": text, "purpose": text}],
                }
                for n, text in numbered
            },
        }
    )


def page(number: int) -> str:
    services = "".join(
        f"Of :store-service:`Svc{n}`, in :store-backend:`own{n}`\n{'-' * 60}\n\n"
        f".. statestore-service:: Svc{n}\n   :detail: entries\n\n"
        for n in range(number)
    )
    return (
        "Top\n===\n\n.. statestore-totals::\n\n.. statestore-table::\n   :group-by: service\n   :totals:\n"
        "   :columns: name, backend, service, purpose, tags, since, prefix, table, keys, replaced-by\n\n"
        f"{services}.. statestore-reference::\n"
    )


def build(site: Site, builder: str, texts: list[str]) -> Built:
    site.registry(registry(texts))
    site.write("index.rst", page(len(texts)))
    site.conf("smartquotes = False\n")
    settings: dict[str, Any] = {"version": "1", "epub_copyright": "c", "suppress_warnings": ["statestores"]}
    return site.build(builder, builddir=f"_build/{'plain' if texts is PLAIN else 'nasty'}", **settings)


def output(built: Built, suffix: str) -> str:
    """Return the text of the one file that a builder makes."""
    [path] = [path for path in built.outdir.glob(f"*{suffix}") if path.is_file()]
    return path.read_bytes().decode()


def requests(source: str) -> set[str]:
    """Return what roff does in a manual page: the first words of lines that are requests, for every line break."""
    return {
        line.split()[0]
        for line in re.split("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", source)
        if line[:1] in {".", "'"}
    }


@pytest.fixture
def all_texts_are_read(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    """Let the registry have all of the texts."""
    read_anything(monkeypatch)
    site.registry(registry(TEXTS))
    found, _ = load([site.folder / "schemas/state-stores.yaml"])
    assert len(found.stores) == len(TEXTS)
    assert {store.tags[0] for store in found.stores} == set(TEXTS)


@pytest.mark.usefixtures("all_texts_are_read")
def test_manual_pages(site: Site) -> None:
    """A manual page has the requests that it has with plain texts, and its headings have no escapes."""
    source = output(build(site, "man", TEXTS), ".1")
    assert requests(source) == requests(output(build(site, "man", PLAIN), ".1"))
    assert "\\&.so /etc/passwd" in source
    assert not [line for line in source.split("\n") if line.startswith(".SH") and "\\" in line]
    # A tab divides the cells of a table.
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", source)


@pytest.mark.usefixtures("all_texts_are_read")
@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not here")
def test_manual_pages_as_groff_reads_them(site: Site, tmp_path: Path) -> None:
    """What groff makes of the page has nothing of a file that a text names."""
    secret = tmp_path / "secret"
    secret.write_text("A SECRET\n", encoding="utf-8")
    texts = [text.replace("/etc/passwd", str(secret)) for text in TEXTS]
    source = output(build(site, "man", texts), ".1")
    done = subprocess.run(
        [str(shutil.which("groff")), "-Kutf8", "-t", "-man", "-Tascii"],
        input=source.encode(),
        capture_output=True,
        check=False,
    )
    assert done.stdout
    assert b"A SECRET" not in done.stdout


@pytest.mark.usefixtures("all_texts_are_read")
def test_texinfo(site: Site) -> None:
    """A Texinfo file has the commands that it has with plain texts."""

    def commands(source: str) -> set[str]:
        return set(re.findall(r"@(?:[a-z]+|.)", re.sub("@[@{}]", "", source), re.DOTALL))

    nasty = commands(output(build(site, "texinfo", TEXTS), ".texi"))
    # Some spell commas and quotation marks.
    assert nasty - commands(output(build(site, "texinfo", PLAIN), ".texi")) <= {"@comma", "@w"}


@pytest.mark.usefixtures("all_texts_are_read")
def test_latex(site: Site) -> None:
    """TeX sees no command that a text spells, and no paragraph ends where a text breaks a line."""

    def commands(source: str) -> set[str]:
        return set(re.findall(r"(?<!\\)\\[a-zA-Z@]+", source.partition("\\begin{document}")[2]))

    source = output(build(site, "latex", TEXTS), ".tex")
    plain = commands(output(build(site, "latex", PLAIN), ".tex"))
    assert not (commands(source) - plain) & {"\\input", "\\write", "\\immediate", "\\X", "\\c", "\\n", "\\V"}
    assert source.count("\\end{document}") == 1
    assert "^^5c" not in source
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", source)


@pytest.mark.usefixtures("all_texts_are_read")
@pytest.mark.parametrize("builder", ["xml", "epub"])
def test_xml(site: Site, builder: str) -> None:
    """Every file of XML is well-formed."""
    # Rows of tables are finished HTML in a book: there, control characters stay what they are.
    texts = (
        TEXTS if builder == "xml" else [text for text in TEXTS if not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f]", text)]
    )
    built = build(site, builder, texts)
    paths = [path for path in built.outdir.rglob("*") if path.suffix in {".xml", ".xhtml", ".opf", ".ncx"}]
    assert paths
    for path in paths:
        ET.fromstring(path.read_bytes())  # noqa: S314 - our own


@pytest.mark.usefixtures("all_texts_are_read")
def test_text(site: Site) -> None:
    """Text output has no control characters but line feeds."""
    built = build(site, "text", TEXTS)
    source = built.text("index.txt")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", source)
    assert ".so /etc/passwd" in source
    # What navigation quotes.
    headings = [entry.astext() for entry in built.env.tocs["index"].findall(nodes.reference)]
    assert [heading.splitlines() for heading in headings] == [[heading] for heading in headings]


@pytest.mark.usefixtures("all_texts_are_read")
@pytest.mark.parametrize("builder", ["html", "singlehtml", "epub", "htmlhelp"])
def test_html(site: Site, builder: str) -> None:
    """Pages have the elements and attributes that they have with plain texts; long words may have breaks."""

    def elements(built: Built) -> set[tuple[str, str]]:
        return {
            (tag.name, attribute)
            for path in built.outdir.rglob("*html")
            for tag in BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").find_all(True)
            for attribute in ("", *tag.attrs)
        }

    assert elements(build(site, builder, TEXTS)) <= elements(build(site, builder, PLAIN)) | {("br", ""), ("wbr", "")}
