"""``statestores generate inject``: fills the marks in Markdown pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sphinx_statestores.cli.outcome import FAILED, OK, UnusableError
from sphinx_statestores.cli.output import complain, print_difference
from sphinx_statestores.export import format_called
from sphinx_statestores.export.files import drift, write_if_different
from sphinx_statestores.export.format import ExportError, ExportOptions, write_portably
from sphinx_statestores.registry.paths import repository_root
from sphinx_statestores.registry.problems import has_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx_statestores.cli.arguments import Loaded

#: The word instead of a format that is printed.
INJECT = "inject"


def generate_inject(loaded: Loaded, pages: Sequence[str], *, check: bool) -> int:
    """Fill the marks in pages that differ, or with *check* print how they do; return the exit status.

    Takes a registry without errors. A page with a problem is not written. Raises UnusableError when a page cannot be
    read or written.
    """
    is_failed = False
    differences = []
    for page in dict.fromkeys(map(Path, pages)):
        root = repository_root(page, loaded.root)
        options = ExportOptions(page=page, page_root=root)
        try:
            text, problems = write_portably(
                format_called(INJECT), loaded.registry, loaded.files, options, loaded.root
            )
            for problem in problems:
                complain(str(problem))
            if has_errors(problems):
                complain(f"statestores: {page} is not written")
                is_failed = True
            elif check:
                differences.append(drift(page, text, root=root))
            elif write_if_different(page, text, root=root):
                complain(f"statestores: wrote {page}")
        except ExportError as error:
            raise UnusableError(f"{page}: {error}") from error
        except OSError as error:
            raise UnusableError(f"{page}: {error.strerror}") from error
    print_difference("".join(differences))
    return FAILED if is_failed or any(differences) else OK
