"""An estimate before the run: at most so much, and at least so much where that is known."""

from __future__ import annotations

from dataclasses import dataclass

from dkai.core.i18n import t
from dkai.core.units import show_number


@dataclass(frozen=True, slots=True)
class Estimate:
    """From `low` (None: not known) to `high`, in `unit`."""

    low: float | None
    high: float
    unit: str = ""

    def __str__(self) -> str:
        if self.low is None:
            return t("at most {amount}", amount=f"{show_amount(self.high)} {self.unit}".strip())
        low, high = show_amount(self.low), show_amount(self.high)
        return f"{high if low == high else f'{low}–{high}'} {self.unit}".strip()

    def times(self, factor: float, unit: str | None = None) -> Estimate:
        """The estimate scaled by `factor`."""
        low = None if self.low is None else self.low * factor
        return Estimate(low, self.high * factor, self.unit if unit is None else unit)


def show_amount(number: float) -> str:
    """A number with as many decimals as its size deserves."""
    size = abs(number)
    return show_number(number, 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 4)
