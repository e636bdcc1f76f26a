"""A price file of the SkyPilot catalogue, read: what an hour of the cheapest machine with so many GPUs costs. Pure.

Columns by the repository's README (schema v8, read 2026-11-24): InstanceType, vCPUs, MemoryGiB, AcceleratorName,
AcceleratorCount, GPUInfo (GpuInfo in the files), Region, AvailabilityZone, Price, SpotPrice; not every cloud has all,
and their order differs. The files of Google, Nebius, Verda, RunPod and Vast were read there; Azure's in a copy of it
(coopslarhette/skypilot-catalog, 20291d7). Prices are US dollars an hour for the whole machine. At Google Cloud machine
and GPU are separate rows whose prices are added, as its makers say (skypilot-catalog issue 31). A price of 0 is one
that was not had (skypilot issue 3615).
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dkai.compute.prices.gpu_names import gpu_id
from dkai.core.errors import RemoteError
from dkai.core.i18n import nt, t

NEEDED = ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region")
_FEWEST_ROWS = 3  # a file of fewer is no catalogue
_DEAREST = 500.0  # for one GPU an hour; what costs more is a placeholder, such as Google's 700
# GPUs in one machine. Azure's file has had 6 and 12 for machines of eight (skypilot-catalog pull request 50).
_COUNTS = (1, 2, 4, 8, 16)
# The machines that Google sells these GPUs with: the smallest for each number of them, by `_ACC_INSTANCE_TYPE_DICTS` in
# SkyPilot's sky/catalog/gcp_catalog.py (commit 0052610, read 2026-11-24), which has them from Google's page on GPUs.
_HOSTS = {
    "a100-40gb": {n: f"a2-highgpu-{n}g" for n in (1, 2, 4, 8)},
    "a100-80gb": {n: f"a2-ultragpu-{n}g" for n in (1, 2, 4, 8)},
    "h100": {n: f"a3-highgpu-{n}g" for n in (1, 2, 4, 8)},
    "l4": {1: "g2-standard-4", 2: "g2-standard-24", 4: "g2-standard-48", 8: "g2-standard-96"},
}


@dataclass(frozen=True, slots=True)
class Price:
    """An hour of the cheapest machine with `gpus` of this GPU, from the cheapest to the dearest region, in USD."""

    gpu: str
    gpus: int
    least: float
    most: float
    regions: str  # the cheapest first
    european: bool  # these are in Europe; False: it is not offered in Europe


@dataclass(frozen=True, slots=True)
class PriceTable:
    """What a file says. `skipped` counts rows with an accelerator that the catalogue has not, or with no price."""

    prices: tuple[Price, ...]
    rows: int
    skipped: int


@dataclass(frozen=True, slots=True)
class _Row:
    instance: str
    gpu: str
    gpus: int
    price: float
    region: str


def read_table(text: str) -> PriceTable:
    """The prices in a file. Raises RemoteError (`bad-price-file`) where it is no such file, or not all of one."""
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        head = next(lines, [])
        missing = [name for name in NEEDED if name not in head]
        if missing:
            raise _bad(t("it lacks the columns {names}", names=", ".join(missing)))
        raw = []
        for cells in lines:
            if len(cells) != len(head):
                raise _bad(t("line {n} has {found} columns instead of {wanted}", n=lines.line_num, found=len(cells),
                             wanted=len(head)))  # fmt: skip
            raw.append(dict(zip(head, cells, strict=True)))
    except csv.Error as error:
        raise _bad(str(error)) from error
    if len(raw) < _FEWEST_ROWS:
        raise _bad(nt("it has only {n} row", "it has only {n} rows", len(raw)))
    hosts = _host_prices(raw)
    rows, skipped = [], 0
    for one in raw:
        if not one["AcceleratorName"].strip():
            continue
        row = _row(one, hosts)
        if row is None:
            skipped += 1
        else:
            rows.append(row)
    return PriceTable(tuple(_prices(rows)), len(raw), skipped)


def _bad(why: str) -> RemoteError:
    return RemoteError(
        t("this is no price file of the SkyPilot catalogue: {why}", why=why),
        code="bad-price-file",
        hint=t("the prices that you have are kept; the file's form may have changed, and then dkai must be updated"),
    )


def _host_prices(rows: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], float]:
    """Prices of Google's machines, which come without their GPUs, by name and zone."""
    wanted = {name for hosts in _HOSTS.values() for name in hosts.values()}
    found = {}
    for one in rows:
        price = _amount(one["Price"])
        if one["InstanceType"] in wanted and price is not None:
            found[one["InstanceType"], one.get("AvailabilityZone", "")] = price
    return found


def _row(one: Mapping[str, str], hosts: Mapping[tuple[str, str], float]) -> _Row | None:
    count, price = _amount(one["AcceleratorCount"]), _amount(one["Price"])
    if count not in _COUNTS or price is None:
        return None  # no price on demand, a fraction of a GPU, or a number that no such machine has
    gpus, instance, info = int(count or 0), one["InstanceType"], one.get("GpuInfo", "")
    gpu = gpu_id(one["AcceleratorName"], gpus, instance, info)
    if gpu is None:
        return None
    if not instance:
        host = hosts.get((_HOSTS.get(gpu, {}).get(gpus, ""), one.get("AvailabilityZone", "")))
        if host is None:
            return None  # it must be attached to a machine of one's choice: no one price
        price += host
    return _Row(instance, gpu, gpus, price, one["Region"].strip()) if price / gpus <= _DEAREST else None


def _amount(word: str) -> float | None:
    """A number above 0; None for nothing, for 0 and for what is none."""
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None


def _prices(rows: Iterable[_Row]) -> Iterator[Price]:
    kinds: dict[tuple[str, int], list[_Row]] = {}
    for row in rows:
        kinds.setdefault((row.gpu, row.gpus), []).append(row)
    for (gpu, gpus), found in sorted(kinds.items()):
        european = [row for row in found if is_european(row.region)]
        regions: dict[str, float] = {}
        for row in european or found:
            regions[row.region] = min(row.price, regions.get(row.region, row.price))
        least, most = min(regions.values()), max(regions.values())
        yield Price(gpu, gpus, least, most, _some(regions), bool(european))


def _some(regions: Mapping[str, float]) -> str:
    """The regions, the cheapest first; three of them where there are many."""
    names = [name for name in sorted(regions, key=lambda name: (regions[name], name)) if name]
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


_STARTS = (
    "eu-", "europe", "northeurope", "westeurope", "fin-", "ice-", "norway", "sweden", "denmark", "finland", "germany",
    "france", "uk", "switzerland", "poland", "italy", "spain", "austria", "belgium", "netherlands",
)  # fmt: skip
_COUNTRIES = frozenset((
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT",
    "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
))  # fmt: skip


def is_european(region: str) -> bool:
    """Whether a region's name, as its cloud writes it, is one in Europe."""
    word = region.strip()
    return word.lower().startswith(_STARTS) or word in _COUNTRIES or word.endswith(", EU")
