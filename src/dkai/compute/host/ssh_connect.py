"""Open the way to a computer behind SSH: socket, jump hosts, host keys, log-in."""

from __future__ import annotations

import logging
import os
import shlex
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dkai.compute.host import host_keys, ssh_errors
from dkai.compute.host.answers import AskOnce, ask_once
from dkai.compute.host.lean import paramiko
from dkai.compute.host.shell import Ask
from dkai.compute.host.ssh_config import Endpoint, Hop, proxy_line
from dkai.compute.host.ssh_login import login
from dkai.compute.site import Site
from dkai.core.errors import UserError

CONNECT_SECONDS = 20.0
Check = Callable[[Endpoint, paramiko.PKey], None]

# paramiko logs its own tracebacks to whoever listens, and Python listens by default; our errors say it in words.
logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").propagate = False


@dataclass(slots=True)
class Way:
    """An open connection: the last transport leads to the site, those before it carry it."""

    endpoint: Endpoint
    transport: paramiko.Transport
    carriers: list[paramiko.Transport] = field(default_factory=list)

    def close(self) -> None:
        """Close from the far end on."""
        for transport in (self.transport, *reversed(self.carriers)):
            transport.close()


def open_way(route: Sequence[Hop], ask: AskOnce, check: Check = host_keys.check, *, log_in: bool = True) -> Way:
    """Connect and log in, over the jump hosts that come before the last hop. Raises RemoteError or UserError.

    Without `log_in` the way ends before the last computer's log-in.
    """
    open_ones: list[paramiko.Transport] = []
    try:
        for hop in route:
            through = open_ones[-1] if open_ones else None
            last = hop is route[-1]
            open_ones.append(_open_one(hop.endpoint, through, ask if log_in or not last else None, check))
    except BaseException:
        for transport in reversed(open_ones):
            transport.close()
        raise
    return Way(route[-1].endpoint, open_ones[-1], open_ones[:-1])


def trust_host_key(site: Site, fingerprint: str, ask: Ask | None = None) -> list[str]:
    """Connect, and remember each unknown host key on the way whose fingerprint is `fingerprint`.

    Returns the names that were written to known_hosts. Another unknown key, or a changed one, raises as always. The
    jump hosts must be logged in to, the last computer not.
    """
    from dkai.compute.host.openssh_choice import choose

    choice = choose(site)
    if choice.transport == "openssh":
        from dkai.compute.host.openssh_shell import trust_through_openssh

        return trust_through_openssh(site, choice.route, fingerprint, ask_once(ask), choice.live)
    written: list[str] = []

    def check(endpoint: Endpoint, key: paramiko.PKey) -> None:
        try:
            host_keys.check(endpoint, key)
        except UserError:
            if key.fingerprint != fingerprint:
                raise
            host_keys.remember(endpoint, key)
            written.append(endpoint.name)

    open_way(choice.route, ask_once(ask), check, log_in=False).close()
    return written


def _open_one(
    endpoint: Endpoint, through: paramiko.Transport | None, ask: AskOnce | None, check: Check
) -> paramiko.Transport:
    """`ask` None: no log-in."""
    sock = _socket(endpoint, through)
    transport = paramiko.Transport(sock)
    try:
        _prefer_known(transport, endpoint)
        _prefer_fast(transport)
        try:
            transport.start_client(timeout=CONNECT_SECONDS)
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise ssh_errors.connection_closed(endpoint, str(error)) from error
        check(endpoint, transport.get_remote_server_key())
        if ask is not None:
            login(transport, endpoint, ask)
            transport.set_keepalive(30)
    except BaseException:
        transport.close()
        raise
    return transport


def _prefer_known(transport: paramiko.Transport, endpoint: Endpoint) -> None:
    """Ask for a kind of key that can be checked, as OpenSSH does; else a known host looks unknown."""
    options = transport.get_security_options()
    known = host_keys.known_types(endpoint)
    # An RSA key is signed in newer ways than its type's name says.
    wanted = {name for k in known for name in ({"rsa-sha2-512", "rsa-sha2-256", k} if k == "ssh-rsa" else {k})}
    allowed = [name for name in options.key_types if not endpoint.key_types or name in endpoint.key_types]
    allowed = allowed or list(options.key_types)
    options.key_types = sorted(allowed, key=lambda name: name not in wanted)


def _prefer_fast(transport: paramiko.Transport) -> None:
    """Ask first for ciphers that need no checksum beside them: a third less work for each byte."""
    options = transport.get_security_options()
    options.ciphers = sorted(options.ciphers, key=lambda name: not name.endswith("-gcm@openssh.com"))


def _socket(endpoint: Endpoint, through: paramiko.Transport | None) -> Any:
    try:
        if through is not None:
            place = (endpoint.hostname, endpoint.port)
            return through.open_channel("direct-tcpip", place, ("127.0.0.1", 0), timeout=CONNECT_SECONDS)
        if endpoint.proxy_command:
            # A line for the person's shell, which it becomes, as in OpenSSH.
            words = [os.environ.get("SHELL") or "/bin/sh", "-c", f"exec {proxy_line(endpoint)}"]
            return paramiko.ProxyCommand(shlex.join(words))
        line = socket.create_connection((endpoint.hostname, endpoint.port), timeout=CONNECT_SECONDS)
        # Small questions go at once: waiting for more to send with them costs 40 ms each (Nagle's algorithm).
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line
    except (socket.gaierror, UnicodeError) as error:
        raise ssh_errors.host_not_found(endpoint) from error
    except ConnectionRefusedError as error:
        raise ssh_errors.connection_refused(endpoint) from error
    except TimeoutError as error:
        raise ssh_errors.connection_timeout(endpoint) from error
    except ConnectionResetError as error:  # it was there, and gone before the first word was said
        raise ssh_errors.connection_closed(endpoint, str(error)) from error
    except (paramiko.SSHException, OSError) as error:
        raise ssh_errors.connection_failed(endpoint, str(error)) from error
