"""The gate's scanner. All numbers here are made up; 070761-4285 is the CPR office's own published example."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dkai.core.findings import Findings
from dkai.data import personal
from dkai.data.personal import scan, scan_text


def look(data: bytes, name: str = "notes.txt") -> Findings:
    return scan([(name, len(data), lambda: io.BytesIO(data))])


@pytest.mark.parametrize(
    ("text", "likely", "possible"),
    [
        ("hun har 070761-4286 i arkivet", 1, 0),  # the form speaks for it; modulus 11 fails and rejects nothing
        ("070761 - 4286", 1, 0),
        ("070761–4286", 1, 0),  # en dash
        ("0707614285", 1, 0),  # check digit
        ("0707614286", 0, 1),  # a valid date alone
        ("cpr: 0707614286", 1, 0),  # a label beside it
        ('{"cprnr": "0707614286"}', 1, 0),
        ("070761 4286", 0, 1),
        ("320761-4285", 0, 0),  # no 32nd
        ("071361-4285", 0, 0),  # no 13th month
        ("A070761-4285", 0, 0),  # part of another word
        ("10707614285", 0, 0),  # eleven digits
        ("07076142851", 0, 0),
        ("0.0707614285", 0, 0),  # decimals
        ("0,0707614285", 0, 1),  # decimals in Danish, or a list
        ("7,070761-4285,8", 1, 0),
        ("0707614285.5", 0, 0),
        ("slut 070761-4285.", 1, 0),
        ("", 0, 0),
    ],
)
def test_running_text(text: str, likely: int, possible: int) -> None:
    found = look(text.encode())
    assert (found.cpr_count, found.possible_count) == (likely, possible)


def test_evidence_says_where_and_never_what() -> None:
    found = look(b"a\nb\n  070761-4285\n")
    assert [(e.file, e.line, e.why) for e in found.evidence] == [("notes.txt", 3, "form")]
    assert "0707" not in repr(found) and "4285" not in repr(found)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_encodings(encoding: str) -> None:
    assert look("Åse Øst 070761-4285 ærø".encode(encoding)).cpr_count == 1
    table = "navn;personnummer\nÅse;0707614286\n".encode(encoding)
    assert look(table, "t.csv").cpr_count == 1


def test_a_named_column_needs_no_check_digit() -> None:
    found = look(b"id;CPR-nr;x\n1;0707614286;2\n2;0101900001;3\n", "t.csv")
    assert found.cpr_count == 2
    assert [(e.line, e.column, e.why) for e in found.evidence] == [
        (2, "CPR-nr", "column-name"),
        (3, "CPR-nr", "column-name"),
    ]


def test_a_lost_leading_zero_is_put_back() -> None:
    assert look(b"cpr,x\n707614285,1\n101900001,2\n", "t.csv").cpr_count == 2
    assert look(b"cpr\n707614285\n", "t.csv").cpr_count == 1


def test_a_column_without_a_name_is_judged_by_its_share() -> None:
    dates = "".join(f"{day:02d}01901234,x\n" for day in range(1, 11))
    assert look(("a,b\n" + dates).encode(), "t.csv").cpr_count == 10
    # 10 of 40 have a valid date: an ordinary number column
    others = "".join(f"99{n:02d}901234,x\n" for n in range(30))
    found = look(("a,b\n" + dates + others).encode(), "t.csv")
    assert (found.cpr_count, found.possible_count) == (0, 10)


def test_a_clocks_seconds_are_possible_only() -> None:
    rows = "".join(f"{1704067200 + 137 * n},x\n" for n in range(300))  # January 2024
    found = look(("time,b\n" + rows).encode(), "t.csv")
    assert found.cpr_count == 0 and found.possible_count == 300


def test_hyphens_in_a_table_and_in_quotes() -> None:
    assert look(b'a,b\n"x, 070761-4285","y"\n', "t.csv").cpr_count == 1
    assert look(b'a;b\n"070761-4285";1\n"0707614285";2\n', "t.tsv").cpr_count == 2


def test_an_unclosed_quote_loses_nothing() -> None:
    rows = b"".join(b"%d;070761-4285\n" % n for n in range(20_000))
    assert look(b'a;b\n1;"oops\n' + rows, "t.csv").cpr_count == 20_000


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xlsx", b"PK\x03\x04rest"),
        ("b.pdf", b"%PDF-1.7 070761-4285"),
        ("c.bin", b"ab\0cd"),
        ("d.gz", b"\x1f\x8b\x08"),
    ],
)
def test_what_cannot_be_read_is_said(name: str, data: bytes) -> None:
    found = look(data, name)
    assert [u.file for u in found.unreadable] == [name]
    assert found.unreadable[0].why
    assert found.cpr_count == 0


def test_a_file_that_cannot_be_opened_stops_nothing(tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text("070761-4285")
    found = scan([("gone", 0, lambda: (tmp_path / "gone").open("rb")),
                  ("good", 11, lambda: good.open("rb"))])  # fmt: skip
    assert found.files == 2 and found.cpr_count == 1
    assert [u.file for u in found.unreadable] == ["gone"]


@given(
    before=st.integers(0, 400),
    step=st.integers(70, 300),
    glue=st.sampled_from(["\n", " ", ", "]),
)
def test_chunk_borders_neither_cut_nor_double(before: int, step: int, glue: str) -> None:
    data = ("x" * before + glue + glue.join(["070761-4285", "cpr 0101900001", "0707614285"] * 40)).encode()
    old = personal.CHUNK
    personal.CHUNK = step
    try:
        found = look(data)
    finally:
        personal.CHUNK = old
    assert found.cpr_count == 120


def test_one_huge_line(tmp_path: Path) -> None:
    data = b"7," * 3_000_000 + b"070761-4285," + b"7," * 1000
    assert look(data, "t.csv").cpr_count == 1
    assert look(data, "t.txt").cpr_count == 1


def test_a_parameter_is_looked_into() -> None:
    assert scan_text("--param note", "om 070761-4285").cpr_count == 1


def workbook(rows: list[list[object]]) -> bytes:
    openpyxl = pytest.importorskip("openpyxl", reason="the extra `data` is not installed")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_workbook() -> None:
    found = look(
        workbook([["navn", "CPR-nr"], ["Åse", 707614285], ["Bo", "010190-1234"], ["Ib", 101900001.0]]), "p.xlsx"
    )
    assert found.cpr_count == 3 and found.unreadable == ()
    assert found.evidence[0].file == "p.xlsx › Sheet" and found.evidence[0].column == "CPR-nr"


def test_a_damaged_workbook_is_unreadable() -> None:
    found = look(workbook([["a", 1]])[:300], "p.xlsx")
    assert [u.file for u in found.unreadable] == ["p.xlsx"]
