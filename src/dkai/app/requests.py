"""A request from the words of a command line and, where one is given, a saved screening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dkai.app.submit_walk import Request
from dkai.compute.quote.choose import Wishes
from dkai.compute.recipes.params import split_assignments
from dkai.core.errors import UsageError, UserError
from dkai.core.i18n import t
from dkai.core.levels import Level, parse_level
from dkai.core.units import parse_duration, parse_memory


@dataclass(frozen=True, slots=True)
class Words:
    """What was typed, unchecked; None where nothing was."""

    recipe: str | None = None
    site: str | None = None
    inputs: Sequence[Path] = ()
    sample: bool = False
    params: Sequence[str] = ()
    gpus: int | None = None
    gpu_type: str | None = None
    cpus: int | None = None
    memory: str | None = None
    time: str | None = None
    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    exclusive: bool = False
    cpus_per_gpu: int | None = None
    level: str | None = None
    accept_level: bool = False
    allow_over: bool = False
    ask_now: bool = False
    screening: Path | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """What a screening already knows about the job."""

    recipe: str | None = None
    site: str | None = None
    level: Level | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    sample: bool = False  # to be tried on the recipe's own sample first


def make_request(words: Words) -> Request:
    """The request; what was typed wins over what the screening says. Raises UserError or UsageError."""
    known = Handover() if words.screening is None else read_screening(words.screening)
    recipe = words.recipe or known.recipe
    if recipe is None:
        raise UsageError(
            t("a recipe is missing"),
            code="missing-argument",
            hint=t("name one, such as gpu-check; see them all with: dkai compute recipes"),
        )
    # The screening proposes the sample; files of the person's own, or another recipe, are a decision against it.
    sample = words.sample or (known.sample and not words.inputs and recipe == known.recipe)
    # The screening's level is that of the person's own data, which stay at home while the sample is tried.
    level = parse_level(words.level) if words.level is not None else None if sample else known.level
    return Request(
        recipe=recipe,
        site=words.site or known.site or "local",
        inputs=tuple(words.inputs),
        sample=sample,
        params={**(known.params if recipe == known.recipe else {}), **split_assignments(list(words.params))},
        wishes=_wishes(words),
        level=level,
        accept_level=words.accept_level,
        allow_over=words.allow_over,
        ask_now=words.ask_now,
    )


def _wishes(words: Words) -> Wishes:
    seconds = None if words.time is None else parse_duration(words.time)
    if seconds is not None and not 0 < seconds <= 366 * 86400:
        raise UserError(
            t("a job needs some time, and no more than a year"),
            code="bad-duration",
            hint=t("write for example --time 30m or --time 2h"),
        )
    mib = None if words.memory is None else parse_memory(words.memory)
    if words.cpus is not None and words.cpus_per_gpu is not None:
        raise UsageError(
            t("--cpus and --cpus-per-gpu say the same thing in two ways"),
            code="bad-option",
            hint=t("give one of them: cores for the whole job, or for each GPU"),
        )
    return Wishes(
        gpus=words.gpus, gpu_type=words.gpu_type, cpus=words.cpus, memory_mb=mib, walltime_s=seconds,
        partition=words.partition, account=words.account, qos=words.qos, exclusive=words.exclusive,
        cpus_per_gpu=words.cpus_per_gpu,
    )  # fmt: skip


def read_screening(path: Path) -> Handover:
    """What a saved screening hands over to compute. Raises UserError."""
    from dkai.app.screening import hand_over, load_screening

    given = hand_over(load_screening(path))
    params = {name: str(value) for name, value in given.params.items()}
    return Handover(given.recipe, given.site, given.level, params, given.sample)
