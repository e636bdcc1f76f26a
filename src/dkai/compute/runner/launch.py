"""A job of several processes: how they are started, and what they are told of each other.

Under Slurm `srun` starts them, one for each GPU (without GPUs, one for each core), or one `torchrun` on each node that
starts them there; elsewhere this program starts them itself (`ranks.py`). Their own start is always `runner.py rank`,
which gives each its number in the variables that PyTorch reads, so that a script need not know who started it.

What srun is told, and why (srun(1); measured with 22.05):
- tasks and cores a task by name: since 22.05 a step no longer takes over sbatch's `--cpus-per-task`;
- no `--gpus-per-task`: each process would see its own GPU only, and NCCL not reach the others' memory directly
  (github.com/NVIDIA/nccl issue 1066, nccl-tests issue 300). All see the node's GPUs, and each takes that of its local
  rank. How cores are bound is left to the site;
- `--kill-on-bad-exit=1`: others would wait for ever for one that has died; `--wait=0`: none is killed for being slow.
"""

import binascii
import contextlib
import os
import shutil
import socket
import sys
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

from dkai.compute.runner.environment import CannotRunError
from dkai.compute.runner.files import Record, output_of, read_json, write_json
from dkai.compute.runner.interpreter import Interpreter

if TYPE_CHECKING:
    from dkai.compute.runner.job import Run

# `goes-on` is left by a process that ended in order to go on later: srun would take its exit code for a failure.
LAUNCH, FAILED_RANK, GOES_ON = "launch.json", "failed-rank", "goes-on"
# What sbatch sets and srun would take for options of its own.
SBATCH_OWN = (
    "SLURM_CPUS_PER_TASK", "SLURM_CPUS_PER_GPU", "SLURM_NTASKS", "SLURM_NPROCS", "SLURM_NTASKS_PER_NODE",
    "SLURM_TRES_PER_TASK", "SLURM_GPUS_PER_TASK", "SLURM_DISTRIBUTION", "SLURM_EXPORT_ENV",
)  # fmt: skip
FIRST_PORT, PORTS = 15000, 15000  # below those that Linux gives to outgoing connections (32768 on)


def is_launched(job: Record) -> bool:
    """Whether the script is started as several processes."""
    return (job.get("launch") or {}).get("kind") in ("srun", "torchrun")


def launched(run: "Run", found: Interpreter, env: Dict[Any, Any]) -> Tuple[List[str], Dict[Any, Any]]:
    """The words that start all processes of the script, and their environment. Raises CannotRunError."""
    launch, slurm = dict(run.job["launch"]), "SLURM_JOB_ID" in os.environ
    nodes = int(os.environ.get("SLURM_JOB_NUM_NODES") or 1) if slurm else 1
    each, cores = max(1, int(launch.get("per_node") or 1)), max(1, int(launch.get("cpus") or 1))
    forget_ranks()
    address = first_address() if slurm else "127.0.0.1"
    write_json(
        LAUNCH,
        dict(
            launch, argv=[*found.argv, run.job["script"]], prefix=found.prefix, nodes=nodes, per_node=each, cpus=cores,
            master_addr=address, master_port=free_port(int(os.environ.get("SLURM_JOB_ID", os.getpid()))),
            token=binascii.hexlify(os.urandom(16)).decode(), job_id=run.record["job_id"],
        ),
    )  # fmt: skip
    own = [sys.executable, "-I", os.path.abspath(sys.argv[0])]
    if not slurm:
        return [*own, "ranks", run.folder], env
    srun = shutil.which("srun")
    if srun is None:
        raise CannotRunError("no-srun", {})
    # torchrun starts the processes of its node by itself.
    tasks = 1 if launch["kind"] == "torchrun" else each
    words = [
        srun, "--nodes=%d" % nodes, "--ntasks=%d" % (nodes * tasks), "--ntasks-per-node=%d" % tasks,
        "--cpus-per-task=%d" % max(1, cores // tasks), "--kill-on-bad-exit=1", "--wait=0", "--export=ALL",
    ]  # fmt: skip
    if cores < tasks:
        words.append("--overcommit")
    gone = {os.fsencode(name) for name in SBATCH_OWN}
    return [*words, *own, "rank", run.folder], {name: value for name, value in env.items() if name not in gone}


def first_address() -> str:
    """The allocation's first node, by a name or address that leads there."""
    listed = output_of(["scontrol", "show", "hostnames", os.environ.get("SLURM_JOB_NODELIST", "")], 30) or ""
    first = (listed.split() or [os.environ.get("SLURMD_NODENAME") or socket.gethostname()])[0]
    with contextlib.suppress(OSError):
        socket.getaddrinfo(first, None)
        return first
    # Slurm's name of a node need be none of the network's: it knows the address itself.
    for word in (output_of(["scontrol", "show", "node", first], 30) or "").split():
        if word.startswith("NodeAddr="):
            return word[len("NodeAddr=") :]
    return first


def free_port(seed: int) -> int:
    """A port that nobody on this node listens on now; jobs that share a node begin to look at different ones."""
    for step in range(200):
        port = FIRST_PORT + (seed * 7 + step) % PORTS
        with contextlib.suppress(OSError):
            with contextlib.closing(socket.socket()) as tried:
                tried.bind(("", port))
                return port
    return FIRST_PORT + seed % PORTS


def failed_rank() -> Record:
    """Which process ended first with an error, where, and how; empty when none told of it."""
    return read_json(FAILED_RANK)


def node_records() -> List[Record]:
    """What the first process of each node wrote of its node."""
    names = sorted(name for name in os.listdir(".") if name.startswith("record-") and name.endswith(".json"))
    return [found for found in map(read_json, names) if found]


def forget_ranks() -> None:
    """Remove what an earlier start's processes left."""
    names = [name for name in os.listdir(".") if name.startswith("record-") and name.endswith(".json")]
    for name in [*names, GOES_ON, FAILED_RANK]:
        with contextlib.suppress(OSError):
            os.unlink(name)


def with_nodes(record: Record) -> None:
    """Put what the nodes' own records say into the job's: what the runner saw of srun is not the job."""
    found = node_records()
    if not found:
        return

    def known(name: str) -> List[Any]:
        return [one.get(name) for one in found]

    def total(name: str) -> Any:
        values = known(name)
        return None if None in values else round(sum(values), 4)

    def most(name: str) -> Any:
        return max((value for value in known(name) if value is not None), default=None)

    record.update(
        nodes=[{name: one.get(name) for name in ("node", "max_rss_mb", "max_used_mb")} for one in found],
        samples=found[0].get("samples"), columns=found[0].get("columns"), cpu_s=None,
        max_rss_mb=most("max_rss_mb"), max_used_mb=most("max_used_mb"), group_peak_mb=most("group_peak_mb"),
        group_cpu_s=total("group_cpu_s"), gpu_energy_wh=total("gpu_energy_wh"),
        gpu_energy_by=found[0].get("gpu_energy_by"),
        devices=[dict(device, node=one["node"]) for one in found for device in one.get("devices") or []],
    )  # fmt: skip
