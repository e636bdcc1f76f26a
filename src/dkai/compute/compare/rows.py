"""The result of a comparison: one row a place, every number with its formula, source and date. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from dkai.compute.compare.fit import Reason
from dkai.compute.compare.runtime import RunTime
from dkai.core.levels import Level
from dkai.core.unknown import Unknown

Charge = Literal["free", "free-within-allocation", "paid", "unknown"]


@dataclass(frozen=True, slots=True)
class Hardware:
    """What the job would get there. `gpu` is a catalogue id; None: no GPU, or one that the catalogue does not know."""

    gpu: str | None
    name: str
    gpus: int
    memory_gb: float | None  # of one GPU
    part: str  # which part of a card it is; empty: a whole one
    cpus: int
    partition: str
    source: str
    date: str
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount from `low` (None: not known) to `high`, and what it would be for all the time that was asked for."""

    low: float | None
    high: float
    unit: str  # the place's own unit, or a currency
    at_most: float
    formula: str
    source: str
    date: str | None  # of the price or rule; None: not known
    read: str = ""  # the day on which somebody looked
    old: bool = False  # a price older than 90 days, or of no known date


@dataclass(frozen=True, slots=True)
class Eligible:
    """Whether this person's institution may use it."""

    answer: Literal["yes", "no", "unknown", "not-asked"]
    says: str
    source: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Data:
    """Whether data of this level may go there, by what is written. Nothing here says that something is lawful."""

    answer: Literal["ok", "ask", "no", "not-asked"]
    permitted: Level | None
    says: str
    source: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """How one gets in."""

    steps: tuple[str, ...]
    waiting: str | None  # as the catalogue words it; None: not known
    apply_url: str | None
    source: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Submit:
    """Whether dkai can submit there itself."""

    answer: Literal["yes", "after-renting", "unverified", "hand-off", "no"]
    says: str


@dataclass(frozen=True, slots=True)
class Row:
    """One place. `reasons` say why it is left out; empty where it is usable."""

    id: str
    name: str
    kind: str  # own, institution, national, eurohpc, commercial
    site: str | None  # the person's own site there
    charge: Charge
    hardware: Hardware | Unknown
    run_time: RunTime | Unknown
    cost: Cost | Unknown  # in the place's own unit
    money: Cost | Unknown
    eligible: Eligible
    access: Access
    data: Data
    submit: Submit
    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The job as it was compared. Memory is MiB, GPU memory GB, time seconds."""

    recipe: str
    gpus: int
    gpu_memory_gb: float | None
    cpus: int
    memory_mb: int
    walltime_s: int
    nodes: int
    accelerators: tuple[str, ...]
    precision: str | None
    level: Level | None
    own_data: bool
    institution: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same job on every place: `items` are usable, the first the nearest at hand; `left_out` are not, and why."""

    job: Wanted
    measured: str | Unknown  # what the run times are scaled from
    items: tuple[Row, ...]
    left_out: tuple[Row, ...]
    order: str
    catalogue_date: str
    prices: str  # where the prices of clouds are from, and how old they are
    notes: tuple[str, ...] = field(default=())
    asked: bool = False  # the person's own sites were asked for this, and not only remembered
