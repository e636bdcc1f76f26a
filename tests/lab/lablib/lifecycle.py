"""Up, down, reset: every start begins from the same state, which the very first start built."""

from __future__ import annotations

import hashlib
import shutil
import time
from pathlib import Path

from . import faults, packages
from .accounts import load_accounts, use_up_budget
from .cluster import write_cluster
from .daemons import all_run, any_runs, start_all, start_one, stop_all, stop_cluster
from .places import (
    CLUSTER,
    DB,
    ETC,
    FAULTS,
    LAB,
    LIB,
    LOG,
    MUNGE,
    NODES,
    PIDS,
    PORTS,
    READY,
    RUN,
    SPOOL,
    START_ORDER,
    TEMPLATE,
    UNFINISHED,
    LabError,
    say,
)
from .processes import listening, pid_of, run, stop
from .slurm import cancel_jobs, wait_nodes
from .ssh import PAM_FILE, SERVERS, write_ssh
from .users import drop_homes, empty_homes, make_homes, make_users, own, remove_users

CODE = Path(__file__).resolve().parent
SHAPES = ("accounts.py", "cluster.py")  # what these say is in the database that later starts copy


def up() -> None:
    """Start the lab, or mend what does not run of it; does nothing when it is up and whole."""
    packages.install()
    began = time.monotonic()
    if _built() and all_run() and not UNFINISHED.exists() and not faults.read_faults():
        say(f"already up in {LAB}")
        return
    if any_runs() and not UNFINISHED.exists():
        if not _built():
            raise LabError("the lab that runs was built by other files than these; `lab reset` builds it anew")
        faults.clear()
    else:
        stop_all()
        _start_anew()
    say(f"up in {time.monotonic() - began:.1f} s; state folder {LAB}")
    say(f"try: ssh -F {LAB}/ssh_config lab sinfo")


def reset() -> None:
    """Back to the first state: no jobs, no files, fresh budgets. Starts the lab when it is down."""
    packages.install()
    began = time.monotonic()
    if any_runs():
        UNFINISHED.touch()
        faults.undo()
        cancel_jobs()
        stop_cluster()
    _start_anew()
    say(f"reset in {time.monotonic() - began:.1f} s")


def down() -> None:
    """Stop everything; jobs and files of the lab's users are gone."""
    if LAB.is_dir():
        faults.undo()
        cancel_jobs()
        stop_all()
        drop_homes()
        FAULTS.unlink(missing_ok=True)
        UNFINISHED.unlink(missing_ok=True)
    PAM_FILE.unlink(missing_ok=True)
    say("down")


def purge() -> None:
    """Remove the state folder and the users, once the lab is down."""
    if LAB.exists() and not PIDS.exists():
        raise LabError(f"{LAB} does not look like a lab folder; not removed")
    shutil.rmtree(LAB, ignore_errors=True)
    remove_users()
    say(f"removed {LAB} and the lab's users")


def _digest() -> str:
    return hashlib.sha256(b"".join((CODE / name).read_bytes() for name in SHAPES)).hexdigest()


def _built() -> bool:
    try:
        return READY.read_text(encoding="ascii") == _digest()
    except OSError:
        return False


def _start_anew() -> None:
    """From whatever lies there (Slurm and database are down) to the first state, running."""
    LAB.mkdir(mode=0o755, parents=True, exist_ok=True)
    UNFINISHED.touch()
    if not _built():
        READY.unlink(missing_ok=True)
        stop_all()
    for folder in (ETC, LOG, RUN, PIDS, SPOOL):
        folder.mkdir(mode=0o755, exist_ok=True)
    FAULTS.unlink(missing_ok=True)
    _check_ports()
    make_users()
    empty_homes()
    make_homes()
    own(MUNGE, "munge", 0o755)
    own(RUN, "slurm", 0o1777)  # slurm, mysql and root put sockets and pid files here
    shutil.copytree(CODE, LIB / CODE.name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(CODE.parent / "lab", LIB / "lab")
    write_cluster()
    write_ssh()
    if not _built():
        _build()
    _clear_state()
    run("cp", "-a", str(TEMPLATE / "db"), str(DB))
    run("cp", "-a", f"{TEMPLATE}/slurmctld/.", str(SPOOL / "slurmctld"))
    start_all()
    UNFINISHED.unlink()


def _check_ports() -> None:
    names = {"ssh": "sshd", "slow": "proxy"} | {kind: f"sshd-{kind}" for kind in ("mfa", "jump", "inner")}
    for kind, port in PORTS.items():
        if not pid_of(names.get(kind, kind)) and listening(port, SERVERS.get(kind, "127.0.0.1")):
            raise LabError(f"port {port} ({kind}) is in use by another program; set LAB_PORT_BASE")


def _clear_state() -> None:
    for folder in (DB, SPOOL):
        shutil.rmtree(folder, ignore_errors=True)
    SPOOL.mkdir(mode=0o755)
    own(SPOOL / "slurmctld", "slurm", 0o755)
    for node in NODES:
        own(SPOOL / node, "root", 0o755)


def _build() -> None:
    """The very first start: a database, accounts, and one real job; kept as the template of later starts."""
    say("first start: building the database and the accounts")
    _clear_state()
    shutil.rmtree(TEMPLATE, ignore_errors=True)
    for name in ("munged", "mariadbd", "slurmdbd"):
        start_one(name)
    run("sacctmgr", "-i", "-Q", "add", "cluster", CLUSTER)
    for name in START_ORDER:
        if name.startswith(("slurmctld", "slurmd-")):
            start_one(name)
    wait_nodes()
    load_accounts()
    use_up_budget()
    for name in ("slurmctld", *(f"slurmd-{node}" for node in NODES), "slurmdbd", "mariadbd"):
        stop(name, 30)
    TEMPLATE.mkdir(mode=0o700)
    run("cp", "-a", str(DB), str(TEMPLATE / "db"))
    run("cp", "-a", str(SPOOL / "slurmctld"), str(TEMPLATE / "slurmctld"))
    READY.write_text(_digest(), encoding="ascii")
