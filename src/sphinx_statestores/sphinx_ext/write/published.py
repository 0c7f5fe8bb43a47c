"""The registry of a build -> ``statestores.json`` beside ``objects.inv``, for other sites that link to this one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sphinx_statestores.export.published import Addresses, to_published
from sphinx_statestores.registry.links import is_web_address
from sphinx_statestores.registry.published import FILE_NAME
from sphinx_statestores.registry.quoting import one_line
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.write.addresses import site_address
from sphinx_statestores.sphinx_ext.write.site_files import write_site_file

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.builders import Builder

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.sphinx_ext.resolve.site_index import SiteIndex

_INVENTORY = "objects.inv"


def write_published(app: Sphinx, exception: Exception | None) -> None:
    """Write the file, if the build has written an inventory and the content has changed (``build-finished``)."""
    build = current(app.env)
    outdir = Path(app.outdir)
    if exception is not None or not build.has_begun or app.builder.format != "html":
        return
    if not (outdir / _INVENTORY).is_file():
        return
    baseurl = str(getattr(app.config, "html_baseurl", "") or "")
    project, url = one_line(str(app.config.project)), baseurl if is_web_address(baseurl) else ""

    def make() -> str:
        site = build.answers.site
        # Own and merged stores, without the hidden ones, in the language of their files: it is data, and not a page.
        registry = site.original
        addresses = Addresses(
            project,
            url,
            _store_addresses(registry, site, app.builder),
            _sources(registry, site),
            _service_addresses(registry, site, app.builder),
        )
        return to_published(registry, addresses)

    write_site_file(app, outdir / FILE_NAME, make, "other sites cannot link to the stores", project, url)


def _store_addresses(registry: Registry, site: SiteIndex, builder: Builder) -> dict[str, str]:
    found = {}
    for name in registry.names:
        target = site.store_target(name)
        if target is not None:
            found[name] = site_address(target, builder)
    return found


def _sources(registry: Registry, site: SiteIndex) -> dict[str, str]:
    found = {}
    for store in registry.stores:
        uri = site.source_uri(store)
        if is_web_address(uri):
            found[store.name] = uri
    return found


def _service_addresses(registry: Registry, site: SiteIndex, builder: Builder) -> dict[str, str]:
    pages = {name: page for name, page in site.service_pages.items() if name in registry.by_service}
    return {
        name: site_address(page, builder)
        for name, page in sorted(pages.items())
        if page.docname or is_web_address(page.uri)
    }
