"""How much the catalogue knows, how old it is, whose words it consists of, and what should be looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dkai.catalogue.added import OWN, added_layers, own_folder
from dkai.catalogue.catalogue import Catalogue
from dkai.core import paths


@dataclass(frozen=True, slots=True)
class LayerStatus:
    """One layer: where it is, and how many entries have its words in them."""

    id: str
    name: str
    folder: str
    there: bool
    entries: int


@dataclass(frozen=True, slots=True)
class DueReview:
    """A review whose date has passed."""

    id: str
    name: str
    kind: str
    part: str  # group of claims; empty: the whole entry
    due: str


@dataclass(frozen=True, slots=True)
class Status:
    """The catalogue as a whole."""

    date: str  # the newest check of any source
    age_days: int
    counts: dict[str, int]
    unknowns: int  # values that were looked for and are not known
    layers: tuple[LayerStatus, ...]
    due: tuple[DueReview, ...]
    problems: tuple[str, ...]  # what could not be used


def status_of(catalogue: Catalogue, today: date) -> Status:
    """The state of an open catalogue on a given day."""
    folders = [("dkai", paths.entries_dir()), *added_layers()]
    if own_folder().is_dir():
        folders.append((OWN, own_folder()))
    speaking = catalogue.layer_counts()
    names = {(kind, id_): name for kind, id_, name in catalogue.names()}
    return Status(
        date=catalogue.date,
        age_days=(today - date.fromisoformat(catalogue.date)).days if catalogue.date else 0,
        counts=catalogue.counts(),
        unknowns=catalogue.unknowns,
        layers=tuple(
            LayerStatus(name, name, str(folder), folder.is_dir(), speaking.get(name, 0)) for name, folder in folders
        ),
        due=tuple(
            DueReview(id_, names.get((kind, id_), id_), kind, part, day)
            for day, kind, id_, part in catalogue.due(today.isoformat())
        ),
        problems=catalogue.problems,
    )
