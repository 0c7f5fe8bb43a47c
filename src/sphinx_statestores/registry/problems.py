"""Problems of a registry and of queries: their kinds, severities and locations."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from sphinx_statestores.registry.quoting import printable

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(Enum):
    """How bad a problem is. An error means that something is left out or stale; an info is a hint."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Kind(Enum):
    """Every kind of problem, with its severity and its meaning.

    ``subtype`` is the name in ``suppress_warnings`` (``statestores.<subtype>``) and in brackets on the command line.
    """

    UNREADABLE_FILE = "unreadable_file", Severity.ERROR, "A registry file is missing or cannot be read."
    EMPTY_FILE = "empty_file", Severity.ERROR, "A registry file holds nothing, or comments only."
    NOT_YAML = "not_yaml", Severity.ERROR, "A registry file is not well-formed YAML, or nests too deep."
    NOT_TOML = "not_toml", Severity.ERROR, "A file with settings is not well-formed TOML."
    NO_REGISTRY = "no_registry", Severity.ERROR, "No file has a mapping named ``x-state-stores``."
    WRONG_SHAPE = (
        "wrong_shape",
        Severity.ERROR,
        "A value has another shape than the format wants: a list for a mapping, a number for a text.",
    )
    REFERENCE = (
        "reference",
        Severity.ERROR,
        "A mapping has ``$ref``. References are not followed: several files are merged instead.",
    )
    MISSING_FIELD = "missing_field", Severity.ERROR, "A required field is not there."
    MISSING_PURPOSE = "missing_purpose", Severity.WARNING, "A store does not say what it is for."
    INVALID_NAME = "invalid_name", Severity.ERROR, "A name has characters that no link or path can carry."
    UNKNOWN_BACKEND = (
        "unknown_backend",
        Severity.ERROR,
        "A backend is neither built in nor in ``x-backends``.",
    )
    DUPLICATE_NAME = (
        "duplicate_name",
        Severity.ERROR,
        "A store, section or field is defined twice. The first one stands.",
    )
    INVALID_VALUE = "invalid_value", Severity.ERROR, "A field has a value that it cannot have."
    UNKNOWN_FIELD = "unknown_field", Severity.WARNING, "A field is not one of the format. It is kept."
    NO_STORES = "no_stores", Severity.WARNING, "The registry is empty."
    NOT_KEBAB_CASE = (
        "not_kebab_case",
        Severity.WARNING,
        "The name of a store is not made of lower-case words with hyphens between them.",
    )
    FOREIGN_FIELD = (
        "foreign_field",
        Severity.WARNING,
        "A store has a field that means nothing in its backend, such as a ``prefix`` in MySQL.",
    )
    MISSING_PREFIX = (
        "missing_prefix",
        Severity.WARNING,
        "A store has no ``prefix``, other stores of its backend have one, and the keys of all lie in one place.",
    )
    GLOB_IN_PREFIX = (
        "glob_in_prefix",
        Severity.WARNING,
        "A prefix has a character that stands for others in a pattern of keys: ``*``, ``?``, ``[``, ``]``, ``\\``.",
    )
    YAML_1_1_BOOLEAN = (
        "yaml_1_1_boolean",
        Severity.WARNING,
        "A truth value is spelt ``yes``, ``no``, ``on`` or ``off``, which YAML 1.2 reads as text.",
    )
    LONG_PURPOSE = "long_purpose", Severity.WARNING, "A purpose has more than 2,000 characters."
    TEXT_CUT = (
        "text_cut",
        Severity.WARNING,
        "A text without quotes ends before a ``#`` that looks like a part of it, such as that of ``(see #482)``.",
    )
    INVISIBLE_CHARACTERS = (
        "invisible_characters",
        Severity.WARNING,
        "A text has characters that cannot be seen, or that change the direction of writing.",
    )
    NAME_COLLISION = (
        "name_collision",
        Severity.WARNING,
        "Two stores or two services have names that differ only in upper and lower case.",
    )
    CONSTANT_COLLISION = (
        "constant_collision",
        Severity.WARNING,
        "Two stores have the same constant in generated code, as ``auth`` and ``auth-statestore`` have.",
    )
    SAME_PREFIX = "same_prefix", Severity.WARNING, "Two stores of one backend have the same prefix."
    SAME_TABLE = "same_table", Severity.WARNING, "Two stores of one backend have the same table."
    DRIFT = (
        "drift",
        Severity.ERROR,
        "A file that ``x-outputs`` declares is not there, or is not what the registry gives.",
    )

    BACKEND_LABEL = (
        "backend_label",
        Severity.WARNING,
        "A backend is named by its label or in another case, such as ``Redis``. It is taken for what is meant.",
    )
    TEXT_FOR_LIST = (
        "text_for_list",
        Severity.WARNING,
        "A text with commas stands where a list has to be, such as ``tags: hot, cold``. It is taken for that list.",
    )
    UNKNOWN_SECTION = (
        "unknown_section",
        Severity.WARNING,
        "The name of a section is misspelt, such as ``x-backend``, or stands in another section. It is not read.",
    )
    UNKNOWN_REFERENCE = (
        "unknown_reference",
        Severity.WARNING,
        "``replacedBy``, ``x-deployments`` or the ``names`` of ``x-generated-code`` name no store of the registry.",
    )
    UNUSED_SERVICE = (
        "unused_service",
        Severity.WARNING,
        "``x-services`` describes a service that owns no store, and reads and writes none.",
    )

    NAMING_CONVENTION = (
        "naming_convention",
        Severity.INFO,
        "The name of a store follows none of the patterns for its backend.",
    )
    LEGACY_NAME = "legacy_name", Severity.INFO, "The name of a store follows a pattern that says what to prefer."
    NESTED_PREFIX = (
        "nested_prefix",
        Severity.INFO,
        "The prefix of a store is inside that of another store of the same service.",
    )
    FOREIGN_PREFIX = (
        "foreign_prefix",
        Severity.WARNING,
        "The prefix of a store is inside that of another service, or begins with the name of another service.",
    )
    UNDESCRIBED_KEY = "undescribed_key", Severity.INFO, "An item of ``keys`` has no purpose."
    DEPRECATED_IN_USE = (
        "deprecated_in_use",
        Severity.INFO,
        "A deprecated store has readers or writers, is named in an example, or is to replace another.",
    )
    REMOVED_IN_USE = (
        "removed_in_use",
        Severity.WARNING,
        "A removed store has readers or writers, is named in an example, or is to replace another.",
    )
    UNKNOWN_READER = (
        "unknown_reader",
        Severity.WARNING,
        "A reader or writer of a store is no known service: it owns no store and is not in ``x-services``.",
    )
    UNUSED_IGNORE = (
        "unused_ignore",
        Severity.INFO,
        "A comment ``# statestores: ignore`` silences nothing.",
    )
    UNKNOWN_RULE = (
        "unknown_rule",
        Severity.WARNING,
        "``x-lint`` or a comment names a rule that does not exist, or that only ``statestores_lint`` sets.",
    )

    INVALID_CONFIG = (
        "invalid_config",
        Severity.WARNING,
        "A ``statestores_*`` value cannot be used as it is, or a file with settings has one that does not exist.",
    )
    UNKNOWN_CONFIG = (
        "unknown_config",
        Severity.WARNING,
        "``conf.py`` sets a name like ``statestores_registy``, which is no configuration value.",
    )
    INVALID_ARGUMENT = (
        "invalid_argument",
        Severity.WARNING,
        "A directive has an argument or content that it does not take, or lacks an argument that it needs.",
    )
    UNKNOWN_TAG = "unknown_tag", Severity.WARNING, "A filter names a tag that no store has."
    UNMATCHED_PATTERN = (
        "unmatched_pattern",
        Severity.WARNING,
        "A filter has a name or a pattern that fits the name of no store.",
    )
    UNKNOWN_OPTION = "unknown_option", Severity.WARNING, "A directive has an option that it does not know."
    INVALID_OPTION = "invalid_option", Severity.WARNING, "An option has a value that it does not understand."
    UNKNOWN_COLUMN = "unknown_column", Severity.WARNING, "A column, a filter or an order names an unknown field."
    UNKNOWN_STORE = "unknown_store", Severity.WARNING, "A ``:store:`` role names no store of the registry."
    UNKNOWN_LITERAL = (
        "unknown_literal",
        Severity.WARNING,
        "An inline literal looks like the name of a store, and the registry has no such store.",
    )
    UNSHOWN_STORE = (
        "unshown_store",
        Severity.WARNING,
        "A link names a store that no table shows, or that only something shows which another extension hides.",
    )
    NUMBER_IN_TERM = (
        "number_in_term",
        Severity.WARNING,
        "A term of a glossary has a ``:store-count:``: it is found by its other words only.",
    )
    MISSING_REVISION = (
        "missing_revision",
        Severity.WARNING,
        "A comparison names a file or a git revision that cannot be read, or has errors.",
    )
    UNKNOWN_SERVICE = (
        "unknown_service",
        Severity.WARNING,
        "A filter or a role names no service of the registry.",
    )
    MISSING_SERVICE_PAGE = (
        "missing_service_page",
        Severity.WARNING,
        "The configuration gives a service a page that does not exist, or none can be generated for it.",
    )
    DUPLICATE_ENTRY = (
        "duplicate_entry",
        Severity.WARNING,
        "A store has two entries that links could lead to. The first one, in the order of the toctrees, stands.",
    )
    MISPLACED_DIRECTIVE = (
        "misplaced_directive",
        Severity.WARNING,
        "A directive that makes sections stands where no section can be.",
    )
    UNREACHABLE_SITE = (
        "unreachable_site",
        Severity.WARNING,
        "The registry of another site cannot be fetched. The copy of an earlier build is used, if there is one.",
    )
    UNWRITABLE_FILE = "unwritable_file", Severity.WARNING, "A file beside the pages of a site cannot be written."

    def __init__(self, subtype: str, severity: Severity, meaning: str) -> None:
        self.subtype = subtype
        self.severity = severity
        self.meaning = meaning

    @property
    def is_rule(self) -> bool:
        """Whether a project may set its severity."""
        return self.subtype in RULES

    @property
    def is_guarded(self) -> bool:
        """Whether only the configuration of a site can set it: a registry can neither configure nor ignore it."""
        return self.subtype in GUARDED_RULES


#: The kinds whose severity a project may set, by subtype, in the order of the documentation: lint rules first, then
#: warnings of the loader. None of them leaves anything out.
RULES: dict[str, Kind] = {
    kind.subtype: kind
    for kind in (
        Kind.NAMING_CONVENTION,
        Kind.LEGACY_NAME,
        Kind.NESTED_PREFIX,
        Kind.FOREIGN_PREFIX,
        Kind.UNDESCRIBED_KEY,
        Kind.DEPRECATED_IN_USE,
        Kind.REMOVED_IN_USE,
        Kind.UNKNOWN_READER,
        Kind.UNUSED_IGNORE,
        Kind.CONSTANT_COLLISION,
        Kind.NAME_COLLISION,
        Kind.SAME_PREFIX,
        Kind.SAME_TABLE,
        Kind.NOT_KEBAB_CASE,
        Kind.MISSING_PURPOSE,
        Kind.LONG_PURPOSE,
        Kind.TEXT_CUT,
        Kind.INVISIBLE_CHARACTERS,
        Kind.MISSING_PREFIX,
        Kind.GLOB_IN_PREFIX,
        Kind.FOREIGN_FIELD,
        Kind.BACKEND_LABEL,
        Kind.TEXT_FOR_LIST,
        Kind.UNKNOWN_SECTION,
        Kind.UNKNOWN_REFERENCE,
        Kind.UNUSED_SERVICE,
    )
}
#: The rules that only the configuration of a site can set. They report what a reviewer cannot see, so a change to the
#: registry must not be able to silence them.
GUARDED_RULES = frozenset({Kind.INVISIBLE_CHARACTERS.subtype})


class Location(NamedTuple):
    """A place in a registry file."""

    #: The path as given, so that a terminal or an editor can open it.
    path: str
    #: Counted from 1; 0 means the whole file.
    line: int = 0
    #: Counted from 1, in characters; 0 means the whole line.
    column: int = 0

    def __str__(self) -> str:
        """Return ``path:line:column``, as compilers print it; parts that are 0 are left out."""
        return ":".join([printable(self.path), *(str(n) for n in (self.line, self.column) if n)])


class Problem(NamedTuple):
    """One problem. The command line prints it, a build logs it."""

    kind: Kind
    message: str
    location: Location
    #: The configured severity of a lint rule; None for the default of the kind.
    severity_override: Severity | None = None
    #: The store with the problem; empty for a problem of no store or of several.
    store: str = ""

    @property
    def severity(self) -> Severity:
        """The severity: the configured one, or that of the kind."""
        return self.severity_override or self.kind.severity

    def __str__(self) -> str:
        """Return ``path:line:column: severity: message [kind]``."""
        return f"{self.location}: {self.severity.value}: {self.message} [{self.kind.subtype}]"


def has_errors(problems: Iterable[Problem]) -> bool:
    """Take problems; return whether one is an error, which means that something is left out."""
    return any(problem.severity is Severity.ERROR for problem in problems)
