"""What can go wrong on the way to a computer behind SSH: one error and one stable code each, whatever carries it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dkai.core.clean import one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.compute.host.ssh_config import Endpoint


def host_not_found(endpoint: Endpoint) -> RemoteError:
    """The name has no address."""
    return RemoteError(
        t("no computer is called {name}", name=endpoint.hostname),
        code="host-not-found",
        hint=t("check the name; some sites are found only from inside the university's network or VPN"),
    )


def connection_refused(endpoint: Endpoint) -> RemoteError:
    """Nothing listens on the port."""
    return RemoteError(
        t("{host} refuses connections on port {port}", host=endpoint.hostname, port=endpoint.port),
        code="connection-refused",
        hint=t("check the port, and the site's status page: the login node may be down"),
    )


def connection_timeout(endpoint: Endpoint) -> RemoteError:
    """No answer, or the log-in stood still."""
    return RemoteError(
        t("{host} does not answer", host=endpoint.hostname),
        code="connection-timeout",
        hint=t("check your network; some sites answer only from inside the university's network or VPN"),
    )


def connection_failed(endpoint: Endpoint, why: str) -> RemoteError:
    """No route, or the jump host or proxy does not get there."""
    return RemoteError(
        t("{host} cannot be reached: {why}", host=endpoint.hostname, why=one_line(why) or "–"),
        code="connection-failed",
        hint=t("check your network, and the jump host if there is one"),
    )


def connection_closed(endpoint: Endpoint, why: str) -> RemoteError:
    """It ended before the log-in began."""
    return RemoteError(
        t("{host} ended the connection before log-in: {why}", host=endpoint, why=one_line(why) or "–"),
        code="connection-closed",
        hint=t("the site may be down, or may not accept connections from your network; try again in a minute"),
    )


def login_ended(endpoint: Endpoint, why: str) -> RemoteError:
    """It ended while the log-in went on."""
    return RemoteError(
        t("{host} ended the connection during log-in: {why}", host=endpoint, why=one_line(why) or "–"),
        code="login-ended",
        hint=t("too many keys may have been offered; name one with --identity, or try: ssh -v {host}", host=endpoint),
    )


def nobody_to_ask(endpoint: Endpoint, prompt: str) -> RemoteError:
    """Something is asked for that only the person can give, and there is nobody."""
    return RemoteError(
        t("{host} asks for something only you can give: {prompt}", host=endpoint, prompt=one_line(prompt)),
        code="second-factor-needed",
        hint=t("run the command at a terminal, where dkai can ask you"),
    )


def asked_before(prompt: str) -> RemoteError:
    """The connection was lost, and a new one would need a new code."""
    return RemoteError(
        t("the connection was lost, and a new one needs a new answer from you: {prompt}", prompt=one_line(prompt)),
        code="second-factor-needed",
        hint=t("run the command again; a job that was accepted goes on without this connection"),
    )


def not_accepted(endpoint: Endpoint) -> RemoteError:
    """The code or password was wrong, or used already."""
    return RemoteError(
        t("{host} did not accept the code or password", host=endpoint),
        code="login-not-accepted",
        hint=t("a one-time code works once only: wait for the next one and run the command again"),
    )


def wrong_passphrase(path: str) -> RemoteError:
    """The key stays locked."""
    return RemoteError(
        t("the passphrase does not open {path}", path=one_line(path)),
        code="wrong-passphrase",
        hint=t("try again, or load the key into an agent with: ssh-add {path}", path=one_line(path)),
    )


def keys_refused(endpoint: Endpoint, still: Sequence[str]) -> RemoteError:
    """None of the keys is registered there, or there is none. `still`: the ways to log in that the other side names."""
    return RemoteError(
        t("{host} did not accept any of your keys", host=endpoint),
        code="ssh-key-refused",
        hint=t(
            "check the user name, and that your public key is registered at the site; see what is offered with: "
            "ssh -v {host}",
            host=endpoint,
        ),
        details={"user": endpoint.user, "still_wanted": list(still)},
    )
