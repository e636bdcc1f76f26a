"""Start, find and end processes, and never mistake another one for ours."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pwd
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from .places import LAB, LOG, PIDS, SLURM_CONF, SYS_PATH, LabError

T = TypeVar("T")


class Stat(NamedTuple):
    """What /proc/PID/stat says; `start` (clock ticks since boot) tells a reused pid apart."""

    state: str
    parent: int
    start: int


def which(name: str) -> str:
    """The program's path; daemons lie in sbin, which users seldom have on their PATH."""
    path = shutil.which(name, path=SYS_PATH + ":" + os.environ.get("PATH", ""))
    if not path:
        raise LabError(f"program not found: {name}")
    return path


def stat_of(pid: int) -> Stat | None:
    """State, parent and start time of a process, or None when there is none."""
    try:
        raw = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    rest = raw.rsplit(")", 1)[1].split()
    return Stat(rest[0], int(rest[1]), int(rest[19]))


def all_pids() -> list[int]:
    """Every process of the machine."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def alive(pid: int) -> bool:
    """Does it run (a zombie does not)?"""
    info = stat_of(pid)
    return info is not None and info.state != "Z"


def exe_name(pid: int) -> str:
    """The name of the program that a process runs, or an empty string."""
    try:
        return Path(f"/proc/{pid}/exe").readlink().name.split(" ")[0]
    except OSError:
        return ""


def _record(name: str, folder: Path = PIDS) -> Path:
    return folder / f"{name}.json"


def pid_of(name: str, folder: Path = PIDS) -> int | None:
    """The recorded pid of a daemon, if that very process still lives."""
    try:
        kept = json.loads(_record(name, folder).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    now = stat_of(kept["pid"])
    if now and now.state != "Z" and now.start == kept["start"]:
        return int(kept["pid"])
    return None


def descendants(*roots: int) -> list[int]:
    """Children, their children, and so on."""
    children: dict[int, list[int]] = {}
    for pid in all_pids():
        info = stat_of(pid)
        if info:
            children.setdefault(info.parent, []).append(pid)
    found: list[int] = []
    queue = list(roots)
    while queue:
        for child in children.get(queue.pop(), ()):
            found.append(child)
            queue.append(child)
    return found


def signal_pid(pid: int, number: int) -> None:
    """Send a signal; a process that is gone already is fine."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def wait_for(test: Callable[[], T], seconds: float, step: float = 0.05) -> T:
    """The first true value of `test`, or its last value once the time is up."""
    end = time.monotonic() + seconds
    while True:
        value = test()
        if value or time.monotonic() > end:
            return value
        time.sleep(step)


def end_pids(pids: Iterable[int], patience: float = 5.0) -> None:
    """End processes: politely, then not."""
    pids = list(pids)
    for pid in pids:
        signal_pid(pid, signal.SIGCONT)
        signal_pid(pid, signal.SIGTERM)
    if not wait_for(lambda: not any(alive(pid) for pid in pids), patience):
        for pid in pids:
            if alive(pid):
                signal_pid(pid, signal.SIGKILL)
        wait_for(lambda: not any(alive(pid) for pid in pids), 5)


@functools.cache
def private_hostname() -> bool:
    """Can daemons get a host name of their own (a UTS name space)?"""
    try:
        probe = [which("unshare"), "--uts", "true"]
        return subprocess.run(probe, check=False, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    except (OSError, LabError):
        return False


def start(
    name: str,
    argv: list[str],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    own_hostname: bool = True,
) -> None:
    """Start a daemon in its foreground mode, detached from us, and record its pid."""
    if own_hostname and private_hostname():
        hostname = 'hostname localhost && exec "$@"'
        argv = [which("unshare"), "--uts", "--", "/bin/sh", "-c", hostname, "sh", *argv]
    full = {
        "PATH": SYS_PATH,
        "LANG": "C.UTF-8",
        "SLURM_CONF": str(SLURM_CONF),
        "DKAI_LAB_DAEMON": str(LAB),
        **(env or {}),
    }
    with (LOG / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=full,
            cwd=cwd or LAB,
            start_new_session=True,
            close_fds=True,
        )
    info = stat_of(process.pid)
    kept = {"pid": process.pid, "start": info.start if info else 0}
    _record(name).write_text(json.dumps(kept), encoding="utf-8")


def _log_tail(name: str, lines: int = 12) -> str:
    try:
        text = (LOG / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def must_start(name: str, ready: Callable[[], bool], seconds: float) -> None:
    """Wait until a daemon is ready; otherwise say so with the end of its log."""

    def look() -> str:
        if pid_of(name) is None:
            return "ended at once"
        return "ready" if ready() else ""

    state = wait_for(look, seconds)
    if state != "ready":
        how = state or f"was not ready after {seconds:.0f} s"
        raise LabError(f"{name} {how}; log: {LOG / (name + '.log')}\n{_log_tail(name)}")


def stop(name: str, patience: float = 10.0, tree: bool = False) -> None:
    """Stop a daemon; with `tree`, what it started too."""
    pid = pid_of(name)
    if pid:
        children = descendants(pid) if tree else []
        end_pids([pid], patience)
        end_pids([child for child in children if alive(child)], 2)
    _record(name).unlink(missing_ok=True)


def run(
    *argv: str,
    check: bool = True,
    timeout: float = 60,
    text: str | None = None,
    user: pwd.struct_passwd | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with the lab's Slurm and none of the caller's Slurm settings."""
    full = {**os.environ, "PATH": SYS_PATH, "LANG": "C.UTF-8", "SLURM_CONF": str(SLURM_CONF), **(env or {})}
    for key in [key for key in full if key.startswith(("SBATCH_", "SLURM_JOB", "SQUEUE_", "SACCT_"))]:
        del full[key]
    done = subprocess.run(
        argv,
        check=False,
        env=full,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout,
        input=text or "",
        user=user.pw_uid if user else None,
        group=user.pw_gid if user else None,
        extra_groups=[] if user else None,
    )
    if check and done.returncode:
        raise LabError(f"{shlex.join(argv)} failed ({done.returncode}): {(done.stderr or done.stdout).strip()}")
    return done


def tcp_table() -> list[list[str]]:
    """The kernel's table of TCP sockets, a list of fields each."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    return [line.split() for line in lines]


def table_address(host: str, port: int) -> str:
    """An address as the kernel's table writes it."""
    return f"{struct.unpack('<I', socket.inet_aton(host))[0]:08X}:{port:04X}"


def listening(port: int, host: str = "127.0.0.1") -> bool:
    """Does someone listen there? Read from the kernel, so that no stray connection reaches a daemon."""
    wanted = {table_address(host, port), table_address("0.0.0.0", port)}
    return any(fields[1] in wanted and fields[3] == "0A" for fields in tcp_table())
