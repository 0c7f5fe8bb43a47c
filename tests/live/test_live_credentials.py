"""Users and passwords of servers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.live.addresses import Address, read_address
from sphinx_statestores.live.credentials import Credentials, credentials_for, read_credentials
from sphinx_statestores.live.faults import ServerError

if TYPE_CHECKING:
    from pathlib import Path

#: A password that no message may have.
SECRET = "Secr3t"  # noqa: S105 - of no server
SECTIONS = {
    "redis": Credentials("r", "1"),
    "valkey": Credentials(None, "2"),
    "redis://b:6379": Credentials("b", "3"),
}


def written(folder: Path, text: str | bytes, mode: int = 0o600) -> Path:
    """Write a file of credentials."""
    path = folder / "credentials.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("redis://a", Credentials("r", "1")),
        ("valkey=redis://a", Credentials(None, "2")),
        ("valkey=redis://b", Credentials("b", "3")),
        ("keydb=redis://a", Credentials("r", "1")),
    ],
)
def test_the_section_of_a_server(address: str, found: Credentials) -> None:
    """The section of an address comes before that of its backend, and this one before that of the protocol."""
    assert credentials_for(read_address(address, "redis"), SECTIONS, {"STATESTORES_REDIS_PASSWORD": "x"}) == found


def test_the_environment() -> None:
    """Without a section, the environment has the credentials of the backend, or of the protocol; or nothing has."""
    environment = {
        "STATESTORES_MYSQL_USERNAME": "u",
        "STATESTORES_MYSQL_PASSWORD": "p",
        "STATESTORES_MY_DB_PASSWORD": "q",
        "STATESTORES_REDIS_PASSWORD": "",
    }
    assert credentials_for(Address("mysql"), SECTIONS, environment) == Credentials("u", "p")
    assert credentials_for(Address("mysql", ("my-db",)), SECTIONS, environment) == Credentials(None, "q")
    assert credentials_for(Address("redis"), {}, environment) == Credentials()


def test_a_file(tmp_path: Path) -> None:
    """A file has a section for each server, in which user or password may be missing."""
    path = written(tmp_path, '[redis]\npassword = "p"\n["redis://b:6379"]\nusername = "ü"\npassword = "q"\n')
    assert read_credentials(path) == {"redis": Credentials(None, "p"), "redis://b:6379": Credentials("ü", "q")}


@pytest.mark.skipif(os.name != "posix", reason="these are permissions of POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o777])
def test_a_file_that_others_may_read(tmp_path: Path, mode: int) -> None:
    """A file that others may read or write is not used."""
    with pytest.raises(ServerError, match=r"others may read it.*chmod 600"):
        read_credentials(written(tmp_path, "[redis]\n", mode))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"[redis]\npassword = {SECRET}", "not TOML: line 2, column 12"),
        (f'[redis]\npassword = "{SECRET}', "not TOML"),
        (f'[redis]\n{SECRET} = ""', "write sections such as"),
        (f"[redis]\n{SECRET} = 1\n{SECRET} = 1", "not TOML"),
        (f'{SECRET} = ""', "write sections such as"),
        ("[redis]\npassword = 7", "write sections such as"),
        (b"[redis]\npassword = '\xff'", "not UTF-8"),
        (f"# {SECRET}\n" * 200_000, "larger than"),
    ],
)
def test_a_wrong_file(tmp_path: Path, text: str | bytes, message: str) -> None:
    """What is wrong with a file is said without anything of its content."""
    with pytest.raises(ServerError, match=message) as caught:
        read_credentials(written(tmp_path, text))
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_what_is_no_file(tmp_path: Path) -> None:
    """A missing file, a folder and a pipe are refused; nothing waits for the other end of a pipe."""
    with pytest.raises(ServerError, match="No such file"):
        read_credentials(tmp_path / SECRET)
    with pytest.raises(ServerError):
        read_credentials(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ServerError, match="not a regular file"):
        read_credentials(tmp_path / "pipe")


def test_credentials_in_text() -> None:
    """Credentials that become part of a text by mistake show nothing."""
    assert SECRET not in f"{Credentials(SECRET, SECRET)} {Credentials(SECRET, SECRET)!r} {[Credentials(SECRET)]}"
