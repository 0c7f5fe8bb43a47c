"""What the extension keeps for the next build: files that may be lost, damaged or in the way of others at any time.

None of them is worth the end of a build: what cannot be read is as if it were not there.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sphinx_statestores.export.files import replace_file

if TYPE_CHECKING:
    from pathlib import Path


def read_kept(file: Path) -> bytes | None:
    """Return what an earlier build has kept; None when there is no such file, or none that can be read."""
    try:
        # A named pipe would block, and a device never ends.
        return file.read_bytes() if file.is_file() else None
    except OSError:
        return None


def keep(file: Path, data: bytes) -> None:
    """Keep *data* in one step; what cannot be written is not kept, and no longer what was kept before."""
    try:
        replace_file(file, data)
    except (OSError, RuntimeError):  # the latter for links that lead in a circle, up to Python 3.12
        with contextlib.suppress(OSError):
            file.unlink()
