"""The site of sphinx-statestores, which is also its demonstration on a registry of 124 stores."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import sphinx_statestores

project = "sphinx-statestores"
author = "The sphinx-statestores maintainers"
copyright = "2026, The sphinx-statestores maintainers"
version = release = sphinx_statestores.__version__

extensions = ["myst_parser", "sphinx_design", "sphinx_statestores", "generated_lists", "benchmark_results"]
exclude_patterns = ["_build", "GENERATED-STATE-STORES.md", "samples"]
myst_enable_extensions = ["colon_fence"]
nitpicky = True

# All that a site needs for its state stores, but for the extension itself.
statestores_registry = "../schemas/state-stores.yaml"
statestores_service_pages = "services/{kebab}"
# A dozen of the 44 services have a page so far; the others have generated ones.
statestores_generate_pages = "stores/"
statestores_autolink = True
statestores_unknown_literals = "warning"
statestores_ignored_names = ["package-lock"]
statestores_source_url = "https://git.example.org/bannou/blob/{ref}/{path}#L{line}"
statestores_table_presets = {
    "keys": {"columns": "name, prefix, purpose", "backend": "redis"},
    "tables": {"columns": "name, table, purpose", "backend": "mysql"},
}

html_theme = "furo"
html_title = f"sphinx-statestores {release}"
latex_elements = {"papersize": "a4paper"}
