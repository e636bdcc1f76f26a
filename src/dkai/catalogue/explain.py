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
        by_field.setdefault(_path(complaint["loc"], model), []).append(dict(complaint))
    for where in sorted(by_field, key=lambda w: _line(w, lines) or 0):
        message, hint = _say(by_field[where], where, model)
        yield Problem(file, dotted(where), message, hint, _line(where, lines))


def fields_of(model: type[BaseModel]) -> dict[str, Any]:
    """Field name as it is written → its annotation."""
    return {info.alias or name: info.annotation for name, info in model.model_fields.items()}


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model that a value of this annotation may be, or hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is Annotated:
        yield from models_in(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType, list, dict):
        for argument in get_args(annotation):
            yield from models_in(argument)


def models_at(model: type[BaseModel], where: Where) -> list[type[BaseModel]]:
    """The models whose fields may stand at `where`."""
    found: list[type[BaseModel]] = [model]
    holds: list[Any] = []
    for part in where:
        if isinstance(part, int):
            continue
        holds = [fields_of(one)[part] for one in found if part in fields_of(one)]
        if not holds:  # a key of a mapping such as sources.S1
            continue
        found = [inner for annotation in holds for inner in models_in(annotation)]
    return found


def _path(loc: tuple[Any, ...], model: type[BaseModel]) -> Where:
    """The place in the file: without the names that a union gives its branches."""
    where: Where = ()
    for part in loc:
        if isinstance(part, int):
            where = (*where, part)
            continue
        text = str(part)
        branch = "[" in text or text in ("both", "one", "str", "float", "int", "bool", "[key]", "date")
        known = any(text in fields_of(one) for one in models_at(model, where))
        if known or not (branch or text in {one.__name__ for one in models_at(model, where)}):
            where = (*where, text)
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
    choices = [word for c in complaints if c["type"] == "literal_error" for word in _words(c["ctx"]["expected"])]
    if choices:
        shown = one_line(str(value), 60)
        hint = did_you_mean(str(value), choices)
        return t("is “{value}”; it may be: {names}", value=shown, names=", ".join(choices)), hint
    if isinstance(value, bool) and kind in ("string_type", "model_type", "list_type", "string_pattern_mismatch"):
        word = t("YAML reads no, off, yes and on as false and true: put the word in quotes")
        return t("is not text but {value}", value=str(value).lower()), word
    if kind == "value_error":
        return str(context["error"]), None
    return _plain(kind, context, value)


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
