"""The limits of QOS and accounts: how many, how long, how much at once. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dkai.compute.cluster import Cluster, Limits
from dkai.compute.quote.billing import Shape
from dkai.compute.quote.limit import Ask, Limit, Remedy, Verdict, compare, less_time, show_tres, tres_name
from dkai.core.i18n import t
from dkai.core.units import show_duration, show_number


def of_qos_and_account(ask: Ask, cluster: Cluster) -> Iterator[Limit]:
    """The limits of the job's QOS, of the partition's QOS, and of the account; on LSF the queue's and the person's."""
    if ask.qos is not None:
        name = t("QOS {name}", name=ask.qos.name)
        yield from _of_one(ask, cluster, ask.qos.limits, (f"qos-{ask.qos.name}", name), tuple(_other_qos(ask, cluster)))
    elif "qos" in cluster.missing:
        says = t("the limits of its QOS were not told")
        yield Limit("qos", t("QOS"), "", "", Verdict.UNKNOWN, says)
    if ask.partition_qos is not None:
        name = t("QOS {name}", name=ask.partition_qos.name)
        yield from _of_one(ask, cluster, ask.partition_qos.limits, (f"qos-{ask.partition_qos.name}", name))
    if ask.partition.limits is not None:
        name = t("partition {name}", name=ask.partition.name)
        yield from _of_one(ask, cluster, ask.partition.limits, ("partition", name))
    if cluster.limits is not None:
        yield from _of_one(ask, cluster, cluster.limits, ("own", t("your own limits")))
    if ask.association is not None:
        name = t("account {name}", name=ask.association.account)
        yield from _of_one(ask, cluster, ask.association.limits, ("account", name))


def _of_one(
    ask: Ask, cluster: Cluster, limits: Limits, who: tuple[str, str], others: tuple[Remedy, ...] = ()
) -> Iterator[Limit]:
    id_, name = who
    wall = ask.resources.walltime_s
    if limits.max_wall_s is not None and math.isfinite(limits.max_wall_s):
        yield compare(
            f"{id_}-time", t("time, {name}", name=name), asked=show_duration(wall),
            allowed=show_duration(limits.max_wall_s), passes=wall <= limits.max_wall_s,
            remedies=(less_time(limits.max_wall_s), *others),
        )  # fmt: skip
    tres = asked_tres(ask, cluster)
    # One job that alone is over what a person or a group may have at once would wait for ever.
    for kind, table in (
        ("job", limits.max_tres_per_job), ("user", limits.max_tres_per_user),
        ("account", limits.max_tres_per_account), ("group", limits.grp_tres),
    ):  # fmt: skip
        for key, most in table.items():
            if key in tres and math.isfinite(most):
                yield compare(
                    f"{id_}-{kind}-{key}", _label(kind, key, name), asked=show_tres(key, tres[key]),
                    allowed=show_tres(key, most), passes=tres[key] <= most, remedies=(*_fewer(key, most), *others),
                )  # fmt: skip
    yield from _in_use(limits, tres, id_, name)
    yield from _run_minutes(limits, tres, wall, id_, name)
    for key, most in limits.max_tres_mins_per_job.items():
        if key in tres and tres[key] and math.isfinite(most):
            longest_s = most / tres[key] * 60
            yield compare(
                f"{id_}-job-minutes-{key}", t("{what} × minutes a job, {name}", what=tres_name(key), name=name),
                asked=show_number(tres[key] * wall / 60, 0), allowed=show_number(most, 0),
                passes=wall <= longest_s, remedies=(less_time(longest_s),) if longest_s >= 60 else (),
            )  # fmt: skip
    yield from _job_counts(ask, cluster, limits, (id_, name))


def _in_use(limits: Limits, tres: dict[str, float], id_: str, name: str) -> Iterator[Limit]:
    """What the group's jobs hold now: the job waits until they leave room. Alone over the limit is said elsewhere."""
    for key, most in limits.grp_tres.items():
        held = (limits.used_tres or {}).get(key, 0)
        if key in tres and math.isfinite(most) and tres[key] <= most < held + tres[key]:
            says = t("{what}: {held} of {allowed} are in use, and the job needs {asked}: it waits for others to end",
                     what=_label("group", key, name), held=show_tres(key, held), allowed=show_tres(key, most),
                     asked=show_tres(key, tres[key]))  # fmt: skip
            yield Limit(f"{id_}-in-use-{key}", _label("group", key, name), show_tres(key, tres[key]),
                        show_tres(key, most), Verdict.WAITS, says, tuple(_fewer(key, most - held)))  # fmt: skip


def _run_minutes(limits: Limits, tres: dict[str, float], wall: float, id_: str, name: str) -> Iterator[Limit]:
    """GrpTRESRunMins: what running jobs together may still use. Alone over it a job waits for ever."""
    for key, most in limits.grp_tres_run_mins.items():
        if not tres.get(key) or not math.isfinite(most):
            continue
        need = tres[key] * wall / 60
        held = (limits.running_tres_mins or {}).get(key, 0)
        label = t("{what} × minutes of running jobs, {name}", what=tres_name(key), name=name)
        free_s = (most - held) / tres[key] * 60
        longest_s = free_s if need <= most else most / tres[key] * 60
        yield compare(
            f"{id_}-run-minutes-{key}", label, asked=show_number(need + (held if need <= most else 0), 0),
            allowed=show_number(most, 0), passes=need + held <= most,
            too_much=Verdict.REFUSED if need > most else Verdict.WAITS,
            remedies=(less_time(longest_s),) if longest_s >= 60 else (),
        )  # fmt: skip


def asked_tres(ask: Ask, cluster: Cluster) -> dict[str, float]:
    """The least that the job would be given: on the kind of node that bills least, or as asked where none is known."""
    found = ask.shapes(cluster)
    if found:
        shape: Shape = min(found, key=lambda s: (s.billing or 0, s.tres["cpu"]))
        return shape.tres | ({"billing": float(shape.billing)} if shape.billing is not None else {})
    want = ask.resources
    tres: dict[str, float] = {"cpu": want.cpus, "mem": want.memory_mb * want.nodes, "node": want.nodes}
    return tres | ({"gres/gpu": want.gpus} if want.gpus else {})


def _label(kind: str, key: str, name: str) -> str:
    what = tres_name(key)
    if kind == "job":
        return t("{what} a job, {name}", what=what, name=name)
    if kind == "user":
        return t("{what} a person, {name}", what=what, name=name)
    if kind == "account":
        return t("{what} an account, {name}", what=what, name=name)
    return t("{what} in all, {name}", what=what, name=name)


def _fewer(key: str, most: float) -> Iterator[Remedy]:
    option = {"cpu": "--cpus {}", "mem": "--memory {}M"}.get(key, "--gpus {}" if key.startswith("gres/gpu") else "")
    if option and most >= 1:
        yield Remedy(t("ask for at most {allowed}", allowed=show_tres(key, most)), option.format(int(most)))


def _job_counts(ask: Ask, cluster: Cluster, limits: Limits, who: tuple[str, str]) -> Iterator[Limit]:
    """How many jobs there may be. dkai counts its person's jobs of every QOS, so too many is said as certain only of
    an array that alone is too large."""
    id_, name = who
    for kind, label, most in (
        ("submit", t("jobs in the queue, {name}", name=name), limits.max_submit_per_user),
        ("jobs", t("jobs running at once, {name}", name=name), limits.max_jobs_per_user),
        ("group-submit", t("jobs of all in the queue, {name}", name=name), limits.grp_submit),
        ("group-jobs", t("jobs of all running at once, {name}", name=name), limits.grp_jobs),
    ):
        if most is None or not math.isfinite(most):
            continue
        may = show_number(most, 0)
        if cluster.my_jobs is None:
            says = t("{name}: {allowed} allowed; how many there are was not told", name=label, allowed=may)
            yield Limit(f"{id_}-{kind}", label, "", may, Verdict.UNKNOWN, says)
        else:
            queued = kind.endswith("submit")
            count = cluster.my_jobs + (ask.tasks if queued else min(ask.tasks, ask.at_once or ask.tasks))
            yield compare(
                f"{id_}-{kind}", label, asked=show_number(count), allowed=may, passes=count <= most,
                too_much=Verdict.REFUSED if queued and 1 < ask.tasks > most else Verdict.WAITS,
                remedies=_fewer_jobs(ask, most, queued=queued),
            )  # fmt: skip


def _fewer_jobs(ask: Ask, most: float, *, queued: bool) -> tuple[Remedy, ...]:
    wait = Remedy(t("wait until one ends, or cancel one"), "dkai compute jobs")
    if ask.tasks == 1:
        # An array would not do: each of its tasks counts as a job (acct_policy.c).
        return wait, Remedy(t("put several inputs into one job"), "--input A --input B")
    if not queued:
        return (Remedy(t("nothing to do: tasks wait their turn")),)
    return (split(most),) if ask.tasks > most else (wait, split(most))


def split(most: float) -> Remedy:
    """Sweep fewer at a time: tasks that wait count as well."""
    return Remedy(t("split the grid into sweeps of at most {n} tasks; --at-once does not help", n=show_number(most, 0)))


def _other_qos(ask: Ask, cluster: Cluster) -> Iterator[Remedy]:
    """Other QOS of the account whose limits this job keeps."""
    allowed = ask.association.qos if ask.association else ()
    tres = asked_tres(ask, cluster)
    for qos in cluster.qos:
        limits = qos.limits
        if qos.name not in allowed or (ask.qos is not None and qos.name == ask.qos.name):
            continue
        tables = (limits.max_tres_per_job, limits.max_tres_per_user, limits.grp_tres)
        fits = all(tres.get(key, 0) <= most for table in tables for key, most in table.items())
        if fits and (limits.max_wall_s is None or limits.max_wall_s >= ask.resources.walltime_s):
            yield Remedy(t("use the QOS {name}", name=qos.name), f"--qos {qos.name}")
