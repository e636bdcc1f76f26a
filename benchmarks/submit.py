"""Submitting over SSH, against what one types by hand: `scp` the files, then `ssh … sbatch`.

Needs the Slurm lab (root on Debian). Lines: only carrying out a plan that was made before; the
whole program with its quote, when the cluster answered lately; the same when it must be asked first; and the whole
program at 100 ms a round trip. The second and the last have bounds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paired import Comparison, command, compare

if TYPE_CHECKING:
    from dkai.compute.plan import Plan

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
DKAI = [sys.executable, "-m", "dkai", "compute"]
BY_HAND = """
d=bench-$$-$(date +%s%N)
scp -q -r -F {config} {folder} {alias}:$d && ssh -n -F {config} {alias} "cd $d && sbatch --parsable job.sh"
"""
LOOPBACK, AT_100_MS = 1.2, 0.8
JOB = "#!/bin/bash\n#SBATCH --time=5 --partition=cpu --mem=100M\npython3 main.py\n"


def main() -> bool:
    """Print the lines; False when a bound is missed."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("apt-get"):
        print("submit: the Slurm lab needs root on Debian; not measured")
        return True
    from lab.fixture import Lab  # type: ignore[import-not-found]
    from lab.lablib.session import Session  # type: ignore[import-not-found]

    with Session() as session, session.turn(alone=True), tempfile.TemporaryDirectory() as folder:
        lab = Lab(session)
        os.environ["DKAI_HOME"] = folder
        os.environ["DKAI_LANG"] = "en"
        # Somebody else's job holds the node: those that are submitted wait, and none runs beside what is measured.
        lab.ssh("sbatch -p cpu --exclusive -t 30 -o /dev/null --wrap 'sleep 1800'", alias="lab-bob")
        try:
            lines = measure(lab, Path(folder))
        finally:
            lab.ssh("scancel --me; rm -rf bench-* dkai")
            lab.ssh("scancel --me", alias="lab-bob")
    return all(line.bound is None or line.ratio <= line.bound for line in lines)


def measure(lab: Any, folder: Path) -> list[Comparison]:
    """The four lines."""
    hand = folder / "hand"
    shutil.copytree(ROOT / "recipes" / "gpu-check", hand, ignore=shutil.ignore_patterns("__pycache__"))
    (hand / "job.sh").write_text(JOB, encoding="utf-8")
    for alias in ("lab", "lab-slow"):
        site = ["sites", "add", alias, "--scheduler", "slurm", "--host", alias, "--ssh-config", str(lab.ssh_config)]
        subprocess.run([*DKAI, *site], check=True, capture_output=True)
    plans = made_plans(12)  # ten pairs and two to warm up
    by_hand = command(["sh", "-c", BY_HAND.format(config=lab.ssh_config, folder=hand, alias="lab")])
    slow_hand = command(["sh", "-c", BY_HAND.format(config=lab.ssh_config, folder=hand, alias="lab-slow")])
    name = "scp + ssh sbatch"
    lines = [
        compare("carry out a ready plan", lambda: submit_one(next(plans)), name, by_hand, pairs=10),
        compare("dkai compute submit, whole", submit("lab"), name, by_hand, pairs=15, bound=LOOPBACK),
        compare("…asking the cluster first", submit("lab", "--ask-now"), name, by_hand, pairs=5),
    ]
    with lab.fault("slow-net", 100):
        far = compare("…at 100 ms", submit("lab-slow"), f"{name} at 100 ms", slow_hand, pairs=5, bound=AT_100_MS)
    return [*lines, far]


def submit(site: str, *more: str) -> Callable[[], None]:
    """The whole program, once."""
    return command(
        [*DKAI, "submit", "gpu-check", "--site", site, "--partition", "cpu", "--gpus", "0", "--time", "5m", "--yes",
         *more]
    )  # fmt: skip


def submit_one(plan: Plan) -> None:
    """Connect, send the files, submit."""
    from dkai.app.submit_walk import carry_out

    carry_out(plan)


def made_plans(count: int) -> Iterator[Plan]:
    """Plans for the same small job, each with a job id of its own; the cluster is asked once for each."""
    from dkai.app.submit_walk import Request, prepare
    from dkai.compute.quote.choose import Wishes

    wishes = Wishes(gpus=0, walltime_s=300, partition="cpu")
    return iter([prepare(Request("gpu-check", "lab", wishes=wishes)).plan for _ in range(count)])


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
