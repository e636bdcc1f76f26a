"""What to ask for next time, from what was asked for and what was used. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dkai.compute.job import Outcome, Resources
from dkai.compute.used import Used
from dkai.core.i18n import t
from dkai.core.units import show_duration, show_memory, show_number, slurm_duration

# Shorter runs say little about the next one: start-up is most of them.
WORTH_ADVICE_S = 60


def advise(asked: Resources, used: Used, outcome: Outcome | None) -> Iterator[str]:
    """Sentences for the person; none where there is nothing to gain."""
    if outcome is Outcome.TIMEOUT:
        twice = asked.walltime_s * 2
        yield t("Its time was up: next time ask for more, such as --time {time}", time=slurm_duration(twice))
    if outcome is Outcome.OUT_OF_MEMORY:
        yield t("It ran out of memory: next time ask for more, such as --memory {n}M", n=asked.memory_mb * 2)
    if outcome is not Outcome.COMPLETED or used.elapsed_s is None or used.elapsed_s < WORTH_ADVICE_S:
        return
    if used.cores is not None and asked.cpus > 1 and used.cores < asked.cpus / 2:
        fewer = max(1, math.ceil(used.cores * 1.2))
        yield t("You asked for {n} cores and used {used}: next time --cpus {fewer} waits less",
                n=asked.cpus, used=show_number(used.cores, 1), fewer=fewer)  # fmt: skip
    if used.memory_mb is not None and asked.memory_mb >= 4096 and used.memory_mb < asked.memory_mb / 2:
        enough = max(1, math.ceil(used.memory_mb * 1.3 / 1024))
        if enough * 1024 < asked.memory_mb:
            yield t("You asked for {asked} of memory and used {used}: next time --memory {n}G",
                    asked=show_memory(asked.memory_mb), used=show_memory(used.memory_mb), n=enough)  # fmt: skip
    if asked.walltime_s >= 1800 and used.elapsed_s < asked.walltime_s / 4:
        less = slurm_duration(math.ceil(used.elapsed_s * 2 / 300) * 300)
        yield t("It took {time} of {asked}: a shorter --time {less} often starts sooner",
                time=show_duration(used.elapsed_s), asked=show_duration(asked.walltime_s), less=less)  # fmt: skip
    if asked.gpus and used.gpu_load is not None and used.gpu_load < 20:
        yield t("The GPU was busy {n} % of the time: is it reading the data that takes long? Or try it without GPU",
                n=show_number(used.gpu_load, 0))  # fmt: skip
