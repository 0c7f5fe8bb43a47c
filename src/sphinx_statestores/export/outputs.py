"""The generated files that a registry declares (``x-outputs``): what they have to hold, and whether they do."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.export import FORMATS, format_called
from sphinx_statestores.export.files import drift, encode_for, read_beginning, with_plain_line_ends
from sphinx_statestores.export.format import ExportError, ExportOptions, Written, write_portably
from sphinx_statestores.export.output_names import name_fault
from sphinx_statestores.registry.model import Reference
from sphinx_statestores.registry.paths import (
    OutsideError,
    absolute_path,
    repository_path,
    repository_root,
    resolve_inside,
)
from sphinx_statestores.registry.problems import Kind, Problem, has_errors
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sphinx_statestores.registry.model import Output, Registry

#: So many outputs a registry may declare: each is the whole registry once more.
OUTPUT_LIMIT = 100
#: So many characters they may have together.
TEXT_LIMIT = 512 * 1024 * 1024
#: So long it may take to make all of them, in seconds: each template has a limit of its own.
TIME_LIMIT = 60

_DEFAULT_FILES = ("schemas/state-stores.yaml", "schemas/state-stores-guide.yaml")
#: So much of a file is looked at to see whether it is an earlier output, in bytes.
_BEGINNING = 64 * 1024


class Rendered(NamedTuple):
    """A declared output as the registry gives it."""

    output: Output
    path: Path
    #: What no link may lead out of.
    root: Path
    #: From the root of the repository, with ``/``: the same wherever it is asked for.
    name: str
    text: str


class Project(NamedTuple):
    """A registry with the files that it was read from."""

    registry: Registry
    #: The name that the places of values carry -> the file.
    files: Mapping[str, Path]
    #: The repository's root as given; None where nobody gave one.
    root: Path | None = None
    #: Whether the command reads these files when none is named.
    is_default: bool = False


def render_outputs(project: Project, *, may_replace: bool = False) -> Iterator[Rendered | Problem]:
    """Yield every declared output, made when it is asked for, and what is wrong with the others.

    The texts call the registry's files by their paths in the repository, so that everybody generates the same.
    An output that would replace a file that is no earlier output of its format is a problem, unless *may_replace*.
    What a format has no form for is a problem as well.
    """
    registry, files = project.registry, project.files
    declaring = {output.places.path: _file_of(output, project) for output in registry.guide.outputs}
    taken = {os.path.realpath(path): f"the file {shown(name)}, which declares it" for name, path in declaring.items()}
    taken |= {os.path.realpath(path): f"the registry file {shown(name)}" for name, path in files.items()}
    characters = 0
    seconds = 0.0
    for number, output in enumerate(registry.guide.outputs):
        if number == OUTPUT_LIMIT:
            message = f"'x-outputs' has {len(registry.guide.outputs)} items, and {OUTPUT_LIMIT} at most are generated"
            yield Problem(Kind.INVALID_VALUE, message, output.places.of())
            return
        place = _place(output, project, taken)
        found = [*_format_problems(output), *([place] if isinstance(place, Problem) else [])]
        yield from found
        if has_errors(found) or isinstance(place, Problem):
            continue
        taken[os.path.realpath(place.path)] = f"the output at {output.places.of('path')}"
        if seconds > TIME_LIMIT:
            message = f"the outputs before this one took more than {TIME_LIMIT} seconds: no more are made"
            yield Problem(Kind.INVALID_VALUE, message, output.places.of("path"))
            return
        before = monotonic()
        written = _write(output, project)
        seconds += monotonic() - before
        yield from written.problems
        if has_errors(written.problems):
            continue
        characters += len(written.text)
        if characters > TEXT_LIMIT:
            message = f"the outputs up to this one have more than {TEXT_LIMIT:,} characters together"
            yield Problem(Kind.INVALID_VALUE, message, output.places.of("path"))
            return
        rendered = place._replace(text=written.text)
        fault = "" if may_replace else _replacement_fault(rendered)
        yield Problem(Kind.INVALID_VALUE, fault, output.places.of("path")) if fault else rendered


def check_outputs(project: Project) -> list[Problem]:
    """Compare every declared output with its file. Writes nothing, and keeps one text at a time.

    Returns a problem for each declaration that makes no sense, and for each file that is not there, cannot be read
    or has drifted. Ask of a registry without errors only: the others are rendered without what is missing.
    """
    problems = []
    for item in render_outputs(project):
        if isinstance(item, Problem):
            problems.append(item)
        elif found := _difference(item):
            message = f"{shown(item.name)} {found}; {_command(project)} writes it anew"
            problems.append(Problem(Kind.DRIFT, message, item.output.places.of("path")))
    return problems


def _place(output: Output, project: Project, taken: Mapping[str, str]) -> Rendered | Problem:
    """Return an output without its text, or why it cannot be where it is declared."""
    declared_in = _file_of(output, project)
    root = repository_root(declared_in, project.root)
    path = absolute_path(declared_in.parent / output.path)
    fault = _path_fault(path, root, taken)
    if fault:
        return Problem(Kind.INVALID_VALUE, f"the output {shown(output.path)} {fault}", output.places.of("path"))
    return Rendered(output, path, root, path.relative_to(root).as_posix(), "")


def _path_fault(path: Path, root: Path, taken: Mapping[str, str]) -> str:
    outside = (
        f"is outside of the repository, whose root is {str(root)!r} (--root or statestores_root name another folder)"
    )
    if not path.is_relative_to(root):
        return outside
    try:
        # Where it leads in the end: a link in the repository may point out of it.
        real = resolve_inside(path, root)
    except OutsideError:
        return outside
    except OSError as error:
        return f"cannot be a file: {error.strerror}"
    for each, base in ((path, root), (real, Path(os.path.realpath(root)))):
        if fault := name_fault(each.relative_to(base).parts):
            return fault
    return f"is {taken[str(real)]}" if str(real) in taken else ""


def _replacement_fault(item: Rendered) -> str:
    """Say why a file must not be replaced; nothing when it may be, or when there is nothing to replace."""
    try:
        mode = item.path.stat().st_mode if item.path.is_file() else 0
        data = read_beginning(item.path, max(_BEGINNING, len(item.text) * 4), root=item.root)
    except OSError:
        return ""  # whoever compares or writes it says what is wrong
    if not data or data == encode_for(item.text, data):
        return ""
    beginning = with_plain_line_ends(data[:_BEGINNING].decode("utf-8-sig", "replace"))
    if stat.S_IMODE(mode) & 0o111 or beginning.startswith("#!"):
        return f"the file {shown(item.name)} is a program, and no output replaces one"
    if format_called(item.output.format).recognizes(beginning):
        return ""
    mark = ": none of its first lines has the word 'statestores'" if item.output.format == "template" else ""
    return (
        f"the file {shown(item.name)} is no earlier output of the format {item.output.format!r}{mark}; it is not "
        "replaced: name another path, remove the file, or run 'statestores generate outputs --force'"
    )


def _format_problems(output: Output) -> list[Problem]:
    problems = []
    if output.format not in FORMATS:
        message = f"there is no format {shown(output.format)}{did_you_mean(output.format, FORMATS)}"
        problems.append(Problem(Kind.INVALID_VALUE, message, output.places.of("format")))
        return problems
    known = format_called(output.format).options
    for name, values in output.options:
        if name not in known:
            near = did_you_mean(name, ("format", "path", *known))
            message = f"unknown field {shown(name)} in an item of 'x-outputs'{near}"
            problems.append(Problem(Kind.UNKNOWN_FIELD, message, output.places.of(name)))
        elif len(values) != 1 and name != "columns":
            message = f"{name!r} of an output is one text, not {len(values)}"
            problems.append(Problem(Kind.INVALID_VALUE, message, output.places.of(name)))
    return problems


def _write(output: Output, project: Project) -> Written:
    """Write an output to memory; an option that cannot be used is a problem where it stands."""
    chosen = format_called(output.format)
    given = {name: values for name, values in output.options if name in chosen.options}
    declared_in = _file_of(output, project)
    options = ExportOptions(
        namespace="".join(given.get("namespace", ())),
        class_name="".join(given.get("class", ())),
        columns=given.get("columns", ()),
        # Like the path of the output, from the folder of the file that declares it.
        template=declared_in.parent / given["template"][0] if "template" in given else None,
        template_root=repository_root(declared_in, project.root),
    )
    try:
        return write_portably(chosen, project.registry, project.files, options, project.root)
    except ExportError as error:
        place = output.places.of(next(iter(given), "format"))
        message = f"the output {shown(output.path)}: {error}"
        return Written("", (Problem(Kind.INVALID_VALUE, message, place),))


def _file_of(output: Output, project: Project) -> Path:
    """Return the file that declares an output."""
    return project.files.get(output.places.path, Path(output.places.path))


def _difference(item: Rendered) -> str:
    """Say how a file differs; nothing when it does not."""
    try:
        lines = drift(item.path, item.text, root=item.root).split("\n")
        if lines == [""]:
            return ""
        if read_beginning(item.path, 0, root=item.root) is None:
            return "is not there"
    except OSError as error:
        return f"cannot be compared: {error.strerror}"
    added = sum(line.startswith("+") for line in lines[2:])
    removed = sum(line.startswith("-") for line in lines[2:])
    if not added and not removed:
        return "has drifted: its line ends or its encoding differ"
    return f"has drifted: {_lines(added)} to add, {_lines(removed)} to remove"


def _lines(number: int) -> str:
    return f"{number} line" if number == 1 else f"{number} lines"


def _command(project: Project) -> str:
    """Return what writes the outputs: what the guide says, or the command itself, from the root."""
    given = project.registry.guide.reference.regenerate
    if given != Reference().regenerate:
        return shown(given)
    files = project.files
    if project.is_default:
        return "'statestores generate outputs'"
    names = tuple(
        repository_path(files[file.path], project.root) for file in project.registry.files if file.path in files
    )
    arguments = () if names == _DEFAULT_FILES[: len(names)] else names
    import shlex  # noqa: PLC0415 - start-up: few runs need it

    return repr(shlex.join(("statestores", "generate", "outputs", *arguments)))
