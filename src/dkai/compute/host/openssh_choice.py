"""Which program carries a connection: paramiko, or OpenSSH where the configuration needs it or the site says so."""

from __future__ import annotations

import shutil
import stat
import subprocess
from dataclasses import dataclass

from dkai.compute.host.answers import ask_once
from dkai.compute.host.openssh_abilities import abilities
from dkai.compute.host.openssh_needs import control_path, first_reason
from dkai.compute.host.shell import Ask, Shell
from dkai.compute.host.ssh_config import Hop, hops
from dkai.compute.site import Site
from dkai.core.i18n import t


@dataclass(frozen=True, slots=True)
class Choice:
    """What carries the connection, why, and over which computers."""

    transport: str  # `paramiko` or `openssh`
    why: str  # a sentence; empty where it is the usual one
    route: tuple[Hop, ...]
    live: tuple[bool, ...]  # for each hop: the person has an open connection to it that is used


def choose(site: Site) -> Choice:
    """Raises UserError: a configuration that cannot be read, or OpenSSH wanted where there is none."""
    route = hops(site)
    none = (False,) * len(route)
    if site.transport == "paramiko":
        return Choice("paramiko", t("the site's setting says so"), route, none)
    if site.transport == "auto" and shutil.which("ssh") is None:
        return Choice("paramiko", "", route, none)
    live = tuple(has_live_master(hop) for hop in route)
    if site.transport == "openssh":
        _ = abilities()
        return Choice("openssh", t("the site's setting says so"), route, live)
    reason = first_reason(zip(route, live, strict=True))
    return Choice("openssh" if reason else "paramiko", reason or "", route, live)


def connect_shell(site: Site, ask: Ask | None) -> Shell:
    """The site, connected and logged in. Raises RemoteError or UserError."""
    choice = choose(site)
    asking = ask_once(ask)
    shell: Shell
    if choice.transport == "openssh":
        from dkai.compute.host.openssh_shell import OpenSshShell

        shell = OpenSshShell.connect(site, choice.route, asking, why=choice.why, live=choice.live)
    else:
        from dkai.compute.host.paramiko_shell import ParamikoShell

        shell = ParamikoShell.connect(choice.route, asking, why=choice.why)
    asking.were_right()
    return shell


def has_live_master(hop: Hop) -> bool:
    """Whether the person's own ssh has an open connection to it that others may use (`ssh -O check`)."""
    path = control_path(hop.words)
    try:
        if path is None or not stat.S_ISSOCK(path.stat().st_mode) or not abilities().shares:
            return False
        argv = [abilities().program, "-F", "none", "-S", str(path).replace("%", "%%"), "-O", "check", "--", "x"]
        done = subprocess.run(argv, capture_output=True, timeout=10, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
