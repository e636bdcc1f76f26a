"""The criteria by which tools are judged, and their values, as words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dkai.catalogue.labels import has_label, label
from dkai.cli import radar_words as words
from dkai.core.i18n import t
from dkai.core.text import Text
from dkai.core.units import show_number


def criterion(path: str) -> str:
    """What a criterion is called."""
    return {
        "summary": t("what it is"),
        "ring.now": t("ring"),
        "ring.why": t("why there"),
        "effectiveness.score": t("does it work"),
        "effectiveness.verdict": t("verdict"),
        "ease.score": t("is it easy"),
        "ease.interfaces": t("used through"),
        "ease.install_minutes": t("minutes to install"),
        "data_protection.score": t("data protection"),
        "data_protection.where": t("data is"),
        "data_protection.region": t("processed in"),
        "data_protection.processor": t("processor"),
        "data_protection.law": t("provider's law"),
        "data_protection.trains_on_input": t("trains on input"),
        "data_protection.agreement": t("data processing agreement"),
        "data_protection.certificates": t("certificates"),
        "data_protection.leaving": t("leaving again"),
        "data_protection.editions": t("other editions"),
        "data_protection.positions": t("institutions' positions"),
        "data_protection.levels.public": t("public data"),
        "data_protection.levels.internal": t("internal data"),
        "data_protection.levels.confidential": t("confidential data"),
        "data_protection.levels.sensitive": t("sensitive data"),
        "prerequisites.os": t("systems"),
        "prerequisites.gpu": "GPU",
        "prerequisites.gpu_memory_gb": t("GPU memory"),
        "prerequisites.accelerators": t("runs on"),
        "prerequisites.memory_gb": t("memory"),
        "prerequisites.disk_gb": t("disk"),
        "danish.support": t("in Danish"),
        "cost.model": t("cost"),
        "licence.code": t("licence, code"),
        "licence.weights": t("licence, weights"),
        "licence.training_data": t("licence, training data"),
        "commercial_use": t("commercial use"),
        "reviewed": t("oldest check"),
    }.get(path, path)


def in_words(path: str, value: Any) -> str:
    """A value as the reader's language says it; what the entry does not say is a dash."""
    if value == "unknown":
        return t("unknown")
    if not value and value != 0:
        return t("none named") if value is not None and path.endswith("certificates") else "–"
    if path.endswith(".score"):
        return t("{score} of 5", score=value)
    if path.endswith(("_gb", "minutes")):
        return _amount(value, " GB" if path.endswith("_gb") else "")
    say = _WORDS.get(path, _listed)
    return say(value)


def _listed(value: Any) -> str:
    return ", ".join(map(_word, value)) if isinstance(value, (tuple, list)) else _word(value)


def _word(value: Any) -> str:
    if isinstance(value, Text):
        return str(value)
    return label(value) if isinstance(value, str) and has_label(value) else str(value)


def _amount(value: Any, unit: str) -> str:
    ends = value if isinstance(value, (tuple, list)) else (value, value)
    low, high = (show_number(float(end), 1) for end in ends)
    return f"{low}{unit}" if low == high else f"{low}–{high}{unit}"


def _institutions(value: Any) -> str:
    return ", ".join(str(one).upper() for one in value)


_WORDS: dict[str, Callable[[Any], str]] = {
    "ring.now": words.ring,
    "data_protection.where": words.where,
    "data_protection.region": words.region,
    "data_protection.trains_on_input": words.trains,
    "data_protection.agreement": words.agreement,
    "data_protection.positions": _institutions,
    "prerequisites.gpu": lambda value: words.gpu(value, None),
    "danish.support": words.danish,
    "cost.model": words.cost,
    "commercial_use": words.use,
}
