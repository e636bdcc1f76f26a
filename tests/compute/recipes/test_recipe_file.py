from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dkai.compute.recipes.recipe import bound
from dkai.compute.recipes.recipe_file import read_recipe
from dkai.compute.recipes.recipes import get_recipe, list_recipes, script_files, travelling_files
from dkai.core.errors import UserError

GOOD: dict[str, Any] = {
    "schema": "dkai/recipe/1", "id": "my-recipe", "version": "1.2", "name": {"da": "Min", "en": "Mine"},
    "summary": {"da": "gør", "en": "does"}, "run": {"script": "main.py"}, "network": "none",
    "input": {"required": True, "kind": "file", "accepts": [".csv"], "max_files": 1},
    "params": [{"id": "n", "type": "integer", "default": 3}],
    "resources": {"gpus": 1, "cpus": 2, "memory_gb": 0.5, "minutes": 1.5}, "gpu": "optional",
}  # fmt: skip


def write(folder: Path, text: str | None = None, **changes: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "main.py").write_text("print(1)")
    content = {**GOOD, **changes}
    (folder / "recipe.yaml").write_text(text if text is not None else yaml.safe_dump(content, allow_unicode=True))
    return folder


def test_a_good_recipe(tmp_path: Path) -> None:
    recipe = read_recipe(write(tmp_path / "r"))
    assert (recipe.id, recipe.version, str(recipe.name)) == ("my-recipe", "1.2", "Mine")
    assert (recipe.resources.memory_mb, recipe.resources.walltime_s) == (512, 90)
    assert recipe.params[0].default == 3


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"schema": "dkai/recipe/9"}, "schema"),
        ({"id": "Bad Id"}, "id"),
        ({"id": None}, "id"),
        ({"name": {"da": "kun dansk"}}, "name"),
        ({"summary": "one language"}, "summary"),
        ({"name": {"da": "Det", "der følger": None, "en": "x"}}, "name"),
        ({"extra": 1}, "extra"),
        ({"run": {"script": "gone.py"}}, "run › script"),
        ({"run": {"script": "../evil.py"}}, "run › script"),
        ({"run": {"script": "/etc/passwd"}}, "run › script"),
        ({"run": "main.py"}, "run"),
        ({"run": {"script": "main.py", "requirements": "gone.txt"}}, "run › requirements"),
        ({"run": {"script": "main.py", "requirements": ["numpy"]}}, "run › requirements"),
        ({"run": {"script": "main.py", "imports": "sklearn"}}, "run › imports"),
        ({"network": "all"}, "network"),
        ({"gpu": True}, "gpu"),
        ({"input": {"kind": "video"}}, "input › kind"),
        ({"input": {"required": "yes"}}, "input › required"),
        ({"input": {"sample": "gone.csv"}}, "input › sample"),
        ({"resources": {"cpus": 1}}, "resources › minutes"),
        ({"resources": {"minutes": -1}}, "resources › minutes"),
        ({"resources": {"minutes": "5"}}, "resources › minutes"),
        ({"resources": {"minutes": 5, "gpu": 1}}, "resources › gpu"),
        ({"params": {"id": "x"}}, "params"),
        ({"params": [{"id": "x", "type": "date"}]}, "params 1 › type"),
        ({"params": [{"id": "X Y", "type": "string"}]}, "params 1 › id"),
        ({"params": [{"id": "x", "type": "choice"}]}, "params 1 › choices"),
        ({"params": [{"id": "x", "type": "integer", "default": "3"}]}, "params 1 › default"),
        ({"params": [{"id": "x", "type": "integer", "default": 3, "max": 2}]}, "params 1 › default"),
        ({"measured": [{"minutes": "fast"}]}, "measured 1 › minutes"),
        ({"network": ["packages", "world"]}, "network"),
        ({"accelerators": "tpu"}, "accelerators"),
        ({"precision": "fp7"}, "precision"),
        ({"resources": {"minutes": 5, "nodes": 0}}, "resources › nodes"),
        ({"run": {"script": "main.py", "language": "perl"}}, "run › language"),
        ({"run": {"script": "main.py", "launcher": "mpirun"}}, "run › launcher"),
        ({"run": {"script": "main.py", "shared": ["../evil"]}}, "run › shared"),
        ({"run": {"script": "main.py", "shared": ["nothing"]}}, "run › shared"),
        ({"metrics": {"score": "results.json"}}, "metrics › score"),
        ({"variants": [{"imports": ["torch"]}]}, "variants 1 › when"),
        ({"variants": [{"when": {"x": 1}}]}, "variants 1 › when › x"),
        ({"variants": [{"when": {"n": 4}, "gpu": "some"}]}, "variants 1 › gpu"),
        ({"variants": [{"when": {"n": 4}, "speed": 1}]}, "variants 1 › speed"),
        ({"variants": [{"when": {"n": 4}, "requirements": "gone.txt"}]}, "variants 1 › requirements"),
    ],
)
def test_what_is_wrong_is_named_to_the_field(tmp_path: Path, changes: dict[str, Any], place: str) -> None:
    with pytest.raises(UserError) as error:
        read_recipe(write(tmp_path / "r", **changes))
    assert error.value.code == "bad-recipe"
    assert f"r/recipe.yaml › {place}: " in error.value.message


def test_what_is_different_where_a_parameter_says_so(tmp_path: Path) -> None:
    params = [
        {"id": "engine", "type": "choice", "choices": ["light", "large", "huge"], "default": "light"},
        {"id": "n", "type": "integer", "default": 1},
    ]
    variants = [
        {"when": {"engine": "huge", "n": [2, 3]}, "resources": {"gpus": 8, "minutes": 60}},
        {
            "when": {"engine": ["large", "huge"]}, "imports": ["torch"], "network": ["packages", "models"],
            "gpu": "required", "models": [{"name": "M", "host": "hub.example", "size_gb": 3.1, "licence": "MIT"}],
        },
    ]  # fmt: skip
    run = {"script": "main.py", "imports": ["numpy"], "requirements": "main.py"}
    recipe = read_recipe(write(tmp_path / "r", params=params, variants=variants, run=run))
    assert bound(recipe, {"engine": "light", "n": 1}) is recipe
    large = bound(recipe, {"engine": "large", "n": 2})
    assert (large.run.imports, large.run.requirements, large.gpu) == (("torch",), None, "required")
    assert large.network == ("packages", "models") and large.models[0].size_gb == 3.1
    assert large.resources == recipe.resources
    huge = bound(recipe, {"engine": "huge", "n": 3})  # the first that fits
    assert huge.resources.gpus == 8 and huge.run.imports == ("numpy",) and huge.network == ()


def test_what_recipes_share_travels_with_the_script(tmp_path: Path) -> None:
    folder = write(tmp_path / "r", run={"script": "main.py", "shared": ["words", "style"]})
    (folder / "words.py").write_text("mine = True")
    recipe = read_recipe(folder)
    found = dict(travelling_files(recipe))
    assert found["words.py"] == folder / "words.py"  # one's own goes before what is shared
    assert found["style/page.css"].parent.parent.name == "shared" and "main.py" in found


@pytest.mark.parametrize("text", ["", "- a", "a: [", "\tx: 1", "!!python/object/apply:os.system ['true']"])
def test_what_is_no_recipe_at_all(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError) as error:
        read_recipe(write(tmp_path / "r", text))
    assert error.value.code == "bad-recipe"


def test_not_utf8_and_not_there(tmp_path: Path) -> None:
    folder = write(tmp_path / "r")
    (folder / "recipe.yaml").write_bytes(b"schema: \xff\xfe")
    with pytest.raises(UserError):
        get_recipe(str(folder))
    with pytest.raises(UserError) as error:
        get_recipe(str(tmp_path / "nowhere/x"))
    assert error.value.code == "no-such-recipe"


def test_by_name(tmp_path: Path) -> None:
    assert get_recipe("gpu-check").id == "gpu-check"
    for name in ("gpu-chek", "nothing-like-it", "", "a b"):
        with pytest.raises(UserError) as error:
            get_recipe(name)
        assert error.value.code == "no-such-recipe" and error.value.hint
    with pytest.raises(UserError) as error:
        get_recipe("gpu-chek")
    assert "gpu-check" in (error.value.hint or "")


def test_what_ships_is_right_and_what_travels() -> None:
    for recipe in list_recipes():
        names = {path.relative_to(recipe.folder).as_posix() for path in script_files(recipe)}
        assert recipe.run.script in names
        assert "recipe.yaml" not in names
        assert not any(name.startswith(("sample", "tests")) or "__pycache__" in name for name in names)
        if recipe.run.requirements is not None:
            assert recipe.run.requirements in names
