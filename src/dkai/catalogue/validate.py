"""Is a folder of entries fit to be part of the catalogue? File by file, field by field, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dkai.catalogue.kinds import FOLDERS
from dkai.catalogue.layers import merge_layers
from dkai.catalogue.load import Document, check_shape, read_documents
from dkai.catalogue.problems import Problem, Severity, did_you_mean
from dkai.catalogue.rules import check_rules
from dkai.catalogue.words import COMPETENCES
from dkai.core.i18n import t

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Validation:
    """What was looked at, and what is wrong."""

    folder: str
    counts: dict[str, int]  # kind → entries that are well-formed
    items: tuple[Problem, ...]

    @property
    def errors(self) -> int:
        """How many problems must be mended."""
        return sum(problem.severity is Severity.ERROR for problem in self.items)


def validate(
    root: Path,
    today: date,
    *,
    below: Iterable[tuple[str, Path]] = (),
    recipes: Path | None = None,
    prefix: str | None = None,
) -> Validation:
    """Look at every file in `root`, as a layer on top of `below` (name and folder of each layer underneath).

    `prefix` is what the ids of this layer's own entries begin with, so that no later entry of dkai's has the same.
    """
    documents, problems = read_documents(root)
    layers = [(name, read_documents(folder)[0]) for name, folder in below]
    merged = merge_layers([*layers, (str(root), documents)])
    entries: dict[Key, dict[str, Any]] = {}
    spoken: dict[Key, Document] = {}  # what this layer has a say in
    for key, stages in merged.items():
        top = stages[-1]
        entry, wrong = check_shape(top.document, top.raw)
        if entry is not None:
            entries[key] = entry
            wrong = list(check_rules(top.document, entry, today))
        if top.layer == str(root):
            spoken[key] = top.document
            problems += wrong
            if prefix and len(stages) == 1 and not key[1].startswith(f"{prefix}-"):
                message = t("does not begin with “{prefix}-”, as an institution's own entries do", prefix=prefix)
                hint = t("rename it: dkai may one day have an entry of that name")
                problems.append(
                    Problem(top.document.file, "id", message, hint, top.document.lines.get(("id",)), Severity.WARNING)
                )
    # An entry that is there and malformed is mended where it lies; references to it are not wrong.
    problems += check_references(spoken, entries, set(merged), recipes)
    counts = {kind: sum(k == kind for k, _ in spoken if (k, _) in entries) for kind in FOLDERS.values()}
    order = sorted(problems, key=lambda p: (p.file, p.line or 0, p.field, p.message))
    return Validation(str(root), {kind: n for kind, n in counts.items() if n}, tuple(order))


def check_references(
    spoken: Mapping[Key, Document], entries: Mapping[Key, Mapping[str, Any]], there: set[Key], recipes: Path | None
) -> Iterator[Problem]:
    """Ids that no entry has, and names that two entries claim."""
    aliases: dict[Key, str] = {}
    for (kind, id_), entry in entries.items():
        for alias in entry.get("aliases", ()):
            other = aliases.setdefault((kind, alias), alias if (kind, alias) in entries else id_)
            if other != id_ and (kind, id_) in spoken:
                document = spoken[kind, id_]
                message = t("“{alias}” is also a name of {id}", alias=alias, id=other)
                line = document.lines.get(("aliases",))
                yield Problem(document.file, "aliases", message, t("keep it in one of them"), line)
    known = _known(entries, {*there, *aliases}, recipes)
    for key in spoken.keys() & entries.keys():
        document = spoken[key]
        for field, kind, id_ in _references(key[0], entries[key]):
            if kind in known and id_ not in known[kind]:
                message = t("names “{id}”, and there is no such {kind}", id=id_, kind=_word(kind))
                where = tuple(field.split("."))
                line = document.lines.get(where) or document.lines.get(where[:1])
                yield Problem(document.file, field, message, did_you_mean(id_, known[kind]), line)


def _known(entries: Mapping[Key, Mapping[str, Any]], names: set[Key], recipes: Path | None) -> dict[str, set[str]]:
    """What there is of each kind; a kind that is missing as a whole cannot be checked."""
    known = {kind: {name for other, name in names if other == kind} for kind in ("tool", "gpu")}
    known["competence"] = set(COMPETENCES)
    if grids := {entry["country"] for (kind, _), entry in entries.items() if kind == "grid"}:
        known["country"] = grids
    if recipes is not None and recipes.is_dir():
        known["recipe"] = {folder.name for folder in recipes.iterdir() if (folder / "recipe.yaml").is_file()}
    return known


def _word(kind: str) -> str:
    return {
        "tool": t("tool"),
        "gpu": t("GPU"),
        "recipe": t("recipe"),
        "competence": t("competence"),
        "country": t("grid entry for that country"),
    }.get(kind, kind)


def _references(kind: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Field, kind and id of everything that an entry points to."""
    if kind == "tool":
        related = entry.get("related", {})
        yield from (("related.alternatives", "tool", id_) for id_ in related.get("alternatives", ()))
        yield from (("related.recipes", "recipe", id_) for id_ in related.get("recipes", ()))
        yield from (("ease.easier", "tool", id_) for id_ in entry["ease"].get("easier", ()))
        needs = entry["prerequisites"].get("skills", ())
        yield from (("prerequisites.skills", "competence", skill.partition(":")[0]) for skill in needs)
    elif kind == "course":
        for field in ("trains", "requires"):
            yield from ((field, "competence", id_) for id_ in entry.get(field, ()))
    elif kind == "provider":
        yield from (("hardware", "gpu", one["gpu"]) for one in entry.get("hardware", ()) if one.get("gpu"))
        grid = entry.get("carbon", {}).get("grid", "unknown")
        if grid != "unknown":
            yield "carbon.grid", "country", grid
