"""What other extensions hide, copy and resolve: links lead to what is on a page, and no page is stale."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Site

_IFCONFIG = 'extensions += ["sphinx.ext.ifconfig"]\ndef setup(app): app.add_config_value("internal", False, "env")\n'
_TODO = 'extensions += ["sphinx.ext.todo"]\ntodo_include_todos = True\n'
_STORE = "x-state-stores:\n  auth-statestore: {backend: redis, prefix: auth, service: Auth, purpose: Sessions}\n"
_ANOTHER = _STORE + "  new-statestore: {backend: redis, prefix: 'auth:new', service: Auth, purpose: New}\n"


def hidden(language: str, content: str, condition: str = "internal") -> str:
    """Return *content* in an ``ifconfig``."""
    if language == "rst":
        return f".. ifconfig:: {condition}\n\n" + "".join(f"   {line}\n" for line in content.splitlines()) + "\n"
    return f"````{{ifconfig}} {condition}\n{content}\n````\n\n"


def directive(language: str, name: str, argument: str = "", body: str = "") -> str:
    """Return a directive of one of the two languages."""
    if language == "rst":
        return f".. {name}:: {argument}\n\n" + "".join(f"   {line}\n" for line in body.splitlines()) + "\n"
    return f"```{{{name}}} {argument}\n{body}\n```\n\n"


def heading(language: str, text: str) -> str:
    """Return a title."""
    return f"# {text}\n\n" if language == "md" else f"{text}\n{'=' * len(text)}\n\n"


@pytest.mark.parametrize("language", ["rst", "md"])
@pytest.mark.parametrize("kind", ["statestore-table", "statestore", "statestore-service"])
def test_ids_are_those_of_what_is_shown(site: Site, language: str, kind: str) -> None:
    """Where an extension hides a table, an entry or a service, the visible table behind it has the ids."""
    argument = {"statestore": "auth-statestore", "statestore-service": "Auth"}.get(kind, "")
    site.conf(_IFCONFIG)
    site.registry(_STORE)
    table = directive(language, "statestore-table")
    concealed = hidden(language, directive(language, kind, argument).strip())
    site.write(f"index.{language}", heading(language, "Home") + concealed + table)
    built = site.build()
    assert built.warnings == []
    assert built.text("index.html").count('id="store-auth-statestore"') == 1


@pytest.mark.parametrize("kind", ["statestore-table", "statestore"])
def test_ids_are_given_once_where_all_is_shown(site: Site, kind: str) -> None:
    """What an extension shows after all has no id that a visible row has."""
    argument = "auth-statestore" if kind == "statestore" else ""
    site.conf(_IFCONFIG)
    site.registry(_STORE)
    site.write(
        "index.rst",
        heading("rst", "Home")
        + hidden("rst", directive("rst", kind, argument).strip(), "not internal")
        + directive("rst", "statestore-table"),
    )
    built = site.build()
    assert built.warnings == []
    assert built.text("index.html").count('id="store-auth-statestore"') == 1
    assert built.text("index.html").count("Sessions") >= 2


def test_a_visible_row_is_preferred_to_a_hidden_entry(site: Site) -> None:
    """Links lead to a row that is certain to be shown rather than to an entry that may be hidden."""
    site.conf(_IFCONFIG)
    site.registry(_STORE)
    site.write("index.rst", "Home\n====\n\n.. toctree::\n\n   a\n   b\n   c\n")
    site.write("a.rst", "A\n=\n\n" + hidden("rst", ".. statestore:: auth-statestore"))
    site.write("b.rst", "B\n=\n\n.. statestore-table::\n")
    site.write("c.rst", "C\n=\n\nSee :store:`auth-statestore`.\n")
    built = site.build()
    assert built.warnings == []
    assert 'href="b.html#store-auth-statestore"' in built.text("c.html")


@pytest.mark.parametrize(
    ("conf", "content", "is_said"),
    [
        pytest.param(_IFCONFIG, hidden("rst", ".. statestore-table::"), True, id="ifconfig"),
        pytest.param(_IFCONFIG, hidden("rst", ".. statestore:: auth-statestore"), True, id="entry"),
        pytest.param(_IFCONFIG, hidden("rst", ".. statestore-table::", "not internal"), False, id="shown"),
        pytest.param(_IFCONFIG, hidden("rst", ".. statestore-table::\n   :no-index:"), False, id="no-index"),
        pytest.param(
            'extensions += ["sphinx.ext.todo"]', ".. todo::\n\n   .. statestore-table::\n", True, id="hidden-todo"
        ),
        pytest.param(_TODO, ".. todo::\n\n   .. statestore-table::\n", False, id="todo"),
    ],
)
@pytest.mark.parametrize("builder", ["html", "singlehtml", "json"])
def test_a_hidden_target_is_told(site: Site, conf: str, content: str, is_said: bool, builder: str) -> None:
    """Where links can only lead to what turns out hidden, the page says so, and says nothing else."""
    site.conf(conf)
    site.registry(_STORE)
    site.write("index.rst", "Home\n====\n\n.. toctree::\n\n   a\n\n" + content)
    site.write("a.rst", "A\n=\n\nText.\n")
    found = [line for line in site.build(builder).warnings if "another extension hides" in line]
    assert len(found) == is_said
    if is_said:
        assert re.search(r"index.rst: WARNING: links lead to 'store-auth-statestore' of this page", found[0])
        assert found[0].endswith("[statestores.unshown_store]")


@pytest.mark.parametrize("language", ["rst", "md"])
@pytest.mark.parametrize("parallel", [0, 2])
@pytest.mark.parametrize("order", ["a", "z"])
def test_a_list_of_todos_is_never_stale(site: Site, language: str, parallel: int, order: str) -> None:
    """A page that copies numbers, tables and names from others is written again with them, as in a clean build."""
    role = ":store-count:`all`" if language == "rst" else "{store-count}`all`"
    site.conf(_TODO + "statestores_autolink = True\n")
    site.registry(_STORE)
    site.write("index.rst", f"Home\n====\n\n.. toctree::\n\n   b\n   c\n   d\n   {order}/list\n   tab\n")
    site.write("tab.rst", "Tab\n===\n\n.. statestore-table::\n")
    site.write(
        f"b.{language}", heading(language, "B") + directive(language, "todo", body=f"There are {role} stores.")
    )
    site.write("c.rst", "C\n=\n\n.. todo::\n\n   .. statestore-table::\n      :no-index:\n")
    site.write("d.rst", "D\n=\n\n.. todo:: See ``new-statestore``.\n")
    site.write(f"{order}/list.rst", "List\n====\n\n.. todolist::\n")
    first = site.build(parallel=parallel)
    assert "There are 1 stores" in first.text(f"{order}/list.html")
    site.registry(_ANOTHER)
    again = site.build(parallel=parallel)
    text = again.text(f"{order}/list.html")
    assert "There are 2 stores" in text
    assert text.count('href="../tab.html#store-new-statestore"') == 2
    assert 'href="tab.html' not in text
    clean = site.build(parallel=parallel, builddir="_clean")
    ordered = {name: sorted(content.splitlines()) for name, content in again.files().items()}
    # Parallel readers note todos in any order.
    assert ordered == {name: sorted(content.splitlines()) for name, content in clean.files().items()}
    assert parallel or again.files() == clean.files()


def test_a_list_of_todos_on_the_page_itself(site: Site) -> None:
    """A row that is copied within its page has no id for a second time."""
    site.conf(_TODO)
    site.registry(_STORE)
    site.write("index.rst", "Home\n====\n\n.. todo::\n\n   .. statestore-table::\n\n.. todolist::\n")
    text = site.build().text("index.html")
    assert text.count('id="store-auth-statestore"') == 1
    assert text.count('class="literal">auth-statestore') == 2


def test_unchanged_pages_with_todos_are_not_written(site: Site) -> None:
    """A list of todos is not written again where nothing has changed."""
    site.conf(_TODO)
    site.registry(_STORE)
    site.write("index.rst", "Home\n====\n\n.. toctree::\n\n   a\n\n.. todolist::\n")
    site.write("a.rst", "A\n=\n\n.. todo:: :store-count:`all`\n\n.. todo:: ``auth-statestore``\n")
    site.build()
    assert site.build().written == []


_LAYOUT = """\
<html><head>{% for js in script_files %}{{ js_tag(js) }}{% endfor %}</head><body>{% block body %}{% endblock %}</body>
"""


def test_a_layout_without_metatags(site: Site) -> None:
    """What cards and search need is on pages whose layout prints scripts and the text only, and changes with it."""
    site.conf('templates_path = ["_templates"]\n')
    site.registry(_STORE)
    site.write("_templates/layout.html", _LAYOUT)
    site.write("index.rst", "Home\n====\n\n:store:`auth-statestore`\n\n.. statestore-table::\n")
    found = []
    for registry in (_STORE, _STORE.replace("Sessions", "Tokens")):
        site.registry(registry)
        built = site.build()
        assert re.search(r'id="statestores-preview">.*"purpose":"(Sessions|Tokens)"', built.text("index.html"))
        found.append(re.findall(r'data-notes="(statestores-notes\.js\?v=[0-9a-f]{8})"', built.text("search.html")))
    assert [len(addresses) for addresses in found] == [1, 1]
    assert found[0] != found[1]


def test_what_other_searches_say_of_stores(site: Site) -> None:
    """A search that asks domains for synopses, as that of sphinx-immaterial does, gets the notes."""
    site.registry(_STORE)
    site.write("index.rst", "Home\n====\n\n.. statestore-table::\n")
    domain: Any = site.build().env.get_domain("statestore")
    assert list(domain.get_object_synopses()) == [(("index", "store-auth-statestore"), "Redis, Auth: Sessions")]
