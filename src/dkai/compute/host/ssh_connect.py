"""Open the way to a computer behind SSH: socket, jump hosts, host keys, log-in."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import paramiko

from dkai.compute.host import host_keys
from dkai.compute.host.ssh_config import Endpoint, resolve
from dkai.compute.host.ssh_login import Ask, login
from dkai.compute.site import Site
from dkai.core.clean import one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

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


def open_way(site: Site, ask: Ask | None, check: Check = host_keys.check) -> Way:
    """Connect and log in, over the site's jump hosts where it has some. Raises RemoteError or UserError."""
    endpoint = resolve(site)
    carriers: list[paramiko.Transport] = []
    try:
        for jump in endpoint.jumps:
            via = resolve(site, jump)
            carriers.append(_open_one(via, carriers[-1] if carriers else None, ask, check))
        return Way(endpoint, _open_one(endpoint, carriers[-1] if carriers else None, ask, check), carriers)
    except BaseException:
        for transport in reversed(carriers):
            transport.close()
        raise


def trust_host_key(site: Site, fingerprint: str, ask: Ask | None = None) -> list[str]:
    """Connect, and remember each unknown host key on the way whose fingerprint is `fingerprint`.

    Returns the names that were written to known_hosts. Another unknown key, or a changed one, raises as always.
    """
    written: list[str] = []

    def check(endpoint: Endpoint, key: paramiko.PKey) -> None:
        from dkai.core.errors import UserError

        try:
            host_keys.check(endpoint, key)
        except UserError:
            if key.fingerprint != fingerprint:
                raise
            host_keys.remember(endpoint, key)
            written.append(endpoint.name)

    open_way(site, ask, check).close()
    return written


def _open_one(
    endpoint: Endpoint, through: paramiko.Transport | None, ask: Ask | None, check: Check
) -> paramiko.Transport:
    sock = _socket(endpoint, through)
    transport = paramiko.Transport(sock)
    try:
        _prefer_known(transport, endpoint)
        try:
            transport.start_client(timeout=CONNECT_SECONDS)
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise _handshake_failed(endpoint, error) from error
        check(endpoint, transport.get_remote_server_key())
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
    first = [name for name in options.key_types if name in wanted]
    options.key_types = (*first, *(name for name in options.key_types if name not in wanted))


def _socket(endpoint: Endpoint, through: paramiko.Transport | None) -> Any:
    try:
        if through is not None:
            place = (endpoint.hostname, endpoint.port)
            return through.open_channel("direct-tcpip", place, ("127.0.0.1", 0), timeout=CONNECT_SECONDS)
        if endpoint.proxy_command:
            return paramiko.ProxyCommand(_expand(endpoint.proxy_command, endpoint))
        line = socket.create_connection((endpoint.hostname, endpoint.port), timeout=CONNECT_SECONDS)
        # Small questions go at once: waiting for more to send with them costs 40 ms each (Nagle's algorithm).
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line
    except socket.gaierror as error:
        raise RemoteError(
            t("no computer is called {name}", name=endpoint.hostname),
            code="host-not-found",
            hint=t("check the name; some sites are found only from inside the university's network or VPN"),
        ) from error
    except ConnectionRefusedError as error:
        raise RemoteError(
            t("{host} refuses connections on port {port}", host=endpoint.hostname, port=endpoint.port),
            code="connection-refused",
            hint=t("check the port, and the site's status page: the login node may be down"),
        ) from error
    except TimeoutError as error:
        raise RemoteError(
            t("{host} does not answer", host=endpoint.hostname),
            code="connection-timeout",
            hint=t("check your network; some sites answer only from inside the university's network or VPN"),
        ) from error
    except (paramiko.SSHException, OSError) as error:
        raise RemoteError(
            t("{host} cannot be reached: {why}", host=endpoint.hostname, why=one_line(str(error))),
            code="connection-failed",
            hint=t("check your network, and the jump host if there is one"),
        ) from error


def _expand(command: str, endpoint: Endpoint) -> str:
    """The tokens that ssh_config(5) allows in ProxyCommand and that we can fill."""
    values = {"%h": endpoint.hostname, "%p": str(endpoint.port), "%r": endpoint.user, "%n": endpoint.address}
    for token, value in values.items():
        command = command.replace(token, value)
    return command.replace("%%", "%").replace("~/", os.path.expanduser("~/"))  # noqa: PTH111 - a string, not a path


def _handshake_failed(endpoint: Endpoint, error: Exception) -> RemoteError:
    return RemoteError(
        t("{host} ended the connection before log-in: {why}", host=endpoint, why=one_line(str(error)) or "–"),
        code="connection-closed",
        hint=t("the site may be down, or may not accept connections from your network; try again in a minute"),
    )
