"""Cost, balance, limits, carbon and start of one job, before it is sent. Pure arithmetic on what the place said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dkai.compute.cluster import Cluster
from dkai.compute.job import Resources
from dkai.compute.quote.balance import Balance, balances, budget_is_known, remedies
from dkai.compute.quote.carbon import Carbon, Power
from dkai.compute.quote.carbon import estimate as carbon_of
from dkai.compute.quote.choose import Choice
from dkai.compute.quote.cost import Cost, Hours, by_billing, by_formula, gpu_or_core_hours
from dkai.compute.quote.estimate import Estimate, show_amount
from dkai.compute.quote.formulas import Formula
from dkai.compute.quote.limit import Limit, Remedy, Verdict, worst
from dkai.compute.quote.limits import check, check_machine
from dkai.core.clean import one_line
from dkai.core.errors import Refused
from dkai.core.i18n import t
from dkai.core.unknown import Unknown


@dataclass(frozen=True, slots=True)
class Price:
    """What an hour of this very job costs in DKK, how that was computed, and who said so when."""

    dkk_an_hour: float
    how: str
    source: str


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a place beside what it says itself: from the catalogue."""

    name: str
    formula: Formula | None = None
    price: Price | None = None
    power: Power = field(default_factory=Power)
    facts: tuple[str, ...] = ()  # what surprises newcomers, as sentences


@dataclass(frozen=True, slots=True)
class Start:
    """The scheduler's own guess at when the job would start. A guess, not a promise."""

    at: float  # Unix seconds
    says: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What one job asks for, costs and touches. Every number says where it is from."""

    resources: Resources
    partition: str | None
    account: str | None
    qos: str | None
    chosen: tuple[str, ...]
    is_free: bool
    hours: Estimate  # GPU-hours or core-hours
    cost: Cost | Unknown  # in the unit the place counts in
    price_dkk: Estimate | Unknown
    price_how: str
    balances: tuple[Balance, ...]
    budget: str  # `none`, `known` or `unknown`
    limits: tuple[Limit, ...]
    carbon: Carbon
    power: Power  # what the carbon was computed from; the receipt uses it again
    start: Start | Unknown
    warnings: tuple[str, ...]
    asked_at: float  # when the place was asked

    @property
    def verdict(self) -> Verdict:
        """The gravest of all limits and budgets."""
        if any(balance.is_over for balance in self.balances):
            return Verdict.REFUSED
        return worst(self.limits)


def make_quote(
    choice: Choice,
    cluster: Cluster,
    place: Place,
    *,
    low_minutes: float | None = None,
    start: Start | Unknown | None = None,
) -> Quote:
    """The quote. `low_minutes` is the shortest time that was ever measured for this recipe; None: not known."""
    want = choice.resources
    high = want.walltime_s / 3600
    hours = Hours(None if low_minutes is None else min(low_minutes / 60, high), high)
    common = gpu_or_core_hours(want, hours)
    footprint = carbon_of(want.gpus, hours.low, hours.high, place.power)
    if choice.ask is None:
        return Quote(
            resources=want, partition=None, account=None, qos=None, chosen=choice.why, is_free=True, hours=common,
            cost=Unknown(t("nobody counts it")), price_dkk=Estimate(0, 0, "DKK"), price_how="", balances=(),
            budget="none", limits=check_machine(want, cluster), carbon=footprint, power=place.power,
            start=Unknown(t("it starts at once")), warnings=(*choice.warnings, *place.facts), asked_at=cluster.asked_at,
        )  # fmt: skip
    ask, price = choice.ask, place.price
    return Quote(
        resources=want,
        partition=ask.partition.name,
        account=ask.association.account if ask.association else None,
        qos=ask.qos.name if ask.qos else None,
        chosen=choice.why,
        is_free=False,
        hours=common,
        cost=_cost(choice, cluster, hours, place),
        price_dkk=Unknown(t("no price is known"))
        if price is None
        else hours.of(price.dkk_an_hour, price.dkk_an_hour, "DKK"),
        price_how="" if price is None else f"{price.how} ({price.source})",
        balances=balances(ask, cluster),
        budget=_budget(choice, cluster),
        limits=check(ask, cluster),
        carbon=footprint,
        power=place.power,
        start=Unknown(t("the scheduler was not asked")) if start is None else start,
        warnings=(*choice.warnings, *place.facts, *_warnings(choice, cluster)),
        asked_at=cluster.asked_at,
    )


def _cost(choice: Choice, cluster: Cluster, hours: Hours, place: Place) -> Cost | Unknown:
    ask = choice.ask
    if ask is None:
        return Unknown(t("nobody counts it"))
    own = None if place.formula is None else by_formula(choice.resources, ask.partition, hours, place.formula)
    if own is not None:
        return own
    weights = ask.partition.billing_weights
    found = by_billing(ask.shapes(cluster), hours, rule=cluster.billing_rule, has_weights=bool(weights))
    if found is not None:
        return found
    if weights is None:
        return Unknown(t("the cluster did not tell the billing weights of {name}", name=ask.partition.name))
    return Unknown(t("no node of {name} can hold the job", name=ask.partition.name))


def _budget(choice: Choice, cluster: Cluster) -> str:
    if not budget_is_known(cluster):
        return "unknown"
    found = balances(choice.ask, cluster) if choice.ask else ()
    if any(balance.left is None for balance in found):
        return "unknown"
    return "known" if found else "none"


def _warnings(choice: Choice, cluster: Cluster) -> Iterator[str]:
    ask = choice.ask
    if ask is not None and ask.partition.exclusive:
        yield t("{name} gives whole nodes: all cores and GPUs of the node are counted", name=ask.partition.name)
    if cluster.associations is not None and not cluster.associations and "associations" in cluster.enforced:
        yield t("you have no account on {name}: the job may be refused", name=cluster.name)
    reasons: dict[str, list[str]] = {}
    for probe, why in sorted(cluster.missing.items()):
        reasons.setdefault(one_line(why, 120), []).append(probe)
    for why, probes in reasons.items():
        yield t("not told by {name} ({probes}): {why}", name=cluster.name, probes=", ".join(probes), why=why)


def refuse(quote: Quote, choice: Choice, cluster: Cluster, advice: tuple[str, ...] = ()) -> Refused | None:
    """The error that says why this job must not be sent, and all that would make it pass; None when nothing is over."""
    over = [balance for balance in quote.balances if balance.is_over]
    limits = [limit for limit in quote.limits if limit.verdict is Verdict.REFUSED]
    if not over and not limits:
        return None
    details = {"balances": over, "limits": limits}
    if over and choice.ask is not None:
        first = min(over, key=lambda b: b.after or 0)
        message = t(
            "this job could use {need} {unit}; {owner} has {left} left",
            need=show_amount(first.need), unit=first.unit, owner=first.owner, left=show_amount(max(first.left or 0, 0)),
        )  # fmt: skip
        ways: list[Remedy] = list(remedies(choice.ask, cluster, first))
        code = "over-budget"
    else:
        message, ways, code = limits[0].says, list(limits[0].remedies), "over-limit"
    more = [b.owner + ": " + b.name for b in over[1:]] + [x.says for x in (limits if over else limits[1:])]
    lines = [str(way) for way in ways] + list(advice)
    lines += [t("also: {what}", what=what) for what in more]
    nevertheless = t("to send it nevertheless: --allow-over (the scheduler may refuse it, or it may wait for ever)")
    lines.append(nevertheless if choice.ask is not None else t("to start it nevertheless: --allow-over"))
    return Refused(message, code=code, hint="\n".join(lines), details=details)
