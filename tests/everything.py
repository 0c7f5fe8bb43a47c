"""Pages that use everything there is, in both languages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sphinx_statestores.registry.observation import KeyGroup, Observation, ServerSeen, StoreSeen, observation_data

if TYPE_CHECKING:
    from conftest import Site

RST = """\
:tocdepth: 3

Stores of :store-service:`Auth`: :store-count:`all`
===================================================

There are :store-count:`all`: :store:`auth-statestore`, :store:`!auth-lock`, :store:`~account-statestore`,
:store:`explicit <auth-lock>`, :store-service:`Auth`, :store-backend:`redis`, :any:`account-archive`, ``auth-lock``,
:statestore:count:`service=Auth` and |stores|.

.. |stores| replace:: a :store:`substituted store <auth-lock>`

.. statestore-table::
   :caption: All of :store-count:`all` stores, and a *word*
   :name: all-stores
   :columns: name, backend, service, purpose, source, backlinks
   :group-by: backend
   :totals:

.. statestore-totals::
.. statestore-conventions::
.. statestore-backends::
.. statestore-deployments::
.. statestore-code::
.. statestore-changes::
   :from: /older.yaml
.. statestore-coverage::
.. statestore-observed::

.. statestore-map::
   :caption: All of :store-count:`all` stores, drawn
   :name: map-of-stores

.. statestore-chart::
   :by: service
   :stack: backend
   :name: chart-of-stores

.. statestore-service:: Account

.. statestore:: auth-lock

   Words of the author about :store:`auth-statestore`.

.. note::

   .. statestore-table::
      :service: !Account
      :no-index:

.. list-table::

   * - .. statestore-totals::
          :by: service

       .. statestore-map:: Auth
     - :store:`auth-lock` [#note]_

.. only:: html

   .. statestore-service:: Auth
      :detail: entries
      :no-index:

.. [#note] A note with :store:`auth-statestore`.

.. toctree::

   markdown
   reference
"""
MARKDOWN = """\
# Markdown of {store-service}`Auth`

{store}`auth-statestore`, {store-count}`backend=redis`, [](#auth-lock), `auth-lock`.

```{statestore-table}
:service: Auth
:widths: 1 2 3 4
:no-index:
```

```{statestore-changes}
:from: /older.yaml
```

```{statestore-map}
:detail: services
```

```{statestore-chart}
:by: tag
:caption: Stores by *tag*
```

```{statestore} account-statestore
About {store}`auth-lock`.
```
"""
REFERENCE = "Reference\n=========\n\n.. statestore-reference::\n   :no-index:\n"
#: What belongs to a store is not said to be somebody else's.
OBSERVED = Observation(
    (ServerSeen(("redis",), "Redis 7.2.4", "replica", "2026-01-31T09:30:00Z", 1.5, 1_000, 60.0, 90, 12, "keys"),),
    (StoreSeen("auth-statestore", 0, (KeyGroup("auth:*", 12, {"string": 12}, 3, 9, 90, 2, 128, {"embstr": 2}),)),),
)
OLDER = "x-state-stores:\n  auth-old: {backend: redis, prefix: old, service: Auth, purpose: Old}\n"


def write_everything(site: Site) -> None:
    """Write the pages and an older registry; ``index`` leads to the others."""
    site.write("index.rst", RST)
    site.write("markdown.md", MARKDOWN)
    site.write("reference.rst", REFERENCE)
    site.write("older.yaml", OLDER)
    site.write("observed.json", json.dumps(observation_data(OBSERVED)))
    conf = site.folder / "conf.py"
    conf.write_text(f'{conf.read_text(encoding="utf-8")}\nstatestores_observed = "observed.json"\n', encoding="utf-8")
