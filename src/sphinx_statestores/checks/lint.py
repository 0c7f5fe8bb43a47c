"""A registry -> problems found by its lint rules, after the project's severities, exceptions and ignore comments."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING

from sphinx_statestores.checks.lint_rules import CHECKS
from sphinx_statestores.checks.own_checks import check_own
from sphinx_statestores.registry.model import RuleSetting
from sphinx_statestores.registry.own_rules import spelled
from sphinx_statestores.registry.problems import CODE_RULES, EXTERNAL_RULES, GUARDED_RULES, Kind, Problem, Severity
from sphinx_statestores.registry.quoting import listed, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sphinx_statestores.registry.model import Ignore, Registry
    from sphinx_statestores.registry.problems import Location

_DEFAULT = RuleSetting()
#: The rules that code may break.
_OF_CODE = CODE_RULES | {Kind.REMOVED_IN_USE.subtype}


def lint(
    registry: Registry,
    overrides: Mapping[str, RuleSetting] | None = None,
    loaded: Iterable[Problem] = (),
    code: Sequence[Problem] | None = None,
) -> list[Problem]:
    """Check the lint rules; return the problems.

    *overrides* maps rules (their subtypes, or names of ``x-rules``) to settings that take precedence over ``x-lint``,
    rule by rule. *loaded* are the problems from loading the registry: settings and ignore comments apply to them,
    too, and a comment that silences one of them counts as used. The result includes *loaded*, in the order of the
    files and their lines. *code* are the problems of the code that ``x-code`` selects; None if nobody has looked for
    them. Settings and comments apply to them as well. Those in the files of the code come last.
    """
    loaded = list(loaded)
    is_complete = not registry.guide.code if code is None else _is_whole(code)
    judge = _Judge(registry, overrides)
    of_code = judge.judged(code or ())
    problems = judge.judged([*loaded, *(problem for check in (*CHECKS, check_own) for problem in check(registry))])
    # In a file with errors, a comment may be for something that was left out.
    unsound = {problem.location.path for problem in loaded if problem.severity is Severity.ERROR}
    # Pages and servers are compared elsewhere.
    unchecked = EXTERNAL_RULES if is_complete else EXTERNAL_RULES | _OF_CODE
    unused = judge.unused_ignores(lambda rule: rule not in unchecked, of_all_rules=is_complete)
    problems += judge.judged(problem for problem in unused if problem.location.path not in unsound)
    return in_order([*problems, *of_code], (file.path for file in registry.files))


def lint_code(
    registry: Registry, code: Sequence[Problem], overrides: Mapping[str, RuleSetting] | None = None
) -> list[Problem]:
    """Return problems of code after rule settings, and the ignore comments that are of no use for code.

    This is what :func:`lint` returns with *code* and not without it, except for comments that name no rules: they may
    be of use for what it finds alone.
    """
    judge = _Judge(registry, overrides)
    found = judge.judged(code)
    checked = CODE_RULES if _is_whole(code) else frozenset()
    return found + judge.judged(judge.unused_ignores(checked.__contains__, of_all_rules=False))


def _is_whole(code: Iterable[Problem]) -> bool:
    """Return whether all code was read; otherwise comments may silence what is wrong in the rest."""
    return not any(problem.kind is Kind.UNREAD_CODE for problem in code)


def in_order(problems: Iterable[Problem], files: Iterable[str]) -> list[Problem]:
    """Return problems in the order of *files* and their lines.

    Those of settings and of files that could not be read come first, those of code last.
    """
    order = {path: position for position, path in enumerate(files)}

    def key(problem: Problem) -> tuple[int, Location]:
        other = len(order) if problem.kind.subtype in _OF_CODE else -1
        return order.get(problem.location.path, other), problem.location

    return sorted(problems, key=key)


def apply_rule_settings(
    registry: Registry, problems: Iterable[Problem], overrides: Mapping[str, RuleSetting] | None = None
) -> list[Problem]:
    """Return problems after rule settings, in their order, without checking the lint rules."""
    return _Judge(registry, overrides).judged(problems)


class _Judge:
    """Applies the rule settings of a project, and records which ignore comments were used."""

    def __init__(self, registry: Registry, overrides: Mapping[str, RuleSetting] | None) -> None:
        self._registry = registry
        own = {rule: setting for rule, setting in registry.guide.lint.items() if rule not in GUARDED_RULES}
        names = {spelled(rule.name): rule.name for rule in registry.guide.rules}
        given = {names.get(spelled(rule), rule): setting for rule, setting in (overrides or {}).items()}
        self._settings = {**own, **given}
        self._exceptions = {
            rule: re.compile("|".join(map(translate, setting.exceptions)))
            for rule, setting in self._settings.items()
            if setting.exceptions
        }
        self._ignores: dict[tuple[str, int], list[Ignore]] = {}
        for ignore in registry.ignores:
            self._ignores.setdefault(_line(ignore.location), []).append(ignore)
        self._used: set[tuple[Location, str]] = set()

    def judged(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return problems without silenced ones, with the configured severities."""
        found = []
        for problem in problems:
            # Most rules have no setting.
            rules = _rules_of(problem)
            is_plain = (
                not self._ignores and problem.severity_override is None and self._settings.keys().isdisjoint(rules)
            )
            if is_plain or not problem.kind.is_rule:
                found.append(problem)
            elif not any(
                self._is_off(rule) or self._is_excepted(rule, problem.store or problem.subject) for rule in rules
            ) and not self._is_ignored(problem):
                found.append(problem._replace(severity_override=self._severity_of(problem)))
        return found

    def _severity_of(self, problem: Problem) -> Severity | None:
        """Return the configured severity: first that of a rule of the user's own, then that of the kind."""
        configured = (self._settings.get(rule, _DEFAULT).severity for rule in _rules_of(problem))
        return next(filter(None, configured), None) or problem.severity_override

    def _is_off(self, rule: str) -> bool:
        return self._settings.get(rule, _DEFAULT).is_off

    def _is_excepted(self, rule: str, name: str) -> bool:
        globs = self._exceptions.get(rule)
        return bool(globs and name and globs.match(name))

    def _is_ignored(self, problem: Problem) -> bool:
        if not self._ignores:
            return False
        rules = _rules_of(problem)
        lines = {_line(problem.location)}
        if problem.store in self._registry.by_name:
            lines.add(_line(self._registry.by_name[problem.store].location))
        covering = [ignore for line in lines for ignore in self._ignores.get(line, ()) if _covers(ignore, problem)]
        self._used.update((ignore.location, rule) for ignore in covering for rule in rules)
        return bool(covering)

    def unused_ignores(self, is_checked: Callable[[str], bool], *, of_all_rules: bool) -> list[Problem]:
        """Return a problem for each comment that has silenced nothing, if its rules are not off.

        *is_checked* takes a rule; returns whether the problems of it were judged. *of_all_rules* includes comments
        that name no rules.
        """
        useful = {location for location, _ in self._used}
        found = []
        for ignore in self._registry.ignores:
            if ignore.rules is None:
                if ignore.location in useful or not of_all_rules:
                    continue
                message = "unused comment: no problem to ignore here"
            else:
                unused = [
                    shown(rule)
                    for rule in ignore.rules
                    if (ignore.location, rule) not in self._used
                    and rule != Kind.UNUSED_IGNORE.subtype
                    and is_checked(rule)
                    and not self._is_off(rule)
                ]
                if not unused:
                    continue
                message = f"unused comment: no problem of {listed(unused, len(unused))} to ignore here"
            if ignore.stands_alone:
                message += ": put it at the end of the line with the problem"
            found.append(Problem(Kind.UNUSED_IGNORE, message, ignore.location))
        return found


def _line(location: Location) -> tuple[str, int]:
    return location.path, location.line


def _rules_of(problem: Problem) -> tuple[str, ...]:
    """Return the names by which a problem is set and ignored: that of a rule of the user's own before its kind."""
    subtype = problem.kind.subtype
    return (problem.rule, subtype) if problem.rule else (subtype,)


def _covers(ignore: Ignore, problem: Problem) -> bool:
    if problem.kind.is_guarded:
        return False
    # A comment for all rules does not silence the message that it is unused.
    if ignore.rules is None:
        return problem.kind is not Kind.UNUSED_IGNORE
    return not set(ignore.rules).isdisjoint(_rules_of(problem))
