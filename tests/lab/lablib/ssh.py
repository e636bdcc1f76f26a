"""Four ssh servers: key only, key and one-time code, a jump host, and a host behind it."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
import shutil
from pathlib import Path

from .places import (
    BASE,
    ETC,
    KEYS,
    LAB,
    LIB,
    OTP,
    PORTS,
    SLURM_CONF,
    SSH,
    START_ORDER,
    SYSTEM_PYTHON,
    USERS,
    LabError,
)
from .processes import descendants, exe_name, listening, must_start, pid_of, run, start, which

PAM_SERVICE = "lab-sshd-mfa"  # sshd takes its PAM service from argv[0]
PAM_FILE = Path("/etc/pam.d") / PAM_SERVICE
SERVERS = {"ssh": "127.0.0.1", "mfa": "127.0.0.1", "jump": "127.0.0.1", "inner": "127.0.0.2"}
CODES = 100


def write_ssh() -> None:
    """Keys, server and client settings, and one-time codes."""
    for folder in (SSH / "authorized_keys", KEYS, LAB / "bin"):
        folder.mkdir(parents=True, exist_ok=True)
    caller = int(os.environ.get("SUDO_UID", "0")), int(os.environ.get("SUDO_GID", "0"))
    for user in USERS:
        _keygen(KEYS / user, f"{user}@lab")
        shutil.copy(KEYS / f"{user}.pub", SSH / "authorized_keys" / user)
        for path in (KEYS / user, KEYS / f"{user}.pub"):
            os.chown(path, *caller)
    known = []
    for name, host in SERVERS.items():
        _keygen(SSH / f"host_{name}", f"lab {name}")
        kind, blob = (SSH / f"host_{name}.pub").read_text(encoding="ascii").split()[:2]
        known.append(f"[{host}]:{PORTS[name]} {kind} {blob}\n")
        (ETC / f"sshd_{name}.conf").write_text(_sshd_conf(name, host), encoding="utf-8")
    (LAB / "known_hosts").write_text("".join(known), encoding="ascii")
    (LAB / "ssh_config").write_text(_ssh_config(), encoding="utf-8")
    askpass = LAB / "bin" / "askpass"
    askpass.write_text(
        f'#!/bin/sh\nLAB_DIR={LAB} exec {SYSTEM_PYTHON} {LIB}/lab otp "${{LAB_OTP_USER:-alice}}"\n',
        encoding="utf-8",
    )
    askpass.chmod(0o755)
    link = LAB / "bin" / PAM_SERVICE
    if not link.is_symlink():
        link.symlink_to(which("sshd"))
    OTP.mkdir(mode=0o700, exist_ok=True)
    for user in USERS:
        path = OTP / user
        if not path.exists():
            secret = base64.b32encode(secrets.token_bytes(20)).decode("ascii")
            options = '" WINDOW_SIZE 3\n" DISALLOW_REUSE\n" TOTP_AUTH\n'
            path.write_text(f"{secret}\n{options}{_new_codes()}", encoding="ascii")
            path.chmod(0o600)


def _keygen(path: Path, comment: str) -> None:
    if not path.exists():
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path))


def _sshd_conf(name: str, host: str) -> str:
    pam = "yes" if name == "mfa" else "no"
    own = {
        "mfa": "AuthenticationMethods publickey,keyboard-interactive:pam\n",
        "jump": "PermitTTY no\nForceCommand /bin/echo 'jump host: no commands here'\n",
    }
    return f"""\
ListenAddress {host}:{PORTS[name]}
HostKey {SSH}/host_{name}
PidFile none
AuthorizedKeysFile {SSH}/authorized_keys/%u
StrictModes no
AllowUsers {" ".join(USERS)}
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication {pam}
UsePAM {pam}
UseDNS no
PrintMotd no
PrintLastLog no
MaxStartups 100:30:200
LogLevel VERBOSE
SetEnv SLURM_CONF={SLURM_CONF}
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
{own.get(name, "")}"""


def _ssh_config() -> str:
    aliases = [
        ("lab", "ssh", "alice", ""),
        ("lab-bob", "ssh", "bob", f"  IdentityFile {KEYS}/bob\n"),
        ("lab-mfa", "mfa", "alice", ""),
        ("lab-jump", "jump", "alice", ""),
        ("lab-inner", "inner", "alice", "  ProxyJump lab-jump\n"),
        ("lab-inner-direct", "inner", "alice", ""),
        ("lab-slow", "slow", "alice", f"  HostKeyAlias [127.0.0.1]:{PORTS['ssh']}\n"),
    ]
    blocks = [
        f"Host {alias}\n  HostName {SERVERS.get(kind, '127.0.0.1')}\n  Port {PORTS[kind]}\n  User {user}\n{more}"
        for alias, kind, user, more in aliases
    ]
    return f"""\
{"".join(blocks)}Host *
  IdentitiesOnly yes
  IdentityFile {KEYS}/alice
  UserKnownHostsFile {LAB}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  ForwardAgent no
  ControlMaster no
"""


def start_sshd(name: str) -> None:
    """Start one of the four and wait until it listens."""
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # the path is fixed in sshd itself
    kind = "ssh" if name == "sshd" else name.removeprefix("sshd-")
    conf = ETC / f"sshd_{kind}.conf"
    argv = [which("sshd"), "-D", "-e", "-f", str(conf)]
    env = {}
    if kind == "inner":
        argv = [SYSTEM_PYTHON, str(LIB / "lab"), "_gate", str(conf)]
        env = {"LAB_DIR": str(LAB), "LAB_PORT_BASE": str(BASE)}
    elif kind == "mfa":
        argv[0] = str(LAB / "bin" / PAM_SERVICE)
        PAM_FILE.write_text(
            "# made by dkai's lab, removed by 'lab down'\n"
            f"auth required pam_google_authenticator.so secret={OTP}/${{USER}} user=root\n"
            "account required pam_permit.so\nsession required pam_permit.so\n",
            encoding="utf-8",
        )
    start(name, argv, env=env)
    must_start(name, lambda: listening(PORTS[kind], SERVERS[kind]), 10)


def ssh_sessions() -> list[int]:
    """The processes that serve open connections."""
    servers = [pid for pid in map(pid_of, START_ORDER[-4:]) if pid]
    return [pid for pid in descendants(*servers) if exe_name(pid) == "sshd"]


def _new_codes() -> str:
    return "".join(f"{secrets.randbelow(90000000) + 10000000}\n" for _ in range(CODES))


def one_time_code(user: str) -> str:
    """A code that the login with a second factor takes once.

    PAM reads its file before it asks, so the codes lie there beforehand.
    """
    path = OTP / user
    if not path.exists():
        raise LabError(f"no one-time codes for {user}; is the lab up?")
    given_path = OTP / f"{user}.given"
    with (OTP / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        given = given_path.read_text(encoding="ascii").split() if given_path.exists() else []
        lines = path.read_text(encoding="ascii").splitlines()
        left = [code for code in lines if len(code) == 8 and code.isdigit() and code not in given]
        if len(left) < 20:
            with path.open("a", encoding="ascii") as out:
                out.write(_new_codes())
        given_path.write_text(" ".join([*given[-3 * CODES :], left[0]]), encoding="ascii")
    return left[0]
