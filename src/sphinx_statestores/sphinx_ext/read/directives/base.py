"""The base class of the directives: tolerant options, and placeholders with their document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from sphinx_statestores.registry.backend_names import BackendNames
from sphinx_statestores.registry.backends import KNOWN_BACKENDS
from sphinx_statestores.registry.fields import CUSTOM, FIELD_FILTERS, may_be_own
from sphinx_statestores.registry.messages import must_be, one_of, options_are
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.query import Complaint, parse_query
from sphinx_statestores.registry.quoting import cut, shown
from sphinx_statestores.registry.suggest import did_you_mean
from sphinx_statestores.sphinx_ext.logging import warn
from sphinx_statestores.sphinx_ext.read.placeholders import statestores_block, statestores_empty
from sphinx_statestores.sphinx_ext.read.site import site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from gettext import NullTranslations

    from sphinx_statestores.registry.query import Query
    from sphinx_statestores.sphinx_ext.read.questions import Question

# An option without one of its colons.
_OPTION = re.compile(r":?([a-z][a-z0-9-]*)(?: *[:=]| ) *(.*)")
_ASSIGNMENT = re.compile(r"[a-z-]+[:=]")
_TRUE = frozenset({"", "true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})
_BACKEND_NAMES = BackendNames(KNOWN_BACKENDS)


def _text(value: str | None) -> str:
    return value or ""


def unknown_option(name: str, directive: str, options: Iterable[str], more: Iterable[str] = ()) -> Complaint:
    """Say that a directive has no such option, and which one may be meant, also of *more* that are not listed."""
    known = tuple(options)
    near = did_you_mean(name, (*known, *more)) or options_are(known)
    return Complaint(Kind.UNKNOWN_OPTION, f"unknown option {shown(name)} of '{directive}'{near}")


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

    # docutils would drop a directive that has too much or too little: here it says what to write, and does the rest.
    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = Options("class", "name")
    #: Whether a field of the user's own may be an option, too, as a filter. Which fields there are is known when the
    #: page is written, and other names are reported then.
    has_filters = False
    #: What the one argument is, with an example; empty for a directive that takes none.
    argument: tuple[str, str] = ("", "")
    #: Whether the argument may be left out.
    argument_is_optional = False
    #: The option that an argument is likely to be meant as, where none is taken.
    argument_option = ""
    #: Whether the author's own words may follow.
    takes_content = False

    def run(self) -> list[nodes.Node]:
        """Say what is wrong with the argument and the content; return what the directive makes."""
        if self.content and not self.takes_content:
            self._complain_of_content()
        what, example = self.argument
        if self.arguments and what:
            self._remove_options_from_argument(what)
        elif self.arguments:
            self._complain_of_argument(" ".join(self.arguments[0].split()))
        if what and not self.arguments and not self.argument_is_optional:
            message = f"'{self.name}' needs {what}: write '{self.name}:: {example}'"
            self.complain([Complaint(Kind.INVALID_ARGUMENT, message)])
            return self.parse_content_to_nodes() if self.takes_content else []
        return self.made()

    def made(self) -> list[nodes.Node]:
        """Return what the directive makes of its argument and its options."""
        raise NotImplementedError

    def _remove_options_from_argument(self, what: str) -> None:
        """Keep the lines of the argument before the first one that is meant as an option; complain about that one."""
        lines = self.arguments[0].splitlines()
        for position, line in enumerate(lines):
            if hint := self._option_hint(line.strip()):
                message = f"'{self.name}' takes {what}; found {shown(line.strip())}: {hint}"
                self.complain([Complaint(Kind.INVALID_ARGUMENT, message)])
                self.arguments = ["\n".join(lines[:position])] if position else []
                return

    def _complain_of_argument(self, found: str) -> None:
        hint = self._option_hint(found) or self._argument_hint(found) or "remove it"
        message = f"'{self.name}' takes no argument; found {shown(found)}: {hint}"
        self.complain([Complaint(Kind.INVALID_ARGUMENT, message)])

    def _argument_hint(self, found: str) -> str:
        """Return the option that an argument is likely to be the value of; empty where there is none."""
        if not self.argument_option:
            return ""
        backend = _BACKEND_NAMES.key_of(found)
        if backend and "backend" in self.option_spec:
            return f"write ':backend: {backend}'"
        return f"write ':{self.argument_option}: {cut(found)}'"

    def _option_hint(self, found: str) -> str:
        """Return how to write what is meant as an option; empty for another text."""
        option = _OPTION.match(found)
        if not option or not self._takes(option[1]):
            return ""
        return f"an option begins with a colon: write ':{option[1]}: {cut(option[2])}'"

    def _complain_of_content(self) -> None:
        first = next((line.strip() for line in self.content if line.strip()), "")
        is_option = first.startswith(":") and self._takes(first[1:].partition(":")[0])
        hint = (
            "write options directly below its first line, without a blank line"
            if is_option
            else (self._option_hint(first) if _ASSIGNMENT.match(first) else "")
            or "write it above or below the directive"
        )
        message = f"'{self.name}' takes no content; found {shown(first)}: {hint}"
        self.complain([Complaint(Kind.INVALID_ARGUMENT, message)])

    def _takes(self, name: str) -> bool:
        """Return whether this is an option of the directive."""
        return name in self.option_spec or (self.has_filters and (name in FIELD_FILTERS or name.startswith(CUSTOM)))

    def known(self, options: Mapping[str, str]) -> dict[str, str]:
        """Return the known options; complain about the others."""
        known = {}
        for name, value in options.items():
            if self._takes(name):
                known[name] = value
            elif self.has_filters and may_be_own(name):
                # As reStructuredText reads it, so that both languages ask the same.
                known[name.lower()] = value
            else:
                self.complain([unknown_option(name, self.name, self.option_spec)])
        return known

    def complain(self, complaints: Iterable[Complaint]) -> None:
        """Log complaints with the directive's location."""
        for complaint in complaints:
            warn(complaint.kind, complaint.message, self.get_location())

    def query(self, options: Mapping[str, str]) -> Query:
        """Return the query that options make; complain about what is wrong with it. Other options are ignored."""
        query, complaints = parse_query(options, may_be_own)
        self.complain(complaints)
        return query

    def choice(self, options: Mapping[str, str], name: str, choices: Collection[str]) -> str:
        """Return the value of an option; an empty text if it has none, or, with a complaint, none of the choices."""
        value = options.get(name, "").strip()
        if value and value not in choices:
            message = one_of(f"'{name}'", choices, f"{shown(value)}{did_you_mean(value, choices)}")
            self.complain([Complaint(Kind.INVALID_OPTION, message)])
            return ""
        return value

    def flag(self, options: dict[str, str], name: str) -> bool:
        """Return whether an option is set, and not to ``false``."""
        value = options.get(name)
        if value is None:
            return False
        word = value.strip().lower()
        if word not in _TRUE | _FALSE:
            message = must_be(f"{name!r}", "true or false", shown(value))
            self.complain([Complaint(Kind.INVALID_OPTION, message)])
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
        node = statestores_block(
            "", question=question, docname=self.env.docname, directive=self.name, classes=classes, **attributes
        )
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
