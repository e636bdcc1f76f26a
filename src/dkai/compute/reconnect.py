"""Carrying much over a connection that breaks: it is opened again, and what is whole already stays."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from dkai.compute.link import Link
from dkai.compute.news import News, Tell
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

T = TypeVar("T")

WAITS_S = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)  # with nothing moved between two losses, this is all
WORTH_BYTES = 1 << 20  # less is as well sent by running the command again
# The way was lost, not refused: what the person must mend (a key, a log-in, a host key) is never tried again.
_LOST = (
    "connection-lost", "connection-closed", "connection-failed", "connection-refused", "connection-timeout",
    "host-not-found", "login-ended", "remote-timeout", "incomplete-transfer",
)  # fmt: skip


class Carrier:
    """Runs what carries bytes over `link`, again and again while that gets on.

    What fails before anything was done is not tried twice: a place that cannot be reached at all is said at once.
    """

    def __init__(self, link: Link, tell: Tell, sleep: Callable[[float], None] = time.sleep) -> None:
        self._link, self._tell, self._sleep = link, tell, sleep
        self._since = 0  # bytes since the connection was lost last
        self._losses = 0
        self._works = False  # something was done over it
        self.again = False  # something was lost before

    def moved(self, count: int) -> None:
        """So many bytes were carried."""
        self._since += count

    def run(self, action: Callable[[], T]) -> T:
        """What `action` gives. Raises its error when it is no loss of the connection, or nothing moves any more."""
        while True:
            try:
                found = action()
            except RemoteError as error:
                self._lost(error)
                continue
            self._works = True
            return found

    def _lost(self, error: RemoteError) -> None:
        if error.code not in _LOST or self._link.site.host == "local":
            raise error
        got_on, self._since = self._since >= WORTH_BYTES, 0
        if got_on:
            self._losses = 0
        elif not self._losses and not self._works:
            raise error
        if self._losses >= len(WAITS_S):
            raise error
        wait = WAITS_S[self._losses]
        self._losses += 1
        self.again = True
        self._link.drop()
        clock = time.strftime("%H:%M:%S")
        self._tell(News("lost", t("{why} ({clock}); going on in {n} s", why=error.message, clock=clock, n=round(wait))))
        self._sleep(wait)
