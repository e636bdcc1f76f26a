"""What the job may use of the machine's CPU and memory, and what the scheduler said it gave.

A job rarely owns the machine it runs on. The number of cores in a data sheet helps nobody; what counts is what
affinity and control groups leave, so those are read, and every figure that cannot be read says why.
"""

import os
import platform
import subprocess
from typing import Any, Dict, List, Optional, Tuple

from words import Words

GIB = 2.0**30

# What schedulers and containers set about GPUs, cores and memory; all of it is shown, none of it is trusted.
VARIABLES = (
    "DKAI_GPUS",
    "SLURM_JOB_ID",
    "SLURM_JOB_PARTITION",
    "SLURMD_NODENAME",
    "SLURM_JOB_GPUS",
    "SLURM_STEP_GPUS",
    "SLURM_GPUS_ON_NODE",
    "SLURM_CPUS_PER_TASK",
    "SLURM_CPUS_ON_NODE",
    "SLURM_MEM_PER_NODE",
    "CUDA_VISIBLE_DEVICES",
    "CUDA_DEVICE_ORDER",
    "NVIDIA_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "GPU_DEVICE_ORDINAL",
)


def unknown(why: str) -> Dict[str, str]:
    """A value that is not known, and why: never zero, never a guess."""
    return {"unknown": why}


def is_unknown(value: Any) -> bool:
    """Whether `value` is one that `unknown` made."""
    return isinstance(value, dict) and "unknown" in value


def scheduler_said(environ: Dict[str, str]) -> Dict[str, str]:
    """The variables about GPUs, cores and memory that are set, as they are."""
    return {name: environ[name] for name in VARIABLES if name in environ}


def given_gpus(environ: Dict[str, str]) -> str:
    """The GPUs the scheduler says it gave, as it numbers them; empty when it says none.

    A variable that hides every GPU ("", "-1", Slurm's "NoDevFiles") gives none.
    """
    for name in ("SLURM_JOB_GPUS", "SLURM_STEP_GPUS", "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"):
        value = environ.get(name, "").strip()
        if value and value not in ("-1", "NoDevFiles"):
            return value
    return ""


def asked_gpus(environ: Dict[str, str]) -> Optional[int]:
    """How many GPUs were asked for (DKAI_GPUS), or None when nobody said."""
    value = environ.get("DKAI_GPUS", "").strip()
    return int(value) if value.isdigit() else None


def read_text(path: str) -> Optional[str]:
    """What a small file holds, or None when it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


def _groups(root: str, controller: str) -> List[str]:
    """The folders of this process's control group for `controller`, from the innermost outwards."""
    folders: List[str] = []
    for line in (read_text(os.path.join(root, "proc/self/cgroup")) or "").splitlines():
        parts = line.split(":", 2)
        if len(parts) != 3:
            continue
        if parts[1] == "":
            base = os.path.join(root, "sys/fs/cgroup")
        elif controller in parts[1].split(","):
            base = os.path.join(root, "sys/fs/cgroup", controller)
        else:
            continue
        inner = parts[2].strip("/")
        while True:
            folders.append(os.path.join(base, inner))
            if not inner:
                break
            inner = os.path.dirname(inner)
    return folders


def cpu_quota(root: str = "/") -> Optional[float]:
    """How many cores' worth of time the control groups allow, or None when they set no limit.

    Source: the kernel's cgroup documentation (v2 `cpu.max`; v1 `cpu.cfs_quota_us` over `cpu.cfs_period_us`).
    """
    allowed: List[float] = []
    for folder in _groups(root, "cpu"):
        both = (read_text(os.path.join(folder, "cpu.max")) or "").split()
        if len(both) != 2:
            both = [
                (read_text(os.path.join(folder, name)) or "").strip()
                for name in ("cpu.cfs_quota_us", "cpu.cfs_period_us")
            ]
        if both[0].isdigit() and both[1].isdigit() and int(both[1]) > 0:
            allowed.append(int(both[0]) / float(both[1]))
    return min(allowed) if allowed else None


def memory_limit_gb(root: str = "/") -> Optional[float]:
    """The most memory in GB the control groups allow, or None when they set no limit."""
    limits: List[int] = []
    for folder in _groups(root, "memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            text = (read_text(os.path.join(folder, name)) or "").strip()
            # Version 1 writes "no limit" as a number near 2^63.
            if text.isdigit() and int(text) < 2**60:
                limits.append(int(text))
    return min(limits) / GIB if limits else None


def _asked_of_system(command: List[str]) -> str:
    try:
        said = subprocess.check_output(command, stderr=subprocess.DEVNULL, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.decode("utf-8", "replace").strip()


def _model_and_memory(root: str) -> Tuple[str, Optional[float]]:
    if platform.system() == "Darwin":
        size = _asked_of_system(["sysctl", "-n", "hw.memsize"])
        name = _asked_of_system(["sysctl", "-n", "machdep.cpu.brand_string"])
        return name, int(size) / GIB if size.isdigit() else None
    model = ""
    for line in (read_text(os.path.join(root, "proc/cpuinfo")) or "").splitlines():
        if line.lower().startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    total: Optional[float] = None
    for line in (read_text(os.path.join(root, "proc/meminfo")) or "").splitlines():
        if line.startswith("MemTotal:"):
            total = int(line.split()[1]) * 1024 / GIB
    return model or platform.processor(), total


def look(words: Words, root: str = "/") -> Dict[str, Any]:
    """The CPU and memory of the job: cores it may use, cores in the machine, memory and its limit (GB)."""
    model, total = _model_and_memory(root)
    everyone = os.cpu_count()
    try:
        mine: Optional[int] = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows have no affinity to ask for
        mine = everyone
    quota = cpu_quota(root)
    if mine and quota is not None and quota < mine:
        mine = max(1, int(quota))
    limit = memory_limit_gb(root)
    silent = unknown(words("why-system"))
    return {
        "model": model or silent,
        "machine": platform.machine(),
        "cores_in_job": mine or silent,
        "cores_in_machine": everyone or silent,
        "quota_cores": round(quota, 2) if quota is not None else None,
        "memory_gb": round(total, 1) if total is not None else silent,
        "memory_limit_gb": round(limit, 1) if limit is not None and (total is None or limit < total) else None,
    }
