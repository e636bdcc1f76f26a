from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from clusters import recipe as plain

from dkai.compute.recipes.inputs import gather
from dkai.compute.recipes.recipe import InputSpec, Recipe
from dkai.core.errors import UserError


def takes(folder: Path, kind: str = "file", **more: object) -> Recipe:
    return replace(plain(), folder=folder, input=InputSpec(kind=kind, **more))  # type: ignore[arg-type]


def code_of(recipe: Recipe, *paths: Path, sample: bool = False) -> str:
    with pytest.raises(UserError) as error:
        gather(recipe, paths, sample=sample)
    assert error.value.hint
    return error.value.code


def test_a_file_is_measured_and_hashed(tmp_path: Path) -> None:
    file = tmp_path / "blåbær.csv"
    file.write_bytes(b"a,b\n" * 1000)
    heard: list[int] = []
    (found,) = gather(takes(tmp_path, accepts=(".csv",)), [file], progress=heard.append)
    assert (found.name, found.size, found.sha256) == ("blåbær.csv", 4000, hashlib.sha256(b"a,b\n" * 1000).hexdigest())
    assert sum(heard) == 4000


def test_a_folder_keeps_its_inner_paths_and_leaves_out_hidden_files_and_links(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git/x").write_text("x")
    (folder / "sub/b.txt").write_text("b")
    (folder / "a.txt").write_text("a")
    (folder / ".DS_Store").write_text("x")
    (folder / "link.txt").symlink_to("/etc/passwd")
    assert [f.name for f in gather(takes(tmp_path, "files"), [folder])] == ["a.txt", "sub/b.txt"]


@pytest.mark.parametrize(
    ("kind", "names", "expected"),
    [
        ("file", ["a.csv", "b.csv"], "too-many-files"),
        ("none", ["a.csv"], "no-input"),
        ("file", ["a.xlsx"], "wrong-kind"),
    ],
)
def test_what_the_recipe_does_not_take(tmp_path: Path, kind: str, names: list[str], expected: str) -> None:
    files = [tmp_path / name for name in names]
    for file in files:
        file.write_text("x")
    assert code_of(takes(tmp_path, kind, accepts=(".csv",)), *files) == expected


def test_what_cannot_be_read(tmp_path: Path) -> None:
    recipe = takes(tmp_path, "files")
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert code_of(recipe, tmp_path / "gone") == "cannot-read"
    assert code_of(recipe, tmp_path / "empty") == "empty-input"
    assert code_of(recipe, tmp_path / "folder") == "empty-input"
    assert code_of(recipe, tmp_path / "pipe") == "not-a-file"
    (tmp_path / "bad\nname").write_text("x")
    assert code_of(recipe, tmp_path / "bad\nname") == "bad-name"


def test_two_of_one_name(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x/A.csv").write_text("x")
    (tmp_path / "a.csv").write_text("x")
    assert code_of(takes(tmp_path, "files"), tmp_path / "x/A.csv", tmp_path / "a.csv") == "same-name"


def test_samples(tmp_path: Path) -> None:
    (tmp_path / "sample").mkdir()
    (tmp_path / "sample/s.csv").write_text("s")
    recipe = takes(tmp_path, sample="sample/s.csv", required=True)
    assert [f.name for f in gather(recipe, [], sample=True)] == ["s.csv"]
    assert code_of(recipe, tmp_path / "sample/s.csv", sample=True) == "two-inputs"
    assert code_of(recipe) == "missing-input"
    assert gather(takes(tmp_path, "none"), [], sample=True) == []
    assert gather(takes(tmp_path, "file"), []) == []
