"""A connection that opens while other work is done: its questions come when it is needed, and its errors too."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from dkai.compute.early import Early
from dkai.compute.link import Link, Links
from dkai.compute.site import Site
from dkai.core.errors import RemoteError

SITE = Site("c", host="ssh", scheduler="slurm", address="c.invalid")


@dataclass
class Place:
    """Opens slowly, and asks for a code first where `codes` are wanted."""

    codes: int = 0
    error: RemoteError | None = None
    opened: int = 0
    closed: int = 0
    heard: list[str | None] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)

    def __call__(self, site: Any, ask: Any) -> Any:
        self.opened += 1
        for _ in range(self.codes):
            self.heard.append(ask("code:", True))
        self.go.wait(5)
        error, self.error = self.error, None
        if error is not None:
            raise error
        return self

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def place() -> Iterator[Place]:
    found = Place()
    yield found
    found.go.set()


def test_it_is_opened_once_and_closed(place: Place) -> None:
    with Link(SITE, None, place) as link:
        link.open_early()
        link.open_early()
        place.go.set()
        assert link.host is place and link.host is place
    assert (place.opened, place.closed) == (1, 1)


def test_a_code_is_asked_by_who_needs_it_and_when(place: Place) -> None:
    asked: list[str] = []

    def ask(prompt: str, secret: bool) -> str:
        asked.append(threading.current_thread().name)
        return "123456"

    place.codes = 1
    place.go.set()
    with Link(SITE, ask, place) as link:
        link.open_early()
        assert asked == []
        _ = link.host
    assert asked == [threading.current_thread().name] and place.heard == ["123456"]


def test_an_error_is_raised_where_it_matters(place: Place) -> None:
    place.error = RemoteError("no key", code="ssh-key-refused")
    place.go.set()
    with Link(SITE, None, place) as link:
        link.open_early()
        with pytest.raises(RemoteError, match="no key"):
            _ = link.host
        assert link.host is place  # a next try is a new one


def test_what_the_other_side_ended_meanwhile_is_opened_anew(place: Place) -> None:
    place.error = RemoteError("too slow", code="login-ended")
    place.go.set()
    with Link(SITE, None, place) as link:
        link.open_early()
        assert link.host is place
    assert place.opened == 2


def test_one_that_nobody_needed_is_closed_and_asks_nothing(place: Place) -> None:
    place.codes = 1
    early = Early(SITE, place)
    early.give_up()
    place.go.set()
    early.thread.join(5)
    assert place.heard == [None] and place.closed == 1
    assert not early.thread.is_alive()


def test_an_unknown_site_is_no_error_yet(place: Place) -> None:
    with Links(None, place) as links:
        links.expect("nosuch")
    assert place.opened == 0


def test_ctrl_c_at_the_prompt_ends_it(place: Place) -> None:
    def ask(prompt: str, secret: bool) -> str:
        raise KeyboardInterrupt

    place.codes = 1
    with Link(SITE, ask, place) as link:
        link.open_early()
        with pytest.raises(KeyboardInterrupt):
            _ = link.host


@pytest.mark.parametrize("answer", ["secret", None])
def test_a_host_that_asks_after_it_was_opened_asks_who_took_it(answer: str | None) -> None:
    asked: list[Any] = []
    early = Early(Site("x"), lambda _, ask: asked.append(ask) or object())  # type: ignore[arg-type,return-value]
    early.host((lambda prompt, secret: answer) if answer else None)
    found: list[Any] = []
    late = threading.Thread(target=lambda: found.append(asked[0]("token:", True)), daemon=True)
    late.start()
    late.join(5)
    assert found == [answer]
