"""Names for the result files, the files of one recording, and the figures of them all."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import task
import transcript
from listening import Recording
from words import Words


def names(files: Iterable[Path], folder: Path) -> dict[Path, str]:
    """A name for each recording's results: its own without the ending, with it where two would be the same."""
    files = list(files)
    plain = {path: path.relative_to(folder).with_suffix("").as_posix() for path in files}
    seen = Counter(name.lower() for name in plain.values())
    return {
        path: name if seen[name.lower()] == 1 else path.relative_to(folder).as_posix() for path, name in plain.items()
    }


def write_files(name: str, recording: Recording, params: dict[str, Any], words: Words) -> None:
    """One recording's text, subtitles, Word document and, where it was transcribed, words with their times."""
    task.write(f"{name}.txt", transcript.text(recording, params, words), words, bom=True)
    task.write(f"{name}.srt", transcript.srt(recording, params, words), words)
    task.write(f"{name}.vtt", transcript.vtt(recording, params, words), words)
    task.write(f"{name}.docx", transcript.word_document(recording, params, words), words)
    if params["engine"] == "whisper":
        content = {
            "file": recording.file,
            "language": recording.language,
            "passages": [
                {
                    "start": p.start, "end": p.end, "speaker": transcript.speaker(p, params, words) or None,
                    "text": p.text, "confidence": p.confidence, "listen_again": list(p.doubts),
                }
                for p in recording.passages
            ],
            "words": list(recording.words),
        }  # fmt: skip
        task.write(f"{name}.words.json", json.dumps(content, ensure_ascii=False, indent=1) + "\n", words)


def summary(
    done: list[Recording], failed: dict[str, str], params: dict[str, Any], version: str, made: str, words: Words
) -> dict[str, Any]:
    """All figures for a program; no word of what is said."""
    total, spoken = sum(r.seconds for r in done), sum(r.speech_s for r in done)
    transcribed = params["engine"] == "whisper"
    doubtful = sum(bool(p.doubts) for r in done for p in r.passages)
    passages = sum(len(r.passages) for r in done)
    verdict = words(
        "verdict-whisper" if transcribed else "verdict-check",
        n=words.counted("recording", len(done)), total=words.span(total), speech=words.span(spoken),
        doubts=doubtful, passages=passages,
    )  # fmt: skip
    return {
        "recipe": "transcribe",
        "version": version,
        "made": made,
        "engine": params["engine"],
        "model": params["model"] if transcribed else None,
        "transcribed": transcribed,
        "verdict": verdict,
        "seconds": round(total, 2),
        "speech_seconds": round(spoken, 2),
        "speech_seconds_range": [
            round(sum(r.speech_low_s for r in done), 2), round(sum(r.speech_high_s for r in done), 2),
        ],
        "passages": passages,
        "passages_to_hear_again": doubtful if transcribed else None,
        "parameters": params,
        "recordings": [_one(recording, params, words) for recording in done],
        "failed": [{"file": file, "why": why} for file, why in failed.items()],
    }  # fmt: skip


def _one(recording: Recording, params: dict[str, Any], words: Words) -> dict[str, Any]:
    share: Counter[str] = Counter()
    for passage in recording.passages:
        share[transcript.speaker(passage, params, words)] += passage.end - passage.start  # type: ignore[assignment]
    return {
        "file": recording.file,
        "seconds": recording.seconds,
        "rate": recording.rate,
        "channels": recording.channels,
        "bits": recording.bits,
        "one_speaker_a_channel": recording.separate,
        "speech_seconds": recording.speech_s,
        "speech_seconds_range": [recording.speech_low_s, recording.speech_high_s],
        "level_db": recording.level_db,
        "noise_db": recording.noise_db,
        "language": recording.language,
        "language_probability": recording.language_share,
        "left_out_without_speech": recording.left_out,
        "seconds_by_speaker": {name: round(s, 2) for name, s in sorted(share.items())} if recording.separate else None,
        "warnings": [key.removeprefix("warn-") for key, _ in recording.warnings],
        "turns": [{"start": p.start, "end": p.end, "channel": p.channel} for p in recording.passages],
    }
