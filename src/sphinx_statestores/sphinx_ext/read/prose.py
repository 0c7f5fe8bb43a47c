"""The source of a page -> the question whether the registry contradicts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx_statestores.checks.prose_claims import read_claims
from sphinx_statestores.sphinx_ext.read.questions import ClaimsQuestion

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

#: Parser as ``source_suffix`` calls it -> whether it is that of reStructuredText.
_PARSERS = {"restructuredtext": True, "markdown": False}


def claims_question(
    docname: str, text: str, path: str | PathLike[str], suffixes: Mapping[str, str | None]
) -> ClaimsQuestion | None:
    """Take a document with its text and its file, and ``source_suffix``; return its question.

    None if it says nothing of stores. Pages that are neither Markdown nor reStructuredText, such as notebooks, say
    nothing.
    """
    name = str(path)
    # As Sphinx does: the longest ending.
    parser = next((suffixes[end] for end in sorted(suffixes, key=len, reverse=True) if name.endswith(end)), None)
    is_rst = _PARSERS.get(parser or "restructuredtext", False if name.endswith(".md") else None)
    claims = None if is_rst is None else read_claims(text, is_rst=is_rst)
    return None if claims is None or claims.is_empty else ClaimsQuestion(docname, claims)
