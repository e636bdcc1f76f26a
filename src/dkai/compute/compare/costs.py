"""What the job costs at a place of the catalogue: in the place's own unit, and in money where a price is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import TYPE_CHECKING, Any

from dkai.compute.cluster import Gres, NodeKind, Partition
from dkai.compute.compare.facts import first_source
from dkai.compute.compare.fit import Fit
from dkai.compute.compare.offers import OLD_DAYS, Offer
from dkai.compute.compare.rows import Cost
from dkai.compute.compare.runtime import RunTime
from dkai.compute.policy import Policy
from dkai.compute.quote.formulas import Formula, Given, price_an_hour, rate
from dkai.core.i18n import nt, t
from dkai.core.units import show_number
from dkai.core.unknown import Unknown

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Entry


@dataclass(frozen=True, slots=True)
class Hours:
    """From `low` (None: not known) to `high` hours, and what is asked for."""

    low: float | None
    high: float
    asked: float


def hours_of(run_time: RunTime | Unknown, walltime_s: int) -> Hours:
    """The hours that the job takes by the estimate; without one, at most what is asked for."""
    asked = walltime_s / 3600
    if isinstance(run_time, Unknown):
        return Hours(None, asked, asked)
    return Hours(run_time.low_s / 3600, run_time.high_s / 3600, asked)


def over_time(
    least: float, most: float, unit: str, hours: Hours, *, formula: str, source: str, date: str | None, read: str = "",
    old: bool = False,
) -> Cost:  # fmt: skip
    """An amount an hour, from `least` to `most`, over the time."""
    low = None if hours.low is None else least * hours.low
    return Cost(low, most * hours.high, unit, most * hours.asked, formula, source, date, read, old)


def own_cost(entry: Entry, fit: Fit, policy: Policy, hours: Hours) -> Cost | Unknown:
    """In the unit that the place counts in, by its published formula."""
    cost = entry["cost"]
    if cost["model"] == "free":
        return Unknown(t("nobody counts it"))
    billing = cost.get("billing") or {}
    if not billing.get("formula") and cost["model"] == "paid":
        return Unknown(t("counted in money only"))
    if not billing.get("formula"):
        return Unknown(t("how use is counted there is not published, or not in numbers"))
    formula = Formula(billing["formula"], billing.get("parameters") or {})
    found = rate(formula, given_of(fit, policy))
    if found is None:
        return Unknown(t("the place's formula says nothing about such a job"))
    source = first_source(entry, cost)
    words = t("time × {formula}", formula=found.words)
    return over_time(found.an_hour, found.an_hour, found.unit, hours, formula=words, source=source.url,
                     date=source.copied or source.checked, read=source.checked)  # fmt: skip


def given_of(fit: Fit, policy: Policy) -> Given:
    """What the place would give the job: its share, or whole nodes where only these are given."""
    machine = fit.machine
    name = next((word for word in machine.partition.replace(",", " ").split()), "")
    gres = () if machine.gpu is None else (Gres("gpu", machine.gpu.id, machine.gpus or 0),)
    node = NodeKind(1, machine.cpus or 0, int((machine.memory_gb or 0) * 1024), gres)
    whole = policy.whole_nodes is not None and policy.whole_nodes.covers(name)
    partition = Partition(name, nodes=(node,), exclusive=whole)
    nodes = ceil(fit.gpus / machine.gpus) if fit.gpus and machine.gpus else 1
    tres = {"cpu": float(fit.cpus), "mem": fit.memory_gb * 1024, "node": float(nodes), "gres/gpu": float(fit.gpus)}
    if whole:
        tres["cpu"] = max(tres["cpu"], float((machine.cpus or 0) * nodes))
        tres["gres/gpu"] = max(tres["gres/gpu"], float((machine.gpus or 0) * nodes))
    if not fit.gpus:
        del tres["gres/gpu"]
    kind = None
    if machine.gpu is not None and fit.gpus:
        # The smallest slice, as NVIDIA's driver begins its name.
        kind = machine.gpu.id if machine.units_per_gpu == 1 else f"{machine.gpu.id} MIG 1g."
    return Given(tres, kind, partition)


def money(
    entry: Entry, fit: Fit, policy: Policy, hours: Hours, *, offer: Offer | None, today: date
) -> Cost | Unknown:  # fmt: skip
    """In money, as the list has it: nothing is converted without a dated rate."""
    model = entry["cost"]["model"]
    parameters = (entry["cost"].get("billing") or {}).get("parameters") or {}
    if any(name.startswith("dkk_") for name in parameters):
        return _in_dkk(entry, fit, policy, hours)
    if offer is not None and fit.gpus:
        return _offered(offer, fit, hours, today)
    if model == "free":
        return Unknown(t("free"))
    if model == "free-within-allocation":
        return Unknown(t("free within the allocation"))
    monthly = [one for one in entry["cost"].get("price") or () if _per(one) == "month"]
    if monthly and model == "paid":
        return Unknown(t("priced by the month, not by the hour"))
    return Unknown(t("no price by the hour is known"))


def _per(price: Mapping[str, Any]) -> str:
    per = price.get("per")
    return str(per["en"] if isinstance(per, Mapping) else per)


def _in_dkk(entry: Entry, fit: Fit, policy: Policy, hours: Hours) -> Cost | Unknown:
    cost = entry["cost"]
    found = price_an_hour(cost["billing"]["parameters"], given_of(fit, policy))
    if found is None:
        return Unknown(t("no price by the hour is known"))
    prices = [one for one in cost.get("price") or () if one.get("dkk") is not None]
    source = first_source(entry, prices[0] | {"checked": ""}) if prices else first_source(entry, cost)
    dated = next((str(one["dated"]) for one in prices if one.get("dated")), None)
    return over_time(found[0], found[0], "DKK", hours, formula=t("time × {formula}", formula=found[1]),
                     source=source.url, date=dated, read=source.checked)  # fmt: skip


def _offered(offer: Offer, fit: Fit, hours: Hours, today: date) -> Cost:
    each = offer.least / offer.gpus, offer.most / offer.gpus
    amount = show_number(each[0], 2) if each[0] == each[1] else f"{show_number(each[0], 2)}–{show_number(each[1], 2)}"
    formula = nt(
        "time × {n} GPU × {price} {currency}", "time × {n} GPUs × {price} {currency}", offer.gpus,
        price=amount, currency=offer.currency,
    )  # fmt: skip
    if offer.gpus > fit.gpus:
        formula += t("; the machine is rented whole, with all its {n} GPUs", n=offer.gpus)
    if offer.where:
        formula += f" ({offer.where})"
    age = offer.age_days(today)
    return over_time(offer.least, offer.most, offer.currency, hours, formula=formula, source=offer.source,
                     date=offer.dated, read=offer.read, old=age is None or age > OLD_DAYS)  # fmt: skip
