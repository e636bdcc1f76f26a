from datetime import date

import pytest

from dkai.data.cpr import birth_date, passes_modulus_11


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("0101900000", date(1990, 1, 1)),  # seventh digit 0
        ("3112993999", date(1999, 12, 31)),  # 3
        ("0101364000", date(2036, 1, 1)),  # 4 up to 36: 20xx
        ("0101374000", date(1937, 1, 1)),  # 4 from 37: 19xx
        ("0101369000", date(2036, 1, 1)),
        ("0101379000", date(1937, 1, 1)),
        ("0101575000", date(2057, 1, 1)),  # 5 up to 57: 20xx
        ("0101585000", date(1858, 1, 1)),  # 5 from 58: 18xx
        ("2902004000", date(2000, 2, 29)),
        ("2902000000", None),  # 1900 was no leap year
        ("3002904000", None),
        ("0013904000", None),
        ("3104900000", None),
    ],
)
def test_birth_date(digits: str, expected: date | None) -> None:
    assert birth_date(digits) == expected


def test_modulus_11() -> None:
    # 070761-4285, the example on cpr.dk: 0*4+7*3+0*2+7*7+6*6+1*5+4*4+2*3+8*2+5*1 = 154 = 14*11
    assert passes_modulus_11("0707614285")
    assert not passes_modulus_11("0707614286")
