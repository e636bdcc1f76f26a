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

from dkai.compute.runner.again import (
    comes_back,
    earlier_starts,
    has_checkpoint,
    is_superseded,
    left,
    put_back,
    restarts,
)
from dkai.compute.runner.container import handed_in
from dkai.compute.runner.environment import CannotRunError, interpreter_for
from dkai.compute.runner.files import Record, give_room, is_full, keep_room, write_json
from dkai.compute.runner.interpreter import Interpreter, versions_in
from dkai.compute.runner.launch import GOES_ON, failed_rank, is_launched, launched, with_nodes
from dkai.compute.runner.machine import facts, oom_kills
from dkai.compute.runner.meter import Meter
from dkai.compute.runner.processes import born, end, family, processes
from dkai.compute.runner.words import CANNOT_RUN, GO_ON, SCHEMA, SECOND_START, TEXTS

# Seconds between records; between asking to end and making it.
HEARTBEAT, GRACE = 30.0, 10.0
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
TIME_UP = getattr(signal, "SIGUSR2", None)
VISIBLE = ("CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")


def this_process() -> Record:
    """Who runs the job."""
    owner: Record = {"pid": os.getpid(), "born": born(os.getpid()), "node": platform.node()}
    for key, name in (("slurm_job_id", "SLURM_JOB_ID"), ("lsf_job_id", "LSB_JOBID")):
        if name in os.environ:
            owner[key] = os.environ[name]
    return dict(owner, restart=restarts()) if restarts() else owner


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
        self.stopped = ""  # `cancelled`, `timeout` or `requeue` once the job was told to end
        self.warned, self.launched, self.was_full = False, False, False
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
        if job.get("checkpoint"):
            self.record["starts"] = earlier_starts()
            # So long before its time is up the script is told, and so long before the runner puts the job back itself.
            warning = float(job.get("warning_s") or 0)
            self.warn_at = self.deadline - warning
            self.back_at = self.ends - min(30.0, warning / 2) if left(job) else float("inf")
        else:
            self.warn_at = self.back_at = float("inf")

    def say(self, key: str, **values: object) -> None:
        """One line in the log."""
        say(self.job, key, **values)

    def say_why(self, error: CannotRunError) -> None:
        """Why the job cannot begin in some way."""
        self.say(error.args[0], **dict(error.args[1], node=platform.node()))

    def save(self) -> None:
        """Write the record; a full disk must not end the job."""
        self.saved = time.time()
        if is_superseded(self.job):
            self.say("superseded")
            self.signal_job(KILL)
            os._exit(SECOND_START)
        self.record.update(
            self.meter.summary(self.saved), updated_at=self.saved, stopped=self.stopped or None,
            second_starts=len(glob.glob("lock/second-*")),
        )  # fmt: skip
        if self.launched:
            with_nodes(self.record)
        try:
            write_json("record.json", self.record)
        except OSError as error:
            self.cannot_save(error)

    def cannot_save(self, error: OSError) -> None:
        """Say it, in what room there is; a full disk may be why the job fails, though its log has no room to say so."""
        if is_full(error):
            give_room()
            self.was_full = True
            if self.record["outcome"] == "failed":
                self.record["reason"] = self.record["reason"] or "disk-full"
        with contextlib.suppress(OSError):  # the scheduler still knows the exit code
            write_json("record.json", self.record)
        with contextlib.suppress(OSError):  # nothing that Python keeps, and fails to write at its end once more
            os.write(2, ("dkai: record.json: %s\n" % error).encode("utf-8", "replace"))

    def stop(self, why: str) -> None:
        """Tell the job to end; it is made to after a while."""
        if not self.stopped:
            self.stopped, self.kill_at = why, time.time() + GRACE
            # Slurm tells srun's processes itself, and gives them time to end; srun, when told, kills them at once.
            if not (self.launched and "SLURM_JOB_ID" in os.environ and why != "requeue"):
                self.signal_job(signal.SIGTERM)
            self.save()

    def on_signal(self, number: int, _frame: Any) -> None:
        """Slurm sends the same signal for scancel and when time is up: the clock tells which it was. LSF has one of
        its own for the latter (SIGUSR2), and kills the job only minutes after it."""
        if not self.stopped:
            self.say("ending" if comes_back(self.job) else "stopped")
            late = number == TIME_UP or (time.time() >= self.ends - 5 and not os.path.exists("lock/cancelled"))
            self.stop("timeout" if late else "cancelled")

    def on_warning(self, number: int, _frame: Any) -> None:
        """The time is nearly up: the script may write down where it is. srun passes it on to its processes itself."""
        if not self.warned and not self.stopped:
            self.warned = True
            self.say("warned")
            if self.child is not None:
                end([self.child] if self.launched else family(self.child, processes()), number)

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

    def call(self, argv: List[str], env: Optional[Dict[Any, Any]] = None, beat: str = "", deaf: bool = False) -> int:
        """Run a program to its end, sampling; its exit code, negative for a signal. `beat` is touched meanwhile.

        `deaf`: the program is not ended by the warning that its time is nearly up, unless it says so itself.
        """
        done, status = threading.Event(), [0]
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, env=env, preexec_fn=die_with_parent(deaf))  # noqa: PLW1509 - no other thread runs now
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
            elif time.time() >= self.back_at and not self.stopped and has_checkpoint():
                self.stop("requeue")
            elif time.time() >= self.warn_at and hasattr(signal, "SIGUSR1"):
                self.on_warning(signal.SIGUSR1, None)
            self.sample()
            if beat:
                with contextlib.suppress(OSError):
                    os.utime(beat, None)
        waiter.join()
        self.child = None
        return status[0]

    def pause(self) -> float:
        """Seconds until there is something to do."""
        soonest = self.kill_at if self.stopped else min(self.deadline, self.back_at)
        if not self.warned:
            soonest = min(soonest, self.warn_at)
        return min(self.meter.interval, max(0.05, soonest - time.time()))

    def listen(self) -> None:
        """Hear the signals that end the job, and the one that its time is nearly up."""
        for name in ("SIGTERM", "SIGINT", "SIGBREAK", *(("SIGUSR2",) if "LSB_JOBID" in os.environ else ())):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self.on_signal)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        if hasattr(signal, "SIGUSR1") and self.job.get("checkpoint"):
            signal.signal(signal.SIGUSR1, self.on_warning)

    def do(self) -> int:
        """The job itself; the exit code is its own."""
        self.listen()
        keep_room()
        self.save()
        kills, code = oom_kills(), CANNOT_RUN
        try:
            if not isinstance(self.job.get("script"), str):
                raise CannotRunError("bad-job", {"why": "job.json"})
            self.find_home()
            found, language = interpreter_for(self), str(self.job.get("language") or "python")
            if not self.stopped:
                told = {"language": language, "version": found.version, "path": found.argv[-1]}
                self.record.update(python=told if language == "python" else None, environment=dict(found.way, **told))
                self.record["max_rss_mb"] = None
                self.meter.begin()
                code = self.script(found)
                names = (self.job.get("python") or {}).get("imports")
                if names and not self.stopped:
                    self.record["packages"] = versions_in(found, names, language)
        except CannotRunError as error:
            self.say_why(error)
            self.record["reason"] = error.args[0]
        except (OSError, subprocess.SubprocessError, ValueError, TypeError, AttributeError) as error:
            self.say("bad-job", why=error)
            self.record["reason"] = "bad-job"
        if os.path.exists("lock/cancelled"):
            self.stopped = self.stopped or "cancelled"
        if self.stopped == "requeue" or (code == GO_ON and self.job.get("checkpoint") and not self.stopped):
            again = put_back(self)
            if again is not None:
                return again
            self.stopped = "timeout"
            if has_checkpoint():
                self.say("saved")
        failed = "out-of-memory" if code in (-9, 128 + 9) and oom_kills() > kills else "failed"
        exit_code = code if code >= 0 else 128 - code
        self.record.update(
            state="ended", ended_at=time.time(), exit_code=exit_code, signal=-code if code < 0 else None,
            outcome=self.stopped or ("completed" if code == 0 else failed),
        )  # fmt: skip
        if self.stopped == "cancelled" and comes_back(self.job):
            self.record.update(state="interrupted", outcome=None)
        if self.was_full and self.record["outcome"] == "failed":
            self.record["reason"] = self.record["reason"] or "disk-full"
        self.save()
        give_room()
        return exit_code

    def script(self, found: Interpreter) -> int:
        """The script, as one process or several; its exit code."""
        words, env = [*found.argv, self.job["script"]], environment_of(self.job, self.folder, found)
        if self.job.get("checkpoint"):
            with contextlib.suppress(OSError):
                os.makedirs("checkpoint", 0o700, exist_ok=True)
        self.launched = is_launched(self.job)
        if not self.launched:
            code = self.call(words, env, deaf=bool(self.job.get("checkpoint")))
            self.account()
            return code
        code = self.call(*launched(self, found, env))
        self.account()
        failed = failed_rank()
        if failed:
            self.record["failed_rank"] = failed
            return int(failed.get("exit_code") or 1)
        return GO_ON if code == 0 and os.path.exists(GOES_ON) else code

    def find_home(self) -> None:
        """Where a node has no home folder that can be written to, the job gets one of its own: programs rely on it."""
        home = os.path.expanduser("~")
        if os.path.isdir(home) and os.access(home, os.W_OK | os.X_OK):
            return
        home = os.path.join(self.folder, "home")
        with contextlib.suppress(OSError):  # a full disk is said by what needs it
            os.makedirs(home, 0o700, exist_ok=True)
        self.say("no-home", node=platform.node(), folder=home)
        self.record["home"] = home
        os.environ["HOME"] = home

    def account(self) -> None:
        """What the script used, as the system counted it."""
        if self.usage is not None:
            unit = 1048576 if sys.platform == "darwin" else 1024  # see getrusage(2)
            self.record["cpu_s"] = round(self.usage.ru_utime + self.usage.ru_stime, 3)
            biggest = round(self.usage.ru_maxrss / unit, 1)
            self.record["max_rss_mb"] = max(biggest, self.record["max_rss_mb"] or 0)


def die_with_parent(deaf: bool = False) -> Any:
    """For Popen on Linux: the kernel ends the child when this process is killed. None elsewhere.

    `deaf`: SIGUSR1 does not end it, unless it listens for it itself.
    """
    if not sys.platform.startswith("linux"):
        return (lambda: signal.signal(signal.SIGUSR1, signal.SIG_IGN)) if deaf and os.name == "posix" else None
    import ctypes

    libc = ctypes.CDLL(None)

    def prepare_child() -> None:
        libc.prctl(1, int(KILL))  # PR_SET_PDEATHSIG
        if deaf:
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)

    return prepare_child


def environment_of(job: Record, folder: str, found: Optional[Interpreter] = None) -> Dict[Any, Any]:
    """The script's environment; in bytes where the system has them, as an old Python in the C locale knows no ø."""
    extra = {"DKAI_JOB_ID": str(job.get("job_id")), "DKAI_JOB_DIR": folder, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    extra.update({str(name): str(value) for name, value in (job.get("env") or {}).items()})
    if os.name == "nt":
        return dict(os.environ, **extra)
    if found is not None:
        extra["DKAI_JOB_DIR"] = found.way.get("folder") or folder
    base = os.environb if found is None or found.env is None else found.env
    if found is not None and found.prefix:
        # What lies in the home folder's site-packages is for the host's Python, not for the image's.
        extra.update(handed_in(dict(base), dict(extra, PYTHONNOUSERSITE="1"), found.prefix))
    encoded = {
        name.encode("utf-8", "surrogateescape"): extra[name].encode("utf-8", "surrogateescape") for name in extra
    }
    return {**base, **encoded}
