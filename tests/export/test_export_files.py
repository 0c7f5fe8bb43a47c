"""Writing a generated file in one step, and telling whether it has drifted."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from sphinx_statestores.export.files import drift, read_beginning, replace_file, write_if_different
from sphinx_statestores.registry.paths import OutsideError

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file(tmp_path: Path) -> None:
    """A file that is not there is written, with the folders above it, and nothing else is left behind."""
    path = tmp_path / "a" / "b" / "out.md"
    assert write_if_different(path, "é\n")
    assert path.read_bytes() == "é\n".encode()
    assert names(path.parent) == ["out.md"]


def test_a_different_file(tmp_path: Path) -> None:
    """A file with another content is replaced, and no temporary file is left behind."""
    path = tmp_path / "out.md"
    path.write_text("old\n")
    assert write_if_different(path, "new\n")
    assert path.read_text() == "new\n"
    assert names(tmp_path) == ["out.md"]


def test_an_equal_file(tmp_path: Path) -> None:
    """A file that holds the text is not touched: it is the same file with the same time."""
    path = tmp_path / "out.md"
    path.write_bytes(b"same\n")
    os.utime(path, ns=(1_000_000_000, 1_000_000_000))
    before = path.stat()
    assert not write_if_different(path, "same\n")
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_line_ends_are_not_changed(tmp_path: Path) -> None:
    """A new file gets the line ends that the text has, on every system."""
    path = tmp_path / "out.md"
    write_if_different(path, "a\nb\r\n")
    assert path.read_bytes() == b"a\nb\r\n"


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step fails, the old file is whole and no temporary file is left behind."""
    path = tmp_path / "out.md"
    path.write_text("old\n")

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        write_if_different(path, "new\n")
    assert path.read_text() == "old\n"
    assert names(tmp_path) == ["out.md"]


def test_the_file_is_never_half_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the whole text is written elsewhere, the old one is what a reader sees."""
    path = tmp_path / "out.md"
    path.write_text("old\n")
    seen: list[tuple[str, str]] = []
    replace = Path.replace

    def look(self: Path, target: Path) -> Path:
        seen.append((path.read_text(), self.read_text()))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", look)
    write_if_different(path, "new\n")
    assert seen == [("old\n", "new\n")]


@posix
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """A symbolic link is kept, and the file that it points to gets the text."""
    target = tmp_path / "real" / "out.md"
    target.parent.mkdir()
    target.write_text("old\n")
    link = tmp_path / "link.md"
    link.symlink_to("real/out.md")
    assert write_if_different(link, "new\n")
    assert link.is_symlink()
    assert link.readlink() == Path("real/out.md")
    assert target.read_text() == "new\n"
    assert names(tmp_path) == ["link.md", "real"]


@posix
def test_no_link_leads_out(tmp_path: Path) -> None:
    """Nothing is written, read or compared through a link that leads out of the root, wherever in the path it is."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (root, outside):
        folder.mkdir()
    (outside / "file").write_text("secret\n")
    (root / "file").symlink_to("../outside/file")
    (root / "new").symlink_to("../outside/new")
    (root / "folder").symlink_to("../outside")
    for name in ("file", "new", "folder/file", "folder/new/deep"):
        with pytest.raises(OutsideError):
            write_if_different(root / name, "new\n", root=root)
        with pytest.raises(OutsideError):
            drift(root / name, "new\n", root=root)
        with pytest.raises(OutsideError):
            read_beginning(root / name, 10, root=root)
    assert names(outside) == ["file"]
    assert (outside / "file").read_text() == "secret\n"


def test_a_new_file_grows_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a scratch folder, nothing but the whole file is ever in the folder of the file, even when it fails."""
    site, scratch = tmp_path / "site", tmp_path / "scratch"
    replace_file(site / "a", b"old", scratch=scratch)
    seen: list[list[str]] = []

    def fail(self: Path, target: Path) -> Path:
        seen.append(names(site))
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        replace_file(site / "a", b"new", scratch=scratch)
    assert seen == [["a"]]
    assert (site / "a").read_bytes() == b"old"
    assert names(scratch) == []


def test_a_scratch_folder_on_another_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file cannot be moved from the scratch folder to its place, it is written beside its place."""
    replace = Path.replace

    def only_within(self: Path, target: Path) -> Path:
        if self.parent != target.parent:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", only_within)
    replace_file(tmp_path / "site/a", b"new", scratch=tmp_path / "scratch")
    assert names(tmp_path / "site") == ["a"]
    assert names(tmp_path / "scratch") == []


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_the_mode_is_kept(tmp_path: Path, mode: int) -> None:
    """A file keeps the permissions that it had."""
    path = tmp_path / "out.md"
    path.write_text("old\n")
    path.chmod(mode)
    write_if_different(path, "new\n")
    assert path.stat().st_mode & 0o7777 == mode


@posix
def test_the_mode_of_a_new_file(tmp_path: Path) -> None:
    """A new file has the permissions that any program's would have."""
    path = tmp_path / "out.md"
    old = os.umask(0o027)
    try:
        write_if_different(path, "new\n")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o7777 == 0o640


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    """A directory in the file's place is an error, and stays."""
    with pytest.raises(OSError, match=r".+"):
        write_if_different(tmp_path, "new\n")
    assert tmp_path.is_dir()


@posix
def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    """A named pipe in the file's place neither blocks the command nor is replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    raised: list[OSError] = []

    def write() -> None:
        try:
            write_if_different(pipe, "new\n")
        except OSError as error:
            raised.append(error)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    thread.join(timeout=10)
    blocked = thread.is_alive()
    if blocked:  # let the thread go
        descriptor = os.open(pipe, os.O_WRONLY)
        os.close(descriptor)
        thread.join(timeout=10)
    assert not blocked
    assert raised
    assert pipe.is_fifo()


@posix
def test_a_device_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The null device, a usual place for output that nobody wants, is not replaced by a file."""
    replaced: list[Path] = []

    def remember(self: Path, target: Path) -> Path:
        replaced.append(Path(target))
        return target

    monkeypatch.setattr(Path, "replace", remember)
    (tmp_path / "link").symlink_to(os.devnull)
    for path in (Path(os.devnull), tmp_path / "link"):
        for write in (lambda path: write_if_different(path, "new\n"), lambda path: replace_file(path, b"new\n")):
            with pytest.raises(OSError, match="not a regular file"):
                write(path)
    assert replaced == []


def test_equal_files_have_not_drifted(tmp_path: Path) -> None:
    """An equal file gives no difference."""
    path = tmp_path / "out.md"
    path.write_bytes("é\n".encode())
    assert drift(path, "é\n") == ""


def test_a_missing_file_has_drifted(tmp_path: Path) -> None:
    """A missing file gives a difference that adds every line, and is not made."""
    path = tmp_path / "out.md"
    assert drift(path, "a\nb\n") == f"--- {path}\n+++ {path} (generated)\n@@ -0,0 +1,2 @@\n+a\n+b\n"
    assert not path.exists()


def test_a_different_file_has_drifted(tmp_path: Path) -> None:
    """A different file gives a unified diff from the file to the text, and stays as it is."""
    path = tmp_path / "out.md"
    path.write_text("a\nold\nc\n")
    assert drift(path, "a\nnew\nc\n").split("\n")[2:] == ["@@ -1,3 +1,3 @@", " a", "-old", "+new", " c", ""]
    assert path.read_text() == "a\nold\nc\n"


def test_a_missing_line_end_is_shown(tmp_path: Path) -> None:
    """A last line without a line end is marked as ``diff`` does, so that the two lines differ to the eye."""
    path = tmp_path / "out.md"
    path.write_text("a")
    assert drift(path, "a\n").endswith("-a\n\\ No newline at end of file\n+a\n")


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("text", ["é\nb\n", "é\nb", "\n", "é\r\nb\r\n", "é\rb\r", "é\n\r\n"])
def test_files_that_differ_in_line_ends_only(tmp_path: Path, text: str, line_end: str) -> None:
    """A file with one kind of line ends has not drifted and is not written, whatever ends the lines of the text."""
    path = tmp_path / "out.md"
    path.write_bytes(text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", line_end).encode())
    os.utime(path, ns=(1_000_000_000, 1_000_000_000))
    assert drift(path, text) == ""
    assert not write_if_different(path, text)
    assert path.stat().st_mtime_ns == 1_000_000_000


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_are_kept(tmp_path: Path, line_end: str) -> None:
    """A file that is replaced keeps its one kind of line ends, and the diff is what is written: each changed line."""
    path = tmp_path / "out.md"
    path.write_bytes(f"a{line_end}b{line_end}c{line_end}".encode())
    if line_end != "\r":  # which a diff does not take for the end of a line
        body = ["@@ -1,3 +1,3 @@\n", f" a{line_end}", f"-b{line_end}", f"+B{line_end}", f" c{line_end}"]
        assert drift(path, "a\nB\nc\n") == f"--- {path}\n+++ {path} (generated)\n{''.join(body)}"
    assert write_if_different(path, "a\nB\nc\n")
    assert path.read_bytes() == f"a{line_end}B{line_end}c{line_end}".encode()


def test_a_file_of_mixed_line_ends(tmp_path: Path) -> None:
    """A file with several kinds of line ends has drifted, and is written with those of the text."""
    path = tmp_path / "out.md"
    for data in (b"a\r\nb\n", b"a\rb\r\n", b"a\nb\r"):
        path.write_bytes(data)
        assert drift(path, "a\nb\n")
        assert write_if_different(path, "a\nb\n")
        assert path.read_bytes() == b"a\nb\n"


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfa\nb\n", b"a\rb\n", b"a\r\nb"])
def test_files_that_differ_in_bytes_only(tmp_path: Path, data: bytes) -> None:
    """A file whose byte order mark, last line end or mixed line ends differ has drifted."""
    path = tmp_path / "out.md"
    path.write_bytes(data)
    found = drift(path, "a\nb\n")
    assert found.startswith(f"--- {path}\n+++ {path} (generated)\n")
    assert found.endswith("\n")
    assert path.read_bytes() == data


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are no text, and look like the text once replaced, are still a difference."""
    path = tmp_path / "out.md"
    path.write_bytes(b"\xff\n")
    assert "the bytes differ" in drift(path, "\ufffd\n")
    assert "+a\n" in drift(path, "a\n")


def test_drift_of_a_directory(tmp_path: Path) -> None:
    """A directory in the file's place is an error, not a difference."""
    with pytest.raises(OSError, match=r".+"):
        drift(tmp_path, "a\n")
