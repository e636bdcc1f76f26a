"""A recording as blocks of numbers: WAV by itself, everything else through PyAV or ffmpeg where they are."""

import shutil
import struct
import subprocess
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from words import Words

BLOCK_S = 10  # seconds read at a time, so that an interview of hours needs no more memory than one of minutes
LONGEST_S = 24 * 3600
WANTED_RATE = 16_000  # what a recording in another format is turned into


class Unreadable(Exception):
    """This one recording cannot be used; the text says why."""


@dataclass(frozen=True)
class Sound:
    """An open recording: `rate` samples a second, in each of `channels` channels."""

    path: Path
    rate: int
    channels: int
    bits: int
    seconds: float
    start: int  # where the samples begin in the file, in bytes
    size: int  # how many bytes of samples there are
    float_: bool = False

    def blocks(self) -> Iterator[np.ndarray]:
        """The samples in blocks of some seconds, shape (samples, channels), from -1 to 1."""
        step = self.rate * BLOCK_S * self.channels * self.bits // 8
        with self.path.open("rb") as file:
            file.seek(self.start)
            for at in range(0, self.size, step):
                data = file.read(min(step, self.size - at))
                yield numbers(data, self.bits // 8, self.channels, self.float_)


def numbers(data: bytes, width: int, channels: int, float_: bool = False) -> np.ndarray:
    """PCM bytes as numbers from -1 to 1. 8 bits are unsigned, all others signed, as WAV has it."""
    data = data[: len(data) // width * width]
    if float_:
        flat = np.nan_to_num(np.frombuffer(data, f"<f{width}").astype(np.float32))
    elif width == 1:
        flat = (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / 128
    elif width == 2:
        flat = np.frombuffer(data, "<i2").astype(np.float32) / 2**15
    elif width == 3:
        raw = np.frombuffer(data, np.uint8).reshape(-1, 3).astype(np.int32)
        whole = raw[:, 0] | raw[:, 1] << 8 | raw[:, 2] << 16
        flat = ((whole ^ 0x800000) - 0x800000).astype(np.float32) / 2**23
    else:
        flat = (np.frombuffer(data, "<i4") / 2**31).astype(np.float32)
    return flat[: flat.size // channels * channels].reshape(-1, channels)


@dataclass(frozen=True)
class Header:
    """What a WAV file says of itself, and where its samples lie."""

    kind: int
    channels: int
    rate: int
    bits: int
    start: int
    size: int


PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE


def header(path: Path) -> Header | None:
    """The header of a WAV file (RIFF or RF64); None when it is none.

    Read by hand: Python's own module before 3.12 refuses the extensible header that many recorders write, and takes
    the promised length on trust, which a recorder that was cut off leaves wrong.
    """
    whole = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(12)
        if len(first) < 12 or first[:4] not in (b"RIFF", b"RF64") or first[8:12] != b"WAVE":
            return None
        fmt: tuple[int, ...] | None = None
        while len(head := file.read(8)) == 8:
            name, length = head[:4], int.from_bytes(head[4:], "little")
            if name == b"data":
                if fmt is None:
                    return None
                return Header(*fmt, file.tell(), min(length, whole - file.tell()))
            if name == b"fmt ":
                content = file.read(length + length % 2)
                if len(content) < 16:
                    return None
                kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", content[:16])
                if kind == EXTENSIBLE and len(content) >= 26:
                    kind = int.from_bytes(content[24:26], "little")
                fmt = (kind, channels, rate, bits)
            else:
                file.seek(length + length % 2, 1)
    return None


def open_sound(path: Path, scratch: Path, words: Words) -> Sound:
    """A recording ready to be read. Raises Unreadable with the reason."""
    if path.stat().st_size == 0:
        raise Unreadable(words("why-empty"))
    if path.suffix.lower() != ".wav":
        path = _converted(path, scratch, words)
    found = header(path)
    if found is None or found.kind not in (PCM, FLOAT):
        # A WAV may hold another coding; it goes the way of other formats.
        if path.parent != scratch and _converter() is not None:
            return open_sound(_converted(path, scratch, words), scratch, words)
        raise Unreadable(words("why-not-wav"))
    rate, channels, bits = found.rate, found.channels, found.bits
    widths = (32, 64) if found.kind == FLOAT else (8, 16, 24, 32)
    if bits not in widths or not 1 <= channels <= 8 or not 4000 <= rate <= 384_000:
        raise Unreadable(words("why-odd", rate=rate, channels=channels, bits=bits))
    seconds = found.size / (rate * channels * bits / 8)
    if seconds < 0.5:
        raise Unreadable(words("why-short"))
    if seconds > LONGEST_S:
        raise Unreadable(words("why-long"))
    return Sound(path, rate, channels, bits, seconds, found.start, found.size, found.kind == FLOAT)


def _converter() -> str | None:
    try:
        import av  # noqa: F401 - only whether it is there
    except ImportError:
        return "ffmpeg" if shutil.which("ffmpeg") else None
    return "av"


def _converted(path: Path, scratch: Path, words: Words) -> Path:
    """The recording as 16-bit WAV in `scratch`."""
    how, target = _converter(), scratch / "converted.wav"
    if how is None:
        raise Unreadable(words("why-no-reader", ending=path.suffix.lower()))
    if how == "ffmpeg":
        options = ["-nostdin", "-v", "error", "-y", "-i", str(path), "-vn", "-c:a", "pcm_s16le"]
        done = subprocess.run(
            ["ffmpeg", *options, "-ar", str(WANTED_RATE), str(target)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["?"])[-1]
            raise Unreadable(words("why-not-decoded", why=last[:200]))
        return target
    _by_av(path, target, words)
    return target


def _by_av(path: Path, target: Path, words: Words) -> None:
    import av

    try:
        with av.open(str(path)) as source, wave.open(str(target), "wb") as out:
            stream = next((s for s in source.streams if s.type == "audio"), None)
            if stream is None:
                raise Unreadable(words("why-no-audio"))
            channels = min(stream.codec_context.channels or 1, 2)
            out.setnchannels(channels)
            out.setsampwidth(2)
            out.setframerate(WANTED_RATE)
            layout = "mono" if channels == 1 else "stereo"
            resampler = av.AudioResampler(format="s16", layout=layout, rate=WANTED_RATE)
            for frame in source.decode(stream):
                for part in resampler.resample(frame):
                    out.writeframes(part.to_ndarray().tobytes())
            for part in resampler.resample(None):
                out.writeframes(part.to_ndarray().tobytes())
    except (OSError, ValueError) as error:  # av's own errors are both
        raise Unreadable(words("why-not-decoded", why=str(error)[:200])) from error
