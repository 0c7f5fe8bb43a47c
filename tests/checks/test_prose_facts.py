"""What pages say of stores: wrong facts, numbers and names are found, and nothing that a reader calls right."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from work import counted_calls

from sphinx_statestores.checks import prose_claims
from sphinx_statestores.checks.prose_claims import Claims, read_claims
from sphinx_statestores.checks.prose_facts import ProseCheck, check_prose
from sphinx_statestores.checks.prose_ignores import rst_comments, silenced
from sphinx_statestores.registry import markdown_blocks, suggest
from sphinx_statestores.registry.loader import load_sources
from sphinx_statestores.registry.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx_statestores.registry.markdown_blocks import Block
    from sphinx_statestores.registry.model import Registry

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = """
x-physical: {postgresql: {table: shared_stores, column: store, value: "{name}"}}
x-state-stores:
  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: p, readers: [Account]}
  auth-lock: {backend: redis, prefix: "auth:lock", service: Auth, purpose: p}
  auth-history: {backend: mysql, service: Auth, purpose: p}
  auth-old: {backend: mysql, service: Auth, purpose: p, status: removed}
  account-statestore: {backend: mysql, service: Account, purpose: p}
  chat-statestore: {backend: postgresql, service: Chat, purpose: p}
"""


def load_text(text: str) -> Registry:
    """Return a registry."""
    return load_sources([SourceText("r.yaml", text, "")])[0]


def said(text: str, path: str = "docs/page.md") -> list[str]:
    """Return what is reported of a page, without its path."""
    problems = check_prose(SourceText(path, dedent(text), ""), load_text(REGISTRY))
    return [str(problem).removeprefix(f"{path}:") for problem in problems]


WRONG = {
    "a `auth-statestore` (MySQL, Auth) b": "1:3: warning: 'auth-statestore' has the backend 'Redis' in the registry; "
    "found 'MySQL' [wrong_fact]",
    "x\n\n- **`auth-lock`** (redis, Chat)": "3:5: warning: 'auth-lock' has the owner 'Auth'",
    "[`auth-lock`](a.md#b) (prefix `auth`)": "1:2: warning: 'auth-lock' has the prefix 'auth:lock'",
    "`auth-lock`\n(Redis, prefix: auth:locks:*, any words)": "1:1: warning: 'auth-lock' has the prefix 'auth:lock'",
    "{store}`auth-history` (MySQL table `auth_log`)": "1:8: warning: 'auth-history' has the table 'auth_history'",
    "`auth-history` (`auth_log` table; Auth)": "1:1: warning: 'auth-history' has the table 'auth_history'",
    "`account-statestore` (Auth, backend: MySQL)": "1:1: warning: 'account-statestore' has the owner 'Account'",
    "`account-statestore` (Auth; MySQL)": "1:1: warning: 'account-statestore' has the owner 'Account'",
    "`account-statestore` (owner: Auth)": "1:1: warning: 'account-statestore' has the owner 'Account'",
    "`account-statestore` (prefix=`acc`)": "1:1: warning: 'account-statestore' has no prefix in the registry",
    "`auth-history` (table: app.auth_log)": "1:1: warning: 'auth-history' has the table 'auth_history'",
    "`auth-statestore` (prefix: authors:{id})": "1:1: warning: 'auth-statestore' has the prefix 'auth'",
    "`auth-lock` (MySQL) is fast. It was slow.": "1:1: warning: 'auth-lock' has the backend 'Redis'",
    "It was long ago. Store: `auth-lock` (MySQL)": "1:25: warning: 'auth-lock' has the backend 'Redis'",
}


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("path", ["page.md", "page.rst"])
def test_wrong_facts_beside_a_name(text: str, path: str) -> None:
    """Each fact in parentheses that the registry contradicts is reported at the name, with the right value."""
    if path == "page.rst":
        text = text.replace("{store}", ":store:")
    (found,) = said(text, path)
    assert found.startswith(WRONG[text.replace(":store:", "{store}")])


RIGHT = [
    "`auth-statestore` (Redis, Auth), `auth-statestore` (redis), `auth-statestore` (Account)",
    "`auth-lock` (AUTH locks), `auth-lock` (Chat's), `auth-lock` (service Auth), `auth-lock` (a prefix)",
    "`auth-lock` (Redis, prefix `auth:lock:*`), `auth-lock` (prefix auth), `auth-lock` (table scan)",
    "`auth-history` (table `auth_history`), `chat-statestore` (table `shared_stores`)",
    "`chat-statestore` (PostgreSQL), `chat-statestore` (PostgreSQL table `chat_statestore`)",
    "`auth-lock` (not MySQL), `auth-lock` (MySQL until 2023)",
    "`auth-lock` (Redis, MySQL), `auth-lock` (see MySQL, Chat)",
    "Before, it was `auth-lock` (MySQL). We moved `auth-lock` (MySQL) to Redis.",
    "`auth-lock`, (MySQL), auth-lock (MySQL) and `unknown-store` (MySQL)",
    "`auth-lock (MySQL)` and `auth-lock` or (MySQL)",
    "```\n`auth-lock` (MySQL)\n```\n\n    `auth-lock` (MySQL)\n\n<!-- `auth-lock` (MySQL) -->\n",
    "`auth-history` (MySQL, prefix: none), `auth-history` (prefix: n/a), `auth-history` (prefix: -)",
    "`auth-statestore` (table: TBD), `auth-statestore` (table: 1)",
    "`auth-statestore` (prefix: auth:{id}), `auth-statestore` (prefix `auth:<id>:x`), `auth-lock` (prefix: {x})",
    "`auth-statestore` (prefix: \"auth\"), `auth-statestore` (prefix: 'auth:*')",
    "`auth-statestore` (prefix: auth:token)",
    "`auth-history` (table: app.auth_history)",
    "`auth-history` (Redis) was replaced in 2.0. `auth-history` (Redis) is now in MySQL.",
    "We switched `auth-history` (Redis) to MySQL.\n\n`auth-history` (Redis) gets replaced",
    "`auth-lock` (Chat) is read here. **`auth-lock`** (`Chat`), `auth-lock` (Chat, Account)",
    "`auth-lock` (owner: nobody), `auth-lock` (backend: fast), `auth-lock` (service desk), `auth-lock` (memory)",
]


@pytest.mark.parametrize("text", RIGHT)
def test_nothing_that_may_be_right(text: str) -> None:
    """Facts that are right, of another time, or no facts are not reported."""
    assert said(text) == []


LINES = {
    "**Store**: `auth-lock` (Backend: MySQL, prefix: `auth:lock`)": ["1:12"],
    "Store: auth-lock, Backend: MySQL, Prefix: locks.": ["1:8", "1:8"],
    "- Store: `auth-lock` | Backend: Redis | Key prefix: `locks`": ["1:10"],
    "State store: `auth-lock` \u2014 Owner: Chat; TTL: 60": ["1:14"],
    "Store: auth-lock (backend: MySQL)": ["1:8"],
    "- **Store**: `auth-history`\n- **Backend**: Redis\n- **Table**: `auth_history`": ["1:14"],
    "Store: `auth-history`\nBackend: MySQL\nTable: `histories`.": ["1:8"],
    "Store: auth-lock, Backend: Redis, Prefix: auth:lock. MySQL is another one.": [],
    "Store: auth-lock, MySQL, Chat": [],
    "Store: `auth-lock`, Backend: MySQL before 2023": [],
    "Store: it, Backend: MySQL": [],
}


@pytest.mark.parametrize("text", LINES)
def test_lines_that_name_a_store(text: str) -> None:
    """Behind "Store:" and a name, what has a word before it is compared, also in the lines that follow."""
    assert [each.partition(": ")[0] for each in said(text)] == LINES[text]


@pytest.mark.parametrize(
    "text",
    [
        "> ```\n> `auth-lock` (MySQL)\n> ```\n",
        "> words\n>\n>     `auth-lock` (MySQL)\n",
        "> ~~~ md\n>\n> `auth-lock` (MySQL)\n>\n> ~~~\n",
        "words <!-- `auth-lock` (MySQL) --> words\n",
        "- words <!-- `auth-lock`\n  (MySQL) and `auth-lock` (MySQL) -->\n",
        "words\n<!--\n\n`auth-lock` (MySQL)\n\n-->\n",
    ],
)
def test_code_in_quotes_and_comments_are_no_prose(text: str) -> None:
    """What is in a comment, or in code inside of a quote, is not compared; what follows it is, at its place."""
    assert said(text) == []
    line = text.count("\n") + 2
    assert said(f"{text}\n> `auth-lock` (MySQL)\n")[0].startswith(f"{line}:3: warning: 'auth-lock' has the backend")


def test_comments_in_restructuredtext() -> None:
    """A comment is left out with all that is indented below it; directives and targets are none."""
    text = """
    .. a comment about ``auth-lock`` (MySQL)
       and ``auth-lock`` (MySQL)

       and ``auth-lock`` (MySQL)

    ..
       ``auth-lock`` (MySQL)

    .. _target:

    .. note:: ``auth-lock`` (MySQL)

       ``auth-lock`` (MySQL)

    .. code-block:: md

       ``auth-lock`` (MySQL)

    - Text::

        ``auth-lock`` (MySQL)

      ``auth-lock`` (MySQL)
    """
    assert [each.partition(": ")[0] for each in said(text, "page.rst")] == ["12:11", "14:4", "24:3"]


def test_directives_of_markdown() -> None:
    """The content of a note is prose, but not deep inside of others, nor that of other directives but for tables."""
    facts = "`auth-lock` (MySQL)\n"
    text = (
        f"```{{note}}\n{facts}```\n\n````{{tip}}\n```{{warning}}\n{facts}```\n````\n\n```{{eval-rst}}\n{facts}```\n"
    )
    assert [each.partition(": ")[0] for each in said(text)] == ["2:1", "7:1"]
    deep = range(3, 12)
    text = "".join(f"{'`' * n}{{note}}\n" for n in reversed(deep)) + facts + "".join("`" * n + "\n" for n in deep)
    assert said(text) == []
    table = "- `auth-lock`\n  - MySQL\n* - `auth-statestore`\n  - Redis\n"
    text = f"```{{list-table}} Stores\n:header-rows: 1\n\n* - Store\n  - Backend\n* {table}```\n"
    assert [each.partition(": ")[0] for each in said(text)] == ["6:6"]


RST_TABLES = [
    """
    .. list-table:: Stores
       :header-rows: 1

       * - Store
         - Backend
       * - ``auth-statestore``
         - Redis
       * - :store:`auth-lock`
         - MySQL
    """,
    """
    .. csv-table::
       :header: Store, Backend

       ``auth-statestore``, Redis
       "``auth-lock``", "MySQL"
    """,
    """
    .. csv-table::
       :header-rows: 1

       Store, Backend
       ``auth-statestore``, Redis
       ``auth-lock``, MySQL
    """,
    """
    +---------------------+---------+
    | Store               | Backend |
    +=====================+=========+
    | ``auth-statestore`` | Redis   |
    +---------------------+---------+
    | ``auth-lock``       | MySQL   |
    +---------------------+---------+
    """,
    """
    ===================  =======
    Store                Backend
    ===================  =======
    ``auth-statestore``  Redis
    ``auth-lock``        MySQL
    ===================  =======
    """,
]


@pytest.mark.parametrize("text", RST_TABLES)
def test_tables_of_restructuredtext(text: str) -> None:
    """Every kind of table is compared as one of Markdown is, at the line of the row."""
    text = dedent(text)
    line = next(number for number, each in enumerate(text.split("\n"), 1) if "auth-lock" in each)
    column = text.split("\n")[line - 1].index("auth-lock") + 1
    message = "warning: 'auth-lock' has the backend 'Redis' in the registry; found 'MySQL' [wrong_fact]"
    assert said(f"Words\n\n{text}\n", "page.rst") == [f"{line + 2}:{column}: {message}"]
    assert said(text.replace("MySQL", "Redis"), "page.rst") == []


def test_code_in_restructuredtext() -> None:
    """Literal blocks of reStructuredText are code; what follows them is not."""
    text = """
    Text::

       ``auth-lock`` (MySQL)

    .. code-block:: md

       ``auth-lock`` (MySQL)

    ``auth-lock`` (MySQL)
    """
    assert [each.partition(" ")[0] for each in said(text, "page.rst")] == ["10:1:"]


@pytest.mark.parametrize("directive", ["doctest", "testcode", "graphviz", "literalinclude", "productionlist"])
def test_directives_of_code_in_restructuredtext(directive: str) -> None:
    """The content of Sphinx's directives for code, tests, graphs and grammars is not compared."""
    assert said(f".. {directive}::\n\n   `auth-lock` (MySQL)\n", "page.rst") == []
    assert len(said(".. topic:: x\n\n   `auth-lock` (MySQL)\n", "page.rst")) == 1


TABLE = """
# Stores

| Store | Backend | Owner | Prefix | Table | Purpose |
|---|---|---|---|---|---|
| `auth-statestore` | Redis | Auth | `auth:*` | - | planned in a hurry (`auth-lock`) |
| `auth-lock` | MySQL | Auth | `auth` | | |
| `auth-history` | MySQL | Chat | n/a | `auth_histories` | |
| `account-statestore` | MySQL (8.0) | Account | | `account_statestore` | |
| `chat-statestore` | PostgreSQL | Chat | none | shared_stores | |
| `chat-cache` | PostgreSQL | Chat | | | |
| `chats-statestore` | PostgreSQL | Chat | | | was removed |
"""


def test_tables() -> None:
    """Wrong cells and dead names in a table of stores are reported at the name in their row."""
    assert said(TABLE) == [
        "7:4: warning: 'auth-lock' has the backend 'Redis' in the registry; found 'MySQL' [wrong_fact]",
        "7:4: warning: 'auth-lock' has the prefix 'auth:lock' in the registry; found 'auth' [wrong_fact]",
        "8:4: warning: 'auth-history' has the owner 'Auth' in the registry; found 'Chat' [wrong_fact]",
        "8:4: warning: 'auth-history' has the table 'auth_history' in the registry; found 'auth_histories' "
        "[wrong_fact]",
        "11:4: warning: the registry has no store 'chat-cache': remove the row, or add the store to the registry "
        "[dead_name]",
    ]


@pytest.mark.parametrize(
    "text",
    [
        TABLE.replace("Stores", "Removed stores", 1).replace("Stores", "x"),
        TABLE.replace("| Store |", "| Key |"),
        "| Store | Backend |\n|---|---|\n| `auth-lock` | MySQL |\n",
        "| Name | Backend |\n|---|---|\n| `my-thing` | MySQL |\n| `auth-lock` | Redis |\n",
        "| Store | Prefix |\n|---|---|\n| `auth-history` | shared |\n| `auth-statestore` | auth:{id} |\n",
        "| Store | Backend | Note |\n|---|---|---|\n| `auth-lock` | MySQL | was it |\n| `auth-history` | MySQL | |\n",
        "| Store | Backend |\n|---|---|\n| ~~`auth-lock`~~ | ~~MySQL~~ |\n| `auth-history` | MySQL |\n",
        "| Store | Table |\n|---|---|\n| `auth-history` | app.auth_history |\n| `auth-lock` | - |\n",
        "| Store | Service |\n|---|---|\n| `auth-lock` | Chat |\n| `auth-history` | Chat |\n",
        "| Store | Backend |\n|---|---|\n| `auth-lock` | Redis |\n| `auth-gone` | Redis |\n| `auth-away` | Redis |\n",
        "| Store | Note |\n|---|---|\n| `auth-lock` | see the `chat-room` state store |\n",
    ],
)
def test_tables_about_something_else(text: str) -> None:
    """A table of the past, without a column of stores, or whose column says something else is not compared."""
    assert said(text) == []


COUNTS = {
    "Auth has 3 state stores (1 MySQL, 2 Redis).": "",
    "Auth has 4 state stores (2 Redis, 2 MySQL).": "",
    "Auth owns 7 state\nstores.": "3:11: warning: the service 'Auth' has 4 stores (2 Redis, 2 MySQL) in the "
    "registry; found '7 state stores' [wrong_count]",
    "Auth owns 7 state stores.": "3:11: warning: the service 'Auth' has 4 stores (2 Redis, 2 MySQL) in the",
    "**8 state stores** (5 MySQL, 3 Redis)": "3:3: warning: the service 'Auth' has 4",
    "Uses 8 state stores (5 MySQL, 3 Redis)": "3:6: warning: the service 'Auth' has 4",
    "Uses 3 state stores (2 MySQL, 1 Redis)": "3:6: warning: the service 'Auth' has 4",
    "The 2 state stores below (see there)": "",
    "Auth owns seven state stores.": "3:11: warning: the service 'Auth' has 4",
    "Auth owns Four state stores, and has 5 stores.": "",
    "It has 8 stores (5 MySQL, 3 Redis).": "3:8: warning: the service 'Auth' has 4",
    "It has 8 stores (5 large, 3 small), and the last one state store (see there).": "",
    "Chat has 7 state stores.": "",
    "It used to have: has 7 state stores": "",
    "The Auth service has **7** state stores": "",
    "The **Auth** service manages 7 state stores; more may come": "3:30: warning: the service 'Auth' has 4",
    "Auth has 7 state stores and owns a queue.": "3:10: warning: the service 'Auth' has 4",
    "Auth has 2 state stores in Redis and 2 state stores in MySQL.": "",
    "Auth has 1 state store for sessions.": "",
    "Auth has 1 state store, which is fast, and others.": "",
    "The gateway has 3 state stores.": "",
    "The gateway of Auth has 3 state stores.": "",
    f"The gateway of{' ' * 160}Auth has 7 state stores.": "",
    "The platform has 6 state stores (2 Redis, 3 MySQL, 1 PostgreSQL), and Auth owns 4 state stores.": "",
}


@pytest.mark.parametrize("text", COUNTS)
def test_numbers_on_the_page_of_a_service(text: str) -> None:
    """A number of stores on a service's page is compared, if it is about that service and about all its stores."""
    found = said(f"# Auth Service\n\n{text}\n")
    assert len(found) == bool(COUNTS[text])
    assert "".join(found).startswith(COUNTS[text])
    assert said(f"# Something\n\n{text}\n") == []
    assert len(said(f"Title\n=====\n\n{text}\n", "docs/AUTH.rst")) == bool(COUNTS[text])


LIST = "- `auth-statestore`: a\n- **`auth-lock`** (Redis)\n"
INCOMPLETE = [
    f"## State Stores\n\n{LIST}",
    f"## Stores of the Auth service\n\nThe data of Auth.\n\n{LIST.replace(chr(10), chr(10) * 2)}",
    f"## Data\n\nThe service owns these stores:\n\n{LIST}",
    f"## Data\n\nAuth has two state stores:\n{LIST}",
    "## Stores\n\n| Store | Purpose |\n|---|---|\n| `auth-statestore` | a |\n| `auth-lock` | b |\n",
    f"## Stores\n\n{LIST}- `auth-unknown`: renamed\n",
    "## State Storage\n\n| Store | Purpose |\n|---|---|\n| `auth-statestore` | a |\n| `auth-lock` | b |\n",
    "## Stores\n\n- auth-statestore: a\n- **auth-lock**\n",
    "> **State Stores**: `auth-statestore` (Redis), `auth-lock` (Redis)\n> **Layer**: 2\n",
    "Words. Its stores are `auth-statestore` and [`auth-lock`](x.md).",
    "- The Auth service has two state stores: {store}`auth-statestore`,\n  {store}`auth-lock`.\n",
]


def test_the_place_of_an_incomplete_list() -> None:
    """A list is reported at its first item, and a table at the name in its first row."""
    assert [each.partition(": ")[0] for each in said(f"# Auth\n\n## Stores\n\n{LIST}")] == ["5:3"]
    assert [each.partition(": ")[0] for each in said(f"# Auth\n\n{INCOMPLETE[4]}")] == ["7:4"]


@pytest.mark.parametrize("text", INCOMPLETE)
def test_an_incomplete_list_of_stores(text: str) -> None:
    """A service's own list or table of its stores is reported once where active ones are missing."""
    found = [each.partition(": ")[2] for each in said(f"# Auth\n\n{text}\n## Stores\n\n{LIST}")]
    message = "warning: the list of the stores of 'Auth' lacks 'auth-history': add what is missing [incomplete_list]"
    assert found == [message]
    assert said(f"# Chat\n\n{text}") == said(f"# Gateway\n\n{text}") == []
    assert said(f"# Auth\n\n{text}\n## More\n\n1. `auth-history`\n") == []


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"## State stores\n\n{words}\n\n{LIST}"
            for words in (
                "The main stores:",
                "Such as:",
                "It has stores, for example:",
                "Redis holds:",
                "Some of them are in Redis.",
                "For sessions:",
                "The stores with locks:",
                "<!-- statestores: table service=Auth -->",
                "```{statestore-table}\n```",
            )
        ),
        "Its Redis stores are `auth-statestore` and `auth-lock`.",
        f"## In Redis\n\nThe stores:\n\n{LIST}",
        "The stores with locks: `auth-statestore`, `auth-lock`",
        "Its stores are `auth-statestore` and `auth-lock` for sessions.",
        "Its stores, such as `auth-statestore` and `auth-lock`.",
        "Auth stores: `auth-statestore`",
        "## Stores\n\n- auth-statestore-like things\n- auth-lock\n",
        *(f"## {heading}\n\n{LIST}" for heading in ("Locks", "Redis stores", "Main stores", "Stores for sessions")),
        "## State Storage\n\n| Name | Purpose |\n|---|---|\n| `auth-statestore` | a |\n| `auth-lock` | b |\n",
        "## Locks\n\n| Store | Purpose |\n|---|---|\n| `auth-statestore` | a |\n| `auth-lock` | b |\n",
        f"## Stores\n\n{LIST}- `chat-statestore`\n",
        f"## Stores\n\n{LIST}- and more\n",
        "## Stores\n\n- `auth-lock`\n",
        f"## Stores\n\n{LIST}- `auth:key`\n",
        f"## Stores\n\n<!-- statestores: ignore[incomplete_list] -->\n{LIST}",
    ],
)
def test_a_list_that_may_be_complete(text: str) -> None:
    """A list of a selection, of other things too, or beside a generated one is not reported."""
    assert said(f"# Auth\n\n{text}\n") == []


DEAD = {
    "Sessions are in the `auth-sessions` store.": ["1:21"],
    "the store `chat-room`, the state store `chat-users`": ["1:11", "1:40"],
    "**Store**: `auth-sessions` (Redis)": ["1:12"],
    "Store: auth-sessions, Backend: Redis": ["1:8"],
    "{store}`auth-sessions` and {statestore:store}`gone-away`": ["1:8", "1:46"],
    "See `chat-old-statestore`.": ["1:5"],
    "We removed the `chat-old-statestore`. The `auth-sessions` store was renamed.": [],
    "It stores `user-data`. Store `user-data` in Redis. Services that store `user-data`. A key store `x-y`.": [],
    "The `session-manager` stores tokens. A `key-value` store and an `in-memory` store.": [],
    "The `lib-auth` store, the `auth-lock` store, and `chat-lock`.": [],
    "The `rocks-db` store driver, an `own-made` store abstraction, the `redux-like` store API": [],
}


@pytest.mark.parametrize("text", DEAD)
def test_dead_names_in_sentences(text: str) -> None:
    """A name that is no store is reported where the words around it, or its ending, say that it is one."""
    registry = load_text(REGISTRY.replace("auth-old:", "old-statestore:"))
    found = check_prose(SourceText("p.md", f"{text}\n\nSee `auth-lock`.\n", ""), registry)
    assert [str(each).split(": ")[0].removeprefix("p.md:") for each in found] == DEAD[text]
    assert {each.kind.subtype for each in found} <= {"dead_name"}


ROWS = (
    "| Store | Backend |\n|---|---|\n| `auth-lock` | MySQL |\n| `auth-history` | MySQL |\n| `auth-gone` | MySQL |\n"
)
ITEMS = "- `auth-lock` (MySQL)\n- the `chat-room` state store\n"
BOTH = ["wrong_fact]", "dead_name]"]
ABOVE = {
    "# Wrong facts": BOTH,
    "# Old clients": BOTH,
    "# Guide for migrations": BOTH,
    "# Page\n\nWait until 5 pods are ready, not less. Then look at the stores:": BOTH,
    "# Page\n\nNow look at these:": BOTH,
    "# Page\n\n## Each instance until shutdown": BOTH,
    "# Page\n\n## Old\n\nx\n\n## New": BOTH,
    "# Removed stores": [],
    "# State stores that were replaced": [],
    "# Page\n\n## Migration": [],
    "# Page\n\n## Before 2.0": [],
    "# Page\n\nSee below. We had, until 2021, these (e.g. for mail):": [],
    "# Page\n\nThere are none of these:": ["wrong_fact]"],
}


@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.parametrize("stores", [ROWS, ITEMS])
def test_words_above_a_table_and_a_list(above: str, stores: str) -> None:
    """The heading of the section and the last sentence count, the title only if it is one of stores."""
    assert [each.rpartition("[")[2] for each in said(f"{above}\n\n{stores}")] == ABOVE[above]


def test_a_list_directly_below_its_introduction() -> None:
    """What is said above a list counts without an empty line as well, if it ends with a colon."""
    assert said(f"These moved to Redis:\n{ITEMS}") == []
    assert len(said(f"The carts were moved. See also:\n{ITEMS}")) == 2
    assert len(said(f"The carts were moved\n{ITEMS}")) == 2


EVERYDAY = [
    "Carts are in `auth-lock` (MySQL) until checkout.",
    "They get written to `auth-lock` (MySQL) before the mail is sent; until they expire.",
    "Sessions are now in `auth-lock` (MySQL).",
    "The tests read `auth-lock` (MySQL), and the local copy in it.",
    "Movies and planets are in `auth-lock` (MySQL), which each instance reads.",
    "``old-carts`` and ``auth-lock`` (MySQL) are two.",
    "| Store | Prefix |\n|---|---|\n| `auth-lock` | `old:lock` |\n| `auth-statestore` | `auth` |",
    "| Store | Backend | Note |\n|---|---|---|\n| `auth-lock` | MySQL | until logout |\n| `auth-history` | MySQL | |",
]


@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_words_tell_of_no_other_time(text: str) -> None:
    """Words that tell what always happens leave a wrong fact to be reported."""
    assert len(said(text)) == 1


OTHER_TIMES = [
    "`auth-lock` (MySQL until v2), `auth-lock` (MySQL) until March, `auth-lock` (MySQL, until last year)",
    "Until recently, `auth-lock` (MySQL). As before, `auth-lock` (MySQL). Until the 2.0 release, `auth-lock` (MySQL)",
    "For tests, use `auth-lock` (MySQL). Locally, `auth-lock` (MySQL). In our CI, `auth-lock` (MySQL, for testing)",
    "# Page\n\n## Local development\n\n- `auth-lock` (MySQL)\n",
    "`auth-lock` (MySQL) before that. Before we knew, `auth-lock` (MySQL). `auth-lock` (MySQL) until now",
    "`auth-lock` (MySQL) before the upgrade. `auth-lock` (now MySQL, once Redis). It isn't `auth-lock` (MySQL)",
]


@pytest.mark.parametrize("text", OTHER_TIMES)
def test_other_times(text: str) -> None:
    """What held until a date or a version, or before, is not compared."""
    assert said(text) == []


def test_rows_that_deny_a_store() -> None:
    """A row that says that there is no such store is none of a dead name; a "none" in a cell says nothing of it."""
    rows = "".join(f"| `{name}` | {note} |\n" for name, note in (("auth-a", "no store yet"), ("auth-b", "none")))
    text = f"| Store | Note |\n|---|---|\n| `auth-lock` | x |\n| `auth-history` | x |\n{rows}"
    assert [each.partition(": ")[0] for each in said(text)] == ["6:4"]


DENIED = [
    "There is no `chat-old-statestore` store.",
    "We have no\n`chat-old-statestore` store yet.",
    "The `redis-old-statestore` component of Dapr is no store of ours.",
    "Chat works without the `chat-old-statestore` store, and there never was one.",
    "Neither the store `chat-room` nor the `chat-old-statestore` exists.",
    "There isn't a `chat-old-statestore`. A `chat-room` state store doesn\u2019t exist.",
    "None of our services has a `chat-old-statestore`.",
    "`chat-old-statestore` is just an example name.",
    "A store called `chat-old-statestore` in other systems.",
    "Should there be a `chat-old-statestore` store?",
    "Who owns the `chat-old-statestore` store? Nobody does.",
    "(Is it *the `chat-room` state store?*)",
    "Its name has three parts (e.g. `chat-old-statestore`).",
    "To add a `chat-old-statestore` state store, write this.",
    "Names like `chat-old-statestore` are long. If you have a `chat-room` state store, read on.",
    "A store `chat-room` (there is none), the `chat-room` store (missing)",
    "Store: chat-room, which is no store",
    "`chat-old-statestore`: no such store",
    "We considered a `chat-room` state store. We decided against the `chat-old-statestore`.",
    "Hardly any team has a `chat-old-statestore`. In the documentation of Dapr, it is the store `chat-room`.",
]


@pytest.mark.parametrize("text", DENIED)
def test_a_name_that_is_denied(text: str) -> None:
    """A sentence that says that there is no such store, or that asks for it, is not reported."""
    registry = load_text(REGISTRY.replace("auth-old:", "old-statestore:"))
    assert check_prose(SourceText("p.md", f"{text}\n\nSee `auth-lock`.\n", ""), registry) == []


def test_a_denial_is_one_of_its_sentence() -> None:
    """A denial in another sentence, or as the value of a field, leaves a dead name to be reported."""
    text = "There is no cache. It is in the `chat-room` state store. Why not?\n\nStore: chat-users, Prefix: none"
    text += "\n\nSee `auth-lock`."
    assert [each.partition(": ")[0] for each in said(text)] == ["1:33", "3:8"]


def test_facts_of_a_store_that_is_denied() -> None:
    """What a denial directly before a name, or a question, says of a store is not compared."""
    assert (
        said("There is no `auth-lock` (MySQL). Is it `auth-lock` (MySQL)? Without `auth-lock` (MySQL), wait.") == []
    )
    assert [each.partition(": ")[0] for each in said("`auth-lock` (MySQL) has no limit.")] == ["1:1"]


def test_the_word_store_alone_needs_a_page_about_stores() -> None:
    """On a page that names no store, a "store" may be anything; a "state store" is none but ours."""
    assert said("Buy it in the `flower-power` store.") == []
    assert [each.partition(": ")[0] for each in said("Buy it in the `flower-power` state store.")] == ["1:15"]


def test_many_dead_names_are_compared_within_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Similar names are looked for with one index for all pages, so that many dead rows take no longer each."""
    compared = 0
    nearest = suggest._Names.nearest

    def counted(names: suggest._Names, word: str, candidates: list[str], *limits: float) -> list[str]:
        nonlocal compared
        compared += len(candidates)
        return nearest(names, word, candidates, *limits)  # type: ignore[arg-type]

    monkeypatch.setattr(suggest._Names, "nearest", counted)
    stores = "".join(
        f"  s{n}-statestore: {{backend: redis, prefix: p{n}, service: A, purpose: p}}\n" for n in range(2000)
    )
    check = ProseCheck(load_text(f"x-state-stores:\n{stores}"))
    found = check.of_source(SourceText("p.md", "\n\n".join(f"`t{n}-statestore`" for n in range(500)), ""))
    assert len(found) == 500
    assert compared < 100_000


def test_pages_without_stores_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without inline code that may be a name, and without the words "state store", is not divided."""
    parsed: list[str] = []
    blocks = markdown_blocks.blocks

    def counted(text: str) -> Iterator[Block]:
        parsed.append(text)
        return blocks(text)

    monkeypatch.setattr(prose_claims, "blocks", counted)
    for number in range(500):
        assert (
            read_claims(f"# Page {number}\n\n" + "Words, and `more words` (of them).\n\n" * 20, is_rst=False)
            == Claims()
        )
    assert parsed == []
    assert read_claims("It has 2 state stores.", is_rst=False).numbers
    assert len(parsed) == 1


def test_comments_silence_kinds() -> None:
    """A comment silences its kinds, or all, on its line, or if it is alone in the block behind it."""
    wrong = "`auth-lock` (MySQL)"
    assert said(f"{wrong} <!-- statestores: ignore[wrong_fact] -->\n") == []
    assert said(f"<!-- statestores: ignore -->\n\n{wrong}\n{wrong}\n") == []
    assert len(said(f"<!-- statestores: ignore[dead_name, wrong_count] -->\n{wrong}\n")) == 1
    assert len(said(f"<!-- statestores: ignore[wrong_fact] -->\n{wrong}\n\n{wrong}\n")) == 1
    assert len(said(f".. statestores: ignore[dead_name,wrong_fact]\n\n{wrong}\n\n{wrong}\n", "a.rst")) == 1


def test_a_prefix_where_the_registry_has_none() -> None:
    """In inline code or with a separator, a word in the column of prefixes is one."""
    rows = "| `auth-lock` | `auth:lock` |\n| `auth-statestore` | auth |\n| `auth-history` | `shared` |\n"
    found = said(f"| Store | Prefix |\n|---|---|\n{rows}")
    assert found == ["5:4: warning: 'auth-history' has no prefix in the registry; found 'shared' [wrong_fact]"]


BEHIND_A_COMMENT = {
    "```{list-table}\n:header-rows: 1\n\n* - Store\n  - Backend\n* - `auth-lock`\n  - MySQL\n"
    "* - `auth-history`\n  - MySQL\n```": "md",
    "````{note}\n`auth-lock` (MySQL)\n\n```x\n```\n\n`auth-lock` (MySQL)\n````": "md",
    "- `auth-lock` (Redis)\n\n- x\n\n  `auth-lock` (MySQL)\n- `auth-lock` (MySQL)\n\n- `auth-lock` (MySQL)": "md",
    "<!-- statestores: ignore[dead_name] -->\n\n`auth-lock` (MySQL)": "md",
    ".. list-table::\n   :header-rows: 1\n\n   * - Store\n     - Backend\n   * - ``auth-lock``\n     - MySQL\n"
    "   * - ``auth-history``\n     - MySQL": "rst",
    "* ``auth-lock`` (MySQL)\n\n  * ``auth-lock`` (MySQL)\n\n* ``auth-lock`` (MySQL)": "rst",
    ".. note::\n\n   ``auth-lock`` (MySQL)\n\n   - ``auth-lock`` (MySQL)": "rst",
}


@pytest.mark.parametrize("block", BEHIND_A_COMMENT)
def test_a_comment_is_for_the_whole_block_behind_it(block: str) -> None:
    """A list with empty lines and a directive with its content are silenced as a whole, and what follows is not."""
    is_rst = BEHIND_A_COMMENT[block] == "rst"
    page, comment = ("p.rst", ".. {}") if is_rst else ("p.md", "<!-- {} -->")
    wrong = "``auth-lock`` (MySQL)"
    assert len(said(f"{block}\n\n{wrong}\n", page)) >= 2
    text = f"{comment.format('statestores: ignore[wrong_fact]')}\n\n{block}\n\n{wrong}\n\n- {wrong}\n"
    last = text.count("\n")
    assert [each.partition(":")[0] for each in said(text, page)] == [str(last - 2), str(last)]


def test_comments_in_directives_of_markdown() -> None:
    """The content of a note has comments as a page has: they are left out, and they silence."""
    inside = "x <!-- `auth-lock` (MySQL) --> y\n\n`auth-lock` (MySQL) <!-- statestores: ignore -->\n\n"
    assert said(f"# T\n\n```{{note}}\n{inside}```\n") == []
    text = f"# T\n\n````{{note}}\n```{{tip}}\n{inside}`auth-lock` (MySQL)\n```\n````\n"
    assert [each.partition(": ")[0] for each in said(text)] == ["9:1"]


def test_comments_of_myst() -> None:
    """A line that begins with a percent sign is a comment."""
    assert said("Words\n% `auth-lock` (MySQL)\n") == []
    assert len(said("% x\n`auth-lock` (MySQL) is 5 % slower\n")) == 1


def test_silenced_lines_are_counted_once() -> None:
    """A comment with many kinds is not more work than one with the kinds that there are."""
    kinds = ",".join(("wrong_fact", *(f"k{n}" for n in range(300))))
    lines = [f"<!-- statestores: ignore[{kinds}] -->", *["`auth-lock` (MySQL)"] * 50]
    comments = [(1, f" statestores: ignore[{kinds}] ")]
    assert len(list(silenced(lines, comments, is_rst=False))) == 51
    assert said("\n".join(lines)) == []


@pytest.mark.parametrize("lines", ["- `auth-lock`\n\n", ".. x::\n\n   y\n\n", "```x\n\n", "x\n"])
def test_many_comments_cost_linear_time(lines: str) -> None:
    """Each line is looked at for one comment alone, however far the block behind it reaches."""
    found = []
    for number in (50, 400):
        text = f"  .. statestores: ignore[dead_name]\n\n{lines}" * number
        numbered = rst_comments(text.split("\n"))
        with counted_calls() as count:
            assert list(silenced(text.split("\n"), numbered, is_rst=True))
        found.append(count[0] / number)
    assert found[1] < 1.5 * found[0]


def test_the_pages_of_this_project_are_right() -> None:
    """The project's own pages have no fact that its registry contradicts."""
    files = sorted((ROOT / "schemas").glob("state-stores*.yaml"))
    registry, _ = load_sources([SourceText(str(path), path.read_text(encoding="utf-8"), "") for path in files])
    pages = [path for ending in ("md", "rst") for path in (ROOT / "docs").rglob(f"*.{ending}")]
    assert len(pages) > 20
    check = ProseCheck(registry)
    found = [
        problem
        for page in pages
        for problem in check.of_source(SourceText(str(page), page.read_text(encoding="utf-8"), ""))
    ]
    assert found == []


def test_numbers_on_many_pages() -> None:
    """A page of a service costs the same beside many stores of others as beside few."""
    found = []
    for number in (50, 400):
        stores = {
            f"store-{n}": {"backend": "redis", "prefix": f"p{n}", "service": f"Service{n}", "purpose": "P"}
            for n in range(number)
        }
        registry, _ = load_sources([SourceText("r.yaml", json.dumps({"x-state-stores": stores}), "")])
        check = ProseCheck(registry)
        pages = [
            SourceText(f"p{n}.md", f"# Service{n}\n\nService{n} owns 2 state stores.\n", "") for n in range(number)
        ]
        assert len(check.of_source(pages[0])) == 1
        with counted_calls() as count:
            problems = [problem for page in pages for problem in check.of_source(page)]
        assert len(problems) == number
        found.append(count[0] / number)
    assert found[1] < 1.5 * found[0]
