"""The radar's values in words, in the language in use; never by colour alone."""

from __future__ import annotations

from datetime import UTC, date, datetime

from dkai.core.i18n import nt, t
from dkai.core.units import show_number

RING_STYLES = {"adopt": "good", "trial": "", "assess": "muted", "hold": "warn"}


def ring(name: str) -> str:
    """A place on the radar."""
    return {"adopt": t("adopt"), "trial": t("trial"), "assess": t("assess"), "hold": t("hold")}.get(name, name)


def where(value: str) -> str:
    """Where the data is while the tool works."""
    return {
        "local": t("on your machine"),
        "hosted": t("at its provider"),
        "both": t("either, you choose"),
        "self-hosted": t("on your own server"),
        "institution": t("at the universities' own service"),
        "unknown": t("unknown"),
    }.get(value, value)


def region(value: str) -> str:
    """Where a provider processes the data."""
    return {
        "dk": t("Denmark"),
        "eu": t("the EU/EEA"),
        "outside-eu": t("outside the EU"),
        "varies": t("differs"),
        "not-applicable": "–",
        "unknown": t("unknown"),
    }.get(value, value)


def trains(value: str) -> str:
    """Whether what people enter becomes training data."""
    return {
        "never": t("never"),
        "by-default": t("yes, by default"),
        "opt-in": t("only if you agree"),
        "opt-out": t("yes, unless you object"),
        "not-applicable": "–",
        "unknown": t("unknown"),
    }.get(value, value)


def agreement(value: str) -> str:
    """Whether there is a data processing agreement to be had."""
    return {
        "published": t("published"),
        "on-request": t("on request"),
        "institution": t("only in institutions' contracts"),
        "none": t("none"),
        "unknown": t("unknown"),
    }.get(value, value)


def danish(value: bool | str) -> str:
    """How a tool copes with Danish."""
    words = {True: t("yes"), False: t("no"), "partly": t("partly"), "not-applicable": t("no language involved")}
    return words.get(value, t("unknown"))


def cost(value: str) -> str:
    """What a tool costs."""
    return {
        "free": t("free"),
        "freemium": t("free up to a limit"),
        "institutional": t("paid by the institution, where it has it"),
        "paid": t("paid"),
    }.get(value, t("unknown"))


def use(value: str) -> str:
    """Whether commercial use is allowed."""
    return {
        "allowed": t("allowed"),
        "not-allowed": t("not allowed"),
        "restricted": t("restricted"),
    }.get(value, t("unknown"))


def gpu(needs: str, memory: tuple[float, float] | None) -> str:
    """What GPU a tool needs, in a few words."""
    if memory is not None and needs in ("optional", "recommended", "required"):
        low, high = (show_number(gb, 1) for gb in memory)
        sizes = f"{low} GB" if low == high else f"{low}–{high} GB"
        return t("{sizes} or none", sizes=sizes) if needs == "optional" else sizes
    return {
        "none": t("none"),
        "optional": t("not needed"),
        "recommended": t("recommended"),
        "required": t("needed"),
        "not-applicable": "–",
        "unknown": t("unknown"),
    }.get(needs, needs)


def ago(day: str, today: date | None = None) -> str:
    """How long ago a day (ISO 8601) is."""
    days = ((today or datetime.now(UTC).date()) - date.fromisoformat(day)).days
    if days < 1:
        return t("today")
    if days < 14:
        return nt("{n} day ago", "{n} days ago", days)
    if days < 60:
        return nt("{n} week ago", "{n} weeks ago", days // 7)
    if days < 730:
        return nt("{n} month ago", "{n} months ago", days // 30)
    return nt("{n} year ago", "{n} years ago", days // 365)
