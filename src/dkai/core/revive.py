"""Values from what `to_plain` made of them: stored plans are read back as the dataclasses they were."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from dkai.core.unknown import Unknown

T = TypeVar("T")


def revive(kind: type[T], plain: Any) -> T:
    """`plain` as a `kind`. Fields that are not there take their defaults, unknown fields are left out.

    Raises ValueError, TypeError or KeyError when it does not fit.
    """
    return cast(T, _as(kind, plain))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _as(kind: Any, plain: Any) -> Any:  # noqa: PLR0911, PLR0912 - one line a type
    if kind is Any:
        return plain
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _one_of(args, plain)
    if origin is Literal:
        if plain not in args:
            raise ValueError(f"{plain!r} is none of {args}")
        return plain
    if origin is tuple:
        if len(args) == 2 and args[1] is Ellipsis:
            return tuple(_as(args[0], item) for item in plain)
        return tuple(_as(a, item) for a, item in zip(args, plain, strict=True))
    if origin in (dict, Mapping) or (origin is not None and issubclass(origin, Mapping)):
        return {_as(args[0], key): _as(args[1], value) for key, value in plain.items()}
    if origin is list:
        return [_as(args[0], item) for item in plain]
    if kind is float:
        if plain == "unlimited":
            return math.inf
        if isinstance(plain, bool) or not isinstance(plain, (int, float)):
            raise TypeError(f"{plain!r} is no number")
        return float(plain)
    if kind is Unknown:
        return Unknown(plain["unknown"])
    if kind is Path:
        return Path(plain)
    if kind is datetime:
        return datetime.fromisoformat(plain)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    if dataclasses.is_dataclass(kind):
        hints = _hints(cast(type, kind))
        fields = {f.name: f for f in dataclasses.fields(kind) if f.init}
        values = {name: _as(hints[name], plain[name]) for name in fields if name in plain}
        return cast(Any, kind)(**values)
    if kind is type(None):
        if plain is not None:
            raise TypeError(f"{plain!r} is not None")
        return None
    if not isinstance(plain, kind) or (isinstance(plain, bool) and kind is not bool):
        raise TypeError(f"{plain!r} is no {kind.__name__}")
    return plain


def _one_of(kinds: tuple[Any, ...], plain: Any) -> Any:
    if plain is None and type(None) in kinds:
        return None
    if isinstance(plain, Mapping) and set(plain) == {"unknown"} and Unknown in kinds:
        return Unknown(plain["unknown"])
    last: Exception | None = None
    for kind in kinds:
        if kind in (Unknown, type(None)):
            continue
        try:
            return _as(kind, plain)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            last = error
    raise ValueError(f"{plain!r} fits none of {kinds}") from last
