"""Submitting over SSH, against what one types by hand: `scp` the files, then `ssh … sbatch`.

Needs the Slurm lab (root on Debian: `tests/lab/lab up`). Two lines: only carrying out a plan that was made before, and
the whole program, which also asks the cluster for its limits and balances and makes the quote.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from paired import command, compare

if TYPE_CHECKING:
    from dkai.compute.plan import Plan

ROOT = Path(__file__).resolve().parent.parent
LAB = ROOT / "tests" / "lab" / "lab"
BY_HAND = """
d=bench-$$-$(date +%s%N)
scp -q -r -F {config} {folder} lab:$d && ssh -n -F {config} lab "cd $d && sbatch --parsable job.sh"
"""
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
    """Print both lines; there is no bound yet, so this is always True."""
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
        dkai = [sys.executable, "-m", "dkai", "compute"]
        site = ["sites", "add", "lab", "--scheduler", "slurm", "--host", "lab", "--ssh-config", str(config)]
        subprocess.run([*dkai, *site], check=True, capture_output=True)
        by_hand = command(["sh", "-c", BY_HAND.format(config=config, folder=hand)])
        submit = ["submit", "gpu-check", "--site", "lab", "--partition", "cpu", "--gpus", "0", "--time", "5m", "--yes"]

        plans = made_plans(12)  # ten pairs and two to warm up
        compare(
            "carry out a ready plan",
            lambda: submit_one(next(plans)),
            "scp + ssh sbatch",
            by_hand,
            pairs=10,
        )
        compare("dkai compute submit, whole", command([*dkai, *submit]), "scp + ssh sbatch", by_hand, pairs=10)
        subprocess.run(["ssh", "-n", "-F", str(config), "lab", "scancel --me; rm -rf bench-*"], check=False)
    return True


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
