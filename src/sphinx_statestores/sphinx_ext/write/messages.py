"""The prose of the registry -> a catalogue of the gettext builder, beside those of the pages."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.builders.gettext import MessageCatalogBuilder, MsgOrigin

from sphinx_statestores.registry.prose import texts
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.words import REGISTRY_CATALOGUE

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from sphinx_statestores.sphinx_ext.project import Project


def collect_messages(app: Sphinx, env: BuildEnvironment) -> None:
    """Add the prose of the registry to the catalogues that the gettext builder will write (``env-updated``).

    It has a catalogue of its own, whatever ``gettext_compact`` is, since many pages show the same purpose. Each text
    is in it once, with all its places.
    """
    builder = app.builder
    if not isinstance(builder, MessageCatalogBuilder):
        return
    project = current(env).project
    for text, location in texts(project.original):
        origin = MsgOrigin(str(_source(location.path, project)), location.line)
        # Sphinx makes a new one in each build, so with `gettext_uuid` each build would change the file.
        origin.uid = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        builder.catalogs[REGISTRY_CATALOGUE].add(text, origin)


def _source(path: str, project: Project) -> Path:
    """Return a file of the registry. Sphinx writes it relative to the output folder, so a URL loses its scheme."""
    return project.files.get(path) or Path(project.builder.outdir, path.rpartition("://")[2])
