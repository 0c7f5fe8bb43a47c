"""A registry and a Markdown page -> the page with the text between its marks replaced.

A mark is an HTML comment, which the page does not show: ``<!-- statestores: table service=Auth -->``. Behind the text
is ``<!-- /statestores -->``. Everything outside of the marks stays as it is.
"""

from __future__ import annotations

import re
import shlex
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.export.files import read_beginning
from sphinx_statestores.export.format import ExportError, Format, Written
from sphinx_statestores.export.markdown_text import as_code, as_line, as_table
from sphinx_statestores.registry.fields import FIELDS, FieldType, as_text, find_field
from sphinx_statestores.registry.markdown_comments import comments
from sphinx_statestores.registry.phrases import totals_text
from sphinx_statestores.registry.problems import Kind, Location, Problem, Severity
from sphinx_statestores.registry.query import FILTERS, Complaint, is_filter, parse_query, parse_query_text
from sphinx_statestores.registry.query_check import check_query
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.selection import select
from sphinx_statestores.registry.suggest import Suggestions
from sphinx_statestores.registry.totals import totals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sphinx_statestores.export.format import ExportOptions
    from sphinx_statestores.registry.fields import Field
    from sphinx_statestores.registry.markdown_comments import Comment
    from sphinx_statestores.registry.model import Registry, Store

#: The maximum size of a page, in bytes, and of its text when its marks are filled, in characters.
PAGE_LIMIT = 64 * 1024 * 1024
#: The maximum work for one page: stores that the queries of its marks look at, and cells that they write. The same
#: words of two marks count once.
WORK_LIMIT = 1_000_000
#: So many characters of a query count as one more look at each store.
_WORDS_OF_A_LOOK = 100

_BEGIN = re.compile(r"\s*statestores:(?P<words>.*)", re.DOTALL)
_END = re.compile(r"\s*/\s*statestores\s*")
END = "<!-- /statestores -->"
#: What is another program's part: a comment that silences a rule.
_IGNORE = re.compile(r"ignore(?![\w-])")
# The marks of quotes and the indentation of list items: what every line of a block begins with.
_PREFIX = re.compile(r"[ \t>]*")
#: The maximum length of such a prefix, in characters.
_PREFIX_LENGTH = 100
_REST_IS_BLANK = re.compile(r"[^\S\r\n]*(?:[\r\n]|\Z)")
_LINE_END = re.compile(r"\r\n|\r|\n")
# What is markup or an address for no reader, in Markdown and in HTML.
_NOT_PLAIN = re.compile(r"[^\w ,()/+-]|_")
_BYTE_ORDER_MARK = "\ufeff"
_NO_STORES = "No state stores."
_COLUMNS = "columns"
#: The options of a mark for the order and the number of rows, as directives have them.
_ORDERS = ("sort", "limit")
_DEFAULT_COLUMNS = ("name", "backend", "service", "purpose")
_CODE_TYPES = frozenset({FieldType.STORE, FieldType.PREFIX, FieldType.TABLE, FieldType.CODE, FieldType.SOURCE})


class _Asked(NamedTuple):
    """What a mark asks for."""

    registry: Registry
    stores: Sequence[Store]
    columns: Sequence[Field]


class _Filling(NamedTuple):
    """A kind of mark."""

    write: Callable[[_Asked], str]
    #: Whether the text is one of lines of its own; otherwise it is a part of a sentence.
    is_block: bool
    options: tuple[str, ...] = ()


def _table(asked: _Asked) -> str:
    if not asked.stores:
        return _NO_STORES
    rows = (tuple(_cell(field, store, asked.registry) for field in asked.columns) for store in asked.stores)
    return as_table((as_line(field.title) for field in asked.columns), rows)


def _cell(field: Field, store: Store, registry: Registry) -> str:
    text = as_text(field.value(store, registry))
    is_code = field.key == "name" or field.type in _CODE_TYPES
    return as_code(text) if text and is_code else as_line(text)


def _list(asked: _Asked) -> str:
    lines = ((as_code(store.name), as_line(store.purpose)) for store in asked.stores)
    return "\n".join(f"- {': '.join(filter(None, each))}" for each in lines) or _NO_STORES


def _count(asked: _Asked) -> str:
    return str(len(asked.stores))


def _totals(asked: _Asked) -> str:
    # In a line that begins with a mark, which is HTML, backslashes and inline code do not escape.
    text = totals_text(totals(asked.registry, asked.stores))
    return _NOT_PLAIN.sub(lambda match: f"&#{ord(match[0])};", " ".join(text.split()))


#: The kinds of marks, by the first word.
FILLINGS = {
    "table": _Filling(_table, is_block=True, options=(_COLUMNS, *_ORDERS)),
    "list": _Filling(_list, is_block=True, options=_ORDERS),
    "count": _Filling(_count, is_block=False),
    "totals": _Filling(_totals, is_block=False),
}


class _Mark(NamedTuple):
    """A mark that begins a text, and the one that ends it."""

    begin: Comment
    end: Comment


def inject(text: str, registry: Registry, path: str) -> Written:
    """Take the text of a page; return it with what its marks ask for, and the problems of the marks.

    *path* is the page's name in problems. All of them are errors: the text is then not to be written. Raises
    :exc:`ExportError` when the marks ask for too much.
    """
    page = _Page(text, path, registry)
    parts = [_BYTE_ORDER_MARK] if text != page.text else []
    done = length = 0
    for mark in page.marks():
        filling = _read(page, mark)
        if filling is not None:
            length += len(filling)
            if length > PAGE_LIMIT:
                raise ExportError(f"the marks ask for more text than the limit of {PAGE_LIMIT:,} characters")
            parts += [page.text[done : mark.begin.end], filling]
            done = mark.end.start
    problems = sorted(page.problems, key=lambda problem: problem.location)
    return Written("".join((*parts, page.text[done:])), tuple(problems))


class _Page:
    """A page with its marks."""

    def __init__(self, text: str, path: str, registry: Registry) -> None:
        self.text = text.removeprefix(_BYTE_ORDER_MARK)
        self.problems: list[Problem] = []
        self._path = path
        self._line_starts = [0, *(end.end() for end in _LINE_END.finditer(self.text))]
        line_end = _LINE_END.search(self.text)
        self.line_end = line_end[0] if line_end else "\n"
        self._registry = registry
        self._work = 0
        #: Words of a mark -> what :meth:`filled` returns.
        self._filled: dict[str, tuple[str, bool, list[Complaint]]] = {}
        self._suggest = Suggestions().did_you_mean
        # Known words that are compared again are the same collection.
        self._columns = (*FIELDS, *registry.own_fields, *registry.extra_fields)
        self._options = {
            kind: (*FILTERS, *registry.own_fields, *filling.options) for kind, filling in FILLINGS.items()
        }

    def filled(self, words: str) -> tuple[str, bool, list[Complaint]]:
        """Take the words of a mark; return its text, whether this fills lines of its own, and complaints about it.

        Raises :exc:`ExportError` when the marks of the page ask for too much.
        """
        if words not in self._filled:
            self._filled[words] = self._fill(words)
        return self._filled[words]

    def _fill(self, words: str) -> tuple[str, bool, list[Complaint]]:
        registry = self._registry
        kind, _, rest = words.partition(" ")
        filling = FILLINGS.get(kind)
        if filling is None:
            near = self._suggest(kind, FILLINGS) or f": write one of {', '.join(FILLINGS)}"
            message = f"unknown kind of mark {shown(kind)}{near}" if kind else f"the mark has no kind{near}"
            return "", False, [Complaint(Kind.UNKNOWN_OPTION, message)]
        options, query_text, complaints = self._divided(rest, kind, filling)
        query, found = parse_query_text(query_text, registry.own_fields.__contains__)
        complaints += found
        order, found = parse_query(options, registry.own_fields.__contains__)
        complaints += found
        query = query._replace(sort=order.sort, limit=order.limit)
        complaints += check_query(query, registry, self._suggest)
        fields, found = self._fields(options.get(_COLUMNS))
        complaints += found
        if complaints:
            return "", filling.is_block, complaints
        self._pay(len(registry.stores) * (1 + len(words) // _WORDS_OF_A_LOOK))
        stores = select(registry, query)
        self._pay(len(stores) * len(fields) if filling.is_block else 0)
        return filling.write(_Asked(registry, stores, fields)), filling.is_block, []

    def _divided(self, text: str, kind: str, filling: _Filling) -> tuple[dict[str, str], str, list[Complaint]]:
        """Divide the words of a mark; return its options, its query, and complaints about unknown options."""
        try:
            words = shlex.split(text)
        except ValueError:
            return {}, text, []  # the query complains
        complaints = []
        options: dict[str, str] = {}
        query = []
        for word in words:
            name, equals, value = word.partition("=")
            if equals and name in filling.options:
                options[name] = f"{options[name]},{value}" if name in options else value
            elif equals and not is_filter(name, self._registry.own_fields.__contains__):
                near = self._suggest(name, self._options[kind])
                complaints.append(Complaint(Kind.UNKNOWN_OPTION, f"unknown option {shown(name)}{near}"))
            else:
                query.append(word)
        return options, shlex.join(query), complaints

    def _fields(self, text: str | None) -> tuple[list[Field], list[Complaint]]:
        fields = []
        complaints = []
        for key in _DEFAULT_COLUMNS if text is None else text.replace(",", " ").split():
            field = find_field(key, self._registry)
            if field is None or key not in self._columns:
                complaints.append(
                    Complaint(Kind.UNKNOWN_COLUMN, f"unknown column {shown(key)}{self._suggest(key, self._columns)}")
                )
            else:
                fields.append(field)
        if not fields and not complaints:
            complaints.append(Complaint(Kind.UNKNOWN_COLUMN, f"{_COLUMNS!r} is empty: name a column"))
        return fields, complaints

    def _pay(self, work: int) -> None:
        self._work += work
        if self._work > WORK_LIMIT:
            raise ExportError(
                f"the marks ask for more than {WORK_LIMIT:,} stores and cells: use fewer marks with different words"
            )

    def report(self, kind: Kind, message: str, comment: Comment) -> None:
        """Note a problem with a mark."""
        line = bisect_right(self._line_starts, comment.start)
        location = Location(self._path, line, comment.start - self._line_starts[line - 1] + 1)
        self.problems.append(Problem(kind, message, location, Severity.ERROR))

    def prefix(self, comment: Comment) -> str | None:
        """Return the marks of quotes and the indentation before a comment; None for anything else before it."""
        start = self._line_starts[bisect_right(self._line_starts, comment.start) - 1]
        if comment.start - start > _PREFIX_LENGTH:
            return None
        before = self.text[start : comment.start]
        return before if _PREFIX.fullmatch(before) else None

    def marks(self) -> Iterator[_Mark]:
        """Yield the marks; report those that do not go in pairs."""
        waiting: Comment | None = None
        for comment in comments(self.text):
            begin = _BEGIN.match(comment.text)
            if begin and not (comment.is_closed and "<!--" not in comment.text):
                self.report(Kind.BROKEN_MARK, "the comment is never closed: write '-->' at its end", comment)
            elif begin and _IGNORE.match(begin["words"].strip()):
                continue
            elif begin and waiting is not None:
                line = bisect_right(self._line_starts, waiting.start)
                message = f"a mark inside of that of line {line}: write {END!r} before it"
                self.report(Kind.BROKEN_MARK, message, comment)
            elif begin:
                waiting = comment
            elif comment.is_closed and _END.fullmatch(comment.text):
                if waiting is None:
                    message = "this ends no mark: write '<!-- statestores: table QUERY -->' before it, or remove it"
                    self.report(Kind.BROKEN_MARK, message, comment)
                else:
                    yield _Mark(waiting, comment)
                waiting = None
        if waiting is not None:
            message = f"the mark is never closed: write {END!r} behind the text that it fills"
            self.report(Kind.BROKEN_MARK, message, waiting)


def _read(page: _Page, mark: _Mark) -> str | None:
    """Return the text for a mark, with its line ends and prefixes; None when a problem was reported."""
    begin = _BEGIN.match(mark.begin.text)
    text, is_block, complaints = page.filled(" ".join(begin["words"].split()) if begin else "")
    before = page.prefix(mark.begin) if is_block else ""
    if before is None or (is_block and not _REST_IS_BLANK.match(page.text, mark.end.end)):
        message = "a table or a list fills lines of its own: put both marks on lines of their own"
        complaints = [*complaints, Complaint(Kind.BROKEN_MARK, message)]
    for complaint in complaints:
        page.report(complaint.kind, complaint.message, mark.begin)
    if complaints or before is None:
        return None
    if not is_block:
        return text
    # With an empty line around it, every reader takes the text for Markdown.
    empty = before.rstrip()
    lines = ("", empty, *(f"{before}{line}" for line in text.split("\n")), empty, before)
    return page.line_end.join(lines)


def _write(registry: Registry, options: ExportOptions) -> Written:
    page = options.page
    if page is None:
        raise ExportError("name the Markdown file with the marks")
    try:
        data = read_beginning(page, PAGE_LIMIT + 1, root=options.page_root)
    except OSError as error:
        raise ExportError(error.strerror or str(error)) from error
    if data is None:
        raise ExportError("there is no such file")
    if len(data) > PAGE_LIMIT:
        raise ExportError(f"the file is larger than the limit of {PAGE_LIMIT:,} bytes")
    # What is no UTF-8 stays as it is.
    return inject(data.decode("utf-8", "surrogateescape"), registry, options.page_name or str(page))


FORMAT = Format(_write, lambda _: True)
