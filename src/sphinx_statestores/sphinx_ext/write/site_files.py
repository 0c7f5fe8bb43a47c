"""A text that is made of the registry and of where stores are shown -> a file of the site that is ours alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sphinx_statestores.export.files import write_if_different
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import printable
from sphinx_statestores.sphinx_ext.logging import warn
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.resolve.blocks import Target
from sphinx_statestores.sphinx_ext.write.addresses import site_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx


def write_site_file(app: Sphinx, path: Path, make: Callable[[], str], failure: str, *inputs: object) -> bool:
    """Write the text that *make* returns, unless the file is as an earlier build with the same inputs left it.

    The inputs are all that results depend on, the addresses of pages, and *inputs*. Return whether the file has this
    text. If it cannot be written, there is a warning that begins with *failure*.
    """
    record = current(app.env).project.record
    made_of = (site_address(Target(app.config.root_doc), app.builder), inputs)
    if record.is_current(path, made_of):
        return True
    try:
        # The temporary file is outside of the site: a killed build may leave it.
        write_if_different(path, make(), scratch=Path(app.doctreedir, "statestores"))
    except OSError as error:
        message = f"{failure}, since a file cannot be written: {printable(str(path))}: {error.strerror}"
        warn(Kind.UNWRITABLE_FILE, message, None)
        return False
    record.note_file(path, made_of)
    return True
