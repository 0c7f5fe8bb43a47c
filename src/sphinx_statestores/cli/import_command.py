"""``statestores import``: a registry from tables, from other YAML and from other tools, and keys from pages."""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF8
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sphinx_statestores.cli.arguments import (
    STANDARD_INPUT,
    add_limits,
    read_named,
    read_settings,
    registry_files,
    reported,
)
from sphinx_statestores.cli.import_files import is_workbook, named_files
from sphinx_statestores.cli.outcome import FAILED, OK, UnusableError
from sphinx_statestores.cli.output import complain, print_difference, print_result
from sphinx_statestores.export.files import drift, read_beginning, write_if_different
from sphinx_statestores.imports import (
    ENDINGS,
    FORMATS,
    NESTED_FORMATS,
    PAGE_ENDINGS,
    RESTRUCTUREDTEXT_ADVICE,
    RESTRUCTUREDTEXT_NAMES,
    importer_called,
    is_restructuredtext,
    recognized,
)
from sphinx_statestores.imports.format import Imported, ImportOptions, Note, Report
from sphinx_statestores.imports.key_tables import planned_stores, read_key_tables, unknown_stores
from sphinx_statestores.imports.merge import merge
from sphinx_statestores.imports.registry_file import LoadableRegistry, combine
from sphinx_statestores.imports.secrets import masked
from sphinx_statestores.imports.synonyms import KNOWN_FIELDS, same_name
from sphinx_statestores.imports.writer import NO_STORES, SCHEMA_NAME
from sphinx_statestores.registry.field_words import squashed
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.model import KEY_FIELDS, Registry
from sphinx_statestores.registry.paths import absolute_path, default_files, exists, is_file, repository_root
from sphinx_statestores.registry.problems import Kind, Location, Problem, has_errors
from sphinx_statestores.registry.quoting import listed, shown
from sphinx_statestores.registry.settings import DEFAULT_REGISTRY
from sphinx_statestores.registry.source import SourceText, read_source
from sphinx_statestores.registry.suggest import did_you_mean

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from sphinx_statestores.imports.merge import Merged
    from sphinx_statestores.registry.settings import SharedSettings

#: A field of a project's own.
_OWN_FIELD = re.compile(r"x-\w[\w.-]*")
#: The first word that asks for tables of keys.
KEYS = "keys"
#: What is no error in a file of a folder: it has no stores.
_ABSENCE = frozenset({Kind.NO_REGISTRY, Kind.NO_STORES, Kind.EMPTY_FILE})


class _Target(NamedTuple):
    """The registry that is written."""

    #: The file of new stores; None is standard output.
    output: Path | None
    #: The files whose stores may be changed.
    written: tuple[Path, ...]
    #: The files of the registry that can be read; none where a new registry is written.
    sources: tuple[SourceText, ...]
    registry: Registry
    problems: tuple[Problem, ...]


class _Job(NamedTuple):
    """One run of the command: what is read, how, and into which registry."""

    options: argparse.Namespace
    settings: ImportOptions
    target: _Target
    sources: tuple[SourceText, ...]
    #: Sources that are named by their folder only.
    in_folders: frozenset[str]
    #: The problems of the settings file, and of files that cannot be read.
    problems: tuple[Problem, ...]
    #: The root of the repository, where the command line or a settings file names it.
    root: Path | None

    def report(self, notes: Iterable[Note], problems: Iterable[Problem]) -> None:
        """Print notes and problems to standard error."""
        for each in (*notes, *reported(self.options, list(problems))):
            complain(str(each))

    def write(self, output: Path, text: str) -> None:
        """Write a file, or print its changes. Raises UnusableError for a file that cannot be written."""
        root = repository_root(output, self.root)
        try:
            # What marks the encoding is no part of a text that has been read.
            if (read_beginning(output, len(BOM_UTF8), root=root) or b"") == BOM_UTF8:
                text = f"\ufeff{text}"
            if self.options.dry_run:
                print_difference(drift(output, text, root=root))
            elif write_if_different(output, text, root=root):
                complain(f"statestores: wrote {output}")
        except OSError as error:
            raise UnusableError(f"{output}: {error.strerror}") from error


_USAGE = f"""%(prog)s FILE ... [--from FORMAT] [--map FIELD=THEIRS] [--set FIELD=VALUE] [-o OUT] [--update]
                         [--dry-run] [--skip THEIRS] [--at PATH]
       %(prog)s {KEYS} FILE ... [--planned] [-o OUT] [--dry-run]"""


def add(commands: Any, summary: str) -> None:
    """Add the command to those of the parser; *summary* is its line in the list of commands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "import",
        usage=_USAGE,
        help=summary,
        description=(
            "Create a registry from Markdown tables, CSV, YAML, JSON, or files of other tools. Notes about what "
            "was understood, and what was not, go to standard error. With the word 'keys', add the key tables of "
            "Markdown pages to the stores of a registry.\n\n"
            "Example: statestores import docs/stores.md -o schemas/state-stores.yaml"
        ),
        epilog="Exit status: 0 success; 1 something was not understood; 2 the command could not run.",
    )
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help=f"the files to read, in this order; {STANDARD_INPUT} is standard input",
    )
    parser.add_argument(
        "--from",
        dest="format",
        metavar="FORMAT",
        help=f"the format of the files: {', '.join(FORMATS)} (default: recognised from each file)",
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=THEIRS",
        help="read FIELD from the column or field THEIRS; may be repeated, also for one FIELD",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="set FIELD to VALUE for stores that do not have it; may be repeated",
    )
    parser.add_argument(
        "--skip",
        action="append",
        default=[],
        metavar="THEIRS",
        help="a column or field to leave out; may be repeated",
    )
    parser.add_argument(
        "--at",
        action="append",
        default=[],
        metavar="PATH",
        help="YAML and JSON: where the stores are, such as data.layers; may be repeated (default: anywhere)",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help=f"the registry file to write (default: standard output; with --update or {KEYS}: {DEFAULT_REGISTRY})",
    )
    parser.add_argument(
        "--update",
        action="store_true",
        help="merge into the registry file; keep its comments and order, and remove nothing",
    )
    parser.add_argument("--dry-run", action="store_true", help="write nothing; print the changes as a diff")
    parser.add_argument(
        "--planned", action="store_true", help=f"{KEYS}: add stores that only the pages name, with the status planned"
    )
    add_limits(parser)
    parser.set_defaults(run=_run, usage_error=parser.error)


def _run(options: argparse.Namespace) -> int:
    settings_file, root = read_settings(options)
    is_keys = options.files[0] == KEYS
    names = options.files[is_keys:]
    _check_options(options, names, is_keys=is_keys)
    settings = _settings(options, is_keys=is_keys)
    target = _target(options, settings_file, root, is_keys=is_keys)
    # A registry without stores is no error: they are added.
    if has_errors(problem for problem in target.problems if problem.kind is not Kind.NO_REGISTRY):
        for problem in reported(options, [*settings_file.problems, *target.problems]):
            complain(str(problem))
        complain("statestores: the registry has errors, nothing is written")
        return FAILED
    own = target.registry.backends
    labels = {backend.label: key for key, backend in own.items()}
    settings = settings._replace(backends={**labels, **{key: key for key in own}})
    sources: list[SourceText] = []
    problems: list[Problem] = list(settings_file.problems)
    files = named_files(names, PAGE_ENDINGS if is_keys else ENDINGS, target.output)
    if files.left_out:
        what = listed(map(shown, files.left_out), len(files.left_out))
        complain(f"statestores: these files of a folder are not read: {what}")
    for name in files.names:
        if name != STANDARD_INPUT and is_workbook(name, root):
            problems.append(
                Problem(Kind.UNREADABLE_FILE, "this is an Excel file: save it as CSV UTF-8", Location(name))
            )
            continue
        read = read_named(name, options.size_limit, root)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            sources.append(read)
    job = _Job(options, settings, target, tuple(sources), files.in_folders, tuple(problems), root)
    return _import_keys(job) if is_keys else _import_stores(job)


def _check_options(options: argparse.Namespace, names: list[str], *, is_keys: bool) -> None:
    """Exit when options do not fit each other. Raises UnusableError when standard input is named twice."""
    if not names:
        options.usage_error(
            f"name Markdown pages with key tables after '{KEYS}' (to import a file of this name, write './{KEYS}')"
        )
    if options.planned and not is_keys:
        options.usage_error(f"--planned is only for '{KEYS}'")
    words = (("--skip", options.skip), ("--at", options.at), ("--from", options.format), ("--update", options.update))
    if foreign := next((option for option, value in words if is_keys and value), ""):
        options.usage_error(f"{foreign} is not for '{KEYS}'")
    if options.format and options.format not in FORMATS:
        if options.format.lower() in RESTRUCTUREDTEXT_NAMES:
            options.usage_error(f"--from {options.format}: {RESTRUCTUREDTEXT_ADVICE}")
        near = did_you_mean(options.format, FORMATS)
        options.usage_error(f"unknown format {options.format!r}{near} (the formats are {', '.join(FORMATS)})")
    if names.count(STANDARD_INPUT) > 1:
        raise UnusableError("standard input can be read once only")


def _target(options: argparse.Namespace, settings: SharedSettings, root: Path | None, *, is_keys: bool) -> _Target:
    """Return the registry that the command line names, or else that of the settings file, with all its files.

    With ``--update``, an output that does not exist is a file without stores.

    Exits when the options do not fit each other. Raises UnusableError for a file that is there already.
    """
    is_merged = is_keys or options.update
    files = registry_files(settings, root)
    if is_merged and not options.output and not files:
        raise UnusableError(f"{settings.file}: 'registry' names no file to merge into: name one with -o OUT")
    output: Path | None
    if not options.output:
        output, written = files[0] if is_merged else None, tuple(files)
    elif options.output == STANDARD_INPUT:
        output, written = None, ()
    else:
        output = Path(options.output)
        written = (output,)
        own = absolute_path(output)
        is_own = own in map(absolute_path, files)
        files = (
            [output if absolute_path(file) == own else file for file in files] if is_own else default_files(output)
        )
    if is_merged and output is None:
        options.usage_error(f"{KEYS if is_keys else '--update'} merges into a file: name it with -o OUT")
    if options.dry_run and output is None:
        options.usage_error("--dry-run compares with a file: name it with -o OUT")
    if not is_merged:
        if output is not None and exists(output):
            raise UnusableError(f"{output} exists already: use --update to merge into it")
        return _Target(output, written, (), Registry(), ())
    read = [
        SourceText(str(path), NO_STORES, "")
        if options.update and path == output and not os.path.lexists(path)
        else read_source(path, options.size_limit, root)
        for path in files
    ]
    registry, problems = load_sources(read)
    sources = tuple(source for source in read if isinstance(source, SourceText))
    return _Target(output, written, sources, registry, tuple(problems))


def _settings(options: argparse.Namespace, *, is_keys: bool) -> ImportOptions:
    names = _pairs(options, options.map, "--map", (*KNOWN_FIELDS, *(KEY_FIELDS if is_keys else ())))
    values = _pairs(options, options.set, "--set", [field for field in KNOWN_FIELDS if field not in {"name", "keys"}])
    for field, set_values in values.items():
        if len(set_values) > 1:
            options.usage_error(f"--set {field} is given {len(set_values)} times: set one value")
    first_values = {field: set_values[0] for field, set_values in values.items()}
    return ImportOptions(names, first_values, skipped=tuple(options.skip), paths=tuple(options.at))


def _pairs(
    options: argparse.Namespace, words: list[str], option: str, known: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    fields = {squashed(field): field for field in known}
    for word in words:
        field, sign, value = word.partition("=")
        name = field if _OWN_FIELD.fullmatch(field) else fields.get(squashed(field), "")
        if not sign or not value:
            options.usage_error(f"{option} must be FIELD=VALUE, such as service=Auth; found {shown(word)}")
        if not name:
            near = did_you_mean(field, fields.values())
            options.usage_error(
                f"{option}: {shown(field)} is not a field{near} "
                f"(the fields are {', '.join(fields.values())}, and x-NAME)"
            )
        found[name] = tuple(dict.fromkeys((*found.get(name, ()), value)))
    return found


def _import_stores(job: _Job) -> int:
    options, settings = job.options, job.settings
    output, registry = job.target.output, job.target.registry
    found: list[Imported] = []
    for source in job.sources:
        name = options.format or recognized(source)
        if not name and is_restructuredtext(source):
            raise UnusableError(f"{source.path}: {RESTRUCTUREDTEXT_ADVICE}")
        if not name:
            near = f"set its format with --from ({', '.join(FORMATS)})"
            raise UnusableError(f"{source.path}: the format cannot be recognized: {near}")
        if settings.paths and name not in NESTED_FORMATS:
            formats = " and ".join(sorted(NESTED_FORMATS))
            raise UnusableError(f"{source.path}: --at is for {formats}; this is {name}")
        imported = importer_called(name).read(source, settings)
        found.append(_without_absence(imported) if source.path in job.in_folders else imported)
    _check_names(settings, found)
    loadable = combine(found, registry)
    problems = [*job.problems, *loadable.problems]
    job.report(loadable.notes, problems)
    if not loadable.stores:
        complain("statestores: no store was found, nothing is written")
        return FAILED
    if output is None:
        print_result(loadable.text())
    elif options.update:
        problems += _update(job, loadable)
    else:
        job.write(output, loadable.text())
        _hint_at_schema(output)
        if has_errors(problems) and not options.dry_run:
            complain("statestores: to add what is left out, correct the errors and repeat the command with --update")
    if not options.update:
        _sum_up(loadable)
    return FAILED if has_errors(problems) else OK


def _without_absence(imported: Imported) -> Imported:
    """Make notes of what says that a file has no stores: a folder may have other files."""
    absent = [problem for problem in imported.problems if problem.kind in _ABSENCE]
    notes = tuple(Note(problem.message, problem.location) for problem in absent)
    problems = tuple(problem for problem in imported.problems if problem not in absent)
    return imported._replace(notes=(*imported.notes, *notes), problems=problems)


def _check_names(settings: ImportOptions, found: list[Imported]) -> None:
    """Raise UnusableError when ``--map`` or ``--skip`` names a column or field that no text has."""
    names = dict.fromkeys(name for imported in found for name in imported.names)
    words = [
        (f"--map {field}={theirs}", theirs) for field, all_theirs in settings.names.items() for theirs in all_theirs
    ]
    for option, theirs in (*words, *((f"--skip {theirs}", theirs) for theirs in settings.skipped)):
        if names and not any(same_name(theirs, name) for name in names):
            near = did_you_mean(theirs, names) or f" (found {listed(map(shown, names), len(names))})"
            raise UnusableError(masked(f"{option}: no file has {shown(theirs)}{near}"))


def _hint_at_schema(output: Path) -> None:
    """Say how the file gets its schema, which its first line names, where that is not there."""
    schema = output.with_name(SCHEMA_NAME)
    if not is_file(schema):
        complain(
            f"statestores: for completion in editors, write the schema next to it: statestores schema > {schema}"
        )


def _sum_up(loadable: LoadableRegistry) -> None:
    number = len(loadable.stores)
    silent = sum("purpose" not in store.fields for store in loadable.stores)
    without = f"; {silent} of them without a purpose" if silent else ""
    complain(f"statestores: {number} {'store' if number == 1 else 'stores'}{without}")


def _import_keys(job: _Job) -> int:
    settings, registry = job.settings, job.target.registry
    imported = []
    for source in job.sources:
        if not recognized(source) and is_restructuredtext(source):
            raise UnusableError(f"{source.path}: {RESTRUCTUREDTEXT_ADVICE}")
        page = read_key_tables(source, registry, settings)
        report = Report(source.path)
        planned = planned_stores(page, registry, settings, report) if job.options.planned else []
        unknown = [] if job.options.planned else unknown_stores(page, registry, source.path)
        imported.append(
            Imported(
                (*page.stores, *planned),
                report.sections(),
                (*page.notes, *report.notes),
                (*page.problems, *report.problems, *unknown),
            )
        )
    loadable = combine(imported, registry)
    problems = [*job.problems, *loadable.problems]
    job.report(loadable.notes, problems)
    if not loadable.stores:
        complain("statestores: no key table of a store was found, nothing is written")
        return FAILED
    problems += _update(job, loadable)
    return FAILED if has_errors(problems) else OK


def _update(job: _Job, loadable: LoadableRegistry) -> list[Problem]:
    """Merge stores into the files of a registry; return the problems.

    A store is changed in the file that defines it, where that may be written. New stores and sections come into the
    output, which is merged first: the other files may need its sections.
    """
    target = job.target
    texts = {source.path: source for source in target.sources}
    output = str(target.output)
    known = target.registry.by_name
    others = [path for path in map(str, target.written) if path in texts and path != output]
    places = {
        store.name: known[store.name].location.path if store.name in known else output for store in loadable.stores
    }
    added = changed = 0
    problems: list[Problem] = []
    for path in (output, *others):
        source = texts[path]
        is_output = path == output
        stores = [
            store
            for store in loadable.stores
            if places[store.name] == path or (is_output and places[store.name] not in others)
        ]
        if not stores and not is_output:
            continue
        beside = [text for other, text in texts.items() if other != path]
        merged: Merged = merge(source, stores, loadable.sections if is_output else {}, beside)
        problems += merged.problems
        job.report((), merged.problems)
        if merged.text != source.text:
            texts[path] = source._replace(text=merged.text)
            is_new = not exists(path)
            job.write(Path(path), merged.text)
            if is_new:
                _hint_at_schema(Path(path))
            added += len(merged.added)
            changed += len(merged.changed)
    if any(texts[source.path] is not source for source in target.sources):
        unwritten = "; nothing is written" if job.options.dry_run else ""
        complain(f"statestores: {added} added, {changed} changed{unwritten}")
    else:
        complain(
            "statestores: nothing is written"
            if has_errors(problems)
            else f"statestores: {output} is already up to date"
        )
    return problems
