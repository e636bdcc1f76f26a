"""The recipes there are: those that ship with dkai, and a folder the person names."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from dkai.compute.recipes.recipe import Recipe
from dkai.compute.recipes.recipe_file import FILE_NAME, read_recipe
from dkai.core.errors import UserError
from dkai.core.i18n import t
from dkai.core.paths import recipes_dir


def list_recipes() -> list[Recipe]:
    """Every recipe that ships with dkai, by id. Raises UserError when one is broken."""
    folder = recipes_dir()
    if not folder.is_dir():
        return []
    return [read_recipe(path.parent) for path in sorted(folder.glob(f"*/{FILE_NAME}"))]


def get_recipe(name: str) -> Recipe:
    """The recipe called `name`, or the one in the folder `name` (it must hold a slash, or `recipe.yaml` at its end).

    Raises UserError with the nearest names.
    """
    if "/" in name or "\\" in name or name in (".", "..") or name.endswith(FILE_NAME):
        path = Path(name).expanduser()
        folder = path.parent if path.name == FILE_NAME else path
        if not (folder / FILE_NAME).is_file():
            raise UserError(
                t("there is no {file} in {folder}", file=FILE_NAME, folder=folder),
                code="no-such-recipe",
                hint=t("a recipe is a folder with recipe.yaml and a script; see those that ship: dkai compute recipes"),
            )
        return read_recipe(folder)
    folder = recipes_dir() / name
    if name.replace("-", "").isalnum() and (folder / FILE_NAME).is_file():
        return read_recipe(folder)
    names = sorted(path.parent.name for path in recipes_dir().glob(f"*/{FILE_NAME}"))
    near = get_close_matches(name, names, n=2, cutoff=0.5)
    raise UserError(
        t("no recipe is called “{name}”", name=name),
        code="no-such-recipe",
        hint=t("did you mean {names}?", names=", ".join(near))
        if near
        else t("the recipes are: {names}", names=", ".join(names)),
    )


def is_shipped(recipe: Recipe) -> bool:
    """Whether the recipe came with dkai."""
    return recipe.folder.resolve().parent == recipes_dir().resolve()


SHARED = "shared"  # what recipes have in common lies beside them in a folder of this name


def shared_path(name: str) -> Path | None:
    """The module or folder called `name` that recipes share; None when there is none."""
    folder = recipes_dir() / SHARED
    return next((path for path in (folder / f"{name}.py", folder / name) if path.exists()), None)


def travelling_files(recipe: Recipe) -> list[tuple[str, Path]]:
    """What lies in the job's `script/` folder, by the name it has there: the recipe's own files, and what it shares."""
    own = [(path.relative_to(recipe.folder).as_posix(), path) for path in script_files(recipe)]
    taken = {name for name, _ in own}
    return own + [(name, path) for name, path in _shared_files(recipe) if name not in taken]


def _shared_files(recipe: Recipe) -> Iterator[tuple[str, Path]]:
    for word in recipe.run.shared:
        top = shared_path(word)
        if top is None:
            continue
        for path in [top] if top.is_file() else sorted(p for p in top.rglob("*") if p.is_file()):
            if "__pycache__" not in path.parts:
                yield path.relative_to(top.parent).as_posix(), path


def script_files(recipe: Recipe) -> list[Path]:
    """The recipe's own files, which travel: all but its description and samples."""
    sample = None if recipe.input.sample is None else (recipe.folder / recipe.input.sample).resolve()
    found = []
    for path in sorted(recipe.folder.rglob("*")):
        parts = path.relative_to(recipe.folder).parts
        if path.is_symlink() or not path.is_file() or path.name == FILE_NAME:
            continue
        if any(part.startswith(".") or part in ("__pycache__", "sample", "tests") for part in parts):
            continue
        if sample is not None and (path.resolve() == sample or sample in path.resolve().parents):
            continue
        found.append(path)
    return found
