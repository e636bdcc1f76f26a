"""What a person asks of a tool, and what may speak against one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dkai.core.levels import Level

RINGS = ("adopt", "trial", "assess", "hold")
RUNS = ("laptop", "server", "eu", "anywhere")
COSTS = ("free", "freemium", "paid")
ACCELERATORS = {"cuda": "cuda", "rocm": "rocm", "cpu": "cpu", "apple": "mps"}  # what a person says → what entries say


@dataclass(frozen=True, slots=True)
class Filters:
    """Wishes; None, empty and False wish nothing."""

    task: str | None = None
    phase: str | None = None  # of research: one of the catalogue's phases
    discipline: str | None = None
    data: Level | None = None  # the level of the data that it is to work on
    runs: str | None = None  # one of RUNS: where it is to run
    gpu_memory_gb: float | None = None  # the most that there is
    accelerator: str | None = None  # one of ACCELERATORS
    licence: str | None = None  # `open`, or a licence's name or family
    commercial: bool = False
    cost: str | None = None  # one of COSTS: the most that it may cost
    danish: bool = False
    rings: tuple[str, ...] = ()
    reviewed_since: date | None = None

    def asked(self) -> list[str]:
        """The wishes that were made, by the name of their option."""
        names = {
            "task": self.task, "phase": self.phase, "discipline": self.discipline, "data": self.data, "runs": self.runs,
            "gpu-memory": self.gpu_memory_gb is not None, "accelerator": self.accelerator, "licence": self.licence,
            "commercial": self.commercial, "cost": self.cost, "danish": self.danish, "ring": self.rings,
            "reviewed-since": self.reviewed_since,
        }  # fmt: skip
        return [name for name, value in names.items() if value]


@dataclass(frozen=True, slots=True)
class Objection:
    """One wish that a tool does not meet."""

    filter: str  # the option's name, without dashes
    why: str
    known: bool = True  # False: it is not known whether the tool meets it
