"""The scanner at the gate: CPR numbers in the person's files, before anything is sent. Streaming, any binary stream.

A place is *likely* a CPR number when its date is valid and something else speaks for it: the hyphen in the right
place, a label beside it, the column's name, most of its column, or the check digit. With a valid date alone it is
*possible*. What cannot be read is listed as such: its content is unknown.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import BinaryIO

from dkai.core.findings import Findings, Unreadable
from dkai.core.i18n import t
from dkai.core.oserrors import reason
from dkai.data.running_text import scan_chunks
from dkai.data.table import delimiter_of, scan_table
from dkai.data.tally import KEPT, Tally

CHUNK = 1 << 20

# The beginnings of formats that hold text, but not as text.
_SIGNATURES = (
    (b"PK\x03\x04", "zip"), (b"%PDF", "PDF"), (b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7-Zip"), (b"Rar!", "RAR"), (b"\x28\xb5\x2f\xfd", "Zstandard"), (b"PAR1", "Parquet"),
    (b"SQLite format 3", "SQLite"), (b"\xd0\xcf\x11\xe0", "Office"), (b"{\\rtf", "RTF"),
)  # fmt: skip


def scan(
    sources: Iterable[tuple[str, int, Callable[[], BinaryIO]]], progress: Callable[[int], None] | None = None
) -> Findings:
    """Look into files given as (shown name, size, opener); `progress` hears how many bytes were read.

    A file that cannot be opened or read as text is listed as unreadable; it never stops the others.
    """
    files = size = 0
    unreadable: list[Unreadable] = []
    whole = Tally()
    for name, length, opener in sources:
        files, size = files + 1, size + length
        try:
            with opener() as stream:
                tally = _scan_file(name, stream, progress or (lambda _: None))
        except OSError as error:
            unreadable.append(Unreadable(name, reason(error)))
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


def _scan_file(name: str, stream: BinaryIO, progress: Callable[[int], None]) -> Tally | str:
    """The file's tally, or why it cannot be read."""
    head = stream.read(CHUNK)
    if head.startswith(b"PK\x03\x04") and name.lower().endswith((".xlsx", ".xlsm")):
        from dkai.data.sheets import scan_workbook

        return scan_workbook(name, head, stream, progress)
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
    if (delimiter := delimiter_of(head, sure=name.lower().endswith((".csv", ".tsv", ".tab")))) is not None:
        return scan_table(name, chunks, delimiter)
    tally = Tally()
    scan_chunks(name, chunks, tally)
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
