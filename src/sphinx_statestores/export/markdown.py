"""The whole reference as one Markdown page."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    from collections.abc import Iterable, Iterator

    from sphinx_statestores.registry.model import GeneratedCode, Registry

_COLUMNS = tuple(FIELDS[key] for key in ("name", "backend", "service", "purpose"))


def to_markdown(registry: Registry) -> str:
    """Return the reference page of a registry."""
    guide = registry.guide
    blocks = [
        "# Generated State Store Reference",
        *_header(registry),
        *_components(registry),
        "## Naming Conventions",
        _table(
            ("Pattern", "Backend", "Description"),
            (
                (
                    _code(convention.pattern),
                    convention_backends(registry, convention),
                    _cell(convention.description),
                )
                for convention in guide.conventions
            ),
        ),
        "## Backend Selection Guide",
        _table(
            ("Use Case", "Backend", "Rationale"),
            (
                (_cell(choice.use_case), _cell(choice_backend(registry, choice)), _cell(choice.rationale))
                for choice in guide.backend_choices
            ),
        ),
        *_deployments(registry),
        *(_generated_code(registry, guide.generated_code) if guide.generated_code else ()),
        "---",
        _closing(registry),
    ]
    return "\n\n".join(blocks) + "\n"


def _header(registry: Registry) -> Iterator[str]:
    reference = registry.guide.reference
    sources = dict.fromkeys(store.location.path for store in registry.stores) or {
        file.path: None for file in registry.files[:1]
    }
    listed = ", ".join(_code(path) for path in sources)
    yield f"> **Source**: {listed}\n> **Do not edit manually** - regenerate with {_code(reference.regenerate)}"
    system = f" used in {reference.project}" if reference.project else ""
    yield f"This document lists all state store components{system}."


def _components(registry: Registry) -> Iterator[str]:
    yield "## State Store Components"
    rows = (
        (
            _code(store.name),
            *(_cell(as_text(field.value(store, registry))) for field in _COLUMNS[1:]),
        )
        for store in registry.stores
    )
    yield _table((field.title for field in _COLUMNS), rows)
    yield f"**Total**: {totals_text(totals(registry, registry.stores))}"


def _deployments(registry: Registry) -> Iterator[str]:
    guide = registry.guide
    if not guide.deployments:
        return
    yield "## Deployment Flexibility"
    yield guide.reference.deployments or DEPLOYMENTS_PARAGRAPH
    for deployment in guide.deployments:
        yield f"### Example: {deployment.title}"
        yield f"```yaml\n{deployment_lines(deployment.note, deployment.stores)}\n```"


def _generated_code(registry: Registry, code: GeneratedCode) -> Iterator[str]:
    yield "## Generated Code"
    yield f"State store definitions are generated to {_code(code.path)},\nproviding:"
    constants = ", ".join(_code(constant) for constant in example_constants(registry, code))
    yield "\n".join(
        (
            f"- **Name constants**: {constants}, etc." if constants else "- **Name constants**",
            f"- **Configurations**: {_code(f'{code.class_name}.Configurations')} dictionary",
            f"- **Metadata**: {_code(f'{code.class_name}.Metadata')} for tooling",
        )
    )


def _closing(registry: Registry) -> str:
    reference = registry.guide.reference
    if not reference.closing_href:
        return "*This file is auto-generated.*"
    link = f"[{reference.closing_label or reference.closing_href}]({reference.closing_href})"
    words = f" {reference.closing_text}" if reference.closing_text else ""
    return f"*This file is auto-generated. See {link}{words}.*"


def _table(titles: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    heads = tuple(titles)
    rule = "|" + "|".join("-" * (len(title) + 2) for title in heads) + "|"
    return "\n".join([_row(heads), rule, *(_row(row) for row in rows)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    # A bar ends a cell even inside inline code (https://github.github.com/gfm/#tables-extension-).
    return " ".join(text.split()).replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{_cell(text)}`"
