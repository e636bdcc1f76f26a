"""Break something on purpose, and mend it again.

A fault is recorded before it happens, so that whoever comes next can mend what a killed run left broken.
"""

from __future__ import annotations

import contextlib
import json
import signal
from collections.abc import Callable

from . import weights
from .daemons import start_all
from .places import BASE, FAULTS, HOME, LAB, LIB, PORTS, SYSTEM_PYTHON, USERS, LabError
from .processes import listening, must_start, pid_of, signal_pid, start, stop
from .ssh import ssh_sessions
from .users import is_mounted

FILLER = HOME / ".filler"
NOISE = "*** Welcome to labcluster ***\nMaintenance: Tuesday 06:00-10:00. {jobs} wait.\n"


def read_faults() -> dict[str, float | bool | str]:
    """The faults that are on, by name; the delay in ms for slow-net, the setting's name for weights."""
    try:
        found: dict[str, float | bool | str] = json.loads(FAULTS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _slurmctld_hang() -> None:
    pid = pid_of("slurmctld")
    if not pid:
        raise LabError("slurmctld is not up")
    signal_pid(pid, signal.SIGSTOP)


def _disk_full() -> None:
    if not is_mounted(HOME):
        raise LabError("homes are not on a file system of their own here")
    with contextlib.suppress(OSError), FILLER.open("wb", buffering=0) as out:
        while True:  # until there is no room left
            out.write(bytes(65536))


def _noisy_login() -> None:
    for user in USERS:
        (HOME / user / ".noisy").write_text(NOISE, encoding="utf-8")


FAULT_KINDS: dict[str, Callable[[], None]] = {
    "slurmctld-down": lambda: stop("slurmctld", 15),
    "slurmctld-hang": _slurmctld_hang,
    "slurmdbd-down": lambda: stop("slurmdbd", 15),
    "sshd-down": lambda: stop("sshd", 3, tree=True),
    "disk-full": _disk_full,
    "noisy-login": _noisy_login,
}
NAMES = (*FAULT_KINDS, "ssh-drop", "slow-net")


def _slow_net(latency_ms: float, cut_after: int) -> None:
    stop("proxy", 2)
    argv = [SYSTEM_PYTHON, str(LIB / "lab"), "proxy"]
    argv += ["--latency-ms", str(latency_ms), "--cut-after", str(cut_after)]
    env = {"LAB_DIR": str(LAB), "LAB_PORT_BASE": str(BASE)}
    start("proxy", argv, env=env, own_hostname=False)
    must_start("proxy", lambda: listening(PORTS["slow"]), 5)


def drop_sessions() -> int:
    """End every open ssh connection, once, without a word; says how many processes served them."""
    pids = ssh_sessions()
    for pid in pids:
        signal_pid(pid, signal.SIGKILL)
    return len(pids)


def inject(kind: str, latency_ms: float | None = None, cut_after: int = 0) -> str:
    """Break `kind`; gives a line for the person at the terminal, or an empty one."""
    if not all(pid_of(name) for name in ("munged", "mariadbd")):
        raise LabError("the lab is not up")
    if kind == "ssh-drop":
        return f"dropped {drop_sessions()} ssh processes"
    if kind == "slow-net" and latency_ms is None:
        raise LabError("slow-net needs a number of milliseconds")
    value = latency_ms if kind == "slow-net" and latency_ms is not None else True
    FAULTS.write_text(json.dumps({**read_faults(), kind: value}), encoding="utf-8")
    if kind == "slow-net":
        _slow_net(latency_ms or 0, cut_after)
        return f"127.0.0.1:{PORTS['slow']} (ssh alias lab-slow)"
    FAULT_KINDS[kind]()
    return ""


def bill_as(name: str) -> None:
    """Put on another of the cluster's ways to bill, until the faults are cleared."""
    if not pid_of("slurmctld"):
        raise LabError("slurmctld is not up")
    FAULTS.write_text(json.dumps({**read_faults(), "weights": name}), encoding="utf-8")
    weights.put_on(name)


def undo() -> None:
    """Take away what the faults left, without starting anything."""
    pid = pid_of("slurmctld")
    if pid and "slurmctld-hang" in read_faults():
        signal_pid(pid, signal.SIGCONT)
    if "weights" in read_faults():
        weights.take_off()
    FILLER.unlink(missing_ok=True)
    for user in USERS:
        (HOME / user / ".noisy").unlink(missing_ok=True)
    stop("proxy", 2)


def clear() -> None:
    """Mend every fault, and start whatever else does not run."""
    undo()
    start_all()
    FAULTS.unlink(missing_ok=True)
