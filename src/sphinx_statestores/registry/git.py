"""Runs git in a checkout, and returns its output. Nothing in the repository, a page or a registry can run a program.

Pages, registries and the repository itself are untrusted: an archive can contain a ``.git`` folder, and git's
configuration can name programs for nearly every operation. So git runs only at the root of the checkout, with
read-only commands, and options and environment variables override every setting that can name a program.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import IO, TYPE_CHECKING, Literal, NamedTuple, cast

from sphinx_statestores.registry.paths import OutsideError, absolute_path, find_checkout, is_file, resolve_inside
from sphinx_statestores.registry.quoting import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The time limit for one git command, in seconds.
TIMEOUT = 30
#: The output limit for a command that prints a line or two, in bytes.
_SHORT = 4096
_CHUNK = 1 << 20

#: These commands read objects, references and the index. None of them converts or compares files, so git runs no
#: filter, ``textconv`` or external diff. An alias cannot replace a built-in command.
Command = Literal["cat-file", "for-each-ref", "ls-files", "ls-tree", "rev-parse"]

#: Settings that override every configuration file. They are options, since git 2.30 does not know
#: ``GIT_CONFIG_COUNT``.
_SETTINGS = {
    "safe.bareRepository": "explicit",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.sshCommand": "false",
    "credential.helper": "",
}
#: Variables that override configuration files where git reads the environment first.
_ENVIRONMENT = {
    "GIT_ASKPASS": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_PROXY_COMMAND": "",
    "GIT_SSH_COMMAND": "false",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
#: Configuration files of the user. All other variables of git concern one repository or name programs and files.
_CONFIGURATION_FILES = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")


class GitError(Exception):
    """git cannot be run; the text is the reason."""


class NotInstalledError(GitError):
    """git is not installed."""


class NoRepositoryError(GitError):
    """A folder is not in a git repository, or git does not trust the repository."""


class Checkout(NamedTuple):
    """The checkout of a git repository that git can read and trusts."""

    #: The folder that holds ``.git``, with symbolic links resolved.
    root: Path
    #: The index of the running git hook, if it belongs to this checkout; None for the default index.
    hook_index: str | None

    def ask(self, command: Command, *arguments: str, limit: int = _SHORT) -> bytes | None:
        """Run a git command; return its output, cut off after *limit* bytes, or None when it fails.

        Raises :exc:`GitError` when git cannot be run.
        """
        status, output = _run(self, command, *arguments, limit=limit)
        return None if status else output

    def path_of(self, folder: Path, path: str) -> str | None:
        """Return a path relative to the root, given a folder of the checkout and a path relative to it.

        Symbolic links are resolved as far as the path exists. Returns None for a path above the root. Raises
        :exc:`GitError` when a link leads out of the checkout.
        """
        file = Path(os.path.realpath(folder), path)
        if not absolute_path(file).is_relative_to(self.root):
            return None
        try:
            found = resolve_inside(file, self.root).relative_to(self.root).as_posix()
        except OSError as error:
            raise _unusable(path, error) from None
        return "" if found == "." else found


def open_checkout(folder: Path, root: Path | None = None) -> Checkout:
    """Return the checkout of a folder: that of the nearest folder with ``.git``.

    If the folder is below *root*, which is configured or given on the command line, no symbolic link may lead out of
    *root*; otherwise none may lead out of a checkout above the folder.

    Raises :exc:`GitError` for such a link or when git cannot be run, :exc:`NotInstalledError` without git,
    :exc:`NoRepositoryError` without a checkout or when git does not trust it.
    """
    absolute = absolute_path(folder)
    has_root = root is not None and absolute.is_relative_to(absolute_path(root))
    try:
        real = Path(os.path.realpath(folder, strict=True))
        for boundary in [root] if root is not None and has_root else _checkouts_above(absolute):
            resolve_inside(folder, boundary)
    except (OSError, ValueError) as error:
        raise _unusable(folder.name, error) from None
    checkout = find_checkout(real)
    if checkout is None:
        raise NoRepositoryError("this is not a git repository")
    # The first option disables discovery and configuration. Without it, if '.git' is not valid, git would try the
    # root as a bare repository, or a folder above. The second checks the owner of the repository.
    status, output = _run(
        Checkout(checkout, None), "rev-parse", "--resolve-git-dir", ".git", "--git-dir", is_with_errors=True
    )
    if status != 0:
        raise NoRepositoryError(_reason(output))
    return Checkout(checkout, _index_of_hook(checkout, checkout / os.fsdecode(output.partition(b"\n")[0])))


def _checkouts_above(folder: Path) -> Iterator[Path]:
    """Yield the checkouts above a folder, without resolving symbolic links."""
    found = find_checkout(folder)
    while found is not None:
        yield found
        found = find_checkout(found.parent) if found != found.parent else None


def _index_of_hook(root: Path, git_folder: Path) -> str | None:
    """Return the index that git passes to a hook, if it belongs to the checkout with this git folder.

    In ``git commit --all``, this index and not the default one holds the content of the commit.
    """
    named = os.environ.get("GIT_INDEX_FILE")
    if not named:
        return None
    # The path is relative to the root, where hooks start; a hook may have changed the current folder.
    for index in (absolute_path(named), root / named):
        if is_file(index) and os.path.realpath(index.parent) == os.path.realpath(git_folder):
            return str(index)
    return None


def _reason(output: bytes) -> str:
    """Take git's error output; return a message with the reason."""
    text = output.decode("utf-8", "replace")
    fatal = re.search(r"^fatal: (.*)", text, re.MULTILINE)
    reason = fatal[1] if fatal else text.strip().partition("\n")[0]
    return "this is not a git repository" if reason.startswith("not a git") else f"git says {shown(reason)}"


def _run(
    checkout: Checkout, command: Command, *arguments: str, limit: int = _SHORT, is_with_errors: bool = False
) -> tuple[int | None, bytes]:
    """Run git at the root of a checkout; return its exit status and its output, with error output if wanted.

    When the output exceeds *limit* bytes, git and its children are killed and the status is None. Raises `GitError`
    when git cannot be run or exceeds the time limit, `NotInstalledError` when it is not installed.
    """
    settings = (f"{name}={value}" for name, value in (*_trusted_folders(), *_SETTINGS.items()))
    options = (part for setting in settings for part in ("-c", setting))
    deadline = monotonic() + TIMEOUT
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell, and a program with its full path
            [_program(), *options, command, *arguments],
            cwd=checkout.root,
            env=_environment(checkout),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if is_with_errors else subprocess.DEVNULL,
            start_new_session=True,  # a process group, so that children of git can be killed with it
        )
    except (OSError, ValueError) as error:
        # The folder is gone, or an argument has characters that the system does not allow.
        raise _unusable("", error) from None
    stream = cast("IO[bytes]", process.stdout)
    output: list[bytes] = []
    # A daemon thread can be abandoned: a process that left the process group may keep the stream open.
    reader = Thread(target=_read_into, args=(output, stream, limit + 1), daemon=True)
    try:
        reader.start()
        reader.join(TIMEOUT)
        if reader.is_alive():
            raise _too_slow()
        if len(output[0]) > limit:
            return None, output[0][:limit]
        return process.wait(max(0, deadline - monotonic())), output[0]
    except subprocess.TimeoutExpired:
        raise _too_slow() from None
    finally:
        if process.returncode is None:
            _end(process)
            process.wait()
            reader.join(1)
        if not reader.is_alive():
            stream.close()


def _read_into(output: list[bytes], stream: IO[bytes], limit: int) -> None:
    """Append the content of a stream to a list, up to about *limit* bytes."""
    found = bytearray()
    with suppress(OSError):
        # Read in chunks: one read would allocate memory for the whole limit.
        while len(found) < limit and (chunk := stream.read(_CHUNK)):
            found += chunk
    output.append(bytes(found))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill git and its children. Must run before the process is waited for: afterwards its id may be reused."""
    with suppress(OSError):
        if sys.platform == "win32":
            # 'git.exe' may be a launcher that starts the real program.
            taskkill = Path(os.environ["SYSTEMROOT"], "System32", "taskkill.exe")
            subprocess.run([taskkill, "/F", "/T", "/PID", str(process.pid)], check=False, capture_output=True)  # noqa: S603
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _program() -> str:
    """Return the path of git. Raises `NotInstalledError`."""
    # Not `shutil.which("git")`: on Windows it looks first in the current folder, which may be untrusted.
    name = "git.exe" if sys.platform == "win32" else "git"
    found = next(filter(None, (shutil.which(os.path.join(folder, name)) for folder in _search_path())), None)  # noqa: PTH118
    if found is None:
        raise NotInstalledError("git is not installed")
    return found


def _search_path() -> list[str]:
    return [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(folder)]  # noqa: PTH117


def _environment(checkout: Checkout) -> dict[str, str]:
    """Return the environment for git: the user's environment without variables that concern another repository."""
    given = os.environ
    kept = {name: value for name, value in given.items() if not name.startswith("GIT_")}
    kept.update((name, given[name]) for name in (*_CONFIGURATION_FILES, "GIT_CONFIG_NOSYSTEM") if name in given)
    for name in _CONFIGURATION_FILES:
        # git resolves a relative path from the root of the checkout.
        if is_file(kept.get(name, "")):
            kept[name] = str(absolute_path(kept[name]))
    if os.path.isabs(programs := given.get("GIT_EXEC_PATH", "")):  # noqa: PTH117
        kept["GIT_EXEC_PATH"] = programs
    if checkout.hook_index is not None:
        kept["GIT_INDEX_FILE"] = checkout.hook_index
    ceilings = [str(checkout.root.parent), given.get("GIT_CEILING_DIRECTORIES", "")]
    return {
        **kept,
        **_ENVIRONMENT,
        "PATH": os.pathsep.join(_search_path()),
        "GIT_CEILING_DIRECTORIES": os.pathsep.join(filter(None, ceilings)),
        # The allowed protocols. A repository can name any protocol, even an empty one, and git then runs the program
        # 'git-remote-PROTOCOL' or an alias of that name. So the allowed name must be unpredictable.
        "GIT_ALLOW_PROTOCOL": secrets.token_hex(16),
    }


def _trusted_folders() -> Iterator[tuple[str, str]]:
    """Yield the folders that the environment makes git trust, as container images often do."""
    count = os.environ.get("GIT_CONFIG_COUNT", "")
    for number in range(int(count) if re.fullmatch(r"[0-9]{1,3}", count) else 0):
        name = os.environ.get(f"GIT_CONFIG_KEY_{number}", "")
        if name.lower() == "safe.directory":
            yield name, os.environ.get(f"GIT_CONFIG_VALUE_{number}", "")


def _too_slow() -> GitError:
    return GitError(f"git did not answer within {TIMEOUT} seconds")


def _unusable(path: str, error: OSError | ValueError) -> GitError:
    if isinstance(error, OutsideError):
        return GitError(f"{shown(path)}: {error.strerror}")
    return GitError(f"git cannot be run: {getattr(error, 'strerror', None) or error}")
