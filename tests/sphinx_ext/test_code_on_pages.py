"""What code uses, on pages: entries, columns, filters, coverage, and what a build writes again."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

import pytest
from conftest import WRITTEN_UNSEEN
from docutils import nodes

from sphinx_statestores.checks import code_files
from sphinx_statestores.registry.tracked_files import Reader

if TYPE_CHECKING:
    from conftest import Site

REGISTRY = """\
x-code:
  - {language: csharp, files: "src/{kebab}/*.cs", use: "Stores.{constant}"}
  - {files: "scripts/*.py", use: "'{name}'"}
x-services: {Mail: {title: Post}, Chat: Chat}
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: P, readers: [Mail]}
  auth-lock: {backend: redis, prefix: lock, service: Auth, purpose: P, readers: [Mail, Chat]}
  mail-statestore: {backend: mysql, service: Mail, purpose: P}
  mail-cache: {backend: memory, service: Mail, purpose: P}
  mail-next: {backend: mysql, service: Mail, purpose: P, status: planned}
"""
CODE = {
    "src/auth/A.cs": "Stores.Auth\n\nStores.AuthLock\n",
    "src/mail/B.cs": "Stores.Auth\nStores.Auth\n",
    "scripts/c.py": "'auth-statestore'\n",
}
CONF = 'statestores_root = "."\nstatestores_lint = {"naming_convention": "off"}\n'
SOURCE_URL = 'statestores_source_url = "https://code.example/{path}#L{line}"\n'


@pytest.fixture
def code(site: Site) -> Site:
    """A site with code beside it."""
    site.conf(CONF)
    site.registry(REGISTRY)
    for name, text in CODE.items():
        site.write(name, text)
    site.write("index.rst", "T\n=\n")
    site.write("auth.rst", ":orphan:\n\nAuth\n====\n\n.. statestore:: auth-statestore\n")
    site.write("lock.rst", ":orphan:\n\nLock\n====\n\n.. statestore:: auth-lock\n")
    site.write(
        "table.rst",
        ":orphan:\n\nTable\n=====\n\n"
        ".. statestore-table::\n   :columns: name uses used-by\n   :sort: -uses\n   :no-index:\n",
    )
    site.write("cover.rst", ":orphan:\n\nCover\n=====\n\n.. statestore-coverage::\n")
    site.write(
        "other.rst",
        ":orphan:\n\nOther\n=====\n\n.. statestore-table::\n\n:store:`auth-lock`, :store-count:`service=Auth`\n",
    )
    return site


def rows(document: nodes.document) -> list[list[str]]:
    return [[entry.astext() for entry in row.findall(nodes.entry)] for row in document.findall(nodes.row)]


def used_in(document: nodes.document) -> str:
    fields = {field[0].astext(): field[1].astext() for field in document.findall(nodes.field)}
    return fields.get("Used In", "")


def test_an_entry_says_where_code_uses_the_store(code: Site) -> None:
    """An entry has the places by service, nobody's last, as plain text, or as links with a template of addresses."""
    built = code.build()
    assert used_in(built.resolved("auth")) == (
        "Auth: src/auth/A.cs:1; Post: src/mail/B.cs:1, src/mail/B.cs:2; scripts/c.py:1"
    )
    code.conf(CONF + SOURCE_URL)
    found = code.build().resolved("auth")
    assert [str(link["refuri"]) for link in found.findall(nodes.reference) if "code.example" in link["refuri"]][
        1:
    ] == [
        "https://code.example/src/auth/A.cs#L1",
        "https://code.example/src/mail/B.cs#L1",
        "https://code.example/src/mail/B.cs#L2",
        "https://code.example/scripts/c.py#L1",
    ]


def test_an_entry_shows_some_places_and_counts_the_others(code: Site) -> None:
    """Of many places the first twenty are shown."""
    code.write("src/auth/A.cs", "Stores.Auth\n" * 30)
    text = used_in(code.build().resolved("auth"))
    assert text.startswith("Auth: src/auth/A.cs:1, src/auth/A.cs:2, ")
    assert text.endswith(", src/auth/A.cs:20 and 13 more")


def test_columns_filters_and_order(code: Site) -> None:
    """A table can show, sort by, group by and filter by the number of uses and by who uses a store."""
    code.write(
        "more.rst",
        ":orphan:\n\nMore\n====\n\n.. statestore-table::\n   :used-by: Mail\n   :columns: name\n   :no-index:\n\n"
        ".. statestore-table::\n   :uses: 0\n   :columns: name, used-by\n   :group-by: uses\n   :no-index:\n\n"
        ":store-count:`used-by=Auth`\n",
    )
    built = code.build("text")
    assert rows(built.resolved("table"))[1:] == [
        ["auth-statestore", "4", "Auth, Post"],
        ["auth-lock", "1", "Auth"],
        ["mail-cache", "0", ""],
        ["mail-next planned", "0", ""],
        ["mail-statestore", "0", ""],
    ]
    found = rows(built.resolved("more"))
    assert found[:2] == [["Component Name"], ["auth-statestore"]]
    assert [row[0] for row in found[4:]] == ["mail-cache", "mail-next planned", "mail-statestore"]
    assert [p.astext() for p in built.resolved("more").findall(nodes.paragraph)][-1] == "2"


def test_a_registry_without_code_has_no_such_columns(site: Site) -> None:
    """Without ``x-code`` the columns and filters are unknown, entries say nothing, and nothing is listed or read."""
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n   :columns: name uses\n   :used-by: Auth\n")
    site.write("entry.rst", ":orphan:\n\nE\n=\n\n.. statestore:: auth-lock\n\n.. statestore-coverage::\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code_files, "list_files", None)
        built = site.build()
    assert [re.sub("^.*WARNING: |; the options are .*(?= )", "", line) for line in built.warnings] == [
        "unknown option 'used-by' of 'statestore-table' [statestores.unknown_option]",
        "unknown column 'uses': it needs code: 'x-code' of the registry says which files are code "
        "[statestores.unknown_column]",
    ]
    assert used_in(built.resolved("entry")) == ""
    assert "code" not in built.resolved("entry").astext()


def test_coverage_lists_stores_that_no_code_uses(code: Site) -> None:
    """The coverage on a page and its builder have the unused stores, without planned and in-memory ones."""
    assert "Stores that no code uses (1)\nmail-statestore" in re.sub(
        r"\n+", "\n", code.build().resolved("cover").astext()
    )
    built = code.build("statestores-coverage")
    assert json.loads(built.text("coverage.json"))["unused"] == ["mail-statestore"]
    assert "stores that no code uses (1):\n  mail-statestore\n" in built.text("coverage.txt")
    code.registry(REGISTRY.replace("scripts/*", "skripts/*"))
    built = code.build("statestores-coverage")
    assert json.loads(built.text("coverage.json"))["unused"] == []
    code.registry(REGISTRY.replace("x-code", "x-other"))
    assert "unused" not in json.loads(code.build("statestores-coverage").text("coverage.json"))


def test_a_build_reports_code_once(code: Site) -> None:
    """Each build reports code as the command does, once, also in parallel; settings apply, and errors count."""
    code.write("src/mail/B.cs", "Stores.Atuh\nStores.AuthLock\n")
    code.write("src/chat/D.cs", "a Stores.Auth\n")
    for parallel in (0, 2):
        built = code.build(parallel=parallel)
        assert built.warnings == [
            f"{code.folder}/src/mail/B.cs:1: WARNING: no store has the constant 'Atuh'; did you mean 'Auth'? "
            "[statestores.unknown_constant]",
            f"{code.folder}/src/chat/D.cs:1: WARNING: code of 'Chat' uses the store 'auth-statestore', which belongs "
            "to 'Auth': add 'Chat' to its 'readers' or 'writers' [statestores.undeclared_use]",
        ]
        assert built.status.count("no code uses the store 'mail-statestore'") == 1
    code.conf(
        CONF
        + 'statestores_lint |= {"undeclared_use": "error", "unknown_constant": "off"}\n'
        + "statestores_strict = True\n"
    )
    code.registry(REGISTRY.replace("auth-lock:", "auth-lock: # statestores: ignore\n   "))
    built = code.build()
    assert [line.partition("WARNING: ")[2][:14] for line in built.warnings if "WARNING" in line] == ["code of 'Chat'"]
    assert built.app.statuscode == 1
    code.conf(CONF + "statestores_lint = False\n")
    assert code.build().warnings == []


def test_a_build_reports_comments_that_are_of_no_use_for_code(code: Site) -> None:
    """A comment in the registry for a rule about code is reported by the build when code has no such problem."""
    ignoring = REGISTRY.replace("mail-statestore:", "mail-statestore: # statestores: ignore[unused_store]\n   ")
    code.registry(ignoring)
    assert "unused comment" not in code.build().status
    code.write("src/mail/B.cs", "Stores.Mail\n")
    built = code.build()
    assert built.status.count("unused comment: no problem of 'unused_store' to ignore here") == 1
    assert built.warnings == []


def test_half_a_registry_says_nothing_of_code(code: Site) -> None:
    """With an error in the registry, code is shown as far as it is known, and not reported."""
    code.registry(REGISTRY + "  broken: {}\n")
    code.write("src/mail/B.cs", "Stores.Broken\n")
    built = code.build()
    assert not [line for line in built.warnings if "constant" in line]
    assert used_in(built.resolved("lock")) == "Auth: src/auth/A.cs:3"


def test_hidden_stores_and_their_services(code: Site) -> None:
    """Code of a service that owns hidden stores only is on no page, and hidden stores are in no list."""
    text = REGISTRY + "  secret-data: {backend: mysql, service: Secret, purpose: P, tags: [secret]}\n"
    code.registry(text)
    code.write("src/secret/S.cs", "Stores.Auth\n")
    assert "src/secret" in used_in(code.build().resolved("auth"))
    code.conf(CONF + 'statestores_exclude = ["tag=secret"]\n')
    built = code.build()
    assert not [name for name, data in built.files().items() if b"ecret" in data and not name.startswith("_static")]
    assert "auth-statestore" in built.text("table.html")
    # What only hidden services use is used.
    code.write("src/secret/S.cs", "Stores.Mail\n")
    assert "mail-statestore" not in code.build().resolved("cover").astext().partition("no code uses")[2]


# -- builds after a change --------------------------------------------------------------


def test_only_pages_that_show_code_are_written_again(code: Site) -> None:
    """When code changes, exactly the pages that show the change are written, none is read, none is stale."""
    first = code.build()
    assert {"auth", "cover", "lock", "other", "table"} <= {*first.written}
    assert (code.build().read, code.build().written) == ([], [])

    def after(name: str, text: str | None) -> list[str]:
        if text is None:
            (code.folder / name).unlink()
        else:
            code.write(name, text)
        built = code.build()
        assert built.read == []
        assert built.files() == code.build(builddir="clean", freshenv=True).files()
        return [docname for docname in built.written if docname not in WRITTEN_UNSEEN]

    assert after("scripts/c.py", "\n'auth-statestore'\n") == ["auth"]
    assert after("scripts/c.py", "\n'auth-statestore'\n'auth-lock'\n") == ["lock", "table"]
    assert after("scripts/c.py", "\n'auth-statestore'\n'auth-lock'\n'mail-statestore'\n") == ["cover", "table"]
    assert after("scripts/c.py", "\n'auth-statestore'\n'auth-lock'\n'mail-statestore'\n'else'\n") == []
    assert after("src/chat/E.cs", "Stores.AuthLock\n") == ["lock", "table"]
    assert after("src/chat/E.cs", None) == ["lock", "table"]


def test_serial_equals_parallel(code: Site) -> None:
    """All files of a parallel build are those of a serial one."""
    assert code.build(builddir="_a").files() == code.build(builddir="_b", parallel=2).files()


def test_code_is_read_once_and_only_when_it_has_changed(code: Site) -> None:
    """The first build reads each file once, in its own process; the next ones read those that have changed."""
    reads: list[tuple[int, str]] = []
    original = Reader.text

    def text(self: Reader, path: str, size: int) -> str:
        reads.append((os.getpid(), path))
        return original(self, path, size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reader, "text", text)
        code.build(parallel=2)
        assert reads == [(os.getpid(), path) for path in ("scripts/c.py", "src/auth/A.cs", "src/mail/B.cs")]
        reads.clear()
        code.registry(REGISTRY.replace("purpose: P", "purpose: Q"))
        assert code.build(parallel=2).warnings == []
        assert reads == []
        code.write("src/auth/A.cs", "Stores.Auth Stores.AuthLock\n")
        code.build()
        assert [path for _, path in reads] == ["src/auth/A.cs"]
    kept = [path for path in (code.folder / "_build/doctrees/statestores").iterdir() if path.name.startswith("code-")]
    assert len(kept) == 1
    kept[0].write_bytes(b"damaged")
    assert code.build().written == []
    assert not (code.folder / ".statestores_cache").exists()


def test_names_of_files_are_text(code: Site) -> None:
    """A name of a file that is no text, or has markup, is shown as it is, and breaks nothing."""
    name = os.fsdecode(b"src/auth/<b>\xff`x`.cs")
    (code.folder / name).write_text("Stores.AuthLock\n", encoding="utf-8")
    code.conf(CONF + SOURCE_URL)
    built = code.build()
    assert built.warnings == []
    assert "&lt;b&gt;" in built.text("lock.html")
    assert "https://code.example/src/auth/%3Cb%3E%FF%60x%60.cs#L1" in built.text("lock.html")
