"""Words on the command line become values without loading pydantic, wherever that needs no pydantic.

Typer builds a pydantic adapter for every parameter of a command, also for those that nobody typed: 60 ms, more than all
that most commands do. A text that is wanted as text, a choice that is one of the choices, and a default need none.
Everything else is typer's business as before, its error messages included.
"""

from __future__ import annotations

from enum import Enum
from typing import Any


class Quick:
    """Stands in for typer's own converter of one parameter until that is needed."""

    def __init__(self, descriptor: Any) -> None:
        self._descriptor = descriptor
        self._typers: Any = None

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value in its type; typer's own converter decides what is not plain."""
        wanted = self._descriptor.annotation
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if isinstance(value, str):
            if wanted is str:
                return value
            if isinstance(wanted, type) and issubclass(wanted, Enum):
                for member in wanted:
                    if member.value == value:
                        return member
        elif isinstance(value, (list, tuple)):
            if wanted == list[str] and all(isinstance(word, str) for word in value):
                return list(value)
        elif value == param.default:
            return value
        if self._typers is None:
            from typer._coercion import build_runtime_param

            self._typers = build_runtime_param(self._descriptor)
        return self._typers.coerce(value, param=param, ctx=ctx)


def make_quick(params: list[Any]) -> None:
    """Give each parameter its stand-in. A typer that keeps its converters elsewhere is left alone."""
    for param in params:
        if getattr(param, "_runtime_param", param) is None and hasattr(param, "type_descriptor"):
            param._runtime_param = Quick(param.type_descriptor)
