"""What a recipe is: a starter job with its script, its typed parameters and what it needs. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dkai.compute.job import Resources
from dkai.core.text import Text

__all__ = ["AiModel", "InputSpec", "Measured", "OutputFile", "Param", "Recipe", "Resources", "Run"]


@dataclass(frozen=True, slots=True)
class Run:
    """How it is started."""

    script: str  # relative to the recipe's folder
    python: str = ">=3.6"
    imports: tuple[str, ...] = ()  # modules that must be there
    requirements: str | None = None  # how to get them: a file in the recipe's folder, with versions and hashes


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
    cores: int = 1
    peak_memory_gb: float | None = None


@dataclass(frozen=True, slots=True)
class AiModel:
    """An AI model that the recipe's script uses, as a journal wants it named."""

    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class OutputFile:
    """One file that the recipe writes below `output/`."""

    path: str
    text: Text


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
    network: str = "none"  # none, packages
    input: InputSpec = field(default_factory=InputSpec)
    params: tuple[Param, ...] = ()
    gpu: str = "none"  # none, optional, required
    outputs: tuple[OutputFile, ...] = ()
    measured: tuple[Measured, ...] = ()
    notes: tuple[Text, ...] = ()
    models: tuple[AiModel, ...] = ()
