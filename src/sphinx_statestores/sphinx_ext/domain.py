"""The domain ``statestore``: what documents ask, where links land, what other projects can link to."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.domains import Domain, ObjType

from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import one_line, shown
from sphinx_statestores.registry.shapes import NAME
from sphinx_statestores.sphinx_ext.answers import Answers
from sphinx_statestores.sphinx_ext.autolink import is_switched_off, names_nothing_else
from sphinx_statestores.sphinx_ext.directives import DIRECTIVES
from sphinx_statestores.sphinx_ext.headings import as_written, is_quoted
from sphinx_statestores.sphinx_ext.indices import INDICES
from sphinx_statestores.sphinx_ext.logging import warn
from sphinx_statestores.sphinx_ext.questions import (
    ConditionalQuestion,
    CountQuestion,
    LabelQuestion,
    LinkQuestion,
    LiteralQuestion,
    compared_versions,
    statestores_block,
    statestores_inline,
)
from sphinx_statestores.sphinx_ext.render.links import reference, starts_of_one_document
from sphinx_statestores.sphinx_ext.roles import ROLES
from sphinx_statestores.sphinx_ext.trees import ancestors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.sphinx_ext.build import Build
    from sphinx_statestores.sphinx_ext.content import Target
    from sphinx_statestores.sphinx_ext.questions import Question

_UNKNOWN = {
    "store": Kind.UNKNOWN_STORE,
    "service": Kind.UNKNOWN_SERVICE,
    "backend": Kind.UNKNOWN_BACKEND,
}


class StateStoreDomain(Domain):
    """State stores, the services that own them and the backends that hold them."""

    name = "statestore"
    label = "State stores"
    object_types = {
        "store": ObjType("state store", "store"),
        "service": ObjType("service", "service", "store-service"),
        "backend": ObjType("backend", "backend", "store-backend"),
    }
    # ``statestore-table`` is ``statestore:table`` here, and ``:store-count:`` also ``:statestore:count:``.
    directives = {
        "store" if name == "statestore" else name.removeprefix("statestore-"): directive
        for name, directive in DIRECTIVES.items()
    }
    roles = {**ROLES, **{name.removeprefix("store-"): role for name, role in ROLES.items()}}
    indices = INDICES
    initial_data = {
        "questions": {},  # document -> what it asks
        "headings": {},  # document -> what its headings ask, if anything
        "comparing": {},  # document -> whether it compares versions of the registry; only those that do
    }
    data_version = 2

    # Of this run, never pickled: set when the builder is there, and after the documents are read.
    _start: Callable[[], Build] | None = None
    _build: Build | None = None
    _answers: Answers | None = None

    @property
    def questions(self) -> dict[str, tuple[Question, ...]]:
        """Document -> what it asks, each question once, in the order of the text."""
        return cast("dict[str, tuple[Question, ...]]", self.data["questions"])

    @property
    def headings(self) -> dict[str, tuple[Question, ...]]:
        """Document -> what its headings ask; only documents whose headings do."""
        return cast("dict[str, tuple[Question, ...]]", self.data["headings"])

    @property
    def compares_versions(self) -> bool:
        """Whether some document compares versions of the registry, which may be revisions of git."""
        return bool(self.data["comparing"])

    @property
    def quoted_questions(self) -> tuple[Question, ...]:
        """What headings ask anywhere: navigation may quote them on any page."""
        return tuple(question for docname in sorted(self.headings) for question in self.headings[docname])

    @property
    def build(self) -> Build:
        """The state of this build."""
        if self._build is None:
            if self._start is None:
                raise RuntimeError("the registry is read when the builder is there, and not before")
            self._build, self._start = self._start(), None
        return self._build

    def begin(self, start: Callable[[], Build]) -> None:
        """Begin a build; *start* is called once, when somebody asks for the state of it."""
        self._start = start
        self._build = None
        self._answers = None

    @property
    def answers(self) -> Answers:
        """What answers questions, once all documents have been read."""
        if self._answers is None:
            build = self.build
            self._answers = Answers(
                build,
                self.env,
                self._questions_of_this_build(),
                self.quoted_questions,
                frozenset(name for name, fields in self.env.metadata.items() if is_switched_off(fields)),
                starts_of_one_document(build.builder),
            )
        return self._answers

    def _questions_of_this_build(self) -> dict[str, tuple[Question, ...]]:
        """Leave out what stands in an ``only`` that is not for this builder."""
        holds = cache(self.build.builder.tags.eval_condition)
        found = {}
        for docname, questions in self.questions.items():
            asked = tuple(
                question.question if isinstance(question, ConditionalQuestion) else question
                for question in questions
                if not isinstance(question, ConditionalQuestion) or all(map(holds, question.conditions))
            )
            if asked:
                found[docname] = asked
        return found

    def shows_blocks(self, docnames: Iterable[str]) -> bool:
        """Return whether some of these documents show more than words in a line: what the stylesheet is for."""
        # First the cheap question: a build that changes nothing asks it of pages that are no documents.
        return any(docname in self.questions for docname in docnames) and any(
            not isinstance(question, (LinkQuestion, LiteralQuestion, CountQuestion, LabelQuestion))
            for docname in docnames
            for question in self.answers.questions.get(docname, ())
        )

    def forget_answers(self) -> None:
        """Answer anew from here on: documents have been read."""
        self._answers = None

    # -- what documents ask -----------------------------------------------------------

    def clear_doc(self, docname: str) -> None:
        """Forget what a document asked."""
        for part in self.initial_data:
            self.data[part].pop(docname, None)

    def note_document(self, docname: str, document: nodes.document) -> None:
        """Note what a document asks, when all of its transforms are done.

        Not in ``process_doc``, which Sphinx calls before MyST has made cross-references of ``[](#name)``.
        """
        asking = [node for node in document.findall() if isinstance(node, _ASKING)]
        found = tuple(dict.fromkeys(question for node in asking for question in _asked(node)))
        if not found:
            return
        self.questions[docname] = found
        in_headings = tuple(
            node["question"] for node in asking if isinstance(node, statestores_inline) and is_quoted(node)
        )
        if in_headings:
            self.headings[docname] = in_headings
        if any(
            compared_versions(question.question if isinstance(question, ConditionalQuestion) else question)
            for question in found
        ):
            self.data["comparing"][docname] = True

    def merge_domaindata(self, docnames: AbstractSet[str], otherdata: dict[str, Any]) -> None:
        """Take over what documents asked that another process has read."""
        for part in self.initial_data:
            for docname in docnames:
                if docname in otherdata[part]:
                    self.data[part][docname] = otherdata[part][docname]

    def check_consistency(self) -> None:
        """Warn of service pages that are configured and missing, once for each service."""
        answers = self.answers
        documents = self.env.found_docs
        for name, service in answers.registry.services.items():
            page = answers.configured_pages.get(name) or service.docs.strip("/")
            if page and name not in answers.service_pages and page not in documents:
                location = service.location
                file = self.build.files.get(location.path, location.path)
                message = f"the service {name!r} has no page: there is no document {page!r}"
                warn(Kind.MISSING_SERVICE_PAGE, message, f"{file}:{location.line}")
        for name, docnames in sorted(answers.store_entries.items()):
            for docname in docnames[1:]:
                if answers.is_generated(docname):
                    continue  # it gives way
                message = (
                    f"the store {name!r} has an entry in {docnames[0]!r} already, which links lead to: "
                    "give one of the two ':no-index:'"
                )
                warn(Kind.DUPLICATE_ENTRY, message, (docname, None))
        pages = answers.settings.service_pages
        for name in pages if isinstance(pages, dict) else ():
            if name not in answers.registry.services:
                near = answers.suggestion(LinkQuestion("service", name))
                message = f"statestores_service_pages: unknown service {name!r}{near}"
                warn(Kind.UNKNOWN_SERVICE, message, self.build.conf)

    # -- links ------------------------------------------------------------------------

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: addnodes.pending_xref,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """Make the link that a role stands for."""
        question = LinkQuestion(typ.removeprefix("store-"), target)
        link = self.answers.link(question)
        if not link.is_known:
            return None
        if question.objtype != "store" and not node.get("refexplicit"):
            label = as_written(one_line(link.label), node, builder)
            contnode = nodes.inline("", label, classes=contnode["classes"])
        if link.target is None:
            if question.objtype == "store":
                message = f"no table shows the store {target!r}: there is nothing to link to"
                warn(Kind.UNSHOWN_STORE, message, node)
            # Not None: the name is known, and nobody else needs to look for it.
            return cast("nodes.reference", contnode)
        return reference(builder, fromdocname, link.target, contnode)

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: addnodes.pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:
        """Make the links that ``:any:`` may stand for."""
        found = []
        for objtype in self.object_types:
            link = self.answers.link(LinkQuestion(objtype, target))
            if link.is_known and link.target is not None:
                resolved = self.resolve_xref(env, fromdocname, builder, objtype, target, node, contnode)
                if resolved is not None:
                    found.append((f"statestore:{objtype}", resolved))
        return found

    def get_type_name(self, type: ObjType, primary: bool = False) -> str:  # noqa: A002 - Sphinx's name
        """Return what the search calls an object: a state store, and not a "State stores state store"."""
        return str(type.lname)

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        """Yield what other projects and the search box can link to."""
        for name, label, objtype, (docname, anchor, *_), priority in self._objects():
            # Sphinx writes each as words of a line: one with other characters would be another object, or several.
            if NAME.fullmatch(name) and docname.isprintable() and anchor.isprintable() and " " not in anchor:
                words = " ".join(one_line(label).split())
                # To Sphinx, a hyphen is the name.
                yield name, name if words in {"", "-"} else words, objtype, docname, anchor, priority

    def _objects(self) -> Iterator[tuple[str, str, str, Target, int]]:
        answers = self.answers
        for name, place in sorted(answers.store_places.items()):
            # 0: before the pages that hold the words. Who searches for a store's name wants the store.
            yield name, name, "store", place, 0
        for name, place in answers.service_pages.items():
            if place.docname:
                yield name, answers.registry.service_title(name), "service", place, 1
        for name, place in sorted(answers.backend_places.items()):
            yield name, answers.registry.backend_label(name), "backend", place, 1

    def warn_unknown(self, node: addnodes.pending_xref) -> None:
        """Warn of a role whose name is not in the registry, with the near ones."""
        objtype = node["reftype"].removeprefix("store-")
        name = node["reftarget"]
        if self._is_ignored(objtype, name):
            return
        near = self.answers.suggestion(LinkQuestion(objtype, name))
        warn(_UNKNOWN[objtype], f"unknown {objtype} {shown(name)}{near}", node)

    def _is_ignored(self, objtype: str, name: str) -> bool:
        """Return whether ``nitpick_ignore`` has a name: Sphinx itself looks there for nitpicky projects only."""
        config = self.env.config
        spelled = (f"{self.name}:{objtype}", name)
        return spelled in {tuple(item) for item in config.nitpick_ignore} or any(
            all(re.fullmatch(pattern, text) for pattern, text in zip(patterns, spelled, strict=True))
            for patterns in config.nitpick_ignore_regex
        )


#: The nodes that may ask something.
_ASKING = (statestores_block, statestores_inline, nodes.literal, addnodes.pending_xref)


def _asked(node: nodes.Element) -> Iterator[Question]:
    for question in _asked_by(node):
        conditions = []
        for parent in ancestors(node):
            if isinstance(parent, nodes.substitution_definition):
                break  # asked where it is used
            if isinstance(parent, addnodes.only):
                conditions.append(parent["expr"])
        else:
            yield ConditionalQuestion(tuple(conditions), question) if conditions else question


def _asked_by(node: nodes.Element) -> Iterator[Question]:
    if isinstance(node, (statestores_block, statestores_inline)):
        yield node["question"]
    elif isinstance(node, nodes.literal):
        if names_nothing_else(node):
            yield LiteralQuestion(node.astext())
    elif isinstance(node, addnodes.pending_xref):
        if node.get("refdomain") == StateStoreDomain.name:
            yield LinkQuestion(node["reftype"].removeprefix("store-"), node["reftarget"])
        elif node.get("reftype") in {"any", "myst"}:
            for objtype in StateStoreDomain.object_types:
                yield LinkQuestion(objtype, node["reftarget"])
