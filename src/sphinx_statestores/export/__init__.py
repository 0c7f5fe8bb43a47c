"""A registry as text in other formats: one function a format, in one dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.export.markdown import to_markdown

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx_statestores.registry.model import Registry

#: Format -> function that writes a registry in it. The text ends with a newline.
FORMATS: dict[str, Callable[[Registry], str]] = {
    "markdown": to_markdown,
}
