"""Comments ``# statestores: ignore[rule]`` -> the lint rules that they silence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.registry.model import Ignore
from sphinx_statestores.registry.problems import RULES, Kind, Location
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.rules import find_registry_rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sphinx_statestores.registry.comments import Comment
    from sphinx_statestores.registry.shapes import Inspector

_IGNORE = re.compile(r"#[ \t]*statestores:[ \t]*ignore(?![\w-])[ \t]*(?P<list>\[(?P<rules>[^\[\]#]*)(?P<end>\])?)?")


def read_ignores(inspector: Inspector, comments: Iterable[Comment], own: Mapping[str, str]) -> Iterator[Ignore]:
    """Yield what the comments of a file silence; report names of unknown rules.

    *own* are the rules of the user's own: name with ``_`` for ``-`` -> name.
    """
    for comment in comments:
        match = _IGNORE.match(comment.text)
        if match is None:
            continue
        place = Location(inspector.path, comment.line, comment.column)
        if match["list"] is None:
            yield Ignore(place, None, comment.stands_alone)
            continue
        # Without this limit, a long line would give one problem for each of its unknown names.
        if match["rules"].count(",") > len(RULES) + len(own):
            message = f"{shown(match[0])} names more rules than exist: write 'ignore' to ignore all rules"
            inspector.report(Kind.UNKNOWN_RULE, message, place)
            continue
        names = [name for part in match["rules"].split(",") if (name := part.strip())]
        if match["end"] is None or not names:
            message = f"{shown(match[0])} names no rule: write 'ignore[RULE]', or 'ignore' to ignore all rules"
            inspector.report(Kind.UNKNOWN_RULE, message, place)
            continue
        rules: dict[str, None] = {}
        for name in names:
            rule, fault = find_registry_rule(name, inspector.suggestion, own)
            if fault:
                inspector.report(Kind.UNKNOWN_RULE, fault, place)
            else:
                rules[rule] = None
        if rules:
            yield Ignore(place, tuple(rules), comment.stands_alone)
