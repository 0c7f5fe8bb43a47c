"""The parts of a registry's guide -> blocks of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.conventions import adherence
from sphinx_statestores.registry.links import is_address
from sphinx_statestores.registry.phrases import (
    DEPLOYMENTS_PARAGRAPH,
    choice_backend,
    convention_backends,
    deployment_lines,
    example_constants,
)
from sphinx_statestores.registry.quoting import printable
from sphinx_statestores.sphinx_ext.content import (
    Body,
    Bullets,
    CodeBlock,
    Column,
    Paragraph,
    Row,
    Span,
    Table,
    Tabs,
    Target,
    inline_spans,
    joined,
)
from sphinx_statestores.sphinx_ext.landing import backend_anchor

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.sphinx_ext.content import Block


class Site(NamedTuple):
    """What the parts have to know of the site that they are shown in."""

    documents: Collection[str]
    #: A store's name -> the words that show it, with their link.
    store: Callable[[str], Span]


def introduction(registry: Registry, site: Site) -> tuple[Block, ...]:
    """Return what the reference page begins with: its source and a sentence."""
    project = registry.guide.reference.project
    system = f" used in {project}" if project else ""
    files = dict.fromkeys(store.location.path for store in registry.stores)
    sources = joined(Span(printable(path), "code") for path in files)
    listed = Paragraph((Span(f"This document lists all state store components{system}."),))
    return (Paragraph((Span("Source", "strong"), Span(": "), *sources)), listed) if sources else (listed,)


def conventions(registry: Registry, site: Site) -> tuple[Block, ...]:
    """Return the naming conventions, how many stores follow each, and the stores that follow none."""
    counted = adherence(registry)
    rows = tuple(
        Row(
            (
                (Span(convention.pattern, "code"),),
                (Span(convention_backends(registry, convention)),),
                inline_spans(convention.description),
                (Span(str(followers)),),
            )
        )
        for convention, followers in zip(registry.guide.conventions, counted.followers, strict=True)
    )
    columns = (
        Column("pattern", "Pattern"),
        Column("backend", "Backend"),
        Column("description", "Description"),
        Column("stores", "Stores"),
    )
    table = Table("conventions", columns, (Body((), rows),))
    number = len(counted.unconventional)
    if not number:
        return (table,)
    text = f"{number} {'store follows' if number == 1 else 'stores follow'} none of these patterns: "
    names = joined(site.store(store.name) for store in counted.unconventional)
    return (table, Paragraph((Span(text), *names, Span("."))))


def backends(registry: Registry, site: Site) -> tuple[Block, ...]:
    """Return the backend selection guide; the first line of each backend is what links to it mean."""
    rows = tuple(
        Row(
            (
                inline_spans(choice.use_case),
                (Span(choice_backend(registry, choice)),),
                inline_spans(choice.rationale),
            ),
            backend_anchor(choice.backend),
        )
        for choice in registry.guide.backend_choices
    )
    columns = (Column("use-case", "Use Case"), Column("backend", "Backend"), Column("rationale", "Rationale"))
    return (Table("backends", columns, (Body((), rows),)),)


def deployments(registry: Registry, site: Site) -> tuple[Block, ...]:
    """Return the deployment examples and the paragraph before them."""
    guide = registry.guide
    if not guide.deployments:
        return ()
    text = " ".join((guide.reference.deployments or DEPLOYMENTS_PARAGRAPH).split())
    examples = tuple(
        (deployment.title, CodeBlock("yaml", deployment_lines(deployment.note, deployment.stores)))
        for deployment in guide.deployments
    )
    return (Paragraph(inline_spans(text)), Tabs(examples))


def generated_code(registry: Registry, site: Site) -> tuple[Block, ...]:
    """Return where the generated code is and what it holds."""
    code = registry.guide.generated_code
    if code is None:
        return ()
    constants = [Span(constant, "code") for constant in example_constants(registry, code)]
    examples = (Span(": "), *joined(constants), Span(", etc.")) if constants else ()
    configurations = Span(f"{code.class_name}.Configurations", "code")
    metadata = Span(f"{code.class_name}.Metadata", "code")
    return (
        Paragraph((Span("State store definitions are generated to "), Span(code.path, "code"), Span(", providing:"))),
        Bullets(
            (
                (Span("Name constants", "strong"), *examples),
                (Span("Configurations", "strong"), Span(": "), configurations, Span(" dictionary")),
                (Span("Metadata", "strong"), Span(": "), metadata, Span(" for tooling")),
            )
        ),
    )


def closing(registry: Registry, site: Site) -> tuple[Block, ...]:
    """Return the last line of the reference page, a link where its target is a page here or an address outside."""
    reference = registry.guide.reference
    href = reference.closing_href
    if not href:
        return ()
    target = None
    page = href.rpartition(".")[0] if href.endswith((".md", ".rst", ".html")) else href
    if is_address(href):
        target = Target("", uri=href)
    elif page.removeprefix("/") in site.documents:
        target = Target(page.removeprefix("/"))
    words = f" {reference.closing_text}." if reference.closing_text else "."
    return (Paragraph((Span("See "), Span(reference.closing_label or href, "", target), Span(words))),)


#: Part -> what makes it.
GUIDE_PARTS: dict[str, Callable[[Registry, Site], tuple[Block, ...]]] = {
    "introduction": introduction,
    "conventions": conventions,
    "backends": backends,
    "deployments": deployments,
    "code": generated_code,
    "closing": closing,
}
