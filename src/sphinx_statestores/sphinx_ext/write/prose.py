"""What the registry contradicts in the text of pages -> warnings at their lines."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from sphinx import addnodes

from sphinx_statestores.registry.problems import Severity
from sphinx_statestores.sphinx_ext.logging import report
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.read.ancestry import is_page
from sphinx_statestores.sphinx_ext.read.questions import ClaimsQuestion

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx


def warn_contradicted(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn of what is wrong on a written page, or on those that a builder assembles (``doctree-resolved``)."""
    build = current(app.env)
    if not is_page(doctree):
        return
    for name in (docname, *(node["docname"] for node in doctree.findall(addnodes.start_of_file))):
        # Other extensions resolve a page as well.
        if name in build.compared:
            continue
        build.compared.add(name)
        answers = build.answers
        claims = (each for each in answers.site.questions.get(name, ()) if isinstance(each, ClaimsQuestion))
        for problem in chain.from_iterable(map(answers.contradictions, claims)):
            report(problem, (name, problem.location.line))
            build.page_errors += problem.severity is Severity.ERROR
