"""The indices of stores: by name, by service, by backend.

Sphinx calls a template for each entry, which for thousands of them takes as long as the prose of hundreds of pages.
Pages of a site are made from rows of finished HTML instead, like tables; what puts books together does it as ever.
"""

from __future__ import annotations

from abc import abstractmethod
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from sphinx.domains import Index, IndexEntry

from sphinx_statestores.registry.fields import FIELDS
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.quoting import one_line
from sphinx_statestores.sphinx_ext.render.html_rows import cell_html
from sphinx_statestores.sphinx_ext.render.html_text import Html
from sphinx_statestores.sphinx_ext.render.links import Addresses, makes_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sphinx.builders.html import StandaloneHTMLBuilder

    from sphinx_statestores.registry.model import Store
    from sphinx_statestores.sphinx_ext.answers import Answers
    from sphinx_statestores.sphinx_ext.domain import StateStoreDomain

_NO_SUBENTRIES = 0


class _StoreIndex(Index):
    """The stores that some page shows, each with a link to where it is shown."""

    #: What a page tells of each store: what it does not stand under.
    columns: ClassVar[tuple[str, ...]]

    def generate(self, docnames: Iterable[str] | None = None) -> tuple[list[tuple[str, list[IndexEntry]]], bool]:
        """Return the entries, of all documents or of some; none for a site, whose indices are pages of our own."""
        domain = cast("StateStoreDomain", self.domain)
        if docnames is None and makes_site(domain.build.builder):
            return [], False
        answers = domain.answers
        wanted = None if docnames is None else frozenset(docnames)
        groups: dict[str, list[IndexEntry]] = {}
        for store in answers.registry.stores:
            place = answers.store_places.get(store.name)
            if place is not None and (wanted is None or place.docname in wanted):
                entry = IndexEntry(
                    one_line(store.name),
                    _NO_SUBENTRIES,
                    place.docname,
                    place.anchor,
                    one_line(self.beside(store, answers)),
                    "",
                    one_line(plain(store.purpose)),
                )
                groups.setdefault(one_line(self.heading(store, answers)), []).append(entry)
        found = sorted(groups.items())
        # Only pages of HTML are made of the entries of all documents. Their template writes headings as they are, and
        # escapes everything else.
        return [(Html(escape(heading)), entries) for heading, entries in found] if docnames is None else found, False

    def page(self, answers: Answers, stores: Iterable[Store], cells: Mapping[str, list[str]]) -> Iterator[str]:
        """Yield the same as the text of a page; *cells* has the finished cells of these stores, column by column."""
        groups: dict[str, list[int]] = {}
        for position, store in enumerate(stores):
            groups.setdefault(self.heading(store, answers), []).append(position)
        headings = sorted(groups)
        jumps = " | ".join(f'<a href="#cap-{n}">{escape(heading)}</a>' for n, heading in enumerate(headings, start=1))
        head = "".join(f'<th class="head"><p>{escape(FIELDS[key].title)}</p></th>' for key in self.columns)
        yield f'<section>\n<h1>{escape(self.localname)}</h1>\n<p class="statestore-jumps">{jumps}</p>\n'
        yield '<table class="docutils align-default statestore-table statestore-index">\n'
        yield f"<thead>\n<tr>{head}</tr>\n</thead>\n"
        columns = [cells[key] for key in self.columns]
        for n, heading in enumerate(headings, start=1):
            title = f'<th colspan="{len(columns)}" scope="rowgroup"><strong>{escape(heading)}</strong></th>'
            yield f'<tbody>\n<tr id="cap-{n}" class="statestore-group">{title}</tr>\n'
            for position in groups[heading]:
                yield f"<tr>{''.join([column[position] for column in columns])}</tr>\n"
            yield "</tbody>\n"
        yield "</table>\n</section>\n"

    @abstractmethod
    def heading(self, store: Store, answers: Answers) -> str:
        """Return what a store stands under."""

    def beside(self, store: Store, answers: Answers) -> str:
        """Return what stands beside a store's name."""
        service = answers.registry.service_title(store.service)
        return f"{answers.registry.backend_label(store.backend)}, {service}"


class StoresByName(_StoreIndex):
    """All stores, under their first letters."""

    name = "stores"
    localname = "State stores"
    columns = ("name", "backend", "service")

    def heading(self, store: Store, answers: Answers) -> str:
        """Return the first letter."""
        return store.name[0].upper()


class StoresByService(_StoreIndex):
    """All stores, under the services that own them."""

    name = "services"
    localname = "State stores by service"
    columns = ("name", "backend")

    def heading(self, store: Store, answers: Answers) -> str:
        """Return the service."""
        return answers.registry.service_title(store.service)

    def beside(self, store: Store, answers: Answers) -> str:
        """Return the backend."""
        return answers.registry.backend_label(store.backend)


class StoresByBackend(_StoreIndex):
    """All stores, under the backends that hold them."""

    name = "backends"
    localname = "State stores by backend"
    columns = ("name", "service")

    def heading(self, store: Store, answers: Answers) -> str:
        """Return the backend."""
        return answers.registry.backend_label(store.backend)

    def beside(self, store: Store, answers: Answers) -> str:
        """Return the service."""
        return answers.registry.service_title(store.service)


_INDICES: tuple[type[_StoreIndex], ...] = (StoresByName, StoresByService, StoresByBackend)
#: What the domain has.
INDICES: list[type[Index]] = [*_INDICES]
_PREFIX = "statestore-"
#: What is in the page of an index: in ours, in that of Sphinx's template, in one that is written as data.
_MADE_OF = (b"statestore-index", b"modindextable", b"indextitle")
#: Stands for the rows in a page.
_MARK = "<!-- statestores -->"
#: What their pages are called, as Sphinx calls those of any domain.
INDEX_PAGES = frozenset(f"{_PREFIX}{index.name}" for index in _INDICES)


def index_pages(
    domain: StateStoreDomain, builder: StandaloneHTMLBuilder, is_left: Callable[[str], bool]
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the pages of a site's indices, as ``html-collect-pages`` wants them: name, context, template.

    *is_left* says of a page's name whether the page is there and is the same. Removes those that an earlier build has
    written, and that this one does not want.
    """
    configured = builder.config.html_domain_indices
    names = {index: f"{_PREFIX}{index.name}" for index in _INDICES}
    listed = [index for index, name in names.items() if configured is True or (configured and name in configured)]
    wanted = [index for index in listed if not is_left(names[index])]
    has_rows = bool(wanted) and domain.answers.shows_stores()
    for index in _INDICES:
        if index not in listed or (index in wanted and not has_rows):
            _remove_page(builder, index)
    if not has_rows:
        return
    answers = domain.answers
    places = answers.store_places
    stores = [store for store in answers.registry.stores if store.name in places]
    # The pages have the same cells, and the same way to everything else.
    uri = Addresses(builder, names[wanted[0]]).of
    cells = {}
    for key in dict.fromkeys(key for index in wanted for key in index.columns):
        cell = answers.cells.of(FIELDS[key])
        cells[key] = [cell_html(cell(store), uri) for store in stores]
    for index in wanted:
        context = {"title": index.localname, "body": _MARK}
        yield names[index], context, "page.html"
        # The page has been written, and not with its rows: a template would copy them all, time and again.
        parts = index(domain).page(answers, stores, cells)
        if not _fill(Path(builder.get_outfilename(names[index])), builder, parts):
            yield names[index], {**context, "body": "".join(parts)}, "page.html"


def remove_old_pages(builder: StandaloneHTMLBuilder) -> None:
    """Remove the pages of indices that a builder does not write any more, when it has written its own."""
    written = {name for name, *_ in builder.domain_indices}
    for index in _INDICES:
        if f"{_PREFIX}{index.name}" not in written:
            _remove_page(builder, index)


def _remove_page(builder: StandaloneHTMLBuilder, index: type[_StoreIndex]) -> None:
    """Remove the page of an index, unless a file of that name is somebody else's."""
    name = f"{_PREFIX}{index.name}"
    path = Path(builder.get_outfilename(name))
    if name in builder.env.found_docs or not path.is_file():
        return
    with suppress(OSError):
        content = path.read_bytes()
        if index.localname.encode() in content and any(mark in content for mark in _MADE_OF):
            path.unlink()
            # In a site of folders, the page is all that its folder held.
            if path.parent != Path(builder.outdir):
                path.parent.rmdir()


def _fill(path: Path, builder: StandaloneHTMLBuilder, parts: Iterable[str]) -> bool:
    """Put the parts of a text where a page has a mark; return whether it has one."""
    encoding = builder.config.html_output_encoding
    try:
        before, mark, after = path.read_text(encoding).partition(_MARK)
    except OSError:
        return True  # Sphinx has said that it cannot write the page
    if not mark:
        return False
    with path.open("w", encoding=encoding, errors="xmlcharrefreplace") as file:
        file.write(before)
        file.writelines(parts)
        file.write(after)
    return True
