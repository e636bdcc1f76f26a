"""Discovery of an LSF cluster in one round trip: the questions, and what the answers amount to.

From IBM Spectrum LSF 10.1's documentation, some shapes from recollection (tests/fixtures/lsf/README.md says which);
not run on a real LSF. Tables are read by their headers and blocks by their headings, so what other versions add does no
harm. Three lanes are asked side by side: the batch daemon (mbatchd), the base daemon (LIM), and the login node itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dkai.compute.cluster import Cluster, Limits
from dkai.compute.host import CommandResult
from dkai.compute.scheduler import Command, slurm_here
from dkai.compute.scheduler.frames import SIDE_BY_SIDE, Frame, frames
from dkai.compute.scheduler.lsf_hosts import groups, hosts
from dkai.compute.scheduler.lsf_parse import Clock, limit, table
from dkai.compute.scheduler.lsf_queues import open_to_me, partitions, queues
from dkai.compute.scheduler.lsf_shell import shell
from dkai.compute.scheduler.queue_words import no_answer
from dkai.core.clean import no_controls, one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

_ASK = (
    r"""
printf 'dkai-frame/1 me\n|%s\n|%s\ndkai-close/1 0\n' "$me" "$HOME"
tell clock 0 "$(date '+%s %z')"
found_lsf() { command -v bsub; }
ask lsf found_lsf || exit 0
asked=$1
"""
    + SIDE_BY_SIDE
    + slurm_here.ASK
    + r"""
skip() {
  printf 'dkai-frame/1 %s\n!dkai-skipped\ndkai-close/1 75\n' "$1"
}
# A daemon that does not answer lets each of its clients wait and try again; so the first that was ended speaks for all.
down=
batch() {
  if [ -n "$down" ]; then
    skip "$1"
    return
  fi
  ask "$@" || case $? in 124 | 137) down=1 ;; esac
}
# How memory is limited is told by no command; lsf.conf(5) is usually there to be read.
limits_there() {
  file=${LSF_ENVDIR:-/etc}/lsf.conf
  [ -r "$file" ] || return 2
  grep -E '^ *(LSB_RESOURCE_ENFORCE|LSB_JOB_MEMLIMIT|LSB_MEMLIMIT_ENFORCE) *=' "$file" || [ $? -eq 1 ]
}
jobs_there() {
  found=$(listed -u "$me") || { code=$?; printf '%s\n' "$found" >&2; return "$code"; }
  printf '%s\n' "$found" | cut -d '|' -f 1,3
}
by_batch() {
  batch queues $limit bqueues -l
  batch mine $limit bqueues -w -u "$me"
  batch hosts $limit bhosts -w
  batch groups $limit bmgroup -w
  batch user $limit busers "$me"
  batch params $limit bparams -a
  batch queue jobs_there
}
by_lim() {
  ask id $limit lsid
  ask machines $limit lshosts -w
  ask gpus $limit lshosts -gpu -w
  ask conf limits_there
}
together by_batch by_lim here
for lane in by_batch by_lim here; do said "$lane"; done
"""
)


def command(python: str | None = None) -> Command:
    """Ask everything. `python` is the interpreter that the person named, tried first."""
    return shell(_ASK, python or "", timeout=90)


_VERSION = re.compile(r"\b(\d{1,3}(?:\.\d{1,5}){1,4})\b")
_MINE = "My cluster name is "
_LONGEST = 200_000
_PROBES = ("queues", "mine", "hosts", "groups", "user", "params", "queue", "id", "machines", "gpus", "login", "python")
# Places without GPUs or groups of hosts say so as an error.
_NONE_THERE = re.compile(r"No (?:GPU|host group|user/host group|GPUs)\b|no GPU", re.IGNORECASE)


def parse(result: CommandResult, asked_at: float) -> Cluster:
    """What the cluster said. Raises RemoteError when it is no LSF cluster, or nothing came back."""
    found = {name: _clean(frame) for name, frame in frames(result.stdout).items()}
    me = found.get("me")
    if me is None or len(me.lines) < 2:
        raise no_answer(result, "bqueues")
    if not _frame(found, "lsf").ok:
        raise no_lsf()
    login = slurm_here.login_settings(_frame(found, "login"))
    home, scratch = me.lines[1] or None, _scratch(login)
    clock = Clock((_frame(found, "clock").lines or ("",))[0])
    known, queue = slurm_here.python_there(_frame(found, "python")), _frame(found, "queue")
    name, version = _identity(_frame(found, "id").lines)
    params = _params(_frame(found, "params").lines)
    per_slot = _yes(params, "RESOURCE_RESERVE_PER_TASK", "RESOURCE_RESERVE_PER_SLOT") if params else None
    conf = _frame(found, "conf")
    limit_per_slot = "memory" in _params(conf.lines).get("LSB_RESOURCE_ENFORCE", "").lower() if conf.ok else None
    shares = per_slot is not False if limit_per_slot is None else limit_per_slot
    return Cluster(
        name=name,
        scheduler="lsf",
        version=version,
        user=me.lines[0],
        home=home,
        scratch=scratch,
        partitions=partitions(
            queues(_frame(found, "queues").lines), open_to_me(_frame(found, "mine").lines),
            frozenset(params.get("DEFAULT_QUEUE", "").split()),
            hosts=hosts(_frame(found, "hosts").lines, _frame(found, "machines").lines, _frame(found, "gpus").lines),
            groups=groups(_frame(found, "groups").lines), per_slot=shares,
        ),
        associations=None,  # a project (-P) is a word that one's jobs are counted under: any will do
        accounting=False,
        limits=_limits(_frame(found, "user").lines, me.lines[0]),
        memory_per_slot=per_slot,
        memory_limit_per_slot=limit_per_slot,
        my_jobs=sum("|" in line for line in queue.lines) if queue.ok else None,
        enforce_part_limits=True,  # -W above a queue's RUNLIMIT is rejected (“Runtime resource usage limits”)
        containers=slurm_here.containers(_frame(found, "containers")),
        modules=slurm_here.modules(login),
        storage=slurm_here.storage(found, {"home": home, "scratch": scratch}),
        clock_offset_s=None if clock.now is None else clock.now - asked_at,
        python=known.path,
        python_version=known.version,
        machine=known.machine,
        glibc=known.glibc,
        missing=dict(_missing(found)),
        asked_at=asked_at,
    )  # fmt: skip


def no_lsf() -> RemoteError:
    """The error where LSF's commands are not found."""
    return RemoteError(
        t("LSF's commands are not found there"),
        code="no-lsf",
        hint=t("read LSF's profile (profile.lsf) in ~/.bashrc, or give the site another scheduler"),
    )


def _scratch(login: dict[str, str]) -> str | None:
    """$SCRATCH; at DTU people name their folder below /dtu/blackhole $BLACKHOLE, if they name it."""
    return next((value for key in ("SCRATCH", "BLACKHOLE") if (value := login.get(key, "")).startswith("/")), None)


def _identity(lines: Sequence[str]) -> tuple[str, str | None]:
    """The cluster's name and LSF's version, from `lsid`."""
    name = next((line.removeprefix(_MINE).strip() for line in lines if line.startswith(_MINE)), "")
    version = next((match[1] for line in lines if "LSF" in line and (match := _VERSION.search(line))), None)
    return name, version


def _params(lines: Sequence[str]) -> dict[str, str]:
    """`NAME = value` of `bparams -a`."""
    pairs = (line.partition("=") for line in lines)
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def _yes(params: dict[str, str], *names: str) -> bool:
    return any(params.get(name, "").upper() in ("Y", "YES") for name in names)


def _limits(lines: Sequence[str], user: str) -> Limits | None:
    """The person's own, from `busers`: slots at once (MAX), and jobs that may wait (MPJOBS, where it is shown)."""
    row = next((row for row in table(lines, "USER/GROUP", "MAX") if row["USER/GROUP"] == user), None)
    if row is None:
        return None
    slots, waiting = limit(row["MAX"]), limit(row.get("MPJOBS", ""))
    return Limits(max_tres_per_user={} if slots is None else {"cpu": slots}, max_submit_per_user=waiting)


def _clean(frame: Frame) -> Frame:
    """Without control characters, and without lines that cannot be LSF's."""
    lines = tuple(no_controls(line) for line in frame.lines if len(line) <= _LONGEST)
    errors = tuple(no_controls(line[:1000]) for line in frame.errors)
    if len(lines) < len(frame.lines):
        return Frame(frame.name, (), (t("a line is too long to be read"), *errors), 1)
    return replace(frame, lines=lines, errors=errors)


def _frame(found: dict[str, Frame], name: str) -> Frame:
    return found.get(name, Frame(name, (), (), None))


def _missing(found: dict[str, Frame]) -> Iterator[tuple[str, str]]:
    """Each probe that did not answer, and why."""
    for name in _PROBES:
        frame = _frame(found, name)
        said = one_line(" ".join(frame.errors))
        if frame.ok or (name in ("gpus", "groups") and _NONE_THERE.search(said)):
            continue
        if frame.code is None:
            yield name, t("the answer broke off")
        elif frame.errors == ("dkai-skipped",):
            yield name, t("LSF's batch daemon (mbatchd) does not answer")
        elif frame.code in (124, 137):
            yield name, t("no answer within 25 seconds")
        elif name == "python":
            yield name, t("no Python 3.6 or newer was found there")
        elif name == "login":
            yield name, t("a login shell did not start, or did not end")
        else:
            yield name, said or t("no reason was given")
