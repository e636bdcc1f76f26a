"""What the kernel counted for this job's own control group: processor time and memory. Versions 1 and 2.

Slurm puts each job into a group called `job_` and its number. Other groups hold other programs too, and tell nothing.
"""

import contextlib
import os
import re
from typing import Dict, Optional

from dkai.compute.runner.files import first_number

PROC, ROOT = "/proc/self/cgroup", "/sys/fs/cgroup"


def job_groups(number: Optional[str]) -> Dict[str, str]:
    """The job's folders by controller (`memory`, `cpuacct`; empty for version 2); none where it has no group."""
    found: Dict[str, str] = {}
    if not number:
        return found
    with contextlib.suppress(OSError, ValueError):
        with open(PROC) as file:
            for line in file:
                _, kinds, path = line.rstrip("\n").split(":", 2)
                inside = re.match(r"(.*/job_%s)(?:/|$)" % re.escape(number), path)
                if inside is None:
                    continue
                for kind in kinds.split(","):
                    # Version 1 mounts each controller by itself, or those that belong together as one.
                    for place in (ROOT + "/" + kind + inside.group(1), ROOT + "/" + kinds + inside.group(1)):
                        if os.path.isdir(place):
                            found.setdefault(kind, place)
    return found


class Group:
    """The control group of Slurm's job `number`; every answer is None where there is none."""

    def __init__(self, number: Optional[str]) -> None:
        groups = job_groups(number)
        self.two, self.memory, self.cpu = groups.get(""), groups.get("memory"), groups.get("cpuacct")

    def cpu_s(self) -> Optional[float]:
        """Processor time of all that ran in the group, in seconds."""
        if self.two:
            used = value_in(self.two + "/cpu.stat", "usage_usec")
            return None if used is None else used / 1e6
        used = first_number(self.cpu + "/cpuacct.usage") if self.cpu else None
        return None if used is None else used / 1e9

    def used_mb(self) -> Optional[float]:
        """Memory that programs hold now, in MiB, without the copies of files that the kernel keeps and can drop."""
        if self.two:
            parts = [value_in(self.two + "/memory.stat", name) for name in ("anon", "shmem")]
        elif self.memory:
            parts = [value_in(self.memory + "/memory.stat", name) for name in ("total_rss", "total_shmem")]
        else:
            return None
        return None if parts[0] is None else round((parts[0] + (parts[1] or 0)) / 1048576, 1)

    def peak_mb(self) -> Optional[float]:
        """The most memory the group ever held, in MiB, copies of files included (version 2: since Linux 5.19)."""
        places = [self.two + "/memory.peak"] if self.two else []
        places += [self.memory + "/memory.max_usage_in_bytes"] if self.memory else []
        found = first_number(*places)
        return None if found is None else round(found / 1048576, 1)


def value_in(path: str, name: str) -> Optional[float]:
    """The number after a name in one of the kernel's tables."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open(path) as file:
            for line in file:
                words = line.split()
                if words and words[0] == name:
                    return float(words[1])
    return None
