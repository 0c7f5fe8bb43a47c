"""The outputs that a registry declares in ``x-outputs`` -> their texts, and whether their files are up to date."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.export import FORMATS, format_called, meant_format
from sphinx_statestores.export.files import drift, encode_for, read_beginning, with_plain_line_ends
from sphinx_statestores.export.format import ExportError, ExportOptions, Written, write_portably
from sphinx_statestores.export.output_names import name_fault
from sphinx_statestores.export.shipped import SHIPPED, mark_of, shipped_file
from sphinx_statestores.registry.paths import (
    OutsideError,
    absolute_path,
    is_file,
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

#: The maximum number of outputs: each contains the whole registry.
OUTPUT_LIMIT = 100
#: The maximum total size of the outputs, in characters.
TEXT_LIMIT = 512 * 1024 * 1024
#: The maximum total time, in seconds. Each template also has its own limit.
TIME_LIMIT = 60

_DEFAULT_FILES = ("schemas/state-stores.yaml", "schemas/state-stores-guide.yaml")
#: How much of a file is read to see whether it is an earlier output, in bytes.
_BEGINNING = 64 * 1024


class Rendered(NamedTuple):
    """A declared output with its generated text."""

    output: Output
    path: Path
    #: No symbolic link may lead out of it.
    root: Path
    #: The path relative to the root of the repository, with ``/``; the same on every system.
    name: str
    text: str


class Project(NamedTuple):
    """A registry and the files that it was loaded from."""

    registry: Registry
    #: Path in the registry's places -> file.
    files: Mapping[str, Path]
    #: The configured root of the repository, or None.
    root: Path | None = None
    #: Whether the command reads these files when none is named.
    is_default: bool = False


def render_outputs(project: Project, *, may_replace: bool = False) -> Iterator[Rendered | Problem]:
    """Yield each declared output, generated on demand, or the problem with it.

    The texts name the registry's files by their paths in the repository, so that they are the same everywhere.
    Without *may_replace*, an output that would replace a file which is not an earlier output of its format is a
    problem. So is a part of the registry that the format cannot represent.
    """
    registry, files = project.registry, project.files
    declaring = {output.places.path: _file_of(output, project) for output in registry.guide.outputs}
    taken = {os.path.realpath(path): f"the file {shown(name)}, which declares it" for name, path in declaring.items()}
    taken |= {os.path.realpath(path): f"the registry file {shown(name)}" for name, path in files.items()}
    characters = 0
    seconds = 0.0
    for number, output in enumerate(registry.guide.outputs):
        if number == OUTPUT_LIMIT:
            message = f"'x-outputs' has {len(registry.guide.outputs)} items: at most {OUTPUT_LIMIT} are generated"
            yield Problem(Kind.INVALID_VALUE, message, output.places.of())
            return
        place = _place(output, project, taken)
        found = [*_format_problems(output), *([place] if isinstance(place, Problem) else [])]
        yield from found
        if has_errors(found) or isinstance(place, Problem):
            continue
        taken[os.path.realpath(place.path)] = f"the output at {output.places.of('path')}"
        if seconds > TIME_LIMIT:
            message = f"the outputs before this one took more than {TIME_LIMIT} seconds: the rest are not generated"
            yield Problem(Kind.INVALID_VALUE, message, output.places.of("path"))
            return
        before = monotonic()
        written = _write(place, project)
        seconds += monotonic() - before
        yield from written.problems
        if has_errors(written.problems):
            continue
        characters += len(written.text)
        if characters > TEXT_LIMIT:
            message = f"the outputs up to this one have more than {TEXT_LIMIT:,} characters in total"
            yield Problem(Kind.INVALID_VALUE, message, output.places.of("path"))
            return
        rendered = place._replace(text=written.text)
        fault = "" if may_replace else _replacement_fault(rendered)
        yield Problem(Kind.INVALID_VALUE, fault, output.places.of("path")) if fault else rendered


def check_outputs(project: Project) -> list[Problem]:
    """Compare every declared output with its file; return the problems. Writes no files; keeps one text in memory.

    There is a problem for each invalid declaration and for each file that is missing, unreadable or out of date. The
    registry must have no errors: otherwise the texts lack the parts with errors.
    """
    problems = []
    for item in render_outputs(project):
        if isinstance(item, Problem):
            problems.append(item)
        elif found := _difference(item):
            message = f"{shown(item.name)} {found}; {_command(project)} regenerates it"
            problems.append(Problem(Kind.DRIFT, message, item.output.places.of("path")))
    return problems


def _place(output: Output, project: Project, taken: Mapping[str, str]) -> Rendered | Problem:
    """Return an output without its text, or the problem with its path."""
    declared_in = _file_of(output, project)
    root = repository_root(declared_in, project.root)
    path = absolute_path(declared_in.parent / output.path)
    fault = _path_fault(path, root, taken)
    if fault:
        return Problem(Kind.INVALID_VALUE, f"the output {shown(output.path)} {fault}", output.places.of("path"))
    return Rendered(output, path, root, path.relative_to(root).as_posix(), "")


def _path_fault(path: Path, root: Path, taken: Mapping[str, str]) -> str:
    outside = (
        f"is outside the repository, whose root is {str(root)!r} (set another root with --root or statestores_root)"
    )
    if not path.is_relative_to(root):
        return outside
    try:
        # The real path: a symbolic link in the repository may lead out of it.
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
    """Return why an existing file must not be replaced; an empty text when it may be, or does not exist."""
    try:
        mode = item.path.stat().st_mode if item.path.is_file() else 0
        data = read_beginning(item.path, max(_BEGINNING, len(item.text) * 4), root=item.root)
    except OSError:
        return ""  # the caller that compares or writes the file reports this
    if not data or data == encode_for(item.text, data):
        return ""
    beginning = with_plain_line_ends(data[:_BEGINNING].decode("utf-8-sig", "replace"))
    if stat.S_IMODE(mode) & 0o111 or beginning.startswith("#!"):
        return f"the file {shown(item.name)} is executable, and outputs do not replace executable files"
    chosen = format_called(item.output.format)
    if chosen.recognizes(beginning) or (chosen.has_head and _head(beginning) == _head(item.text)):
        return ""
    message = f"the file {shown(item.name)} was not generated by the format {item.output.format!r}"
    if item.output.format == "template":
        return (
            f"{message} (none of its first lines has the word 'statestores'), so it is not replaced: "
            "write the word into a comment at the top of the template and run 'statestores generate outputs --force' "
            "once, or choose another path"
        )
    return (
        f"{message}, so it is not replaced: choose another path, remove the file, or run 'statestores generate "
        "outputs --force'"
    )


def _head(text: str) -> str:
    return text.partition("\n")[0]


def _format_problems(output: Output) -> list[Problem]:
    problems = []
    if output.format not in FORMATS:
        message = f"unknown format {shown(output.format)}{meant_format(output.format)}"
        problems.append(Problem(Kind.INVALID_VALUE, message, output.places.of("format")))
        return problems
    known = format_called(output.format).options
    for name, values in output.options:
        if name not in known:
            near = did_you_mean(name, ("format", "path", *known))
            message = f"unknown field {shown(name)} in an item of 'x-outputs'{near}"
            problems.append(Problem(Kind.UNKNOWN_FIELD, message, output.places.of(name)))
        elif len(values) != 1 and name != "columns":
            message = f"{name!r} of an output must be one string; found {len(values)}"
            problems.append(Problem(Kind.INVALID_VALUE, message, output.places.of(name)))
    return problems


def _write(item: Rendered, project: Project) -> Written:
    """Generate an output in memory; an unusable option is a problem at its location."""
    output = item.output
    chosen = format_called(output.format)
    given = {name: values for name, values in output.options if name in chosen.options}
    declared_in = _file_of(output, project)
    template = given.get("template", ("",))[0]
    # A name always stands for the shipped template: a file of this name is "./NAME".
    is_shipped = template in SHIPPED
    options = ExportOptions(
        namespace="".join(given.get("namespace", ())),
        class_name="".join(given.get("class", ())),
        columns=given.get("columns", ()),
        # Relative to the folder of the file that declares the output, like the output's path.
        template=shipped_file(template) if is_shipped else declared_in.parent / template if template else None,
        # Shipped templates are trusted.
        template_root=None if is_shipped else repository_root(declared_in, project.root),
        page=item.path,
        page_root=item.root,
        page_name=str(item.path) if declared_in.is_absolute() else os.path.relpath(item.path),
    )
    try:
        written = write_portably(chosen, project.registry, project.files, options, project.root)
        return written._replace(text=f"{mark_of(template)}{written.text}") if is_shipped else written
    except ExportError as error:
        place = output.places.of(next(iter(given), "path" if output.format == "inject" else "format"))
        is_missing = bool(template) and not is_shipped and not is_file(declared_in.parent / template)
        near = did_you_mean(template, SHIPPED) if is_missing else ""
        message = f"the output {shown(output.path)}: {error}{near}"
        return Written("", (Problem(Kind.INVALID_VALUE, message, place),))


def _file_of(output: Output, project: Project) -> Path:
    """Return the file that declares an output."""
    return project.files.get(output.places.path, Path(output.places.path))


def _difference(item: Rendered) -> str:
    """Return how a file differs from the output; an empty text when they are equal."""
    try:
        lines = drift(item.path, item.text, root=item.root).split("\n")
        if lines == [""]:
            return ""
        if read_beginning(item.path, 0, root=item.root) is None:
            return "is missing"
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
    """Return the command that writes the outputs: the one in the guide, or ``statestores`` run from the root."""
    given = project.registry.guide.reference.regenerate
    if given:
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
