"""Reading tables as they come: encodings, delimiters, decimals, missing answers, and what each column is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

TABLE = "løbenr;køn;vægt\n1;mand;70,5\n2;kvinde;61,25\n3;mand;\n4;kvinde;uoplyst\n"


@pytest.fixture
def read(tabular, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Read bytes as a table: `read(b"…")`."""
    table, texts = tabular("table", "texts")

    def run(content: bytes | str, missing: frozenset[str] = frozenset()):  # type: ignore[no-untyped-def]
        path = tmp_path / "data.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return table.read_table(path, texts.TableWords(texts.TEXTS, "en"), missing)

    return run


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_danish_letters_in_every_usual_encoding(read, encoding):  # type: ignore[no-untyped-def]
    table = read(TABLE.encode(encoding))
    assert table.names == ("løbenr", "køn", "vægt")
    assert table.encoding == encoding
    assert table.column("køn") == ("mand", "kvinde", "mand", "kvinde")
    assert table.column("vægt") == ("70,5", "61,25", None, None)
    assert table.missing == {"": 1, "uoplyst": 1}
    assert table.lines == (2, 3, 4, 5)


def test_bytes_that_windows_does_not_have_are_latin_1(read):  # type: ignore[no-untyped-def]
    table = read(b"a;b\n" + b"\x81\xe6;1\n" * 3)
    assert table.encoding == "latin-1"
    assert table.column("a")[0] == "\x81æ"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(read, delimiter, newline):  # type: ignore[no-untyped-def]
    text = newline.join(delimiter.join(row) for row in (["a", "b", "c"], ["1", "x y", "2"], ["3", "z", "4"])) + newline
    table = read(text)
    assert table.delimiter == delimiter
    assert table.columns == (("1", "3"), ("x y", "z"), ("2", "4"))


def test_decimal_commas_do_not_pass_for_delimiters(read):  # type: ignore[no-untyped-def]
    assert read("a;b\n1,5;2,5\n3,5;4,5\n").delimiter == ";"


def test_excels_separator_line(read):  # type: ignore[no-untyped-def]
    assert read("sep=;\na;b\n1;2\n").names == ("a", "b")


def test_a_quoted_field_may_hold_delimiters_and_lines(read):  # type: ignore[no-untyped-def]
    table = read('a,b\n"x, y\nz",1\nw,2\n')
    assert table.column("a") == ("x, y\nz", "w")
    assert table.lines == (2, 4)


def test_a_delimiter_at_every_line_end_makes_no_column(read):  # type: ignore[no-untyped-def]
    assert read("a;b;\n1;2;\n3;4;\n").names == ("a", "b")


def test_a_column_without_a_name_gets_one(read):  # type: ignore[no-untyped-def]
    table = read(",x,y\n1,2,3\n")
    assert table.names == ("column 1", "x", "y")
    assert table.named == ("column 1",)


def test_a_few_odd_lines_are_left_out_and_named(read):  # type: ignore[no-untyped-def]
    table = read("a,b\n1,2\n1,2,3\n4,5\n\n\n6,7\nend of file\n")
    assert table.left_out == (3, 8)
    assert table.lines == (2, 4, 7)


def test_what_counts_as_missing(read):  # type: ignore[no-untyped-def]
    codes = ["", ".", "-", "NA", "n/a", "NaN", "NULL", "#N/A", "#I/T", "Uoplyst", "ikke oplyst", "mangler"]
    real = ["0", "-9", "99", "ingen", "ukendt", "none", "nej"]
    table = read("a|b\n" + "".join(f"{code}|1\n" for code in codes + real))
    assert table.column("a") == (None,) * len(codes) + tuple(real)
    assert table.missing == dict.fromkeys(codes, 1)


def test_more_codes_when_told(read):  # type: ignore[no-untyped-def]
    table = read("a,b\n99,1\n9,1\n-9,1\n", frozenset({"99", "-9"}))
    assert table.column("a") == (None, "9", None)


DANISH = ["1,5", "12,25", "1.234,5", "-0,5"]
ENGLISH = ["1.5", "12.25", "1,234.5", "-0.5"]


@pytest.mark.parametrize(
    ("cells", "reading"),
    [
        (DANISH, (False, True)),
        (ENGLISH, (True, False)),
        (["1", "20", "-3"], (True, True)),
        (["1.234", "5.678"], (True, True)),  # 1.234 is either
        (["0.123", "0.456"], (True, False)),  # no thousands begin with 0
        (["1.23", "5.678"], (True, False)),
        (["1.234.567"], (False, True)),
        (["1 234,5"], (False, True)),
        (["−3,5"], (False, True)),  # a typographic minus
        (["0800", "8000"], (False, False)),  # leading zeros: a code, not an amount
        (["1,5", "x"], (False, False)),
        ([], (False, False)),
    ],
)
def test_which_decimal_marks_a_column_allows(tabular, cells, reading):  # type: ignore[no-untyped-def]
    (columns,) = tabular("columns")
    assert columns.readings(cells) == reading


@pytest.mark.parametrize(
    ("text", "wanted", "mark", "either"),
    [
        ("a;b\n1.234;1,5\n2.345;2,5\n", "auto", ",", ()),  # the other column decides
        ("a,b\n1.234,1.5\n2.345,2.5\n", "auto", ".", ()),
        ("a;b\n1.234;x\n2.345;y\n", "auto", ",", ("a",)),  # nothing decides: Danish, and told
        ("a,b\n1.234,x\n2.345,y\n", "auto", ".", ("a",)),
        ("a;b\n1.234;x\n2.345;y\n", "point", ".", ()),
        ("a;b\n1;2\n3;4\n", "auto", ",", ()),  # whole numbers are in no doubt
    ],
)
def test_the_files_decimal_mark(tabular, read, text, wanted, mark, either):  # type: ignore[no-untyped-def]
    (columns,) = tabular("columns")
    assert columns.decimal_mark(read(text), wanted) == (mark, either)


def test_numbers(tabular):  # type: ignore[no-untyped-def]
    (columns,) = tabular("columns")
    np.testing.assert_array_equal(columns.as_numbers([*DANISH, None], "."), [1.5, 12.25, 1234.5, -0.5, np.nan])
    np.testing.assert_array_equal(columns.as_numbers(ENGLISH, ","), [1.5, 12.25, 1234.5, -0.5])
    np.testing.assert_array_equal(columns.as_numbers(["1.234"], ","), [1234])
    np.testing.assert_array_equal(columns.as_numbers(["1.234"], "."), [1.234])
    assert columns.as_numbers(["1", "x"], ".") is None


@pytest.mark.parametrize(
    ("name", "cells", "kind", "why_out"),
    [
        ("vægt", [f"{50 + i / 4}" for i in range(40)], "number", ""),
        ("svar", ["ja", "nej"] * 20, "category", ""),
        ("postnr", ["0800", "8000"] * 20, "category", ""),
        ("nr", [str(i) for i in range(1, 41)], "number", "out-row-number"),
        ("x", [str(i) for i in range(101, 141)], "number", "out-row-number"),
        ("patient_id", [str(i * i) for i in range(40)], "number", "out-identifier"),
        ("løn", [str(200000 + i * i) for i in range(40)], "number", ""),  # all different, yet an amount
        ("navn", [f"person {i}" for i in range(40)], "category", "out-identifier"),
        ("kommentar", [f"tekst {i // 2 if i < 30 else i}" for i in range(60)], "category", "out-free-text"),
        ("dato", [f"{1 + i % 28:02d}-03-2024" for i in range(40)], "date", "out-date"),
        ("dato", [f"2024-03-{1 + i % 28:02d}" for i in range(40)], "date", "out-date"),
        ("land", ["Danmark"] * 40, "category", "out-constant"),
        ("tom", [None] * 40, "text", "out-empty"),
        ("næsten tom", ["1", "2"] + [None] * 58, "number", "out-mostly-empty"),
        ("cpr", [f"{1 + i % 28:02d}0385-{1000 + i % 20}" for i in range(60)], "category", "out-person-number"),
        ("dosis", [str(i % 9) for i in range(39)] + ["<1"], "category", "out-nearly-numbers"),
    ],
)
def test_what_a_column_is_and_whether_it_is_used(tabular, name, cells, kind, why_out):  # type: ignore[no-untyped-def]
    (columns,) = tabular("columns")
    column = columns.make_column(name, cells, ",")
    assert (column.kind, column.why_out) == (kind, why_out)
    assert column.missing == sum(cell is None for cell in cells)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([*range(20, 60)] * 2 + [99] * 6, (99, 6)),
        ([*range(20, 60)] * 2 + [99] * 4, None),  # too seldom to be a code
        ([*range(20, 95)] * 2 + [99] * 6, None),  # 99 may well be an age here
        ([0, 1, 2, 3, 4] * 8 + [-9] * 5, (-9, 5)),
        ([0, 1, 9] * 20, None),  # too few values to tell
    ],
)
def test_numbers_that_look_like_codes(tabular, values, found):  # type: ignore[no-untyped-def]
    (columns,) = tabular("columns")
    column = columns.make_column("x", [str(v) for v in values], ".")
    assert columns.suspicious_code(column) == found


@pytest.mark.parametrize(
    ("name", "cells", "hidden"),
    [
        ("patient", [str(i // 3) for i in range(90)], True),
        ("klasse", [f"{i // 10}.a" for i in range(90)], True),
        ("patient", [str(i) for i in range(90)], False),  # one row each
        ("temperatur", [str(i // 3) for i in range(90)], False),
    ],
)
def test_columns_whose_rows_may_belong_together(tabular, name, cells, hidden):  # type: ignore[no-untyped-def]
    (columns,) = tabular("columns")
    assert columns.groups_hidden(columns.make_column(name, cells, "."), 90) is hidden


def test_the_synthetic_sample_is_what_its_script_makes(sample, tabular):  # type: ignore[no-untyped-def]
    import runpy

    script = Path(__file__).parents[2] / "recipes" / "tabular-baseline" / "sample" / "make_synthetic.py"
    assert runpy.run_path(str(script))["table"]().encode("cp1252") == sample("synthetic-course-dk.csv")


def test_the_real_sample_is_untouched(sample):  # type: ignore[no-untyped-def]
    import hashlib

    readme = sample("README.md").decode()
    assert hashlib.sha256(sample("penguins.csv")).hexdigest() in readme
    assert "CC0" in readme
