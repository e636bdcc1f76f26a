"""The interpreter a job gets: the first of the ways decided for it that has what the job needs.

`ways` in job.json are tried in their order: `present` (what is there), `module`, `container`, `wheels` (an environment
made from packages that came with the job) and `venv` (one made from a package index). Each that fails says why.
"""

import os
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional

from dkai.compute.runner.container import INTERPRETERS, PREFIXES, command, is_remote, runtime_for, seen_as
from dkai.compute.runner.files import Record
from dkai.compute.runner.gpus import Amd, Nvidia
from dkai.compute.runner.interpreter import Environ, Interpreter, look_at, parts, python_in, there
from dkai.compute.runner.modules import NO_COMMAND, loaded
from dkai.compute.runner.venv import environment_for, home_of

if TYPE_CHECKING:
    from dkai.compute.runner.job import Run

DEFAULT_WAYS = [{"kind": "present"}, {"kind": "venv"}]


class CannotRunError(Exception):
    """The job cannot begin: the reason's code, and what fills its sentence."""


class Wanted:
    """What the job needs of its interpreter."""

    def __init__(self, job: Record) -> None:
        asked: Dict[str, Any] = job.get("python") or {}
        self.language = "r" if job.get("language") == "r" else "python"
        self.low = str(asked.get("min_version") or ("0" if self.language == "r" else "3.6"))
        self.names: List[str] = list(asked.get("imports") or [])
        # One file of requirements for all, or one each for `cpu`, `cuda` and `rocm`.
        told = asked.get("requirements")
        self.requirements: Dict[str, str] = told if isinstance(told, dict) else {"any": told} if told else {}

    def requirements_on(self, accelerator: str) -> str:
        """The file that fits the accelerator; empty when there is none."""
        return str(self.requirements.get("any") or self.requirements.get(accelerator or "cpu") or "")


def interpreter_for(run: "Run") -> Interpreter:
    """What can run the job's script; without words where the job was told to stop. Raises CannotRunError."""
    want, failures = Wanted(run.job), []  # type: Wanted, List[CannotRunError]
    ways = [way for way in run.job.get("ways") or DEFAULT_WAYS if way.get("kind") in WAYS]
    tried: List[Record] = []
    run.record["tried"] = tried
    for number, way in enumerate(ways):
        if way["kind"] in ("venv", "wheels") and not (want.requirements and run.job.get("envs_dir")):
            continue
        try:
            found = WAYS[way["kind"]](run, want, way)
        except CannotRunError as error:
            failures.append(error)
            tried.append({"kind": way["kind"], "reason": error.args[0]})
            # That packages are not simply there is no news where another way follows.
            if number + 1 < len(ways) and way["kind"] != "present":
                run.say_why(error)
            continue
        if run.stopped:
            break
        return found
    if run.stopped:
        return Interpreter([], "", None, "", {})
    raise failures[-1] if failures else CannotRunError("no-packages", {"missing": ", ".join(want.names)})


def best(want: Wanted, candidates: List[List[str]], env: Optional[Environ], where: str) -> Any:
    """The first of these that has all that is wanted: its words and version. Raises CannotRunError."""
    found: List[str] = []
    lacking: Optional[List[str]] = None
    for argv in candidates:
        version, missing = look_at(argv, want.names, env, want.language)
        found.append(version)
        if version and parts(version) >= parts(want.low):
            if not missing:
                return argv, version
            lacking = missing if lacking is None else lacking
    if lacking is not None:
        values = {"missing": ", ".join(lacking), "where": where}
        raise CannotRunError("no-packages" if not where else "not-in-it", values)
    if not any(found):
        if want.language == "r":
            raise CannotRunError("no-r", {})
        if where:
            raise CannotRunError("no-python-in-it", {"where": where})
    reason = "r-too-old" if want.language == "r" else "python-too-old"
    raise CannotRunError(reason, {"low": want.low, "found": ", ".join(filter(None, found))})


def by_presence(_run: "Run", want: Wanted, way: Record) -> Interpreter:
    """One that is there, or the one that the site's own documentation names."""
    named = [[str(way["python"])]] if way.get("python") else []
    argv, version = best(want, named or [[one] for one in there(want.language)], None, str(way.get("python") or ""))
    return Interpreter(argv, version, None, "", {"kind": "present", "path": argv[0]})


def with_modules(way: Record) -> Optional[Environ]:
    """The environment that the way's modules set; None where it names none. Raises CannotRunError."""
    names = [str(name) for name in way.get("modules") or []]
    if not names:
        return None
    code, env, said = loaded([str(path) for path in way.get("use") or []], names)
    if code:
        reason = "no-module-command" if code == NO_COMMAND else "no-module"
        raise CannotRunError(reason, {"names": ", ".join(names), "said": " ".join(said.split())[:400]})
    return env


def by_module(_run: "Run", want: Wanted, way: Record) -> Interpreter:
    """The one that the modules bring."""
    env, names = with_modules(way), ", ".join(way.get("modules") or [])
    argv, version = best(want, [[one] for one in there(want.language, env)], env, names)
    return Interpreter(argv, version, env, "", {"kind": "module", "modules": way.get("modules"), "path": argv[0]})


def by_container(run: "Run", want: Wanted, way: Record) -> Interpreter:
    """The one in an image."""
    env, image = with_modules(way), os.path.expanduser(str(way.get("image")))
    if not is_remote(image) and not os.path.exists(image):
        raise CannotRunError("no-image", {"image": image})
    runtime = runtime_for(image, env)
    if not runtime[0]:
        raise CannotRunError("no-container-runtime", {"image": image})
    if is_remote(image):
        env = dict(os.environb if env is None else env)
        # What is fetched takes gigabytes: not in the home folder, and once for all jobs.
        kept = os.fsencode(os.path.join(str(run.job.get("envs_dir") or run.folder), "images"))
        for name in (b"APPTAINER_CACHEDIR", b"SINGULARITY_CACHEDIR"):
            env.setdefault(name, kept)
    has_home = os.path.isdir(os.path.expanduser("~"))
    gpu = accelerator_of(run) if way.get("gpu_libraries", True) else ""
    before = command(runtime, image, run.folder, bind=way.get("bind") or [], accelerator=gpu, home=has_home)
    if run.call([*before, "true"], env) != 0:  # what it says stands in the log
        raise CannotRunError("container-failed", {"image": image})
    names = [way["python"]] if way.get("python") else INTERPRETERS[want.language]
    argv, version = best(want, [[*before, name] for name in names], env, image)
    told = {"kind": "container", "image": image, "runtime": runtime[0], "path": argv[-1]}
    told["folder"] = seen_as(runtime, image, run.folder)
    return Interpreter(argv, version, env, PREFIXES[runtime[0]], told)


def accelerator_of(run: "Run") -> str:
    """`cuda` or `rocm`, by the GPUs that the job was given; empty without any (that either can use)."""
    tool = run.meter.gpus.tool
    return "cuda" if isinstance(tool, Nvidia) else "rocm" if isinstance(tool, Amd) else ""


def by_environment(run: "Run", want: Wanted, way: Record) -> Interpreter:
    """One made for the job's requirements, from a package index or from packages that came along."""
    env, accelerator = with_modules(way), accelerator_of(run)
    requirements = want.requirements_on(accelerator)
    if not requirements:
        raise CannotRunError("no-build", {"accelerator": {"rocm": "ROCm", "cuda": "CUDA"}.get(accelerator, "CPU")})
    exact = str(way.get("python_version") or "") if way["kind"] == "wheels" else ""
    usable, found, lacking = "", [], want.names  # type: str, List[str], List[str]
    for python in there("python", env):
        version, missing = look_at([python], want.names, env)
        found.append(version)
        fits = parts(version) >= parts(want.low) and (not exact or parts(version)[:2] == parts(exact)[:2])
        if version and fits:
            usable, lacking = python, missing
            break
    if not usable:
        low = exact if exact else want.low
        values = {"low": low, "found": ", ".join(filter(None, found))}
        raise CannotRunError("other-python" if exact else "python-too-old", values)
    made = os.path.exists(python_in(home_of(run, usable, requirements, env)))
    if way.get("offline") and not made:
        raise CannotRunError("no-internet", {"missing": ", ".join(lacking)})
    wheels = str(way.get("folder") or "wheels") if way["kind"] == "wheels" else ""
    home = environment_for(run, usable, requirements, lacking, wheels=wheels, env=env)
    version, missing = look_at([python_in(home)], want.names, env)
    if not run.stopped and (missing or not version):
        raise CannotRunError("no-environment", {"missing": ", ".join(lacking)})
    return Interpreter([python_in(home)], version, env, "", {"kind": way["kind"], "path": python_in(home)})


WAYS: Dict[str, Callable[["Run", Wanted, Record], Interpreter]] = {
    "present": by_presence, "module": by_module, "container": by_container, "venv": by_environment,
    "wheels": by_environment,
}  # fmt: skip
