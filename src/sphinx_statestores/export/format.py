"""What a format is: a function from a registry to text, and its options."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.paths import is_file, repository_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.problems import Problem


class ExportError(Exception):
    """The text cannot be made, through no fault of the registry: an option or a template is wrong."""


class ExportOptions(NamedTuple):
    """The options of a format. Empty means that the format decides."""

    #: The namespace of generated code.
    namespace: str = ""
    #: The class of generated code.
    class_name: str = ""
    #: The fields to write, in this order: keys of :func:`~sphinx_statestores.registry.fields.find_field`.
    columns: tuple[str, ...] = ()
    #: The project's own template.
    template: Path | None = None
    #: What the template must not lead out of, where a registry names it: the root of the repository.
    template_root: Path | None = None


class Written(NamedTuple):
    """A registry in a format."""

    #: Ends with a newline, unless a template does not. Not to be used when there is an error among the problems.
    text: str
    #: What of the registry the format has no form for.
    problems: tuple[Problem, ...] = ()


class Format(NamedTuple):
    """A format that a registry can be written in.

    ``write`` takes the registry and the options. It raises :exc:`ExportError` when it cannot use the options.
    """

    write: Callable[[Registry, ExportOptions], Written]
    #: Whether a text is an earlier output of the format, recognized by its beginning: only such a file is replaced by
    #: a declared output.
    recognizes: Callable[[str], bool]
    #: The options that it heeds, as users write them: ``class`` for ``class_name``.
    options: frozenset[str] = frozenset()


def write_portably(
    chosen: Format,
    registry: Registry,
    files: Mapping[str, Path],
    options: ExportOptions,
    root: Path | None = None,
) -> Written:
    """Write a registry so that everybody gets the same: its files are called by their paths in the repository.

    *files* maps the name that the places of values carry to the file; what is no file, such as standard input, keeps
    its name. *root* is the repository's root as given. The problems name the files as the registry
    does. Raises what the format raises.
    """
    names = {name: repository_path(path, root) if is_file(path) else name for name, path in files.items()}
    text, problems = chosen.write(registry.with_paths(names), options)
    given = {new: old for old, new in names.items()}
    return Written(
        text,
        tuple(
            problem._replace(
                location=problem.location._replace(path=given.get(problem.location.path, problem.location.path))
            )
            for problem in problems
        ),
    )
