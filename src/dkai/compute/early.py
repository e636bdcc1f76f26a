"""A connection that is opened while other work is done: the network's waiting and ours happen at once.

It is opened in a thread. What only the person can give is asked by the thread that needs the connection, at the moment
when it needs it, so no prompt ever appears in the middle of something else.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

from dkai.compute.host import Host
from dkai.compute.site import Site

Ask = Callable[[str, bool], str | None]
Opener = Callable[[Site, Ask | None], Host]
SWITCH_S = 0.0005


@dataclass(frozen=True, slots=True)
class _Question:
    prompt: str
    secret: bool


class Early:
    """One connection on its way."""

    def __init__(self, site: Site, opener: Opener) -> None:
        self._heard: queue.SimpleQueue[_Question | Host | BaseException] = queue.SimpleQueue()
        self._said: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._given_up = False
        self._is_taken = False
        self._taker: Ask | None = None
        self.thread = threading.Thread(target=self._open, args=(site, opener), daemon=True)
        self.thread.start()

    def _open(self, site: Site, opener: Opener) -> None:
        before = sys.getswitchinterval()
        try:
            # A log-in is a dozen short answers; each would wait 5 ms for the thread that is busy loading modules.
            sys.setswitchinterval(SWITCH_S)
            host = opener(site, self._ask)
        except BaseException as error:  # carried to the thread that needs the connection
            self._heard.put(error)
            return
        finally:
            sys.setswitchinterval(before)
        if self._given_up:
            host.close()
        self._heard.put(host)

    def _ask(self, prompt: str, secret: bool) -> str | None:
        if self._given_up:
            return None
        if self._is_taken:
            # A host that asks when it first needs an answer, long after it was opened: nobody listens here any more.
            return self._taker(prompt, secret) if self._taker else None
        self._heard.put(_Question(prompt, secret))
        return self._said.get()

    def host(self, ask: Ask | None) -> Host:
        """The host, connected. Raises what opening it raised."""
        while True:
            heard = self._heard.get()
            if isinstance(heard, _Question):
                try:
                    answer = ask(heard.prompt, heard.secret) if ask else None
                except BaseException:
                    self._said.put(None)
                    raise
                self._said.put(answer)
            elif isinstance(heard, BaseException):
                raise heard
            else:
                self._is_taken, self._taker = True, ask
                return heard

    def give_up(self) -> None:
        """Nobody needs it any more: it is closed as soon as it is open, and asks nothing."""
        self._given_up = True
        self._said.put(None)
        while not self._heard.empty():
            heard = self._heard.get()
            if not isinstance(heard, (_Question, BaseException)):
                heard.close()
