"""How to reach a computer, as OpenSSH resolves it: `ssh -G` where there is an ssh, paramiko's reader elsewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dkai.compute.site import Site
from dkai.core.clean import one_line
from dkai.core.errors import UserError
from dkai.core.i18n import t

# What paramiko's reader understands in a Match line; it takes every other word as if it matched.
_MATCH_WORDS = {"all", "host", "originalhost", "user", "localuser", "canonical", "final"}
_ADDRESS = re.compile(r"^[A-Za-z0-9_.:%\[\]-]+$")
_MOST_JUMPS = 8

Words = Mapping[str, list[str]]  # the configuration's keywords, in small letters, each with its values


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
    key_types: tuple[str, ...] = ()  # the host key algorithms that are allowed; none: all
    use_agent: bool = True

    def __str__(self) -> str:
        return f"{self.user}@{self.hostname}" + ("" if self.port == 22 else f":{self.port}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person (or a ProxyJump line) said themselves; it outranks the configuration."""

    target: str
    user: str | None
    port: int | None
    identity: str | None
    known_hosts: str | None


@dataclass(frozen=True, slots=True)
class Hop:
    """One computer on the way: what was asked for, what the configuration says, and what that comes to."""

    asked: Asked
    words: Words
    endpoint: Endpoint


def resolve(site: Site, address: str | None = None) -> Endpoint:
    """The endpoint of `site`, or of a jump host on the way to it, given as `[user@]host[:port]`. Raises UserError."""
    return _hop(site, address).endpoint


def hops(site: Site) -> tuple[Hop, ...]:
    """The jump hosts in their order, and the site as the last. Raises UserError.

    As in OpenSSH, the first jump host is reached by its own configuration, which may name jump hosts again; between
    the others the chain is as it was written.
    """
    way = [_hop(site)]
    seen: set[str] = set()
    while (first := way[0]).endpoint.jumps:
        if first.endpoint.address in seen or len(way) > _MOST_JUMPS:
            raise bad_config(t("the jump hosts lead in a circle or are too many"))
        seen.add(first.endpoint.address)
        way[:0] = [_hop(site, jump) for jump in first.endpoint.jumps]
    return tuple(way)


def _hop(site: Site, address: str | None = None) -> Hop:
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
    asked = Asked(target, user, port, identity, site.known_hosts)
    return Hop(asked, words, _endpoint(words, asked))


def _split(address: str) -> tuple[str, str | None, int | None]:
    """`[ssh://][user@]host[:port]`, as ProxyJump takes it."""
    address = address.strip().removeprefix("ssh://").removesuffix("/")
    user, at, rest = address.rpartition("@")
    match = re.fullmatch(r"(\[[^\]]+\]|[^:]+)(?::(\d+))?", rest)
    if not match:
        return rest, user if at else None, None
    return match[1].strip("[]"), user if at else None, int(match[2]) if match[2] else None


def _ask_ssh(program: str, site: Site, target: str, user: str | None, port: int | None) -> Words:
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
        raise bad_config(str(error)) from error
    if done.returncode:
        raise bad_config(_reason(done.stderr.decode("utf-8", "replace")))
    return parse_words(done.stdout.decode("utf-8", "replace"))


def parse_words(text: str) -> Words:
    """The answer of `ssh -G`."""
    words: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        words.setdefault(key.lower(), []).append(value)
    return words


def _reason(said: str) -> str:
    """What ssh says of a configuration, without its word about terminals and with the first faults only."""
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith("Pseudo-terminal")]
    return "; ".join(lines[:3])


def _read_ourselves(site: Site, target: str) -> Words:
    from dkai.compute.host.lean import paramiko

    path = Path(site.ssh_config or "~/.ssh/config").expanduser()
    if not path.is_file():
        return {}
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        _refuse_what_paramiko_misreads(text.splitlines(), path)
        found = paramiko.SSHConfig.from_text(text).lookup(target)
    except (OSError, paramiko.ConfigParseError, paramiko.CouldNotCanonicalize) as error:
        raise bad_config(str(error)) from error
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


def bad_config(why: str) -> UserError:
    """The configuration cannot be read."""
    return UserError(
        t("the SSH configuration cannot be read: {why}", why=one_line(why)),
        code="bad-ssh-config",
        hint=t("try it with: ssh -G HOST"),
    )


def _endpoint(words: Words, asked: Asked) -> Endpoint:
    import getpass

    number = asked.port or int(one(words, "port") or 22)
    hostname = one(words, "hostname") or asked.target
    user = asked.user or one(words, "user") or getpass.getuser()
    alias = one(words, "hostkeyalias")
    files = _paths(words.get("userknownhostsfile", ["~/.ssh/known_hosts"]))
    files += _paths(words.get("globalknownhostsfile", ["/etc/ssh/ssh_known_hosts"]))
    if asked.known_hosts:
        files = [asked.known_hosts]
    usual = [f"~/.ssh/id_{kind}" for kind in ("ed25519", "ecdsa", "rsa")]
    keys = [asked.identity] if asked.identity else words.get("identityfile") or usual
    tokens = _tokens(asked.target, hostname, number, user, alias)
    return Endpoint(
        address=asked.target,
        hostname=hostname,
        port=number,
        user=user,
        # known_hosts writes the port only when it is not 22; an alias is written as it is (ssh_config(5)).
        name=alias or (hostname if number == 22 else f"[{hostname}]:{number}"),
        known_hosts=tuple(Path(f).expanduser() for f in files),
        identities=tuple(_file(k, tokens) for k in keys if k.lower() != "none"),
        identities_only=one(words, "identitiesonly") == "yes" or asked.identity is not None,
        jumps=tuple(j for j in one(words, "proxyjump").split(",") if j),
        proxy_command=one(words, "proxycommand") or None,
        key_types=tuple(k for k in one(words, "hostkeyalgorithms").split(",") if k),
        use_agent=(words.get("identityagent") or [""])[0].lower() != "none",
    )


def one(words: Words, key: str) -> str:
    """A keyword's first value; empty for `none` and for what is not set."""
    value = (words.get(key) or [""])[0]
    return "" if value.lower() == "none" else value


def _paths(values: Iterable[str]) -> list[str]:
    """The paths on a line of `ssh -G`, which drops the quotes: a word that begins no path belongs to the one before."""
    found: list[str] = []
    for word in " ".join(values).replace('"', "").split(" "):
        if found and not word.startswith(("/", "~", "\\")) and not re.match(r"[A-Za-z]:[\\/]|none$", word):
            found[-1] += f" {word}"
        elif word:
            found.append(word)
    return [path for path in found if path.lower() != "none"]


def _tokens(target: str, hostname: str, port: int, user: str, alias: str) -> dict[str, str]:
    """What ssh_config(5) puts for a token, under TOKENS."""
    import getpass
    import socket

    local = socket.gethostname()
    return {
        "%": "%", "h": hostname, "n": target, "p": str(port), "r": user, "k": alias or target,
        "d": str(Path.home()), "u": getpass.getuser(), "i": str(os.getuid()) if hasattr(os, "getuid") else "",
        "l": local, "L": local.partition(".")[0],
    }  # fmt: skip


def expand(text: str, tokens: Mapping[str, str]) -> str:
    """`text` with its tokens filled in, each once; one that is not known stays as it is."""
    return re.sub(r"%(.)", lambda found: tokens.get(found[1], found[0]), text)


def _file(text: str, tokens: Mapping[str, str]) -> Path:
    """An IdentityFile: `~`, tokens and ${VARIABLES}."""
    path = re.sub(r"\$\{(\w+)\}", lambda found: os.environ.get(found[1], found[0]), expand(text, tokens))
    return Path(path).expanduser()


def proxy_line(endpoint: Endpoint) -> str:
    """The ProxyCommand with its tokens filled in (%h %n %p %r, the only ones it knows)."""
    values = {"%": "%", "h": endpoint.hostname, "n": endpoint.address, "p": str(endpoint.port), "r": endpoint.user}
    return expand(endpoint.proxy_command or "", values)
