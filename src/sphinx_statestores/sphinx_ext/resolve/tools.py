"""The stores of a table -> what a browser needs to search, filter and sort them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.fields import FIELDS
from sphinx_statestores.registry.model import STATUSES
from sphinx_statestores.registry.phrases import gettext_noop
from sphinx_statestores.sphinx_ext.resolve.blocks import Facet, Tools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sphinx_statestores.registry.model import Store
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex

#: The key of a text in the script -> the text.
_WORDS = {
    "tools": gettext_noop("Tools of the table"),
    "search": gettext_noop("Search the table"),
    "count": gettext_noop("Rows: {shown} of {all}"),
    "clear": gettext_noop("Clear"),
    "columns": gettext_noop("Columns"),
    "export": gettext_noop("Export"),
    "markdown": gettext_noop("Copy as Markdown"),
    "csv": gettext_noop("Copy as CSV"),
    "file": gettext_noop("Download CSV"),
    "copied": gettext_noop("Copied."),
    "failed": gettext_noop("The browser does not allow copying."),
    "narrow": gettext_noop("Narrow the list"),
}


def table_tools(stores: Sequence[Store], site: SiteIndex) -> Tools:
    """Take the stores of a table's rows; return its tools. A facet that all rows match is left out."""
    words = tuple((key, site.words.gettext(message)) for key, message in _WORDS.items())
    found = (_facet(key, stores, site) for key in _FACETS)
    return Tools(words, tuple(facet for facet in found if _selects(facet)))


def _facet(key: str, stores: Sequence[Store], site: SiteIndex) -> Facet:
    values_of, label_of, order = _FACETS[key]
    rows = [values_of(store) for store in stores]
    labels = {value: label_of(value, site) for row in rows for value in row}
    values = [value for value in order(site) if value in labels] or sorted(
        labels, key=lambda value: (labels[value].casefold(), value)
    )
    positions = {value: position for position, value in enumerate(values)}
    return Facet(
        key,
        site.cells.title(FIELDS[key]),
        tuple((value, labels[value]) for value in values),
        tuple([tuple([positions[value] for value in row]) for row in rows]),
    )


def _selects(facet: Facet) -> bool:
    return any(len(row) < len(facet.values) for row in facet.rows)


class _Source(NamedTuple):
    """Where the values of a facet come from."""

    values_of: Callable[[Store], tuple[str, ...]]
    #: What pages show for a value.
    label_of: Callable[[str, SiteIndex], str]
    #: All values in their order; empty for the order of what is shown.
    order: Callable[[SiteIndex], Iterable[str]] = lambda _: ()


_FACETS = {
    "backend": _Source(
        lambda store: (store.backend,),
        lambda value, site: site.registry.backend_label(value),
        lambda site: site.registry.backends,
    ),
    "service": _Source(lambda store: (store.service,), lambda value, site: site.registry.service_title(value)),
    "status": _Source(lambda store: (store.status,), lambda value, site: site.cells.word(value), lambda _: STATUSES),
    "tags": _Source(lambda store: tuple(dict.fromkeys(store.tags)), lambda value, _: value),
}
