"""A large registry is read by a process of its own, while documents are read for the first time.

They are read without it. Where Sphinx uses several processors, the time that the registry takes is then hidden behind
that of the documents. The process leaves the snapshot, which the build finds as if an earlier one had left it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING

from sphinx.util.parallel import parallel_available

from sphinx_statestores.registry.source import SourceText
from sphinx_statestores.sphinx_ext.build import read_registry, start_build

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

    from sphinx.application import Sphinx

    from sphinx_statestores.sphinx_ext.build import Build, Inputs

#: The characters of a registry of about a thousand stores: less than that is read before a process has begun.
LARGE = 1 << 18


def read_ahead(app: Sphinx, inputs: Inputs) -> Callable[[], Build] | None:
    """Begin to read the registry; return what ends that, or None where the registry is better read at once.

    That is after an edit, since little is parsed then, and where pages are generated from the registry.
    """
    if not parallel_available or app.parallel < 2 or app.env.all_docs or inputs.settings.generate_pages:
        return None
    if sum(len(source.text) for source in inputs.sources if isinstance(source, SourceText)) < LARGE:
        return None
    # As Sphinx begins its own.
    process = get_context("fork").Process(target=_leave_snapshot, args=(app, inputs), daemon=True)
    try:
        process.start()
    except OSError:
        return None
    return partial(_start_build_after, process, os.getpid(), app, inputs)


def _leave_snapshot(app: Sphinx, inputs: Inputs) -> None:
    # Whatever goes wrong, the build that finds no snapshot meets it as well, and says so.
    with suppress(Exception, KeyboardInterrupt):
        read_registry(app, inputs)


def _start_build_after(process: BaseProcess, parent: int, app: Sphinx, inputs: Inputs) -> Build:
    # Whoever asks while a document is read may do so in another process, which has nothing to wait for.
    if os.getpid() == parent:
        process.join()
    return start_build(app, inputs)
