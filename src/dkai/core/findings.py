"""What a look into files found: made by data, required by compute. Values only; a found number is never kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where something was seen, without what was seen."""

    file: str
    line: int  # counted from 1
    column: str | None  # a table's column by its name
    masked: str  # `••••••-••••`
    why: str  # what speaks for it: `label`, `form`, `check-digit`, `column`


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be looked into: what is in it is not known."""

    file: str
    why: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What was looked into, and what was seen there.

    `cpr_count` counts places that very likely hold a CPR number; `possible_count` places that have a valid form and
    nothing else to speak for them (a serial number may look so). Nothing found does not mean that nothing is there:
    only CPR numbers are looked for.
    """

    files: int = 0
    size: int = 0  # bytes
    unreadable: tuple[Unreadable, ...] = ()
    cpr_count: int = 0
    possible_count: int = 0
    evidence: tuple[Evidence, ...] = ()  # the first few


NOTHING = Findings()  # no file, no text: nothing of the person's own is sent
