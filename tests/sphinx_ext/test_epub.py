"""Books: well-formed, with elements and attributes that EPUB 3 has, and valid for its checker."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from everything import RST, write_everything

if TYPE_CHECKING:
    from conftest import Site

_CONF = """\
extensions += ["sphinx_design"]
project, copyright, author, version, release = "Stores", "2026, Someone", "Someone", "1", "1"
epub_identifier = epub_uid = "stores"
statestores_autolink = True
statestores_source_url = "https://example.org/{path}?a=1&b=2#L{line}"
"""
_GUIDE = """\
x-deployments:
  - title: Small & <simple>
    note: One "instance"
    stores: {auth-lock: "redis:6379", auth-statestore: "redis:6379"}
  - title: Large
    stores: {auth-lock: "lock:6379"}
x-generated-code:
  language: csharp
  path: Generated/Stores.cs
  names: [auth-lock]
"""
_MORE = """\
Card
====

.. card:: A card

   .. statestore-table::
      :status: removed
      :caption: None of :store-count:`all`
      :name: none
      :widths: 1 2 3 4

.. statestore-code::
.. statestore-deployments::
   :class: wide
   :name: examples

See :ref:`examples <examples>`.
"""
#: What HTML has and XHTML of a book has not, or not as we would write it.
_NO_ELEMENTS = {"script", "input", "label", "button", "font", "center"}
_NO_ATTRIBUTES = {"align", "valign", "width", "border", "bgcolor", "onclick", "name"}


@pytest.fixture
def book(site: Site) -> Path:
    """A book of a site that uses everything there is, beside sphinx-design."""
    site.conf(_CONF)
    site.write("schemas/state-stores-guide.yaml", _GUIDE)
    write_everything(site)
    site.write("index.rst", RST.replace("   reference\n", "   reference\n   card\n"))
    site.write("card.rst", _MORE)
    built = site.build("epub")
    assert built.warnings == []
    (path,) = built.outdir.glob("*.epub")
    return path


def test_every_file_is_well_formed(book: Path) -> None:
    """Each page is XML, each id is there once, and nothing is in it that a book cannot have."""
    with zipfile.ZipFile(book) as files:
        pages = {name: files.read(name) for name in files.namelist() if name.endswith((".xhtml", ".opf", ".ncx"))}
    assert "card.xhtml" in pages
    assert b"lock:6379" in pages["card.xhtml"]  # a deployment that would be a tab elsewhere
    for name, content in pages.items():
        elements = list(ET.fromstring(content).iter())  # noqa: S314 - of our own making
        ids = [element.get("id") for element in elements if element.get("id")]
        assert len(ids) == len(set(ids)), name
        if name.endswith(".xhtml"):
            assert {element.tag.rpartition("}")[2] for element in elements} & _NO_ELEMENTS == set(), name
            ours = [element for element in elements if "statestore" in element.get("class", "")]
            inside = [each for element in ours for each in element.iter()]
            assert {key for element in inside for key in element.attrib} & _NO_ATTRIBUTES == set(), name


def test_styles_of_a_book() -> None:
    """The style sheets have no selector that reading systems of EPUB 3.2 refuse."""
    folder = Path(__file__).parents[2] / "src/sphinx_statestores/sphinx_ext/static"
    sheets = list(folder.glob("*.css"))
    assert len(sheets) > 0
    assert [
        sheet.name for sheet in sheets if any(f":{name}(" in sheet.read_text() for name in ("has", "is", "where"))
    ] == []


def test_epubcheck(book: Path) -> None:
    """The checker of EPUB finds nothing, where it is installed."""
    checker = shutil.which("epubcheck")
    if checker is None:
        pytest.skip("epubcheck is not installed (Debian: apt-get install epubcheck)")
    # Debian's command is the archive of Java itself.
    is_archive = Path(checker).read_bytes()[:2] == b"PK"
    command = ["java", "-jar", checker] if is_archive else [checker]
    done = subprocess.run([*command, str(book)], capture_output=True, text=True, check=False, timeout=120)
    found = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith(("ERROR", "FATAL", "WARN"))]
    assert found == []
    assert done.returncode == 0
