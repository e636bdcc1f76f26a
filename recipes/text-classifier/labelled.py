"""The texts with their labels: from a column of a table, or from the subfolders that files lie in; and those without.

Texts that say the same, and rows that a `group` column says belong together, stay on one side when they are split:
otherwise a model is tested on what it has seen.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from documents import Piece, Reading, by_file
from rows import Rows, column
from words import CannotGoOn, Words

FEWEST, FEWEST_IN_CLASS, MOST_CLASSES = 20, 5, 40
NO_LABEL = frozenset(("", "?", "-", "–", ".", "na", "n/a", "nan", "null", "none", "ukendt", "unknown"))
UNLABELLED_FOLDERS = frozenset(("ukendt", "uden", "uden-etiket", "unknown", "unlabelled", "unlabeled"))


@dataclass(frozen=True)
class Labelled:
    """What is learned from and what is asked about."""

    texts: tuple[str, ...]
    pieces: tuple[Piece, ...]
    y: np.ndarray  # places in classes
    classes: tuple[str, ...]
    groups: np.ndarray | None  # texts with the same number stay together
    unknown: tuple[Piece, ...]  # texts without a label
    remarks: tuple[str, ...]
    twins: int  # texts that say the same as another


def label_texts(reading: Reading, label: str | None, group: str | None, words: Words) -> Labelled:
    """The labelled texts. Raises CannotGoOn when there are too few to learn from."""
    pieces = by_file(reading.pieces)
    table = Rows(reading.names, (), "", 0)
    remarks: list[str] = []
    if reading.names:
        name = column(table, label, "label", "", words)
        given = [piece.fields.get(name, "") if piece.kind == "row" else "" for piece in pieces]
    else:
        given = [_folder(piece.file) for piece in pieces]
        if not any(given):
            raise CannotGoOn(words("stop-no-labels"))
    cleaned = [" ".join(value.split()) for value in given]
    cleaned = ["" if value.casefold() in NO_LABEL else value for value in cleaned]
    spelled = _one_spelling(cleaned)
    joined = sum(new != old for new, old in zip(spelled, cleaned, strict=True))
    if joined:
        remarks.append(words("label-spelling", n=words.few(joined)))
    counts = Counter(value for value in spelled if value)
    rare = sorted(value for value, n in counts.items() if n < FEWEST_IN_CLASS)
    classes = tuple(sorted(value for value, n in counts.items() if n >= FEWEST_IN_CLASS))
    if rare:
        remarks.append(words("label-rare", n=len(rare), least=FEWEST_IN_CLASS))
    if len(classes) > MOST_CLASSES:
        raise CannotGoOn(words("stop-many-classes", n=len(classes), most=MOST_CLASSES))
    if len(classes) < 2:
        raise CannotGoOn(words("stop-one-class", least=FEWEST_IN_CLASS, n=len(classes)))
    rows = [at for at, value in enumerate(spelled) if value in classes]
    if len(rows) < FEWEST:
        raise CannotGoOn(words("stop-few", n=len(rows), least=FEWEST))
    chosen = [pieces[at] for at in rows]
    groups, twins = _groups(chosen, table, group, words)
    return Labelled(
        texts=tuple(piece.text for piece in chosen),
        pieces=tuple(chosen),
        y=np.array([classes.index(spelled[at]) for at in rows]),
        classes=classes,
        groups=groups,
        unknown=tuple(piece for piece, value in zip(pieces, spelled, strict=True) if not value),
        remarks=tuple(remarks),
        twins=twins,
    )


def _folder(file: str) -> str:
    """The label that a file's folder gives; none for files at the top or in a folder for the unlabelled."""
    parts = file.split("/")
    folder = parts[-2] if len(parts) > 1 else ""
    return "" if folder.casefold() in UNLABELLED_FOLDERS else folder


def _one_spelling(values: Sequence[str]) -> list[str]:
    """Labels that differ only in capitals written the way most are."""
    forms: dict[str, Counter[str]] = {}
    for value in values:
        forms.setdefault(value.casefold(), Counter())[value] += 1
    best = {key: min(counts, key=lambda v: (-counts[v], v)) for key, counts in forms.items()}
    return [best[value.casefold()] for value in values]


def _groups(pieces: Sequence[Piece], table: Rows, group: str | None, words: Words) -> tuple[np.ndarray | None, int]:
    """Which texts stay together, None where none need to; and how many say the same as another."""
    name = None if group is None else column(table, group, "group", "", words)
    same = [" ".join(piece.text.casefold().split()) for piece in pieces]
    twins = sum(n for n in Counter(same).values() if n > 1)
    if name is None and not twins:
        return None, 0
    parent = list(range(len(pieces)))

    def top(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    first: dict[tuple[str, str], int] = {}
    for at, piece in enumerate(pieces):
        keys = [("text", same[at])]
        if name is not None and piece.fields.get(name, "").strip():
            keys.append(("group", piece.fields[name].strip()))
        for key in keys:
            parent[top(at)] = top(first.setdefault(key, at))
    return np.array([top(at) for at in range(len(pieces))]), twins
