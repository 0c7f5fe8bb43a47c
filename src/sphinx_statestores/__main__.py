"""``python -m sphinx_statestores`` is the command ``statestores``."""

from __future__ import annotations

import sys

from sphinx_statestores.cli import main

if __name__ == "__main__":
    sys.exit(main())
