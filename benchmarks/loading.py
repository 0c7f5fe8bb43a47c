"""How long a registry takes to load, with positions and full validation: ``python -m benchmarks.loading FILE``.

It runs as a program of its own, so that nothing else is in its memory.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING

import yaml

from benchmarks.registry import make_stores, to_yaml
from sphinx_statestores.registry.loader import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.registry import Size

REPEATS = 7


def measure_loading(size: Size, folder: Path) -> dict[str, float]:
    """Return the seconds of a plain YAML loader and of this project's, and the ratio of the two."""
    file = folder / "state-stores.yaml"
    file.write_text(to_yaml(make_stores(size)), encoding="utf-8")
    program = [sys.executable, "-m", "benchmarks.loading", str(file)]
    found: dict[str, float] = json.loads(subprocess.run(program, check=True, capture_output=True).stdout)
    return found


def _alternate(file: str) -> dict[str, float]:
    """Load a file in both ways by turns."""

    def plainly() -> int:
        with open(file, "rb") as stream:  # noqa: PTH123 - pathlib opens the same way
            return len(yaml.load(stream, yaml.CSafeLoader)["x-state-stores"])

    def fully() -> int:
        registry, problems = load([file])
        if problems:
            raise ValueError(f"{file}: {problems[0].message}")
        return len(registry.stores)

    pairs = []
    for _ in range(REPEATS):
        (plain, few), (full, many) = _timed(plainly), _timed(fully)
        if few != many:
            raise ValueError(f"{file}: {few} stores or {many}?")
        pairs.append((plain, full))
    return {
        "plain": median(plain for plain, _ in pairs),
        "full": median(full for _, full in pairs),
        "ratio": median(full / plain for plain, full in pairs),
    }


def _timed(function: Callable[[], int]) -> tuple[float, int]:
    gc.collect()
    began = time.process_time()
    result = function()
    return time.process_time() - began, result


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_alternate(sys.argv[1])))
