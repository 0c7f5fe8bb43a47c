"""The base class of the directives: tolerant options, and placeholders with their document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import EXTRA_FILTER, Complaint
from sphinx_statestores.registry.quoting import cut, shown
from sphinx_statestores.registry.suggest import did_you_mean
from sphinx_statestores.sphinx_ext.logging import warn
from sphinx_statestores.sphinx_ext.read.placeholders import statestores_block, statestores_empty
from sphinx_statestores.sphinx_ext.read.site import site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from gettext import NullTranslations

    from sphinx_statestores.sphinx_ext.read.questions import Question

_TRUE = frozenset({"", "true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})


def _text(value: str | None) -> str:
    return value or ""


class Options(dict[str, "Callable[[str], Any]"]):
    """An ``option_spec`` that accepts any option as text.

    docutils drops a directive with an unknown option, and MyST drops the option. Here, the directive gets all
    options, reports the unknown ones and renders the rest.
    """

    def __init__(self, *names: str) -> None:
        super().__init__(dict.fromkeys(names, _text))

    def __missing__(self, name: str) -> Callable[[str], Any]:
        """Accept an unknown option; the directive reports it."""
        return _text


class StoreDirective(SphinxDirective):
    """The base class of the extension's directives.

    A directive does not read the registry. It adds a placeholder with a question to the doctree, and the question is
    answered when the page is written.
    """

    has_content = False
    option_spec = Options("class", "name")
    #: Whether any ``x-...`` is an option, too: a filter by a field of the user's own.
    has_filters = False

    def known(self, options: Mapping[str, str]) -> dict[str, str]:
        """Return the known options; complain about the others."""
        known = {}
        for name, value in options.items():
            if name in self.option_spec or (self.has_filters and name.startswith(EXTRA_FILTER)):
                known[name] = value
            else:
                message = f"unknown option {shown(name)} of '{self.name}'{did_you_mean(name, self.option_spec)}"
                self.complain([Complaint(Kind.UNKNOWN_OPTION, message)])
        return known

    def complain(self, complaints: Iterable[Complaint]) -> None:
        """Log complaints with the directive's location."""
        for complaint in complaints:
            warn(complaint.kind, complaint.message, self.get_location())

    def flag(self, options: dict[str, str], name: str) -> bool:
        """Return whether an option is set, and not to ``false``."""
        value = options.get(name)
        if value is None:
            return False
        word = value.strip().lower()
        if word not in _TRUE | _FALSE:
            self.complain([Complaint(Kind.INVALID_OPTION, f"{name!r} is on or off, not {shown(value)}")])
        return word not in _FALSE

    @property
    def words(self) -> NullTranslations:
        """The translations for the doctree. The document is read again when they change."""
        return site_of(self.env).words(self.env.docname)

    def placeholder(
        self, question: Question, options: dict[str, str], empty: str = "", **attributes: Any
    ) -> statestores_block:
        """Return the placeholder for a question.

        *empty* is the message that is displayed without a result; the option ``empty`` overrides it.
        """
        classes: list[str] = []
        if options.get("class"):
            try:
                classes = directives.class_option(options["class"])
            except ValueError as error:
                self.complain([Complaint(Kind.INVALID_OPTION, f"'class': {cut(str(error))}")])
        node = statestores_block("", question=question, docname=self.env.docname, classes=classes, **attributes)
        self.set_source_info(node)
        if empty:
            messages: list[nodes.system_message] = []
            if options.get("empty"):
                empty = options["empty"]
                words, messages = self.parse_inline(empty, lineno=self.lineno)
            else:
                words = [nodes.Text(self.words.gettext(empty))]
            text = statestores_empty(empty, "", *words)
            self.set_source_info(text)
            node += [text, *messages]
        return node

    def named(self, node: nodes.Element, options: dict[str, str]) -> nodes.Element:
        """Make a node a link target if the option ``name`` is set; return the node."""
        self.options = dict(options)
        self.add_name(node)
        return node
