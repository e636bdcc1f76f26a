"""What the logs of ssh tell: which computer on the way it stands at, its host key, and which error that is.

Pure: texts in, values and errors out. The words are those of OpenSSH's own sources (sshconnect.c, sshconnect2.c,
packet.c, misc.c), which are never translated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dkai.compute.host import host_keys, ssh_errors
from dkai.compute.host.host_keys import Shown
from dkai.compute.host.ssh_config import Endpoint, bad_config
from dkai.core.clean import one_line
from dkai.core.errors import DkaiError

_DEBUG = re.compile(r"debug\d: ")
_HOST_KEY = re.compile(r"^debug1: Server host (?:key|certificate): (\S+) (SHA256:\S+?),?(?: |$)", re.MULTILINE)
_IN = re.compile(r"^(?:debug1: )?(?:Authenticated to |Authentication succeeded)", re.MULTILINE)
_LEFT = re.compile(r"Permission denied \(([^)]*)\)")


def stands_at(logs: Sequence[str]) -> int:
    """The first computer that is not logged in to yet; the last when all are."""
    return next((place for place, log in enumerate(logs) if not _IN.search(log)), len(logs) - 1)


def host_key(log: str) -> Shown:
    """The last host key that was shown."""
    found = _HOST_KEY.findall(log)
    return Shown(*found[-1]) if found else Shown("?", "?")


def plain_words(log: str) -> str:
    """What ssh says besides its debugging, in its order."""
    return "\n".join(line for line in log.splitlines() if line.strip() and not _DEBUG.match(line))


def failure(endpoints: Sequence[Endpoint], logs: Sequence[str], said: str = "") -> DkaiError:
    """Why ssh ended without having logged in. `said`: what it wrote elsewhere than into its logs."""
    place = stands_at(logs)
    before = plain_words(logs[place - 1]) if place else ""
    return _failure(endpoints[place], logs[place], plain_words(logs[place]) or said, before)


def _failure(endpoint: Endpoint, log: str, words: str, before: str) -> DkaiError:  # noqa: PLR0911 - a table
    if "REVOKED HOST KEY" in words:
        return host_keys.revoked(endpoint, host_key(log))
    if "REMOTE HOST IDENTIFICATION HAS CHANGED" in words or "keys of different type are already known" in words:
        return host_keys.changed(endpoint, host_key(log))
    if "Host key verification failed" in words or "host key is known for" in words:
        return host_keys.unknown(endpoint, host_key(log))
    if "Could not resolve hostname" in words:
        return ssh_errors.host_not_found(endpoint)
    if re.search(r"Bad configuration|bad configuration option|Bad owner or permissions|command-line: line", words):
        return bad_config(words.splitlines()[0])
    if left := _LEFT.search(words):
        return ssh_errors.keys_refused(endpoint, left[1].split(","))
    why = one_line(" ".join(_reasons(words)))
    if "open failed" in before or "forwarding failed" in before:
        return ssh_errors.connection_failed(endpoint, one_line(" ".join(_reasons(before))))
    if "Connection refused" in words:
        return ssh_errors.connection_refused(endpoint)
    if "timed out" in words:
        return ssh_errors.connection_timeout(endpoint)
    if "SSH2_MSG_SERVICE_ACCEPT" in log:
        return ssh_errors.login_ended(endpoint, why)
    if "Connection established" in log or "proxy command" in log or "identity file" in log:
        closed = re.search(r"closed|reset|kex_exchange|banner|Unable to negotiate|Broken pipe|invalid format", words)
        return ssh_errors.connection_closed(endpoint, why) if closed else ssh_errors.connection_failed(endpoint, why)
    return ssh_errors.connection_failed(endpoint, why)


def _reasons(words: str) -> list[str]:
    lines = [line for line in words.splitlines() if "UNKNOWN port" not in line]
    return lines[-2:] or words.splitlines()[-1:]
