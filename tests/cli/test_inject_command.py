"""``statestores generate inject``: text between the marks of Markdown pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.export import inject as inject_module
from sphinx_statestores.export.format import ExportError
from sphinx_statestores.export.inject import inject
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.problems import Severity
from sphinx_statestores.registry.selection import select
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conftest import Run

    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.query import Query

STORES = r"""
x-fields: {tier: {type: text}}
x-backends: {odd: {label: "<b>*odd* `x`|_y_"}}
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions of `users`, x-team: id}
  auth-lock: {backend: redis, prefix: "auth:lock", service: Auth, purpose: "a | b <!-- /statestores --> --> `-->|`"}
  account-statestore: {backend: mysql, service: Account, purpose: "`<!-- /statestores -->` *not* <b>bold</b>"}
  odd-store: {backend: odd, service: Odd, tier: hot, purpose: "<!-- statestores: table all -->"}
"""
AUTH_TABLE = r"""
| Component Name | Backend | Service | Purpose |
|----------------|---------|---------|---------|
| `auth-lock` | Redis | Auth | a \| b \<!-- /statestores --> --> `-->\|` |
| `auth-statestore` | Redis | Auth | Sessions of `users` |
"""
END = "<!-- /statestores -->"


def load_text(text: str) -> Registry:
    """Return a registry without problems."""
    registry, problems = load_sources([SourceText("r.yaml", text, "")])
    assert problems == []
    return registry


@pytest.fixture(autouse=True)
def registry(repository: Path) -> None:
    """Write a registry with hostile texts where the command looks for it."""
    (repository / "schemas").mkdir()
    (repository / "schemas/state-stores.yaml").write_text(STORES, encoding="utf-8")


def injected(text: str) -> str:
    """Return a page with its marks filled, which a second time leaves alone."""
    registry = load_text(STORES)
    found, problems = inject(text, registry, "page.md")
    assert problems == ()
    assert inject(found, registry, "page.md") == (found, ())
    return found


CASES = {
    "a table": (f"a\n\n<!-- statestores: table service=Auth -->\nold\n{END}\nb", f"{AUTH_TABLE}\n"),
    "columns": (
        f"<!--statestores:table match=auth-* columns=name,prefix columns=x-team-->{END}\n",
        "\n| Component Name | Prefix | Team |\n|----------------|--------|------|\n"
        "| `auth-lock` | `auth:lock` |  |\n| `auth-statestore` | `auth` | id |\n\n",
    ),
    "a list": (
        f"<!-- statestores: list backend=mysql,redis service=!Odd -->\n\n- {{old}}\n\n{END}\n",
        "\n- `account-statestore`: `<!-- /statestores -->` \\*not\\* \\<b>bold\\</b>\n"
        "- `auth-lock`: a | b \\<!-- /statestores --> --> `-->|`\n- `auth-statestore`: Sessions of `users`\n\n",
    ),
    "a text that looks like a mark": (
        f"<!-- statestores: table service=Odd columns=purpose -->\n{END}",
        "\n| Purpose |\n|---------|\n| \\<!-- statestores: table all --> |\n\n",
    ),
    "a declared field": (
        f"<!-- statestores: table tier=hot columns=name,tier -->\n{END}\n",
        "\n| Component Name | Tier |\n|----------------|------|\n| `odd-store` | hot |\n\n",
    ),
    "no store": (f"<!-- statestores: list service=Odd backend=redis -->\n{END}\n", "\nNo state stores.\n\n"),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_blocks(name: str, line_end: str) -> None:
    """A block is filled with lines of the page's own line ends, and all around it stays."""
    page, text = CASES[name]
    begin = page.index("-->") + 3
    expected = f"{page[:begin]}\n{text}{page[page.rindex('<!-- /') :]}".replace("\n", line_end)
    assert injected(page.replace("\n", line_end)) == expected


def test_a_part_of_a_sentence() -> None:
    """A number and totals stay in their line, in a paragraph, in a row and at the start of a line."""
    text = f"Of <!-- statestores: count all -->\n?\n{END}, **<!-- statestores: count service=Auth -->{END}**.\n\n"
    text += f"| a |\n|---|\n| <!-- statestores: count tag= -->9{END} |\n\n".replace("tag=", "match=*-lock")
    text += f"<!-- statestores: totals -->{END}\n"
    assert injected(text) == (
        f"Of <!-- statestores: count all -->4{END}, **<!-- statestores: count service=Auth -->2{END}**.\n\n"
        f"| a |\n|---|\n| <!-- statestores: count match=*-lock -->1{END} |\n\n"
        "<!-- statestores: totals -->4 stores (2 Redis, 1 MySQL, 1 "
        f"&#60;b&#62;&#42;odd&#42; &#96;x&#96;&#124;&#95;y&#95;){END}\n"
    )


def test_order_and_number_of_rows() -> None:
    """A table or a list is sorted and limited as that of a directive; totals take neither."""
    mark = "<!-- statestores: list sort=-name limit=2 -->"
    names = [line.split("`")[1] for line in injected(f"{mark}\n{END}\n").splitlines() if line.startswith("- ")]
    assert names == sorted((store.name for store in load_text(STORES).stores), reverse=True)[:2]
    mark = "<!-- statestores: table columns=name sort=backend sort=-name limit=1 -->"
    assert injected(f"{mark}\n{END}\n").count("`") == 2
    for wrong, kind in (("list sort=nope", "invalid_option"), ("table limit=x", "invalid_option")):
        _, (problem,) = inject(f"<!-- statestores: {wrong} -->\n{END}\n", load_text(STORES), "a.md")
        assert problem.kind.subtype == kind
    _, (problem,) = inject(f"a <!-- statestores: totals limit=1 -->{END}\n", load_text(STORES), "a.md")
    assert problem.kind.subtype == "unknown_option"


def test_blocks_in_quotes_and_lists() -> None:
    """Every line of a block begins as that of its mark, so that it stays in its quote or list item."""
    mark = "<!-- statestores: list match=auth-statestore -->"
    page = f"> {mark}\n> {END}\n\n- item\n\n  {mark}\n  {END}\n"
    line = "- `auth-statestore`: Sessions of `users`"
    assert injected(page) == (f"> {mark}\n>\n> {line}\n>\n> {END}\n\n- item\n\n  {mark}\n\n  {line}\n\n  {END}\n")


def test_everything_else_stays_byte_for_byte(run: Run) -> None:
    """Marks in code, a byte order mark, mixed line ends, bytes that are no text and a missing newline stay."""
    around = (
        b"\xef\xbb\xbf# A\r\n\nx \xff\x00\t \n```\n<!-- statestores: nope -->\n```\n`<!-- /statestores -->`\r",
        b" |\xc3(\r\n\\<!-- statestores: x -->\n<!-- statestores: ignore[x] -->\n    \n\n    <!-- /statestores -->",
    )
    count = b"| <!-- statestores: count all -->%s<!-- /statestores -->"
    path = Path("page.md")
    path.write_bytes((count % b"1").join(around))
    assert run("generate", "inject", "page.md").returncode == 0
    assert path.read_bytes() == (count % b"4").join(around)


FAULTS = {
    f"<!-- statestores: tabel -->{END}": "1:1: error: unknown kind of mark 'tabel'; did you mean 'table'?",
    f"<!-- statestores: -->{END}": "1:1: error: the mark has no kind: write one of table, list, count, totals",
    f"a <!-- statestores: count all -->{END}\n\n<!-- statestores: list -->": (
        f"3:1: error: the mark is never closed: write '{END}' behind the text"
    ),
    f"<!-- statestores: table all\n\n{END}": "1:1: error: the comment is never closed: write '-->' at its end",
    "<!-- statestores: table": "1:1: error: the comment is never closed: write '-->' at its end",
    f"a\n\n{END}": "3:1: error: this ends no mark: write '<!-- statestores: table QUERY -->' before it",
    f"<!-- statestores: list -->\r\n <!-- statestores: list -->\r\n{END}": (
        f"2:2: error: a mark inside of that of line 1: write '{END}' before it"
    ),
    f"<!-- statestores: list columns=name -->{END}": "1:1: error: unknown option 'columns'",
    f"<!-- statestores: table column=name -->{END}": "1:1: error: unknown option 'column'; did you mean 'columns'?",
    f"<!-- statestores: table columns=nmae -->{END}": "1:1: error: unknown column 'nmae'; did you mean 'name'?",
    f"<!-- statestores: table columns=x-taem -->{END}": "1:1: error: unknown column 'x-taem'; did you mean 'x-team'?",
    f"<!-- statestores: table columns= -->{END}": "1:1: error: 'columns' is empty: name a column",
    f"<!-- statestores: count service=Auht -->{END}": "1:1: error: unknown service 'Auht'; did you mean 'Auth'?",
    f"<!-- statestores: count servcie=Auth -->{END}": "1:1: error: unknown option 'servcie'; did you mean 'service'",
    f"<!-- statestores: count teir=hot -->{END}": "1:1: error: unknown option 'teir'; did you mean 'tier'",
    f"<!-- statestores: count Auth -->{END}": "1:1: error: 'Auth' is not a filter: write one such as 'service=Auth'",
    f"<!-- statestores: count match='a -->{END}": "1:1: error: a quotation mark is never closed in",
    f"a <!-- statestores: table -->{END}": "1:3: error: a table or a list fills lines of its own: put both marks",
    f"<!-- statestores: list -->{END} a": "1:1: error: a table or a list fills lines of its own: put both marks",
    f"{'>' * 101}<!-- statestores: list -->\n{'>' * 101}{END}": "1:102: error: a table or a list fills lines of its",
    f"b <!-- statestores: count all -->{END} a <!-- statestores: nope -->{END}": "1:58: error: unknown kind of mark",
}


@pytest.mark.parametrize("page", FAULTS)
def test_faults(page: str) -> None:
    """A fault is an error with its place and what to do."""
    written = inject(f"{page}\n", load_text(STORES), "a.md")
    assert str(written.problems[0]).startswith(f"a.md:{FAULTS[page]}")
    assert {problem.severity for problem in written.problems} == {Severity.ERROR}


def test_a_page_with_a_fault_is_not_written(run: Run) -> None:
    """A page with a fault stays as it is, and the others are written; the exit status is 1."""
    Path("a.md").write_text(f"<!-- statestores: count all -->{END} {END}", encoding="utf-8")
    Path("b.md").write_text(f"<!-- statestores: count all -->{END}", encoding="utf-8")
    done = run("generate", "inject", "a.md", "b.md")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"a.md:1:54: error: this ends no mark")
    assert done.stderr.endswith(b"statestores: a.md is not written\nstatestores: wrote b.md\n")
    assert Path("a.md").read_text(encoding="utf-8") == f"<!-- statestores: count all -->{END} {END}"
    assert run("generate", "inject", "--check", "a.md").returncode == 1


def test_check_prints_the_differences(run: Run) -> None:
    """``--check`` prints one unified diff of all pages, writes nothing and exits with 1."""
    for name in ("a.md", "b.md"):
        Path(name).write_text(f"Of <!-- statestores: count all -->3{END}.\n", encoding="utf-8")
    done = run("generate", "inject", "a.md", "--check", "b.md")
    assert (done.returncode, done.stderr) == (1, b"")
    for name in ("a.md", "b.md"):
        assert f"--- {name}\n+++ {name} (generated)\n@@ -1 +1 @@\n-Of" in done.stdout.decode()
        assert Path(name).read_text(encoding="utf-8").startswith("Of <!-- statestores: count all -->3<")


def test_other_registries_and_bad_usage(run: Run) -> None:
    """``--registry`` names the registry; pages are required, have to exist and stay in the repository."""
    page = Path("a.md")
    page.write_text(f"<!-- statestores: count all -->{END}", encoding="utf-8")
    Path("r.yaml").write_text("x-state-stores:\n  a-b: {backend: redis, prefix: a, service: A, purpose: p}\n")
    assert run("generate", "inject", "a.md", "--registry", "r.yaml").returncode == 0
    assert ">1<" in page.read_text(encoding="utf-8")
    for arguments, message in (
        (("inject",), b"name the Markdown files"),
        (("inject", "a.md", "-o", "b.md"), b"-o takes another format"),
        (("json", "--registry", "r.yaml"), b"--registry is only for 'inject'"),
        (("inject", "no.md"), b"no.md: there is no such file"),
        (("inject", "schemas"), b"schemas: Is a directory"),
    ):
        done = run("generate", *arguments)
        assert done.returncode == 2
        assert message in done.stderr
    outside = Path("../outside.md")
    outside.write_text("<!-- statestores: nope -->", encoding="utf-8")
    Path("link.md").symlink_to(outside)
    done = run("generate", "inject", "link.md")
    assert done.returncode == 2
    assert b"link.md: a link leads out of" in done.stderr


def test_a_declared_page(run: Run) -> None:
    """A page that ``x-outputs`` declares is written with the outputs, and compared by ``check``."""
    Path("docs").mkdir()
    page = Path("docs/a.md")
    page.write_text(f"# A\n\n<!-- statestores: count all -->3{END}\n", encoding="utf-8")
    guide = Path("schemas/state-stores-guide.yaml")
    guide.write_text("x-outputs:\n- {format: inject, path: ../docs/a.md}\n", encoding="utf-8")
    done = run("check")
    assert done.returncode == 1
    assert b"guide.yaml:2:26: error: 'docs/a.md' has drifted: 1 line to add, 1 line to remove" in done.stdout
    assert run("generate", "outputs").stderr == b"statestores: wrote docs/a.md\n"
    assert page.read_text(encoding="utf-8") == f"# A\n\n<!-- statestores: count all -->4{END}\n"
    assert run("check").returncode == 0
    page.write_text("# A\n\n<!-- statestores: count all -->", encoding="utf-8")
    done = run("check")
    assert f"{Path('docs/a.md')}:3:1: error: the mark is never closed" in done.stdout.decode()
    page.unlink()
    assert b"guide.yaml:2:26: error: the output '../docs/a.md': there is no such file" in run("check").stdout


def test_the_same_words_are_filled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks with the same words, whatever their blanks, take one query, and each gets its text or its problem."""
    queries: list[Query] = []

    def counted(registry: Registry, query: Query) -> Sequence[Store]:
        queries.append(query)
        return select(registry, query)

    monkeypatch.setattr(inject_module, "select", counted)
    page = f"<!-- statestores: count  all -->{END}<!-- statestores: count all -->{END}\n" * 20
    written = inject(page, load_text(STORES), "a.md")
    assert (len(queries), written.text.count("-->4<"), written.problems) == (1, 40, ())
    wrong = inject(f"<!-- statestores: count service=Auht -->{END}\n" * 20, load_text(STORES), "a.md")
    assert [problem.location.line for problem in wrong.problems] == [*range(1, 21)]


def test_a_page_does_not_choose_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Different words of many marks, long queries, many columns and much text are errors beyond a limit."""
    registry = load_text(STORES)
    different = "".join(f"<!-- statestores: count search=a{n} -->{END}\n" for n in range(10))
    columns = f"<!-- statestores: table all columns={','.join(['name'] * 20)} -->\n{END}\n"
    long = f"<!-- statestores: count search={','.join(f'a{n}' for n in range(190))} -->{END}\n"
    inject(different + columns + long, registry, "a.md")
    monkeypatch.setattr(inject_module, "WORK_LIMIT", 30)
    for page in (different, columns, long):
        with pytest.raises(ExportError, match="the marks ask for more than 30 stores and cells"):
            inject(page, registry, "a.md")
    monkeypatch.setattr(inject_module, "PAGE_LIMIT", 1000)
    with pytest.raises(ExportError, match="more text than the limit of 1,000 characters"):
        inject(f"<!-- statestores: list all -->\n{END}\n" * 10, registry, "a.md")
