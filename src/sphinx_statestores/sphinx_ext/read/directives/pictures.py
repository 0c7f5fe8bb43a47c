"""``statestore-map`` and ``statestore-chart``: pictures of stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_statestores.registry.messages import must_be
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import FILTERS, Complaint
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.sphinx_ext.read.directives.base import Options, StoreDirective
from sphinx_statestores.sphinx_ext.read.directives.table import NO_STORES
from sphinx_statestores.sphinx_ext.read.questions import CHART_FIELDS, ChartQuestion, MapQuestion

if TYPE_CHECKING:
    from sphinx_statestores.sphinx_ext.read.questions import Question

#: What draws a map in HTML; ``svg`` is the extension itself.
ENGINES = ("svg", "graphviz", "mermaid")
_DETAILS = ("stores", "services")
_ORDERS = ("name", "number")
_COMMON = (*FILTERS, "caption", "alt", "empty", "class", "name")


class StorePicture(StoreDirective):
    """A picture of the stores that match filters.

    A picture with a caption is a ``figure`` node. It is created at read time, when captions are numbered and named;
    what is in it is created at write time.
    """

    has_filters = True

    def figure(self, question: Question, options: dict[str, str]) -> list[nodes.Node]:
        """Return a placeholder for a picture, within a figure if it has a caption."""
        alt = " ".join(options.get("alt", "").split())
        engine = self.choice(options, "engine", ENGINES) or "svg"
        picture = self.placeholder(question, options, empty=NO_STORES, alt=alt, engine=engine)
        if not options.get("caption"):
            return [self.named(picture, options)]
        words, messages = self.parse_inline(options["caption"], lineno=self.lineno)
        caption = nodes.caption(options["caption"], "", *words)
        figure = nodes.figure("", picture, caption)
        for node in (caption, figure):
            self.set_source_info(node)
        return [self.named(figure, options), *messages]


class StoreMap(StorePicture):
    """Which service has which stores in which backend, and who reads and writes them."""

    argument = ("the name of a service", "Auth")
    argument_is_optional = True
    option_spec = Options(*_COMMON, "detail", "engine")

    def made(self) -> list[nodes.Node]:
        """Return a placeholder that is replaced by the map at write time."""
        options = self.known(self.options)
        service = " ".join(self.arguments[0].split()) if self.arguments else ""
        question = MapQuestion(self.query(options), service, self.choice(options, "detail", _DETAILS))
        return self.figure(question, options)


class StoreChart(StorePicture):
    """How many stores there are, by backend, service, status or tag."""

    option_spec = Options(*_COMMON, "by", "stack", "sort", "limit")
    argument_option = "by"

    def made(self) -> list[nodes.Node]:
        """Return a placeholder that is replaced by the chart at write time."""
        options = self.known(self.options)
        by = self.choice(options, "by", CHART_FIELDS) or "backend"
        stack = self.choice(options, "stack", CHART_FIELDS)
        if not stack and "stack" in options and not options["stack"].strip():
            stack = next(name for name in ("backend", "status") if name != by)
        if stack == by:
            message = f"'stack' and 'by' are both {shown(by)}: divide the bars by something else"
            self.complain([Complaint(Kind.INVALID_OPTION, message)])
            stack = ""
        order = self.choice(options, "sort", _ORDERS)
        # It is the bars that are sorted and limited, not the stores.
        query = self.query({name: text for name, text in options.items() if name != "sort"})
        if query.limit == 0:
            message = must_be("'limit'", "1 or more", shown(options["limit"]))
            self.complain([Complaint(Kind.INVALID_OPTION, message)])
        question = ChartQuestion(query._replace(limit=None), by, stack, order, query.limit or None)
        return self.figure(question, options)
