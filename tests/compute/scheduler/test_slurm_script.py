"""job.sh: its text, and what it does where a runner or a Python is (not)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dkai.compute.job import JobSpec, Resources
from dkai.compute.scheduler.slurm import Slurm
from dkai.core.errors import UserError

SPEC = JobSpec(
    "dkai-s2eb5wrff5", "gpu-check", "1", "lumi",
    Resources(gpus=1, cpus=8, memory_mb=16_000, walltime_s=5400, gpu_type="h100"),
    {"note": "'; rm -rf /"}, "gpu", "project_a", "normal",
)  # fmt: skip
FOLDER = "/scratch/project_a/dkai/dkai-s2eb5wrff5"
GOLDEN = """\
#!/bin/bash
#SBATCH --job-name=dkai-s2eb5wrff5
#SBATCH --time=01:30:00
#SBATCH --partition=gpu
#SBATCH --account=project_a
#SBATCH --qos=normal
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=8
#SBATCH --mem=16000M
#SBATCH --gres=gpu:h100:1
#SBATCH --chdir=/scratch/project_a/dkai/dkai-s2eb5wrff5
#SBATCH --output=/scratch/project_a/dkai/dkai-s2eb5wrff5/log
#SBATCH --open-mode=append
#SBATCH --export=ALL
#SBATCH --no-requeue

set -euo pipefail
unset LC_ALL PYTHONPATH PYTHONHOME PYTHONSTARTUP SLURM_EXPORT_ENV
export PYTHONUTF8=1
job=/scratch/project_a/dkai/dkai-s2eb5wrff5
cd -- "$job"
for python in /opt/python/bin/python3 python3 /usr/bin/python3 /usr/libexec/platform-python; do
  if "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 6))' </dev/null >/dev/null 2>&1; then
    exec "$python" -I "$job/runner.py" run "$job"
  fi
done
printf '%s\\n' 'dkai: there is no Python 3.6 or newer on this node; name one as the site'"'"'s python'
if mkdir lock 2>/dev/null; then
  printf '{"schema": "dkai/record/1", "job_id": "%s", "state": "ended", "outcome": "failed"' dkai-s2eb5wrff5 >record.new
  printf ', "exit_code": 78, "reason": "no-python", "ended_at": %s}\\n' "$(date +%s)" >>record.new
  mv record.new record.json
fi
exit 78
"""


def script(spec: JobSpec = SPEC, folder: str = FOLDER, python: str = "/opt/python/bin/python3") -> str:
    return Slurm().script(spec, folder, python)


def options(text: str) -> dict[str, str]:
    lines = [line.removeprefix("#SBATCH --") for line in text.splitlines() if line.startswith("#SBATCH")]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def test_the_whole_text() -> None:
    assert script() == GOLDEN
    assert script() == script()


def test_what_is_not_asked_for_is_not_said() -> None:
    plain = replace(SPEC, partition=None, account=None, qos=None, resources=Resources(walltime_s=172_800))
    found = options(script(plain))
    assert set(found) == {
        "job-name", "time", "nodes", "ntasks", "cpus-per-task", "mem", "chdir", "output", "open-mode", "export",
        "no-requeue",
    }  # fmt: skip
    assert found["time"] == "2-00:00:00"


def test_cores_and_gpus_are_shared_out_over_nodes() -> None:
    found = options(script(replace(SPEC, resources=Resources(gpus=8, cpus=30, nodes=4, memory_mb=100))))
    assert (found["nodes"], found["ntasks"], found["cpus-per-task"], found["gres"]) == ("4", "4", "8", "gpu:2")
    assert found["mem"] == "100M"


def test_whole_nodes_and_cores_by_gpu() -> None:
    found = options(script(replace(SPEC, resources=Resources(gpus=2, cpus=16, cpus_per_gpu=8, exclusive=True))))
    assert found["exclusive"] == "" and found["cpus-per-gpu"] == "8" and found["gres"] == "gpu:2"
    assert "cpus-per-task" not in found  # sbatch takes no two of them
    found = options(script(replace(SPEC, resources=Resources(cpus=3, cpus_per_gpu=8))))
    assert found["cpus-per-task"] == "3" and "cpus-per-gpu" not in found


@pytest.mark.parametrize(
    "field", ["partition", "account", "qos"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a b", "a\n#SBATCH --mail-user=x", "$(id)", "a;b", "'", "a#b", "", "a\n", "-\\"])
def test_no_name_becomes_another_option(field: str, name: str) -> None:
    spec = replace(SPEC, **{field: name})
    if not name:
        assert field not in options(script(spec))
        return
    with pytest.raises(UserError) as caught:
        script(spec)
    assert caught.value.code == "bad-slurm-name"
    assert caught.value.hint


def test_names_that_sites_have() -> None:
    spec = replace(
        SPEC,
        partition="gpu,gpu-test",
        account="dtu_00123.a",
        qos="4gpu-hours+",
        resources=Resources(gpus=1, gpu_type="a100_3g.20gb"),
    )
    assert options(script(spec))["gres"] == "gpu:a100_3g.20gb:1"


@pytest.mark.parametrize("bad", ["relative", "/a'b", '/a"b', "/a\nb", "/a\\b", ""])
def test_folders_that_sbatch_would_misread(bad: str) -> None:
    with pytest.raises(UserError) as caught:
        script(folder=bad)
    assert caught.value.code == "bad-folder"


def test_folders_that_need_quotes() -> None:
    found = options(script(folder="/home/søren k/100%/dkai-1"))
    assert found["chdir"] == "'/home/søren k/100%/dkai-1'"
    assert found["output"] == "'/home/søren k/100%%/dkai-1/log'"


TEXT = st.text(max_size=30)


@given(st.builds(lambda p, a, q, g: (p, a, q, g), TEXT, TEXT, TEXT, TEXT), TEXT)
def test_whatever_is_written_no_line_is_added(names: tuple[str, str, str, str], folder: str) -> None:
    partition, account, qos, gpu = names
    spec = replace(SPEC, partition=partition, account=account, qos=qos, resources=Resources(gpus=1, gpu_type=gpu))
    try:
        text = script(spec, f"/{folder}", folder)
    except UserError:
        return
    head = text.split("\n\n")[0].split("\n")
    assert head[0] == "#!/bin/bash"
    assert all(line.startswith("#SBATCH --") for line in head[1:])
    assert len(head) <= 17


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
@pytest.mark.parametrize("folder", [FOLDER, "/home/søren k/$HOME/`id`/dkai-1"])
def test_shellcheck_finds_nothing(folder: str) -> None:
    done = subprocess.run(
        ["shellcheck", "-e", "SC2016", "-"], input=script(folder=folder), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


needs_bash = pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")


def job(folder: Path, python: str) -> str:
    folder.mkdir(parents=True)
    (folder / "runner.py").write_text("import sys; print('runner', *sys.argv[1:])")
    return script(folder=str(folder), python=python)


@needs_bash
def test_the_runner_is_started_with_the_first_python_that_works(tmp_path: Path) -> None:
    folder = tmp_path / "it has blanks $HOME"
    text = job(folder, "/no/such/python")
    env = {**os.environ, "PYTHONPATH": "/nowhere"}
    done = subprocess.run(["bash", "-s"], input=text, capture_output=True, text=True, env=env, check=False)
    assert (done.returncode, done.stdout) == (0, f"runner run {folder}\n"), done.stderr


@needs_bash
def test_without_a_python_it_writes_the_record_itself(tmp_path: Path) -> None:
    folder = tmp_path / SPEC.job_id
    text = job(folder, "/no/such/python").replace("/usr/bin/python3 /usr/libexec/platform-python", "")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("mkdir", "mv", "date"):
        (programs / name).symlink_to(shutil.which(name) or "")
    for again in (False, True):
        done = subprocess.run(
            [shutil.which("bash") or "", "-s"], input=text, capture_output=True, text=True, env={"PATH": str(programs)},
            check=False,
        )  # fmt: skip
        assert done.returncode == 78
        assert done.stdout == "dkai: there is no Python 3.6 or newer on this node; name one as the site's python\n"
        record = json.loads((folder / "record.json").read_text())
        assert (record["job_id"], record["outcome"], record["exit_code"]) == (SPEC.job_id, "failed", 78)
        if not again:
            first = record
    assert record == first
