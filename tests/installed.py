"""dkai as a stranger gets it: the wheel, built once, alone in a fresh environment that every user may run."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SYSTEM_PYTHON = Path("/usr/bin/python3")


@dataclass(frozen=True)
class Installed:
    """An environment with dkai and its dependencies in it, and nothing else."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def dkai(self) -> Path:
        return self.folder / ("Scripts/dkai.exe" if os.name == "nt" else "bin/dkai")

    @property
    def package(self) -> Path:
        """The folder of the installed package."""
        found = sorted(self.folder.glob("lib/python*/site-packages/dkai")) or sorted(
            self.folder.glob("Lib/site-packages/dkai")
        )
        return found[0]


def clean_environment() -> dict[str, str]:
    """This process's environment without what would leak this checkout's Python or dkai's settings into another."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV", "DKAI_"))}


def run_checked(argv: list[str | Path], cwd: Path | None = None) -> str:
    """Run a preparation; the test stops with its whole output when it fails."""
    done = subprocess.run(
        [str(word) for word in argv],
        check=False,
        cwd=cwd,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        pytest.fail(f"{' '.join(map(str, argv))} ended with {done.returncode}:\n{done.stdout}", pytrace=False)
    return done.stdout


def others_reach(path: Path) -> bool:
    """May any user of this machine enter every folder on the way to `path`, and read it?"""
    path = path.resolve()
    wanted = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
    ways = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)
    return ways and path.stat().st_mode & wanted == wanted


def python_for_everyone() -> Path:
    """An interpreter for new environments; for root, one that other users can run as well."""
    own = Path(getattr(sys, "_base_executable", sys.executable))
    if os.name == "nt" or os.geteuid() != 0 or (others_reach(own) and others_reach(Path(os.__file__))):
        return own
    if not SYSTEM_PYTHON.exists():
        pytest.fail(f"{own} lies in a folder of root's own, and there is no {SYSTEM_PYTHON}", pytrace=False)
    return SYSTEM_PYTHON


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that every user can read; pytest's own are closed to others."""
    places: list[Path | None] = [Path(tempfile.gettempdir())]
    if os.name == "posix" and not others_reach(Path(tempfile.gettempdir())):
        places = [Path("/var/tmp")]
    folder = Path(tempfile.mkdtemp(prefix="dkai-test-", dir=places[0]))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def wheel(open_folder: Path) -> Path:
    """The wheel of this checkout, built once a run."""
    folder = open_folder / "wheel"
    run_checked([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed_dkai(open_folder: Path, wheel: Path) -> Installed:
    """The wheel and its pinned dependencies in a fresh environment, in the two steps that the README names."""
    installed = Installed(open_folder / "venv")
    run_checked([python_for_everyone(), "-m", "venv", installed.folder])
    pip: list[str | Path] = [installed.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run_checked([*pip, "--require-hashes", "-r", ROOT / "requirements" / "base.txt"])
    run_checked([*pip, "--no-deps", "--no-index", wheel])
    return installed


@dataclass(frozen=True)
class Stranger:
    """Someone without rights on this machine, with a home folder and dkai from its wheel."""

    installed: Installed
    home: Path
    uid: int | None
    gid: int | None

    def run(
        self, *words: str, env: Mapping[str, str] | None = None, text: str | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run `dkai WORDS` as this user, in the home folder, without a terminal."""
        return self.call([self.installed.dkai, *words], env=env, text=text, timeout=timeout)

    def call(
        self,
        argv: list[str | Path],
        env: Mapping[str, str] | None = None,
        text: str | None = None,
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[str]:
        """Run any program as this user."""
        base = {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8", "DKAI_LANG": "en"}
        return subprocess.run(
            [str(word) for word in argv],
            check=False,
            env={**base, **(env or {})},
            cwd=self.home if os.access(self.home, os.X_OK) else "/",
            input=text or "",
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
        )

    def owns(self, path: Path) -> Path:
        """Give a file or folder to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)
        return path


@pytest.fixture
def stranger(installed_dkai: Installed, open_folder: Path) -> Iterator[Stranger]:
    """dkai in the hands of an unprivileged user: `nobody` when root runs the tests, else who runs them."""
    uid: int | None = None
    gid: int | None = None
    if os.geteuid() == 0:
        import pwd

        nobody = pwd.getpwnam("nobody")
        uid, gid = nobody.pw_uid, nobody.pw_gid
    home = Path(tempfile.mkdtemp(prefix="home-", dir=open_folder))
    home.chmod(0o755)
    someone = Stranger(installed_dkai, home, uid, gid)
    someone.owns(home)
    yield someone
    home.chmod(0o755)
