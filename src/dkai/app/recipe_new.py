"""A new recipe's folder, written and read back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dkai.compute.recipes.draft import Wanted, draft
from dkai.compute.recipes.recipe_file import read_recipe
from dkai.core.errors import UserError
from dkai.core.i18n import t
from dkai.core.oserrors import reason


@dataclass(frozen=True, slots=True)
class NewRecipe:
    """What was made, and what to do with it."""

    id: str
    name: str
    folder: str
    files: tuple[str, ...]
    imports: tuple[str, ...]
    has_sample: bool


def make(wanted: Wanted, folder: Path) -> NewRecipe:
    """Write the folder. Raises UserError when something is in the way, and leaves what is there as it is."""
    files = draft(wanted)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(
            t("{folder} is there already", folder=folder),
            code="exists",
            hint=t("choose another name, or another place with --in FOLDER"),
        )
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(
            t("cannot write {path}: {why}", path=folder, why=reason(error)),
            code="cannot-write",
            hint=t("choose a folder that is yours with --in FOLDER"),
        ) from error
    recipe = read_recipe(folder)
    return NewRecipe(
        id=recipe.id, name=str(recipe.name), folder=str(folder), files=tuple(files), imports=recipe.run.imports,
        has_sample=recipe.input.sample is not None,
    )  # fmt: skip


def read_script(path: Path) -> str:
    """A script's text. Raises UserError."""
    from dkai.core.files import read_text

    text = read_text(path, limit_bytes=1_000_000)
    if not text.strip():
        raise UserError(
            t("{path} is empty", path=path), code="empty-script", hint=t("check that it is the file you meant")
        )
    return text
