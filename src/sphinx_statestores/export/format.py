"""The interface of a format: a function from a registry and options to text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.paths import is_file, repository_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sphinx_statestores.registry.model import Registry
    from sphinx_statestores.registry.problems import Problem


class ExportError(Exception):
    """An option or a template is wrong, so the text cannot be generated. The registry itself is valid."""


class ExportOptions(NamedTuple):
    """The options of a format. An empty value means the default of the format."""

    #: The namespace of generated code.
    namespace: str = ""
    #: The class of generated code.
    class_name: str = ""
    #: The fields to write, in order: keys of :func:`~sphinx_statestores.registry.fields.find_field`.
    columns: tuple[str, ...] = ()
    #: The project's own template.
    template: Path | None = None
    #: The root of the repository when a registry names the template, which must not be outside of it.
    template_root: Path | None = None


class Written(NamedTuple):
    """The output of a format."""

    #: Ends with a newline, except for templates. Do not use it when the problems contain an error.
    text: str
    #: Parts of the registry that the format cannot represent.
    problems: tuple[Problem, ...] = ()


class Format(NamedTuple):
    """An output format.

    ``write`` takes a registry and options; it raises :exc:`ExportError` when an option cannot be used.
    """

    write: Callable[[Registry, ExportOptions], Written]
    #: Takes the beginning of a file; returns whether it is an earlier output of the format. Declared outputs replace
    #: only such files.
    recognizes: Callable[[str], bool]
    #: The supported options, as users write them: ``class`` for ``class_name``.
    options: frozenset[str] = frozenset()
    #: Whether the first line is a header, so that a file with the same one is an earlier output as well.
    has_head: bool = False


def write_portably(
    chosen: Format,
    registry: Registry,
    files: Mapping[str, Path],
    options: ExportOptions,
    root: Path | None = None,
) -> Written:
    """Write a registry with its files named by their paths in the repository: the output is the same everywhere.

    *files* maps the path in the registry's places to the file. A name without a file, such as standard input, is
    kept. *root* is the configured root of the repository. The problems have the paths of the given registry. Raises
    what the format raises.
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
