"""Runs one job in its own folder, records how it went, and answers for it. Standard library, Python 3.6 or newer.

    run FOLDER       do the job (called by job.sh and by start); exit 75 when it was started before, 78 when it cannot;
                     of a job array one task with --task=NUMBER, and without it all of them
    start FOLDER     the same, detached from terminal and login; a second start reports the first
    status FOLDER…   where each job stands
    cancel FOLDER    end the job's processes, and no others; a job that has not begun never will
    rank FOLDER      one of a job's several processes, as srun starts it; its place is in Slurm's variables
    ranks FOLDER     all of them, on one computer
    tally FOLDER     what became of each task of a job array
    probe            what this machine has

`job.json` in the folder says what to do, with paths relative to the folder; only `job_id` and `script` are needed:

    {"job_id": "dkai-…", "script": "script/main.py", "env": {"NAME": "value"}, "walltime_s": 600, "lang": "da",
     "envs_dir": "/…/dkai/envs", "language": "python",
     "ways": [{"kind": "present"}, {"kind": "module", "use": ["/…"], "modules": ["pytorch/2.4"]},
              {"kind": "container", "image": "/….sif"}, {"kind": "wheels", "folder": "wheels"}, {"kind": "venv"}],
     "python": {"min_version": "3.8", "imports": ["sklearn"], "requirements": "script/requirements.txt"},
     "launch": {"kind": "srun", "per_node": 4, "cpus": 32}, "checkpoint": true, "warning_s": 300, "starts": 4}

A script with `checkpoint` writes what it can go on from into `checkpoint/`. So long before its time is up (`warning_s`)
it gets SIGUSR1, and says with exit code 85 that it can go on; it is then put back into Slurm's queue while it may start
again (`starts`). Each start of the same Slurm job takes over the lock, `start-*` in it.

`record.json` says how it went, from the first moment on. `lock/`, made with mkdir, belongs to the first start:
`owner.json` in it tells its process by number and birth, and Slurm's number where there is one; `cancelled` that it was
told to end, `second-*` each later start. Answers are lines of `dkai/runner/1` and one JSON object.
"""

import contextlib
import glob
import os
import platform
import signal
import subprocess
import sys
import time
from typing import Any, Dict, List

from dkai.compute.runner.again import put_back_in_vain, restarts, takes_over
from dkai.compute.runner.files import Record, answer, read_json, write_json
from dkai.compute.runner.job import GRACE, HEARTBEAT, KILL, Run, say, this_process
from dkai.compute.runner.machine import describe
from dkai.compute.runner.processes import born, end, family, processes
from dkai.compute.runner.ranks import Rank, Ranks
from dkai.compute.runner.tasks import TASKS, Tasks, counts, run_task, tally
from dkai.compute.runner.words import PUT_BACK, SCHEMA, SECOND_START


def run(folder: str, detached: bool) -> int:
    """Do the job, unless it was started before."""
    os.umask(0o077)
    os.chdir(folder)
    job = read_json("job.json")
    try:
        os.mkdir("lock", 0o700)
    except FileExistsError:
        if takes_over(job):
            say(job, "again", n=restarts() + 1)
            return begin(job, folder, detached)
        if put_back_in_vain(job):
            say(job, PUT_BACK)
            return SECOND_START
        name = "lock/second-%s-%d" % (platform.node(), os.getpid())
        write_json(name, dict(this_process(), at=time.time()))
        record = read_json("record.json")
        owned = os.path.exists("lock/owner.json")
        if not record and not owned and os.path.exists("lock/cancelled"):
            record = {"schema": SCHEMA, "job_id": job.get("job_id") or os.path.basename(folder), "state": "ended",
                      "outcome": "cancelled", "ended_at": time.time()}  # fmt: skip
            write_json("record.json", dict(record, **this_process()))
        elif record.get("state") == "interrupted" and os.path.exists("lock/cancelled"):
            write_json("record.json", dict(record, state="ended", outcome="cancelled"))
        elif record.get("state") == "ended":  # who wrote it is done, and counts no more
            write_json("record.json", dict(record, second_starts=len(glob.glob("lock/second-*"))))
        say(job, "second" if owned else "stopped")
        return SECOND_START
    return begin(job, folder, detached)


def begin(job: Record, folder: str, detached: bool) -> int:
    """Do the job, whose lock is this process's."""
    write_json("lock/owner.json", this_process())
    for name in ("input", "output"):  # a recipe may rely on both
        with contextlib.suppress(OSError):
            os.makedirs(name, 0o700, exist_ok=True)
    return Tasks(job, folder).do() if os.path.exists(TASKS) else Run(job, folder, detached).do()


def start(folder: str) -> int:
    """Do the job in a process of its own that outlives terminal and login, and tell which it is."""
    name, lock = os.path.basename(folder), os.path.join(folder, "lock")
    again, child = os.path.isdir(lock), None
    if not again:
        argv = [sys.executable, "-I", os.path.join(folder, "runner.py"), "run", folder, "--detached"]
        options: Dict[str, Any] = {"start_new_session": True}
        if os.name == "nt":  # DETACHED_PROCESS, CREATE_NEW_PROCESS_GROUP
            options = {"creationflags": 0x00000008 | 0x00000200}
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with os.fdopen(os.open(os.path.join(folder, "log"), flags, 0o600), "ab") as log:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, **options)
    for _ in range(300):
        owner = read_json(os.path.join(lock, "owner.json"))
        if owner or os.path.exists(os.path.join(lock, "cancelled")):
            native_id = "%(node)s:%(pid)s" % owner if owner else None
            answer({"native_id": native_id, "again": again, "job_id": name})
            return 0
        if child is not None and child.poll() not in (None, SECOND_START):
            break
        time.sleep(0.05)
    answer({"error": "not-started", "job_id": name})
    return 1


def standing(folder: str) -> Record:
    """Where the job of a folder stands; of a job array also how many of its tasks stand how."""
    record = seen(folder)
    if record["state"] != "absent" and os.path.exists(os.path.join(folder, TASKS)):
        record["tasks"] = counts(folder, alive=record["state"] == "running")
    return record


def seen(folder: str) -> Record:
    """A job's record, corrected by what has become of its process."""
    lock, name = os.path.join(folder, "lock"), os.path.basename(folder)
    if not os.path.isdir(lock):
        return {"job_id": name, "state": "absent"}
    owner = read_json(os.path.join(lock, "owner.json"))
    alive = bool(owner) and born(int(owner["pid"])) == owner["born"]
    record = read_json(os.path.join(folder, "record.json"))  # after the look: a process writes first, then ends
    record.update(job_id=name, native_id="%(node)s:%(pid)s" % owner if owner else None)
    record["samples"] = record.get("samples", [])[-1:]
    cancelled = os.path.exists(os.path.join(lock, "cancelled"))
    if record.get("state") == "ended":
        return record
    if alive or (not owner and not cancelled and time.time() - os.stat(lock).st_mtime < 30):
        record["state"] = "running"
    elif owner and owner.get("node") != platform.node():
        # Another machine's process cannot be seen from here: its record is believed while it is fresh.
        fresh = time.time() - float(record.get("updated_at") or 0) < 10 * HEARTBEAT
        record.update(state="running" if fresh else "unknown", reason=None if fresh else "other-node")
    else:
        why = "cancelled" if cancelled else record.get("stopped")
        record.update(state="ended", outcome=why or "failed", reason=None if why else "runner-gone")
        record["ended_at"] = record.get("updated_at")
    return record


def cancel(folder: str) -> int:
    """End the job's processes: gently, then not. Only the recorded process and its family are touched."""
    lock = os.path.join(folder, "lock")
    with contextlib.suppress(FileExistsError):
        os.mkdir(lock, 0o700)
    with contextlib.suppress(OSError):  # even where the disk is full the processes are to end
        write_json(os.path.join(lock, "cancelled"), {"at": time.time()})
    owner = read_json(os.path.join(lock, "owner.json"))
    if owner and owner.get("node") != platform.node() and standing(folder)["state"] != "ended":
        answer({"error": "other-node", "node": owner.get("node"), "job_id": os.path.basename(folder)})
        return 1
    asked, give_up = False, time.time() + GRACE + 5
    while owner and born(int(owner["pid"])) == owner["born"]:
        if not asked or time.time() >= give_up:
            end(
                family(int(owner["pid"]), processes()) if asked else [int(owner["pid"])],
                KILL if asked else signal.SIGTERM,
            )
            asked, give_up = True, time.time() + GRACE + 5
        time.sleep(0.05)
    answer(standing(folder))
    return 0


def main(words: List[str]) -> int:
    """Which of the commands is meant."""
    command = words[0] if words else ""
    folders = [os.path.abspath(word) for word in words[1:] if not word.startswith("--")]
    if command == "probe":
        answer(describe())
        return 0
    if command in ("status", "tally"):
        for folder in folders:
            answer(standing(folder) if command == "status" else tally(folder))
        return 0
    task = [word[len("--task=") :] for word in words if word.startswith("--task=")]
    if command == "run" and len(folders) == 1:
        detached = "--detached" in words
        return run_task(run, folders[0], int(task[0]), detached) if task else run(folders[0], detached)
    if command in ("rank", "ranks") and len(folders) == 1:
        return Rank(folders[0]).do() if command == "rank" else Ranks(folders[0]).do()
    if command in ("start", "cancel") and len(folders) == 1:
        return start(folders[0]) if command == "start" else cancel(folders[0])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
