"""What a recipe is: a starter job with its script, its typed parameters and what it needs. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dkai.compute.job import Resources
from dkai.core.text import Text

__all__ = ["AiModel", "InputSpec", "Measured", "OutputFile", "Param", "Recipe", "Resources", "Run", "Variant", "bound"]


@dataclass(frozen=True, slots=True)
class Run:
    """How it is started."""

    script: str  # relative to the recipe's folder
    language: str = "python"  # python, r
    python: str = ">=3.6"  # or, for R, the version of R that is needed
    imports: tuple[str, ...] = ()  # modules (R: packages) that must be there
    requirements: str | None = None  # how to get them: a file in the recipe's folder, with versions and hashes
    builds: Mapping[str, str] = field(default_factory=dict)  # such a file for each of `cpu`, `cuda`, `rocm` instead
    shared: tuple[str, ...] = ()  # modules of `recipes/shared/` that travel with the script
    launcher: str = "none"  # none; srun, torchrun: one process for each GPU, on every node
    checkpoint: bool = False  # what it wrote to `checkpoint/` lets it go on after a requeue


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What the person brings along."""

    required: bool = False
    kind: str = "none"  # none, file, files, folder
    accepts: tuple[str, ...] = ()  # suffixes with their dot; empty: any
    max_files: int = 1000
    text: Text | None = None
    sample: str | None = None  # a file or folder that ships with the recipe


@dataclass(frozen=True, slots=True)
class Param:
    """One typed parameter."""

    id: str
    type: str  # string, integer, number, boolean, choice
    name: Text | None = None
    help: Text | None = None
    required: bool = False
    default: Any = None
    sample: Any = None  # its value when the recipe's sample is used
    min: float | None = None
    max: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """How long it took somewhere, on what, with what input."""

    minutes: float
    date: str
    where: Text | None = None
    device: str = ""
    input: Text | None = None
    gpus: int = 0
    gpu: str | None = None  # the GPU's id in the catalogue, by which times are scaled to other GPUs
    cores: int = 1
    peak_memory_gb: float | None = None


@dataclass(frozen=True, slots=True)
class AiModel:
    """An AI model that the recipe's script uses, as a journal wants it named."""

    name: str
    version: str = ""
    host: str | None = None  # from where its weights are fetched at the place; None: they come with the recipe
    size_gb: float | None = None  # what is fetched
    licence: str = ""


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One file that the recipe writes below `output/`."""

    path: str
    text: Text


@dataclass(frozen=True, slots=True)
class Variant:
    """What is different where parameters have certain values, such as a large model in place of a light method.

    Each field that is None stays as the recipe has it.
    """

    when: Mapping[str, tuple[Any, ...]]  # parameter: the values, one of which it must have; all parameters must
    imports: tuple[str, ...] | None = None
    requirements: str | None = None
    builds: Mapping[str, str] = field(default_factory=dict)
    launcher: str | None = None
    network: tuple[str, ...] | None = None
    gpu: str | None = None
    accelerators: tuple[str, ...] | None = None
    resources: Resources | None = None
    models: tuple[AiModel, ...] | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """One recipe as its folder has it."""

    id: str
    version: str
    name: Text
    summary: Text
    run: Run
    resources: Resources
    folder: Path
    purpose: Text | None = None
    disciplines: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    network: tuple[str, ...] = ()  # what it contacts the network for at the place: packages, models
    input: InputSpec = field(default_factory=InputSpec)
    params: tuple[Param, ...] = ()
    gpu: str = "none"  # none, optional, required
    accelerators: tuple[str, ...] = ("cuda", "rocm")  # the kinds of GPU that it can use
    precision: str | None = None  # of most of its arithmetic on a GPU (fp32, bf16 …), by which times are scaled
    gpu_memory_gb: float | None = None  # that one GPU must have; None: not known
    outputs: tuple[OutputFile, ...] = ()
    measured: tuple[Measured, ...] = ()
    notes: tuple[Text, ...] = ()
    models: tuple[AiModel, ...] = ()
    variants: tuple[Variant, ...] = ()
    metrics: Mapping[str, str] = field(
        default_factory=dict
    )  # name: `file.json#/path/in/it`, a number a run is judged by


def bound(recipe: Recipe, parameters: Mapping[str, Any]) -> Recipe:
    """The recipe as it is with these parameters: the first variant that they fit, if any, worked in."""
    for variant in recipe.variants:
        if all(parameters.get(name) in values for name, values in variant.when.items()):
            return _with(recipe, variant)
    return recipe


def _with(recipe: Recipe, variant: Variant) -> Recipe:
    run = replace(
        recipe.run,
        imports=recipe.run.imports if variant.imports is None else variant.imports,
        # Other imports are not got by the same requirements.
        requirements=recipe.run.requirements if variant.imports is None else variant.requirements,
        builds=recipe.run.builds if variant.imports is None else variant.builds,
        launcher=variant.launcher or recipe.run.launcher,
    )
    return replace(
        recipe,
        run=run,
        network=recipe.network if variant.network is None else variant.network,
        gpu=variant.gpu or recipe.gpu,
        accelerators=variant.accelerators or recipe.accelerators,
        resources=variant.resources or recipe.resources,
        models=recipe.models if variant.models is None else variant.models,
    )
