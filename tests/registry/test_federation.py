"""Registries of other sites: what they publish is read with care, merged, linked and pinned."""

from __future__ import annotations

import json
import pickle
import re
from typing import TYPE_CHECKING, Any

import pytest

from sphinx_statestores.registry.federation import foreign_site, merge
from sphinx_statestores.registry.links import site_address_fault
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.lock import lock_text, read_lock
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.site_addresses import (
    SiteAddress,
    document_url,
    shown_url,
    site_address,
    site_root,
    sort_entries,
)
from sphinx_statestores.registry.source import decode_source

if TYPE_CHECKING:
    from pathlib import Path

    from sphinx_statestores.registry.federation import ForeignSite
    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.problems import Problem

ROOT = "https://other.example.org/"


def document(*names: str, published: dict[str, Any] | None = None, **fields: dict[str, Any]) -> str:
    """Return a document with a store for each name, and the given fields of some."""
    stores = {
        name: {"backend": "mysql", "service": "Auth", "purpose": f"About {name}", **fields.get(name, {})}
        for name in names
    }
    return json.dumps({"x-published": published or {}, "x-state-stores": stores})


def load(text: str, name: str = "other.json") -> tuple[Registry, list[Problem]]:
    return load_sources([decode_source(name, text.encode())])


def site(text: str, namespace: str = "", root: str = ROOT, name: str = "other.json") -> ForeignSite:
    registry, problems = load(text, name)
    assert problems == []
    return foreign_site(namespace, root, name, registry)


# -- merging ---------------------------------------------------------------------------


def test_a_name_of_one_site_stays() -> None:
    """A store whose name nothing else has keeps it, whatever the namespace, and remembers its site."""
    own, _ = load(document("a"))
    merged, federation, problems = merge(own, [site(document("b", published={"project": "Other"}), "ns")])
    assert (merged.names, problems) == (("a", "b"), [])
    assert federation.origins["b"].site == "Other"
    assert federation.aliases == {"ns:b": "b"}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_equal_names_have_their_namespace(order: tuple[int, int]) -> None:
    """Each store of a site whose name is not its own alone gets its namespace, in any order; an own one keeps it."""
    own, _ = load(document("a"))
    sites = [site(document("a", "b"), "x", name="x.json"), site(document("b", "c"), "y", name="y.json")]
    merged, _, problems = merge(own, [sites[n] for n in order])
    assert problems == []
    assert merged.names == ("a", "c", "x:a", "x:b", "y:b")


def test_what_follows_from_a_name_stays() -> None:
    """A store with a namespace keeps its table; its replacement is that of its own site."""
    own, _ = load(document("a", "b"))
    other = site(document("a", "b", "c", a={"replacedBy": "b"}, c={"replacedBy": "a"}), "x")
    merged, _, _ = merge(own, [other])
    assert merged.table_of(merged.by_name["x:a"]) == "a"
    assert [merged.by_name[name].replaced_by for name in ("x:a", "c", "a")] == ["x:b", "x:a", ""]
    assert merged.by_name["x:a"].constant == "XA"


def test_equal_names_without_a_namespace() -> None:
    """Without a namespace, the first of two equal names stands, and the message says how to give one."""
    own, _ = load(document("a"), "own.yaml")
    merged, federation, (problem,) = merge(own, [site(document("a", "b"))])
    assert merged.names == ("a", "b")
    assert list(federation.origins) == ["b"]
    assert problem.kind is Kind.DUPLICATE_NAME
    assert "the definition at own.yaml:1:" in problem.message
    assert "('other-site', ADDRESS)" in problem.message
    assert problem.location.path == "other.json"


def test_services_and_backends_of_sites() -> None:
    """The first definition of a service or a backend stands, own ones before all; a page is that of the site."""
    text = json.dumps(
        {
            "x-published": {"services": {"Mail": "mail.html", "Auth": "auth.html"}},
            "x-backends": {"kafka": "Kafka", "mysql": "Their MySQL"},
            "x-services": {"Auth": "Theirs", "Mail": {"title": "Letters", "docs": "own-page"}},
            "x-state-stores": {
                "m": {"backend": "kafka", "service": "Mail", "purpose": "p"},
                "n": {"backend": "mysql", "service": "Auth", "purpose": "p"},
            },
        }
    )
    own, _ = load("x-services: {Auth: Ours}\n" + "x-state-stores: {a: {backend: mysql, service: Auth, purpose: p}}\n")
    merged, _, _ = merge(own, [site(text)])
    assert {name: (each.title, each.docs) for name, each in merged.services.items()} == {
        "Auth": ("Ours", ""),
        "Mail": ("Letters", f"{ROOT}mail.html"),
    }
    assert (merged.backend_label("kafka"), merged.backend_label("mysql")) == ("Kafka", "MySQL")


def test_linked_stores() -> None:
    """A linked store has its name, if no site before has it, and its name with the namespace; none is merged."""
    own, _ = load(document("a"))
    merged, federation, _ = merge(own, [], [site(document("b", "c"), "x"), site(document("c"), "y")])
    assert merged is own
    assert {name: found.site.namespace for name, found in federation.linked.items()} == {
        "b": "x", "x:b": "x", "c": "x", "x:c": "x", "y:c": "y",
    }  # fmt: skip


def test_stores_of_a_portal_may_have_a_namespace() -> None:
    """What a portal publishes can be merged again, with the names that it has given; an ordinary file cannot."""
    portal = document("identity:auth", published={"stores": {"identity:auth": "p.html#x"}})
    merged, federation, _ = merge(load(document("a"))[0], [site(portal)])
    assert merged.names == ("a", "identity:auth")
    assert federation.origins["identity:auth"].address == f"{ROOT}p.html#x"
    _, (problem,) = load("x-state-stores: {'identity:auth': {backend: mysql, service: A, purpose: p}}\n")
    assert problem.kind is Kind.INVALID_NAME


@pytest.mark.parametrize("name", ["a:b:c:d:e:f", ":a", "a:", "a: b", "ä:b", "a..b:c", "x" * 64 + ":a", "a:b/c"])
def test_names_that_no_portal_can_have(name: str) -> None:
    """A published name is made of namespaces and a store's name; others are left out."""
    registry, problems = load(document(name, "fine"))
    assert registry.names == ("fine",)
    assert Kind.INVALID_NAME in {problem.kind for problem in problems}


def test_work_does_not_grow_with_the_number_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many sites the stores come from, each store is looked at as often."""
    from sphinx_statestores.registry import federation  # noqa: PLC0415

    counts = []
    for sites in (1, 20):
        per = 40 // sites
        found = [site(document(*(f"s{n}-{m}" for m in range(per))), f"n{n}", name=f"{n}.json") for n in range(sites)]
        calls = 0
        original = federation.ForeignSite.origin

        def counted(self: ForeignSite, name: str, original: Any = original) -> Any:
            nonlocal calls
            calls += 1
            return original(self, name)

        monkeypatch.setattr(federation.ForeignSite, "origin", counted)
        assert len(merge(load(document("a"))[0], found)[0].stores) == 41
        monkeypatch.setattr(federation.ForeignSite, "origin", original)
        counts.append(calls)
    assert counts == [40, 40]


# -- addresses -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "index.html#store-a", "#store-a", "a/b/", "a/b/#x", "a%20b.html", "ä.html#x", "a..b/c.html", "?q=1",
        "https://elsewhere.example.org/x#y", "HTTP://elsewhere.example.org", "a/b..html",
    ],
)  # fmt: skip
def test_addresses_of_a_site(address: str) -> None:
    """An address is below the root of its site, or a whole http or https URL."""
    assert site_address_fault(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\tscript:x", "data:text/html,x",
        "//evil.example.org/", "\\\\evil.example.org", "/\\evil", "/rooted", "../up", "a/../../b", "%2e%2e/x",
        "a/.%2E/b", "./x", "mailto:a@b.c", "ftp://x.example.org", "file:///etc/passwd", "https:///x",
        "a b", 'a"onclick', "a<b",
        "\u202ea", "a\\b", "https:evil", "\u200bhttps://x",
    ],
)  # fmt: skip
def test_addresses_that_lead_out_of_a_site(address: str) -> None:
    """Any other address is refused, is reported at its place, and is left out; the store stays."""
    assert site_address_fault(address)
    registry, problems = load(document("a", "b", published={"stores": {"a": address, "b": "b.html"}}))
    assert registry.names == ("a", "b")
    assert registry.publications["other.json"].stores == {"b": "b.html"}
    assert problems


@pytest.mark.parametrize("url", ["javascript:x", "//x/", "x", "../x"])
def test_other_urls_of_a_site(url: str) -> None:
    """The root and the sources of a site are whole http or https URLs."""
    registry, problems = load(document("a", published={"url": url, "sources": {"a": url}}))
    assert registry.publications["other.json"][1:4] == ("", {}, {})
    assert len(problems) == 2


def test_a_later_version() -> None:
    """Of a version that is not known the addresses are left out, with a message; the stores are read."""
    registry, (problem,) = load(document("a", published={"version": 2, "stores": {"a": "x.html"}}))
    assert (registry.names, registry.publications["other.json"].stores) == (("a",), {})
    assert "only 1 is supported" in problem.message


def test_a_root_that_the_site_itself_gives() -> None:
    """A document from a file has the root that it names, which may lack its slash; a URL has its own."""
    text = document("a", published={"url": "https://x.example.org/docs", "stores": {"a": "p.html"}})
    assert site(text, root="").origin("a").address == "https://x.example.org/docs/p.html"
    assert site(text).origin("a").address == f"{ROOT}p.html"
    assert site(document("a", published={"stores": {"a": "p.html"}}), root="").origin("a").address == ""


def test_a_publication_can_be_pickled() -> None:
    """A registry with addresses goes through a pickle as any other."""
    registry, _ = load(document("a", published={"project": "P", "stores": {"a": "p.html"}}))
    assert pickle.loads(pickle.dumps(registry)) == registry  # noqa: S301


@pytest.mark.parametrize(
    ("url", "document", "root"),
    [
        ("https://x.org", "https://x.org/statestores.json", "https://x.org/"),
        ("https://x.org/", "https://x.org/statestores.json", "https://x.org/"),
        ("https://x.org/en/v1.2", "https://x.org/en/v1.2/statestores.json", "https://x.org/en/v1.2/"),
        ("https://x.org/a.json", "https://x.org/a.json", "https://x.org/"),
        ("https://x.org/d/a.json?t=1", "https://x.org/d/a.json?t=1", "https://x.org/d/"),
        ("https://u:p@x.org:8/d/", "https://u:p@x.org:8/d/statestores.json", "https://x.org:8/d/"),
    ],
)
def test_what_a_url_stands_for(url: str, document: str, root: str) -> None:
    """A URL is that of a document, by its suffix, or of a site; links begin with the root and have no credentials."""
    assert (document_url(url), site_root(document)) == (document, root)


def test_a_url_in_messages() -> None:
    """Neither an account nor a token is shown."""
    assert shown_url("https://me:secret@x.org/a.json?private_token=secret#f") == "https://x.org/a.json?..."


def test_entries_of_a_configuration(tmp_path: Path) -> None:
    """Files, sites and pairs are told apart; what is none of them is a message, without its credentials."""
    faults: list[str] = []
    (tmp_path / "html").mkdir()
    entries = [
        "own.yaml", tmp_path / "more.yaml", "https://x.org/", "../x/statestores.json", ("ns", "their.yaml"),
        ["built", "html"], ("a", "b", "c"), ("n s", "https://x.org/"), "https://u:secret@[x/", "http://",
    ]  # fmt: skip
    found = sort_entries(entries, tmp_path, faults.append)
    assert found.files == ("own.yaml", tmp_path / "more.yaml")
    assert found.sites == (
        SiteAddress("", "https://x.org/statestores.json", None),
        SiteAddress("", "", tmp_path.parent / "x" / "statestores.json"),
        SiteAddress("ns", "", tmp_path / "their.yaml"),
        SiteAddress("built", "", tmp_path / "html" / "statestores.json"),
    )
    assert len(faults) == 4
    assert not any("secret" in fault for fault in faults)


def test_an_upper_case_scheme(tmp_path: Path) -> None:
    """The scheme of a URL is found in any case."""
    faults: list[str] = []
    found = site_address("HTTPS://x.org/", tmp_path, faults.append)
    assert (found and found.url.lower(), faults) == ("https://x.org/statestores.json", [])


# -- the lock --------------------------------------------------------------------------

TEXTS = ["{}\n", "", "ä\r\n\u2028x\n\n", '"\\" \\u0000"', "no end"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_lock_gives_back_the_bytes(tmp_path: Path, text: str) -> None:
    """A pinned document is read as it was fetched, byte for byte; its URL has no credentials, and order is fixed."""
    path = tmp_path / "statestores.lock"
    urls = ["https://u:secret@x.org/a.json", "https://b.org/a.json"]
    path.write_text(lock_text(dict.fromkeys(urls, text.encode())), encoding="utf-8", newline="\n")
    lock, problems = read_lock(path)
    assert problems == []
    assert [lock.get(url) for url in urls] == [text.encode()] * 2
    assert "secret" not in path.read_text(encoding="utf-8")
    assert path.read_bytes().decode() == lock_text(dict(sorted(lock.documents.items(), reverse=True)))


def test_no_lock(tmp_path: Path) -> None:
    """Without a file nothing is pinned, and that is no problem."""
    assert read_lock(tmp_path / "statestores.lock") == (read_lock(tmp_path / "x")[0], [])


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{", "null", "1", '{"version": 1}', '{"version": 2, "sites": {}}', '{"version": 1, "sites": []}',
        '{"version": 1, "sites": {"u": 1}}', '{"version": 1, "sites": {"u": {"sha256": "x", "document": [1]}}}',
        '{"version": 1, "sites": {"u": {"sha256": "x", "document": ["{}"]}}}', "[" * 100_000, "1" * 5000,
        '{"version": 1, "sites": {"u": {"sha256": "x", "document": ["\\ud800"]}}}', "<<<<<<< ours",
    ],
)  # fmt: skip
def test_a_lock_that_is_none(tmp_path: Path, text: str) -> None:
    """Of a damaged lock, and of a document that is not the one of its digest, nothing is used; a message says so."""
    path = tmp_path / "statestores.lock"
    path.write_text(text, encoding="utf-8")
    lock, (problem,) = read_lock(path)
    assert lock.documents == {}
    assert problem.kind is Kind.UNREADABLE_FILE
    assert re.search("statestores federate (URL ... )?--update", problem.message)
