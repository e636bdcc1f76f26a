"""Where a tool takes the data: as it comes, in other editions, and what to think of at each data level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dkai.cli import radar_words as words
from dkai.cli.tool_text import Rows, cited, score, text
from dkai.core.i18n import t
from dkai.core.levels import Level


def data_rows(entry: Mapping[str, Any], level: str | None = None) -> Rows:
    """The rows of the page; with a level only what is about that one."""
    part = entry["data_protection"]
    yield t("Your data"), f"{score(part['score'])} · {part['checked']}{cited(part)}"
    yield "", " · ".join(_facts(part))
    yield from _leaving(part)
    if "note" in part:
        yield "", text(part["note"])
    if "not_the_same" in part:
        yield "", f"! {text(part['not_the_same'])}"
    for place, edition in enumerate(_editions(part, level)):
        yield (
            t("Or else") if place == 0 else "",
            f"{text(edition['name'])}: {' · '.join(_facts(edition))}{cited(edition)}",
        )
        yield from _leaving(edition)
        if "note" in edition:
            yield "", text(edition["note"])
    for place, one in enumerate(Level if level is None else (Level(level),)):
        yield t("At each level") if place == 0 and level is None else "", f"{one.label}: {text(part['levels'][one])}"
    for place, position in enumerate(part.get("positions", ())):
        dated = position.get("dated", "unknown")
        day = t("undated") if dated == "unknown" else dated
        says = f"{position['institution'].upper()} ({day}): {text(position['says'])}{cited(position)}"
        yield t("Positions taken") if place == 0 else "", says


def _editions(part: Mapping[str, Any], level: str | None) -> list[Mapping[str, Any]]:
    return [one for one in part.get("editions", ()) if level is None or level in one.get("for_levels", ())]


def _facts(part: Mapping[str, Any]) -> Iterator[str]:
    """What happens to the data, in a few words each; what does not apply is left out."""
    yield words.where(part["where"])
    if part.get("region", "not-applicable") != "not-applicable":
        yield t("processed in: {where}", where=words.region(part["region"]))
    if "processor" in part:
        yield t("processor: {name}", name=_known(part["processor"]))
    if "law" in part:
        yield t("provider's law: {countries}", countries=_listed(part["law"]))
    if part["trains_on_input"] != "not-applicable":
        yield t("trains on input: {answer}", answer=words.trains(part["trains_on_input"]))
    if "agreement" in part:
        yield t("data processing agreement: {answer}", answer=words.agreement(part["agreement"]))
    if "certificates" in part:
        yield t("certificates: {names}", names=_listed(part["certificates"]))
    if part.get("for_levels"):
        yield t("asked about for: {levels}", levels=", ".join(Level(one).label for one in part["for_levels"]))


def _leaving(part: Mapping[str, Any]) -> Rows:
    if "leaving" in part:
        yield "", t("Leaving again: {how}", how=_known(part["leaving"]))


def _known(value: Any) -> str:
    return t("unknown") if value == "unknown" else text(value)


def _listed(value: Any) -> str:
    if value == "unknown":
        return t("unknown")
    return ", ".join(value) or t("none named")
