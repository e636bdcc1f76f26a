"""Text from outside, made safe to show: a server, a file name or a catalogue never steers the terminal."""

from __future__ import annotations

import re

# C0 and C1 controls but newline and tab; the bidirectional overrides that make a name read as another; and what stands
# for a byte that was no UTF-8, which no stream can be sent.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def no_controls(text: str) -> str:
    """`text` with every control character shown as `�` (carriage return and newline together count as newline)."""
    return _CONTROLS.sub("�", text.replace("\r\n", "\n"))


def one_line(text: str, limit: int = 300) -> str:
    """`text` on one line of at most `limit` characters, without control characters."""
    flat = " ".join(no_controls(text[: limit * 4]).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def escaped(json: str) -> str:
    """A JSON text that means the same, with every control character (and half a character) written as `\\uXXXX`."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", json)
