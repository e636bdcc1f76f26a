"""Real hosts that fail where a test wants it: before or after what they were asked to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dkai.compute.host import open_host
from dkai.core.errors import RemoteError

LOST = RemoteError("the connection was lost", code="connection-lost")


class Faulty:
    """An opener for Link. `before` and `after` map a step (`send`, `submit`, `status`) to what is raised then, once."""

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

    def do(self, step: str, action: Callable[[], Any]) -> Any:
        self.steps.append(step)
        if step in self.before:
            raise self.before.pop(step)
        answer = action()
        if step in self.after:
            raise self.after.pop(step)
        return answer


class _Host:
    def __init__(self, real: Any, faults: Faulty) -> None:
        self._real, self._faults = real, faults
        self.name, self.is_local = real.name, real.is_local

    def run(self, argv: Any, **more: Any) -> Any:
        words = " ".join(argv)
        step = "submit" if "ask sbatch submit" in words or "runner.py start" in words else "status"
        return self._faults.do(step, lambda: self._real.run(argv, **more))

    def send(self, *words: Any) -> Any:
        return self._faults.do("send", lambda: self._real.send(*words))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
