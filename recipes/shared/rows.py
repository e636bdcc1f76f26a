"""A table as text (.csv, .tsv): its column names and rows, whatever delimiter and encoding a program wrote it with."""

import csv
import io
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from task import read_text
from words import CannotGoOn, Texts, Words

TEXTS: Texts = {
    "rows-empty": ("{file} har ingen rækker under overskriften.", "{file} has no rows below its header."),
    "rows-ragged": (
        "{file}: {n} linjer har ikke lige så mange felter som overskriften ({width}), f.eks. linje {lines}. Står der "
        "tegnet {delimiter} i en tekst uden anførselstegn om?",
        "{file}: {n} lines do not have as many fields as the header ({width}), e.g. line {lines}. Is there a "
        "{delimiter} in a text without quotation marks around it?",
    ),
    "rows-quote": (
        "{file}: et anførselstegn åbnes og lukkes ikke igen. Gem filen igen fra dit regneark.",
        "{file}: a quotation mark is opened and not closed again. Save the file again from your spreadsheet.",
    ),
    "rows-twice": (
        "{file}: to kolonner hedder {name}. Giv den ene et andet navn.",
        "{file}: two columns are called {name}. Give one of them another name.",
    ),
    "rows-no-column": (
        "{param}: der er ingen kolonne {name} i {file}. Kolonnerne er: {columns}",
        "{param}: there is no column {name} in {file}. The columns are: {columns}",
    ),
    "rows-which": (
        "Sig, hvilken kolonne teksten står i, med parameteren {param}. {file} har: {columns}",
        "Say which column holds the text with the parameter {param}. {file} has: {columns}",
    ),
    "rows-left-out": (
        "{n} linjer i {file} er udeladt: de har ikke lige så mange felter som overskriften.",
        "{n} lines of {file} are left out: they do not have as many fields as the header.",
    ),
}
LONGEST_FIELD = 20_000_000
_ONE_COLUMN = "\x1f"  # a character no text has: the whole line is one field
MANY_LINES = 1000


@dataclass(frozen=True)
class Rows:
    """A table: every row with its line in the file (the header is line 1)."""

    names: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    delimiter: str
    left_out: int  # lines with more or fewer fields than the header


def read_rows(path: Path, name: str, words: Words) -> Rows:
    """The table in `path`, called `name` to the person. Raises CannotGoOn with a plain sentence."""
    text, _ = read_text(path)
    delimiter = _delimiter(text)
    lines = _lines(text, delimiter, name, words)
    if len(lines) < 2:
        raise CannotGoOn(words("rows-empty", file=name))
    (_, header), body = lines[0], lines[1:]
    names = tuple(" ".join(cell.split()) or str(at) for at, cell in enumerate(header, 1))
    for at, cell in enumerate(names):
        if cell in names[:at]:
            raise CannotGoOn(words("rows-twice", file=name, name=words.quote(cell)))
    good, bad = [], []
    for line, cells in body:
        extra = cells[len(names) :]
        if len(cells) >= len(names) and not "".join(extra).strip():
            good.append((line, dict(zip(names, cells, strict=False))))
        else:
            bad.append(line)
    if len(bad) > max(3, len(body) // 100) or not good:
        raise CannotGoOn(
            words(
                "rows-ragged",
                file=name,
                n=len(bad),
                lines=words.listed(bad[:3]),
                width=len(names),
                delimiter=words.quote({"\t": "tab"}.get(delimiter, delimiter)),
            )
        )
    return Rows(names, tuple(good), delimiter, len(bad))


def column(rows: Rows, wanted: str | None, param: str, file: str, words: Words) -> str:
    """The column that a parameter names; case and spaces may differ. Without a name only a lone column will do."""
    if wanted is None:
        if len(rows.names) == 1:
            return rows.names[0]
        raise CannotGoOn(words("rows-which", param=param, file=file, columns=words.quoted(rows.names)))
    if wanted in rows.names:
        return wanted
    loose = [name for name in rows.names if name.casefold() == " ".join(wanted.split()).casefold()]
    if len(loose) == 1:
        return loose[0]
    raise CannotGoOn(
        words("rows-no-column", param=param, name=words.quote(wanted), file=file, columns=words.quoted(rows.names))
    )


def _delimiter(text: str) -> str:
    """The delimiter that splits most lines as it splits the first."""
    best: tuple[float, int, str] = (0.0, 0, _ONE_COLUMN)
    csv.field_size_limit(LONGEST_FIELD)
    for delimiter in ";\t,|":
        widths: list[int] = []
        reader = csv.reader(islice(io.StringIO(text, newline=""), 2000), delimiter=delimiter)
        with suppress(csv.Error):
            widths = [len(cells) for cells in reader if any(cells)][:200]
        if widths and widths[0] >= 2:
            agree = sum(width == widths[0] for width in widths) / len(widths)
            if (round(agree, 1), widths[0]) > best[:2]:
                best = (round(agree, 1), widths[0], delimiter)
    return best[2]


def _lines(text: str, delimiter: str, name: str, words: Words) -> list[tuple[int, list[str]]]:
    """Every line that holds something, with its number in the file."""
    for strict in (True, False):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
        found: list[tuple[int, list[str]]] = []
        start = 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    found.append((start, cells))
                start = reader.line_num + 1
        except csv.Error as error:
            if strict:
                continue
            raise CannotGoOn(words("rows-quote", file=name)) from error
        if not strict and any(cell.count("\n") > MANY_LINES for _, cells in found for cell in cells):
            raise CannotGoOn(words("rows-quote", file=name))
        return found
    return []
