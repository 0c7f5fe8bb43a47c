"""Maps -> the languages of Graphviz and Mermaid, with all texts escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from sphinx_statestores.registry.quoting import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx_statestores.sphinx_ext.resolve.blocks import Access, Map, MapEdge, MapNode
    from sphinx_statestores.sphinx_ext.write.addresses import Addresses

_DOT_SHAPES = {
    "service": 'shape=box, style="rounded"',
    "store": "shape=box",
    "backend": "shape=cylinder",
}
#: The access of an edge -> its style. Edges lead from users to stores, and arrows to where the data goes.
_DOT_STYLES = {
    "": "dir=none",
    "reads": "style=dotted, dir=back",
    "writes": "style=dashed",
    "uses": "style=dashed, dir=both",
}
_MERMAID_SHAPES = {"service": ("(", ")"), "store": ("[", "]"), "backend": ("[(", ")]")}
_MERMAID_LINES = {"": "---", "reads": "-.->", "writes": "-.->", "uses": "<-.->"}
#: What Mermaid, Markdown in it or HTML may take for markup.
_SPECIAL = re.compile(r"[^\w \-,:/]|-(?=\s)", re.ASCII)
#: What must not be in a URL within quotes.
_UNSAFE_IN_URL = re.compile(r"""["'<>\\`\s{}|^;]""")
#: Mermaid draws no larger maps (https://mermaid.js.org/config/schema-docs/config.html).
_MERMAID_EDGES, _MERMAID_LENGTH = 500, 50_000


def dot(found: Map, addresses: Addresses) -> str:
    """Return a map in the language of Graphviz (https://graphviz.org/doc/info/lang.html)."""
    lines = [
        "digraph {",
        "rankdir=LR",
        'node [fontname="sans-serif", fontsize=11]',
        'edge [fontsize=10, color="gray40"]',
    ]
    for position, node in enumerate(found.nodes):
        url = _url(node, addresses)
        link = f', URL={_dot_text(url)}, target="_top"' if url else ""
        lines.append(f"n{position} [label={_dot_text(_label(node))}, {_DOT_SHAPES[node.kind]}{link}]")
    words = dict(found.legend)
    for edge in found.edges:
        style = _DOT_STYLES[edge.access]
        label = _edge_label(edge, words)
        lines.append(f"n{edge.start} -> n{edge.end} [{style}{f', label={_dot_text(label)}' if label else ''}]")
    return "\n".join([*lines, "}"])


def mermaid(found: Map, addresses: Addresses) -> str:
    """Return a map as a flow chart of Mermaid (https://mermaid.js.org/syntax/flowchart.html)."""
    lines = ["flowchart LR"]
    for position, node in enumerate(found.nodes):
        before, after = _MERMAID_SHAPES[node.kind]
        lines.append(f'  n{position}{before}"{_mermaid_text(_label(node))}"{after}')
        url = _url(node, addresses)
        if url:
            lines.append(f'  click n{position} href "{url}"')
    words = dict(found.legend)
    for edge in found.edges:
        label = _edge_label(edge, words)
        shown = f'|"{_mermaid_text(label)}"|' if label else ""
        # An arrow has no tip at its beginning alone.
        start, end = (edge.end, edge.start) if edge.access == "reads" else (edge.start, edge.end)
        lines.append(f"  n{start} {_MERMAID_LINES[edge.access]}{shown} n{end}")
    return "\n".join(lines)


def _label(node: MapNode) -> str:
    return one_line(f"{node.text} ({node.note})" if node.note else node.text)


def _edge_label(edge: MapEdge, words: Mapping[Access, str]) -> str:
    parts = [words.get(edge.access, "") if edge.access else "", str(edge.number) if edge.number > 1 else ""]
    return one_line(" ".join(filter(None, parts)))


def _url(node: MapNode, addresses: Addresses) -> str:
    target = node.target
    if target is None or addresses.leads_nowhere(target.docname, target.anchor, target.uri):
        return ""
    return _UNSAFE_IN_URL.sub(lambda found: quote(found[0], safe=""), addresses.of(target))


def _dot_text(text: str) -> str:
    """Return a text as a string of Graphviz, which looks for entities in it, too."""
    escaped = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _mermaid_text(text: str) -> str:
    """Return a text for a string of Mermaid, which takes ``#`` with a number for a character."""
    return _SPECIAL.sub(lambda found: f"#{ord(found[0])};", text)


def is_too_large(engine: str, found: Map, text: str) -> bool:
    """Return whether an engine refuses to draw a map, of which *text* is the text."""
    return engine == "mermaid" and (len(found.edges) > _MERMAID_EDGES or len(text) > _MERMAID_LENGTH)


#: Name of an engine -> the function that returns the text of a map.
ENGINES: dict[str, Callable[[Map, Addresses], str]] = {"graphviz": dot, "mermaid": mermaid}
