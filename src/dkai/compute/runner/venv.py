"""A Python environment made for the job's requirements, once for all jobs that have the same."""

import hashlib
import os
import platform
import shutil
from typing import TYPE_CHECKING, Dict, List, Optional

from dkai.compute.runner.files import output_of
from dkai.compute.runner.interpreter import Environ, look_at, python_in
from dkai.compute.runner.once import only_one

if TYPE_CHECKING:
    from dkai.compute.runner.job import Run


def environment_for(
    run: "Run", python: str, requirements: str, lacking: List[str], *, wheels: str = "", env: Optional[Environ] = None
) -> str:
    """The folder of the environment for these requirements, this Python and this kind of machine.

    With `wheels` it is made from the files in that folder alone, else from a package index.
    """
    home = home_of(run, python, requirements, env)
    os.makedirs(os.path.dirname(home), mode=0o700, exist_ok=True)
    if not os.path.exists(python_in(home)):
        with only_one(run, home + ".lock"):
            if not os.path.exists(python_in(home)) and not run.stopped:
                run.say("preparing", missing=", ".join(lacking))
                build(run, python, requirements, home, wheels=wheels, env=env)
    return home


def home_of(run: "Run", python: str, requirements: str, env: Optional[Environ] = None) -> str:
    """Where that environment is, once it is made."""
    with open(requirements, "rb") as file:
        kind = "\0%s %s %s" % (look_at([python], [], env)[0], platform.system(), platform.machine())
        key = hashlib.sha256(file.read() + kind.encode()).hexdigest()[:32]
    return os.path.join(str(run.job["envs_dir"]), key)


def build(
    run: "Run", python: str, requirements: str, home: str, *, wheels: str = "", env: Optional[Environ] = None
) -> None:
    """Make the environment under another name, and give it its own when it is whole: with uv where it is, else pip."""
    new = "%s.new-%s-%d" % (home, platform.node(), os.getpid())
    source = ["--no-index", "--find-links", os.path.abspath(wheels)] if wheels else []
    what = ["--require-hashes", *source, "-r", os.path.abspath(requirements)]
    pip = [python_in(new), "-m", "pip", "install", "--no-input", "--no-cache-dir", "--quiet", "--retries", "3"]
    tries = [([[python, "-m", "venv", new], [*pip, "--disable-pip-version-check", *what]], env)]
    uv = shutil.which("uv", path=None if env is None else os.fsdecode(env.get(b"PATH", b"")))
    if uv:
        own = [uv, "--no-cache", "--quiet", "--no-python-downloads"]
        make = [*own, "venv", "--python", python, new]
        install = [*own, "pip", "install", "--python", python_in(new), *what]
        tries.insert(0, ([make, install], uv_environment(python, env)))
    try:
        for steps, used in tries:
            if all(not run.stopped and run.call(step, used, beat=home + ".lock") == 0 for step in steps):
                if os.path.lexists(home):  # the interpreter it was made with has gone
                    os.rename(home, new + ".old")
                os.rename(new, home)
                return
            shutil.rmtree(new, ignore_errors=True)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(new + ".old", ignore_errors=True)


def uv_environment(python: str, env: Optional[Environ]) -> Optional[Dict[bytes, bytes]]:
    """The environment for uv, which reads none of pip's settings: it gets the index that the site has set for pip."""
    if os.name == "nt":
        return env
    base = dict(os.environb if env is None else env)
    if any(name in base for name in (b"UV_DEFAULT_INDEX", b"UV_INDEX_URL", b"UV_CONFIG_FILE")):
        return env
    index = base.get(b"PIP_INDEX_URL") or os.fsencode(
        (output_of([python, "-m", "pip", "config", "get", "global.index-url"], 20) or "").strip()
    )
    # UV_DEFAULT_INDEX is the newer name of the two; an old uv knows the other alone.
    return {**base, b"UV_DEFAULT_INDEX": index, b"UV_INDEX_URL": index} if index else env
