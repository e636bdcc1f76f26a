import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dkai.core.clean import no_controls, one_line
from dkai.core.errors import UserError
from dkai.core.i18n import en_and_da, language_from_environment, nt, t, use_language
from dkai.core.levels import Level, parse_level
from dkai.core.plain import to_plain
from dkai.core.text import Text
from dkai.core.unknown import Unknown, known


@dataclass(frozen=True)
class Thing:
    name: Text
    size: float | Unknown
    when: date


def test_plain_values() -> None:
    use_language("da")
    thing = Thing(Text(da="ø", en="island"), Unknown("nobody said"), date(2026, 11, 23))
    assert to_plain(thing) == {"name": "ø", "size": {"unknown": "nobody said"}, "when": "2026-11-23"}
    assert to_plain({1: {3, 1}, "p": Path("a/b"), "l": Level.PUBLIC}) == {"1": [1, 3], "p": "a/b", "l": "public"}
    assert to_plain([timedelta(minutes=2), Fraction(1, 4), datetime(2026, 1, 1, tzinfo=UTC)]) == [
        120.0,
        0.25,
        "2026-01-01T00:00:00+00:00",
    ]
    assert to_plain([float("inf"), float("nan"), True]) == ["unlimited", None, True]
    with pytest.raises(TypeError):
        to_plain(object())


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_plain_is_always_json(value: object) -> None:
    json.dumps(to_plain(value), allow_nan=False)


def test_unknown_says_why_and_is_never_zero() -> None:
    assert str(Unknown("no access")) == "unknown (no access)"
    assert str(Unknown()) == "unknown"
    assert known(Unknown("x")) is None
    assert known(0) == 0


def test_levels() -> None:
    assert Level.CONFIDENTIAL.allows(Level.INTERNAL)
    assert not Level.INTERNAL.allows(Level.SENSITIVE)
    assert parse_level("Følsom") is Level.SENSITIVE
    with pytest.raises(UserError) as caught:
        parse_level("hemmelig")
    assert caught.value.code == "unknown-data-level"


def test_languages() -> None:
    assert language_from_environment({"LANG": "da_DK.UTF-8"}) == "da"
    assert language_from_environment({"LC_ALL": "C", "LANG": "da_DK"}) == "en"
    assert language_from_environment({"DKAI_LANG": "da", "LC_ALL": "C"}) == "da"
    assert language_from_environment({}) == "en"
    assert t("a command is missing") == "a command is missing"
    assert nt("{n} job has not ended", "{n} jobs have not ended", 1) == "1 job has not ended"
    use_language("da")
    assert t("a command is missing") == "der mangler en kommando"
    assert nt("{n} job has not ended", "{n} jobs have not ended", 3) == "3 job er ikke afsluttet"
    assert en_and_da("unknown") == {"en": "unknown", "da": "ukendt"}


def test_text_from_outside_never_steers_the_terminal() -> None:
    assert no_controls("a\x1b[31mb\x07\r\nc\rd\u202ee") == "a�[31mb�\nc�d�e"
    assert one_line("  a\n\tb  c\x00 ") == "a b c�"
    assert len(one_line("x" * 10_000_000, 50)) == 50
