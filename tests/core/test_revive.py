from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from dkai.core.levels import Level
from dkai.core.plain import to_plain
from dkai.core.revive import revive
from dkai.core.unknown import Unknown


@dataclass(frozen=True)
class Inner:
    number: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outer:
    level: Level
    kind: Literal["a", "b"]
    inner: Inner | None = None
    maybe: float | Unknown = 0.0
    pair: tuple[int, str] = (1, "x")
    table: dict[str, Inner] = field(default_factory=dict)
    free: Any = None
    at: datetime | None = None


def test_there_and_back() -> None:
    value = Outer(
        Level.INTERNAL,
        "b",
        Inner(float("inf"), ("æ",)),
        Unknown("nobody said"),
        (2, "y"),
        {"k": Inner(1.5)},
        {"x": [1]},
        datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    )
    assert revive(Outer, to_plain(value)) == value
    assert revive(Outer, {"level": "public", "kind": "a", "later": 1}) == Outer(Level.PUBLIC, "a")


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"level": "secret", "kind": "a"},
        {"level": "public", "kind": "c"},
        {"level": "public", "kind": "a", "inner": {"number": "x"}},
        {"level": "public", "kind": "a", "inner": {"number": True}},
        {"level": "public", "kind": "a", "pair": [1]},
        [],
        None,
    ],
)
def test_what_does_not_fit(plain: Any) -> None:
    with pytest.raises((TypeError, ValueError, KeyError, AttributeError)):
        revive(Outer, plain)
