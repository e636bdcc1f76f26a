"""The interpreter a job gets: one that has what the job imports, or an environment made for it, once."""

import contextlib
import hashlib
import os
import platform
import shutil
import time
from typing import TYPE_CHECKING, Any, Dict, Iterator, List

from dkai.compute.runner.files import Record, read_json, write_json
from dkai.compute.runner.interpreter import look_at, parts, python_in, pythons
from dkai.compute.runner.processes import born

if TYPE_CHECKING:
    from dkai.compute.runner.job import Run

SILENT = 120.0  # seconds after which a lock whose owner gives no sign of life may be taken


class CannotRunError(Exception):
    """The job cannot begin: the reason's code, and what fills its sentence."""


def interpreter_for(run: "Run") -> str:
    """A Python that can run the job's script. Raises CannotRunError."""
    want: Dict[str, Any] = run.job.get("python") or {}
    names, low = list(want.get("imports") or []), str(want.get("min_version") or "3.6")
    found: List[str] = []
    usable, lacking = "", names
    for python in pythons():
        version, missing = look_at(python, names)
        found.append(version)
        if version and parts(version) >= parts(low):
            if not missing:
                return python
            if not usable:
                usable, lacking = python, missing
    if not usable:
        raise CannotRunError("python-too-old", {"low": low, "found": ", ".join(filter(None, found))})
    if not want.get("requirements") or not run.job.get("envs_dir"):
        raise CannotRunError("no-packages", {"missing": ", ".join(lacking)})
    home = environment_for(run, usable, str(want["requirements"]), lacking)
    if not run.stopped and look_at(python_in(home), names)[1]:
        raise CannotRunError("no-environment", {"missing": ", ".join(lacking)})
    return python_in(home)


def environment_for(run: "Run", python: str, requirements: str, lacking: List[str]) -> str:
    """The folder of the environment for these requirements, this Python and this kind of machine."""
    with open(requirements, "rb") as file:
        kind = "\0%s %s %s" % (look_at(python, [])[0], platform.system(), platform.machine())
        key = hashlib.sha256(file.read() + kind.encode()).hexdigest()[:32]
    home = os.path.join(str(run.job["envs_dir"]), key)
    os.makedirs(os.path.dirname(home), mode=0o700, exist_ok=True)
    if not os.path.exists(python_in(home)):
        with only_one(run, home + ".lock"):
            if not os.path.exists(python_in(home)) and not run.stopped:
                run.say("preparing", missing=", ".join(lacking))
                build(run, python, requirements, home)
    return home


def build(run: "Run", python: str, requirements: str, home: str) -> None:
    """Make the environment under another name, and give it its own when it is whole."""
    new = "%s.new-%s-%d" % (home, platform.node(), os.getpid())
    pip = [python_in(new), "-m", "pip", "install", "--require-hashes", "--no-input", "--no-cache-dir", "--quiet"]
    steps = [
        [python, "-m", "venv", new],
        [*pip, "--disable-pip-version-check", "-r", os.path.abspath(requirements)],
    ]
    try:
        if all(not run.stopped and run.call(step, beat=home + ".lock") == 0 for step in steps):
            if os.path.lexists(home):  # the interpreter it was made with has gone
                os.rename(home, new + ".old")
            os.rename(new, home)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(new + ".old", ignore_errors=True)


@contextlib.contextmanager
def only_one(run: "Run", lock: str) -> Iterator[None]:
    """Hold a lock between jobs, on whatever nodes; a lock whose owner is gone or silent is taken over."""
    owner = dict(run.owner, job_id=run.job.get("job_id"))
    touched: Any = None
    since = time.monotonic()
    while not run.stopped:
        try:
            os.mkdir(lock, 0o700)
            write_json(os.path.join(lock, "owner.json"), owner)
            break
        except FileExistsError:
            other = read_json(os.path.join(lock, "owner.json"))
            if touched is None:
                run.say("waiting")
            with contextlib.suppress(OSError):
                # Its own clock is compared with itself only: nodes' clocks may differ.
                if touched != os.stat(lock).st_mtime:
                    touched, since = os.stat(lock).st_mtime, time.monotonic()
            if time.monotonic() - since > SILENT or gone(other):
                stale = "%s.stale-%s-%d" % (lock, platform.node(), os.getpid())
                with contextlib.suppress(OSError):
                    os.rename(lock, stale)  # of several who find it stale, one succeeds
                    shutil.rmtree(stale, ignore_errors=True)
            else:
                time.sleep(1)
    try:
        yield
    finally:
        if read_json(os.path.join(lock, "owner.json")) == owner:
            shutil.rmtree(lock, ignore_errors=True)


def gone(owner: Record) -> bool:
    """The owner's process was here and is no more."""
    return owner.get("node") == platform.node() and born(int(owner["pid"])) != owner["born"]
