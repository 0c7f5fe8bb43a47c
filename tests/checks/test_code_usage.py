"""The code of a repository and a registry: who uses which stores, and what is wrong."""

from __future__ import annotations

import json
import os
import pickle
from typing import TYPE_CHECKING

import pytest
from work import counted_calls

from sphinx_statestores.checks import code_files
from sphinx_statestores.checks.code_files import repositories, scan
from sphinx_statestores.checks.code_usage import Usage, find_usage
from sphinx_statestores.checks.lint import lint, lint_code
from sphinx_statestores.registry.loader import load, load_sources
from sphinx_statestores.registry.source import SourceText
from sphinx_statestores.registry.tracked_files import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sphinx_statestores.registry.model import Registry

CODE = """\
x-code:
  - language: csharp
    files: "plugins/lib-{kebab}/**/*.cs"
    use: "Stores.{constant}"
  - language: python
    files: ["scripts/*.py", "!scripts/made_*.py"]
    use: '"{name}"'
"""
STORES = """\
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: P}
  auth-lock: {backend: redis, prefix: lock, service: Auth, purpose: P, readers: [Mail], writers: [GameChat]}
  mail-statestore: {backend: mysql, service: Mail, purpose: P}
  mail-old: {backend: mysql, service: Mail, purpose: P, status: removed}
  mail-next: {backend: mysql, service: Mail, purpose: P, status: planned}
  mail-cache: {backend: memory, service: Mail, purpose: P}
"""
FILES = {
    "plugins/lib-auth/Deep/A.cs": "Stores.Auth Stores.Auth\nStores.AuthLock\n",
    "plugins/lib-mail/A.cs": "Stores.AuthLock Stores.Mail\n",
    "plugins/lib-game-chat/A.cs": "Stores.AuthLock\n",
    "plugins/lib-common/A.cs": "Stores.Auth\n",
    "scripts/a.py": '"auth-statestore" "mail-statestore"\n',
    "scripts/made_a.py": '"auth-lock"',
    "other/A.cs": "Stores.Nothing",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder without git."""
    found = tmp_path / "project"
    found.mkdir()
    monkeypatch.chdir(found)
    return found


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def loaded(folder: Path, text: str = CODE + STORES) -> Registry:
    write(folder, {"stores.yaml": text})
    registry, problems = load([folder / "stores.yaml"])
    assert [problem for problem in problems if problem.severity.value == "error"] == []
    return registry


def usage(registry: Registry, folder: Path) -> Usage:
    scans = [scan(repository) for repository in repositories(registry, {}, folder)]
    return find_usage(registry, scans, lambda _, path: path)


def told(found: Usage) -> list[str]:
    return [str(problem) for problem in found.problems]


def test_who_uses_what(folder: Path) -> None:
    """Each store has the lines that use it, by service; code of nobody comes last, and right code is not reported."""
    write(folder, FILES)
    found = usage(loaded(folder), folder)
    assert told(found) == []
    assert {
        name: [(use.service, f"{use.path}:{use.line}:{use.column}") for use in uses]
        for name, uses in found.uses.items()
    } == {
        "auth-lock": [
            ("Auth", "plugins/lib-auth/Deep/A.cs:2:8"),
            ("GameChat", "plugins/lib-game-chat/A.cs:1:8"),
            ("Mail", "plugins/lib-mail/A.cs:1:8"),
        ],
        "auth-statestore": [
            ("Auth", "plugins/lib-auth/Deep/A.cs:1:8"),
            ("", "plugins/lib-common/A.cs:1:8"),
            ("", "scripts/a.py:1:2"),
        ],
        "mail-statestore": [("Mail", "plugins/lib-mail/A.cs:1:24"), ("", "scripts/a.py:1:20")],
    }
    assert found.services("auth-lock") == ("Auth", "GameChat", "Mail")
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301


def test_stores_that_no_code_uses(folder: Path) -> None:
    """A store without code is reported at its name, unless it is planned, removed, or only in memory."""
    write(folder, {**FILES, "scripts/a.py": '# "mail-statestore"\n', "plugins/lib-mail/A.cs": "// Stores.Mail\n"})
    (problem,) = usage(loaded(folder), folder).problems
    assert (problem.kind.subtype, problem.store, problem.location.line) == ("unused_store", "mail-statestore", 11)
    assert usage(loaded(folder), folder).unused == ("mail-statestore",)
    assert problem.message.startswith("no code uses the store 'mail-statestore': if some does, ")


def test_code_in_an_older_encoding(folder: Path) -> None:
    """A comment that is not UTF-8 does not hide what a file uses."""
    write(folder, {**FILES, "scripts/a.py": '"mail-statestore"\n', "plugins/lib-mail/A.cs": ""})
    (folder / "plugins/lib-mail/A.cs").write_bytes("// Größe\nStores.Mail // ö\n".encode("cp1252"))
    found = usage(loaded(folder), folder)
    assert [(use.path, use.line, use.column) for use in found.uses["mail-statestore"]] == [
        ("plugins/lib-mail/A.cs", 2, 8),
        ("scripts/a.py", 1, 2),
    ]


def test_constants_and_names_that_do_not_exist(folder: Path) -> None:
    """A wrong constant is reported with a suggestion, a wrong name only if it ends as several stores do."""
    wrong = {
        "plugins/lib-mail/B.cs": "Stores.Autth, Stores.Metadata,\n  Stores.Nix; // statestores: ignore\n",
        "scripts/b.py": '"auth-stetestore" "mial-statestore" "statestore" "Auth-statestore" "a-lock"\n',
    }
    write(folder, {**FILES, **wrong})
    assert told(usage(loaded(folder), folder)) == [
        "plugins/lib-mail/B.cs:1:8: warning: no store has the constant 'Autth'; did you mean 'Auth' or 'AuthLock'? "
        "[unknown_constant]",
        "scripts/b.py:1:20: warning: no store has the name 'mial-statestore'; did you mean 'mail-statestore' or "
        "'auth-statestore'? [unknown_constant]",
    ]


def test_a_use_that_is_not_declared(folder: Path) -> None:
    """Of a service that neither owns, reads nor writes a store, the first line is reported that nothing silences."""
    wrong = {
        "plugins/lib-mail/A.cs": "Stores.Auth // statestores: ignore\nStores.Mail\n\n a Stores.Auth\nStores.Auth\n",
        "plugins/lib-mail/B.cs": "Stores.Auth\n",
        "plugins/lib-game-chat/B.cs": "Stores.Mail\n",
    }
    write(folder, {**FILES, **wrong})
    assert told(usage(loaded(folder), folder)) == [
        "plugins/lib-mail/A.cs:4:11: warning: code of 'Mail' uses the store 'auth-statestore' (and in 2 more lines), "
        "which belongs to 'Auth': add 'Mail' to its 'readers' or 'writers' [undeclared_use]",
        "plugins/lib-game-chat/B.cs:1:8: warning: code of 'GameChat' uses the store 'mail-statestore', which belongs "
        "to 'Mail': add 'GameChat' to its 'readers' or 'writers' [undeclared_use]",
    ]


def test_comments_while_some_of_the_code_is_not_known(folder: Path) -> None:
    """A comment about code does not count as unused while some of the code is not read."""
    write(folder, {**FILES, "scripts/a.py": ""})
    text = STORES.replace("service: Mail, purpose: P}", "service: Mail, purpose: P} # statestores: ignore", 1)
    text = text.replace("prefix: auth,", "prefix: auth, # statestores: ignore[unused_store]\n   ")
    settings = "x-lint: {naming_convention: off, unknown_reader: off, unread_code: off}\n"
    registry = loaded(folder, settings + CODE.replace("scripts/*", "skripts/*") + text)
    code = usage(registry, folder).problems
    assert [problem.kind.subtype for problem in code] == ["unread_code"]
    assert lint(registry, code=code) == lint_code(registry, code) == []
    assert [problem.kind.subtype for problem in lint(registry, code=())] == ["unused_ignore"] * 2


def test_a_removed_store_that_code_uses(folder: Path) -> None:
    """Whoever uses a removed store is told what replaces it, once, at the first line that nothing silences."""
    wrong = {
        "plugins/lib-mail/A.cs": "Stores.MailOld // statestores: ignore\nStores.AuthLock\nStores.MailOld Stores.Mail",
        "plugins/lib-auth/B.cs": "Stores.MailOld // statestores: ignore[removed-in-use]\n",
        "plugins/lib-game-chat/B.cs": "\nStores.MailOld\nStores.MailOld\n",
        "scripts/b.py": '"mail-old"\n',
    }
    write(folder, {**FILES, **wrong})
    end = "or set its status to 'deprecated' as long as code needs it [removed_in_use]"
    assert told(usage(loaded(folder), folder)) == [
        f"scripts/b.py:1:2: warning: code uses the store 'mail-old', which is removed: use another one, {end}",
        "plugins/lib-game-chat/B.cs:2:8: warning: code of 'GameChat' uses the store 'mail-old' (and in 1 more line), "
        f"which is removed: use another one, {end}",
        "plugins/lib-mail/A.cs:3:8: warning: code of 'Mail' uses the store 'mail-old', which is removed: use another "
        f"one, {end}",
    ]
    registry = loaded(folder, CODE + STORES.replace("removed}", "removed, replacedBy: auth-lock}"))
    assert "removed: use 'auth-lock', or" in told(usage(registry, folder))[0]


def test_problems_of_removed_stores_are_in_order_and_silenced(folder: Path) -> None:
    """What code does with a removed store comes last; who has not read code does not call its comment unused."""
    write(folder, {**FILES, "scripts/b.py": '"mail-old"\n', "plugins/lib-mail/B.cs": "Stores.Nix\n"})
    settings = "x-lint: {naming_convention: off, unknown_reader: off}\n"
    text = settings + CODE + STORES.replace("readers: [Mail]", "readers: [Mail], replacedBy: mail-old")
    registry = loaded(folder, text)
    found = [problem.kind.subtype for problem in lint(registry, code=usage(registry, folder).problems)]
    assert found == ["removed_in_use", "unknown_constant", "removed_in_use"]
    registry = loaded(
        folder,
        settings
        + CODE
        + STORES.removesuffix("\n").replace(
            "status: removed}", "status: removed} # statestores: ignore[removed_in_use]"
        ),
    )
    code = usage(registry, folder).problems
    assert [problem.kind.subtype for problem in lint(registry, code=code)] == ["unknown_constant"]
    assert lint(registry) == []
    assert [problem.kind.subtype for problem in lint(registry, code=())] == ["unused_ignore"]


def test_a_constant_that_a_removed_store_had(folder: Path) -> None:
    """Generated code has no constant of a removed store, so a constant that it shares is that of the other store."""
    write(folder, {**FILES, "plugins/lib-mail/A.cs": "Stores.Mail\nStores.AuthLock"})
    found = usage(loaded(folder, f"{CODE}{STORES.replace('mail-old', 'mail')}"), folder)
    assert told(found) == []
    assert "mail" not in found.uses


def test_settings_and_comments_of_a_registry(folder: Path) -> None:
    """Severities of ``x-lint`` hold for code; a comment of a store covers what code does with it, and is used."""
    write(folder, {**FILES, "plugins/lib-mail/A.cs": "Stores.Auth Stores.Nix\n", "scripts/a.py": ""})
    text = CODE + STORES.replace("service: Auth, purpose: P}", "service: Auth, purpose: P} # statestores: ignore", 1)
    text = text.replace("mail-statestore: {", "mail-statestore: { # statestores: ignore[unused_store]\n    ")
    registry = loaded(
        folder, f"x-lint: {{unknown-constant: error, naming_convention: off, unknown_reader: off}}\n{text}"
    )
    code = usage(registry, folder).problems
    assert [problem.kind.subtype for problem in code] == ["unknown_constant", "undeclared_use", "unused_store"]
    found = lint(registry, code=code)
    assert [(problem.kind.subtype, problem.severity.value) for problem in found] == [("unknown_constant", "error")]
    # Who has not looked at code does not know which comments are of use.
    assert [problem.kind.subtype for problem in lint(registry)] == []
    assert [problem.kind.subtype for problem in lint(registry, code=())] == ["unused_ignore"] * 2
    # Who has looked at code alone does not know which comments without rules are of use.
    assert lint_code(registry, code) == found
    (problem,) = lint_code(registry, ())
    assert problem.message == "unused comment: no problem of 'unused_store' to ignore here"


def test_stores_of_other_sites(folder: Path) -> None:
    """Code names a store of another site without its namespace; the other registry is not for us to mend."""
    other = (
        "x-published: {version: 1, project: Identity}\nx-state-stores:\n"
        "  id:auth-statestore: {backend: mysql, service: Auth, purpose: P}\n"
        "  id:mail-statestore: {backend: mysql, service: Auth, purpose: P}\n"
        "  id:new-statestore: {backend: mysql, service: Auth, purpose: P}\n"
        "  id:mail-old: {backend: mysql, service: Auth, purpose: P}\n"
    )
    moved = {"plugins/lib-mail/B.cs": "Stores.New Stores.MailOld\n", "scripts/b.py": '"mail-old"\n'}
    write(folder, {**FILES, "stores.yaml": CODE + STORES, **moved})
    sources = [SourceText(str(folder / "stores.yaml"), CODE + STORES, "1"), SourceText("id.json", other, "2")]
    registry, problems = load_sources(sources)
    assert problems == []
    found = usage(registry, folder)
    assert told(found) == []
    assert found.services("id:new-statestore") == ("Mail",)
    assert "id:mail-statestore" not in found.uses
    assert len(found.uses["id:mail-old"]) == 2
    assert "mail-old" not in found.uses


def test_two_stores_with_one_constant(folder: Path) -> None:
    """A constant that two stores share uses both, and none of them without a declaration."""
    write(folder, {"plugins/lib-auth/A.cs": "Stores.Same\n"})
    text = (
        CODE.partition("  - language: python")[0] + "x-state-stores:\n"
        "  same: {backend: redis, prefix: a, service: Auth, purpose: P}\n"
        "  same-statestore: {backend: redis, prefix: b, service: Mail, purpose: P}\n"
    )
    found = usage(loaded(folder, text), folder)
    assert told(found) == []
    assert [*found.uses] == ["same", "same-statestore"]


def test_what_names_stores_for_another_reason(folder: Path) -> None:
    """Registries and generated files do not use stores, wherever they are."""
    text = (
        "x-code: [{files: ['**/*.yaml', '**/*.cs', '**/*.csv'], use: ['{name}:', '\"{name}\"', '{name},']}]\n"
        "x-outputs: [{format: csv, path: ../out/a.csv}]\n"
        "x-generated-code: {path: gen/Stores.cs}\n"
        "x-state-stores:\n  one: {backend: redis, prefix: a, service: A, purpose: P}\n"
    )
    write(folder, {"schemas/stores.yaml": text, "out/a.csv": "one,", "gen/Stores.cs": '"one"', "a.cs": ""})
    registry, _ = load([folder / "schemas/stores.yaml"])
    found = usage(registry, folder)
    assert [problem.kind.subtype for problem in found.problems] == ["unused_store"]
    write(folder, {"other/Stores.cs": '"one"'})
    assert told(usage(registry, folder)) == []


def test_code_that_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While some of the code is not known, this is reported, and no store counts as unused."""
    assert told(usage(loaded(folder), folder)) == [
        f"{folder}/stores.yaml:{place}: warning: no file matches {glob!r} in 'files' of 'x-code': write a path from "
        "the root of the repository; where there is git, only files that it tracks are read [unread_code]"
        for place, glob in (("3:12", "plugins/lib-{kebab}/**/*.cs"), ("6:12", "scripts/*.py"))
    ]
    write(folder, {**FILES, "scripts/b.py": "x" * 2000, "scripts/picture.py": "\0" * 3000})
    for limit, value, message in (
        ("SIZE_LIMIT", 1024, "1 file is larger than 1 KiB, such as 'scripts/b.py', and not read: leave them out"),
        ("FILES_LIMIT", 2, "'files' selects 7 files, and 2 of them are read"),
        ("MENTIONS_LIMIT", 1, "'plugins/lib-auth/Deep/A.cs' names stores more than 1 times"),
        ("TOTAL_LIMIT", 2, "the code names stores more than 2 times"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(code_files, limit, value)
            found = usage(loaded(folder), folder)
            assert {problem.kind.subtype for problem in found.problems} == {"unread_code"}, limit
            assert found.problems[0].message.startswith(message)
            assert found.unused == ()


def test_code_of_several_repositories(tmp_path: Path) -> None:
    """Registries of two repositories are merged, and each speaks of the code around it."""
    for name in ("a", "b"):
        root = tmp_path / name
        text = (
            f"x-code: [{{files: src/*, use: 'S.{{constant}}'}}]\n"
            f"x-state-stores:\n  {name}-one: {{backend: redis, prefix: {name}, service: A, purpose: P}}\n"
        )
        write(root, {"stores.yaml": text, "src/x": "S.AOne S.BOne" if name == "a" else ""})
    registry, _ = load([tmp_path / "a/stores.yaml", tmp_path / "b/stores.yaml"])
    found = [repository.root for repository in repositories(registry, {}, None)]
    assert len(found) == 2
    scans = [scan(repository) for repository in repositories(registry, {}, None)]
    assert sorted(find_usage(registry, scans, lambda root, path: f"{root.name}/{path}").uses) == ["a-one", "b-one"]


# -- the cache --------------------------------------------------------------------------


def read_files(folder: Path, registry: Registry, cache: bytes) -> tuple[list[str], code_files.Scan]:
    """Scan with a cache; return which files were read, and what was found."""
    (repository,) = repositories(registry, {}, folder)
    read: list[str] = []
    original = Reader.text

    def text(self: Reader, path: str, size: int) -> str:
        read.append(path)
        return original(self, path, size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reader, "text", text)
        found = scan(repository, cache)
    return read, found


def test_an_unchanged_file_is_not_read_again(folder: Path) -> None:
    """With the cache of an earlier scan only changed files are read; an edit of stores reads none."""
    write(folder, FILES)
    registry = loaded(folder)
    read, first = read_files(folder, registry, b"")
    assert len(read) == 5
    assert first.cache is not None
    read, again = read_files(folder, loaded(folder, CODE + STORES.replace("auth-lock", "auth-luck")), first.cache)
    assert (read, again.cache, again.files) == ([], None, first.files)
    write(folder, {"scripts/a.py": '"mail-statestore" "auth-statestore"\n', "scripts/new.py": ""})
    stat = (folder / "plugins/lib-mail/A.cs").stat()
    os.utime(folder / "plugins/lib-mail/A.cs", ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    (folder / "plugins/lib-common/A.cs").unlink()
    os.utime(folder / "scripts/a.py", ns=(1, 1))
    read, changed = read_files(folder, registry, first.cache)
    assert read == ["plugins/lib-mail/A.cs", "scripts/a.py", "scripts/new.py"]
    assert changed.files == read_files(folder, registry, b"")[1].files
    assert changed.cache == read_files(folder, registry, b"")[1].cache


def test_other_templates_read_all_again(folder: Path) -> None:
    """A cache is valid for the templates, globs and languages that it was made with."""
    write(folder, FILES)
    cache = read_files(folder, loaded(folder), b"")[1].cache or b""
    for old, new in (("csharp", "sql"), ("!scripts", "!scruples"), ("Stores.{", "Stores:{")):
        assert read_files(folder, loaded(folder, CODE.replace(old, new) + STORES), cache)[0] != []


def test_a_damaged_cache_is_ignored(folder: Path) -> None:
    """Whatever a cache holds, the result is that of a scan without it."""
    write(folder, FILES)
    registry = loaded(folder)
    cache = read_files(folder, registry, b"")[1].cache or b""
    whole = json.loads(cache)
    first = next(iter(whole["files"]))
    damaged = [b"\xff", b"{", b"[]", b"[" * 100_000, cache[:-2], b'{"digest": 1}', b"null"]
    rows: list[object] = [1, 2, ["constant"], ["A"], [1], [1], [[]]]
    wrong = {1: (None, "1"), 2: (None, "x", []), 3: (None, 1, []), 4: (None, "1", 1.5, True), 6: (None, 1, [1])}
    entries: list[object] = [None, [], [1], [1, 2, 3], ["a", 2], rows[:-1], [*rows, 1]]
    for place, values in wrong.items():
        entries += [[*rows[:place], value if place < 2 else [value], *rows[place + 1 :]] for value in values]
    for value in entries:
        damaged.append(json.dumps({**whole, "files": {**whole["files"], first: value}}).encode())
    damaged.append(json.dumps({**whole, "files": []}).encode())
    for data in damaged:
        read, found = read_files(folder, registry, data)
        assert len(read) == 5, data[:100]
        assert found.cache == cache


def test_costs_grow_with_code_and_not_with_stores_times_files(folder: Path) -> None:
    """Twice the stores and twice the files take about twice the work."""

    def work(number: int) -> int:
        stores = "".join(
            f"  s{i}-statestore: {{backend: mysql, service: S{i % 50}, purpose: P}}\n" for i in range(number)
        )
        write(folder, {f"plugins/lib-s{i % 50}/{i}.cs": f"Stores.S{i}\nStores.S{i + 1}\n" for i in range(number)})
        write(folder, {"scripts/a.py": ""})
        registry = loaded(folder, f"{CODE}x-state-stores:\n{stores}")
        with counted_calls() as calls:
            usage(registry, folder)
        return calls[0]

    small, large = work(200), work(400)
    assert large < 2.5 * small
