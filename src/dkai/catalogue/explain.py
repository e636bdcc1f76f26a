"""A model's complaints in plain words, with the line and how to mend it."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from dkai.catalogue.problems import Problem, did_you_mean
from dkai.catalogue.yaml_file import Where, dotted
from dkai.core.clean import one_line
from dkai.core.i18n import t


def explain(error: ValidationError, model: type[BaseModel], file: str, lines: dict[Where, int]) -> Iterator[Problem]:
    """One problem a field, in the order of the file."""
    by_field: dict[Where, list[dict[str, Any]]] = {}
    for complaint in error.errors(include_url=False):
        by_field.setdefault(_path(dict(complaint), model), []).append(dict(complaint))
    for where in sorted(by_field, key=lambda w: _line(w, lines) or 0):
        message, hint = _say(by_field[where], where, model)
        yield Problem(file, dotted(where), message, hint, _line(where, lines))


def fields_of(model: type[BaseModel]) -> dict[str, Any]:
    """Field name as it is written → its annotation."""
    return {info.alias or name: info.annotation for name, info in model.model_fields.items()}


def models_at(model: type[BaseModel], where: Where) -> list[type[BaseModel]]:
    """The models whose fields may stand at `where`; places in lists may be left out."""
    holds: list[Any] = [model]
    for part in where:
        while not isinstance(part, int) and (items := _items(holds)):
            holds = [*items, *(one for one in _leaves(holds) if _is_model(one))]
        holds = _below(holds, part) or holds
    while items := _items(holds):
        holds = items
    return [one for one in _leaves(holds) if _is_model(one)]


def _leaves(annotations: list[Any]) -> Iterator[Any]:
    """What a value may be, without the unions and marks around it."""
    for annotation in annotations:
        origin = get_origin(annotation)
        if origin is Annotated:
            yield from _leaves([get_args(annotation)[0]])
        elif origin in (Union, types.UnionType):
            yield from _leaves(list(get_args(annotation)))
        else:
            yield annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _items(annotations: list[Any]) -> list[Any]:
    return [get_args(one)[0] for one in _leaves(annotations) if get_origin(one) is list]


def _below(annotations: list[Any], part: str | int) -> list[Any]:
    """What a field, a key or a place in a list may hold; empty when there is no such thing here."""
    if isinstance(part, int):
        return _items(annotations)
    found = []
    for one in _leaves(annotations):
        if _is_model(one) and part in fields_of(one):
            found.append(fields_of(one)[part])
        elif get_origin(one) is dict:
            found.append(get_args(one)[1])
    return found


def _path(complaint: dict[str, Any], model: type[BaseModel]) -> Where:
    """The place in the file: pydantic names the branches of its unions too, which nobody wrote."""
    where: Where = ()
    holds: list[Any] = [model]
    *parts, last = complaint["loc"] or ("",)
    for part in parts:
        if below := _below(holds, part):
            where, holds = (*where, part), below
    if last not in ("", "[key]") and (_below(holds, last) or complaint["type"] == "extra_forbidden"):
        where = (*where, last)
    return where


def _line(where: Where, lines: dict[Where, int]) -> int | None:
    while where and where not in lines:
        where = where[:-1]
    return lines.get(where)


def _say(complaints: list[dict[str, Any]], where: Where, model: type[BaseModel]) -> tuple[str, str | None]:
    """What is wrong and how to mend it; a union's branches make one sentence."""
    first = complaints[0]
    kind, context, value = first["type"], first.get("ctx", {}), first.get("input")
    name = str(where[-1]) if where else ""
    if kind == "missing":
        return t("is missing"), None
    if kind == "extra_forbidden":
        known = {field for one in models_at(model, where[:-1]) for field in fields_of(one)}
        return t("is not a field here"), did_you_mean(name, known) or t(
            "the fields are: {names}", names=", ".join(sorted(known))
        )
    if isinstance(value, bool) and any(c["type"] in _WANTS_TEXT for c in complaints):
        quote = t("YAML reads no, off, yes and on as false and true: put the word in quotes")
        return t("is not text but {value}", value=str(value).lower()), quote
    precise = [c for c in complaints if c["type"] in _PRECISE]
    choices = [word for c in complaints if c["type"] == "literal_error" for word in _words(c["ctx"]["expected"])]
    if choices and not precise:
        kinds = [word for c in complaints if (word := _wanted(c["type"]))]
        names = ", ".join(dict.fromkeys([*kinds, *choices]))
        return t("is “{value}”; it may be: {names}", value=one_line(str(value), 60), names=names), did_you_mean(
            str(value), choices
        )
    if precise:
        kind, context = precise[0]["type"], precise[0].get("ctx", {})
    if kind == "value_error":
        return str(context["error"]), None
    return _plain(kind, context, value)


_WANTS_TEXT = ("string_type", "model_type", "string_pattern_mismatch")
# The value has the right type and the wrong size or form: that is what is wrong, whatever else would be possible.
_PRECISE = (
    "less_than_equal", "less_than", "greater_than", "greater_than_equal", "string_pattern_mismatch", "value_error",
    "finite_number", "too_short", "string_too_short", "string_too_long",
)  # fmt: skip


def _wanted(kind: str) -> str | None:
    return {
        "int_type": t("a whole number"),
        "float_type": t("a number"),
        "bool_type": "true, false",
        "bool_parsing": "true, false",
        "list_type": t("a list"),
        "model_type": t("a group of fields"),
        "date_type": t("a date"),
        "date_from_datetime_parsing": t("a date"),
    }.get(kind)


def _plain(kind: str, context: dict[str, Any], value: Any) -> tuple[str, str | None]:
    shown = one_line(str(value), 60)
    sentences = {
        "string_type": t("is not text"),
        "list_type": t("is not a list"),
        "dict_type": t("is not a group of fields"),
        "model_type": t("is not a group of fields"),
        "model_attributes_type": t("is not a group of fields"),
        "bool_type": t("is neither true nor false"),
        "bool_parsing": t("is neither true nor false"),
        "int_type": t("is not a whole number"),
        "float_type": t("is not a number"),
        "finite_number": t("is not a number"),
        "too_short": t("is empty"),
        "string_too_short": t("is empty"),
        "string_too_long": t("is too long (at most {n} characters)", n=context.get("max_length", 0)),
        "date_type": t("is not a date"),
        "date_from_datetime_parsing": t("is not a date"),
        "date_from_datetime_inexact": t("is not a date"),
        "date_parsing": t("is not a date"),
    }
    hints = {
        "list_type": t("write it as [one, two] or one to a line after “- ”"),
        "date": t("write it as 2026-11-23"),
        "model_type": t("a text in both languages is {da: …, en: …}"),
    }
    if kind in sentences:
        return sentences[kind], hints.get(kind) or (hints["date"] if kind.startswith("date") else None)
    if kind == "string_pattern_mismatch":
        return t("is “{value}”, which has not the right form", value=shown), _form(str(context.get("pattern", "")))
    for word, limit in (("greater_than_equal", "ge"), ("less_than_equal", "le"), ("greater_than", "gt")):
        if kind == word:
            sign = {"ge": "≥", "le": "≤", "gt": ">"}[limit]
            return t("is {value}; it must be {sign} {limit}", value=shown, sign=sign, limit=context[limit]), None
    return t("has not the right form ({kind})", kind=kind), None


def _form(pattern: str) -> str:
    if pattern.startswith("^S"):
        return t("a source is named S1, S2 …")
    if "a-z0-9]+(-" in pattern:
        return t("small letters a–z, digits and single hyphens, such as aau-ai-cloud")
    if pattern == "^[A-Z]{2}$":
        return t("a country is its two capital letters, such as DK")
    return t("the form is {pattern}", pattern=pattern)


def _words(expected: str) -> list[str]:
    """The choices in pydantic's sentence: 'a', 'b' or 'c'."""
    import re

    return re.findall(r"'([^']*)'", expected)
