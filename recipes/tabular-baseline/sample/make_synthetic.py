"""Makes synthetic-course-dk.csv: an invented table with everything that makes Danish files hard to read.

No person, course or place in it exists; the numbers come from a seeded generator. It is written as Danish Excel
writes: Windows-1252, semicolons, decimal commas, points between thousands, æ, ø and å in names, a date, post codes
with leading zeros, missing answers in three spellings, 99 for an unknown age, and a column (bevis) that gives the
answer away. Run `python make_synthetic.py` beside it to make the same bytes again.
"""

import random
from pathlib import Path

ROWS, CLASSES = 240, 24
REGIONS = ("Hovedstaden", "Sjælland", "Syddanmark", "Midtjylland", "Nordjylland")
HEAD = "løbenr;hold;region;postnr;alder;afstand_km;løn_kr;søvn_timer;tilfredshed;tilmeldt;land;bevis;gennemført"


def comma(value: float, digits: int) -> str:
    """A number with a decimal comma."""
    return f"{value:.{digits}f}".replace(".", ",")


def thousands(value: int) -> str:
    """A whole number with points between thousands."""
    return f"{value:,}".replace(",", ".")


def table() -> str:
    """The whole file as text."""
    rng = random.Random(2026)
    mood = [rng.gauss(0, 0.7) for _ in range(CLASSES)]  # classes differ: rows of one class belong together
    lines = [HEAD]
    for number in range(1, ROWS + 1):
        group = (number * 7) % CLASSES
        age = rng.randint(19, 64)
        distance = min(95.0, rng.expovariate(1 / 18))
        pay = round(210_000 + 4_200 * (age - 19) + rng.gauss(0, 40_000), -2)
        sleep = min(9.5, max(4.0, rng.gauss(7.1, 0.9)))
        content = rng.randint(1, 5)
        leaning = 0.5 + mood[group] - 0.05 * (distance - 18) + 0.8 * (sleep - 7.1) + 0.45 * (content - 3)
        finished = leaning + rng.gauss(0, 1.0) > 0
        cells = [
            str(1000 + number),
            f"hold {group + 1:02d}",
            rng.choice(REGIONS),
            f"{rng.randint(100, 9999):04d}",
            "99" if rng.random() < 0.05 else str(age),
            comma(distance, 1),
            thousands(int(pay)) if rng.random() > 0.06 else "uoplyst",
            comma(sleep, 2) if rng.random() > 0.04 else ".",
            str(content) if rng.random() > 0.05 else "",
            f"{rng.randint(1, 28):02d}-{rng.randint(1, 12):02d}-2025",
            "Danmark",
            "ja" if finished else "nej",
            "ja" if finished else "nej",
        ]
        lines.append(";".join(cells))
    return "\r\n".join(lines) + "\r\n"


if __name__ == "__main__":
    (Path(__file__).parent / "synthetic-course-dk.csv").write_bytes(table().encode("cp1252"))
