"""The JSON Schema of a result type: what `core.plain.to_plain` makes of it, said in advance."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from enum import Enum
from fractions import Fraction
from pathlib import PurePath
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from dkai.core.text import Text
from dkai.core.unknown import Unknown

Schema = dict[str, Any]

_NUMBER: Schema = {"anyOf": [{"type": "number"}, {"const": "unlimited"}, {"type": "null"}]}
_UNKNOWN: Schema = {
    "type": "object",
    "properties": {"unknown": {"type": "string"}},
    "required": ["unknown"],
    "additionalProperties": False,
}
_SIMPLE: dict[Any, Schema] = {
    str: {"type": "string"},
    Text: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: _NUMBER,
    Fraction: {"type": "number"},
    timedelta: {"type": "number", "description": "seconds"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    type(None): {"type": "null"},
    Unknown: _UNKNOWN,
    Any: {},
    object: {},
}


def schema_of(result: type, name: str, version: int = 1) -> Schema:
    """The schema of a command's JSON output: the result's fields and the `schema` word that names it."""
    definitions: dict[str, Schema] = {}
    body = dict(_dataclass(result, definitions))
    body["properties"] = {"schema": {"const": f"dkai/{name}/{version}"}, **body["properties"]}
    body["required"] = ["schema", *body["required"]]
    head: Schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"dkai/{name}/{version}"}
    return {**head, **body, **({"$defs": definitions} if definitions else {})}


def _dataclass(kind: type, definitions: dict[str, Schema]) -> Schema:
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    return {
        "type": "object",
        "description": (kind.__doc__ or "").strip().splitlines()[0] if kind.__doc__ else "",
        "properties": {name: _schema(hints[name], definitions) for name in names},
        "required": names,
        "additionalProperties": False,
    }


def _schema(hint: Any, definitions: dict[str, Schema]) -> Schema:
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema(argument, definitions) for argument in arguments]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if isinstance(origin, type):
        return _collection(origin, arguments, definitions)
    if not isinstance(hint, type):
        raise TypeError(f"{hint} has no schema")
    return _class(hint, definitions)


def _collection(origin: type, arguments: tuple[Any, ...], definitions: dict[str, Schema]) -> Schema:
    if issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    if issubclass(origin, tuple) and arguments[-1] is not Ellipsis:
        items = [_schema(argument, definitions) for argument in arguments]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if issubclass(origin, (Sequence, AbstractSet)):
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    raise TypeError(f"{origin} has no schema")


def _class(hint: type, definitions: dict[str, Schema]) -> Schema:
    if issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    if issubclass(hint, PurePath):
        return {"type": "string"}
    if dataclasses.is_dataclass(hint):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}  # a type that holds itself finds its own name
            definitions[hint.__name__] = _dataclass(hint, definitions)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if issubclass(hint, Mapping):
        return {"type": "object"}
    raise TypeError(f"{hint} has no schema")
