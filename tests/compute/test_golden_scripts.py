"""Job scripts as whole texts: what was shown and sent yesterday is sent today, and a shell of ten years ago reads it.

`golden/NAME.sh` are the texts. A change that is meant is taken over with `DKAI_GOLDEN=write` in the environment, and
then read in the diff. Old clusters have bash 4: name one (several, with colons) in `DKAI_OLD_BASH` to run under it.
Where none is named, features that came later are looked for in the text, and the bash at hand runs it with the
compatibility of 4.2 and as POSIX.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from dkai.compute.job import JobSpec, Resources
from dkai.compute.scheduler import scheduler_for

GOLDEN = Path(__file__).parent / "golden"
BASE = JobSpec(
    "dkai-s2eb5wrff5", "gpu-check", "1", "lumi",
    Resources(gpus=1, cpus=8, memory_mb=16_000, walltime_s=5400, gpu_type="h100"),
    {"note": "'; rm -rf /"}, "gpu", "project_a", "normal",
)  # fmt: skip
FOLDER = "/scratch/project_a/dkai/dkai-s2eb5wrff5"
LSF = replace(
    BASE, partition=None, account=None, qos=None, place={"memory": "slot"},
    resources=Resources(gpus=1, cpus=8, memory_mb=16_001, walltime_s=5430, gpu_type="TeslaV100_PCIE_32GB"),
)  # fmt: skip
BY_JOB = {"memory": "job", "memory_limit": "job"}
# name: scheduler, job, folder
SCRIPTS: dict[str, tuple[str, JobSpec, str]] = {
    "one-gpu": ("slurm", BASE, FOLDER),
    "nothing-said": ("slurm", replace(BASE, partition=None, account=None, qos=None, resources=Resources()), FOLDER),
    "whole-node": ("slurm", replace(BASE, resources=Resources(gpus=4, cpus=32, exclusive=True)), FOLDER),
    "cores-by-gpu": ("slurm", replace(BASE, resources=Resources(gpus=2, cpus=16, cpus_per_gpu=8)), FOLDER),
    "all-memory": ("slurm", replace(BASE, resources=Resources(cpus=4, memory_mb=0)), FOLDER),
    "odd-folder": ("slurm", BASE, "/home/søren k/$HOME/100%/dkai-s2eb5wrff5"),
    "multi-node": ("slurm", replace(BASE, resources=Resources(gpus=8, cpus=64, nodes=2, memory_mb=64_000)), FOLDER),
    "requeue": ("slurm", replace(BASE, checkpoint=True), FOLDER),
    "sweep": ("slurm", replace(BASE, tasks=({"lr": 0.1}, {"lr": 0.01}, {"lr": 0.001}), at_once=2), FOLDER),
    "lsf-one-gpu": ("lsf", replace(LSF, partition="gpuv100", account="02456"), "/work3/me/dkai/dkai-s2eb5wrff5"),
    "lsf-nothing-said": ("lsf", replace(LSF, resources=Resources()), "/zhome/søren k/100%/$USER/dkai-s2eb5wrff5"),
    "lsf-memory-of-the-job": ("lsf", replace(LSF, place=BY_JOB), "/work3/me/dkai/dkai-s2eb5wrff5"),
}
# Later than bash 4.2: name references, transformations, `wait -n`, arrays under -u, EPOCHSECONDS, `mapfile -d`.
NEWER = re.compile(
    r"(declare|local|typeset) -n|\$\{[^}]*@[A-Za-z]\}|wait -n|\$\{\w+\[@\]\}|EPOCH|mapfile -d|readarray -d"
)
OLD = [[path] for path in os.environ.get("DKAI_OLD_BASH", "").split(":") if path]
SHELLS = [["bash", "-O", "compat42"], ["bash", "--posix"], ["dash"], *OLD]


def text_of(name: str) -> str:
    scheduler, spec, folder = SCRIPTS[name]
    return scheduler_for(scheduler).script(spec, folder, "/opt/python/bin/python3")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_text_is_the_one_that_was_agreed_on(name: str) -> None:
    path = GOLDEN / f"{name}.sh"
    if os.environ.get("DKAI_GOLDEN") == "write":
        path.write_text(text_of(name), encoding="utf-8")
    assert text_of(name) == path.read_text(encoding="utf-8")


def test_every_text_is_somebodys() -> None:
    assert {path.stem for path in GOLDEN.glob("*.sh")} == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_nothing_in_it_is_newer_than_bash_4(name: str) -> None:
    text = text_of(name)
    assert "\nset -euo pipefail\n" in text
    assert NEWER.search(text) is None


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
@pytest.mark.parametrize("name", SCRIPTS)
def test_shellcheck_finds_nothing(name: str) -> None:
    # SC2016: a $ in single quotes is meant as it stands, for it is in the name of a folder.
    done = subprocess.run(
        ["shellcheck", "-s", "bash", "-e", "SC2016", "-"], input=text_of(name), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@pytest.mark.parametrize("name", SCRIPTS)
def test_it_starts_the_runner_in_old_shells(name: str, shell: list[str], tmp_path: Path) -> None:
    scheduler, spec, _ = SCRIPTS[name]
    if not shutil.which(shell[0]):
        pytest.skip(f"there is no {shell[0]}")
    folder = tmp_path / "it has blanks $HOME"
    folder.mkdir()
    (folder / "runner.py").write_text("import json, sys; print(json.dumps(sys.argv[1:]))")
    text = scheduler_for(scheduler).script(spec, str(folder), "/no/such/python")
    if shell[0] == "dash":  # dash 0.5.12 has no pipefail; everything else must do
        text = text.replace("set -euo pipefail", "set -eu")
    env = os.environ | {"SLURM_ARRAY_TASK_ID": "1"}  # Slurm's, for a task of an array
    done = subprocess.run([*shell, "-s"], input=text, capture_output=True, text=True, check=False, timeout=60, env=env)
    assert done.returncode == 0, done.stderr
    log = folder / "log"  # under LSF the job writes it itself
    said = json.loads(log.read_text() if log.exists() else done.stdout)
    assert said[:2] == ["run", str(folder)] and said[2:] == (["--task=1"] if spec.tasks else [])
