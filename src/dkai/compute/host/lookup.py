"""Where a site is, before anything is sent there: the configuration's answer, and the name's addresses."""

from __future__ import annotations

import base64
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dkai.compute.host.keys import agent_keys, read_key, shown
from dkai.compute.host.shell import Ask
from dkai.compute.host.ssh_config import Endpoint, hops, resolve
from dkai.compute.site import Site


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What the SSH configuration makes of a site."""

    target: str  # alice@login.example.org:2222
    hostname: str
    keys: tuple[Path, ...]  # the key files that will be offered, those that are there
    via: str | None  # a jump host or a proxy's program that looks the name up itself


def whereabouts(site: Site) -> Whereabouts:
    """As OpenSSH resolves it. Contacts nobody. Raises UserError."""
    endpoint: Endpoint = resolve(site)
    via = ", ".join(endpoint.jumps) or endpoint.proxy_command
    keys = tuple(path for path in endpoint.identities if path.is_file())
    return Whereabouts(str(endpoint), endpoint.hostname, keys, via)


def addresses(hostname: str) -> tuple[str, ...]:
    """The name's addresses; empty when nobody knows it (connecting will say so in words)."""
    try:
        found = socket.getaddrinfo(hostname, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(item[4][0]) for item in found))


def offered(site: Site) -> tuple[str, ...]:
    """The keys that a log-in there offers: files that are there, and the agent's. Raises UserError."""
    endpoint = resolve(site)
    files = [path for path in endpoint.identities if path.is_file()]
    found = [shown(path) for path in files]
    if endpoint.use_agent and not endpoint.identities_only:
        names = {key.fingerprint for path in files if (key := read_key(path)) is not None}
        found += [f"{key.comment or key.fingerprint} (agent)" for key in agent_keys() if key.fingerprint not in names]
    return tuple(found)


def remember_host_key(site: Site, seen: Mapping[str, Any], ask: Ask | None) -> None:
    """Write a host key to the person's known_hosts: the very one that was shown and said yes to. Raises UserError.

    `seen` are the details of the error `unknown-host-key`: `host` as known_hosts names it, `type`, `fingerprint`, and
    `key` in base64, with which no second connection is needed. Where only the fingerprint is known, the place is asked
    for its key again, and another one is refused.
    """
    from dkai.compute.host.host_keys import remember
    from dkai.compute.host.lean import paramiko
    from dkai.compute.host.ssh_connect import trust_host_key

    if not seen.get("key"):
        trust_host_key(site, str(seen["fingerprint"]), ask)
        return
    found = [hop.endpoint for hop in hops(site) if hop.endpoint.name == seen["host"]]
    key = paramiko.PKey.from_type_string(str(seen["type"]), base64.b64decode(str(seen["key"])))
    remember(found[0] if found else resolve(site), key)
