"""Tasks of a job array: one job's script, many times over, each with parameters and a folder of its own.

`tasks.jsonl` in the job's folder has a line a task: the parameters that are its own. A task's folder, `tasks/<number>`,
looks to the script as a job's folder does; what was sent once (script, input) is linked to. Its results go to
`output/tasks/<number>` and its log to the file beside that, so that all there is to take home lies below `output`. How
a task ended is the name of an empty file in `ended`, such as `4.failed.1`: a thousand are read at one look.
"""

import contextlib
import glob
import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import Any, Callable, Dict, List, Optional

from dkai.compute.runner.again import ended_from_outside
from dkai.compute.runner.files import Record, read_json, write_json
from dkai.compute.runner.gpus import Gpus
from dkai.compute.runner.job import GRACE, HEARTBEAT, KILL, die_with_parent, say, this_process
from dkai.compute.runner.processes import end, family, processes
from dkai.compute.runner.words import CANNOT_RUN, PUT_BACK, SCHEMA, SECOND_START

TASKS = "tasks.jsonl"
OWN = ("tasks", "output", "ended", "lock", "home", "checkpoint")  # folders that a task has for itself, or needs not
MARK_NAME = re.compile(r"^(\d+)\.([a-z-]+)\.(\d+)$")
LAST_LINES, LAST_BYTES = 12, 4000  # of a failed task's log, shown in the job's own


def read_tasks(folder: str) -> List[Record]:
    """For each task the parameters that are its own."""
    with open(os.path.join(folder, TASKS), "rb") as file:
        return [json.loads(line.decode("utf-8")) for line in file]


def read_marks(folder: str) -> Dict[int, List[str]]:
    """How tasks ended: outcome and exit code by number."""
    found = {}
    with contextlib.suppress(OSError):
        for name in os.listdir(os.path.join(folder, "ended")):
            match = MARK_NAME.match(name)
            if match:
                found[int(match.group(1))] = [match.group(2), match.group(3)]
    return found


def mark(number: int, outcome: str, code: int) -> None:
    """Leave how a task ended; this process is in the job's folder."""
    with contextlib.suppress(OSError):
        os.makedirs("ended", 0o700, exist_ok=True)
        for other in glob.glob("ended/%d.*" % number):  # of a start that was put back
            os.unlink(other)
        os.close(os.open("ended/%d.%s.%d" % (number, outcome, code), os.O_WRONLY | os.O_CREAT, 0o600))


def link_folder(target: str, name: str) -> None:
    """Make `name` lead to the folder `target`."""
    if os.path.lexists(name):
        return
    if sys.platform == "win32":  # links of the other kind need rights there that people do not have
        import _winapi

        _winapi.CreateJunction(target, name)
    else:
        os.symlink(target, name, target_is_directory=True)


def prepare(folder: str, number: int, own: Record) -> str:
    """The folder of a task, made."""
    place = os.path.join(folder, "tasks", str(number))
    output = os.path.join(folder, "output", "tasks", str(number))
    for path in (place, output, os.path.join(folder, "input")):
        os.makedirs(path, 0o700, exist_ok=True)
    for name in os.listdir(folder):
        if os.path.isdir(os.path.join(folder, name)) and name not in OWN and not name.startswith("claim-"):
            link_folder(os.path.join(folder, name), os.path.join(place, name))
    link_folder(output, os.path.join(place, "output"))
    job = read_json(os.path.join(folder, "job.json"))
    job["env"] = dict(job.get("env") or {}, DKAI_TASK=str(number))
    # A container sees of this computer's folders what it is told to: what the links lead to as well.
    job["ways"] = [dict(way, bind=[*(way.get("bind") or []), folder]) for way in job.get("ways") or []]
    write_json(os.path.join(place, "job.json"), dict(job, task=number))
    write_json(os.path.join(place, "params.json"), dict(read_json(os.path.join(folder, "params.json")), **own))
    return place


def run_task(run: Callable[[str, bool], int], folder: str, number: int, detached: bool) -> int:
    """Do one task as `run` does a job, and leave how it ended."""
    os.umask(0o077)
    os.chdir(folder)
    tasks, job = read_tasks(folder), read_json("job.json")
    if not 0 <= number < len(tasks):
        say(job, "bad-job", why="--task=%d" % number)
        return CANNOT_RUN
    if os.path.exists("lock/cancelled"):
        mark(number, "cancelled", SECOND_START)
        return SECOND_START
    place = prepare(folder, number, tasks[number])
    log = os.open("output/tasks/%d.log" % number, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    shared = os.dup(1)  # the job's own log, in which only a line is said of each task
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    code = run(place, detached)
    os.dup2(shared, 1)
    record = read_json("record.json")
    mine = read_json("lock/owner.json").get("pid") == os.getpid()
    if record.get("state") == "ended" and (mine or (code == SECOND_START and record.get("reason") == PUT_BACK)):
        os.chdir(folder)
        if "SLURM_JOB_ID" in os.environ and ended_from_outside(record) and not os.path.exists("lock/cancelled"):
            return code  # whether this task starts again only Slurm knows
        mark(number, str(record.get("outcome")), int(record.get("exit_code") or 0))
        tell(job, number, tasks[number], record)
    return code


def tell(job: Record, number: int, own: Record, record: Record) -> None:
    """A line in the job's log, and of a task that did not complete the end of its own."""
    outcome, seconds = str(record.get("outcome")), (record.get("ended_at") or 0) - (record.get("started_at") or 0)
    values = ", ".join("%s=%s" % (name, own[name]) for name in own)
    key = "task-" + (outcome if outcome in ("completed", "cancelled", "timeout") else "failed")
    say(job, key, number=number, values=values, seconds=round(seconds, 1), code=record.get("exit_code"))
    if key in ("task-failed", "task-timeout"):
        with contextlib.suppress(OSError):
            with open("output/tasks/%d.log" % number, "rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - LAST_BYTES))
                lines = file.read().splitlines()[-LAST_LINES:]
            os.write(1, b"".join(b"    " + line + b"\n" for line in lines))


class Tasks:
    """All tasks of a job on a computer without a scheduler: so many at once, from this process, which has the lock."""

    def __init__(self, job: Record, folder: str) -> None:
        self.job, self.folder = job, folder
        self.total = len(read_tasks(folder))
        self.at_once = max(1, int(job.get("at_once") or 1))
        self.running: Dict[int, Any] = {}  # by slot: which task, and its process
        self.stopped, self.kill_at = "", float("inf")
        self.record: Record = {
            "schema": SCHEMA, "job_id": job.get("job_id") or os.path.basename(folder), "state": "running",
            "outcome": None, "exit_code": None, "reason": None, "started_at": time.time(), "ended_at": None,
        }  # fmt: skip
        self.record.update(this_process())
        self.saved = 0.0

    def save(self) -> None:
        """Write the record; a full disk must not end the job."""
        self.saved = time.time()
        second = len(glob.glob("lock/second-*"))
        self.record.update(updated_at=self.saved, stopped=self.stopped or None, second_starts=second)
        try:
            write_json("record.json", self.record)
        except OSError as error:
            print("dkai: record.json: %s" % error, file=sys.stderr, flush=True)

    def on_signal(self, _number: int, _frame: Any) -> None:
        """Have all tasks end."""
        if not self.stopped:
            self.stopped, self.kill_at = "cancelled", time.time() + GRACE + 5
            say(self.job, "stopped")
            end([child.pid for _, child in self.running.values()], signal.SIGTERM)

    def do(self) -> int:
        """Run them all; the exit code is 1 where one did not complete."""
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self.on_signal)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self.save()
        waiting = iter(range(self.total))
        while True:
            for slot in range(self.at_once):
                number = None if slot in self.running or self.stopped else next(waiting, None)
                if number is not None:
                    self.running[slot] = (number, self.start(number, slot))
            for slot, (number, child) in list(self.running.items()):
                if child.poll() is not None:
                    del self.running[slot]
                    if number not in read_marks("."):  # it was killed
                        mark(number, self.stopped or "failed", child.returncode & 255)
            if not self.running and (self.stopped or len(read_marks(".")) >= self.total):
                break
            if time.time() >= self.kill_at:
                table = processes()
                end([pid for _, child in self.running.values() for pid in family(child.pid, table)], KILL)
            if time.time() - self.saved >= HEARTBEAT:
                self.save()
            time.sleep(0.05)
        outcomes = {outcome for outcome, _ in read_marks(".").values()}
        bad = outcomes - {"completed"}
        outcome = self.stopped or ("completed" if not bad else bad.pop() if len(bad) == 1 else "failed")
        code = 0 if outcome == "completed" else 1
        self.record.update(state="ended", ended_at=time.time(), outcome=outcome, exit_code=code)
        self.save()
        return code

    def start(self, number: int, slot: int) -> Any:
        """One task, in a process that leads a group of its own."""
        argv = [
            sys.executable, "-I", os.path.join(self.folder, "runner.py"), "run", self.folder, "--task=%d" % number,
            "--detached",
        ]  # fmt: skip
        options: Dict[str, Any] = {"start_new_session": True, "preexec_fn": die_with_parent()}
        if os.name == "nt":
            options = {"creationflags": 0x00000200}  # CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, env=self.environment(slot), **options)

    def environment(self, slot: int) -> Optional[Dict[str, str]]:
        """Each of several that run at once has GPUs of its own. ROCm reads CUDA's variable too."""
        each = int((self.job.get("env") or {}).get("DKAI_GPUS") or 0)
        if not each or self.at_once == 1:
            return None
        given = os.environ.get("CUDA_VISIBLE_DEVICES")
        there = given.split(",") if given else [str(n) for n in range(len(Gpus().devices))]
        return dict(os.environ, CUDA_VISIBLE_DEVICES=",".join(there[slot * each : (slot + 1) * each]))


def counts(folder: str, alive: bool) -> Record:
    """How many tasks stand how. Without a living process that starts them, those that left no mark are gone."""
    marks, begun = read_marks(folder), 0
    with contextlib.suppress(OSError):
        begun = len(os.listdir(os.path.join(folder, "tasks")))
    total, by = len(read_tasks(folder)), [outcome for outcome, _ in marks.values()]
    found = {"total": total, "completed": by.count("completed"), "cancelled": by.count("cancelled")}
    found["failed"] = len(by) - found["completed"] - found["cancelled"]
    found["running"] = max(0, begun - len(marks)) if alive else 0
    found["queued"] = max(0, total - len(marks) - found["running"]) if alive else 0
    if not alive and os.path.exists(os.path.join(folder, "lock", "cancelled")):
        found["cancelled"] += max(0, total - max(begun, len(marks)))  # they never began
    return found


def tally(folder: str) -> Record:
    """A row a task: how it stands and what it used; of the first record that tells it, what they ran on."""
    marks = read_marks(folder)
    rows: List[Record] = []
    ran_on: Record = {}
    for number in range(len(read_tasks(folder))):
        record = read_json(os.path.join(folder, "tasks", str(number), "record.json"))
        if record.get("python") and not ran_on:
            ran_on = {name: record.get(name) for name in ("python", "machine", "packages", "gpus", "environment")}
        outcome, code = marks.get(number, [record.get("outcome"), record.get("exit_code")])
        state = "ended" if number in marks else record.get("state")
        state = "queued" if state == "interrupted" else state  # it goes on when Slurm starts it again
        row = {"task": number, "state": state, "outcome": outcome, "exit_code": None if code is None else int(code)}
        for name in ("reason", "node", "started_at", "ended_at", "cpu_s", "group_cpu_s", "max_rss_mb", "max_used_mb",
                     "gpu_energy_wh", "gpu_energy_by"):  # fmt: skip
            row[name] = record.get(name)
        row["peaks"] = peaks(record)
        rows.append(row)
    return {"job_id": os.path.basename(folder), "tasks": rows, "ran_on": ran_on}


def peaks(record: Record) -> Record:
    """Of the samples: means over time of GPU load and power, and the most GPU memory."""
    columns, found = record.get("columns") or [], {}  # type: List[str], Record
    samples = [dict(zip(columns, row)) for row in record.get("samples") or []]  # noqa: B905 - not in Python 3.6
    for name in ("gpu_load", "gpu_watts", "gpu_memory_mb"):
        before = total = weight = 0.0
        known = [row[name] for row in samples if row.get(name) is not None]
        for row in samples:
            span, before = max(0.0, (row.get("t") or 0.0) - before), row.get("t") or 0.0
            if row.get(name) is not None:
                total, weight = total + row[name] * span, weight + span
        if known:
            found[name] = max(known) if name == "gpu_memory_mb" else total / weight if weight else known[0]
    return found
