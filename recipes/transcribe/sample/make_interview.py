"""Makes the sample: an invented conversation without words, two voices on two channels, and the times they speak.

A buzz with formants that glide between vowels, in syllables: it sounds like speech through a wall. No person's voice.
"""

import io
import json
import wave
from pathlib import Path

import numpy as np

RATE, SECONDS = 8000, 18.0
# (start, end, channel): a question, an answer, a short yes, and so on.
TURNS = ((0.8, 2.6, 0), (3.4, 7.1, 1), (7.9, 8.6, 0), (9.6, 13.4, 1), (12.9, 14.2, 0), (15.2, 17.3, 1))
VOWELS = ((700, 1200), (300, 2200), (350, 800), (500, 1700), (600, 1000))
PITCH = (118.0, 205.0)


def voice(seconds: float, pitch: float, rng: np.random.Generator) -> np.ndarray:
    """Syllables of a buzz through two moving resonances, loud throughout."""
    time = np.arange(round(seconds * RATE)) / RATE
    syllables = max(2, round(seconds * 4.5))
    chosen = rng.integers(0, len(VOWELS), syllables)
    centre = (np.arange(syllables) + 0.5) / syllables * seconds
    first, second = (np.interp(time, centre, [VOWELS[v][n] for v in chosen]) for n in range(2))
    glide = pitch * (1 + 0.08 * np.sin(2 * np.pi * 0.6 * time) - 0.05 * time / seconds)
    phase = 2 * np.pi * np.cumsum(glide) / RATE
    sound = np.zeros(len(time))
    for harmonic in range(1, int(3600 / pitch)):
        hertz = harmonic * glide
        strength = 1 / (1 + ((hertz - first) / 120) ** 2) + 0.6 / (1 + ((hertz - second) / 160) ** 2) + 0.02
        sound += strength * np.sin(harmonic * phase)
    sound *= 0.45 + 0.55 * np.abs(np.sin(np.pi * syllables * time / seconds))  # the beat of syllables
    edge = np.minimum(1, np.minimum(time, seconds - time) / 0.03)
    return sound * edge / np.abs(sound).max()


def samples() -> np.ndarray:
    """The two channels from -1 to 1: each voice in its own microphone, and faintly in the other's."""
    rng = np.random.default_rng(20261124)
    said = np.zeros((round(SECONDS * RATE), 2))
    for start, end, channel in TURNS:
        at = round(start * RATE)
        sound = 0.5 * voice(end - start, PITCH[channel], rng)
        said[at : at + len(sound), channel] += sound
        said[at : at + len(sound), 1 - channel] += 0.08 * sound
    return said + 0.004 * rng.standard_normal(said.shape)


def wav() -> bytes:
    """The sample as a WAV file: 8 kHz and 8 bits, to be small."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(np.clip(np.round(128 + 127 * samples()), 0, 255).astype(np.uint8).tobytes())
    return target.getvalue()


if __name__ == "__main__":
    folder = Path(__file__).parent
    (folder / "interview.wav").write_bytes(wav())
    turns = [{"start": start, "end": end, "channel": channel} for start, end, channel in TURNS]
    (folder / "turns.json").write_text(json.dumps(turns, indent=1) + "\n", encoding="utf-8")
