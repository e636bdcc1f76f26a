"""One process of several (`rank`), as srun or this program starts it, and all of them on one computer (`ranks`).

The first process on each node also looks at what its node's processes use, into `record-<node>.json`.
"""

import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from typing import Any, Dict, List, Optional

from dkai.compute.runner.container import HANDED_IN
from dkai.compute.runner.files import Record, read_json, write_json
from dkai.compute.runner.job import GRACE, HEARTBEAT, KILL, die_with_parent, say
from dkai.compute.runner.launch import FAILED_RANK, GOES_ON, LAUNCH
from dkai.compute.runner.meter import Meter
from dkai.compute.runner.processes import end, family, processes
from dkai.compute.runner.words import GO_ON


class Rank:
    """One process: its place among the others, and its life."""

    def __init__(self, folder: str) -> None:
        os.umask(0o077)
        os.chdir(folder)
        self.folder, self.launch, self.job = folder, read_json(LAUNCH), read_json("job.json")
        self.here = "DKAI_RANK" in os.environ  # started by `ranks`, not by srun
        self.number = int(os.environ.get("DKAI_RANK") or os.environ.get("SLURM_PROCID") or 0)
        self.local = self.number if self.here else int(os.environ.get("SLURM_LOCALID") or 0)
        self.node_rank = 0 if self.here else int(os.environ.get("SLURM_NODEID") or 0)
        self.node = os.environ.get("SLURMD_NODENAME") or platform.node()
        self.child: Any = None
        self.told, self.told_at = False, 0.0

    def variables(self) -> Dict[str, str]:
        """What the script is told of its place, in the variables that torch.distributed reads."""
        launch = self.launch
        each, nodes = int(launch["per_node"]), int(launch["nodes"])
        found = {
            "DKAI_JOB_TOKEN": str(launch["token"]), "OMP_NUM_THREADS": str(max(1, int(launch["cpus"]) // each)),
            "MASTER_ADDR": str(launch["master_addr"]), "MASTER_PORT": str(launch["master_port"]),
            "DKAI_NODE": self.node,
        }  # fmt: skip
        if launch["kind"] == "srun":
            found.update(
                RANK=str(self.number), WORLD_SIZE=str(each * nodes), LOCAL_RANK=str(self.local),
                LOCAL_WORLD_SIZE=str(each), NODE_RANK=str(self.node_rank),
            )  # fmt: skip
        prefix = str(launch.get("prefix") or "")
        if not prefix:
            return found
        # A container gets what is handed in by name: of Slurm's variables each process has its own.
        own = {name: value for name, value in os.environ.items() if name.startswith(HANDED_IN)}
        return dict(found, **{prefix + name: value for name, value in dict(own, **found).items()})

    def words(self) -> List[str]:
        """What is started: the script, or torchrun with it."""
        launch = self.launch
        argv = [str(word) for word in launch["argv"]]
        if launch["kind"] == "srun":
            return argv
        # Which node is the meeting point is said: torchrun would compare host names, which need not be Slurm's.
        torchrun = [
            "-m", "torch.distributed.run", "--nnodes=%s" % launch["nodes"], "--nproc-per-node=%s" % launch["per_node"],
            "--max-restarts=0", "--rdzv-backend=c10d", "--rdzv-id=%s" % launch["job_id"],
            "--rdzv-endpoint=%s:%s" % (launch["master_addr"], launch["master_port"]),
            "--rdzv-conf=is_host=%d" % (self.node_rank == 0),
        ]  # fmt: skip
        return [*argv[:-1], *torchrun, argv[-1]]

    def do(self) -> int:
        """The process, from its start to its end; its exit code, but 0 for one that goes on later."""
        for name, handler in (("SIGTERM", self.on_term), ("SIGUSR1", self.on_warning)):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), handler)
        env = dict(os.environ, **self.variables())
        env.pop("DKAI_RANK", None)
        options: Dict[str, Any] = {"stdin": subprocess.DEVNULL, "env": env, "preexec_fn": die_with_parent(deaf=True)}
        self.child = subprocess.Popen(self.words(), **options)
        if self.told:
            self.pass_on(signal.SIGTERM)
        ended = threading.Event()
        status: List[int] = []

        def wait() -> None:
            status.append(self.child.wait())
            ended.set()

        threading.Thread(target=wait, daemon=True).start()
        meter = NodeMeter(self) if self.local == 0 and not self.here else None
        while not ended.wait(1.0 if meter is None else min(meter.pause(), 1.0)):
            if self.told and time.time() > self.told_at + GRACE:
                self.pass_on(KILL)
            if meter is not None:
                meter.look()
        if meter is not None:
            meter.save()
        code = status[0] if status[0] >= 0 else 128 - status[0]
        if code == GO_ON:
            with contextlib.suppress(OSError):
                os.close(os.open(GOES_ON, os.O_WRONLY | os.O_CREAT, 0o600))
            return 0
        if code and not self.told:
            self.failed(code)
        return code

    def failed(self, code: int) -> None:
        """Tell that this process ended with an error, unless another has before: the others only follow it."""
        told = {"rank": self.number, "local_rank": self.local, "node": self.node, "exit_code": code, "at": time.time()}
        with contextlib.suppress(OSError):
            with os.fdopen(os.open(FAILED_RANK, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump(told, file)
            say(self.job, "rank-failed", rank=self.number, node=self.node, code=code)

    def on_term(self, _number: int, _frame: Any) -> None:
        """Told to end, by Slurm, the runner, or because another has died."""
        if not self.told:
            self.told, self.told_at = True, time.time()
            self.pass_on(signal.SIGTERM)

    def on_warning(self, number: int, _frame: Any) -> None:
        """The time is nearly up."""
        self.pass_on(number)

    def pass_on(self, number: int) -> None:
        """Signal the script's processes."""
        if self.child is not None:
            end(family(self.child.pid, processes()), number)


class NodeMeter:
    """What this job's processes use on this node, sampled as the runner does it on the first."""

    def __init__(self, rank: Rank) -> None:
        self.path = "record-%s.json" % "".join(c if c.isalnum() or c in "-_." else "_" for c in rank.node)
        self.node, self.meter, self.saved, self.last = rank.node, Meter(), time.time(), 0.0
        # srun's processes on a node have one father there, slurmstepd.
        self.father = os.getppid()

    def pause(self) -> float:
        """Seconds between samples now."""
        return self.meter.interval

    def look(self) -> None:
        """Take a sample when it is time for one."""
        if time.time() - self.last < self.meter.interval:
            return
        self.last = time.time()
        table = processes()
        table.pop(self.father, None)  # not one of the job's own
        self.meter.sample(self.father, table)
        if self.last - self.saved >= max(HEARTBEAT, self.meter.interval):
            self.save()

    def save(self) -> None:
        """Write down what is known."""
        self.saved = time.time()
        # Of processes that ended before the first sample the kernel at least tells how large one became.
        biggest = max(filter(None, (self.meter.max_rss, biggest_child())), default=None)
        told: Record = {"node": self.node, "max_rss_mb": biggest, "updated_at": self.saved}
        with contextlib.suppress(OSError):
            write_json(self.path, dict(told, **self.meter.summary(self.saved)))


def biggest_child() -> Optional[float]:
    """The most memory in MiB that a child of this process had, of those that ended; None where it is not told."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1048576 if sys.platform == "darwin" else 1024  # see getrusage(2)
    return round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit, 1) or None


class Ranks:
    """All processes of a job on one computer."""

    def __init__(self, folder: str) -> None:
        self.folder, launch = folder, read_json(os.path.join(folder, LAUNCH))
        self.count = 1 if launch.get("kind") == "torchrun" else int(launch.get("per_node") or 1)
        self.children: List[Any] = []
        self.kill_at = float("inf")

    def do(self) -> int:
        """Start them, and end the others when one has failed; the worst of their exit codes."""
        for name in ("SIGTERM", "SIGUSR1"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self.on_signal)
        for number in range(self.count):
            argv = [sys.executable, "-I", os.path.abspath(sys.argv[0]), "rank", self.folder]
            env = dict(os.environ, DKAI_RANK=str(number))
            options: Dict[str, Any] = {"stdin": subprocess.DEVNULL, "env": env, "preexec_fn": die_with_parent()}
            self.children.append(subprocess.Popen(argv, **options))
        # Each is asked: of one that was not, Python does not know that it ended.
        while None in [child.poll() for child in self.children]:
            if any(child.returncode for child in self.children):
                self.end_others()
            time.sleep(0.05)
        codes = [int(child.returncode) for child in self.children]
        # The first that failed is told of by its own file; what the others were ended with says nothing.
        return max(code if code >= 0 else 128 - code for code in codes)

    def end_others(self) -> None:
        """End those that still run: gently, then not."""
        now = time.time()
        if self.kill_at == float("inf") or now >= self.kill_at:
            number = signal.SIGTERM if self.kill_at == float("inf") else KILL
            self.kill_at = now + GRACE + 2
            end([child.pid for child in self.children if child.poll() is None], number)

    def on_signal(self, number: int, _frame: Any) -> None:
        """Pass on what this process is told."""
        end([child.pid for child in self.children if child.poll() is None], number)
