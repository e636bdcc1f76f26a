"""Reads a text table as researchers have them: any usual encoding, delimiter and way to say that a value is missing.

The file is read, never changed. Everything decided on the way (encoding, delimiter, what counted as missing, lines
left out) is kept, so that the report can say it.
"""

import csv
import hashlib
import io
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from texts import TableWords as Words
from words import CannotGoOn

DELIMITERS = {";": "semicolon", "\t": "tab", ",": "comma", "|": "bar"}
LONGEST_FIELD = 100_000
MOST_CELLS = 10_000_000
# Only what nobody would use for a real answer. Numbers such as -9 or 99 can be real: they are pointed out, not taken.
MISSING = frozenset((
    "", ".", "-", "–", "na", "n/a", "nan", "null", "missing", "#n/a", "#i/t", "#value!", "#værdi!", "#div/0!",
    "uoplyst", "ikke oplyst", "ej oplyst", "mangler",
))  # fmt: skip
NOT_TABLES = (
    (b"PK\x03\x04", "stop-excel"),
    (b"\xd0\xcf\x11\xe0", "stop-excel"),
    (b"%PDF", "stop-pdf"),
    (b"\x1f\x8b", "stop-packed"),
    (b"$FL", "stop-spss"),
    (b"<stata_dta>", "stop-stata"),
)


@dataclass(frozen=True)
class Table:
    """A table as it stands in the file: text cells by column, None where a value is missing."""

    names: tuple[str, ...]
    columns: tuple[tuple[str | None, ...], ...]
    lines: tuple[int, ...]  # each row's line in the file, header = 1
    encoding: str
    delimiter: str
    missing: dict[str, int]  # each code as the file writes it, and in how many cells
    left_out: tuple[int, ...] = ()  # lines whose number of fields did not fit the header
    named: tuple[str, ...] = ()  # columns that had no name and got one
    sha256: str = field(default="", compare=False)

    def column(self, name: str) -> tuple[str | None, ...]:
        """The cells of the column called `name`."""
        return self.columns[self.names.index(name)]


def read_table(path: Path, words: Words, more_missing: frozenset[str] = frozenset()) -> Table:
    """The table in `path`; raises `CannotGoOn` with a plain sentence when there is none in it."""
    data = path.read_bytes()
    text, encoding = decode(data, path.name, words)
    text, delimiter = find_delimiter(text, path.name, words)
    rows = _rows(text, delimiter, path.name, words)
    if not rows:
        raise CannotGoOn(words("stop-empty", file=path.name))
    (_, header), body = rows[0], rows[1:]
    width = len(header)
    while width and not header[width - 1].strip() and all(not "".join(cells[width - 1 :]).strip() for _, cells in body):
        width -= 1  # a delimiter at the end of every line makes no column
    names, named = _names(header[:width], words)
    good, bad = _fit(body, width, path.name, words)
    if not good:
        raise CannotGoOn(words("stop-no-rows", file=path.name))
    if len(good) * width > MOST_CELLS:
        raise CannotGoOn(
            words("stop-too-large", rows=words.whole(len(good)), columns=width, most=words.whole(MOST_CELLS))
        )
    codes: Counter[str] = Counter()
    columns = tuple(
        _without_missing(cells, codes, more_missing) for cells in zip(*(cells for _, cells in good), strict=True)
    )
    return Table(
        names=names,
        columns=columns,
        lines=tuple(line for line, _ in good),
        encoding=encoding,
        delimiter=delimiter,
        missing=dict(codes.most_common()),
        left_out=tuple(bad),
        named=named,
        sha256=hashlib.sha256(data).hexdigest(),
    )


def decode(data: bytes, name: str, words: Words) -> tuple[str, str]:
    """The text of a file and the name of its encoding."""
    if not data.strip():
        raise CannotGoOn(words("stop-empty", file=name))
    for start, key in NOT_TABLES:
        if data.startswith(start):
            raise CannotGoOn(words(key, file=name))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        tries = ["utf-16"]
    elif data.startswith(b"\xef\xbb\xbf"):
        tries = ["utf-8-sig"]
    elif b"\x00" in data[:100_000]:
        tries = []
    else:
        # Windows-1252 is what Danish Excel writes; Latin-1 reads anything and so comes last.
        tries = ["utf-8", "cp1252", "latin-1"]
    for encoding in tries:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        part = text[:100_000]
        odd = sum(1 for letter in part if letter < " " and letter not in "\t\r\n\f") + part.count("\ufffd")
        if odd <= len(part) / 1000:
            return text, encoding
    raise CannotGoOn(words("stop-binary", file=name))


def find_delimiter(text: str, name: str, words: Words) -> tuple[str, str]:
    """The text (without Excel's `sep=` line) and the delimiter that splits most lines as it splits the first."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return rest, first.strip()[4]
    best: tuple[float, int, str] = (0.0, 0, "")
    for delimiter in DELIMITERS:
        widths: list[int] = []
        csv.field_size_limit(LONGEST_FIELD)
        reader = csv.reader(islice(io.StringIO(text, newline=""), 500), delimiter=delimiter)
        with suppress(csv.Error):
            widths = [len(cells) for cells in reader if any(cells)][:200]
        if widths and widths[0] >= 2:
            agree = sum(width == widths[0] for width in widths) / len(widths)
            if (round(agree, 1), widths[0]) > best[:2]:
                best = (round(agree, 1), widths[0], delimiter)
    if not best[2]:
        # Nothing splits the first line: a field without end, or really one column.
        _rows(text, ",", name, words)
        raise CannotGoOn(words("stop-one-column", file=name))
    return text, best[2]


def _rows(text: str, delimiter: str, name: str, words: Words) -> list[tuple[int, list[str]]]:
    """Every line that holds something, with its number in the file."""
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if any(cell.count("\n") > 50 for cell in cells):
                    raise CannotGoOn(words("stop-quote", file=name, line=start))
                rows.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise CannotGoOn(words("stop-field", file=name, line=start, most=words.whole(LONGEST_FIELD))) from error
    return rows


def _names(header: list[str], words: Words) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names: list[str] = []
    made: list[str] = []
    for position, cell in enumerate(header, 1):
        name = " ".join(cell.split())
        if not name:
            name = words("unnamed-column", n=position)
            made.append(name)
        if name in names:
            raise CannotGoOn(words("stop-twice", name=words.quote(name), first=names.index(name) + 1, second=position))
        names.append(name)
    if len(names) < 2:
        raise CannotGoOn(words("stop-one-column", file=""))
    if all(cell.strip().replace(",", "").replace(".", "").lstrip("+-").isdigit() for cell in header):
        raise CannotGoOn(words("stop-no-header"))
    return tuple(names), tuple(made)


def _fit(
    body: list[tuple[int, list[str]]], width: int, name: str, words: Words
) -> tuple[list[tuple[int, list[str]]], list[int]]:
    """The rows as wide as the header, and the lines of the others; too many others is a file read wrongly."""
    good, bad = [], []
    for line, cells in body:
        if len(cells) > width and not "".join(cells[width:]).strip():
            good.append((line, cells[:width]))
        elif len(cells) == width:
            good.append((line, cells))
        else:
            bad.append(line)
    if len(bad) > max(3, len(body) // 100):
        raise CannotGoOn(words("stop-ragged", file=name, n=len(bad), lines=words.listed(bad[:3]), width=width))
    return good, bad


def _without_missing(cells: tuple[str, ...], codes: Counter[str], more: frozenset[str]) -> tuple[str | None, ...]:
    result: list[str | None] = []
    for cell in cells:
        value = cell.replace("\u00a0", " ").strip()
        if value.lower() in MISSING or value in more:
            codes[value] += 1
            result.append(None)
        else:
            result.append(value)
    return tuple(result)
