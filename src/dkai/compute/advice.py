"""What to ask for next time, from what was asked for and what was used. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dkai.compute.job import Outcome, Resources
from dkai.compute.used import Used
from dkai.core.i18n import t
from dkai.core.units import show_duration, show_memory, show_number, slurm_duration

# Shorter runs say little about the next one: start-up is most of them.
WORTH_ADVICE_S = 60
IDLE = 5  # per cent of load, below which a GPU did nothing to speak of


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence, the numbers behind it (what was asked for and what was used), and an option to try."""

    id: str
    says: str
    option: str = ""
    asked: float | None = None
    used: float | None = None


def advise(asked: Resources, used: Used, outcome: Outcome | None) -> Iterator[Advice]:
    """Advice for the person; none where there is nothing to gain."""
    if outcome is Outcome.TIMEOUT:
        option = f"--time {slurm_duration(asked.walltime_s * 2)}"
        yield Advice("time", t("Its time was up: next time ask for more, such as {option}", option=option), option,
                     asked.walltime_s, used.elapsed_s)  # fmt: skip
    if outcome is Outcome.OUT_OF_MEMORY:
        option = f"--memory {_gigabytes(asked.memory_mb * 2)}"
        yield Advice("memory", t("It ran out of memory: next time ask for more, such as {option}", option=option),
                     option, asked.memory_mb, used.memory_mb)  # fmt: skip
    if outcome is not Outcome.COMPLETED or used.elapsed_s is None or used.elapsed_s < WORTH_ADVICE_S:
        return
    yield from _cores(asked, used)
    yield from _memory(asked, used)
    yield from _gpus(asked, used)
    took = used.elapsed_s if used.longest_s is None else used.longest_s
    if asked.walltime_s >= 1800 and took < asked.walltime_s / 4:
        option = f"--time {slurm_duration(math.ceil(took * 2 / 300) * 300)}"
        yield Advice(
            "time",
            t("It took {time} of {asked}: a shorter {option} often starts sooner",
              time=show_duration(took), asked=show_duration(asked.walltime_s), option=option),
            option, asked.walltime_s, took,
        )  # fmt: skip


def _gigabytes(mib: float) -> str:
    return f"{math.ceil(mib / 1024)}G" if mib >= 1024 else f"{math.ceil(mib)}M"


def _cores(asked: Resources, used: Used) -> Iterator[Advice]:
    if used.cores is None or asked.cpus == 1 or used.cores >= asked.cpus / 2:
        return
    option = f"--cpus {max(1, math.ceil(used.cores * 1.2))}"
    says = t("You asked for {n} cores and used {used}: next time {option} waits less",
             n=asked.cpus, used=show_number(used.cores, 1), option=option)  # fmt: skip
    yield Advice("cpus", says, option, asked.cpus, round(used.cores, 2))


def _memory(asked: Resources, used: Used) -> Iterator[Advice]:
    if used.memory_mb is None or asked.memory_mb < 4096 or used.memory_mb >= asked.memory_mb / 2:
        return
    enough = max(1, math.ceil(used.memory_mb * 1.3 / 1024))
    if enough * 1024 >= asked.memory_mb:
        return
    option = f"--memory {enough}G"
    says = t("You asked for {asked} of memory and used {used}: next time {option}",
             asked=show_memory(asked.memory_mb), used=show_memory(used.memory_mb), option=option)  # fmt: skip
    yield Advice("memory", says, option, asked.memory_mb, round(used.memory_mb, 1))


def _gpus(asked: Resources, used: Used) -> Iterator[Advice]:
    loads = [device.load for device in used.devices if device.load is not None]
    busy = [load for load in loads if load >= IDLE]
    if asked.gpus > 1 and len(loads) == asked.gpus and 0 < len(busy) < asked.gpus:
        option = f"--gpus {len(busy)}"
        says = t("You asked for {n} GPUs, and {idle} did nothing: next time {option}, or tell the program of them all",
                 n=asked.gpus, idle=asked.gpus - len(busy), option=option)  # fmt: skip
        yield Advice("gpus", says, option, asked.gpus, len(busy))
    elif asked.gpus and used.gpu_load is not None and used.gpu_load < 20:
        says = t("The GPU was busy {n} % of the time: is it reading the data that takes long? Or try it without GPU: "
                 "{option}", n=show_number(used.gpu_load, 0), option="--gpus 0")  # fmt: skip
        yield Advice("gpu-load", says, "--gpus 0", 100, round(used.gpu_load, 1))
