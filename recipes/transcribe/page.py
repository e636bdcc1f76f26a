"""The report: what is in the recordings, where somebody speaks, and what to mend before it is transcribed."""

import platform
from typing import Any

import transcript
import webpage
from drawing import Scale, Sheet, shortened
from listening import Recording
from words import Words

MOST_PICTURES = 12
LOOKS = ("linear", "boosting", "guess")


def report(
    done: list[Recording], failed: dict[str, str], found: dict[str, Any], params: dict[str, Any], words: Words
) -> str:
    """The whole page."""
    body = [
        webpage.answer(found["verdict"], words("lead-whisper" if found["transcribed"] else "lead-check")),
        webpage.tiles(_tiles(done, found, words)),
    ]
    body.append(webpage.heading(words("h-turns")))
    body += [
        webpage.figure(lambda width, r=recording: timeline(r, params, words, width), _caption(recording, words))
        for recording in done[:MOST_PICTURES]
    ]
    if len(done) > MOST_PICTURES:
        body.append(webpage.paragraph(words("more-recordings", n=len(done) - MOST_PICTURES), soft=True))
    body.append(webpage.heading(words("h-warnings")))
    warned = [
        f"{recording.file}: {words(key, **_shown(values, words))}"
        for recording in done
        for key, values in recording.warnings
    ]
    body += [webpage.note(words("file-failed", file=file, why=why)) for file, why in failed.items()]
    body += [webpage.note(text) for text in warned] or ([] if failed else [webpage.paragraph(words("no-warnings"))])
    body += [webpage.heading(words("h-table")), _table(done, words)]
    if found["transcribed"]:
        body += [webpage.heading(words("h-again")), webpage.paragraph(words("again-lead")), _doubts(done, words)]
    body += [
        webpage.heading(words("h-method")),
        webpage.listed(words(key) for key in _method(found["transcribed"])),
        webpage.heading(words("h-next")),
        webpage.listed(words(key) for key in (["next-w-1", "next-w-2", "next-w-3"] if found["transcribed"]
                                               else ["next-1", "next-2", "next-3", "next-4"])),
    ]  # fmt: skip
    footer = words("made", when=found["made"], version=found["version"], python=platform.python_version())
    return webpage.page(words, words("title"), body, footer, kicker=words("kicker"))


def _method(transcribed: bool) -> list[str]:
    return ["method-speech", "method-range", "method-turns", "method-channels"] + (
        ["method-whisper", "method-guards"] if transcribed else []
    )


def _tiles(done: list[Recording], found: dict[str, Any], words: Words) -> list[tuple[str, str]]:
    low, high = found["speech_seconds_range"]
    share = found["speech_seconds"] / found["seconds"] if found["seconds"] else 0
    tiles = [
        (words.span(found["seconds"]), words("tile-total", n=words.counted("recording", len(done)))),
        (
            words.span(found["speech_seconds"]),
            words("tile-speech", low=words.span(low), high=words.span(high))
            if words.span(low) != words.span(high)
            else words("tile-speech-sure"),
        ),
        (words.share(share), words("tile-share")),
    ]
    if found["transcribed"]:
        tiles.append((words.whole(found["passages_to_hear_again"]), words("tile-again", n=found["passages"])))
    else:
        tiles.append((words.whole(found["passages"]), words("tile-turns")))
    return tiles


def _caption(recording: Recording, words: Words) -> str:
    key = "caption-separate" if recording.separate else "caption-one"
    return words(key, turns=words.whole(len(recording.passages)))


def timeline(recording: Recording, params: dict[str, Any], words: Words, width: int) -> Sheet:
    """Who speaks when: one lane a speaker, one bar a turn, the file's name above."""
    sheet = Sheet(width, words("alt-turns", file=recording.file))
    scale = Scale(0, max(recording.seconds, 1), 2, width - 2)
    sheet.text(0, 18, shortened(recording.file, width), "strong", recording.file)
    channels = [0, 1] if recording.separate else [None]
    y = 30.0
    for lane, channel in enumerate(channels):
        own = [p for p in recording.passages if p.channel == channel]
        if channel is not None:
            who = transcript.speaker(own[0], params, words) if own else words("speaker", n=channel + 1)
            spoken = sum(p.end - p.start for p in own)
            sheet.text(0, y + 12, f"{shortened(who, width * 0.6)} · {words.span(spoken)}", "small soft")
            y += 18
        sheet.box(2, y, width - 4, 22, "guess band")
        for passage in own:
            look = "cell" if not passage.doubts else "band"
            bar = max(scale(passage.end) - scale(passage.start), 1.2)
            sheet.box(scale(passage.start), y, bar, 22, f"{LOOKS[lane]} {look}")
        y += 30
    step = _step(recording.seconds, 4 if width < 500 else 8)
    at = 0.0
    while at <= recording.seconds:
        place = scale(at)
        sheet.line(place, y - 4, place, y + 2, "ink")
        look = "" if at == 0 else " end" if place > width - 24 else " mid"
        sheet.text(place, y + 17, words.seconds(at), "small soft" + look)
        at += step
    sheet.height = y + 24
    return sheet


def _step(seconds: float, most: int) -> float:
    """A round number of seconds between time codes, at most so many of them."""
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
    return float(next((step for step in steps if seconds / step <= most), 28_800))


def _shown(values: dict[str, float], words: Words) -> dict[str, str]:
    shown = {}
    for name, value in values.items():
        if name == "share":
            shown[name] = words.share(value) if value >= 0.005 else words.marks(f"{100 * value:.2f}") + "\u00a0%"
        elif name == "channel":
            shown[name] = str(int(value))
        else:
            shown[name] = words.marks(f"{value:,.0f}")
    return shown


def _table(done: list[Recording], words: Words) -> str:
    heads = [words(key) for key in ("col-file", "col-length", "col-speech", "col-level", "col-above", "col-sound")]
    rows = []
    for r in done:
        above = None if r.level_db is None or r.noise_db is None else r.level_db - r.noise_db
        rows.append([
            r.file, words.seconds(round(r.seconds)), words.seconds(round(r.speech_s)),
            "–" if r.level_db is None else words.marks(f"{r.level_db:.0f}") + "\u00a0dB",
            "–" if above is None else words.marks(f"{above:.0f}") + "\u00a0dB",
            words("sound-kind", rate=words.marks(f"{r.rate / 1000:g}"), bits=r.bits, channels=r.channels),
        ])  # fmt: skip
    return webpage.table(heads, rows, numbers=(1, 2, 3, 4))


def _doubts(done: list[Recording], words: Words) -> str:
    rows = [
        [r.file, f"{words.seconds(p.start)}–{words.seconds(p.end)}", ", ".join(words(d) for d in p.doubts)]
        for r in done
        for p in r.passages
        if p.doubts
    ]
    if not rows:
        return webpage.paragraph(words("again-none"))
    return webpage.table([words("col-file"), words("col-where"), words("col-why")], rows[:200])
