"""A catalogue of any size: shipped tools copied under other names, with search words drawn from all of them.

Each copy keeps the size and shape of a real entry, so that reading and searching cost what they would cost.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from dkai.catalogue.open import open_catalogue

_SYLLABLES = ("ba", "cel", "dor", "fi", "gra", "hel", "kun", "lo", "mik", "nor", "pul", "ras", "ska", "tek", "vin")


def entries(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """`count` tools, the same ones for the same seed."""
    chance = random.Random(seed)
    models = [dict(entry) for entry in open_catalogue().entries("tool")]
    words = {lang: sorted({w for m in models for w in m["search_words"].get(lang, ())}) for lang in ("da", "en")}
    made = []
    for number in range(count):
        entry: dict[str, Any] = json.loads(json.dumps(chance.choice(models)))
        name = "".join(chance.choices(_SYLLABLES, k=3)).title()
        entry |= {
            "schema": "dkai/tool/1",
            "id": f"bench-{number:05d}",
            "name": f"{name} {number}",
            "aliases": [],
            "related": {},
            "search_words": {lang: chance.sample(words[lang], k=8) for lang in words},
        }
        entry["ease"]["easier"] = []
        made.append(entry)
    return made


def write(folder: Path, count: int) -> None:
    """The same as a layer of YAML files (JSON is YAML)."""
    below = folder / "tools"
    below.mkdir(parents=True)
    for entry in entries(count):
        (below / f"{entry['id']}.yaml").write_text(json.dumps(entry, ensure_ascii=False), encoding="utf-8")
