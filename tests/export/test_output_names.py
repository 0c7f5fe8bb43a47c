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
        (".git/config", "among the files of git"),
        (".GIT/hooks/pre-commit", "among the files of git"),
        ("a/.git./x", "among the files of git"),
        ("a/.git /x", "among the files of git"),
        ("git~1/config", "among the files of git"),
        ("GIT~2", "among the files of git"),
        (".git::$INDEX_ALLOCATION/x", "among the files of git"),
        (".g\u200cit/config", "among the files of git"),
        ("\uff0egit/config", "among the files of git"),
        (".env", "hidden"),
        (".ci/run", "hidden"),
        (".github/workflows/ci.yml", "hidden"),
        (".husky/pre-commit", "hidden"),
        (".bashrc", "hidden"),
        ("docs/.hidden/x.md", "hidden"),
        ("\u200b.env", "hidden"),
        ("conf.py", "execute or obey"),
        ("docs/conf.py", "execute or obey"),
        ("docs/CONF.PY", "execute or obey"),
        ("Makefile", "execute or obey"),
        ("GNUmakefile", "execute or obey"),
        ("package.json", "execute or obey"),
        ("pyproject.toml", "execute or obey"),
        ("tests/conftest.py", "execute or obey"),
        ("Dockerfile.ci", "execute or obey"),
        ("Directory.Build.props", "execute or obey"),
        ("go.mod", "execute or obey"),
        ("run.ps1", "execute or obey"),
        ("conf.py.", "ends with a dot or a blank"),
        ("docs /x.md", "ends with a dot or a blank"),
        ("conf.py::$DATA", "Windows does not allow"),
        ("CONF~1.PY", "looks like a short name"),
        ("nul.md", "the name of a device"),
        ("a\nb.md", "cannot be seen"),
        ("a\u202eb.md", "cannot be seen"),
        ("a\x1bb.md", "cannot be seen"),
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
