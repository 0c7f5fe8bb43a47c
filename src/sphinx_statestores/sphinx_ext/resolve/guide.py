"""The guide of a registry -> the blocks of each part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.registry.conventions import adherence
from sphinx_statestores.registry.guide import DEFAULT_BACKEND_CHOICES, DEFAULT_CONVENTIONS
from sphinx_statestores.registry.links import is_address
from sphinx_statestores.registry.phrases import (
    DEPLOYMENTS_PARAGRAPH,
    choice_backend,
    convention_backends,
    deployment_lines,
    example_constants,
    gettext_noop,
)
from sphinx_statestores.registry.quoting import printable
from sphinx_statestores.sphinx_ext.read.anchors import backend_anchor
from sphinx_statestores.sphinx_ext.resolve.blocks import (
    WORDS_CLASS,
    Bullets,
    CodeBlock,
    Column,
    Paragraph,
    Span,
    Table,
    Tabs,
    Target,
    body,
    in_words,
    inline_spans,
    joined,
    sentence,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.sphinx_ext.read.questions import GuideQuestion
    from sphinx_statestores.sphinx_ext.resolve.blocks import Block
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex


_CONVENTION_COLUMNS = (
    Column("pattern", gettext_noop("Pattern")),
    Column("backend", gettext_noop("Backend")),
    Column("description", gettext_noop("Description")),
    Column("stores", gettext_noop("Stores")),
)
_CHOICE_COLUMNS = (
    Column("use-case", gettext_noop("Use Case")),
    Column("backend", gettext_noop("Backend")),
    Column("rationale", gettext_noop("Rationale")),
)


def introduction(site: SiteIndex) -> tuple[Block, ...]:
    """Return the beginning of the reference page: its source and a sentence."""
    registry = site.registry
    project = registry.guide.reference.project
    words = site.words
    files = dict.fromkeys(store.places.path for store in registry.stores)
    sources = joined(Span(printable(path), "code") for path in files)
    if project:
        message = words.gettext("This document lists all state store components used in {project}.")
    else:
        message = words.gettext("This document lists all state store components.")
    listed = Paragraph(sentence(message, project=project))
    source = sentence(words.gettext("**Source**: {files}"), files=sources)
    return (Paragraph(source), listed) if sources else (listed,)


def conventions(site: SiteIndex) -> tuple[Block, ...]:
    """Return the naming conventions, the number of stores that follow each, and the stores that follow none."""
    registry = site.registry
    counted = adherence(registry)
    words = site.words
    is_ours = registry.guide.conventions == DEFAULT_CONVENTIONS
    rows = [
        (
            (Span(convention.pattern, "code"),),
            (Span(convention_backends(registry, convention)),),
            inline_spans(words.gettext(convention.description) if is_ours else convention.description),
            (Span(str(followers)),),
        )
        for convention, followers in zip(registry.guide.conventions, counted.followers, strict=True)
    ]
    table = Table("conventions", in_words(_CONVENTION_COLUMNS, words), (body(rows),))
    number = len(counted.unconventional)
    if not number:
        return (table,)
    message = words.ngettext(
        "{number} store matches none of these patterns: {stores}.",
        "{number} stores match none of these patterns: {stores}.",
        number,
    )
    names = joined(site.cells.store(store.name) for store in counted.unconventional)
    return (table, Paragraph(sentence(message, number=str(number), stores=names)))


def backends(site: SiteIndex) -> tuple[Block, ...]:
    """Return the backend selection guide. The first row of each backend is its link target."""
    registry = site.registry
    choices = registry.guide.backend_choices
    words = site.words
    is_ours = choices == DEFAULT_BACKEND_CHOICES
    rows = [
        (
            inline_spans(words.gettext(choice.use_case) if is_ours else choice.use_case),
            (Span(choice_backend(registry, choice, words)),),
            inline_spans(words.gettext(choice.rationale) if is_ours else choice.rationale),
        )
        for choice in choices
    ]
    anchors = tuple(backend_anchor(choice.backend) for choice in choices)
    return (Table("backends", in_words(_CHOICE_COLUMNS, words), (body(rows, anchors=anchors),)),)


def deployments(site: SiteIndex) -> tuple[Block, ...]:
    """Return the deployment examples, after their introduction."""
    registry = site.registry
    guide = registry.guide
    if not guide.deployments:
        return ()
    text = " ".join((guide.reference.deployments or site.words.gettext(DEPLOYMENTS_PARAGRAPH)).split())
    examples = tuple(
        (deployment.title, CodeBlock("yaml", deployment_lines(deployment.note, deployment.stores)))
        for deployment in guide.deployments
    )
    return (Paragraph(inline_spans(text)), Tabs(examples))


def generated_code(site: SiteIndex) -> tuple[Block, ...]:
    """Return the location and the content of the generated code."""
    registry = site.registry
    code = registry.guide.generated_code
    if code is None:
        return ()
    constants = [Span(constant, "code") for constant in example_constants(registry, code)]
    words = site.words
    if constants:
        names = sentence(words.gettext("**Name constants**: {constants}, etc."), constants=joined(constants))
    else:
        names = sentence(words.gettext("**Name constants**"))
    configurations = (Span(f"{code.class_name}.Configurations", "code"),)
    metadata = (Span(f"{code.class_name}.Metadata", "code"),)
    message = words.gettext("State store definitions are generated to {path}, providing:")
    return (
        Paragraph(sentence(message, path=(Span(code.path, "code"),)), WORDS_CLASS),
        Bullets(
            (
                names,
                sentence(words.gettext("**Configurations**: {name} dictionary"), name=configurations),
                sentence(words.gettext("**Metadata**: {name} for tooling"), name=metadata),
            )
        ),
    )


def closing(site: SiteIndex) -> tuple[Block, ...]:
    """Return the last line of the reference page. It is a link if the target is a document of the site or a URL."""
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
    link = (Span(reference.closing_label or href, "", target),)
    if not reference.closing_text:
        return (Paragraph(sentence(site.words.gettext("See {link}."), link=link)),)
    message = site.words.gettext("See {link} {text}.")
    return (Paragraph(sentence(message, link=link, text=reference.closing_text)),)


#: Part -> the function that returns its blocks.
GUIDE_PARTS: dict[str, Callable[[SiteIndex], tuple[Block, ...]]] = {
    "introduction": introduction,
    "conventions": conventions,
    "backends": backends,
    "deployments": deployments,
    "code": generated_code,
    "closing": closing,
}


def present_parts(registry: Registry) -> tuple[str, ...]:
    """Return the parts of the guide that a registry has something to say of."""
    guide = registry.guide
    found = {
        "conventions": guide.conventions,
        "backends": guide.backend_choices,
        "deployments": guide.deployments,
        "code": guide.generated_code,
    }
    return tuple(part for part, content in found.items() if content)


def guide_blocks(question: GuideQuestion, site: SiteIndex) -> tuple[Block, ...]:
    """Return the blocks of a part of the guide."""
    return GUIDE_PARTS[question.part](site)
