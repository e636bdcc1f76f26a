"""All daemons by name: start one, start all, stop some."""

from __future__ import annotations

from collections.abc import Iterable

from .places import NODES, START_ORDER
from .processes import end_pids, pid_of, stop
from .slurm import start_slurm, wait_nodes
from .ssh import start_sshd
from .users import leftovers

CLUSTER = ("slurmctld", *(f"slurmd-{node}" for node in NODES), "slurmdbd")


def start_one(name: str) -> None:
    """Start a daemon and wait until it is ready; does nothing when it runs."""
    if pid_of(name):
        return
    if name.startswith("sshd"):
        start_sshd(name)
    else:
        start_slurm(name)


def start_all(names: Iterable[str] = START_ORDER) -> None:
    """Start what does not run, in an order in which each finds what it needs."""
    for name in names:
        start_one(name)
    wait_nodes()


def stop_cluster() -> None:
    """Stop Slurm, whatever still runs for the lab's users, and then the database."""
    for name in CLUSTER:
        stop(name, 15)
    end_pids(leftovers(), 1)
    stop("mariadbd", 30)


def stop_all() -> None:
    """Stop every daemon that the lab may have started."""
    stop("proxy", 2)
    for name in ("sshd-inner", "sshd-jump", "sshd-mfa", "sshd"):
        stop(name, 3, tree=True)
    stop_cluster()
    stop("munged", 5)


def any_runs() -> bool:
    """Does any daemon run?"""
    return any(pid_of(name) for name in START_ORDER)


def all_run() -> bool:
    """Do all daemons run?"""
    return all(pid_of(name) for name in START_ORDER)
