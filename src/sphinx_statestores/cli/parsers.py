"""Parsers of arguments: their words go where those of the commands go, and what is mistyped is named."""

from __future__ import annotations

import argparse
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sphinx_statestores.cli.outcome import UNUSABLE
from sphinx_statestores.cli.output import complain, print_result
from sphinx_statestores.cli.terminal import terminal_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import NoReturn

#: Names of a registry that a shell completes.
STORES, SERVICES = "stores", "services"
#: The options of a registry that a shell completes: filters by fields of the user's own.
FILTERS = "filters"

#: What the option of a filter by a field of the user's own begins with.
_EXTRA_FILTER = "--x-"
#: The option of a filter by a declared field.
_FIELD_OPTION = re.compile(r"--[A-Za-z][A-Za-z0-9_-]{0,63}")
#: What ends the options.
_END = "--"


class _Help(argparse.HelpFormatter):
    """Help of the terminal's width, which argparse would import ``shutil`` for, even when it shows no help."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=(terminal_width() or 80) - 2)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Wrap a description or an epilog, each paragraph on its own."""
        return "\n\n".join(super(_Help, self)._fill_text(part, width, indent) for part in text.split("\n\n"))


class Parser(argparse.ArgumentParser):
    """A parser whose words go where those of the commands go, and fail as they do; argparse loses what fails."""

    def __init__(self, **settings: Any) -> None:
        #: In the order of the help.
        self.arguments: list[argparse.Action] = []
        #: Argument -> what a shell offers for it where it has no choices: words, or :data:`STORES`, :data:`SERVICES`.
        #: With :data:`FILTERS` for ``options``, the command has these beside its own.
        self.values: dict[str, tuple[str, ...] | str] = {}
        super().__init__(**{"formatter_class": _Help, **settings})

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        """Add an argument, and keep it."""
        action = super().add_argument(*names, **settings)
        self.arguments.append(action)
        return action

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse arguments, all of which have to be known."""
        found, unknown = self.parse_known_args(args, namespace)
        self.refuse(unknown)
        return found

    def refuse(self, unknown: Sequence[str], more: Iterable[str] = ()) -> None:
        """Say which arguments are unknown, and what was probably meant; exit if there are any.

        *more* are options beside those of the parser.
        """
        own = (option for action in self.arguments for option in action.option_strings if option not in unknown)
        options = [*own, *more]
        messages = [
            f"unknown option {word.partition('=')[0]!r}{near(word.partition('=')[0], options)}"
            if word.startswith("-") and word != "-"
            else f"unexpected argument {word!r}"
            for word in unknown
        ]
        if messages:
            self.error("; ".join(messages))

    def print_help(self, file: Any = None) -> None:
        """Print the help."""
        if file is None:
            print_result(self.format_help())
        else:
            super().print_help(file)

    def error(self, message: str) -> NoReturn:
        """Say how the command is used, and what is wrong; exit."""
        for line in self.format_usage().splitlines():
            complain(line)
        complain(f"{self.prog}: error: {message}")
        raise SystemExit(UNUSABLE)


class CommandParser(Parser):
    """The parser of a command: options and files may stand in any order."""

    #: Whether any ``--x-NAME LIST`` is an option as well: a filter by a field of the user's own. The namespace has
    #: these in ``extra``, each as its name and its list. So does any other unknown ``--NAME``, which the registry may
    #: declare: who has read it, calls :meth:`refuse_filters`. Options must then be written in full.
    takes_extra_filters = False
    _is_mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as argparse does only when asked to: else no file could follow an option that follows a file."""
        if self._is_mixing:
            return super().parse_known_args(args, namespace)
        words = list(args or ())
        if self.takes_extra_filters:
            self._add_extra_filters(words)
        # Mixing forgets what ``--`` says of the words behind it.
        if _END in words:
            found, unknown = super().parse_known_args(words, namespace)
        else:
            self._is_mixing = True
            try:
                found, unknown = self.parse_known_intermixed_args(words, namespace)
            finally:
                self._is_mixing = False
        self.refuse(unknown)
        return found, unknown

    def _add_extra_filters(self, words: list[str]) -> None:
        """Add an option for each field that the words filter by."""
        self.set_defaults(extra=[])
        # The beginning of an option may be the name of a field.
        self.allow_abbrev = False
        known = {option for action in self.arguments for option in action.option_strings}
        given = words[: words.index(_END)] if _END in words else words
        for option in dict.fromkeys(word.partition("=")[0] for word in given):
            is_custom = option.startswith(_EXTRA_FILTER)
            if is_custom or (_FIELD_OPTION.fullmatch(option) and option not in known):
                super().add_argument(
                    option,
                    action=_ExtraFilter,
                    dest="extra",
                    default=[],
                    # A field that is true or false needs no value, and an unknown option may have none.
                    nargs=None if is_custom else "?",
                    metavar="LIST",
                    help=argparse.SUPPRESS,
                )

    def refuse_filters(self, names: Iterable[str], known: Iterable[str]) -> None:
        """Say of filters that no field has these names, as of unknown options; exit if there are any.

        *known* are the fields that there are.
        """
        self.refuse([f"--{name}" for name in dict.fromkeys(names)], [f"--{name}" for name in known])


class _ExtraFilter(argparse.Action):
    """A filter by a field of the user's own."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: Any, values: Any, option: Any = None) -> None:
        """Add the name of the field and the list to those that are there."""
        namespace.extra = [*namespace.extra, (option.removeprefix("--"), values or "")]


def near(word: str, known: Iterable[str]) -> str:
    """Return ``": did you mean 'a'?"`` where a known word is near, as the end of a message."""
    # Start-up: only a mistyped word needs it.
    question: str = import_module("sphinx_statestores.registry.suggest").did_you_mean(word, known, 1)
    return question.replace(";", ":", 1)
