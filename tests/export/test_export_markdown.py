"""Registry -> the reference page in Markdown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from sphinx_statestores.export import FORMATS, format_called
from sphinx_statestores.export.format import ExportOptions
from sphinx_statestores.export.markdown import to_markdown
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.loader import load, load_sources
from sphinx_statestores.registry.model import Deployment, Guide, Registry, Store
from sphinx_statestores.registry.places import NOWHERE
from sphinx_statestores.registry.problems import Severity
from sphinx_statestores.registry.source import SourceText

ROOT = Path(__file__).resolve().parents[2]
STORES = "schemas/state-stores.yaml"
GUIDE = "schemas/state-stores-guide.yaml"


@pytest.fixture
def reference() -> str:
    """Give the committed page."""
    return (ROOT / "docs" / "GENERATED-STATE-STORES.md").read_text(encoding="utf-8")


def load_text(text: str, path: str = STORES) -> Registry:
    registry, problems = load_sources([SourceText(path, text, "")])
    assert not [problem for problem in problems if problem.kind.severity is Severity.ERROR]
    return registry


def with_deployment(deployment: Deployment) -> Registry:
    """Return a registry with an example that no reader would let through."""
    return Registry(guide=Guide(deployments=(deployment,)))


def own_registry(monkeypatch: pytest.MonkeyPatch, *files: str) -> Registry:
    monkeypatch.chdir(ROOT)
    registry, problems = load(files)
    assert problems == []
    return registry


def rows(page: str) -> list[str]:
    return re.findall(r"^\| `[^`]*` \| \w+ \| \w+ \|.*$", page, flags=re.MULTILINE)


def section(page: str, title: str) -> str:
    return page.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_page_of_the_repository(monkeypatch: pytest.MonkeyPatch, reference: str) -> None:
    """The repository's two files give the committed page, byte for byte."""
    assert to_markdown(own_registry(monkeypatch, STORES, GUIDE)) == reference


def test_the_frame_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page begins with its title, ends with its last sentence and one newline, and has all rows and a total."""
    page = to_markdown(own_registry(monkeypatch, STORES, GUIDE))
    assert page.startswith("# Generated State Store Reference\n\n> **Source**: `schemas/state-stores.yaml`\n")
    assert page.endswith(
        "\n---\n\n*This file is auto-generated. See [TENETS.md](reference/TENETS.md) for architectural context.*\n"
    )
    assert len(rows(section(page, "State Store Components"))) == 124
    assert "\n\n**Total**: 124 stores (77 Redis, 47 MySQL)\n\n" in page
    assert not [line for line in page.split("\n") if line != line.rstrip()]
    assert "\n\n\n" not in page


def test_a_page_without_a_guide(monkeypatch: pytest.MonkeyPatch, reference: str) -> None:
    """Without a guide the page has the same tables, and nothing that only a guide can know."""
    page = to_markdown(own_registry(monkeypatch, STORES))
    for title in ("State Store Components", "Naming Conventions"):
        assert section(page, title) == section(reference, title)
    rows_of_guide = [
        line for line in section(reference, "Backend Selection Guide").split("\n") if line.startswith("|")
    ]
    assert [line for line in page.split("\n") if line in rows_of_guide] == rows_of_guide
    assert re.findall(r"^## (.*)$", page, flags=re.MULTILINE) == [
        "State Store Components",
        "Naming Conventions",
        "Backend Selection Guide",
    ]
    assert "regenerate with `statestores generate markdown`" in page
    assert "all state store components.\n" in page
    assert page.endswith("\n---\n\n*This file is auto-generated.*\n")


def test_fewer_stores(monkeypatch: pytest.MonkeyPatch, reference: str) -> None:
    """A registry with half of the stores gives exactly their rows of the page, and a total that fits."""
    registry = own_registry(monkeypatch, STORES, GUIDE)
    kept = registry.stores[::2]
    page = to_markdown(Registry(kept, registry.services, registry.backends, registry.guide, registry.files))
    assert rows(page) == rows(reference)[::2]
    redis = sum(store.backend == "redis" for store in kept)
    assert f"**Total**: 62 stores ({redis} Redis, {62 - redis} MySQL)" in page


def test_more_stores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reference: str) -> None:
    """Stores of another file appear among the others in the order of the names, and in source and total."""
    more = tmp_path / "more.yaml"
    more.write_text(
        "x-state-stores:\n"
        "  aaa: {backend: valkey, prefix: aaa, service: Cache, purpose: First}\n"
        "  zzz: {backend: redis, prefix: zzz, service: Cache, purpose: Last}\n",
        encoding="utf-8",
    )
    page = to_markdown(own_registry(monkeypatch, STORES, GUIDE, str(more)))
    assert rows(page) == ["| `aaa` | Valkey | Cache | First |", *rows(reference), "| `zzz` | Redis | Cache | Last |"]
    assert "**Total**: 126 stores (78 Redis, 47 MySQL, 1 Valkey)" in page
    first, second = sorted((f"`{more}`", f"`{STORES}`"), key=lambda code: code != f"`{more}`")
    assert f"> **Source**: {first}, {second}\n" in page


def test_one_store() -> None:
    """One store is a store, not stores."""
    page = to_markdown(load_text("x-state-stores:\n  a: {backend: redis, prefix: a, service: A, purpose: p}\n"))
    assert "| `a` | Redis | A | p |\n\n**Total**: 1 store (1 Redis)\n" in page


def test_no_store() -> None:
    """Without a store the table is its head, the total is zero, and the source is the file all the same."""
    page = to_markdown(load_text("x-state-stores: {}\n"))
    assert f"> **Source**: `{STORES}`\n" in page
    assert "|----------------|---------|---------|---------|\n\n**Total**: 0 stores\n" in page


def page_with(purpose: str) -> str:
    registry = load_text("x-state-stores:\n  a: {backend: redis, prefix: a, service: A, purpose: p}\n")
    store = registry.stores[0]._replace(purpose=purpose)
    return to_markdown(Registry((store,), registry.services, guide=registry.guide))


def test_a_bar_does_not_end_a_cell() -> None:
    """A bar in a text is escaped, in inline code too, because Markdown splits rows first."""
    assert "| `a` | Redis | A | a \\| b `c\\|d` |\n" in page_with("a | b `c|d`")


def test_a_newline_does_not_end_a_row() -> None:
    """Line ends and runs of blanks in a text become one blank."""
    assert "| `a` | Redis | A | one two three |\n" in page_with("one\n\ntwo\r\n   three ")


@pytest.mark.parametrize(
    "purpose",
    [
        "Sessions (ephemeral), per-user; 100% safe: really!",
        "a | b",
        "`a|b` and `c`",
        "one\ntwo",
        "a ` b",
        "<b>bold</b> <script>alert(1)</script>",
        "a < b > c",
        "&amp; &lt;",
        "*emphasis* and **strong**",
        "_emphasis_ and snake_case_name",
        "[label](https://example.org)",
        "![image](x.png)",
        "<https://example.org>",
        "C:\\temp \\| \\* \\",
        "a\\|b",
        "say \"quoted\" 'text'",
        "`<b>` and `*x*`",
    ],
)
def test_a_text_is_read_as_it_was_written(purpose: str) -> None:
    """Whatever a purpose holds, a reader of the rendered page sees these characters in one cell, and no markup."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page_with(purpose))
    cells = [tokens[position + 1] for position, token in enumerate(tokens) if token.type == "td_open"]
    cell = cells[3]
    assert {child.type for child in cell.children or ()} <= {"text", "text_special", "code_inline"}
    assert "".join(child.content for child in cell.children or ()) == plain(" ".join(purpose.split()))
    assert cells[4].content == "`{service}-statestore`"


@pytest.mark.parametrize("store", ["a", "mail-statestore"])
def test_plain_texts_stay_as_they_are(store: str) -> None:
    """Escaping leaves alone what needs none."""
    found = Store(
        store,
        "redis",
        "A",
        "Locks (TTL-based) for owner/type: 1 + 1 = 2!",
        load_text("x-state-stores: {}\n").guide.conventions[0].places,
    )
    assert f"| `{store}` | Redis | A | Locks (TTL-based) for owner/type: 1 + 1 = 2! |\n" in to_markdown(
        Registry((found,))
    )


def test_inline_code_outside_of_tables_keeps_its_bar() -> None:
    """Where there is no table, a bar in inline code needs no backslash and gets none."""
    page = to_markdown(
        load_text(
            "x-state-stores: {}\nx-reference: {regenerate: make docs | tee log}\nx-generated-code: {path: a|b.cs}\n"
        )
    )
    assert "regenerate with `make docs | tee log`\n" in page
    assert "generated to `a|b.cs`," in page


def test_inline_code_with_a_backtick() -> None:
    """A text with a backtick in it is fenced by more of them."""
    page = to_markdown(load_text("x-state-stores: {}\nx-reference: {regenerate: 'make `which docs`'}\n"))
    (quote,) = [token for token in MarkdownIt("commonmark").parse(page) if "regenerate" in token.content]
    assert "make `which docs`" in [child.content for child in quote.children or () if child.type == "code_inline"]


def test_a_title_is_one_line() -> None:
    """A deployment's title with a line end makes one heading, not a heading and more."""
    page = to_markdown(with_deployment(Deployment("One\n# Two", "", (), NOWHERE)))
    assert [line for line in page.split("\n") if line.startswith("# ")] == ["# Generated State Store Reference"]


def test_an_example_stays_in_its_fence() -> None:
    """A place with a fence in it does not end the code block of its example."""
    page = to_markdown(with_deployment(Deployment("One", "```\n# Note", (("a", "x\n```\n\n# Two"),), NOWHERE)))
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    assert [token.content for token in tokens if token.type == "inline"].count("Two") == 0
    assert len([token for token in tokens if token.type == "fence"]) == 1


def test_a_link_leads_where_it_says() -> None:
    """The closing link has its target and label whatever characters they hold."""
    page = to_markdown(
        load_text("x-state-stores: {}\nx-reference: {closing: {label: 'A] b', href: 'a b(c.md', text: more}}\n")
    )
    last = [token for token in MarkdownIt("commonmark").parse(page) if token.type == "inline"][-1]
    links = [child.attrs["href"] for child in last.children or () if child.type == "link_open"]
    assert links == ["a%20b(c.md"]


def test_a_link_without_a_label() -> None:
    """A closing link without a label shows its target."""
    page = to_markdown(load_text("x-state-stores: {}\nx-reference: {closing: {href: a.md}}\n"))
    assert page.endswith("*This file is auto-generated. See [a.md](a.md).*\n")


def test_formats_are_functions_of_a_registry() -> None:
    """Every format that needs no other file writes the empty registry as a text that ends with a newline."""
    assert "markdown" in FORMATS
    for name in FORMATS.keys() - {"template", "inject"}:
        text, problems = format_called(name).write(Registry(), ExportOptions())
        assert text.endswith("\n")
        assert problems == ()


@pytest.mark.parametrize(("backend", "is_there"), [("redis", True), ("mysql", True), ("kafka", False)])
def test_defaults_are_about_redis_and_mysql(backend: str, is_there: bool) -> None:
    """A registry without stores in either has no default conventions and no default guide."""
    store = f"{{backend: {backend}, service: A, purpose: Events}}"
    page = to_markdown(load_text(f"x-backends: {{kafka: {{}}}}\nx-state-stores: {{a-log: {store}}}\n"))
    assert ("## Naming Conventions" in page) == is_there
    assert ("## Backend Selection Guide" in page) == is_there
