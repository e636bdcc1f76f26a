"""Prices of clouds: what there is and how old it is, and fetching them anew."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from dkai.compute.compare.offers import OLD_DAYS, Offer
from dkai.compute.news import News, Tell, silent
from dkai.compute.prices.clouds import BASE_URL, CLOUDS, Cloud
from dkai.compute.prices.kept import Kept, load_prices, save_prices
from dkai.compute.prices.table import Price, read_table
from dkai.core.errors import DkaiError, RemoteError, UserError
from dkai.core.i18n import t


@dataclass(frozen=True, slots=True)
class CloudPrices:
    """One cloud: the day on which its file was read (None: never), and the prices in it (USD an hour)."""

    id: str
    name: str
    provider: str  # catalogue id
    read: str | None
    age_days: int | None
    old: bool
    dated: bool  # its file is made anew several times a day: the prices are as old as the reading
    url: str
    skipped: int  # rows that name no GPU of the catalogue, or have no price
    prices: tuple[Price, ...]
    news: str = ""  # what an update did: `new`, `unchanged`, `failed`
    problem: str = ""


@dataclass(frozen=True, slots=True)
class PriceList:
    """What there is of every cloud."""

    items: tuple[CloudPrices, ...]
    source: str


def list_prices(today: date) -> PriceList:
    """What was fetched so far."""
    kept = load_prices()
    return PriceList(tuple(_view(cloud, kept.get(cloud.id), today) for cloud in CLOUDS), BASE_URL)


def update_prices(
    today: date, *, clouds: Collection[str] = (), base: str | None = None, tell: Tell = silent
) -> PriceList:  # fmt: skip
    """Fetch the files of these clouds (all without any) and keep what is in them.

    A file that cannot be had, or is none, leaves that cloud's old prices as they are: it is told in `problem`. Raises
    UserError for an unknown cloud, RemoteError where not one file could be had.
    """
    from dkai.compute.prices.fetch import check_address, fetch

    unknown = set(clouds) - {cloud.id for cloud in CLOUDS}
    if unknown:
        raise UserError(
            t("no cloud is called “{name}”", name=min(unknown)),
            code="no-such-cloud",
            hint=t("the clouds are: {names}", names=", ".join(cloud.id for cloud in CLOUDS)),
        )
    source = base or BASE_URL
    check_address(source)
    kept = load_prices()
    views: list[CloudPrices] = []
    failures: list[DkaiError] = []
    asked = [cloud for cloud in CLOUDS if not clouds or cloud.id in clouds]
    for cloud in asked:
        tell(News("fetching", t("fetching the prices of {cloud}", cloud=cloud.name)))
        before = kept.get(cloud.id)
        same_place = before is not None and before.url.startswith(source.rstrip("/") + "/")
        try:
            file = fetch(cloud, source, before.etag if before is not None and same_place else None)
            if file.text is None and before is not None:
                kept[cloud.id], news = replace(before, read=today.isoformat()), "unchanged"
            else:
                found = read_table(file.text or "")
                day = today.isoformat()
                kept[cloud.id] = Kept(cloud.id, file.url, day, day, file.etag, found.rows, found.skipped, found.prices)
                news = "new"
            views.append(replace(_view(cloud, kept[cloud.id], today), news=news))
        except DkaiError as error:
            failures.append(error)
            views.append(replace(_view(cloud, before, today), news="failed", problem=error.message))
    if len(failures) == len(asked):
        first = failures[0]
        raise RemoteError(first.message, code=first.code, hint=first.hint) from first
    save_prices(kept)
    return PriceList(tuple(views), source)


def fetched_offers() -> dict[str, list[Offer]]:
    """The fetched prices as offers, by the catalogue's id of the place."""
    kept = load_prices()
    return {
        cloud.provider: [
            Offer(price.gpu, price.gpus, price.least, price.most, "USD", one.url,
                  one.read if cloud.refreshed else None, one.read, _where(price))
            for price in one.prices
        ]
        for cloud in CLOUDS
        if (one := kept.get(cloud.id)) is not None
    }  # fmt: skip


def _where(price: Price) -> str:
    if price.european:
        return t("in Europe: {regions}", regions=price.regions)
    return t("none in Europe: {regions}", regions=price.regions)


def _view(cloud: Cloud, kept: Kept | None, today: date) -> CloudPrices:
    if kept is None:
        return CloudPrices(cloud.id, cloud.name, cloud.provider, None, None, False, cloud.refreshed, "", 0, ())
    age = (today - date.fromisoformat(kept.read)).days
    return CloudPrices(cloud.id, cloud.name, cloud.provider, kept.read, age, age > OLD_DAYS, cloud.refreshed, kept.url,
                       kept.skipped, kept.prices)  # fmt: skip
