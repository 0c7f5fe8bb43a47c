"""``statestores federate``: pins what other sites publish, and tells what has changed there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.registry.lock import read_lock

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run, Server


def document(*names: str, purpose: str = "p", **published: object) -> bytes:
    stores = {name: {"backend": "mysql", "service": "Auth", "purpose": purpose} for name in names}
    return json.dumps({"x-published": published, "x-state-stores": stores}).encode()


def test_pinning_and_comparing(server: Server, repository: Path, run: Run) -> None:
    """The first update pins; later runs tell what has changed, and change nothing; the next update pins that."""
    server.answers["/statestores.json"] = document("auth-store", "mail-store")
    done = run("federate", server.url, "--update")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"new, not pinned yet" in done.stdout
    assert b"+ auth-store" in done.stdout
    lock = repository / "statestores.lock"
    pinned = lock.read_bytes()
    done = run("federate")
    assert (done.returncode, done.stdout) == (0, f"{server.url}statestores.json: no changes\n".encode())
    server.answers["/statestores.json"] = document("auth-store", purpose="q")
    done = run("federate")
    assert done.returncode == 1
    assert b"- mail-store" in done.stdout
    assert "~ auth-store: purpose: p \N{RIGHTWARDS ARROW} q".encode() in done.stdout
    assert lock.read_bytes() == pinned
    assert run("federate", "--update").returncode == 0
    assert run("federate").returncode == 0
    assert lock.read_bytes() != pinned


def test_addresses_that_have_changed(server: Server, repository: Path, run: Run) -> None:
    """A change that is none of a store is told, too."""
    server.answers["/statestores.json"] = document("a")
    run("federate", server.url, "--update")
    server.answers["/statestores.json"] = document("a", stores={"a": "a.html"})
    done = run("federate")
    assert done.returncode == 1
    assert b"no store has changed, but addresses, titles or labels have" in done.stdout


def test_a_site_that_is_not_pinned(server: Server, repository: Path, run: Run) -> None:
    """A site that is named and not pinned has changed; pinning it keeps the others."""
    server.answers["/a/statestores.json"] = document("a")
    server.answers["/b.json"] = document("b")
    run("federate", f"{server.url}a", "--update")
    assert run("federate", f"{server.url}b.json").returncode == 1
    assert run("federate", f"{server.url}b.json", "--update").returncode == 0
    lock, _ = read_lock(repository / "statestores.lock")
    assert list(lock.documents) == [f"{server.url}a/statestores.json", f"{server.url}b.json"]


def test_a_site_that_cannot_be_fetched(server: Server, repository: Path, run: Run) -> None:
    """One site that fails is told, without its account, and nothing is written."""
    server.answers["/statestores.json"] = document("a")
    done = run("federate", server.url, f"http://me:secret@{server.host}/none.json", "--update")
    assert done.returncode == 2
    assert (
        done.stderr.decode()
        == f"statestores: {server.url}none.json cannot be fetched: the server answered with status 404\n"
    )
    assert not (repository / "statestores.lock").exists()


def test_an_account_is_not_written(server: Server, repository: Path, run: Run) -> None:
    """An account of a URL is used, and appears neither in the lock nor in the output."""
    server.answers["/statestores.json"] = document("a")
    done = run("federate", f"http://me:secret@{server.host}/", "--update")
    assert done.returncode == 0
    assert server.requests[0][1]["Authorization"]
    assert b"secret" not in done.stdout + done.stderr + (repository / "statestores.lock").read_bytes()
    assert run("federate", f"http://me:secret@{server.host}/").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], b"no site is given, and statestores.lock pins none"),
        (["statestores.json"], b"files are not pinned"),
        (["http://"], b"write 'https://'"),
        (["https://x.org", "--timeout", "0"], b"must be a number of seconds above 0"),
        (["https://x.org", "--timeout", "nan"], b"must be a number of seconds above 0"),
    ],
)
def test_bad_usage(repository: Path, run: Run, arguments: list[str], words: bytes) -> None:
    """What cannot be used is told, and nothing is fetched."""
    done = run("federate", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert words in done.stderr


@pytest.mark.parametrize("name", ["conf.py", "statestores.lock"])
def test_the_lock_is_beside_the_configuration(server: Server, repository: Path, run: Run, name: str) -> None:
    """The lock is looked for, and written, where conf.py usually is; ``--lock`` names another file."""
    server.answers["/statestores.json"] = document("a")
    (repository / "docs").mkdir()
    (repository / "docs" / name).write_text("{}", encoding="utf-8")
    run("federate", server.url, "--update")
    assert list(read_lock(repository / "docs/statestores.lock")[0].documents) == [f"{server.url}statestores.json"]
    run("federate", server.url, "--update", "--lock", "other.lock")
    assert (repository / "other.lock").is_file()
    assert not (repository / "statestores.lock").exists()


def test_a_damaged_lock(server: Server, repository: Path, run: Run) -> None:
    """A lock that cannot be read is told, and an update writes a good one."""
    server.answers["/statestores.json"] = document("a")
    (repository / "statestores.lock").write_text("<<<<<<<", encoding="utf-8")
    done = run("federate", server.url, "--update")
    assert (done.returncode, b"this is not a valid lock file" in done.stderr) == (0, True)
    assert run("federate").returncode == 0


def test_errors_of_a_site(server: Server, repository: Path, run: Run) -> None:
    """What is left out of a site's registry is told with its place; control characters do nothing."""
    text = '{"x-state-stores": {"a": {"backend": "nope", "service": "A", "purpose": "p"}, "\\u001b[31mb": 1}}'
    server.answers["/statestores.json"] = text.encode()
    done = run("federate", server.url)
    assert done.returncode == 1
    assert f"{server.url}statestores.json:1:".encode() in done.stderr
    assert b"unknown backend 'nope'" in done.stderr
    assert b"\x1b" not in done.stdout + done.stderr


def test_an_answer_that_ends_early(server: Server, repository: Path, run: Run) -> None:
    """Half a document neither replaces a pinned one nor is pinned."""
    server.answers["/statestores.json"] = document("a")
    run("federate", server.url, "--update")
    pinned = (repository / "statestores.lock").read_bytes()
    server.answers["/statestores.json"], server.missing = document("b"), 5
    done = run("federate", "--update")
    assert done.returncode == 2
    assert b"cannot be fetched: the response is incomplete" in done.stderr
    assert (repository / "statestores.lock").read_bytes() == pinned


def test_a_document_that_is_no_yaml(server: Server, repository: Path, run: Run) -> None:
    """A document that cannot be read is not pinned."""
    server.answers["/statestores.json"] = b'{"x-state-stores": {'
    done = run("federate", server.url, "--update")
    assert done.returncode == 2
    assert b"nothing is pinned" in done.stderr
    assert not (repository / "statestores.lock").exists()


@pytest.mark.parametrize("named", [(), ("b.json",)])
def test_a_damaged_pin(server: Server, repository: Path, run: Run, named: tuple[str, ...]) -> None:
    """An update pins a site again whose pin is damaged, and keeps the others."""
    server.answers["/a.json"], server.answers["/b.json"] = document("a"), document("b")
    run("federate", f"{server.url}a.json", f"{server.url}b.json", "--update")
    lock = repository / "statestores.lock"
    sound = lock.read_text(encoding="utf-8")
    content = json.loads(sound)
    content["sites"][f"{server.url}a.json"]["sha256"] = "0" * 64
    lock.write_text(json.dumps(content), encoding="utf-8")
    done = run("federate", *(f"{server.url}{name}" for name in named), "--update")
    assert done.returncode == 0
    assert b"does not match its digest: pin it again" in done.stderr
    assert lock.read_text(encoding="utf-8") == sound
