"""A row for a site of the person's own: what it said of itself stands in for the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dkai.compute.cluster import Cluster
from dkai.compute.compare.access import data_at
from dkai.compute.compare.costs import Hours, over_time
from dkai.compute.compare.facts import Cited, Gpu, Machine
from dkai.compute.compare.fit import Fit, Reason
from dkai.compute.compare.job import Job
from dkai.compute.compare.rows import Access, Charge, Cost, Data, Eligible, Hardware, Row, Submit
from dkai.compute.compare.runtime import RunTime
from dkai.compute.gate import is_this_computer
from dkai.compute.quote.balance import Balance
from dkai.compute.quote.estimate import Estimate, show_amount
from dkai.compute.quote.limit import Verdict
from dkai.compute.quote.quote import Quote
from dkai.compute.site import Site, caveat
from dkai.core.i18n import t
from dkai.core.levels import Level
from dkai.core.numbers import utc
from dkai.core.unknown import Unknown

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Entry


@dataclass(frozen=True, slots=True)
class Offered:
    """One kind of machine of a site, and how the site itself names what the job would ask for."""

    machine: Machine
    partition: str | None = None
    gpu_type: str | None = None


def machines_of(cluster: Cluster, known: Mapping[str, Sequence[Gpu]], job: Job) -> list[Offered]:
    """What the site has. `known` are the GPUs that may be meant by each of its names, the one of least memory first."""
    said = Cited(checked=_day(cluster.asked_at))
    if cluster.scheduler == "process":
        names = dict.fromkeys(cluster.gpus)
        memory = None if cluster.memory_mb is None else cluster.memory_mb / 1024
        machine = Machine(None, cpus=cluster.cpus, memory_gb=memory, cited=said)
        found = [Offered(machine)]
        for name in names:
            gpu = _meant(name, known, job)
            found.append(Offered(replace(machine, gpu=gpu, gpus=cluster.gpus.count(name))))
        return found
    found = []
    for part in cluster.partitions:
        for node in part.nodes if part.up else ():
            memory = node.memory_mb / 1024 or None  # 0: not told, as of UCloud's machines without a GPU
            machine = Machine(None, cpus=node.cpus, memory_gb=memory, partition=part.name, cited=said)
            gpus = [one for one in node.gres if one.name == "gpu"]
            if not gpus:
                found.append(Offered(machine, part.name))
            for one in gpus:
                gpu = _meant(one.type or "", known, job)
                found.append(Offered(replace(machine, gpu=gpu, gpus=one.count), part.name, one.type))
    return found


def gpu_names_of(cluster: Cluster) -> set[str]:
    """What the site calls its GPUs."""
    gres = {g.type for part in cluster.partitions for node in part.nodes for g in node.gres if g.name == "gpu"}
    return {name for name in (*gres, *cluster.gpus) if name}


def _meant(name: str, known: Mapping[str, Sequence[Gpu]], job: Job) -> Gpu:
    """The GPU that a name means; where it may be several, the one of least memory; where none is known, a blank."""
    found = known.get(name, ())
    if found:
        return found[0] if len(found) == 1 else replace(found[0], part=t("or another of that name"))
    # Nothing speaks against a GPU that nobody knows: it is shown as unknown, and not left out.
    return Gpu("", name or t("a GPU of unknown kind"), job.accelerators[0] if job.accelerators else "", float("inf"))


def row_of(
    site: Site, entry: Entry | None, cluster: Cluster, fit: Fit | Reason, *, job: Job, run_time: RunTime | Unknown,
    quote: Quote | Reason | None, hours: Hours,
) -> Row:  # fmt: skip
    """The row. `quote` is of this very job, made for all the time that is asked for; or why there is none."""
    here = is_this_computer(site)
    data = data_on(site, entry, job)
    reasons = [one for one in (fit, quote) if isinstance(one, Reason)]
    if data.answer == "no" and data.permitted is not None:
        reasons.append(Reason("data-level", t("data up to {level} only", level=data.permitted.label)))
    made = quote if isinstance(quote, Quote) else None
    if made is not None:
        reasons += _refused(made)
    cost, money = _costs(made, cluster, hours)
    charge: Charge = "free" if here or cluster.scheduler == "process" else "unknown"
    if entry is not None and not here:
        charge = entry["cost"]["model"]
    return Row(
        id=site.id,
        name=t("This computer") if here else _name(site, entry),
        kind="own",
        site=site.id,
        charge=charge,
        hardware=Unknown(fit.says) if isinstance(fit, Reason) else _hardware(fit, cluster, made),
        run_time=run_time,
        cost=cost,
        money=money,
        eligible=Eligible("yes", t("a site of your own")),
        access=Access((), t("none: it is set up"), None),
        data=data,
        submit=_submit(site, job),
        reasons=tuple(reasons),
        notes=tuple(_notes(made, cluster, here)),
    )


def unasked_row(site: Site, entry: Entry | None, row: Row | None, why: str, job: Job) -> Row:
    """The row of a site that has not told anything: the catalogue's row of its place, where there is one."""
    base = row or Row(
        site.id, site.id, "own", site.id, "unknown", *(Unknown(why),) * 4, Eligible("yes", t("a site of your own")),
        Access((), None, None), data_on(site, entry, job), Submit("yes", ""),
    )  # fmt: skip
    # That its institution is not among those named is no matter: the person has an account.
    reasons = tuple(one for one in base.reasons if one.code not in ("not-eligible", "data-level"))
    data = data_on(site, entry, job)
    if data.answer == "no" and data.permitted is not None:
        reasons += (Reason("data-level", t("data up to {level} only", level=data.permitted.label)),)
    return replace(
        base, id=site.id, name=_name(site, entry), kind="own", site=site.id, data=data, reasons=reasons,
        eligible=Eligible("yes", t("a site of your own")), submit=_submit(site, job), notes=(why, *base.notes),
    )  # fmt: skip


def _submit(site: Site, job: Job) -> Submit:
    """By which command the job gets there; a way that was never tried on a real one is named so."""
    if site.scheduler == "ucloud":
        return Submit("hand-off", t("dkai compute handoff {recipe} --site {site}", recipe=job.recipe, site=site.id))
    told = t("dkai compute submit {recipe} --site {site}", recipe=job.recipe, site=site.id)
    return Submit("unverified" if caveat(site.scheduler) else "yes", told)


def data_on(site: Site, entry: Entry | None, job: Job) -> Data:
    """Whether the data may go to the site: what the person wrote down of it goes before what the catalogue has."""
    if is_this_computer(site):
        return Data("ok", Level.SENSITIVE, t("the data do not leave this computer"))
    if job.own_data and job.level is not None and site.level is not None:
        says = t("written down for the site: up to {level}", level=site.level.label)
        return Data("ok" if site.level.allows(job.level) else "no", site.level, says)
    found = data_at(entry, job)
    if found.answer == "ask" and entry is None:
        return replace(found, says=t("no level is written down for the site: dkai compute sites set {site} --level …",
                                     site=site.id))  # fmt: skip
    return found


def _name(site: Site, entry: Entry | None) -> str:
    return site.id if entry is None else t("{place} (your site {site})", place=entry.text("name"), site=site.id)


def _hardware(fit: Fit, cluster: Cluster, quote: Quote | None) -> Hardware:
    machine = fit.machine
    gpu = machine.gpu if fit.gpus else None
    memory = None if gpu is None or gpu.memory_gb == float("inf") else gpu.memory_gb
    doubts = fit.doubts
    if gpu is not None and not gpu.id:
        doubts = (*doubts, t("the catalogue does not know this GPU"))
    return Hardware(
        gpu=gpu.id or None if gpu is not None else None,
        name=t("no GPU") if gpu is None else gpu.name,
        gpus=fit.gpus,
        memory_gb=memory,
        part="" if gpu is None else gpu.part,
        cpus=fit.cpus if quote is None else quote.resources.cpus,
        partition=machine.partition,
        source=cluster.name or "",
        date=machine.cited.checked,
        doubts=doubts,
    )


def _costs(quote: Quote | None, cluster: Cluster, hours: Hours) -> tuple[Cost | Unknown, Cost | Unknown]:
    if quote is None:
        return Unknown(t("nobody counts it")), Unknown(t("free"))
    if quote.is_free:
        return Unknown(t("nobody counts it")), Unknown(t("free"))
    day = _day(cluster.asked_at)
    if isinstance(quote.cost, Unknown):
        cost = _spread(quote.hours, hours, t("time × what is asked for"), cluster.name, day)
    else:
        cost = _spread(quote.cost.amount, hours, quote.cost.formula, quote.cost.source, day)
    price = quote.price_other if isinstance(quote.price_dkk, Unknown) else quote.price_dkk
    if price is None:
        return cost, Unknown(t("no price is known"))
    return cost, _spread(price, hours, quote.price_how, quote.price_how, None)


def _spread(amount: Estimate, hours: Hours, formula: str, source: str, day: str | None) -> Cost:
    """The quote's amount for all the time that is asked for, over the hours that are expected."""
    most = amount.high / hours.asked
    least = most if amount.low is None else amount.low / hours.asked
    return over_time(least, most, amount.unit, hours, formula=formula, source=source, date=day, read=day or "")


def _refused(quote: Quote) -> Iterator[Reason]:
    for balance in quote.balances:
        if balance.is_over:
            yield Reason("over-budget", t("{owner}: {need} {unit} needed, {left} left", owner=balance.owner,
                                          need=show_amount(balance.need), unit=balance.unit,
                                          left=show_amount(max(balance.left or 0, 0))))  # fmt: skip
    for limit in quote.limits:
        if limit.verdict is Verdict.REFUSED:
            yield Reason("over-limit", limit.says)


def _notes(quote: Quote | None, cluster: Cluster, here: bool) -> Iterator[str]:
    if quote is None:
        return
    for balance in quote.balances:
        if balance.left is not None and not balance.is_over:
            yield _left(balance)
    for limit in quote.limits:
        if limit.verdict is Verdict.WAITS:
            yield t("waits: {what}", what=limit.says)
    if not here:
        yield t("as it said on {day}; --ask-now asks anew", day=_day(cluster.asked_at))


def _left(balance: Balance) -> str:
    return t("{left} of {limit} {unit} left ({owner})", left=show_amount(max(balance.left or 0, 0)),
             limit=show_amount(balance.limit), unit=balance.unit, owner=balance.owner)  # fmt: skip


def _day(seconds: float) -> str:
    when = utc(seconds)
    return "" if when is None else when.date().isoformat()
