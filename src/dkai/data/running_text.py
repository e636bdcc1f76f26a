"""CPR numbers in running text, searched as bytes: digits are the same in UTF-8, Latin-1 and Windows-1252."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dkai.data.cpr import birth_date, passes_modulus_11
from dkai.data.tally import Tally

_OVERLAP = 64  # bytes of a chunk seen again with the next one: longer than any label and number
_HYPHEN = rb"(?:[-\x96\xad]|\xe2\x80[\x90-\x95]|\xc2\xad|\xe2\x88\x92)"
# It begins with a class of bytes, not with a look-behind: the search is five times as fast. `_stands_alone` looks back.
_NUMBER = re.compile(rb"[0-3]\d[01]\d{3}(?P<sep> ?" + _HYPHEN + rb" ?|[ \t])?(?P<serial>\d{4})(?![\dA-Za-z])")
_LABEL = re.compile(rb"cpr|person(?:nummer|nr)|pnr|fodselsnummer", re.IGNORECASE)


def scan_chunks(name: str, chunks: Iterable[bytes], tally: Tally) -> None:
    """Running text. A chunk's last bytes wait for the next one, so that no number is cut or counted twice."""
    line, rest = 1, b""
    before = b""  # what stood before `rest`, so that look-behind and labels see it
    for chunk in chunks:
        line, before, rest = search(name, before, rest + chunk, line, tally, final=False)
    search(name, before, rest, line, tally, final=True)


def search(name: str, before: bytes, data: bytes, line: int, tally: Tally, *, final: bool) -> tuple[int, bytes, bytes]:
    """Count the matches that begin in `data` but not in its last bytes; returns line, context and what waits."""
    text = before + data
    start, end = len(before), len(text) if final else max(len(before), len(text) - _OVERLAP)
    place = start
    for match in _NUMBER.finditer(text, start):
        if match.start() >= end:
            break
        line += text.count(b"\n", place, match.start())
        place = match.start()
        digits = (match[0][:6] + match["serial"]).decode()
        if birth_date(digits) is None or not _stands_alone(match, text):
            continue
        tally.add(name, line, None, _why(match, digits, text))
        # A match may reach into the part that waits: that part begins after it.
        end = max(end, match.end())
    line += text.count(b"\n", place, end)
    return line, text[max(0, end - _OVERLAP) : end], text[end:]


def _stands_alone(match: re.Match[bytes], text: bytes) -> bool:
    """Whether the digits are not part of a longer word, nor of a number such as 0.0707614285."""
    begin, end = match.span()
    before, after = text[max(0, begin - 2) : begin], text[end : end + 2]
    if before[-1:].isalnum():
        return False
    return bool(match["sep"]) or not (re.search(rb"\d\.$", before) or re.match(rb"\.\d", after))


def _why(match: re.Match[bytes], digits: str, text: bytes) -> str:
    separator = match["sep"]
    if separator and separator.strip():
        return "form"
    near = text[max(0, match.start() - 24) : match.start()].rpartition(b"\n")[2]
    if _LABEL.search(near):
        return "label"
    if passes_modulus_11(digits) and not re.search(rb"\d,$", text[max(0, match.start() - 2) : match.start()]):
        return "check-digit"
    return ""  # also where a decimal comma may stand before it
