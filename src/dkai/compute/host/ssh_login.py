"""Logging in: keys from the agent and from files, then what only the person can give, asked once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import paramiko

from dkai.compute.host.ssh_config import Endpoint
from dkai.core.clean import one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

Ask = Callable[[str, bool], str | None]

# A server ends the connection after some failures (OpenSSH: 6); keep one try for a code or a password.
_MOST_KEYS = 5


def login(transport: paramiko.Transport, endpoint: Endpoint, ask: Ask | None) -> None:
    """Log in as the endpoint's user. Raises RemoteError, with a code for each way in which it can fail."""
    try:
        allowed = _allowed_methods(transport, endpoint)
        if "publickey" in allowed:
            allowed = _try_keys(transport, endpoint, ask, allowed)
        if allowed and "keyboard-interactive" in allowed:
            _answer(transport, endpoint, ask)
        elif allowed and "password" in allowed:
            _password(transport, endpoint, ask)
        if not transport.is_authenticated():
            raise _refused(endpoint, allowed)
    except paramiko.AuthenticationException as error:
        raise _refused(endpoint, []) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise RemoteError(
            t("{host} ended the connection during log-in: {why}", host=endpoint, why=one_line(str(error)) or "–"),
            code="login-ended",
            hint=t(
                "too many keys may have been offered; name one with --identity, or try: ssh -v {host}", host=endpoint
            ),
        ) from error


def _allowed_methods(transport: paramiko.Transport, endpoint: Endpoint) -> list[str]:
    try:
        transport.auth_none(endpoint.user)
    except paramiko.BadAuthenticationType as error:
        return list(error.allowed_types)
    return []


def _try_keys(transport: paramiko.Transport, endpoint: Endpoint, ask: Ask | None, allowed: list[str]) -> list[str]:
    """What the server still wants: nothing when a key was enough."""
    for number, key in enumerate(_keys(endpoint, ask)):
        if number >= _MOST_KEYS:
            break
        try:
            return list(transport.auth_publickey(endpoint.user, key))
        except paramiko.BadAuthenticationType:
            break
        except paramiko.AuthenticationException:
            continue
    return [method for method in allowed if method != "publickey"]


def _keys(endpoint: Endpoint, ask: Ask | None) -> Iterator[paramiko.PKey]:
    """Agent keys first, as OpenSSH does; with IdentitiesOnly only those that a named file also has."""
    wanted = {blob for path in endpoint.identities if (blob := _public_blob(path)) is not None}
    offered = set()
    try:
        agent_keys = paramiko.Agent().get_keys()
    except (paramiko.SSHException, OSError):
        agent_keys = ()
    for key in agent_keys:
        if not endpoint.identities_only or key.asbytes() in wanted:
            offered.add(key.asbytes())
            yield key
    for path in endpoint.identities:
        if _public_blob(path) not in offered and (loaded := _load(path, ask)) is not None:
            yield loaded


def _public_blob(path: Path) -> bytes | None:
    with contextlib.suppress(OSError, ValueError, IndexError, UnicodeDecodeError):
        import base64

        text = path.with_name(path.name + ".pub").read_text(encoding="utf-8")
        return base64.b64decode(text.split()[1])
    return None


def _load(path: Path, ask: Ask | None) -> paramiko.PKey | None:
    if not path.is_file():
        return None
    try:
        return paramiko.PKey.from_path(path)
    except paramiko.PasswordRequiredException:
        phrase = ask(t("passphrase of {path}:", path=path), True) if ask else None
        if phrase is None:
            return None
        try:
            return paramiko.PKey.from_path(path, password=phrase)
        except (paramiko.SSHException, ValueError) as error:
            raise RemoteError(
                t("the passphrase does not open {path}", path=path),
                code="wrong-passphrase",
                hint=t("try again, or load the key into an agent with: ssh-add {path}", path=path),
            ) from error
    except (paramiko.SSHException, paramiko.UnknownKeyType, ValueError, OSError):
        # A key of a kind that cannot be used from a file (a security key's handle) is passed over, as by OpenSSH.
        return None


def _answer(transport: paramiko.Transport, endpoint: Endpoint, ask: Ask | None) -> None:
    asked = False

    def handler(title: str, instructions: str, prompts: list[tuple[str, bool]]) -> list[str]:
        nonlocal asked
        if not prompts:
            return []
        if asked:
            # The answer was not accepted. Asking again would only lock the account.
            raise _not_accepted(endpoint)
        asked = True
        lead = one_line(" ".join(part for part in (title, instructions) if part))
        answers = []
        for prompt, echo in prompts:
            given = ask(" ".join(filter(None, (lead, one_line(prompt)))), not echo) if ask else None
            if given is None:
                raise _nobody_to_ask(endpoint, one_line(prompt))
            answers.append(given)
        return answers

    try:
        transport.auth_interactive(endpoint.user, handler)
    except paramiko.AuthenticationException as error:
        raise _not_accepted(endpoint) from error


def _password(transport: paramiko.Transport, endpoint: Endpoint, ask: Ask | None) -> None:
    prompt = t("password of {host}:", host=endpoint)
    given = ask(prompt, True) if ask else None
    if given is None:
        raise _nobody_to_ask(endpoint, prompt)
    try:
        transport.auth_password(endpoint.user, given, fallback=False)
    except paramiko.AuthenticationException as error:
        raise _not_accepted(endpoint) from error


def _nobody_to_ask(endpoint: Endpoint, prompt: str) -> RemoteError:
    return RemoteError(
        t("{host} asks for something only you can give: {prompt}", host=endpoint, prompt=prompt),
        code="second-factor-needed",
        hint=t("run the command at a terminal, where dkai can ask you"),
    )


def _not_accepted(endpoint: Endpoint) -> RemoteError:
    return RemoteError(
        t("{host} did not accept the code or password", host=endpoint),
        code="login-not-accepted",
        hint=t("a one-time code works once only: wait for the next one and run the command again"),
    )


def _refused(endpoint: Endpoint, still: list[str]) -> RemoteError:
    return RemoteError(
        t("{host} did not accept any of your keys", host=endpoint),
        code="ssh-key-refused",
        hint=t(
            "check the user name, and that your public key is registered at the site; see what is offered with: "
            "ssh -v {host}",
            host=endpoint,
        ),
        details={"user": endpoint.user, "still_wanted": still},
    )
