"""``statestore-reference``: everything the generated page has, as sections of the page it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from docutils import nodes

from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import Complaint, Query
from sphinx_statestores.registry.suggest import did_you_mean
from sphinx_statestores.sphinx_ext.directives.base import Options, StoreDirective
from sphinx_statestores.sphinx_ext.questions import GuideQuestion, TableQuestion

if TYPE_CHECKING:
    from sphinx_statestores.sphinx_ext.questions import Question


class _Section(NamedTuple):
    title: str
    question: Question


_SECTIONS = {
    "components": _Section("State Store Components", TableQuestion(Query(), totals=True)),
    "conventions": _Section("Naming Conventions", GuideQuestion("conventions")),
    "backends": _Section("Backend Selection Guide", GuideQuestion("backends")),
    "deployments": _Section("Deployment Flexibility", GuideQuestion("deployments")),
    "code": _Section("Generated Code", GuideQuestion("code")),
}


class StoreReference(StoreDirective):
    """The whole reference.

    The headings are in the doctree when the page is read, so that tables of contents have them; what stands
    under them is made when the page is written.
    """

    option_spec = Options("sections", "no-index", "class")

    def run(self) -> list[nodes.Node]:
        """Leave a sentence and a section for each part."""
        options = self.known(self.options)
        indexed = not self.flag(options, "no-index")
        found: list[nodes.Node] = [self.placeholder(GuideQuestion("introduction"), options)]
        in_section = isinstance(self.state_machine.node, (nodes.document, nodes.section))
        if not in_section:
            message = (
                f"'{self.name}' makes sections and stands inside something else: its headings are no sections here"
            )
            self.complain([Complaint(Kind.MISPLACED_DIRECTIVE, message)])
        for key in self._sections(options.get("sections", "")):
            title, question = _SECTIONS[key]
            if isinstance(question, TableQuestion):
                question = question._replace(indexed=indexed)
            body = self.placeholder(question, options, widths=())
            content: nodes.Element = body
            if isinstance(question, TableQuestion):
                content = nodes.table("", body)
                self.set_source_info(content)
            if in_section:
                found.append(self._section(title, content))
            else:
                found += [nodes.rubric("", title), content]
        return found

    def _section(self, title: str, content: nodes.Element) -> nodes.section:
        section = nodes.section("", nodes.title("", title), content, names=[nodes.fully_normalize_name(title)])
        self.set_source_info(section)
        self.set_source_info(section[0])
        self.state.document.note_implicit_target(section, section)
        return section

    def _sections(self, text: str) -> list[str]:
        wanted = text.replace(",", " ").split()
        for key in wanted:
            if key not in _SECTIONS:
                message = f"'sections' knows no {key!r}{did_you_mean(key, _SECTIONS)}"
                self.complain([Complaint(Kind.INVALID_OPTION, message)])
        return [key for key in wanted if key in _SECTIONS] or list(_SECTIONS)
