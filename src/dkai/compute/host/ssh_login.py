"""Logging in: keys from the agent and from files, then what only the person can give, asked once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from dkai.compute.host import ssh_errors
from dkai.compute.host.answers import AskOnce, code_prompt, passphrase_prompt, password_prompt
from dkai.compute.host.lean import paramiko
from dkai.compute.host.ssh_config import Endpoint
from dkai.core.clean import one_line

# A server ends the connection after some failures (OpenSSH: 6); keep one try for a code or a password.
_MOST_KEYS = 5


def login(transport: paramiko.Transport, endpoint: Endpoint, ask: AskOnce) -> None:
    """Log in as the endpoint's user. Raises RemoteError, with a code for each way in which it can fail."""
    try:
        _log_in(transport, endpoint, ask)
    except paramiko.AuthenticationException as error:
        raise ssh_errors.keys_refused(endpoint, []) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise ssh_errors.login_ended(endpoint, str(error)) from error


def _log_in(transport: paramiko.Transport, endpoint: Endpoint, ask: AskOnce) -> None:
    """Each way to log in is taken once; a server may want several one after the other."""
    allowed = _allowed_methods(transport, endpoint)
    locked: list[str] = []
    done: set[str] = set()
    while not transport.is_authenticated():
        if "publickey" in allowed and "publickey" not in done:
            done.add("publickey")
            allowed = _try_keys(transport, endpoint, ask, allowed, locked)
        elif "keyboard-interactive" in allowed and "keyboard-interactive" not in done:
            done.add("keyboard-interactive")
            allowed = _answer(transport, endpoint, ask)
        elif "password" in allowed and "password" not in done:
            done.add("password")
            allowed = _password(transport, endpoint, ask)
        elif locked:
            raise ssh_errors.nobody_to_ask(endpoint, locked[0])
        else:
            raise ssh_errors.keys_refused(endpoint, allowed)


def _allowed_methods(transport: paramiko.Transport, endpoint: Endpoint) -> list[str]:
    try:
        transport.auth_none(endpoint.user)
    except paramiko.BadAuthenticationType as error:
        return list(error.allowed_types)
    return []


def _try_keys(
    transport: paramiko.Transport, endpoint: Endpoint, ask: AskOnce, allowed: list[str], locked: list[str]
) -> list[str]:
    """What the server still wants: nothing when a key was enough. `locked` gets the prompts that nobody answered."""
    for number, key in enumerate(_keys(endpoint, ask, locked)):
        if number >= _MOST_KEYS:
            break
        try:
            return list(transport.auth_publickey(endpoint.user, key))
        except paramiko.BadAuthenticationType:
            break
        except paramiko.AuthenticationException:
            continue
    return [method for method in allowed if method != "publickey"]


def _keys(endpoint: Endpoint, ask: AskOnce, locked: list[str]) -> Iterator[paramiko.PKey]:
    """Agent keys first, as OpenSSH does; with IdentitiesOnly only those that a named file also has."""
    wanted = {blob for path in endpoint.identities if (blob := _public_blob(path)) is not None}
    offered = set()
    try:
        agent_keys = paramiko.Agent().get_keys() if endpoint.use_agent else ()
    except (paramiko.SSHException, OSError):
        agent_keys = ()
    for key in agent_keys:
        if not endpoint.identities_only or key.asbytes() in wanted:
            offered.add(key.asbytes())
            yield key
    for path in endpoint.identities:
        if _public_blob(path) not in offered and (loaded := _load(path, ask, locked)) is not None:
            yield loaded


def _public_blob(path: Path) -> bytes | None:
    with contextlib.suppress(OSError, ValueError, IndexError, UnicodeDecodeError):
        import base64

        text = path.with_name(path.name + ".pub").read_text(encoding="utf-8")
        return base64.b64decode(text.split()[1])
    return None


def _load(path: Path, ask: AskOnce, locked: list[str]) -> paramiko.PKey | None:
    # Not PKey.from_path: in paramiko 5.1 it takes no passphrase (it hands cryptography text where bytes are wanted).
    try:
        return _read(path, None)
    except paramiko.PasswordRequiredException:
        prompt = passphrase_prompt(path)
    except paramiko.SSHException:
        # A key of a kind that cannot be used from a file (a security key's handle) is passed over, as by OpenSSH.
        return None
    phrase = ask(prompt, True)
    if phrase is None:
        locked.append(prompt)
        return None
    try:
        return _read(path, phrase)
    except paramiko.SSHException as error:
        raise ssh_errors.wrong_passphrase(str(path)) from error


def _read(path: Path, passphrase: str | None) -> paramiko.PKey:
    """The private key. Raises PasswordRequiredException; SSHException for what is no key that we can use."""
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            key = kind.from_private_key_file(str(path), passphrase)
        except paramiko.PasswordRequiredException:
            raise
        except Exception:  # noqa: S112 - for a file that is no key the readers raise whatever they stumble over
            continue
        return key
    raise paramiko.SSHException


def _answer(transport: paramiko.Transport, endpoint: Endpoint, ask: AskOnce) -> list[str]:
    asked: set[str] = set()

    def handler(title: str, instructions: str, prompts: list[tuple[str, bool]]) -> list[str]:
        lead = one_line(" ".join(part for part in (title, instructions) if part))
        answers = []
        for words, echo in prompts:
            prompt = code_prompt(endpoint, " ".join(filter(None, (lead, words))))
            if prompt in asked:
                # The answer was not accepted. Asking again would only lock the account.
                raise ssh_errors.not_accepted(endpoint)
            asked.add(prompt)
            given = ask(prompt, not echo)
            if given is None:
                raise ssh_errors.nobody_to_ask(endpoint, words)
            answers.append(given)
        return answers

    try:
        return list(transport.auth_interactive(endpoint.user, handler))
    except paramiko.AuthenticationException as error:
        raise ssh_errors.not_accepted(endpoint) from error


def _password(transport: paramiko.Transport, endpoint: Endpoint, ask: AskOnce) -> list[str]:
    prompt = password_prompt(endpoint)
    given = ask(prompt, True)
    if given is None:
        raise ssh_errors.nobody_to_ask(endpoint, prompt)
    try:
        return list(transport.auth_password(endpoint.user, given, fallback=False))
    except paramiko.AuthenticationException as error:
        raise ssh_errors.not_accepted(endpoint) from error
