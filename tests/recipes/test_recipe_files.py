"""What recipe.yaml promises is what the scripts do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

RECIPES = Path(__file__).parents[2] / "recipes"
NAMES = sorted(path.parent.name for path in RECIPES.glob("*/recipe.yaml"))


def described(name: str) -> dict[str, Any]:
    return yaml.safe_load((RECIPES / name / "recipe.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", [name for name in NAMES if described(name)["run"].get("language") != "r"])
def test_defaults_are_the_scripts_own(name, modules):  # type: ignore[no-untyped-def]
    """A recipe's script can be run by hand, and then does what dkai would have it do."""
    (main,) = modules(name, "main")
    recipe = described(name)
    assert {p["id"]: p.get("default") for p in recipe["params"]} == main.DEFAULTS
    if hasattr(main, "VERSION"):
        assert recipe["version"] == main.VERSION
    ranges = {p["id"]: (p["min"], p["max"]) for p in recipe["params"] if "min" in p and "max" in p}
    assert getattr(main, "RANGES", ranges) == ranges
    choices = {p["id"]: tuple(getattr(c, "get", lambda _, c=c: c)("id") for c in p["choices"])
               for p in recipe["params"] if p["type"] == "choice"}  # fmt: skip
    assert {key: tuple(values) for key, values in getattr(main, "CHOICES", choices).items()} == choices
    if hasattr(main, "ENDINGS"):
        assert tuple(recipe["input"]["accepts"]) == tuple(main.ENDINGS)


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
    measured = described(name)["measured"]
    assert measured
    for entry in measured:
        assert set(entry) - {"gpu", "gpus"} == {
            "where",
            "device",
            "cores",
            "minutes",
            "peak_memory_gb",
            "input",
            "date",
        }


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_a_newcomer_asks(name):  # type: ignore[no-untyped-def]
    recipe = described(name)
    for field in ("purpose", "disciplines", "tasks", "licence", "network", "outputs", "params", "notes", "sources"):
        assert field in recipe, field
    assert recipe["input"].get("sample") or recipe["input"]["kind"] == "none"
    for source in recipe["sources"].values():
        assert {"url", "what", "checked"} <= set(source)


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_say_the_same_things(name, modules):  # type: ignore[no-untyped-def]
    """Every text of a script is there in Danish and English, with the same blanks to fill in."""
    if not (RECIPES / name / "texts.py").is_file():
        return
    (texts,) = modules(name, "texts")
    for key, (danish, english) in texts.TEXTS.items():
        assert set(re.findall(r"{(\w+)", danish)) == set(re.findall(r"{(\w+)", english)), key
        assert danish.strip() and english.strip(), key
