"""A page that people write and a registry -> what the page says of stores that the registry contradicts.

A wrong report costs more than a missing one: only what cannot be read in another way is compared. That is what is in
parentheses behind a store's name, the columns of a table of stores, and the numbers on a page about one service.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.backend_names import BackendNames
from sphinx_statestores.registry.field_words import squashed
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.key_index import VARIABLE, resolved_layout
from sphinx_statestores.registry.markdown_blocks import (
    Heading,
    Paragraph,
    RawTable,
    blocks,
    code_and_words,
    from_markdown,
    tables,
)
from sphinx_statestores.registry.markdown_comments import comments
from sphinx_statestores.registry.phrases import totals_text
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import did_you_mean
from sphinx_statestores.registry.totals import totals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sphinx_statestores.registry.markdown_blocks import Table
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.source import SourceText

_RST_ENDINGS = (".rst", ".rest", ".txt")
# What is between a name in inline code and the parentheses: the rest of a link or of emphasis.
_FACTS = re.compile(r"(?:\]\([^()\s]{0,500}\)|\]\[[^\[\]]{0,200}\])?[*_]{0,3}[ \t]?\n?[ \t]*\(([^()]{1,200})\)")
_DIVIDED = re.compile(r"[,;]")
_WORDS = {"prefix": "prefix", "key prefix": "prefix", "table": "table", "backend": "backend", "owner": "service",
          "owned by": "service", "service": "service"}  # fmt: skip
_NAMED = re.compile(r"(?:(?P<backend>\w+) )?(?P<word>(?:key )?prefix|table|backend|owner|owned by|service)"
                    r"(?P<colon>[:=]| ?= ?|: ?|) ?(?P<value>`[^`\s]+`|[^`\s]+)", re.IGNORECASE)  # fmt: skip
_NAMED_AFTER = re.compile(r"`(?P<value>[^`\s]+)` (?P<word>(?:key )?prefix|table)", re.IGNORECASE)
# What is said of another time or of a possibility is no fact of today.
_OTHER_TIME = re.compile(
    r"\b(?:not|never|no longer|former\w*|previous\w*|used to|was|were|been|old|older|legacy|deprecated|removed"
    r"|renam\w+|mov\w+|migrat\w+|instead|until|before|plan\w*|propos\w+|future|would|could|will|might|e\.g|example|instance"
    r"|mistake|wrong|bug|todo|now|replac\w+|switch\w+)\b",
    re.IGNORECASE,
)
#: So much before a name and behind its facts is looked at for words of another time, in characters.
_CONTEXT = 160
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n\s*(?:[-*+]|\d+[.)])\s")

_NAME_HEADS = frozenset({"store", "storename", "statestore", "statestorename", "component", "componentname", "name"})
_HEADS = {
    "backend": frozenset({"backend", "storage", "backingstore"}),
    "service": frozenset({"service", "owner", "owningservice", "ownerservice", "ownedby"}),
    "prefix": frozenset({"prefix", "keyprefix", "redisprefix", "rediskeyprefix"}),
    "table": frozenset({"table", "tablename", "mysqltable"}),
}
#: What is written in place of a prefix or a table that there is not.
_NOTHING = frozenset({"none", "n/a", "na", "nil", "null", "tbd", "unknown", "various"})
_VALUE = re.compile(r"[\w.:*/{}<>-]+")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")
_STEM = re.compile(r"(?:.*[/\\])?([^/\\]+?)(?:\.\w+)?")
#: What follows the name of a service in the title of its page.
_TITLE_ENDS = frozenset({"", "service", "plugin", "deepdive", "plugindeepdive", "servicedeepdive", "statestores"})
_COUNT = re.compile(
    r"(?<![\w.,:#-])(?P<number>\d{1,4})\s+state\s+stores?\b(?![-\w])(?:[*_]{0,2}\s*\((?P<parts>[^()]{1,200})\))?"
)
_OWNS = frozenset({"owns", "has", "manages"})
# What follows the number of all stores.
_CLAUSE_END = re.compile(
    r"[*_]{0,3}\s*(?:\Z|[.;!](?:\s|\Z)|and\s+owns\b|,(?!\s*(?:in|for|with|that|which|on|of|and|or|plus)\b))"
)
_PART = re.compile(r"(\d{1,4})\s+(\S.*\S)")
#: The kinds that a comment can silence; an empty one stands for all.
_SILENCED = frozenset({"", *(kind.subtype for kind in (Kind.WRONG_FACT, Kind.DEAD_NAME, Kind.WRONG_COUNT))})
_IGNORE = re.compile(r"\s*statestores:\s*ignore(?:\[(?P<kinds>[^\[\]]*)\])?\s*")
_RST_IGNORE = re.compile(r"[ \t]*\.\.(?P<comment>[ \t]+statestores:[ \t]*ignore[^\n]*)")
_LITERAL = re.compile(
    r"\.\. +(?:code-block|code|sourcecode|literalinclude|parsed-literal|highlight)::|(?!\.\. ).*::$"
)


class _Said(NamedTuple):
    """What a page says of a store."""

    field: str
    value: str
    #: Whether a word says which field it is.
    is_named: bool = False


def check_prose(source: SourceText, registry: Registry) -> list[Problem]:
    """Take a page of Markdown or reStructuredText; return what it says that the registry contradicts, in order."""
    return sorted(_Page(source, registry).problems(), key=lambda problem: problem.location)


class _Row(NamedTuple):
    """A row of a table about a store of the registry."""

    line: int
    store: Store
    cells: list[str]
    #: Whether a word in it tells of another time.
    is_past: bool


class _Page:
    """A page that is compared with a registry."""

    def __init__(self, source: SourceText, registry: Registry) -> None:
        self._path = source.path
        self._text = source.text.replace("\r\n", "\n").replace("\r", "\n")
        self._lines = self._text.split("\n")
        self._registry = registry
        self._backends = BackendNames(registry.backends)
        self._services = {
            title: name for name, service in registry.services.items() for title in (name, service.title)
        }
        names = "|".join(map(re.escape, sorted(filter(None, self._services), key=len, reverse=True)))
        self._service_names = re.compile(rf"\b(?:{names or '(?!)'})\b")
        self._pages: dict[str, str] = {}
        self._counts_of: dict[tuple[str, bool], set[tuple[int, tuple[tuple[str, int], ...]]]] = {}
        self._totals: dict[str, str] = {}
        self._is_rst = source.path.lower().endswith(_RST_ENDINGS)

    def problems(self) -> Iterator[Problem]:
        """Yield the problems that no comment silences."""
        ignored = set(self._ignored())
        for problem in self._all_problems():
            if not ignored & {(problem.location.line, ""), (problem.location.line, problem.kind.subtype)}:
                yield problem

    def _all_problems(self) -> Iterator[Problem]:
        title = ""
        for block in self._paragraphs() if self._is_rst else blocks(self._text):
            if isinstance(block, Heading):
                title = title or block.text
            elif isinstance(block, RawTable):
                for line, _ in block.rows:
                    yield from self._facts(self._lines[line - 1], line)
            elif isinstance(block, Paragraph) and not all(line[:4].isspace() or not line for line in block.lines):
                if self._is_rst and not title and len(block.lines) > 1:
                    title = next((line for line in block.lines if re.search(r"\w", line)), "")
                text = "\n".join(block.lines)
                yield from self._facts(text, block.line)
                yield from self._counts(text, block.line, title)
        if not self._is_rst:
            for table in tables(self._text):
                yield from self._table(table)

    def _problem(self, kind: Kind, message: str, line: int, column: int, store: str = "") -> Problem:
        return Problem(kind, message, Location(self._path, line, column), store=store)

    def _paragraphs(self) -> Iterator[Paragraph]:
        """Yield the paragraphs of reStructuredText that are no code."""
        found: list[str] = []
        code_indent = -1
        for number, line in enumerate((*self._lines, ""), 1):
            indent = len(line) - len(line.lstrip())
            if line.strip() and code_indent >= 0 and indent > code_indent:
                continue
            if line.strip():
                code_indent = indent if _LITERAL.match(line.strip()) else -1
                found.append(line.strip())
            elif found:
                yield Paragraph(tuple(found), number - len(found))
                found = []

    # -- comments -----------------------------------------------------------------------

    def _ignored(self) -> Iterator[tuple[int, str]]:
        """Yield lines with a kind that is silenced there; an empty one stands for all kinds."""
        starts = _line_starts(self._text)
        done: dict[str, int] = {}
        # By line, from 0: the last line, from 1, of the next block.
        ends = [len(self._lines)] * (len(self._lines) + 1)
        for number in reversed(range(len(self._lines) - 1)):
            is_end = self._lines[number].strip() and not self._lines[number + 1].strip()
            ends[number] = number + 1 if is_end else ends[number + 1]
        found = (
            [(n, match["comment"]) for n, line in enumerate(self._lines, 1) if (match := _RST_IGNORE.match(line))]
            if self._is_rst
            else [(bisect_right(starts, each.start), each.text) for each in comments(self._text)]
        )
        for number, text in found:
            match = _IGNORE.fullmatch(text)
            if match is None:
                continue
            last = number
            line = self._lines[number - 1].strip()
            if self._is_rst or (line.startswith("<!--") and line.endswith("-->")):
                # One on a line of its own is for what follows, up to an empty line.
                last = ends[number]
            named = {kind.strip() for kind in (match["kinds"] or "").split(",")}
            for kind in _SILENCED & named:
                yield from ((each, kind) for each in range(max(number, done.get(kind, 0) + 1), last + 1))
                done[kind] = last

    # -- facts in parentheses -----------------------------------------------------------

    def _facts(self, text: str, line: int) -> Iterator[Problem]:
        if "(" not in text or "`" not in text:
            return
        offset = 0
        starts = _line_starts(text)
        for part, is_code in code_and_words(text):
            offset += len(part)
            store = self._registry.by_name.get(part.strip("`").strip()) if is_code else None
            facts = _FACTS.match(text, offset) if store else None
            if store is None or facts is None:
                continue
            start = offset - len(part)
            before = _SENTENCE_END.split(text[max(0, start - _CONTEXT) : start])[-1]
            behind = _SENTENCE_END.split(text[facts.end() : facts.end() + _CONTEXT], maxsplit=1)[0]
            if any(map(_OTHER_TIME.search, (before, facts[1], behind))):
                continue
            row = bisect_right(starts, start) - 1
            place, column = line + row, start - starts[row] + 1
            for said in self._said(facts[1].replace("``", "`")):
                if not self._is_right(store, said):
                    yield self._wrong(store, said, place, column)

    def _said(self, text: str) -> list[_Said]:
        """Return what parentheses say of a store; nothing when it may be something else."""
        found: list[_Said] = []
        is_all = True
        for item in map(str.strip, _DIVIDED.split(" ".join(text.split()))):
            words = item.replace("*", "")
            match = _NAMED.fullmatch(words) or _NAMED_AFTER.fullmatch(words)
            if match and (value := self._named_value(match)):
                if backend := match.groupdict().get("backend"):
                    found.append(_Said("backend", backend))
                found.append(_Said(_WORDS[match["word"].lower()], value, is_named=True))
            elif (name := words.strip("`")) in self._services:
                found.append(_Said("service", name))
            elif self._is_backend(name) and (
                name in self._registry.by_backend or name not in self._registry.backends
            ):
                # "(memory)" need not be the backend that is called so.
                found.append(_Said("backend", name))
            else:
                is_all = False
        number = Counter(said.field for said in found)
        found = [said for said in found if number[said.field] == 1]
        return found if is_all else [said for said in found if said.is_named]

    def _named_value(self, match: re.Match[str]) -> str:
        """Return the value behind a word such as ``table``; empty when the word may be one of a sentence."""
        value = match["value"]
        groups = match.groupdict()
        if groups.get("backend") and not self._is_backend(groups["backend"]):
            return ""
        field = _WORDS[match["word"].lower()]
        name = value.strip("`\"'")
        is_sure = match.re is _NAMED_AFTER or bool(match["colon"].strip()) or value.startswith("`")
        if field == "backend":
            return name if self._is_backend(name) else ""
        if field == "service":
            return name if name in self._services else ""
        return name if is_sure and _is_value(name) else ""

    def _is_backend(self, name: str) -> bool:
        """Return whether a word is a backend as people write one: a key or a label, not any word that is like it."""
        key = self._backends.key_of(name)
        return key is not None and name in {key, self._registry.backend_label(key)}

    def _is_right(self, store: Store, said: _Said) -> bool:
        registry = self._registry
        layout = resolved_layout(store, registry)
        match said.field:
            case "backend":
                key = self._backends.key_of(said.value) or said.value
                return registry.backend_label(key) == registry.backend_label(store.backend)
            case "service":
                return self._services[said.value] in {store.service, *store.readers, *store.writers}
            case "prefix":
                found = _prefix(VARIABLE.split(said.value)[0])
                right = {_prefix(store.prefix), *(_prefix(parts[0]) for parts in layout.keys if parts)}
                # The beginning of some keys of the store is right as well.
                inside = tuple(f"{prefix}{sign}" for prefix in right if prefix for sign in ":/")
                return not found or found in right or found.startswith(inside)
            case _:
                return any(_is_same_table(said.value, table) for table in (registry.table_of(store), layout.table))

    def _wrong(self, store: Store, said: _Said, line: int, column: int) -> Problem:
        registry = self._registry
        right = {
            "backend": registry.backend_label(store.backend),
            "service": registry.service_title(store.service),
            "prefix": store.prefix,
            "table": registry.table_of(store),
        }[said.field]
        word = "owner" if said.field == "service" else said.field
        fact = f"has the {word} {shown(right)}" if right else f"has no {word}"
        message = f"{shown(store.name)} {fact} in the registry; found {shown(said.value)}"
        return self._problem(Kind.WRONG_FACT, message, line, column, store.name)

    # -- tables -------------------------------------------------------------------------

    def _table(self, table: Table) -> Iterator[Problem]:
        heads = [squashed(plain(from_markdown(head))) for head in table.head]
        column = next((n for n, head in enumerate(heads) if head in _NAME_HEADS), None)
        if column is None or any(_OTHER_TIME.search(text) for text in (*table.headings[-1:], table.before)):
            return
        known: list[_Row] = []
        dead: list[tuple[int, str]] = []
        for line, row in table.rows:
            cells = [from_markdown(cell) for cell in row]
            name = cells[column].strip("`") if column < len(cells) else ""
            store = self._registry.by_name.get(name)
            is_past = any("~~" in cell for cell in row) or any(_OTHER_TIME.search(plain(cell)) for cell in cells)
            if store:
                known.append(_Row(line, store, cells, is_past))
            elif is_past:
                continue
            elif cells[column : column + 1] == [f"`{name}`"] and self._may_be_store(name, heads[column]):
                dead.append((line, name))
        for field, words in _HEADS.items():
            position = next((n for n, head in enumerate(heads) if head in words), None)
            if position is not None:
                yield from self._column(field, position, known)
        if known and len(known) >= len(dead):
            for line, name in dead:
                near = (
                    did_you_mean(name, self._registry.names) or ": remove the row, or add the store to the registry"
                )
                message = f"the registry has no store {shown(name)}{near}"
                yield self._problem(Kind.DEAD_NAME, message, line, self._column_of(line, name))

    def _column(self, field: str, position: int, rows: Sequence[_Row]) -> Iterator[Problem]:
        """Yield what is wrong in a column; nothing when most of it is, since it says something else then."""
        wrong = []
        right = 0
        for line, store, cells, is_past in rows:
            cell = cells[position] if position < len(cells) else ""
            value = plain(cell).strip()
            if field == "backend":
                is_fact = self._is_backend(value)
            elif field == "service":
                is_fact = value in self._services
            else:
                # Where the registry has no prefix, a word may be one of a sentence.
                is_sure = field == "table" or bool(store.prefix or "`" in cell or re.search("[:*]", value))
                is_fact = is_sure and _is_value(value)
            if not is_fact:
                continue
            said = _Said(field, value)
            if self._is_right(store, said):
                right += 1
            elif not is_past:
                wrong.append((line, store, said))
        if right >= len(wrong):
            for line, store, said in wrong:
                yield self._wrong(store, said, line, self._column_of(line, store.name))

    def _may_be_store(self, name: str, head: str) -> bool:
        if not _NAME.fullmatch(name):
            return False
        ending = name.rpartition("-")[2]
        return "store" in head or sum(other.endswith(f"-{ending}") for other in self._registry.names) > 1

    def _column_of(self, line: int, name: str) -> int:
        return self._lines[line - 1].find(name) + 1

    # -- numbers ------------------------------------------------------------------------

    def _counts(self, text: str, line: int, title: str) -> Iterator[Problem]:
        if "state" not in text:
            return
        service = self._pages[title] if title in self._pages else self._service_of_page(title)
        self._pages[title] = service
        if not service:
            return
        starts = _line_starts(text)
        for match in _COUNT.finditer(text):
            start = match.start()
            sentence = _SENTENCE_END.split(text[max(0, start - _CONTEXT) : start])[-1]
            parts = self._parts(match["parts"] or "")
            number = int(match["number"])
            if not parts and not (self._is_subject(service, sentence) and _CLAUSE_END.match(text, match.end())):
                continue
            if _OTHER_TIME.search(sentence) or (number, parts) in self._right_counts(service, with_parts=bool(parts)):
                continue
            named = {self._services[name] for name in self._service_names.findall(sentence)}
            if not named - {service}:
                right = self._total(service)
                message = f"the service {shown(service)} has {right} in the registry; found {shown(match[0])}"
                row = bisect_right(starts, start) - 1
                yield self._problem(Kind.WRONG_COUNT, message, line + row, start - starts[row] + 1)

    def _is_subject(self, service: str, sentence: str) -> bool:
        """Return whether the words before a number are only that the service has or owns it."""
        words = re.sub("[*`]", "", sentence).split()
        if len(sentence) == _CONTEXT or not words or words.pop().lower() not in _OWNS:
            return False
        if words and words[-1].lower() in _TITLE_ENDS:
            words.pop()
        while words and (words[0].lower() == "the" or not re.search(r"\w", words[0])):
            del words[0]
        return self._services.get(" ".join(words).strip("_")) == service

    def _total(self, service: str) -> str:
        if service not in self._totals:
            stores = [self._registry.stores[n] for n in self._registry.by_service.get(service, ())]
            self._totals[service] = totals_text(totals(self._registry, stores))
        return self._totals[service]

    def _service_of_page(self, title: str) -> str:
        """Return the service that a page is about; empty for none."""
        stem = _STEM.fullmatch(self._path)
        for text in (squashed(plain(title)), squashed(stem[1]) if stem else ""):
            for name, service in self._services.items():
                key = squashed(name)
                if key and text.startswith(key) and text[len(key) :] in _TITLE_ENDS:
                    return service
        return ""

    def _parts(self, text: str) -> tuple[tuple[str, int], ...]:
        """Return the numbers by backend in parentheses, sorted; nothing when there is something else in them."""
        found = []
        for item in _DIVIDED.split(" ".join(text.split())):
            part = _PART.fullmatch(item.strip().removeprefix("and "))
            if part is None or not self._is_backend(part[2]):
                return ()
            found.append((self._registry.backend_label(self._backends.key_of(part[2]) or ""), int(part[1])))
        return tuple(sorted(found))

    def _right_counts(self, service: str, *, with_parts: bool) -> set[tuple[int, tuple[tuple[str, int], ...]]]:
        """Return what may be said: of all stores, without those that are gone or to come, with those of others.

        On its page, the numbers of the whole registry are right as well.
        """
        if (service, with_parts) in self._counts_of:
            return self._counts_of[service, with_parts]
        registry = self._registry
        own = [registry.stores[n] for n in registry.by_service.get(service, ())]
        used = [store for store in registry.stores if service in {*store.readers, *store.writers}]
        found = self._counts_of.setdefault((service, with_parts), set())
        all_used = [*own, *(store for store in used if store.service != service)]
        for stores in (own, all_used, registry.stores):
            for left_out in (
                (),
                ("removed",),
                ("removed", "deprecated"),
                ("planned",),
                ("planned", "removed", "deprecated"),
            ):
                counted = totals(registry, [store for store in stores if store.status not in left_out])
                found.add((counted.total, tuple(sorted(counted.parts)) if with_parts else ()))
        return found


def _line_starts(text: str) -> list[int]:
    return [0, *(end.end() for end in re.finditer("\n", text))]


def _is_value(text: str) -> bool:
    """Return whether a text may be a prefix or the name of a table, and does not stand for none."""
    return bool(_VALUE.fullmatch(text) and any(map(str.isalpha, text))) and text.lower() not in _NOTHING


def _is_same_table(one: str, other: str) -> bool:
    """Return whether two names may be those of one table. One of them may have a schema before a dot."""
    if ("." in one) != ("." in other):
        return one.rpartition(".")[2] == other.rpartition(".")[2]
    return one == other


def _prefix(text: str) -> str:
    return text.rstrip("*").rstrip(":/")
