"""What a page says of stores, and a registry -> what the registry contradicts.

A wrong report costs more than a missing one: only what cannot be read in another way is compared.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sphinx_statestores.checks.prose_claims import KEBAB_NAME, read_claims
from sphinx_statestores.registry.backend_names import BackendNames
from sphinx_statestores.registry.field_words import squashed
from sphinx_statestores.registry.inline import plain
from sphinx_statestores.registry.key_index import VARIABLE, resolved_layout
from sphinx_statestores.registry.lookalikes import service_words
from sphinx_statestores.registry.markdown_blocks import from_markdown
from sphinx_statestores.registry.phrases import totals_text
from sphinx_statestores.registry.problems import Kind, Location, Problem
from sphinx_statestores.registry.quoting import listed, shown
from sphinx_statestores.registry.suggest import Suggestions
from sphinx_statestores.registry.totals import totals

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sphinx_statestores.checks.prose_claims import Claims, Fact, List, Mention, Number, Row, Table
    from sphinx_statestores.registry.model import Registry, Store
    from sphinx_statestores.registry.source import SourceText

_RST_ENDINGS = (".rst", ".rest", ".txt")
_DIVIDED = re.compile(r"[,;]")
_WORDS = {"prefix": "prefix", "key prefix": "prefix", "table": "table", "backend": "backend", "owner": "service",
          "owned by": "service", "service": "service"}  # fmt: skip
_NAMED = re.compile(r"(?:(?P<backend>(?!key )\w+) )?(?P<word>(?:key )?prefix|table|backend|owner|owned by|service)"
                    r"(?P<colon>[:=]| ?= ?|: ?|) ?(?P<value>`[^`\s]+`|[^`\s]+)", re.IGNORECASE)  # fmt: skip
_NAMED_AFTER = re.compile(r"`(?P<value>[^`\s]+)` (?P<word>(?:key )?prefix|table)", re.IGNORECASE)

_HEADS = {
    "backend": frozenset({"backend", "storage", "backingstore"}),
    "service": frozenset({"service", "owner", "owningservice", "ownerservice", "ownedby"}),
    "prefix": frozenset({"prefix", "keyprefix", "redisprefix", "rediskeyprefix"}),
    "table": frozenset({"table", "tablename", "mysqltable"}),
}
#: What is written in place of a prefix or a table that there is not.
_NOTHING = frozenset({"none", "n/a", "na", "nil", "null", "tbd", "unknown", "various"})
_VALUE = re.compile(r"[\w.:*/{}<>-]+")
_STEM = re.compile(r"(?:.*[/\\])?([^/\\]+?)(?:\.\w+)?")
#: What follows the name of a service in the title of its page.
_TITLE_ENDS = frozenset({"", "service", "plugin", "deepdive", "plugindeepdive", "servicedeepdive", "statestores"})
#: So much of a title is looked at, in characters.
_TITLE_LENGTH = 200
_OWNS = frozenset({"owns", "has", "manages"})
_PART = re.compile(r"(\d{1,4})\s+(\S.*\S)")
#: Numbers of stores, each with those of its backends.
_Counts: TypeAlias = "set[tuple[int, tuple[tuple[str, int], ...]]]"
#: The statuses whose stores people may leave out when they count.
_LEFT_OUT = ((), ("removed",), ("removed", "deprecated"), ("planned",), ("planned", "removed", "deprecated"))

#: Kebab-case words that tell what a store is like and are no name.
_LIKENESS = re.compile(
    r"(?:in|on|off|per|read|write|append|key|time|multi|single|two|long|short|non|pre|pub|open|built)-.*"
    r"|.*-(?:aware|backed|based|behind|compatible|defined|driven|first|in|level|like|local|managed|native|of|only|out"
    r"|owned|ready|scoped|shared|side|specific|through|value|wide|memory)"
)
#: A part of the stores that end alike, from which on a name with this ending is one of a store.
_MOST = 0.5
#: The words of a heading or an introduction of all stores of a service, beside its name.
_OF_ALL = frozenset({
    "the", "this", "it", "they", "these", "those", "following", "service", "plugin", "and", "a", "an", "all",
    "its", "our", "own", "owned", "of", "by", "in", "for", "with", "state", "store", "stores", "statestores",
    "data", "list", "table", "tables", "summary", "overview", "reference", "storage", "persistence", "are", "is",
    "has", "have", "owns", "use", "uses", "used", "manages", "keeps", "below", "here", "each", "several",
    "separate", "dedicated", "different", "distinct", "backend", "backends", "keys", "two", "three", "four",
    "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
})  # fmt: skip
_STORES = frozenset({"stores", "statestores"})
#: What the heading of a table of stores says.
_STATE = frozenset({"state", "storage", "store"})
#: Words that say that a list is a selection.
_SELECTION = re.compile(
    r"\b(?:such as|for example|for instance|e\.g|i\.e|main\w*|some|most|notabl\w+|includ\w+|important|primar\w+|key"
    r"|core|among|few|several of|one of|two of|selected|other|others|more|also|additional\w*|new|only|typical\w*"
    r"|like)\b",
    re.IGNORECASE,
)


class _Said(NamedTuple):
    """What a page says of a store."""

    field: str
    value: str
    #: Whether a word says which field it is.
    is_named: bool = False


def check_prose(source: SourceText, registry: Registry) -> list[Problem]:
    """Take a page of Markdown or reStructuredText; return what it says that the registry contradicts, in order."""
    return ProseCheck(registry).of_source(source)


class ProseCheck:
    """Compares pages with one registry."""

    def __init__(
        self, registry: Registry, is_known: Callable[[str], bool] | None = None, *, with_lookalikes: bool = True
    ) -> None:
        """Take the registry, and which other names a page may use.

        Without *with_lookalikes*, names that only look like that of a store and those in roles are not reported.
        """
        self._registry = registry
        self._is_known = is_known or registry.by_name.__contains__
        self._with_lookalikes = with_lookalikes
        self._backends = BackendNames(registry.backends)
        self._services = {
            title: name for name, service in registry.services.items() for title in (name, service.title)
        }
        self._suggestions = Suggestions()
        self._counts_of: dict[tuple[str, bool], _Counts] = {}
        self._totals: dict[str, str] = {}

    def of_source(self, source: SourceText) -> list[Problem]:
        """Take a page; return what the registry contradicts, in order."""
        is_rst = source.path.lower().endswith(_RST_ENDINGS)
        return self.of_claims(read_claims(source.text, is_rst=is_rst), source.path)

    def of_claims(self, claims: Claims, path: str, services: Collection[str] = ()) -> list[Problem]:
        """Take what a page says; return what the registry contradicts, in order.

        *services* are those whose page it is; without any, its title and its file name tell.
        """
        page = _Page(path)
        ignored = set(claims.ignored)
        own = self._service_of_page(claims, path, services)
        for fact in claims.facts:
            self._fact(page, fact)
        for number in claims.numbers if own else ():
            self._number(page, number, own)
        for table in claims.tables:
            self._table(page, table)
        self._mentioned(page, claims)
        if own:
            self._listed(page, claims, own)
        found = [
            problem
            for problem in page.problems
            if not ignored & {(problem.location.line, ""), (problem.location.line, problem.kind.subtype)}
        ]
        return sorted(dict.fromkeys(found), key=lambda problem: problem.location)

    # -- facts beside a name ------------------------------------------------------------

    def _fact(self, page: _Page, fact: Fact) -> None:
        store = self._registry.by_name.get(fact.name)
        if store is None:
            return
        for said in self._said(fact.text.replace("``", "`")):
            if (said.is_named or not fact.is_line) and not self._is_right(store, said):
                self._wrong(page, store, said, fact.line, fact.column)

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
        if len(found) == 1 and found[0].field == "service":
            # Without another fact beside it, a service may be one that uses the store, or the topic.
            is_all = False
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
        match said.field:
            case "backend":
                key = self._backends.key_of(said.value) or said.value
                return registry.backend_label(key) == registry.backend_label(store.backend)
            case "service":
                return self._services[said.value] in {store.service, *store.readers, *store.writers}
            case "prefix":
                found = _prefix(VARIABLE.split(said.value)[0])
                keys = resolved_layout(store, registry).keys
                right = {_prefix(store.prefix), *(_prefix(parts[0]) for parts in keys if parts)}
                # The beginning of some keys of the store is right as well.
                inside = tuple(f"{prefix}{sign}" for prefix in right if prefix for sign in ":/")
                return not found or found in right or found.startswith(inside)
            case _:
                tables = registry.table_of(store), resolved_layout(store, registry).table
                return any(_is_same_table(said.value, table) for table in tables)

    def _wrong(self, page: _Page, store: Store, said: _Said, line: int, column: int) -> None:
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
        page.report(Kind.WRONG_FACT, message, line, column, store.name)

    # -- tables -------------------------------------------------------------------------

    def _table(self, page: _Page, table: Table) -> None:
        known = [row for row in table.rows if row.name in self._registry.by_name]
        head = table.heads[table.names]
        dead = [
            row
            for row in table.rows
            if row.is_code
            and not row.is_past
            and not row.is_denied
            and self._may_be_dead(row.name)
            and self._is_like_a_name(row.name, head)
        ]
        for field, words in _HEADS.items():
            position = next((n for n, each in enumerate(table.heads) if each in words), None)
            if position is not None:
                self._column(page, field, position, known)
        if known and len(known) >= len(dead):
            for row in dead:
                self._dead(page, row.name, "remove the row, or add the store to the registry", row.line, row.column)

    def _column(self, page: _Page, field: str, position: int, rows: Sequence[Row]) -> None:
        """Report what is wrong in a column; nothing when most of it is, since it says something else then."""
        wrong = []
        right = 0
        for row in rows:
            store = self._registry.by_name[row.name]
            cell = row.cells[position] if position < len(row.cells) else ""
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
            elif not row.is_past:
                wrong.append((row, store, said))
        if right >= len(wrong):
            for row, store, said in wrong:
                self._wrong(page, store, said, row.line, row.column)

    # -- names --------------------------------------------------------------------------

    def _mentioned(self, page: _Page, claims: Claims) -> None:
        """Report the names in the text that the words around them, or their ending, call stores."""
        by_name = self._registry.by_name
        named = {mention.name for mention in claims.mentions}
        named.update(row.name for table in claims.tables for row in table.rows)
        is_about_stores = not named.isdisjoint(by_name)
        for mention in claims.mentions:
            if self._may_be_dead(mention.name) and self._is_called_store(mention, is_about_stores=is_about_stores):
                advice = "name another store, or add it to the registry"
                self._dead(page, mention.name, advice, mention.line, mention.column)

    def _is_called_store(self, mention: Mention, *, is_about_stores: bool) -> bool:
        if mention.called == "role":
            return self._with_lookalikes
        if self._with_lookalikes and self._has_usual_ending(mention.name):
            return True
        if not mention.called or _LIKENESS.fullmatch(mention.name) or self._is_backend(mention.name):
            return False
        return mention.called == "state store" or is_about_stores

    def _may_be_dead(self, name: str) -> bool:
        return (
            name not in self._registry.by_name
            and not self._is_known(name)
            and KEBAB_NAME.fullmatch(name) is not None
            and name not in self._service_words
        )

    def _is_like_a_name(self, name: str, head: str) -> bool:
        ending = name.rpartition("-")[2]
        return "store" in head or self._endings[ending] > 1

    def _has_usual_ending(self, name: str) -> bool:
        number = self._endings[name.rpartition("-")[2]]
        return number > 1 and number >= _MOST * len(self._registry.stores)

    @cached_property
    def _endings(self) -> Counter[str]:
        """The last words of names, with how many stores have each."""
        return Counter(name.rpartition("-")[2] for name in self._registry.names if "-" in name)

    @cached_property
    def _service_words(self) -> frozenset[str]:
        return service_words(self._registry)

    def _dead(self, page: _Page, name: str, advice: str, line: int, column: int) -> None:
        near = self._suggestions.did_you_mean(name, self._registry.by_name) or f": {advice}"
        page.report(Kind.DEAD_NAME, f"the registry has no store {shown(name)}{near}", line, column, name)

    # -- lists --------------------------------------------------------------------------

    def _listed(self, page: _Page, claims: Claims, service: str) -> None:
        """Report the first list of all stores of a service, if this and all other lists of the page lack some."""
        registry = self._registry
        own = registry.by_service.get(service, ())
        active = [store.name for store in (registry.stores[n] for n in own) if store.status == "active"]
        named = {name for each in claims.lists for name in each.names}
        missing = [name for name in active if name not in named]
        if not missing:
            return
        for each in claims.lists:
            known = [registry.by_name[name] for name in each.names if name in registry.by_name]
            if (
                each.is_whole
                and not each.has_generated
                and len({store.name for store in known}) > 1
                and all(store.service == service for store in known)
                and all(name in registry.by_name or self._may_be_dead(name) for name in each.names)
                and self._is_of_all(each, service)
            ):
                names = listed(map(shown, missing), len(missing), "and")
                message = f"the list of the stores of {shown(service)} lacks {names}: add what is missing"
                page.report(Kind.INCOMPLETE_LIST, message, each.line, each.column)
                return

    def _is_of_all(self, found: List, service: str) -> bool:
        """Return whether the words before a list say that it has all stores of a service."""
        introduction = found.introduction
        if _SELECTION.search(introduction) or _SELECTION.search(found.heading):
            return False
        if self._names_backend(found.heading):
            return False
        sentence = re.split(r"[.!?]\s+", introduction.strip())[-1]
        words = re.findall(r"[\w-]+", sentence.lower())
        if introduction.rstrip().endswith(":") or not _STORES.isdisjoint(words):
            return self._names_all(words, service)
        heading = re.findall(r"[\w-]+", found.heading.lower())
        if found.is_of_stores and not _STATE.isdisjoint(heading):
            heading.append("stores")
        return not self._names_backend(introduction) and self._names_all(heading, service)

    def _names_all(self, words: Sequence[str], service: str) -> bool:
        own = {squashed(service), squashed(self._registry.service_title(service))}
        own.update(re.findall(r"\w+", self._registry.service_title(service).lower()))
        left = [word for word in words if word not in _OF_ALL and not word.isdecimal()]
        return not _STORES.isdisjoint(words) and all(squashed(word) in own for word in left)

    def _names_backend(self, text: str) -> bool:
        return any(self._backends.key_of(word) is not None for word in re.findall(r"\w+", text))

    # -- numbers ------------------------------------------------------------------------

    def _number(self, page: _Page, found: Number, service: str) -> None:
        parts = self._parts(found.parts)
        if not parts and not (found.is_of_all and self._is_subject(service, found.before)):
            return
        if (found.number, parts) in self._right_counts(service, with_parts=bool(parts)):
            return
        named = {self._services[name] for name in self._service_names.findall(found.before)}
        if not named - {service}:
            right = self._total(service)
            message = f"the service {shown(service)} has {right} in the registry; found {shown(found.text)}"
            page.report(Kind.WRONG_COUNT, message, found.line, found.column)

    @cached_property
    def _service_names(self) -> re.Pattern[str]:
        names = "|".join(map(re.escape, sorted(filter(None, self._services), key=len, reverse=True)))
        return re.compile(rf"\b(?:{names or '(?!)'})\b")

    def _is_subject(self, service: str, sentence: str) -> bool:
        """Return whether the words before a number are only that the service has or owns it."""
        words = re.sub("[*`]", "", sentence).split()
        if not words or words.pop().lower() not in _OWNS:
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

    def _service_of_page(self, claims: Claims, path: str, services: Collection[str]) -> str:
        """Return the service that a page is about; empty for none, and for several."""
        if services:
            return next(iter(services)) if len(services) == 1 else ""
        if not claims.numbers and not claims.lists:
            return ""
        stem = _STEM.fullmatch(path)
        for written in (plain(from_markdown(claims.title)), stem[1] if stem else ""):
            text = squashed(written)[:_TITLE_LENGTH]
            # The longest one, since the name of one service may begin with that of another.
            for size in range(len(text), 0, -1):
                service = self._services_by_key.get(text[:size])
                if service and text[size:] in _TITLE_ENDS:
                    return service
        return ""

    @cached_property
    def _services_by_key(self) -> dict[str, str]:
        return {squashed(name): service for name, service in reversed(self._services.items())}

    def _parts(self, text: str) -> tuple[tuple[str, int], ...]:
        """Return the numbers by backend in parentheses, sorted; nothing when there is something else in them."""
        found = []
        for item in _DIVIDED.split(" ".join(text.split())):
            part = _PART.fullmatch(item.strip().removeprefix("and "))
            if part is None or not self._is_backend(part[2]):
                return ()
            found.append((self._registry.backend_label(self._backends.key_of(part[2]) or ""), int(part[1])))
        return tuple(sorted(found))

    def _right_counts(self, service: str, *, with_parts: bool) -> _Counts:
        """Return what may be said: of all stores, without those that are gone or to come, with those of others.

        On its page, the numbers of the whole registry are right as well.
        """
        key = service, with_parts
        if key not in self._counts_of:
            own = [self._registry.stores[n] for n in self._registry.by_service.get(service, ())]
            used = [store for store in self._used_by.get(service, ()) if store.service != service]
            self._counts_of[key] = self._counts(own, with_parts=with_parts) | self._counts(
                [*own, *used], with_parts=with_parts
            )
        return self._counts_of[key] | self._counts_of_all[with_parts]

    @cached_property
    def _used_by(self) -> dict[str, list[Store]]:
        """Service -> the stores that it reads or writes."""
        found: dict[str, list[Store]] = {}
        for store in self._registry.stores:
            for service in {*store.readers, *store.writers}:
                found.setdefault(service, []).append(store)
        return found

    @cached_property
    def _counts_of_all(self) -> tuple[_Counts, _Counts]:
        """What may be said of the whole registry, without numbers by backend and with them."""
        stores = self._registry.stores
        return self._counts(stores, with_parts=False), self._counts(stores, with_parts=True)

    def _counts(self, stores: Sequence[Store], *, with_parts: bool) -> _Counts:
        found: _Counts = set()
        for left_out in _LEFT_OUT:
            counted = totals(self._registry, [store for store in stores if store.status not in left_out])
            found.add((counted.total, tuple(sorted(counted.parts)) if with_parts else ()))
        return found


class _Page:
    """Collects the problems of one page."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.problems: list[Problem] = []

    def report(self, kind: Kind, message: str, line: int, column: int, store: str = "") -> None:
        """Note a problem."""
        self.problems.append(Problem(kind, message, Location(self._path, line, column), store=store))


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
