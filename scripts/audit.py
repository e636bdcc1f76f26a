"""Claims that would do harm if they were wrong, drawn by chance, each beside its sources, for somebody else to check.

`make audit SEED=7` prints some forty of them: on data protection, licences, eligibility, billing, limits and GPU
memory. The same seed draws the same claims as long as the catalogue is the same. What is found goes into
docs/audits.md.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dkai.catalogue.catalogue import Entry
from dkai.catalogue.open import open_catalogue

PER_GROUP = {
    "data protection": 10,
    "licence": 6,
    "eligibility": 5,
    "billing": 5,
    "limits": 4,
    "GPU memory": 4,
}
_HANDLING = ("where", "region", "processor", "law", "trains_on_input", "agreement", "certificates", "leaving")


@dataclass(frozen=True)
class Claim:
    """One value of one entry, and where it is said to be from."""

    group: str
    entry: str  # kind:id
    field: str
    value: Any
    sources: tuple[str, ...]
    checked: str

    def text(self, number: int) -> str:
        """As a person checks it: what is claimed, then where to look."""
        value = self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False)
        lines = [f"{number:>3}. [{self.group}] {self.entry} › {self.field}", f"     {value}"]
        lines += [f"     ← {source}" for source in self.sources]
        return "\n".join([*lines, f"     compared on {self.checked or 'no day named'}"])


def claims() -> Iterator[Claim]:
    """Every claim of these kinds in the built-in catalogue; what is unknown claims nothing."""
    catalogue = open_catalogue()
    for tool in catalogue.entries("tool"):
        yield from _handling(tool)
        yield from _licence(tool)
        yield from _tool_memory(tool)
    for place in catalogue.entries("provider"):
        access, cost = place["access"], place["cost"]
        for name in ("eligible", "who", "outsiders"):
            yield from _claim("eligibility", place, f"access.{name}", access.get(name), access)
        yield from _claim("billing", place, "cost.model", cost["model"], cost)
        yield from _claim("billing", place, "cost.billing", cost.get("billing"), cost)
        for number, price in enumerate(cost.get("price", ())):
            yield from _claim("billing", place, f"cost.price[{number}]", price, price, cost)
        for number, limit in enumerate(place.get("limits", ())):
            yield from _claim("limits", place, f"limits[{number}]", _without(limit), limit)
    for gpu in catalogue.entries("gpu"):
        yield from _claim("GPU memory", gpu, "memory_gb", gpu["memory_gb"], gpu)


def _handling(tool: Entry) -> Iterator[Claim]:
    part = tool["data_protection"]
    ways = [("data_protection", part)]
    ways += [(f"data_protection.editions[{i}]", one) for i, one in enumerate(part.get("editions", ()))]
    for path, way in ways:
        for name in _HANDLING:
            yield from _claim("data protection", tool, f"{path}.{name}", way.get(name), way)
    for number, position in enumerate(part.get("positions", ())):
        field = f"data_protection.positions[{number}]"
        yield from _claim("data protection", tool, field, _without(position), position, part)


def _licence(tool: Entry) -> Iterator[Claim]:
    licence = tool["licence"]
    for name in ("code", "weights", "training_data"):
        yield from _claim("licence", tool, f"licence.{name}", licence.get(name), licence)
    yield from _claim("licence", tool, "commercial_use", tool["commercial_use"], licence)


def _tool_memory(tool: Entry) -> Iterator[Claim]:
    part = tool["prerequisites"]
    sizes = part.get("gpu_memory_gb")
    for number, size in enumerate(sizes if isinstance(sizes, list) else ()):
        yield from _claim("GPU memory", tool, f"prerequisites.gpu_memory_gb[{number}]", size, part)


def _claim(group: str, entry: Entry, field: str, value: Any, *parts: Mapping[str, Any]) -> Iterator[Claim]:
    """The claim, with the sources of the nearest part that names any; else all of the entry's."""
    if value in (None, "unknown", "not-applicable", [], ()):
        return
    named = next((part["sources"] for part in parts if isinstance(part.get("sources"), list)), None)
    known = entry["sources"]
    used = named or list(known)
    sources = tuple(f"{known[name]['url']} ({_words(known[name]['what'])})" for name in used if name in known)
    checked = next((str(part["checked"]) for part in parts if "checked" in part), "")
    yield Claim(group, f"{entry.kind}:{entry.id}", field, _plain(value), sources, checked)


def _without(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in ("sources", "checked")}


def _plain(value: Any) -> Any:
    """Texts in English only: the Danish says the same."""
    if isinstance(value, Mapping):
        return value["en"] if "en" in value and "da" in value else {k: _plain(v) for k, v in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _words(value: Any) -> str:
    return str(_plain(value))


def draw(seed: int) -> list[Claim]:
    """The claims of one round, group by group."""
    chance = random.Random(seed)
    everything = sorted(claims(), key=lambda one: (one.group, one.entry, one.field))
    drawn: list[Claim] = []
    for group, count in PER_GROUP.items():
        of_group = [one for one in everything if one.group == group]
        drawn += chance.sample(of_group, min(count, len(of_group)))
    return drawn


def main() -> None:
    try:
        seed = int(sys.argv[1])
    except (IndexError, ValueError):
        sys.exit("usage: python scripts/audit.py SEED (a whole number)")
    drawn = draw(seed)
    print(f"{len(drawn)} claims, seed {seed}, catalogue of {open_catalogue().date}\n")
    for number, claim in enumerate(drawn, start=1):
        print(claim.text(number), end="\n\n")


if __name__ == "__main__":
    main()
