"""Prices by the hour, from the catalogue's lists and from what `dkai compute prices update` fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import TYPE_CHECKING

from dkai.compute.quote.place import listed_prices

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Entry

OLD_DAYS = 90  # an older price is flagged
_CURRENCIES = ("dkk", "eur", "usd")


@dataclass(frozen=True, slots=True)
class Offer:
    """An hour of a machine with so many GPUs, from the cheapest to the dearest region or kind."""

    gpu: str  # catalogue id
    gpus: int  # that are paid for
    least: float
    most: float
    currency: str
    source: str
    dated: str | None  # the day for which the price holds; None: not known
    read: str  # the day on which it was read
    where: str = ""  # the regions it is for, where they are told apart

    def age_days(self, today: date) -> int | None:
        """How old the price is; None where its date is not known to the day."""
        try:
            return None if self.dated is None else (today - date.fromisoformat(self.dated)).days
        except ValueError:
            return None


def listed_offers(entry: Entry, names: Mapping[str, str], wanted: int) -> list[Offer]:
    """What the catalogue's list says an hour with `wanted` GPUs costs, for each GPU that it has a price of.

    `names` are those of `gpu_names`.
    """
    found = []
    in_machine = {one["gpu"]: one.get("gpus_per_node") for one in entry.get("hardware", ()) if one.get("gpu")}
    for gpu_id, lines in listed_prices(entry, names).items():
        paid = _paid_for(entry, in_machine.get(gpu_id), wanted)
        for currency in _CURRENCIES:
            amounts = [line[currency] for line in lines if line.get(currency) is not None]
            if not amounts:
                continue
            line = next(line for line in lines if line.get(currency) is not None)
            source = entry["sources"][line["sources"][0]]
            dated = [str(one["dated"]) for one in lines if one.get("dated") and one["dated"] != "unknown"]
            found.append(
                Offer(gpu_id, paid, min(amounts) * paid, max(amounts) * paid, currency.upper(), str(source["url"]),
                      min(dated, default=None), str(source["checked"]))
            )  # fmt: skip
    return found


def _paid_for(entry: Entry, in_machine: object, wanted: int) -> int:
    """GPUs that are paid for: a rented machine is paid for whole."""
    rented = entry["kind"] == "commercial" and entry["scheduler"]["name"] == "none"
    if rented and isinstance(in_machine, (int, float)) and in_machine:
        return ceil(wanted / in_machine) * int(in_machine)
    return wanted


def best_offers(listed: Iterable[Offer], fetched: Iterable[Offer], wanted: int) -> dict[str, Offer]:
    """For each GPU the offer to reckon with: of the freshest source that has one, the cheapest that holds the job.

    A price without a date counts as older than any with one.
    """
    chosen: dict[str, Offer] = {}
    for offers in (listed, fetched):
        best: dict[str, Offer] = {}
        for offer in offers:
            if offer.gpus >= wanted and (offer.gpu not in best or _rank(offer) < _rank(best[offer.gpu])):
                best[offer.gpu] = offer
        for gpu, offer in best.items():
            if gpu not in chosen or (offer.dated or "") > (chosen[gpu].dated or ""):
                chosen[gpu] = offer
    return chosen


def _rank(offer: Offer) -> tuple[int, float]:
    return _CURRENCIES.index(offer.currency.lower()), offer.least
