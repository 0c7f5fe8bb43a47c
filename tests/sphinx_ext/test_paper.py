"""Outputs with lines of a fixed width: LaTeX, plain text, manual pages."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from docutils import nodes
from everything import write_everything
from work import counted_calls

from sphinx_statestores.sphinx_ext.resolve.blocks import Body, Column, Span, Table
from sphinx_statestores.sphinx_ext.write.widths import column_widths

if TYPE_CHECKING:
    from conftest import Site

_LONG = "storyline-scenario-{number}-idempotency-keys-of-all-regions"
_KEYS = "[{pattern: 'scenario:{gameServiceId}:{scenarioDefinitionId}:{characterId}', type: ScenarioDefinitionData}]"
_PURPOSE = "What a scenario has triggered already, so that a repeated event does not trigger it again in any region"
_LINE = 80


def _registry(number: int) -> str:
    fields = f"backend: memory, service: StorylineScenarioService, purpose: '{_PURPOSE}', keys: {_KEYS}"
    return "x-state-stores:\n" + "".join(f"  {_LONG.format(number=place)}: {{{fields}}}\n" for place in range(number))


def _table(*columns: tuple[str, str, str]) -> Table:
    """Return a table of one row: the title of each column, its text and its style."""
    cells = tuple(((Span(text, style),),) for _, text, style in columns)
    return Table("table", tuple(Column(title, title) for title, _, _ in columns), (Body((), cells, ("",)),))


def _page(site: Site) -> None:
    site.registry(_registry(3))
    site.write("index.rst", f"Top\n===\n\n.. statestore-reference::\n\n.. statestore:: {_LONG.format(number=1)}\n")


def test_text_fits_on_eighty_columns(site: Site) -> None:
    """Tables of long names, and entries with long key patterns, have lines of at most 80 characters."""
    _page(site)
    built = site.build("text")
    lines = (built.outdir / "index.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > _LINE] == []
    assert any("scenario:{gameServiceId}" in line for line in lines)
    # A fact and its name are on one line.
    assert any("**Service**: StorylineScenarioService" in line for line in lines)


@pytest.mark.parametrize("output_format", ["latex", "text", "texinfo"])
def test_short_columns_keep_their_words(output_format: str) -> None:
    """A column of short words is as wide as they are, beside columns that have to be wrapped."""
    table = _table(
        ("Component Name", _LONG.format(number=1), "code"), ("Backend", "MySQL", ""), ("Purpose", _PURPOSE, "")
    )
    name, backend, purpose = column_widths(table, (), output_format)
    assert backend >= len("Backend")
    assert name >= len("idempotency-")
    assert purpose >= 20
    assert name + backend + purpose <= 90


def test_what_fits_is_not_narrowed() -> None:
    """Columns that fit on a line together are as wide as their content."""
    table = _table(("Component Name", "auth-lock", "code"), ("Purpose", "Locks of sessions", ""))
    assert column_widths(table, (), "text") == [len("Component Name"), len("Locks of sessions")]


def test_words_that_do_not_fit_are_divided() -> None:
    """Words that are longer than the line together get equal parts of it."""
    table = _table(("A", "a" * 90, ""), ("B", "b" * 90, ""), ("C", "c", ""))
    first, second, third = column_widths(table, (), "text")
    assert first == second
    assert third == 1
    assert first + second + third <= _LINE


@pytest.mark.parametrize("output_format", ["latex", "text", "texinfo"])
def test_long_titles_are_no_more_work(output_format: str) -> None:
    """The longest title of a column takes as many steps as one that is a little wider than the line."""
    found = []
    for number in (200, 20_000):
        table = _table(("x" * number, "a", ""), ("B", "y" * number, "code"), ("C", "c", ""))
        with counted_calls(builtins=True) as count:
            widths = column_widths(table, (), output_format)
        found.append((widths, count[0]))
    assert found[0] == found[1]


def test_given_widths_share_the_line() -> None:
    """Shares of an author are shares of the line."""
    table = _table(("A", "a " * 90, ""), ("B", "b " * 90, ""))
    assert column_widths(table, (1, 3), "latex") == [1, 3]
    first, second = column_widths(table, (1, 3), "text")
    assert first + second <= _LINE
    assert 0 <= second - 3 * first <= 3


@pytest.mark.parametrize("builder", ["latex", "text"])
def test_a_fact_has_one_line(site: Site, builder: str) -> None:
    """Where a field would take two lines, an entry has a line for each fact instead."""
    _page(site)
    document = site.build(builder).resolved("index")
    lines = [line.astext() for line in document.findall(nodes.line)]
    assert "Service: StorylineScenarioService" in lines
    assert not list(document.findall(nodes.field_list))


def test_names_in_manual_pages_are_not_hyphenated(site: Site) -> None:
    """Code has no hyphens of roff, and breaks where a name has parts."""
    _page(site)
    site.conf("man_pages = [('index', 'stores', 'Stores', [], 1)]")
    source = (site.build("man").outdir / "stores.1").read_text(encoding="utf-8")
    assert r"\%storyline\-\:scenario\-\:1" in source


def test_pdf(site: Site) -> None:
    """The default engine of LaTeX typesets everything there is, and every link has its target."""
    if shutil.which("latexmk") is None or shutil.which("pdflatex") is None:
        pytest.skip("LaTeX is not installed (Debian: apt-get install latexmk texlive-latex-extra tex-gyre)")
    write_everything(site)
    built = site.build("latex")
    (source,) = built.outdir.glob("*.tex")
    command = ["latexmk", "-pdf", "-interaction=nonstopmode", "-halt-on-error", source.name]
    done = subprocess.run(command, cwd=built.outdir, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:]
    log = source.with_suffix(".log").read_text(encoding="utf-8", errors="replace")
    assert [line for line in log.splitlines() if "undefined" in line or "multiply" in line] == []


def test_headings_stay_with_their_tables(site: Site) -> None:
    """In LaTeX, a heading goes to the next page where its table has no room, and another paragraph does not."""
    key = {"server": 0, "pattern": "celery-*", "keys": 3}
    server: dict[str, object] = {"backends": ["redis"], "product": "Redis", "role": "primary", "total": 3, "seen": 3}
    server |= {"started": "2026-11-26T09:30:00Z", "seconds": 1.0, "most_keys": 9, "most_seconds": 9.0}
    site.write("observed.json", json.dumps({"version": 1, "servers": [server], "stores": [], "unknown_keys": [key]}))
    site.conf("statestores_observed = 'observed.json'\nstatestores_lint = False\n")
    site.registry("x-state-stores: {a-store: {backend: redis, prefix: a, service: A, purpose: P, status: planned}}\n")
    site.write("index.rst", "Top\n===\n\n.. statestore-observed::\n\n.. statestore:: a-store\n")
    built = site.build("latex")
    text = next(built.outdir.glob("*.tex")).read_text(encoding="utf-8")
    kept = text.split(r"\needspace")[1:]
    assert [part.partition(r"\sphinxstylestrong{")[2].partition("}")[0] for part in kept] == ["Keys of no store (1)"]
    assert "needspace" not in site.build("text").text("index.txt")
