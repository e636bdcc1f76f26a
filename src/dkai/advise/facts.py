"""Catalogue entries as the rules see them: a few facts by name, and nothing that the entry does not say.

`unknown` in an entry becomes a missing fact, so that conditions come out maybe and say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dkai.advise.candidates import DISCIPLINE, INSTITUTION
from dkai.advise.model import Candidate, Knowledge
from dkai.core.levels import Level
from dkai.core.text import Text

Entry = Mapping[str, Any]


def tool_candidate(entry: Entry, knowledge: Knowledge) -> Candidate:
    """A tool's entry as a candidate."""
    needs, protection = entry["prerequisites"], entry["data_protection"]
    facts = {
        "id": (entry["id"],),
        "ring": _known(entry["ring"]["now"]),
        "where": _where(protection["where"]),
        "trains": _known(protection["trains_on_input"]),
        "commercial": _known(entry["commercial_use"]),
        "cost": _known(entry["cost"]["model"]),
        "os": tuple(needs["os"]) or None,
        "gpu": _known(needs["gpu"]),
        "interfaces": tuple(entry["ease"]["interfaces"]) or None,
        "danish": _known({True: "yes", False: "no"}.get(entry["danish"]["support"], entry["danish"]["support"])),
        "field": _fields(tuple(entry["disciplines"]), knowledge),
    }
    scores = {"effectiveness": entry["effectiveness"], "ease": entry["ease"], "protection": protection}
    return Candidate(
        id=entry["id"],
        of="tool",
        name=Text.of(entry["name"]),
        facts={name: values for name, values in facts.items() if values is not None},
        numbers={n: float(g["score"]) for n, g in scores.items() if isinstance(g.get("score"), (int, float))},
        tasks=tuple(entry["tasks"]),
        summary=Text.of(entry["summary"]),
        texts={level: Text.of(text) for level, text in protection["levels"].items()},
        url=entry.get("home"),
    )


def place_candidate(entry: Entry, knowledge: Knowledge) -> Candidate:
    """A provider's entry as a candidate."""
    access = entry["access"]
    kind = entry["kind"]
    gpus = [piece.get("gpu") for piece in entry.get("hardware") or ()]
    gpu = None if kind == "own" or not gpus else ("yes",) if any(gpus) else ("no",)
    facts = {
        "id": (entry["id"],),
        "kind": (kind,),
        "cost": _known(entry["cost"]["model"]),
        "scheduler": _known(entry["scheduler"]["name"]),
        "gpu": gpu,
        "country": (entry["country"],),
    }
    if "anyone" in access["eligible"]:
        facts["open_to_me"] = ("yes",)
    own_names = {entry["id"], *entry.get("aliases", ())}
    facts["offers"] = _up_to(said.get("level") for said in _said(entry) if said["institution"] in own_names)
    if kind == "own":
        # What may be on one's own computer is the institution's to say: a caveat in the recommendations says so.
        facts["may_hold"] = tuple(Level)
    texts = {"who": Text.of(access["who"])}
    texts |= {f"says:{said['institution']}": Text.of(said["says"]) for said in _said(entry)}
    for said in _said(entry):
        if said["institution"] in own_names:
            texts["says:*"] = Text.of(said["says"])
    if note := entry["cost"].get("note"):
        texts["cost"] = Text.of(note)
    return Candidate(
        id=entry["id"],
        of="place",
        name=Text.of(entry["name"]),
        facts={name: values for name, values in facts.items() if values is not None},
        by_institution=_by_institution(entry, facts, knowledge),
        summary=Text.of(entry["summary"]),
        texts=texts,
        steps=tuple(Text.of(step) for step in access.get("steps") or ()),
        url=access.get("apply_url") or entry.get("home"),
    )


def _by_institution(
    entry: Entry, facts: Mapping[str, Any], knowledge: Knowledge
) -> dict[str, dict[str, tuple[str, ...]]]:
    """For each institution that may be answered: whether the place is for it, and what it says may be there."""
    question = knowledge.question(INSTITUTION)
    parts: dict[str, dict[str, tuple[str, ...]]] = {}
    for institution in [option.id for option in question.options] if question else []:
        part: dict[str, tuple[str, ...]] = {}
        if "open_to_me" not in facts:
            part["open_to_me"] = ("yes",) if institution in entry["access"]["eligible"] else ("no",)
        levels = [said.get("level") for said in _said(entry) if said["institution"] in (institution, "all")]
        if any(levels) and "may_hold" not in facts:
            part["may_hold"] = _up_to(levels)
        if part:
            parts[institution] = part
    return parts


def _said(entry: Entry) -> list[Mapping[str, Any]]:
    return list(entry["data"].get("levels") or ())


def _up_to(levels: Iterable[str | None]) -> tuple[str, ...]:
    """Every level up to the highest that is named; none when none is."""
    named = [Level(level) for level in levels if level]
    return tuple(level.value for level in Level if any(one.allows(level) for one in named))


def _known(value: Any) -> tuple[str, ...] | None:
    return None if value in (None, "unknown") else (str(value),)


def _where(value: str) -> tuple[str, ...] | None:
    return ("local", "hosted") if value in ("both", "either") else _known(value)


def _fields(disciplines: tuple[str, ...], knowledge: Knowledge) -> tuple[str, ...]:
    """The answers to the question for the field that these disciplines stand for."""
    question = knowledge.question(DISCIPLINE)
    found = [o.id for o in question.options if set(o.fields) & set(disciplines)] if question else []
    return (*found, "all") if "all" in disciplines else tuple(found)
