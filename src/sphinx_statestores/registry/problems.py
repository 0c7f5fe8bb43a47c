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
    EMPTY_FILE = "empty_file", Severity.ERROR, "A registry file is empty, or contains only comments."
    NOT_YAML = "not_yaml", Severity.ERROR, "A registry file is not well-formed YAML, or is nested too deeply."
    NOT_TOML = "not_toml", Severity.ERROR, "A settings file is not well-formed TOML."
    NO_REGISTRY = "no_registry", Severity.ERROR, "No registry file has the mapping ``x-state-stores``."
    WRONG_SHAPE = (
        "wrong_shape",
        Severity.ERROR,
        "A value has the wrong type, such as a list where a mapping is required.",
    )
    REFERENCE = (
        "reference",
        Severity.ERROR,
        "A mapping has ``$ref``. References are not followed; several files are merged instead.",
    )
    MISSING_FIELD = "missing_field", Severity.ERROR, "A required field is missing."
    MISSING_PURPOSE = "missing_purpose", Severity.WARNING, "A store has no purpose."
    INVALID_NAME = "invalid_name", Severity.ERROR, "A name has characters that are not allowed in links and paths."
    UNKNOWN_BACKEND = (
        "unknown_backend",
        Severity.ERROR,
        "A backend is neither built in nor defined in ``x-backends``.",
    )
    DUPLICATE_NAME = (
        "duplicate_name",
        Severity.ERROR,
        "A store, section or field is defined twice. The first one is used.",
    )
    INVALID_VALUE = "invalid_value", Severity.ERROR, "A field has a value that is not valid."
    UNKNOWN_FIELD = "unknown_field", Severity.WARNING, "A field is not part of the format. It is kept."
    NO_STORES = "no_stores", Severity.WARNING, "The registry has no stores."
    NOT_KEBAB_CASE = (
        "not_kebab_case",
        Severity.WARNING,
        "The name of a store is not in kebab-case: lower-case words with hyphens between them.",
    )
    FOREIGN_FIELD = (
        "foreign_field",
        Severity.WARNING,
        "A store has a field that has no effect in its backend, such as a ``prefix`` in MySQL.",
    )
    MISSING_PREFIX = (
        "missing_prefix",
        Severity.WARNING,
        "A store has no ``prefix``, but other stores have one, and all stores of its backend share one key space.",
    )
    GLOB_IN_PREFIX = (
        "glob_in_prefix",
        Severity.WARNING,
        "A prefix has a character that is a wildcard in key patterns: ``*``, ``?``, ``[``, ``]``, ``\\``.",
    )
    YAML_1_1_BOOLEAN = (
        "yaml_1_1_boolean",
        Severity.WARNING,
        "A boolean is spelt ``yes``, ``no``, ``on`` or ``off``, which YAML 1.2 reads as a string.",
    )
    LONG_PURPOSE = "long_purpose", Severity.WARNING, "A purpose has more than 2,000 characters."
    TEXT_CUT = (
        "text_cut",
        Severity.WARNING,
        "A string without quotes ends before a ``#`` that looks like a part of it, such as that of ``(see #482)``.",
    )
    INVISIBLE_CHARACTERS = (
        "invisible_characters",
        Severity.WARNING,
        "A string has characters that are invisible or that change the direction of the text.",
    )
    NAME_COLLISION = (
        "name_collision",
        Severity.WARNING,
        "The names of two stores or two services differ only in case.",
    )
    CONSTANT_COLLISION = (
        "constant_collision",
        Severity.WARNING,
        "Two stores have the same constant in generated code, such as ``auth`` and ``auth-statestore``.",
    )
    SAME_PREFIX = "same_prefix", Severity.WARNING, "Two stores of one backend have the same prefix."
    SAME_TABLE = "same_table", Severity.WARNING, "Two stores of one backend have the same table."
    DRIFT = (
        "drift",
        Severity.ERROR,
        "A file that ``x-outputs`` declares is missing, or differs from what the registry generates.",
    )
    WRONG_FACT = (
        "wrong_fact",
        Severity.WARNING,
        "A page names another backend, prefix, table or owner of a store than the registry.",
    )
    WRONG_COUNT = (
        "wrong_count",
        Severity.WARNING,
        "The page of a service has another number of stores than the registry.",
    )
    DEAD_NAME = (
        "dead_name",
        Severity.WARNING,
        "A page names a store that does not exist: in a table of stores, or where the words around it say so.",
    )
    INCOMPLETE_LIST = (
        "incomplete_list",
        Severity.WARNING,
        "The list of its own stores on the page of a service lacks active ones.",
    )
    UNKNOWN_KEYS = (
        "unknown_keys",
        Severity.WARNING,
        "Keys on a server belong to no store (``check --observed``, ``statestores_observed``).",
    )
    UNKNOWN_TABLE = (
        "unknown_table",
        Severity.WARNING,
        "A table on a server, or a value of a table that stores share, belongs to no store.",
    )
    UNSEEN_STORE = (
        "unseen_store",
        Severity.WARNING,
        "Nothing of a store is on the servers that were asked for its backend.",
    )
    LEFTOVER_DATA = "leftover_data", Severity.WARNING, "A removed store still has keys or rows on a server."
    MISSING_TTL = (
        "missing_ttl",
        Severity.WARNING,
        "Keys on a server do not expire, or live longer than the ``ttl`` of the item of ``keys`` says.",
    )
    WRONG_TYPE = (
        "wrong_type",
        Severity.WARNING,
        "Keys on a server are of another type than the item of ``keys`` says.",
    )
    MISSING_INDEX = "missing_index", Severity.WARNING, "A server lacks the search index of a store."
    BROKEN_MARK = (
        "broken_mark",
        Severity.ERROR,
        "A mark of ``statestores generate inject`` is never closed, ends nothing, or is in a wrong place.",
    )

    BACKEND_LABEL = (
        "backend_label",
        Severity.WARNING,
        "A backend is given by its label, such as ``Redis``, or in another case. The matching backend is used.",
    )
    TEXT_FOR_LIST = (
        "text_for_list",
        Severity.WARNING,
        "A field that takes a list has a string with commas, such as ``tags: hot, cold``. It is read as a list.",
    )
    UNKNOWN_SECTION = (
        "unknown_section",
        Severity.WARNING,
        "A section is misspelt, such as ``x-backend``, or is inside another section. It is not read.",
    )
    UNKNOWN_REFERENCE = (
        "unknown_reference",
        Severity.WARNING,
        "``replacedBy``, ``x-deployments``, ``names`` of ``x-generated-code`` or a field names what does not exist.",
    )
    UNUSED_SERVICE = (
        "unused_service",
        Severity.WARNING,
        "``x-services`` describes a service that owns, reads and writes no store.",
    )

    NAMING_CONVENTION = (
        "naming_convention",
        Severity.INFO,
        "The name of a store matches no naming convention for its backend.",
    )
    LEGACY_NAME = (
        "legacy_name",
        Severity.INFO,
        "The name of a store matches a legacy pattern, for which another one is preferred.",
    )
    NESTED_PREFIX = (
        "nested_prefix",
        Severity.WARNING,
        "The prefix of a store is inside the prefix of another store of the same service: a scan finds both.",
    )
    FOREIGN_PREFIX = (
        "foreign_prefix",
        Severity.WARNING,
        "The prefix of a store is inside a prefix of another service, or begins with the name of another service.",
    )
    UNDESCRIBED_KEY = "undescribed_key", Severity.INFO, "An item of ``keys`` has no purpose."
    DEPRECATED_IN_USE = (
        "deprecated_in_use",
        Severity.INFO,
        "A deprecated store has readers or writers, is named in an example, or is the replacement for another store.",
    )
    REMOVED_IN_USE = (
        "removed_in_use",
        Severity.WARNING,
        "A removed store has readers or writers, is used in code or an example, or replaces another store.",
    )
    UNKNOWN_READER = (
        "unknown_reader",
        Severity.WARNING,
        "A reader or writer of a store is not a known service: it owns no store and is not in ``x-services``.",
    )
    REQUIRED_FIELD = (
        "required_field",
        Severity.WARNING,
        "A store lacks a field that ``required`` in ``x-fields`` demands of it.",
    )
    OWN_RULE = (
        "own_rule",
        Severity.WARNING,
        "A store breaks a rule of ``x-rules``.",
    )
    INVALID_QUERY = (
        "invalid_query",
        Severity.WARNING,
        "A query in ``x-rules`` or ``x-fields`` is not valid or names something unknown. It selects no store.",
    )
    UNUSED_STORE = "unused_store", Severity.INFO, "No code that ``x-code`` selects names a store."
    UNKNOWN_CONSTANT = "unknown_constant", Severity.WARNING, "Code names a store that does not exist (``x-code``)."
    UNDECLARED_USE = (
        "undeclared_use",
        Severity.WARNING,
        "The code of a service names a store that it neither owns, reads nor writes (``x-code``).",
    )
    UNREAD_CODE = (
        "unread_code",
        Severity.WARNING,
        "A glob in ``x-code`` matches no file, or some of the code is not read.",
    )
    UNUSED_IGNORE = (
        "unused_ignore",
        Severity.INFO,
        "A comment ``# statestores: ignore`` has no effect.",
    )
    UNKNOWN_RULE = (
        "unknown_rule",
        Severity.WARNING,
        "``x-lint`` or a comment names a rule that does not exist, or that only ``statestores_lint`` can set.",
    )

    INVALID_CONFIG = (
        "invalid_config",
        Severity.WARNING,
        "A ``statestores_*`` value is not valid, or a settings file has an unknown setting or one that is not valid.",
    )
    UNKNOWN_CONFIG = (
        "unknown_config",
        Severity.WARNING,
        "``conf.py`` sets a configuration value that does not exist, such as ``statestores_registy``.",
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
        "A filter has a name or a pattern that matches no store.",
    )
    UNKNOWN_OPTION = "unknown_option", Severity.WARNING, "A directive has an unknown option."
    INVALID_OPTION = "invalid_option", Severity.WARNING, "An option of a directive has a value that is not valid."
    UNKNOWN_COLUMN = "unknown_column", Severity.WARNING, "A column, a filter or a sort order names an unknown field."
    UNKNOWN_STORE = "unknown_store", Severity.WARNING, "A ``:store:`` role names a store that does not exist."
    UNKNOWN_LITERAL = (
        "unknown_literal",
        Severity.WARNING,
        "An inline literal looks like the name of a store, but there is no such store.",
    )
    UNSHOWN_STORE = (
        "unshown_store",
        Severity.WARNING,
        "A link names a store that no page shows, or that is only in content that another extension hides.",
    )
    NUMBER_IN_TERM = (
        "number_in_term",
        Severity.WARNING,
        "A glossary term contains a ``:store-count:``. Links and the index know only its other words.",
    )
    MISSING_REVISION = (
        "missing_revision",
        Severity.WARNING,
        "A comparison names a file or a git revision that cannot be read or that has errors.",
    )
    UNKNOWN_SERVICE = (
        "unknown_service",
        Severity.WARNING,
        "A filter or a role names a service that does not exist.",
    )
    MISSING_SERVICE_PAGE = (
        "missing_service_page",
        Severity.WARNING,
        "The configured page of a service does not exist, or no page can be generated for the service.",
    )
    DUPLICATE_ENTRY = (
        "duplicate_entry",
        Severity.WARNING,
        "A store has two entries that links could lead to. The first one, in the order of the toctrees, is used.",
    )
    MISPLACED_DIRECTIVE = (
        "misplaced_directive",
        Severity.WARNING,
        "A directive that creates sections is in a place where sections are not allowed.",
    )
    UNREACHABLE_SITE = (
        "unreachable_site",
        Severity.WARNING,
        "The registry of another site cannot be fetched. The copy from an earlier build is used, if there is one.",
    )
    UNWRITABLE_FILE = (
        "unwritable_file",
        Severity.WARNING,
        "A file that belongs to the pages of a site cannot be written.",
    )

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
        Kind.REQUIRED_FIELD,
        Kind.OWN_RULE,
        Kind.INVALID_QUERY,
        Kind.WRONG_FACT,
        Kind.WRONG_COUNT,
        Kind.INCOMPLETE_LIST,
        Kind.DEAD_NAME,
        Kind.UNUSED_STORE,
        Kind.UNKNOWN_CONSTANT,
        Kind.UNDECLARED_USE,
        Kind.UNREAD_CODE,
        Kind.UNKNOWN_KEYS,
        Kind.UNKNOWN_TABLE,
        Kind.UNSEEN_STORE,
        Kind.LEFTOVER_DATA,
        Kind.MISSING_TTL,
        Kind.WRONG_TYPE,
        Kind.MISSING_INDEX,
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
#: The rules that compare pages with a registry. A registry alone breaks none of them.
PAGE_RULES = frozenset(
    kind.subtype for kind in (Kind.WRONG_FACT, Kind.WRONG_COUNT, Kind.INCOMPLETE_LIST, Kind.DEAD_NAME)
)
#: The rules about code, which only those find that read the code that ``x-code`` selects.
CODE_RULES = frozenset(
    kind.subtype for kind in (Kind.UNUSED_STORE, Kind.UNKNOWN_CONSTANT, Kind.UNDECLARED_USE, Kind.UNREAD_CODE)
)
#: The rules that compare what was seen on servers with a registry. A registry alone breaks none of them.
SERVER_RULES = frozenset(
    kind.subtype
    for kind in (
        *(Kind.UNKNOWN_KEYS, Kind.UNKNOWN_TABLE, Kind.UNSEEN_STORE, Kind.LEFTOVER_DATA),
        *(Kind.MISSING_TTL, Kind.WRONG_TYPE, Kind.MISSING_INDEX),
    )
)
#: The rules that need more than a registry.
EXTERNAL_RULES = PAGE_RULES | SERVER_RULES
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
    #: The rule of ``x-rules`` that found it; empty for all other problems.
    rule: str = ""
    #: What exceptions of a rule compare where it is about no store, such as a pattern of keys.
    subject: str = ""

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
