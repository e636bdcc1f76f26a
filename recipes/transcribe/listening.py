"""One recording listened to: its turns, how much is speech, and what will make it hard to transcribe."""

import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import speech
from frames import Frames, measure
from sound import Sound, open_sound
from words import Words

CLIPPED_SHARE = 0.0005  # of the samples in speech
LOW_DB = -45.0
NEAR_NOISE_DB = 12.0
HUM_DB = 20.0
TELEPHONE_HZ = 16_000
LITTLE_SPEECH = 0.1


@dataclass(frozen=True)
class Passage:
    """A stretch of the recording with what is said in it; `text` is empty where nothing was transcribed."""

    start: float
    end: float
    channel: int | None = None
    text: str = ""
    confidence: float | None = None
    doubts: tuple[str, ...] = ()  # keys in the texts: why to listen here


@dataclass(frozen=True)
class Recording:
    """What is known of one recording."""

    file: str
    seconds: float
    rate: int
    channels: int
    bits: int
    separate: bool
    speech_s: float
    speech_low_s: float
    speech_high_s: float
    level_db: float | None
    noise_db: float | None
    warnings: tuple[tuple[str, dict[str, float]], ...]  # (key in the texts, its values)
    passages: tuple[Passage, ...]
    words: tuple[dict[str, Any], ...] = ()  # each word with its time and probability, from the model
    language: str | None = None
    language_share: float | None = None
    left_out: int = 0
    more: dict[str, Any] = field(default_factory=dict)


def listen(path: Path, shown: str, params: dict[str, Any], words: Words) -> Recording:
    """Listen to one recording. Raises Unreadable."""
    with tempfile.TemporaryDirectory(prefix="dkai-") as scratch:
        sound = open_sound(path, Path(scratch), words)
        frames = measure(sound)
    apart = params["channels"] == "separate" and frames.level.shape[1] == 2
    if params["channels"] == "auto":
        apart = speech.separate(frames.level, frames.likeness)
    said = speech.spoken_frames(frames.level, apart)
    # The two ends of what the thresholds could reasonably be.
    low, high = sorted(
        speech.seconds_of(speech.spoken_frames(frames.level, apart, shift))
        for shift in (speech.SHIFT_DB, -speech.SHIFT_DB)
    )
    spoken = speech.seconds_of(said)
    level, noise = _levels(frames.level, said, apart)
    return Recording(
        file=shown,
        seconds=round(sound.seconds, 2),
        rate=sound.rate,
        channels=sound.channels,
        bits=sound.bits,
        separate=apart,
        speech_s=round(spoken, 2),
        speech_low_s=round(min(low, spoken), 2),
        speech_high_s=round(max(high, spoken), 2),
        level_db=level,
        noise_db=noise,
        warnings=tuple(_warnings(sound, frames, said, apart, spoken, level, noise)),
        passages=tuple(
            Passage(round(turn.start, 2), round(turn.end, 2), turn.channel)
            for turn in speech.turns(said, apart, params["pause"])
        ),
    )


def _levels(level: np.ndarray, said: np.ndarray, apart: bool) -> tuple[float | None, float | None]:
    """The middle level of speech and of the rest in dB below full scale; None where there is none."""
    used = level if apart else level.max(axis=1)[:, None]
    spoken, rest = used[said], used[~said.any(axis=1)].max(axis=1) if (~said.any(axis=1)).any() else np.array([])
    return (
        round(float(np.median(spoken)), 1) if spoken.size else None,
        round(float(np.median(rest)), 1) if rest.size else None,
    )


def _warnings(
    sound: Sound, frames: Frames, said: np.ndarray, apart: bool, spoken: float,
    level: float | None, noise: float | None,
) -> list[tuple[str, dict[str, float]]]:  # fmt: skip
    found: list[tuple[str, dict[str, float]]] = []
    if not said.any():
        return [("warn-no-speech", {})]
    samples = said.any(axis=1).sum() * sound.rate * 0.02 * sound.channels
    clipped = frames.clipped[said.any(axis=1)].sum() / max(samples, 1)
    if clipped > CLIPPED_SHARE:
        found.append(("warn-clipped", {"share": float(clipped)}))
    if level is not None and level < LOW_DB:
        found.append(("warn-low", {"level": level}))
    if level is not None and noise is not None and level - noise < NEAR_NOISE_DB:
        found.append(("warn-noise", {"db": level - noise}))
    if frames.hum.max() > HUM_DB:
        found.append(("warn-hum", {"db": float(frames.hum.max())}))
    if sound.rate < TELEPHONE_HZ:
        found.append(("warn-telephone", {"rate": sound.rate}))
    if spoken < LITTLE_SPEECH * sound.seconds:
        found.append(("warn-little", {"share": spoken / sound.seconds}))
    dead = [channel for channel in range(sound.channels) if frames.peak[:, channel].max() < 0.001]
    if dead and sound.channels > 1:
        found.append(("warn-dead", {"channel": dead[0] + 1}))
    if apart and (said.sum(axis=1) > 1).mean() > 0.1 * said.any(axis=1).mean():
        found.append(("warn-overlap", {"share": float((said.sum(axis=1) > 1).sum() / said.any(axis=1).sum())}))
    return found


def as_json(recording: Recording) -> dict[str, Any]:
    """A recording as plain values, to be kept for a run that goes on."""
    return asdict(recording)


def from_json(value: dict[str, Any]) -> Recording:
    """What as_json made, as a recording again. Raises TypeError or KeyError when it is something else."""
    passages = tuple(Passage(**{**item, "doubts": tuple(item["doubts"])}) for item in value["passages"])
    warnings = tuple((key, dict(values)) for key, values in value["warnings"])
    return Recording(**{**value, "passages": passages, "warnings": warnings, "words": tuple(value["words"])})
