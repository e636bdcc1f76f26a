"""How a job gets its interpreter: real modules, real other roots, packages carried along, with the network away."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from test_runner import Folder, posix, tool, wheel

from images import make_image, stand_in

pytestmark = posix
needs_modules = pytest.mark.skipif(
    not Path("/usr/share/modules/init/bash").exists(), reason="Environment Modules are not installed here"
)
needs_namespaces = pytest.mark.skipif(
    shutil.which("unshare") is None
    or subprocess.run(["unshare", "-r", "-m", "true"], check=False, capture_output=True).returncode != 0,
    reason="this machine lets nobody make a namespace",
)
# With the packages that the tests need, whose programs are beside this Python.
UV = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]))
needs_ch_run = pytest.mark.skipif(shutil.which("ch-run") is None, reason="Charliecloud is not installed here")


def run(one: Folder, *, path: str = "", **env: str) -> str:
    """What the job says; its record tells the rest."""
    base = {"PATH": f"{path}:/usr/bin:/bin:/usr/sbin".lstrip(":"), "HOME": os.environ["HOME"], "USER": "someone"}
    done = one.runner("run", env={**base, **env})
    return done.stdout.decode() + done.stderr.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Folder]:
    """Makes a job's folder from its script and what more stands in job.json."""
    return lambda script, **more: Folder(tmp_path / "jobs" / "one", script, **more)


# --- modules


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A folder for `module use` with one module, which brings an interpreter that has a package of its own."""
    made = tmp_path / "made by the site"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", made], check=True)
    (site,) = made.glob("lib/python*/site-packages")
    (site / "only_in_the_module.py").write_text("answer = 42\n")
    (tmp_path / "modulefiles/python").mkdir(parents=True)
    (tmp_path / "modulefiles/python/1.0").write_text(
        f"#%Module1.0\nprepend-path PATH {{{made}/bin}}\nsetenv SET_BY_THE_MODULE {{a b; echo æ}}\n", encoding="utf-8"
    )
    return tmp_path / "modulefiles"


@needs_modules
def test_a_modules_interpreter_and_its_whole_environment(folder: Callable[..., Folder], modules: Path) -> None:
    way = {"kind": "module", "use": [str(modules)], "modules": ["python/1.0"]}
    script = (
        "import only_in_the_module, os\n"
        "print(only_in_the_module.answer, os.environ['LOADEDMODULES'], os.environ['SET_BY_THE_MODULE'])\n"
    )
    one = folder(script, python={"imports": ["only_in_the_module"]}, ways=[{"kind": "present"}, way])
    assert "42 python/1.0 a b; echo æ" in run(one)
    assert one.record["environment"]["kind"] == "module"
    assert one.record["environment"]["path"].endswith("made by the site/bin/python3")
    assert one.record["tried"] == [{"kind": "present", "reason": "no-packages"}]


@needs_modules
@pytest.mark.parametrize("name", ["nope/1.0", "$(touch x)", "; touch x"])
def test_a_module_that_is_not_there(folder: Callable[..., Folder], modules: Path, name: str) -> None:
    way = {"kind": "module", "use": [str(modules)], "modules": [name]}
    one = folder("print('no')", ways=[way])
    said = run(one)
    assert one.record["reason"] in ("no-module", "not-in-it"), said
    assert not (one.path / "x").exists()
    if name == "nope/1.0":
        assert "cannot be loaded" in said and "nope/1.0" in said
        assert one.record["reason"] == "no-module" and one.record["exit_code"] == 78


def test_no_module_command(folder: Callable[..., Folder], tmp_path: Path) -> None:
    """A node without a module system: bash is there, and finds no start-up file that brings `module`."""
    bash = shutil.which("bash")
    tool(tmp_path, "bash", f'exec {bash} "$1" "$2" -c \'exit 90\'\n')
    one = folder("print('no')", ways=[{"kind": "module", "modules": ["python"]}])
    assert "no module command" in run(one, path=str(tmp_path))
    assert one.record["reason"] == "no-module-command"


@needs_modules
def test_a_module_that_fails_leads_to_the_next_way(folder: Callable[..., Folder], modules: Path) -> None:
    one = folder("print('ran')", ways=[{"kind": "module", "modules": ["nope"]}, {"kind": "present"}])
    said = run(one)
    assert "cannot be loaded" in said and "ran" in said
    assert one.record["environment"]["kind"] == "present"


# --- containers

AMD = """echo '{"card0": {"Card Series": "AMD Instinct MI250X", "Unique ID": "0x1"}}'"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_image(tmp_path_factory.mktemp("site"))


INSIDE = """
import os, only_in_the_image
print("inside", only_in_the_image.answer, os.path.exists("/usr/share"), os.environ.get("OMP_NUM_THREADS"))
here = os.path.samefile(os.environ["DKAI_JOB_DIR"], ".")
print("job", os.environ["DKAI_JOB_ID"], here, os.environ.get("SLURM_JOB_ID"))
print("gpu", os.environ.get("CUDA_VISIBLE_DEVICES"), "leaked", os.environ.get("SECRET"))
open("output/here", "w").write("x")
"""


@needs_namespaces
def test_a_container_with_a_clean_environment(folder: Callable[..., Folder], image: Path, tmp_path: Path) -> None:
    stand_in(tmp_path / "bin")
    one = folder(INSIDE, python={"imports": ["only_in_the_image"]}, env={"OMP_NUM_THREADS": "3"},
                 ways=[{"kind": "container", "image": str(image)}])  # fmt: skip
    said = run(one, path=str(tmp_path / "bin"), SLURM_JOB_ID="17", CUDA_VISIBLE_DEVICES="0,2", SECRET="x")
    assert "inside 42 False 3" in said, said
    assert f"job {one.path.name} True 17" in said
    assert "gpu 0,2 leaked None" in said
    assert (one.path / "output/here").exists()
    assert one.record["environment"]["runtime"] == "apptainer"
    assert one.record["environment"]["image"] == str(image)


@needs_namespaces
@needs_ch_run
def test_charliecloud_for_real(folder: Callable[..., Folder], image: Path) -> None:
    one = folder(INSIDE, python={"imports": ["only_in_the_image"]}, env={"OMP_NUM_THREADS": "3"},
                 ways=[{"kind": "container", "image": str(image)}])  # fmt: skip
    said = run(one, SLURM_JOB_ID="17", CUDA_VISIBLE_DEVICES="0,2")
    assert "inside 42 False 3" in said, said
    assert f"job {one.path.name} True 17" in said
    assert one.record["environment"]["runtime"] == "ch-run"
    assert (one.path / "output/here").exists()


@needs_namespaces
def test_the_gpus_maker_decides_what_goes_in(folder: Callable[..., Folder], image: Path, tmp_path: Path) -> None:
    stand_in(tmp_path / "bin")
    (tmp_path / "amd").mkdir()
    tool(tmp_path / "amd", "rocm-smi", AMD)
    log = tmp_path / "words"
    for more, option in (({}, " --rocm "), ({"gpu_libraries": False}, "")):
        log.unlink(missing_ok=True)
        shutil.rmtree(tmp_path / "jobs", ignore_errors=True)
        way = {"kind": "container", "image": str(image), "bind": ["/mnt", "/nowhere"], **more}
        one = folder("print(1)", ways=[way])
        said = run(one, path=f"{tmp_path}/bin:{tmp_path}/amd", DKAI_STAND_IN_LOG=str(log))
        assert one.record["outcome"] == "completed", said
        words = log.read_text()
        assert (option in words) if option else ("--rocm" not in words)
        assert "--bind /mnt" in words and "/nowhere" not in words and "--nv" not in words


def test_no_image_no_runtime_and_one_that_does_not_start(folder: Callable[..., Folder], tmp_path: Path) -> None:
    cases = [("no-image", "/nowhere.sif", ""), ("no-container-runtime", "docker://debian:12", ""),
             ("container-failed", str(tmp_path), "echo 'FATAL: no such image' >&2; exit 255\n")]  # fmt: skip
    for reason, image, script in cases:
        shutil.rmtree(tmp_path / "jobs", ignore_errors=True)
        if script:
            tool(tmp_path, "apptainer", script)
        one = folder("print('no')", ways=[{"kind": "container", "image": image}])
        said = run(one, path=str(tmp_path))
        assert one.record["reason"] == reason, said
        assert image in said


def test_what_is_fetched_is_kept_beside_the_environments(folder: Callable[..., Folder], tmp_path: Path) -> None:
    tool(tmp_path, "apptainer", f'printf "%s\\n" "$APPTAINER_CACHEDIR" "$*" >{tmp_path}/asked; exit 255\n')
    way = {"kind": "container", "image": "docker://debian:12"}
    run(folder("x", ways=[way], envs_dir=str(tmp_path / "envs")), path=str(tmp_path))
    kept, words = (tmp_path / "asked").read_text().splitlines()
    assert kept == f"{tmp_path}/envs/images" and words.endswith("docker://debian:12 true")


# --- packages


@pytest.fixture
def carried(folder: Callable[..., Folder], tmp_path: Path) -> Iterator[Callable[..., Folder]]:
    """A job with a package of its own beside it."""

    def make(**way: Any) -> Folder:
        asked = {"imports": ["tiny_for_dkai"], "requirements": "script/requirements.txt"}
        one = folder("import tiny_for_dkai; print(tiny_for_dkai.answer)", python=asked, envs_dir=str(tmp_path / "envs"),
                     ways=[way or {"kind": "wheels", "folder": "wheels"}])  # fmt: skip
        (one.path / "wheels").mkdir()
        path, digest = wheel(one.path / "wheels")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
        (one.path / "script/requirements.txt").write_text(f"tiny-for-dkai==1.0 --hash=sha256:{digest}\n")
        return one

    yield make


def without_network(one: Folder) -> str:
    argv = ["unshare", "-r", "-n", sys.executable, "-I", str(one.path / "runner.py"), "run", str(one.path)]
    env = {"PATH": "/usr/bin:/bin", "HOME": os.environ["HOME"]}
    done = subprocess.run(argv, capture_output=True, timeout=120, check=False, env=env)
    return done.stdout.decode() + done.stderr.decode()


@needs_namespaces
def test_carried_packages_with_the_network_away(carried: Callable[..., Folder]) -> None:
    one = carried()
    said = without_network(one)
    assert "42" in said, said
    assert one.record["environment"]["kind"] == "wheels"


@needs_namespaces
def test_what_was_made_once_serves_later_jobs_without_a_network(carried: Callable[..., Folder], tmp_path: Path) -> None:
    first = carried()
    without_network(first)
    asked = (first.path / "script/requirements.txt").read_text()
    shutil.rmtree(tmp_path / "jobs")
    one = carried(kind="venv", offline=True)
    (one.path / "script/requirements.txt").write_text(asked)
    shutil.rmtree(one.path / "wheels")
    assert "42" in without_network(one)


def test_without_internet_nothing_is_tried_in_vain(carried: Callable[..., Folder]) -> None:
    one = carried(kind="venv", offline=True)
    said = run(one)
    assert one.record["reason"] == "no-internet" and "--carry-wheels" in said
    assert one.record["ended_at"] - one.record["started_at"] < 5


def test_a_carried_package_that_was_changed_is_not_installed(carried: Callable[..., Folder]) -> None:
    one = carried()
    (path,) = (one.path / "wheels").iterdir()
    path.write_bytes(path.read_bytes() + b" ")
    said = run(one)
    assert one.record["reason"] == "no-environment" and "HASHES" in said


def test_packages_for_another_python(carried: Callable[..., Folder]) -> None:
    one = carried(kind="wheels", folder="wheels", python_version="3.5.1")
    assert "are for Python 3.5.1" in run(one)
    assert one.record["reason"] == "other-python"


def test_no_packages_built_for_the_gpus_there(folder: Callable[..., Folder], tmp_path: Path) -> None:
    tool(tmp_path, "rocm-smi", AMD)
    asked = {"imports": ["no_such_module"], "requirements": {"cpu": "script/a.txt", "cuda": "script/a.txt"}}
    one = folder("print('no')", python=asked, envs_dir=str(tmp_path / "envs"))
    assert "no packages built for ROCm" in run(one, path=str(tmp_path))
    assert one.record["reason"] == "no-build"


def test_uv_makes_it_and_pip_does_where_uv_cannot(carried: Callable[..., Folder], tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    tool(tmp_path / "bin", "uv", f'echo "uv $*" >>{tmp_path}/asked; echo "uv knows nothing" >&2; exit 2\n')
    one = carried()
    said = run(one, path=str(tmp_path / "bin"))
    assert "uv knows nothing" in said and "42" in said
    assert "--no-cache --quiet --no-python-downloads venv --python" in (tmp_path / "asked").read_text()


@pytest.mark.skipif(UV is None, reason="uv is not installed here")
@needs_namespaces
def test_uv_for_real(carried: Callable[..., Folder], tmp_path: Path) -> None:
    one = carried()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/uv").symlink_to(str(UV))
    argv = [sys.executable, "-I", str(one.path / "runner.py"), "run", str(one.path)]
    env = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "HOME": os.environ["HOME"]}
    done = subprocess.run(["unshare", "-r", "-n", *argv], capture_output=True, timeout=120, check=False, env=env)
    assert b"42" in done.stdout, done.stdout + done.stderr
    (made,) = Path(one.job["envs_dir"]).iterdir()
    assert "uv = " in (made / "pyvenv.cfg").read_text()


# --- R

R = r"""
case "$*" in
  *packageVersion*) printf '\n{"stats":"4.2.2"}\n' ;;
  *system.file*) printf '\n["4.2.2",["notthere"]]\n' ;;
  *) echo "R ran $1" ;;
esac
"""


def test_r_whose_package_is_missing(folder: Callable[..., Folder], tmp_path: Path) -> None:
    tool(tmp_path, "Rscript", R)
    one = folder("x", language="r", python={"imports": ["stats", "notthere"]}, ways=[{"kind": "present"}])
    assert "missing" in run(one, path=str(tmp_path))
    assert one.record["reason"] == "no-packages"
    shutil.rmtree(one.path)
    one = folder("x", language="r", python={"min_version": "4.3"}, ways=[{"kind": "present"}])
    assert "needs R 4.3 or newer" in run(one, path=str(tmp_path))
    assert one.record["reason"] == "r-too-old"
    shutil.rmtree(one.path)
    one = folder("x", language="r", ways=[{"kind": "present"}])
    run(one)
    assert one.record["reason"] == ("no-r" if shutil.which("Rscript", path="/usr/bin:/bin") is None else None)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed here")
def test_r_for_real(folder: Callable[..., Folder]) -> None:
    asked = {"imports": ["stats"], "min_version": "3.5"}
    one = folder('cat("ran", R.version$major, "\\n")', language="r", python=asked)
    said = run(one)
    assert "ran" in said, said
    assert one.record["environment"]["language"] == "r" and one.record["packages"]["stats"]
    assert one.record["python"] is None
    shutil.rmtree(one.path)
    one = folder("x", language="r", python={"imports": ["stats", "no.such.package"]})
    assert "no.such.package" in run(one) and one.record["reason"] == "no-packages"


# --- a node without a home folder


def test_a_node_without_a_home_folder_gets_one(folder: Callable[..., Folder]) -> None:
    one = folder("import os, pathlib; pathlib.Path.home().joinpath('x').write_text('1'); print(os.environ['HOME'])")
    done = one.runner("run", env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere/at/all"})
    assert f"{one.path}/home" in done.stdout.decode() and "no home folder" in done.stdout.decode()
    assert one.record["home"] == f"{one.path}/home" and one.record["outcome"] == "completed"
