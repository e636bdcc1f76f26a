"""Processes: which are alive, who came from whom, and how to end them."""

import contextlib
import os
import sys
from typing import Dict, List, NamedTuple, Optional

from dkai.compute.runner.files import output_of

# `cpu_s`: processor time of the process and of those of its children that have ended; None where it is not told.
Process = NamedTuple(
    "Process", [("parent", int), ("group", int), ("rss_mb", float), ("born", str), ("cpu_s", Optional[float])]
)
HAS_PROC = os.path.exists("/proc/self/stat")


def linux_process(pid: int) -> Optional[Process]:
    """One living process as /proc tells it; the fields after the name are state, parent, group, … (proc(5))."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        if fields[0] in (b"Z", b"X"):
            return None
        rss_mb = int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1048576
        cpu_s = sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")
        return Process(int(fields[1]), int(fields[2]), rss_mb, fields[19].decode(), cpu_s)
    except (OSError, IndexError):
        return None


def processes() -> Dict[int, Process]:
    """Every process that can be seen, by number; none on Windows."""
    if HAS_PROC:
        numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        return {pid: process for pid in numbers for process in [linux_process(pid)] if process}
    listed = output_of(["ps", "-axo", "pid=,ppid=,pgid=,rss=,lstart="]) or ""
    rows = [row.split(None, 4) for row in listed.splitlines()]
    return {int(r[0]): Process(int(r[1]), int(r[2]), int(r[3]) / 1024, r[4], None) for r in rows if len(r) == 5}


def born(pid: int) -> Optional[str]:
    """What tells a process from a later one of the same number, also after a restart; None when it is gone."""
    if sys.platform == "win32":
        return born_on_windows(pid)
    if not HAS_PROC:
        seen = processes().get(pid)
        return seen.born if seen else None
    process, boot = linux_process(pid), ""
    with contextlib.suppress(OSError):
        with open("/proc/sys/kernel/random/boot_id") as file:
            boot = file.read().strip()
    return "%s/%s" % (boot, process.born) if process else None


def born_on_windows(pid: int) -> Optional[str]:
    """Its creation time, while it is alive."""
    if sys.platform != "win32":
        return None
    import ctypes

    kernel = ctypes.WinDLL("kernel32")
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(kernel.OpenProcess(0x1000, False, pid))  # PROCESS_QUERY_LIMITED_INFORMATION
    if not handle:
        return None
    code, times = ctypes.c_ulong(), [ctypes.c_ulonglong() for _ in range(4)]
    alive = kernel.GetExitCodeProcess(handle, ctypes.byref(code)) and code.value == 259  # STILL_ACTIVE
    kernel.GetProcessTimes(handle, *[ctypes.byref(t) for t in times])
    kernel.CloseHandle(handle)
    return str(times[0].value) if alive else None


def family(pid: int, table: Dict[int, Process]) -> List[int]:
    """A process and all that came from it."""
    children: Dict[int, List[int]] = {}
    for number, process in table.items():
        children.setdefault(process.parent, []).append(number)
    found = [pid]
    for parent in found:
        found += [child for child in children.get(parent, []) if child not in found]
    return found


def end(pids: List[int], number: int) -> None:
    """Signal these processes; those that are gone already do not matter."""
    for pid in pids:
        with contextlib.suppress(OSError):
            if os.name == "nt":
                output_of(["taskkill", "/T", "/F", "/PID", str(pid)])
            else:
                os.kill(pid, number)
