"""Entries of nobody's: the least that is valid, to be changed by each test."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from dkai.catalogue.kinds import folder_of

DAY = "2026-11-01"
_CLAIM = {"sources": ["S1"], "checked": DAY}


def both(da: str, en: str) -> dict[str, str]:
    return {"da": da, "en": en}


def entry(kind: str, id_: str, /, **more: Any) -> dict[str, Any]:
    """What every kind has."""
    return {
        "schema": f"dkai/{kind}/1",
        "id": id_,
        "name": id_.title(),
        "summary": both(f"Et eksempel ved navn {id_}.", f"An example called {id_}."),
        "search_words": {"da": ["eksempel"], "en": ["sample"]},
        "review": {"due": "2027-11-01"},
        "sources": {"S1": {"url": "https://a.test/page", "what": both("siden", "the page"), "checked": DAY}},
        **more,
    }


def tool(id_: str = "sample", **changes: Any) -> dict[str, Any]:
    """A tool; `changes` replace top-level fields, or single ones with `a__b=value`."""
    made = entry(
        "tool",
        id_,
        kind="software",
        home="https://a.test",
        licence={"code": "MIT"},
        commercial_use="allowed",
        cost={"model": "free"},
        tasks=["transcription"],
        quadrant="analyse-model",
        phases=["analysis"],
        disciplines=["all"],
        danish={"support": True},
        ring={"now": "trial", "since": DAY, "why": both("God nok.", "Good enough.")},
        prerequisites={**_CLAIM, "os": ["linux"], "gpu": "none"},
        effectiveness={
            "score": 3,
            "evidence": [
                {"what": both("måling", "measurement"), "value": "3 %", "by": "independent", "sources": ["S1"]}
            ],
            "verdict": both("Virker.", "Works."),
            "reviewer": "nobody",
            "checked": DAY,
        },
        ease={**_CLAIM, "score": 3, "interfaces": ["cli"], "verdict": both("Let.", "Easy.")},
        data_protection={
            **_CLAIM,
            "score": 5,
            "where": "local",
            "trains_on_input": "never",
            "levels": {
                level: both("Intet særligt.", "Nothing special.")
                for level in ("public", "internal", "confidential", "sensitive")
            },
        },
        limitations=[],
    )
    return changed(made, **changes)


# What a tool has to say of itself that sends data away.
SENT_AWAY: dict[str, Any] = {
    "data_protection__where": "hosted",
    "data_protection__region": "outside-eu",
    "data_protection__processor": "Somebody Inc. (USA)",
    "data_protection__law": ["US"],
    "data_protection__agreement": "published",
    "data_protection__certificates": ["ISO 27001"],
    "data_protection__leaving": both("Eksportér, og slet kontoen.", "Export, then delete the account."),
}


def provider(id_: str = "place", **changes: Any) -> dict[str, Any]:
    made = entry(
        "provider",
        id_,
        operator="Somebody",
        country="DK",
        kind="institution",
        hardware=[{**_CLAIM, "gpu": None, "nodes": 2}],
        scheduler={**_CLAIM, "name": "slurm"},
        login={**_CLAIM, "hosts": ["login.a.test"], "ssh": True},
        access={**_CLAIM, "eligible": ["anyone"], "who": both("Alle.", "Everyone.")},
        cost={**_CLAIM, "model": "free"},
        data={**_CLAIM, "where": "DK"},
    )
    return changed(made, **changes)


def course(id_: str = "class", **changes: Any) -> dict[str, Any]:
    made = entry(
        "course",
        id_,
        provider="Somebody",
        url="https://a.test/course",
        languages=["en"],
        format="self-paced",
        level="basic",
        price={"dkk": 0},
        trains=["programming"],
        audience=both("Alle.", "Everyone."),
        checked=DAY,
    )
    return changed(made, **changes)


def gpu(id_: str = "card", **changes: Any) -> dict[str, Any]:
    return changed(
        entry("gpu", id_, vendor="nvidia", family="Test", accelerator="cuda", memory_gb=16, checked=DAY), **changes
    )


def changed(made: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """`made` with fields replaced; `ring__now="hold"` replaces one field inside."""
    made = copy.deepcopy(made)
    for path, value in changes.items():
        *outer, last = path.split("__")
        place = made
        for name in outer:
            place = place.setdefault(name, {})
        place[last] = value
    return made


def write(root: Path, *entries: dict[str, Any]) -> Path:
    """Write entries where a layer has them; returns the layer's folder."""
    for made in entries:
        kind = made["schema"].split("/")[1]
        path = root / folder_of(kind) / f"{made['id']}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(made, ensure_ascii=False, indent=1), encoding="utf-8")  # JSON is YAML too
    return root
