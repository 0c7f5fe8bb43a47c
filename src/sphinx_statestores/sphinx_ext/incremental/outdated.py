"""Questions and fingerprints -> the documents to write again although their sources have not changed.

When Sphinx has read all documents, the questions of each are answered with the current registry. The results are
compared with those that its page was written with. Nothing is compared when no input has changed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sphinx import version_info as sphinx_version

from sphinx_statestores.sphinx_ext.incremental.fingerprints import Fingerprints
from sphinx_statestores.sphinx_ext.incremental.output_record import Written, stamp_of
from sphinx_statestores.sphinx_ext.project import current
from sphinx_statestores.sphinx_ext.resolve.guide import present_parts

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

#: Whether Sphinx ends a build without outdated documents before it writes indices and the search, which would stay
#: stale.
_MAY_STOP = sphinx_version < (8, 2)


def find_to_read(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Return the documents to read again: what was put into them is another now (``env-get-outdated``).

    That is words of ours, and headings for the parts of the guide. Another language makes Sphinx read all documents
    again. This is about other translations.
    """
    build = current(env)
    digest, parts = build.project.language.digest, present_parts(build.project.registry)
    changed_words = [docname for docname, found in build.languages.items() if found != digest]
    changed_parts = [docname for docname, found in build.guide_parts.items() if found != parts]
    return [docname for docname in dict.fromkeys((*changed_words, *changed_parts)) if docname in env.found_docs]


def find_outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the documents whose results differ from those on their pages (``env-updated``).

    They are removed from the record at once, in case the build is interrupted.
    """
    build = current(env)
    record, answers = build.project.record, build.answers
    project = build.project
    inputs = (project.contents, project.language.digest, project.prose.digest, sorted(project.builder.tags))
    fingerprints = record.fingerprints = Fingerprints(answers, inputs)
    is_same = record.inputs == fingerprints.inputs
    asking = dict.fromkeys(fingerprints.asking())
    quoting = [docname for docname, page in record.pages.items() if page.quoted and docname in env.found_docs]
    sound = {}
    for docname in {**asking, **dict.fromkeys(quoting)}:
        page = record.pages.get(docname)
        if page is None:
            continue
        documents = (docname, *page.quoted)
        asked = fingerprints.asked(documents)
        if is_same and asked == page.asked:
            sound[docname] = page
            continue
        found = Written(asked, fingerprints.shown(documents), page.quoted)
        record.found[docname] = found
        if found.shown == page.shown:
            sound[docname] = found
            answers.forget(docname)
    outdated = sorted(docname for docname in {*asking, *quoting} if docname not in sound)
    record.save(record.inputs if is_same and not outdated else "", sound)
    if not outdated and _MAY_STOP and not is_same:
        return [app.config.root_doc]
    return outdated


def note_resolved(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Record the fingerprints of a document that has been resolved (``doctree-resolved``).

    Whether its page was written is checked at the end of the build: other extensions resolve documents, too.
    """
    build = current(app.env)
    record = build.project.record
    if record.fingerprints is None:
        return
    if docname not in record.resolved:
        record.resolved[docname] = _stamp(app.builder, docname)
    quoted = record.quoted.get(docname, ())
    found = record.found.get(docname)
    if found is None or found.quoted != quoted:
        documents = (docname, *quoted)
        prints = record.fingerprints
        record.found[docname] = Written(prints.asked(documents), prints.shown(documents), quoted)
    build.answers.forget(docname)


def note_written(app: Sphinx, exception: Exception | None) -> None:
    """Record the written pages, unless the build failed (``build-finished``)."""
    build = current(app.env)
    if exception is not None or not build.has_begun:
        return
    record = build.project.record
    if record.fingerprints is None:
        return
    asking = set(record.fingerprints.asking())
    pages = dict(record.pages)
    for docname, before in record.resolved.items():
        stamp = _stamp(app.builder, docname)
        if stamp is None or stamp != before:
            found = record.found[docname]
            if docname in asking or found.quoted:
                pages[docname] = found
            else:
                pages.pop(docname, None)
    is_whole = asking <= pages.keys()
    record.save(record.fingerprints.inputs if is_whole else "", dict(sorted(pages.items())))


def _stamp(builder: Builder, docname: str) -> object:
    """Return mtime, size and inode of a page's file; None for a builder without one file for each page."""
    suffix = getattr(builder, "out_suffix", "")
    if hasattr(builder, "get_outfilename"):
        path = Path(builder.get_outfilename(docname))
    elif suffix:
        path = Path(builder.outdir, f"{docname}{suffix}")
    else:
        return None
    return stamp_of(path)
