"""``statestores generate outputs``: writes all files that the registry declares."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx_statestores.cli.outcome import FAILED, OK, UnusableError
from sphinx_statestores.cli.output import complain, print_difference
from sphinx_statestores.export.files import drift, write_if_different
from sphinx_statestores.export.outputs import Project, render_outputs
from sphinx_statestores.registry.problems import Problem, has_errors

if TYPE_CHECKING:
    from sphinx_statestores.cli.arguments import Loaded
    from sphinx_statestores.export.outputs import Rendered

#: The word instead of a format.
OUTPUTS = "outputs"


def generate_outputs(loaded: Loaded, *, check: bool, force: bool) -> int:
    """Write the declared outputs that differ, or with *check* print how they do; return the exit status.

    Takes a registry without errors; with *force*, files are replaced that are no earlier outputs. Raises
    UnusableError when there are no outputs, or when one cannot be written.
    """
    if not loaded.registry.guide.outputs:
        raise UnusableError("no registry file declares outputs: list them in 'x-outputs'")
    rendered: list[Rendered] = []
    problems: list[Problem] = []
    for item in render_outputs(Project(loaded.registry, loaded.files, loaded.root), may_replace=force):
        if isinstance(item, Problem):
            problems.append(item)
            complain(str(item))
        else:
            rendered.append(item)
    if has_errors(problems):
        complain("statestores: an output is not valid, nothing is generated")
        return FAILED
    differences = []
    for item in rendered:
        try:
            if check:
                # Relative to the current folder, where patches are applied and terminals open files.
                path = Path(os.path.relpath(item.path))
                differences.append(drift(path, item.text, root=item.root))
            elif write_if_different(item.path, item.text, root=item.root):
                complain(f"statestores: wrote {item.name}")
        except OSError as error:
            raise UnusableError(f"{item.name}: {error.strerror}") from error
    print_difference("".join(differences))
    return FAILED if any(differences) else OK
