"""Who may use a place, what data may go there by what is written, how one gets in, and whether dkai submits there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from dkai.compute.compare.facts import first_source
from dkai.compute.compare.fit import Reason
from dkai.compute.compare.job import Job
from dkai.compute.compare.rows import Access, Data, Eligible, Submit
from dkai.compute.compare.runtime import RunTime
from dkai.core.i18n import t
from dkai.core.levels import Level
from dkai.core.text import Text
from dkai.core.units import show_duration, show_number
from dkai.core.unknown import Unknown

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Entry


def eligible(entry: Entry, institution: str | None) -> Eligible:
    """Whether people of the institution may use the place."""
    access = entry["access"]
    source = first_source(entry, access)
    who = str(Text.of(access["who"]))
    if "anyone" in access["eligible"] or institution in access["eligible"]:
        return Eligible("yes", who, source.url, source.checked)
    if institution is None:
        return Eligible("not-asked", t("{who} (say --institution)", who=who), source.url, source.checked)
    gap = entry.why_unknown("access.eligible")
    if gap is not None:
        return Eligible("unknown", t("not among those that are named; {why}", why=gap), source.url, source.checked)
    outsiders = access.get("outsiders")
    says = who if outsiders is None else f"{who} {Text.of(outsiders)}"
    return Eligible("no", says, source.url, source.checked)


def access_of(entry: Entry) -> Access:
    """The steps, and how long one typically waits, in the catalogue's words."""
    access = entry["access"]
    source = first_source(entry, access)
    waiting = access.get("waiting_time")
    says = None if waiting is None else str(Text.of(waiting))
    return Access(
        steps=tuple(str(Text.of(step)) for step in access.get("steps", ())),
        waiting=None if says in (None, "unknown") else says,
        apply_url=access.get("apply_url"),
        source=source.url,
        date=source.checked,
    )


def data_at(entry: Entry | None, job: Job) -> Data:
    """Whether data of the job's level may go there, by what the person's institution says of the place, if anything."""
    if not job.own_data:
        return Data("ok", None, t("no data of your own"))
    if job.level is None:
        return Data("not-asked", None, t("say how confidential the data are: --level"))
    levels = () if entry is None else entry["data"].get("levels", ())
    said = [one for one in levels if one["institution"] in (job.institution, "all")]
    named = [(Level(one["level"]), one) for one in said if one.get("level")]
    if named and entry is not None:
        level, one = max(named, key=lambda pair: pair[0].rank)
        source = first_source(entry, one)
        says = str(Text.of(one["says"]))
        return Data("ok" if level.allows(job.level) else "no", level, says, source.url, source.checked)
    if Level.INTERNAL.allows(job.level):
        # As the gate has it: public and internal data need no statement.
        return Data("ok", None, t("nothing is written; public and internal data go without"))
    return Data("ask", None, _whom_to_ask(said, job))


def _whom_to_ask(said: list[Mapping[str, Any]], job: Job) -> str:
    if job.institution is None:
        return t("it is your institution that says it: --institution")
    if said:
        return str(Text.of(said[0]["says"]))
    return t("no level is written down for your institution: ask it, or your DPO")


def submit_at(entry: Entry, schedulers: Collection[str]) -> Submit:
    """Whether dkai can submit there itself; `schedulers` are those that it speaks."""
    name, ssh = entry["scheduler"]["name"], entry["login"].get("ssh") is True
    if entry.id == "ucloud":
        return Submit("hand-off", t("dkai compute handoff makes the files and the steps; you start it in the browser"))
    if name == "lsf" and name in schedulers and ssh:
        return Submit("unverified", t("over SSH to LSF; not tried on a real one yet"))
    if name in schedulers and name != "process" and ssh:
        return Submit("yes", t("over SSH to {scheduler}", scheduler=name.capitalize()))
    if ssh and name == "none":
        return Submit("after-renting", t("over SSH, once you have a machine there"))
    return Submit("no", t("by hand, as the place describes it"))


def limits_against(entry: Entry, job: Job, partition: str, run_time: RunTime | Unknown) -> Iterator[Reason]:
    """The published limits that the job is over: time, and GPUs at once."""
    times = list(_times(entry, job, partition))
    # What is asked for can be made less where the estimate is; without one it is all there is to go by.
    needed = job.walltime_s if isinstance(run_time, Unknown) else run_time.low_s
    if times and needed > (most := max(times)):
        yield Reason(
            "time-limit",
            t("at most {most} there, the job needs {time}", most=show_duration(most), time=show_duration(needed)),
        )
    for limit in entry.get("limits", ()):
        value = limit.get("value")
        if limit["what"] in _GPU_LIMITS and isinstance(value, (int, float)) and job.gpus > value:
            yield Reason("gpu-limit", t("at most {n} GPUs at once there", n=show_number(value, 0)))
            return


_GPU_LIMITS = ("gpus-at-once", "gpus-per-job", "gpus-per-user", "concurrent-gpus-starter")
_SECONDS = {"hours": 3600, "minutes": 60, "seconds": 1}


def _times(entry: Entry, job: Job, partition: str) -> Iterator[float]:
    """Time limits in seconds that may hold for the job: of the whole place, of its kind of job, of its partitions."""
    names = set(partition.replace(",", " ").split())
    for limit in entry.get("limits", ()):
        what, value, unit = limit["what"], limit.get("value"), _SECONDS.get(limit.get("unit") or "")
        if not isinstance(value, (int, float)) or unit is None:
            continue
        rest = what.removeprefix("walltime").lstrip("-") if what.startswith("walltime") else None
        is_session = what in ("session", "gpu-minutes-daily")
        if is_session or rest in ("", *names) or (rest == "gpu" and job.gpus):
            yield value * unit


def forbids_cpu(entry: Entry, uses_gpu: bool) -> Iterator[Reason]:
    """The place's rule against jobs without a GPU, where it has one."""
    rule: Mapping[str, Any] | None = (entry.get("policy") or {}).get("cpu_only")
    if not uses_gpu and rule and rule["rule"] == "forbidden" and not rule.get("partitions"):
        yield Reason("cpu-only", str(Text.of({"da": rule["da"], "en": rule["en"]})))
