"""What of each allocation is used, held and left, how fast it goes, and what lapses. Pure.

The amounts are hours (Slurm counts minutes). `left` is what Slurm would still let a new job count on: the limit less
what is used less what running jobs may still use. The projection to the end of the period is `used + days left × rate`,
with the rates of the last 7 and of the last 30 days as its two ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone

from dkai.compute.cluster import Allocation, Association, Cluster
from dkai.compute.policy import Policy
from dkai.compute.quote.balance import unit_of
from dkai.compute.quote.estimate import Estimate, show_amount
from dkai.compute.scheduler.slurm_allocations import Lately, Spent
from dkai.core.i18n import nt, t
from dkai.core.units import show_number
from dkai.core.unknown import Unknown, known

DAY_S = 86400.0
MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Person:
    """One person's part of what is used."""

    id: str
    name: str
    used: float


@dataclass(frozen=True, slots=True)
class Line:
    """One allocation. Amounts are in `unit`; `limit` None: there is no limit, Unknown: it was not told."""

    id: str
    name: str
    site: str
    account: str
    counts: str  # TRES, or the place's own unit
    unit: str
    limit: float | Unknown | None
    used: float | Unknown
    set_aside: float | Unknown
    left: float | Unknown | None
    share_used: float | Unknown | None  # 0 to 1, and more where it is overspent
    starts: date | None
    ends: date | None  # from this day on it counts anew, or is gone
    share_of_time: float | Unknown
    a_day: Estimate | Unknown  # the present rate
    projected: Estimate | Unknown  # used when the period ends
    how: str  # how that was computed
    warnings: tuple[str, ...]
    people: tuple[Person, ...] | Unknown
    source: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment to another, both on the cluster's clock; None: not known."""

    starts: datetime | None
    ends: datetime | None
    why: str = ""  # why one of them is not known

    def share(self, now: datetime) -> float | None:
        """How much of it is gone, 0 to 1."""
        if self.starts is None or self.ends is None:
            return None
        return min(1.0, max(0.0, (now - self.starts) / (self.ends - self.starts)))


def lines(site: str, cluster: Cluster, lately: Lately, policy: Policy, *, everybody: bool = False) -> tuple[Line, ...]:
    """Every allocation that the person has at the site: Slurm's budgets, and those of the place's own command."""
    zone = timezone(timedelta(seconds=lately.utc_offset_s))
    now = datetime.fromtimestamp(lately.clock or cluster.asked_at, zone)
    period = period_of(lately, now)
    seen: set[tuple[str, str]] = set()
    found: list[Line] = []
    for one in cluster.associations or ():
        for counts in _budgets(one):
            if (one.account, counts) not in seen:
                seen.add((one.account, counts))
                found.append(_line(site, cluster, one, counts, (lately, period, policy, now), everybody=everybody))
    told = [_of_command(site, cluster, one, policy, now) for one in cluster.allocations or ()]
    own = {one.account for one in cluster.allocations or ()}
    # An account without a budget in Slurm whose allocation the place's command tells has one all the same.
    return (*told, *(line for line in found if line.limit is not None or line.account not in own))


def period_of(lately: Lately, now: datetime) -> Period:
    """When Slurm's count began, and when it begins anew."""
    if lately.half_life_s:
        return Period(None, None, t("what was used fades: it counts half after {n} days",
                                    n=show_number(lately.half_life_s / DAY_S, 1)))  # fmt: skip
    if lately.reset is None:
        return Period(None, None, t("the cluster did not tell when its count begins anew"))
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = day.replace(day=1)
    if lately.reset == "DAILY":
        return Period(day, day + timedelta(days=1))
    if lately.reset == "WEEKLY":
        sunday = day - timedelta(days=(day.weekday() + 1) % 7)
        return Period(sunday, sunday + timedelta(days=7))
    months = {"MONTHLY": 1, "QUARTERLY": 3, "YEARLY": 12}.get(lately.reset)
    if months is None:
        return Period(None, None, t("the cluster's count never begins anew"))
    starts = first.replace(month=(now.month - 1) // months * months + 1)
    after = starts.month + months
    ends = starts.replace(year=starts.year + (after > 12), month=after - 12 if after > 12 else after)
    return Period(starts, ends)


def _budgets(one: Association) -> Sequence[str]:
    """TRES with a limit; without any, what may be said of it all the same: nothing, under an empty name."""
    limited = [key for key, most in one.limits.grp_tres_mins.items() if math.isfinite(most)]
    return sorted(limited) or [""]


_About = tuple[Lately, Period, Policy, datetime]


def _line(site: str, cluster: Cluster, one: Association, counts: str, about: _About, *, everybody: bool) -> Line:
    lately, period, policy, now = about
    scale = 60 * (1024 if counts == "mem" else 1)
    limits, spent = one.limits, counts or _main_tres(lately.days_30, one.account)
    limit = limits.grp_tres_mins[counts] / scale if counts else None
    used = _amount(limits.used_tres_mins, spent, scale, t("what is used was not told"))
    held = _amount(limits.running_tres_mins, spent, scale, t("what running jobs hold was not told"))
    left: float | Unknown | None = None
    if limit is not None:
        left = used if isinstance(used, Unknown) else limit - used - (known(held) or 0)
    rate = _rate(lately, one.account, spent, scale)
    days = None if period.ends is None else max(0.0, (period.ends - now).total_seconds() / DAY_S)
    projected, how = _projected(used, rate, days, period)
    people = _people(lately, one.account, spent, scale) if everybody else ()
    share_of_time = period.share(now)
    line = Line(
        id=f"{site}/{one.account}/{counts or 'none'}", name=one.account, site=site, account=one.account,
        counts=counts, unit=unit_of(spent) if spent else "", limit=limit, used=used, set_aside=held, left=left,
        share_used=_share(used, limit), starts=None if period.starts is None else period.starts.date(),
        ends=None if period.ends is None else period.ends.date(),
        share_of_time=Unknown(period.why) if share_of_time is None else share_of_time, a_day=rate,
        projected=projected, how=how, warnings=(), people=people,
        source="Slurm", asked_at=datetime.fromtimestamp(cluster.asked_at, UTC),
    )  # fmt: skip
    return _warned(line, policy, period, now)


def _main_tres(spent: Sequence[Spent], account: str) -> str:
    """Where there is no limit: GPUs where any were used, else cores."""
    minutes = next((one.minutes for one in spent if one.account == account and not one.user), {})
    return "gres/gpu" if minutes.get("gres/gpu") else "cpu"


def _amount(table: dict[str, float] | None, key: str, scale: float, why: str) -> float | Unknown:
    return Unknown(why) if table is None else table.get(key, 0.0) / scale


def _share(used: float | Unknown, limit: float | None) -> float | Unknown | None:
    if limit is None or isinstance(used, Unknown):
        return used if limit is not None and isinstance(used, Unknown) else None
    return used / limit if limit > 0 else None


def _rate(lately: Lately, account: str, key: str, scale: float) -> Estimate | Unknown:
    """Hours a day: the lesser and the larger of the last 7 and the last 30 days' mean."""
    rates = []
    for name, days, table in (("spent-30", 30, lately.days_30), ("spent-7", 7, lately.days_7)):
        if name in lately.missing:
            return Unknown(lately.missing[name])
        if lately.clock is None:
            return Unknown(t("it was not asked"))
        minutes = next((one.minutes for one in table if one.account == account and not one.user), {})
        rates.append(minutes.get(key, 0.0) / scale / days)
    return Estimate(min(rates), max(rates), unit_of(key))


def _projected(
    used: float | Unknown, rate: Estimate | Unknown, days: float | None, period: Period
) -> tuple[Estimate | Unknown, str]:
    if isinstance(used, Unknown):
        return used, ""
    if isinstance(rate, Unknown):
        return rate, ""
    if days is None:
        return Unknown(period.why), ""
    how = t(
        "{used} used + {days} days × {rate} a day (mean of the last 7 and of the last 30 days, from sreport)",
        used=show_amount(used), days=show_number(days, 0), rate=rate,
    )  # fmt: skip
    return Estimate(used + days * (rate.low or 0), used + days * rate.high, rate.unit), how


def _people(lately: Lately, account: str, key: str, scale: float) -> tuple[Person, ...] | Unknown:
    """Each person's use against the budget, most first."""
    if "people" in lately.missing:
        return Unknown(lately.missing["people"])
    theirs = [one for one in lately.people if one.account == account]
    if not theirs:
        return Unknown(t("the cluster tells it to the account's coordinators only"))
    found = [Person(one.user, one.user, one.minutes.get(key, 0.0) / scale) for one in theirs]
    return tuple(sorted(found, key=lambda person: (-person.used, person.id)))


def _of_command(site: str, cluster: Cluster, one: Allocation, policy: Policy, now: datetime) -> Line:
    """An allocation as the place's own command tells it."""
    not_told = Unknown(t("{source} does not tell it", source=one.source or t("the place's command")))
    used: float | Unknown = not_told if one.used is None else one.used
    limit: float | Unknown = not_told if one.limit is None else one.limit
    both = one.used is not None and one.limit is not None
    ends = _day(one.ends)
    line = Line(
        id=f"{site}/{one.account}/{one.unit}", name=one.account, site=site, account=one.account, counts=one.unit,
        unit=_unit(one.unit), limit=limit, used=used, set_aside=not_told,
        left=(one.limit or 0) - (one.used or 0) if both else not_told,
        share_used=(one.used or 0) / one.limit if both and one.limit else not_told,
        starts=None, ends=ends, share_of_time=not_told, a_day=not_told, projected=not_told, how="",
        warnings=(), people=(), source=one.source, asked_at=datetime.fromtimestamp(cluster.asked_at, UTC),
    )  # fmt: skip
    end = None if ends is None else datetime(ends.year, ends.month, ends.day, tzinfo=now.tzinfo)
    return _warned(line, policy, Period(None, end), now)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text[:10])
    except ValueError:
        return None


def _unit(word: str) -> str:
    return {
        "gpu-hour": t("GPU-hours"), "core-hour": t("core-hours"), "node-hour": t("node-hours"),
        "tb-hour": t("TB-hours"),
    }.get(word, word)  # fmt: skip


def _warned(line: Line, policy: Policy, period: Period, now: datetime) -> Line:
    return replace(line, warnings=tuple(_warnings(line, policy, period, now)))


def _warnings(line: Line, policy: Policy, period: Period, now: datetime) -> Iterator[str]:
    """What an adviser should know today."""
    limit, used, left = known(line.limit), known(line.used), known(line.left)
    if limit is None or used is None or left is None:
        return
    if left <= 0:
        yield t("nothing is left: new jobs on {account} wait", account=line.account)
    yield from _at_the_end(line, limit, used, period, now)
    share = used / limit if limit > 0 else 1.0
    cut = policy.unused
    months = None if period.starts is None else (now - period.starts).total_seconds() / DAY_S / MONTH_DAYS
    # Where nobody says when it began, the rule is told as long as it could bite.
    if cut is not None and share < cut.used_share:
        lacking = (cut.used_share - share) * limit
        told = t("{share} % is used, {lacking} {unit} less than the rule asks for after {months} months",
                 share=show_number(share * 100, 0), lacking=show_amount(lacking), unit=line.unit,
                 months=show_number(cut.after_months, 0))  # fmt: skip
        if months is None or months >= cut.after_months - 2:
            yield f"{told}: {cut}"
    if policy.portion is not None:
        yield str(policy.portion)


def _at_the_end(line: Line, limit: float, used: float, period: Period, now: datetime) -> Iterator[str]:
    rate, projected = known(line.a_day), known(line.projected)
    if projected is not None and line.ends is not None and used < limit:
        unused = limit - projected.high
        if unused > 0.1 * limit:
            yield t("at the present rate at least {unused} {unit} of {limit} lapse on {day}",
                    unused=show_amount(unused), unit=line.unit, limit=show_amount(limit), day=line.ends)  # fmt: skip
    if rate is not None and rate.high > 0 and used < limit:
        days = (limit - used) / rate.high
        end = None if period.ends is None else (period.ends - now).total_seconds() / DAY_S
        if end is None or days < end:
            n = round(days)
            yield nt(
                "at the present rate it may be used up in {n} day",
                "at the present rate it may be used up in {n} days",
                n,
            )
    if line.ends is not None and rate is None and used < limit:
        n = (line.ends - now.date()).days
        if n >= 0:
            yield nt("{left} {unit} are left for {n} day", "{left} {unit} are left for {n} days", n,
                     left=show_amount(limit - used), unit=line.unit)  # fmt: skip
