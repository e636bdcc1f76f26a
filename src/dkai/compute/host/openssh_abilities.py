"""What the ssh on this computer can do: the one place that knows versions and systems.

8.4 and 8.5 are as OpenSSH's release notes say (https://www.openssh.com/releasenotes.html); for RemoteCommand nothing
but a low bound is needed: where it is given too late, only a person who sets that keyword on an old ssh notices.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

from dkai.core.errors import UserError
from dkai.core.i18n import t


@dataclass(frozen=True, slots=True)
class Abilities:
    """One ssh program."""

    program: str
    version: tuple[int, int]  # (0, 0): it does not say
    shares: bool  # several commands over one connection (ControlMaster)

    @property
    def shows_keys(self) -> bool:
        """KnownHostsCommand, through which a host key is seen whole (8.5)."""
        return self.version >= (8, 5) and os.name == "posix"

    @property
    def names_asker(self) -> bool:
        """Questions of the other side begin with `(user@host) `, so none can pass for one of ssh's own (8.5)."""
        return self.version >= (8, 5)

    @property
    def has_remote_command(self) -> bool:
        """The keyword RemoteCommand (7.6)."""
        return self.version >= (7, 6)


def abilities() -> Abilities:
    """Of the ssh that is found first. Raises UserError `no-ssh`."""
    program = shutil.which("ssh")
    if program is None:
        raise UserError(
            t("this computer has no ssh program"),
            code="no-ssh",
            hint=t("install the OpenSSH client, or let the site be reached without it: transport: paramiko"),
        )
    return _look(program)


@cache
def _look(program: str) -> Abilities:
    try:
        done = subprocess.run(
            [program, "-V"], capture_output=True, timeout=20, check=False, stdin=subprocess.DEVNULL, text=True,
            errors="replace",
        )  # fmt: skip
        said = done.stderr + done.stdout
    except (OSError, subprocess.TimeoutExpired):
        said = ""
    return of_version(program, said, os.name)


def of_version(program: str, said: str, system: str) -> Abilities:
    """From what `ssh -V` says, on the system that Python calls `system`.

    On Windows connections cannot be shared (Win32-OpenSSH issues 405 and 1328).
    """
    found = re.search(r"OpenSSH_(?:for_Windows_)?(\d+)\.(\d+)", said)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    return Abilities(program, version, shares=system == "posix" and "for_Windows" not in said)
