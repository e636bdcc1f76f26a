"""What a command prints, kept up to a limit: a place that never stops talking cannot fill this computer's memory."""

from __future__ import annotations

from dkai.core.i18n import t

LIMIT = 10_000_000  # bytes of each stream


class Bounded:
    """A stream's bytes; what comes after `LIMIT` is counted and dropped, and the text says so."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.kept = bytearray()
        self.dropped = 0

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        room = max(0, self.limit - len(self.kept))
        self.kept += data[:room]
        self.dropped += len(data) - len(data[:room])

    def text(self) -> str:
        """As UTF-8; what is not is shown as `�`."""
        text = self.kept.decode("utf-8", "replace")
        if self.dropped:
            text += "\n" + t("[{count} more bytes were left out]", count=self.dropped) + "\n"
        return text
