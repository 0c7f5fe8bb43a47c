"""A title that ends a heading of Markdown, or is nothing else."""

from __future__ import annotations

import pytest
from markdown_readers import READERS, Block, blocks

from sphinx_statestores.export.markdown import to_markdown
from sphinx_statestores.export.markdown_text import as_heading
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.source import SourceText

TITLES = ["#", "##", "#######", "# #", "a #", "a # ##", "#a", "a#", "\\#", "# `a`", "`#`", "` #`", "#" * 70]


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("name", READERS)
def test_the_heading_says_it(name: str, title: str) -> None:
    """The heading of a deployment example has all of its title."""
    quoted = title.replace("\\", "\\\\")
    source = f'x-deployments: [{{title: "{quoted}", stores: {{a: b}}}}]\nx-state-stores: {{}}\n'
    registry, _ = load_sources([SourceText("a.yaml", source, "")])
    headings = [block.text for block in blocks(READERS[name](), _examples(to_markdown(registry)))]
    assert headings[0] == f"Example: {title.replace('`', '')}".strip()
    assert blocks(READERS[name](), f"# {as_heading(title)}\n") == [Block("heading", title.replace("`", "").strip())]


def _examples(page: str) -> str:
    return page[page.index("### Example") :].partition("\n\n---\n")[0] + "\n"
