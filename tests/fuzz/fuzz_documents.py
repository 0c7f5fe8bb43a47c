"""YAML documents as trees that are changed at random and written in many ways, and texts that are damaged."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from fuzz_dice import BACKENDS, NAMES, SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fuzz_dice import Dice


@dataclass
class Text:
    """A scalar: how it is written decides what YAML makes of it."""

    value: str
    #: ``plain``, ``'``, ``"``, ``|`` or ``>``; a plain one that YAML would misread is written as it is.
    style: str = '"'


@dataclass
class Items:
    """A list."""

    items: list[Node]
    flow: bool = False


@dataclass
class Pairs:
    """A mapping; a key may be there twice."""

    pairs: list[tuple[Node, Node]]
    flow: bool = False


@dataclass
class Marked:
    """A value with an anchor or a tag before it."""

    mark: str
    value: Node


@dataclass
class Raw:
    """What is written as it is: an alias, a number, anything."""

    text: str


Node: TypeAlias = Text | Items | Pairs | Marked | Raw

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_STYLES = ("plain", "plain", "plain", '"', '"', "'", "|", ">")


def word(dice: Dice, value: str) -> Text:
    """Return a text in one of the ways in which it can be written."""
    style = dice.one(_STYLES)
    if style == "plain" and not _PLAIN.fullmatch(value) and not dice.chance(0.05):
        style = '"'
    return Text(value, style)


def mapping(dice: Dice, fields: dict[str, Callable[[], Node]], presence: float = 0.8) -> Pairs:
    """Return a mapping with most of these fields."""
    pairs = [(Text(name, "plain"), make()) for name, make in fields.items() if dice.chance(presence)]
    if dice.chance(0.1):
        dice.shuffle(pairs)
    return Pairs(list(pairs), flow=dice.chance(0.2))


# -- what a registry is made of -----------------------------------------------------------


class Grammar:
    """Makes the sections of a registry: mostly sound, with hostile texts wherever a text may stand."""

    def __init__(self, dice: Dice, hostility: float = 0.25) -> None:
        self.dice = dice
        self._hostility = hostility

    def text(self, *sound: str) -> Node:
        """Return one of the sound texts, or a hostile one."""
        hostile = self.dice.chance(self._hostility) or not sound
        return word(self.dice, self.dice.hostile() if hostile else self.dice.one(sound))

    def flag(self) -> Node:
        return Raw(self.dice.one(["true", "false", "true", "yes", "Off", "1", "''"]))

    def texts(self, *sound: str) -> Node:
        """Return a list, or a text that stands for one."""
        if self.dice.chance(0.2):
            return self.text(*sound)
        return Items([self.text(*sound) for _ in range(self.dice.few(4))], flow=self.dice.chance(0.6))

    def registry(self) -> Pairs:
        """Return a registry: stores, and some of what may stand beside them."""
        pairs: list[tuple[Node, Node]] = [(Text("x-state-stores", "plain"), self.stores())]
        for name, make in self.sections().items():
            if self.dice.chance(0.25):
                pairs.insert(self.dice.randint(0, len(pairs)), (Text(name, "plain"), make()))
        return Pairs(pairs)

    def guide(self) -> Pairs:
        """Return a guide: every section but the stores."""
        return Pairs(
            [(Text(name, "plain"), make()) for name, make in self.sections().items() if self.dice.chance(0.6)]
        )

    def sections(self) -> dict[str, Callable[[], Node]]:
        """Return what makes each section beside the stores."""
        return {
            "x-backends": self.backends,
            "x-services": self.services,
            "x-naming-conventions": self.conventions,
            "x-backend-guide": self.choices,
            "x-deployments": self.deployments,
            "x-generated-code": self.code,
            "x-reference": self.reference,
            "x-outputs": self.outputs,
            "x-lint": self.lint,
        }

    def stores(self) -> Node:
        number = self.dice.one([0, 1, 1, 2, 2, 3, 4, 6, 9])
        return Pairs([(self._name(NAMES), self.store()) for _ in range(number)])

    def _name(self, names: list[str]) -> Node:
        if self.dice.chance(0.05):
            return self.text()
        name = self.dice.one(names)
        return Text(f"{name}{self.dice.randint(0, 30)}" if self.dice.chance(0.6) else name, "plain")

    def store(self) -> Node:
        dice = self.dice
        required: dict[str, Callable[[], Node]] = {
            "backend": lambda: Text(dice.one(BACKENDS[:4]), "plain") if dice.chance(0.95) else self.text(*BACKENDS),
            "service": lambda: Text(dice.one(SERVICES), "plain") if dice.chance(0.95) else self.text(),
        }
        optional: dict[str, Callable[[], Node]] = {
            "purpose": lambda: self.text("Sessions", "Locks for `auth-statestore`", "Items & <things>"),
            "prefix": lambda: self.text("auth", "auth:lock", "item", "a/b"),
            "table": lambda: self.text("accounts", "a_b"),
            "enableSearch": self.flag,
            "status": lambda: self.text("planned", "active", "deprecated", "removed"),
            "replacedBy": lambda: self.text(*NAMES),
            "since": lambda: self.text("1.4", "2.0"),
            "readers": lambda: self.texts(*SERVICES),
            "writers": lambda: self.texts(*SERVICES),
            "tags": lambda: self.texts("hot", "cold", "lock"),
            "keys": lambda: Items([self.key() for _ in range(dice.few(3))], flow=dice.chance(0.3)),
            "x-note": lambda: self.text("a note"),
            dice.one(["x-team", "x-<b>", "bakend", "x-"]): self.text,
        }
        pairs = mapping(dice, required, 0.97).pairs + mapping(dice, optional, 0.4).pairs
        return Pairs(pairs, flow=dice.chance(0.15))

    def key(self) -> Node:
        fields = {"pattern": "session:{id}", "type": "hash", "ttl": "30m", "purpose": "One session"}
        return mapping(self.dice, {name: lambda sound=sound: self.text(sound) for name, sound in fields.items()})  # type: ignore[misc]

    def backends(self) -> Node:
        full: Callable[[], Node] = lambda: mapping(  # noqa: E731
            self.dice, {"label": lambda: self.text("Own", "Redis"), "tables": self.flag}
        )
        return Pairs(
            [
                (self._name(BACKENDS), full() if self.dice.chance(0.5) else self.text("Own", "NATS KV"))
                for _ in range(self.dice.few(4))
            ]
        )

    def services(self) -> Node:
        full: Callable[[], Node] = lambda: mapping(  # noqa: E731
            self.dice,
            {
                "title": lambda: self.text("Game Services"),
                "docs": lambda: self.text("services/auth", "https://x.org/"),
            },
        )
        return Pairs(
            [
                (self._name(SERVICES), full() if self.dice.chance(0.5) else self.text("Game Services"))
                for _ in range(self.dice.few(5))
            ]
        )

    def conventions(self) -> Node:
        pattern = ("{service}-statestore", "{service}-{feature}", "mysql-{service}-{feature}-x", "{feature}")
        return self._records(
            {
                "pattern": lambda: self.text(*pattern),
                "backends": lambda: self.texts(*BACKENDS),
                "description": lambda: self.text("Legacy pattern (prefer `{service}`)"),
                "prefer": lambda: self.text(*pattern),
            }
        )

    def choices(self) -> Node:
        return self._records(
            {
                "useCase": lambda: self.text("Sessions"),
                "backend": lambda: self.text(*BACKENDS),
                "enableSearch": self.flag,
                "rationale": lambda: self.text("Fast"),
            }
        )

    def deployments(self) -> Node:
        return self._records(
            {
                "title": lambda: self.text("Development (Shared)"),
                "note": lambda: self.text("All in one"),
                "stores": lambda: Pairs(
                    [
                        (self.text(*NAMES) if self.dice.chance(0.3) else self._name(NAMES), self.text("redis:6379"))
                        for _ in range(self.dice.few(4))
                    ]
                ),
            }
        )

    def code(self) -> Node:
        return mapping(
            self.dice,
            {
                "language": lambda: self.text("csharp"),
                "path": lambda: self.text("Generated/Stores.cs"),
                "namespace": lambda: self.text("A.B", "StateStores"),
                "class": lambda: self.text("Stores", "Metadata", "@class"),
                "names": lambda: self.texts(*NAMES),
            },
            0.5,
        )

    def reference(self) -> Node:
        closing: Callable[[], Node] = lambda: mapping(  # noqa: E731
            self.dice,
            {
                "label": lambda: self.text("TENETS.md"),
                "href": lambda: self.text("reference/TENETS.md"),
                "text": lambda: self.text("for context"),
            },
        )
        return mapping(
            self.dice,
            {
                "project": lambda: self.text("Bannou"),
                "regenerate": lambda: self.text("make docs"),
                "deployments": lambda: self.text("Two\nlines"),
                "closing": closing,
            },
        )

    #: Where an output may go: good places, and those that none may ever go to.
    PATHS = (
        "../docs/stores.md", "out.csv", "../gen/Stores.cs", "../docs/old.csv", "../docs/old.md", "../notes.csv",
        "../docs/conf.py", "../conf.py", "../Makefile", "../.ci/run", "../.github/workflows/ci.yml", "../.env",
        "../.git/config", "../.GIT/hooks/pre-commit", "../.git./config", "../git~1/config", "../.git/x",
        "../.gitignore", "../../outside/victim.csv", "../link/victim.csv", "../link.csv", "../loop/x",
        "../dangling.csv", "..", "../", "state-stores.yaml", "../docs", "/etc/x", "C:/x", "a/" * 30 + "x",
        "x" * 300, "y/" * 2100, "\u202ex", "a\0b", "../pyproject.toml", "../setup.py", "../.pre-commit-config.yaml",
        "../docs/_ext/x.py", "../conftest.py", "../sub/conf.py", "../sub/Makefile", "../.github/workflows/new.yml",
        "../.ci/new", "../.env", "../sub/.git/x", "../sub/hooks/post-checkout", "../sub/CONF.PY",
        "../sub/.GitHub/Workflows/a.yml", "../docs/new.md", "new.json",
    )  # fmt: skip

    def outputs(self) -> Node:
        formats = ("markdown", "csharp", "json", "csv")
        fields: dict[str, Callable[[], Node]] = {
            "format": lambda: self.text(*formats, "csv") if self.dice.chance(0.2) else Text(self.dice.one(formats)),
            "path": lambda: self.text(*self.PATHS) if self.dice.chance(0.2) else Text(self.dice.one(self.PATHS)),
        }
        options: dict[str, Callable[[], Node]] = {
            "namespace": lambda: self.text("A.B"),
            "class": lambda: self.text("Stores"),
            "columns": lambda: self.texts("name", "purpose", "x-note"),
        }
        # A template costs a process.
        if self.dice.chance(0.03):
            templates = ("../tools/t.jinja", "../link/secret.txt", "../.git/config", "../tools/link.jinja", "t" * 300)
            fields["format"] = lambda: Text("template")
            options["template"] = lambda: self.text(*templates)
        items: list[Node] = []
        for _ in range(self.dice.few(4)):
            required, optional = mapping(self.dice, fields, 0.97), mapping(self.dice, options, 0.2)
            items.append(Pairs(required.pairs + optional.pairs, flow=required.flow))
        return Items(items)

    def lint(self) -> Node:
        rules = [
            "naming_convention",
            "invisible-characters",
            "undescribed_key",
            "unused_ignore",
            "unknown_reader",
            "x",
        ]
        levels = ("off", "info", "warning", "error")
        full: Callable[[], Node] = lambda: mapping(  # noqa: E731
            self.dice,
            {"severity": lambda: self.text(*levels), "except": lambda: self.texts("auth-*", "*", "[a-c]*")},
        )
        return Pairs(
            [
                (self._name(rules), full() if self.dice.chance(0.4) else self.text(*levels))
                for _ in range(self.dice.few(4))
            ]
        )

    def _records(self, fields: dict[str, Callable[[], Node]]) -> Node:
        return Items([mapping(self.dice, fields, 0.85) for _ in range(self.dice.few(4))])


# -- changes of a tree --------------------------------------------------------------------


@dataclass
class _Slot:
    """A place in a tree where a value can be exchanged."""

    get: Callable[[], Node]
    set: Callable[[Node], None]
    depth: int


def _slots(root: Pairs) -> list[_Slot]:
    found: list[_Slot] = []

    def visit(node: Node, depth: int) -> None:
        if isinstance(node, Items):
            for at in range(len(node.items)):
                found.append(_Slot(_getter(node.items, at), _setter(node.items, at), depth))
                visit(node.items[at], depth + 1)
        elif isinstance(node, Pairs):
            for at, (_, value) in enumerate(node.pairs):
                found.append(_Slot(_value_getter(node.pairs, at), _value_setter(node.pairs, at), depth))
                visit(value, depth + 1)

    visit(root, 0)
    return found


def _getter(items: list[Node], at: int) -> Callable[[], Node]:
    return lambda: items[at]


def _setter(items: list[Node], at: int) -> Callable[[Node], None]:
    return lambda node: items.__setitem__(at, node)


def _value_getter(pairs: list[tuple[Node, Node]], at: int) -> Callable[[], Node]:
    return lambda: pairs[at][1]


def _value_setter(pairs: list[tuple[Node, Node]], at: int) -> Callable[[Node], None]:
    return lambda node: pairs.__setitem__(at, (pairs[at][0], node))


def _mappings(node: Node) -> Iterator[Pairs]:
    if isinstance(node, Pairs):
        yield node
        for _, value in node.pairs:
            yield from _mappings(value)
    elif isinstance(node, Items):
        for item in node.items:
            yield from _mappings(item)


_ODD = [
    "null", "~", "", "5", "-1", "1.4", "true", "no", "2024-01-01", "1:30", "9" * 500, "9" * 5000, "0x1F", ".nan",
    "[]", "{}", "[[]]", "{? [a] : b}", "{a}", "{a: }", "!!binary aGk=", "!!python/name:os.system", "!x y",
    "!!set {a}", "!!str 5", "! 5", "!!int x", "!!null x", "*a", "*nowhere", "<<", "=", "[? a]", "[a: b]", "{a:, b}",
    "'\n'", "|\n x",
]  # fmt: skip


@dataclass
class _Mutation:
    dice: Dice
    root: Pairs
    anchors: list[str] = field(default_factory=list)

    def apply(self) -> None:
        slots, maps = _slots(self.root), list(_mappings(self.root))
        dice = self.dice
        if not slots:
            self.root.pairs.append((Text("x-state-stores", "plain"), Raw(dice.one(_ODD))))
            return
        slot, pairs = dice.one(slots), dice.one(maps).pairs
        match dice.randint(0, 11):
            case 0:
                slot.set(word(dice, dice.hostile()))
            case 1:
                slot.set(Raw(dice.one(_ODD)))
            case 2:
                other = dice.one(slots)
                one, two = slot.get(), other.get()
                if not _holds(one, two) and not _holds(two, one):
                    slot.set(two)
                    other.set(one)
            case 3 if pairs:
                pairs.insert(dice.randint(0, len(pairs)), dice.one(pairs))
            case 4 if pairs:
                at = dice.randrange(len(pairs))
                key = dice.one([word(dice, dice.hostile()), Raw(dice.one(_ODD)), *(pair[0] for pair in pairs)])
                pairs[at] = key, pairs[at][1]
            case 5:
                name = dice.one("abc")
                self.anchors.append(name)
                slot.set(Marked(f"&{name}", slot.get()))
            case 6:
                slot.set(Raw(f"*{dice.one(self.anchors or ['a'])}"))
            case 7:
                sources = [f"*{name}" for name in self.anchors or ["a"]]
                several = dice.chance(0.4)
                merged = (
                    f"[{', '.join(dice.choices(sources, k=dice.randint(0, 6)))}]" if several else dice.one(sources)
                )
                pairs.insert(dice.randint(0, len(pairs)), (Raw("<<"), Raw(merged)))
            case 8:
                self._nest(slot)
            case 9:
                slot.set(Marked(dice.one(["!!str", "!", "!x", "!!map", "!!seq", "!!int", "!!null"]), slot.get()))
            case 10 if pairs:
                del pairs[dice.randrange(len(pairs))]
            case _:
                node = slot.get()
                if isinstance(node, Items | Pairs):
                    node.flow = not node.flow
                else:
                    slot.set(Items([node], flow=dice.chance(0.5)))

    def _nest(self, slot: _Slot) -> None:
        levels = self.dice.one([1, 2, 5, 25, 31, 32, 40])
        node = slot.get()
        for _ in range(levels):
            node = (
                Items([node], flow=True) if self.dice.chance(0.5) else Pairs([(Text("a", "plain"), node)], flow=True)
            )
        slot.set(node)


def _holds(outer: Node, inner: Node) -> bool:
    """Return whether a value is inside another, so that exchanging the two would make a loop."""
    waiting: list[Node] = [outer]
    while waiting:
        node = waiting.pop()
        if node is inner:
            return True
        if isinstance(node, Items):
            waiting += node.items
        elif isinstance(node, Pairs):
            waiting += [value for _, value in node.pairs]
        elif isinstance(node, Marked):
            waiting.append(node.value)
    return False


def mutate(dice: Dice, root: Pairs, times: int) -> None:
    """Change a tree at so many places."""
    mutation = _Mutation(dice, root)
    for _ in range(times):
        mutation.apply()


# -- writing ------------------------------------------------------------------------------


def write(root: Pairs, dice: Dice) -> str:
    """Return a tree as YAML, here and there with a comment."""
    lines: list[str] = []
    for key, value in root.pairs:
        if dice.chance(0.1):
            lines.append(dice.one(["# a comment\n", "\n", "# statestores: ignore\n", "---\n" if not lines else "\n"]))
        lines.append(f"{_flow(key)}:{_block(value, 0)}")
    text = "".join(lines)
    if dice.chance(0.15):
        rows = text.split("\n")
        at = dice.randrange(len(rows))
        rows[at] += dice.one(
            [
                " # statestores: ignore",
                " # statestores: ignore[naming_convention, x]",
                " # x",
                " # statestores: ignore[",
            ]
        )
        text = "\n".join(rows)
    return text


def _block(node: Node, indent: int) -> str:
    """Write a value behind the colon of its key."""
    pad = " " * (indent + 2)
    if isinstance(node, Marked):
        return f" {node.mark}{_block(node.value, indent)}"
    if isinstance(node, Text) and node.style in "|>" and "\r" not in node.value and node.value.strip():
        lines = "".join(f"{pad}{line}\n" if line else "\n" for line in node.value.split("\n"))
        return f" {node.style}-\n{lines}"
    if isinstance(node, Items) and node.items and not node.flow:
        return "\n" + "".join(f"{pad}-{_block(item, indent + 2)}" for item in node.items)
    if isinstance(node, Pairs) and node.pairs and not node.flow:
        return "\n" + "".join(f"{pad}{_flow(key)}:{_block(value, indent + 2)}" for key, value in node.pairs)
    return f" {_flow(node)}\n"


def _flow(node: Node) -> str:
    """Write a value on one line."""
    if isinstance(node, Raw):
        return node.text
    if isinstance(node, Marked):
        return f"{node.mark} {_flow(node.value)}"
    if isinstance(node, Items):
        return f"[{', '.join(map(_flow, node.items))}]"
    if isinstance(node, Pairs):
        return f"{{{', '.join(f'{_flow(key)}: {_flow(value)}' for key, value in node.pairs)}}}"
    if node.style == "plain":
        return node.value
    if node.style == "'" and node.value.isprintable():
        return "'{}'".format(node.value.replace("'", "''"))
    return quoted(node.value)


def quoted(text: str) -> str:
    """Return a text in double quotes, with whatever is not printable escaped."""
    return '"{}"'.format("".join(map(_escaped, text)))


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    number = ord(letter)
    if letter.isprintable():
        return letter
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" if number < 65536 else f"\\U{number:08x}"


# -- damage -------------------------------------------------------------------------------

FRAGMENTS = [
    *"-:?,[]{}#&*!|>'\"%@`<=~ \t\n\r\\", ": ", "- ", "\n  ", "\n    ", "? ", "<<: ", "*a", "&a ", "!!str ", "!x ",
    "---\n", "...\n", "%YAML 1.2\n", "|2\n", ">-\n", "no", "5", "~", "\ufeff", "\x85", "\u2028", "\u2029", "\u200b",
    "\u202e", "\x00", "\x1b[31m", "\x7f", "\ufffe", "\r\n", "\n\n\n", "x" * 200, "[" * 40, "{a: " * 40, "- " * 40,
    "[" * 2000, "x-state-stores:\n", "# statestores: ignore\n", "backend: redis", "'", '"', "\n'", '\n"', "\\ud800",
    "\\x00",
]  # fmt: skip


def damage(dice: Dice, text: str, times: int) -> bytes:
    """Cut, double, swap and overwrite a text in so many places, then perhaps its bytes."""
    for _ in range(times):
        start = dice.randint(0, len(text))
        end = min(len(text), start + dice.few(60))
        match dice.randint(0, 7):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:end] + text[start:end] + text[end:]
            case 2:
                lines = text.split("\n")
                one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
                lines[one], lines[other] = lines[other], lines[one]
                text = "\n".join(lines)
            case 3:
                lines = text.split("\n")
                at = dice.randrange(len(lines))
                lines[at : at + 1] = [lines[at]] * dice.one([0, 2, 3, 200])
                text = "\n".join(lines)[:200_000]
            case 4:
                lines = text.split("\n")
                at = dice.randrange(len(lines))
                lines[at] = " " * dice.few(6) + lines[at].lstrip(" ")
                text = "\n".join(lines)
            case 5:
                text = text[:start]
            case _:
                text = text[:start] + dice.one(FRAGMENTS) + text[start if dice.chance(0.5) else end :]
    data = text.encode("utf-8", "replace")
    if dice.chance(0.08):
        data = _damaged_bytes(dice, data)
    return data


def _damaged_bytes(dice: Dice, data: bytes) -> bytes:
    match dice.randint(0, 5):
        case 0:
            return b"\xef\xbb\xbf" + data
        case 1:
            return data.replace(b"\n", dice.one([b"\r\n", b"\r", b"\xc2\x85", b"\xe2\x80\xa8"]))
        case 2:
            return data.decode("utf-8", "replace").encode(dice.one(["utf-16", "utf-32", "utf-16-le"]))
        case _:
            changed = bytearray(data)
            for _ in range(dice.randint(1, 4) if changed else 0):
                changed[dice.randrange(len(changed))] = dice.randrange(256)
            return bytes(changed)
