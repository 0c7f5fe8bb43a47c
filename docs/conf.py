"""The site of sphinx-statestores, which is also its demonstration on a registry of 124 stores."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import sphinx_statestores

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "sphinx-statestores"
author = "The sphinx-statestores maintainers"
copyright = "2026, The sphinx-statestores maintainers"
version = release = sphinx_statestores.__version__

extensions = ["myst_parser", "sphinx_design", "sphinx_statestores", "generated_lists", "benchmark_results"]
exclude_patterns = ["_build", "GENERATED-STATE-STORES.md", "samples"]
myst_enable_extensions = ["colon_fence", "deflist"]
nitpicky = True

# All that a site needs for its state stores, but for the extension itself.
statestores_registry = "../schemas/state-stores.yaml"
statestores_service_pages = "demo/services/{kebab}"
# A dozen of the 44 services have a page so far; the others have generated ones.
statestores_generate_pages = "demo/stores/"
statestores_autolink = True
statestores_unknown_literals = "warning"
statestores_ignored_names = ["package-lock"]
statestores_source_url = "https://git.example.org/bannou/blob/{ref}/{path}#L{line}"
# Invented: the demonstration has no servers. What belongs to no store is there to be shown, and is no fault.
statestores_observed = "demo/observed.json"
statestores_lint = {"unknown_keys": "info", "unknown_table": "info"}
statestores_table_presets = {
    "keys": {"columns": "name, prefix, purpose", "backend": "redis"},
    "tables": {"columns": "name, table, purpose", "backend": "mysql"},
}

html_theme = "furo"
html_title = f"sphinx-statestores {release}"
latex_toplevel_sectioning = "part"
latex_elements = {"papersize": "a4paper"}


def setup(app: Sphinx) -> None:
    """Keep the words of the demonstration out of the manual's search; its stores are found by their names."""
    app.connect("env-updated", _without_words)


def _without_words(app: Sphinx, env: BuildEnvironment) -> None:
    for docname in env.found_docs:
        if docname.startswith(("demo/", "statestore-")):
            env.metadata[docname]["nosearch"] = "true"
