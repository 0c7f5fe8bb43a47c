"""Stores of other sites in a build: published, merged, linked, fetched, pinned, and bound late."""

from __future__ import annotations

import json
import os
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from conftest import WRITTEN_UNSEEN

from sphinx_statestores.registry import loader
from sphinx_statestores.registry.lock import lock_text
from sphinx_statestores.sphinx_ext.incremental import registry_cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Built, Server, Site

ROOT = "https://other.example.org/"
GONE = {"status": "deprecated", "replacedBy": "auth-lock"}
EVIL = '<img src=x onerror=alert(1)> "quoted" & `code`'


def document(stores: dict[str, dict[str, Any]], *, addresses: bool = True, **published: Any) -> str:
    """Return a document whose stores have a purpose and an address."""
    complete = {
        name: {"backend": "redis", "prefix": name, "service": "Mail", "purpose": f"About {name}", **fields}
        for name, fields in stores.items()
    }
    pages = {name: f"stores.html#store-{name}" for name in stores} if addresses else {}
    return json.dumps({"x-published": {"project": "Other", "stores": pages, **published}, "x-state-stores": complete})


def other(site: Site, text: str, name: str = "other") -> None:
    """Write what another site publishes, of which a copy is beside the pages."""
    site.write(f"{name}/statestores.json", text)


def linked(site: Site, more: str = "") -> None:
    """Configure a linked site, and a page that links to it."""
    site.conf(f'statestores_sites = {{"other": "other/statestores.json"}}\nstatestores_autolink = True\n{more}')
    site.write(
        "index.rst",
        """\
        Top
        ===

        .. statestore-table::
        """,
    )
    site.write(
        "prose.rst", ":orphan:\n\nProse\n=====\n\n:store:`mail-store`, ``mail-queue`` and :store:`other:auth-lock`.\n"
    )
    site.write("plain.rst", ":orphan:\n\nPlain\n=====\n\n:store:`auth-lock`\n")


# -- publishing ------------------------------------------------------------------------


@pytest.mark.parametrize("builder", ["html", "dirhtml", "singlehtml", "json", "pickle", "htmlhelp", "epub", "text"])
def test_what_is_published(site: Site, builder: str) -> None:
    """Each builder that writes an inventory publishes all stores, each with the address of its row."""
    site.conf("project = 'Mine'\nversion = '1'\ncopyright = 'x'\nhtml_baseurl = 'https://mine.example.org/'\n")
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   my stores\n")
    site.write("my stores.rst", "Stores\n======\n\n.. statestore-table::\n   :service: Auth\n")
    built = site.build(builder)
    path = built.outdir / "statestores.json"
    assert path.is_file() == (built.outdir / "objects.inv").is_file() == (builder not in {"epub", "htmlhelp", "text"})
    if not path.is_file():
        return
    content = json.loads(path.read_bytes())
    found = content["x-published"]
    assert (found["project"], found["url"]) == ("Mine", "https://mine.example.org/")
    page = {"dirhtml": "my%20stores/", "singlehtml": "index.html", "json": "my%20stores/", "pickle": "my%20stores/"}
    start = page.get(builder, "my%20stores.html")
    assert found["stores"] == {name: f"{start}#store-{name}" for name in ("auth-lock", "auth-statestore")}
    assert len(content["x-state-stores"]) == 5
    assert str(site.folder) not in path.read_text(encoding="utf-8")
    if builder == "singlehtml":
        assert 'id="store-auth-lock"' in built.text("index.html")


def test_what_is_published_stays(site: Site) -> None:
    """A clean, an incremental and a parallel build publish the same; a file that says the same is not touched."""
    site.conf("statestores_source_url = 'https://code.example.org/{path}#L{line}'\n")
    site.write("index.rst", "Top\n===\n\n.. statestore-service:: Auth\n")
    site.write("more.rst", ":orphan:\n\nMore\n====\n")
    path = site.build().outdir / "statestores.json"
    first, stamp = path.read_bytes(), path.stat().st_mtime_ns
    site.write("more.rst", ":orphan:\n\nOther\n=====\n")
    site.build()
    assert path.stat().st_mtime_ns == stamp
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n")
    site.build()
    changed = path.read_bytes()
    assert changed != first
    for name, parallel in (("_clean", 0), ("_parallel", 2)):
        assert (site.build(builddir=name, parallel=parallel).outdir / "statestores.json").read_bytes() == changed
    sources = json.loads(changed)["x-published"]["sources"]
    assert sources["auth-lock"].endswith("state-stores.yaml#L7")


def test_a_file_that_cannot_be_written(site: Site) -> None:
    """Something in the way of the file is one warning, and the build goes on."""
    site.write("index.rst", "Top\n===\n")
    built = site.build()
    (built.outdir / "statestores.json").unlink()
    (built.outdir / "statestores.json").mkdir()
    (warning,) = site.build().warnings
    assert "other sites cannot link to the stores" in warning


def test_a_linked_site_is_not_published(site: Site) -> None:
    """Stores that are only linked are neither published nor in the inventory, tables, numbers or coverage."""
    linked(site)
    other(site, document({"mail-store": {}, "mail-queue": {}, "auth-lock": {}}))
    site.write(
        "index.rst", "Top\n===\n\n:store-count:`all` stores\n\n.. statestore-table::\n\n.. statestore-coverage::\n"
    )
    built = site.build()
    assert "mail" not in built.text("statestores.json")
    assert b"mail" not in (built.outdir / "objects.inv").read_bytes()
    assert "5 stores" in words_of(built.text("index.html"))
    assert "mail" not in built.text("index.html")


def words_of(html: str) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", "", html))


# -- linking ---------------------------------------------------------------------------


def test_links_to_another_site(site: Site) -> None:
    """A role and a literal lead to the other site, and say which; an own name is that of the own store."""
    linked(site)
    other(site, document({"mail-store": {}, "mail-queue": {}, "auth-lock": {}}, url=ROOT))
    built = site.build()
    assert built.warnings == []
    page = built.text("prose.html")
    for name in ("mail-store", "mail-queue", "auth-lock"):
        assert f'href="{ROOT}stores.html#store-{name}" title="Redis, Mail: About {name} (in Other)"' in page
    cards = json.loads(re.findall(r'id="statestores-preview">(.*?)</script>', page)[0])
    assert {card["where"] for card in cards.values()} == {"in Other"}
    assert set(cards) == {f"{ROOT}stores.html#store-{name}" for name in ("mail-store", "mail-queue", "auth-lock")}
    assert 'href="index.html#store-auth-lock"' in built.text("plain.html")


@pytest.mark.parametrize("builder", ["latex", "text", "man", "epub", "xml", "singlehtml", "dirhtml"])
def test_links_with_other_builders(site: Site, builder: str) -> None:
    """Every builder takes links to another site."""
    linked(site, "version = '1'\ncopyright = 'x'\n")
    other(site, document({"mail-store": {}, "mail-queue": {}, "auth-lock": {}}, url=ROOT))
    site.write("index.rst", "Top\n===\n\n:store:`mail-store`, ``mail-queue``, :store:`other:auth-lock`\n")
    site.write("plain.rst", ":orphan:\n\nPlain\n=====\n")
    assert site.build(builder).warnings == []


@pytest.mark.parametrize("builder", ["latex", "text", "man", "epub", "xml"])
def test_a_portal_with_other_builders(site: Site, builder: str) -> None:
    """Every builder takes stores with a namespace, in a table, in entries and in links."""
    portal(site, "('o', 'other/statestores.json')", more="version = '1'\ncopyright = 'x'\n")
    other(site, document({"auth-lock": {}}))
    site.write(
        "index.rst",
        "Top\n===\n\n:store:`o:auth-lock`\n\n.. statestore-table::\n\n.. statestore:: o:auth-lock\n",
    )
    assert site.build(builder).warnings == []


def test_the_first_of_two_sites(site: Site) -> None:
    """A name that two linked sites have is that of the first; with the namespace each is found."""
    site.conf('statestores_sites = {"a": "a/statestores.json", "b": "b/statestores.json"}\n')
    other(site, document({"mail-store": {}}, url="https://a.example.org/"), "a")
    other(site, document({"mail-store": {}}, url="https://b.example.org/", project=""), "b")
    site.write("index.rst", "Top\n===\n\n:store:`mail-store` :store:`b:mail-store` :store:`nice <b:mail-store>`\n")
    built = site.build()
    assert built.warnings == []
    hosts = re.findall(r'href="https://(.)\.example\.org/stores.html#store-mail-store"', built.text("index.html"))
    assert hosts == ["a", "b", "b"]
    assert "(in b)" in built.text("index.html")


def test_a_name_that_no_site_has(site: Site) -> None:
    """A wrong name suggests stores of linked sites, too; a literal with a colon is never reported."""
    linked(site, "statestores_unknown_literals = 'warning'\n")
    other(site, document({"mail-store": {}, "mail-queue": {}, "auth-lock": {}}))
    site.write(
        "prose.rst",
        ":orphan:\n\nProse\n=====\n\n:store:`other:mail-stoer`, ``other:auth-locks``, ``key:auth-statestore``\n",
    )
    (warning,) = site.build().warnings
    assert "unknown store 'other:mail-stoer'; did you mean 'other:mail-store'" in warning


def test_a_site_without_addresses(site: Site) -> None:
    """A store that its site shows nowhere is known: the role says that there is nothing to link to."""
    linked(site)
    other(site, document({"mail-store": {}, "mail-queue": {}, "auth-lock": {}}, addresses=False))
    warnings = site.build().warnings
    assert len(warnings) == 2
    assert all("the link has no target" in warning for warning in warnings)


def test_hostile_texts_of_another_site(site: Site) -> None:
    """Texts of another site are texts: in cards, titles, tables and the data of the search."""
    evil = {"purpose": f"{EVIL} </script><script>alert(2)</script>", "x-team": "javascript:alert(3)"}
    text = document(
        {"mail-store": evil}, project=f"{EVIL}</script>", url=ROOT, services={"Mail": "javascript:alert(4)"}
    )
    other(site, text)
    site.conf('statestores_sites = {"o": "other/statestores.json"}\n')
    site.write("index.rst", "Top\n===\n\n:store:`mail-store`\n")
    built = site.build()
    page = built.text("index.html")
    assert "<img" not in page
    assert "alert(2)</script>" not in page
    site.conf('statestores_registry = ["other/statestores.json"]\n')
    site.write(
        "index.rst", "Top\n===\n\n.. statestore-table::\n   :columns: name, purpose, service, source, x-team\n"
    )
    built = site.build()
    page = built.text("index.html")
    assert "&lt;img" in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert any("the address of 'Mail'" in warning for warning in built.warnings)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('{"o": 3}', "statestores_sites: each item must be a string or a path; found 3"),
        ('{"o o": "https://x.org/"}', "is not a valid namespace"),
        ('{"o": "http://u:secret@[/"}', "the item for 'o' is not a valid URL"),
        ("[]", "statestores_sites must be a dictionary; found []"),
    ],
)
def test_sites_that_cannot_be_used(site: Site, value: str, words: str) -> None:
    """A value that cannot be used is one warning, without an account."""
    site.conf(f"statestores_sites = {value}\n")
    site.write("index.rst", "Top\n===\n")
    warnings = site.build().warnings
    assert any(words in warning for warning in warnings)
    assert not any("secret" in warning for warning in warnings)


# -- late binding ----------------------------------------------------------------------


def test_exactly_the_pages_that_change_are_written(site: Site) -> None:
    """When another site changes, the pages whose links or cards change are written, and none is read."""
    linked(site)
    site.write("prose.rst", ":orphan:\n\nProse\n=====\n\n:store:`mail-store`\n")
    site.write("plain.rst", ":orphan:\n\nPlain\n=====\n\n``mail-queue``\n")
    stores: dict[str, dict[str, Any]] = {"mail-store": {}, "mail-queue": {}, "auth-lock": {}}
    other(site, document(stores, url=ROOT))
    site.build()

    def again() -> tuple[list[str], list[str]]:
        built = site.build()
        assert built.read == []
        fresh = site.build(builddir="_fresh" + str(time.monotonic_ns()))
        assert built.files() == fresh.files()
        return built.written, built.warnings

    stores["mail-store"]["purpose"] = "Something else"
    other(site, document(stores, url=ROOT))
    assert again() == ([*WRITTEN_UNSEEN, "prose"], [])
    other(site, document(stores, url="https://moved.example.org/"))
    assert again() == ([*WRITTEN_UNSEEN, "plain", "prose"], [])
    # Another store is linked by none, and neither are lines.
    other(site, json.dumps(json.loads(document({**stores, "more": {}}, url="https://moved.example.org/")), indent=2))
    assert again() == (WRITTEN_UNSEEN, [])
    del stores["mail-queue"]
    other(site, document({**stores, "more": {}}, url="https://moved.example.org/"))
    assert again() == ([*WRITTEN_UNSEEN, "plain"], [])


def test_a_merged_site_is_bound_late(site: Site) -> None:
    """When a merged site changes, its rows are written again, and no page is read; serial equals parallel."""
    site.conf('statestores_registry = ["schemas/state-stores.yaml", ("o", "other/statestores.json")]\n')
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n   :service: Mail\n\n.. toctree::\n\n   auth\n")
    site.write("auth.rst", "Auth\n====\n\n.. statestore-table::\n   :service: Auth\n")
    other(site, document({"mail-store": {}, "auth-lock": {}}, url=ROOT))
    site.build()
    other(site, document({"mail-store": {}, "auth-lock": {"purpose": "Other locks"}}, url=ROOT))
    built = site.build()
    assert (built.read, built.written, built.warnings) == ([], ["index"], [])
    parallel = site.build(builddir="_parallel", parallel=2)
    assert built.files() == parallel.files()
    assert built.text("statestores.json") == parallel.text("statestores.json")


# -- merging ---------------------------------------------------------------------------


def portal(site: Site, *entries: str, more: str = "") -> None:
    site.conf(f"statestores_registry = ['schemas/state-stores.yaml', {', '.join(entries)}]\n{more}")


def test_a_portal(site: Site) -> None:
    """Merged stores are in tables, totals, the inventory and what is published, under the portal's addresses."""
    portal(site, "('o', 'other/statestores.json')", more="statestores_autolink = True\n")
    other(
        site,
        document(
            {"auth-lock": {"purpose": "Beside `mail-store` and `auth-lock`"}, "mail-store": GONE},
            url=ROOT,
            services={"Mail": "mail.html"},
            sources={"mail-store": "https://code.example.org/mail"},
        ),
    )  # fmt: skip
    site.write(
        "index.rst",
        """\
        Top
        ===

        :store-count:`all`, :store:`o:auth-lock`, :store:`auth-lock`, ``o:auth-lock``, :store:`o:mail-store`

        .. statestore-table::
           :columns: name, service, purpose, replaced-by, source
        """,
    )
    built = site.build()
    assert built.warnings == []
    page = built.text("index.html")
    assert page.count('href="#store.o.auth-lock"') >= 3
    assert 'id="store.o.auth-lock"' in page
    assert 'href="#store-mail-store"' in page
    assert f'href="{ROOT}mail.html"' in page
    assert 'href="https://code.example.org/mail">Other</a>' in page
    row = page[page.index('id="store.o.auth-lock"') :]
    # What a text of the other site calls 'auth-lock' is its own store: no link to itself, and none to ours.
    assert '"#store-auth-lock' not in row[: row.index("</tr>")]
    published = json.loads(built.text("statestores.json"))
    assert published["x-published"]["stores"]["o:auth-lock"] == "index.html#store.o.auth-lock"
    assert published["x-published"]["sources"]["mail-store"] == "https://code.example.org/mail"
    assert len(published["x-state-stores"]) == 7
    other(site, built.text("statestores.json"))
    portal(site, "('p', 'other/statestores.json')")
    again = site.build()
    assert '<span class="pre">o:auth-lock</span>' in again.text("index.html")


def test_a_merged_store_on_no_page(site: Site) -> None:
    """A merged store that no page of the portal shows is linked where its own site shows it."""
    portal(site, "('o', 'other/statestores.json')")
    other(site, document({"mail-store": {}}, url=ROOT))
    site.write("index.rst", "Top\n===\n\n:store:`mail-store`\n")
    built = site.build()
    assert built.warnings == []
    assert f'href="{ROOT}stores.html#store-mail-store"' in built.text("index.html")
    assert json.loads(built.text("statestores.json"))["x-published"]["stores"] == {
        "mail-store": f"{ROOT}stores.html#store-mail-store"
    }


def test_equal_names_without_a_namespace(site: Site) -> None:
    """Without a namespace, a name that is there already is one warning; a strict build fails."""
    portal(site, "'other/statestores.json'", more="statestores_strict = True\n")
    other(site, document({"auth-lock": {}, "mail-store": {}}))
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n")
    built = site.build()
    assert "'auth-lock' is defined twice; the definition at " in built.warnings[0]
    assert "statestores.duplicate_name" in built.warnings[0]
    assert built.app.statuscode == 1


def test_a_portal_without_a_registry(site: Site) -> None:
    """A portal needs no registry of its own, and one site is named without a list."""
    site.conf('statestores_registry = "other/statestores.json"\n')
    other(site, document({"mail-store": {}}))
    site.write("index.rst", "Top\n===\n\n.. statestore-totals::\n")
    built = site.build()
    assert built.warnings == []
    assert "1 store (1 Redis)" in built.text("index.html")


def test_a_pair_without_a_list(site: Site) -> None:
    """A pair of a namespace and a site is one site, also where it is not in a list."""
    site.conf('statestores_registry = ("o", "other/statestores.json")\n')
    other(site, document({"mail-store": {}}))
    site.write("index.rst", "Top\n===\n\n:store:`o:mail-store`\n\n.. statestore-table::\n")
    assert site.build().warnings == []


def test_an_empty_site(site: Site) -> None:
    """A site that has no stores yet is merged without a word."""
    portal(site, "'other/statestores.json'")
    other(site, document({}))
    site.write("index.rst", "Top\n===\n\n.. statestore-totals::\n")
    assert site.build().warnings == []


def test_a_missing_copy(site: Site) -> None:
    """A file that is not there is one warning, which names it and says how it comes about."""
    portal(site, "'other/statestores.json'")
    site.write("index.rst", "Top\n===\n\n.. statestore-totals::\n")
    (warning,) = site.build().warnings
    assert "other/statestores.json" in warning
    assert "there is no such file: the path of another site is relative to the folder of conf.py" in warning


def test_links_in_markdown(site: Site) -> None:
    """In MyST, a role, a literal with a namespace and ``any`` lead to another site."""
    site.conf('statestores_sites = {"o": "other/statestores.json"}\nstatestores_autolink = True\n')
    other(site, document({"mail-store": {}, "auth-lock": {}}, url=ROOT))
    site.write(
        "index.md", "# Top\n\n{store}`o:auth-lock` `o:mail-store` {any}`mail-store` `a:b` {literal}`o:mail-store`\n"
    )
    built = site.build()
    assert built.warnings == []
    page = built.text("index.html")
    assert page.count(f'href="{ROOT}stores.html#store-mail-store"') == 2
    assert page.count(f'href="{ROOT}stores.html#store-auth-lock"') == 1


def test_hints_about_another_registry_are_not_ours(site: Site) -> None:
    """Lint rules and warnings are about the own registry; what is left out of another one is told."""
    portal(site, "'other/statestores.json'", more="statestores_lint = {'naming_convention': 'warning'}\n")
    other(site, document({"Odd_Name": {"purpose": ""}, "bad": {"backend": "nope"}, "same": {"prefix": "auth"}}))
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n")
    warnings = [warning for warning in site.build().warnings if "other" in warning]
    assert len(warnings) == 1
    assert "unknown backend 'nope'" in warnings[0]


def test_pages_of_merged_services(site: Site) -> None:
    """Generated pages are those of all stores; names of files have no colon."""
    portal(
        site,
        "('o', 'other/statestores.json')",
        more="statestores_generate_pages = 'services'\nstatestores_generate_store_pages = True\n",
    )
    other(site, document({"auth-lock": {}}))
    site.write("index.rst", "Top\n===\n\n.. toctree::\n\n   services/index\n")
    built = site.build()
    assert built.warnings == []
    assert 'id="store.o.auth-lock"' in built.text("services/mail/o.auth-lock.html")


def test_changes_are_those_of_the_own_registry(site: Site) -> None:
    """A comparison with an older version knows nothing of stores that come from other sites."""
    portal(site, "'other/statestores.json'")
    other(site, document({"mail-store": {}}))
    site.write("index.rst", "Top\n===\n\n.. statestore-changes::\n   :from: schemas/state-stores.yaml\n")
    built = site.build()
    assert built.warnings == []
    assert "mail-store" not in built.text("index.html")


def test_many_files_are_read_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each document is parsed once, and only if it has changed, however many there are."""
    parsed: list[int] = []
    original = loader.load_sources

    def counted(sources: Any) -> Any:
        found = original(sources)
        parsed.append(len(found[0].stores))
        return found

    monkeypatch.setattr(registry_cache, "load_sources", counted)
    made = {}
    for number in (2, 10):
        portal(site, *(f"'s{n}/statestores.json'" for n in range(number)))
        for n in range(number):
            other(site, document({f"s{n}-store{m}": {} for m in range(20 // number)}), f"s{n}")
        site.write("index.rst", "Top\n===\n\n.. statestore-table::\n")
        parsed.clear()
        site.build(builddir=f"_build{number}")
        made[number] = sum(parsed)
        parsed.clear()
        site.build(builddir=f"_build{number}")
        assert parsed == []
        other(site, document({"s0-more": {}}), "s0")
        site.build(builddir=f"_build{number}")
        assert parsed == [1]
    assert made == {2: 25, 10: 25}


# -- fetching --------------------------------------------------------------------------


@pytest.fixture
def fetching(site: Site, server: Server) -> Callable[..., Built]:
    """Return what builds a site that links to a server."""

    def build(more: str = "", **options: Any) -> Built:
        site.conf(f'statestores_sites = {{"other": "{server.url}"}}\nstatestores_timeout = 20\n{more}')
        return site.build(**options)

    site.write("index.rst", "Top\n===\n\n:store:`mail-store`\n")
    server.answers["/statestores.json"] = document({"mail-store": {}}).encode()
    return build


def age(site: Site, days: float) -> None:
    """Let all copies be some days old."""
    copies = list(site.folder.glob("_build/doctrees/statestores/sites/*.json"))
    assert copies
    for copy in copies:
        os.utime(copy, (time.time() - days * 86400,) * 2)


def test_a_site_is_fetched_and_kept(site: Site, server: Server, fetching: Callable[..., Built]) -> None:
    """A document is fetched once, then again when the copy is too old; links lead to the address of the site."""
    built = fetching()
    assert built.warnings == []
    assert f'href="{server.url}stores.html#store-mail-store"' in built.text("index.html")
    assert server.asked() == ["/statestores.json"]
    fetching()
    assert server.asked() == []
    age(site, 6)
    server.answers["/statestores.json"] = document({"mail-store": {"purpose": "New"}}).encode()
    built = fetching()
    assert (server.asked(), built.read, built.written) == (["/statestores.json"], [], ["index"])
    fetching()
    assert server.asked() == []


@pytest.mark.parametrize(
    ("limit", "days", "asked"), [(0, 0, 1), (-1, 9999, 0), (1, 0.9, 0), (1, 1.1, 1), (0.5, 0.6, 1)]
)
def test_the_limit(
    site: Site, server: Server, fetching: Callable[..., Built], limit: float, days: float, asked: int
) -> None:
    """A limit of 0 fetches for each build, a negative one never again, another one after so many days."""
    fetching()
    server.asked()
    age(site, days)
    fetching(f"statestores_cache_limit = {limit}\n")
    assert len(server.asked()) == asked


@pytest.mark.parametrize(
    "answer",
    [
        (404, {}),
        (302, {"Location": "file:///etc/hostname"}),
        b"<html>Log in</html>",
        b"x-state-stores: " + b" " * 2_000_000,
    ],
)
def test_an_old_copy(site: Site, server: Server, fetching: Callable[..., Built], answer: Any) -> None:
    """When a site fails, the old copy is used, with one warning; the copy stays, and a good answer ends it."""
    good = server.answers["/statestores.json"]
    fetching()
    age(site, 6)
    server.answers["/statestores.json"] = answer
    for _ in range(2):
        (warning,) = fetching("statestores_size_limit = 1\n").warnings
        assert f"{server.url}statestores.json cannot be fetched: " in warning
        assert warning.endswith("a copy of 6 days ago is used [statestores.unreachable_site]")
    server.answers["/statestores.json"] = good
    assert fetching("statestores_size_limit = 1\n").warnings == []


def test_no_copy(server: Server, fetching: Callable[..., Built]) -> None:
    """Without a copy, the site is one warning with its reason, and its stores are unknown; the build goes on."""
    server.close()
    first, second = fetching().warnings
    assert "statestores.json cannot be fetched: " in first
    assert "[statestores.unreachable_site]" in first
    assert "unknown store 'mail-store'" in second


def test_a_slow_site(server: Server, fetching: Callable[..., Built]) -> None:
    """The timeout of the configuration is kept."""
    server.delay = 1
    assert "no answer within 0.2 seconds" in fetching("statestores_timeout = 0.2\n").warnings[0]


def test_an_account_is_in_no_message(site: Site, server: Server) -> None:
    """An account of a URL is used for fetching, and is in no message, page or published file."""
    site.write("index.rst", "Top\n===\n\n:store:`mail-store`\n")
    server.answers["/statestores.json"] = document({"mail-store": {}}, project="").encode()
    site.conf(f'statestores_registry = ["http://me:secret@{server.host}/"]\n')
    built = site.build()
    assert built.warnings == []
    assert server.requests[0][1]["Authorization"]
    everything = b"".join(path.read_bytes() for path in built.outdir.rglob("*") if path.is_file())
    assert b"secret" not in everything
    server.answers.clear()
    age(site, 6)
    built = site.build()
    assert len(built.warnings) == 1
    assert "secret" not in built.warnings[0] + built.status


# -- the lock --------------------------------------------------------------------------


def test_a_lock_needs_no_network(site: Site, server: Server, fetching: Callable[..., Built]) -> None:
    """What the lock pins is used, whatever the site says now and whatever copies there are."""
    url = f"{server.url}statestores.json"
    fetching()
    server.asked()
    pinned = document({"mail-store": {"purpose": "Pinned"}}).encode()
    site.write("statestores.lock", lock_text({url: pinned}))
    server.close()
    age(site, 6)
    built = fetching()
    assert (built.warnings, built.read, built.written) == ([], [], ["index"])
    assert "Pinned (in Other)" in built.text("index.html")
    assert built.files() == fetching(builddir="_fresh").files()


def test_a_damaged_lock(site: Site, fetching: Callable[..., Built]) -> None:
    """A damaged lock is one warning, and the site is fetched."""
    site.write("statestores.lock", "<<<<<<< ours\n")
    built = fetching()
    (warning,) = built.warnings
    assert "this is not a valid lock file" in warning
    assert "About mail-store" in built.text("index.html")


def test_a_lock_is_read_in_the_repository_only(site: Site, tmp_path: Path, fetching: Callable[..., Built]) -> None:
    """No link is followed out of the repository to a lock."""
    (tmp_path / "elsewhere.lock").write_text(lock_text({}), encoding="utf-8")
    site.write("x", "")
    (site.folder / "statestores.lock").symlink_to(tmp_path / "elsewhere.lock")
    (warning,) = fetching().warnings
    assert "leads out of" in warning


def test_a_copy_without_an_address(site: Site) -> None:
    """A link to a store of a copy that no URL is known of says what to set, and not that no page shows the store."""
    site.write("other/statestores.json", document({"mail-store": {}}))
    site.conf('statestores_sites = {"o": "other/statestores.json"}\n')
    site.write("index.rst", "Top\n===\n\n:store:`mail-store`\n")
    (warning,) = site.build().warnings
    assert "the copy of the site 'Other' has no address" in warning
    assert "set html_baseurl in the conf.py of that site, or name its URL [statestores.unshown_store]" in warning


def test_a_hidden_store_with_the_name_of_a_linked_one(site: Site) -> None:
    """The name of a hidden store leads to no other site, and stores of other sites are hidden by the same filters."""
    other(site, document({"auth-lock": {}, "mail-store": {"tags": ["internal"]}, "mail-queue": {}}, url=ROOT))
    site.registry(
        "x-state-stores: {auth-lock: {backend: redis, prefix: a, service: Auth, purpose: P, tags: [internal]}}\n"
    )
    site.conf(
        'statestores_sites = {"o": "other/statestores.json"}\nstatestores_exclude = "tag=internal"\n'
        "statestores_autolink = True\n"
    )
    site.write(
        "index.rst", "Top\n===\n\n:store:`auth-lock` :store:`o:mail-store` :store:`mail-queue` ``auth-lock``\n"
    )
    built = site.build()
    first, second = built.warnings
    assert "the store 'auth-lock' is excluded by statestores_exclude" in first
    assert "the store 'o:mail-store' is excluded by statestores_exclude" in second
    page = built.text("index.html")
    assert f'href="{ROOT}stores.html#store-mail-queue"' in page
    assert "#store-auth-lock" not in page


def test_filters_for_stores_of_linked_sites(site: Site) -> None:
    """A filter that only a linked store passes is no mistake; what neither site has is reported."""
    other(site, document({"mail-store": {"tags": ["queue"], "x-team": "Post"}, "mail-queue": {}}, url=ROOT))
    site.conf('statestores_sites = {"o": "other/statestores.json", "": "other/statestores.json"}\n')
    site.write("index.rst", "Top\n===\n\n:store:`mail-store` :store:`o:mail-store` :store:`o:mail-queue`\n")
    queries = ["tag=queue service=Mail", "x-team=Post match=mail-s*", "tag=queu"]
    built = site.build(statestores_exclude=queries)
    said = [line.partition("WARNING: ")[2] for line in built.warnings]
    excluded = "is excluded by statestores_exclude, so no page shows it [statestores.unknown_store]"
    assert said == [
        "statestores_exclude: unknown tag 'queu'; did you mean 'queue'? [statestores.unknown_tag]",
        f"the store 'mail-store' {excluded}",
        f"the store 'o:mail-store' {excluded}",
    ]


def test_a_hidden_linked_store_hides_no_other_one(site: Site) -> None:
    """A store of an earlier version is compared although a hidden store of a linked site has its name."""
    other(site, document({"mail-store": {"tags": ["internal"]}}, url=ROOT))
    site.registry(
        "x-state-stores: {mail-store: {backend: redis, prefix: a, service: Auth, purpose: P}}\n", "old.yaml"
    )
    site.conf('statestores_sites = {"o": "other/statestores.json"}\nstatestores_exclude = "tag=internal"\n')
    site.write("index.rst", "Top\n===\n\n.. statestore-changes::\n   :from: /old.yaml\n")
    assert "mail-store" in site.build().text("index.html")


def test_an_alias_of_a_hidden_store(site: Site) -> None:
    """With its namespace, too, a hidden store of a merged site is said to be excluded."""
    other(site, document({"mail-store": {"tags": ["internal"]}, "mail-queue": {}}, url=ROOT))
    site.conf('statestores_registry = [("o", "other/statestores.json")]\nstatestores_exclude = "tag=internal"\n')
    site.write("index.rst", "Top\n===\n\n:store:`o:mail-store`\n\n.. statestore-table::\n   :tag: !internal\n")
    built = site.build()
    (warning,) = built.warnings
    assert "the store 'o:mail-store' is excluded by statestores_exclude" in warning
    assert "1 store of 1 service from" in built.status


def test_entries_of_stores_of_other_sites(site: Site) -> None:
    """An entry that names a store of another site by its namespace, or one that is only linked, says what to do."""
    other(site, document({"mail-store": {}}, url=ROOT))
    site.write("index.rst", "Top\n===\n\n.. statestore:: o:mail-store\n")
    site.conf('statestores_registry = [("o", "other/statestores.json")]\n')
    (warning,) = site.build().warnings
    assert "the store 'o:mail-store' has another name on this site: write 'mail-store'" in warning
    site.conf('statestores_registry = []\nstatestores_sites = {"o": "other/statestores.json"}\n')
    (warning,) = site.build(builddir="_second").warnings
    assert "the store 'o:mail-store' is only linked: the site 'Other' has its entry" in warning


def test_a_store_that_its_own_site_does_not_show(site: Site) -> None:
    """A link to a store that the other site has on no page does not ask for a table here."""
    other(site, document({"mail-store": {}}, addresses=False, url=ROOT))
    site.conf('statestores_sites = {"o": "other/statestores.json"}\n')
    site.write("index.rst", "Top\n===\n\n:store:`mail-store`\n")
    (warning,) = site.build().warnings
    assert "no page of the site 'Other' shows the store 'mail-store', so the link has no target [" in warning


def test_labels_on_cards_of_other_sites(site: Site) -> None:
    """The words of a site are on the cards of linked stores as on those of its own."""
    other(site, document({"mail-store": {}}, url=ROOT))
    site.conf('statestores_sites = {"o": "other/statestores.json"}\nstatestores_labels = {"service": "Owner"}\n')
    site.write("index.rst", "Top\n===\n\n:store:`mail-store`\n")
    page = site.build().text("index.html")
    assert '"Owner"' in page
    assert '"Service"' not in page
