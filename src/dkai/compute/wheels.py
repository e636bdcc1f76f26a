"""Packages fetched on this computer for another one that has no internet: built for its Python and its system.

pip chooses and checks them against the requirements' hashes; what was fetched once is kept. The job takes them along
like its input, and the runner installs from them alone.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dkai.compute.cluster import Cluster
from dkai.compute.news import News, Tell, silent
from dkai.compute.recipes.requirements import for_place
from dkai.core.clean import one_line
from dkai.core.errors import UserError
from dkai.core.files import read_text, write_private
from dkai.core.i18n import t
from dkai.core.oserrors import reason
from dkai.core.paths import cache_dir

_OLDEST = {"x86_64": 5, "aarch64": 17}  # the glibc 2.x of the first manylinux tags of an architecture (PEP 513, 599)
_LEGACY = (("manylinux2014", 17), ("manylinux2010", 12), ("manylinux1", 5))
_TIMEOUT_S = 3600.0


@dataclass(frozen=True, slots=True)
class Target:
    """What the packages must fit: the version of Python, the architecture as uname has it, and glibc's version."""

    python: str
    machine: str
    glibc: str

    @property
    def tags(self) -> list[str]:
        """The platforms that wheels may be for there, newest first (PEP 600: any glibc up to its own)."""
        minor, oldest = int(self.glibc.split(".")[1]), _OLDEST.get(self.machine, 17)
        found = [f"manylinux_2_{n}_{self.machine}" for n in range(minor, oldest - 1, -1)]
        older = [f"{tag}_{self.machine}" for tag, needs in _LEGACY if minor >= needs >= oldest]
        return [*found, *older, f"linux_{self.machine}"]

    @property
    def markers(self) -> dict[str, str]:
        """The variables of environment markers there (PEP 508)."""
        return {
            "python_version": ".".join(self.python.split(".")[:2]), "python_full_version": self.python,
            "implementation_version": self.python, "implementation_name": "cpython",
            "platform_python_implementation": "CPython", "os_name": "posix", "sys_platform": "linux",
            "platform_system": "Linux", "platform_machine": self.machine,
        }  # fmt: skip


def target_of(cluster: Cluster) -> Target:
    """The place's Python and system, as it told them. Raises UserError where it did not."""
    if not (cluster.python_version and cluster.machine and cluster.glibc):
        raise UserError(
            t("the place did not tell which Python and system it has, so no packages can be chosen for it"),
            code="no-target",
            hint=t("ask it again with --ask-now; it must be Linux with glibc and have Python 3.6 or newer"),
        )
    return Target(cluster.python_version, cluster.machine, cluster.glibc)


def fetch_wheels(requirements: Path, target: Target, tell: Tell = silent) -> tuple[Path, ...]:
    """The packages of the requirements as files on this computer, for the target; fetched unless they are here.

    Raises UserError: no pip here, the index cannot be reached, no package fits, a hash differs, a full disk.
    """
    text = read_text(requirements)
    key = hashlib.sha256(f"{text}\0{target}".encode()).hexdigest()[:32]
    folder = cache_dir() / "wheels" / key
    if not (folder / "complete").exists():
        tell(News("wheels", t("fetching packages for Python {version} there …", version=target.python)))
        _fetch(for_place(text, target.markers), target, folder)
    return tuple(sorted(folder.glob("*.whl")))


def _fetch(text: str, target: Target, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_private(folder / "requirements.txt", text)
        done = _run([*_pip(), *_words(target, folder)])
        if done.returncode:
            raise _refused(done.stderr or done.stdout)
        write_private(folder / "complete", "")
    except OSError as error:
        raise UserError(
            t("packages cannot be kept in {path}: {why}", path=folder, why=reason(error)),
            code="cannot-write",
            hint=t("free some space, or move dkai's folders with DKAI_HOME"),
        ) from error


def _words(target: Target, folder: Path) -> list[str]:
    """What is asked of pip: whole versions by hash, as wheels, for another system than this one."""
    platforms = [word for tag in target.tags for word in ("--platform", tag)]
    return [
        "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes",
        "--only-binary=:all:", "--implementation", "cp", "--python-version", ".".join(target.python.split(".")[:2]),
        *platforms, "--dest", str(folder), "-r", str(folder / "requirements.txt"),
    ]  # fmt: skip


def _pip() -> list[str]:
    """A pip: dkai's own Python's, one on the path, or one made for this from Python's own copy. Raises UserError."""
    own = [sys.executable, "-m", "pip"]
    if _run([*own, "--version"]).returncode == 0:
        return own
    for name in ("pip3", "pip"):
        if found := shutil.which(name):
            return [found]
    home = cache_dir() / "pip"
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if python.exists() or _run([sys.executable, "-m", "venv", str(home)]).returncode == 0:
        return [str(python), "-m", "pip"]
    raise UserError(
        t("pip is not on this computer, and could not be made"),
        code="no-pip",
        hint=t("install pip, or use what the place has: --module, --image"),
    )


def _run(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace", check=False,
        timeout=_TIMEOUT_S,
    )  # fmt: skip


def _refused(said: str) -> UserError:
    """What pip said, in words that help."""
    if missing := re.search(r"No matching distribution found for (\S+)", said):
        return UserError(
            t("there is no ready package of {name} for that place", name=one_line(missing[1], 80)),
            code="no-wheel",
            hint=t("name a newer Python there (--module, or the site's python), or use a container: --image"),
        )
    lines = [line for line in said.splitlines() if line.strip()]
    return UserError(
        t("the packages could not be fetched: {why}", why=one_line(lines[-1], 200) if lines else "?"),
        code="no-wheels",
        hint=t("this computer must reach a package index; try again when it does"),
    )
