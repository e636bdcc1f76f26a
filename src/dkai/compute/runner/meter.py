"""What a job uses while it runs: looked at seldom enough to cost less than 2 % of one core, and never in its way."""

import os
import time
from typing import Dict, List, Optional, Tuple

from dkai.compute.runner.cgroup import Group
from dkai.compute.runner.files import Record
from dkai.compute.runner.gpus import Gpus, Reading
from dkai.compute.runner.processes import Process, family

# Seconds between samples: few at first, so that a short job has some, then so many; and how many at most.
FIRST, INTERVAL, SAMPLES, COST = 0.5, 5.0, 500, 0.02
COLUMNS = ["t", "rss_mb", "gpu_load", "gpu_memory_mb", "cores", "gpu_watts"]


def mean(values: List[Optional[float]]) -> Optional[float]:
    """Of those that are known."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def total(values: List[Optional[float]]) -> Optional[float]:
    """The sum; None unless all are known."""
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def spent() -> float:
    """Processor seconds that this process and what it called has used; by the clock where the system does not tell."""
    return time.time() if os.name == "nt" else sum(os.times()[:4])


class Meter:
    """Samples of one run. A row has seconds since the start, RSS of the job's processes in MiB (what they share counts
    for each), mean utilisation of its GPUs in per cent, their memory in MiB, cores in use, and GPU power in W; None
    where it is not known."""

    def __init__(self) -> None:
        self.gpus = Gpus()
        self.group = Group(os.environ.get("SLURM_JOB_ID"))
        self.begin()

    def begin(self) -> None:
        """Forget what was sampled: the job itself begins now."""
        self.began, self.interval, self.rest = time.time(), FIRST, INTERVAL
        self.rows: List[List[Optional[float]]] = []
        self.max_rss: Optional[float] = None
        self.max_used: Optional[float] = None
        self.peaks: Dict[str, float] = {}
        self.loads: Dict[str, List[float]] = {}
        self.energy = Energy(len(self.gpus.devices))
        self.last_cpu: Optional[float] = None
        self.last_t = 0.0
        self.cpu_at_start = self.group.cpu_s()

    def sample(self, child: int, table: Dict[int, Process]) -> None:
        """Note memory and load; ever more seldom, so that a long job has no more samples than a short one."""
        cost, clock = spent(), time.time()
        t = round(clock - self.began, 1)
        mine = [table[pid] for pid in family(child, table) if pid in table]
        rss = round(sum(process.rss_mb for process in mine), 1) if mine else None
        cores = self.cores(mine, clock)
        told = self.gpus.read()
        self.energy.add(told, clock)
        readings = [told.get(device.id, Reading(None, None, None, None)) for device in self.gpus.devices]
        load, watts = mean([r.load for r in readings]), total([r.watts for r in readings])
        self.rows.append([t, rss, load, total([r.memory_mb for r in readings]), cores, watts])
        if rss is not None:
            self.max_rss = max(rss, self.max_rss or 0)
        used = self.group.used_mb()
        if used is not None:
            self.max_used = max(used, self.max_used or 0)
        for name, reading in told.items():
            if reading.memory_mb is not None:
                self.peaks[name] = max(reading.memory_mb, self.peaks.get(name, 0))
            if reading.load is not None:
                self.loads.setdefault(name, []).append(reading.load)
        if len(self.rows) >= SAMPLES:
            self.rows, self.rest = self.rows[::2], self.rest * 2
        self.interval = max(min(self.interval * 2, self.rest), (spent() - cost) / COST)

    def cores(self, mine: List[Process], clock: float) -> Optional[float]:
        """Cores in use since the sample before: processor time over time."""
        known = [process.cpu_s for process in mine if process.cpu_s is not None]
        now = sum(known) if known else None
        before, self.last_cpu = self.last_cpu, now
        since, self.last_t = self.last_t, clock
        if now is None or before is None or clock <= since:
            return None
        return round(max(0.0, now - before) / (clock - since), 2)

    def summary(self, ended: float) -> Record:
        """What the record says of it; energy where the samples cover nearly all of the run."""
        elapsed, energy = ended - self.began, self.energy
        known = energy.by and energy.covered >= 0.8 * elapsed
        before, now = self.cpu_at_start, self.group.cpu_s()
        return {
            "columns": COLUMNS, "samples": self.rows, "max_used_mb": self.max_used,
            "group_peak_mb": self.group.peak_mb(),
            "group_cpu_s": None if before is None or now is None else round(now - before, 3),
            "gpu_energy_wh": round(energy.joules / 3600 * elapsed / energy.covered, 4) if known else None,
            "gpu_energy_by": energy.by if known else None,
            "devices": [
                {
                    "name": device.name, "memory_mb": device.total_mb, "peak_mb": self.peaks.get(device.id),
                    "load": round(sum(loads) / len(loads), 1) if loads else None, "shared": device.shared,
                }
                for device in self.gpus.devices for loads in [self.loads.get(device.id)]
            ],
        }  # fmt: skip


class Energy:
    """What the GPUs used: from their own counters where they have them, else their power over time.

    `covered` are the seconds that this is known for; a look at which one of the GPUs told nothing makes a gap.
    """

    def __init__(self, count: int) -> None:
        self.count, self.joules, self.covered, self.by = count, 0.0, 0.0, ""
        self.last: Optional[Tuple[float, List[Reading]]] = None

    def add(self, told: Dict[str, Reading], clock: float) -> None:
        """Count what was used since the look before."""
        before, now = self.last, [told[name] for name in sorted(told)]
        self.last = (clock, now) if now and len(now) == self.count else None
        if before is None or self.last is None:
            return
        counters = [total([r.joules for r in readings]) for readings in (before[1], now)]
        watts = [total([r.watts for r in readings]) for readings in (before[1], now)]
        added: Optional[float] = None
        if counters[0] is not None and counters[1] is not None:
            added, self.by = counters[1] - counters[0], "counter"
        elif watts[0] is not None and watts[1] is not None:
            added, self.by = (watts[0] + watts[1]) / 2 * (clock - before[0]), "power"
        if added is not None and added >= 0:  # a counter that began anew says nothing of this stretch
            self.joules, self.covered = self.joules + added, self.covered + clock - before[0]
