"""``statestore-reference``: all parts of the reference page, as sections."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from docutils import nodes
from sphinx import addnodes

from sphinx_statestores.registry.messages import one_of
from sphinx_statestores.registry.phrases import gettext_noop
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import Complaint, Query
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import did_you_mean
from sphinx_statestores.sphinx_ext.read.directives.base import Options, StoreDirective
from sphinx_statestores.sphinx_ext.read.directives.guide import EMPTY_PARTS
from sphinx_statestores.sphinx_ext.read.directives.table import NO_STORES
from sphinx_statestores.sphinx_ext.read.questions import GuideQuestion, TableQuestion
from sphinx_statestores.sphinx_ext.read.site import site_of


class _Section(NamedTuple):
    #: In English.
    title: str
    question: TableQuestion | GuideQuestion
    #: The text that is displayed when the registry does not have this part.
    empty: str


_SECTIONS = {
    "components": _Section(gettext_noop("State Store Components"), TableQuestion(Query(), totals=True), NO_STORES),
    "conventions": _Section(
        gettext_noop("Naming Conventions"), GuideQuestion("conventions"), EMPTY_PARTS["conventions"]
    ),
    "backends": _Section(gettext_noop("Backend Selection Guide"), GuideQuestion("backends"), EMPTY_PARTS["backends"]),
    "deployments": _Section(
        gettext_noop("Deployment Flexibility"), GuideQuestion("deployments"), EMPTY_PARTS["deployments"]
    ),
    "code": _Section(gettext_noop("Generated Code"), GuideQuestion("code"), EMPTY_PARTS["code"]),
}


class StoreReference(StoreDirective):
    """The whole reference.

    The headings are in the doctree when the page is read, so that tables of contents have them; what stands
    under them is made when the page is written. A part that the registry does not have is left out, unless the page
    names it.
    """

    option_spec = Options("sections", "no-index", "class")
    argument_option = "sections"

    def made(self) -> list[nodes.Node]:
        """Return a sentence and a section for each part, with placeholders."""
        options = self.known(self.options)
        indexed = not self.flag(options, "no-index")
        sections = self._sections(options.get("sections", ""))
        found: list[nodes.Node] = []
        if "components" in sections:
            found.append(self.placeholder(GuideQuestion("introduction"), options))
        parent: Any = self.state_machine.node
        while isinstance(parent, addnodes.only):
            parent = parent.parent
        in_section = isinstance(parent, (nodes.document, nodes.section))
        if not in_section:
            message = (
                f"'{self.name}' creates sections, which are not allowed here: move it out of the list, table or "
                "directive that contains it"
            )
            self.complain([Complaint(Kind.MISPLACED_DIRECTIVE, message)])
        for key in sections:
            title, question, empty = _SECTIONS[key]
            body = self.placeholder(replace(question, indexed=indexed), options, empty=empty, widths=())
            content: nodes.Element = body
            if isinstance(question, TableQuestion):
                content = nodes.table("", body)
                self.set_source_info(content)
            if in_section:
                found.append(self._section(title, content))
            else:
                found += [nodes.rubric(title, self.words.gettext(title)), content]
        if "components" in sections:
            # In the last section: a paragraph cannot follow a section.
            closing = self.placeholder(GuideQuestion("closing"), options)
            last = found[-1]
            if isinstance(last, nodes.section):
                last += closing
            else:
                found.append(closing)
        return found

    def _section(self, title: str, content: nodes.Element) -> nodes.section:
        # The id is made from the English title, so that links from elsewhere work in every language.
        names = [nodes.fully_normalize_name(title)]
        # The English title is the source text, so the page's own translations apply first.
        section = nodes.section("", nodes.title(title, self.words.gettext(title)), content, names=names)
        self.set_source_info(section)
        self.set_source_info(section[0])
        self.state.document.note_implicit_target(section, section)
        return section

    def _sections(self, text: str) -> list[str]:
        wanted = list(dict.fromkeys(text.replace(",", " ").split()))
        for key in wanted:
            if key not in _SECTIONS:
                message = one_of("each word of 'sections'", _SECTIONS, f"{shown(key)}{did_you_mean(key, _SECTIONS)}")
                self.complain([Complaint(Kind.INVALID_OPTION, message)])
        known = [key for key in wanted if key in _SECTIONS]
        if known:
            return known
        # A heading stays in the doctree: the page is read again when the registry gets another part.
        parts = site_of(self.env).note_guide_parts(self.env.docname)
        return [key for key in _SECTIONS if key == "components" or key in parts]
