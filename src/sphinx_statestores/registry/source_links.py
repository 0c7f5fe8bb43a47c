"""Where a line of a registry can be read in a browser: templates of addresses, and what fills them."""

from __future__ import annotations

import os
import string
from urllib.parse import quote

from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import did_you_mean

#: The fields of a template: the file's path from the root of its repository, the line, a branch or tag, and the name
#: of the folder that is the root.
SOURCE_FIELDS = ("path", "line", "ref", "repo")
#: What ``{ref}`` stands for where nobody says it.
DEFAULT_REF = "main"


def template_fault(value: str, known: tuple[str, ...]) -> str:
    """Return what is wrong with a template that may have the *known* fields; empty if it is valid."""
    try:
        parsed = [parts[1:] for parts in string.Formatter().parse(value) if parts[1] is not None]
    except ValueError:
        return (
            f"{shown(value)} is not a valid template: it has an unmatched brace; write '{{{{' or '}}}}' for a brace"
        )
    for part, format_of_it, conversion in parsed:
        if part not in known:
            near = did_you_mean(part or "", known)
            return f"unknown field {shown(part or '')} in {shown(value)}{near} (the fields are {', '.join(known)})"
        if format_of_it or conversion:
            # It could fail on a value, and it could hold a field of its own.
            return (
                f"the field {part!r} in {shown(value)} must have no format and no conversion: write only the name "
                "in braces"
            )
    return ""


def source_address(template: str, path: str, line: int, ref: str, repo: str = "") -> str:
    """Return the address of a line of a file; nothing for no template, which is a sound one."""
    if not template:
        return ""
    # Not as text: the name of a file may be none.
    quoted = {"path": quote(os.fsencode(path)), "ref": quote(ref), "repo": quote(os.fsencode(repo))}
    return template.format_map({**quoted, "line": line})
