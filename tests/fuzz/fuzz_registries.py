"""Random registries and guides through the reader, the rules, every report, every export and the command."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import yaml
from fuzz_dice import CANARY, Dice
from fuzz_documents import Grammar, damage, mutate, write
from fuzz_promises import (
    EXPORTS,
    LINE_LIMIT,
    as_values,
    check_line,
    check_no_canary,
    check_problems,
    check_reporters,
    check_texts,
    promise,
)

from sphinx_statestores.checks.lint import lint
from sphinx_statestores.cli import main
from sphinx_statestores.export import format_called
from sphinx_statestores.export.format import ExportOptions
from sphinx_statestores.registry import reader
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.problems import Problem, has_errors
from sphinx_statestores.registry.source import decode_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fuzz_documents import Pairs

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.source import SourceText

    Sources = list[SourceText | Problem]

CASES = Path(__file__).resolve().parents[1]
PARSERS = ["CSafeLoader", "SafeLoader"] if yaml.__with_libyaml__ else ["SafeLoader"]
REGISTRY, GUIDE = "schemas/state-stores.yaml", "schemas/state-stores-guide.yaml"

#: What the registry's documentation names: pure Python refuses a tab where libyaml takes it.
_READ_DIFFERENTLY = b"\t"

#: The registry beside each guide.
BESIDE = b"""\
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions, x-note: n}
  auth-lock: {backend: redis, prefix: 'auth:lock', service: Auth, purpose: Locks of `item`, readers: [Item]}
  account-statestore: {backend: mysql, service: Account, purpose: Accounts, status: deprecated}
  item: {backend: memory, service: Item, purpose: '<b>Items</b> | "all"'}
"""


#: What a checkout, a build or a shell executes by its name.
_EXECUTED = re.compile(
    r"(?i)(^|/)(conf\.py|makefile|\.env|\.git[. ]*/.*|git~1/.*|\.ci/.*|\.github/workflows/.*|hooks/.*)$"
)


class Checkout:
    """A repository on the disk, with things in it and around it that nothing may show or change."""

    #: Inside of the repository: what a registry may not replace, and two earlier outputs.
    PROTECTED = (
        *("conf.py", "docs/conf.py", "Makefile", ".ci/run", ".github/workflows/ci.yml", ".env", ".gitignore"),
        *(".git/config", ".git/hooks/pre-commit", "notes.csv", "docs/index.rst", "docs/_ext/x.py", "pyproject.toml"),
        *("setup.py", "conftest.py", ".pre-commit-config.yaml", "tools/t.jinja"),
    )

    def __init__(self, folder: Path) -> None:
        self.outside, self.project = folder / "outside", folder / "project"
        self._made = False

    def make(self) -> None:
        """Write everything that is not there any more; remove everything that should not be there."""
        shutil.rmtree(self.outside, ignore_errors=True)
        shutil.rmtree(self.project, ignore_errors=True)
        secret = f"secret {CANARY}\n"
        for name in ("secret.txt", "victim.csv", "victim.md"):
            _put(self.outside / name, secret)
        for name in self.PROTECTED:
            _put(self.project / name, "plain\n" if name.startswith(("tools", "notes")) else secret)
        _put(self.project / "docs/old.csv", "name\n")
        for name, target in {
            "link": "../outside",
            "link.csv": "../outside/victim.csv",
            "loop": "loop",
            "dangling.csv": "../outside/new.csv",
            "tools/link.jinja": "../../outside/secret.txt",
        }.items():
            (self.project / name).symlink_to(target)
        (self.project / "schemas").mkdir()
        self._before = self.protected()
        self._made = True

    def protected(self) -> dict[str, bytes]:
        """Return what must stay as it is: all outside, and the files of the repository that are no outputs."""
        found = {str(path): path.read_bytes() for path in sorted(self.outside.rglob("*")) if path.is_file()}
        for name in self.PROTECTED:
            path = self.project / name
            found[name] = path.read_bytes() if path.is_file() else b"(gone)"
        return found

    @contextlib.contextmanager
    def with_files(self, files: dict[str, bytes]) -> Iterator[None]:
        """Go to the repository, with these files in it; see to it that nothing else has changed at the end."""
        if not self._made:
            self.make()
        for name, data in files.items():
            (self.project / name).write_bytes(data)
        with contextlib.chdir(self.project):
            yield
        after = self.protected()
        changed = sorted(name for name in after.keys() | self._before if after.get(name) != self._before.get(name))
        there = {path.relative_to(self.project).as_posix() for path in self.project.rglob("*") if path.is_file()}
        executed = sorted(name for name in there - set(self.PROTECTED) if _EXECUTED.search(name))
        if changed or executed or len(there) > 60:
            self._made = False
        promise("no output replaces what it must not", not changed, changed)
        promise("no output is something that is executed", not executed, executed)


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run_command(*arguments: str) -> tuple[int, str, str]:
    """Run the command in this process; return its status and what it printed."""
    written, err = io.BytesIO(), io.StringIO()
    out = io.TextIOWrapper(written, "utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main(list(arguments))
        except SystemExit as ended:
            status = int(ended.code or 0)
    out.flush()
    return status, written.getvalue().decode("utf-8", "surrogateescape"), err.getvalue()


class Registries:
    """A registry file."""

    name = "registry"
    suffix = ".yaml"
    #: The file that a case is.
    path = REGISTRY

    def __init__(self, folder: Path) -> None:
        self._checkout = Checkout(folder / self.name)

    def make(self, dice: Dice) -> bytes:
        """Return a file: from the grammar, or a damaged one of the test suite."""
        if dice.chance(0.1):
            files = sorted([*CASES.glob("registry/cases/*.yaml"), *CASES.glob("checks/lint_cases/*.yaml")])
            return damage(dice, dice.one(files).read_text(encoding="utf-8", errors="replace"), dice.few(6))
        root = self.document(Grammar(dice, dice.one([0.0, 0.02, 0.1, 0.3])))
        mutate(dice, root, dice.one([0, 0, 1, 1, 2, 3, 5]))
        return damage(dice, write(root, dice), dice.one([0, 0, 0, 1, 2, 4]))

    def document(self, grammar: Grammar) -> Pairs:
        """Return the content of a file."""
        return grammar.registry()

    def files(self, data: bytes) -> dict[str, bytes]:
        """Return all files that are read together."""
        return {self.path: data}

    def check(self, data: bytes) -> None:
        """Hold everything that is promised of a file."""
        files = self.files(data)
        registry, problems = self._load(files, data)
        findings = lint(registry, None, problems)
        promise("the rules find the same again", lint(registry, None, problems) == findings)
        check_problems(findings, files)
        check_texts(registry, findings)
        check_reporters(findings)
        for name, check in EXPORTS.items():
            written = format_called(name).write(registry, ExportOptions())
            check_problems(written.problems, files)
            if not has_errors(written.problems):
                check(written.text, registry)
        self._run(data, files)

    def _load(self, files: dict[str, bytes], data: bytes) -> tuple[Registry, list[Problem]]:
        sources: Sources = [decode_source(path, data) for path, data in files.items()]
        found: list[tuple[Registry, list[Problem]]] = []
        for name in PARSERS:
            loader: Any = getattr(yaml, name)
            with patch.object(reader, "PARSER", loader):
                registry, problems = load_sources(sources)
                # Pure Python takes ten times as long.
                if name == PARSERS[0] or sum(data) % 5 == 0:
                    again = load_sources(sources)
                    promise("loading gives the same again", again == (registry, problems))
            check_problems(problems, files)
            places = [problem.location for problem in problems]
            for path in files:
                own = [place for place in places if place.path == path]
                promise("problems are in the order of their places", own == sorted(own), own)
            for store in registry.stores:
                promise("a store's backend is known", store.backend in registry.backends, store)
                promise("a store's service is known", store.service in registry.services, store)
            found.append((registry, problems))
        if not any(_READ_DIFFERENTLY in data for data in files.values()):
            (one, problems), (other, others) = found[0], found[-1]
            both_sound = [has_errors(problems), has_errors(others)]
            promise("both parsers find errors or none", len(set(both_sound)) == 1, (problems, others))
            promise("both parsers read the same", as_values(one) == as_values(other), (problems, others))
        return found[0]

    def _run(self, data: bytes, files: dict[str, bytes]) -> None:
        """Run one of the commands, picked by the content of the file."""
        names = list(files)
        commands = (
            ["check", "--format", ("text", "json", "github", "sarif")[len(data) % 4]],
            ["list", "--all"],
            ["generate", ("markdown", "csharp", "json", "csv")[len(data) % 4]],
        )
        self.run_and_check([*commands[sum(data) % len(commands)], *names], files)

    def run_and_check(self, arguments: list[str], files: dict[str, bytes]) -> None:
        """Run a command over files; it ends by itself and shows nothing of what is outside."""
        with self._checkout.with_files(files):
            status, printed, said = run_command(*arguments)
        promise("the command can run", status in {0, 1}, (status, said))
        check_no_canary(printed + said, "what the command prints")
        for line in said.split("\n"):
            check_line(line, LINE_LIMIT)


class Guides(Registries):
    """A guide beside a registry."""

    name = "guide"
    path = GUIDE

    def document(self, grammar: Grammar) -> Pairs:
        """Return the content of a guide."""
        return grammar.guide()

    def files(self, data: bytes) -> dict[str, bytes]:
        """Return the registry and the guide."""
        return {REGISTRY: BESIDE, GUIDE: data}

    def _run(self, data: bytes, files: dict[str, bytes]) -> None:
        """Check, compare and write the declared outputs, if any."""
        if b"x-outputs" not in data:
            super()._run(data, files)
            return
        checks = (["check"], ["generate", "outputs", "--check"], ["check", "--format", "github"])
        for arguments in (checks[len(data) % len(checks)], ["generate", "outputs"]):
            with self._checkout.with_files(files):
                status, printed, said = run_command(*arguments)
            promise("the command ends by itself", status in {0, 1, 2}, (status, said))
            check_no_canary(printed + said, "what the command prints")
            for line in said.split("\n"):
                check_line(line, LINE_LIMIT)
