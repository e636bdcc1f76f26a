"""Going on where an earlier start stopped: a job that Slurm puts back into its queue and starts again.

Only the very same job may take over the lock, and only a later start of it: `SLURM_RESTART_COUNT` counts them, and
Slurm starts none before the one before has ended. Whoever comes otherwise is a second start, and ends.
"""

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING, List, Optional

from dkai.compute.runner.files import Record, output_of, read_json, write_json
from dkai.compute.runner.words import GO_ON, PUT_BACK

if TYPE_CHECKING:
    from dkai.compute.runner.job import Run

KEPT = (
    "started_at", "ended_at", "updated_at", "node", "stopped", "exit_code", "restart", "cpu_s", "group_cpu_s",
    "max_rss_mb", "gpu_energy_wh",
)  # fmt: skip
KILLED_WITHIN = 300.0  # seconds that Slurm may take to end a start that asked to be put back


def restarts() -> int:
    """How often Slurm has started this job before."""
    word = os.environ.get("SLURM_RESTART_COUNT", "")
    return int(word) if word.isdigit() else 0


def takes_over(job: Record) -> bool:
    """Whether this is the lock's own job, started again: the lock is then this start's, and no other's."""
    owner, number = read_json("lock/owner.json"), os.environ.get("SLURM_JOB_ID")
    if not (job.get("checkpoint") and number and owner.get("slurm_job_id") == number):
        return False
    if restarts() <= int(owner.get("restart") or 0) or os.path.exists("lock/cancelled"):
        return False
    try:
        os.mkdir("lock/start-%d" % restarts(), 0o700)
    except FileExistsError:
        return False
    return True


def ended_from_outside(record: Record) -> bool:
    """Whether it was told to end: by a person, or by Slurm, which signals the script as well as its runner."""
    return record.get("outcome") == "cancelled" or record.get("signal") == signal.SIGTERM


def put_back_in_vain(job: Record) -> bool:
    """Whether this is the lock's own job, put back though it cannot go on: what ended the start before was no person.

    The record then says so, unless that start had come to its own end before.
    """
    owner, number, record = read_json("lock/owner.json"), os.environ.get("SLURM_JOB_ID"), read_json("record.json")
    if job.get("checkpoint") or not number or owner.get("slurm_job_id") != number:
        return False
    if restarts() <= int(owner.get("restart") or 0) or os.path.exists("lock/cancelled"):
        return False
    if record.get("state") == "ended" and not ended_from_outside(record):
        return False
    ended = record.get("ended_at") or record.get("updated_at")
    write_json("record.json", dict(record, state="ended", outcome="failed", reason=PUT_BACK, ended_at=ended))
    return True


def earlier_starts() -> List[Record]:
    """What the record tells of the starts before this one, without their samples."""
    record = read_json("record.json")
    before = record.get("starts")
    found = list(before) if isinstance(before, list) else []
    if record:
        found.append({name: record[name] for name in KEPT if record.get(name) is not None})
    return found


def comes_back(job: Record) -> bool:
    """Whether a start that was told to end may be followed by another: nobody cancelled the job with dkai."""
    return bool(job.get("checkpoint") and "SLURM_JOB_ID" in os.environ and not os.path.exists("lock/cancelled"))


def is_superseded(job: Record) -> bool:
    """Whether a later start has the lock: this one was on a node that Slurm took for dead, and must touch nothing."""
    if not (job.get("checkpoint") and "SLURM_JOB_ID" in os.environ):
        return False
    return int(read_json("lock/owner.json").get("restart") or 0) > restarts()


def has_checkpoint() -> bool:
    """Whether there is something to go on from."""
    with contextlib.suppress(OSError):
        return bool(os.listdir("checkpoint"))
    return False


def left(job: Record) -> int:
    """How often the job may still be put back into the queue because its time is up."""
    return max(0, int(job.get("starts") or 1) - 1 - restarts()) if "SLURM_JOB_ID" in os.environ else 0


def put_back(run: "Run") -> Optional[int]:
    """Have Slurm put this job back into its queue, and wait to be ended; None where that cannot be."""
    if not left(run.job) or not has_checkpoint():
        return None
    run.stopped = "requeue"  # the signal that ends this start is no cancellation
    run.say("requeue", n=left(run.job) - 1)
    run.record.update(state="interrupted", outcome=None, ended_at=time.time(), exit_code=GO_ON)
    run.save()
    number = os.environ["SLURM_JOB_ID"]
    if "SLURM_ARRAY_TASK_ID" in os.environ:  # a task's plain number may be that of its whole array
        number = "%s_%s" % (os.environ.get("SLURM_ARRAY_JOB_ID"), os.environ["SLURM_ARRAY_TASK_ID"])
    if output_of(["scontrol", "requeue", number], 60) is None:
        run.say("no-requeue")
        return None
    time.sleep(KILLED_WITHIN)
    return GO_ON
