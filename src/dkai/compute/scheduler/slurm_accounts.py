"""Accounts and QOS with their limits, and what is used of them. Pure.

Slurm hands a parent account's Max… limits down to its members, and sacctmgr shows them there. Grp… limits hold for the
account that has them, with everybody's use together: those of every level above the user count, and the one with the
least left is the one that stops a job.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dkai.compute.cluster import UNLIMITED, Association, Limits, Qos
from dkai.compute.scheduler.slurm_parse import fields, limit_and_use, number, rows, seconds, tres, whole
from dkai.compute.scheduler.slurm_shell import Frame


@dataclass
class _Level:
    """One record on the way from the user up to the root."""

    grp_tres: dict[str, float] = field(default_factory=dict)
    grp_tres_mins: dict[str, float] = field(default_factory=dict)
    used: dict[str, float] | None = None
    grp_jobs: float | None = None
    grp_submit: float | None = None


def qualities(table: Frame, use: Frame) -> tuple[Qos, ...]:
    """Every QOS that may be seen."""
    used: dict[str, tuple[dict[str, float], dict[str, float]]] = {}
    for line in use.lines:
        record = fields(line)
        if record.get("QOS"):
            used[record["QOS"].rsplit("(", 1)[0]] = limit_and_use(record.get("GrpTRESMins", ""))
    found = []
    for row in rows(table.lines):
        name = row.get("name", "")
        if name:
            limits = Limits(
                grp_tres=tres(row.get("grptres", "")),
                grp_tres_mins=tres(row.get("grptresmins", "")),
                used_tres_mins=used[name][1] if name in used else None,
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
            found.append(Qos(name, limits, "denyonlimit" in flags, whole(row.get("priority", ""))))
    return tuple(found)


def associations(
    user: str, cluster: str | None, *, mine: Frame, above: Frame, use: Frame, default: str | None
) -> tuple[Association, ...] | None:
    """The user's accounts on this cluster; None when neither database nor controller tells."""
    records = [record for line in use.lines if (record := fields(line)).get("Account")]
    if not mine.ok:
        # The database is away, but the controller knows who may do what, all but the QOS.
        own = [r for r in records if r.get("UserName", "").split("(")[0] == user]
        return tuple(_from_controller(record, records) for record in own) if use.ok else None
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
    level = _Level(
        tres(row.get("grptres", "")),
        tres(row.get("grptresmins", "")),
        None,
        number(row.get("grpjobs", "")),
        number(row.get("grpsubmit", "")),
    )
    if record is not None:
        limits, level.used = limit_and_use(record.get("GrpTRESMins", ""))
        # What the controller holds is what it enforces.
        level.grp_tres_mins = limits
        level.grp_tres = limit_and_use(record.get("GrpTRES", ""))[0]
        level.grp_jobs = _most(record.get("GrpJobs", ""))
        level.grp_submit = _most(record.get("GrpSubmitJobs", ""))
    return level


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
    grp_tres: dict[str, float] = {}
    for level in levels:
        for name, most in level.grp_tres.items():
            grp_tres[name] = min(most, grp_tres.get(name, UNLIMITED))
    minutes: dict[str, float] = {}
    # What is used without a limit is the account's, the level above the user's own.
    account = levels[1] if len(levels) > 1 else levels[0]
    used = dict(account.used) if account.used is not None else None
    for name in {name for level in levels for name in level.grp_tres_mins}:
        having = [level for level in levels if name in level.grp_tres_mins]
        left = [level.grp_tres_mins[name] - (level.used or {}).get(name, 0) for level in having]
        tightest = having[left.index(min(left))]
        minutes[name] = tightest.grp_tres_mins[name]
        if used is not None:
            known = (tightest.used or {}).get(name)
            used = None if known is None else used | {name: known}
    return Limits(
        grp_tres=grp_tres,
        grp_tres_mins=minutes,
        used_tres_mins=used,
        max_tres_per_job=max_tres_per_job,
        max_tres_mins_per_job=max_tres_mins_per_job,
        max_wall_s=max_wall_s,
        max_jobs_per_user=max_jobs,
        max_submit_per_user=max_submit,
        grp_jobs=_least([level.grp_jobs for level in levels]),
        grp_submit=_least([level.grp_submit for level in levels]),
    )
