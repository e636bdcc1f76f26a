"""One site's host and scheduler together, connected when first needed and again after it was cut off."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from types import TracebackType

from dkai.compute.early import Early
from dkai.compute.host import CommandResult, Host, open_host
from dkai.compute.host.answers import ask_once
from dkai.compute.scheduler import Command, Scheduler, scheduler_for
from dkai.compute.site import Site
from dkai.core.errors import DkaiError, RemoteError

Ask = Callable[[str, bool], str | None]
Opener = Callable[[Site, Ask | None], Host]
ALIVE_S = 10.0  # a connection that is alive answers within this


class Link:
    """The way to one site; use it in a `with` statement. `opener` stands in for the real hosts in tests."""

    def __init__(self, site: Site, ask: Ask | None = None, opener: Opener = open_host) -> None:
        self.site = site
        self._ask, self._opener = ask_once(ask), opener
        self._host: Host | None = None
        self._early: Early | None = None
        self.scheduler: Scheduler = scheduler_for(site.scheduler, site.host == "local")

    @property
    def host(self) -> Host:
        """The host, connected. Raises RemoteError or UserError."""
        if self._host is None:
            early, self._early = self._early, None
            self._host = self._opener(self.site, self._ask) if early is None else self._await(early)
            self._ask.were_right()
        return self._host

    def _await(self, early: Early) -> Host:
        try:
            return early.host(self._ask)
        except RemoteError as error:
            if error.code not in ("connection-closed", "connection-lost", "login-ended"):
                raise
            # The other side ended it while we were busy with files: there was no answer to be given up on.
            return self._opener(self.site, self._ask)

    def open_early(self) -> None:
        """Begin to connect now: the host will be needed soon, whatever else is done before."""
        if self._host is None and self._early is None and self.site.host != "local":
            self._early = Early(self.site, self._opener)

    def run(self, command: Command) -> CommandResult:
        """Run a scheduler's command on the host."""
        return self.host.run(command.argv, stdin=command.stdin, timeout=command.timeout)

    def drop_if_dead(self) -> None:
        """Let go of a connection that does not answer. One that does is kept: another may want another code."""
        if self._host is None:
            return
        try:
            self._host.run(["true"], timeout=ALIVE_S)
        except RemoteError:
            self.drop()

    def drop(self) -> None:
        """Let go of the connection; the next use opens another."""
        early, self._early = self._early, None
        if early is not None:
            early.give_up()
        host, self._host = self._host, None
        if host is not None:
            host.close()

    def __enter__(self) -> Link:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop()


IDLE_S = 30.0  # a connection that nobody used for so long may be dead without anybody having noticed


class Links:
    """The ways to several sites, each opened once and kept for the next question; use it in a `with` statement."""

    def __init__(self, ask: Ask | None = None, opener: Opener = open_host) -> None:
        self._ask, self._opener = ask, opener
        self._links: dict[Site, tuple[Link, float]] = {}

    def to(self, site: Site) -> Link:
        """The way to `site`."""
        now = time.monotonic()
        link, used = self._links.get(site, (None, now))
        if link is None:
            link = Link(site, self._ask, self._opener)
        elif now - used > IDLE_S:
            link.drop_if_dead()
        self._links[site] = link, now
        return link

    def expect(self, name: str) -> None:
        """Begin to connect to the site called `name`, which will be needed; what is wrong with it is said later."""
        from dkai.compute.sites_file import get_site

        with contextlib.suppress(DkaiError):
            self.to(get_site(name)).open_early()

    def __enter__(self) -> Links:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for link, _ in self._links.values():
            link.drop()
