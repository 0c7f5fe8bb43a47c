"""The ways to make the site: one small class each. What they generate from the registry is not in their times."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from benchmarks.markup import Markdown, Markup, ReStructuredText
from benchmarks.registry import Store, kebab, to_yaml
from benchmarks.site import INDEX

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.site import Site

HEAD = ("Store", "Backend", "Service", "Purpose")
#: The theme with the least to it: others add their own cost to every page, the same for all.
THEME = "basic"

_EXTENSIONS = Path(__file__).parent / "extensions"


class Contender(ABC):
    """A way to make the site."""

    name: ClassVar[str]
    title: ClassVar[str]
    #: The module without which it cannot be built.
    needs: ClassVar[str] = "sphinx"
    markup: ClassVar[Markup] = ReStructuredText()
    #: Whether there are tables and links.
    shows_stores: ClassVar[bool] = True
    #: The id of a store on the page of its service.
    anchor: ClassVar[str] = "store-{}"
    #: Whether words are reduced to their stems in C: PyStemmer does, where the project has it.
    has_fast_stems: ClassVar[bool] = False
    #: Whether it claims to read and to write exactly the pages that an edit concerns, and whether its output is
    #: that of a clean build.
    is_exact: ClassVar[bool] = False

    @property
    def is_installed(self) -> bool:
        """Whether it can be built here."""
        return importlib.util.find_spec(self.needs) is not None

    @abstractmethod
    def conf(self) -> str:
        """Return its lines of ``conf.py``."""

    @abstractmethod
    def table(self, stores: Sequence[Store], service: str) -> str:
        """Return a table of stores: of a service, or of all when *service* is empty."""

    @abstractmethod
    def link(self, name: str) -> str:
        """Return a link to a store."""

    def more_files(self, site: Site) -> dict[str, str]:
        """Return what else it reads, by path."""
        return {}

    def files(self, site: Site) -> dict[str, str]:
        """Return all sources of a site, by path."""
        path = f"import sys\nsys.path.insert(0, {str(_EXTENSIONS)!r})\n"
        if not self.has_fast_stems:
            path += "sys.modules['Stemmer'] = None\n"
        suffix = self.markup.suffix
        files = {"conf.py": f"{path}project = 'State stores'\nhtml_theme = {THEME!r}\n{self.conf()}\n"}
        files[INDEX + suffix] = self.markup.index(self.table(list(site.by_name.values()), ""))
        for page in site.pages:
            table = self.table(site.by_service[page.service], page.service)
            files[page.docname + suffix] = self.markup.page(page, table, [self.link(name) for name in page.links])
        return {**files, **self.more_files(site)}


class Null(Contender):
    """What Sphinx costs anyway."""

    name = "null"
    title = "NULL: the same site without tables and links"
    shows_stores = False

    def conf(self) -> str:
        return ""

    def table(self, stores: Sequence[Store], service: str) -> str:
        return ""

    def link(self, name: str) -> str:
        return f"``{name}``"


class NullWithFastStems(Null):
    """What Sphinx costs where PyStemmer is installed."""

    name = "null-fast"
    title = "NULL with PyStemmer"
    needs = "Stemmer"
    has_fast_stems = True


class _FromRegistry(Contender):
    """Reads the YAML file itself."""

    def more_files(self, site: Site) -> dict[str, str]:
        return {"state-stores.yaml": to_yaml(site.stores)}


class Floor(_FromRegistry):
    """The least that goes through table nodes."""

    name = "floor"
    title = "FLOOR: the least that goes through ordinary table nodes"

    def conf(self) -> str:
        return "extensions = ['bench_floor']"

    def table(self, stores: Sequence[Store], service: str) -> str:
        return f".. floor-table:: {service}"

    def link(self, name: str) -> str:
        return f":floor:store:`{name}`"


class StateStores(_FromRegistry):
    """This extension, as it is by default."""

    name = "statestores"
    title = "sphinx-statestores"
    needs = "sphinx_statestores"
    is_exact = True

    def conf(self) -> str:
        return (
            "extensions = ['sphinx_statestores']\n"
            "statestores_registry = 'state-stores.yaml'\n"
            "statestores_service_pages = 'services/{kebab}'"
        )

    def table(self, stores: Sequence[Store], service: str) -> str:
        return f".. statestore-table::\n   :service: {service}" if service else ".. statestore-table::"

    def link(self, name: str) -> str:
        return f":store:`{name}`"


class StateStoresWithFastStems(StateStores):
    """This extension where PyStemmer is installed, as its extra ``fast`` does."""

    name = "statestores-fast"
    title = "sphinx-statestores with PyStemmer"
    needs = "Stemmer"
    has_fast_stems = True


class StateStoresWithoutObjects(StateStores):
    """What the objects cost: it takes them away from the inventory, the search box and the indices."""

    name = "statestores-bare"
    title = "sphinx-statestores without indices, search objects and inventory"
    is_exact = False  # claimed, and tested with the one that is used

    def conf(self) -> str:
        return (
            f"{super().conf()}\n"
            "html_domain_indices = False\n"
            "from sphinx_statestores.sphinx_ext.domain import StateStoreDomain\n"
            "StateStoreDomain.get_objects = lambda self: iter(())"
        )


class CsvTable(Contender):
    """A CSV file for each table."""

    name = "csv-table"
    title = "csv-table, with generated CSV files"

    def conf(self) -> str:
        return ""

    def table(self, stores: Sequence[Store], service: str) -> str:
        return f".. csv-table::\n   :header-rows: 1\n   :file: {_data_file(service, '.csv', from_page=True)}"

    def link(self, name: str) -> str:
        return f":ref:`{name} <store-{name}>`"

    def more_files(self, site: Site) -> dict[str, str]:
        files = {_data_file("", ".csv"): _csv(_cells(store) for store in site.by_name.values())}
        for service, stores in site.by_service.items():
            cells = (_cells(store, f".. _store-{store.name}:\n\n") for store in stores)
            files[_data_file(service, ".csv")] = _csv(cells)
        return files


class MystTable(Contender):
    """Markdown tables, written into the pages."""

    name = "myst-table"
    title = "tables in MyST Markdown, generated into the pages"
    needs = "myst_parser"
    markup = Markdown()

    def conf(self) -> str:
        return "extensions = ['myst_parser']\nmyst_enable_extensions = ['attrs_inline']"

    def table(self, stores: Sequence[Store], service: str) -> str:
        lines = [f"| {' | '.join(HEAD)} |", "|---|---|---|---|"]
        for store in stores:
            name, *others = store.row
            anchor = f"{{#store-{name}}}" if service else ""
            lines.append(f"| `{name}`{anchor} | {' | '.join(others)} |")
        return "\n".join(lines)

    def link(self, name: str) -> str:
        return f"[{name}](#store-{name})"


class SphinxNeeds(Contender):
    """A need for each store, imported on the page of its service, which is what links can lead to."""

    name = "sphinx-needs"
    title = "sphinx-needs, with a generated needs.json for each service"
    needs = "sphinx_needs"
    anchor = "{}"

    def conf(self) -> str:
        fields = {
            name: {"schema": {"type": "string"}, "nullable": True} for name in ("backend", "service", "purpose")
        }
        settings = {
            "extensions": ["sphinx_needs"],
            "needs_types": [
                {"directive": "store", "title": "Store", "prefix": "", "color": "#ffffff", "style": "node"}
            ],
            "needs_id_regex": "^[a-z0-9-]+$",
            "needs_fields": fields,
            "needs_table_style": "table",
            "needs_table_columns": "id;backend;service;purpose",
            "needs_role_need_template": "{{ id }}",
        }
        return "\n".join(f"{name} = {value!r}" for name, value in settings.items())

    def table(self, stores: Sequence[Store], service: str) -> str:
        if not service:
            return ".. needtable::"
        # Membership in a tag is found through an index; any other filter is evaluated for each need.
        table = f'.. needtable::\n   :filter: "{kebab(service)}" in tags'
        return f"{table}\n\n.. needimport:: /{_data_file(service, '.json')}"

    def link(self, name: str) -> str:
        return f":need:`{name}`"

    def more_files(self, site: Site) -> dict[str, str]:
        return {_data_file(service, ".json"): _needs(stores) for service, stores in site.by_service.items()}


#: Name -> contender, in the order in which results are shown.
CONTENDERS: dict[str, Contender] = {
    contender.name: contender
    for contender in (
        Null(),
        NullWithFastStems(),
        StateStores(),
        StateStoresWithFastStems(),
        StateStoresWithoutObjects(),
        Floor(),
        MystTable(),
        CsvTable(),
        SphinxNeeds(),
    )
}


def _data_file(service: str, suffix: str, *, from_page: bool = False) -> str:
    path = f"data/{kebab(service) or 'all'}{suffix}"
    return f"../{path}" if from_page and service else path


def _cells(store: Store, before: str = "") -> tuple[str, ...]:
    name, *others = store.row
    return (f"{before}``{name}``", *others)


def _csv(rows: Iterable[Sequence[str]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows(rows)
    return file.getvalue()


def _needs(stores: Iterable[Store]) -> str:
    needs = {}
    for store in stores:
        name, backend, service, purpose = store.row
        needs[name] = {
            "id": name,
            "type": "store",
            "title": name,
            "backend": backend,
            "service": service,
            "purpose": purpose,
            "tags": [kebab(service)],
        }
    versions = {"1": {"needs_amount": len(needs), "needs": needs}}
    return json.dumps({"project": "State stores", "current_version": "1", "versions": versions})
