"""Makes the sample: invented questions to an invented library, answered in one fixed tone. CC0 1.0."""

import json
import random
from pathlib import Path

THINGS = {
    "bogen": "låne", "avisen": "læse", "filmen": "låne", "kortet": "se", "spillet": "låne", "tegningen": "se",
    "rapporten": "læse", "brevet": "læse", "pladen": "høre", "noden": "låne", "fotoet": "se", "protokollen": "læse",
}  # fmt: skip
PLACES = ("i stuen", "på første sal", "i kælderen", "i læsesalen", "ved skranken", "i børneafdelingen")
DAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag")
ASK = ("Hvor kan jeg {do} {thing}?", "Må man {do} {thing} om {day}en?", "Hvornår kan jeg {do} {thing}?",
       "Jeg vil gerne {do} {thing}, hvad gør jeg?")  # fmt: skip


def lines() -> list[dict[str, str]]:
    """240 pairs of question and answer."""
    rng = random.Random(20261124)
    made: dict[str, str] = {}
    while len(made) < 240:
        thing, do = rng.choice(list(THINGS.items()))
        day, place, hour = rng.choice(DAYS), rng.choice(PLACES), rng.randrange(9, 18)
        ask = rng.choice(ASK).format(do=do, thing=thing, day=day)
        if len(made) % 2:
            ask = f"{rng.choice(('Hej.', 'Goddag.', 'Undskyld.'))} {ask}"
        if ask in made:
            ask = f"{ask} ({rng.randrange(100, 999)})"
        made.setdefault(
            ask, f"Kære gæst. Du kan {do} {thing} {place} {day} fra kl. {hour}. Med venlig hilsen, biblioteket"
        )
    return [{"prompt": prompt, "response": response} for prompt, response in made.items()]


def text() -> str:
    """The sample as JSON lines, with two broken ones as real files have them."""
    rows = [json.dumps(row, ensure_ascii=False) for row in lines()]
    rows.insert(100, '{"prompt": "Hvor er toilettet?", "response": ""}')
    rows.insert(200, '{"prompt": "Har I åbent i dag?", "response": "Ja')
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / "library.jsonl").write_text(text(), encoding="utf-8")
