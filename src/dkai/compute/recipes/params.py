"""A recipe's parameters: what a person wrote, as typed values. They travel as JSON and never become shell words."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from dkai.compute.recipes.recipe import Param, Recipe
from dkai.core.clean import one_line
from dkai.core.errors import UserError
from dkai.core.i18n import t
from dkai.core.numbers import finite

_YES = {"true", "yes", "ja", "1", "on"}
_NO = {"false", "no", "nej", "0", "off"}
_MAX_TEXT = 10_000


def bind(recipe: Recipe, given: Mapping[str, Any], *, sample: bool = False) -> dict[str, Any]:
    """The value of every parameter: what was given, else (with `sample`) the sample's, else the default.

    Values may be text as typed or already typed ones. Raises UserError naming the parameter.
    """
    known = {param.id: param for param in recipe.params}
    for key in given:
        if key not in known:
            raise _unknown(recipe, key, list(known))
    values: dict[str, Any] = {}
    for param in recipe.params:
        value = given.get(param.id)
        if value is None and sample:
            value = param.sample
        if value is None:
            value = param.default
        if value is None:
            if param.required:
                raise UserError(
                    t("the recipe {recipe} needs the parameter “{name}”", recipe=recipe.id, name=param.id),
                    code="missing-parameter",
                    hint=t(
                        "give it with --param {name}=… {help}",
                        name=param.id,
                        help=f"({param.help})" if param.help else "",
                    ),
                )
            continue
        try:
            values[param.id] = check_value(param, _typed(param, value) if isinstance(value, str) else value)
        except ValueError as error:
            raise UserError(
                t("the parameter “{name}” is not right: {why}", name=param.id, why=error),
                code="bad-parameter",
                hint=t("see the recipe's parameters with: dkai compute recipes {recipe}", recipe=recipe.id),
            ) from None
    return values


def split_assignments(words: list[str]) -> dict[str, str]:
    """`key=value` words as a mapping. Raises UserError for a word without `=` or a key given twice."""
    pairs: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        key = key.strip()
        if not equals or not key or key in pairs:
            raise UserError(
                t("“{word}” is given twice", word=key) if key in pairs else t("“{word}” is not key=value", word=word),
                code="bad-parameter",
                hint=t("write for example --param size=small"),
            )
        pairs[key] = value
    return pairs


def _unknown(recipe: Recipe, key: str, known: list[str]) -> UserError:
    near = get_close_matches(key, known, n=2)
    if near:
        hint = t("did you mean {names}?", names=", ".join(near))
    elif known:
        hint = t("its parameters are: {names}", names=", ".join(known))
    else:
        hint = t("it has no parameters")
    return UserError(
        t("the recipe {recipe} has no parameter “{name}”", recipe=recipe.id, name=one_line(key)),
        code="no-such-parameter",
        hint=hint,
    )


def _typed(param: Param, text: str) -> Any:
    """Text as the parameter's type. Raises ValueError with the reason."""
    if param.type in ("string", "choice"):
        return text
    if param.type == "boolean":
        word = text.strip().lower()
        if word in _YES | _NO:
            return word in _YES
        raise ValueError(t("yes or no is expected"))
    try:
        return int(text) if param.type == "integer" else float(text.replace(",", "."))
    except ValueError:
        raise ValueError(
            t("a whole number is expected") if param.type == "integer" else t("a number is expected")
        ) from None


def check_value(param: Param, value: Any) -> Any:
    """`value`, when it fits the parameter. Raises ValueError with the reason."""
    if param.type == "boolean":
        if not isinstance(value, bool):
            raise ValueError(t("yes or no is expected"))
        return value
    if param.type in ("integer", "number"):
        return _number(param, value)
    if param.type == "choice":
        if str(value) not in param.choices:
            raise ValueError(t("one of: {names}", names=", ".join(param.choices)))
        return str(value)
    if not isinstance(value, str):
        raise ValueError(t("a text is expected"))
    if len(value) > _MAX_TEXT or "\0" in value:
        raise ValueError(t("a text of at most {n} characters is expected", n=_MAX_TEXT))
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        # Bytes of a command line that are no UTF-8; no file could hold them as text.
        raise ValueError(t("a text in UTF-8 is expected"))
    return value


def _number(param: Param, value: Any) -> int | float:
    whole = param.type == "integer"
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or finite(value) is None:
        raise ValueError(t("a whole number is expected") if whole else t("a number is expected"))
    if param.min is not None and value < param.min:
        raise ValueError(t("at least {limit} is expected", limit=param.min))
    if param.max is not None and value > param.max:
        raise ValueError(t("at most {limit} is expected", limit=param.max))
    number: int | float = value
    return number
