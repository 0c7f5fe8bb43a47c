"""Generated pages: what is written, what is left alone, what goes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup

from sphinx_statestores.sphinx_ext.generated_pages import MARK

if TYPE_CHECKING:
    from conftest import Site

SETTINGS: dict[str, Any] = {"statestores_generate_pages": "stores/"}
PAGES = {"account.rst", "auth.rst", "character-encounter.rst", "index.rst"}


def generated(site: Site) -> set[str]:
    """The files in the folder of generated pages."""
    folder = site.folder / "stores"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def paged(site: Site) -> Site:
    """A site with nothing but generated pages."""
    site.write("index.rst", "Top\n===\n\n``auth-lock`` :store-service:`Account`\n\n.. toctree::\n\n   stores/index\n")
    return site


def test_a_page_for_each_service(paged: Site) -> None:
    """Each service has a page with its stores, links land there, and each page is in a toctree."""
    built = paged.build(**SETTINGS, statestores_autolink=True)
    assert generated(paged) == PAGES
    assert built.warnings == []
    links = BeautifulSoup(built.text("index.html"), "html.parser").select("p a.reference")
    assert [link["href"] for link in links] == ["stores/auth.html#store-auth-lock", "stores/account.html"]
    assert "5 stores (2 Redis, 3 MySQL)" in built.text("stores/index.html")
    assert built.text("stores/auth.html").count('<dt class="sig sig-object') == 2


def test_a_page_for_each_store(paged: Site) -> None:
    """If wanted, each store has a page as well, which is where its links land."""
    built = paged.build(**SETTINGS, statestores_generate_store_pages=True, statestores_autolink=True)
    assert "auth/auth-lock.rst" in generated(paged)
    assert len(generated(paged)) == len(PAGES) + 5
    assert built.warnings == []
    assert 'href="stores/auth/auth-lock.html#store-auth-lock"' in built.text("index.html")


def test_pages_hold_no_facts(paged: Site) -> None:
    """An edit of a store changes no page, and an unchanged page keeps its time: nothing is read."""
    paged.build(**SETTINGS)
    page = paged.folder / "stores/auth.rst"
    before = page.stat().st_mtime_ns
    registry = paged.folder / "schemas/state-stores.yaml"
    paged.registry(registry.read_text().replace("Locks for", "Changed for"))
    second = paged.build(**SETTINGS)
    assert page.stat().st_mtime_ns == before
    assert second.read == []
    assert "Changed for" in second.text("stores/auth.html")
    assert second.files() == paged.build(builddir="_clean", **SETTINGS).files()


def test_services_come_and_go(paged: Site) -> None:
    """The page of a service that is gone goes, and a new service has one; other files stay."""
    paged.build(**SETTINGS)
    paged.write("stores/notes.rst", ":orphan:\n\nNotes\n=====\n")
    paged.registry("x-state-stores: {new: {backend: redis, prefix: new, service: NewOne, purpose: New}}\n")
    built = paged.build(**SETTINGS, suppress_warnings=["statestores"])
    assert generated(paged) == {"index.rst", "new-one.rst", "notes.rst"}
    assert {"stores/index", "stores/new-one", "stores/notes"} <= set(built.read)


@pytest.mark.parametrize(
    "edit",
    [
        ("participants\n", "participants\nx-services: {CharacterEncounter: Meetings}\n"),
        ("service: CharacterEncounter", "service: Billing"),
        ("service: Auth", "service: Account"),
    ],
    ids=["title", "other service", "fewer services"],
)
@pytest.mark.parametrize("theme", ["basic", "alabaster"])
def test_navigation_is_never_stale(paged: Site, edit: tuple[str, str], theme: str) -> None:
    """Links to the next page and sidebars follow the titles of services and their coming and going."""
    paged.conf(f"html_theme = {theme!r}\n")
    paged.write("prose.md", "---\norphan: true\n---\n# Prose\n")
    paged.build(**SETTINGS)
    registry = paged.folder / "schemas/state-stores.yaml"
    paged.registry(registry.read_text().replace(*edit))
    built = paged.build(**SETTINGS)
    clean = paged.build(**SETTINGS, builddir="_clean")
    assert not {"index", "prose"} & set(built.read)
    changed = {name for name, content in clean.files().items() if built.files()[name] != content}
    assert changed == set()


@pytest.mark.parametrize("name", ["stores/auth.rst", "stores/auth.md"])
def test_handwritten_pages_are_left_alone(paged: Site, name: str) -> None:
    """A page that somebody wrote is never overwritten, in whichever language it is, nor doubled."""
    text = {
        "rst": "Mine\n====\n\n.. statestore-service:: Auth\n",
        "md": "# Mine\n\n```{statestore-service} Auth\n```\n",
    }
    paged.write(name, text[name.rpartition(".")[2]])
    built = paged.build(**SETTINGS)
    assert (paged.folder / name).read_text() == text[name.rpartition(".")[2]]
    assert generated(paged) == PAGES - {"auth.rst"} | {name.removeprefix("stores/")}
    assert ">Mine</a>" in built.text("stores/index.html")


def test_a_service_with_a_page_elsewhere(paged: Site) -> None:
    """A service whose own page exists gets no second one."""
    paged.write("services/auth.md", "---\norphan: true\n---\n# Auth\n")
    paged.build(**SETTINGS, statestores_service_pages="services/{kebab}", suppress_warnings=["statestores"])
    assert generated(paged) == PAGES - {"auth.rst"}


def test_a_page_that_lost_its_mark(paged: Site) -> None:
    """Without the first line a page belongs to whoever took it away."""
    paged.build(**SETTINGS)
    page = paged.folder / "stores/auth.rst"
    assert page.read_text().startswith(MARK)
    page.write_text(page.read_text().removeprefix(MARK).lstrip() + "\nMine.\n")
    assert "Mine." in paged.build(**SETTINGS).text("stores/auth.html")


def test_a_registry_that_cannot_be_read(paged: Site) -> None:
    """A broken registry is no reason to remove pages."""
    paged.build(**SETTINGS)
    paged.registry("x-state-stores: [\n")
    paged.build(**SETTINGS, suppress_warnings=["statestores"])
    assert generated(paged) == PAGES


def test_own_template(paged: Site) -> None:
    """A template of the project makes the pages of services; it knows the service and its stores."""
    paged.write(
        "_templates/page.jinja",
        "{{ ('Of ' ~ service.title) | heading }}\n\n{{ stores | length }} stores.\n\n"
        ".. statestore-service:: {{ service.name }}\n",
    )
    built = paged.build(
        **SETTINGS, statestores_page_template="_templates/page.jinja", exclude_patterns=["_templates"]
    )
    assert "<p>2 stores.</p>" in built.text("stores/auth.html")
    assert ">Of Auth<" in built.text("stores/index.html")
    assert built.warnings == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"statestores_generate_pages": "../out"}, "'../out' must be a separate folder inside the source folder"),
        (
            {"statestores_generate_pages": "gen\\stores"},
            "statestores_generate_pages is 'gen\\\\stores': it has a backslash: write paths with '/' on every system",
        ),
        ({"statestores_generate_pages": "."}, "'.' must be a separate folder inside the source folder"),
        ({**SETTINGS, "source_suffix": {".md": "markdown"}}, "add '.rst' to 'source_suffix'"),
    ],
)
def test_what_cannot_be(paged: Site, settings: dict[str, Any], message: str) -> None:
    """A folder outside the sources, no such template, a project without ``.rst``: a warning, and no pages."""
    paged.write("index.md", "# Top\n")
    (paged.folder / "index.rst").unlink()
    built = paged.build(**settings)
    assert any(message in line for line in built.warnings)
    assert not (paged.folder / "stores").exists()
    assert not (paged.folder.parent / "out").exists()


@pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")
@pytest.mark.parametrize("link", ["stores", "stores/auth.rst", "stores/auth"])
def test_links_out_of_the_folder(paged: Site, link: str) -> None:
    """A link in the way, of the folder, of a page or of the folder of a service's stores, is no way out."""
    outside = paged.folder.parent / "outside"
    outside.mkdir()
    path = paged.folder / link
    path.parent.mkdir(exist_ok=True)
    # To a file that is not there yet, or to a folder that is.
    path.symlink_to(outside / "new.rst" if path.suffix else outside)
    built = paged.build(**SETTINGS, statestores_generate_store_pages=True)
    assert [line for line in built.warnings if "statestores_generate_pages: 'stores" in line]
    assert list(outside.iterdir()) == []
    assert ("account.rst" in generated(paged)) == (link != "stores")


def test_two_services_with_one_page(paged: Site) -> None:
    """Of services whose pages would have one name, or that of the list, the others are reported and keep no page."""
    paged.registry(
        """\
        x-state-stores:
          a: {backend: mysql, service: URLStore, purpose: A}
          b: {backend: mysql, service: UrlStore, purpose: B}
          c: {backend: mysql, service: Index, purpose: C}
        """
    )
    paged.write("index.rst", "Top\n===\n\n.. toctree::\n\n   stores/index\n")
    built = paged.build(**SETTINGS, suppress_warnings=["statestores.name_collision"])
    assert generated(paged) == {"index.rst", "url-store.rst"}
    assert "statestore-service:: URLStore" in (paged.folder / "stores/url-store.rst").read_text()
    assert len(built.warnings) == 2
    assert "for the service 'Index', since 'stores/index' is the list of all pages" in built.warnings[0]
    assert "for the service 'UrlStore', since 'stores/url-store' is the page of 'URLStore'" in built.warnings[1]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            "{{ service.title + 1 }}",
            "own.jinja:1: this fails (TypeError) (page of 'Account', 'Auth', 'CharacterEncounter')",
        ),
        ("\n{% for %}", "own.jinja:2: "),
        ("{{ stores.none.name }}", "own.jinja:1: 'none' is undefined (page of "),
        ("{% include '../secret' %}", "own.jinja:1: the template '../secret' cannot be included: "),
        ("{{ '\\ud800' }}", "own.jinja: it generates a lone surrogate, which is not a valid character (page of "),
        (None, "own.jinja: there is no such file (page of 'Account', 'Auth', 'CharacterEncounter')"),
    ],
)
def test_a_template_that_fails(paged: Site, template: str | None, message: str) -> None:
    """Whatever goes wrong in a template is one warning for all pages; the pages that there were stay, others come."""
    paged.build(**SETTINGS)
    before = (paged.folder / "stores/auth.rst").read_text()
    (paged.folder / "stores/index.rst").unlink()
    if template is not None:
        paged.write("own.jinja", template)
    built = paged.build(**SETTINGS, statestores_page_template="own.jinja")
    (warning,) = built.warnings
    assert f"conf.py:1: WARNING: statestores_page_template: {paged.folder}/{message}" in warning
    assert (paged.folder / "stores/auth.rst").read_text() == before
    assert generated(paged) == PAGES
    assert "auth-lock" in built.text("index.html")


def test_a_template_that_fails_for_one_service(paged: Site) -> None:
    """A mistake that shows with one service concerns its page only, which is in no toctree before it is there."""
    paged.write("own.jinja", "{{ service.title | heading }}\n\n{{ 1 // (stores | length - 1) }}\n")
    built = paged.build(**SETTINGS, statestores_page_template="own.jinja")
    (warning,) = built.warnings
    assert "own.jinja:3: division by zero (page of 'CharacterEncounter')" in warning
    assert generated(paged) == PAGES - {"character-encounter.rst"}
    assert "character-encounter" not in (paged.folder / "stores/index.rst").read_text()


def test_own_template_with_parts(paged: Site) -> None:
    """A template of the project may include those beside it, and not ours."""
    paged.write(
        "_templates/page.jinja", "{% include 'parts/head.jinja' %}\n\n.. statestore-service:: {{ service.name }}\n"
    )
    paged.write("_templates/parts/head.jinja", "{{ service.title | heading }}\n")
    settings = {**SETTINGS, "statestores_page_template": "_templates/page.jinja", "exclude_patterns": ["_templates"]}
    assert paged.build(**settings).warnings == []
    paged.write("_templates/page.jinja", "{% include 'service.rst.jinja' %}")
    (warning,) = paged.build(**settings).warnings
    assert "page.jinja:1: there is no template 'service.rst.jinja' beside it" in warning


def test_one_process_makes_all_pages(paged: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many services there are, one process renders a template for them; our own templates need none."""
    started: list[object] = []

    class Counted(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            started.append(arguments)
            super().__init__(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", Counted)
    paged.build(**SETTINGS, statestores_generate_store_pages=True)
    assert started == []
    paged.write("own.jinja", "{{ service.title | heading }}\n\n.. statestore-service:: {{ service.name }}\n")
    assert paged.build(**SETTINGS, statestores_page_template="own.jinja").warnings == []
    assert len(started) == 1


@pytest.mark.parametrize("name", ["auth.rst", "auth/auth-lock.rst", "index.rst"])
def test_a_folder_where_a_page_should_be(paged: Site, name: str) -> None:
    """A folder in the way of a page is one warning with its name, and all other pages are written."""
    paged.write("index.rst", "Top\n===\n\n``auth-lock``\n")
    (paged.folder / "stores" / name).mkdir(parents=True)
    built = paged.build(**SETTINGS, statestores_generate_store_pages=True)
    assert f"statestores_generate_pages: cannot write 'stores/{name}': Is a directory" in built.warnings[0]
    assert [line for line in built.warnings if "statestores" in line] == built.warnings[:1]
    assert len(generated(paged)) == len(PAGES) + 4
    assert "auth-lock" in built.text("index.html")


def test_a_file_where_the_folder_should_be(paged: Site) -> None:
    """Of what keeps every page from being written there is one warning, which names some of them."""
    paged.write("index.rst", "Top\n===\n")
    paged.write("stores", "")
    built = paged.build(**SETTINGS)
    assert len(built.warnings) == 2
    assert (
        "cannot write 'stores/account.rst', 'stores/auth.rst', 'stores/character-encounter.rst' and 1 more: "
        in (built.warnings[0])
    )
    assert "cannot read 'stores': Not a directory" in built.warnings[1]


@pytest.mark.skipif(os.name != "posix", reason="needs symbolic links and named pipes")
@pytest.mark.parametrize("loop", ["stores", "stores/auth.rst", "stores/auth.md", "stores/auth", "services/auth.md"])
def test_loops_of_links(paged: Site, loop: str) -> None:
    """A link that leads back to itself is no traceback, wherever it is in the way."""
    paged.write("index.rst", "Top\n===\n")
    path = paged.folder / loop
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(path.name)
    settings = {**SETTINGS, "statestores_service_pages": "services/{kebab}", "statestores_generate_store_pages": True}
    built = paged.build(**settings, suppress_warnings=["statestores.missing_service_page"])
    assert ("account.rst" in generated(paged)) == (loop != "stores")
    if loop.endswith(".md"):
        assert not [line for line in built.warnings if "statestores" in line]
    else:
        assert any("statestores_generate_pages: cannot " in line and "'stores" in line for line in built.warnings)


@pytest.mark.skipif(os.name != "posix", reason="needs symbolic links and named pipes")
def test_a_pipe_among_the_pages(paged: Site) -> None:
    """A named pipe in the folder is not opened."""
    paged.build(**SETTINGS)
    os.mkfifo(paged.folder / "stores/gone.rst")
    (paged.folder / "stores/auth.rst").unlink()
    os.mkfifo(paged.folder / "stores/auth.rst")
    built = paged.build(**SETTINGS, exclude_patterns=["stores/gone.rst", "stores/auth.rst"])
    assert any("cannot write 'stores/auth.rst': not a regular file" in line for line in built.warnings)
    assert (paged.folder / "stores/gone.rst").exists()


def test_deep_folders_and_long_names(paged: Site) -> None:
    """Folders that are nested deeper than a path may be long are no traceback."""
    paged.write("index.rst", "Top\n===\n")
    before = Path.cwd()
    (paged.folder / "stores").mkdir()
    os.chdir(paged.folder / "stores")
    try:
        for _ in range(20):
            Path("x" * 250).mkdir()
            os.chdir("x" * 250)
        os.chdir(before)
        built = paged.build(**SETTINGS, exclude_patterns=["stores/xx*"])
    finally:
        os.chdir(before)
    (warning,) = (line for line in built.warnings if "statestores" in line)
    assert "statestores_generate_pages: cannot read 'stores/xxx" in warning
    assert len(warning) < 1000
    assert {path.name for path in (paged.folder / "stores").glob("*.rst")} == PAGES


@pytest.mark.parametrize(
    "title",
    [
        "Plain",
        "*Stars* and `ticks`",
        "a_b_ |c| <d>: e\\",
        "\u65e5\u672c\u8a9e",
        "- no list",
        "1. no list",
        "\u2022 no list",
        ".. no comment",
        "~~~~",
    ],
)
def test_headings_are_text(paged: Site, title: str) -> None:
    """Whatever a service is called, its heading says just that."""
    quoted = title.replace("'", "''")
    paged.registry(
        f"x-services: {{Auth: '{quoted}'}}\n"
        "x-state-stores:\n  a: {backend: redis, prefix: a, service: Auth, purpose: A}\n"
    )
    built = paged.build(**SETTINGS, suppress_warnings=["statestores"])
    assert built.env.titles["stores/auth"].astext() == title
    assert built.warnings == []


def test_nothing_has_to_link_to_them(site: Site) -> None:
    """A site that puts the generated pages into no toctree builds without a warning."""
    site.write("index.rst", "Top\n===\n\n:store-service:`Auth`\n")
    assert site.build(**SETTINGS).warnings == []


_NEAR_MARKS = [
    pytest.param(".. Generated by hand. Edits are lost; without this line the page is yours.", id="other-tool"),
    pytest.param(".. A comment of mine.", id="comment"),
    pytest.param(f"{MARK} Not any more.", id="longer"),
    pytest.param(MARK[:-1], id="shorter"),
    pytest.param(f" {MARK}", id="indented"),
    pytest.param(f"\n{MARK}", id="second-line"),
    pytest.param(MARK.lower(), id="lower"),
    pytest.param(f"\ufeff{MARK}", id="byte-order-mark"),
]


@pytest.mark.parametrize("first", _NEAR_MARKS)
@pytest.mark.parametrize("name", ["auth", "deep/page"])
def test_only_the_whole_mark_counts(paged: Site, first: str, name: str) -> None:
    """A page with another first line is neither overwritten nor removed, whether one of its name is wanted or not."""
    text = f"{first}\n\nMine\n====\n\n.. statestore-service:: Auth\n   :no-index:\n"
    paged.write(f"stores/{name}.rst", "")
    page = paged.folder / f"stores/{name}.rst"
    page.write_text(text, encoding="utf-8")
    settings = {**SETTINGS, "statestores_generate_store_pages": True, "suppress_warnings": ["toc", "statestores"]}
    paged.build(**settings)
    paged.build(**SETTINGS, suppress_warnings=["toc", "statestores"])
    assert page.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_edit_below_the_mark_is_lost(paged: Site, line_end: str) -> None:
    """The mark says whose a page is, whatever stands below it: it is made anew, and goes with its service."""
    paged.build(**SETTINGS)
    page = paged.folder / "stores/auth.rst"
    made = page.read_text()
    edited = f"{MARK}\n\nMine now\n========\n".replace("\n", line_end)
    page.write_bytes(edited.encode())
    paged.build(**SETTINGS)
    assert page.read_text() == made
    page.write_bytes(edited.encode())
    registry = paged.folder / "schemas/state-stores.yaml"
    paged.registry(registry.read_text().replace("service: Auth", "service: Other"))
    paged.build(**SETTINGS, suppress_warnings=["statestores"])
    assert not page.exists()


def test_a_folder_with_other_files_is_never_emptied(paged: Site) -> None:
    """What is in the folder beside generated pages stays: pictures, texts, pages in folders of their own."""
    others = {
        "stores/logo.svg": "<svg/>",
        "stores/notes.txt": f"{MARK}\n",
        "stores/auth.rst.orig": f"{MARK}\n",
        "stores/page.md": f"{MARK}\n",
        "stores/auth/own.rst": "Own\n===\n",
    }
    for name, text in others.items():
        paged.write(name, text)
    settings = {**SETTINGS, "suppress_warnings": ["toc", "statestores", "myst"]}
    paged.build(**settings, statestores_generate_store_pages=True)
    registry = paged.folder / "schemas/state-stores.yaml"
    paged.registry(registry.read_text().replace("service: Auth", "service: Other"))
    paged.build(**settings)
    assert {name: (paged.folder / name).read_text() for name in others} == others
    assert "auth.rst" not in generated(paged)
