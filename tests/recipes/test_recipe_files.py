"""What recipe.yaml promises is what the scripts do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

RECIPES = Path(__file__).parents[2] / "recipes"
NAMES = sorted(path.parent.name for path in RECIPES.glob("*/recipe.yaml"))


def described(name: str) -> dict[str, Any]:
    return yaml.safe_load((RECIPES / name / "recipe.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_the_two_first_recipes_are_there() -> None:
    assert {"gpu-check", "tabular-baseline"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_defaults_are_the_scripts_own(name, gpu_check, tabular):  # type: ignore[no-untyped-def]
    loader = {"gpu-check": gpu_check, "tabular-baseline": tabular}[name]
    (main,) = loader("main")
    recipe = described(name)
    assert {p["id"]: p["default"] for p in recipe["params"]} == main.DEFAULTS
    if name == "tabular-baseline":
        assert recipe["version"] == main.VERSION
        assert {p["id"]: (p["min"], p["max"]) for p in recipe["params"] if p["type"] == "integer"} == main.NUMBERS
        choices = {p["id"]: tuple(c["id"] for c in p["choices"]) for p in recipe["params"] if p["type"] == "choice"}
        assert choices == main.CHOICES
        assert tuple(recipe["input"]["accepts"]) == main.ENDINGS


@pytest.mark.parametrize("name", NAMES)
def test_no_key_stands_twice(name):  # type: ignore[no-untyped-def]
    """YAML keeps the last of two equal keys without a word."""

    def walk(node: yaml.Node) -> None:
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), keys
            for _, value in node.value:
                walk(value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                walk(value)

    walk(yaml.compose((RECIPES / name / "recipe.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_there_in_both_languages_and_is_not_the_same(name):  # type: ignore[no-untyped-def]
    def walk(value: Any, place: str) -> None:
        if isinstance(value, dict):
            if "da" in value or "en" in value:
                assert set(value) == {"da", "en"}, place
                assert value["da"].strip() != value["en"].strip(), place
            for key, below in value.items():
                walk(below, f"{place} › {key}")
        elif isinstance(value, list):
            for at, below in enumerate(value):
                walk(below, f"{place} {at}")

    walk(described(name), name)


@pytest.mark.parametrize("name", NAMES)
def test_what_was_measured_says_where_and_when(name):  # type: ignore[no-untyped-def]
    for entry in described(name)["measured"]:
        assert set(entry) == {"where", "device", "cores", "minutes", "peak_memory_gb", "input", "date"}


def test_the_outputs_named_are_the_outputs_written(run_recipe, sample):  # type: ignore[no-untyped-def]
    ended = run_recipe("gpu-check", {"speed": False})
    assert {p.name for p in (ended.folder / "output").iterdir()} == {
        o["path"] for o in described("gpu-check")["outputs"]
    }
    recipe = described("tabular-baseline")
    params = {p["id"]: p["sample"] for p in recipe["params"] if "sample" in p}
    ended = run_recipe(
        "tabular-baseline", {**params, "folds": 3, "repeats": 1}, files={"penguins.csv": sample("penguins.csv")}
    )
    assert {p.name for p in (ended.folder / "output").iterdir()} == {o["path"] for o in recipe["outputs"]}
