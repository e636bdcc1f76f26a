"""The wheel is complete: installed alone in a fresh environment, dkai knows its tools, its recipes and Danish."""

import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from installed import ROOT, Installed, clean_environment

pytestmark = pytest.mark.slow


class Away:
    """The installed dkai, run far from the checkout and with a home of its own."""

    def __init__(self, installed: Installed, folder: Path) -> None:
        self.installed, self.folder = installed, folder

    def __call__(self, *words: str) -> str:
        own = {"DKAI_HOME": str(self.folder / "home"), "DKAI_LANG": "en", "NO_COLOR": "1"}
        done = subprocess.run(
            [self.installed.dkai, *words],
            check=False,
            cwd=self.folder,
            env={**clean_environment(), **own},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, f"{words} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def away(installed_dkai: Installed, tmp_path: Path) -> Away:
    return Away(installed_dkai, tmp_path)


def tracked(folder: str) -> set[str]:
    """The files of a folder that belong to the project, relative to it."""
    argv = ["git", "-C", str(ROOT), "ls-files", "-z", "--", folder]
    listed = subprocess.run(argv, check=True, capture_output=True, encoding="utf-8").stdout
    return {name.removeprefix(f"{folder}/") for name in listed.split("\0") if name}


@pytest.fixture(scope="module")
def content(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_holds_every_module_and_every_catalogue_entry(content: set[str]) -> None:
    missing = {f"dkai/{name}" for name in tracked("src/dkai")} - content
    assert missing == set()


def test_it_holds_every_recipe_with_its_sample(content: set[str]) -> None:
    recipes = tracked("recipes")
    assert {"gpu-check/recipe.yaml", "tabular-baseline/recipe.yaml"} <= recipes
    assert {f"dkai/_recipes/{name}" for name in recipes} - content == set()


def test_it_holds_what_is_compiled_and_nothing_that_lies_around(content: set[str]) -> None:
    assert {"dkai/catalogue/index.sqlite", "dkai/locale/da.mo"} <= content
    assert [name for name in content if "__pycache__" in name or name.startswith(("tests/", "scripts/"))] == []
    assert any(name.endswith("licenses/LICENSE") for name in content)


def test_it_is_not_run_from_the_checkout(installed_dkai: Installed) -> None:
    argv: list[str | Path] = [installed_dkai.python, "-c", "import dkai; print(dkai.__file__)"]
    found = subprocess.run(argv, check=True, capture_output=True, encoding="utf-8", env=clean_environment(), cwd="/")
    assert Path(found.stdout.strip()).is_relative_to(installed_dkai.folder)


def test_its_dependencies_are_the_pinned_ones_and_stay_small(installed_dkai: Installed) -> None:
    pip: list[str | Path] = [installed_dkai.python, "-m", "pip"]
    subprocess.run([*pip, "check"], check=True, capture_output=True, env=clean_environment())
    site = installed_dkai.package.parent
    tools = {"pip", "setuptools", "wheel", "_distutils_hack", "pkg_resources"}
    own = [path for path in site.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    size = sum(path.stat().st_size for path in own if path.relative_to(site).parts[0].split("-")[0] not in tools)
    assert size < 70_000_000


def test_help_speaks_english_and_danish(away: Away) -> None:
    assert "Usage: dkai" in away("--help")
    assert "Brug: dkai" in away("--lang", "da", "--help")


def test_it_finds_a_tool_and_says_how_old_its_catalogue_is(away: Away) -> None:
    found = json.loads(away("radar", "search", "whisper", "--format", "json"))
    assert found["items"][0]["id"] == "whisper"
    status = json.loads(away("catalogue", "status", "--format", "json"))
    assert status["schema"].startswith("dkai/catalogue-status/")


def test_it_knows_its_recipes(away: Away) -> None:
    assert {"gpu-check", "tabular-baseline"} <= set(away("compute", "recipes").split())
