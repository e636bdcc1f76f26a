"""Makes letters-da.csv and letters-en.csv: 90 invented letters in each language, 2021 to 2024, always the same.

Letters about waste grow from few to many over the years, those about schools fall, and those about traffic stay.
"""

import csv
import io
import random
from pathlib import Path

from letters import SENTENCES, letter

# Letters a year of each theme, in the order of SENTENCES: traffic, school, waste.
YEARS = {2021: (8, 12, 2), 2022: (7, 9, 6), 2023: (8, 6, 9), 2024: (7, 3, 13)}
HEADS = {"da": ("nr", "dato", "brev"), "en": ("no", "date", "letter")}


def rows(language: str) -> list[tuple[str, str, str]]:
    """The letters in the order they came."""
    draw = random.Random(2026)
    themes = list(SENTENCES[language])
    found = []
    for year, counts in YEARS.items():
        this_year = [theme for theme, n in zip(themes, counts, strict=True) for _ in range(n)]
        draw.shuffle(this_year)
        for at, theme in enumerate(this_year):
            month, day = 1 + at * 12 // len(this_year), draw.randint(1, 28)
            aside = draw.choice([t for t in themes if t != theme]) if draw.random() < 0.2 else ""
            date = f"{day:02}-{month:02}-{year}" if language == "da" else f"{year}-{month:02}-{day:02}"
            found.append((str(len(found) + 1), date, letter(theme, language, draw, aside=aside)))
    return found


def table(language: str) -> bytes:
    """As a spreadsheet in that language saves it: Danish with semicolons and a byte-order mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if language == "da" else ",", lineterminator="\n")
    writer.writerow(HEADS[language])
    writer.writerows(rows(language))
    return text.getvalue().encode("utf-8-sig" if language == "da" else "utf-8")


if __name__ == "__main__":
    for name in HEADS:
        (Path(__file__).parent / f"letters-{name}.csv").write_bytes(table(name))
