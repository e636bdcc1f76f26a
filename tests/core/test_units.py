import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dkai.core.errors import UsageError, UserError
from dkai.core.i18n import use_language
from dkai.core.units import (
    Range,
    parse_day,
    parse_duration,
    parse_memory,
    show_bytes,
    show_dkk,
    show_duration,
    show_memory,
    show_number,
    slurm_duration,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 5400), ("90m", 5400), ("2h", 7200), ("2t", 7200), ("1h30m", 5400), ("1,5 t", 5400), ("45s", 45),
        ("10:30", 630), ("1:30:00", 5400), ("1-12", 129600), ("1-12:30", 131400), ("1-12:00:01", 129601),
        ("2d", 172800), ("20 min", 1200),
    ],
)  # fmt: skip
def test_durations_are_read_as_people_and_slurm_write_them(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "1:2:3:4", "-5", "2 hours please", "1h30", "æ"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_duration(text)
    assert caught.value.code == "bad-duration"


@given(st.integers(0, 10_000_000))
def test_slurm_reads_what_we_write(seconds: int) -> None:
    text = slurm_duration(seconds)
    # Without days Slurm's HH:MM:SS; with days D-HH:MM:SS; both are read back the same.
    assert parse_duration(text) == seconds


@given(st.text())
def test_no_text_breaks_the_parsers(text: str) -> None:
    for parse in (parse_duration, parse_memory):
        with contextlib.suppress(UserError):
            assert parse(text) >= 0


@pytest.mark.parametrize(
    ("text", "mib"), [("512", 512), ("512M", 512), ("16G", 16384), ("16 GB", 16384), ("1,5T", 1572864), ("2048K", 2)]
)
def test_memory(text: str, mib: int) -> None:
    assert parse_memory(text) == mib


def test_danish_numbers_have_comma_and_point() -> None:
    assert show_number(1234.5) == "1,234.5"
    use_language("da")
    assert show_number(1234.5) == "1.234,5"
    assert show_duration(7500) == "2 t 05 min"
    assert show_dkk(12.5) == "12,50 kr."
    assert str(Range(0.4, 1.0, "GPU-timer")) == "0,4–1 GPU-timer"


@pytest.mark.parametrize(
    ("seconds", "text"), [(45, "45 s"), (750, "12 min"), (125, "2 min 05 s"), (7200, "2 h"), (129600, "1 d 12 h")]
)
def test_durations_are_shown(seconds: int, text: str) -> None:
    assert show_duration(seconds) == text


def test_bytes_memory_money() -> None:
    assert show_bytes(812) == "812 B"
    assert show_bytes(1_900_000_000) == "1.9 GB"
    assert show_memory(512) == "512 MB"
    assert show_memory(16384) == "16 GB"
    assert show_dkk(1234.5) == "1,234.50 DKK"


def test_a_range_of_one_value_is_one_number() -> None:
    assert str(Range(2, 2, "h")) == "2 h"
    assert str(Range(100.4, 250.6)) == "100–251"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-02-30", "26-1-1", "2026/11/23", "\x00"])
def test_a_day_is_written_as_iso_8601_or_not_understood(text: str) -> None:
    assert parse_day("2026-11-23") == date(2026, 11, 23)
    with pytest.raises(UsageError) as wrong:
        parse_day(text)
    assert wrong.value.code == "bad-date"
