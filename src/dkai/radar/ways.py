"""The ways in which a tool can be had: as it comes, and the editions on other terms; which of them fits a wish."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dkai.core.i18n import t
from dkai.core.levels import Level
from dkai.core.text import Text
from dkai.radar.wishes import Filters, Objection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dkai.catalogue.catalogue import Entry


@dataclass(frozen=True, slots=True)
class Way:
    """One way, and what speaks against it."""

    edition: Text | None  # None: as it comes
    where: str  # the data is, while it works
    region: str | None
    objections: tuple[Objection, ...]


def best_way(tool: Entry, wishes: Filters) -> Way:
    """The first way that meets the wishes about data and place; where none does, the tool as it comes."""
    handling = tool["data_protection"]
    as_it_comes = _way(None, tool, handling, wishes)
    if not as_it_comes.objections:
        return as_it_comes
    editions = (_way(Text.of(one["name"]), tool, one, wishes) for one in handling.get("editions", ()))
    return next((way for way in editions if not way.objections), as_it_comes)


def _way(edition: Text | None, tool: Entry, handling: Mapping[str, Any], wishes: Filters) -> Way:
    against = tuple(_against(tool, handling, wishes))
    return Way(edition, handling["where"], handling.get("region"), against)


def _against(tool: Entry, handling: Mapping[str, Any], wishes: Filters) -> Iterator[Objection]:
    if wishes.data is not None:
        yield from _data(handling["where"], wishes.data)
    if wishes.runs is not None:
        yield from _runs(tool, handling, wishes.runs)


def _data(where: str, level: Level) -> Iterator[Objection]:
    """Confidential and sensitive data stays on machines that the institution answers for."""
    if Level.INTERNAL.allows(level):
        return
    if where == "hosted":
        yield Objection("data", t("it sends the data to its provider"))
    elif where == "unknown":
        yield Objection("data", t("it is not known where the data goes"), known=False)


def _runs(tool: Entry, handling: Mapping[str, Any], runs: str) -> Iterator[Objection]:
    where = handling["where"]
    if where == "unknown":
        yield Objection("runs", t("it is not known where it runs"), known=False)
    elif runs == "eu":
        yield from _in_europe(where, handling.get("region"))
    elif runs in ("laptop", "server") and where == "hosted":
        yield Objection("runs", t("it runs at its provider only"))
    elif runs == "laptop":
        gpu = tool.at("prerequisites.gpu")
        if where in ("self-hosted", "institution"):
            yield Objection("runs", t("it needs a server"))
        elif gpu == "required":
            yield Objection("runs", t("it needs a GPU"))
        elif gpu == "unknown":
            yield Objection("runs", t("it is not known whether it needs a GPU"), known=False)


def _in_europe(where: str, region: object) -> Iterator[Objection]:
    if where not in ("hosted", "institution") or region in ("dk", "eu"):
        return
    if region in (None, "unknown"):
        yield Objection("runs", t("it is not known where its provider keeps the data"), known=False)
    else:
        yield Objection("runs", t("its provider keeps the data outside the EU, or may"))
