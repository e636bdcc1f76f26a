"""The options by which `dkai radar` narrows its answers: one table, the same for every command that lists tools."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.radar.wishes import Filters


class Phase(StrEnum):
    """The phases of research."""

    IDEA = "idea"
    DESIGN = "design"
    COLLECTION = "collection"
    ANALYSIS = "analysis"
    WRITING = "writing"
    REVIEW = "review"
    COMMUNICATION = "communication"


class Runs(StrEnum):
    """Where a tool is to run."""

    LAPTOP = "laptop"
    SERVER = "server"
    EU = "eu"
    ANYWHERE = "anywhere"


class Accelerator(StrEnum):
    """What there is to compute on."""

    CUDA = "cuda"
    ROCM = "rocm"
    CPU = "cpu"
    APPLE = "apple"


class Cost(StrEnum):
    """The most that a tool may cost."""

    FREE = "free"
    FREEMIUM = "freemium"
    PAID = "paid"


class RingName(StrEnum):
    """The places on the radar."""

    ADOPT = "adopt"
    TRIAL = "trial"
    ASSESS = "assess"
    HOLD = "hold"


def _option(kind: Any, name: str, text: str, *, metavar: str | None = None, default: Any = None, **more: Any) -> Any:
    return Annotated[kind, typer.Option(name, metavar=metavar, help=text, **more)], default


def _options() -> dict[str, tuple[Any, Any]]:
    """Parameter → its typer annotation and default, in the order of the help page."""
    level = t("your data is public, internal, confidential or sensitive")
    licence = t("open, or a licence's name such as MIT, for code or weights")
    ring = t("only adopt, trial, assess or hold; can be given again")
    since = t("all of it checked on that day or later")
    return {
        "task": _option(str | None, "--task", t("such as transcription"), metavar="TASK"),
        "phase": _option(Phase | None, "--phase", t("phase of research")),
        "discipline": _option(str | None, "--discipline", t("such as history"), metavar="NAME"),
        "data": _option(str | None, "--data", level, metavar="LEVEL"),
        "runs": _option(Runs | None, "--runs", t("it must run there")),
        "gpu_memory": _option(float | None, "--gpu-memory", t("GPU memory that you have"), metavar="GB", min=0),
        "accelerator": _option(Accelerator | None, "--accelerator", t("it must run on this")),
        "licence": _option(str | None, "--licence", licence, metavar="NAME"),
        "commercial": _option(bool, "--commercial", t("commercial use must be allowed"), default=False),
        "cost": _option(Cost | None, "--cost", t("the most that it may cost")),
        "danish": _option(bool, "--danish", t("it must cope with Danish, or have no need to"), default=False),
        "ring": _option(list[RingName] | None, "--ring", ring, metavar="RING"),
        "reviewed_since": _option(str | None, "--reviewed-since", since, metavar="DATE"),
    }


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` all these options; what was typed reaches it as one argument, `wishes`."""
    options = _options()
    # `wishes` is annotated with a type that only the type checker imports.
    hints = get_type_hints(command, localns={"Filters": object}, include_extras=True)
    own = [
        parameter.replace(annotation=hints[name])
        for name, parameter in inspect.signature(command).parameters.items()
        if name != "wishes"
    ]
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in options.items()
    ]

    def run(**given: Any) -> None:
        wishes = _wishes(**{name: given.pop(name) for name in options})
        command(wishes=wishes, **given)

    first = [p for p in own if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    parameters = [*first, *added, *(p for p in own if p not in first)]
    run.__name__, run.__doc__, run.__module__ = command.__name__, command.__doc__, command.__module__
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # typer reads it
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run


def _wishes(  # one argument an option
    *, task: str | None, phase: Phase | None, discipline: str | None, data: str | None, runs: Runs | None,
    gpu_memory: float | None, accelerator: Accelerator | None, licence: str | None, commercial: bool,
    cost: Cost | None, danish: bool, ring: list[RingName] | None, reviewed_since: str | None,
) -> Filters:  # fmt: skip
    from dkai.core.levels import parse_level
    from dkai.core.units import parse_day
    from dkai.radar.wishes import Filters

    return Filters(
        task=task,
        phase=None if phase is None else str(phase),
        discipline=discipline,
        data=None if data is None else parse_level(data),
        runs=None if runs in (None, Runs.ANYWHERE) else str(runs),
        gpu_memory_gb=gpu_memory,
        accelerator=None if accelerator is None else str(accelerator),
        licence=licence,
        commercial=commercial,
        cost=None if cost is None else str(cost),
        danish=danish,
        rings=tuple(str(name) for name in ring or ()),
        reviewed_since=None if reviewed_since is None else parse_day(reviewed_since),
    )
