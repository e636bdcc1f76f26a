"""All places side by side: a row for each, the usable ones in order, the others with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from dkai.compute.compare.access import access_of, data_at, eligible, forbids_cpu, limits_against, submit_at
from dkai.compute.compare.costs import hours_of, money, own_cost
from dkai.compute.compare.facts import Gpu, read_gpus, read_machines
from dkai.compute.compare.fit import Fit, Reason, fit
from dkai.compute.compare.job import Job, Reference
from dkai.compute.compare.offers import Offer, best_offers, listed_offers
from dkai.compute.compare.rows import Cost, Hardware, Row
from dkai.compute.compare.runtime import RunTime, scale
from dkai.compute.policy import read_policy
from dkai.compute.quote.place import gpu_names
from dkai.core.i18n import t
from dkai.core.text import Text
from dkai.core.unknown import Unknown

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Entry


@dataclass(frozen=True, slots=True)
class Ground:
    """What every row is made from."""

    job: Job
    reference: Reference | None
    gpu_entries: Sequence[Entry]
    fetched: Mapping[str, Sequence[Offer]]  # provider id → prices that were fetched
    schedulers: Collection[str]  # that dkai speaks
    today: date


def rows_of(places: Iterable[Entry], ground: Ground) -> list[Row]:
    """A row for each place of the catalogue."""
    known = Known(
        read_gpus(ground.gpu_entries),
        {entry.id: entry.get("partitions") or 1 for entry in ground.gpu_entries},
        gpu_names(ground.gpu_entries),
    )
    return [_row(entry, ground, known) for entry in places]


@dataclass(frozen=True, slots=True)
class Known:
    """What all rows read of the GPUs: as places count them, the parts of each card, and their names."""

    gpus: Mapping[str, Gpu]
    parts: Mapping[str, int]
    names: Mapping[str, str]


def _row(entry: Entry, ground: Ground, known: Known) -> Row:
    job = ground.job
    offers = best_offers(listed_offers(entry, known.names, job.gpus), ground.fetched.get(entry.id, ()), job.gpus)
    found = fit(job, read_machines(entry, known.gpus, known.parts), priced=offers)
    policy = read_policy(entry)
    who, data = eligible(entry, job.institution), data_at(entry, job)
    reasons: list[Reason] = []
    if who.answer == "no":
        reasons.append(Reason("not-eligible", t("not for people of your institution")))
    hardware: Hardware | Unknown = Unknown()
    run_time: RunTime | Unknown = Unknown()
    cost: Cost | Unknown = Unknown()
    price: Cost | Unknown = Unknown()
    if isinstance(found, Reason):
        reasons.append(found)
        hardware = run_time = cost = price = Unknown(found.says)
    else:
        gpu = found.machine.gpu if found.gpus else None
        hardware = _hardware(found)
        run_time = _run_time(ground, gpu, known.gpus)
        hours = hours_of(run_time, job.walltime_s)
        cost = own_cost(entry, found, policy, hours)
        offer = offers.get(gpu.id) if gpu is not None else None
        price = money(entry, found, policy, hours, offer=offer, today=ground.today)
        reasons += limits_against(entry, job, found.machine.partition, run_time)
        reasons += forbids_cpu(entry, bool(found.gpus))
    if data.answer == "no" and data.permitted is not None:
        reasons.append(Reason("data-level", t("data up to {level} only", level=data.permitted.label)))
    return Row(
        id=entry.id,
        name=str(entry.text("name")),
        kind=entry["kind"],
        site=None,
        charge=entry["cost"]["model"],
        hardware=hardware,
        run_time=run_time,
        cost=cost,
        money=price,
        eligible=who,
        access=access_of(entry),
        data=data,
        submit=submit_at(entry, ground.schedulers),
        reasons=tuple(reasons),
        notes=tuple(_notes(entry, found, run_time, job)),
    )


def _run_time(ground: Ground, gpu: Gpu | None, gpus: Mapping[str, Gpu]) -> RunTime | Unknown:
    if not ground.job.gpus:
        return Unknown(t("times of jobs without GPU are not scaled between CPUs"))
    return scale(ground.reference, gpu, ground.job, gpus)


def _hardware(found: Fit) -> Hardware:
    machine = found.machine
    gpu = machine.gpu if found.gpus else None
    return Hardware(
        gpu=None if gpu is None else gpu.id,
        name=t("no GPU") if gpu is None else gpu.name,
        gpus=found.gpus,
        memory_gb=None if gpu is None else gpu.memory_gb,
        part="" if gpu is None else gpu.part,
        cpus=found.cpus,
        partition=machine.partition,
        source=machine.cited.url,
        date=machine.cited.checked,
        doubts=found.doubts,
    )


def _notes(entry: Entry, found: Fit | Reason, run_time: RunTime | Unknown, job: Job) -> Iterable[str]:
    if isinstance(found, Fit) and found.machine.note is not None:
        yield str(found.machine.note)
    if isinstance(run_time, RunTime) and run_time.high_s > job.walltime_s:
        yield t("it may need more time than is asked for, and would be stopped then")
    if (note := entry["cost"].get("note")) is not None:
        yield str(Text.of(note))


_KINDS = ("own", "institution", "national", "eurohpc", "commercial")
CURRENCIES = ("DKK", "EUR", "USD")
_ELIGIBLE = ("yes", "not-asked", "unknown", "no")
_DATA = ("ok", "not-asked", "ask", "no")


def in_order(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """The usable rows, what is the person's own or free first, then by price within each currency; and the others."""
    usable: list[Row] = []
    left_out: list[Row] = []
    for row in rows:
        (left_out if row.reasons else usable).append(row)
    return sorted(usable, key=_place_in_order), sorted(left_out, key=lambda row: (_KINDS.index(row.kind), row.name))


def order_words() -> str:
    """What `in_order` does, as a sentence."""
    return t(
        "first your own, then what is free or free within an allocation, then by price: in DKK, in EUR, in USD, as the "
        "lists have them (nothing is converted); last what has no price"
    )


def group_of(row: Row) -> Literal["own", "free", "unknown", "paid", "no-price"]:
    """Which part of the order a row belongs to."""
    if row.site is not None or row.kind == "own":
        return "own"
    if row.charge in ("free", "free-within-allocation"):
        return "free"
    if row.charge == "unknown":
        return "unknown"
    return "no-price" if isinstance(row.money, Unknown) else "paid"


_GROUPS = ("own", "free", "unknown", "paid", "no-price")


def _place_in_order(row: Row) -> tuple[int, int, int, int, float, str]:
    group = group_of(row)
    price = row.money
    if group == "paid" and not isinstance(price, Unknown):
        currency = CURRENCIES.index(price.unit) if price.unit in CURRENCIES else len(CURRENCIES)
        return (_GROUPS.index(group), currency, 0, 0, price.high, row.name)
    return (
        _GROUPS.index(group), _ELIGIBLE.index(row.eligible.answer), _DATA.index(row.data.answer),
        _KINDS.index(row.kind), 0.0, row.name,
    )  # fmt: skip
