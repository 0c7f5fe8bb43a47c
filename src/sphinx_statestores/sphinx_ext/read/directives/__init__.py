"""The directives, by their names in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.sphinx_ext.read.directives.changes import StoreChanges
from sphinx_statestores.sphinx_ext.read.directives.coverage import StoreCoverage
from sphinx_statestores.sphinx_ext.read.directives.entry import StoreEntry
from sphinx_statestores.sphinx_ext.read.directives.guide import (
    StoreBackends,
    StoreCode,
    StoreConventions,
    StoreDeployments,
)
from sphinx_statestores.sphinx_ext.read.directives.observed import StoreObserved
from sphinx_statestores.sphinx_ext.read.directives.pictures import StoreChart, StoreMap
from sphinx_statestores.sphinx_ext.read.directives.reference import StoreReference
from sphinx_statestores.sphinx_ext.read.directives.service import StoreService
from sphinx_statestores.sphinx_ext.read.directives.table import StoreTable, StoreTotals

if TYPE_CHECKING:
    from sphinx_statestores.sphinx_ext.read.directives.base import StoreDirective

DIRECTIVES: dict[str, type[StoreDirective]] = {
    "statestore": StoreEntry,
    "statestore-service": StoreService,
    "statestore-table": StoreTable,
    "statestore-totals": StoreTotals,
    "statestore-map": StoreMap,
    "statestore-chart": StoreChart,
    "statestore-conventions": StoreConventions,
    "statestore-backends": StoreBackends,
    "statestore-deployments": StoreDeployments,
    "statestore-code": StoreCode,
    "statestore-changes": StoreChanges,
    "statestore-coverage": StoreCoverage,
    "statestore-observed": StoreObserved,
    "statestore-reference": StoreReference,
}
