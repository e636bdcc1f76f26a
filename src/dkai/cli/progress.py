"""News on stderr: one line that changes on a terminal, plain lines elsewhere, nothing when a program reads."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from dkai.cli.output import is_quiet
from dkai.compute.news import News
from dkai.core.clean import one_line

_EVERY_S = 0.1


class Progress:
    """Hears news and shows it; use it in a `with` statement, so that its line is cleared at the end."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty() and not is_quiet()
        self._drawn = 0.0
        self._line = ""

    def tell(self, news: News) -> None:
        """Show one piece of news."""
        if is_quiet() or not news.says:
            return
        if news.what in ("lost", "back", "submitted", "adopted", "warning"):
            self._keep(news.says)
        elif self._terminal:
            self._draw(news)

    def _draw(self, news: News) -> None:
        now = time.monotonic()
        text = one_line(news.says)
        if news.total:
            text += f" · {100 * (news.done or 0) // news.total} %"
        if now - self._drawn < _EVERY_S and text.partition(" · ")[0] == self._line.partition(" · ")[0]:
            return
        self._drawn = now
        import shutil

        width = max(20, shutil.get_terminal_size((80, 24)).columns - 1)
        self._line = text[:width]
        sys.stderr.write(f"\r\x1b[K{self._line}")
        sys.stderr.flush()

    def _keep(self, text: str) -> None:
        self.clear()
        from dkai.cli.output import say

        say(text)

    def clear(self) -> None:
        """Take the changing line away."""
        if self._line:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._line = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
