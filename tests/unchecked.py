"""A reading of registries that refuses nothing: what outlets do by themselves is tested with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.registry import guide, shapes, stores

if TYPE_CHECKING:
    import pytest


def read_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let texts and names of any characters into registries that are read from here on."""
    anything, nothing = re.compile("(?s).*"), re.compile("(?!)")
    monkeypatch.setattr(shapes, "_CONTROL", nothing)
    monkeypatch.setattr(shapes, "_BREAK", nothing)
    monkeypatch.setattr(shapes, "folded", lambda text: text)
    monkeypatch.setattr(stores, "_BLANK", nothing)
    for module in (stores, guide):
        for name in ("NAME", "SERVICE_NAME"):
            monkeypatch.setattr(module, name, anything)
