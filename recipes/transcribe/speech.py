"""Where somebody speaks, from levels alone: a floor that follows the room, two thresholds, and the pauses closed.

Energy-based detection with hysteresis is the oldest kind there is (Rabiner & Sambur 1975). It knows no words and no
language, so it hears a cough or a door as speech; that is told, and the minutes of speech are given as a range.
"""

from dataclasses import dataclass

import numpy as np

from frames import FRAME_S

FLOOR_WINDOW_S = 30.0  # the room's own noise is looked for over so long
FLOOR_SHARE = 10  # per cent of the frames lie below it
LOUDEST_SHARE = 95
LEAST_RANGE_DB = 9.0  # a channel that varies less has no speech that stands out
ON_SHARE, OFF_SHARE = 0.45, 0.3  # of the way from floor to loud: where speech begins, and where it ends
LEAST_DB = 6.0
SHORTEST_S = 0.15  # clicks are shorter
GAP_S = 0.3  # a stop or a breath inside a word is shorter
CROSSTALK_DB = 6.0  # the neighbour's voice comes so much weaker, at least, through one's own microphone
SAME_SOUND = 0.95
SHIFT_DB = 3.0


@dataclass(frozen=True)
class Turn:
    """One person speaking without a long pause, in seconds. `channel` is None where all channels are one sound."""

    start: float
    end: float
    channel: int | None = None


def floor_of(level: np.ndarray) -> np.ndarray:
    """The noise floor at every frame in dB: a low percentile around it, so that a fan that starts is followed."""
    size = max(1, round(FLOOR_WINDOW_S / FRAME_S))
    step = max(1, size // 4)
    centres = np.arange(0, len(level), step)
    lows = [np.percentile(level[max(0, at - size // 2) : at + size // 2 + 1], FLOOR_SHARE) for at in centres]
    return np.interp(np.arange(len(level)), centres, lows)


def active(level: np.ndarray, shift: float = 0.0) -> np.ndarray:
    """Whether somebody speaks in each frame. `shift` moves both thresholds by so many dB."""
    smooth = np.convolve(np.pad(level, 1, mode="edge"), np.ones(3) / 3, mode="valid")
    floor = floor_of(smooth)
    loud = np.percentile(smooth, LOUDEST_SHARE)
    room = loud - floor
    if np.median(room) < LEAST_RANGE_DB:
        return np.zeros(len(level), bool)
    high = floor + np.maximum(LEAST_DB, ON_SHARE * room) + shift
    low = floor + np.maximum(LEAST_DB * 0.75, OFF_SHARE * room) + shift
    over, above = smooth > low, smooth > high
    # Hysteresis: a stretch over the lower threshold counts when it reaches the higher one somewhere.
    edges = np.flatnonzero(np.diff(np.concatenate([[0], over.astype(int), [0]])))
    said = np.zeros(len(level), bool)
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if above[start:end].any():
            said[start:end] = True
    return said


def stretches(said: np.ndarray, gap_s: float, shortest_s: float = SHORTEST_S) -> list[tuple[float, float]]:
    """Frames as stretches of seconds: gaps up to `gap_s` closed, then what is shorter than `shortest_s` left out."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], said.astype(int), [0]]))) * FRAME_S
    joined: list[list[float]] = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if joined and start - joined[-1][1] <= gap_s:
            joined[-1][1] = float(end)
        else:
            joined.append([float(start), float(end)])
    return [(start, end) for start, end in joined if end - start >= shortest_s]


def separate(level: np.ndarray, likeness: float) -> bool:
    """Whether a two-channel recording has one speaker on each: both are live and they do not carry the same sound."""
    if level.shape[1] != 2 or abs(likeness) >= SAME_SOUND:
        return False
    spoken = [active(level[:, channel]) for channel in range(2)]
    if not all(said.any() for said in spoken):
        return False
    # With one microphone a person, each is clearly the louder one in a good part of the time.
    lead = level[:, 0] - level[:, 1]
    first, second = spoken[0] & (lead > CROSSTALK_DB), spoken[1] & (lead < -CROSSTALK_DB)
    busy = (spoken[0] | spoken[1]).sum()
    return bool(first.sum() + second.sum() > 0.5 * busy and min(first.sum(), second.sum()) > 0.03 * busy)


def spoken_frames(level: np.ndarray, apart: bool, shift: float = 0.0) -> np.ndarray:
    """Whether somebody speaks, by frame and by channel (one column where the channels are one sound)."""
    if not apart:
        return active(level.max(axis=1), shift)[:, None]
    said = np.stack([active(level[:, channel], shift) for channel in range(level.shape[1])], axis=1)
    louder = level - level[:, ::-1]
    return said & (louder > -CROSSTALK_DB)


def turns(said: np.ndarray, apart: bool, pause_s: float) -> list[Turn]:
    """The turns of all channels in order of their beginning."""
    found = []
    for channel in range(said.shape[1]):
        whole = stretches(said[:, channel], GAP_S)
        frames = np.zeros(len(said), bool)
        for start, end in whole:
            frames[round(start / FRAME_S) : round(end / FRAME_S)] = True
        found += [Turn(start, end, channel if apart else None) for start, end in stretches(frames, pause_s)]
    return sorted(found, key=lambda turn: (turn.start, turn.channel or 0))


def seconds_of(said: np.ndarray) -> float:
    """Seconds in which anybody speaks, short gaps closed."""
    return sum(end - start for start, end in stretches(said.any(axis=1), GAP_S))
