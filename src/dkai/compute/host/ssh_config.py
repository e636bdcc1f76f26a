"""How to reach a computer, as OpenSSH resolves it: `ssh -G` where there is an ssh, paramiko's reader elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dkai.compute.site import Site
from dkai.core.clean import one_line
from dkai.core.errors import UserError
from dkai.core.i18n import t

# What paramiko's reader understands in a Match line; it takes every other word as if it matched.
_MATCH_WORDS = {"all", "host", "originalhost", "user", "localuser", "exec", "canonical", "final"}
_ADDRESS = re.compile(r"^[A-Za-z0-9_.:%\[\]-]+$")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One computer to connect to. `name` is what known_hosts calls it."""

    address: str  # as the person wrote it
    hostname: str
    port: int
    user: str
    name: str
    known_hosts: tuple[Path, ...]  # the first is the one that is written to
    identities: tuple[Path, ...]
    identities_only: bool
    jumps: tuple[str, ...]
    proxy_command: str | None

    def __str__(self) -> str:
        return f"{self.user}@{self.hostname}" + ("" if self.port == 22 else f":{self.port}")


def resolve(site: Site, address: str | None = None) -> Endpoint:
    """The endpoint of `site`, or of a jump host on the way to it, given as `[user@]host[:port]`. Raises UserError."""
    if address is None:
        target, user, port, identity = site.address or site.id, site.user, site.port, site.identity
    else:
        target, user, port = _split(address)
        identity = None
    if not _ADDRESS.match(target) or target.startswith("-"):
        raise UserError(
            t("“{name}” is not a host name", name=one_line(target)),
            code="bad-host-name",
            hint=t("give the name or the ssh_config alias of the login host"),
        )
    program = shutil.which("ssh")
    words = _ask_ssh(program, site, target, user, port) if program else _read_ourselves(site, target)
    return _endpoint(words, Asked(target, user, port, identity, site.known_hosts))


def _split(address: str) -> tuple[str, str | None, int | None]:
    user, at, rest = address.rpartition("@")
    match = re.fullmatch(r"(\[[^\]]+\]|[^:]+)(?::(\d+))?", rest)
    if not match:
        return rest, user if at else None, None
    return match[1].strip("[]"), user if at else None, int(match[2]) if match[2] else None


def _ask_ssh(program: str, site: Site, target: str, user: str | None, port: int | None) -> dict[str, list[str]]:
    argv = [program, "-G"]
    if site.ssh_config:
        argv += ["-F", str(Path(site.ssh_config).expanduser())]
    if user:
        argv += ["-l", user]
    if port:
        argv += ["-p", str(port)]
    try:
        done = subprocess.run(
            [*argv, "--", target], capture_output=True, timeout=20, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _bad_config(str(error)) from error
    if done.returncode:
        raise _bad_config(done.stderr.decode("utf-8", "replace"))
    words: dict[str, list[str]] = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        key, _, value = line.partition(" ")
        words.setdefault(key, []).append(value)
    return words


def _read_ourselves(site: Site, target: str) -> dict[str, list[str]]:
    import paramiko

    path = Path(site.ssh_config or "~/.ssh/config").expanduser()
    if not path.is_file():
        return {}
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        _refuse_what_paramiko_misreads(text.splitlines(), path)
        found = paramiko.SSHConfig.from_text(text).lookup(target)
    except (OSError, paramiko.ConfigParseError, paramiko.CouldNotCanonicalize) as error:
        raise _bad_config(str(error)) from error
    return {key: value if isinstance(value, list) else [str(value)] for key, value in found.items()}


def _refuse_what_paramiko_misreads(lines: Iterable[str], path: Path) -> None:
    for line in lines:
        words = line.replace("=", " ").split()
        if not words:
            continue
        unknown = words[0].lower() == "match" and set(words[1::2]) - _MATCH_WORDS - {f"!{w}" for w in _MATCH_WORDS}
        if words[0].lower() == "include" or unknown:
            raise UserError(
                t("{path} uses “{line}”, which only OpenSSH itself can read", path=path, line=one_line(line, 80)),
                code="ssh-config-needs-ssh",
                hint=t("install the OpenSSH client, or give the site its own file with --ssh-config"),
            )


def _bad_config(why: str) -> UserError:
    return UserError(
        t("the SSH configuration cannot be read: {why}", why=one_line(why)),
        code="bad-ssh-config",
        hint=t("try it with: ssh -G HOST"),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person said themselves; it outranks the configuration."""

    target: str
    user: str | None
    port: int | None
    identity: str | None
    known_hosts: str | None


def _endpoint(words: dict[str, list[str]], asked: Asked) -> Endpoint:
    import getpass

    def one(key: str, otherwise: str) -> str:
        values = words.get(key) or [otherwise]
        return values[0] if values[0].lower() != "none" else ""

    number = asked.port or int(one("port", "22"))
    hostname = one("hostname", asked.target) or asked.target
    alias = one("hostkeyalias", "")
    files = " ".join(words.get("userknownhostsfile", ["~/.ssh/known_hosts"])).split()
    files += " ".join(words.get("globalknownhostsfile", ["/etc/ssh/ssh_known_hosts"])).split()
    if asked.known_hosts:
        files = [asked.known_hosts]
    usual = [f"~/.ssh/id_{kind}" for kind in ("ed25519", "ecdsa", "rsa")]
    keys = [asked.identity] if asked.identity else words.get("identityfile") or usual
    return Endpoint(
        address=asked.target,
        hostname=hostname,
        port=number,
        user=asked.user or one("user", "") or getpass.getuser(),
        # known_hosts writes the port only when it is not 22; an alias is written as it is (ssh_config(5)).
        name=alias or (hostname if number == 22 else f"[{hostname}]:{number}"),
        known_hosts=tuple(Path(f).expanduser() for f in files),
        identities=tuple(Path(k).expanduser() for k in keys),
        identities_only=one("identitiesonly", "no") == "yes" or asked.identity is not None,
        jumps=tuple(j for j in one("proxyjump", "").split(",") if j),
        proxy_command=one("proxycommand", "") or None,
    )
