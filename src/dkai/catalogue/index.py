"""The compiled catalogue: one SQLite file, made whole or not at all.

`entry` keeps each entry as it was validated; `search` (contentless FTS5) the stems of its words, weightiest column
first; `spelling` (contentless FTS5) the trigrams of every word that occurs, for compounds and misspellings. The
trigrams are made here and not by SQLite, whose own tokenizer for them is younger than the SQLite of many clusters.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dkai.catalogue.brief import brief_of
from dkai.catalogue.phrases import COLUMNS, SHORT, phrases_of
from dkai.catalogue.stem import STOP_WORDS, fold, stems, trigrams, words_in
from dkai.catalogue.thesaurus import Thesaurus, read_thesaurus, thesaurus_file
from dkai.core.errors import UserError
from dkai.core.i18n import t

FORMAT = 6  # of this file; another one is made anew

_TABLES = f"""
PRAGMA user_version = {FORMAT};
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entry (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, name_da TEXT NOT NULL, name_en TEXT NOT NULL,
    body TEXT NOT NULL, brief TEXT NOT NULL, phrases TEXT NOT NULL,
    tokens TEXT NOT NULL, layers TEXT NOT NULL, origin TEXT NOT NULL
);
CREATE UNIQUE INDEX entry_id ON entry (id, kind);
CREATE INDEX entry_kind ON entry (kind, id, name_da, name_en);
CREATE TABLE alias (alias TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (alias, number)) WITHOUT ROWID;
CREATE TABLE akin (phrase TEXT NOT NULL, class INTEGER NOT NULL, PRIMARY KEY (phrase, class)) WITHOUT ROWID;
CREATE TABLE word (number INTEGER PRIMARY KEY, word TEXT NOT NULL, stems TEXT NOT NULL);
CREATE VIRTUAL TABLE search USING fts5({", ".join(COLUMNS)}, content='',
    tokenize="unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE spelling USING fts5(grams, content='', tokenize="unicode61 remove_diacritics 0");
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as it goes into the index."""

    kind: str
    id: str
    entry: Mapping[str, Any]  # JSON-ready, as validated
    layers: tuple[str, ...] = ("dkai",)  # whose words it consists of, earliest first
    origin: Mapping[str, str] | None = None  # field → the later layer that said it


def build_index(entries: Path, target: Path) -> None:
    """Compile the built-in entries; every mistake in them stops it. Raises UserError."""
    from dkai.catalogue.compile import built_in_hash, compile_layers

    rows, problems = compile_layers([("dkai", entries)])
    if problems:
        raise UserError(
            "\n".join(str(problem) for problem in problems[:20]),
            code="bad-catalogue",
            hint=t("look at all of it with: dkai catalogue validate"),
        )
    write_index(rows, target, {"content": built_in_hash(entries)})


def write_index(rows: Iterable[Row], target: Path, facts: Mapping[str, str]) -> None:
    """Write the whole index beside `target`, then put it in its place. Raises OSError and sqlite3.Error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        with closing(sqlite3.connect(temporary)) as database:
            fill(database, rows, facts)
            database.execute("VACUUM")
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        with suppress(OSError):
            temporary.unlink()


def fill(database: sqlite3.Connection, rows: Iterable[Row], facts: Mapping[str, str]) -> None:
    """Make the tables in an empty database and fill them."""
    database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES}")
    vocabulary: dict[str, tuple[str, ...]] = {}
    summary = _Summary()
    thesaurus = Thesaurus(read_thesaurus(thesaurus_file()))
    with database:
        for number, row in enumerate(sorted(rows, key=lambda r: (r.kind, r.id)), start=1):
            _add(database, number, row, vocabulary, thesaurus)
            summary.count(row)
        for number, (word, forms) in enumerate(sorted(vocabulary.items()), start=1):
            database.execute("INSERT INTO word VALUES (?, ?, ?)", (number, word, " ".join(forms)))
            database.execute("INSERT INTO spelling (rowid, grams) VALUES (?, ?)", (number, " ".join(trigrams(word))))
        akin = ((phrase, number) for phrase, numbers in thesaurus.numbers.items() for number in numbers)
        database.executemany("INSERT INTO akin VALUES (?, ?)", akin)
        database.executemany("INSERT INTO meta VALUES (?, ?)", {**facts, **summary.facts()}.items())
        for table in ("search", "spelling"):
            database.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")  # noqa: S608 - two literal names


def _add(
    database: sqlite3.Connection, number: int, row: Row, vocabulary: dict[str, tuple[str, ...]], thesaurus: Thesaurus
) -> None:
    columns: dict[str, list[str]] = {column: [] for column in COLUMNS}
    reasons, lines = [], []
    for column, language, text in phrases_of(row.entry):
        words = words_in(text)
        tokens = [form for word in words for form in stems(word)]
        if column == "name" and len(words) > 1:
            tokens.append(fold("".join(words)))  # `faster-whisper` is also written in one word
        columns[column] += tokens
        if column in SHORT:
            akin = thesaurus.tokens_in(words, language)
            columns["akin"] += akin
            reasons.append((column, language, text))
            lines.append(" ".join(dict.fromkeys([*tokens, *akin])))  # of the same phrase, in the same place
        for word in words:
            if len(word) > 3 and word not in STOP_WORDS:
                vocabulary.setdefault(fold(word), stems(word))
    name = row.entry["name"]
    danish, english = (name["da"], name["en"]) if isinstance(name, Mapping) else (name, name)
    database.execute(
        "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number, row.kind, row.id, danish, english, _json(row.entry), _json(brief_of(row.entry)),
            _json(reasons), "\n".join(lines), _json(row.layers), _json(row.origin or {}),
        ),
    )  # fmt: skip
    texts = [" ".join(columns[column]) for column in COLUMNS]
    marks = ", ".join("?" * len(COLUMNS))
    insert = f"INSERT INTO search (rowid, {', '.join(COLUMNS)}) VALUES (?, {marks})"  # noqa: S608 - constants
    database.execute(insert, (number, *texts))
    for alias in dict.fromkeys(row.entry.get("aliases", ())):
        database.execute("INSERT OR IGNORE INTO alias VALUES (?, ?)", (alias, number))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Summary:
    """What one wants to know of a catalogue without reading it: how many, how old, what is due."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.date = ""
        self.due: list[tuple[str, str, str, str]] = []
        self.unknowns = 0

    def count(self, row: Row) -> None:
        self.counts[row.kind] = self.counts.get(row.kind, 0) + 1
        for source in row.entry["sources"].values():
            self.date = max(self.date, source["checked"])
        self.unknowns += len(row.entry.get("unknown", ()))
        review = row.entry["review"]
        self.due.append((review["due"], row.kind, row.id, ""))
        self.due += [(due, row.kind, row.id, part) for part, due in review.get("per", {}).items()]

    def facts(self) -> dict[str, str]:
        from dkai import __version__

        return {
            "version": __version__,
            "date": self.date,
            "counts": json.dumps(self.counts),
            "due": json.dumps(sorted(self.due)),
            "unknowns": str(self.unknowns),
        }
