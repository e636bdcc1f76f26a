"""CPR numbers in a table: what a column is called, and how much of it looks like them, speak for its cells."""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dkai.core.findings import Evidence
from dkai.data.cpr import birth_date, passes_modulus_11
from dkai.data.running_text import search
from dkai.data.tally import KEPT, MASK, Tally

LONGEST_LINE = 1 << 20
_WORTH_A_LOOK = re.compile(r"\d{9}|\d{6}[^\d;,|]{1,5}\d{4}")
_COLUMN_NAME = re.compile(r"cpr|person\W?(?:nummer|nr|num)|^pnr|pnr$|civil.?reg", re.IGNORECASE)
_CELL = re.compile(r"^['\"=\s]*(\d{9,10})(?:[.,]0)?[\"'\s]*$")


@dataclass(slots=True)
class _Column:
    """One column's evidence until its share of hits is known."""

    name: str | None
    named: bool
    values: int = 0  # cells that are not empty (an estimate in long tables)
    hits: int = 0  # cells that are ten digits (or nine, a leading zero lost) with a valid date
    checked: int = 0  # hits that pass modulus 11
    bare: list[int] = field(default_factory=list)  # lines of the first hits


class Table:
    """Rows go in one by one; `tally` judges the columns once all are seen."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._columns: dict[int, _Column] = {}
        self._found = Tally()

    def add(self, number: int, cells: Iterable[str], counted: int = 1) -> None:
        """One row. `counted`: how many rows it stands for; row 1 may hold the columns' names."""
        for place, cell in enumerate(cells):
            if number == 1:
                self._columns[place] = _first_cell(cell)
            column = self._columns.setdefault(place, _Column(None, False))
            if cell:
                column.values += counted
                _look_at_cell(self._name, number, cell, column, self._found)

    def tally(self) -> Tally:
        """What the whole table gave."""
        for column in self._columns.values():
            _settle(self._name, column, self._found)
        self._found.evidence.sort(key=lambda e: e.line)
        return self._found


def _first_cell(cell: str) -> _Column:
    label = _decoded(cell).strip().lstrip("\ufeff")
    if not label or label[0].isdigit():
        return _Column(None, False)
    # A name is no value.
    return _Column(label[:40], bool(_COLUMN_NAME.search(label)), values=-1)


def scan_table(name: str, chunks: Iterable[bytes], delimiter: str) -> Tally:
    """A table in a text file."""
    table = Table(name)
    for number, line in enumerate(_lines(chunks, delimiter.encode()), 1):
        # After the first thousand, a row without enough digits is only counted, and only each sixteenth of them.
        if number <= 1000 or _WORTH_A_LOOK.search(line):
            table.add(number, _cells(line, delimiter))
        elif number % 16 == 0:
            table.add(number, _cells(line, delimiter), counted=16)
    return table.tally()


def delimiter_of(head: bytes, *, sure: bool) -> str | None:
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


def _decoded(cell: str) -> str:
    data = cell.encode("latin-1")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return cell


def _look_at_cell(name: str, line: int, cell: str, column: _Column, tally: Tally) -> None:
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
    found = Tally()
    search(name, b"", cell.encode("latin-1"), line, found, final=True)
    tally.likely += found.likely
    tally.possible += found.possible
    for item in found.evidence:
        if len(tally.evidence) < KEPT:
            tally.evidence.append(Evidence(item.file, line, column.name, item.masked, item.why))


def _settle(name: str, column: _Column, tally: Tally) -> None:
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
    tally.evidence += [Evidence(name, line, column.name, MASK, why) for line in column.bare[: max(0, room)]]


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
        while len(rest) > LONGEST_LINE:
            cut = rest.rfind(delimiter, 0, LONGEST_LINE) + 1 or LONGEST_LINE
            lines.append(rest[:cut])
            rest = rest[cut:]
        for line in lines:
            yield line.rstrip(b"\r").decode("latin-1")
    if rest:
        yield rest.rstrip(b"\r").decode("latin-1")
