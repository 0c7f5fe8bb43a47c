"""Files -> text: what is refused, and that nothing blocks."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from sphinx_statestores.registry.problems import Kind, Problem
from sphinx_statestores.registry.source import SourceText, decode_source, read_source, size_in_bytes

if TYPE_CHECKING:
    from pathlib import Path


def refused(found: SourceText | Problem) -> Problem:
    assert isinstance(found, Problem)
    assert found.kind is Kind.UNREADABLE_FILE
    return found


def test_a_file_is_read(tmp_path: Path) -> None:
    """A regular file gives its text under the path as it was given."""
    path = tmp_path / "a.yaml"
    path.write_bytes("é: 1\n".encode())
    found = read_source(path)
    assert isinstance(found, SourceText)
    assert (found.path, found.text) == (str(path), "é: 1\n")


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there is a problem of the file as a whole."""
    problem = refused(read_source(tmp_path / "none.yaml"))
    assert str(problem) == f"{tmp_path / 'none.yaml'}: error: there is no such file [unreadable_file]"


def test_a_directory(tmp_path: Path) -> None:
    """A directory is a problem, not an exception."""
    assert "directory" in refused(read_source(tmp_path)).message


def test_a_path_below_a_file(tmp_path: Path) -> None:
    """A path that goes through a file is a problem, not an exception."""
    (tmp_path / "a.yaml").write_text("a: 1\n")
    refused(read_source(tmp_path / "a.yaml" / "b.yaml"))


def test_a_path_that_no_system_accepts() -> None:
    """A path with a null character is a problem, not an exception."""
    refused(read_source("a\0b"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_does_not_block(tmp_path: Path) -> None:
    """A named pipe without a writer is refused at once instead of being waited for."""
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    found: list[SourceText | Problem] = []
    thread = threading.Thread(target=lambda: found.append(read_source(pipe)), daemon=True)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert "regular file" in refused(found[0]).message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_not_emptied(tmp_path: Path) -> None:
    """What another program wrote into a pipe is still there after the pipe was refused."""
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    descriptor = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    try:
        os.write(descriptor, b"a: 1\n")
        refused(read_source(pipe))
        assert os.read(descriptor, 100) == b"a: 1\n"
    finally:
        os.close(descriptor)


def test_the_size_limit(tmp_path: Path) -> None:
    """A file of exactly the limit is read; one byte more is refused."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 12\n")
    assert isinstance(read_source(path, size_limit=6), SourceText)
    assert "larger than the limit of 5 bytes" in refused(read_source(path, size_limit=5)).message


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    """Whatever becomes of a file, its descriptor is closed again."""
    (tmp_path / "a.yaml").write_text("a: 1\n")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    for path in sorted(tmp_path.iterdir()):
        read_source(path)
        read_source(path, size_limit=1)
    again = os.open(os.devnull, os.O_RDONLY)
    os.close(again)
    assert again == free


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(encoding: str) -> None:
    """A file in UTF-16 is refused with the name of its encoding, and with what to do."""
    mark = b"" if encoding == "utf-16" else "\ufeff".encode(encoding)
    message = refused(decode_source("f.yaml", mark + "a: 1\n".encode(encoding))).message
    assert "UTF-16" in message
    assert message.endswith(": save it as UTF-8")


def test_a_bad_byte_has_a_line_and_a_column() -> None:
    """The first byte that is not UTF-8 is named, with its line and its column in characters."""
    problem = refused(decode_source("f.yaml", "a: 1\n漢é: ".encode() + b"\xe9\n\xff"))
    assert problem.message == "the byte 0xe9 is not valid UTF-8: save the file as UTF-8"
    assert str(problem.location) == "f.yaml:2:5"


def test_a_bad_first_byte() -> None:
    """A bad byte at the very beginning stands at line 1, column 1."""
    assert str(refused(decode_source("f.yaml", b"\x80")).location) == "f.yaml:1:1"


def test_a_byte_order_mark_is_no_text() -> None:
    """The byte order mark of a UTF-8 file is not part of its text, and moves no column."""
    found = decode_source("f.yaml", b"\xef\xbb\xbfa: 1\n")
    assert isinstance(found, SourceText)
    assert found.text == "a: 1\n"


def test_a_bad_byte_after_a_byte_order_mark() -> None:
    """After a byte order mark the bad byte is still named rightly, and the mark counts as no column."""
    problem = refused(decode_source("f.yaml", b"\xef\xbb\xbfab\xff\n"))
    assert "0xff" in problem.message
    assert str(problem.location) == "f.yaml:1:3"


def test_the_digest_is_that_of_the_bytes() -> None:
    """Equal bytes have equal digests, different ones do not, even where the text is the same."""

    def digest(data: bytes) -> str:
        found = decode_source("f.yaml", data)
        assert isinstance(found, SourceText)
        return found.digest

    assert digest(b"a: 1\n") == digest(b"a: 1\n")
    assert len({digest(b"a: 1\n"), digest(b"a: 2\n"), digest(b"\xef\xbb\xbfa: 1\n"), digest(b"a: 1\r\n")}) == 4


def test_a_file_that_is_smaller_than_the_limit_takes_no_more_memory(tmp_path: Path) -> None:
    """A limit beyond all memory is only a limit."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\n")
    assert isinstance(read_source(path, size_limit=1 << 60), SourceText)


@pytest.mark.skipif(os.name != "posix", reason="needs links")
def test_links(tmp_path: Path) -> None:
    """A link to a file is followed; one to itself or to nothing is a problem that says so."""
    (tmp_path / "a.yaml").write_text("a: 1\n")
    for name, target in {"good": "a.yaml", "loop": "loop", "lost": "nowhere"}.items():
        (tmp_path / name).symlink_to(target)
    assert isinstance(read_source(tmp_path / "good"), SourceText)
    assert "a link to itself" in refused(read_source(tmp_path / "loop")).message
    assert "target does not exist" in refused(read_source(tmp_path / "lost")).message


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs devices")  # noqa: PTH110 - no path of ours
def test_a_device() -> None:
    """A device is refused, and not read without end."""
    assert "regular file" in refused(read_source("/dev/zero")).message


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_is_named(encoding: str) -> None:
    """A file in UTF-32 is refused with the name of its encoding."""
    assert "UTF-32" in refused(decode_source("f.yaml", "a: 1\n".encode(encoding))).message


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_named(encoding: str) -> None:
    """A file in UTF-16 is known by its first characters, as YAML is always known."""
    assert "UTF-16" in refused(decode_source("f.yaml", "a: 1\n".encode(encoding))).message


@pytest.mark.parametrize(("mib", "size"), [(64, 64 << 20), (0.5, 1 << 19), (0.000001, 1)])
def test_sizes(mib: float, size: int) -> None:
    """A limit in MiB is one in bytes."""
    assert size_in_bytes(mib) == size


@pytest.mark.parametrize("mib", [0, -1, float("nan"), float("inf"), 1e30])
def test_sizes_that_are_none(mib: float) -> None:
    """What cannot be the size of a file is refused."""
    with pytest.raises(ValueError, match="not a valid size"):
        size_in_bytes(mib)
