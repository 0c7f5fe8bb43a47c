"""The parts of a registry's guide -> blocks of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from sphinx_statestores.sphinx_ext.read.anchors import backend_anchor
from sphinx_statestores.sphinx_ext.resolve.blocks import (
    Bullets,
    CodeBlock,
    Column,
    Paragraph,
    Span,
    Table,
    Tabs,
    Target,
    body,
    inline_spans,
    joined,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx_statestores.sphinx_ext.read.questions import GuideQuestion
    from sphinx_statestores.sphinx_ext.resolve.blocks import Block
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex


def introduction(site: SiteIndex) -> tuple[Block, ...]:
    """Return what the reference page begins with: its source and a sentence."""
    registry = site.registry
    project = registry.guide.reference.project
    system = f" used in {project}" if project else ""
    files = dict.fromkeys(store.location.path for store in registry.stores)
    sources = joined(Span(printable(path), "code") for path in files)
    listed = Paragraph((Span(f"This document lists all state store components{system}."),))
    return (Paragraph((Span("Source", "strong"), Span(": "), *sources)), listed) if sources else (listed,)


def conventions(site: SiteIndex) -> tuple[Block, ...]:
    """Return the naming conventions, how many stores follow each, and the stores that follow none."""
    registry = site.registry
    counted = adherence(registry)
    rows = [
        (
            (Span(convention.pattern, "code"),),
            (Span(convention_backends(registry, convention)),),
            inline_spans(convention.description),
            (Span(str(followers)),),
        )
        for convention, followers in zip(registry.guide.conventions, counted.followers, strict=True)
    ]
    columns = (
        Column("pattern", "Pattern"),
        Column("backend", "Backend"),
        Column("description", "Description"),
        Column("stores", "Stores"),
    )
    table = Table("conventions", columns, (body(rows),))
    number = len(counted.unconventional)
    if not number:
        return (table,)
    text = f"{number} {'store follows' if number == 1 else 'stores follow'} none of these patterns: "
    names = joined(site.cells.store(store.name) for store in counted.unconventional)
    return (table, Paragraph((Span(text), *names, Span("."))))


def backends(site: SiteIndex) -> tuple[Block, ...]:
    """Return the backend selection guide; the first line of each backend is what links to it mean."""
    registry = site.registry
    choices = registry.guide.backend_choices
    rows = [
        (
            inline_spans(choice.use_case),
            (Span(choice_backend(registry, choice)),),
            inline_spans(choice.rationale),
        )
        for choice in choices
    ]
    anchors = tuple(backend_anchor(choice.backend) for choice in choices)
    columns = (Column("use-case", "Use Case"), Column("backend", "Backend"), Column("rationale", "Rationale"))
    return (Table("backends", columns, (body(rows, anchors=anchors),)),)


def deployments(site: SiteIndex) -> tuple[Block, ...]:
    """Return the deployment examples and the paragraph before them."""
    registry = site.registry
    guide = registry.guide
    if not guide.deployments:
        return ()
    text = " ".join((guide.reference.deployments or DEPLOYMENTS_PARAGRAPH).split())
    examples = tuple(
        (deployment.title, CodeBlock("yaml", deployment_lines(deployment.note, deployment.stores)))
        for deployment in guide.deployments
    )
    return (Paragraph(inline_spans(text)), Tabs(examples))


def generated_code(site: SiteIndex) -> tuple[Block, ...]:
    """Return where the generated code is and what it holds."""
    registry = site.registry
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


def closing(site: SiteIndex) -> tuple[Block, ...]:
    """Return the last line of the reference page, a link where its target is a page here or an address outside."""
    registry = site.registry
    reference = registry.guide.reference
    href = reference.closing_href
    if not href:
        return ()
    target = None
    page = href.rpartition(".")[0] if href.endswith((".md", ".rst", ".html")) else href
    if is_address(href):
        target = Target("", uri=href)
    elif page.removeprefix("/") in site.documents.order:
        target = Target(page.removeprefix("/"))
    words = f" {reference.closing_text}." if reference.closing_text else "."
    return (Paragraph((Span("See "), Span(reference.closing_label or href, "", target), Span(words))),)


#: Part -> what makes it.
GUIDE_PARTS: dict[str, Callable[[SiteIndex], tuple[Block, ...]]] = {
    "introduction": introduction,
    "conventions": conventions,
    "backends": backends,
    "deployments": deployments,
    "code": generated_code,
    "closing": closing,
}


def guide_blocks(question: GuideQuestion, site: SiteIndex) -> tuple[Block, ...]:
    """Return a part of the guide."""
    return GUIDE_PARTS[question.part](site)
