"""Install the Debian packages that the lab needs, without leaving a service behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from .places import LOCKS, SYS_PATH, LabError, say

PACKAGES = (
    "slurm-wlm",
    "slurmdbd",
    "munge",
    "mariadb-server",
    "openssh-server",
    "openssh-client",
    "libpam-google-authenticator",
    "passwd",
    "util-linux",
    "hostname",
    "procps",
    # an interpreter that every user can run, for jobs and for dkai as an ordinary user
    "python3",
    "python3-venv",
    # not for the lab itself: the tests hold shell scripts to it
    "shellcheck",
    # what jobs find their interpreter by
    "environment-modules",
    "charliecloud-runtime",
    # nor this: the tests run the recipe for R users
    "r-base-core",
)
PROGRAMS = (
    "slurmctld",
    "slurmd",
    "slurmdbd",
    "sbatch",
    "munged",
    "mariadbd",
    "mariadb-install-db",
    "mariadb",
    "sshd",
    "ssh-keygen",
    "useradd",
    "unshare",
    "hostname",
    "setpriv",
    "ps",
    "shellcheck",
    "Rscript",
    "ch-run",
)
MODULES = (
    "share/modules/init/bash",
    "lib*/*/security/pam_google_authenticator.so",
    "lib*/*/slurm-wlm/accounting_storage_slurmdbd.so",
    "lib*/python3*/ensurepip/__init__.py",
)
# the units that these packages bring; a machine that had none of them shall not start them at its next boot
UNITS = ("mariadb", "munge", "ssh", "slurmctld", "slurmd", "slurmdbd")
POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = "#!/bin/sh\n# made by dkai's lab while it installs packages: no service starts\nexit 101\n"


def missing() -> list[str]:
    """What the lab needs and this machine lacks."""
    absent = [name for name in PROGRAMS if not shutil.which(name, path=SYS_PATH)]
    absent += [Path(module).name for module in MODULES if not list(Path("/usr").glob(module))]
    return absent


def _known_units() -> set[str]:
    folders = [Path("/lib/systemd/system"), Path("/etc/systemd/system")]
    return {unit for unit in UNITS if any((folder / f"{unit}.service").exists() for folder in folders)}


def install() -> None:
    """Install what is missing; does nothing, in milliseconds, when all is there."""
    absent = missing()
    if not absent:
        return
    if not shutil.which("apt-get"):
        raise LabError(f"missing {', '.join(absent)} and no apt-get here to install them")
    say(f"installing packages (missing: {', '.join(absent)})")
    began = time.monotonic()
    LOCKS.mkdir(exist_ok=True)
    log = LOCKS / "apt.log"
    had = _known_units()
    own_policy = not POLICY.exists() or POLICY.read_text(encoding="utf-8") == POLICY_TEXT
    if own_policy:
        POLICY.write_text(POLICY_TEXT, encoding="utf-8")
        POLICY.chmod(0o755)
    try:
        done = _apt(log)
    finally:
        if own_policy:
            POLICY.unlink(missing_ok=True)
    if done or missing():
        raise LabError(f"apt-get could not install {', '.join(missing())}; log: {log}")
    if shutil.which("systemctl"):
        for unit in sorted(_known_units() - had):
            subprocess.run(["systemctl", "--quiet", "disable", unit], check=False, capture_output=True)
    say(f"packages installed in {time.monotonic() - began:.0f} s")


def _apt(log: Path) -> int:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("wb") as out:
        for words in (
            ["update"],
            ["-y", "-o", "DPkg::Lock::Timeout=120", "--no-install-recommends", "install", *PACKAGES],
        ):
            done = subprocess.run(
                ["apt-get", "-q", *words],
                check=False,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
    return done.returncode
