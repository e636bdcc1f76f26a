"""Reads what researchers have their texts in: .txt, .md, .docx, .pdf, and tables (.csv, .tsv) with a column of text.

A file that cannot be read is left out and named with the reason, so that one bad file does not stop the others; when
none can be read, the reason is the answer.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import task
from rows import TEXTS as ROWS_TEXTS
from rows import column, read_rows
from wordfile import NotAWordFile, docx_text
from words import CannotGoOn, Texts, Words

TEXTS: Texts = {
    **ROWS_TEXTS,
    "doc-empty": ("den er tom", "it is empty"),
    "doc-binary": ("det er ikke tekst", "it is not text"),
    "doc-docx": ("den kan ikke læses som Word-fil (.docx)", "it cannot be read as a Word file (.docx)"),
    "doc-pdf": ("den kan ikke læses som PDF", "it cannot be read as PDF"),
    "doc-locked": ("den er beskyttet med adgangskode", "it is protected with a password"),
    "doc-scanned": (
        "den har ingen tekst, kun billeder; kør tekstgenkendelse (OCR) på den først",
        "it holds no text, only pictures; run text recognition (OCR) on it first",
    ),
    "doc-large": ("den fylder mere end {most} MB", "it is larger than {most} MB"),
    "doc-unreadable": ("{why}", "{why}"),
    "doc-none": ("Ingen af filerne kan bruges. {file}: {why}", "None of the files can be used. {file}: {why}"),
    "doc-skipped": ("{file} er udeladt: {why}.", "{file} is left out: {why}."),
    "doc-blank": (
        "{n} rækker har ingen tekst i kolonnen {column} og er udeladt.",
        "{n} rows have no text in the column {column} and are left out.",
    ),
    "doc-pages": (
        "{file}: {n} sider har ingen tekst (billeder?) og er ikke læst.",
        "{file}: {n} pages hold no text (pictures?) and are not read.",
    ),
    "doc-page": ("side {n}", "page {n}"),
    "doc-row": ("række {n}", "row {n}"),
}
ENDINGS = (".txt", ".md", ".docx", ".pdf", ".csv", ".tsv")
TABLES = (".csv", ".tsv")
MOST_MB = 200


@dataclass(frozen=True)
class Piece:
    """A stretch of text and where it stands: a file, a page of it, or a row of a table."""

    file: str
    kind: str  # file, page, row
    at: int  # the page, or the row's line in the file; 0 for a whole file
    text: str
    fields: Mapping[str, str] = field(default_factory=dict)  # a row's other columns

    def place(self, words: Words) -> str:
        """Where it stands, for a reader: brev.pdf, page 3."""
        return self.file if self.kind == "file" else f"{self.file}, {words('doc-' + self.kind, n=self.at)}"


@dataclass(frozen=True)
class Reading:
    """Everything that was read, and a sentence on each thing that was not."""

    pieces: tuple[Piece, ...]
    files: int
    remarks: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # the columns, where a table was read

    @property
    def texts(self) -> list[str]:
        """The texts alone."""
        return [piece.text for piece in self.pieces]


class _Unusable(Exception):
    """Why a file cannot be used: a key of TEXTS."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


def read_documents(
    words: Words, text_column: str | None = None, *, param: str = "text", but: Sequence[str] = ()
) -> Reading:
    """All texts below input/ but the files named in `but`. Raises CannotGoOn when there are none."""
    pieces: list[Piece] = []
    remarks: list[str] = []
    names: tuple[str, ...] = ()
    skipped: list[tuple[str, str]] = []
    paths = [path for path in task.input_files(ENDINGS, words) if path.name.lower() not in but]
    used = 0
    for path in paths:
        name = path.relative_to(task.INPUT).as_posix()
        try:
            _measure(path)
            if path.suffix.lower() in TABLES:
                found, columns, said = _table(path, name, text_column, param, words)
                names = names or columns
            else:
                found, said = _READERS[path.suffix.lower()](path, name, words)
        except _Unusable as reason:
            why = words(reason.key, **reason.values)
            skipped.append((name, why))
            remarks.append(words("doc-skipped", file=name, why=why))
            continue
        except OSError as error:
            why = str(error.strerror or error)
            skipped.append((name, why))
            remarks.append(words("doc-skipped", file=name, why=why))
            continue
        used += 1
        pieces += found
        remarks += said
    if not pieces:
        if skipped:
            raise CannotGoOn(words("doc-none", file=skipped[0][0], why=skipped[0][1]))
        raise CannotGoOn(words("stop-no-input", endings=words.listed(ENDINGS)))
    return Reading(tuple(pieces), used, tuple(remarks), names)


def by_file(pieces: Sequence[Piece]) -> list[Piece]:
    """The pages of a file as one text; rows stay as they are."""
    joined: list[Piece] = []
    for piece in pieces:
        if piece.kind == "page" and joined and joined[-1].file == piece.file:
            joined[-1] = replace(joined[-1], text=f"{joined[-1].text}\n\n{piece.text}")
        else:
            joined.append(replace(piece, kind="file", at=0) if piece.kind == "page" else piece)
    return joined


def _measure(path: Path) -> None:
    size = path.stat().st_size
    if size == 0:
        raise _Unusable("doc-empty")
    if size > MOST_MB * 1_000_000:
        raise _Unusable("doc-large", most=MOST_MB)
    if path.suffix.lower() not in (".docx", ".pdf"):
        with path.open("rb") as file:
            start = file.read(100_000)
        marked = start[:2] in (b"\xff\xfe", b"\xfe\xff")
        odd = sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in start)
        if not marked and (start[:4] in (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0") or odd > len(start) / 1000):
            raise _Unusable("doc-binary")


def _plain(path: Path, name: str, _words: Words) -> tuple[list[Piece], list[str]]:
    try:
        text, _ = task.read_text(path)
    except UnicodeError as error:
        raise _Unusable("doc-binary") from error
    if path.suffix.lower() == ".md":
        text = re.sub(r"(?m)^#{1,6}[ \t]+", "", text)  # marks of a heading are no part of what it says
    if not text.strip():
        raise _Unusable("doc-empty")
    return [Piece(name, "file", 0, text)], []


def _word(path: Path, name: str, _words: Words) -> tuple[list[Piece], list[str]]:
    try:
        text = docx_text(path.read_bytes())
    except NotAWordFile as error:
        raise _Unusable("doc-docx") from error
    if not text.strip():
        raise _Unusable("doc-empty")
    return [Piece(name, "file", 0, text)], []


def _pdf(path: Path, name: str, words: Words) -> tuple[list[Piece], list[str]]:
    import logging

    import pypdf
    from pypdf.errors import FileNotDecryptedError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its remarks on odd files would mix with ours
    try:
        reader = pypdf.PdfReader(str(path))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _Unusable("doc-locked")
        texts = [_rejoined(page.extract_text() or "") for page in reader.pages]
    except FileNotDecryptedError as error:
        raise _Unusable("doc-locked") from error
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        # Damaged files surprise pypdf in many ways; each of them means the same to the person.
        raise _Unusable("doc-pdf") from error
    pieces = [Piece(name, "page", at, text) for at, text in enumerate(texts, 1) if text.strip()]
    if not pieces:
        raise _Unusable("doc-scanned")
    blank = len(texts) - len(pieces)
    return pieces, [words("doc-pages", file=name, n=blank)] if blank else []


def _rejoined(text: str) -> str:
    """A page's text with words that were hyphenated at a line's end put together again."""
    return re.sub(r"(?<=[a-zæøå])-\n(?=[a-zæøå])", "", text)


def _table(
    path: Path, name: str, text_column: str | None, param: str, words: Words
) -> tuple[list[Piece], tuple[str, ...], list[str]]:
    try:
        table = read_rows(path, name, words)
    except UnicodeError as error:
        raise _Unusable("doc-binary") from error
    chosen = column(table, text_column, param, name, words)
    remarks = [words("rows-left-out", n=table.left_out, file=name)] if table.left_out else []
    pieces = [
        Piece(name, "row", line, fields[chosen], {key: value for key, value in fields.items() if key != chosen})
        for line, fields in table.rows
        if fields[chosen].strip()
    ]
    if len(pieces) < len(table.rows):
        blank = len(table.rows) - len(pieces)
        remarks.append(words("doc-blank", n=words.whole(blank), column=words.quote(chosen)))
    if not pieces:
        raise _Unusable("doc-empty")
    return pieces, table.names, remarks


_READERS: dict[str, Callable[[Path, str, Words], tuple[list[Piece], list[str]]]] = {
    ".txt": _plain, ".md": _plain, ".docx": _word, ".pdf": _pdf,
}  # fmt: skip
