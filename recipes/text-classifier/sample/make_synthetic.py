"""Makes letters-da.csv and letters-en.csv: 190 invented letters, 150 of them labelled, always the same.

The letters are made of the sentences of the recipe topic-model's sample. Four in ten mention another theme, and six of
the labels are set wrong on purpose (WRONG), so that what the recipe says about labels can be checked. A sender has one
to three letters, all on one theme.
"""

import csv
import io
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "topic-model" / "sample"))
from letters import SENTENCES, letter

LABELLED, UNLABELLED = 150, 40
WRONG = (11, 38, 62, 87, 110, 139)  # the letters' numbers
HEADS = {"da": ("nr", "afsender", "brev", "emne"), "en": ("no", "sender", "letter", "topic")}


def rows(language: str) -> list[tuple[str, str, str, str]]:
    """Number, sender, letter and label; and the true theme of each in `truth`."""
    return [(str(no), sender, text, label) for no, sender, text, label, _ in _made(language)]


def truth(language: str) -> dict[int, str]:
    """The theme that each letter was made from."""
    return {no: theme for no, _, _, _, theme in _made(language)}


def _made(language: str) -> list[tuple[int, str, str, str, str]]:
    draw = random.Random(2027)
    themes = list(SENTENCES[language])
    found: list[tuple[int, str, str, str, str]] = []
    sender, left, theme = 0, 0, ""
    for no in range(1, LABELLED + UNLABELLED + 1):
        if left == 0:
            sender, left, theme = sender + 1, draw.randint(1, 3), draw.choices(themes, (5, 3, 4))[0]
        left -= 1
        others = [t for t in themes if t != theme]
        aside = draw.choice(others) if draw.random() < 0.4 else ""
        text = letter(theme, language, draw, aside=aside, sentences=draw.choice((2, 2, 3)))
        label = "" if no > LABELLED else draw.choice(others) if no in WRONG else theme
        found.append((no, f"B{sender:03}", text, label, theme))
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
