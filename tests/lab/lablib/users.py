"""The lab's users, their homes on a small file system, and whatever they leave running."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

from .places import HOME, HOME_MB, PIDS, SPOOL, USERS, LabError, say
from .processes import alive, all_pids, exe_name, pid_of, run

MARK = "dkai lab user"  # the comment field of users that the lab made
BASHRC = "# read for ssh commands too\n[ -r ~/.noisy ] && cat ~/.noisy\n"


def own(path: Path, user: str, mode: int) -> Path:
    """Make a folder that belongs to `user`."""
    path.mkdir(parents=True, exist_ok=True)
    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid)
    path.chmod(mode)
    return path


def lab_users() -> list[pwd.struct_passwd]:
    """The users of these names that the lab made; others' are never touched."""
    found = []
    for user in USERS:
        try:
            entry = pwd.getpwnam(user)
        except KeyError:
            continue
        if entry.pw_gecos.split(",")[0] == MARK:
            found.append(entry)
    return found


def make_users() -> None:
    """Make alice and bob, or move the homes of those that an earlier lab made elsewhere."""
    ours = {entry.pw_name: entry for entry in lab_users()}
    for user in USERS:
        home = HOME / user
        if user not in ours:
            try:
                pwd.getpwnam(user)
            except KeyError:
                run("useradd", "-M", "-U", "-s", "/bin/bash", "-c", MARK, "-d", str(home), "-p", "*", user)
                continue
            raise LabError(f"a user {user} exists already and is not the lab's; the lab does not touch it")
        if ours[user].pw_dir != str(home):
            other = Path(ours[user].pw_dir).parent.parent
            if pid_of("slurmctld", other / PIDS.name):
                raise LabError(f"another lab is up in {other}; stop it first: LAB_DIR={other} lab down")
            run("usermod", "-d", str(home), user)


def remove_users() -> None:
    """Remove the users that the lab made."""
    for entry in lab_users():
        run("userdel", entry.pw_name, check=False)


def is_mounted(path: Path) -> bool:
    """Is a file system mounted at this very folder?"""
    try:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return any(line.split()[1] == str(path) for line in lines)


def make_homes() -> None:
    """Homes on a small file system of their own, so that a full disk hurts nobody else."""
    HOME.mkdir(exist_ok=True)
    if not is_mounted(HOME):
        mounted = run("mount", "-t", "tmpfs", "-o", f"size={HOME_MB}m,mode=755", "dkai-lab", str(HOME), check=False)
        if mounted.returncode:
            say("cannot mount a small home file system; the fault disk-full will not work")
    for user in USERS:
        home = own(HOME / user, user, 0o755)
        rc = home / ".bashrc"
        if not rc.exists():
            rc.write_text(BASHRC, encoding="utf-8")


def empty_homes() -> None:
    """Away with the homes' content."""
    if HOME.is_dir():
        for path in HOME.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def drop_homes() -> None:
    """Take the home file system away, and what is in it."""
    empty_homes()
    if is_mounted(HOME) and run("umount", str(HOME), check=False).returncode:
        run("umount", "-l", str(HOME), check=False)


def leftovers() -> list[int]:
    """Step daemons, and processes of the lab's users, that outlived their parents."""
    uids = {entry.pw_uid for entry in lab_users() if entry.pw_dir == str(HOME / entry.pw_name)}
    found = []
    for pid in all_pids():
        try:
            uid = Path(f"/proc/{pid}").stat().st_uid
            step = (
                uid == 0 and exe_name(pid) == "slurmstepd" and Path(f"/proc/{pid}/cwd").readlink().is_relative_to(SPOOL)
            )
        except OSError:
            continue
        if (step or uid in uids) and alive(pid):
            found.append(pid)
    return found
