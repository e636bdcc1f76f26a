"""Words on the command line become values without loading pydantic, wherever that needs no pydantic.

Typer builds a pydantic adapter for every parameter of a command, also for those that nobody typed: 60 ms, more than all
that most commands do. A text that is wanted as text, a choice that is one of the choices, a plain whole number within
its limits, a flag and a default need none.
Everything else is typer's business as before, its error messages included.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

_OTHER = object()
_PLAIN = re.compile(r"^(0|-?[1-9][0-9]{0,15})$")


def _in_range(number: int, info: Any) -> bool:
    """Whether the limits of the option let the number through as it is."""
    low, high = getattr(info, "min", None), getattr(info, "max", None)
    return (low is None or number >= low) and (high is None or number <= high)


def _plain(value: Any, wanted: Any, info: Any) -> Any:
    """The value where it is plainly what is wanted; `_OTHER` where typer must decide."""
    if isinstance(value, bool):
        return value if wanted is bool else _OTHER
    if isinstance(value, (list, tuple)):
        return list(value) if wanted == list[str] and all(isinstance(word, str) for word in value) else _OTHER
    if isinstance(value, str) and isinstance(wanted, type):
        if wanted is str:
            return value
        if issubclass(wanted, Enum):
            return next((member for member in wanted if member.value == value), _OTHER)
        if wanted is int and _PLAIN.match(value) and _in_range(int(value), info):
            return int(value)
    return _OTHER


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
        found = _plain(value, wanted, self._descriptor.parameter_info)
        if found is not _OTHER:
            return found
        if value == param.default and not isinstance(value, (str, list, tuple)):
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
