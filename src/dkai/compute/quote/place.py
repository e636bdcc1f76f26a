"""What the catalogue knows of a site's place and its GPUs, as plain numbers for the quote."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
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
    gpu = find_gpu(catalogue, names[0], _there(entry)) if len(names) == 1 else None
    if gpu is None:
        return None
    found = listed_prices(entry, gpu_names(catalogue.entries("gpu"))).get(gpu.id, [])
    money = {(currency, one[currency]) for one in found for currency in _CURRENCIES if one.get(currency) is not None}
    if len({currency for currency, _ in money}) != 1:
        return None
    amounts = [amount for _, amount in money]
    says = t("{address}, of {date}", address=_address(entry, found[0]["sources"]), date=found[0].get("dated") or "?")
    return Price(min(amounts), max(amounts), next(iter(money))[0].upper(), says)


_TAKEN_BACK = frozenset(("spot", "preemptible", "interruptible"))  # cheaper, and it may end in the middle of a job


def listed_prices(entry: Entry, names: Mapping[str, str]) -> dict[str, list[Mapping[str, Any]]]:
    """The lines of the place's price list by GPU, for an hour of one, without those that may be taken back.

    `names` are those of `gpu_names`.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in entry["cost"].get("price") or ():
        if one.get("per") == "gpu-hour" and (gpu := _priced_gpu(one, names)) is not None:
            found.setdefault(gpu, []).append(one)
    return found


def gpu_names(gpus: Iterable[Entry]) -> dict[str, str]:
    """Every name of the GPUs, without maker and marks, and the id behind it."""
    return {name: gpu.id for gpu in gpus for name in _names(gpu)}


def _priced_gpu(price: Mapping[str, Any], names: Mapping[str, str]) -> str | None:
    """The GPU that a line of a list is for: the one whose name is the longest that the line's words begin with."""
    what = price["what"] if isinstance(price["what"], str) else price["what"].get("en", "")
    words = _canonical(what).split()
    if _TAKEN_BACK & set(words):
        return None
    beginnings = (" ".join(words[:length]) for length in range(len(words), 0, -1))
    return next((names[one] for one in beginnings if one in names), None)


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
    found = {name: find_gpus(catalogue, name, _there(entry)) for name in names}
    watts = [_watts(gpu) for gpus in found.values() for gpu in gpus]
    known = [w for w in watts if w is not None]
    country = carbon.get("grid")
    grid = next((e for e in catalogue.entries("grid") if e.get("country") == country), None)
    newest = max(grid["intensity"], key=lambda i: i["year"]) if grid is not None else None
    shown = [str(gpus[0].text("name")) if len(gpus) == 1 else name for name, gpus in found.items()]
    return Power(
        # One GPU of unknown power makes the whole range unknown.
        gpu_watts=(min(known), max(known)) if known and len(known) == len(watts) and all(found.values()) else None,
        gpu_name=" / ".join(dict.fromkeys(shown)) or None,
        pue=carbon.get("pue"),
        grams_per_kwh=None if newest is None else float(newest["g_co2e_per_kwh"]),
        grid=None if newest is None else f"{country} {newest['year']}",
    )


def _watts(gpu: Entry) -> float | None:
    """The power of what Slurm calls one GPU: a card may be several."""
    if not gpu.get("tdp_w"):
        return None
    return float(gpu["tdp_w"]) / (gpu.get("partitions") or 1)


def find_gpu(catalogue: Catalogue, name: str, there: Collection[str] = ()) -> Entry | None:
    """The GPU that the cluster or the driver calls `name`; None when the catalogue knows no such GPU, or several.

    A bare `a100` is one of several; `there` are the ids of those that the place has, which may leave only one.
    """
    found = find_gpus(catalogue, name, there)
    return found[0] if len(found) == 1 else None


def find_gpus(catalogue: Catalogue, name: str, there: Collection[str] = ()) -> list[Entry]:
    """Every GPU that may be meant by `name`: the one of that very name, else all that differ in memory or form only."""
    wanted = _canonical(name)
    family = []
    for entry in catalogue.entries("gpu"):
        names = _names(entry)
        if wanted in names:
            return [entry]
        if wanted and any(_is_form_of(wanted, one) for one in names):
            family.append(entry)
    here = [entry for entry in family if entry.id in there]
    return here or family


def _is_form_of(wanted: str, name: str) -> bool:
    """Whether `name` is `wanted` with its memory or form behind it: `a100 80gb pcie` is a form of `a100`."""
    rest = name.removeprefix(wanted + " ")
    return rest != name and all(_FORM.fullmatch(word) for word in rest.split())


_FORM = re.compile(r"\d+gb|pcie|sxm\d?|nvl")


def _names(gpu: Entry) -> set[str]:
    return {_canonical(str(name)) for name in (gpu.id, *gpu.get("aliases", ()), *gpu.get("names", ()))}


def _there(entry: Entry | None) -> set[str]:
    """The GPUs that the catalogue says the place has."""
    return set() if entry is None else {one["gpu"] for one in entry.get("hardware", ()) if one.get("gpu")}


@cache
def _canonical(name: str) -> str:
    """A name without its maker and marks: `NVIDIA H100 80GB HBM3` and `nvidia_h100_80gb_hbm3` are the same."""
    word = _GB.sub(r"\1gb", "".join(c if c.isalnum() else " " for c in name.lower()))
    return " ".join(part for part in word.split() if part not in ("nvidia", "amd", "instinct", "tesla", "geforce"))


_GB = re.compile(r"\b(\d+) gb\b")
