"""Real hosts that fail where a test wants it: before or after what they were asked to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dkai.compute.host import open_host
from dkai.core.errors import RemoteError

LOST = RemoteError("the connection was lost", code="connection-lost")


class Faulty:
    """An opener for Link. `before` and `after` map a step (`send`, `submit`, `status`) to what is raised then, once.

    Files and submission travel as one stream: after `send` is the moment when all files are under way, before `submit`
    the one when the ledger says so and the stream's last piece has not been sent.
    """

    def __init__(
        self, before: dict[str, BaseException] | None = None, after: dict[str, BaseException] | None = None,
        opener: Callable[..., Any] = open_host,
    ) -> None:  # fmt: skip
        self.before, self.after, self.opener = before or {}, after or {}, opener
        self.opened = 0
        self.steps: list[str] = []

    def __call__(self, site: Any, ask: Any = None) -> Any:
        self.opened += 1
        return _Host(self.opener(site, ask), self)

    def enter(self, step: str) -> None:
        """The step begins."""
        self.steps.append(step)
        if step in self.before:
            raise self.before.pop(step)

    def leave(self, step: str) -> None:
        """The step was done."""
        if step in self.after:
            raise self.after.pop(step)


class _Host:
    def __init__(self, real: Any, faults: Faulty) -> None:
        self._real, self._faults = real, faults
        self.name, self.is_local = real.name, real.is_local

    def run(self, argv: Any, **more: Any) -> Any:
        step = "release" if "scontrol release" in " ".join(argv) else "status"
        self._faults.enter(step)
        answer = self._real.run(argv, **more)
        self._faults.leave(step)
        return answer

    def send_and_run(self, *words: Any, commit: Callable[[], object], **more: Any) -> Any:
        def committed() -> None:
            self._faults.leave("send")
            commit()
            self._faults.enter("submit")

        self._faults.enter("send")
        answer = self._real.send_and_run(*words, commit=committed, **more)
        self._faults.leave("submit")
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
