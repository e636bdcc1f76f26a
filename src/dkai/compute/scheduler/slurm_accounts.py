"""Accounts and QOS with their limits, and what is used of them. Pure.

Slurm hands a parent account's Max… limits down to its members, and sacctmgr shows them there. Grp… limits hold for the
account that has them, with everybody's use together: those of every level above the user count, and the one with the
least left is the one that stops a job.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dkai.compute.cluster import Association, Limits, Qos
from dkai.compute.scheduler.slurm_parse import fields, limit_and_use, number, pairs, rows, seconds, tres, whole
from dkai.compute.scheduler.slurm_shell import Frame


@dataclass
class _Level:
    """One record on the way from the user up to the root. `used` and `running` are minutes."""

    grp_tres: dict[str, float] = field(default_factory=dict)
    used_tres: dict[str, float] | None = None
    grp_tres_mins: dict[str, float] = field(default_factory=dict)
    used: dict[str, float] | None = None
    running: dict[str, float] | None = None
    grp_tres_run_mins: dict[str, float] = field(default_factory=dict)
    grp_jobs: float | None = None
    grp_submit: float | None = None


def qualities(table: Frame, use: Frame) -> tuple[Qos, ...]:
    """Every QOS that may be seen."""
    records = [fields(line) for line in use.lines]
    used = {record["QOS"].rsplit("(", 1)[0]: record for record in records if record.get("QOS")}
    found = []
    for row in rows(table.lines):
        name = row.get("name", "")
        if name:
            record = used.get(name)
            limits = Limits(
                grp_tres=tres(row.get("grptres", "")),
                used_tres=_used(record, "GrpTRES"),
                grp_tres_mins=tres(row.get("grptresmins", "")),
                used_tres_mins=_used(record, "GrpTRESMins"),
                running_tres_mins=_used(record, "GrpTRESRunMins"),
                grp_tres_run_mins=tres(row.get("grptresrunmins", "")),
                max_tres_per_account=tres(row.get("maxtrespa", "")),
                max_tres_per_job=tres(row.get("maxtres", "")),
                max_tres_per_user=tres(row.get("maxtrespu", "")),
                max_tres_mins_per_job=tres(row.get("maxtresmins", "")),
                max_wall_s=seconds(row.get("maxwall", "")),
                max_jobs_per_user=number(row.get("maxjobspu", "")),
                max_submit_per_user=number(row.get("maxsubmitpu", "")),
                grp_jobs=number(row.get("grpjobs", "")),
                grp_submit=number(row.get("grpsubmit", "")),
            )
            flags = row.get("flags", "").lower().split(",")
            priority, factor = whole(row.get("priority", "")), number(row.get("usagefactor", ""))
            found.append(Qos(name, limits, "denyonlimit" in flags, priority, factor))
    return tuple(found)


def _used(record: dict[str, str] | None, key: str) -> dict[str, float] | None:
    """What assoc_mgr says is used, in the record's `GrpTRES=cpu=N(3)`; None where it says nothing."""
    if record is None or key not in record:
        return None
    return limit_and_use(record[key])[1]


def associations(
    user: str, cluster: str | None, *, mine: Frame, above: Frame, use: Frame, share: Frame, default: str | None
) -> tuple[Association, ...] | None:
    """The user's accounts on this cluster; None when neither database nor controller tells."""
    records = [record for line in use.lines if (record := fields(line)).get("Account")]
    if share.ok:
        # What sshare knows comes in where assoc_mgr was silent.
        records += _from_share(share, records)
    if not mine.ok:
        # The database is away, but the controller knows who may do what, all but the QOS.
        own = [r for r in records if r.get("UserName", "").split("(")[0] == user]
        return tuple(_from_controller(record, records) for record in own) if use.ok or own else None
    # A database may serve several clusters.
    here = [row for row in rows(mine.lines) if not cluster or row.get("cluster", cluster) == cluster]
    groups = {
        row["account"]: row
        for row in rows(above.lines)
        if not row.get("user") and (not cluster or row.get("cluster", cluster) == cluster) and row.get("account")
    }
    return tuple(_from_database(row, groups, records, default) for row in here if row.get("account"))


def _from_database(
    row: dict[str, str], groups: dict[str, dict[str, str]], records: list[dict[str, str]], default: str | None
) -> Association:
    account, partition = row["account"], row.get("partition") or None
    own = _record(records, account, partition, is_user=True)
    levels = [_level(row, own)]
    name, seen = account, set[str]()
    while name and name not in seen:
        seen.add(name)
        group, record = groups.get(name, {}), _record(records, name, None, is_user=False)
        if group or record:
            levels.append(_level(group, record))
        name = group.get("parentname", "") or group.get("parname", "") or _parent(record or {})
    return Association(
        account=account,
        partition=partition,
        is_default=account == default if default else (own or {}).get("DefAssoc") == "Yes",
        qos=tuple(name for name in row.get("qos", "").split(",") if name),
        default_qos=row.get("defqos") or None,
        limits=_together(
            levels,
            max_tres_per_job=tres(row.get("maxtres", "")),
            max_tres_mins_per_job=tres(row.get("maxtresmins", "")),
            max_wall_s=seconds(row.get("maxwall", "")),
            max_jobs=number(row.get("maxjobs", "")),
            max_submit=number(row.get("maxsubmit", "")),
        ),
    )


def _from_controller(record: dict[str, str], records: list[dict[str, str]]) -> Association:
    levels = [_level({}, record)]
    name, seen = record["Account"], set[str]()
    while name not in seen and (group := _record(records, name, None, is_user=False)):
        seen.add(name)
        levels.append(_level({}, group))
        name = _parent(group)
    wall = number(record.get("MaxWallPJ", ""))
    return Association(
        account=record["Account"],
        partition=record.get("Partition") or None,
        is_default=record.get("DefAssoc") == "Yes",
        limits=_together(
            levels,
            max_tres_per_job=tres(record.get("MaxTRESPJ", "")),
            max_tres_mins_per_job=tres(record.get("MaxTRESMinsPJ", "")),
            max_wall_s=None if wall is None else wall * 60,
            max_jobs=_most(record.get("MaxJobs", "")),
            max_submit=_most(record.get("MaxSubmitJobs", "")),
        ),
    )


def _from_share(share: Frame, known: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    """sshare's rows as assoc_mgr would write them: limits of a group's minutes, and what is used of them.

    GrpTRESRaw and TRESRunMins are minutes (sshare(1)); accounts are indented by their depth.
    """
    for row in rows(share.lines):
        account, user = row.get("account", "").strip(), row.get("user", "")
        if not account or _record(known, account, row.get("partition") or None, is_user=bool(user)):
            continue
        limits = pairs(row.get("grptresmins", ""))
        used, running = pairs(row.get("grptresraw", "")), pairs(row.get("tresrunmins", ""))
        yield {
            "Account": account,
            "UserName": user,
            "Partition": row.get("partition", ""),
            "GrpTRESMins": ",".join(f"{n}={limits.get(n, 'N')}({used.get(n, '')})" for n in {**limits, **used}),
            "GrpTRESRunMins": ",".join(f"{name}=N({amount})" for name, amount in running.items()),
        }


def _record(
    records: list[dict[str, str]], account: str, partition: str | None, *, is_user: bool
) -> dict[str, str] | None:
    """assoc_mgr's record of an account, or of the user on it (only the user's own were brought home)."""
    for record in records:
        same = record["Account"] == account and bool(record.get("UserName")) == is_user
        if same and (not is_user or (record.get("Partition") or None) == partition):
            return record
    return None


def _parent(record: dict[str, str]) -> str:
    """The account above in assoc_mgr's `ParentAccount=root(1)`."""
    return record.get("ParentAccount", "").rsplit("(", 1)[0]


def _level(row: dict[str, str], record: dict[str, str] | None) -> _Level:
    if record is None:
        return _Level(
            grp_tres=tres(row.get("grptres", "")),
            grp_tres_mins=tres(row.get("grptresmins", "")),
            grp_tres_run_mins=tres(row.get("grptresrunmins", "")),
            grp_jobs=number(row.get("grpjobs", "")),
            grp_submit=number(row.get("grpsubmit", "")),
        )
    # What the controller holds is what it enforces.
    return _Level(
        grp_tres=limit_and_use(record.get("GrpTRES", ""))[0],
        used_tres=_used(record, "GrpTRES"),
        grp_tres_mins=limit_and_use(record.get("GrpTRESMins", ""))[0],
        used=_used(record, "GrpTRESMins"),
        running=_used(record, "GrpTRESRunMins"),
        grp_tres_run_mins=limit_and_use(record.get("GrpTRESRunMins", ""))[0],
        grp_jobs=_most(record.get("GrpJobs", "")),
        grp_submit=_most(record.get("GrpSubmitJobs", "")),
    )


def _most(text: str) -> float | None:
    """The limit in `10(3)`; None in `N(3)`."""
    return number(text.partition("(")[0])


def _least(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return min(known) if known else None


def _together(
    levels: list[_Level],
    *,
    max_tres_per_job: dict[str, float],
    max_tres_mins_per_job: dict[str, float],
    max_wall_s: float | None,
    max_jobs: float | None,
    max_submit: float | None,
) -> Limits:
    """The tightest of all levels, and of budgets the one with the least left.

    Where the use of one of these is not known, none is given: a part would be taken for the whole.
    """
    # What is used without a limit is the account's, the level above the user's own.
    account = levels[1] if len(levels) > 1 else levels[0]
    minutes: dict[str, float] = {}
    used, running = _copy(account.used), _copy(account.running)
    for name in sorted({name for level in levels for name in level.grp_tres_mins}):
        tightest = min(
            (level for level in levels if name in level.grp_tres_mins),
            key=lambda level: level.grp_tres_mins[name] - _of(level.used, name) - _of(level.running, name),
        )
        minutes[name] = tightest.grp_tres_mins[name]
        used, running = _with(used, name, tightest.used), _with(running, name, tightest.running)
    run_minutes: dict[str, float] = {}
    for name in sorted({name for level in levels for name in level.grp_tres_run_mins}):
        tightest = min(
            (level for level in levels if name in level.grp_tres_run_mins),
            key=lambda level: level.grp_tres_run_mins[name] - _of(level.running, name),
        )
        run_minutes[name] = tightest.grp_tres_run_mins[name]
        if name not in minutes:
            running = _with(running, name, tightest.running)
    grp_tres, used_tres = _at_once(levels, account)
    return Limits(
        grp_tres=grp_tres,
        used_tres=used_tres,
        grp_tres_mins=minutes,
        used_tres_mins=used,
        running_tres_mins=running,
        grp_tres_run_mins=run_minutes,
        max_tres_per_job=max_tres_per_job,
        max_tres_mins_per_job=max_tres_mins_per_job,
        max_wall_s=max_wall_s,
        max_jobs_per_user=max_jobs,
        max_submit_per_user=max_submit,
        grp_jobs=_least([level.grp_jobs for level in levels]),
        grp_submit=_least([level.grp_submit for level in levels]),
    )


def _at_once(levels: list[_Level], account: _Level) -> tuple[dict[str, float], dict[str, float] | None]:
    """The smallest limit of what a group may hold at once, and what is not free of it.

    A job over the smallest limit never starts; one over the least that is free at any level waits. Both can be told
    from these two, whichever levels they are of.
    """
    limits: dict[str, float] = {}
    used = _copy(account.used_tres)
    for name in sorted({name for level in levels for name in level.grp_tres}):
        having = [level for level in levels if name in level.grp_tres]
        limits[name] = min(level.grp_tres[name] for level in having)
        if used is None or any(level.used_tres is None for level in having):
            used = None
            continue
        free = min(level.grp_tres[name] - _of(level.used_tres, name) for level in having)
        used[name] = max(0.0, limits[name] - free)
    return limits, used


def _copy(amounts: dict[str, float] | None) -> dict[str, float] | None:
    return None if amounts is None else dict(amounts)


def _of(amounts: dict[str, float] | None, name: str) -> float:
    return (amounts or {}).get(name, 0)


def _with(all_: dict[str, float] | None, name: str, level: dict[str, float] | None) -> dict[str, float] | None:
    """With this level's amount of `name`; None where that or any before was not told."""
    if all_ is None or level is None or name not in level:
        return None
    return {**all_, name: level[name]}
