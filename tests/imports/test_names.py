"""Names of stores are kept as they are written, or refused; only what is around them goes."""

from __future__ import annotations

import pytest

from sphinx_statestores.imports.format import Report
from sphinx_statestores.imports.names import names_in
from sphinx_statestores.imports.synonyms import is_blank, service_name, transliterated, words_of
from sphinx_statestores.registry.shapes import NAME


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Orders_v2.main", {"Orders_v2.main": ""}),
        ("`orders`", {"orders": ""}),
        ("**`orders`**", {"orders": ""}),
        ("__orders__", {"__orders__": ""}),
        ("***orders***", {"orders": ""}),
        ("<b>orders</b><sup>2</sup>", {"orders": ""}),
        ("[`orders`](a.md) (legacy)", {"orders": "deprecated"}),
        ("orders - (Planned)", {"orders": "planned"}),
        ("<del>orders</del>", {"orders": "deprecated"}),
        ("~~orders~~ (removed)", {"orders": "removed"}),
        ("~~a, b~~", {"a": "deprecated", "b": "deprecated"}),
        ("~~a~~ ~~b~~", {}),
        ("a; b\nc", {"a": "", "b": "", "c": ""}),
        ("`a` / `b`", {"a": "", "b": ""}),
        ("a-1 and b-1", {"a-1": "", "b-1": ""}),
        ("Search and Rescue", {}),
        ("orders¹", {"orders": ""}),
        ("orders [^note]", {"orders": ""}),
        ("größe", {}),
        ("orders:main", {}),
        ("orders (Redis)", {}),
        ("—", {}),
        ("x" * 129, {}),
        ("`a" * 1500, {}),
        (["a", "b"], {"a": "", "b": ""}),
        ([], {}),
        ({"a": "b"}, {}),
    ],
)
def test_names_of_a_cell(cell: object, names: dict[str, str]) -> None:
    """A cell gives its names with the status beside each, or one problem; what goes besides is noted."""
    report = Report("x.md")
    assert names_in(cell, 3, report) == names
    assert [problem.location.line for problem in report.problems] == ([] if names else [3])
    if names and str(cell).strip("`*_") not in names and any(mark in str(cell) for mark in "(~¹^"):
        assert report.notes


@pytest.mark.parametrize("cell", ["Rate Limits", "größen-cache (Redis)", "**Order** Store"])
def test_a_refused_name_has_a_proposal(cell: str) -> None:
    """The problem with a name ends with one that a store could have."""
    report = Report("x.md")
    names_in(cell, 1, report)
    proposal = report.problems[0].message.rpartition("such as ")[2].strip("'")
    assert NAME.fullmatch(proposal)
    assert "redis" not in proposal


def test_letters_are_written_out() -> None:
    """Letters with accents become ASCII letters, composed or not; those of other scripts stay."""
    assert transliterated("Größe, Zuständig, Ärger, naïve, Łódź, Søren, e\u0301") == (
        "Groesse, Zustaendig, Aerger, naive, Lodz, Soren, e"
    )
    assert transliterated("Ключ हिन्दी 名") == "Ключ हिन्दी 名"
    assert words_of("Präfix (alt)") == "praefix-alt"
    assert words_of("हिन्दी नाम") == "हिन्दी-नाम"
    assert service_name("größen-dienst") == "GroessenDienst"


@pytest.mark.parametrize(
    "text", ["", " ", "-", "---", "\u2013", "—", "\u2212", "_", "`-`", "N/A", "none", "...", "…"]
)
def test_what_says_nothing(text: str) -> None:
    """Dashes and words for nothing are empty, in prose too."""
    assert is_blank(text)
    assert is_blank(text, is_prose=True)


def test_words_of_programs_for_nothing_are_words_in_prose() -> None:
    """``null`` is empty as a value, and a word in a purpose; a sentence with a dash is one."""
    assert is_blank("null")
    assert not is_blank("null", is_prose=True)
    assert not is_blank("- x")
