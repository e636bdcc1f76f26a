"""What a speech model may have made up, and where to listen again. Pure: segments in, segments with doubts out.

Whisper can write whole sentences where nobody speaks (Koenecke et al. 2024), repeat itself, and sign off like the
subtitles it was trained on. A segment with hardly any speech under it is left out; the others are only marked.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from listening import Passage

LEAST_SPEECH = 0.1  # share of a segment that must be speech, by the recipe's own ear
REPEATS = 3  # the same words so many times in a row
COMPRESSED = 2.4  # Whisper's own bound for text that repeats itself
NO_SPEECH = 0.6
# How subtitles end; Whisper was trained on them and puts such lines where it hears nothing.
CREDITS = re.compile(
    r"(under)?tekster af|tekstning|subtitles? by|subtitled by|amara\.org|tak fordi du så med|thanks for watching", re.I
)


@dataclass(frozen=True)
class Segment:
    """What the model gave: times in seconds, text, its mean log-probability and its other measures."""

    start: float
    end: float
    text: str
    probabilities: tuple[float, ...] = ()  # of the words
    no_speech: float = 0.0
    compression: float = 1.0


def confidence(segment: Segment) -> float | None:
    """The mean probability of the segment's words; None when the model gave none."""
    if not segment.probabilities:
        return None
    return round(sum(segment.probabilities) / len(segment.probabilities), 3)


def guarded(
    segments: Sequence[Segment], spoken: Sequence[tuple[float, float]], unsure: float, channel: int | None
) -> tuple[list[Passage], int]:
    """The segments as passages with their doubts, and how many were left out because nobody speaks there."""
    kept, left_out, previous, again = [], 0, "", 0
    for segment in segments:
        text = " ".join(segment.text.split())
        if not text:
            continue
        share = covered(segment.start, segment.end, spoken)
        if share < LEAST_SPEECH:
            left_out += 1
            continue
        plain = _plain(text)
        again = again + 1 if plain == previous else 1
        previous = plain
        sure = confidence(segment)
        doubts = []
        if sure is not None and sure < unsure:
            doubts.append("doubt-unsure")
        if again >= REPEATS or segment.compression > COMPRESSED or repeats_itself(text):
            doubts.append("doubt-repeats")
        if segment.no_speech > NO_SPEECH or share < 0.3:
            doubts.append("doubt-silence")
        if CREDITS.search(text):
            doubts.append("doubt-credits")
        kept.append(Passage(round(segment.start, 2), round(segment.end, 2), channel, text, sure, tuple(doubts)))
    return kept, left_out


def covered(start: float, end: float, spoken: Iterable[tuple[float, float]]) -> float:
    """The share of a stretch that lies within speech."""
    if end <= start:
        return 0.0
    inside = sum(max(0.0, min(end, b) - max(start, a)) for a, b in spoken)
    return min(1.0, inside / (end - start))


def repeats_itself(text: str) -> bool:
    """Whether a run of 1 to 6 words stands four times or more in a row."""
    words = _plain(text).split()
    for size in range(1, 7):
        for at in range(len(words) - 4 * size + 1):
            first = words[at : at + size]
            if all(words[at + n * size : at + (n + 1) * size] == first for n in range(1, 4)):
                return True
    return False


def merged(passages: Iterable[Passage], pause: float) -> list[Passage]:
    """Passages in order of time; neighbours of one speaker without a pause and without doubts made one."""
    joined: list[Passage] = []
    for passage in sorted(passages, key=lambda p: (p.start, p.channel or 0)):
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.channel == passage.channel
            and not last.doubts
            and not passage.doubts
            and passage.start - last.end < pause
            and passage.end - last.start < 20.0
        ):
            both = [c for c in (last.confidence, passage.confidence) if c is not None]
            joined[-1] = replace(
                last, end=passage.end, text=f"{last.text} {passage.text}", confidence=min(both) if both else None
            )
        else:
            joined.append(passage)
    return joined


def _plain(text: str) -> str:
    return re.sub(r"[^\w\s]", "", text.lower()).strip()
