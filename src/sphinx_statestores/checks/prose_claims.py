"""A page that people write -> what it says of stores: facts, tables, lists, numbers and names. No registry is needed.

What is in code and in comments is left out, and so is what is said of another time.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.checks.prose_ignores import FENCE, rst_comments, silenced
from sphinx_statestores.checks.prose_words import (
    called_by,
    cell_denies_store,
    cell_tells_past,
    denies_store,
    denies_what_follows,
    first_sentence,
    is_to_come,
    last_sentence,
    rest_of_sentence,
    tells_other_time,
    tells_past,
    told_above,
)
from sphinx_statestores.registry.field_words import squashed
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.markdown_blocks import (
    Fence,
    Heading,
    Paragraph,
    RawTable,
    blocks,
    code_and_words,
    from_markdown,
)
from sphinx_statestores.registry.markdown_comments import comments
from sphinx_statestores.registry.rst_blocks import from_rst, rst_blocks, table_of_directive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_statestores.registry.markdown_blocks import Block

#: What every page has that says something of stores: inline code that may be a name, or the word.
_MAY_SAY = re.compile(
    r"`[\w.:-]{1,200}`|\b(?:state[\s-]|\d\s)\s{0,9}stores?\b|\bstore\W{0,6}:|\bstores\b[^\n]{0,5}\n", re.IGNORECASE
)
_CODE_NAME = re.compile(r"[\w.:-]{1,200}")
KEBAB_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")
# What is between a name in inline code and the parentheses: the rest of a link or of emphasis.
_FACTS = re.compile(r"(?:\]\([^()\s]{0,500}\)|\]\[[^\[\]]{0,200}\])?[*_]{0,3}[ \t]?\n?[ \t]*\(([^()]{1,200})\)")
_BEGIN = r"[ \t>]*(?:[-*+][ \t]+|\d{1,3}[.)][ \t]+)?[*_]{0,3}"
_STORE_LINE = re.compile(
    rf"^{_BEGIN}(?:State[ -]?)?Store(?:[ ]name)?[*_]{{0,3}}[ \t]*:[*_]{{0,3}}[ \t]*"
    r"(?P<tick>`{0,2})(?P<name>[\w.-]{1,128})(?P=tick)[*_]{0,3}(?P<rest>[^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
# A line behind it with another of its fields.
_FIELD_LINE = re.compile(
    rf"\n{_BEGIN}(?P<word>Backend|(?:Redis[ ])?(?:Key[ ])?Prefix|Table|Owner|Service)[*_]{{0,3}}[ \t]*:[*_]{{0,3}}"
    r"[ \t]*(?P<value>[^\n]{1,200})",
    re.IGNORECASE,
)
_DASH = re.compile(r"\s[-\u2013\u2014|]\s")
_STORE_WORD = re.compile(r"stores?\b", re.IGNORECASE)
#: So much before a name and behind its facts is looked at for words of another time, in characters.
_CONTEXT = 160
_NAME_HEADS = frozenset({"store", "storename", "statestore", "statestorename", "component", "componentname", "name"})

#: Words for numbers, from zero.
_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905 - as words
_COUNT = re.compile(
    rf"(?<![\w.,:#-])(?P<number>\d{{1,4}}|{'|'.join(_NUMBERS[1:])})\s+(?P<state>state\s+)?stores?\b(?![-\w])"
    r"(?:[*_]{0,2}\s*\((?P<parts>[^()]{1,200})\))?",
    re.IGNORECASE,
)
# What follows the number of all stores.
_CLAUSE_END = re.compile(
    r"[*_]{0,3}\s*(?:\Z|[.;!](?:\s|\Z)|and\s+owns\b|,(?!\s*(?:in|for|with|that|which|on|of|and|or|plus)\b))"
)

_ITEM = re.compile(r"[ \t>]*(?:[-*+]|\d{1,3}[.)])[ \t]+(?P<text>.*)")
# The names behind "Its stores are", to the end of the sentence.
_CODE_AND_MORE = (
    r"[*_]{0,3}(?:\[|:[\w:]+:|\{[\w:]+\})?`{1,2}[\w.:-]{1,200}`{1,2}(?:\]\([^()\s]{0,500}\))?[*_]{0,3}"
    r"(?:\s\([^()]{0,200}\))?"
)
_ENUMERATION = re.compile(
    r"\bstores?[*_]{0,3}(?P<behind>:[*_]{0,3}|\s+are:?)\s+"
    rf"(?P<names>{_CODE_AND_MORE}(?:(?:,|;|,?\s+and)\s+{_CODE_AND_MORE}){{1,200}})\s*(?:\.\s|\.?\Z|\n\s*[-*+]\s)"
)
_SENTENCE_START = re.compile(r"[.:!?|]\s|\n")
_NAME_IN_CODE = re.compile(r"`([\w.:-]{1,200})`")
_ITEM_NAME = re.compile(
    r"(?:\[[ xX]\][ \t]+)?[*_]{0,3}(?:\[|:[\w:]+:|\{[\w:]+\})?"
    r"(?:(?P<tick>`{1,2})(?P<name>[\w.:-]{1,200})(?P=tick)(?!`)"
    # Without backticks, with hyphens and nothing else behind it that is a part of a word.
    r"|(?P<plain>[a-z][a-z0-9]*(?:-[a-z0-9]+)+)[*_]{0,3}(?=\]|:?\s|\Z))"
)

_RST_MARK = re.compile(r"[ \t]*\.\.[ \t]+(?:<!--[ \t]*)?statestores:(?!\s*ignore(?![\w-]))")
_MARK = re.compile(r"\s*statestores:(?!\s*ignore(?![\w-]))")
_QUOTE = re.compile(r"[ \t]*>[ \t]?(?P<text>.*)")
_CODE_INDENT = " " * 4
#: Directives of MyST whose content is prose.
_WITH_PROSE = re.compile(
    r"\{(?:note|warning|tip|important|hint|attention|caution|danger|error|seealso|admonition|dropdown|card|tab-item"
    r"|tab-set|grid|grid-item|grid-item-card|versionadded|versionchanged|sidebar|topic)\}"
)
_TABLE_DIRECTIVE = re.compile(r"\{(list-table|csv-table)\}")
#: So deep are directives read that are in others.
_DEPTH = 5
#: So much of a heading and of an introduction is kept, in characters.
_KEPT = 300


class Fact(NamedTuple):
    """What is said beside a name."""

    name: str
    text: str
    line: int
    column: int
    #: Whether it is behind "Store: name", where each fact has a word before it.
    is_line: bool = False


class Row(NamedTuple):
    """A row of a table of stores."""

    name: str
    cells: tuple[str, ...]
    line: int
    column: int
    #: Whether the name is all of its cell, in inline code.
    is_code: bool
    #: Whether a word in it tells of another time.
    is_past: bool
    #: Whether words in it, or above the table, say that there is no such store.
    is_denied: bool


class Table(NamedTuple):
    """A table with a column of names."""

    #: What its columns are called, without case and separators.
    heads: tuple[str, ...]
    #: The position of the names.
    names: int
    rows: tuple[Row, ...]


class Number(NamedTuple):
    """A number of state stores."""

    number: int
    #: What is in parentheses behind it.
    parts: str
    #: As it is written, in one line.
    text: str
    #: The words of its sentence before it.
    before: str
    #: Whether nothing follows that says which stores are counted.
    is_of_all: bool
    line: int
    column: int


class List(NamedTuple):
    """The names in a list or in a column of a table."""

    names: tuple[str, ...]
    line: int
    column: int
    #: Whether each item begins with a name.
    is_whole: bool
    #: The nearest heading, and the words between it and the list.
    heading: str
    introduction: str
    #: Whether something in the section is generated from a registry.
    has_generated: bool
    #: Whether the column of names is one of stores.
    is_of_stores: bool = False


class Mention(NamedTuple):
    """A name in the text, with hyphens."""

    name: str
    #: What the words around it call it: ``state store``, ``store``, or by the role of that name ``role``.
    called: str
    line: int
    column: int


class Claims(NamedTuple):
    """What a page says of stores."""

    title: str = ""
    facts: tuple[Fact, ...] = ()
    tables: tuple[Table, ...] = ()
    numbers: tuple[Number, ...] = ()
    lists: tuple[List, ...] = ()
    mentions: tuple[Mention, ...] = ()
    #: Lines, with a kind of problem that is silenced there; an empty one stands for all.
    ignored: tuple[tuple[int, str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return not any(self[1:-1])


def read_claims(text: str, *, is_rst: bool) -> Claims:
    """Take the text of a page of Markdown or reStructuredText; return what it says of stores."""
    return _Reader(text, is_rst=is_rst).claims() if _MAY_SAY.search(text) else Claims()


class _Reader:
    """Reads one page."""

    def __init__(self, text: str, *, is_rst: bool) -> None:
        self._is_rst = is_rst
        self._text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._lines = self._text.split("\n")
        #: Comments with their lines.
        self._comments: list[tuple[int, str]] = []
        self._facts: list[Fact] = []
        self._tables: list[Table] = []
        self._numbers: list[Number] = []
        self._lists: list[List] = []
        self._mentions: list[Mention] = []
        self._title: Heading | None = None
        #: The lines of comments that generated text follows.
        self._marks: list[int] = []
        # The list that is being read: its names, where it begins, and whether each item has a name.
        self._items: list[str] = []
        self._place = (0, 0)
        self._is_whole = True
        # Of the section that is being read.
        self._heading = Heading(1, "", 0)
        self._before = ""
        self._has_generated = False

    def claims(self) -> Claims:
        """Return what the page says."""
        if self._is_rst:
            self._comments = rst_comments(self._lines)
            self._marks += [number for number, line in enumerate(self._lines, 1) if _RST_MARK.match(line)]
        for block in rst_blocks(self._text) if self._is_rst else self._markdown(self._text, 0, 0):
            if not isinstance(block, Paragraph):
                self._end_list()
            if isinstance(block, Heading):
                self._title = self._title or block
                self._heading, self._before, self._has_generated = block, "", False
            elif isinstance(block, RawTable):
                self._table(block)
                self._before = ""
            elif isinstance(block, Fence):
                self._has_generated = self._has_generated or "statestore" in block.language
            else:
                self._paragraph(block)
        self._end_list()
        return Claims(
            self._title.text if self._title else "",
            tuple(self._facts),
            tuple(self._tables),
            tuple(self._numbers),
            tuple(self._lists),
            tuple(self._mentions),
            tuple(silenced(self._lines, sorted(self._comments), is_rst=self._is_rst)),
        )

    def _markdown(self, text: str, line: int, depth: int) -> Iterator[Block]:
        """Yield the blocks of Markdown, also those in directives; *line* is how many lines are before the text."""
        for block in blocks(self._without_comments(text, line)):
            if isinstance(block, Fence) and (directive := _TABLE_DIRECTIVE.match(block.language)):
                yield from table_of_directive(directive[1], block.lines, line + block.line + 1)
            elif isinstance(block, Fence) and _WITH_PROSE.match(block.language) and depth < _DEPTH:
                yield from self._markdown("\n".join(block.lines), line + block.line, depth + 1)
            elif isinstance(block, RawTable):
                rows = tuple((line + number, cells) for number, cells in block.rows)
                yield block._replace(line=line + block.line, rows=rows)
            elif not (
                isinstance(block, Paragraph)
                and all(each.startswith((_CODE_INDENT, "\t")) or not each.strip() for each in block.lines)
            ):
                yield block._replace(line=line + block.line)

    def _without_comments(self, text: str, line: int) -> str:
        """Return Markdown with blanks in place of comments, which are noted, and of code in quotes.

        *line* is how many lines are before the text.
        """
        parts = []
        done = 0
        places = _Places(text, line + 1)
        for comment in comments(text) if "<!--" in text else ():
            number = places.of(comment.start)[0]
            self._comments.append((number, comment.text))
            if _MARK.match(comment.text):
                insort(self._marks, number)
            parts += [text[done : comment.start], re.sub(r"[^\n]", " ", text[comment.start : comment.end])]
            done = comment.end
        lines = "".join((*parts, text[done:])).split("\n")
        fence, was_blank = "", True
        for position, written in enumerate(lines):
            if written.startswith("%"):
                # A comment of MyST.
                lines[position] = ""
            quoted = _QUOTE.fullmatch(written)
            if quoted is None:
                fence, was_blank = "", True
                continue
            opening = FENCE.match(written)
            is_code = bool(fence) or (was_blank and quoted["text"].startswith(_CODE_INDENT))
            if opening and (not fence or written.strip(" \t>").startswith(fence)):
                fence, is_code = ("" if fence else opening[1]), True
            if is_code:
                lines[position] = ""
            was_blank = is_code or not quoted["text"].strip()
        return "\n".join(lines)

    # -- paragraphs ---------------------------------------------------------------------

    def _paragraph(self, block: Paragraph) -> None:
        text = "\n".join(block.lines)
        places = _Places(text, block.line)
        self._store_lines(text, places)
        if "store" in text:
            self._count(text, places)
            self._enumerations(text, places)
        before: list[str] = []
        has_items = False
        first_item = len(block.lines)
        for number, line in enumerate(block.lines):
            item = _ITEM.fullmatch(line)
            if item:
                if not has_items:
                    first_item = number
                    if before:
                        self._end_list()
                        self._before = " ".join(before)
                has_items = True
                self._item(item["text"], line, block.line + number)
            elif not has_items and not (self._items and line.startswith((" ", "\t"))):
                before.append(line.strip())
        if before and not has_items:
            self._end_list()
            self._before = " ".join(before)
        self._names(text, places, block.line + first_item)

    def _item(self, text: str, line: str, number: int) -> None:
        found = _ITEM_NAME.match(text)
        if not self._items:
            self._place = number, line.find(text) + 1
        if found:
            self._items.append(found["name"] or found["plain"])
        elif not line.startswith((" ", "\t")):
            self._is_whole = False

    def _end_list(self) -> None:
        """Keep the list that has been read."""
        if self._items:
            self._keep_list(tuple(self._items), *self._place, is_whole=self._is_whole)
            self._before = ""
        self._items, self._is_whole = [], True

    def _keep_list(
        self, names: tuple[str, ...], line: int, column: int, *, is_whole: bool, is_of_stores: bool = False
    ) -> None:
        marks = bisect_left(self._marks, line) > bisect_left(self._marks, self._heading.line)
        self._lists.append(
            List(
                names,
                line,
                column,
                is_whole,
                self._readable(self._heading.text)[-_KEPT:],
                self._readable(self._before)[-_KEPT:],
                self._has_generated or marks,
                is_of_stores,
            )
        )

    def _readable(self, text: str) -> str:
        return plain(from_markdown(from_rst(text) if self._is_rst else text))

    def _names(self, text: str, places: _Places, first_item: int | None = None) -> None:
        """Read the names in inline code, and the facts in parentheses behind them.

        From the line *first_item* on, the text is a list, of which the words above it tell as well.
        """
        offset = 0
        for part, is_code in code_and_words(text) if "`" in text else ():
            start = offset
            offset += len(part)
            name = part.strip("`").strip()
            if not is_code or not _CODE_NAME.fullmatch(name):
                continue
            facts = _FACTS.match(text, offset)
            is_kebab = KEBAB_NAME.fullmatch(name) is not None
            if not facts and not is_kebab:
                continue
            place = places.of(start)
            is_item = first_item is not None and place[0] >= first_item
            is_past, is_denied = self._told_above(is_list=True) if is_item else (False, False)
            if is_past:
                continue
            around = text[max(0, start - _CONTEXT) : start]
            before = last_sentence(around)
            end = facts.end() if facts else offset
            behind, is_question = rest_of_sentence(text[end : end + _CONTEXT])
            beside = facts[1] if facts else ""
            if is_question or tells_other_time(before) or tells_past(beside) or tells_past(behind):
                continue
            if facts and not denies_what_follows(before):
                self._facts.append(Fact(name, facts[1], *place))
            is_denied = is_denied or any(map(denies_store, (before, beside, behind)))
            if is_kebab and not is_denied and not is_to_come(before):
                called = called_by(before, text[offset : offset + _CONTEXT])
                self._mentions.append(Mention(name, called, *place))

    def _store_lines(self, text: str, places: _Places) -> None:
        """Read lines such as ``Store: name, Backend: Redis``, and those behind them with other fields."""
        for match in _STORE_LINE.finditer(text):
            rest = match["rest"].strip()
            facts = []
            if rest.startswith("(") and not match["tick"]:
                facts = [rest[1:].partition(")")[0]]
            elif rest.startswith((",", ";", "|", "-", "\u2013", "\u2014")):
                facts = [_DASH.sub(", ", f" {first_sentence(rest)} ").strip(" ,;.")]
            end = match.end()
            while field := _FIELD_LINE.match(text, end):
                facts.append(f"{field['word']}: {field['value'].strip().rstrip('.').lstrip('*_ ')}")
                end = field.end()
            said = ", ".join(facts)
            place = places.of(match.start("name") - len(match["tick"]))
            if tells_past(f"{rest} {said}"):
                continue
            if not match["tick"] and KEBAB_NAME.fullmatch(match["name"]) and not denies_store(rest):
                self._mentions.append(Mention(match["name"], "store", *place))
            if said:
                self._facts.append(Fact(match["name"], said[:_KEPT], *place, is_line=True))

    def _enumerations(self, text: str, places: _Places) -> None:
        """Read the lists in sentences."""
        for match in _ENUMERATION.finditer(text):
            start = match.start("names")
            before = _SENTENCE_START.split(text[max(0, match.start() - _CONTEXT) : match.start("behind")])[-1]
            item = _ITEM.fullmatch(before)
            self._lists.append(
                List(
                    tuple(_NAME_IN_CODE.findall(match["names"])),
                    *places.of(start),
                    is_whole=True,
                    heading="",
                    introduction=f"{self._readable(item['text'] if item else before).strip('*_> ')}:",
                    has_generated=self._has_generated,
                )
            )

    def _count(self, text: str, places: _Places) -> None:
        for match in _COUNT.finditer(text):
            start = match.start()
            before = last_sentence(text[max(0, start - _CONTEXT) : start])
            if tells_other_time(before):
                continue
            # Where the sentence begins before what is looked at, nobody knows what it is about.
            is_of_all = (
                bool(match["state"]) and len(before) < _CONTEXT and _CLAUSE_END.match(text, match.end()) is not None
            )
            word = match["number"].lower()
            number = int(word) if word.isdecimal() else _NUMBERS.index(word)
            self._numbers.append(
                Number(number, match["parts"] or "", " ".join(match[0].split()), before, is_of_all, *places.of(start))
            )

    # -- tables -------------------------------------------------------------------------

    def _table(self, table: RawTable) -> None:
        if self._is_rst:
            for line, cells in table.rows:
                self._facts_of_row(" ".join(cells), line)
        else:
            for line, cells in table.rows:
                written = self._lines[line - 1]
                self._facts_of_row(written if "|" in written else " ".join(cells), line)
        heads = tuple(squashed(plain(from_markdown(head))) for head in table.head)
        column = next((n for n, head in enumerate(heads) if head in _NAME_HEADS), None)
        if column is None:
            return
        is_past_table, is_denied = self._told_above()
        rows = []
        for line, row in table.rows:
            cells = tuple(from_markdown(cell) for cell in row)
            cell = cells[column] if column < len(cells) else ""
            name = cell.strip("`")
            is_past = any("~~" in each for each in row) or any(cell_tells_past(each) for each in cells)
            place = line, self._lines[line - 1].find(name) + 1
            is_no_store = is_denied or any(map(cell_denies_store, cells))
            is_code = cell == f"`{name}`"
            rows.append(Row(name, cells, *place, is_code=is_code, is_past=is_past, is_denied=is_no_store))
        names = tuple(row.name for row in rows if row.name)
        if names:
            is_whole = len(names) == len(rows)
            is_of_stores = "store" in heads[column]
            self._keep_list(names, rows[0].line, rows[0].column, is_whole=is_whole, is_of_stores=is_of_stores)
        if not is_past_table:
            self._tables.append(Table(heads, column, tuple(rows)))

    def _told_above(self, *, is_list: bool = False) -> tuple[bool, bool]:
        """Return whether the words above a table or a list tell of another time, and whether they deny its stores.

        These are the heading, and the last sentence: above a list, only if it ends with a colon. The title of a page
        is about more than its stores, unless it names them.
        """
        sentence = last_sentence(self._before[-_KEPT:].strip())
        if is_list and not sentence.rstrip("*_ ").endswith(":"):
            sentence = ""
        heading = self._heading.text[:_KEPT]
        if self._heading is self._title and not _STORE_WORD.search(heading):
            heading = ""
        return told_above(heading, sentence)

    def _facts_of_row(self, text: str, line: int) -> None:
        before = len(self._mentions)
        self._names(text, _Places(text, line))
        # A name in a table is in its column, or may be anything.
        del self._mentions[before:]


class _Places:
    """Tells lines and columns of offsets in a text that begins on a line of a page."""

    def __init__(self, text: str, line: int) -> None:
        self._line = line
        self._starts = [0, *(end.end() for end in re.finditer("\n", text))]

    def of(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of an offset."""
        row = bisect_right(self._starts, offset) - 1
        return self._line + row, offset - self._starts[row] + 1
