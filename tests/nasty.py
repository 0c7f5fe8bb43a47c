"""Texts that mean something to one outlet or another, and a registry that is full of them.

No outlet may take any of them for more than a text: each is tested with all of them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Name -> text, on one line and without blanks at its ends, as a purpose is.
VALUES: dict[str, str] = {
    "plain": "Sessions (ephemeral), per-user; 100% safe: really!",
    "bars": "a | b || c",
    "bar-in-code": "`a|b` and `c`",
    "backslash-bar": "a\\|b \\\\| c",
    "backslash-bar-in-code": "`a\\|b`",
    "backslashes": "C:\\temp\\new \\u0022 \\x41 \\0 \\",
    "backtick": "a ` b",
    "backticks": "``a`b`` and ```c",
    "code": "see `auth-lock` first",
    "html": '<script>alert(1)</script> <b onclick="x">b</b> <img src=x onerror=alert(1)>',
    "html-in-code": "`<b>` and `</script>` and `&amp;`",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "end-of-script": "</script><!-- <script> --> ]]>",
    "end-of-summary": "</summary></td></table>",
    "entities": "&lt; &amp; &amp;amp; &#x41; &copy; &nope; & &",
    "quotes": "say \"double\" 'single' ''' \"\"\"",
    "emphasis": "*a* **b** _c_ __d__ snake_case_name ~~e~~ ~f~",
    "links": "[l](https://example.org) ![i](x.png) <https://example.org> [r][r] [^1]",
    "script-links": "[l](javascript:alert(1)) <javascript:alert(1)>",
    "heading": "# not a heading #",
    "number-sign": "#",
    "attributes": 'see `auth-lock`{.x #y onclick="alert(1)"} [s]{.x} {#id}',
    "block-attributes": "{.x #y}",
    "target": "(a)=",
    "table-rule": "-|-",
    "definition": "~ not a definition",
    "footnote": "[^1]: not a footnote",
    "addresses": "https://example.org/<script>alert(1)</script> www.example.org/_[^1] a@example.org_*b*",
    "list": "- not a list",
    "numbered": "1. not a list",
    "quotation": "> not a quotation",
    "fence": "``` not a fence",
    "rule": "--- *** ___ ===",
    "math": "$x$ $$y$$ \\(z\\)",
    "roles": ":ref:`w` {ref}`w` |sub| {{ sub }} .. raw:: html ::",
    "jinja": "{{ 7*7 }} {% raw %} {# c #}",
    "formats": "{0} {name} {name.__class__} %s %(x)s %d ${HOME} #{x} $(id) !x",
    "latex": "\\input{/etc/passwd} \\textbf{x} % # _ ^ ~ { } & \\\\",
    "tex-end": "\\end{document} ^^5cinput \\write18{ls}",
    "roff": ".so /etc/passwd",
    "roff-quote": "'so /etc/passwd",
    "roff-escapes": "\\X'x' \\n(.s \\V[HOME] T}",
    "texinfo": "@include /etc/passwd @bye",
    "log-command": "::error file=a,line=1::x",
    "log-commands": "##[error]x ##vso[task.complete]y",
    "formula": "=1+1",
    "formula-plus": "+1",
    "formula-minus": "-1+1",
    "formula-at": "@SUM(A1)",
    "formula-link": '=HYPERLINK("https://example.org","x")',
    "formula-command": "=cmd|' /C calc'!A0",
    "formula-wide": "\uff1d1\uff0b1",
    "guarded": "'=1+1",
    "commas": 'a,"b";c',
    "csharp": '" + System.Environment.Exit(1) + "',
    "comments": "*/ // /* -- <!-- x",
    "unicode": "na\u00efve \u6f22\u5b57 \U0001f600 \u0639\u0631\u0628\u064a",
    "direction": "a\u202eb\u2066c\u200fd",
    "invisible": "a\u200bb\u00adc\ufeffd",
    "word": "null",
}

#: Line breaks and blanks: a purpose becomes one line, other texts keep them.
BREAKS = "=a\nb\r\nc\td\u0085e\u2028f\u2029g \n\n# h\n"


def store_name(name: str) -> str:
    """Return the store that holds a value."""
    return f"nasty-{name}"


def registry_text(texts: Mapping[str, str] = VALUES) -> str:
    """Return a registry with one store for each value, which is its purpose, its tag, its ``x-note`` and more.

    The values stand in the guide as well, wherever a text may. Other *texts* of the same names show what the same
    registry looks like without them.
    """
    values = list(texts.values())
    stores = {
        store_name(name): {
            "backend": "own",
            "service": f"Service{position}",
            "purpose": value,
            "tags": [value],
            "since": value,
            "x-note": value,
            "keys": [{"pattern": value, "type": value, "ttl": value, "purpose": value}],
        }
        for position, (name, value) in enumerate(texts.items())
    }
    everything = " ".join(values)
    document = {
        "x-backends": {"own": {"label": texts["html"]}},
        "x-services": {f"Service{position}": {"title": value} for position, value in enumerate(values)},
        "x-naming-conventions": [
            {"pattern": value, "backends": ["own"], "description": value, "prefer": value} for value in values
        ],
        "x-backend-guide": [{"useCase": value, "backend": "own", "rationale": value} for value in values],
        "x-deployments": [{"title": value, "note": value, "stores": {value: value}} for value in values],
        # Paths are written with "/".
        "x-generated-code": {"path": everything.replace("\\", "/"), "namespace": "Nasty", "class": "Stores"},
        "x-reference": {
            "project": everything,
            "regenerate": everything,
            "deployments": "\n".join(values),
            "closing": {"label": everything, "href": "a b&lt;(c)", "text": everything},
        },
        "x-state-stores": stores,
    }
    return as_yaml(document)


def as_yaml(document: object) -> str:
    """Write a document as JSON that YAML reads alike: what cannot be seen is escaped, the rest is not."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    return re.sub(r"[^\x20-\x7e\n]", lambda match: _escape(match[0]), text)


def _escape(letter: str) -> str:
    number = ord(letter)
    return letter if letter.isprintable() else f"\\u{number:04x}"
