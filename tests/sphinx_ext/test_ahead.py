"""A large registry is read by a process of its own: nothing but the time that it takes is another."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING, Any

import pytest

from sphinx_statestores.registry import loader
from sphinx_statestores.registry.loader import reload_sources
from sphinx_statestores.sphinx_ext import ahead

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Site

#: With something to complain of.
REGISTRY = """\
x-state-stores:
  auth-lock: {backend: redis, prefix: auth, service: Auth, purpose: Locks}
  mail-queue: {backend: redsi, prefix: mail, service: Mail, purpose: Letters}
  mail-archive: {backend: mysql, service: Mail, purpose: "Letters, `auth-lock` too"}
"""
EARLY = """
def ask(app, *arguments):
    app.env.get_domain("statestore").build.registry

def setup(app):
    app.connect("{event}", ask)
    return {{"parallel_read_safe": True, "parallel_write_safe": True}}
"""


@pytest.fixture
def pages(site: Site) -> Site:
    """A site that Sphinx reads in parallel."""
    names = [f"page{number}" for number in range(8)]
    site.registry(REGISTRY)
    site.write("index.rst", "Top\n===\n\n.. statestore-table::\n\n.. toctree::\n\n   " + "\n   ".join(names) + "\n")
    for name in names:
        site.write(f"{name}.rst", f"{name}\n=====\n\n:store:`auth-lock` and :store:`mail-lock`\n")
    return site


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Read every registry ahead, however small; collect the processes."""
    found: list[object] = []

    class Context:
        def Process(self, **options: Any) -> object:  # noqa: N802 - the name of multiprocessing
            found.append(multiprocessing.get_context("fork").Process(**options))
            return found[-1]

    monkeypatch.setattr(ahead, "LARGE", 0)
    monkeypatch.setattr(ahead, "get_context", lambda _: Context())
    return found


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Count how often this process parses a registry."""
    calls: list[object] = []

    def counted(*arguments: Any) -> object:
        calls.append(arguments)
        return reload_sources(*arguments)

    monkeypatch.setattr(loader, "reload_sources", counted)
    return calls


def test_read_by_another_process(pages: Site, begun: list[object], parsed: list[object]) -> None:
    """This process parses nothing; what is made and what is said is the same."""
    there = pages.build(builddir="_there", parallel=2)
    assert (len(begun), len(parsed)) == (1, 0)
    here = pages.build(builddir="_here")
    assert (len(begun), len(parsed)) == (1, 1)
    assert there.files() == here.files()
    assert sorted(there.warnings) == sorted(here.warnings)
    assert any("redsi" in warning for warning in here.warnings)


def test_a_process_that_fails(
    pages: Site, begun: list[object], parsed: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What leaves no snapshot costs time, and nothing else."""
    monkeypatch.setattr(ahead, "read_registry", lambda *_: 1 / 0)
    built = pages.build(builddir="_there", parallel=2)
    assert (len(begun), len(parsed)) == (1, 1)
    assert built.files() == pages.build(builddir="_here").files()
    assert not any("ZeroDivisionError" in warning for warning in built.warnings)


def test_no_process_to_be_had(pages: Site, parsed: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no process to give, the registry is read at once."""

    class Refusing:
        def __init__(self, **options: Any) -> None:
            pass

        def start(self) -> None:
            raise BlockingIOError("too many processes")

    class Context:
        Process = Refusing

    monkeypatch.setattr(ahead, "LARGE", 0)
    monkeypatch.setattr(ahead, "get_context", lambda _: Context())
    built = pages.build(builddir="_there", parallel=2)
    assert len(parsed) == 1
    assert built.files() == pages.build(builddir="_here").files()


@pytest.mark.parametrize("event", ["env-before-read-docs", "doctree-read", "env-merge-info"])
def test_asked_early(pages: Site, begun: list[object], event: str) -> None:
    """Another extension may ask for the registry at any time, and in processes that read documents."""
    name = f"early_{event.replace('-', '_')}"
    pages.write(f"{name}.py", EARLY.format(event=event))
    conf = (pages.folder / "conf.py").read_text()
    pages.write("conf.py", f"import sys\nsys.path.insert(0, {str(pages.folder)!r})\n{conf}")
    extensions = ["sphinx_statestores", "myst_parser", name]
    there = pages.build(builddir="_there", parallel=2, extensions=extensions)
    assert len(begun) == 1
    assert there.files() == pages.build(builddir="_here", extensions=extensions).files()


@pytest.mark.parametrize(
    "build",
    [
        lambda pages: pages.build(),
        lambda pages: pages.build(parallel=2, statestores_generate_pages="services"),
    ],
    ids=["one process", "generated pages"],
)
def test_read_at_once(pages: Site, begun: list[object], build: Callable[[Site], object]) -> None:
    """A build by one process reads at once, and so does one that makes pages of the registry."""
    build(pages)
    assert begun == []


def test_not_after_an_edit(pages: Site, begun: list[object]) -> None:
    """After an edit little is parsed, and nothing is read ahead."""
    pages.build(parallel=2)
    pages.registry(REGISTRY.replace("Letters", "Parcels"))
    built = pages.build(parallel=2)
    assert len(begun) == 1
    assert "Parcels" in built.text("index.html")


def test_a_small_registry(pages: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry of some hundred stores is read before a process has begun."""
    monkeypatch.delattr(ahead, "get_context")
    assert "Letters" in pages.build(parallel=2).text("index.html")
