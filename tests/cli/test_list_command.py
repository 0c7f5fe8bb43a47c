"""``statestores list``, run as users run it: filters, columns, pipes and terminals."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.cli import list as list_command
from sphinx_statestores.cli.columns import GAP, cut, display_width, fitted, lined_up
from sphinx_statestores.cli.parsers import CommandParser
from sphinx_statestores.registry.fields import may_be_own
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.query import FILTERS

if TYPE_CHECKING:
    from conftest import Run, RunInTerminal

ROOT = Path(__file__).resolve().parents[2]
STORES = str(ROOT / "schemas" / "state-stores.yaml")

REGISTRY = """\
x-state-stores:
  auth-statestore:
    {backend: redis, prefix: auth, service: Auth, purpose: Session and token state, tags: [hot, token]}
  auth-lock: {backend: redis, prefix: "auth:lock", service: Auth, purpose: Locks, tags: [hot], readers: [Account]}
  account-statestore: {backend: mysql, service: Account, purpose: "Kontodaten für 漢字", x-team: identity}
  account-archive:
    {backend: mysql, service: Account, purpose: Accounts that were closed, status: deprecated}
"""
HEADING = "Component Name"


@pytest.fixture(autouse=True)
def registry(repository: Path) -> None:
    """Write a registry of four stores where the command looks for it."""
    (repository / "schemas").mkdir()
    (repository / "schemas/state-stores.yaml").write_text(REGISTRY, encoding="utf-8")


def test_a_pipe_gets_one_store_a_line(run: Run) -> None:
    """In a pipe every line is a store, whole, lined up, without heading, total or colour."""
    done = run("list")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == [
        "account-archive     MySQL  Account  Accounts that were closed",
        "account-statestore  MySQL  Account  Kontodaten für 漢字",
        "auth-lock           Redis  Auth     Locks",
        "auth-statestore     Redis  Auth     Session and token state",
    ]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--service", "Auth"), "auth-lock auth-statestore"),
        (("--service", "Auth", "--tag", "token"), "auth-statestore"),
        (("--service", "Auth,Account", "--limit", "1"), "account-archive"),
        (
            ("--service", "Auth", "--service", "Account", "--status", "!deprecated", "--tag", "!hot"),
            "account-statestore",
        ),
        (("--backend", "!redis"), "account-archive account-statestore"),
        (("--match", "*-lock,*-archive"), "account-archive auth-lock"),
        (("--match", "!*-statestore"), "account-archive auth-lock"),
        (("--status", "deprecated"), "account-archive"),
        (("--search", "token state"), "auth-statestore"),
        (("--reader", "Account"), "auth-lock"),
        (("--reader", "!Account", "--backend", "redis"), "auth-statestore"),
        (("--x-team", "ident*"), "account-statestore"),
        (("--x-team=!identity", "--backend", "mysql"), "account-archive"),
        (("--x-team", "none", "--x-team=identity", "schemas/state-stores.yaml"), "account-statestore"),
        (("--search", "token,closed"), "account-archive auth-statestore"),
        (("--sort=-service", "--limit=2"), "auth-lock auth-statestore"),
        (("--sort", "backend,-name"), "account-statestore account-archive auth-statestore auth-lock"),
        (("--limit", "0", "--match", "*"), ""),
        (("schemas/state-stores.yaml", "--tag", "token"), "auth-statestore"),
        (("--tag", "token", "schemas/state-stores.yaml"), "auth-statestore"),
    ],
)
def test_filters(run: Run, options: tuple[str, ...], names: str) -> None:
    """The filters, the order and the limit are those of the directive, with lists, negation and repetition."""
    done = run("list", *options, "--columns", "name")
    assert done.stdout.decode().split() == names.split()
    assert done.returncode == (0 if names else 1)


def test_columns(run: Run) -> None:
    """``--columns`` takes every field, those of the user too; a single column is the bare values."""
    done = run("list", "--columns", "table, x-team,status", "--backend", "mysql")
    assert done.stdout.decode().splitlines() == [
        "account_archive               deprecated",
        "account_statestore  identity  active",
    ]
    assert run("list", "--columns", "name", "--tag", "hot").stdout == b"auth-lock\nauth-statestore\n"
    source = run("list", "--columns", "source", "--tag", "token").stdout.decode().strip()
    assert Path(source) == Path("schemas/state-stores.yaml:2")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--service", "Auht"), "unknown service 'Auht'; did you mean 'Auth'?"),
        (("--service", "Auth,Acount"), "unknown service 'Acount'; did you mean 'Account' or 'Auth'?"),
        (("--backend", "MySQL"), "unknown backend 'MySQL': write 'mysql'"),
        (("--status", "!deprecatd"), "unknown status 'deprecatd'; did you mean 'deprecated'?"),
        (("--columns", "name,purpos"), "unknown column 'purpos'; did you mean 'purpose'?"),
        (("--columns", "x-taem"), "no store has a field 'x-taem'; did you mean 'x-team'?"),
        (("--columns", ","), "'--columns' is empty: name a column"),
        (("--sort", "nmae"), "unknown sort field 'nmae'; did you mean 'name'?"),
        (("--limit", "many"), "'limit' must be a whole number up to 1,000,000,000; found 'many'"),
        (("--limit", "-1"), "'limit' must be a whole number up to 1,000,000,000; found '-1'"),
    ],
)
def test_what_was_meant(run: Run, options: tuple[str, ...], said: str) -> None:
    """A value that there is not is answered with what was meant, nothing is listed, and the status is 2."""
    done = run("list", *options)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == f"statestores: {said}\n"


def test_no_match(run: Run) -> None:
    """When no store matches, that is said on standard error, and the status is 1, as that of grep."""
    done = run("list", "--match", "nothing-*")
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        b"",
        b"statestores: 'nothing-*' matches no store: '*' matches any characters\n",
    )


def test_a_registry_with_errors(run: Run) -> None:
    """What is sound is listed; the errors go to standard error, warnings do not, and the status is 1."""
    text = (
        REGISTRY
        + "  broken: {backend: redsi, service: Auth}\n  odd: {backend: redis, prefix: odd, service: Auth, color: x}\n"
    )
    Path("a.yaml").write_text(text, encoding="utf-8")
    done = run("list", "a.yaml", "--service", "Auth", "--columns", "name")
    assert (done.returncode, done.stdout) == (1, b"auth-lock\nauth-statestore\nodd\n")
    assert done.stderr.decode().splitlines() == [
        "a.yaml:8:21: error: unknown backend 'redsi' of the store 'broken'; did you mean 'redis'? [unknown_backend]"
    ]
    done = run("list", "nothing.yaml")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"nothing.yaml: error: there is no such file [unreadable_file]\n"


def test_standard_input(run: Run) -> None:
    """``-`` lists what standard input holds."""
    done = run("list", "-", "--columns", "name,source", "--tag", "token", input=REGISTRY.encode())
    assert (done.returncode, done.stdout) == (0, b"auth-statestore  <stdin>:2\n")


def test_a_terminal_gets_a_table(run_in_terminal: RunInTerminal) -> None:
    """A terminal gets a heading, the same lines, and how many stores they are."""
    text, status = run_in_terminal("list", "--service", "Auth", COLUMNS="200")
    assert status == 0
    assert text.splitlines() == [
        f"\x1b[1m{HEADING}   Backend  Service  Purpose\x1b[0m",
        "auth-lock        Redis    Auth     Locks",
        "auth-statestore  Redis    Auth     Session and token state",
        "",
        "\x1b[2m2 stores (2 Redis)\x1b[0m",
    ]
    plain, _ = run_in_terminal("list", "--service", "Auth", COLUMNS="200", NO_COLOR="1")
    assert plain == re.sub(r"\x1b\[\d*m", "", text)


@pytest.mark.parametrize("width", [60, 80, 100, 132])
def test_a_table_fits_its_terminal(run_in_terminal: RunInTerminal, width: int) -> None:
    """No line is wider than the terminal; names are whole, and a text that was cut ends in an ellipsis."""
    text, _ = run_in_terminal("list", STORES, "--columns", "name,backend,purpose", COLUMNS=str(width), NO_COLOR="1")
    heading, *rows, empty, total = text.splitlines()
    assert heading.startswith(HEADING)
    assert (empty, total) == ("", "124 stores (77 Redis, 47 MySQL)")
    assert max(map(len, rows)) == width
    registry, _ = load([STORES])
    for row, store in zip(rows, registry.stores, strict=True):
        assert row.startswith(f"{store.name} ")
        shown = row[heading.index("Purpose") :]
        assert shown == store.purpose or (shown.endswith("…") and store.purpose.startswith(shown[:-1]))


def test_a_narrow_terminal(run_in_terminal: RunInTerminal) -> None:
    """In a terminal that is too narrow for any table the lines are wider than it, rather than empty."""
    text, status = run_in_terminal("list", COLUMNS="10", NO_COLOR="1")
    assert status == 0
    assert "auth-statestore     Redis    Auth     Session…" in text.splitlines()


def test_nasty_values_in_a_terminal(run: Run, run_in_terminal: RunInTerminal) -> None:
    """What a terminal would obey is shown as an escape, in a terminal and in a pipe."""
    escaped = r"a\u202eb\u2066\u200f\u0085\u2028 c\td\ne"
    Path("a.yaml").write_text(
        f'x-state-stores:\n  a: {{backend: memory, service: A, purpose: "{escaped}", x-note: "\\u061c"}}\n'
        f'x-services:\n  A: "{escaped}"\n',
        encoding="utf-8",
    )
    options = ("list", "a.yaml", "--columns", "name,service,purpose,x-note")
    text, _ = run_in_terminal(*options, COLUMNS="500", NO_COLOR="1")
    for got in (text, run(*options).stdout.decode()):
        assert got.replace("\n", "").isprintable()
        assert r"a\u202eb\u2066\u200f" in got
        assert "c d e" in got
        assert got.count("\n") == (4 if got is text else 1)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("für", 3),
        ("fu\u0308r", 3),
        ("漢字", 4),
        ("\uff57\uff49\uff44\uff45", 8),
        ("한글", 4),
        ("\u1112\u1161\u11ab", 2),
        ("…", 1),
    ],
)
def test_the_width_of_a_text(text: str, width: int) -> None:
    """A wide character takes two columns, a combining mark none."""
    assert display_width(text) == width


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("ab cdef", 4, "ab…"),
        ("漢字漢字", 8, "漢字漢字"),
        ("漢字漢字", 7, "漢字漢…"),
        ("漢字漢字", 6, "漢字…"),
        ("fu\u0308nf Uhr", 4, "fu\u0308n…"),
        ("abc", 1, "…"),
    ],
)
def test_cutting(text: str, width: int, expected: str) -> None:
    """A text that is too wide ends in an ellipsis, never in half of a wide character or without its accents."""
    assert cut(text, width) == expected
    assert display_width(cut(text, width)) <= width


@pytest.mark.parametrize(
    ("widths", "room", "expected"),
    [
        ([10, 5, 20], 100, [10, 5, 20]),
        ([10, 5, 20], 39, [10, 5, 20]),
        ([10, 5, 20], 30, [10, 5, 11]),
        ([10, 30, 40], 54, [10, 20, 20]),
        ([10, 12, 40], 54, [10, 12, 28]),
        ([10, 5, 40], 10, [10, 5, 8]),
        ([50], 10, [50]),
        ([50, 5], 10, [50, 5]),
    ],
)
def test_fitting(widths: list[int], room: int, expected: list[int]) -> None:
    """The widest columns give way first and equally, the first column never, and none below a minimum."""
    assert fitted(widths, room) == expected


def test_lines_of_wide_characters() -> None:
    """Columns line up by what a terminal shows, not by the number of characters."""
    lines = lined_up([("漢字", "a"), ("fu\u0308r", "b"), ("abcd", "c")], None)
    assert [display_width(line) for line in lines] == [4 + len(GAP) + 1] * 3
    assert lined_up([], 80) == []


def test_formats(run: Run) -> None:
    """``names`` are one a line, ``csv`` and ``json`` have the columns that are asked for, or everything."""
    done = run("list", "--format", "names", "--service", "Auth")
    assert (done.returncode, done.stdout) == (0, b"auth-lock\nauth-statestore\n")
    done = run("list", "--format", "csv", "--columns", "name,tags,x-team", "--status", "active", "--sort=-name")
    assert done.stdout.decode().splitlines() == [
        "name,tags,x-team",
        'auth-statestore,"hot, token",',
        "auth-lock,hot,",
        "account-statestore,,identity",
    ]
    done = run("list", "--format=json", "--columns", "name,tags,x-team", "--tag", "token")
    assert json.loads(done.stdout) == [{"name": "auth-statestore", "tags": ["hot", "token"], "x-team": ""}]
    (found,) = json.loads(run("list", "--format=json", "--match", "auth-lock").stdout)
    exported = json.loads(run("generate", "json").stdout)["stores"]
    assert found in exported
    assert run("list", "--format", "csv").stdout == run("generate", "csv").stdout


def test_formats_without_a_store(run: Run) -> None:
    """Programs get an empty result of their format, and the status of a search without success."""
    for name, text in (("json", b"[]\n"), ("csv", b"name\n"), ("names", b"")):
        done = run("list", "--format", name, "--status", "removed", *(["--columns", "name"] if name == "csv" else []))
        assert (done.returncode, done.stdout) == (1, text)
    assert run("list", "--format", "xml").returncode == 2


DECLARED = """\
x-fields: {tier: {type: [low, high], label: Service Tier}, indirectOnly: boolean, rto: {type: duration, default: 4h}}
x-rules: {has-tier: {require: [tier], message: ask}, soft: {forbid: [rto], severity: info}}
x-lint: {naming_convention: off}
x-state-stores:
  a: {backend: redis, prefix: a, service: Auth, purpose: p, tier: high, rto: 30 days, indirectOnly: true}
  b: {backend: redis, prefix: b, service: Auth, purpose: p, tier: low, indirectOnly: false, rebuildable: false}
  c: {backend: redis, prefix: c, service: Auth, purpose: p, rebuildable: true}
"""


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--indirectOnly", "true"), "a"),
        (("--indirectonly=false",), "b"),
        (("--indirectOnly",), "a"),
        (("--rebuildable",), "c"),
        (("--rebuildable=no",), "b"),
        (("--rebuildable", "--service", "Auth"), "c"),
        (("--tier", "high", "--tier", "low", "--sort", "tier"), "b a"),
        (("--tier", "!*"), "c"),
        (("--tier=!low", "declared.yaml", "--indirectOnly", "!true"), "c"),
        (("--sort=-rto", "--backend", "redis"), "a b c"),
    ],
)
def test_declared_fields_are_options(run: Run, repository: Path, options: tuple[str, ...], names: str) -> None:
    """A field that the registry declares is an option of the command, in any case, and a sort key."""
    (repository / "declared.yaml").write_text(DECLARED, encoding="utf-8")
    files = () if "declared.yaml" in options else ("declared.yaml",)
    done = run("list", *files, "--format", "names", *options)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    assert done.stdout.decode().split() == names.split()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--indirctOnly", "true"), "unknown option '--indirctOnly': did you mean '--indirectOnly'?"),
        (("--bakend", "redis"), "unknown option '--bakend': did you mean '--backend'?"),
        (("--zzz",), "unknown option '--zzz'"),
        (("--zzz", "declared.yaml"), "unknown option '--zzz'"),
        (
            ("--tier=low", "--zzz=1", "--teir=1"),
            "option '--zzz'; unknown option '--teir': did you mean '--tier'",
        ),
        (("--columns", "name,teir"), "unknown column 'teir'; did you mean 'tier'?"),
        (("--sort", "teir"), "unknown sort field 'teir'; did you mean 'tier'?"),
        (("--tier=",), "'tier' is empty, so it has no effect: give it a value, or remove it"),
    ],
)
def test_what_is_not_declared_is_no_option(
    run: Run, repository: Path, options: tuple[str, ...], message: str
) -> None:
    """An option that the registry does not declare ends with 2, and the fields are among the suggestions."""
    (repository / "declared.yaml").write_text(DECLARED, encoding="utf-8")
    done = run("list", *(() if "declared.yaml" in options else ("declared.yaml",)), *options)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode().splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--size", "5"), "a"),
        (("--write=true",), "b"),
        (("--b",), "a"),
        (("--colo", "red", "--backend", "redis"), "c"),
    ],
)
def test_the_beginning_of_an_option_is_a_field(
    run: Run, repository: Path, options: tuple[str, ...], names: str
) -> None:
    """A declared field is a filter, even if a built-in option begins with its name."""
    (repository / "short.yaml").write_text(
        "x-fields: {size: integer, write: boolean, b: boolean, colo: text}\n"
        "x-state-stores:\n"
        "  a: {backend: redis, prefix: a, service: Auth, purpose: p, size: 5, b: true}\n"
        "  b: {backend: redis, prefix: b, service: Auth, purpose: p, size: 6, write: true}\n"
        "  c: {backend: redis, prefix: c, service: Auth, purpose: p, colo: red}\n",
        encoding="utf-8",
    )
    done = run("list", "short.yaml", "--format", "names", *options)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    assert done.stdout.decode().split() == names.split()


def test_an_option_is_written_in_full(run: Run) -> None:
    """The beginning of a built-in option is not that option, and the message names it."""
    done = run("list", "--serv", "Auth")
    assert done.returncode == 2
    assert "unknown option '--serv': did you mean '--service'?" in done.stderr.decode()


def test_options_of_the_command_are_no_fields() -> None:
    """No option of the command can be declared as a field: it could not be a filter."""
    command = CommandParser(prog="list")
    list_command.add(SimpleNamespace(add_parser=lambda *_, **__: command), "")
    options = [option.removeprefix("--") for action in command.arguments for option in action.option_strings]
    assert len(options) > len(FILTERS)
    assert [option for option in options if may_be_own(option)] == []


def test_rules_of_the_registry_in_every_report(run: Run, repository: Path) -> None:
    """Text, JSON, GitHub and SARIF have what breaks a rule, with its severity, its place and its message."""
    (repository / "declared.yaml").write_text(DECLARED, encoding="utf-8")
    message = "rule has-tier: the store 'c' needs 'tier': add 'tier: ...' to it (ask)"
    done = run("check", "declared.yaml")
    assert done.returncode == 0
    assert f"declared.yaml:7:3: warning: {message} [own_rule]" in done.stdout.decode().splitlines()
    found = json.loads(run("check", "declared.yaml", "--format", "json").stdout)
    assert [(each["line"], each["column"], each["severity"]) for each in found if each["kind"] == "own_rule"] == [
        (5, 78, "info"),
        (7, 3, "warning"),
    ]
    assert f"title=own_rule::{message}" in run("check", "declared.yaml", "--format", "github").stdout.decode()
    results = json.loads(run("check", "declared.yaml", "--format", "sarif").stdout)["runs"][0]["results"]
    assert [each["ruleId"] for each in results if each["level"] == "warning"] == ["has-tier"]
    assert [each["rule"] for each in found if each["kind"] == "own_rule"][1:] == ["has-tier"]
    assert run("check", "declared.yaml", "-W").returncode == 1


def test_a_store_in_full_has_declared_fields(run: Run, repository: Path) -> None:
    """``show`` has the values under their labels."""
    (repository / "declared.yaml").write_text(DECLARED, encoding="utf-8")
    shown = [line.split("  ") for line in run("show", "b", "declared.yaml").stdout.decode().splitlines()]
    facts = {line[1]: line[-1].strip() for line in shown if len(line) > 2}
    assert (facts["Service Tier"], facts["Indirect Only"], facts["Rto"]) == ("low", "no", "4h")
