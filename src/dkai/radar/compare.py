"""Tools side by side: one row a criterion, those in which they differ first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dkai.core.errors import UsageError
from dkai.core.i18n import nt, t
from dkai.core.text import Text
from dkai.radar.filters import reviewed

if TYPE_CHECKING:
    from datetime import date

    from dkai.catalogue.catalogue import Catalogue, Entry

MOST = 6


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the tools."""

    id: str
    name: str
    overdue: tuple[str, ...]  # parts past their review date; empty text: all of it


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion: a value a tool, in their order. None: the entry does not say, for it does not apply."""

    id: str
    name: str  # as the catalogue's fields are called
    group: str  # overview, effectiveness, ease, data_protection, prerequisites or terms
    values: tuple[Any, ...]
    same: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything by which the radar judges, for each of the tools."""

    tools: tuple[Compared, ...]
    items: tuple[Row, ...]  # differences first; within both in the order of the criteria

    @property
    def differing(self) -> int:
        """In how many criteria they differ."""
        return sum(not row.same for row in self.items)


def compare(catalogue: Catalogue, ids: Sequence[str], today: date) -> Comparison:
    """The tools called `ids`, each once. Raises UserError for an unknown one, UsageError for fewer than two."""
    entries = list({entry.id: entry for entry in (catalogue.get(id_, "tool") for id_ in ids)}.values())
    if not 2 <= len(entries) <= MOST:
        raise UsageError(
            nt(
                "{n} tool to compare; it takes 2 to {most}",
                "{n} tools to compare; it takes 2 to {most}",
                len(entries),
                most=MOST,
            ),
            code="cannot-compare",
            hint=t("such as: dkai radar compare whisper noscribe"),
        )
    rows = []
    for group, path, read in _CRITERIA:
        values = tuple(read(entry) for entry in entries)
        if any(value is not None for value in values):
            same = all(value == values[0] for value in values)
            rows.append(Row(path, path.rpartition(".")[2], group, values, same))
    rows.sort(key=lambda row: row.same)
    tools = tuple(Compared(e.id, e.name, tuple(e.overdue(today.isoformat()))) for e in entries)
    return Comparison(tools, tuple(rows))


Read = Callable[["Entry"], Any]


def _at(path: str) -> Read:
    def read(entry: Entry) -> Any:
        value = entry.at(path)
        if isinstance(value, dict) and "da" in value:
            return Text.of(value)
        return tuple(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value

    return read


def _memory(entry: Entry) -> Any:
    """Smallest and largest size, in GB."""
    sizes = entry.at("prerequisites.gpu_memory_gb")
    if not isinstance(sizes, list):
        return sizes
    return (min(s["gb"] for s in sizes), max(s["gb"] for s in sizes)) if sizes else None


def _minutes(entry: Entry) -> Any:
    minutes = entry.at("ease.install_minutes")
    return (minutes["low"], minutes["high"]) if isinstance(minutes, dict) else minutes


def _editions(entry: Entry) -> Any:
    names = tuple(Text.of(one["name"]) for one in entry["data_protection"].get("editions", ()))
    return names or None


def _positions(entry: Entry) -> Any:
    """Which institutions have taken a position."""
    return tuple(sorted({one["institution"] for one in entry["data_protection"].get("positions", ())})) or None


_CRITERIA: tuple[tuple[str, str, Read], ...] = (
    ("overview", "summary", _at("summary")),
    ("overview", "ring.now", _at("ring.now")),
    ("overview", "ring.why", _at("ring.why")),
    ("effectiveness", "effectiveness.score", _at("effectiveness.score")),
    ("effectiveness", "effectiveness.verdict", _at("effectiveness.verdict")),
    ("ease", "ease.score", _at("ease.score")),
    ("ease", "ease.interfaces", _at("ease.interfaces")),
    ("ease", "ease.install_minutes", _minutes),
    ("data_protection", "data_protection.score", _at("data_protection.score")),
    ("data_protection", "data_protection.where", _at("data_protection.where")),
    ("data_protection", "data_protection.region", _at("data_protection.region")),
    ("data_protection", "data_protection.processor", _at("data_protection.processor")),
    ("data_protection", "data_protection.law", _at("data_protection.law")),
    ("data_protection", "data_protection.trains_on_input", _at("data_protection.trains_on_input")),
    ("data_protection", "data_protection.agreement", _at("data_protection.agreement")),
    ("data_protection", "data_protection.certificates", _at("data_protection.certificates")),
    ("data_protection", "data_protection.leaving", _at("data_protection.leaving")),
    ("data_protection", "data_protection.editions", _editions),
    ("data_protection", "data_protection.positions", _positions),
    *(
        ("data_protection", f"data_protection.levels.{level}", _at(f"data_protection.levels.{level}"))
        for level in ("public", "internal", "confidential", "sensitive")
    ),
    ("prerequisites", "prerequisites.os", _at("prerequisites.os")),
    ("prerequisites", "prerequisites.gpu", _at("prerequisites.gpu")),
    ("prerequisites", "prerequisites.gpu_memory_gb", _memory),
    ("prerequisites", "prerequisites.accelerators", _at("prerequisites.accelerators")),
    ("prerequisites", "prerequisites.memory_gb", _at("prerequisites.memory_gb")),
    ("prerequisites", "prerequisites.disk_gb", _at("prerequisites.disk_gb")),
    ("terms", "danish.support", _at("danish.support")),
    ("terms", "cost.model", _at("cost.model")),
    ("terms", "licence.code", _at("licence.code")),
    ("terms", "licence.weights", _at("licence.weights")),
    ("terms", "licence.training_data", _at("licence.training_data")),
    ("terms", "commercial_use", _at("commercial_use")),
    ("terms", "reviewed", reviewed),
)
