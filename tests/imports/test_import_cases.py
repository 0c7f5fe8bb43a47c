"""Files that are imported, and what becomes of them: each folder of ``cases`` is one."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import pytest

from sphinx_statestores.cli import main
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.problems import has_errors

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir())


@pytest.mark.parametrize("case", CASES, ids=[path.name for path in CASES])
def test_a_case(case: Path, repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The words of ``command`` give ``expected.yaml`` and say ``expected.txt``, which ends with the exit status.

    Where a case has a registry, ``registry.yaml``, that is what the command changes. Whatever is written loads.
    ``UPDATE_CASES=1`` writes what is expected anew, to be read before it is committed.
    """
    shutil.copytree(case, repository, dirs_exist_ok=True)
    registry = repository / "registry.yaml"
    before = registry.read_bytes() if registry.exists() else b""
    status = main(shlex.split((case / "command").read_text(encoding="utf-8")))
    said = capfd.readouterr()
    result = registry.read_bytes().decode() if registry.exists() and not said.out else said.out
    told = f"{said.err}{status}\n"
    if os.environ.get("UPDATE_CASES"):
        (case / "expected.yaml").write_text(result, encoding="utf-8")
        (case / "expected.txt").write_text(told, encoding="utf-8")
    assert told == (case / "expected.txt").read_text(encoding="utf-8")
    assert result == (case / "expected.yaml").read_text(encoding="utf-8")
    if said.out and registry.exists():
        assert registry.read_bytes() == before
    elif result:
        (repository / "result.yaml").write_text(result, encoding="utf-8")
        assert not has_errors(load([repository / "result.yaml"])[1])
