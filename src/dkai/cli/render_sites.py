"""Sites as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.cli.output import Renderable, Table
from dkai.compute.site import has_queue
from dkai.compute.site import title as scheduler_title
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.app.sites import SiteList, SiteView


def table(found: SiteList) -> Iterator[Renderable]:
    """One line a site."""
    from rich.table import Table as Grid

    grid = Grid(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in (t("name"), t("place"), t("how"), t("account"), t("data up to")):
        grid.add_column(title, header_style="muted")
    for site in found.items:
        grid.add_row(
            site.id, site.name, _how(site), site.account or "–", site.level.label if site.level else t("not said")
        )
    yield grid
    for site in found.items:
        if site.caveat:
            yield f"{site.id}: {site.caveat}"
    if len(found.items) == 1:
        yield ""
        yield t("Add a place of yours, question by question: dkai compute connect")


def rows(found: SiteList) -> Table:
    """The same for csv and md."""
    headers = ("id", "provider", "host", "scheduler", "address", "user", "account", "level")
    return headers, [
        (s.id, s.provider or "", s.host, s.scheduler, s.address or "", s.user or "", s.account or "", s.level or "")
        for s in found.items
    ]


def _how(site: SiteView) -> str:
    runs = scheduler_title(site.scheduler) if has_queue(site.scheduler) else t("processes")
    if site.host == "local":
        return t("{what} on this computer", what=runs)
    if site.host == "ucloud":
        return f"{runs}, {site.address}"
    return t("{what} over SSH, {where}", what=runs, where=f"{site.user}@{site.address}" if site.user else site.address)


def one(site: SiteView) -> Iterator[Renderable]:
    """One site in one line."""
    level = t("data up to {level}", level=site.level.label if site.level else t("not said"))
    yield f"{site.id}: {_how(site)} · {t('account {name}', name=site.account or '–')} · {level}"
    if site.caveat:
        yield site.caveat


def added(site: SiteView) -> Iterator[Renderable]:
    """A new site, and what comes next."""
    yield from one(site)
    yield t("Try it: dkai compute connect {name}", name=site.id)
    if site.level is None:
        yield t("Ask which data may be there, then: dkai compute sites set {name} --level …", name=site.id)


def removed(site: SiteView) -> Iterator[Renderable]:
    """That it is gone."""
    yield t("{name} is removed; its jobs stay in your list.", name=site.id)
