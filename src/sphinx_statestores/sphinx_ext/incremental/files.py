"""Files that the extension keeps for the next build. They may be missing, damaged or in the way at any time.

None of them makes a build fail: a file that cannot be read counts as missing.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from sphinx_statestores.export.files import replace_file

if TYPE_CHECKING:
    from pathlib import Path


def read_kept(file: Path) -> bytes | None:
    """Return the content of a kept file; None when it does not exist or cannot be read."""
    try:
        # Not for a named pipe, which would block, nor for a device, which may never end.
        return file.read_bytes() if file.is_file() else None
    except OSError:
        return None


def keep(file: Path, data: bytes) -> None:
    """Write *data* atomically. If that fails, remove the old file."""
    try:
        replace_file(file, data)
    except (OSError, RuntimeError):  # RuntimeError for circular symbolic links, up to Python 3.12
        with contextlib.suppress(OSError):
            file.unlink()
