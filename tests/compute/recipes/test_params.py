from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from clusters import recipe as plain

from dkai.compute.recipes.params import bind, split_assignments
from dkai.compute.recipes.recipe import Param
from dkai.core.errors import UserError

PARAMS = (
    Param("text", "string"),
    Param("count", "integer", min=1, max=10, default=5),
    Param("ratio", "number", min=0, max=1),
    Param("flag", "boolean", default=False),
    Param("size", "choice", choices=("small", "large"), default="small"),
    Param("must", "string", required=True, sample="from the sample"),
)
RECIPE = replace(plain(), params=PARAMS)


def test_typed_words_become_values() -> None:
    given = {"text": "æ $(rm) ; 'x'", "count": "7", "ratio": "0,25", "flag": "ja", "size": "large", "must": "x"}
    assert bind(RECIPE, given) == {
        "text": "æ $(rm) ; 'x'", "count": 7, "ratio": 0.25, "flag": True, "size": "large", "must": "x",
    }  # fmt: skip


def test_defaults_and_samples() -> None:
    assert bind(RECIPE, {"must": "x"}) == {"count": 5, "flag": False, "size": "small", "must": "x"}
    assert bind(RECIPE, {}, sample=True)["must"] == "from the sample"
    assert bind(RECIPE, {"must": "mine"}, sample=True)["must"] == "mine"
    with pytest.raises(UserError) as error:
        bind(RECIPE, {})
    assert error.value.code == "missing-parameter"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("count", "x"), ("count", "1.5"), ("count", "0"), ("count", "11"), ("count", True), ("count", ""),
        ("ratio", "nan"), ("ratio", "inf"), ("ratio", "2"), ("flag", "maybe"), ("flag", 1), ("size", "medium"),
        ("text", "x" * 10_001), ("text", "a\0b"), ("text", 5),
    ],
)  # fmt: skip
def test_wrong_values(key: str, value: Any) -> None:
    with pytest.raises(UserError) as error:
        bind(RECIPE, {"must": "x", key: value})
    assert error.value.code == "bad-parameter" and f"“{key}”" in error.value.message


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(UserError) as error:
        bind(RECIPE, {"cuont": "1"})
    assert error.value.code == "no-such-parameter" and "count" in (error.value.hint or "")


def test_assignments() -> None:
    assert split_assignments(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    for words in (["a"], ["=x"], ["a=1", "a=2"]):
        with pytest.raises(UserError):
            split_assignments(words)
