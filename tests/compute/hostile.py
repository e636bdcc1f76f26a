"""Texts that were written to do harm, from a seed: what a person, a file system or a site could hand dkai.

Everything here is plain `random`: the same seed gives the same texts, and thousands of them cost milliseconds.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Sequence

from dkai.compute.host import CommandResult

# What must never come out: controls but newline and tab, C1, bidirectional overrides and isolates, lone surrogates.
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

PIECES: tuple[str, ...] = (
    "'", '"', "\\", "`", "$(touch CANARY)", "`touch CANARY`", "; touch CANARY;", "&& touch CANARY", "| touch CANARY",
    "\n", "\r\n", "\r", "\t", "\ntouch CANARY\n", "'; touch CANARY; '", '"; touch CANARY; "', "$'\\ntouch CANARY'",
    "${IFS}", "$HOME", "~", "*", "?", "[a-z]*", "{a,b}", "{}", "{0}", "{name}", "{0.__class__}", "%s", "%n",
    "%%", "%d%s%x",
    "%(name)s", "[bold red]", "[/]", "[link=file:///etc/passwd]x[/link]", "[@click=app.bell]", ":smile:",
    "\x1b[31m", "\x1b[2J\x1b[H", "\x1b]0;owned\x07", "\x1b]52;c;ZWNobyBoaQ==\x07", "\x1b]8;;http://evil\x1b\\x",
    "\x1bP+q\x1b\\", "\x9b31m", "\x9d0;owned\x9c", "\x07", "\x08\x08", "\x7f", "\x85", "\x0b", "\x0c", "\x1c", "\x1e",
    "\u2028", "\u2029", "\u202e", "\u2066", "\u2069", "\u200f", "\u200e", "\u061c", "\ufeff", "\u0301",
    "e\u0301\u0302\u0303" * 3,
    "\U0001f600", "\U0001d4b3", "\U000e0041", "æøå", "ÆØÅ", "中文", "עברית", "العربية", "٣", "²", "½", "Ⅷ", "①",
    "-", "--", "--help", "-rf", "--wrap=touch CANARY", "#SBATCH --wrap=x", "\n#SBATCH --account=other\n", "#!/bin/sh",
    "EOF", "\nEOF\n", "<<EOF", "|", "||", "!", "!!", "dkai-frame/1 me", "\ndkai-frame/1 queue\n",
    "\ndkai-close/1 0\n",
    "dkai-close/1 99", "dkai/runner/1 {", "../../etc/passwd", "/etc/passwd", "..", ".", "//", "C:\\", "CON",
    "nul.txt",
    "{{", "}}", "null", "true", "NaN", "-Infinity", "1e999", "9" * 30, "9" * 400, "9" * 5000, "-1", "0x10", "1_000",
    "1,5",
    "!!python/object/apply:os.system ['touch CANARY']", "&a [*a]", "- x", "key: value", "---", "...", "? x",
    "@", "=1+1",
    "=cmd|' /C calc'!A0", "+1", "</script>", "<b>", "&amp;", "(null)", "N/A", "UNLIMITED", "INFINITE", "2-00:00:00",
    "Unknown", "None", "gpu:h100:4", "cpu=8,mem=16G", "  ", "\u00a0", "\u3000", "",
)  # fmt: skip
CONTROLS = "".join(map(chr, (*range(1, 32), *range(127, 160))))


class Hostile(random.Random):
    """A source of such texts. `DKAI_HOSTILE_SEED` moves all seeds, for a longer hunt by hand."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed + 1_000_000 * int(os.environ.get("DKAI_HOSTILE_SEED", "0")))

    def text(self, most: int = 6, *, nul: bool = False, surrogates: bool = False) -> str:
        """A few pieces in a row; a control character or any other is thrown in now and then."""
        parts = [self.choice(PIECES) for _ in range(self.randint(1, most))]
        while self.random() < 0.4:
            parts.insert(self.randint(0, len(parts)), self.anything(surrogates=surrogates))
        if nul and self.random() < 0.2:
            parts.insert(self.randint(0, len(parts)), "\0")
        return "".join(parts)

    def anything(self, *, surrogates: bool = False) -> str:
        """One character from anywhere in Unicode."""
        if self.random() < 0.3:
            return self.choice(CONTROLS)
        if surrogates and self.random() < 0.2:
            return chr(self.randint(0xDC80, 0xDCFF))
        while 0xD800 <= (code := self.randint(1, self.choice((0xFF, 0x2FFF, 0x10FFFF)))) <= 0xDFFF:
            pass
        return chr(code)

    def line(self, most: int = 4) -> str:
        """A text of one line, as a program that prints line by line would pass it on."""
        return self.text(most).replace("\n", " ").replace("\0", "")

    def name(self, longest: int = 200) -> str:
        """A name that a POSIX file system takes: no slash, no NUL, not `.` or `..`, at most so many bytes."""
        while True:
            word = self.text(surrogates=True).replace("/", "∕").replace("\0", "")
            while len(word.encode("utf-8", "surrogateescape")) > longest:
                word = word[: len(word) * 2 // 3]
            # Two bytes that are no UTF-8 alone may be UTF-8 together: as the system gives a name back.
            word = word.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
            if word.strip(".") and word not in ("", ".", ".."):
                return word

    def names(self, count: int, longest: int = 200) -> list[str]:
        """As many different ones."""
        found: dict[str, None] = {}
        while len(found) < count:
            found[self.name(longest)] = None
        return list(found)

    def mutated(self, text: str, changes: int = 4) -> str:
        """An answer of a site with some of its lines and cells changed, repeated, cut off, or lost."""
        lines = text.split("\n")
        for _ in range(self.randint(1, changes)):
            lines = lines or [""]
            place = self.randrange(len(lines))
            lines[place : place + 1] = self.choice(_CHANGES)(self, lines[place])
        if self.random() < 0.1:
            whole = "\n".join(lines)
            return whole[: self.randrange(len(whole) + 1)]
        return "\n".join(lines)


def _cell(chance: Hostile, line: str) -> Sequence[str]:
    """One value exchanged; the frame's mark in front stays."""
    cells = re.split(r"([|=, ()])", line[1:])
    if len(cells) < 2:
        return (line[:1] + chance.line(),)
    cells[chance.randrange(0, len(cells), 2)] = chance.line()
    return (line[:1] + "".join(cells),)


def _number(chance: Hostile, line: str) -> Sequence[str]:
    """One number exchanged."""
    places = list(re.finditer(r"(?<![a-z0-9/])[0-9]+", line))
    if not places:
        return (line,)
    place = chance.choice(places)
    return (line[: place.start()] + chance.choice(_NUMBERS) + line[place.end() :],)


_NUMBERS = ("", "-1", "9" * 30, "9" * 400, "9" * 5000, "٣", "²", "1e9", "007")
_CHANGES = (
    _cell, _cell, _cell, _cell, _cell,
    lambda chance, line: (),
    lambda chance, line: (line, line),
    lambda chance, line: (line[: chance.randint(0, len(line))],),
    lambda chance, line: (line[:1] + chance.line(),),
    lambda chance, line: (line + chance.line(),),
    lambda chance, line: (chance.text(),),
    lambda chance, line: (line, "|" + chance.line()),
    lambda chance, line: (line, "!" + chance.line()),
    _number, _number,
)  # fmt: skip


def said(text: str, code: int = 0, errors: str = "") -> CommandResult:
    """A site's answer."""
    return CommandResult(code, text, errors)


def frame(name: str, *lines: str, code: int = 0, errors: Sequence[str] = ()) -> str:
    """One frame of an answer."""
    body = "".join(f"|{line}\n" for line in lines) + "".join(f"!{line}\n" for line in errors)
    return f"dkai-frame/1 {name}\n{body}dkai-close/1 {code}\n"
