"""Energy and CO₂e of a job, as a range, before it runs. Pure.

energy = hours × GPUs × (power of one GPU at 30–100 % load) × PUE; CO₂e = energy × the grid's intensity. After the
method of the Green Algorithms calculator (Lannelongue, Grealey and Inouye 2021, doi:10.1002/advs.202100707), which
also counts cores and memory; here these are counted where their power is known, and named as left out where not.
"""

from __future__ import annotations

from dataclasses import dataclass

from dkai.compute.quote.estimate import Estimate
from dkai.core.i18n import t
from dkai.core.unknown import Unknown

LOW_LOAD, FULL_LOAD = 0.30, 1.0


@dataclass(frozen=True, slots=True)
class Power:
    """What is known of the power behind a job; None where it is not."""

    gpu_watts: tuple[float, float] | None = None  # of one schedulable GPU at full load: least and most that it may be
    gpu_name: str | None = None
    pue: float | None = None
    grams_per_kwh: float | None = None
    grid: str | None = None  # `FI 2023`


@dataclass(frozen=True, slots=True)
class Carbon:
    """Energy and CO₂e, and how they were computed."""

    energy_kwh: Estimate | Unknown
    co2e_kg: Estimate | Unknown
    how: str = ""


def estimate(gpus: int, low_hours: float | None, high_hours: float, power: Power) -> Carbon:
    """The range for `gpus` GPUs; unknown, with the reason, where a part is unknown.

    Without a known PUE it is the GPUs' own, and says so.
    """
    if gpus == 0:
        why = Unknown(t("the power of a core is not known"))
        return Carbon(why, why)
    if power.gpu_watts is None:
        why = Unknown(t("the power of {gpu} is not known", gpu=power.gpu_name or t("the GPU")))
        return Carbon(why, why)
    least, most = (watts * gpus / 1000 * (power.pue or 1.0) for watts in power.gpu_watts)
    low = None if low_hours is None else low_hours * least * LOW_LOAD
    energy = Estimate(low, high_hours * most * FULL_LOAD, "kWh")
    how = _how(power)
    if power.grams_per_kwh is None:
        return Carbon(energy, Unknown(t("the grid's carbon intensity is not known")), how)
    grid = t("{grams} g/kWh ({grid})", grams=round(power.grams_per_kwh), grid=power.grid or "?")
    return Carbon(energy, energy.times(power.grams_per_kwh / 1000, "kg CO₂e"), f"{how}; {grid}")


def _how(power: Power) -> str:
    least, most = power.gpu_watts or (0, 0)
    watts = f"{least:.0f}" if least == most else f"{least:.0f}–{most:.0f}"
    load = t("{gpu}, {watts} W × 30–100 % load", gpu=power.gpu_name or "GPU", watts=watts)
    if power.pue is None:
        return t("{load}; GPUs alone, since the centre's PUE is not known", load=load)
    return t("{load} × PUE {pue}; cores and memory not counted", load=load, pue=power.pue)
