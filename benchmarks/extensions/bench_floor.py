"""FLOOR: the least that an extension does whose tables are ordinary nodes. It checks nothing and has no options.

The registry is parsed once in a process. A table is made when its page is read, so the page depends on the file. A
link is resolved when its page is written, through a domain. Nothing is published: no inventory, no search objects.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from docutils import nodes
from sphinx.domains import Domain, ObjType
from sphinx.roles import XRefRole
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment
    from sphinx.util.typing import ExtensionMetadata

_HEAD = ("Store", "Backend", "Service", "Purpose")
_BACKENDS = {"redis": "Redis", "mysql": "MySQL"}


@cache
def _stores(path: str) -> dict[str, dict[str, str]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    stores: dict[str, dict[str, str]] = yaml.load(Path(path).read_bytes(), loader)["x-state-stores"]  # noqa: S506 - safe
    return dict(sorted(stores.items()))


@cache
def _names_by_service(path: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, store in _stores(path).items():
        found.setdefault(store["service"], []).append(name)
    return found


def _registry(env: BuildEnvironment) -> str:
    return str(Path(env.srcdir) / "state-stores.yaml")


class FloorTable(SphinxDirective):
    """The stores of a service, or all."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Make the table."""
        path = _registry(self.env)
        self.env.note_dependency(path)
        stores = _stores(path)
        names: Iterable[str] = _names_by_service(path)[self.arguments[0]] if self.arguments else stores
        body = nodes.tbody()
        for name in names:
            store = stores[name]
            cells = (nodes.literal("", name), _BACKENDS[store["backend"]], store["service"], store["purpose"])
            body += _row(*cells, ids=[f"store-{name}"])
        group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in (30, 10, 20, 40)), cols=len(_HEAD))
        group += [nodes.thead("", _row(*_HEAD)), body]
        return [nodes.table("", group)]


def _row(*cells: nodes.Node | str, **attributes: Any) -> nodes.row:
    made = [nodes.Text(cell) if isinstance(cell, str) else cell for cell in cells]
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in made), **attributes)


class FloorDomain(Domain):
    """Links to stores."""

    name = "floor"
    label = "Stores"
    object_types = {"store": ObjType("store", "store")}
    roles = {"store": XRefRole()}

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """Link the row on the page of the store's service."""
        store = _stores(_registry(env)).get(target)
        if store is None:
            return None
        page = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", store["service"]).lower()
        return make_refnode(builder, fromdocname, f"services/{page}", f"store-{target}", contnode)

    def merge_domaindata(self, docnames: AbstractSet[str], otherdata: dict[str, Any]) -> None:
        """Do nothing: there are no data."""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive and the domain."""
    app.add_directive("floor-table", FloorTable)
    app.add_domain(FloorDomain)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
