"""Recipes as plain views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dkai.compute.recipes.recipe import AiModel, Measured, Param, Recipe, bound
from dkai.compute.recipes.recipes import get_recipe, is_shipped, list_recipes


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
    network: tuple[str, ...]  # what it contacts the network for at the place, in any of its variants
    models: tuple[str, ...]
    language: str
    launcher: str
    params: tuple[ParamView, ...]
    outputs: tuple[str, ...]
    measured: tuple[str, ...]
    notes: tuple[str, ...]
    folder: str
    called: str  # what a command line calls it: its name, or the folder of one's own


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
        packages=recipe.run.imports if "packages" in recipe.network else (),
        network=tuple(dict.fromkeys(word for one in _variants(recipe) for word in one.network)),
        models=tuple(dict.fromkeys(_model(model) for one in _variants(recipe) for model in one.models)),
        language=recipe.run.language, launcher=recipe.run.launcher,
        params=tuple(_param(p) for p in recipe.params), outputs=tuple(f"{o.path}: {o.text}" for o in recipe.outputs),
        measured=tuple(_measured(m) for m in recipe.measured), notes=tuple(str(n) for n in recipe.notes),
        folder=str(recipe.folder), called=recipe.id if is_shipped(recipe) else str(recipe.folder.absolute()),
    )  # fmt: skip


def _variants(recipe: Recipe) -> list[Recipe]:
    """The recipe as it is, and as each of its variants makes it."""
    return [recipe, *(bound(recipe, {name: values[0] for name, values in v.when.items()}) for v in recipe.variants)]


def _model(model: AiModel) -> str:
    from dkai.core.i18n import t
    from dkai.core.units import show_number

    said = " ".join(filter(None, (model.name, model.version)))
    size = "" if model.size_gb is None else t("{gb} GB", gb=show_number(model.size_gb))
    more = ", ".join(filter(None, (size, model.licence, t("from {host}", host=model.host) if model.host else "")))
    return f"{said} ({more})" if more else said


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
