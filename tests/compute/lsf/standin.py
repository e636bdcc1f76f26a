"""A stand-in for LSF's commands, written from the documentation: it keeps a queue on disk and really runs the jobs.

Called as `bsub`, `bjobs` and so on by small scripts that `install` writes. What it prints of the cluster are the files
of tests/fixtures/lsf; what it prints of jobs is in the same shapes. It is no LSF: one host, one user, no priorities.

The folder has `jobs.json` (the queue, under a lock) and `conf.json`, which a test sets:

    down        commands answer as if mbatchd were away; `hang`: they answer nothing
    wait_s      a job waits so long before it starts;  minute_s: how long a minute of -W takes
    grace_s     between SIGUSR2, SIGINT, SIGTERM and SIGKILL
    clean_s     bjobs forgets an ended job after so long;  stale_s: bjobs knows jobs only after so long
    bsub        `lose`: it takes the job and its answer is lost; `die`: it is killed before it took it;
                `refuse`: the text with which it refuses;  `slow_s`: it takes so long to answer
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

HERE = Path(os.environ.get("LSF_STANDIN", "/nowhere"))
COMMANDS = (
    "bsub",
    "bjobs",
    "bkill",
    "bhist",
    "bacct",
    "bqueues",
    "bhosts",
    "bmgroup",
    "busers",
    "bparams",
    "lsid",
    "lshosts",
)
FIXTURES = Path(__file__).resolve().parent.parent.parent / "fixtures" / "lsf"
DEFAULTS = {"wait_s": 0.0, "minute_s": 60.0, "grace_s": 1.0, "clean_s": 3600.0, "stale_s": 0.0}


def install(folder: Path) -> None:
    """Make the commands in `folder`/bin, with their queue in `folder`."""
    (folder / "bin").mkdir(parents=True)
    (folder / "jobs.json").write_text("{}")
    (folder / "conf.json").write_text("{}")
    for name in COMMANDS:
        file = folder / "bin" / name
        run = shlex.join([sys.executable, "-I", __file__, name])
        file.write_text(f'#!/bin/sh\nLSF_STANDIN={shlex.quote(str(folder))}\nexport LSF_STANDIN\nexec {run} "$@"\n')
        file.chmod(0o755)


def conf() -> Any:
    return dict(DEFAULTS, **json.loads((HERE / "conf.json").read_text()))


@contextmanager
def queue() -> Iterator[dict[str, Any]]:
    """The jobs by number, to be read and changed."""
    with (HERE / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        jobs = json.loads((HERE / "jobs.json").read_text())
        yield jobs
        new = HERE / "jobs.new"
        new.write_text(json.dumps(jobs))
        new.replace(HERE / "jobs.json")


def say_no(text: str, code: int = 255) -> NoReturn:
    sys.stderr.write(text + "\n")
    sys.exit(code)


def me() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


# --- submitting and running


def directives(text: str) -> dict[str, str]:
    """The options of the script's #BSUB lines, by name."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#BSUB "):
            name, *value = shlex.split(line[6:])
            found[name[1:]] = value[0] if value else ""
    return found


def bsub(words: list[str], how: Any) -> None:
    text = sys.stdin.read()
    with (HERE / "calls").open("a") as calls:
        calls.write(f"bsub {os.getpid()}\n")
    trick = how.get("bsub", {})
    if trick.get("die"):
        os.kill(os.getpid(), signal.SIGKILL)
    if trick.get("refuse"):
        say_no(trick["refuse"])
    options = directives(text)
    if options.get("q", "hpc") not in ("hpc", "gpuv100", "gpua100"):
        say_no("{}: No such queue. Job not submitted.".format(options["q"]))
    hours, _, minutes = options["W"].rpartition(":")
    limit = int(hours or 0) * 60 + int(minutes)
    if limit > 4320:
        say_no("RUNLIMIT: Cannot exceed queue's hard limit(s). Job not submitted.")
    with queue() as jobs:
        number = str(max([4700, *map(int, jobs)]) + 1)
        jobs[number] = {
            "name": options["J"],
            "queue": options.get("q", "hpc"),
            "stat": "PEND",
            "submitted": time.time(),
            "cwd": str(Path.cwd()),
            "limit_s": limit * how["minute_s"],
            "slots": int(options["n"]),
            "text": text,
            "out": options.get("o"),
            "started": None,
            "ended": None,
            "code": None,
            "term": None,
            "cpu_s": 0.0,
        }
    subprocess.Popen(
        [sys.executable, "-I", __file__, "_run", number],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(trick.get("slow_s", 0))
    if trick.get("lose"):
        os.kill(os.getpid(), signal.SIGKILL)
    if "q" in options:
        print("Job <{}> is submitted to queue <{}>.".format(number, options["q"]))
    else:
        print(f"Job <{number}> is submitted to default queue <hpc>.")


def run(number: str) -> None:
    """sbatchd: wait, start the script in a session of its own, keep its time, and note how it ended."""
    how, before = conf(), os.times()
    with queue() as jobs:
        job = jobs[number]
    time.sleep(how["wait_s"])
    with queue() as jobs:
        if jobs[number]["stat"] != "PEND":
            return
        jobs[number].update(stat="RUN", started=time.time())
    script = HERE / (f"script-{number}")
    script.write_text(job["text"])
    shell = job["text"].splitlines()[0].removeprefix("#!").strip() or "/bin/sh"
    env = dict(os.environ, LSB_JOBID=number, LSB_JOBNAME=job["name"], LSB_QUEUE=job["queue"], LSB_HOSTS="here")
    with Path(job["cwd"], job["out"] or "out").open("ab") as out:
        child = subprocess.Popen(
            [shell, str(script)],
            cwd=job["cwd"],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        with queue() as jobs:
            jobs[number]["pid"] = child.pid
        end = time.time() + job["limit_s"]
        while child.poll() is None and time.time() < end:
            time.sleep(0.05)
        if child.poll() is None:
            with queue() as jobs:
                jobs[number]["term"] = (
                    jobs[number]["term"] or "TERM_RUNLIMIT: job killed after reaching LSF run time limit"
                )
            for name in ("SIGUSR2", "SIGINT", "SIGTERM", "SIGKILL"):
                tell(child.pid, getattr(signal, name))
                if ended(child, how["grace_s"] * (10 if name == "SIGUSR2" else 1)):
                    break
        code = child.wait()
        out.write(("\n%s\nResource usage summary: a stand-in keeps none\n" % ("-" * 60)).encode())
    with queue() as jobs:
        spent = os.times()
        jobs[number].update(
            stat="DONE" if code == 0 else "EXIT",
            code=128 - code if code < 0 else code,
            ended=time.time(),
            cpu_s=round(spent[2] + spent[3] - before[2] - before[3], 2),
        )


def ended(child: Any, seconds: float) -> bool:
    until = time.time() + seconds
    while time.time() < until:
        if child.poll() is not None:
            return True
        time.sleep(0.05)
    return False


def tell(pid: int, number: int) -> None:
    with suppress(OSError):
        os.killpg(pid, number)


def bkill(words: list[str], how: Any) -> None:
    number = words[-1]
    with queue() as jobs:
        job = jobs.get(number)
        if job is None:
            say_no(f"Job <{number}>: No matching job found")
        if job["stat"] in ("DONE", "EXIT"):
            say_no(f"Job <{number}>: Job has already finished")
        job["term"] = "TERM_OWNER: job killed by owner"
        if job["stat"] == "PEND":
            job.update(stat="EXIT", code=130, ended=time.time())
        pid = job.get("pid")
    print(f"Job <{number}> is being terminated")
    sys.stdout.flush()
    if pid and os.fork() == 0:
        for name in ("SIGINT", "SIGTERM", "SIGKILL"):
            tell(pid, getattr(signal, name))
            time.sleep(how["grace_s"])
        os._exit(0)


# --- asking


def clock(seconds: float | None, long: bool = False) -> str:
    if seconds is None:
        return "-"
    here = time.localtime(seconds)
    text = time.strftime("%b ", here) + f"{here.tm_mday:2d}" + time.strftime(" %H:%M", here)
    return time.strftime("%a ", here) + text + time.strftime(":%S", here) if long else text


def cell(field: str, number: str, job: Any) -> str:
    home = os.environ.get("HOME", "")
    cwd = job["cwd"]
    ran = (job["ended"] or time.time()) - job["started"] if job["started"] else 0
    return {
        "jobid": number, "job_name": job["name"], "stat": job["stat"],
        "exit_code": "-" if job["stat"] != "EXIT" else str(job["code"]),
        "submit_time": clock(job["submitted"]), "start_time": clock(job["started"]),
        "finish_time": clock(job["ended"]) if job["ended"] else clock(job["started"] + job["limit_s"]) + " L"
        if job["started"] else "-",
        "exec_host": f"{job['slots']}*here" if job["started"] else "-",
        "exit_reason": job["term"] if job["stat"] == "EXIT" and job["term"] else "-",
        "pend_reason": "New job is waiting for scheduling;" if job["stat"] == "PEND" else "-",
        "sub_cwd": "$HOME" + cwd[len(home):] if home and (cwd + "/").startswith(home + "/") else cwd,
        "nalloc_slot": str(job["slots"]) if job["started"] else "-", "max_mem": "12 Mbytes",
        "cpu_used": f"{job['cpu_s']:.1f} second(s)", "run_time": f"{int(ran)} second(s)",
    }[field]  # fmt: skip


def bjobs(words: list[str], how: Any) -> None:
    options = dict(itertools.pairwise(words))
    *fields, mark = options["-o"].split()
    assert mark == "delimiter='|'", mark
    wanted = [word for word in words if word.isdigit()]
    now = time.time()
    with queue() as jobs:
        found = {
            number: job for number, job in jobs.items()
            if now - job["submitted"] >= how["stale_s"]
            and (job["ended"] is None or ("-a" in words and now - job["ended"] < how["clean_s"]))
            and options.get("-J", job["name"]) == job["name"] and (not wanted or number in wanted)
        }  # fmt: skip
    if not found and wanted:
        say_no(f"Job <{wanted[0]}> is not found")
    if not found and "-J" in words:
        say_no("Job <{}> is not found".format(options["-J"]))
    if not found:
        say_no("No job found" if "-a" in words else "No unfinished job found", 255)
    for number, job in found.items():
        print("|".join(cell(field, number, job) for field in fields))


def wrapped(text: str) -> None:
    """As LSF breaks its lines: 80 to the first, 59 to the next, which are indented by 21."""
    print(text[:80])
    for at in range(80, len(text), 59):
        print(" " * 21 + text[at : at + 59])


def history(words: list[str], ending: Callable[[Any], list[str]]) -> None:
    with queue() as jobs:
        found = {number: job for number, job in jobs.items() if number in words}
    if not found:
        say_no("No matching job found")
    for number, job in found.items():
        name, at = job["name"], clock(job["submitted"], True)
        wrapped(f"Job <{number}>, Job Name <{name}>, User <{me()}>, Project <default>, Command <#!/bin/bash;...>")
        wrapped(f"{at}: Submitted from host <here>, to Queue <{job['queue']}>, CWD <{job['cwd']}>;")
        if job["started"]:
            at, slots = clock(job["started"], True), job["slots"]
            wrapped(f"{at}: Dispatched {slots} Task(s) on Host(s) <here>, Allocated {slots} Slot(s) on Host(s) <here>;")
        if job["ended"]:
            for line in ending(job):
                wrapped("{}: {}".format(clock(job["ended"], True), line))
        print()


def bhist(words: list[str], how: Any) -> None:
    def ending(job: Any) -> list[str]:
        if job["stat"] == "DONE":
            return ["Done successfully. The CPU time used is {:.1f} seconds;".format(job["cpu_s"])]
        lines = [f"Exited with exit code {job['code']}. The CPU time used is {job['cpu_s']:.1f} seconds;"]
        return [*lines, "Completed <exit>; {};".format(job["term"])] if job["term"] else lines

    history(words, ending)


def bacct(words: list[str], how: Any) -> None:
    history(
        words,
        lambda job: ["Completed <done>." if job["stat"] == "DONE" else f"Completed <exit>; {job['term'] or '-'}."],
    )
    print("Accounting information about this job:")
    print("     CPU_T     WAIT     TURNAROUND   STATUS     HOG_FACTOR    MEM    SWAP")
    print("      0.25        1              2     done         0.1000    12M      0M")


def shown(name: str) -> None:
    """A file of the fixtures, with this user's name."""
    sys.stdout.write((FIXTURES / name).read_text().replace("someone", me()))


def main() -> None:
    name, *words = sys.argv[1:]
    if name == "_run":
        run(words[0])
        return
    how = conf()
    if how.get("hang"):
        time.sleep(600)
    if how.get("down") and not name.startswith("ls"):
        say_no("LSF is down. Please wait ...")
    actions = {"bsub": bsub, "bjobs": bjobs, "bkill": bkill, "bhist": bhist, "bacct": bacct}
    if name in actions:
        actions[name](words, how)
        return
    shown({
        "bqueues": "bqueues-w.txt" if "-w" in words else "bqueues-l.txt", "bhosts": "bhosts-w.txt",
        "bmgroup": "bmgroup-w.txt", "busers": "busers.txt", "bparams": "bparams-a.txt", "lsid": "lsid.txt",
        "lshosts": "lshosts-gpu.txt" if "-gpu" in words else "lshosts-w.txt",
    }[name])  # fmt: skip


if __name__ == "__main__":
    main()
