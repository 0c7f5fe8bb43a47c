"""Directives for this site: lists that are made from the code they describe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from sphinx_statestores.imports.synonyms import SYNONYMS
from sphinx_statestores.registry.problems import RULES, Kind
from sphinx_statestores.sphinx_ext.config import CONFIG_VALUES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


class _KindList(SphinxDirective):
    """Kinds of problem, from the enum that defines them."""

    #: What the targets begin with.
    prefix: str
    #: The kinds, in the order of the list.
    kinds: Iterable[Kind]
    #: What comes before a kind's name.
    namespace = ""

    def run(self) -> list[nodes.Node]:
        """Make a definition list."""
        items = []
        for kind in self.kinds:
            term = nodes.term("", "", nodes.literal("", f"{self.namespace}{kind.subtype}"))
            term += [nodes.Text(" ("), nodes.emphasis("", kind.severity.value), nodes.Text(")")]
            meaning, messages = self.parse_inline(kind.meaning)
            item = nodes.definition_list_item("", term, nodes.definition("", nodes.paragraph("", "", *meaning)))
            item["ids"].append(f"{self.prefix}-{kind.subtype.replace('_', '-')}")
            items += [item, *messages]
        return [nodes.definition_list("", *items)]


class ProblemKinds(_KindList):
    """Every kind of problem, by name."""

    prefix = "kind"
    kinds = sorted(Kind, key=lambda kind: kind.subtype)
    namespace = "statestores."  # as ``suppress_warnings`` calls them


class LintRules(_KindList):
    """Every kind whose severity a project may set."""

    prefix = "rule"
    kinds = RULES.values()


class Synonyms(SphinxDirective):
    """Every word that an import understands, by the field that it stands for."""

    def run(self) -> list[nodes.Node]:
        """Make a list."""
        items = []
        for field, words in SYNONYMS.items():
            text: list[nodes.Node] = [nodes.literal("", field), nodes.Text(f": {', '.join(words)}")]
            items.append(nodes.list_item("", nodes.paragraph("", "", *text)))
        return [nodes.bullet_list("", *items)]


class ConfigValues(SphinxDirective):
    """Every configuration value, as ``confval`` describes one."""

    def run(self) -> list[nodes.Node]:
        """Let the standard directive make each description, so that ``:confval:`` can link to it."""
        lines: list[str] = []
        for value in CONFIG_VALUES:
            lines += [
                f".. confval:: {value.name}",
                f"   :type: {' or '.join(f'``{kind.__name__}``' for kind in value.types)}",
                f"   :default: ``{value.default!r}``",
                "",
                f"   {value.meaning}",
                "",
            ]
        return self.parse_text_to_nodes("\n".join(lines))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directives."""
    app.add_directive("problem-kinds", ProblemKinds)
    app.add_directive("lint-rules", LintRules)
    app.add_directive("config-values", ConfigValues)
    app.add_directive("synonyms", Synonyms)
    return {"parallel_read_safe": True}
