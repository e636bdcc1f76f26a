"""Examples for training, for choosing when to stop, and for the final test: equal prompts always on one side."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from examples import Example
from words import CannotGoOn, Words

LEAST = 20  # examples; below this nothing can be said about new ones
HELD = 0.1  # the share for stopping, and the same again for the test


@dataclass(frozen=True)
class Parts:
    """The three parts. The test part is looked at once, at the end."""

    train: tuple[Example, ...]
    val: tuple[Example, ...]
    test: tuple[Example, ...]


def key(example: Example) -> str:
    """What makes two examples the same question: the prompt without case and spacing, or the answer without one."""
    return " ".join((example.prompt or example.response).lower().split())


def split(examples: Sequence[Example], seed: int, words: Words) -> Parts:
    """The examples in three parts by a hash, so that an example added moves no other. Raises CannotGoOn when few."""
    if len(examples) < LEAST:
        raise CannotGoOn(words("stop-few", n=len(examples), least=LEAST))
    groups: dict[str, list[Example]] = {}
    for example in examples:
        groups.setdefault(key(example), []).append(example)
    order = sorted(groups, key=lambda group: hashlib.sha256(f"{seed}\n{group}".encode()).digest())
    if len(order) < LEAST:
        raise CannotGoOn(words("stop-few-prompts", n=len(order), least=LEAST))
    held = max(3, round(HELD * len(order)))

    def of(some: Sequence[str]) -> tuple[Example, ...]:
        chosen = set(some)
        return tuple(example for example in examples if key(example) in chosen)

    return Parts(of(order[2 * held :]), of(order[held : 2 * held]), of(order[:held]))
