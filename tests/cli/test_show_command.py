"""``statestores show``: stores in full, and the near names of those that there are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run, RunInTerminal

REGISTRY = """\
x-services: {Auth: {title: Identity}}
x-state-stores:
  auth-statestore:
    backend: redis
    prefix: auth
    service: Auth
    purpose: Sessions "\\e[31mred"
    readers: [Item, Quest]
    tags: [hot]
    x-team: identity
    keys: [{pattern: "session:{id}", type: hash, ttl: 24h, purpose: Who is there}, {pattern: "k:{id}"}]
  item-cache: {backend: mysql, service: Item, purpose: P, status: removed, replacedBy: auth-statestore}
"""
AUTH = """\
auth-statestore
  Purpose  Sessions "\\e[31mred"
  Status   active
  Backend  Redis
  Service  Identity (Auth)
  Prefix   auth
  Readers  Item, Quest
  Tags     hot
  Team     identity
  Source   schemas/state-stores.yaml:3
  Keys
    session:{id}  hash  24h  Who is there
    k:{id}
"""
ITEM = """\
item-cache
  Purpose      P
  Status       removed
  Replaced By  auth-statestore
  Backend      MySQL
  Service      Item
  Table        item_cache
  Source       schemas/state-stores.yaml:12
"""


@pytest.fixture(autouse=True)
def registry(repository: Path) -> None:
    """Write a registry where the command looks for it."""
    (repository / "schemas").mkdir()
    (repository / "schemas/state-stores.yaml").write_text(REGISTRY, encoding="utf-8")


def test_all_fields(run: Run) -> None:
    """Every field that a store has is a line, its keys are lines of their own, and several stores are divided."""
    done = run("show", "auth-statestore", "item-cache", "auth-statestore")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"{AUTH}\n{ITEM}"


@pytest.mark.parametrize("words", [("schemas/state-stores.yaml", "item-cache"), ("item-cache", "-")])
def test_files_are_told_from_names(run: Run, words: tuple[str, ...]) -> None:
    """What looks like a path is a registry file, wherever it stands."""
    done = run("show", *words, input=REGISTRY.encode())
    assert done.returncode == 0
    assert done.stdout.decode().splitlines()[:2] == ["item-cache", "  Purpose      P"]


def test_an_unknown_name(run: Run) -> None:
    """It is said with the near names, the others are shown, and the status is 1."""
    done = run("show", "item-cahce", "auth-statestore")
    assert (done.returncode, done.stdout.decode()) == (1, AUTH)
    assert done.stderr == b"statestores: unknown store 'item-cahce'; did you mean 'item-cache'?\n"


def test_without_a_name(run: Run) -> None:
    """A file alone is bad usage."""
    done = run("show", "schemas/state-stores.yaml")
    assert done.returncode == 2
    assert done.stderr.endswith(b"statestores show: error: name a store\n")


def test_the_address_of_its_line(repository: Path, run: Run) -> None:
    """With ``source_url`` in the settings, the address of the line is shown."""
    text = 'source_url = "https://example.org/{repo}/blob/{ref}/{path}#L{line}"\nsource_ref = "a b"\n'
    (repository / "statestores.toml").write_text(text, encoding="utf-8")
    done = run("show", "item-cache")
    address = "https://example.org/project/blob/a%20b/schemas/state-stores.yaml#L12"
    assert done.stdout.decode().splitlines()[-1].split() == ["Address", address]


def test_constants_are_for_generated_code(repository: Path, run: Run) -> None:
    """The constant of a store is shown where code is generated from the registry."""
    assert b"Constant" not in run("show", "item-cache").stdout
    (repository / "statestores.toml").write_text("[[outputs]]\nformat = 'csharp'\npath = 'a.cs'\n", encoding="utf-8")
    assert b"  Constant     ItemCache\n" in run("show", "item-cache").stdout


def test_colours_and_controls(run_in_terminal: RunInTerminal) -> None:
    """A terminal gets the name and the labels in styles, and no character of the registry that it would obey."""
    text, status = run_in_terminal("show", "item-cache")
    assert status == 0
    assert text.startswith("\x1b[1mitem-cache\x1b[0m\n  \x1b[2mPurpose      \x1b[0mP\n")


def test_a_table_that_lies_elsewhere(run: Run) -> None:
    """The table that has the data is shown, with what tells the store apart in one that several stores share."""
    stores = "{%s: {backend: mysql, service: A, purpose: P, table: own_table%s}}"
    places = {
        "": "{table: records, column: store}",
        ", physical: {table: real}": "{}",
        ", physical: {column: kind, value: '{service}'}": "{}",
        ", physical: {table: own_table}": "{}",
    }
    found = []
    for physical, general in places.items():
        registry = f"x-physical: {{mysql: {general}}}\nx-state-stores: {stores % ('item-cache', physical)}\n"
        done = run("show", "item-cache", "-", input=registry.encode())
        found += [line.split(maxsplit=2)[2] for line in done.stdout.decode().splitlines() if "Physical" in line]
    assert found == ["records: store = item-cache", "real", "own_table: kind = A"]
