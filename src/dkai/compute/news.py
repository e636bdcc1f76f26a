"""What happens while a plan is carried out or a job is followed, told to whoever shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class News:
    """One piece of news. `what` is a stable word for programs, `says` a sentence; amounts are bytes."""

    what: str  # connecting, sending, submitting, submitted, checking, state, log, lost, back, ended, fetching
    says: str = ""
    done: int | None = None
    total: int | None = None
    text: str = ""  # a piece of the job's log


Tell = Callable[[News], None]


def silent(_: News) -> None:
    """Tell nobody."""
