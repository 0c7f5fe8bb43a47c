"""``statestores check``, run as users run it: each format, the exit statuses, colours, standard input."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from sphinx_statestores import __version__
from sphinx_statestores.cli import main
from sphinx_statestores.cli.reporters import REPORTERS, to_github, to_json, to_sarif, to_text
from sphinx_statestores.registry.problems import Kind, Location, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Run, RunInTerminal

SOUND = """\
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth-statestore, service: Auth, purpose: Sessions}
"""
ODD = SOUND.replace("}", ", colour: red}")
BAD = """\
x-state-stores:
  auth: {backend: redsi, service: Auth, purpose: Sessions}
  mail-lock: {backend: redis, prefix: mail, service: Mail}
"""
#: Everything that a terminal would obey, that turns lines round, or that breaks a report's own syntax.
NASTY = 'a\x1b[31m\x9b\r\nb\u202e\u2066\u200f\x00"%:,::[x](http://example.com)\udcff'
HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.usefixtures("repository")
def test_a_sound_registry(run: Run) -> None:
    """A registry without problems prints nothing, is summed up on standard error, and exits with 0."""
    write("schemas/state-stores.yaml", SOUND)
    done = run("check")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"no problems in 1 store\n")


@pytest.mark.usefixtures("repository")
def test_every_problem_is_a_line(run: Run) -> None:
    """Text is one line a problem, as compilers print it, without colours in a pipe; an error exits with 1."""
    write("bad.yaml", BAD)
    done = run("check", "bad.yaml")
    assert done.returncode == 1
    assert done.stdout.decode().splitlines() == [
        "bad.yaml:2:19: error: unknown backend 'redsi' of the store 'auth'; did you mean 'redis'? [unknown_backend]",
        "bad.yaml:3:3: warning: the store 'mail-lock' has no 'purpose': add a sentence that says what it is for "
        "[missing_purpose]",
    ]
    assert done.stderr == b"1 error, 1 warning; 1 store can be used\n"


@pytest.mark.parametrize(
    ("text", "options", "status"),
    [
        (SOUND, (), 0),
        (SOUND, ("-W",), 0),
        (ODD, (), 0),
        (ODD, ("-W",), 1),
        (ODD, ("--fail-on-warning",), 1),
        (BAD, (), 1),
        ("", (), 1),
        ("{", (), 1),
        (None, (), 1),
        (SOUND, ("--nonsense",), 2),
        (SOUND, ("--format", "xml"), 2),
        (SOUND, ("--color", "blue"), 2),
    ],
)
@pytest.mark.usefixtures("repository")
def test_exit_statuses(run: Run, text: str | None, options: tuple[str, ...], status: int) -> None:
    """1 is for an error, with ``-W`` for a warning, and for a file that is not there; 2 for bad usage."""
    if text is not None:
        write("a.yaml", text)
    done = run("check", "a.yaml", *options)
    assert done.returncode == status
    assert b"Traceback" not in done.stderr
    assert (b"usage: " in done.stderr) == (status == 2)


@pytest.mark.usefixtures("repository")
def test_a_missing_registry_is_a_problem(run: Run) -> None:
    """Without a registry the file that was looked for is reported, in the format that was asked for."""
    done = run("check", "--format", "json")
    assert done.returncode == 1
    (found,) = json.loads(done.stdout)
    assert (Path(found["file"]), found["line"], found["kind"]) == (
        Path("schemas/state-stores.yaml"),
        0,
        "unreadable_file",
    )


@pytest.mark.usefixtures("repository")
def test_several_files_are_one_registry(run: Run) -> None:
    """Several files merge: a store that two define is reported in the second, with the place of the first."""
    write("a.yaml", SOUND)
    write("b.yaml", SOUND)
    done = run("check", "a.yaml", "b.yaml")
    assert done.returncode == 1
    assert done.stdout.decode() == (
        "b.yaml:2:3: error: 'auth-statestore' is defined twice in 'x-state-stores'; the definition at "
        "a.yaml:2:3 is used [duplicate_name]\n"
    )


@pytest.mark.usefixtures("repository")
def test_options_and_files_in_any_order(run: Run) -> None:
    """A file may follow an option that follows a file, and after ``--`` may begin with a hyphen."""
    for name in ("a.yaml", "b.yaml", "-c.yaml"):
        write(name, SOUND.replace("auth-", f"auth-{Path(name).stem.strip('-')}-"))
    assert run("check", "a.yaml", "-W", "b.yaml").stderr == b"no problems in 2 stores\n"
    assert run("check", "-W", "--", "-c.yaml").stderr == b"no problems in 1 store\n"


@pytest.mark.usefixtures("repository")
def test_standard_input(run: Run) -> None:
    """``-`` is standard input, which messages call ``<stdin>``, beside other files too."""
    write("a.yaml", SOUND)
    done = run("check", "-", input=BAD.encode())
    assert done.returncode == 1
    assert done.stdout.startswith(b"<stdin>:2:19: error: ")
    done = run("check", "a.yaml", "-", input=SOUND.replace("auth-", "auth-mail-").encode())
    assert (done.returncode, done.stderr) == (0, b"no problems in 2 stores\n")
    done = run("check", "-", input=b"\xff")
    assert (done.returncode, b"<stdin>:1:1: error: " in done.stdout) == (1, True)


@pytest.mark.usefixtures("repository")
def test_rules_of_taste(run: Run) -> None:
    """Rules are checked with the settings of the registry: a hint is no failure, an error is; a comment silences."""
    text = SOUND + "  sessions: {backend: redis, prefix: sessions, service: Auth, purpose: Sessions}\n"
    write("a.yaml", text)
    done = run("check", "a.yaml", "-W")
    assert (done.returncode, done.stderr) == (0, b"1 hint in 2 stores\n")
    assert done.stdout.startswith(b"a.yaml:3:3: info: the name 'sessions' matches no naming convention")
    write("b.yaml", "x-lint: {naming-convention: error}\n")
    done = run("check", "a.yaml", "b.yaml")
    assert (done.returncode, done.stderr) == (1, b"1 error in 2 stores\n")
    write("a.yaml", text.rstrip() + " # statestores: ignore[naming-convention]\n")
    assert run("check", "a.yaml", "b.yaml").stderr == b"no problems in 2 stores\n"


@pytest.mark.usefixtures("repository")
def test_standard_input_is_read_once(run: Run) -> None:
    """Standard input cannot be two files; what is no file to read from is bad usage as well."""
    done = run("check", "-", "-", input=SOUND.encode())
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"statestores: standard input can be read once only\n"


@pytest.mark.parametrize("name", list(REPORTERS))
@pytest.mark.usefixtures("repository")
def test_standard_output_has_the_report_alone(run: Run, name: str) -> None:
    """In every format standard output is what the function for it returns, and nothing else."""
    write("bad.yaml", BAD)
    done = run("check", "bad.yaml", "--format", name)
    problems = [
        Problem(
            Kind.UNKNOWN_BACKEND,
            "unknown backend 'redsi' of the store 'auth'; did you mean 'redis'?",
            Location("bad.yaml", 2, 19),
        ),
        Problem(
            Kind.MISSING_PURPOSE,
            "the store 'mail-lock' has no 'purpose': add a sentence that says what it is for",
            Location("bad.yaml", 3, 3),
        ),
    ]
    assert done.returncode == 1
    assert done.stdout.decode() == REPORTERS[name].report(problems)
    assert bool(done.stderr) == REPORTERS[name].for_people


def test_json_is_an_array_of_objects() -> None:
    """JSON has one object a problem, with exactly these members; nothing is an empty array."""
    problem = Problem(Kind.UNKNOWN_FIELD, "unknown field 'é'", Location("ä.yaml", 3, 5))
    assert json.loads(to_json([problem])) == [
        {
            "file": "ä.yaml",
            "line": 3,
            "column": 5,
            "severity": "warning",
            "kind": "unknown_field",
            "message": "unknown field 'é'",
        }
    ]
    assert to_json([]) == "[]\n"


def test_a_severity_of_the_projects_choice() -> None:
    """A rule whose severity a project has set is reported with that one, in every format."""
    problem = Problem(Kind.UNKNOWN_FIELD, "x", Location("a.yaml", 1, 1), Severity.INFO)
    assert to_text([problem]) == "a.yaml:1:1: info: x [unknown_field]\n"
    assert json.loads(to_json([problem]))[0]["severity"] == "info"
    assert to_github([problem]).startswith("::notice ")
    assert json.loads(to_sarif([problem]))["runs"][0]["results"][0]["level"] == "note"


def test_github_commands_are_escaped() -> None:
    """In a workflow command a percent sign, a colon and a comma of the input end nothing and begin nothing."""
    problem = Problem(Kind.UNREADABLE_FILE, "100%: a, b\n::error::x", Location("a,b:c%.yaml", 3, 0))
    assert to_github([problem]) == (
        "::error file=a%2Cb%3Ac%25.yaml,line=3,title=unreadable_file::100%25: a, b\\n::error::x\n"
    )


def unescaped(text: str) -> str:
    """Read a workflow command's data as GitHub does."""
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, char)
    return text


@pytest.mark.parametrize("report", [to_text, to_github, to_json, to_sarif])
@pytest.mark.parametrize("colour", [False, True])
def test_nothing_that_a_terminal_obeys(report: Callable[..., str], colour: bool) -> None:
    """No report has a control, escape or direction character of the input, and a problem stays one line."""
    problem = Problem(Kind.NOT_YAML, NASTY, Location(NASTY, 1, 1))
    text = report([problem], colour=colour)
    own = re.sub(r"\x1b\[[0-9;]*m", "", text) if report is to_text and colour else text
    assert not HARMFUL.search(own)
    assert "http://example.com" in own
    if report in {to_text, to_github}:
        assert text.count("\n") == 1
    if report is to_github:
        properties, _, message = text.removeprefix("::error ").partition("::")
        shown = unescaped(message.rstrip("\n"))
        assert shown == unescaped(properties.split(",")[0].removeprefix("file="))
        assert "::[x]" in shown
    if report is to_json:
        assert json.loads(text)[0]["message"] == NASTY


def sarif_of(problems: list[Problem]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the one run of a log, whose shape is checked against the specification's requirements, and its results.

    Section numbers are those of SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    log = json.loads(to_sarif(problems))
    assert set(log) == {"$schema", "version", "runs"}  # 3.13
    assert log["version"] == "2.1.0"  # 3.13.2
    (run,) = log["runs"]
    assert set(run) == {"tool", "columnKind", "results"}  # 3.14
    assert run["columnKind"] == "unicodeCodePoints"  # 3.14.17
    driver = run["tool"]["driver"]  # 3.18.2
    assert set(driver) == {"name", "semanticVersion", "rules"}  # 3.19
    for rule in driver["rules"]:  # 3.49
        assert set(rule) == {"id", "shortDescription", "help", "defaultConfiguration"}
        assert rule["shortDescription"]["text"]  # 3.12.3
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}  # 3.50.3
    results = run["results"]
    assert len(results) == len(problems)
    for result in results:  # 3.27
        assert set(result) == {"ruleId", "ruleIndex", "level", "message", "locations"}
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]  # 3.27.6
        assert result["level"] in {"error", "warning", "note"}  # 3.27.10
        assert result["message"]["text"]  # 3.11.8
        (location,) = result["locations"]  # 3.28
        physical = location["physicalLocation"]  # 3.29
        uri = physical["artifactLocation"]["uri"]  # 3.4.3
        assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+|file:///.*", uri)  # RFC 3986, 4.2
        region = physical.get("region", {"startLine": 1})  # 3.30
        assert region["startLine"] >= 1  # 3.30.5
        assert region.get("startColumn", 1) >= 1  # 3.30.6
    return run, results


def test_sarif() -> None:
    """A SARIF log has the required shape, a rule for every kind, and says where each problem is."""
    run, results = sarif_of(
        [
            Problem(Kind.DRIFT, "has drifted", Location("schemas/a b.yaml", 2, 3)),
            Problem(Kind.NO_STORES, "is empty", Location("../b.yaml", 4)),
            Problem(Kind.UNREADABLE_FILE, "there is no such file", Location("c:d%.yaml")),
        ]
    )
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("statestores", __version__)
    assert {rule["id"] for rule in driver["rules"]} == {kind.subtype for kind in Kind}
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert [place["artifactLocation"]["uri"] for place in places] == [
        "schemas/a%20b.yaml",
        "../b.yaml",
        "c%3Ad%25.yaml",
    ]
    assert [place.get("region") for place in places] == [{"startLine": 2, "startColumn": 3}, {"startLine": 4}, None]
    assert [result["level"] for result in results] == ["error", "warning", "error"]


def test_sarif_of_rules_of_ones_own() -> None:
    """A rule of the user's own that found something is a rule of the log, once, and its problems are of that rule."""
    found = [
        Problem(Kind.OWN_RULE, "x", Location("a.yaml", line, 1), rule=name) for line, name in enumerate("bab", 1)
    ]
    run, results = sarif_of([*found, Problem(Kind.OWN_RULE, "x", Location("a.yaml", 9, 1))])
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules[len(Kind) :]] == ["a", "b"]
    assert [result["ruleId"] for result in results] == ["b", "a", "b", "own_rule"]
    assert [rules[result["ruleIndex"]]["id"] for result in results] == [result["ruleId"] for result in results]


def test_sarif_of_a_sound_registry() -> None:
    """Without problems there is a run with an empty list, which closes what code scanning had open."""
    _, results = sarif_of([])
    assert results == []


def test_sarif_of_nasty_values() -> None:
    """The input makes no link of a message, and a file's name of any bytes is percent-encoded."""
    _, (result,) = sarif_of([Problem(Kind.NOT_YAML, "[x](http://example.com) [y]", Location("\udcff\u202e.yaml", 1))])
    assert result["message"]["text"] == r"\[x](http://example.com) [y]"
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "%FF%E2%80%AE.yaml"
    assert unquote(uri, errors="surrogateescape") == "\udcff\u202e.yaml"


def test_sarif_of_an_absolute_path(tmp_path: Path) -> None:
    """An absolute path is a ``file`` address (RFC 8089)."""
    path = tmp_path / "a b.yaml"
    _, (result,) = sarif_of([Problem(Kind.NOT_YAML, "x", Location(str(path), 1))])
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == path.as_uri()


COLOURED = "\x1b[1mbad.yaml:3:3:\x1b[0m \x1b[1;33mwarning:\x1b[0m the store 'mail-lock' has no 'purpose': "


@pytest.mark.parametrize(
    ("options", "environment", "coloured"),
    [
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"NO_COLOR": ""}, True),
        ((), {"TERM": "dumb"}, False),
        (("--color", "never"), {}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--format", "json"), {"FORCE_COLOR": "1"}, False),
    ],
)
@pytest.mark.usefixtures("repository")
def test_colours_in_a_terminal(
    run_in_terminal: RunInTerminal, options: tuple[str, ...], environment: dict[str, str], coloured: bool
) -> None:
    """A terminal gets colours, unless ``NO_COLOR``, a dumb terminal, an option or the format is against it."""
    write("bad.yaml", BAD)
    text, status = run_in_terminal("check", "bad.yaml", *options, **environment)
    assert status == 1
    assert ("\x1b" in text) == coloured
    assert (COLOURED in text) == coloured


@pytest.mark.parametrize(
    ("options", "environment", "coloured"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "always"), {}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
    ],
)
@pytest.mark.usefixtures("repository")
def test_colours_in_a_pipe(run: Run, options: tuple[str, ...], environment: dict[str, str], coloured: bool) -> None:
    """A pipe gets colours only when they are asked for."""
    write("bad.yaml", BAD)
    done = run("check", "bad.yaml", *options, env=environment)
    assert (b"\x1b" in done.stdout) == coloured


@pytest.mark.usefixtures("repository")
def test_a_nasty_registry_in_a_terminal(run_in_terminal: RunInTerminal) -> None:
    """Keys and values of a registry reach a terminal escaped, though YAML can spell any character."""
    escaped = r"a\e[31m\u202e\u200f\u009b"
    write(
        "bad.yaml",
        f"""\
x-state-stores:
  "{escaped}": {{backend: redis, service: A, purpose: x}}
  b: {{backend: "{escaped}", service: A, purpose: x, "{escaped}": 1}}
  c: {{backend: redis, prefix: c, service: "{escaped}", purpose: "{escaped}", keys: [{{"{escaped}": 1}}]}}
""",
    )
    text, status = run_in_terminal("check", "bad.yaml", "--color", "never")
    assert status == 1
    assert text.count("\n") >= 6
    assert not HARMFUL.search(text)


@pytest.mark.usefixtures("repository")
def test_called_as_a_function(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """The command can be called in a process, and returns its status."""
    write("odd.yaml", ODD)
    assert main(["check", "odd.yaml"]) == 0
    assert main(["check", "odd.yaml", "-W"]) == 1
    printed = capsysbinary.readouterr()
    assert printed.out.count(b"warning: unknown field 'colour'") == 2
    assert printed.err == b"1 warning in 1 store\n" * 2


@pytest.mark.usefixtures("repository")
def test_a_hundred_of_a_kind_are_reported(run: Run) -> None:
    """People get a hundred problems of a kind and a count, or all when they ask; programs always get all."""
    stores = "".join(f"  a{n}: {{backend: redsi, service: A, purpose: p}}\n" for n in range(130))
    write("a.yaml", f"x-state-stores:\n{stores}")
    text = run("check", "a.yaml")
    assert len(text.stdout.splitlines()) == 101
    assert b"... and 30 more of this kind (--all shows them) [unknown_backend]" in text.stdout
    assert b"130 errors" in text.stderr
    assert len(run("check", "a.yaml", "--all").stdout.splitlines()) == 130
    assert len(json.loads(run("check", "a.yaml", "--format", "json").stdout)) == 130


def test_the_size_limit_of_standard_input(run: Run) -> None:
    """Standard input is read up to the limit as well."""
    done = run("check", "-", "--size-limit", "0.001", input=b"#" * 2000)
    assert b"<stdin>: error: the file is larger than the limit of 1,048 bytes" in done.stdout
    assert done.returncode == 1
