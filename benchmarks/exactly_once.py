"""300 submissions while connections are cut, dkai is killed, and Slurm's daemons are away: none lost, none twice.

Needs the Slurm lab (root on Debian). `tests/compute/once_campaign.py` says what is done and how it is counted: in Slurm
itself (squeue and sacct, by name) and by a counter that the job's work writes. The number of submissions and the seed
may be given: `benchmarks/exactly_once.py 60 7`.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "compute")]

BATCH = 25
# A daemon is away for so many seconds, and there for so many, again and again while a batch is submitted.
AWAY_S, THERE_S = 4.0, 3.0
DAEMONS = ("slurmctld-hang", "slurmctld-down", "slurmdbd-down")


def main(count: int = 300, seed: int = 1) -> bool:
    """Print the counts; True when nothing was lost, submitted twice, or left unknown."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not Path("/usr/bin/apt-get").exists():
        print("exactly_once: the Slurm lab needs root on Debian; not measured")
        return True
    campaign, lab = import_module("once_campaign"), import_module("lab.lablib.session")
    luck, result, began = random.Random(seed), campaign.Result(), time.monotonic()
    with lab.Session() as session:
        batches = [(daemon, [campaign.Faults()] * (count // 30)) for daemon in DAEMONS]
        left = count - sum(len(fates) for _, fates in batches)
        while left > 0:
            batches.append(("", [campaign.chance(luck) for _ in range(min(BATCH, left))]))
            left -= BATCH
        for number, (daemon, fates) in enumerate(batches):
            with tempfile.TemporaryDirectory() as home, session.turn(alone=bool(daemon)):
                one(Path(home), daemon, fates, luck, result, wait=number == len(batches) - 1)
            bad = [*result.unknown, *result.lost, *result.duplicates, *result.problems]
            print("\n".join([f"    {sum(result.said.values())} submitted, {len(bad)} wrong", *bad]), flush=True)
    print(f"{sum(result.said.values())} submissions in {time.monotonic() - began:.0f} s, seed {seed}")
    print("what happened to them: " + "; ".join(f"{n} × {name}" for name, n in result.faults.most_common()))
    print("after one refresh: " + ", ".join(f"{n} {name}" for name, n in result.said.most_common()))
    print(f"unknown {len(result.unknown)}, lost {len(result.lost)}, duplicates {len(result.duplicates)},"
          f" other faults {len(result.problems)}")  # fmt: skip
    return not (result.unknown or result.lost or result.duplicates or result.problems)


def one(home: Path, daemon: str, fates: Sequence[Any], luck: random.Random, result: Any, *, wait: bool) -> None:
    """One batch: a ledger and a base folder of its own."""
    from dkai.core import paths

    campaign, places = import_module("once_campaign"), import_module("lab.lablib.places")
    os.environ.update(DKAI_HOME=str(home), DKAI_LANG="en")
    paths.forget_cached_places()
    config = places.LAB / "ssh_config"

    def ssh(line: str) -> str:
        argv = ["ssh", "-n", "-F", str(config), "lab", line]
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120).stdout

    base = ssh("mktemp -d ~/once-XXXXXX").strip()
    try:
        with campaign.Campaign(home, base, ssh, config, places.PORTS["ssh"]) as underway:
            jobs = underway.run(fates, luck, away(daemon, luck))
            campaign.account(underway, jobs, fates, result, wait=wait)
            if daemon:
                result.faults[daemon] += len(fates)
    finally:
        ssh(f"rm -rf {base}")


@contextmanager
def away(daemon: str, luck: random.Random) -> Iterator[None]:
    """One of Slurm's daemons comes and goes inside the block."""
    lab_command, over = import_module("lab.lablib.session").lab_command, threading.Event()

    def flap() -> None:
        while not over.wait(luck.uniform(0, THERE_S)):
            lab_command("fault", daemon)
            over.wait(luck.uniform(1, AWAY_S))
            lab_command("fault", "clear")

    thread = threading.Thread(target=flap)
    if daemon:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if daemon:
            thread.join()


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:])) else 1)
