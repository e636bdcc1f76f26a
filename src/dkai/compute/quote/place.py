"""What the catalogue knows of a site's place and its GPUs, as plain numbers for the quote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dkai.compute.policy import read_policy
from dkai.compute.quote.carbon import Power
from dkai.compute.quote.formulas import Formula
from dkai.compute.quote.quote import Place, Price
from dkai.compute.site import Site
from dkai.core.errors import DkaiError
from dkai.core.i18n import t
from dkai.core.text import Text

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Catalogue, Entry


def place_of(site: Site, gpu_names: Iterable[str]) -> Place:
    """The place, for a job that would get a GPU of one of these names. What the catalogue lacks stays unknown."""
    from dkai.catalogue.open import open_catalogue

    names = sorted(set(gpu_names))
    try:
        catalogue = open_catalogue()
        entry = catalogue.get(site.provider, "provider") if site.provider else None
        power = _power(catalogue, entry, names)
    except DkaiError:
        # A quote without the catalogue's numbers is still a quote; `dkai doctor` says what is wrong with it.
        return Place(name=site.id, site=site)
    if entry is None:
        return Place(name=site.id, site=site, power=power)
    cost = entry["cost"]
    billing = cost.get("billing") or {}
    numbers = Formula(billing.get("formula") or "", billing.get("parameters") or {}, _source(entry, cost["sources"]))
    return Place(
        name=str(entry.text("name")),
        site=site,
        formula=numbers if numbers.name else None,
        numbers=numbers if any(name.startswith("dkk_") for name in numbers.parameters) else None,
        listed=_listed(catalogue, entry, names),
        model=cost["model"],
        power=power,
        policy=read_policy(entry),
        eligible=str(Text.of(who)) if (who := (entry.get("access") or {}).get("who")) else "",
        facts=_facts(entry),
    )


_CURRENCIES = ("dkk", "eur", "usd")


def _listed(catalogue: Catalogue, entry: Entry, names: list[str]) -> Price | None:
    """The list's price of an hour of the one GPU that the job would get; None without one, or in two currencies."""
    gpu = find_gpu(catalogue, names[0]) if len(names) == 1 else None
    if gpu is None:
        return None
    found = [one for one in entry["cost"].get("price") or () if one.get("per") == "gpu-hour" and _is_of(one, gpu)]
    money = {(currency, one[currency]) for one in found for currency in _CURRENCIES if one.get(currency) is not None}
    if len({currency for currency, _ in money}) != 1:
        return None
    amounts = [amount for _, amount in money]
    says = t("{address}, of {date}", address=_address(entry, found[0]["sources"]), date=found[0].get("dated") or "?")
    return Price(min(amounts), max(amounts), next(iter(money))[0].upper(), says)


def _is_of(price: Mapping[str, Any], gpu: Entry) -> bool:
    """Whether the line of the list is for this GPU: its words begin with one of the GPU's names."""
    what = price["what"] if isinstance(price["what"], str) else price["what"].get("en", "")
    words = _canonical(what).split()
    called = (_canonical(str(name)).split() for name in (gpu.id, *gpu.get("aliases", ()), *gpu.get("names", ())))
    return any(words[: len(name)] == name for name in called if name)


def _source(entry: Entry, ids: list[str]) -> str:
    """The first source's address and date, without its protocol."""
    source: dict[str, Any] = entry["sources"][ids[0]]
    date = source.get("stored") or source["checked"]
    return t("{address}, read in a copy of {date}", address=_address(entry, ids), date=date)


def _address(entry: Entry, ids: list[str]) -> str:
    return str(entry["sources"][ids[0]]["url"]).removeprefix("https://").rstrip("/")


def _facts(entry: Entry) -> tuple[str, ...]:
    """What the place itself says about data there."""
    note = entry["data"].get("note")
    return (str(Text.of(note)),) if note and entry.get("kind") != "own" else ()


def _power(catalogue: Catalogue, entry: Entry | None, names: list[str]) -> Power:
    carbon = (entry.get("carbon") if entry is not None else None) or {}
    found = {name: find_gpu(catalogue, name) for name in names}
    watts = [w for gpu in found.values() if (w := _watts(gpu)) is not None]
    country = carbon.get("grid")
    grid = next((e for e in catalogue.entries("grid") if e.get("country") == country), None)
    newest = max(grid["intensity"], key=lambda i: i["year"]) if grid is not None else None
    shown = [str(gpu.text("name")) if gpu is not None else name for name, gpu in found.items()]
    return Power(
        # One GPU of unknown power makes the whole range unknown.
        gpu_watts=(min(watts), max(watts)) if watts and len(watts) == len(names) else None,
        gpu_name=" / ".join(dict.fromkeys(shown)) or None,
        pue=carbon.get("pue"),
        grams_per_kwh=None if newest is None else float(newest["g_co2e_per_kwh"]),
        grid=None if newest is None else f"{country} {newest['year']}",
    )


def _watts(gpu: Entry | None) -> float | None:
    """The power of what Slurm calls one GPU: a card may be several."""
    if gpu is None or not gpu.get("tdp_w"):
        return None
    return float(gpu["tdp_w"]) / (gpu.get("partitions") or 1)


def find_gpu(catalogue: Catalogue, name: str) -> Entry | None:
    """The GPU that the cluster or the driver calls `name`; None when the catalogue knows no such GPU."""
    wanted = _canonical(name)
    for entry in catalogue.entries("gpu"):
        if wanted in {_canonical(str(n)) for n in (entry.id, *entry.get("aliases", ()), *entry.get("names", ()))}:
            return entry
    return None


def _canonical(name: str) -> str:
    """A name without its maker and marks: `NVIDIA H100 80GB HBM3` and `nvidia_h100_80gb_hbm3` are the same."""
    word = "".join(c if c.isalnum() else " " for c in name.lower())
    return " ".join(part for part in word.split() if part not in ("nvidia", "amd", "instinct", "tesla", "geforce"))
