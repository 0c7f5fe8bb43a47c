"""What finding the stores of a long YAML file costs."""

from __future__ import annotations

from work import counted_calls

from sphinx_statestores.imports import importer_called
from sphinx_statestores.imports.format import ImportOptions
from sphinx_statestores.registry.source import SourceText


def test_texts_and_other_entries_beside_stores() -> None:
    """Twenty times as many entries take not much more than twenty times as many calls."""
    read = importer_called("yaml").read
    numbers = []
    for size in (50, 1000):
        text = "a: {stores: {q: {backend: redis, service: A}}}\n"
        text += "".join(f"s{number}: {{stores: [text]}}\nt{number}: 5\n" for number in range(size))
        with counted_calls(builtins=True) as calls:
            read(SourceText("stores.yaml", text, ""), ImportOptions())
        numbers.append(calls[0])
    assert numbers[1] < 25 * numbers[0]
