"""How far an edit of the registry reaches: never less far than its answers do, and seldom farther."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from six_services import as_yaml, stores, write_pages

from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.query import Query, Terms
from sphinx_statestores.registry.source import SourceText
from sphinx_statestores.sphinx_ext.fingerprints import Fingerprints
from sphinx_statestores.sphinx_ext.questions import (
    CountQuestion,
    EntriesQuestion,
    EntryQuestion,
    GuideQuestion,
    LabelQuestion,
    LinkQuestion,
    LiteralQuestion,
    ServiceQuestion,
    TableQuestion,
    TotalsQuestion,
)
from sphinx_statestores.sphinx_ext.reach import Edit, find_edit, may_reach

if TYPE_CHECKING:
    from conftest import Site

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.sphinx_ext.questions import Question

TEXT = """\
x-state-stores:
  auth-lock:
    backend: redis
    prefix: auth:lock
    service: Auth
    purpose: Locks
    keys: [{pattern: "lock:{id}", purpose: A lock}]
    x-team: red
  auth-store:
    backend: mysql
    service: Auth
    purpose: Sessions
  mail-store:
    backend: mysql
    service: Mail
    purpose: Mails
x-services:
  Mail: {title: The mails}
"""
AUTH = Query(service=Terms(("Auth",)))
MAIL = Query(service=Terms(("Mail",)))


@pytest.fixture
def pages(site: Site) -> Site:
    """A site of ten pages about six services."""
    write_pages(site)
    return site


def load(text: str) -> Registry:
    """Load a registry."""
    return load_sources([SourceText("r.yaml", text, "")])[0]


def edit(old: str, new: str) -> Edit | None:
    """Make an edit of the registry, and find it."""
    assert old in TEXT
    return find_edit(load(TEXT), load(TEXT.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("purpose: Locks", "purpose: Keys"),
        ("prefix: auth:lock", "prefix: lock"),
        ("{id}", "{name}"),
        ("x-team: red", "x-team: blue"),
        ("purpose: A lock", "purpose: One lock"),
        ("    x-team: red\n", "    x-team: red\n    since: '2'\n"),
    ],
)
def test_what_is_told_of_one_store(old: str, new: str) -> None:
    """A field that says something about its store alone changes that store."""
    found = edit(old, new)
    assert found is not None
    assert found.changed == {"auth-lock"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("auth-lock:", "auth-latch:"),
        ("  mail-store:\n    backend: mysql\n    service: Mail\n    purpose: Mails\n", ""),
        ("backend: redis", "backend: memcached"),
        ("service: Mail", "service: Auth"),
        ("    x-team: red\n", "    status: deprecated\n"),
        ("    x-team: red\n", "    tags: [hot]\n"),
        ("    x-team: red\n", "    readers: [Mail]\n"),
        ("    x-team: red\n", "    replacedBy: auth-store\n"),
        ("    purpose: Mails\n", "    purpose: Mails\n    x-pager: '4'\n"),
        ("    x-team: red\n", ""),
        ("The mails", "Mails"),
        ("x-services:", "x-naming-conventions: [{pattern: '{service}'}]\nx-services:"),
    ],
)
def test_what_reaches_further(old: str, new: str) -> None:
    """What decides which stores a page shows, where they are, or what others say of them is not judged."""
    assert edit(old, new) is None


def test_a_comment_moves_what_stands_below() -> None:
    """Stores that stand elsewhere are told apart from those that say something else."""
    found = edit("  auth-store:", "  # A comment\n  auth-store:")
    assert found == Edit(frozenset(), frozenset({"auth-store", "mail-store"}))
    assert edit("red", "red") == Edit(frozenset(), frozenset())


@pytest.mark.parametrize(
    ("question", "reached"),
    [
        (TableQuestion(Query()), True),
        (TableQuestion(AUTH), True),
        (TableQuestion(MAIL), False),
        (TableQuestion(MAIL._replace(limit=3)), True),
        (TableQuestion(MAIL._replace(search=Terms(("locks",)))), True),
        (TableQuestion(Query(backend=Terms(("mysql",)))), False),
        (TableQuestion(Query(backend=Terms(("mysql",))), ("name", "source")), True),
        (TableQuestion(MAIL._replace(sort=("backend", "-source"))), True),
        (TableQuestion(MAIL._replace(group="source")), True),
        (TableQuestion(MAIL._replace(sort=("-purpose",), group="backend")), False),
        (ServiceQuestion("Auth", TableQuestion(AUTH)), True),
        (ServiceQuestion("Mail", EntriesQuestion(MAIL)), True),
        (EntriesQuestion(AUTH), True),
        (EntryQuestion("auth-lock"), True),
        (EntryQuestion("auth-store"), False),
        (EntryQuestion("mail-store"), True),
        (LinkQuestion("store", "auth-lock"), True),
        (LinkQuestion("store", "mail-store"), False),
        (LiteralQuestion("auth-lock"), True),
        (LiteralQuestion("mail-store"), False),
        (LabelQuestion("service", "Mail"), False),
        (CountQuestion(MAIL), False),
        (TotalsQuestion(AUTH), True),
        (GuideQuestion("conventions"), True),
    ],
)
def test_questions(question: Question, reached: bool) -> None:
    """With another purpose of one store, and another one in another line, some questions may have other answers."""
    change = Edit(frozenset({"auth-lock"}), frozenset({"mail-store"}))
    assert may_reach(change, question, load(TEXT), ("name", "purpose")) == reached


def test_source_as_a_column_of_the_project() -> None:
    """A table without columns of its own has those of the project: then lines count."""
    change = Edit(frozenset(), frozenset({"mail-store"}))
    assert may_reach(change, TableQuestion(MAIL), load(TEXT), ("name", "source"))
    assert not may_reach(change, TableQuestion(MAIL, ("name",)), load(TEXT), ("name", "source"))


@pytest.mark.parametrize(
    ("options", "old", "new"),
    [
        (":search: zebras", "Archive of Auth", "Zebras"),
        (":search: archive", "Archive of Auth", "Zebras"),
        (":sort: purpose\n:limit: 1", "Archive of Account", "Zebras"),
        (
            ":columns: name, purpose\n:sort: source\n:no-index:",
            "x-state-stores:",
            "x-state-stores:\n# One\n# Two\n# Three",
        ),
        (":columns: name, purpose\n:group-by: source\n:no-index:", "x-state-stores:", "x-state-stores:\n# One"),
        (":service: Auth\n:columns: name, x-team", "Archive of Quest", "Archive of Quest\n    x-team: red"),
    ],
)
def test_tables_that_look_at_what_is_told(pages: Site, options: str, old: str, new: str) -> None:
    """Where the text of one store decides what a table shows, or where links lead, everybody hears of its edit."""
    pages.write("a.md", f"# A\n\n```{{statestore-table}}\n{options}\n```\n")
    pages.write("links.rst", "Links\n=====\n\n:store:`auth-archive` :store:`auth-lock`\n")
    index = pages.folder / "index.rst"
    pages.write("index.rst", index.read_text().replace("   all\n", "   a\n   all\n"))
    pages.conf("statestores_service_pages = {}\nsuppress_warnings = ['statestores']\n")
    pages.build()
    pages.registry(as_yaml(stores()).replace(old, new))
    built = pages.build()
    assert built.read == []
    assert built.files() == pages.build(builddir="_clean").files()


def test_a_small_edit_asks_few_pages(pages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an edit of a purpose only the pages that show the store are answered before they are written."""
    pages.build()
    answered: list[str] = []
    fingerprint = Fingerprints.answered

    def noted(self: Fingerprints, docname: str) -> str:
        answered.append(docname)
        return fingerprint(self, docname)

    monkeypatch.setattr(Fingerprints, "answered", noted)
    registry = stores()
    registry["auth-archive"]["purpose"] = "Something else"
    pages.registry(as_yaml(registry))
    built = pages.build()
    # Conventions are not judged.
    assert sorted(answered) == ["all", "numbers", "services/auth"]
    assert built.written == ["all", "index", "services/auth"]


@pytest.mark.parametrize("seed", range(3))
def test_small_edits_in_a_row(pages: Site, seed: int) -> None:
    """Edits of what is told of stores, of lines and of prose, in a row: always what a clean build makes."""
    chance = random.Random(seed)
    registry = stores()
    pages.write("found.md", "---\norphan: true\n---\n# Found\n\n```{statestore-table}\n:search: zebra\n```\n")
    pages.write("lines.md", "---\norphan: true\n---\n# Lines\n\n```{statestore} auth-lock\n```\n")
    pages.build()
    for number in range(5):
        for name in chance.sample(sorted(registry), chance.randrange(1, 4)):
            field = chance.choice(["purpose", "prefix", "since", "x-team"])
            registry[name][field] = chance.choice(["zebra", f"value{chance.random()}"])
        pages.registry("# comment\n" * chance.randrange(2) + as_yaml(registry))
        if chance.random() < 0.3:
            pages.write("prose.rst", f"Prose\n=====\n\n:store:`auth-lock` {chance.random()}\n")
        built = pages.build()
        assert built.files() == pages.build(builddir=f"_clean{number}").files()
