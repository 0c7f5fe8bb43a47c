"""Results -> one SVG for the documentation. It has the colour of the text around it, light or dark."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.contenders import CONTENDERS
from benchmarks.results import NULL, Case
from benchmarks.targets import LARGE, OURS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.results import Metric, Results


class _Panel(NamedTuple):
    title: str
    scenario: str
    metric: Metric


_PANELS = (
    _Panel("Cold build, time", "cold", "cpu"),
    _Panel("Cold build, peak memory", "cold", "memory"),
    _Panel("One purpose changed, time", "purpose", "cpu"),
    _Panel("One paragraph edited, time", "prose", "cpu"),
)
#: Variants of others, which the picture does without.
_LEFT_OUT = {"statestores-bare", "null-fast", "statestores-fast"}
_WIDTH, _LABEL, _NUMBER, _BAR, _GAP, _TITLE = 760, 130, 60, 16, 6, 34


def plot(results: Results) -> str:
    """Return a picture of bars: for each scenario, how many times the cost of NULL each contender takes."""
    parts: list[str] = []
    said: list[str] = []
    y = 0
    for panel in _PANELS:
        bars = list(_bars(results, panel))
        if len(bars) < 2:
            continue
        y += _TITLE
        parts.append(f'<text x="0" y="{y - 12}" font-weight="bold">{escape(panel.title)}</text>')
        said.append(f"{panel.title}: {', '.join(f'{name} {value:.2f}' for name, value in bars)}")
        scale = (_WIDTH - _LABEL - _NUMBER) / max(value for _, value in bars)
        for name, value in bars:
            opacity = 1 if name == OURS else 0.35
            middle = y + _BAR * 0.75
            parts += [
                f'<text x="{_LABEL - 8}" y="{middle:g}" text-anchor="end">{escape(name)}</text>',
                f'<rect x="{_LABEL}" y="{y}" width="{value * scale:.1f}" height="{_BAR}" opacity="{opacity}"/>',
                f'<text x="{_LABEL + value * scale + 6:.1f}" y="{middle:g}">{value:.2f}</text>',
            ]
            y += _BAR + _GAP
    description = escape(f"Times the cost of the same site without tables and links. {'. '.join(said)}.")
    # On a telephone it is better moved sideways than read in letters of half their size.
    style = f"width: 100%; min-width: {_WIDTH * 0.75:g}px; max-width: {_WIDTH}px"
    look = f'fill="currentColor" font-family="sans-serif" font-size="13" style="{style}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" role="img" {look}>',
            f"<title>{LARGE.stores:,} stores on {LARGE.services:,} services</title>",
            f"<desc>{description}</desc>",
            *parts,
            "</svg>\n",
        ]
    )


def _bars(results: Results, panel: _Panel) -> Iterator[tuple[str, float]]:
    for name in CONTENDERS:
        value = results.to_null(Case(LARGE, name, panel.scenario), panel.metric)
        if name == NULL and panel.scenario == "purpose":
            value = 1.0
        if value is not None and name not in _LEFT_OUT:
            yield name, value
