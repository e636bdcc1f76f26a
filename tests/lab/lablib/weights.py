"""Other ways to bill, and to preempt: settings that a test puts on, and that `lab fault clear` takes off again."""

from __future__ import annotations

from collections.abc import Callable

from .cluster import write_cluster
from .daemons import start_all
from .places import NODES, SLURM_CONF, LabError
from .processes import stop

DAEMONS = ("slurmctld", *(f"slurmd-{node}" for node in NODES))

# `cpu` has no weights and little memory a core, `gpu` weights of every kind, `gpu-test` defaults by GPU, `whole` gives
# whole nodes. gpu02 gets two threads a core.
_FRACTIONAL = """\
PartitionName=cpu Nodes=cpu01 Default=YES MaxTime=1-00:00:00 DefaultTime=01:00:00 MaxMemPerCPU=3000
PartitionName=gpu Nodes=gpu01,gpu02 MaxTime=2-00:00:00 DefaultTime=01:00:00 MaxMemPerCPU=9000 \
TRESBillingWeights=CPU=0.37,Mem=0.11G,Node=0.5,GRES/gpu=1.25,GRES/gpu:h100=13.3,GRES/gpu:a100=6.7
PartitionName=gpu-test Nodes=gpu01,gpu02 MaxTime=00:30:00 DefaultTime=00:10:00 DefCpuPerGPU=6 DefMemPerGPU=7100 \
TRESBillingWeights=CPU=0.1,Mem=0.2G,GRES/gpu=0.7
PartitionName=whole Nodes=gpu01,gpu02,cpu01 MaxTime=1-00:00:00 OverSubscribe=EXCLUSIVE \
TRESBillingWeights=CPU=0.333,Mem=0.05G,GRES/gpu:h100=20.5
"""


# Jobs in `spare` make room for those of `cpu`, on the same node.
_SPARE = "PartitionName=spare Nodes=cpu01 MaxTime=1-00:00:00 PriorityTier=0\n"


def _max_tres(conf: str) -> str:
    return conf + "PriorityFlags=MAX_TRES\n"


def _fractional(conf: str) -> str:
    threads = conf.replace("CoresPerSocket=64 ThreadsPerCore=1", "CoresPerSocket=32 ThreadsPerCore=2")
    if threads == conf:
        raise LabError("gpu02 is not in slurm.conf as it was; see weights.py")
    return threads[: threads.index("PartitionName=")] + _FRACTIONAL


def _preempting(conf: str) -> str:
    return f"{conf}PreemptType=preempt/partition_prio\nPreemptMode=REQUEUE\n{_SPARE}"


SETTINGS: dict[str, Callable[[str], str]] = {
    "max-tres": _max_tres,
    "fractional": _fractional,
    "preempting": _preempting,
}


def put_on(name: str) -> None:
    """Bill as this setting says; jobs that run meanwhile are not to be counted on."""
    write_cluster()
    SLURM_CONF.write_text(SETTINGS[name](SLURM_CONF.read_text(encoding="utf-8")), encoding="utf-8")
    _stop()
    start_all()


def take_off() -> None:
    """The cluster's own files again. What reads them is stopped, not started."""
    write_cluster()
    _stop()


def _stop() -> None:
    for name in DAEMONS:
        stop(name, 15)
