"""Near names: for the typos that people make, and at a bounded cost for any number of wrong words."""

from __future__ import annotations

import random
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from work import counted_calls

from sphinx_statestores.registry import suggest
from sphinx_statestores.registry.loader import load
from sphinx_statestores.registry.suggest import Suggestions, did_you_mean, near

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

ROOT = Path(__file__).resolve().parents[2]
REGISTRY, _ = load([ROOT / "schemas" / "state-stores.yaml"])
LETTERS = "abcdefghijklmnopqrstuvwxyz-"

#: What somebody wrote, and what was meant.
TYPOS = [
    ("auth-statstore", "auth-statestore"),
    ("auth-statestroe", "auth-statestore"),
    ("uath-statestore", "auth-statestore"),
    ("auth-sstatestore", "auth-statestore"),
    ("auth-statestores", "auth-statestore"),
    ("auth_statestore", "auth-statestore"),
    ("auth.statestore", "auth-statestore"),
    ("auth statestore", "auth-statestore"),
    ("authstatestore", "auth-statestore"),
    ("AUTH-STATESTORE", "auth-statestore"),
    ("AuthStatestore", "auth-statestore"),
    ("auth-state-store", "auth-statestore"),
    ("auth-store", "auth-statestore"),
    ("auht-satestore", "auth-statestore"),
    ("edge-revocation", "edge-revocation-statestore"),
    ("edge-revocaton-statestore", "edge-revocation-statestore"),
    ("character-encuonter-statestore", "character-encounter-statestore"),
]


def big_names(number: int) -> tuple[str, ...]:
    """Names that are made of the words of this repository's names."""
    chosen = random.Random(1)
    words = sorted({word for name in REGISTRY.names for word in name.split("-")} - {"statestore"})
    names: dict[str, None] = {}
    while len(names) < number:
        names["-".join((*chosen.sample(words, chosen.choice((2, 3))), chosen.choice(("statestore", "lock"))))] = None
    return tuple(sorted(names))


def is_indexed(suggestions: Suggestions, known: Collection[str]) -> bool:
    return suggestions._names[id(known)].index is not None


def indexed(known: Collection[str]) -> Suggestions:
    """Suggestions that have been asked for so many words that they have an index of the known ones."""
    suggestions = Suggestions()
    for word in ("none-of-them", "nor-this-one"):
        suggestions.near(word, known)
    assert is_indexed(suggestions, known)
    return suggestions


FINDERS: dict[str, Callable[[str, Collection[str]], list[str]]] = {
    "compared with all": near,
    "first word": lambda word, known: Suggestions().near(word, known),
    "with an index": lambda word, known: indexed(known).near(word, known),
}


@pytest.mark.parametrize("find", FINDERS.values(), ids=FINDERS)
@pytest.mark.parametrize(("typo", "meant"), TYPOS)
def test_usual_typos(typo: str, meant: str, find: Callable[[str, Collection[str]], list[str]]) -> None:
    """Of the names of this repository, the first one that is suggested is the one that was meant."""
    assert find(typo, REGISTRY.names)[0] == meant


def mistyped(name: str, chosen: random.Random) -> str:
    """Return a name with one mistake."""
    place = chosen.randrange(len(name) - 1)
    before, here, after, rest = name[:place], name[place], name[place + 1], name[place + 2 :]
    return chosen.choice(
        [
            before + after + here + rest,
            before + after + rest,
            before + here + here + after + rest,
            before + chosen.choice(LETTERS) + after + rest,
            name.replace("-", "_"),
            name.upper(),
            "".join(word.title() for word in name.split("-")),
        ]
    )


def as_difflib(word: str, known: Sequence[str]) -> list[str]:
    """Compare a word with all names by difflib alone."""
    return get_close_matches(word.lower(), known, n=3, cutoff=0.6)


def test_an_index_finds_what_difflib_finds() -> None:
    """For random typos in the names of this repository, an index suggests what difflib does, in the same order."""
    chosen = random.Random(7)
    suggestions = indexed(REGISTRY.names)
    typos = [mistyped(chosen.choice(REGISTRY.names), chosen) for _ in range(120)]
    wrong = [word for word in typos if word not in REGISTRY.by_name]
    pairs = [(suggestions.near(word, REGISTRY.names), as_difflib(word, REGISTRY.names)) for word in wrong]
    assert len(pairs) > 100
    assert all(found[0] == expected[0] for found, expected in pairs)
    assert sum(found == expected for found, expected in pairs) >= 0.98 * len(pairs)


def test_an_index_of_very_many_names() -> None:
    """Among thousands of names that are alike, a typo in any of them leads to it."""
    names = big_names(4000)
    chosen = random.Random(3)
    suggestions = indexed(names)
    meant = [chosen.choice(names) for _ in range(100)]
    assert sum(name in suggestions.near(mistyped(name, chosen), names) for name in meant) >= 97


def comparisons(words: Sequence[str], known: Collection[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many names are compared with words."""
    number = 0
    count = suggest._in_common

    def counted(size: int, masks: dict[str, int], other: str) -> int:
        nonlocal number
        number += 1
        return count(size, masks, other)

    monkeypatch.setattr(suggest, "_in_common", counted)
    suggestions = Suggestions()
    for word in words:
        suggestions.near(word, known)
    monkeypatch.undo()
    return number


def test_comparisons_hardly_grow_with_the_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wrong word but the first is compared with few names, whether there are a thousand or four thousand."""
    words = [f"auth-{number}-statstore" for number in range(41)]
    for number in (1000, 4000):
        assert comparisons(words, big_names(number), monkeypatch) <= number + 40 * 50


def test_very_many_wrong_words_cost_no_more() -> None:
    """When the budget is used up, more wrong words are looked for no more, and those that were are still known."""
    names = big_names(1000)
    suggestions = Suggestions()
    first = suggestions.near("auth-lokc", names)
    for number in range(3000):
        suggestions.near(f"auth-{number}-statstore", names)
    with counted_calls() as calls:
        assert not any(suggestions.near(f"edge-{number}-statstore", names) for number in range(1000))
    assert calls[0] < 3 * 1000
    assert first
    assert suggestions.near("auth-lokc", names) == first


def test_the_same_word_costs_nothing_more() -> None:
    """Who asks for a word a second time gets the same names at once."""
    names = big_names(1000)
    suggestions = Suggestions()
    found = suggestions.near("auth-statstore", names)
    with counted_calls() as calls:
        assert suggestions.near("auth-statstore", names) == found
    assert calls[0] < 5


def test_equal_names_of_other_collections() -> None:
    """Collections that come and go are told apart, also where Python uses the place of one for the next."""
    suggestions = Suggestions()
    found = [suggestions.near("auth", [f"auth{number}"]) for number in range(100)]
    assert found == [[f"auth{number}"] for number in range(100)]


@pytest.mark.parametrize("find", FINDERS.values(), ids=FINDERS)
def test_words_that_are_no_names(find: Callable[[str, Collection[str]], list[str]]) -> None:
    """Nothing, and what is much longer than any name, is near to no name, and costs next to nothing."""
    known = [*REGISTRY.names, "", "a" * 2_000_000]
    for word in ("", "a" * 1_000_000, "auth-statestore" * 1000):
        assert find(word, known) == []


def test_the_cost_of_hostile_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long words of two letters, for which difflib takes longest, use the budget up before they take long."""
    chosen = random.Random(5)
    words = ["".join(chosen.choices("ab", k=128)) for _ in range(200)]
    number = 0

    def counted(matcher: SequenceMatcher[str]) -> float:
        nonlocal number
        number += 1
        return 0.7

    monkeypatch.setattr(SequenceMatcher, "ratio", counted)
    suggestions = Suggestions()
    found = [suggestions.near(word, words) for word in [f"{word[1:]}c" for word in words]]
    assert found[0]
    assert not found[-1]
    assert number < 200


def test_a_suggestion_is_short() -> None:
    """However many names are alike, and however long they are, few are named."""
    known = ["".join(letter.upper() if number >> place & 1 else letter for place, letter in enumerate("abcdefghij"))
             for number in range(1024)]  # fmt: skip
    assert len(Suggestions().did_you_mean("abcdefghi", known)) < 80
    assert len(did_you_mean("abcdefghi", known)) < 80
