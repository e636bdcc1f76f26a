"""Submitting over SSH, against what one types by hand: `scp` the files, then `ssh … sbatch`.

Needs the Slurm lab (root on Debian: `tests/lab/lab up`). Lines: only carrying out a plan that was made before; the
whole program with its quote, when the cluster answered lately; the same when it must be asked first; and the whole
program at 100 ms a round trip. The second and the last have bounds.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from paired import command, compare

if TYPE_CHECKING:
    from dkai.compute.plan import Plan

ROOT = Path(__file__).resolve().parent.parent
LAB = ROOT / "tests" / "lab" / "lab"
DKAI = [sys.executable, "-m", "dkai", "compute"]
BY_HAND = """
d=bench-$$-$(date +%s%N)
scp -q -r -F {config} {folder} {alias}:$d && ssh -n -F {config} {alias} "cd $d && sbatch --parsable job.sh"
"""
LOOPBACK, AT_100_MS = 1.2, 0.8
JOB = "#!/bin/bash\n#SBATCH --time=5 --partition=cpu --mem=100M\npython3 main.py\n"


def lab_config() -> Path | None:
    """The lab's ssh_config, once it is up; None where it cannot run."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    subprocess.run([LAB, "up"], check=True, capture_output=True)
    done = subprocess.run([LAB, "env"], check=True, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        if name == "LAB_SSH_CONFIG":
            return Path(value.strip("'\""))
    return None


def main() -> bool:
    """Print the lines; False when a bound is missed."""
    config = lab_config()
    if config is None:
        print("submit: the Slurm lab needs root on Debian; not measured")
        return True
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DKAI_HOME"] = folder
        os.environ["DKAI_LANG"] = "en"
        hand = Path(folder) / "hand"
        shutil.copytree(ROOT / "recipes" / "gpu-check", hand, ignore=shutil.ignore_patterns("__pycache__"))
        (hand / "job.sh").write_text(JOB, encoding="utf-8")
        for alias in ("lab", "lab-slow"):
            site = ["sites", "add", alias, "--scheduler", "slurm", "--host", alias, "--ssh-config", str(config)]
            subprocess.run([*DKAI, *site], check=True, capture_output=True)
        plans = made_plans(12)  # ten pairs and two to warm up
        by_hand = command(["sh", "-c", BY_HAND.format(config=config, folder=hand, alias="lab")])
        compare("carry out a ready plan", lambda: submit_one(next(plans)), "scp + ssh sbatch", by_hand, pairs=10)
        lines = [
            compare("dkai compute submit, whole", submit("lab"), "scp + ssh sbatch", by_hand, pairs=10, bound=LOOPBACK)
        ]
        compare("…asking the cluster first", submit("lab", "--ask-now"), "scp + ssh sbatch", by_hand, pairs=5)
        with slow_net(100):
            slow_hand = command(["sh", "-c", BY_HAND.format(config=config, folder=hand, alias="lab-slow")])
            lines.append(
                compare("…at 100 ms", submit("lab-slow"), "scp + ssh sbatch at 100 ms", slow_hand, pairs=5,
                        bound=AT_100_MS)
            )  # fmt: skip
        subprocess.run(["ssh", "-n", "-F", str(config), "lab", "scancel --me; rm -rf bench-*"], check=False)
    return all(line.bound is None or line.ratio <= line.bound for line in lines)


def submit(site: str, *more: str) -> Callable[[], None]:
    """The whole program, once."""
    return command(
        [*DKAI, "submit", "gpu-check", "--site", site, "--partition", "cpu", "--gpus", "0", "--time", "5m", "--yes",
         *more]
    )  # fmt: skip


@contextlib.contextmanager
def slow_net(milliseconds: int) -> Iterator[None]:
    """The lab's slow way in, meanwhile."""
    subprocess.run([LAB, "fault", "slow-net", str(milliseconds)], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run([LAB, "fault", "clear"], check=True, capture_output=True)


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
