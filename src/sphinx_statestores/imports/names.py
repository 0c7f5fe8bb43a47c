"""What stands where the name of a store is expected -> its name, or several, without markup and remarks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx_statestores.imports.footnotes import FOOTNOTE_MARK
from sphinx_statestores.imports.markdown_text import LINE_BREAK, from_markdown
from sphinx_statestores.imports.secrets import masked
from sphinx_statestores.imports.synonyms import STATUS_WORDS, is_blank, store_name
from sphinx_statestores.registry.field_words import squashed
from sphinx_statestores.registry.inline import plain, runs
from sphinx_statestores.registry.model import STATUSES
from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import folded, listed, shown
from sphinx_statestores.registry.shapes import NAME, NAME_RULE

if TYPE_CHECKING:
    from sphinx_statestores.imports.format import Report

# A longer one is no name, whatever is in it.
_LONGEST = 2_000
_DIVIDERS = re.compile(r"[,;]")
# What divides names as well as words of one name.
_WORDS_BETWEEN = re.compile(r"\s(?:[/&+]|and|or)\s")
_IN_CODE = re.compile(r"[-_.0-9]")
# "(deprecated)", "[planned]", with what may divide it from a name.
_REMARK = re.compile(r"[ ]*(?:[-\u2013\u2014:][ ]*)?[(\[]([^()\[\]]*)[)\]]$")
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]{0,200}[)\]]")
_STRUCK = re.compile(r"~~(?=\S)(.*?\S)~~|<(del|s|strike)>(.*?)</\2>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:b|strong|i|em|u|code|tt|kbd|span|mark|small|ins|a)(?:\s[^<>]*)?>", re.IGNORECASE)
_LINE_BREAKS = re.compile(r"[\r\n]+")
_RAISED = re.compile(r"<sup>.*?</sup>", re.IGNORECASE)
_SIGNS = re.compile("[*\u2020-\u2021\u00a7\u00b6\u00b9\u00b2\u00b3\u2070-\u2079]+$")
_STRUCK_STATUS = "deprecated"


def names_in(raw: object, line: int, report: Report) -> dict[str, str]:
    """Return the names that a text or a list of texts has, each with the status beside it, which may be empty.

    What else it says goes to the report. There is no name, and a problem in the report, when one cannot be kept as it
    is: a changed name would be in no code.
    """
    if isinstance(raw, list) and all(isinstance(item, str) for item in raw):
        raw = ", ".join(map(str, raw))
    text = raw.strip() if isinstance(raw, str) else ""
    whole = plain(folded(text)).strip()
    if NAME.fullmatch(whole) and not is_blank(whole):
        return {whole: ""}
    if is_blank(whole):
        report.problem(Kind.INVALID_NAME, "there is no name for a store: this one is left out", line)
        return {}
    if len(text) <= _LONGEST and (found := _read(text, line, report)):
        return found
    advice = store_name(masked(_BRACKETS.sub("", from_markdown(text)) or text))
    such = f"such as {shown(advice)}" if NAME.fullmatch(advice) else f"of {NAME_RULE}"
    message = (
        f"{shown(whole)} is no name for a store: this one is left out; write the name that your code has, {such}"
    )
    report.problem(Kind.INVALID_NAME, message, line)
    return {}


def _read(text: str, line: int, report: Report) -> dict[str, str]:
    notes = []
    found: dict[str, str] = {}
    whole = _STRUCK.fullmatch(text)
    if whole and _STRUCK.sub("", text):
        whole = None
    for part in _parts(_struck_text(whole) if whole else text):
        inner = _STRUCK.sub(_struck_text, part)
        is_struck = whole is not None or inner != part
        bare, marks = _without_marks(inner)
        bare, status = _without_remark(bare)
        name, more = _without_marks(from_markdown(bare))
        name = plain(name).strip()
        if name in STATUSES and len(found) == 1:
            # "legacy-stock, deprecated"
            name, status = next(iter(found)), name
        if not NAME.fullmatch(name):
            return {}
        if marks := [*marks, *more]:
            notes.append(f"beside the name {shown(name)}, {listed(map(shown, marks), len(marks))} is left out")
        if is_struck and not status:
            status = _STRUCK_STATUS
            notes.append(f"the name {shown(name)} is struck out: this is read as the status {status!r}")
        elif status:
            notes.append(f"beside the name {shown(name)} is its status: {status!r}")
        found[name] = status or found.get(name, "")
    if len(found) > 1:
        what = listed(map(shown, found), len(found))
        notes.append(f"{len(found)} stores are named here, and have all else in common: {what}")
    for note in notes:
        report.note(note, line)
    return found


def _struck_text(struck: re.Match[str]) -> str:
    return struck[1] or struck[3]


def _parts(text: str) -> list[str]:
    """Divide a cell between its names: at commas, at line breaks, or around inline code."""
    text = _TAG.sub("", LINE_BREAK.sub(",", _LINE_BREAKS.sub(",", text)))
    codes = [run.text.strip() for run in runs(text) if run.is_code]
    between = "".join(run.text for run in runs(text) if not run.is_code)
    if len(codes) > 1 and not re.sub(r"[,;&+/\s]|\b(?:and|or)\b", "", between):
        return codes
    found = []
    for part in _DIVIDERS.split(text):
        names = _WORDS_BETWEEN.split(part)
        found += names if all(_IN_CODE.search(name) for name in names) else [part]
    return [part.strip() for part in found if part.strip()]


def _without_remark(text: str) -> tuple[str, str]:
    """Return a name without a state of its life in brackets, and that state."""
    remark = _REMARK.search(text)
    word = squashed(plain(remark[1])) if remark else ""
    status = word if word in STATUSES else STATUS_WORDS.get(word, "")
    return (text[: remark.start()], status) if remark and status else (text, "")


def _without_marks(text: str) -> tuple[str, list[str]]:
    """Return a text without marks of footnotes, and these."""
    said = [match[0] for pattern in (FOOTNOTE_MARK, _RAISED) for match in pattern.finditer(text)]
    text = _RAISED.sub("", FOOTNOTE_MARK.sub("", text)).strip()
    signs = _SIGNS.search(text)
    if signs and not text.startswith("*"):
        return text[: signs.start()], [*said, signs[0]]
    return text, said
