"""How services and stores are spelled in other places."""

from __future__ import annotations

import pytest

from sphinx_statestores.registry.naming import constant_name, kebab_case, service_spellings


@pytest.mark.parametrize(
    ("pascal", "kebab"),
    [
        ("Auth", "auth"),
        ("CharacterEncounter", "character-encounter"),
        ("SaveLoad", "save-load"),
        ("HTTPServer", "http-server"),
        ("GameHTTPServer", "game-http-server"),
        ("ServerHTTP", "server-http"),
        ("S3Bucket", "s3-bucket"),
        ("Game2Server", "game2-server"),
        ("camelCase", "camel-case"),
        ("snake_case", "snake-case"),
        ("already-kebab", "already-kebab"),
        ("A", "a"),
        ("API", "api"),
    ],
)
def test_kebab_case(pascal: str, kebab: str) -> None:
    """A hyphen stands before each word of a PascalCase name; an abbreviation is one word."""
    assert kebab_case(pascal) == kebab


def test_all_spellings_of_a_service() -> None:
    """A service has the five spellings that page templates may use."""
    assert service_spellings("CharacterEncounter") == {
        "name": "CharacterEncounter",
        "kebab": "character-encounter",
        "kebab_upper": "CHARACTER-ENCOUNTER",
        "snake": "character_encounter",
        "lower": "characterencounter",
    }


@pytest.mark.parametrize(
    ("store", "constant"),
    [
        ("account-lock", "AccountLock"),
        ("auth-statestore", "Auth"),
        ("item-instance-store", "ItemInstanceStore"),
        ("mysql-seed-statestore", "MysqlSeed"),
        ("statestore", "Statestore"),
        ("statestore-auth", "StatestoreAuth"),
        ("auth-StateStore", "Auth"),
        ("auth_sessions.v2", "AuthSessionsV2"),
        ("authTokens", "AuthTokens"),
        ("a--b-", "AB"),
        ("3d-models", "_3dModels"),
        ("-3d", "_3d"),
        ("class", "Class"),
        ("--", "_"),
    ],
)
def test_constants(store: str, constant: str) -> None:
    """A constant is the store's words in PascalCase without a final ``Statestore``, and always an identifier."""
    assert constant_name(store) == constant
    assert constant.isidentifier()
