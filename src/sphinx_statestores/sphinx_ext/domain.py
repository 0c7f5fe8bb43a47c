"""The domain ``statestore``: objects, cross-references, the inventory, and the questions of documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar, cast

from docutils import nodes
from sphinx.domains import Domain, ObjType

from sphinx_statestores.registry.phrases import ENGLISH, gettext_noop
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import one_line
from sphinx_statestores.registry.shapes import QUALIFIED_NAME
from sphinx_statestores.sphinx_ext.logging import warn
from sphinx_statestores.sphinx_ext.read.ancestry import holds
from sphinx_statestores.sphinx_ext.read.anchors import store_anchor
from sphinx_statestores.sphinx_ext.read.asked import asked_in, conditional_toctrees
from sphinx_statestores.sphinx_ext.read.directives import DIRECTIVES
from sphinx_statestores.sphinx_ext.read.headings import headings_of
from sphinx_statestores.sphinx_ext.read.literals import is_switched_off
from sphinx_statestores.sphinx_ext.read.prose import claims_question
from sphinx_statestores.sphinx_ext.read.questions import Asked, CountQuestion, Included, LabelQuestion, LinkQuestion
from sphinx_statestores.sphinx_ext.read.roles import ROLES
from sphinx_statestores.sphinx_ext.resolve.answers import Answers
from sphinx_statestores.sphinx_ext.resolve.guide import present_parts
from sphinx_statestores.sphinx_ext.resolve.site_index import Documents, SiteIndex, reading_order
from sphinx_statestores.sphinx_ext.words import plain_title
from sphinx_statestores.sphinx_ext.write.addresses import linked, starts_of_one_document
from sphinx_statestores.sphinx_ext.write.headings import as_written
from sphinx_statestores.sphinx_ext.write.indices import INDICES, translated_indices

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from gettext import NullTranslations

    from sphinx import addnodes
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.sphinx_ext.project import Project
    from sphinx_statestores.sphinx_ext.read.headings import Headings

#: An item of a document that may be inside ``only`` directives.
_Placed = TypeVar("_Placed", Asked, Included)

_UNKNOWN = {
    "store": Kind.UNKNOWN_STORE,
    "service": Kind.UNKNOWN_SERVICE,
    "backend": Kind.UNKNOWN_BACKEND,
}


class StateStoreDomain(Domain):
    """State stores, the services that own them and the backends that contain them."""

    name = "statestore"
    label = "State stores"
    object_types = {
        "store": ObjType(gettext_noop("state store"), "store"),
        "service": ObjType(gettext_noop("service"), "service", "store-service"),
        "backend": ObjType(gettext_noop("backend"), "backend", "store-backend"),
    }
    # ``statestore-table`` is ``statestore:table`` in the domain; ``:store-count:`` is also ``:statestore:count:``.
    directives = {
        "store" if name == "statestore" else name.removeprefix("statestore-"): directive
        for name, directive in DIRECTIVES.items()
    }
    roles = {**ROLES, **{name.removeprefix("store-"): role for name, role in ROLES.items()}}
    indices = INDICES
    initial_data = {
        "asked": {},  # document -> what it asks
        "headings": {},  # document -> what its headings ask, if anything
        "guide_parts": {},  # document -> the parts of the guide that it was read with, if it has a heading for each
        "languages": {},  # document -> the digest of the words of ours that it was read with, if any
        "included": {},  # document -> its toctrees, if one is for some builders only
    }
    data_version = 12

    # State of the current build, never pickled.
    _project: Project | None = None
    _answers: Answers | None = None
    # See :class:`sphinx_statestores.sphinx_ext.project.CurrentBuild`.
    is_new = False
    risky_titles: dict[str, str] = {}
    index_cells: dict[str, dict[str, str]] = {}
    compared: set[str] = set()
    page_errors = 0

    @property
    def asked(self) -> dict[str, tuple[Asked, ...]]:
        """Document -> its questions, in document order."""
        return cast("dict[str, tuple[Asked, ...]]", self.data["asked"])

    @property
    def headings(self) -> dict[str, Headings]:
        """Document -> the questions of its headings. Documents without any are left out."""
        return cast("dict[str, Headings]", self.data["headings"])

    @property
    def languages(self) -> dict[str, str]:
        """Document -> the digest of the translations that it was read with. Documents that use none are left out."""
        return cast("dict[str, str]", self.data["languages"])

    @property
    def guide_parts(self) -> dict[str, tuple[str, ...]]:
        """Document -> the parts of the guide that it was read with; only documents with headings for them."""
        return cast("dict[str, tuple[str, ...]]", self.data["guide_parts"])

    @property
    def included(self) -> dict[str, tuple[Included, ...]]:
        """Document -> its toctrees. Documents without a toctree inside an ``only`` are left out."""
        return cast("dict[str, tuple[Included, ...]]", self.data["included"])

    # -- the current build ------------------------------------------------------------

    @property
    def project(self) -> Project:
        """The data of this build. Raises RuntimeError before the builder is initialized."""
        if self._project is None:
            raise RuntimeError("the registry is read when the builder is there, and not before")
        return self._project

    @property
    def has_begun(self) -> bool:
        """Whether a build has started."""
        return self._project is not None

    def begin(self, project: Project) -> None:
        """Start a build with a project."""
        self._project = project
        self.compared = set()
        self.page_errors = 0
        self.forget_answers()
        self.is_new = True
        self.indices[:] = translated_indices(self.indices, project.language.words)
        # Sphinx read the titles when it created the domain, before the language was known.
        self.setup()

    def forget_answers(self) -> None:
        """Discard cached answers, because documents have been read."""
        self._answers = None
        self.index_cells = {}

    @property
    def answers(self) -> Answers:
        """Answers questions, once all documents have been read."""
        if self._answers is None:
            project, env = self.project, self.env
            starts = starts_of_one_document(project.builder)
            documents = Documents(
                reading_order(env, starts, self._included_in_this_build() if starts else None),
                self._asked_in_this_build(),
                tuple(question for docname in sorted(self.headings) for question in self.headings[docname].questions),
                env.titles,
                env.tocs,
                frozenset(name for name, fields in env.metadata.items() if is_switched_off(fields)),
                self._foreign_stores(),
            )
            site = SiteIndex(
                project.registry,
                project.settings,
                project.versions,
                documents,
                project.language.words,
                federation=project.federation,
                hidden=project.hidden,
                excluded=project.excluded,
                files=project.files,
                original=project.original,
                prose=project.prose.words,
                is_sound=project.is_sound,
                usage=project.usage,
                observation=project.observation,
            )
            self._answers = Answers(site)
        return self._answers

    def text_of(self, question: CountQuestion | LabelQuestion) -> str:
        """Return the text of an inline role, from the registry of this build."""
        return self.answers.words(question)

    def _foreign_stores(self) -> dict[str, str]:
        """Return the stores of other projects; store -> its inventory entry, as text."""
        if self.project.inventories is None:
            return {}
        found = self.project.inventories.main_inventory.get(f"{self.name}:store", {})
        return {name: repr(item) for name, item in found.items()}

    def _asked_in_this_build(self) -> dict[str, tuple[Asked, ...]]:
        """Return the questions without those inside an ``only`` for other builders."""
        found = {}
        for docname, asked in self.asked.items():
            kept = self._for_this_builder(asked)
            if kept:
                found[docname] = kept
        return found

    def words(self, docname: str) -> NullTranslations:
        """Return the translations for a document that is being read, and record that it uses them."""
        self.languages[docname] = self.project.language.digest
        return self.project.language.words

    def note_guide_parts(self, docname: str) -> tuple[str, ...]:
        """Return the parts of the guide that the registry has, and note that a document was read with these."""
        self.guide_parts[docname] = present_parts(self.project.registry)
        return self.guide_parts[docname]

    def _included_in_this_build(self) -> dict[str, tuple[str, ...]]:
        """Return the toctrees without those inside an ``only`` for other builders."""
        return {
            docname: tuple(name for each in self._for_this_builder(included) for name in each.docnames)
            for docname, included in self.included.items()
        }

    def _for_this_builder(self, placed: tuple[_Placed, ...]) -> tuple[_Placed, ...]:
        tags = self.project.builder.tags
        return tuple(each for each in placed if all(holds(condition, tags) for condition in each.conditions))

    # -- questions of documents -------------------------------------------------------

    def clear_doc(self, docname: str) -> None:
        """Remove the data of a document."""
        for part in self.initial_data:
            self.data[part].pop(docname, None)

    def note_source(self, docname: str, text: str) -> None:
        """Record what the text of a document says of stores, before its other questions."""
        question = claims_question(docname, text, self.env.doc2path(docname), self.env.config.source_suffix)
        if question is not None:
            self.asked[docname] = (Asked(question),)

    def note_document(self, docname: str, document: nodes.document) -> None:
        """Record a document's questions, those of its headings, and its conditional toctrees."""
        asked = (*self.asked.get(docname, ()), *asked_in(document))
        if asked:
            self.asked[docname] = asked
        headings = headings_of(document, self.env)
        if headings is not None:
            self.headings[docname] = headings
        included = conditional_toctrees(document)
        if included:
            self.included[docname] = included

    def merge_domaindata(self, docnames: AbstractSet[str], otherdata: dict[str, Any]) -> None:
        """Take over the data of documents that another process has read."""
        for part in self.initial_data:
            for docname in docnames:
                if docname in otherdata[part]:
                    self.data[part][docname] = otherdata[part][docname]

    def check_consistency(self) -> None:
        """Warn of configured service pages that do not exist, once for each service."""
        site, complaints = self.answers.site, self.answers.complaints
        documents = self.env.found_docs
        for name, service in site.registry.services.items():
            page = site.configured_pages.get(name) or service.docs.strip("/")
            if page and name not in site.service_pages and page not in documents:
                location = service.location
                file = self.project.files.get(location.path, location.path)
                message = (
                    f"the page of the service {name!r} is {page!r}, but there is no such document: write it, or "
                    "name another one"
                )
                warn(Kind.MISSING_SERVICE_PAGE, message, f"{file}:{location.line}")
        for name, docnames in sorted(site.store_entries.items()):
            for docname in docnames[1:]:
                if site.is_generated(docname):
                    continue  # another page has precedence
                message = (
                    f"the store {name!r} already has an entry in {docnames[0]!r}, which links lead to: add "
                    "':no-index:' to one of the two"
                )
                warn(Kind.DUPLICATE_ENTRY, message, (docname, None))
        pages = site.settings.service_pages
        for name in pages if isinstance(pages, dict) else ():
            if name not in site.registry.services:
                near = complaints.near(LinkQuestion("service", name))
                message = f"statestores_service_pages: unknown service {name!r}{near}"
                warn(Kind.UNKNOWN_SERVICE, message, self.project.conf.place(message))

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
        """Return the reference for a role; only its text when no page shows the object, None for an unknown name."""
        question = LinkQuestion(typ.removeprefix("store-"), target)
        link = self.answers.link(question)
        if not link.is_known:
            return None
        if question.objtype != "store" and not node.get("refexplicit"):
            label = as_written(one_line(link.label), node, builder)
            contnode = nodes.inline("", label, classes=contnode["classes"])
        if link.target is None:
            if question.objtype == "store":
                warn(Kind.UNSHOWN_STORE, self.answers.complaints.about_target(target), node)
            # Not None: the name is known, so Sphinx need not search elsewhere.
            return cast("nodes.reference", contnode)
        return cast("nodes.reference", linked(builder, fromdocname, link.target, contnode))

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: addnodes.pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:
        """Return the reference to a store for ``:any:``.

        Services and backends are left out: other objects, such as classes and modules, share their names.
        """
        link = self.answers.link(LinkQuestion("store", target))
        if link.target is None:
            return []
        resolved = self.resolve_xref(env, fromdocname, builder, "store", target, node, contnode)
        return [("statestore:store", resolved)] if resolved is not None else []

    def get_type_name(self, type: ObjType, primary: bool = False) -> str:  # noqa: A002 - Sphinx's name
        """Return the name of an object type in search results: "state store", not "State stores state store"."""
        words = self.project.language.words if self.has_begun else ENGLISH
        return plain_title(str(type.lname), words)

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        """Yield the objects for inventory and search: name, display name, type, document, anchor, priority."""
        for name, label, objtype, docname, anchor, priority in self._objects():
            # Sphinx writes each object as one line of words, so other characters would break the inventory.
            if (
                QUALIFIED_NAME.fullmatch(name)
                and docname.isprintable()
                and anchor.isprintable()
                and " " not in anchor
            ):
                words = " ".join(one_line(label).split())
                # In the inventory, a hyphen means that the display name equals the name.
                yield name, name if words in {"", "-"} else words, objtype, docname, anchor, priority

    def get_object_synopses(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Yield (document, id) of each store, and its description. sphinx-immaterial's search calls this."""
        documents = self.answers.site.store_documents
        for name, note in self.answers.store_notes.items():
            yield (documents[name], store_anchor(name)), note

    def _objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        site = self.answers.site
        for name, docname in sorted(site.store_documents.items()):
            # Priority 0: in search results, the store comes before the pages that mention it.
            yield name, name, "store", docname, store_anchor(name), 0
        for name, target in site.service_pages.items():
            if target.docname:
                yield name, site.registry.service_title(name), "service", target.docname, target.anchor, 1
        for name, target in sorted(site.backend_targets.items()):
            yield name, site.registry.backend_label(name), "backend", target.docname, target.anchor, 1

    def warn_unknown(self, node: addnodes.pending_xref) -> None:
        """Warn of a role with an unknown name; suggest similar names."""
        objtype = node["reftype"].removeprefix("store-")
        name = node["reftarget"]
        if self._is_ignored(objtype, name):
            return
        warn(_UNKNOWN[objtype], self.answers.complaints.about_name(LinkQuestion(objtype, name)), node)

    def _is_ignored(self, objtype: str, name: str) -> bool:
        """Return whether ``nitpick_ignore`` contains a name. Sphinx itself checks this only in nitpicky mode."""
        config = self.env.config
        spelled = (f"{self.name}:{objtype}", name)
        return spelled in {tuple(item) for item in config.nitpick_ignore} or any(
            all(re.fullmatch(pattern, text) for pattern, text in zip(patterns, spelled, strict=True))
            for patterns in config.nitpick_ignore_regex
        )


def domain_of(env: BuildEnvironment) -> StateStoreDomain:
    """Return the domain object of an environment."""
    return cast("StateStoreDomain", env.get_domain(StateStoreDomain.name))


def note_source(app: Sphinx, docname: str, source: list[str]) -> None:
    """Record what the text of a document says of stores (``source-read``)."""
    domain_of(app.env).note_source(docname, source[0])


def note_document(app: Sphinx, document: nodes.document) -> None:
    """Record the questions of a document after all transforms of the read phase (``doctree-read``).

    Not in ``process_doc``, which Sphinx calls before MyST creates the cross-references of ``[](#name)``.
    """
    domain_of(app.env).note_document(app.env.docname, document)


def warn_unknown(app: Sphinx, domain: Domain | None, node: addnodes.pending_xref) -> bool | None:
    """Warn of a role with an unknown name; return True to suppress Sphinx's own (``warn-missing-reference``)."""
    if isinstance(domain, StateStoreDomain):
        domain.warn_unknown(node)
        return True
    return None
