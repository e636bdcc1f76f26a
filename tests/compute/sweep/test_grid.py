"""From what was typed, or stands in a file, to a set of values for each task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dkai.compute.job import Resources
from dkai.compute.recipes.recipe import Param, Recipe, Run, Variant
from dkai.compute.site import Site
from dkai.compute.sweep.grid import MOST, bind_all, expand, must_be_possible, values_of
from dkai.core.errors import UserError
from dkai.core.text import Text

WORDS = Text(da="x", en="x")
RECIPE = Recipe(
    id="toy", version="1", name=WORDS, summary=WORDS, run=Run("main.py"), resources=Resources(), folder=Path(),
    params=(
        Param("lr", "number", default=0.1, min=0), Param("depth", "integer", default=1, max=1000),
        Param("kind", "choice", default="a", choices=("a", "b", "c")), Param("word", "string", default="hej"),
        Param("fast", "boolean", default=False), Param("needed", "string", required=True),
    ),
    variants=(Variant(when={"kind": ("c",)}, gpu="required"),),
)  # fmt: skip


def tasks(*grids: str, **params: Any) -> list[dict[str, Any]]:
    return list(bind_all(RECIPE, {"needed": "x", **params}, expand(RECIPE, grids), sample=False)[2])


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("lr", "0.1,0.01", ["0.1", "0.01"]),
        ("lr", "0,1;0,01", ["0,1", "0,01"]),
        ("depth", "1:5", ["1", "2", "3", "4", "5"]),
        ("depth", "1:6:2", ["1", "3", "5"]),
        ("depth", "3:1:-1", ["3", "2", "1"]),
        ("depth", "1:3,8", ["1", "2", "3", "8"]),
        ("depth", "1:64:x4", ["1", "4", "16", "64"]),
        ("lr", "0.1:0.5:0.1", ["0.1", "0.2", "0.3", "0.4", "0.5"]),
        ("lr", "1e-4:1e-1:x10", ["0.0001", "0.001", "0.01", "0.1"]),
        ("word", "1:5", ["1:5"]),
        ("word", '"a, b",c', ["a, b", "c"]),
        ("word", "æ ø,å", ["æ ø", "å"]),
    ],
)
def test_values(name: str, text: str, wanted: list[str]) -> None:
    assert values_of(RECIPE, name, text) == wanted


def test_every_combination_with_the_last_changing_fastest() -> None:
    assert tasks("lr=0.1,0.2", "depth=1:2") == [
        {"lr": 0.1, "depth": 1}, {"lr": 0.1, "depth": 2}, {"lr": 0.2, "depth": 1}, {"lr": 0.2, "depth": 2},
    ]  # fmt: skip


def test_what_is_shared_is_apart_from_what_is_swept() -> None:
    recipe, shared, own = bind_all(RECIPE, {"needed": "x", "word": "y"}, expand(RECIPE, ["fast=yes,no"]), sample=False)
    assert shared == {"lr": 0.1, "depth": 1, "kind": "a", "word": "y", "needed": "x"}
    assert own == ({"fast": True}, {"fast": False}) and recipe == RECIPE
    # A parameter that must be given may be what is swept.
    assert bind_all(RECIPE, {}, expand(RECIPE, ["needed=a,b"]), sample=False)[2] == ({"needed": "a"}, {"needed": "b"})


@pytest.mark.parametrize(
    ("grid", "code", "says"),
    [
        ("lr=0.1,x", "bad-parameter", "“lr” is not right: a number is expected (task lr=x)"),
        ("lr=-1:0", "bad-parameter", "“lr”"),
        ("kind=a,z", "bad-parameter", "one of: a, b, c"),
        ("deep=1:3", "no-such-parameter", "no parameter “deep”"),
        ("lr=0.1,0.10", "same-task", "two tasks are the same: lr=0.1"),
        ("lr", "bad-grid", "--grid lr"),
        ("=1", "bad-grid", "--grid =1"),
        ("lr=", "bad-grid", "empty value"),
        ("lr=1,,2", "bad-grid", "empty value"),
        ("depth=5:1", "bad-grid", "does not lead"),
        ("depth=1:5:0", "bad-grid", "does not lead"),
        ("depth=1:x", "bad-grid", "must be numbers"),
        ("depth=0:8:x2", "bad-grid", "multiplying"),
        ("depth=1:9999999", "grid-too-large", str(MOST)),
        ("depth=1:1000000000", "grid-too-large", "more than 5000"),
        ("lr=nan:2", "bad-grid", "must be numbers"),
        ("lr=1e999999:9e999999:x10", "bad-grid", "must be numbers"),
        ("word=a\nb,c", "bad-grid", "line break"),
        ("kind=a,c", "tasks-differ", "kind=c"),
    ],
)
def test_what_is_wrong_is_named(grid: str, code: str, says: str) -> None:
    with pytest.raises(UserError) as error:
        tasks(grid)
    assert error.value.code == code and says in error.value.message


def test_given_twice() -> None:
    for grids, params in ((["lr=1", "lr=2"], {}), (["lr=1"], {"lr": "2"})):
        with pytest.raises(UserError) as error:
            bind_all(RECIPE, {"needed": "x", **params}, expand(RECIPE, grids), sample=False)
        assert error.value.code == "bad-grid" and "lr" in error.value.message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("g.csv", "lr,depth\n0.1,2\n0.2,\n"),
        ("g.csv", "\ufefflr;depth\n0,1;2\n0,2;\n\n"),
        ("g.tsv", "lr\tdepth\n0.1\t2\n0.2\t\n"),
        ("g.yaml", "- {lr: 0.1, depth: 2}\n- {lr: 0.2}\n"),
    ],
)
def test_a_file_of_combinations(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = bind_all(RECIPE, {"needed": "x"}, expand(RECIPE, (), tmp_path / name), sample=False)[2]
    assert found == ({"lr": 0.1, "depth": 2}, {"lr": 0.2, "depth": 1})  # an empty cell is the default


def test_a_file_with_lists_and_one_with_a_grid_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "g.yaml"
    path.write_text("lr: [0.1, 0.2]\nword: [ja, nej]\n", encoding="utf-8")
    assert len(expand(RECIPE, ["depth=1:3"], path)) == 12
    with pytest.raises(UserError) as error:
        expand(RECIPE, ["lr=1"], path)
    assert "“lr” is both in" in error.value.message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("g.csv", ""), ("g.csv", "lr,depth\n"), ("g.csv", "lr,lr\n1,2\n"), ("g.csv", "lr,depth\n1,2,3\n"),
        ("g.yaml", "lr: ["), ("g.yaml", "lr: []"), ("g.yaml", "7"), ("g.yaml", "- {lr: {a: 1}}"), ("g.yaml", "- {}"),
        ("g.yaml", "- hej"), ("g.yaml", "- lr: 2026-13-45"), ("g.yaml", "[" * 100_000), ("g.yaml", "- &a {lr: *a}"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_grid(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        expand(RECIPE, (), tmp_path / name)
    assert error.value.code == "bad-grid" and name in error.value.message
    assert error.value.hint and name.rpartition(".")[2].upper() in error.value.hint


@given(st.integers(-50, 50), st.integers(1, 9), st.integers(0, 40))
def test_a_range_is_what_it_says(first: int, step: int, count: int) -> None:
    last = first + step * count
    assert values_of(RECIPE, "depth", f"{first}:{last}:{step}") == [str(first + n * step) for n in range(count + 1)]


@given(st.text(max_size=30))
def test_anything_typed_is_values_or_a_named_error(text: str) -> None:
    for name in ("lr", "word", "depth"):
        try:
            assert values_of(RECIPE, name, text)
        except UserError as error:
            assert name in error.message


def test_not_everywhere() -> None:
    must_be_possible(Site("a", scheduler="slurm"))
    with pytest.raises(UserError) as error:
        must_be_possible(Site("a", scheduler="lsf"))
    assert error.value.code == "sweep-not-there"
