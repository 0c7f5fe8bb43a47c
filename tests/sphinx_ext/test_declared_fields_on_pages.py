"""Fields and rules that a registry declares, on pages: columns, filters, entries, labels, and builds after edits."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.registry.fields import may_be_own
from sphinx_statestores.sphinx_ext.read.directives import DIRECTIVES

if TYPE_CHECKING:
    from conftest import Built, Site

FIELDS = """\
x-fields:
  indirectOnly: {type: boolean, export: true}
  tier: {type: [low, medium, high], label: Service Tier}
  rto: {type: duration, default: 4h}
  runbook: URL
  shadow: store
  onCall: service
"""
STORES = """\
x-state-stores:
  a-cache: {backend: redis, prefix: a, service: Auth, purpose: P, tier: high, rto: 30 days, indirectOnly: true}
  b-cache: {backend: redis, prefix: b, service: Auth, purpose: P, tier: low, runbook: "https://example.org/b"}
  c-cache: {backend: redis, prefix: c, service: Item, purpose: P, indirectOnly: false, shadow: b-cache, onCall: Auth}
"""
RST = """\
T
=

:store-count:`tier=low,high indirectOnly=!true`

.. statestore-table::
   :indirectOnly: true
   :columns: name, tier, rto, indirectOnly
   :group-by: tier

.. statestore-table::
   :sort: -rto
   :columns: name, runbook, shadow, onCall
   :caption: All

.. statestore-totals::
   :indirectOnly:

.. statestore-map::
   :tier: low

.. statestore-chart::
   :tier: !low

.. statestore-service:: Auth
   :tier: low
   :detail: entries

.. statestore:: c-cache
   :no-index:
"""
MYST = """\
# T

{store-count}`tier=low,high indirectOnly=!true`

```{statestore-table}
:indirectOnly: true
:columns: name, tier, rto, indirectOnly
:group-by: tier
```

```{statestore-table}
:sort: -rto
:columns: name, runbook, shadow, onCall
:caption: All
```

```{statestore-totals}
:indirectOnly:
```

```{statestore-map}
:tier: low
```

```{statestore-chart}
:tier: !low
```

```{statestore-service} Auth
:tier: low
:detail: entries
```

```{statestore} c-cache
:no-index:
```
"""


def said(built: Built) -> list[str]:
    return [line.partition("WARNING: ")[2] for line in built.warnings]


def test_both_languages_show_them(site: Site) -> None:
    """A page in reStructuredText and one in Markdown filter, sort, group and show the same."""
    site.registry(FIELDS + STORES)
    shown = []
    for name, text in (("index.rst", RST), ("index.md", MYST.replace(":tier: !low", ':tier: "!low"'))):
        for old in site.folder.glob("index.*"):
            old.unlink()
        site.write(name, text)
        built = site.build("text")
        assert built.warnings == []
        shown.append(built.text("index.txt"))
    assert shown[0] == shown[1]
    text = " ".join(shown[0].split())
    assert text.startswith("T * 1 +-")
    for part in (
        "| Component Name | Service Tier | Rto | Indirect Only |",
        "**high** \u2013 1 store (1 Redis)",
        '"a-cache" | high | 30 days | yes |',
        "**Service Tier**: low **Rto**: 4h **Runbook**: https://example.org/b",
        '**Indirect Only**: no **Rto**: 4h **Shadow**: "b-cache" **On Call**: Auth',
    ):
        assert part in text
    all_rows = text[text.index("All") :]
    assert all_rows.index("a-cache") < all_rows.index("b-cache") < all_rows.index("c-cache")


def test_their_values_are_links(site: Site) -> None:
    """An address, a store and a service link to what they name."""
    site.registry(FIELDS + STORES)
    site.conf('statestores_service_pages = {"Auth": "auth"}')
    site.write("index.rst", f"{RST}\n.. toctree::\n\n   auth\n")
    site.write("auth.rst", "Auth\n====\n")
    page = site.build().text("index.html")
    assert 'href="https://example.org/b"' in page
    assert 'href="auth.html"' in page[page.index("<dt") :]
    assert 'href="#store-b-cache"' in page


@pytest.mark.parametrize(
    ("before", "after", "written"),
    [
        # A label, a type, a default, a value, a whole declaration.
        ("label: Service Tier", "label: Level", ["labels"]),
        ("rto: {type: duration, default: 4h}", "rto: {type: text, default: 4h}", ["sorted"]),
        ("default: 4h", "default: 60 days", ["sorted"]),
        ("tier: low", "tier: medium", ["grouped", "labels"]),
        ("  onCall: service\n", "  onCall: service\n  unused: text\n", []),
        ("[low, medium, high]", "[high, medium, low]", ["grouped"]),
    ],
)
def test_an_edit_writes_what_it_changes(site: Site, before: str, after: str, written: list[str]) -> None:
    """No page is read for a declaration, those that show it are written, and the outcome is that of a clean build."""
    names = ("labels", "sorted", "grouped", "other")
    site.write("index.rst", "T\n=\n\n.. toctree::\n\n" + "".join(f"   {name}\n" for name in names))
    for name, options in (
        ("labels", ":columns: name, tier\n   :sort: name"),
        ("sorted", ":columns: name\n   :sort: rto"),
        ("grouped", ":columns: name\n   :group-by: tier\n   :tier: high, medium"),
        ("other", ":columns: name\n   :indirectOnly: true"),
    ):
        site.write(
            f"{name}.rst", f"{name}\n{'=' * len(name)}\n\n.. statestore-table::\n   {options}\n   :no-index:\n"
        )
    stores = STORES.replace("tier: low", "tier: low, rto: 20s").replace("purpose: P, ind", "purpose: P, rto: 4h, ind")
    stores += "  d-cache: {backend: redis, prefix: d, service: Item, purpose: P, tier: medium}\n"
    site.registry(FIELDS + stores)
    site.build()
    assert before in FIELDS + stores
    site.registry((FIELDS + stores).replace(before, after))
    built = site.build()
    assert built.read == []
    # The index of stores is on the first page, which is written in any case.
    assert [name for name in built.written if name != "index"] == written
    assert built.files() == site.build(builddir="_new").files()


def test_a_declaration_that_comes_later(site: Site) -> None:
    """A page that asks for a field before it is declared is complained of, and is right afterwards, unread."""
    site.registry(STORES)
    site.write(
        "index.rst",
        "T\n=\n\n.. statestore-table::\n   :indirectOnly: true\n   :columns: name, tier\n   :sort: rto\n",
    )
    first = site.build()
    unknown = [line for line in said(first) if "unknown_field" not in line]
    assert [line.rpartition("[")[2] for line in unknown] == [
        "statestores.unknown_option]",
        "statestores.invalid_option]",
        "statestores.unknown_column]",
    ]
    assert unknown[0].startswith("unknown option 'indirectonly' of 'statestore-table'; the options are backend, ")
    assert unknown[1].startswith("unknown sort field 'rto'")
    assert unknown[2].startswith("unknown column 'tier'")
    assert "b-cache" in first.text("index.html")
    site.registry(FIELDS + STORES)
    second = site.build()
    assert (second.read, second.written, second.warnings) == ([], ["index"], [])
    assert "b-cache" not in second.text("index.html")
    assert second.files() == site.build(builddir="_new").files()


def test_what_is_mistyped(site: Site) -> None:
    """Options, columns, orders and counts that are no fields are reported at their directive, with similar fields."""
    site.registry(FIELDS + STORES)
    site.write(
        "index.rst",
        """\
        T
        =

        :store-count:`teir=low`

        .. statestore-table::
           :indirctonly: true
           :columns: name, teir
           :sort: -rtoo
           :group-by: teer

        .. statestore:table::
           :bakend: redis

        .. statestore-code::
           :tier: low
        """,
    )
    built = site.build("text")
    found = [line.partition("index.rst:")[2].replace(": WARNING", "") for line in built.warnings]
    assert found == [
        "15: unknown option 'tier' of 'statestore-code'; the options are class, name, no-index "
        "[statestores.unknown_option]",
        "4: unknown filter 'teir'; did you mean 'tier' or 'writer'? [statestores.unknown_option]",
        "6: unknown option 'indirctonly' of 'statestore-table'; did you mean 'indirectOnly'? "
        "[statestores.unknown_option]",
        "6: unknown sort field 'rtoo'; did you mean 'rto'? [statestores.invalid_option]",
        "6: unknown group-by field 'teer'; did you mean 'tier'? [statestores.invalid_option]",
        "6: unknown column 'teir'; did you mean 'tier'? [statestores.unknown_column]",
        "12: unknown option 'bakend' of 'statestore:table'; did you mean 'backend'? [statestores.unknown_option]",
    ]


def test_the_configuration_knows_them(site: Site) -> None:
    """Default columns, labels, presets and excluded stores may name declared fields; what is no field is reported."""
    site.registry(FIELDS + STORES)
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n\n.. statestore-table::\n   :preset: top\n")
    site.conf("""
        statestores_columns = ["name", "tier", "teir"]
        statestores_labels = {"tier": "Level", "high": "very", "onCal": "Who"}
        statestores_table_presets = {"top": {"indirectOnly": True, "columns": ["name", "rto"]}}
        statestores_exclude = ["onCall=Auth", "onCal=Auth"]
        """)
    built = site.build("text")
    assert said(built) == [
        "statestores_exclude: unknown filter 'onCal'; did you mean 'onCall'? [statestores.unknown_option]",
        "statestores_columns: unknown column 'teir'; did you mean 'tier'? [statestores.invalid_config]",
        "statestores_labels: unknown column or word 'onCal'; did you mean 'onCall'? [statestores.invalid_config]",
    ]
    text = " ".join(built.text("index.txt").split())
    assert "| Component Name | Level |" in text
    assert '"a-cache" | very |' in text
    assert "c-cache" not in text
    assert '| "a-cache" | 30 days |' in text


def test_labels_are_translated(site: Site) -> None:
    """A catalogue of the registry has the label of a declared field, and pages show its translation."""
    site.registry(FIELDS + STORES)
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n   :columns: name, tier, indirectOnly\n")
    site.write(
        "locale/de/LC_MESSAGES/statestores-registry.po",
        """\
        msgid ""
        msgstr "Content-Type: text/plain; charset=UTF-8\\n"

        msgid "Service Tier"
        msgstr "Stufe"
        """,
    )
    site.conf('language = "de"\nlocale_dirs = ["locale"]')
    text = " ".join(site.build("text").text("index.txt").split())
    assert "| Stufe | Indirect Only |" in text
    assert "| ja |" in text
    assert "| nein |" in text


def test_rules_are_checked_in_a_build(site: Site) -> None:
    """A broken rule is a warning at the place of the field, of a kind of its own; an error of a rule is an error."""
    rules = """\
x-rules:
  calm: {when: tier=high, require: [onCall], message: ask the team}
  strict: {match: {prefix: "[ab]"}, severity: error}
"""
    site.registry(FIELDS + rules + STORES)
    site.write("index.rst", "T\n=\n")
    built = site.build("text")
    assert said(built) == [
        "rule calm: the store 'a-cache' needs 'onCall': add 'onCall: ...' to it (ask the team) "
        "[statestores.own_rule]",
        "rule strict: 'prefix' of the store 'c-cache' is 'c': it must match '[ab]' [statestores.own_rule]",
    ]


def test_options_are_no_fields() -> None:
    """No option of a directive can be declared as a field: it could not be a filter."""
    options = {option for directive in DIRECTIVES.values() for option in directive.option_spec}
    assert [option for option in sorted(options) if may_be_own(option)] == []


OPERATORS = """\
x-state-stores:
  a-cache:
    {backend: redis, prefix: a, service: Auth, purpose: P, classification: restricted, retention: 30 days,
     rebuildable: false, sensitive: [email, address]}
  b-cache: {backend: redis, prefix: b, service: Auth, purpose: P, rebuildable: true}
  c-cache: {backend: redis, prefix: c, service: Auth, purpose: P}
"""


def test_what_operators_ask_for(site: Site) -> None:
    """Entries and columns say whether data can be rebuilt, yes or no, and nothing where that is not given."""
    site.registry(OPERATORS)
    entries = "".join(f".. statestore:: {name}-cache\n\n" for name in "abc")
    site.write(
        "index.rst",
        f"T\n=\n\n.. statestore-table::\n   :columns: name, rebuildable, classification\n   :sort: classification\n"
        f"   :no-index:\n\n{entries}\n:store:`a-cache` :store:`c-cache`\n",
    )
    built = site.build("text")
    assert built.warnings == []
    text = " ".join(built.text("index.txt").split())
    assert '"a-cache" | no | restricted |' in text
    assert '"b-cache" | yes | |' in text
    assert '"c-cache" | | |' in text
    a, b, c = text.split("-cache P")[1:]
    assert (
        "**Classification**: restricted **Retention**: 30 days **Can Be Rebuilt**: no "
        "**Sensitive Data**: email, address" in a
    )
    assert "**Can Be Rebuilt**: yes" in b
    assert not any(title in c for title in ("Rebuilt", "Classification", "Retention", "Sensitive"))
    site.conf('language = "de"')
    text = " ".join(site.build("text").text("index.txt").split())
    assert "**Einstufung**: streng vertraulich **Aufbewahrung**: 30 days **Neu erzeugbar**: nein" in text


def test_labels_of_columns_are_no_words(site: Site) -> None:
    """A label for a column is its title only: a choice whose word is the name of a column keeps its word."""
    site.registry(
        "x-fields: {scope: {type: [service, scope, wide]}}\n"
        "x-state-stores:\n"
        "  a: {backend: redis, prefix: a, service: Auth, purpose: P, scope: service}\n"
        "  b: {backend: redis, prefix: b, service: Auth, purpose: P, scope: scope}\n"
        "  c: {backend: redis, prefix: c, service: Auth, purpose: P, scope: wide}\n"
    )
    site.write("index.rst", "T\n=\n\n.. statestore-table::\n   :columns: scope, service\n   :group-by: scope\n")
    labels = {"service": "Mannschaft", "scope": "Bereich", "wide": "weit"}
    text = site.build("text", statestores_labels=labels).text("index.txt")
    assert "**service**" in text
    assert "**scope**" in text
    assert "**weit**" in text
    assert "Mannschaft" in text
    assert "Bereich" in text
    assert "| service " in text


def test_a_built_in_boolean_needs_no_value(site: Site) -> None:
    """``:rebuildable:`` alone asks for true, as a declared boolean does; another word than true or false is wrong."""
    site.registry(OPERATORS)
    table = ".. statestore-table::\n   :columns: name\n   :no-index:\n"
    site.write("index.rst", f"T\n=\n\n{table}   :rebuildable:\n\n:store-count:`rebuildable=`\n")
    built = site.build("text")
    assert built.warnings == []
    text = built.text("index.txt")
    assert "b-cache" in text
    assert "a-cache" not in text
    site.write("index.rst", f"T\n=\n\n{table}   :rebuildable: perhaps\n")
    assert "'perhaps' matches no value of 'rebuildable'" in site.build("text").warnings[0]


def test_declared_fields_are_on_previews(site: Site) -> None:
    """The preview of a link has the declared fields of its store under their labels, up to a few, and no others."""
    more = "".join(f"  more{number}: {{type: text}}\n" for number in range(9))
    values = ", ".join(f"more{number}: v{number}" for number in range(9))
    site.registry(FIELDS + more + STORES.replace("tier: high,", f"tier: high, x-team: red, {values},"))
    site.write("index.rst", "T\n=\n\n:store:`a-cache` :store:`c-cache`\n\n.. statestore-table::\n")
    built = site.build()
    found = re.search(
        r'<script type="application/json" id="[^"]*preview[^"]*">(.*?)</script>', built.text("index.html")
    )
    assert found is not None
    first, second = json.loads(found[1]).values()
    assert "Service Tier" in json.dumps(first)
    assert "v0" in json.dumps(first)
    assert "v8" not in json.dumps(first)
    assert "red" not in json.dumps(first)
    assert "Service Tier" not in json.dumps(second)
