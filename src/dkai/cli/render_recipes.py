"""Recipes as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.cli.output import Renderable
from dkai.core.i18n import nt, t
from dkai.core.units import show_duration, show_memory, show_number

if TYPE_CHECKING:
    from dkai.app.recipe_new import NewRecipe
    from dkai.app.recipes import ParamView, RecipeList, RecipeView


def table(found: RecipeList) -> Iterator[Renderable]:
    """One line a recipe."""
    from rich.table import Table

    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    grid.add_column(t("recipe"), no_wrap=True, header_style="muted")
    grid.add_column(t("what it does"), header_style="muted")
    grid.add_column(t("asks for"), header_style="muted")
    for recipe in found.items:
        grid.add_row(recipe.id, recipe.summary, _asks(recipe))
    yield grid
    yield ""
    yield t("More about one: dkai compute recipes NAME. Try one: dkai compute submit NAME --sample")


def _asks(recipe: RecipeView) -> str:
    parts = [nt("{n} core", "{n} cores", recipe.cpus), show_memory(recipe.memory_mb)]
    if recipe.gpus:
        gpus = nt("{n} GPU", "{n} GPUs", recipe.gpus)
        parts.insert(0, gpus if recipe.gpu == "required" else t("{gpus} if there are any", gpus=gpus))
    return ", ".join([*parts, t("at most {time}", time=show_duration(recipe.walltime_s))])


def one(recipe: RecipeView) -> Iterator[Renderable]:
    """Everything about one recipe."""
    from rich.table import Table
    from rich.text import Text

    yield Text.assemble((recipe.id, "strong"), f" {recipe.version} · {recipe.name}")
    yield recipe.summary
    if recipe.purpose:
        yield ""
        yield recipe.purpose
    yield ""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="muted")
    grid.add_column()
    accepts = f" ({', '.join(recipe.accepts)})" if recipe.accepts else ""
    grid.add_row(t("input"), (t("none") if recipe.input == "none" else recipe.input) + accepts)
    grid.add_row(t("asks for"), _asks(recipe))
    if recipe.packages:
        grid.add_row(t("needs"), ", ".join(recipe.packages))
    grid.add_row(t("network"), _network(recipe))
    said = (
        (t("models"), recipe.models),
        (t("writes"), recipe.outputs),
        (t("measured"), recipe.measured),
        (t("note"), recipe.notes),
    )
    for label, lines in said:
        for number, line in enumerate(lines):
            grid.add_row(label if number == 0 else "", line)
    for number, param in enumerate(recipe.params):
        grid.add_row(t("parameters") if number == 0 else "", _param(param))
    yield grid
    yield ""
    sample = " --sample" if recipe.has_sample else ""
    yield t("Try it: {command}", command=f"dkai compute submit {recipe.called}{sample}")


def made(recipe: NewRecipe) -> Iterator[Renderable]:
    """What was made, and the two next steps."""
    yield t("Made {folder}:", folder=recipe.folder)
    for name in recipe.files:
        yield f"  {name}"
    if recipe.imports:
        yield t("It imports {names}: where they are missing, say how to fetch them (run.requirements).",
                names=", ".join(recipe.imports))  # fmt: skip
    yield ""
    folder = recipe.folder if "/" in recipe.folder or "\\" in recipe.folder else f"./{recipe.folder}"
    sample = " --sample" if recipe.has_sample else ""
    yield t("Try it: {command}", command=f"dkai compute submit {folder}{sample} --follow")
    yield t("Then change recipe.yaml and the script; what each field means is in docs/recipes.md.")


def _network(recipe: RecipeView) -> str:
    says = {"packages": t("packages, where the place lacks them"), "models": t("model weights, when a parameter asks")}
    return "; ".join(says[word] for word in recipe.network) or t("contacts nobody")


def _param(param: ParamView) -> Renderable:
    from rich.text import Text

    if param.choices:
        kind = " | ".join(param.choices)
    elif param.min is not None and param.max is not None:
        kind = f"{_plain(param.min)}–{_plain(param.max)}"
    else:
        kind = {"string": t("text"), "boolean": t("yes | no"), "integer": t("whole number")}.get(
            param.type, t("number")
        )
    default = "" if param.default is None else t(", default {value}", value=_plain(param.default))
    head = Text.assemble((param.id, "strong"), f" ({kind}{default})" + (t(" required") if param.required else ""))
    return head.append(f"\n{param.help}", style="muted") if param.help else head


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, (int, float)):
        return show_number(value, 9)
    return str(value)
