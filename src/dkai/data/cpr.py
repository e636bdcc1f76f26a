"""The CPR number: its form, its dates, its check digit.

Form, century rule and modulus 11 after cpr.dk, “Opbygning af CPR-nummeret” and “Personnumre uden kontrolciffer
(modulus 11-kontrol)”. Since October 2007 valid numbers are issued that fail modulus 11, so passing it speaks for a
number and failing it says nothing.
"""

from __future__ import annotations

from datetime import date

_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def birth_date(digits: str) -> date | None:
    """The date of birth in ten digits; None when there is no such date, which means that it is no CPR number.

    The seventh digit gives the century: 0–3 is 19xx; 4 and 9 are 20xx up to year 36, else 19xx; 5–8 are 20xx up to
    year 57, else 18xx.
    """
    day, month, year, seventh = int(digits[0:2]), int(digits[2:4]), int(digits[4:6]), int(digits[6])
    if seventh <= 3:
        century = 1900
    elif seventh in (4, 9):
        century = 2000 if year <= 36 else 1900
    else:
        century = 2000 if year <= 57 else 1800
    try:
        return date(century + year, month, day)
    except ValueError:
        return None


def passes_modulus_11(digits: str) -> bool:
    """Whether the weighted sum of the ten digits is divisible by 11."""
    return sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11 == 0
