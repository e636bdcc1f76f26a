"""What the answers of a site mean: each check gives findings, with the remedy where something is wrong. Values in,
values out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from dkai.compute.cluster import Cluster
from dkai.compute.plan import base_folder, job_folder
from dkai.compute.site import LOCAL_ID, Site, caveat, title
from dkai.compute.tryout import SLOW_S, StartUp, Tryout
from dkai.core.clean import one_line
from dkai.core.errors import DkaiError, RemoteError, UserError
from dkai.core.i18n import nt, t
from dkai.core.text import Text
from dkai.core.units import show_bytes, show_number

_CLOCK_S = 60.0  # less than a minute apart does nobody harm
_LITTLE_MB = 500.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found. `error`: it must be mended; `note`: it is worth knowing."""

    says: str
    note: bool = False
    hint: str | None = None
    error: DkaiError | None = None


def _fault(error: DkaiError) -> Finding:
    return Finding(error.message, hint=error.hint, error=error)


# --- reaching the place


def explained(error: DkaiError, place: Mapping[str, Any] | None) -> DkaiError:
    """The error with what the catalogue says of logging in there, where that may be the remedy."""
    note = Text.of(place["login"]["note"]) if place and place["login"].get("note") not in (None, "unknown") else None
    about_network = error.code in ("host-not-found", "connection-timeout", "connection-refused", "connection-closed")
    about_login = error.code in ("ssh-key-refused", "login-not-accepted", "second-factor-needed", "login-ended")
    if note is None or not (about_network or about_login):
        return error
    said = t("what the catalogue says of logging in there: {note}", note=note)
    error.hint = f"{error.hint}\n{said}" if error.hint else said
    return error


def with_keys(error: DkaiError, keys: tuple[str, ...]) -> DkaiError:
    """The error with the keys that were refused: the wrong one is seen at a glance."""
    said = (
        t("keys offered: {keys}", keys=", ".join(keys))
        if keys
        else t("no key was offered: make or choose one with dkai compute connect, or --identity FILE")
    )
    error.details["offered"] = list(keys)
    error.hint = f"{said}\n{error.hint}" if error.hint else said
    return error


# --- the scheduler


def scheduler(site: Site, cluster: Cluster) -> Iterator[Finding]:
    """Whether it answers, and what it is."""
    if site.scheduler == "process":
        parts = [nt("{n} core", "{n} cores", cluster.cpus or 0) if cluster.cpus else t("cores unknown")]
        parts.append(nt("{n} GPU", "{n} GPUs", len(cluster.gpus)))
        yield Finding(t("no scheduler, jobs are processes: {machine}", machine=", ".join(parts)))
        return
    if not cluster.partitions and "config" in cluster.missing:
        yield _down(t("Slurm's controller does not answer: {why}", why=cluster.missing["config"]), "slurm-down")
        return
    if not cluster.partitions and "queues" in cluster.missing:
        yield _down(t("LSF does not answer: {why}", why=cluster.missing["queues"]), "lsf-down")
        return
    names = ", ".join(p.name for p in cluster.partitions)
    yield Finding(
        t("{scheduler} {version}, cluster {name}: {partitions}", scheduler=title(site.scheduler),
          version=cluster.version or "?", name=cluster.name, partitions=names or "–")
    )  # fmt: skip
    if says := caveat(site.scheduler):
        yield Finding(says, note=True)


def _down(says: str, code: str) -> Finding:
    hint = t("it is not you: look at the site's status page, and try again later")
    return _fault(RemoteError(says, code=code, hint=hint))


def no_commands(error: DkaiError, path: str | None, module: str | None) -> DkaiError:
    """The error for a place where its scheduler's commands were not found, with where a log-in shell finds them."""
    hint = error.hint
    if path is not None:
        folder = path.rpartition("/")[0]
        hint = t(
            "a log-in shell finds them in {folder}, a command over SSH does not: put this line at the top of ~/.bashrc "
            "there: export PATH=$PATH:{folder}",
            folder=folder,
        )
    elif module is not None:
        hint = t("they come as a module there: put this line into ~/.bashrc: module load {module}", module=module)
    return RemoteError(error.message, code=error.code, hint=hint, details=error.details)


# --- accounts and choices


def accounts(site: Site, cluster: Cluster, place: Mapping[str, Any] | None) -> Iterator[Finding]:
    """The accounts one may charge to."""
    if cluster.associations is None:
        why = cluster.missing.get("mine") or cluster.missing.get("associations") or "–"
        yield Finding(t("the cluster does not tell: {why}", why=why), note=True)
        return
    names = list(dict.fromkeys(a.account for a in cluster.associations))
    if not names:
        yield _no_accounts(cluster, place)
        return
    if site.account is not None and site.account not in names:
        yield _fault(
            UserError(
                t("you have no account called “{name}” there", name=site.account),
                code="no-such-account",
                hint=t("your accounts there are: {names}", names=", ".join(names)) + _nearest(site.account, names),
                details={"accounts": names},
            )
        )
        return
    yield Finding(", ".join(names))
    if site.account is None and len(names) > 1 and not any(a.is_default for a in cluster.associations):
        yield Finding(
            t("none of them is the default, so each job must name one"),
            note=True,
            hint=t("choose one with: dkai compute sites set {site} --account NAME", site=site.id),
        )


def _no_accounts(cluster: Cluster, place: Mapping[str, Any] | None) -> Finding:
    """A log-in without an allocation: jobs are refused where Slurm enforces associations."""
    if cluster.enforced and not {"associations", "limits", "qos", "all", "safe"} & set(cluster.enforced):
        return Finding(t("none, and this cluster asks for none"), note=True)
    hint = t("a log-in is not an allocation: ask the owner of the project, or the site's support, to add you to it")
    if place is not None and place["access"].get("apply_url"):
        hint += "\n" + t("how to apply: {url}", url=place["access"]["apply_url"])
    return _fault(UserError(t("you can log in, but you belong to no account there"), code="no-association", hint=hint))


def choices(site: Site, cluster: Cluster) -> Iterator[Finding]:
    """Partition and QOS that the site was given: are they there?"""
    said: list[str] = []
    if site.partition is not None and cluster.partitions:
        names = [p.name for p in cluster.partitions]
        if site.partition not in names:
            yield _fault(
                UserError(
                    t("there is no partition called “{name}”", name=site.partition),
                    code="no-such-partition",
                    hint=t("partitions there: {names}", names=", ".join(names)) + _nearest(site.partition, names),
                    details={"partitions": names},
                )
            )
        else:
            said.append(t("partition {name}", name=site.partition))
    if site.qos is not None and cluster.qos:
        names = [q.name for q in cluster.qos]
        mine = {q for a in cluster.associations or () if site.account in (None, a.account) for q in a.qos}
        if site.qos not in names:
            yield _fault(
                UserError(
                    t("there is no QOS called “{name}”", name=site.qos),
                    code="no-such-qos",
                    hint=t("QOS there: {names}", names=", ".join(names)) + _nearest(site.qos, names),
                    details={"qos": names},
                )
            )
        elif mine and site.qos not in mine:
            yield _fault(
                UserError(
                    t("your account may not use the QOS “{name}”", name=site.qos),
                    code="qos-not-yours",
                    hint=t("it may use: {names}", names=", ".join(sorted(mine))),
                    details={"qos": sorted(mine)},
                )
            )
        else:
            said.append(f"QOS {site.qos}")
    if said:
        yield Finding(", ".join(said))


def _nearest(name: str, names: list[str]) -> str:
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    return "\n" + t("did you mean {names}?", names=near[0]) if near else ""


# --- folder, file, shell, clock, Python


def own_folder(site: Site, cluster: Cluster) -> Iterator[Finding]:
    """The folder for jobs on this computer."""
    if site.id == LOCAL_ID and site.base is None:
        yield Finding(job_folder(site, cluster, ""))
        return
    base = base_folder(site, cluster)
    if not Path(base).is_dir() or not os.access(base, os.W_OK | os.X_OK):
        yield _fault(_no_folder(site, base))
        return
    yield Finding(f"{base}/dkai")


def folder(site: Site, base: str, said: Tryout, cluster: Cluster) -> Iterator[Finding]:
    """The folder for jobs behind SSH, and how much room there is."""
    if said.folder in ("not-there", "not-writable"):
        yield _fault(_no_folder(site, base))
        return
    if said.folder == "full":
        yield _fault(
            UserError(
                t("there is no room in {folder}: {why}", folder=base, why=said.says),
                code="no-room",
                hint=t("remove what you no longer need there, or choose another folder with: "
                       "dkai compute sites set {site} --base /path", site=site.id),
            )
        )  # fmt: skip
        return
    if said.folder is None:
        yield _fault(
            RemoteError(
                t("the answer about {folder} broke off", folder=base),
                code="no-answer",
                hint=t("try again; if it stays so, log in by hand and write a file there"),
            )
        )
        return
    says = f"{base}/dkai"
    if said.free_mb is not None:
        says = t("{folder}, {room} free", folder=says, room=show_bytes(said.free_mb * 1024 * 1024))
    yield Finding(says)
    yield from _room(base, said, cluster)


def _room(base: str, said: Tryout, cluster: Cluster) -> Iterator[Finding]:
    """Little room is said before a job finds out; a quota counts for more than the disk."""
    warned = False
    for one in cluster.storage:
        if one.used_mb is None or one.limit_mb is None or not base.startswith(one.path.rstrip("/") or "/"):
            continue
        left = one.limit_mb - one.used_mb
        says = t("quota of {path}: {used} of {limit} used", path=one.path, used=show_bytes(one.used_mb * 1024 * 1024),
                 limit=show_bytes(one.limit_mb * 1024 * 1024))  # fmt: skip
        little = left < _LITTLE_MB
        warned = warned or little
        yield Finding(says, note=little, hint=_make_room() if little else None)
    if said.free_mb is not None and said.free_mb < _LITTLE_MB and not warned:
        yield Finding(t("there is little room"), note=True, hint=_make_room())


def _make_room() -> str:
    return t("jobs that write much will fail: make room, or choose another folder with --base")


def _no_folder(site: Site, base: str) -> UserError:
    return UserError(
        t("{folder} is not there or cannot be written", folder=base),
        code="no-folder",
        hint=t("choose another with: dkai compute sites set {site} --base /path", site=site.id),
    )


def file(said: Tryout, size: int) -> Iterator[Finding]:
    """A small file there and back."""
    if said.came_back:
        yield Finding(t("{size} there and back, checksum equal", size=show_bytes(size)))
    elif said.came_back is False and said.folder == "":
        yield _fault(
            RemoteError(
                t("a file of {size} came back changed", size=show_bytes(size)),
                code="damaged-transfer",
                hint=t("try again; if it stays so, tell the site's support: dkai needs sha256sum and base64 there"),
            )
        )


def shell(said: Tryout) -> Iterator[Finding]:
    """What the start-up files of the log-in shell do. dkai survives it all; scp, rsync and others do not."""
    loud = [start for start in said.starts if start.printed]
    slow = [start for start in said.starts if start.seconds is not None and start.seconds >= SLOW_S]
    for start in loud[:1]:
        files = [f for f in said.files if f.printed] or [StartUp(t("a start-up file"), None, 0, "")]
        names = ", ".join(f"~/{f.name}" if f.name.startswith(".") else f.name for f in files)
        yield Finding(
            t("{files} prints at log-in: “{line}”. dkai does not mind, scp and rsync do", files=names,
              line=start.first_line),
            note=True,
            hint=_silence(said.shell or "", files[0].name),
        )  # fmt: skip
    for start in slow[:1]:
        seconds = show_number(start.seconds or 0, 1)
        yield Finding(
            t("it takes {seconds} s to start", seconds=seconds), note=True,
            hint=t("every command waits for it: look for conda, module or git commands in its start-up files"),
        )  # fmt: skip
    if said.shell and not loud and not slow:
        yield Finding(t("{shell}, starts silently", shell=said.shell))


def _silence(shell_name: str, name: str) -> str:
    """How to keep a start-up file from printing for programs."""
    if shell_name.endswith("csh"):
        return t("put this line at the top of ~/{file}: if (! $?prompt) exit", file=name)
    if shell_name == "fish":
        return t("put this line at the top of ~/{file}: status is-interactive; or exit", file=name)
    return t("put this line at the top of ~/{file}: [[ $- != *i* ]] && return", file=name)


def clock(said: Tryout, cluster: Cluster, asked_at: float, answered_at: float) -> Iterator[Finding]:
    """How far the clocks are apart; the place told its time somewhere between asking and answering."""
    offset = cluster.clock_offset_s
    if offset is None:
        if said.clock_s is None:
            return
        early, late = said.clock_s - answered_at, said.clock_s + 1 - asked_at  # its seconds are whole ones
        offset = 0.0 if early <= 0 <= late else (early if early > 0 else late)
    if abs(offset) < _CLOCK_S:
        yield Finding(t("less than a minute apart"))
        return
    minutes = show_number(abs(offset) / 60, 1)
    ahead = t("the site's clock is {minutes} min ahead of yours", minutes=minutes)
    behind = t("the site's clock is {minutes} min behind yours", minutes=minutes)
    yield Finding(
        ahead if offset > 0 else behind, note=True,
        hint=t("start and end times will look wrong; set your own clock first (one-time codes need it too)"),
    )  # fmt: skip


def python(site: Site, cluster: Cluster) -> Iterator[Finding]:
    """The interpreter that runs the jobs."""
    if cluster.python is None:
        yield _fault(
            UserError(
                t("no Python 3.6 or newer was found there"),
                code="no-python",
                hint=t("name one with: dkai compute sites set {site} --python /path/to/python3", site=site.id),
            )
        )
        return
    yield Finding(one_line(f"{cluster.python} {cluster.python_version or ''}"))
    if site.python is not None and site.python != cluster.python and "/" in site.python:
        yield Finding(
            t("{path}, which you named, is not used: it does not answer, or goes by another name", path=site.python),
            note=True,
        )
