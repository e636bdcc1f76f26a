from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from dkai.core.clean import escaped
from dkai.core.numbers import finite, utc


@pytest.mark.parametrize("value", [None, True, "1", [], float("inf"), float("nan"), -float("inf"), 10**400])
def test_what_cannot_be_reckoned_with_is_no_number(value: object) -> None:
    assert finite(value) is None
    assert utc(value) is None


def test_numbers_and_moments() -> None:
    assert (finite(3), finite(-1.5), finite(0)) == (3.0, -1.5, 0.0)
    assert utc(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert utc(253_402_300_799) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert utc(-1) is utc(253_402_300_800) is utc(1e308) is None


def test_escaped_json_means_the_same() -> None:
    text = "æ\x1b[31m \x7f \x9b \u202e \udce9 \U0001f600 \\u0041 \"'\n\t"
    written = escaped(json.dumps({text: [text]}, ensure_ascii=False))
    assert json.loads(written) == {text: [text]}
    assert "\x9b" not in written
    written.encode("utf-8")
