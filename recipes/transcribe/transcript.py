"""A recording's passages as the files people work in: plain text, subtitles (SRT, WebVTT) and a Word document."""

from typing import Any

import docx
from listening import Passage, Recording
from words import Words

LONGEST_CUE_S = 30.0  # a subtitle that stands longer helps nobody; empty ones to fill in are cut here


def clock(seconds: float, mark: str) -> str:
    """A time code as subtitles have it: 00:01:02.345, with `mark` before the thousandths."""
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}{mark}{whole % 1000:03}"


def speaker(passage: Passage, params: dict[str, Any], words: Words) -> str:
    """Who speaks: the name given for the channel, else its number; empty where the channels are one sound."""
    if passage.channel is None:
        return ""
    names = [name.strip() for name in str(params["speakers"] or "").split(";")]
    if passage.channel < len(names) and names[passage.channel]:
        return names[passage.channel]
    return words("speaker", n=passage.channel + 1)


def cues(recording: Recording) -> list[Passage]:
    """The passages, none longer than a subtitle may be where there is no text yet."""
    found = []
    for passage in recording.passages:
        start = passage.start
        while not passage.text and passage.end - start > LONGEST_CUE_S:
            found.append(Passage(start, start + LONGEST_CUE_S, passage.channel))
            start += LONGEST_CUE_S
        found.append(Passage(start, passage.end, passage.channel, passage.text, passage.confidence, passage.doubts))
    return found


def _line(passage: Passage, params: dict[str, Any], words: Words) -> str:
    who = speaker(passage, params, words)
    said = passage.text or words("fill-in")
    return f"{who}: {said}" if who else said


def srt(recording: Recording, params: dict[str, Any], words: Words) -> str:
    """SubRip: number, times with a comma, text, empty line."""
    parts = []
    for number, passage in enumerate(cues(recording), 1):
        times = f"{clock(passage.start, ',')} --> {clock(passage.end, ',')}"
        parts.append(f"{number}\n{times}\n{_line(passage, params, words)}\n")
    return "\n".join(parts)


def vtt(recording: Recording, params: dict[str, Any], words: Words) -> str:
    """WebVTT; the speaker is a voice tag, and text is escaped as the format asks."""
    note = words("vtt-note") if not any(p.text for p in recording.passages) else words("vtt-machine")
    parts = [f"WEBVTT\n\nNOTE {note}\n"]
    for passage in cues(recording):
        times = f"{clock(passage.start, '.')} --> {clock(passage.end, '.')}"
        said = _escaped(passage.text or words("fill-in"))
        who = speaker(passage, params, words)
        parts.append(f"{times}\n{f'<v {_escaped(who)}>' if who else ''}{said}\n")
    return "\n".join(parts)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def head(recording: Recording, words: Words) -> list[str]:
    """What a reader of the file must know first."""
    if any(passage.text for passage in recording.passages):
        doubtful = sum(bool(passage.doubts) for passage in recording.passages)
        return [words("head-machine", file=recording.file), words("head-doubts", n=doubtful)]
    return [words("head-empty", file=recording.file)]


def text(recording: Recording, params: dict[str, Any], words: Words) -> str:
    """Plain text with a time code before every passage; what to listen to again carries [?]."""
    lines = [*head(recording, words), ""]
    for passage in cues(recording):
        mark = "[?] " if passage.doubts else ""
        times = f"[{clock(passage.start, '.')[:-2]} – {clock(passage.end, '.')[:-2]}]"
        lines.append(f"{times} {mark}{_line(passage, params, words)}")
    return "\n".join(lines) + "\n"


def word_document(recording: Recording, params: dict[str, Any], words: Words) -> bytes:
    """A Word document: time and speaker, then the text, marked where it should be listened to again."""
    paragraphs: list[list[docx.Run]] = [[(line, "soft")] for line in head(recording, words)]
    for passage in cues(recording):
        who = speaker(passage, params, words)
        times = f"{words.seconds(passage.start)}–{words.seconds(passage.end)} "
        said = passage.text or words("fill-in")
        paragraphs.append(
            [(times, "soft"), (f"{who}: " if who else "", "bold"), (said, "marked" if passage.doubts else "")]
        )
    return docx.document(recording.file, paragraphs)
