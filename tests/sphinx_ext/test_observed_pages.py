"""What was seen on servers, on pages: written when it changes and never read, and the warnings of a build."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from conftest import WRITTEN_UNSEEN

from sphinx_statestores.registry.observed_stores import read_observations
from sphinx_statestores.sphinx_ext import observations

if TYPE_CHECKING:
    from conftest import Run, Site

STORES = """\
x-state-stores:
  auth-statestore:
    backend: redis
    prefix: auth
    service: Auth
    purpose: Sessions
    keys: [{pattern: "session:{id}", type: hash, ttl: 1h}]
  mail-statestore: {backend: mysql, service: Mail, purpose: Letters}
  never-seen: {backend: redis, prefix: never, service: Mail, purpose: Nothing}
"""
SERVER = {
    "backends": ["redis"],
    "product": "Redis 7.0.15",
    "role": "replica",
    "started": "2026-11-26T09:30:00Z",
    "seconds": 42.5,
    "most_keys": 1000000,
    "most_seconds": 600.0,
    "total": 12,
    "seen": 12,
}


def observed(site: Site, keys: int = 9, pattern: str = "celery-*", name: str = "observed.json", **more: Any) -> None:
    """Write what was seen."""
    site.write(
        name,
        json.dumps(
            {
                "version": 1,
                "servers": [{**SERVER, **more}],
                "stores": [
                    {
                        "name": "auth-statestore",
                        "server": 0,
                        "groups": [
                            {"pattern": "auth:session:*", "keys": keys, "types": {"hash": keys}, "expiring": keys}
                        ],
                    }
                ],
                "unknown_keys": [{"server": 0, "pattern": pattern, "keys": 3}],
            },
            indent=1,
        ),
    )


@pytest.fixture
def seen(site: Site) -> Site:
    """A site with each of what shows observations on a page of its own, and two pages without."""
    site.registry(STORES)
    site.conf("statestores_observed = 'observed.json'\nstatestores_lint = False\nstatestores_root = '.'\n")
    pages = {
        "observed": ".. statestore-observed::\n",
        "columns": ".. statestore-table::\n   :columns: name, seen-keys\n   :sort: -seen-keys\n   :no-index:\n",
        "entry": ".. statestore:: auth-statestore\n",
        "mail": ".. statestore-observed::\n   :service: Mail\n   :backend: mysql\n   :empty: Nobody looked.\n",
        "stores": ".. statestore-table::\n   :columns: name, purpose\n",
    }
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n" + "".join(f"   {name}\n" for name in pages))
    for name, content in pages.items():
        site.write(f"{name}.rst", f"{name}\n{'=' * len(name)}\n\n{content}")
    observed(site)
    return site


@pytest.mark.parametrize("parallel", [0, 2])
def test_other_numbers(seen: Site, parallel: int) -> None:
    """When a number changes, exactly the pages that show it are written, and none is read."""
    first = seen.build(parallel=parallel)
    assert first.warnings == []
    assert "9 keys, 100 % expire (2026-11-26)" in first.text("entry.html")
    observed(seen, keys=10)
    second = seen.build(parallel=parallel)
    assert second.read == []
    assert set(second.written) == {"observed", "columns", "entry", "index"}
    assert "10 keys, 100 % expire (2026-11-26)" in second.text("entry.html")
    assert second.files() == seen.build(builddir="_clean").files()


def test_another_pattern(seen: Site) -> None:
    """When something that belongs to no store changes, only the page that shows it is written."""
    seen.build()
    observed(seen, pattern="sidekiq:*")
    second = seen.build()
    assert second.read == []
    assert set(second.written) == {"observed", "index"}
    assert second.files() == seen.build(builddir="_clean").files()


def test_the_same_in_another_form(seen: Site) -> None:
    """Another budget, which no page shows, and the same bytes written again change no page."""
    seen.build()
    observed(seen)
    assert seen.build().written == []
    observed(seen, most_keys=7)
    second = seen.build()
    assert (second.read, second.written) == ([], WRITTEN_UNSEEN)


def test_serial_equals_parallel(seen: Site) -> None:
    """One process and two make the same site."""
    assert seen.build().files() == seen.build(parallel=2, builddir="_parallel").files()


def test_an_unchanged_file_is_compared_once(seen: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is parsed again only when it, the registry or a setting of a rule changes, and warnings stay."""
    parsed: list[int] = []

    def counted(*arguments: Any) -> Any:
        parsed.append(1)
        return read_observations(*arguments)

    monkeypatch.setattr(observations, "read_observations", counted)
    first = seen.build(statestores_lint=True)
    assert seen.build(statestores_lint=True).warnings == first.warnings
    assert len(first.warnings) == 2
    assert len(parsed) == 1
    seen.build(statestores_lint={"unseen_store": "off"})
    assert len(parsed) == 2
    seen.registry(STORES.replace("never, ", "never-, "))
    second = seen.build(statestores_lint=True)
    assert "never-:*" in second.warnings[0]
    observed(seen, keys=10)
    seen.build(statestores_lint=True)
    assert len(parsed) == 4


def test_a_budget_of_tables(seen: Site) -> None:
    """The budget of keys of a database is one of tables."""
    observed(seen, backends=["mysql"], seen=4, most_keys=4, stopped="keys")
    text = " ".join(seen.build("text").text("observed.txt").split())
    assert "4 of 12 tables were seen, in 42 s, until the budget of 4 tables was used up." in text


def test_a_server_that_refuses_keys(seen: Site) -> None:
    """Where a server refused some keys, the page says so, and no store counts as missing."""
    observed(seen, seen=9, stopped="refused")
    built = seen.build("text", statestores_lint=True)
    assert "9 of 12 keys were seen, in 42 s, the server refused the others." in " ".join(
        built.text("observed.txt").split()
    )
    assert [warning for warning in built.warnings if "unseen_store" in warning] == []


def test_without_a_file(seen: Site) -> None:
    """When the setting goes, so does everything that was seen, and the directives say what they need."""
    seen.build()
    second = seen.build(statestores_observed=[])
    assert "Nothing was observed." in second.text("observed.html")
    assert "Observed" not in second.text("entry.html")
    clean = seen.build(statestores_observed=[], builddir="_clean")
    assert sum("nothing was observed" in warning for warning in clean.warnings) == 2
    assert sum("it needs what 'statestores observe' has seen" in warning for warning in clean.warnings) == 2
    assert second.files() == clean.files()


def test_the_registry_changes(seen: Site) -> None:
    """What was seen of keys without a store is shown with the store when the registry has it."""
    assert "of no store" in seen.build("text").text("observed.txt")
    store = '  tasks: {backend: redis, prefix: celery, service: Mail, purpose: T, physical: {keys: "{prefix}-*"}}\n'
    seen.registry(STORES + store)
    second = seen.build("text")
    assert '"tasks"' in second.text("observed.txt")
    assert "of no store" not in second.text("observed.txt")
    assert second.files() == seen.build("text", builddir="_clean").files()


@pytest.mark.parametrize(
    "builder", ["html", "dirhtml", "singlehtml", "epub", "latex", "text", "man", "texinfo", "xml", "gettext"]
)
def test_every_builder(seen: Site, builder: str) -> None:
    """Each builder shows what was seen without a warning."""
    built = seen.build(builder, man_pages=[("index", "top", "Top", "", 1)], version="1", copyright="1")
    assert built.warnings == []
    if builder != "gettext":
        pages = (path for path in built.outdir.rglob("*") if path.suffix != ".epub" and path.is_file())
        assert any("Redis 7.0.15" in path.read_text(encoding="utf-8", errors="replace") for path in pages)


def test_warnings_are_those_of_the_command(seen: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build reports each problem once, at its line, under its name; the command reports the same."""
    found = seen.build("text", statestores_lint=True).warnings
    file = (seen.folder / "observed.json").read_text(encoding="utf-8")
    line = file[: file.index('"pattern": "celery')].count("\n") - 1
    assert len(found) == 2
    assert "state-stores.yaml:9: WARNING: no key of the store 'never-seen' (never:*) is on Redis 7.0.15" in found[0]
    assert found[0].endswith("[statestores.unseen_store]")
    assert f"observed.json:{line}: WARNING: 3 keys 'celery-*' of no store" in found[1]
    monkeypatch.chdir(seen.folder)
    done = run("check", "schemas/state-stores.yaml", "--observed", "observed.json", "--root", ".")
    said = [line.partition(": warning: ")[2] for line in done.stdout.decode().splitlines() if ": warning: " in line]
    # Each with its message and its kind.
    for warning, message in zip(found, said, strict=True):
        assert message.replace("[", "[statestores.") in warning
    assert seen.build("text", statestores_lint=True).warnings == found


def test_settings_of_the_rules(seen: Site) -> None:
    """``statestores_lint`` sets and excepts the rules, and Sphinx's own setting silences one kind."""
    lint = {"unseen_store": "off", "unknown_keys": {"except": ["celery*"]}}
    assert seen.build(statestores_lint=lint).warnings == []
    [warning] = seen.build(statestores_lint=True, suppress_warnings=["statestores.unknown_keys"]).warnings
    assert "never-seen" in warning


def test_a_wrong_file(seen: Site) -> None:
    """A file with an error is reported with its line, nothing of any file is shown, and a strict build fails."""
    observed(seen, name="good.json")
    observed(seen, total="many")
    built = seen.build("text", statestores_observed=["good.json", "observed.json"], statestores_strict=True)
    assert "observed.json:14: WARNING: 'total' of an item of 'servers' must be a whole number" in built.warnings[0]
    assert "Nothing was observed." in built.text("observed.txt")
    assert not any("nothing was observed" in warning for warning in built.warnings)
    assert built.app.statuscode == 1


def test_a_missing_file(seen: Site) -> None:
    """A file that is not there is reported, and the site is built."""
    built = seen.build("text", statestores_observed="nowhere.json")
    assert "nowhere.json:1: WARNING: there is no such file" in built.warnings[0]
    assert "Nothing was observed." in built.text("observed.txt")


def test_several_files(seen: Site) -> None:
    """Several files are shown as one."""
    observed(seen, keys=1, product="Redis 6", name="other.json", started="2026-11-27T00:00:00Z")
    built = seen.build("text", statestores_observed=["observed.json", "other.json"])
    assert built.warnings == []
    assert "10 keys, 100 % expire (2026-11-27)" in built.text("entry.txt")
    assert "Redis 6" in built.text("observed.txt")


def test_the_shared_settings_file(seen: Site) -> None:
    """The settings file names the file, relative to itself; ``conf.py`` comes first."""
    seen.write("statestores.toml", 'root = "."\nobserved = "data/seen.json"\n')
    observed(seen, keys=77, name="data/seen.json")
    assert "9 keys" in seen.build("text").text("entry.txt")
    seen.conf("statestores_lint = False\n")
    assert "77 keys" in seen.build("text").text("entry.txt")


def test_excluded_stores(seen: Site) -> None:
    """No page shows what was seen of a store that is excluded, neither with it nor without."""
    seen.write("entry.rst", "entry\n=====\n")
    text = seen.build("text", statestores_exclude="service=Auth").text("observed.txt")
    assert "auth" not in text
    assert "celery-*" in text


def test_stores_of_other_sites(seen: Site) -> None:
    """The own servers need not have the stores of another site, so that these do not count as unseen."""
    stores = {"elsewhere": {"backend": "redis", "prefix": "e", "service": "Shop", "purpose": "p"}}
    published = {"x-published": {"version": 1, "url": "https://shop.example.org/"}, "x-state-stores": stores}
    seen.write("shop/statestores.json", json.dumps(published))
    registries = ["schemas/state-stores.yaml", ("shop", "shop/statestores.json")]
    text = seen.build("text", statestores_registry=registries).text("observed.txt")
    assert "never-seen" in text
    assert "elsewhere" not in text


def test_hostile_texts(seen: Site) -> None:
    """No text of the file becomes markup."""
    observed(seen, pattern="<img src=x onerror=alert(1)>**b**`c`", product="<script>alert(2)</script>{facts}")
    built = seen.build()
    assert built.warnings == []
    assert "<img src=x" not in built.text("observed.html")
    assert "<script>alert" not in built.text("observed.html")
    assert "&lt;script&gt;alert(2)&lt;/script&gt;{facts}" in built.text("observed.html")


@pytest.mark.parametrize(
    ("language", "million", "keys"), [("en", "1,000,000", "12,345"), ("de", "1.000.000", "12.345")]
)
def test_thousands_are_separated(seen: Site, language: str, million: str, keys: str) -> None:
    """Large numbers have the separators of the site's language, in sentences, tables and entries."""
    observed(seen, keys=12345, stopped="keys", total=7654321)
    seen.write("index.rst", ":orphan:\n\nT\n=\n\n.. statestore-observed::\n\n.. statestore:: auth-statestore\n")
    text = " ".join(seen.build("text", language=language).text("index.txt").split())
    assert million in text
    assert "7654321" not in text
    assert text.count(keys) == 2
