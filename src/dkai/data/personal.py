"""CPR numbers found in text and tables, streaming: the scanner at the gate before anything is sent.

A place is *likely* a CPR number when its date is valid and something else speaks for it: the hyphen in the right
place, a label beside it, the column's name, most of its column, or the check digit. With a valid date alone it is
*possible*. Bytes are searched as they are (digits are the same in UTF-8, Latin-1 and Windows-1252), so no guess at an
encoding can lose a number; UTF-16 is recognised by its mark. Pure: works on any binary stream.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO

from dkai.core.findings import Evidence, Findings, Unreadable
from dkai.core.i18n import t
from dkai.data.cpr import birth_date, passes_modulus_11

CHUNK = 1 << 20
KEPT = 10  # pieces of evidence that are shown
_OVERLAP = 64  # bytes of a chunk seen again with the next one: longer than any label and number
_HYPHEN = rb"(?:[-\x96\xad]|\xe2\x80[\x90-\x95]|\xc2\xad|\xe2\x88\x92)"
# It begins with a class of bytes, not with a look-behind: the search is five times as fast. `_stands_alone` looks back.
_NUMBER = re.compile(rb"[0-3]\d[01]\d{3}(?P<sep> ?" + _HYPHEN + rb" ?|[ \t])?(?P<serial>\d{4})(?![\dA-Za-z])")
_WORTH_A_LOOK = re.compile(r"\d{9}|\d{6}[^\d;,|]{1,5}\d{4}")
_LABEL = re.compile(rb"cpr|person(?:nummer|nr)|pnr|fodselsnummer", re.IGNORECASE)
_COLUMN_NAME = re.compile(r"cpr|person\W?(?:nummer|nr|num)|^pnr|pnr$|civil.?reg", re.IGNORECASE)
_MASK = "••••••-••••"

# The beginnings of formats that hold text, but not as text.
_SIGNATURES = (
    (b"PK\x03\x04", "zip"), (b"%PDF", "PDF"), (b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7-Zip"), (b"Rar!", "RAR"), (b"\x28\xb5\x2f\xfd", "Zstandard"), (b"PAR1", "Parquet"),
    (b"SQLite format 3", "SQLite"), (b"\xd0\xcf\x11\xe0", "Office"), (b"{\\rtf", "RTF"),
)  # fmt: skip


@dataclass(slots=True)
class _Tally:
    """What one file gave so far."""

    likely: int = 0
    possible: int = 0
    evidence: list[Evidence] = field(default_factory=list)

    def add(self, file: str, line: int, column: str | None, why: str) -> None:
        if why:
            self.likely += 1
            if len(self.evidence) < KEPT:
                self.evidence.append(Evidence(file, line, column, _MASK, why))
        else:
            self.possible += 1


def scan(
    sources: Iterable[tuple[str, int, Callable[[], BinaryIO]]], progress: Callable[[int], None] | None = None
) -> Findings:
    """Look into files given as (shown name, size, opener); `progress` hears how many bytes were read.

    A file that cannot be opened or read as text is listed as unreadable; it never stops the others.
    """
    files = size = 0
    unreadable: list[Unreadable] = []
    whole = _Tally()
    for name, length, opener in sources:
        files, size = files + 1, size + length
        try:
            with opener() as stream:
                tally = _scan_file(name, stream, progress or (lambda _: None))
        except OSError as error:
            unreadable.append(Unreadable(name, str(error.strerror or error)))
            continue
        if isinstance(tally, str):
            unreadable.append(Unreadable(name, tally))
            continue
        whole.likely += tally.likely
        whole.possible += tally.possible
        whole.evidence += tally.evidence
    return Findings(files, size, tuple(unreadable), whole.likely, whole.possible, tuple(whole.evidence[:KEPT]))


def scan_text(name: str, text: str) -> Findings:
    """Look into a text the person typed, such as a parameter."""
    data = text.encode("utf-8", "surrogateescape")
    return scan([(name, 0, lambda: io.BytesIO(data))])


def _scan_file(name: str, stream: BinaryIO, progress: Callable[[int], None]) -> _Tally | str:
    """The file's tally, or why it cannot be read."""
    head = stream.read(CHUNK)
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return t("{kind} is not a format dkai can look into", kind=kind)
    chunks = _chunks(head, stream, progress)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        chunks = _from_utf16(chunks)
        head = next(chunks)
        chunks = chain([head], chunks)
    if b"\0" in head:
        return t("not a text file")
    if (delimiter := _delimiter(head, sure=name.lower().endswith((".csv", ".tsv", ".tab")))) is not None:
        return _scan_table(name, chunks, delimiter)
    tally = _Tally()
    _scan_chunks(name, chunks, tally)
    return tally


def _chunks(head: bytes, stream: BinaryIO, progress: Callable[[int], None]) -> Iterator[bytes]:
    while head:
        progress(len(head))
        yield head
        head = stream.read(CHUNK)


def _from_utf16(chunks: Iterator[bytes]) -> Iterator[bytes]:
    import codecs

    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "replace")


def _scan_chunks(name: str, chunks: Iterable[bytes], tally: _Tally) -> None:
    """Running text. A chunk's last bytes wait for the next one, so that no number is cut or counted twice."""
    line, rest = 1, b""
    before = b""  # what stood before `rest`, so that look-behind and labels see it
    for chunk in chunks:
        line, before, rest = _search(name, before, rest + chunk, line, tally, final=False)
    _search(name, before, rest, line, tally, final=True)


def _search(
    name: str, before: bytes, data: bytes, line: int, tally: _Tally, *, final: bool
) -> tuple[int, bytes, bytes]:
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


# --- tables


def _delimiter(head: bytes, *, sure: bool) -> str | None:
    """The delimiter that the first lines share; None when they do not look like a table.

    `sure`: the file's name says that it is a table. Otherwise several lines must have the same number of cells.
    """
    lines = [line for line in head[:65536].splitlines()[:20] if line.strip()]
    best: tuple[int, str] | None = None
    for delimiter in (b";", b",", b"\t", b"|"):
        counts = {line.count(delimiter) for line in lines}
        if counts and min(counts) > 0 and (sure or (len(lines) > 2 and len(counts) == 1)):
            best = max(best or (0, ""), (min(counts), delimiter.decode()))
    if best is not None:
        return best[1]
    # One column alone: a delimiter that does not occur keeps the line whole.
    return ";" if sure else None


@dataclass(slots=True)
class _Column:
    """One column's evidence until its share of hits is known."""

    name: str | None
    named: bool
    values: int = 0  # cells that are not empty (an estimate in long tables)
    hits: int = 0  # cells that are ten digits (or nine, a leading zero lost) with a valid date
    checked: int = 0  # hits that pass modulus 11
    bare: list[int] = field(default_factory=list)  # lines of the first hits


_CELL = re.compile(r"^['\"=\s]*(\d{9,10})(?:[.,]0)?[\"'\s]*$")


def _scan_table(name: str, chunks: Iterable[bytes], delimiter: str) -> _Tally:
    """A table: what a column is called, and how much of it looks like CPR numbers, speak for its cells."""
    columns: dict[int, _Column] = {}
    tally = _Tally()
    for number, line in enumerate(_lines(chunks, delimiter.encode()), 1):
        # After the first thousand, a row without enough digits is only counted, and only each sixteenth of them.
        counted = 1
        if number > 1000 and not _WORTH_A_LOOK.search(line):
            if number % 16:
                continue
            counted = 16
        for place, cell in enumerate(_cells(line, delimiter)):
            if number == 1:
                label = _decoded(cell).strip().lstrip("\ufeff")
                words = bool(label) and not label[0].isdigit()
                columns[place] = _Column(label[:40] if words else None, words and bool(_COLUMN_NAME.search(label)))
                if words:
                    columns[place].values -= 1  # a name is no value
            column = columns.setdefault(place, _Column(None, False))
            if cell:
                column.values += counted
                _look_at_cell(name, number, cell, column, tally)
    for column in columns.values():
        _settle(name, column, tally)
    tally.evidence.sort(key=lambda e: e.line)
    return tally


def _decoded(cell: str) -> str:
    data = cell.encode("latin-1")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return cell


def _look_at_cell(name: str, line: int, cell: str, column: _Column, tally: _Tally) -> None:
    if match := _CELL.match(cell):
        digits = match[1].zfill(10)
        if birth_date(digits) is not None:
            column.hits += 1
            column.checked += passes_modulus_11(digits)
            if len(column.bare) < KEPT:
                column.bare.append(line)
        return
    if len(cell) < 10:
        return
    found = _Tally()
    _search(name, b"", cell.encode("latin-1"), line, found, final=True)
    tally.likely += found.likely
    tally.possible += found.possible
    for item in found.evidence:
        if len(tally.evidence) < KEPT:
            tally.evidence.append(Evidence(item.file, line, column.name, item.masked, item.why))


def _settle(name: str, column: _Column, tally: _Tally) -> None:
    """Bare numbers are judged by their column: its name, or the share of valid dates and check digits in it.

    Of random ten-digit numbers about 1 in 27 has a valid date, so half a column of valid dates is no accident.
    """
    if not column.hits:
        return
    if column.named:
        why = "column-name"
    elif column.hits * 2 >= column.values and (column.hits >= 3 or column.checked) and not _by_chance(column):
        why = "column"
    elif column.values < 3 and column.checked:
        why = "check-digit"
    else:
        tally.possible += column.hits
        return
    tally.likely += column.hits
    room = KEPT - len(tally.evidence)
    tally.evidence += [Evidence(name, line, column.name, _MASK, why) for line in column.bare[: max(0, room)]]


def _by_chance(column: _Column) -> bool:
    """Whether a long column passes the check digit no oftener than any numbers would (1 in 11).

    Numbers without check digit are given out for few dates of birth only; a clock's seconds since 1970 have valid
    dates for months on end. Such a column is still reported, as possible.
    """
    return column.hits >= 40 and column.checked * 4 < column.hits


def _cells(line: str, delimiter: str) -> list[str]:
    """A row's cells. A quoted cell with a line break comes as two rows: nothing in it is lost."""
    if '"' in line:
        with contextlib.suppress(csv.Error):
            return next(csv.reader([line], delimiter=delimiter), [])
    return line.split(delimiter)


def _lines(chunks: Iterable[bytes], delimiter: bytes) -> Iterator[str]:
    """Lines, as Latin-1 so that every byte survives; one that is too long comes in pieces, cut between cells."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        while len(rest) > CHUNK:
            cut = rest.rfind(delimiter, 0, CHUNK) + 1 or CHUNK
            lines.append(rest[:cut])
            rest = rest[cut:]
        for line in lines:
            yield line.rstrip(b"\r").decode("latin-1")
    if rest:
        yield rest.rstrip(b"\r").decode("latin-1")
