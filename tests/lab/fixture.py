"""The lab as pytest sees it: the fixture `lab`, the marker `lab`, and a loud word where it could not run.

One lab serves a machine, and several test runs may use it at once. A test that uses the fixture (or carries the
marker) shares the lab while it runs. One that breaks or resets it says so, `@pytest.mark.lab(alone=True)`, and then
waits until nobody else uses it. A fixture of a wider scope holds `with lab.turn():` for as long as it needs its jobs.

Where the lab cannot run, its tests are skipped and the summary says so; with DKAI_REQUIRE_LAB=1 they fail.
"""

from __future__ import annotations

import functools
import os
import pwd
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .lablib import packages, places, users
from .lablib.session import Session, lab_command

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements" / "recipes.txt"
WHY_NOT = pytest.StashKey[str]()


@dataclass(frozen=True)
class LabUser:
    """A user of the cluster: ids, home, and the private key that logs in."""

    name: str
    uid: int
    gid: int
    home: Path
    key: Path


class Lab:
    """A running cluster `labcluster` with users alice and bob; see README.md beside this file."""

    dir = places.LAB
    ssh_config = places.LAB / "ssh_config"
    known_hosts = places.LAB / "known_hosts"
    slurm_conf = places.SLURM_CONF
    askpass = places.LAB / "bin" / "askpass"
    ports: Mapping[str, int] = places.PORTS
    port = places.PORTS["ssh"]

    def __init__(self, session: Session) -> None:
        self._session = session
        self.turn = session.turn

    def user(self, name: str) -> LabUser:
        """alice or bob."""
        entry = pwd.getpwnam(name)
        return LabUser(name, entry.pw_uid, entry.pw_gid, Path(entry.pw_dir), places.KEYS / name)

    @contextmanager
    def fault(self, name: str, *options: object) -> Iterator[None]:
        """Break something inside the block: `lab.fault("slow-net", 200, "--cut-after", 20000)`."""
        self._session.need_alone("break it")
        if name == "disk-full" and not users.is_mounted(places.HOME):
            stop = pytest.fail if os.environ.get("DKAI_REQUIRE_LAB") == "1" else pytest.skip
            stop("the homes are no file system of their own: this machine lets root mount nothing")
        try:
            lab_command("fault", name, *map(str, options))
            yield
        finally:
            lab_command("fault", "clear")

    @contextmanager
    def weights(self, name: str) -> Iterator[None]:
        """Bill in another way inside the block (`max-tres`, `fractional`), or preempt (`preempting`); see README.md."""
        self._session.need_alone("change how it bills")
        try:
            lab_command("weights", name)
            yield
        finally:
            lab_command("fault", "clear")

    def reset(self) -> None:
        """Back to the first state, in 3 s: no jobs, no files, fresh budgets."""
        self._session.need_alone("reset it")
        lab_command("reset")

    def backdate(self, hours: float) -> None:
        """Move finished jobs into the past, so that sreport shows them."""
        self._session.need_alone("move its past")
        lab_command("backdate", str(hours))

    def otp(self, user: str = "alice") -> str:
        """A code that the login with a second factor (port `ports["mfa"]`) takes once."""
        return lab_command("otp", user)

    @functools.cached_property
    def python(self) -> Path:
        """An interpreter that alice can run and that has what the light paths of all recipes import."""
        if not REQUIREMENTS.exists():
            return Path(places.SYSTEM_PYTHON)
        return Path(lab_command("python", str(REQUIREMENTS)))

    def ssh(self, command: str, alias: str = "lab", timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a shell command on the login node with OpenSSH, as a test's second opinion."""
        argv = ["ssh", "-n", "-F", str(self.ssh_config), alias, command]
        return subprocess.run(
            argv, check=False, capture_output=True, encoding="utf-8", errors="replace", timeout=timeout
        )

    def local_user(self, name: str = "alice", env: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Arguments for subprocess that run a program here as `name`, in the home folder, with Slurm's settings."""
        user = self.user(name)
        base = {
            "PATH": places.SYS_PATH,
            "HOME": str(user.home),
            "USER": name,
            "LOGNAME": name,
            "SHELL": "/bin/bash",
            "LANG": "C.UTF-8",
            "SLURM_CONF": str(self.slurm_conf),
        }
        return {
            "user": user.uid,
            "group": user.gid,
            "extra_groups": [],
            "cwd": user.home,
            "env": {**base, **(env or {})},
        }

    def as_alice(
        self,
        argv: Sequence[str | Path],
        env: Mapping[str, str] | None = None,
        *,
        text: str = "",
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on this machine as alice, as if she were logged in on the login node."""
        return subprocess.run(
            [str(word) for word in argv],
            check=False,
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            **self.local_user("alice", env),
        )


def _why_not() -> str:
    """Why the lab cannot run here, or an empty string."""
    if os.name != "posix" or not Path("/proc/self/stat").exists():
        return "it needs Linux"
    if os.geteuid() != 0:
        return "it needs root: it makes users, and its daemons change user"
    return ""


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A real Slurm and real OpenSSH on this machine, shared with other test runs."""
    reason = _why_not()
    with ExitStack() as stack:
        if not reason:
            reporter: Any = request.config.pluginmanager.get_plugin("terminalreporter")
            if reporter and (packages.missing() or not places.READY.exists()):
                reporter.write_line("\nthe lab is installed and built; this takes a minute, once")
            try:
                session = stack.enter_context(Session())
            except places.LabError as error:
                reason = str(error)
        if not reason:
            yield Lab(session)
            return
    request.config.stash[WHY_NOT] = reason
    if os.environ.get("DKAI_REQUIRE_LAB") == "1":
        pytest.fail(f"the lab cannot run, and DKAI_REQUIRE_LAB=1: {reason}", pytrace=False)
    pytest.skip(f"the lab cannot run: {reason}")


@pytest.fixture(autouse=True)
def lab_turn(request: pytest.FixtureRequest) -> Iterator[None]:
    """A lab test's turn at the lab: shared, or alone where its marker says so."""
    marker = request.node.get_closest_marker("lab")
    if marker is None:
        yield
        return
    lab: Lab = request.getfixturevalue("lab")
    with lab.turn(alone=marker.kwargs.get("alone", False)):
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who uses the fixture gets the marker, before `-m` looks at it."""
    for item in items:
        if "lab" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.lab)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Nobody shall take a run without the lab for a whole one."""
    reason = config.stash.get(WHY_NOT, "")
    if not reason:
        return
    reports = [*terminalreporter.stats.get("skipped", ()), *terminalreporter.stats.get("error", ())]
    count = sum("the lab cannot run" in str(report.longrepr) for report in reports)
    terminalreporter.section("THE SLURM LAB DID NOT RUN", sep="!", red=True, bold=True)
    terminalreporter.write_line(f"{count} of the tests against a real Slurm and OpenSSH did not run: {reason}")
    terminalreporter.write_line("See tests/lab/README.md; DKAI_REQUIRE_LAB=1 makes this a failure.")
