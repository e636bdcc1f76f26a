"""Cuts texts into passages of about the same length, at paragraphs and sentences, each knowing where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass

from documents import Piece
from language import sentences

_ENDS = ".!?:;,»”\"'\u2019)"


@dataclass(frozen=True)
class Passage:
    """Some sentences that stand together: `piece` says where, `part` which stretch of it (from 1)."""

    piece: Piece
    part: int
    text: str


def passages(pieces: Sequence[Piece], words_each: int) -> list[Passage]:
    """Passages of about `words_each` words. A sentence is never cut; one that is longer alone makes a passage."""
    found: list[Passage] = []
    for piece in pieces:
        held: list[str] = []
        count = part = 0
        for sentence in sentences(piece.text):
            n = len(sentence.split())
            if held and count + n > words_each * 1.25:
                part += 1
                found.append(Passage(piece, part, _joined(held)))
                held, count = [], 0
            held.append(sentence)
            count += n
        if not held:
            continue
        if part and count < words_each / 4:  # a short rest joins the passage before it
            last = found.pop()
            found.append(Passage(piece, part, _joined([last.text, *held])))
        else:
            found.append(Passage(piece, part + 1, _joined(held)))
    return found


def _joined(parts: Sequence[str]) -> str:
    """Sentences as running text; a heading, which has no mark at its end, keeps a line of its own."""
    text = parts[0]
    for sentence in parts[1:]:
        text += (" " if text[-1] in _ENDS else "\n\n") + sentence
    return text
