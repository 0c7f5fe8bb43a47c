"""The whole reference as one Markdown page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.registry.fields import FIELDS, as_text
from sphinx_statestores.registry.inline import runs
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
                    _text(convention.description),
                )
                for convention in guide.conventions
            ),
        ),
        "## Backend Selection Guide",
        _table(
            ("Use Case", "Backend", "Rationale"),
            (
                (_text(choice.use_case), _text(choice_backend(registry, choice)), _text(choice.rationale))
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
    system = f" used in {_text(reference.project)}" if reference.project else ""
    yield f"This document lists all state store components{system}."


def _components(registry: Registry) -> Iterator[str]:
    yield "## State Store Components"
    rows = (
        (
            _code(store.name),
            *(_text(as_text(field.value(store, registry))) for field in _COLUMNS[1:]),
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
        yield f"### Example: {_text(deployment.title)}"
        yield _fenced("yaml", deployment_lines(deployment.note, deployment.stores))


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
    link = _link(reference.closing_label or reference.closing_href, reference.closing_href)
    words = f" {_text(reference.closing_text)}" if reference.closing_text else ""
    return f"*This file is auto-generated. See {link}{words}.*"


def _table(titles: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    heads = tuple(titles)
    rule = "|" + "|".join("-" * (len(title) + 2) for title in heads) + "|"
    return "\n".join([_row(heads), rule, *(_row(row) for row in rows)])


def _row(cells: Iterable[str]) -> str:
    # A bar ends a cell even inside inline code (https://github.github.com/gfm/#tables-extension-).
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


# What Markdown would read as markup (https://spec.commonmark.org/0.31.2/#backslash-escapes): always, or where
# it can open something. An underscore inside a word, as in a table's name, is a plain character.
_MARKUP = re.compile(r"[\\`*\[\]<]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)")


def _text(text: str) -> str:
    """Write a registry's text as one line: its inline code as code, everything else as it is read."""
    return "".join(_code(run.text) if run.is_code else _escaped(run.text) for run in runs(" ".join(text.split())))


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)


def _code(text: str) -> str:
    """Write inline code (https://spec.commonmark.org/0.31.2/#code-spans), with more backticks than it holds."""
    text = " ".join(text.split())
    fence = _longer_than_any(text, "`", 1)
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def _fenced(language: str, text: str) -> str:
    fence = _longer_than_any(text, "`", 3)
    return f"{fence}{language}\n{text}\n{fence}"


def _longer_than_any(text: str, character: str, least: int) -> str:
    runs_of_it = re.findall(f"{re.escape(character)}+", text)
    return character * max(least, *(len(run) + 1 for run in runs_of_it), 0)


def _link(label: str, href: str) -> str:
    if re.search(r"[\s()<>]", href):
        href = "<" + " ".join(href.split()).replace("<", "%3C").replace(">", "%3E") + ">"
    return f"[{_text(label)}]({href})"
