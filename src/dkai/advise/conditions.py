"""Comparisons over answers or facts, judged yes, no or maybe.

A condition is written in YAML as nested mappings and holds no expression and no template:

    {people: [ordinary, sensitive]}          one of these answers was given
    {all: [..., ...]}  {any: [..., ...]}     every / at least one part holds
    {not: {...}}                             the part does not hold
    {said: {own_level: [sensitive]}}         only when the person said so; “I don't know” counts as no

“I don't know” is an answer: a comparison with it is neither true nor false (unless `unknown` is in its list), and it
stays maybe whatever else is asked. A question that was not asked yet leaves it open. The two are kept apart, since
only the second is a reason to ask. (The logic is Kleene's strong three-valued one.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

UNKNOWN = "unknown"


class Truth(Enum):
    """Whether a condition holds."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a condition came out, and what it hangs on."""

    truth: Truth
    open: frozenset[str] = frozenset()  # not answered yet, and could still decide it
    unsure: frozenset[str] = frozenset()  # answered “I don't know”, which keeps it undecided
    because: frozenset[str] = frozenset()  # answered, and decided it


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known under one name.

    `values` None: nothing is. With `several`, all of `values` hold at once; otherwise exactly one of them does, and
    more than one means that it is not decided which.
    """

    values: frozenset[str] | None
    several: bool = False
    open: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    because: frozenset[str] = frozenset()


Lookup = Callable[[str], Seen]


@dataclass(frozen=True, slots=True)
class Compare:
    """The value under `name` is one of `values`."""

    name: str
    values: frozenset[str]
    said: bool = False

    def judge(self, look: Lookup) -> Verdict:
        """The verdict over what `look` knows."""
        seen = look(self.name)
        if seen.values is None:
            if seen.unsure and not seen.open:
                return self._dont_know(seen)
            return Verdict(Truth.MAYBE, seen.open, seen.unsure, seen.because)
        if seen.several:
            hit = bool(seen.values & self.values)
        elif seen.values <= self.values:
            hit = True
        elif seen.values & self.values:
            if self.said and not seen.open:
                return Verdict(Truth.NO, because=seen.because | seen.unsure)
            return Verdict(Truth.MAYBE, seen.open, seen.unsure, seen.because)
        else:
            hit = False
        return Verdict(Truth.YES if hit else Truth.NO, because=seen.because | seen.unsure)

    def _dont_know(self, seen: Seen) -> Verdict:
        if UNKNOWN in self.values:
            return Verdict(Truth.YES, because=seen.unsure | seen.because)
        if self.said:
            return Verdict(Truth.NO, because=seen.unsure | seen.because)
        return Verdict(Truth.MAYBE, unsure=seen.unsure, because=seen.because)


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; with no parts, always."""

    parts: tuple[Condition, ...] = ()

    def judge(self, look: Lookup) -> Verdict:
        """The verdict over what `look` knows."""
        return _join([part.judge(look) for part in self.parts], decisive=Truth.NO, otherwise=Truth.YES)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; with no parts, never."""

    parts: tuple[Condition, ...] = ()

    def judge(self, look: Lookup) -> Verdict:
        """The verdict over what `look` knows."""
        return _join([part.judge(look) for part in self.parts], decisive=Truth.YES, otherwise=Truth.NO)


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition

    def judge(self, look: Lookup) -> Verdict:
        """The verdict over what `look` knows."""
        inner = self.part.judge(look)
        truth = {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.MAYBE: Truth.MAYBE}[inner.truth]
        return Verdict(truth, inner.open, inner.unsure, inner.because)


Condition = Compare | All | AnyOf | Not
ALWAYS = All()


def _join(verdicts: list[Verdict], *, decisive: Truth, otherwise: Truth) -> Verdict:
    """One part with the `decisive` truth settles it; all parts with the other truth settle it the other way."""
    settling = [v for v in verdicts if v.truth is decisive]
    if settling:
        # The part that hangs on the fewest answers is the plainest explanation.
        return Verdict(decisive, because=min((v.because for v in settling), key=lambda b: (len(b), sorted(b))))
    because = frozenset[str]().union(*(v.because for v in verdicts))
    undecided = [v for v in verdicts if v.truth is Truth.MAYBE]
    if not undecided:
        return Verdict(otherwise, because=because)
    return Verdict(
        Truth.MAYBE,
        frozenset[str]().union(*(v.open for v in undecided)),
        frozenset[str]().union(*(v.unsure for v in undecided)),
        because,
    )


def names_in(condition: Condition) -> frozenset[str]:
    """Every name the condition compares."""
    return frozenset(part.name for part in comparisons(condition))


def comparisons(condition: Condition) -> Iterator[Compare]:
    """Every comparison in the condition, in the order in which it was written."""
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, Not):
        yield from comparisons(condition.part)
    else:
        for part in condition.parts:
            yield from comparisons(part)
