"""How jobs get their interpreter, and how each failure ends in a receipt with its cause: real Slurm, over real SSH.

What the lab's machine cannot really do is done in its place and named so in the test: it confines no memory and has no
GPU. A node's peculiarity (no network, no home folder, a small disk) is made by the program that the site names as its
Python, in a namespace of its own.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_runner_ways import needs_ch_run, needs_modules, needs_namespaces

from dkai.compute.causes import find_cause
from dkai.compute.job import Outcome
from dkai.compute.scheduler.slurm_jobs import exit_code
from dkai.compute.sites_file import get_site, save_site
from images import make_image, stand_in

pytestmark = pytest.mark.lab

SYSTEM = "/usr/bin/python3"
Send = Callable[..., dict[str, Any]]


@pytest.fixture
def shared(lab: Any) -> Iterator[Path]:
    """A folder of the site's own, on a disk that every node sees."""
    folder = Path(lab.dir) / "site" / secrets.token_hex(6)
    folder.mkdir(parents=True)
    subprocess.run(["chmod", "a+rx", folder.parent, folder], check=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def recipe(tmp_path: Path) -> Callable[..., Path]:
    """Makes a recipe from its script, what it imports, and a file of requirements."""

    def make(script: str, imports: str = "", requirements: str = "", name: str = "mine", **files: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        run = f"script: main.py, imports: [{imports}]" + (", requirements: r.txt" if requirements else "")
        network = "network: [packages]\n" if requirements else ""
        (folder / "recipe.yaml").write_text(
            f"schema: dkai/recipe/1\nid: {name}\nname: {name}\nsummary: {{da: a, en: b}}\nrun: {{{run}}}\n{network}"
            "resources: {cpus: 1, memory_gb: 0.2, minutes: 5}\n",
            encoding="utf-8",
        )
        (folder / "main.py").write_text(script, encoding="utf-8")
        for file, text in {"r.txt": requirements, **files}.items():
            if text:
                (folder / file).write_text(text, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def run(dkai: Any, lab_site: Any) -> Send:
    """Submit, wait for the end, and give the receipt with the job's log in it."""

    def send(recipe: Path, *words: str, outcome: str = "completed", **env: str) -> dict[str, Any]:
        ask = ("compute", "submit", str(recipe), "--site", "lab", "--level", "internal", "--yes", "--follow")
        done = dkai(*ask, *words, check=0 if outcome == "completed" else 5, timeout=120, env={**os.environ, **env})
        receipt: dict[str, Any] = json.loads(dkai("compute", "receipt", "--format", "json").stdout)
        assert receipt["outcome"] == outcome
        if outcome != "completed":
            text = " ".join(dkai("compute", "receipt").stdout.split())
            assert receipt["cause"]["says"] and receipt["cause"]["do"]
            assert receipt["cause"]["do"][:60] in text
        return {**receipt, "log": done.stdout + done.stderr}

    return send


def node(lab: Any, shared: Path, program: str) -> None:
    """A site whose nodes are peculiar: its Python is this program, which ends in a real one."""
    path = shared / "python"
    path.write_text(f"#!/bin/bash\n{program}\n", encoding="utf-8")
    path.chmod(0o755)
    save_site(replace(get_site("lab"), python=str(path)), replace=True)


NO_NETWORK = f'exec unshare --user --map-root-user --net {SYSTEM} "$@"'


# --- ways that work


@pytest.fixture
def modules(shared: Path) -> Path:
    """A folder for `module use`: `made/1.0` brings an interpreter with a package of its own."""
    made = shared / "made"
    subprocess.run([SYSTEM, "-m", "venv", "--without-pip", made], check=True)
    (site,) = made.glob("lib/python*/site-packages")
    (site / "only_in_the_module.py").write_text("answer = 42\n")
    (shared / "modulefiles/made").mkdir(parents=True)
    (shared / "modulefiles/made/1.0").write_text(f"#%Module1.0\nprepend-path PATH {made}/bin\n")
    (shared / "modulefiles/apptainer").mkdir()
    (shared / "modulefiles/apptainer/1.0").write_text(f"#%Module1.0\nprepend-path PATH {shared}/bin\n")
    subprocess.run(["chmod", "-R", "a+rX", shared], check=True)
    return shared / "modulefiles"


@needs_modules
def test_a_module(run: Send, recipe: Any, modules: Path, lab: Any) -> None:
    folder = recipe("import only_in_the_module as m, sys; print('found', m.answer, sys.prefix)", "only_in_the_module")
    done = run(folder, "--module", str(modules), "--module", "made/1.0")
    assert f"found 42 {modules.parent}/made" in done["log"]


@needs_modules
@needs_namespaces
def test_a_container_in_the_place_of_apptainer(run: Send, recipe: Any, modules: Path, shared: Path) -> None:
    """Simulated: Apptainer is not in Debian. The image is really another root, and nothing leaks into it."""
    image = make_image(shared)
    stand_in(shared / "bin")
    script = "import os, only_in_the_image as i; print('found', i.answer, os.listdir('/mnt'), os.environ['DKAI_GPUS'])"
    done = run(recipe(script, "only_in_the_image"), "--image", str(image), "--module", str(modules),
               "--module", "apptainer/1.0", "--gpus", "1", "--partition", "gpu")  # fmt: skip
    assert "found 42 ['0'] 1" in done["log"]


@needs_namespaces
@needs_ch_run
def test_a_container_in_charliecloud(run: Send, recipe: Any, shared: Path) -> None:
    image = make_image(shared)
    script = "import only_in_the_image as i; open('output/x', 'w').write('1'); print('found', i.answer)"
    assert "found 42" in run(recipe(script, "only_in_the_image"), "--image", str(image))["log"]


@needs_namespaces
def test_packages_that_travel_along_to_a_node_without_network(
    run: Send, recipe: Any, lab: Any, shared: Path, tmp_path: Path, dkai: Any
) -> None:
    """Real packages, one of them built for one Python and system, and a node that really has no network."""
    node(lab, shared, NO_NETWORK)
    real = (Path(__file__).parents[2] / "recipes/tabular-baseline/requirements.txt").read_text()
    entries = real.split("\n")
    wanted = "\n".join(_entry(entries, name) for name in ("joblib", "threadpoolctl", "cloudpickle")) + "\n"
    folder = recipe("import joblib, threadpoolctl; print('found', joblib.__version__)", "joblib, threadpoolctl", wanted)
    failed = run(folder, "--env", "venv", outcome="failed")
    assert failed["cause"]["id"] == "no-index" and "--carry-wheels" in failed["cause"]["do"]
    done = run(folder, "--carry-wheels")
    assert "found " in done["log"]
    # What was made serves the next job, which carries nothing and reaches nothing.
    assert "found " in run(folder, "--env", "venv")["log"]
    plan = json.loads(
        dkai("compute", "submit", str(folder), "--site", "lab", "--level", "internal", "--carry-wheels", "--dry-run",
             "--format", "json").stdout
    )  # fmt: skip
    carried = [file for file in plan["files"] if file["to"].startswith("wheels/")]
    assert len(carried) == 3 and all(file["size"] and len(file["sha256"]) == 64 for file in carried)
    assert "packages" not in plan["versions"]


def _entry(lines: list[str], name: str) -> str:
    """One package's lines in a file of requirements."""
    start = next(i for i, line in enumerate(lines) if line.startswith(f"{name}=="))
    end = next((i for i in range(start + 1, len(lines)) if not lines[i].startswith("    --hash")), len(lines))
    return "\n".join(lines[start:end])


def test_a_node_without_a_home_folder(run: Send, recipe: Any, lab: Any, shared: Path) -> None:
    node(lab, shared, f'HOME=/nowhere/at/all exec {SYSTEM} "$@"')
    script = "import pathlib; pathlib.Path.home().joinpath('x').write_text('1'); print('wrote', pathlib.Path.home())"
    done = run(recipe(script))
    assert "no home folder" in done["log"] and "/home\n" in done["log"].split("wrote ")[1]


# --- failures, each with its receipt


@needs_modules
def test_a_missing_module(run: Send, recipe: Any) -> None:
    failed = run(recipe("print('no')"), "--module", "no-such-module/1.0", outcome="failed")
    assert failed["cause"]["id"] == "no-module" and "--module" in failed["cause"]["do"]
    assert "no-such-module/1.0" in failed["log"]


def test_a_missing_image(run: Send, recipe: Any) -> None:
    failed = run(recipe("print('no')"), "--image", "/no/such/image.sif", outcome="failed")
    assert failed["cause"]["id"] == "no-image" and "/no/such/image.sif" in failed["log"]


@needs_namespaces
def test_a_full_scratch(run: Send, recipe: Any, lab: Any, shared: Path) -> None:
    """The folder for results is a file system of 200 KB."""
    program = f"""
case $2 in
  */runner.py)
    job=${{!#}}
    mkdir -p "$job/output"
    exec unshare --user --map-root-user --mount /bin/bash -c \\
      'mount -t tmpfs -o size=200k none "$0/output" && exec {SYSTEM} "$@"' "$job" "$@" ;;
  *) exec {SYSTEM} "$@" ;;
esac"""
    node(lab, shared, program)
    failed = run(recipe("open('output/big', 'wb').write(bytes(10**6))"), outcome="failed")
    assert failed["cause"]["id"] == "disk" and "No space left on device" in failed["cause"]["line"]


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("RuntimeError: The NVIDIA driver on your system is too old (found version 11040).", "driver-too-old"),
        ("RuntimeError: CUDA error: no kernel image is available for execution on the device", "gpu-too-new"),
        ("RuntimeError: Found no NVIDIA driver on your system.", "cuda-on-amd"),
    ],
)
def test_a_wrong_cuda_simulated(run: Send, recipe: Any, lab: Any, shared: Path, said: str, key: str) -> None:
    """Simulated: a torch that raises what PyTorch raises, on a node whose driver's tool is AMD's."""
    if key == "cuda-on-amd":
        (shared / "bin").mkdir()
        (shared / "rocm/.info").mkdir(parents=True)
        (shared / "rocm/.info/version").write_text("6.2.0-66\n")
        tool = shared / "bin/rocm-smi"
        tool.write_text("""#!/bin/sh\necho '{"card0": {"Card Series": "AMD Instinct MI250X", "Unique ID": "0x1"}}'\n""")
        tool.chmod(0o755)
        node(lab, shared, f'ROCM_PATH={shared}/rocm PATH={shared}/bin:$PATH exec {SYSTEM} "$@"')
    kind, _, text = said.partition(": ")
    fake = f"class cuda:\n    @staticmethod\n    def init():\n        raise {kind}({text!r})\n"
    folder = recipe("import torch\ntorch.cuda.init()\n", **{"torch.py": fake})
    failed = run(folder, "--gpus", "1", "--partition", "gpu", outcome="failed")
    assert failed["cause"]["id"] == key, failed["cause"]


def test_an_out_of_memory_kill_simulated(run: Send, recipe: Any) -> None:
    """Simulated: the lab confines nothing. The program says what Slurm's own process says, and ends as by SIGKILL."""
    line = "slurmstepd: error: Detected 1 oom_kill event in StepId=17.batch."
    script = f"import os, sys\nprint({line!r}, file=sys.stderr, flush=True)\nos.kill(os.getpid(), 9)\n"
    failed = run(recipe(script), outcome="failed")
    assert failed["cause"]["id"] == "memory" and "--memory" in failed["cause"]["do"]


def test_no_memory_left_for_python(run: Send, recipe: Any) -> None:
    failed = run(recipe("bytearray(10**15)"), outcome="failed")
    assert failed["cause"]["id"] == "memory" and failed["cause"]["line"] == "MemoryError"


def test_the_time_is_up(workstation: Any, recipe: Any, dkai: Any) -> None:
    ask = ("compute", "submit", str(recipe("import time; time.sleep(60)")), "--site", "workstation")
    dkai(*ask, "--level", "internal", "--yes", "--follow", "--time", "2s", check=5)
    receipt = json.loads(dkai("compute", "receipt", "--format", "json").stdout)
    assert (receipt["outcome"], receipt["cause"]["id"]) == ("timeout", "walltime")
    assert "--time" in receipt["cause"]["do"] and receipt["advice"][0]["option"].startswith("--time")


def test_a_folder_that_the_node_does_not_see(lab: Any, lab_base: str) -> None:
    """Slurm's own word for it: it cannot set up the output, and no record can be written."""
    done = lab.as_alice(["sbatch", "--parsable", "-o", f"{lab_base}/away/log", "--wrap", "true"])
    job = done.stdout.strip()
    for _ in range(40):
        said = lab.as_alice(["sacct", "-nPX", "-j", job, "-o", "State,ExitCode"]).stdout.strip()
        if said.startswith("FAILED"):
            break
        time.sleep(0.5)
    cause = find_cause(Outcome.FAILED, exit_code=exit_code(said.split("|")[1]))
    assert cause is not None and cause.id == "no-folder", said


@pytest.mark.lab(alone=True)
def test_a_node_that_fails(lab: Any, run: Send, dkai: Any, slow_recipe: Path, lab_site: Any) -> None:
    ask = ("compute", "submit", str(slow_recipe), "--site", "lab", "--level", "internal", "--yes", "--format", "json")
    job = json.loads(dkai(*ask, "--partition", "cpu").stdout)
    _until(dkai, job["id"], "running")
    control = ["scontrol", "update", "nodename=cpu01"]
    env = {**os.environ, "SLURM_CONF": str(lab.slurm_conf)}
    try:
        subprocess.run([*control, "state=down", "reason=test"], env=env, check=True)
        _until(dkai, job["id"], "ended")
    finally:
        # It comes back by itself as soon as it answers again; then Slurm takes no resume.
        subprocess.run([*control, "state=resume"], env=env, check=False, capture_output=True)
    receipt = json.loads(dkai("compute", "receipt", job["id"], "--format", "json").stdout)
    assert receipt["cause"]["id"] == "node" and receipt["cause"]["do"], receipt["outcome"]


def _until(dkai: Any, job: str, state: str) -> None:
    for _ in range(40):
        if json.loads(dkai("compute", "status", job, "--format", "json").stdout)["state"] == state:
            return
        time.sleep(0.5)
    pytest.fail(f"{job} is not {state}")
