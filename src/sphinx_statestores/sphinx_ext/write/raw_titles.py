"""Titles from the registry -> HTML, where a theme or the search prints titles without escaping them.

pydata-sphinx-theme 0.24 does not escape page titles in the header navigation; sphinx-book-theme 1.4 does not escape
the titles of a page and of the site. So ``<img onerror=...>`` in the title of a service would run on every page. In
the context of a page, and in the result of its navigation function, a title that is found unchanged is replaced by
HTML. A title that a theme has escaped is not found.

Before Sphinx 9, the search displays headings without escaping them, too. It takes them from doctrees.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import version_info as sphinx_version

from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.write.html_text import Html

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

#: Whether the search escapes headings.
_SEARCH_ESCAPES = sphinx_version >= (9,)
#: The function of pydata-sphinx-theme in the context of a page that returns the header navigation.
_NAVIGATION = "generate_header_nav_html"


class statestores_heading_words(nodes.inline):  # noqa: N801 - docutils spells nodes so
    """Text of a heading whose ``astext`` returns HTML."""

    def astext(self) -> str:
        """Return the text, escaped for HTML."""
        return escape(super().astext())


def escape_searched_titles(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Escape the headings of a document for the search (``doctree-resolved``)."""
    if _SEARCH_ESCAPES or app.builder.format != "html" or not _is_named_by_registry(app.env, docname):
        return
    for title in doctree.findall(nodes.title):
        for text in list(title.findall(nodes.Text)):
            if ("<" in text or "&" in text) and not isinstance(text.parent, nodes.literal):
                text.parent.replace(text, statestores_heading_words("", nodes.Text(text)))


def note_risky_titles(app: Sphinx, env: BuildEnvironment) -> None:
    """Record the titles that need escaping, once all headings have their text (``env-updated``)."""
    found = {}
    for docname, title in env.titles.items():
        if re.search("[<&]", title.astext()) and _is_named_by_registry(env, docname):
            found[title.astext().strip()] = escape(title.astext().strip())
            found[_as_printed(title, str)] = _as_printed(title, escape)
    current(env).risky_titles = found


def _is_named_by_registry(env: BuildEnvironment, docname: str) -> bool:
    """Return whether the headings of a document contain text of the registry."""
    build = current(env)
    return docname in build.headings or build.answers.site.is_generated(docname)


def escape_titles(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Escape titles in the context of a page, after all other handlers (``html-page-context``, late)."""
    titles = current(app.env).risky_titles
    if not titles:
        return
    for name, value in context.items():
        if isinstance(value, str) and value.strip() in titles:
            context[name] = Html(titles[value.strip()])
    navigation = context.get(_NAVIGATION)
    if callable(navigation):
        context[_NAVIGATION] = _with_escaped_links(navigation, titles)


def _with_escaped_links(navigation: Callable[..., str], titles: Mapping[str, str]) -> Callable[..., str]:
    # The longest first, because one title may begin with another.
    words = "|".join(map(re.escape, sorted(titles, key=len, reverse=True)))
    link = re.compile(rf"(?<=>)(\s*)({words})(\s*)(?=</a>)")

    def escaped_navigation(*args: Any, **kwargs: Any) -> str:
        return link.sub(lambda found: f"{found[1]}{titles[found[2]]}{found[3]}", navigation(*args, **kwargs))

    return escaped_navigation


def _as_printed(title: nodes.Element, text: Callable[[str], str]) -> str:
    """Return a title as the navigation prints it: formulas as elements for MathJax, other text through *text*."""
    return "".join(
        rf'<span class="math notranslate nohighlight">\({node.astext()}\)</span>'
        if isinstance(node, nodes.math)
        else text(node.astext())
        for node in title.children
    ).strip()
