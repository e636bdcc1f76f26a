"""The cluster's daemons: munge, MariaDB, slurmdbd, slurmctld and three slurmd on one machine."""

from __future__ import annotations

import os
import pwd
import secrets
import signal
import subprocess
from collections.abc import Callable

from .places import DB, LOG, MUNGE, MYSQL_SOCK, NODES, PORTS, READY, SPOOL, USERS, LabError
from .processes import listening, must_start, pid_of, run, signal_pid, start, wait_for, which
from .users import own


def sql(statement: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Say something to the database as its root."""
    login = ("mariadb", "--no-defaults", f"--socket={MYSQL_SOCK}", "-u", "root", "-N", "-B")
    return run(*login, check=check, text=statement)


def _start_munged() -> None:
    key, socket = MUNGE / "munge.key", MUNGE / "munge.socket"
    if not key.exists():
        key.write_bytes(secrets.token_bytes(128))
    munge = pwd.getpwnam("munge")
    os.chown(key, munge.pw_uid, munge.pw_gid)
    key.chmod(0o400)
    socket.unlink(missing_ok=True)
    argv = [which("setpriv"), "--reuid=munge", "--regid=munge", "--clear-groups", which("munged"), "-F"]
    argv += [f"--key-file={key}", f"--socket={socket}", f"--pid-file={MUNGE}/munged.pid"]
    argv += [f"--log-file={MUNGE}/munged.log", f"--seed-file={MUNGE}/munged.seed"]
    start("munged", argv, own_hostname=False)
    must_start("munged", lambda: run("munge", "-n", "-S", str(socket), check=False).returncode == 0, 10)


def _install_db() -> None:
    own(DB, "mysql", 0o700)
    argv = [which("mariadb-install-db"), "--no-defaults", f"--datadir={DB}", "--user=mysql"]
    argv += ["--auth-root-authentication-method=socket", "--skip-test-db", "--innodb-log-file-size=16M"]
    path = LOG / "mariadb-install-db.log"
    with path.open("ab") as log:
        done = subprocess.run(argv, check=False, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if done.returncode:
        raise LabError(f"mariadb-install-db failed; log: {path}")


def _start_mariadbd() -> None:
    if not (DB / "mysql").is_dir():
        _install_db()
    argv = [which("mariadbd"), "--no-defaults", f"--datadir={DB}", "--user=mysql"]
    argv += [f"--socket={MYSQL_SOCK}", "--skip-networking", f"--pid-file={DB}/mariadbd.pid"]
    argv += ["--innodb-buffer-pool-size=128M", "--innodb-log-file-size=16M"]
    argv += ["--innodb-lock-wait-timeout=900", "--innodb-flush-log-at-trx-commit=2"]
    argv += ["--max-allowed-packet=32M", "--performance-schema=OFF"]
    start("mariadbd", argv, own_hostname=False)
    must_start("mariadbd", lambda: sql("select 1", check=False).returncode == 0, 30)
    if not READY.exists():
        sql(
            "create database if not exists slurm_acct_db;"
            "create user if not exists 'slurm'@'localhost' identified via unix_socket;"
            "grant all on slurm_acct_db.* to 'slurm'@'localhost';"
        )


def _start_slurmdbd() -> None:
    start("slurmdbd", [which("slurmdbd"), "-D"], env={"MYSQL_UNIX_PORT": str(MYSQL_SOCK)}, cwd=SPOOL)

    def answers() -> bool:
        asked = run("sacctmgr", "-n", "-P", "list", "cluster", check=False, timeout=30)
        return asked.returncode == 0

    must_start("slurmdbd", answers, 40)


def _start_slurmctld() -> None:
    start("slurmctld", [which("slurmctld"), "-D"], cwd=SPOOL / "slurmctld")
    must_start("slurmctld", lambda: run("scontrol", "ping", check=False).returncode == 0, 30)


def _start_slurmd(node: str) -> None:
    start(f"slurmd-{node}", [which("slurmd"), "-D", "-N", node], cwd=SPOOL / node)
    must_start(f"slurmd-{node}", lambda: listening(PORTS[node]), 15)


STARTERS: dict[str, Callable[[], None]] = {
    "munged": _start_munged,
    "mariadbd": _start_mariadbd,
    "slurmdbd": _start_slurmdbd,
    "slurmctld": _start_slurmctld,
}


def start_slurm(name: str) -> None:
    """Start one of the cluster's daemons and wait until it answers."""
    if name.startswith("slurmd-"):
        _start_slurmd(name.removeprefix("slurmd-"))
    else:
        STARTERS[name]()


def _nodes_ready() -> bool:
    lines = run("sinfo", "-h", "-N", "-o", "%N %t", check=False).stdout.splitlines()
    states = dict(line.split() for line in lines if line.strip())
    return len(states) == len(NODES) and set(states.values()) <= {"idle", "mix", "alloc", "comp"}


def wait_nodes() -> None:
    """Wait until every node has registered."""
    if not wait_for(_nodes_ready, 30, 0.2):
        raise LabError(
            f"nodes did not register; logs: {LOG}/slurmctld.log, {LOG}/slurmd-*.log\n"
            + run("sinfo", "-N", "-l", check=False).stdout
        )


def cancel_jobs() -> None:
    """Cancel every job of the lab's users, and wait a little for their ends."""
    pid = pid_of("slurmctld")
    if not pid:
        return
    signal_pid(pid, signal.SIGCONT)  # it may be frozen by the fault slurmctld-hang
    try:
        for user in USERS:  # those that wait first, or they start when the running ones end
            run("scancel", "--quiet", "--state=PENDING", f"--user={user}", check=False, timeout=15)
        for user in USERS:
            run("scancel", "--quiet", f"--user={user}", check=False, timeout=15)
        wait_for(lambda: not run("squeue", "-h", "-o", "%i", check=False).stdout.strip(), 6, 0.2)
    except subprocess.TimeoutExpired:
        pass
