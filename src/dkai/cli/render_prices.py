"""Prices of clouds as text: how old they are, and what an hour of a GPU costs at the cheapest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.cli.output import Renderable, Table
from dkai.core.clean import one_line
from dkai.core.i18n import nt, t
from dkai.core.units import show_number

if TYPE_CHECKING:
    from dkai.app.prices import CloudPrices, PriceList


def table(found: PriceList) -> Iterator[Renderable]:
    """A line a cloud, then what could not be had."""
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="muted")
    grid.add_column(t("cloud"), overflow="fold")
    grid.add_column(t("read on"), no_wrap=True)
    grid.add_column(t("age"), no_wrap=True)
    grid.add_column(t("GPUs"), justify="right")
    grid.add_column(t("cheapest an hour, one GPU"), overflow="fold")
    for one in found.items:
        grid.add_row(one_line(one.name), one.read or "–", Text(_age(one), style="warn" if one.old else ""),
                     str(len({price.gpu for price in one.prices})) if one.read else "–", _examples(one))  # fmt: skip
    yield grid
    for one in found.items:
        if one.problem:
            yield Text(f"! {one_line(one.name)}: {one_line(one.problem, 400)}", style="bad")
    if any(one.read and not one.dated for one in found.items):
        names = ", ".join(one_line(one.name) for one in found.items if one.read and not one.dated)
        yield Text(
            t("{names}: the file is written by hand; how old the prices in it are is not known.", names=names),
            style="muted",
        )
    if not any(one.read for one in found.items):
        yield t("Nothing was fetched yet. Fetch (uses the network): dkai compute prices update")
    yield Text(t("In US dollars without tax, on demand. Source: {source}", source=found.source), style="muted")


def _age(one: CloudPrices) -> str:
    if one.age_days is None:
        return t("never read")
    if one.news == "new":
        return t("new")
    if one.news == "unchanged":
        return t("unchanged")
    return t("today") if one.age_days <= 0 else nt("{n} day", "{n} days", one.age_days)


def _examples(one: CloudPrices) -> str:
    """The GPUs that people ask for most, where there are prices."""
    cheapest: dict[str, float] = {}
    for price in one.prices:
        each = price.least / price.gpus
        cheapest[price.gpu] = min(each, cheapest.get(price.gpu, each))
    wanted = [gpu for gpu in ("l4", "l40s", "a100-80gb", "h100", "h200", "b200") if gpu in cheapest]
    return " · ".join(f"{gpu} {show_number(cheapest[gpu], 2)}" for gpu in wanted[:4])


def rows(found: PriceList) -> Table:
    """A row a price, for csv and md."""
    headers = (
        "cloud",
        "provider",
        "gpu",
        "gpus",
        "usd_least",
        "usd_most",
        "regions",
        "european",
        "read",
        "dated",
        "source",
    )
    return headers, [
        (one.id, one.provider, price.gpu, price.gpus, f"{price.least:.6g}", f"{price.most:.6g}",
         one_line(price.regions, 200), str(price.european).lower(), one.read or "", str(one.dated).lower(),
         one_line(one.url, 200))
        for one in found.items
        for price in one.prices
    ]  # fmt: skip
