"""The same page in reStructuredText and in Markdown."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.site import Page


class Markup(ABC):
    """How a source file spells a page."""

    suffix: str

    @abstractmethod
    def heading(self, text: str, level: int) -> str:
        """Return a heading; *level* 0 is the title's."""

    @abstractmethod
    def prose(self, text: str) -> str:
        """Return a paragraph; ``*x*`` in it is stressed, ```x``` is code."""

    @abstractmethod
    def toctree(self) -> str:
        """Return a toctree of all pages of services."""

    def index(self, table: str) -> str:
        """Return the page with the table of all stores."""
        intro = self.prose("All state stores, whoever owns them.")
        return self._joined(self.heading("State stores", 0), intro, table, self.toctree())

    def page(self, page: Page, table: str, links: list[str]) -> str:
        """Return the page of a service with its table and its links."""
        paragraphs = [self.prose(text) for text in page.paragraphs]
        return self._joined(
            self.heading(page.service, 0),
            *paragraphs[:2],
            self.heading("State stores", 1),
            table,
            self.heading("What it uses", 1),
            "\n".join(f"* reads and writes {link} at times" for link in links),
            *paragraphs[2:],
        )

    @staticmethod
    def _joined(*parts: str) -> str:
        return "\n\n".join(part for part in parts if part) + "\n"


class ReStructuredText(Markup):
    """As Sphinx reads it by itself."""

    suffix = ".rst"

    def heading(self, text: str, level: int) -> str:
        return f"{text}\n{'=-'[level] * len(text)}"

    def prose(self, text: str) -> str:
        return re.sub(r"`([^`]+)`", r"``\1``", text)

    def toctree(self) -> str:
        return ".. toctree::\n   :maxdepth: 1\n   :glob:\n\n   services/*"


class Markdown(Markup):
    """As MyST reads it."""

    suffix = ".md"

    def heading(self, text: str, level: int) -> str:
        return f"{'#' * (level + 1)} {text}"

    def prose(self, text: str) -> str:
        return text

    def toctree(self) -> str:
        return "```{toctree}\n:maxdepth: 1\n:glob:\n\nservices/*\n```"
