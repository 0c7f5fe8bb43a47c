"""``statestore-service``: the stores of one service."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sphinx_statestores.registry.query import FILTERS, Query, Terms
from sphinx_statestores.sphinx_ext.read.directives.base import Options
from sphinx_statestores.sphinx_ext.read.directives.table import NO_STORES, StoreTable
from sphinx_statestores.sphinx_ext.read.questions import EntriesQuestion, ServiceQuestion, TableQuestion, UsesQuestion

if TYPE_CHECKING:
    from docutils import nodes

    from sphinx_statestores.sphinx_ext.read.questions import Question

_DETAILS = ("table", "entries")


class StoreService(StoreTable):
    """The stores of a service, in a table or one by one; its page is the page of that service.

    Below them are the stores of other services that it uses, if there are any.
    """

    _query = Query()
    argument = ("the name of a service", "Auth")
    option_spec = Options("detail", *(name for name in StoreTable.option_spec if name != "service"))

    def made(self) -> list[nodes.Node]:
        """Return a table with a placeholder for its rows, or a placeholder for entries; and one for what it uses."""
        if self.choice(self.options, "detail", _DETAILS) != "entries":
            return [*super().made(), self._uses]
        options = self.known(self.options)
        self._query = self.query(options)
        shown = EntriesQuestion(self._of_service(self._query), indexed=not self.flag(options, "no-index"))
        return [self.named(self.placeholder(self._question(shown), options, empty=NO_STORES), options), self._uses]

    def ask(self, question: TableQuestion) -> Question:
        """Ask for the stores of the service alone."""
        self._query = question.query
        return self._question(replace(question, query=self._of_service(question.query)))

    @property
    def _uses(self) -> nodes.Element:
        # The same filters; which are first, and how many, is about the service's own.
        query = Query(**{name: getattr(self._query, name) for name in (*FILTERS, "extra")})
        return self.placeholder(UsesQuestion(self._service, query._replace(service=Terms())), {})

    def _of_service(self, query: Query) -> Query:
        return query._replace(service=Terms((self._service,)))

    @property
    def _service(self) -> str:
        return str(self.arguments[0]).strip()

    def _question(self, shown: TableQuestion | EntriesQuestion) -> ServiceQuestion:
        return ServiceQuestion(self._service, shown)
