"""The end of a build: conditions that make it fail (``build-finished``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.sphinx_ext.logging import fail
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.resolve.coverage import coverage

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# A build fails by its exit status: Sphinx would report an exception as a bug of the extension.


def fail_on_errors(app: Sphinx, exception: Exception | None) -> None:
    """Set exit status 1 if the registry or a written page has errors and ``statestores_strict`` is set."""
    build = current(app.env)
    if exception is not None or not build.has_begun or not build.project.settings.strict:
        return
    for errors, where in (
        (build.project.errors, "the registry of state stores has"),
        (build.page_errors, "what pages say of state stores has"),
    ):
        if errors:
            fail(f"{where} {'1 error' if errors == 1 else f'{errors:,} errors'}")
            app.statuscode = 1


def fail_under_coverage(app: Sphinx, exception: Exception | None) -> None:
    """Set exit status 1 if the pages mention fewer stores than ``statestores_coverage_fail_under``, in per cent."""
    build = current(app.env)
    if exception is not None or not build.has_begun:
        return
    wanted = build.project.settings.coverage_fail_under
    if wanted and (percent := coverage(build.answers.site).percent) < wanted:
        fail(
            f"{percent:.1f} % of the state stores are mentioned; at least {wanted:g} % must be "
            "(statestores_coverage_fail_under)"
        )
        app.statuscode = 1
