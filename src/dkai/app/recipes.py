"""Recipes as plain views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dkai.compute.recipes.recipe import Measured, Param, Recipe
from dkai.compute.recipes.recipes import get_recipe, list_recipes


@dataclass(frozen=True, slots=True)
class ParamView:
    """One parameter."""

    id: str
    name: str
    type: str
    help: str
    required: bool
    default: Any
    sample: Any
    choices: tuple[str, ...]
    min: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class RecipeView:
    """One recipe: what it does, what it takes, what it asks for. Memory is MiB, walltime seconds."""

    id: str
    name: str
    version: str
    summary: str
    purpose: str
    disciplines: tuple[str, ...]
    tasks: tuple[str, ...]
    tools: tuple[str, ...]
    input: str
    accepts: tuple[str, ...]
    has_sample: bool
    gpu: str
    gpus: int
    cpus: int
    memory_mb: int
    walltime_s: int
    packages: tuple[str, ...]
    params: tuple[ParamView, ...]
    outputs: tuple[str, ...]
    measured: tuple[str, ...]
    notes: tuple[str, ...]
    folder: str


@dataclass(frozen=True, slots=True)
class RecipeList:
    """The recipes that ship with dkai."""

    items: tuple[RecipeView, ...]


def all_recipes() -> RecipeList:
    """Every recipe. Raises UserError when one is broken."""
    return RecipeList(tuple(_view(recipe) for recipe in list_recipes()))


def one_recipe(name: str) -> RecipeView:
    """The recipe called `name`, or in the folder `name`. Raises UserError."""
    return _view(get_recipe(name))


def _view(recipe: Recipe) -> RecipeView:
    spec, want = recipe.input, recipe.resources
    return RecipeView(
        id=recipe.id, name=str(recipe.name), version=recipe.version, summary=str(recipe.summary),
        purpose=str(recipe.purpose or ""), disciplines=recipe.disciplines, tasks=recipe.tasks, tools=recipe.tools,
        input=str(spec.text or spec.kind), accepts=spec.accepts, has_sample=spec.sample is not None, gpu=recipe.gpu,
        gpus=want.gpus, cpus=want.cpus, memory_mb=want.memory_mb, walltime_s=want.walltime_s,
        packages=recipe.run.imports if recipe.network == "packages" else (),
        params=tuple(_param(p) for p in recipe.params), outputs=tuple(f"{o.path}: {o.text}" for o in recipe.outputs),
        measured=tuple(_measured(m) for m in recipe.measured), notes=tuple(str(n) for n in recipe.notes),
        folder=str(recipe.folder),
    )  # fmt: skip


def _param(param: Param) -> ParamView:
    return ParamView(
        id=param.id, name=str(param.name or param.id), type=param.type, help=str(param.help or ""),
        required=param.required, default=param.default, sample=param.sample, choices=param.choices, min=param.min,
        max=param.max,
    )  # fmt: skip


def _measured(found: Measured) -> str:
    from dkai.core.units import show_duration

    where = ", ".join(str(p) for p in (found.where, found.device, found.input) if p)
    return f"{show_duration(max(1, found.minutes * 60))} · {where} · {found.date}"
