"""How a registry names a backend: by its key, or by its label, which is understood with a warning."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sphinx_statestores.registry.problems import Kind
from sphinx_statestores.registry.quoting import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sphinx_statestores.registry.backends import Backend
    from sphinx_statestores.registry.reader import Node
    from sphinx_statestores.registry.shapes import Inspector

_WITHOUT_SEPARATORS = str.maketrans("", "", " -_.")


class BackendNames:
    """The backends of a registry, by whatever a person may call them."""

    def __init__(self, backends: Mapping[str, Backend]) -> None:
        self.backends = backends

    def key_of(self, written: str) -> str | None:
        """Return the key of the backend that is called so: its key or its label, in any case; None for no backend."""
        return written if written in self.backends else self._keys.get(_spelling(written))

    @cached_property
    def _keys(self) -> Mapping[str, str]:
        """Key or label, without case and separators -> key; keys come first."""
        found: dict[str, str] = {}
        for key in self.backends:
            found.setdefault(_spelling(key), key)
        for key, backend in self.backends.items():
            found.setdefault(_spelling(backend.label), key)
        return found

    def read(self, inspector: Inspector, written: str, node: Node, what: str) -> str:
        """Return the key of a backend that a registry names; what names none is reported, and returned as it is.

        *what* is what the backend is of, for messages.
        """
        if not written or written in self.backends:
            return written
        key = self.key_of(written)
        if key is None:
            near = inspector.suggestion(written, self.backends) or "; use a built-in one, or add it to 'x-backends'"
            inspector.report(Kind.UNKNOWN_BACKEND, f"unknown backend {escaped(written)} of {what}{near}", node)
            return written
        message = f"the backend {escaped(written)} of {what} is read as {escaped(key)}: write {escaped(key)}"
        inspector.report(Kind.BACKEND_LABEL, message, node)
        return key


def _spelling(name: str) -> str:
    return name.lower().translate(_WITHOUT_SEPARATORS)
