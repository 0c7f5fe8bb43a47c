"""A registry -> the reference page as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.export.format import Format, Written
from sphinx_statestores.export.markdown_text import (
    as_code,
    as_fenced,
    as_heading,
    as_line,
    as_link,
    as_paragraphs,
    as_table,
)
from sphinx_statestores.registry.fields import FIELDS, as_text
from sphinx_statestores.registry.phrases import (
    DEPLOYMENTS_PARAGRAPH,
    choice_backend,
    convention_backends,
    deployment_lines,
    example_constants,
    totals_text,
)
from sphinx_statestores.registry.totals import totals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_statestores.registry.model import GeneratedCode, Registry

#: The first line of a page, by which it is recognized.
_TITLE = "# Generated State Store Reference"
_COLUMNS = tuple(FIELDS[key] for key in ("name", "backend", "service", "purpose"))


def to_markdown(registry: Registry) -> str:
    """Return the reference page of a registry; it ends with a newline. Raises nothing."""
    guide = registry.guide
    blocks = [
        _TITLE,
        *_header(registry),
        *_components(registry),
        *_guides(registry),
        *_deployments(registry),
        *(_generated_code(registry, guide.generated_code) if guide.generated_code else ()),
        "---",
        _closing(registry),
    ]
    return "\n\n".join(blocks) + "\n"


def _header(registry: Registry) -> Iterator[str]:
    reference = registry.guide.reference
    sources = dict.fromkeys(store.places.path for store in registry.stores) or {
        file.path: None for file in registry.files[:1]
    }
    listed = ", ".join(as_code(path) for path in sources)
    yield f"> **Source**: {listed}\n> **Do not edit manually** - regenerate with {as_code(registry.guide.regenerate)}"
    system = f" used in {as_line(reference.project)}" if reference.project else ""
    yield f"This document lists all state store components{system}."


def _components(registry: Registry) -> Iterator[str]:
    yield "## State Store Components"
    rows = (
        (
            as_code(store.name),
            *(as_line(as_text(field.value(store, registry))) for field in _COLUMNS[1:]),
        )
        for store in registry.stores
    )
    yield as_table((field.title for field in _COLUMNS), rows)
    yield f"**Total**: {as_line(totals_text(totals(registry, registry.stores)))}"


def _guides(registry: Registry) -> Iterator[str]:
    """Yield the tables of conventions and of backends, each with its heading, if they have rows."""
    guide = registry.guide
    conventions = [
        (as_code(each.pattern), as_line(convention_backends(registry, each)), as_line(each.description))
        for each in guide.conventions
    ]
    choices = [
        (as_line(each.use_case), as_line(choice_backend(registry, each)), as_line(each.rationale))
        for each in guide.backend_choices
    ]
    for heading, head, rows in (
        ("## Naming Conventions", ("Pattern", "Backend", "Description"), conventions),
        ("## Backend Selection Guide", ("Use Case", "Backend", "Rationale"), choices),
    ):
        if rows:
            yield heading
            yield as_table(head, rows)


def _deployments(registry: Registry) -> Iterator[str]:
    guide = registry.guide
    if not guide.deployments:
        return
    yield "## Deployment Flexibility"
    yield as_paragraphs(guide.reference.deployments) if guide.reference.deployments else DEPLOYMENTS_PARAGRAPH
    for deployment in guide.deployments:
        yield f"### Example: {as_heading(deployment.title)}"
        yield as_fenced("yaml", deployment_lines(deployment.note, deployment.stores))


def _generated_code(registry: Registry, code: GeneratedCode) -> Iterator[str]:
    yield "## Generated Code"
    yield f"State store definitions are generated to {as_code(code.path)},\nproviding:"
    constants = ", ".join(as_code(constant) for constant in example_constants(registry, code))
    yield "\n".join(
        (
            f"- **Name constants**: {constants}, etc." if constants else "- **Name constants**",
            f"- **Configurations**: {as_code(f'{code.class_name}.Configurations')} dictionary",
            f"- **Metadata**: {as_code(f'{code.class_name}.Metadata')} for tooling",
        )
    )


def _closing(registry: Registry) -> str:
    reference = registry.guide.reference
    if not reference.closing_href:
        return "*This file is auto-generated.*"
    label = reference.closing_label or reference.closing_href
    both = f"{label} {reference.closing_text}"
    link = as_link(label, reference.closing_href, both)
    words = f" {as_line(reference.closing_text, both)}" if reference.closing_text else ""
    return f"*This file is auto-generated. See {link}{words}.*"


FORMAT = Format(
    lambda registry, _: Written(to_markdown(registry)), lambda beginning: beginning.startswith(f"{_TITLE}\n")
)
