"""Every directive, in both languages: one case is a pair of pages dropped into ``cases``.

``NAME.rst`` and ``NAME.md`` have to give the same doctree. ``NAME.json`` is what was seen on servers, if anything.
``NAME.txt`` is what the text builder makes of either, with the warnings first, each with its line in the
reStructuredText and in the Markdown. A new case needs the two pages; run ``UPDATE_CASES=1 pytest`` once and read what
it wrote.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sphinx
from docutils import nodes

from sphinx_statestores.sphinx_ext.read.directives import DIRECTIVES
from sphinx_statestores.sphinx_ext.read.roles import ROLES

if TYPE_CHECKING:
    from conftest import Built, Site

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.stem for path in CASES.glob("*.rst"))


@pytest.fixture
def case_site(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site with the registry of the cases, in no git repository."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(site.folder.parent))
    site.registry((CASES / "registry.yaml").read_text(encoding="utf-8"))
    for name in ("older.yaml", "newer.yaml", "broken.yaml"):
        site.write(name, (CASES / name).read_text(encoding="utf-8"))
    site.conf("""
        extensions.append("sphinx_design")
        statestores_root = "."
        statestores_service_pages = {"Auth": "index"}
        statestores_table_presets = {"keys": {"columns": "name, prefix", "backend": "redis"}}
        """)
    return site


def normalised(document: nodes.document) -> str:
    """A doctree without what depends on the language it was written in: lines, sources, raw texts, levels."""
    for node in document.findall(nodes.Element):
        for attribute in ("source", "line", "rawsource", "refdoc", "docname", "xml:space", "translation_progress"):
            node.attributes.pop(attribute, None)
        # MyST marks what it parsed: not a difference that a reader could see.
        node.attributes = {key: value for key, value in node.attributes.items() if not key.startswith("myst")}
        node.attributes.pop("slug", None)
        # MyST makes a node of each line of a paragraph.
        for position in range(len(node.children) - 1, 0, -1):
            if isinstance(node.children[position], nodes.Text) and isinstance(
                node.children[position - 1], nodes.Text
            ):
                text = nodes.Text(node.children[position - 1].astext() + node.children.pop(position).astext())
                node.children[position - 1] = text
    return document.pformat()


def warnings(built: Built) -> list[str]:
    """The warnings, as ``line: message``."""
    found = []
    for warning in built.warnings:
        match = re.fullmatch(r".*index\.(?:rst|md):(\d+): WARNING: (.*?)(?: \[[\w.]+\])?", warning)
        assert match, warning
        found.append(f"{match[1]}: {match[2]}")
    return found


@pytest.mark.parametrize("name", NAMES)
def test_case(case_site: Site, name: str) -> None:
    """Both languages give the same doctree, the same text and the same warnings at their own lines."""
    trees, texts, said = [], [], []
    if (CASES / f"{name}.json").exists():
        case_site.write("observed.json", (CASES / f"{name}.json").read_text(encoding="utf-8"))
        case_site.conf("statestores_observed = 'observed.json'\nstatestores_lint = False\n")
    for language in ("rst", "md"):
        for old in case_site.folder.glob("index.*"):
            old.unlink()
        case_site.write(f"index.{language}", (CASES / f"{name}.{language}").read_text(encoding="utf-8"))
        built = case_site.build("text", builddir=f"_build_{language}")
        said.append(warnings(built))
        texts.append(built.text("index.txt"))
        trees.append(normalised(built.env.get_doctree("index")))
    assert trees[0] == trees[1]
    assert texts[0] == texts[1]
    assert len(said[0]) == len(said[1])
    lines = [f"{rst.partition(':')[0]}/{myst}" for rst, myst in zip(*said, strict=True)]
    assert [line.partition(": ")[2] for line in said[0]] == [line.partition(": ")[2] for line in said[1]]
    result = "".join(f"{line}\n" for line in lines) + "-" * 40 + "\n" + texts[0]
    expected = CASES / f"{name}.txt"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(result, encoding="utf-8")
    wanted = expected.read_text(encoding="utf-8")
    if sphinx.version_info < (9,):
        # Older versions divide a word that is longer than its line one character earlier.
        assert Counter(result.replace(" ", "")) == Counter(wanted.replace(" ", ""))
    else:
        assert result == wanted


def test_each_directive_has_a_case() -> None:
    """No directive and no role is without a case."""
    text = "".join((CASES / f"{name}.rst").read_text(encoding="utf-8") for name in NAMES)
    assert [name for name in DIRECTIVES if f".. {name}::" not in text] == []
    in_domain = [name.replace("-", ":", 1) for name in DIRECTIVES if name != "statestore"]
    assert [name for name in [*in_domain, "statestore:store"] if f".. {name}::" not in text] == []
    assert [name for name in ROLES if f":{name}:`" not in text] == []
