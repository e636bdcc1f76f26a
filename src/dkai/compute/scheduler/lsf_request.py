"""What LSF is asked for, in bsub's own words: the job script's options and the quote are made from the same resources.

Sources: IBM Spectrum LSF 10.1, command reference, bsub -n, -R, -M, -gpu, -x, -hl; “Resource requirement strings”,
rusage and span. lsb.params(5), RESOURCE_RESERVE_PER_TASK: memory is reserved for each task. lsf.conf(5): a limit (-M)
is for each task under LSB_RESOURCE_ENFORCE, else for the job (LSB_JOB_MEMLIMIT) or each of its processes. DTU: “Batch
Jobs under LSF 10” (https://www.hpc.dtu.dk/?page_id=1416) and its example scripts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from dkai.compute.cluster import Cluster
from dkai.compute.job import Resources
from dkai.core.errors import UserError
from dkai.core.i18n import t

_MODEL = re.compile(r"^[A-Za-z0-9_.+]+(?:-[0-9]+[GMT]?)?$")


@dataclass(frozen=True, slots=True)
class LsfRequest:
    """One job on one host. Memory is in MiB as a figure stands there: a slot's share, or the whole job's."""

    slots: int = 1
    memory_mb: int = 0  # reserved; 0: nothing is
    memory_limit_mb: int = 0
    gpus: int = 0
    gpu_model: str | None = None
    exclusive: bool = False

    def options(self) -> list[tuple[str, str | None]]:
        """bsub's options, without dashes; None for one that takes no value. Units are always named.

        What a bare number would mean is up to LSF_UNIT_FOR_LIMITS.
        """
        found: list[tuple[str, str | None]] = [("n", str(self.slots))]
        needs = "span[hosts=1]"
        if self.memory_mb:
            needs += f" rusage[mem={self.memory_mb}MB]"
        found.append(("R", f'"{needs}"'))
        if self.memory_mb:
            found.append(("M", f"{self.memory_limit_mb}MB"))
        if self.gpus:
            model = f":gmodel={self.gpu_model}" if self.gpu_model else ""
            found.append(("gpu", f'"num={self.gpus}:mode=exclusive_process{model}"'))
        if self.exclusive:
            found.append(("x", None))
        return found


def place_words(cluster: Cluster) -> dict[str, str]:
    """For `JobSpec.place`: whether a figure of memory is a slot's or the job's; as at DTU where it is not told."""
    reserved, most = cluster.memory_per_slot, cluster.memory_limit_per_slot
    share = reserved is not False
    return {
        "memory": "slot" if share else "job",
        "memory_limit": "slot" if (share if most is None else most) else "job",
    }


def request_for(want: Resources, place: Mapping[str, str]) -> LsfRequest:
    """What is asked of LSF for these resources. Raises UserError for what it cannot be asked for by dkai.

    `place` are `place_words`: each slot is given its share of the job's memory, rounded up, or the job all of it.
    """
    if want.nodes > 1:
        raise UserError(
            t("dkai submits jobs of one node only to LSF"),
            code="lsf-one-node",
            hint=t("ask for one node, or use a site with Slurm: dkai compute sites"),
        )
    if not want.memory_mb and not want.exclusive:
        raise UserError(
            t("LSF cannot be asked for all of a node's memory"),
            code="lsf-memory",
            hint=t("say how much with --memory, or take the whole node with --exclusive"),
        )
    if want.gpus and want.gpu_type and not _MODEL.match(want.gpu_type):
        raise UserError(
            t("“{name}” cannot be the name of a GPU model", name=want.gpu_type),
            code="bad-lsf-name",
            hint=t("see the names there are with: dkai compute connect SITE"),
        )
    slots = max(1, want.cpus)
    share = math.ceil(want.memory_mb / slots)
    reserved, most = (want.memory_mb if place.get(key) == "job" else share for key in ("memory", "memory_limit"))
    return LsfRequest(slots, reserved, most, want.gpus, want.gpu_type if want.gpus else None, want.exclusive)
