"""A recipe of one's own: drafted, readable, and it runs as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dkai.app.recipe_new import make
from dkai.compute.recipes.draft import Wanted, check_id, draft, imports_of, parse_params
from dkai.compute.recipes.params import bind
from dkai.compute.recipes.recipe_file import read_recipe
from dkai.core.errors import UserError


def test_parameters_as_they_are_described() -> None:
    found = {p.id: (p.type, p.default, p.required) for p in parse_params(
        ["folds:integer=5", "rate=0,1", "deep=ja", "name=x", "column:string", "n=3", "empty:string="]
    )}  # fmt: skip
    assert found == {
        "folds": ("integer", 5, False), "rate": ("number", 0.1, False), "deep": ("boolean", True, False),
        "name": ("string", "x", False), "column": ("string", None, True), "n": ("integer", 3, False),
        "empty": ("string", "", False),
    }  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [["Folds"], ["n:integer=x"], ["n:list=1"], ["a=1", "a=2"], ["9=1"], ["b:boolean=måske"], ["n:number=inf"], [""]],
)
def test_what_describes_no_parameter(words: list[str]) -> None:
    with pytest.raises(UserError) as error:
        parse_params(words)
    assert error.value.code == "bad-parameter" and error.value.hint


@pytest.mark.parametrize("name", ["", "A", "a_b", "a--b", "-a", "æ", "a/b", "a" * 61])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(UserError):
        check_id(name)


def test_imports_that_python_does_not_bring() -> None:
    script = (
        "import os, sklearn.linear_model\nfrom numpy import array\nfrom . import mine\ndef f():\n  import torch as t\n"
    )
    assert imports_of(script) == ("sklearn", "numpy", "torch")
    with pytest.raises(UserError) as error:
        imports_of("def")
    assert error.value.code == "bad-script"


@given(st.text(max_size=60), st.sampled_from(["table", "text", "files", "none"]), st.sampled_from(["python", "r"]))
def test_whatever_a_default_holds_the_recipe_can_be_read(
    tmp_path_factory: Any, text: str, takes: str, language: str
) -> None:
    if "\0" in text:
        return
    folder = tmp_path_factory.mktemp("recipe") / "mine"
    params = parse_params([f"says:string={text}"])
    made = make(Wanted("mine", language=language, takes=takes, params=params), folder)
    recipe = read_recipe(folder)
    assert bind(recipe, {})["says"] == text
    assert recipe.network == () and made.has_sample == (takes != "none")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x").write_text("keep")
    with pytest.raises(UserError) as error:
        make(Wanted("mine"), tmp_path / "mine")
    assert error.value.code == "exists" and (tmp_path / "mine" / "x").read_text() == "keep"


def test_a_script_that_is_there_already_becomes_the_recipe() -> None:
    files = draft(Wanted("mine", script="import pandas\nprint(1)\n"))
    assert files["main.py"] == "import pandas\nprint(1)\n" and "imports: [pandas]" in files["recipe.yaml"]


def test_the_whole_way_from_a_new_recipe_to_its_result(dkai: Any, tmp_path: Path) -> None:
    dkai("compute", "recipes", "new", "mine", "--param", "note:string=blåbær; $(id)", cwd=tmp_path)
    dkai("compute", "submit", "./mine", "--sample", "--yes", "--follow", cwd=tmp_path)
    dkai("compute", "fetch", "--into", "out", cwd=tmp_path)
    result = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert result["params"] == {"note": "blåbær; $(id)"} and result["files"] == {"sample.csv": 30}


def test_the_commands_as_they_are_typed(dkai: Any, tmp_path: Path) -> None:
    assert (
        dkai("compute", "recipes", "gpu-check", cwd=tmp_path).stdout
        == dkai("compute", "recipes", "show", "gpu-check", cwd=tmp_path).stdout
    )
    assert json.loads(dkai("compute", "recipes", "--format", "json").stdout)["items"]
    assert "did you mean" in dkai("compute", "recipes", "gpu-chek", check=1).stderr
    script = tmp_path / "analysis.R"
    script.write_text("cat('hej')\n", encoding="utf-8")
    made = json.loads(
        dkai("compute", "recipes", "new", "mine", "--script", str(script), "--format", "json", cwd=tmp_path).stdout
    )
    assert made["files"] == ["recipe.yaml", "main.R", "sample/sample.csv"]
    empty = tmp_path / "empty.py"
    empty.write_text(" \n")
    assert "empty-script" in dkai("compute", "recipes", "new", "c", "--script", str(empty), check=1).stderr
    assert "is there already" in dkai("compute", "recipes", "new", "mine", cwd=tmp_path, check=1).stderr
    assert "none of the possible values" in dkai("compute", "recipes", "new", "b", "--takes", "x", check=2).stderr
