"""``statestores init``: a registry of two stores, its guide, and the lines that a site, a hook and CI need."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx_statestores import __version__
from sphinx_statestores.cli.outcome import OK, UnusableError
from sphinx_statestores.cli.output import complain, print_result
from sphinx_statestores.export.files import write_if_different
from sphinx_statestores.imports.writer import MODELINE, SCHEMA_NAME
from sphinx_statestores.registry.paths import absolute_path, exists, guide_sibling, repository_root
from sphinx_statestores.registry.quoting import listed, shown
from sphinx_statestores.registry.schema import schema_text
from sphinx_statestores.registry.settings import DEFAULT_REGISTRY, find_settings

if TYPE_CHECKING:
    import argparse

_REGISTRY = f"""\
{MODELINE}
#
# The state stores of this system. Replace these two examples.

x-state-stores:
  auth-statestore:
    backend: redis
    prefix: auth
    service: Auth
    purpose: Session and token state (ephemeral)

  account-statestore:
    backend: mysql
    service: Account
    purpose: Persistent account data
"""
_GUIDE = f"""\
{MODELINE}
#
# The rest of the reference: conventions, and which backend to choose.

# {{service}} is the owning service in kebab-case, {{feature}} any words.
x-naming-conventions:
  - pattern: "{{service}}-statestore"
    backends: [redis, mysql]
    description: Service-specific state storage
  - pattern: "{{service}}-{{feature}}"
    backends: [redis]
    description: Feature-specific ephemeral state

x-backend-guide:
  - useCase: Session data, tokens
    backend: redis
    rationale: Fast, ephemeral, supports TTL
  - useCase: Persistent entities
    backend: mysql
    rationale: Durable, queryable, relational
"""
_SCHEMA = DEFAULT_REGISTRY.with_name(SCHEMA_NAME)

#: What a person does next. Each block is the whole of what is needed.
NEXT_STEPS = """\
In conf.py of the site:

    extensions = ["sphinx_statestores"]
    statestores_registry = "../schemas/state-stores.yaml"

In .pre-commit-config.yaml:

    repos:
      - repo: https://github.com/OWNER/sphinx-statestores
        rev: v{version}
        hooks:
          - id: statestores-check
            args: [--fail-on-warning]

In a job of CI:

    pip install sphinx-statestores
    statestores check --format github
"""


def add(commands: Any, summary: str) -> None:
    """Add the command to those of the parser; *summary* is its line in the list of commands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "init",
        help=summary,
        description=(
            "Create a registry with two example stores, its guide, and its schema for editors in DIR/schemas, and "
            "print the lines to add to conf.py, pre-commit and CI. Existing files are not changed, and an existing "
            "registry gets no guide."
        ),
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the root of the project (default: the current folder)",
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    registry = folder / DEFAULT_REGISTRY
    _check_settings(registry, folder)
    is_new = _write(registry, _REGISTRY)
    guide = guide_sibling(registry)
    if is_new or _is_there(guide):
        _write(guide, _GUIDE)
    else:
        # A guide changes the pages and the checks of the registry beside it.
        complain(f"statestores: {guide} is not written, since {registry} exists already")
    _write(folder / _SCHEMA, schema_text())
    print_result(NEXT_STEPS.format(version=__version__))
    return OK


def _check_settings(registry: Path, folder: Path) -> None:
    """Raise UnusableError when the settings of a folder name another registry, so that nothing reads a new one."""
    settings = find_settings(folder)
    named = settings.registry_files
    if named is not None and absolute_path(registry) not in map(absolute_path, named):
        names = listed((shown(str(path)) for path in named), len(named)) if named else "an empty list"
        message = f"'registry' is {names}: nothing reads {registry}, so nothing is written"
        raise UnusableError(f"{settings.file}: {message}")


def _write(path: Path, text: str) -> bool:
    """Write a file that does not exist yet; return whether it is new. Raises UnusableError when that fails."""
    if _is_there(path):
        complain(f"statestores: {path} exists already: it is not changed")
        return False
    try:
        write_if_different(path, text, root=repository_root(path))
    except OSError as error:
        raise UnusableError(f"{path}: {error.strerror}") from error
    complain(f"statestores: wrote {path}")
    return True


def _is_there(path: Path) -> bool:
    # A link to nothing is no file, and none is made where it leads.
    return exists(path) or os.path.islink(path)  # noqa: PTH114 - `Path.is_symlink` raises for some names
