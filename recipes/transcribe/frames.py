"""What a recording sounds like every fiftieth of a second, gathered in one pass through it."""

from dataclasses import dataclass

import numpy as np

from sound import Sound

FRAME_S = 0.02
SPEECH_HZ = (120.0, 3800.0)  # where the voice's own energy is; mains hum and rumble lie below
SILENT_DB = -100.0
HUM_HZ = (50.0, 100.0, 150.0)
LONG_S = 1.0  # the stretch over which hum is looked for: lines of 50 Hz need a fine spectrum


@dataclass(frozen=True)
class Frames:
    """One pass's findings; every array has one row for each frame and one column for each channel."""

    level: np.ndarray  # dB below full scale in the band of speech
    flat: np.ndarray  # how noise-like the band is, 0 (a tone) to 1 (white noise)
    peak: np.ndarray  # the largest sample, 0 to 1
    clipped: np.ndarray  # how many samples stood at full scale beside another one
    likeness: float  # correlation of the first two channels; 1: the same sound in both
    hum: np.ndarray  # how far the lines at 50, 100 and 150 Hz stand out, in dB, by channel
    offset: np.ndarray  # mean of the samples, by channel


def measure(sound: Sound) -> Frames:
    """Level, noise-likeness, peaks and clipping of every frame, and what concerns the whole recording."""
    size = max(1, round(sound.rate * FRAME_S))
    window = np.hanning(size).astype(np.float32)[None, :, None]
    hertz = np.fft.rfftfreq(size, 1 / sound.rate)
    band = (hertz >= SPEECH_HZ[0]) & (hertz <= SPEECH_HZ[1])
    parts: dict[str, list[np.ndarray]] = {"level": [], "flat": [], "peak": [], "clipped": []}
    lines, total, cross, count = [], np.zeros(sound.channels), np.zeros((2, 2)), 0
    rest = np.zeros((0, sound.channels), np.float32)
    for block in sound.blocks():
        data = np.concatenate([rest, block])
        whole = len(data) // size * size
        rest = data[whole:]
        if not whole:
            continue
        total += block.sum(axis=0)
        count += len(block)
        if sound.channels >= 2:
            pair = block[:, :2].astype(np.float64)
            cross += pair.T @ pair
        cut = data[:whole].reshape(-1, size, sound.channels)
        power = np.abs(np.fft.rfft(cut * window, axis=1)) ** 2 / (size * (window**2).sum() / 4)
        inside = power[:, band] + 1e-14
        parts["level"].append(10 * np.log10(inside.sum(axis=1) + 1e-10))
        parts["flat"].append(np.exp(np.log(inside).mean(axis=1)) / inside.mean(axis=1))
        size_of = np.abs(cut)
        parts["peak"].append(size_of.max(axis=1))
        full = size_of >= 0.9999 - 2.0 ** (1 - min(sound.bits, 16))
        parts["clipped"].append((full[:, 1:] & full[:, :-1]).sum(axis=1))
        lines.append(_hum(data[:whole], sound.rate))
    gathered = {name: np.concatenate(items) for name, items in parts.items()}
    norm = np.sqrt(cross[0, 0] * cross[1, 1])
    return Frames(
        **gathered,
        likeness=float(cross[0, 1] / norm) if norm > 0 else 0.0,
        hum=np.median([line for line in lines if line is not None] or [np.zeros(sound.channels)], axis=0),
        offset=total / max(count, 1),
    )


def _hum(data: np.ndarray, rate: int) -> np.ndarray | None:
    """How far mains hum stands out from its neighbours in the quietest second of a block, in dB, by channel."""
    long = int(rate * LONG_S)
    if len(data) < long:
        return None
    cut = data[: len(data) // long * long].reshape(-1, long, data.shape[1])
    quiet = np.argmin((cut**2).mean(axis=(1, 2)))
    power = np.abs(np.fft.rfft(cut[quiet] * np.hanning(long)[:, None], axis=0)) ** 2 + 1e-12
    hertz = np.fft.rfftfreq(long, 1 / rate)
    found = []
    for line in HUM_HZ:
        on = np.abs(hertz - line) <= 1.5
        beside = (np.abs(hertz - line) > 5) & (np.abs(hertz - line) < 20)
        found.append(10 * np.log10(power[on].max(axis=0) / np.median(power[beside], axis=0)))
    return np.median(found, axis=0)
