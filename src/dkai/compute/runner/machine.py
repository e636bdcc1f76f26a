"""The machine: its cores, memory and accelerators, and what its systems are called."""

import contextlib
import getpass
import math
import os
import platform
import sys
from typing import Optional

from dkai.compute.runner.files import Record, first_number
from dkai.compute.runner.gpus import Gpus


def memory_mb() -> Optional[int]:
    """The memory that programs here may use: the machine's, or the container's where that is less."""
    total: Optional[float] = None
    if sys.platform == "win32":
        import ctypes

        status = (ctypes.c_ulonglong * 8)()  # MEMORYSTATUSEX: its own length first, the total second
        ctypes.cast(status, ctypes.POINTER(ctypes.c_ulong))[0] = 64
        if ctypes.windll.kernel32.GlobalMemoryStatusEx(status):
            total = float(status[1])
    else:
        with contextlib.suppress(OSError, ValueError):
            total = float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    limit = first_number("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
    return None if total is None else int(min(total, limit or total) / 1048576)


def cpus() -> int:
    """The cores that this process may use, or what the container's share of them amounts to."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with contextlib.suppress(OSError, ValueError):
        with open("/sys/fs/cgroup/cpu.max") as file:
            quota, period = [float(word) for word in file.read().split()]
        count = max(1, min(count, math.ceil(quota / period)))
    return count


def describe() -> Record:
    """What this machine is."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):
        user = str(getattr(os, "getuid", lambda: "")())
    return {
        "python": sys.executable, "python_version": platform.python_version(), "system": platform.system(),
        "machine": platform.machine(), "glibc": glibc(), "node": platform.node(), "user": user,
        "home": os.path.expanduser("~"), "scratch": os.environ.get("SCRATCH") or None,
        "cpus": cpus(), "memory_mb": memory_mb(), "gpus": Gpus().names(),
    }  # fmt: skip


def glibc() -> Optional[str]:
    """The version of the C library, `2.36`, where it is GNU's (confstr(3)); packages are built for one of them."""
    with contextlib.suppress(AttributeError, ValueError, OSError):
        words = (os.confstr("CS_GNU_LIBC_VERSION") or "").split()
        return words[1] if words[:1] == ["glibc"] else None
    return None


def facts(gpus: Gpus) -> Record:
    """What a reader of the paper should know of the machine; None where it does not say."""
    return {
        "cpu": word_in("/proc/cpuinfo", "model name", ":") or platform.processor() or platform.machine() or None,
        "os": word_in("/etc/os-release", "PRETTY_NAME", "=") or platform.system() or None,
        "kernel": platform.release() or None,
        "gpu_driver": gpus.devices[0].driver if gpus.devices else None,
        "gpu_platform": gpus.tool.platform() if gpus.devices else None,
    }


def word_in(path: str, name: str, sign: str) -> Optional[str]:
    """What follows a name and a sign on the first such line of a file."""
    with contextlib.suppress(OSError):
        with open(path, "rb") as file:
            for line in file.read(100000).decode("utf-8", "replace").splitlines():
                key, found, value = line.partition(sign)
                if found and key.strip() == name:
                    return value.strip().strip('"')[:200] or None
    return None


def oom_kills() -> float:
    """How often the kernel has ended something in this process's control group for want of memory."""
    files = {"": "/sys/fs/cgroup%s/memory.events", "memory": "/sys/fs/cgroup/memory%s/memory.oom_control"}
    count = 0.0
    with contextlib.suppress(OSError, ValueError):
        with open("/proc/self/cgroup") as file:
            groups = [line.rstrip("\n").split(":", 2) for line in file]
        for _, kind, path in groups:
            if kind in files and os.path.exists(files[kind] % path):
                with open(files[kind] % path) as file:
                    count += sum(float(line.split()[1]) for line in file if line.startswith("oom_kill "))
    return count
