"""One site's host and scheduler together, connected when first needed and again after it was cut off."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from dkai.compute.host import CommandResult, Host, open_host
from dkai.compute.scheduler import Command, Scheduler, scheduler_for
from dkai.compute.site import Site

Ask = Callable[[str, bool], str | None]
Opener = Callable[[Site, Ask | None], Host]


class Link:
    """The way to one site; use it in a `with` statement. `opener` stands in for the real hosts in tests."""

    def __init__(self, site: Site, ask: Ask | None = None, opener: Opener = open_host) -> None:
        self.site = site
        self._ask, self._opener = ask, opener
        self._host: Host | None = None
        self.scheduler: Scheduler = scheduler_for(site.scheduler, site.host == "local")

    @property
    def host(self) -> Host:
        """The host, connected. Raises RemoteError or UserError."""
        if self._host is None:
            self._host = self._opener(self.site, self._ask)
        return self._host

    def run(self, command: Command) -> CommandResult:
        """Run a scheduler's command on the host."""
        return self.host.run(command.argv, stdin=command.stdin, timeout=command.timeout)

    def drop(self) -> None:
        """Let go of the connection; the next use opens another."""
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
            link.drop()
        self._links[site] = link, now
        return link

    def __enter__(self) -> Links:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for link, _ in self._links.values():
            link.drop()
