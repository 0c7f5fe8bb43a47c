"""Where a declared output may be, and where it may not."""

from __future__ import annotations

import pytest

from sphinx_statestores.export.output_names import name_fault


@pytest.mark.parametrize(
    "path",
    [
        "docs/GENERATED-STATE-STORES.md",
        "stores.csv",
        "src/stores/StateStores.cs",
        "stores/stores.go",
        "docs/conf.md",
        "build/stores.json",
        "Äpfel/länge.md",
        "a b/c (1).md",
        "packages/go/stores.json",
        "hooks/useStores.ts",
        "state-stores.v1.2.json",
    ],
)
def test_ordinary_places(path: str) -> None:
    """An output may be wherever nothing executes it."""
    assert name_fault(path.split("/")) == ""


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (".git/config", "belongs to git"),
        (".GIT/hooks/pre-commit", "belongs to git"),
        ("a/.git./x", "belongs to git"),
        ("a/.git /x", "belongs to git"),
        ("git~1/config", "belongs to git"),
        ("GIT~2", "belongs to git"),
        (".git::$INDEX_ALLOCATION/x", "belongs to git"),
        (".g\u200cit/config", "belongs to git"),
        ("\uff0egit/config", "belongs to git"),
        (".env", "hidden"),
        (".ci/run", "hidden"),
        (".github/workflows/ci.yml", "hidden"),
        (".husky/pre-commit", "hidden"),
        (".bashrc", "hidden"),
        ("docs/.hidden/x.md", "hidden"),
        ("\u200b.env", "hidden"),
        ("conf.py", "execute or read as settings"),
        ("docs/conf.py", "execute or read as settings"),
        ("docs/CONF.PY", "execute or read as settings"),
        ("Makefile", "execute or read as settings"),
        ("GNUmakefile", "execute or read as settings"),
        ("package.json", "execute or read as settings"),
        ("pyproject.toml", "execute or read as settings"),
        ("tests/conftest.py", "execute or read as settings"),
        ("Dockerfile.ci", "execute or read as settings"),
        ("Directory.Build.props", "execute or read as settings"),
        ("go.mod", "execute or read as settings"),
        ("run.ps1", "execute or read as settings"),
        ("conf.py.", "ends with a dot or a space"),
        ("docs /x.md", "ends with a dot or a space"),
        ("conf.py::$DATA", "Windows does not allow"),
        ("CONF~1.PY", "looks like a short name (8.3) of Windows"),
        ("nul.md", "the name of a device"),
        ("a\nb.md", "invisible characters"),
        ("a\u202eb.md", "invisible characters"),
        ("a\x1bb.md", "invisible characters"),
        ("a" * 256, "too long"),
        ("é" * 128, "too long"),
        ("/".join("a" * 65), "more than 64 folders"),
        ("", "root of the repository"),
    ],
)
def test_places_that_are_refused(path: str, fault: str) -> None:
    """No output may be among git's files, hidden, executed by its name, or called what systems read differently."""
    found = name_fault(path.split("/") if path else [])
    assert fault in found
    assert found.isprintable()
