"""Which files a template may be made of: those below its folder, with plain names, and never through a link out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sphinx_statestores.export.format import ExportError
from sphinx_statestores.export.template_files import TemplateFileError, find_included, find_template, read_template

posix = pytest.mark.skipif(os.name != "posix", reason="needs symbolic links and named pipes")

#: Names that are hidden, or that some system reads as another.
ODD = [
    ".hidden",
    ".git",
    ".GIT",
    ".git.",
    ".git ",
    ".env",
    ".npmrc",
    "git~1",
    "GIT~1",
    "GIT~12",
    "NETRC~1.TXT",
    "name.",
    "name ",
    "name:stream",
    "C:",
    "a\\b",
    "a\nb",
    "a\0b",
    "\u200c.git",
    ".g\u200cit",
    "a\u202eb",
    "a\udcffb",
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a repository with a template, and a secret beside it."""
    folder = tmp_path / "repository"
    for name in ("tools/parts/deep", ".git", ".github", "tools/.hidden", "other"):
        (folder / name).mkdir(parents=True)
    for name in (
        "tools/t.jinja",
        "tools/parts/deep/p.jinja",
        "tools/.env",
        "tools/.hidden/h.jinja",
        "other/o.jinja",
        ".git/config",
        ".github/g.jinja",
        "root.jinja",
        "../secret.jinja",
    ):
        (folder / name).write_text("x", encoding="utf-8")
    return folder


def real(path: Path) -> bytes:
    """Return a path as the system has it, links resolved."""
    return os.fsencode(os.path.realpath(path))


def refusal(path: Path, root: Path | None) -> str:
    """Return why a path is no template, without the path."""
    with pytest.raises(ExportError) as raised:
        find_template(path, root)
    assert str(raised.value).isprintable()
    return str(raised.value).rpartition(": ")[2]


@pytest.mark.parametrize(
    "name", ["tools/t.jinja", "schemas/../tools/t.jinja", "tools/parts/deep/p.jinja", "root.jinja"]
)
def test_templates_of_a_repository(root: Path, name: str) -> None:
    """A registry may name each plain file of its repository."""
    (root / "schemas").mkdir()
    found = find_template(root / name, root)
    assert found.path == os.fsencode(os.path.realpath(root / name))
    assert found.folder == os.path.dirname(found.path)  # noqa: PTH120 - both are bytes
    assert read_template(os.fsdecode(found.path), 10) == "x"


@pytest.mark.parametrize(
    "name", ["../secret.jinja", "tools/../../secret.jinja", "../none.jinja", "/etc/passwd", "/none"]
)
def test_templates_from_elsewhere(root: Path, name: str) -> None:
    """A registry may name no other file, and is not told whether there is one."""
    assert refusal(root / name, root) == "the template is outside the repository"


@pytest.mark.parametrize(
    "name", [".git/config", ".github/g.jinja", "tools/.env", "tools/.hidden/h.jinja", "tools/../.git/config"]
)
def test_hidden_templates(root: Path, name: str) -> None:
    """A registry may name no hidden file, and none in a hidden folder."""
    assert refusal(root / name, root).startswith("the template is hidden in the repository")


@pytest.mark.parametrize("name", ODD)
def test_odd_names_of_templates(root: Path, name: str) -> None:
    """A registry may name no file that some system reads as another one, whether it is there or not."""
    try:
        (root / "tools" / name).mkdir(exist_ok=True)
        (root / "tools" / name / "t.jinja").write_text("x", encoding="utf-8")
    except (OSError, ValueError):
        pass
    assert refusal(root / "tools" / name / "t.jinja", root)


@posix
@pytest.mark.parametrize(
    ("link", "target", "name"),
    [
        ("tools/link", "../../secret.jinja", "tools/link"),
        ("tools/link", "/proc/self/environ", "tools/link"),
        ("tools/link", "/none", "tools/link"),
        ("tools/link", "/etc", "tools/link/passwd"),
        ("tools/link", "../..", "tools/link/secret.jinja"),
        ("tools/link", "../.git", "tools/link/config"),
        ("tools/link", "../.git/config", "tools/link"),
        ("tools/link", ".env", "tools/link"),
        ("tools/.dots", "parts", "tools/.dots/deep/p.jinja"),
    ],
)
def test_links_of_templates(root: Path, link: str, target: str, name: str) -> None:
    """What a link leads to is what counts: it has to be in the repository, and not hidden there."""
    (root / link).symlink_to(target)
    if link == "tools/.dots":
        assert find_template(root / name, root).path == real(root / "tools/parts/deep/p.jinja")
    else:
        assert refusal(root / name, root)


@posix
def test_a_chain_of_links(root: Path) -> None:
    """Links are followed to their end, those of folders too, before anything is said of them."""
    (root / "one").symlink_to("two")
    (root / "two").symlink_to("tools")
    (root / "three").symlink_to("one/parts/four")
    (root / "tools/parts/four").symlink_to("../../../secret.jinja")
    assert find_template(root / "one/t.jinja", root).folder == real(root / "tools")
    assert refusal(root / "three", root) == "the template is outside the repository"


@posix
def test_a_template_that_a_person_names(root: Path) -> None:
    """Without a root the path is taken as it is, a link or a hidden one too; its folder is where it was named."""
    (root / "tools/link.jinja").symlink_to("../../secret.jinja")
    found = find_template(root / "tools/link.jinja", None)
    assert (found.path, found.folder) == (
        real(root.parent / "secret.jinja"),
        real(root / "tools"),
    )
    assert find_template(root / "tools/.env", None).path == real(root / "tools/.env")


@posix
@pytest.mark.parametrize("root_of", [True, False])
def test_paths_that_cannot_be_asked_about(root: Path, root_of: bool) -> None:
    """A loop of links, a path that is too long or one with a NUL is an error with its path and no traceback."""
    within = root if root_of else None
    (root / "loop").symlink_to("pool")
    (root / "pool").symlink_to("loop")
    assert refusal(root / "loop", within) == "it is a link to itself"
    assert refusal(root / "loop/a", within) == "it is a link to itself"
    assert refusal(root / ("x" * 300), within) == "File name too long"
    assert refusal(root / ("x/" * 3000), within)
    assert refusal(root / "a\0b", within) == "there is no such file"
    assert refusal(root / "tools/t.jinja/x", within) == "Not a directory"


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_folder(root: Path) -> None:
    """A folder that may not be searched is an error with its path."""
    (root / "tools").chmod(0)
    try:
        assert refusal(root / "tools/t.jinja", root) == "Permission denied"
    finally:
        (root / "tools").chmod(0o700)


@pytest.mark.parametrize("name", ["t.jinja", "parts/deep/p.jinja"])
def test_includes(root: Path, name: str) -> None:
    """A template may include what is in its folder and below."""
    folder = os.path.realpath(root / "tools")
    assert find_included(folder, name) == os.path.realpath(root / "tools" / name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "/",
        "./t.jinja",
        "../root.jinja",
        "parts/../t.jinja",
        "parts/../../root.jinja",
        "parts//deep/p.jinja",
        "parts/",
        "/etc/passwd",
        "//etc/passwd",
        "C:/t.jinja",
        "C:t.jinja",
        "\\\\host\\share",
        "parts\\deep\\p.jinja",
        ".hidden/h.jinja",
        *ODD,
        *(f"{name}/t.jinja" for name in ODD),
        *(f"parts/{name}" for name in ODD),
    ],
)
def test_names_that_are_never_included(root: Path, name: str) -> None:
    """A name that is no plain path below the folder is refused before anything is looked at, even if it is there."""
    with pytest.raises(TemplateFileError, match=r"^cannot be included: "):
        find_included(os.path.realpath(root / "tools"), name)


@pytest.mark.parametrize("name", ["none.jinja", "none/none.jinja"])
def test_includes_that_are_not_there(root: Path, name: str) -> None:
    """A plain name of nothing is a template that there is not."""
    with pytest.raises(FileNotFoundError):
        find_included(os.path.realpath(root / "tools"), name)


@posix
@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("/proc/self/environ", "link"),
        ("/etc", "link/passwd"),
        ("/none", "link"),
        ("../root.jinja", "link"),
        ("..", "link/root.jinja"),
        ("../../secret.jinja", "link"),
        ("../.git/config", "link"),
        (".env", "link"),
        (".hidden", "link/h.jinja"),
        ("parts/out", "link"),
        ("loop", "loop"),
    ],
)
def test_links_that_are_never_included(root: Path, target: str, name: str) -> None:
    """No link leads out of the folder, or to what is hidden in it."""
    (root / "tools/parts/out").symlink_to("../../../secret.jinja")
    (root / "tools" / name.partition("/")[0]).symlink_to(target)
    with pytest.raises(TemplateFileError, match=r"^is outside |^is hidden in|^cannot be read: "):
        find_included(os.path.realpath(root / "tools"), name)


@posix
def test_links_that_are_included(root: Path) -> None:
    """A link within the folder is an ordinary name."""
    (root / "tools/link").symlink_to("parts")
    folder = os.path.realpath(root / "tools")
    assert find_included(folder, "link/deep/p.jinja") == os.path.realpath(root / "tools/parts/deep/p.jinja")


@posix
def test_what_is_no_file(root: Path) -> None:
    """A named pipe, a device, a folder and a link are not read, and nothing waits for them."""
    os.mkfifo(root / "pipe")
    (root / "link").symlink_to("root.jinja")
    for path, message in (
        (root / "pipe", "is not a regular file"),
        (Path("/dev/null"), "is not a regular file"),
        (root, "is a directory"),
        (root / "link", "cannot be read: "),
        (root / "none", "cannot be read: "),
    ):
        with pytest.raises(TemplateFileError, match=f"^{message}"):
            read_template(str(path), 10)


def test_sizes_and_encodings(root: Path) -> None:
    """A file of exactly the limit is read; a larger one, or one that is not UTF-8, is not."""
    path = root / "a.jinja"
    path.write_bytes(b"\xc3\xa9" * 5)
    assert read_template(str(path), 10) == "\xe9" * 5
    with pytest.raises(TemplateFileError, match="is larger than the limit of 9 bytes"):
        read_template(str(path), 9)
    path.write_bytes(b"\xff\xfea\0")
    with pytest.raises(TemplateFileError, match=r"^is not UTF-8$"):
        read_template(str(path), 10)
