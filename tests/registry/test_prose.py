"""The prose of a registry: which texts it has, where they are, and a registry in another language."""

from __future__ import annotations

from gettext import NullTranslations
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.prose import texts, translated, translation
from sphinx_statestores.registry.source import SourceText, decode_source

if TYPE_CHECKING:
    from sphinx_statestores.registry.model import Registry

STORES = """\
x-state-stores:
  quest-statestore: {backend: mysql, service: Quest, purpose: Quests, tags: [quests], x-team: Questers}
  auth-statestore:
    backend: redis
    prefix: auth
    service: Auth
    purpose: >-
      Sessions of `auth-lock`
      and  others
    keys:
      - {pattern: 'a:{id}', type: hash, ttl: one day, purpose: Quests}
      - {pattern: 'b:{id}'}
  auth-empty: {backend: memory, service: Auth, purpose: ''}
x-services: {Quest: Tasks, Auth: {title: Auth}}
"""
GUIDE = """\
x-naming-conventions: [{pattern: '{service}-{feature}', description: A feature}, {pattern: x}]
x-backend-guide: [{useCase: Caches, backend: redis, rationale: Fast}]
x-deployments: [{title: Small, note: "One.\\nTwo.\\n", stores: {auth-statestore: host}}]
x-generated-code: {path: a.cs}
x-reference:
  project: us
  deployments: |
    In two
    lines.
  closing: {label: More, text: on it, href: https://example.org}
"""


def loaded(**files: str) -> Registry:
    """The registry of some files."""
    sources = [decode_source(f"{name}.yaml", text.encode()) for name, text in files.items()]
    assert all(isinstance(source, SourceText) for source in sources)
    return load_sources(sources)[0]


class Loud(NullTranslations):
    """Translates each text to capital letters, and records it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def gettext(self, message: str) -> str:
        """Return the message in capital letters."""
        self.asked.append(message)
        return message.upper()


class Fixed(NullTranslations):
    """Translates each text to the same one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def gettext(self, message: str) -> str:
        """Return the text."""
        return self.text


def test_texts_and_their_places() -> None:
    """Each text is there with the line of its value, in the order of the files; names and tags are no texts."""
    found = [(text, location.path, location.line) for text, location in texts(loaded(b=STORES, a=GUIDE))]
    assert found == [
        ("Quests", "b.yaml", 2),
        ("Team", "b.yaml", 2),
        ("Sessions of `auth-lock` and others", "b.yaml", 7),
        ("Quests", "b.yaml", 11),
        ("Tasks", "b.yaml", 14),
        ("A feature", "a.yaml", 1),
        ("Caches", "a.yaml", 2),
        ("Fast", "a.yaml", 2),
        ("Small", "a.yaml", 3),
        ("One.\nTwo.", "a.yaml", 3),
        ("us", "a.yaml", 6),
        ("In two lines.", "a.yaml", 7),
        ("More", "a.yaml", 10),
        ("on it", "a.yaml", 10),
    ]


def test_a_registry_in_another_language() -> None:
    """The texts are those of the translations, and all else is as it was, places too."""
    before = loaded(b=STORES, a=GUIDE)
    loud = Loud()
    after = translated(before, loud)
    assert {*loud.asked, "Team"} == {text for text, _ in texts(before)}
    store = after.by_name["auth-statestore"]
    assert store.purpose == "SESSIONS OF `AUTH-LOCK` AND OTHERS"
    assert [key.purpose for key in store.keys] == ["QUESTS", ""]
    assert after.service_title("Quest") == "TASKS"
    assert after.service_title("Auth") == "Auth"
    assert after.guide.deployments[0].note == "ONE.\nTWO."
    assert [(text.lower(), location) for text, location in texts(after)] == [
        (text.lower(), location) for text, location in texts(before)
    ]
    same = [store._replace(purpose="", keys=()) for store in before.stores]
    assert [store._replace(purpose="", keys=()) for store in after.stores] == same
    assert (after.backends, after.files, after.guide.generated_code) == (
        before.backends,
        before.files,
        before.guide.generated_code,
    )


def test_the_default_guide_is_not_of_the_registry() -> None:
    """Conventions and guide that no file defines stay equal to the defaults, which the extension translates."""
    before = loaded(b=STORES)
    assert translated(before, Loud()).guide == before.guide


@pytest.mark.parametrize(
    ("found", "line", "lines"),
    [
        ("a\nb\n", "a b", "a\nb"),
        ("a\x00\u2028`b", "a\ufffd `b", "a\ufffd\n`b"),
        ("  a  ", "a", "  a  "),
        ("\n \t", None, None),
        ("", None, None),
    ],
)
def test_translations_are_texts_of_a_registry(found: str, line: str | None, lines: str | None) -> None:
    """What is one line remains one, nothing has control characters, and a blank translation is none."""
    before = loaded(a=GUIDE)
    example = translated(before, Fixed(found)).guide.deployments[0]
    assert example.title == (before.guide.deployments[0].title if line is None else line)
    assert example.note == (before.guide.deployments[0].note if lines is None else lines)
    assert translation("Small", Fixed(found)) == ("Small" if line is None else line)


def test_a_text_without_a_translation_is_as_it_was() -> None:
    """The blanks of a text that no catalogue translates stay."""
    before = loaded(b=STORES.replace("purpose: Quests}", "purpose: 'a  b'}"))
    assert translated(before, NullTranslations()) == before
