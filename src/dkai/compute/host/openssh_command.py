"""The words that ssh is started with. Pure: lists of words in, lists of words out.

What dkai must be sure of stands on the command line, where it outranks every configuration file. What a person typed
comes after `--` or as an option's own word, where ssh can take it for nothing else.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dkai.compute.host.openssh_abilities import Abilities
from dkai.compute.host.ssh_config import Hop, one
from dkai.compute.site import Site

ALIVE_S = 30  # how often a silent connection is asked whether it is still there
PERSIST_S = 20  # how long a shared connection outlives a dkai that was killed


@dataclass(frozen=True, slots=True)
class Leg:
    """One computer on the way, and the files in our folder that its ssh writes."""

    hop: Hop
    log: Path
    live: bool = False  # the person's own open connection is used
    key_file: Path | None = None  # where the host key it shows is written down


def log_in(  # the master, or one command where connections cannot be shared
    able: Abilities, site: Site, legs: Sequence[Leg], how: Sequence[str], *, no_methods: bool = False
) -> list[str]:
    """ssh to the last leg over the others. `how`: the options that say what to do there, ControlPath among them."""
    argv = [*_options(able, site, legs[-1]), *how]
    if no_methods:
        argv += _o("PubkeyAuthentication=no", "PasswordAuthentication=no", "KbdInteractiveAuthentication=no",
                   "GSSAPIAuthentication=no", "HostbasedAuthentication=no")  # fmt: skip
    if len(legs) > 1:
        argv += _o(f"ProxyCommand={_through(able, site, legs[:-1])}")
    return [*argv, "--", legs[-1].hop.asked.target]


def master(path: Path) -> list[str]:
    """`how` of a connection that others share: it goes into the background once the log-in is done."""
    return [*_o("ControlMaster=yes", f"ControlPath={_quoted(path)}", f"ControlPersist={PERSIST_S}"), "-n", "-N", "-f"]


ALONE = ("-o", "ControlMaster=no", "-o", "ControlPath=none")


def shared(able: Abilities, path: Path, line: str) -> list[str]:
    """One command over an open connection. It reads no configuration, and where the connection is gone it ends."""
    return [
        able.program, "-F", "none",
        *_o("ControlMaster=no", f"ControlPath={_quoted(path)}", "ProxyCommand=false", "LogLevel=ERROR"),
        "-T", "-e", "none", "--", "dkai", line,
    ]  # fmt: skip


def end(able: Abilities, path: Path) -> list[str]:
    """End the connection that others share."""
    return [able.program, "-F", "none", *_o(f"ControlPath={_quoted(path)}"), "-O", "exit", "--", "dkai"]


def _options(able: Abilities, site: Site, leg: Leg) -> list[str]:
    asked, words = leg.hop.asked, leg.hop.words
    argv = [able.program, "-T", "-e", "none", "-E", str(leg.log)]
    if site.ssh_config:
        argv += ["-F", str(Path(site.ssh_config).expanduser())]
    if asked.user:
        argv += ["-l", asked.user]
    if asked.port:
        argv += ["-p", str(asked.port)]
    if asked.identity:
        argv += ["-i", str(Path(asked.identity).expanduser()).replace("%", "%%"), *_o("IdentitiesOnly=yes")]
    if asked.known_hosts:
        own = Path(asked.known_hosts).expanduser()
        argv += _o(f"UserKnownHostsFile={_quoted(own)}", f"GlobalKnownHostsFile={os.devnull}")
    argv += _o(
        "LogLevel=DEBUG1",  # into our file only: it tells the host key, the log-in's steps, and what went wrong
        "StrictHostKeyChecking=ask", "UpdateHostKeys=no", "FingerprintHash=sha256", "VisualHostKey=no",
        "NoHostAuthenticationForLocalhost=no", "BatchMode=no", "NumberOfPasswordPrompts=2",
        "ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no", "Tunnel=no", "PermitLocalCommand=no",
        "RequestTTY=no", f"ServerAliveInterval={ALIVE_S}", "ServerAliveCountMax=4",
    )  # fmt: skip
    if able.has_remote_command:
        argv += _o("RemoteCommand=none")
    if not one(words, "connecttimeout"):
        argv += _o("ConnectTimeout=20")
    if leg.key_file is not None:
        argv += _o(f"KnownHostsCommand=/bin/sh {_quoted(leg.key_file.with_suffix('.sh'))} %t %K")
    return argv


def _through(able: Abilities, site: Site, legs: Sequence[Leg]) -> str:
    """A ProxyCommand that leads over `legs`. Our own, not `-J`: that hands none of our options on."""
    leg = legs[-1]
    how = list(_o("ControlMaster=no")) if leg.live else list(ALONE)
    argv = [*_options(able, site, leg), *how]
    if len(legs) > 1:
        argv += _o(f"ProxyCommand={_through(able, site, legs[:-1])}")
    before, after = _line(argv), _line(["--", leg.hop.asked.target])
    # ssh fills in tokens before the shell reads the line; only the target's place is meant as one.
    return f"{before.replace('%', '%%')} -W [%h]:%p {after.replace('%', '%%')}"


def _line(argv: Sequence[str]) -> str:
    return subprocess.list2cmdline(argv) if os.name == "nt" else shlex.join(argv)


def _o(*settings: str) -> Iterable[str]:
    return [word for setting in settings for word in ("-o", setting)]


def _quoted(path: Path) -> str:
    """A path as a setting's value: blanks, and what ssh would read as a token."""
    return '"' + str(path).replace("%", "%%") + '"'
