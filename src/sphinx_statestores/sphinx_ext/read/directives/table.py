"""``statestore-table`` and ``statestore-totals``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

from sphinx_statestores.registry.messages import must_be
from sphinx_statestores.registry.numbers import whole_number
from sphinx_statestores.registry.phrases import gettext_noop
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import FILTERS, Complaint
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import did_you_mean
from sphinx_statestores.registry.totals import BREAKDOWNS
from sphinx_statestores.sphinx_ext.config import option_texts, table_presets
from sphinx_statestores.sphinx_ext.read.columns import may_be_column, unknown_column
from sphinx_statestores.sphinx_ext.read.directives.base import Options, StoreDirective
from sphinx_statestores.sphinx_ext.read.questions import TableQuestion, TotalsQuestion

if TYPE_CHECKING:
    from sphinx_statestores.sphinx_ext.read.questions import Question

#: The text that is displayed instead of an empty table.
NO_STORES = gettext_noop("No state stores.")
#: The largest share of a width: TeX does not count much further.
_WIDEST = 10_000

#: The maximum number of columns.
COLUMN_LIMIT = 50


class StoreTable(StoreDirective):
    """A table of the stores that match filters.

    The ``table`` node is created at read time, when captions are numbered and named; its rows are created at write
    time.
    """

    has_filters = True
    option_spec = Options(
        *FILTERS,
        "sort",
        "group-by",
        "limit",
        "columns",
        "totals",
        "empty",
        "caption",
        "widths",
        "preset",
        "interactive",
        "no-index",
        "class",
        "name",
    )

    argument_option = "service"

    def made(self) -> list[nodes.Node]:
        """Return a table with a placeholder for its rows."""
        options = self._with_preset(self.known(self.options))
        question = TableQuestion(
            self.query(options),
            self._columns(options.get("columns", "")),
            totals=self.flag(options, "totals"),
            indexed=not self.flag(options, "no-index"),
            interactive=self.flag(options, "interactive") if "interactive" in options else None,
        )
        rows = self.placeholder(
            self.ask(question), options, empty=NO_STORES, widths=self._widths(options.get("widths", ""))
        )
        table = nodes.table()
        self.set_source_info(table)
        if options.get("caption"):
            caption, messages = self.parse_inline(options["caption"], lineno=self.lineno)
            title = nodes.title(options["caption"], "", *caption)
            self.set_source_info(title)
            table += [title, *messages]
        table += rows
        return [self.named(table, options)]

    def ask(self, question: TableQuestion) -> Question:
        """Return the question for the rows."""
        return question

    def _with_preset(self, options: dict[str, str]) -> dict[str, str]:
        name = options.get("preset", "").strip()
        if not name:
            return options
        presets = table_presets(self.config)
        if name not in presets:
            near = did_you_mean(name, presets) or ": define it in 'statestores_table_presets'"
            message = f"unknown preset {shown(name)}{near}"
            self.complain([Complaint(Kind.INVALID_OPTION, message)])
            return options
        return {**self.known(option_texts(presets[name])), **options}

    def _columns(self, text: str) -> tuple[str, ...]:
        columns = []
        for key in dict.fromkeys(text.replace(",", " ").split()):
            if not may_be_column(key):
                self.complain([Complaint(Kind.UNKNOWN_COLUMN, unknown_column(key))])
            else:
                columns.append(key)
        if len(columns) > COLUMN_LIMIT:
            message = f"a table has at most {COLUMN_LIMIT} columns: {len(columns) - COLUMN_LIMIT:,} are ignored"
            self.complain([Complaint(Kind.INVALID_OPTION, message)])
        return tuple(columns[:COLUMN_LIMIT])

    def _widths(self, text: str) -> tuple[int, ...]:
        """Return relative widths; empty for columns as wide as their content."""
        words = text.replace(",", " ").split()
        if words in ([], ["auto"]):
            return ()
        widths = tuple(number for word in words if (number := whole_number(word, largest=_WIDEST)))
        if len(widths) == len(words):
            return widths
        wanted = f"'auto', or one whole number from 1 to {_WIDEST:,} for each column"
        message = must_be("'widths'", wanted, shown(text))
        self.complain([Complaint(Kind.INVALID_OPTION, message)])
        return ()


class StoreTotals(StoreDirective):
    """The number of stores, by backend or by service."""

    has_filters = True
    option_spec = Options(*FILTERS, "by", "class", "name")

    argument_option = "service"

    def made(self) -> list[nodes.Node]:
        """Return a placeholder that is replaced by the totals at write time."""
        options = self.known(self.options)
        question = TotalsQuestion(self.query(options), self.choice(options, "by", BREAKDOWNS) or "backend")
        return [self.named(self.placeholder(question, options), options)]
