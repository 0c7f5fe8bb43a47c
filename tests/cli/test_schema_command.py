"""``statestores schema``."""

from __future__ import annotations

import json
import subprocess
import sys

from sphinx_statestores.registry.schema import schema_text


def test_the_schema_is_printed() -> None:
    """The command prints the shipped schema, byte for byte, and nothing else."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx_statestores", "schema"], capture_output=True, check=True, timeout=120
    )
    assert done.stdout == schema_text().encode()
    assert done.stderr == b""
    assert json.loads(done.stdout)["type"] == "object"
