"""Where the lab keeps its things, what its ports are, and how it speaks."""

from __future__ import annotations

import os
import sys
from pathlib import Path

LAB = Path(os.environ.get("LAB_DIR") or "/var/lib/dkai-lab")
BASE = int(os.environ.get("LAB_PORT_BASE") or 2222)
HOME_MB = int(os.environ.get("LAB_HOME_MB") or 256)
PORTS = {
    "ssh": BASE,
    "mfa": BASE + 1,
    "jump": BASE + 2,
    "inner": BASE + 3,
    "slow": BASE + 4,
    "slurmctld": BASE + 10,
    "slurmdbd": BASE + 11,
    "gpu01": BASE + 12,
    "gpu02": BASE + 13,
    "cpu01": BASE + 14,
}
NODES = ("gpu01", "gpu02", "cpu01")
USERS = ("alice", "bob")
CLUSTER = "labcluster"

ETC, LOG, RUN, PIDS = LAB / "etc", LAB / "log", LAB / "run", LAB / "pids"
HOME, SPOOL, DB, OTP = LAB / "home", LAB / "spool", LAB / "db", LAB / "otp"
TEMPLATE, MUNGE, SSH, KEYS = LAB / "template", LAB / "munge", LAB / "ssh", LAB / "keys"
LIB = LAB / "lib"  # a copy of these modules, so that what runs outlives the checkout it was started from
SLURM_CONF = ETC / "slurm.conf"
MYSQL_SOCK = RUN / "mysqld.sock"
FAULTS = PIDS / "faults"
READY = LAB / "ready"  # written once the first build has finished: a digest of what shaped the build
UNFINISHED = LAB / "unfinished"  # there while a start or a reset is under way

# users, ports and the PAM service are the machine's, so the locks are the machine's too
LOCKS = Path("/run/dkai-lab")
SYS_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SYSTEM_PYTHON = "/usr/bin/python3"  # what every user of the machine can run
START_ORDER = (
    "munged",
    "mariadbd",
    "slurmdbd",
    "slurmctld",
    *(f"slurmd-{node}" for node in NODES),
    "sshd",
    "sshd-mfa",
    "sshd-jump",
    "sshd-inner",
)


class LabError(Exception):
    """Something the person can act on; printed without a traceback."""


def say(text: str) -> None:
    """Tell the person at the terminal; stdout stays free for answers."""
    print(f"lab: {text}", file=sys.stderr, flush=True)


def need_root() -> None:
    """Refuse early what would fail half-way: no root, or a folder that daemons cannot work in."""
    if os.geteuid() != 0:
        raise LabError("root is needed (it makes users, and munged, slurmd and sshd change user); run it with sudo")
    if len(str(MYSQL_SOCK)) > 100:
        raise LabError(f"LAB_DIR is too long for a socket path: {LAB}")
    if any(char in str(LAB) for char in " \"'#%$"):
        raise LabError(f"LAB_DIR must have no blanks or special characters: {LAB}")
    if LAB.exists() and LAB.stat().st_uid != 0:
        raise LabError(f"{LAB} belongs to another user; set LAB_DIR to a folder of root's own")
