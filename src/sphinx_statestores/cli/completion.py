"""``statestores completion``: scripts with which a shell completes the command, made from its parsers."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from sphinx_statestores.cli import COMMANDS, MODULES
from sphinx_statestores.cli.arguments import add_limits, load_registry
from sphinx_statestores.cli.outcome import OK
from sphinx_statestores.cli.output import print_result
from sphinx_statestores.cli.parsers import FILTERS, SERVICES, STORES, CommandParser, Parser
from sphinx_statestores.registry.shapes import SERVICE_NAME

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

_PROGRAM = "statestores"
#: What prints the names of a kind, one a line. They are those of the registry around the current folder.
_PRINTING = {
    STORES: f"{_PROGRAM} list --format names",
    SERVICES: f"{_PROGRAM} completion {SERVICES}",
    FILTERS: f"{_PROGRAM} completion {FILTERS}",
}


# A shell puts names into a command as they are.
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


class _Option(NamedTuple):
    """An option of a command."""

    names: tuple[str, ...]
    takes_value: bool
    #: What its value may be: words, or the name of a kind; nothing for anything.
    values: tuple[str, ...] | str


class _Command(NamedTuple):
    """A command, as a shell completes it."""

    name: str
    summary: str
    options: tuple[_Option, ...]
    #: What the other words may be, beside files.
    words: tuple[str, ...] | str
    #: The name of a kind of options that the registry adds; empty for none.
    more_options: str = ""


def add(commands: Any, summary: str) -> None:
    """Add the command to those of the parser; *summary* is its line in the list of commands."""
    parser: CommandParser = commands.add_parser(
        "completion",
        help=summary,
        description=(
            "Print a script that lets your shell complete commands, options, values, and names of stores and "
            "services. Put one of these lines into the startup file of your shell.\n\n"
            "bash: source <(statestores completion bash)\n\n"
            "zsh: source <(statestores completion zsh)\n\n"
            "fish: statestores completion fish | source"
        ),
        epilog=(
            f"With the word {SERVICES}, print the names of all services, one per line, for these scripts; with "
            f"{FILTERS}, the options that filter by fields of your own."
        ),
    )
    parser.values["shell"] = tuple(_SCRIPTS)
    parser.add_argument("shell", choices=(*_SCRIPTS, SERVICES, FILTERS), metavar="SHELL", help=", ".join(_SCRIPTS))
    add_limits(parser)
    parser.set_defaults(run=_run, files=[])


def _run(options: argparse.Namespace) -> int:
    if options.shell == SERVICES:
        services = load_registry(options).registry.services
        # A shell puts them into a command as they are.
        print_result("".join(f"{name}\n" for name in services if SERVICE_NAME.fullmatch(name)))
    elif options.shell == FILTERS:
        registry = load_registry(options).registry
        names = sorted({*registry.own_fields, *registry.extra_fields})
        print_result("".join(f"--{name}\n" for name in names if _FIELD.fullmatch(name)))
    else:
        print_result(_SCRIPTS[options.shell](tuple(_commands())))
    return OK


def _commands() -> Iterator[_Command]:
    """Yield what the parsers of all commands take."""
    commands: Any = Parser(prog=_PROGRAM).add_subparsers(parser_class=CommandParser)
    for name, summary in COMMANDS.items():
        import_module(f"sphinx_statestores.cli.{MODULES.get(name, name)}").add(commands, summary)
        parser: Parser = commands.choices[name]
        options, words = [], parser.values.get("files", ())
        for action in parser.arguments:
            values = parser.values.get(action.dest) or tuple(map(str, action.choices or ()))
            if action.option_strings:
                options.append(_Option(tuple(action.option_strings), action.nargs != 0, values))
            elif action.dest != "files":
                words = values
        yield _Command(name, summary, tuple(options), words, str(parser.values.get("options", "")))


def _bash(commands: Sequence[_Command]) -> str:
    def reply(values: tuple[str, ...] | str) -> str:
        if isinstance(values, str):
            return f'_{_PROGRAM}_reply "$({_PRINTING[values]} 2>/dev/null)"'
        return f"_{_PROGRAM}_reply $'{chr(92)}n{(chr(92) + 'n').join(values)}'"

    return _BASH.format(
        names="|".join(command.name for command in commands),
        all=reply(tuple(command.name for command in commands)),
        **_cases(commands, reply, "{pattern}) {reply}; return ;;"),
    )


def _zsh(commands: Sequence[_Command]) -> str:
    def reply(values: tuple[str, ...] | str) -> str:
        if isinstance(values, str):
            return f'compadd -- ${{(f)"$({_PRINTING[values]} 2>/dev/null)"}}'
        return f"compadd -- {' '.join(values)}"

    return _ZSH.format(
        names="|".join(command.name for command in commands),
        all=reply(tuple(command.name for command in commands)),
        **_cases(commands, reply, "({pattern}) {reply}; return ;;"),
    )


def _cases(commands: Sequence[_Command], reply: Callable[[tuple[str, ...] | str], str], form: str) -> dict[str, str]:
    """Return the branches for values, options and other words, each a line in the form of a shell."""
    values, options, words = [], [], []
    for command in commands:
        for option in command.options:
            if option.takes_value and option.values:
                pattern = "|".join(f'"{command.name} {name}"' for name in option.names)
                values.append(form.format(pattern=pattern, reply=reply(option.values)))
        names = tuple(name for option in command.options for name in option.names)
        replies = [reply(names), *([reply(command.more_options)] if command.more_options else [])]
        options.append(form.format(pattern=command.name, reply="; ".join(replies)))
        if command.words:
            words.append(form.replace(" return", "").format(pattern=command.name, reply=reply(command.words)))
    indent = "\n        "
    return {"values": indent.join(values), "options": indent.join(options), "words": indent.join(words)}


def _fish(commands: Sequence[_Command]) -> str:
    names = " ".join(command.name for command in commands)
    lines = []
    for command in commands:
        lines.append(
            f"complete -c {_PROGRAM} -f -n 'not __fish_seen_subcommand_from {names}' -a {command.name} "
            f"-d {_quoted(command.summary)}"
        )
        seen = f"complete -c {_PROGRAM} -n '__fish_seen_subcommand_from {command.name}'"
        for option in command.options:
            spelled = " ".join(
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names
            )
            values = f" -x -a {_fish_words(option.values)}" if option.values else " -r"
            lines.append(f"{seen} {spelled}{values if option.takes_value else ''}")
        if command.more_options:
            lines.append(f"{seen} -a {_fish_words(command.more_options)}")
        if command.words:
            lines.append(f"{seen} -a {_fish_words(command.words)}")
    return "\n".join(lines) + "\n"


def _fish_words(values: tuple[str, ...] | str) -> str:
    return _quoted(f"({_PRINTING[values]} 2>/dev/null)" if isinstance(values, str) else " ".join(values))


def _quoted(text: str) -> str:
    return "'{}'".format(text.replace("\\", "\\\\").replace("'", "\\'"))


# No `compgen -W`: it expands the words, and names come from the registry of whatever folder this is.
_BASH = """\
_statestores_reply() {{
    local word
    while IFS= read -r word; do
        if [[ -n $word && $word == "$cur"* ]]; then COMPREPLY+=("$word"); fi
    done <<< "$1"
}}

_statestores() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command='' i
    COMPREPLY=()
    if [[ $cur == '=' ]]; then
        cur=''
    elif [[ $prev == '=' ]]; then
        prev=${{COMP_WORDS[COMP_CWORD-2]}}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${{COMP_WORDS[i]}} in
            {names}) command=${{COMP_WORDS[i]}}; break ;;
        esac
    done
    if [[ -z $command ]]; then
        {all}
        return
    fi
    case "$command $prev" in
        {values}
    esac
    if [[ $cur == -* ]]; then
        case $command in
        {options}
        esac
    fi
    case $command in
        {words}
    esac
}}

complete -o default -F _statestores statestores
"""
_ZSH = """\
#compdef statestores

_statestores() {{
    local command='' word prev=${{words[CURRENT-1]}}
    for word in ${{words[2,CURRENT-1]}}; do
        case $word in
            ({names}) command=$word; break ;;
        esac
    done
    if [[ -z $command ]]; then
        {all}
        return
    fi
    case "$command $prev" in
        {values}
    esac
    if [[ $PREFIX == -* ]]; then
        case $command in
        {options}
        esac
    fi
    case $command in
        {words}
    esac
    _files
}}

compdef _statestores statestores
"""
#: Shell -> what makes its script.
_SCRIPTS: dict[str, Callable[[Sequence[_Command]], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
