"""A request from the words of a command line and, where one is given, a saved screening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dkai.app.submit_walk import Request
from dkai.compute.environments import Wish, check_image, check_kind, check_modules
from dkai.compute.quote.choose import Wishes
from dkai.compute.recipes.params import split_assignments
from dkai.core.errors import UsageError, UserError
from dkai.core.i18n import t
from dkai.core.levels import Level, parse_level
from dkai.core.units import parse_duration, parse_memory

# How often a job goes back into the queue when its time is up, unless another number is named, and how often it may.
REQUEUES, MOST_REQUEUES = 3, 100


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
    nodes: int | None = None
    on_time_up: str | None = None
    level: str | None = None
    accept_level: bool = False
    allow_over: bool = False
    ask_now: bool = False
    screening: Path | None = None
    env: str | None = None
    modules: Sequence[str] = ()
    image: str | None = None
    carry_wheels: bool = False


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
        environment=_environment(words),
    )


def _environment(words: Words) -> Wish:
    """How the job gets its interpreter, as far as that was said. Raises UsageError."""
    try:
        wish = Wish(
            kind=None if words.env is None else check_kind(words.env),
            modules=check_modules(words.modules),
            image=None if words.image is None else check_image(words.image),
            carry_wheels=words.carry_wheels,
        )
    except ValueError as error:
        raise UsageError(
            str(error), code="bad-option", hint=t("--env, --module and --image say how the job gets its interpreter")
        ) from None
    for option, said, kind in (("--image", wish.image, "container"), ("--carry-wheels", wish.carry_wheels, "wheels")):
        if said and wish.kind not in (None, "auto", kind):
            raise UsageError(
                t("--env {kind} leaves no use for {option}", kind=wish.kind, option=option),
                code="bad-option",
                hint=t("leave out one of them; {option} goes with --env {kind}", option=option, kind=kind),
            )
    if wish.image and wish.carry_wheels:
        raise UsageError(
            t("a container has its own packages: --image leaves no use for --carry-wheels"),
            code="bad-option",
            hint=t("leave out one of them"),
        )
    return wish


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
        cpus_per_gpu=words.cpus_per_gpu, nodes=words.nodes, starts=_starts(words.on_time_up),
    )  # fmt: skip


def _starts(word: str | None) -> int | None:
    """How often the job may start, from `stop`, `requeue` or `requeue:N`. Raises UsageError."""
    if word is None:
        return None
    how, _, count = word.partition(":")
    if how == "stop" and not count:
        return 1
    if how == "requeue" and (not count or (count.isascii() and count.isdecimal() and 0 < int(count) <= MOST_REQUEUES)):
        return 1 + int(count or REQUEUES)
    raise UsageError(
        t("“{word}” is nothing that can be done when the time is up", word=word),
        code="bad-option",
        hint=t("stop; requeue, at most {n} times; or another number, such as requeue:5", n=REQUEUES),
    )


def read_screening(path: Path) -> Handover:
    """What a saved screening hands over to compute. Raises UserError."""
    from dkai.app.screening import hand_over, load_screening

    given = hand_over(load_screening(path))
    params = {name: str(value) for name, value in given.params.items()}
    return Handover(given.recipe, given.site, given.level, params, given.sample)
