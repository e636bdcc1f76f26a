"""The quote's billing against Slurm's own, for 200 job shapes by chance under each of three ways to bill.

Needs the Slurm lab (root on Debian). Every job really runs; compared are all TRES that sacct says it was given, billing
among them. Bound: no difference. `python benchmarks/billing.py [SHAPES [SEED]]`.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "compute")]

SETTINGS = ("own", "max-tres", "fractional")  # the lab's sums; PriorityFlags=MAX_TRES; see tests/lab/lablib/weights.py


def main(count: int = 200, seed: int = 20261124) -> bool:
    """Print a line for each way to bill and every difference; whether there was none."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not Path("/usr/bin/apt-get").exists():
        print("billing: the Slurm lab needs root on Debian; not measured")
        return True
    from lab.fixture import Lab  # type: ignore[import-not-found]
    from lab.lablib.session import Session  # type: ignore[import-not-found]

    wrong = 0
    with Session() as session, session.turn(alone=True):
        lab = Lab(session)
        lab.reset()
        for number, name in enumerate(SETTINGS):
            with nullcontext() if name == "own" else lab.weights(name):
                wrong += _campaign(lab, name, count, seed + number)
    return not wrong


def _campaign(lab: Any, name: str, count: int, seed: int) -> int:
    import billing_campaign as campaign  # type: ignore[import-not-found]

    from dkai.compute.link import Link
    from dkai.compute.site import Site

    site = Site("lab", host="ssh", scheduler="slurm", address="lab", ssh_config=str(lab.ssh_config))
    began = time.monotonic()
    with Link(site) as link:
        cluster = link.scheduler.parse_discovery(link.run(link.scheduler.discover()), time.time())
        trials = campaign.run(link, cluster, campaign.by_chance(cluster, count, seed), "project_a")
    wrong = [trial for trial in trials if not trial.agrees]
    for trial in wrong:
        print(f"    {trial}")
    print(
        f"{name:<12} {len(trials)} shapes, {len(wrong)} differ; {sum(t.is_certain for t in trials)} foreseen as one"
        f" billing, {sum(t.number is None for t in trials)} refused as foreseen; {time.monotonic() - began:.0f} s"
        f"  {'ok' if not wrong else 'MISSED'}",
        flush=True,
    )
    return len(wrong)


if __name__ == "__main__":
    sys.exit(0 if main(*map(int, sys.argv[1:3])) else 1)
