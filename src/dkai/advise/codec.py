"""Frozen dataclasses to plain YAML values and back, without losing a language, a date or the place of a mistake."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from dkai.core.clean import no_controls
from dkai.core.i18n import t
from dkai.core.text import Text


class Mismatch(ValueError):
    """A plain value that cannot be what the field wants: where, and why."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


def pack(value: Any) -> Any:
    """`value` as mappings, lists, texts, numbers and dates; fields at their default are left out."""
    if isinstance(value, Text):
        return value.da if value.da == value.en else {"da": value.da, "en": value.en}
    if isinstance(value, StrEnum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: pack(inner) for f in dataclasses.fields(value) if (inner := getattr(value, f.name)) != _lack(f)}
    if isinstance(value, Mapping):
        return {str(key): pack(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [pack(inner) for inner in value]
    return value


def unpack(kind: Any, plain: Any, where: str = "") -> Any:
    """The value of type `kind` that `plain` stands for. Raises Mismatch."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(kind, plain, where)
    if origin is Literal:
        return _check(plain in get_args(kind), plain, where, t("one of: {names}", names=", ".join(get_args(kind))))
    if origin is tuple:
        _check(isinstance(plain, list), plain, where, t("a list is expected"))
        return tuple(unpack(get_args(kind)[0], inner, f"{where}[{i + 1}]") for i, inner in enumerate(plain))
    if origin is not None and issubclass(origin, Mapping):
        _check(isinstance(plain, dict), plain, where, t("a mapping is expected"))
        inner_kind = get_args(kind)[1]
        return {key: unpack(inner_kind, inner, _below(where, key)) for key, inner in plain.items()}
    if dataclasses.is_dataclass(kind) and kind is not Text:
        return _dataclass(kind, plain, where)
    return _SIMPLE[kind](plain, where) if kind in _SIMPLE else _enum(kind, plain, where)


def _dataclass(kind: Any, plain: Any, where: str) -> Any:
    _check(isinstance(plain, dict), plain, where, t("a mapping is expected"))
    hints = _hints(kind)
    for name in plain:
        _check(name in hints, plain, _below(where, name), t("there is no such field"))
    values = {}
    for field in dataclasses.fields(kind):
        here = _below(where, field.name)
        if field.name in plain:
            values[field.name] = unpack(hints[field.name], plain[field.name], here)
        else:
            _check(_lack(field) is not _NOTHING, plain, here, t("is missing"))
    return kind(**values)


def _union(kind: Any, plain: Any, where: str) -> Any:
    kinds = [one for one in get_args(kind) if one is not type(None)]
    if plain is None and len(kinds) < len(get_args(kind)):
        return None
    for one in kinds:
        # bool before int: YAML keeps them apart, Python does not.
        if one in (bool, int, float, str) and type(plain) is one:
            return plain
    last = kinds[-1] if isinstance(plain, list) else kinds[0]
    return unpack(last, plain, where)


def _text(plain: Any, where: str) -> Text:
    if isinstance(plain, dict):
        _check(set(plain) == {"da", "en"}, plain, where, t("{da: …, en: …} is expected"))
        return Text(_word(plain["da"], f"{where}.da"), _word(plain["en"], f"{where}.en"))
    return Text.of(_word(plain, where))


def _word(plain: Any, where: str) -> str:
    _check(isinstance(plain, str) and no_controls(plain) == plain, plain, where, t("a text is expected"))
    return str(plain)


def _day(plain: Any, where: str) -> date:
    _check(type(plain) is date, plain, where, t("a date is expected, such as 2026-11-23"))
    return plain  # type: ignore[no-any-return]


def _bool(plain: Any, where: str) -> bool:
    _check(isinstance(plain, bool), plain, where, t("true or false is expected"))
    return bool(plain)


def _number(plain: Any, where: str) -> float:
    _check(
        isinstance(plain, (int, float)) and not isinstance(plain, bool) and abs(plain) < 1e9, plain, where,
        t("a number is expected"),
    )  # fmt: skip
    return float(plain)


def _enum(kind: Any, plain: Any, where: str) -> Any:
    names = [member.value for member in kind]
    _check(plain in names, plain, where, t("one of: {names}", names=", ".join(names)))
    return kind(plain)


def _check(right: bool, plain: Any, where: str, why: str) -> Any:
    if not right:
        raise Mismatch(where, why)
    return plain


def _below(where: str, name: object) -> str:
    return f"{where}.{name}" if where else str(name)


_NOTHING = object()


def _lack(field: Any) -> Any:
    """What the field is when nothing is said; `_NOTHING` when something must be."""
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return _NOTHING


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


_SIMPLE: dict[Any, Callable[[Any, str], Any]] = {
    str: _word, bool: _bool, float: _number, date: _day, Text: _text,
}  # fmt: skip
