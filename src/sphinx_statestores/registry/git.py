"""git, asked about a checkout: nothing that a repository, a page or a registry contains can make it run a program.

Pages and registries come from strangers, and so may the repository: an archive can bring a ``.git`` folder. Its
configuration can name programs for nearly everything that git does. So git runs at the root of the checkout and in no
other folder, only commands that read are run, and options and environment overrule what could name a program.
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

#: How long git may take for one answer, in seconds.
TIMEOUT = 30
#: The longest output that is read of a command that prints a line or two, in bytes.
_SHORT = 4096
_CHUNK = 1 << 20

#: These read objects, references and the index. None of them converts or compares files, so no filter, ``textconv``
#: or external diff is run; an alias cannot replace a command that git brings.
Command = Literal["cat-file", "for-each-ref", "ls-files", "ls-tree", "rev-parse"]

#: What overrules every configuration file. Options, since git 2.30 does not know ``GIT_CONFIG_COUNT``.
_SETTINGS = {
    "safe.bareRepository": "explicit",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.sshCommand": "false",
    "credential.helper": "",
}
#: What overrules configuration files where git looks at the environment first.
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
#: Configuration files of the user. All other variables of git are about one repository, or name programs and files.
_CONFIGURATION_FILES = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")


class GitError(Exception):
    """There is a reason why git cannot be asked."""


class NotInstalledError(GitError):
    """There is no git."""


class NoRepositoryError(GitError):
    """A folder is in no git repository, or in one that git does not trust."""


class Checkout(NamedTuple):
    """A folder with a git repository that git can read and trusts."""

    #: The folder that holds ``.git``, links followed.
    root: Path
    #: The index that a hook of this checkout works with; None for the checkout's own.
    hook_index: str | None

    def ask(self, command: Command, *arguments: str, limit: int = _SHORT) -> bytes | None:
        """Run git and return what it prints, cut off after *limit* bytes; None when it fails. Raises `GitError`."""
        status, output = _run(self, command, *arguments, limit=limit)
        return None if status else output

    def path_of(self, folder: Path, path: str) -> str | None:
        """Return the path from the root for one from a folder of the checkout, links followed as far as they exist.

        Returns None for a path that climbs above the root. Raises `GitError` when a link leads out of the checkout.
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
    """Return the checkout that a folder is in: that of the nearest folder with ``.git``.

    No link may lead out of *root*, which a command line or a project's configuration names, where the folder lies
    below it; else out of any checkout above the folder.

    Raises `GitError` when there is such a link or git cannot be run, `NotInstalledError` when there is no git,
    `NoRepositoryError` when there is no checkout or git does not trust it.
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
        raise NoRepositoryError("this is no git repository")
    # The first option reads no configuration and looks nowhere else. Without it git would go on where '.git' is not
    # valid: with the root as a bare repository, or in a folder above. The second checks who owns the repository.
    status, output = _run(
        Checkout(checkout, None), "rev-parse", "--resolve-git-dir", ".git", "--git-dir", is_with_errors=True
    )
    if status != 0:
        raise NoRepositoryError(_reason(output))
    return Checkout(checkout, _index_of_hook(checkout, checkout / os.fsdecode(output.partition(b"\n")[0])))


def _checkouts_above(folder: Path) -> Iterator[Path]:
    """List the checkouts that a folder is in, as its path is written."""
    found = find_checkout(folder)
    while found is not None:
        yield found
        found = find_checkout(found.parent) if found != found.parent else None


def _index_of_hook(root: Path, git_folder: Path) -> str | None:
    """Return the index that git names to a hook, when it is one of the checkout with this git folder.

    In ``git commit --all`` that index, and not the usual one, holds what is being committed.
    """
    named = os.environ.get("GIT_INDEX_FILE")
    if not named:
        return None
    # Git names it from the root, where hooks begin; a hook may have changed the folder.
    for index in (absolute_path(named), root / named):
        if is_file(index) and os.path.realpath(index.parent) == os.path.realpath(git_folder):
            return str(index)
    return None


def _reason(output: bytes) -> str:
    """Return why git refuses a repository, in words of ours around those of git."""
    text = output.decode("utf-8", "replace")
    fatal = re.search(r"^fatal: (.*)", text, re.MULTILINE)
    reason = fatal[1] if fatal else text.strip().partition("\n")[0]
    return "this is no git repository" if reason.startswith("not a git") else f"git says {shown(reason)}"


def _run(
    checkout: Checkout, command: Command, *arguments: str, limit: int = _SHORT, is_with_errors: bool = False
) -> tuple[int | None, bytes]:
    """Run git at the root of a checkout and return its exit status and what it prints, its errors too if wanted.

    Git and all that it started are ended when it prints more than *limit* bytes, then the status is None, and when
    it takes too long, which raises `GitError`. Raises that and `NotInstalledError` when git cannot be run, too.
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
            start_new_session=True,  # a group of processes, so that children of git can be ended with it
        )
    except (OSError, ValueError) as error:
        # A folder that is gone; characters that no argument of a program can have.
        raise _unusable("", error) from None
    stream = cast("IO[bytes]", process.stdout)
    output: list[bytes] = []
    # A thread, which can be left: a program that has left the group of processes may keep the stream open.
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
    """Add what a stream contains to a list, up to a limit or a little more."""
    found = bytearray()
    with suppress(OSError):
        # Not all at once, which would allocate memory for the limit.
        while len(found) < limit and (chunk := stream.read(_CHUNK)):
            found += chunk
    output.append(bytes(found))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End git and what it started; nobody may have waited for it yet, else its number may be another's by now."""
    with suppress(OSError):
        if sys.platform == "win32":
            # 'git.exe' may be a small program that starts the real one.
            taskkill = Path(os.environ["SYSTEMROOT"], "System32", "taskkill.exe")
            subprocess.run([taskkill, "/F", "/T", "/PID", str(process.pid)], check=False, capture_output=True)  # noqa: S603
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _program() -> str:
    """Return the path of git. Raises `NotInstalledError`."""
    # Not `shutil.which("git")`: the current folder may be a stranger's, and Windows looks there first of all.
    name = "git.exe" if sys.platform == "win32" else "git"
    found = next(filter(None, (shutil.which(os.path.join(folder, name)) for folder in _search_path())), None)  # noqa: PTH118
    if found is None:
        raise NotInstalledError("git is not installed")
    return found


def _search_path() -> list[str]:
    return [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(folder)]  # noqa: PTH117


def _environment(checkout: Checkout) -> dict[str, str]:
    """Return the environment for git: that of the user, without what is about another repository."""
    given = os.environ
    kept = {name: value for name, value in given.items() if not name.startswith("GIT_")}
    kept.update((name, given[name]) for name in (*_CONFIGURATION_FILES, "GIT_CONFIG_NOSYSTEM") if name in given)
    for name in _CONFIGURATION_FILES:
        # Git would look for a relative path from the root of the checkout.
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
        # The protocols that are allowed. A repository can use any text as one, the empty text included, and for each
        # git runs the program 'git-remote-PROTOCOL' or an alias of this name: so what is allowed cannot be guessed.
        "GIT_ALLOW_PROTOCOL": secrets.token_hex(16),
    }


def _trusted_folders() -> Iterator[tuple[str, str]]:
    """List the folders that the environment lets git trust, as images for containers often do it."""
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
