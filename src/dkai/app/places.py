"""The catalogue's places as somebody who wants to connect sees them: who may use them, and how one gets in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dkai.catalogue.catalogue import Entry
from dkai.catalogue.labels import label
from dkai.compute.site import caveat, has_queue
from dkai.core.errors import DkaiError
from dkai.core.i18n import t
from dkai.core.levels import Level
from dkai.core.text import Text

_UNIVERSITIES = {"ku", "au", "sdu", "dtu", "aau", "ruc", "itu", "cbs"}
_ORDER = ("institution", "national", "eurohpc", "commercial", "own")


@dataclass(frozen=True, slots=True)
class Says:
    """What an institution says of the data that may be at the place."""

    institution: str
    level: Level | None  # None: it names none
    text: str
    dated: str | None


@dataclass(frozen=True, slots=True)
class PlaceCard:
    """One place."""

    id: str
    name: str
    for_whom: str  # in a few words
    who: str  # in a sentence
    why_not: str | None  # why dkai cannot submit there; None: it can
    web: str | None
    hosts: tuple[str, ...]
    log_in: str | None
    steps: tuple[str, ...]
    waiting: str | None
    apply_url: str | None
    outsiders: str | None
    docs: str | None
    fingerprints: int
    levels: tuple[Says, ...]
    data_note: str | None
    scheduler: str = "slurm"  # as a site's field
    caveat: str = ""  # what everybody should know of it; empty: nothing


def all_places() -> tuple[PlaceCard, ...]:
    """Every place that dkai can submit to: the institutions' own first."""
    from dkai.catalogue.open import open_catalogue

    entries = sorted(open_catalogue().entries("provider"), key=lambda e: (_ORDER.index(e["kind"]), e.name.lower()))
    return tuple(card for card in map(place_card, entries) if card.why_not is None)


def find_places(words: str, limit: int = 9) -> tuple[PlaceCard, ...]:
    """The places that fit the words, best first, also those that dkai cannot submit to."""
    from dkai.catalogue.open import open_catalogue

    hits = open_catalogue().search(words, kinds=("provider",), limit=limit)
    return tuple(place_card(hit.entry) for hit in hits if hit.entry.id != "this-computer")


def get_place(provider: str) -> PlaceCard:
    """The place called so. Raises UserError."""
    from dkai.catalogue.open import open_catalogue

    return place_card(open_catalogue().get(provider, "provider"))


def place_of(provider: str | None) -> PlaceCard | None:
    """The place called so; None where a site has none, or the catalogue no longer knows it."""
    try:
        return get_place(provider) if provider else None
    except DkaiError:
        return None


def place_card(entry: Entry) -> PlaceCard:
    """The entry, read for somebody who wants in."""
    login, access, data = entry["login"], entry["access"], entry["data"]
    return PlaceCard(
        id=entry.id, name=entry.name, for_whom=_for_whom(access["eligible"]), who=_said(access["who"]) or "–",
        why_not=_why_not(entry), web=login.get("web"), hosts=tuple(str(host) for host in login.get("hosts") or ()),
        log_in=_said(login.get("note")), steps=tuple(str(Text.of(step)) for step in access.get("steps") or ()),
        waiting=_said(access.get("waiting_time")), apply_url=access.get("apply_url"),
        outsiders=_said(access.get("outsiders")), docs=entry.get("docs") or entry.get("home"),
        fingerprints=len(login.get("host_key_fingerprints") or ()), levels=tuple(_levels(data)),
        data_note=_said(data.get("note")), scheduler=_scheduler(entry), caveat=caveat(_scheduler(entry)),
    )  # fmt: skip


def _said(value: Any) -> str | None:
    return None if value in (None, "unknown") else str(Text.of(value))


def _levels(data: Any) -> Iterator[Says]:
    for one in data.get("levels") or ():
        level = None if one.get("level") is None else Level(one["level"])
        yield Says(_institution(one["institution"]), level, str(Text.of(one["says"])), _said(one.get("dated")))


def _institution(word: str) -> str:
    """`AAU`, `GenomeDK`, `hospitals`."""
    if word in _UNIVERSITIES:
        return word.upper()
    others = {"hospitals": t("hospitals"), "public-sector": t("public bodies"), "companies": t("companies")}
    if word in others:
        return others[word]
    from dkai.catalogue.open import open_catalogue

    try:
        return open_catalogue().get(word, "provider").name
    except DkaiError:
        return label(word)


def _for_whom(eligible: list[str]) -> str:
    """`AAU`, `all eight universities and hospitals`."""
    if "anyone" in eligible:
        return t("anyone")
    rest = [_institution(word) for word in eligible]
    if set(eligible) >= _UNIVERSITIES:
        rest = [t("all eight universities"), *(_institution(word) for word in eligible if word not in _UNIVERSITIES)]
    return ", ".join(rest)


def is_ucloud(entry: Entry) -> bool:
    """Whether jobs there are started over UCloud's own interface."""
    return entry.id == "ucloud"


def _scheduler(entry: Entry) -> str:
    return "ucloud" if is_ucloud(entry) else str(entry["scheduler"]["name"])


def _why_not(entry: Entry) -> str | None:
    """Why dkai cannot submit there; None when it can: a scheduler it speaks, reached with SSH, or UCloud."""
    scheduler = entry["scheduler"]["name"]
    if is_ucloud(entry):
        return None
    if scheduler in ("none", "unknown"):
        return t("it has no scheduler that dkai knows of")
    if not has_queue(scheduler):
        return t("its jobs are started with {scheduler}, which dkai does not speak", scheduler=scheduler.upper())
    if entry["login"]["ssh"] is False:
        return t("it is not reached with SSH")
    return None
