"""How often one place is asked where jobs stand, by all dkai processes of this person together.

Every squeue and sacct costs the one controller that all users share; squeue(1) asks programs not to run it in loops and
to keep to the minimum (https://slurm.schedmd.com/squeue.html#SECTION_PERFORMANCE). A place may name an interval of its
own (catalogue: `policy.poll`); elsewhere dkai asks at most `MOST` times in `WINDOW_S`, however many scripts call it.

No lock: whoever wants to ask adds a line to a small file and reads the file. Everybody replays the same lines in the
same order and so agrees on whose turn it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dkai.compute.follow import Pause
from dkai.compute.link import Link
from dkai.compute.site import Site
from dkai.core.errors import DkaiError
from dkai.core.files import private_folder, write_private
from dkai.core.i18n import t
from dkai.core.paths import cache_dir

if TYPE_CHECKING:
    from dkai.compute.policy import Policy

MOST: Final = 12
WINDOW_S: Final = 60.0
_KEEP_BYTES: Final = 8_000  # a file that grew beyond this is begun anew with what still counts


@dataclass(frozen=True, slots=True)
class Pacing:
    """At most `most` questions in any `window_s` seconds."""

    most: int = MOST
    window_s: float = WINDOW_S


def pacing_of(site: Site, poll_s: float | None) -> Pacing | None:
    """The place's own interval; else dkai's, where a scheduler is asked; None where nobody else is disturbed."""
    if poll_s is not None:
        return Pacing(1, poll_s)
    return Pacing() if site.has_queue else None


def too_soon(site: Site) -> str:
    """Why the place is not asked where jobs stand just now; empty when it may be asked, which is then counted."""
    wait = _take(site)
    if not wait:
        return ""
    return t("{site} was asked a moment ago and is not asked again for {n} s: this is what it said then",
             site=site.id, n=math.ceil(wait))  # fmt: skip


def pause_of(link: Link) -> Pause:
    """The pauses of watching one job there: by the place's rules, and in turn with everything else that asks it."""
    from dkai.compute.policy import policy_of

    policy = policy_of(link.site)
    pacing = pacing_of(link.site, policy.poll_s)
    return Pause(link) if pacing is None else _InTurn(link, policy, pacing)


class _InTurn(Pause):
    """A pause that ends when the place may be asked; that is then counted."""

    def __init__(self, link: Link, policy: Policy, pacing: Pacing) -> None:
        super().__init__(link, policy.shortest_s, policy.longest_s)
        self._site, self._pacing = link.site, pacing

    def next(self) -> float:
        now, pause = time.time(), super().next()
        while wait := take_turn(self._site, self._pacing, now + pause):
            pause += wait
        return pause


def _take(site: Site) -> float:
    from dkai.compute.policy import policy_of

    pacing = pacing_of(site, policy_of(site).poll_s)
    return take_turn(site, pacing, time.time()) if pacing is not None else 0.0


def take_turn(site: Site, pacing: Pacing, now: float) -> float:
    """0 when the place may be asked now (that is then counted), else the seconds until it may.

    Where the cache cannot be written nothing is counted: a full disk keeps nobody from seeing his jobs.
    """
    mine = f"{now:.3f} {secrets.token_hex(6)}"
    file = _file(site)
    try:
        private_folder(file.parent)
        lines = _add(file, mine)
    except (OSError, DkaiError):
        return 0.0
    granted = _granted(lines, pacing, now)
    if sum(map(len, lines)) > _KEEP_BYTES:
        _shorten(file, granted)
    if mine in granted:
        return 0.0
    moments = [_moment(line) for line in granted][-pacing.most :]
    return max(0.1, moments[0] + pacing.window_s - now)


def _add(file: Path, line: str) -> list[str]:
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as stream:
        stream.write(f"{line}\n".encode("ascii"))
        stream.flush()
        stream.seek(0)
        return stream.read().decode("ascii", "replace").splitlines()


def _shorten(file: Path, lines: Sequence[str]) -> None:
    with contextlib.suppress(DkaiError):
        write_private(file, "".join(f"{line}\n" for line in lines))


def _granted(lines: Sequence[str], pacing: Pacing, now: float) -> list[str]:
    """The lines whose turn it was, in order. What is from the future (a clock was set back) is dropped."""
    granted: list[str] = []
    moments: list[float] = []
    for line in lines:
        moment = _moment(line)
        if not now - 10 * pacing.window_s <= moment <= now + 1:
            continue
        recent = [one for one in moments if abs(moment - one) < pacing.window_s]
        if len(recent) < pacing.most:
            granted.append(line)
            moments.append(moment)
    return granted


def _moment(line: str) -> float:
    word = line.partition(" ")[0]
    return float(word) if word.replace(".", "", 1).isdecimal() else -1.0


def _file(site: Site) -> Path:
    """One a login host: two names for the same place are one place. It holds what a file name may not."""
    key = f"{site.host} {site.address} {site.port}"
    return cache_dir() / "pace" / hashlib.sha256(key.encode()).hexdigest()[:16]
