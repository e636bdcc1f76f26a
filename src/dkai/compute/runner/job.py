"""One run of a job, from the lock to the last record."""

import contextlib
import glob
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from typing import Any, Dict, List, Optional

from dkai.compute.runner.environment import CannotRunError, interpreter_for
from dkai.compute.runner.files import Record, write_json
from dkai.compute.runner.interpreter import look_at, versions_in
from dkai.compute.runner.machine import facts, oom_kills
from dkai.compute.runner.meter import Meter
from dkai.compute.runner.processes import born, end, family, processes
from dkai.compute.runner.words import CANNOT_RUN, SCHEMA, TEXTS

# Seconds between records; between asking to end and making it.
HEARTBEAT, GRACE = 30.0, 10.0
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
VISIBLE = ("CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")


def this_process() -> Record:
    """Who runs the job."""
    owner: Record = {"pid": os.getpid(), "born": born(os.getpid()), "node": platform.node()}
    return dict(owner, slurm_job_id=os.environ["SLURM_JOB_ID"]) if "SLURM_JOB_ID" in os.environ else owner


def say(job: Record, key: str, **values: object) -> None:
    """One line in the log, in the person's language; UTF-8 whatever the locale is."""
    text = "dkai: " + TEXTS[key][job.get("lang") == "da"].format(**values) + "\n"
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        os.write(1, text.encode("utf-8", "replace"))


class Run:
    """One run."""

    def __init__(self, job: Record, folder: str, detached: bool) -> None:
        self.job, self.folder, self.detached = job, folder, detached
        self.owner = this_process()
        self.began = time.time()
        limit = job.get("walltime_s")
        self.ends = self.began + (limit if isinstance(limit, (int, float)) and limit > 0 else float("inf"))
        self.deadline = self.ends if detached else float("inf")  # Slurm keeps the time itself
        self.stopped = ""  # `cancelled` or `timeout` once the job was told to end
        self.kill_at = float("inf")
        self.child: Optional[int] = None
        self.saved = 0.0
        self.usage: Any = None
        self.meter = Meter()
        self.record: Record = {
            "schema": SCHEMA, "job_id": job.get("job_id") or os.path.basename(folder), "state": "running",
            "outcome": None, "exit_code": None, "signal": None, "reason": None, "ended_at": None,
            "started_at": self.began, "python": None, "gpus": self.meter.gpus.names(), "cpu_s": None,
            "max_rss_mb": None,
            "visible_devices": next((os.environ[name] for name in VISIBLE if name in os.environ), None),
        }  # fmt: skip
        self.record.update(self.owner, machine=facts(self.meter.gpus), packages=None)

    def say(self, key: str, **values: object) -> None:
        """One line in the log."""
        say(self.job, key, **values)

    def save(self) -> None:
        """Write the record; a full disk must not end the job."""
        self.saved = time.time()
        self.record.update(
            self.meter.summary(self.saved), updated_at=self.saved, stopped=self.stopped or None,
            second_starts=len(glob.glob("lock/second-*")),
        )  # fmt: skip
        try:
            write_json("record.json", self.record)
        except OSError as error:
            print("dkai: record.json: %s" % error, file=sys.stderr, flush=True)

    def stop(self, why: str) -> None:
        """Tell the job to end; it is made to after a while."""
        if not self.stopped:
            self.stopped, self.kill_at = why, time.time() + GRACE
            self.signal_job(signal.SIGTERM)
            self.save()

    def on_signal(self, _number: int, _frame: Any) -> None:
        """Slurm sends the same signal for scancel and when time is up: the clock tells which it was."""
        if not self.stopped:
            self.say("stopped")
            late = time.time() >= self.ends - 5 and not os.path.exists("lock/cancelled")
            self.stop("timeout" if late else "cancelled")

    def signal_job(self, number: int) -> None:
        """Signal the job's processes, this one not among them."""
        if self.child is not None:
            table = processes()
            found = set(family(self.child, table))
            if self.detached:  # this process leads a group of its own, so whoever is in it belongs to the job
                found |= {pid for pid, process in table.items() if process.group == os.getpid()}
            end(sorted(found - {os.getpid()}), number)

    def sample(self) -> None:
        """Note what the job uses just now."""
        self.meter.sample(self.child or 0, processes())
        self.record["max_rss_mb"] = self.meter.max_rss
        if time.time() - self.saved >= max(HEARTBEAT, self.meter.interval):
            self.save()

    def call(self, argv: List[str], env: Optional[Dict[Any, Any]] = None, beat: str = "") -> int:
        """Run a program to its end, sampling; its exit code, negative for a signal. `beat` is touched meanwhile."""
        done, status = threading.Event(), [0]
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, env=env, preexec_fn=die_with_parent())  # noqa: PLW1509 - no other thread runs now
        self.child = child.pid

        def wait() -> None:
            if hasattr(os, "wait4"):
                _, code, self.usage = os.wait4(child.pid, 0)
                status[0] = -os.WTERMSIG(code) if os.WIFSIGNALED(code) else os.WEXITSTATUS(code)
                child.returncode = status[0]
            else:
                status[0] = child.wait()
            done.set()

        waiter = threading.Thread(target=wait)
        waiter.start()
        if self.stopped:  # between the last look at it and the child's start
            self.signal_job(signal.SIGTERM)
        while not done.wait(self.pause()):
            if time.time() >= self.kill_at:
                self.signal_job(KILL)
                self.kill_at = time.time() + GRACE
            elif time.time() >= self.deadline and not self.stopped:
                self.say("walltime", seconds=self.job.get("walltime_s"))
                self.stop("timeout")
            self.sample()
            if beat:
                with contextlib.suppress(OSError):
                    os.utime(beat, None)
        waiter.join()
        self.child = None
        return status[0]

    def pause(self) -> float:
        """Seconds until there is something to do."""
        soonest = self.kill_at if self.stopped else self.deadline
        return min(self.meter.interval, max(0.05, soonest - time.time()))

    def do(self) -> int:
        """The job itself; the exit code is its own."""
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self.on_signal)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self.save()
        kills, code = oom_kills(), CANNOT_RUN
        try:
            if not isinstance(self.job.get("script"), str):
                raise CannotRunError("bad-job", {"why": "job.json"})
            python = interpreter_for(self)
            if not self.stopped:
                self.record["python"] = {"path": python, "version": look_at(python, [])[0]}
                self.record["max_rss_mb"] = None
                self.meter.begin()
                code = self.call([python, self.job["script"]], environment_of(self.job, self.folder))
                self.account()
                names = (self.job.get("python") or {}).get("imports")
                if names and not self.stopped:
                    self.record["packages"] = versions_in(python, names)
        except CannotRunError as error:
            self.say(error.args[0], **dict(error.args[1], node=platform.node()))
            self.record["reason"] = error.args[0]
        except (OSError, subprocess.SubprocessError, ValueError, TypeError, AttributeError) as error:
            self.say("bad-job", why=error)
            self.record["reason"] = "bad-job"
        if os.path.exists("lock/cancelled"):
            self.stopped = self.stopped or "cancelled"
        failed = "out-of-memory" if code == -9 and oom_kills() > kills else "failed"
        exit_code = code if code >= 0 else 128 - code
        self.record.update(
            state="ended", ended_at=time.time(), exit_code=exit_code, signal=-code if code < 0 else None,
            outcome=self.stopped or ("completed" if code == 0 else failed),
        )  # fmt: skip
        self.save()
        return exit_code

    def account(self) -> None:
        """What the script used, as the system counted it."""
        if self.usage is not None:
            unit = 1048576 if sys.platform == "darwin" else 1024  # see getrusage(2)
            self.record["cpu_s"] = round(self.usage.ru_utime + self.usage.ru_stime, 3)
            biggest = round(self.usage.ru_maxrss / unit, 1)
            self.record["max_rss_mb"] = max(biggest, self.record["max_rss_mb"] or 0)


def die_with_parent() -> Any:
    """For Popen on Linux: the kernel ends the child when this process is killed. None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    import ctypes

    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(1, int(KILL))  # PR_SET_PDEATHSIG


def environment_of(job: Record, folder: str) -> Dict[Any, Any]:
    """The script's environment; in bytes where the system has them, as an old Python in the C locale knows no ø."""
    extra = {"DKAI_JOB_ID": str(job.get("job_id")), "DKAI_JOB_DIR": folder, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    extra.update({str(name): str(value) for name, value in (job.get("env") or {}).items()})
    if os.name == "nt":
        return dict(os.environ, **extra)
    encoded = {
        name.encode("utf-8", "surrogateescape"): extra[name].encode("utf-8", "surrogateescape") for name in extra
    }
    return {**os.environb, **encoded}
