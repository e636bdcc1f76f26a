"""The machine: its cores, memory and accelerators, and how busy they are."""

import contextlib
import getpass
import json
import math
import os
import platform
import sys
from typing import Dict, List, Optional, Tuple

from dkai.compute.runner.files import Record, first_number, output_of


def smi(*fields: str) -> Optional[List[List[str]]]:
    """Columns that nvidia-smi tells of the devices this job may see."""
    argv = ["nvidia-smi", "--query-gpu=" + ",".join(fields), "--format=csv,noheader,nounits"]
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible == "":
        return None
    text = output_of(argv + (["-i", visible] if visible else []), 5)
    return [[cell.strip() for cell in row.split(",")] for row in text.splitlines() if row.strip()] if text else None


def rocm(*options: str) -> Optional[List[Dict[str, str]]]:
    """What rocm-smi tells, one mapping a device."""
    try:
        found = json.loads(output_of(["rocm-smi", "--json", *options], 5) or "")
        return [found[card] for card in sorted(found) if card.startswith("card")]
    except (ValueError, TypeError):
        return None


def gpu_names() -> Optional[List[str]]:
    """The accelerators by their driver's names; None when no driver's tool answers."""
    rows = smi("name")
    if rows:
        return [row[0] for row in rows]
    cards = rocm("--showproductname")
    keys = ("Card Series", "Card series", "Card Model", "Card model")
    return [next((card[key] for key in keys if key in card), "AMD GPU") for card in cards] if cards else None


def gpu_load() -> Tuple[Optional[float], Optional[float]]:
    """Mean utilisation in per cent and memory used in MiB, over this job's devices."""
    with contextlib.suppress(ValueError, IndexError, KeyError):
        rows = smi("utilization.gpu", "memory.used")
        if rows:
            return sum(float(row[0]) for row in rows) / len(rows), sum(float(row[1]) for row in rows)
        cards = rocm("--showuse", "--showmeminfo", "vram")
        if cards:
            used = sum(float(card["VRAM Total Used Memory (B)"]) for card in cards) / 1048576
            return sum(float(card["GPU use (%)"]) for card in cards) / len(cards), used
    return None, None


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
        "node": platform.node(), "user": user, "home": os.path.expanduser("~"),
        "scratch": os.environ.get("SCRATCH") or None, "cpus": cpus(), "memory_mb": memory_mb(), "gpus": gpu_names(),
    }  # fmt: skip


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
