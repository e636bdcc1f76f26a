"""Energy and CO₂e of a job that ran: measured by its GPUs where they tell, else estimated over its time. Pure.

measured = the GPUs' own energy × PUE; CO₂e = energy × the grid's intensity. Cores and memory are in neither.
"""

from __future__ import annotations

from dataclasses import dataclass

from dkai.compute.quote import carbon
from dkai.compute.quote.carbon import Power
from dkai.compute.quote.estimate import Estimate
from dkai.compute.used import Used
from dkai.core.i18n import t
from dkai.core.units import show_number
from dkai.core.unknown import Unknown


@dataclass(frozen=True, slots=True)
class Footprint:
    """Energy in kWh and CO₂e in kg, and how they were found, or why not. `by`: `measured`, `estimated` or `unknown`."""

    energy_kwh: Estimate | Unknown
    co2e_kg: Estimate | Unknown
    by: str
    how: str = ""


def footprint(gpus: int, used: Used, power: Power) -> Footprint:
    """The footprint of a job with so many GPUs, at a place with this power."""
    if used.elapsed_s is None:
        missing = Unknown(t("how long it ran is not known"))
        return Footprint(missing, missing, "unknown", str(missing))
    # Where the driver tells of other devices than were asked for, it measured more than this job, or less.
    if gpus and used.gpu_energy_wh is not None and len(used.devices) in (0, gpus):
        return _measured(used, used.gpu_energy_wh, power)
    hours = used.elapsed_s / 3600
    found = carbon.estimate(gpus, hours, hours, power)
    if isinstance(found.energy_kwh, Unknown):
        return Footprint(found.energy_kwh, found.co2e_kg, "unknown", str(found.energy_kwh))
    return Footprint(found.energy_kwh, found.co2e_kg, "estimated", found.how)


def _measured(used: Used, watt_hours: float, power: Power) -> Footprint:
    kwh = watt_hours / 1000 * (power.pue or 1.0)
    energy = Estimate(kwh, kwh, "kWh")
    watts = used.gpu_watts if used.gpu_watts is not None else watt_hours / (used.elapsed_s or 1) * 3600
    how = t("measured by the GPUs themselves: {watts} W on average", watts=show_number(watts, 0))
    if power.pue is None:
        how = t("{measured}; GPUs alone, since the centre's PUE is not known", measured=how)
    else:
        how = t("{measured} × PUE {pue}; cores and memory not counted", measured=how, pue=show_number(power.pue))
    if power.grams_per_kwh is None:
        return Footprint(energy, Unknown(t("the grid's carbon intensity is not known")), "measured", how)
    grid = t("{grams} g/kWh ({grid})", grams=round(power.grams_per_kwh), grid=power.grid or "?")
    co2e = energy.times(power.grams_per_kwh / 1000, "kg CO₂e")
    return Footprint(energy, co2e, "measured", f"{how}; {grid}")
