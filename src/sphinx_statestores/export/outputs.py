"""The generated files that a registry declares (``x-outputs``): what they have to hold, and whether they do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.export import FORMATS, format_called
from sphinx_statestores.export.files import drift
from sphinx_statestores.export.format import ExportError, ExportOptions, Written, write_portably
from sphinx_statestores.registry.model import Reference
from sphinx_statestores.registry.paths import repository_path, repository_root
from sphinx_statestores.registry.problems import Kind, Problem, has_errors
from sphinx_statestores.registry.quoting import shown
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sphinx_statestores.registry.model import Output, Registry

_DEFAULT_FILES = ("schemas/state-stores.yaml", "schemas/state-stores-guide.yaml")


class Rendered(NamedTuple):
    """A declared output as the registry gives it."""

    output: Output
    path: Path
    #: From the root of the repository, with ``/``: the same wherever it is asked for.
    name: str
    text: str


def render_outputs(registry: Registry, files: Mapping[str, Path]) -> tuple[list[Rendered], list[Problem]]:
    """Write every declared output to memory.

    *files* maps the name that the places of values carry to the file. The texts call the registry's files by
    their paths in the repository, whatever *files* does, so that everybody generates the same.
    Returns the outputs that can be, and what is wrong with the declarations of the others, or with what of the
    registry their formats have no form for.
    """
    problems: list[Problem] = []
    rendered: list[Rendered] = []
    if not registry.guide.outputs:
        return rendered, problems
    taken = {os.path.realpath(path): f"the registry file {name!r}" for name, path in files.items()}
    for output in registry.guide.outputs:
        declared_in = files.get(output.places.path, Path(output.places.path))
        path = Path(os.path.abspath(declared_in.parent / output.path))  # noqa: PTH100 - links are looked at below
        root = repository_root(declared_in)
        found = _format_problems(output, declared_in.parent, root) + _path_problems(output, path, root, taken)
        if not has_errors(found):
            taken[os.path.realpath(path)] = f"the output at {output.places.of('path')}"
            written = _write(output, registry, files)
            found += written.problems
            if not has_errors(written.problems):
                rendered.append(Rendered(output, path, repository_path(path), written.text))
        problems += found
    return rendered, problems


def check_outputs(registry: Registry, files: Mapping[str, Path]) -> list[Problem]:
    """Compare every declared output with its file; takes what :func:`render_outputs` takes. Writes nothing.

    Returns a problem for each declaration that makes no sense, and for each file that is not there, cannot be read
    or has drifted. Ask of a registry without errors only: the others are rendered without what is missing.
    """
    rendered, problems = render_outputs(registry, files)
    for item in rendered:
        found = _difference(item)
        if found:
            message = f"{item.name!r} {found}; {_command(registry, files)!r} writes it anew"
            problems.append(Problem(Kind.DRIFT, message, item.output.places.of("path")))
    return problems


def _format_problems(output: Output, folder: Path, root: Path) -> list[Problem]:
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
        elif name == "template" and not _is_inside(folder / values[0], root):
            # What is rendered is shown: a registry may not show any file of the machine.
            message = f"the template {values[0]!r} is outside of the repository"
            problems.append(Problem(Kind.INVALID_VALUE, message, output.places.of(name)))
    return problems


def _is_inside(path: Path, root: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _write(output: Output, registry: Registry, files: Mapping[str, Path]) -> Written:
    """Write an output to memory; an option that cannot be used is a problem where it stands."""
    chosen = format_called(output.format)
    given = {name: values for name, values in output.options if name in chosen.options}
    template = root = None
    if "template" in given:
        declared_in = files.get(output.places.path, Path(output.places.path))
        root = repository_root(declared_in)
        # Like the path of the output, from the folder of the file that declares it.
        template = declared_in.parent / given["template"][0]
    options = ExportOptions(
        namespace="".join(given.get("namespace", ())),
        class_name="".join(given.get("class", ())),
        columns=given.get("columns", ()),
        template=template,
        template_root=root,
    )
    try:
        return write_portably(chosen, registry, files, options)
    except ExportError as error:
        place = output.places.of(next(iter(given), "format"))
        return Written("", (Problem(Kind.INVALID_VALUE, f"the output {output.path!r}: {error}", place),))


def _path_problems(output: Output, path: Path, root: Path, taken: Mapping[str, str]) -> list[Problem]:
    # Where it leads in the end: a link in the repository may point out of it.
    real, real_root = Path(os.path.realpath(path)), Path(os.path.realpath(root))
    message = ""
    if not (real.is_relative_to(real_root) and path.is_relative_to(root)):
        message = f"the output {output.path!r} is outside of the repository"
    elif ".git" in (part.lower() for part in real.relative_to(real_root).parts):
        message = f"the output {output.path!r} is among the files of git"
    elif str(real) in taken:
        message = f"the output {output.path!r} is {taken[str(real)]}"
    return [Problem(Kind.INVALID_VALUE, message, output.places.of("path"))] if message else []


def _difference(item: Rendered) -> str:
    """Say how a file differs; nothing when it does not."""
    try:
        lines = drift(item.path, item.text).splitlines()
        if not lines:
            return ""
        if not item.path.exists():
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


def _command(registry: Registry, files: Mapping[str, Path]) -> str:
    """Return what writes the outputs: what the guide says, or the command itself, from the root."""
    given = registry.guide.reference.regenerate
    if given != Reference().regenerate:
        return given
    names = tuple(repository_path(files[file.path]) for file in registry.files if file.path in files)
    arguments = () if names == _DEFAULT_FILES[: len(names)] else names
    import shlex  # noqa: PLC0415 - start-up: few runs need it

    return shlex.join(("statestores", "generate", "outputs", *arguments))
