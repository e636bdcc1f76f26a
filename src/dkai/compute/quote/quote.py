"""Cost, balance, limits, carbon and start of one job, before it is sent. Pure arithmetic on what the place said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dkai.compute.cluster import Cluster, hour_budget
from dkai.compute.job import Resources
from dkai.compute.policy import OpenJobs, Policy
from dkai.compute.policy import limits as policy_limits
from dkai.compute.policy import notes as policy_notes
from dkai.compute.quote.balance import Balance, balances, own_allocations, remedies
from dkai.compute.quote.billing import Shape
from dkai.compute.quote.carbon import Carbon, Power
from dkai.compute.quote.carbon import estimate as carbon_of
from dkai.compute.quote.choose import Choice
from dkai.compute.quote.cost import Cost, Hours, by_billing, by_formula, gpu_or_core_hours
from dkai.compute.quote.estimate import Estimate, show_amount
from dkai.compute.quote.formulas import Formula, Given, price_an_hour
from dkai.compute.quote.limit import Ask, Limit, Remedy, Verdict, worst
from dkai.compute.quote.limit_array import most_at_once
from dkai.compute.quote.limits import check, check_machine
from dkai.compute.site import Site, caveat
from dkai.core.clean import one_line
from dkai.core.errors import Refused
from dkai.core.i18n import t
from dkai.core.units import show_duration, show_memory
from dkai.core.unknown import Unknown


@dataclass(frozen=True, slots=True)
class Price:
    """What an hour of one GPU costs by the place's list, from the least to the most, and who said so when."""

    least: float
    most: float
    currency: str  # as the list has it: nothing is converted without a dated rate
    source: str


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a place beside what it says itself: from the catalogue."""

    name: str
    site: Site | None = None
    formula: Formula | None = None
    numbers: Formula | None = None  # prices in DKK by the names that `price_an_hour` reads
    listed: Price | None = None  # of the GPU that the job would get
    model: str = "unknown"  # free-within-allocation, paid, free
    power: Power = field(default_factory=Power)
    policy: Policy = field(default_factory=Policy)
    eligible: str = ""  # who may use it, as the catalogue words it
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
    budget: str  # `none`, `free` (inside an allocation whose hours were not told), `known` or `unknown`
    limits: tuple[Limit, ...]
    carbon: Carbon
    power: Power  # what the carbon was computed from; the receipt uses it again
    start: Start | Unknown
    warnings: tuple[str, ...]
    asked_at: float  # when the place was asked
    at_wall: str = ""  # what happens if it runs for all the time that it asks for
    price_other: Estimate | None = None  # in another currency, as the place's list has it
    tasks: int = 1  # of a job array; amounts are for all of them together
    at_once: int | None = None  # at most so many of them run together, by what was asked for and what is allowed

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
    ours: OpenJobs | None = None,
) -> Quote:
    """The quote. `low_minutes` is the shortest time that was ever measured for this recipe; None: not known.

    `ours` are the jobs that this person's ledger has at the place.
    """
    want, ask = choice.resources, choice.ask
    one = want.longest_s / 3600
    high = one * choice.tasks
    hours = Hours(None if low_minutes is None else min(low_minutes / 60, one) * choice.tasks, high)
    shapes = () if ask is None else ask.shapes(cluster)
    given = givens(choice, cluster, shapes)
    own = None if place.formula is None else by_formula(place.formula, given, hours)
    cost = own or _cost(ask, cluster, shapes, hours)
    common = gpu_or_core_hours(want, hours, shapes)
    price, how, other = _prices(place, given, hours)
    # Where a place takes no money, what its scheduler counts is still shown; where it counts nothing, nothing is.
    counts_nothing = ask is None or (place.model == "free" and isinstance(cost, Unknown))
    has_price = own is not None or other is not None or isinstance(price, Estimate)
    free = counts_nothing and not has_price and place.model != "paid"
    budgets = () if ask is None else balances(ask, cluster)
    if ask is not None and not budgets:
        budgets = own_allocations(ask, cluster, [own.amount, common] if own else [common])
    account = ask.association.account if ask and ask.association else None
    return Quote(
        resources=want,
        partition=ask.partition.name if ask else None,
        account=account,
        qos=ask.qos.name if ask and ask.qos else None,
        chosen=choice.why,
        is_free=free,
        hours=common,
        cost=cost,
        price_dkk=Estimate(0, 0, "DKK") if free else price,
        price_how=how,
        balances=budgets,
        budget=_budget(choice, cluster, place, budgets),
        limits=(*_limits(choice, cluster), *_rules(choice, cluster, place, account, ours)),
        carbon=carbon_of(want.gpus, hours.low, hours.high, place.power),
        power=place.power,
        start=_start(choice, start),
        warnings=tuple(_warnings(choice, cluster, place, shapes)),
        asked_at=cluster.asked_at,
        at_wall=_at_wall(choice, budgets),
        price_other=other,
        tasks=choice.tasks,
        at_once=_at_once(choice, cluster),
    )


def _at_once(choice: Choice, cluster: Cluster) -> int | None:
    if choice.tasks == 1:
        return None
    return choice.at_once if choice.ask is None else most_at_once(choice.ask, cluster)


def givens(choice: Choice, cluster: Cluster, shapes: tuple[Shape, ...]) -> tuple[Given, ...]:
    """What the job would be given, in every way in which it may run; empty where nothing can hold it."""
    want, ask = choice.resources, choice.ask
    if ask is None:
        kinds = set(cluster.gpus[: want.gpus])
        tres = {"cpu": float(want.cpus), "mem": float(want.memory_mb), "node": 1.0, "gres/gpu": float(want.gpus)}
        return (Given(tres, next(iter(kinds)) if len(kinds) == 1 else None),)
    return tuple(Given(shape.tres, _only_type(shape), ask.partition) for shape in shapes)


def _only_type(shape: Shape) -> str | None:
    """The one type of GPU in it; None where there are several, or none has a name."""
    there = {g.type for node, _ in shape.nodes for g in node.gres if g.name == "gpu"}
    named = {key.partition(":")[2] for key in shape.tres if key.startswith("gres/gpu:")} or there
    return next(iter(named)) if len(named) == 1 else None


def _start(choice: Choice, start: Start | Unknown | None) -> Start | Unknown:
    if choice.ask is None:
        return Unknown(t("it starts at once"))
    return Unknown(t("the scheduler was not asked")) if start is None else start


def _limits(choice: Choice, cluster: Cluster) -> tuple[Limit, ...]:
    return check_machine(choice.resources, cluster) if choice.ask is None else check(choice.ask, cluster)


def _rules(
    choice: Choice, cluster: Cluster, place: Place, account: str | None, ours: OpenJobs | None
) -> tuple[Limit, ...]:
    """What the place's own documents forbid, which its scheduler does not tell."""
    if place.site is None:
        return ()
    partition = choice.ask.partition.name if choice.ask else None
    mine = cluster.my_jobs if choice.ask else None
    return policy_limits(
        place.policy, place.site, choice.resources, partition, account, mine=mine, ours=ours, tasks=choice.tasks
    )


def _cost(ask: Ask | None, cluster: Cluster, shapes: tuple[Shape, ...], hours: Hours) -> Cost | Unknown:
    """In the scheduler's own unit."""
    if ask is None:
        return Unknown(t("nobody counts it"))
    weights = ask.partition.billing_weights
    found = by_billing(shapes, hours, rule=cluster.billing_rule, has_weights=bool(weights))
    if found is not None:
        return found
    if weights is None:
        return Unknown(t("the cluster did not tell the billing weights of {name}", name=ask.partition.name))
    return Unknown(t("no node of {name} can hold the job", name=ask.partition.name))


def _prices(place: Place, given: tuple[Given, ...], hours: Hours) -> tuple[Estimate | Unknown, str, Estimate | None]:
    """In DKK, how that was computed, and in another currency where the place's list has only that."""
    nothing = Unknown(t("no price is known"))
    if place.numbers is not None:
        found = [price_an_hour(place.numbers.parameters, one) for one in given]
        known = [one for one in found if one is not None]
        if known and len(known) == len(found):
            most = max(known)
            return hours.of(min(known)[0], most[0], "DKK"), f"{most[1]} ({place.numbers.source})", None
    gpus = [one.gpus for one in given]
    if place.listed is None or not gpus or not min(gpus):
        return nothing, "", None
    amount = hours.of(min(gpus) * place.listed.least, max(gpus) * place.listed.most, place.listed.currency)
    how = t("price list for one GPU an hour × {n} ({source})", n=max(gpus), source=place.listed.source)
    return (amount, how, None) if place.listed.currency == "DKK" else (nothing, how, amount)


def _budget(choice: Choice, cluster: Cluster, place: Place, found: tuple[Balance, ...]) -> str:
    if choice.ask is None:
        return "none"
    if found:
        return "unknown" if any(balance.left is None for balance in found) else "known"
    # Budgets that this job does not draw on, such as one of GPU-hours for a job without, are none for it.
    told = "none" if hour_budget(cluster, choice.ask.association) != "unknown" else "unknown"
    return "free" if place.model == "free-within-allocation" else told


def _at_wall(choice: Choice, found: tuple[Balance, ...]) -> str:
    """What is lost, kept and used if the job is still running when its time is up."""
    want = choice.resources
    says = t("stopped after {time}; what it has written by then stays", time=show_duration(want.walltime_s))
    if choice.tasks > 1:
        says = t("each task is stopped after {time}; what it has written by then stays",
                 time=show_duration(want.walltime_s))  # fmt: skip
    if want.starts > 1:
        says = t("after {time} it goes back into the queue and on from its checkpoint, up to {n} times: at most {all}"
                 " in all", time=show_duration(want.walltime_s), n=want.starts - 1,
                 all=show_duration(want.longest_s))  # fmt: skip
    worst_of = min((b for b in found if b.after is not None), key=lambda b: b.after or 0, default=None)
    if worst_of is None or worst_of.is_over:
        return says
    used = t(
        "{need} {unit} are used then, {after} left", need=show_amount(worst_of.need), unit=worst_of.unit,
        after=show_amount(worst_of.after or 0),
    )  # fmt: skip
    return f"{says}; {used}"


def _warnings(choice: Choice, cluster: Cluster, place: Place, shapes: tuple[Shape, ...]) -> Iterator[str]:
    ask, want = choice.ask, choice.resources
    if says := caveat(cluster.scheduler):
        yield says
    if cluster.scheduler == "lsf":
        yield t("LSF's queues are called partitions here")
        if cluster.memory_per_slot is None and want.cpus > 1:
            yield t("LSF did not tell whether memory counts for each core or for the job: taken as for each core")
    yield from choice.warnings
    yield from place.facts
    yield from policy_notes(place.policy, want, ask.partition.name if ask else None)
    if ask is not None:
        if ask.partition.exclusive and cluster.scheduler != "ucloud":
            yield t("{name} gives whole nodes: all cores and GPUs of the node are counted", name=ask.partition.name)
        elif want.exclusive:
            yield t("whole nodes (--exclusive): all cores and GPUs of the node are counted")
        yield from _more_cores(ask.partition.name, ask.partition.max_mem_per_cpu_mb, want, shapes)
    reasons: dict[str, list[str]] = {}
    for probe, why in sorted(cluster.missing.items()):
        reasons.setdefault(one_line(why, 120), []).append(probe)
    for why, probes in reasons.items():
        yield t("not told by {name} ({probes}): {why}", name=cluster.name, probes=", ".join(probes), why=why)


def _more_cores(name: str, most_mb: float | None, want: Resources, shapes: tuple[Shape, ...]) -> Iterator[str]:
    """That memory brings cores, where it does."""
    cores = max((shape.tres["cpu"] / shape.tres["node"] for shape in shapes), default=0)
    asked = -(-want.cpus // want.nodes)
    if most_mb and not want.exclusive and want.memory_mb > most_mb * asked and cores > asked:
        yield t("{name} gives at most {memory} a core: up to {n} cores a node are given and counted", name=name,
                memory=show_memory(most_mb), n=int(cores))  # fmt: skip


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
