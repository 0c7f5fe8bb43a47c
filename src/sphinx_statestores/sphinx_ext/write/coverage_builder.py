"""The builder ``statestores-coverage``: the coverage as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.builders import Builder
from sphinx.errors import SphinxError

from sphinx_statestores.export.files import write_if_different
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.resolve.coverage import coverage

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from docutils import nodes


class CoverageBuilder(Builder):
    """Writes ``coverage.txt`` and ``coverage.json``; it writes no pages."""

    name = "statestores-coverage"
    epilog = "The coverage report is in %(outdir)s/coverage.txt and coverage.json."

    def get_outdated_docs(self) -> str:
        """Return the description that Sphinx prints."""
        return "the registry and all documents"

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """Return an empty text: there are no pages."""
        return ""

    def prepare_writing(self, docnames: AbstractSet[str]) -> None:
        """Do nothing."""

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Do nothing: Sphinx has resolved the document, and its store names have been checked."""

    def finish(self) -> None:
        """Write both files."""
        site = current(self.env).answers.site
        found = coverage(site)
        lines = [f"{found.percent:.1f} % of {found.stores} stores are mentioned"]
        parts = (
            ("stores that no page mentions", found.unmentioned),
            ("stores that are missing from the page of their service", found.missing_at_home),
            ("services without a page", found.without_page),
            ("removed stores that are still mentioned", tuple(f"{n} in {', '.join(d)}" for n, d in found.removed)),
            ("stores that no code uses", found.unused),
        )
        for title, names in parts:
            if names:
                lines += ["", f"{title} ({len(names)}):", *(f"  {name}" for name in names)]
        facts = {"percent": round(found.percent, 1), **found._asdict(), "removed": dict(found.removed)}
        if site.usage is None:
            del facts["unused"]
        self._write("coverage.txt", "\n".join(lines) + "\n")
        self._write("coverage.json", json.dumps(facts, indent=2) + "\n")

    def _write(self, name: str, text: str) -> None:
        path = Path(self.outdir, name)
        try:
            write_if_different(path, text)
        except OSError as error:
            raise SphinxError(f"{path}: {error.strerror}") from error
