"""What the catalogue knows of a site's place and its GPUs, as plain numbers for the quote."""

from __future__ import annotations

from typing import Any

from dkai.compute.carbon import Power
from dkai.compute.cost import Formula
from dkai.compute.quote import Place
from dkai.compute.site import Site
from dkai.core.errors import DkaiError


def place_of(site: Site, gpu_name: str | None) -> Place:
    """The place, with the power of the GPU called `gpu_name` there. What the catalogue lacks stays unknown."""
    entry = _entry(site.provider, "provider") if site.provider else None
    if entry is None:
        return Place(name=site.id, power=_power(None, gpu_name))
    return Place(
        name=str(entry.text("name")), formula=_formula(entry), power=_power(entry, gpu_name), facts=_facts(entry)
    )


def _catalogue() -> Any:
    from dkai.catalogue.open import open_catalogue

    return open_catalogue()


def _entry(entry_id: str, kind: str) -> Any:
    try:
        return _catalogue().get(entry_id, kind)
    except DkaiError:
        return None


def _formula(entry: Any) -> Formula | None:
    billing = (entry.get("cost") or {}).get("billing") or {}
    if billing.get("formula") != "largest-share":
        return None
    numbers = billing.get("parameters") or {}
    units = entry["cost"].get("unit") or ["unit"]
    return Formula(
        unit=f"{units[0]}s",
        factor=float(numbers.get("factor", 1)),
        cpus_per_unit=numbers.get("cores_per_unit"),
        memory_gb_per_unit=numbers.get("memory_gb_per_unit"),
        round_up=bool(numbers.get("round_up", 1)),
    )


def _facts(entry: Any) -> tuple[str, ...]:
    from dkai.core.text import Text

    return tuple(str(Text.of(rule)) for rule in entry.get("rules") or ())[:2]


def _power(entry: Any, gpu_name: str | None) -> Power:
    gpu = find_gpu(gpu_name) if gpu_name else None
    carbon = (entry.get("carbon") if entry is not None else None) or {}
    grid = carbon.get("grid")
    grams = year = None
    if grid and grid != "unknown" and (found := _entry(f"grid-{str(grid).lower()}", "grid") or _grid(grid)) is not None:
        newest = max(found["intensity"], key=lambda i: i["year"])
        grams, year = float(newest["g_co2e_per_kwh"]), newest["year"]
    watts = None
    if gpu is not None and gpu.get("tdp_w"):
        watts = float(gpu["tdp_w"]) / (gpu.get("partitions") or 1)
    return Power(
        gpu_watts=watts,
        gpu_name=str(gpu.text("name")) if gpu is not None else gpu_name,
        pue=carbon.get("pue"),
        grams_per_kwh=grams,
        grid=f"{grid} {year}" if grams else None,
    )


def _grid(country: str) -> Any:
    try:
        return next((e for e in _catalogue().entries("grid") if e.get("country") == country), None)
    except DkaiError:
        return None


def find_gpu(name: str) -> Any:
    """The catalogue's GPU that the cluster or the driver calls `name`; None when it knows no such GPU."""
    wanted = _canonical(name)
    try:
        for entry in _catalogue().entries("gpu"):
            names = [entry.id, *entry.get("aliases", ()), *entry.get("names", ())]
            if wanted in {_canonical(str(n)) for n in names}:
                return entry
    except DkaiError:
        return None
    return None


def _canonical(name: str) -> str:
    """A name without its maker and marks: `NVIDIA H100 80GB HBM3` and `nvidia_h100_80gb_hbm3` are the same."""
    word = "".join(c if c.isalnum() else " " for c in name.lower())
    return " ".join(part for part in word.split() if part not in ("nvidia", "amd", "instinct", "tesla", "geforce"))
