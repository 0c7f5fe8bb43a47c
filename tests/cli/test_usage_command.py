"""``statestores usage`` and the code that ``statestores check`` reads."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Repository, Run

REGISTRY = """\
x-code:
  - {language: csharp, files: "plugins/lib-{kebab}/*.cs", use: "Stores.{constant}"}
  - {language: python, files: "scripts/*.py", use: '"{name}"'}
x-services: {Mail: Mail}
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: P, tags: [hot]}
  mail-statestore: {backend: mysql, service: Mail, purpose: P}
  mail-cache: {backend: memory, service: Mail, purpose: P, status: planned}
"""


@pytest.fixture(autouse=True)
def code(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Go to a repository with a registry and code, some of which git does not track."""
    git_repository.write("schemas/state-stores.yaml", REGISTRY)
    git_repository.write("plugins/lib-auth/A.cs", "class A {\n  Stores.Auth;\n}\n")
    git_repository.write("plugins/lib-mail/A.cs", "Stores.Auth\nStores.Auth\n")
    git_repository.write("scripts/=x,y.py", '"auth-statestore"\n')
    git_repository.commit("one")
    git_repository.write("scripts/new.py", '"mail-statestore"\n')
    monkeypatch.chdir(git_repository.folder)
    return git_repository


def test_text(run: Run) -> None:
    """A line for each use has store, service and place, as a terminal opens it; unused stores are named."""
    done = run("usage")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == [
        "auth-statestore  Auth      plugins/lib-auth/A.cs:2",
        "auth-statestore  Mail      plugins/lib-mail/A.cs:1",
        "auth-statestore  Mail      plugins/lib-mail/A.cs:2",
        "auth-statestore  -         scripts/=x,y.py:1",
        "mail-cache       (unused)",
        "mail-statestore  (unused)",
    ]
    below = run("usage", "auth-statestore", cwd=Path("plugins"))
    assert b" lib-auth/A.cs:2\n" in below.stdout
    assert b" ../scripts/=x,y.py:1\n" in below.stdout


def test_which_stores(run: Run) -> None:
    """Names, filters as in ``list`` and ``--unused`` choose stores; what does not exist is named."""
    assert run("usage", "--unused").stdout == b"mail-statestore  (unused)\n"
    assert run("usage", "--unused", "--service", "Auth").stdout == b""
    assert run("usage", "--unused", "--service", "Auth").returncode == 0
    assert run("usage", "mail-statestore", "--tag", "!hot").stdout == b"mail-statestore  (unused)\n"
    done = run("usage", "mail-statestoer", "mail-cache")
    assert (done.returncode, done.stdout) == (1, b"mail-cache  (unused)\n")
    assert b"unknown store 'mail-statestoer'; did you mean 'mail-statestore'" in done.stderr
    assert run("usage", "mail-cache", "--service", "Auth").stderr == b"statestores: no store matches\n"
    done = run("usage", "--service", "Nobody")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"'Nobody'" in done.stderr
    assert run("usage", "--nothing", "x").returncode == 2


def test_formats_for_programs(run: Run) -> None:
    """JSON has every place by store, CSV a row for each; neither is a formula."""
    found = json.loads(run("usage", "--format", "json").stdout)
    assert [(each["name"], each["usedBy"], len(each["uses"])) for each in found] == [
        ("auth-statestore", ["Auth", "Mail"], 4),
        ("mail-cache", [], 0),
        ("mail-statestore", [], 0),
    ]
    assert found[0]["uses"][-1] == {"service": None, "file": "scripts/=x,y.py", "line": 1, "column": 2}
    assert run("usage", "--format", "csv").stdout.decode().splitlines() == [
        "name,service,file,line",
        "auth-statestore,Auth,plugins/lib-auth/A.cs,2",
        "auth-statestore,Mail,plugins/lib-mail/A.cs,1",
        "auth-statestore,Mail,plugins/lib-mail/A.cs,2",
        'auth-statestore,,"scripts/=x,y.py",1',
        "mail-cache,,,",
        "mail-statestore,,,",
    ]


def test_list_has_columns_of_code(run: Run, code: Repository) -> None:
    """``list`` shows, sorts and filters by code, and reads it only when it is asked for."""
    columns = ("--columns", "name,uses,used-by")
    assert run("list", "--columns", "name").returncode == 0
    assert not Path(".statestores_cache").exists()
    assert run("list", *columns, "--sort=-uses").stdout.decode().splitlines() == [
        "auth-statestore  4  Auth, Mail",
        "mail-cache       0",
        "mail-statestore  0",
    ]
    assert run("list", "--uses", "0", "--format", "names").stdout == b"mail-cache\nmail-statestore\n"
    for option in ("--used-by", "--Used-By"):
        assert run("list", option, "!Mail", "--format", "names").stdout == b"mail-cache\nmail-statestore\n"
    assert run("list", *columns, "--format", "csv").stdout.startswith(
        b'name,uses,used-by\nauth-statestore,4,"Auth, Mail"\n'
    )
    found = json.loads(run("list", *columns, "--format", "json").stdout)
    assert found[0] == {"name": "auth-statestore", "uses": "4", "used-by": ["Auth", "Mail"]}
    code.write("schemas/state-stores.yaml", REGISTRY.replace("x-code", "x-other"))
    done = run("list", *columns)
    assert done.returncode == 2
    assert b"unknown column 'uses': it needs code: 'x-code' of the registry says which files are code" in done.stderr


def test_check_reports_code(run: Run, code: Repository) -> None:
    """``check`` reports code behind the registry; ``-W`` fails, and half a registry says nothing of code."""
    code.write("plugins/lib-auth/A.cs", "Stores.Atuh\n")
    done = run("check")
    assert done.returncode == 0
    assert done.stdout.decode().splitlines() == [
        "schemas/state-stores.yaml:7:3: info: no code uses the store 'mail-statestore': if some does, add to "
        "'x-code' how it names the store, and its files to git; otherwise remove the store, or set its status to "
        "'planned' or 'removed' [unused_store]",
        "plugins/lib-auth/A.cs:1:8: warning: no store has the constant 'Atuh'; did you mean 'Auth'? "
        "[unknown_constant]",
        "plugins/lib-mail/A.cs:1:8: warning: code of 'Mail' uses the store 'auth-statestore' (and in 1 more line), "
        "which belongs to 'Auth': add 'Mail' to its 'readers' or 'writers' [undeclared_use]",
    ]
    assert run("check", "-W").returncode == 1
    github = run("check", "--format", "github").stdout
    assert b"::warning file=plugins/lib-auth/A.cs,line=1,col=8,title=unknown_constant::" in github
    sarif = json.loads(run("check", "--format", "sarif").stdout)["runs"][0]["results"]
    assert [result["ruleId"] for result in sarif] == ["unused_store", "unknown_constant", "undeclared_use"]
    code.write("schemas/state-stores.yaml", REGISTRY + "  broken: {}\n")
    assert b"unknown_constant" not in run("check").stdout
    done = run("usage", "auth-statestore")
    assert done.returncode == 1
    assert b"plugins/lib-mail/A.cs:2" in done.stdout
    assert b"'broken' has no 'backend'" in done.stderr


def test_a_registry_without_code(run: Run, code: Repository) -> None:
    """Without ``x-code`` there is nothing to show, and ``check`` reads no code."""
    code.write("schemas/state-stores.yaml", REGISTRY.replace("x-code", "x-other"))
    done = run("usage")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"statestores: the registry has no 'x-code', which says where and how code names stores\n"
    assert run("check").stdout == b""
    assert not Path(".statestores_cache").exists()


def test_code_that_is_not_known(run: Run, code: Repository) -> None:
    """A glob that matches nothing is named, and no store counts as unused."""
    code.write("schemas/state-stores.yaml", REGISTRY.replace("scripts/*", "skripts/*"))
    assert b"warning: no file matches 'skripts/*.py' in 'files' of 'x-code'" in run("usage").stderr
    assert b"[unread_code]" in run("check").stdout
    assert b"[unused_store]" not in run("check").stdout
    assert b"mail-statestore  (not found)\n" in run("usage").stdout
    done = run("list", "--uses", "0", "--format", "names")
    assert (done.returncode, done.stdout) == (0, b"mail-cache\nmail-statestore\n")
    assert done.stderr.endswith(b" [unread_code]\n")
    done = run("usage", "--unused")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"which stores are unused is not known, since some of the code is not read\n" in done.stderr


def test_the_cache(run: Run, code: Repository, tmp_path: Path) -> None:
    """The cache stays out of the repository, is used, and never leads out of it; ``--no-cache`` keeps nothing."""
    before = run("usage", "--no-cache").stdout
    assert not Path(".statestores_cache").exists()
    assert run("usage").stdout == before
    assert code.git("status", "--porcelain") == "?? scripts/new.py"
    cache = Path(".statestores_cache/code.json")
    data = cache.read_bytes()
    cache.write_bytes(data.replace(b'"Auth"', b'"Mail"'))
    assert run("usage").stdout != before
    assert run("usage", "--no-cache").stdout == before
    cache.write_bytes(b"damaged")
    assert run("usage").stdout == before
    assert cache.read_bytes() == data
    # Somebody's commit.
    cache.write_bytes(data.replace(b'"Auth"', b'"Mail"'))
    code.git("add", "--force", str(cache))
    assert run("usage").stdout == before
    code.git("rm", "--cached", "--quiet", "--force", str(cache))
    # Somebody's link instead of the folder, or of the file.
    out = tmp_path / "out"
    out.mkdir()
    cache.unlink()
    cache.symlink_to(out / "code.json")
    assert run("usage").stdout == before
    os.rename(".statestores_cache", out / "old")  # noqa: PTH104
    Path(".statestores_cache").symlink_to(out)
    assert run("usage").stdout == before
    assert [path.name for path in out.iterdir()] == ["old"]
