"""The catalogue as everybody reads it: entries, counts and search, out of one compiled file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from dkai.core.errors import DkaiError, UserError
from dkai.core.i18n import language, t
from dkai.core.text import Text

if TYPE_CHECKING:
    from dkai.catalogue.search import Hit

Due = tuple[str, str, str, str]  # date, kind, id, part (empty: the whole entry)


class Entry(Mapping[str, Any]):
    """One entry, read-only, with the fields of its YAML (JSON values: dates are ISO 8601 text)."""

    __slots__ = ("_fields", "id", "kind", "layers", "origin")

    def __init__(
        self,
        kind: str,
        id: str,  # noqa: A002 - what it is called everywhere
        fields: Mapping[str, Any],
        layers: tuple[str, ...] = ("dkai",),
        origin: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self.id = id
        self.layers = layers  # whose words it consists of, earliest first
        self.origin = origin or {}  # field → the later layer that said it
        self._fields = fields

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"<{self.kind}:{self.id}>"

    @property
    def name(self) -> str:
        """The name, in the language in use where it has one in each."""
        return str(self.text("name"))

    def at(self, path: str) -> Any:
        """The value at a dotted path such as `ring.now`; None where there is none."""
        value: Any = self._fields
        for part in path.split("."):
            if not isinstance(value, Mapping) or part not in value:
                return None
            value = value[part]
        return value

    def text(self, path: str) -> Text | None:
        """The text at a dotted path, in both languages; None where there is none."""
        value = self.at(path)
        return Text.of(value) if isinstance(value, str) or (isinstance(value, Mapping) and "da" in value) else None

    def why_unknown(self, field: str) -> Text | None:
        """Why the value at a dotted path is not known; None where the entry does not say."""
        for gap in self._fields.get("unknown", ()):
            if field == gap["field"] or field.startswith(f"{gap['field']}."):
                return Text.of(gap["why"])
        return None

    @property
    def checked(self) -> str:
        """The last day on which somebody compared the entry with a source."""
        return str(max(source["checked"] for source in self._fields["sources"].values()))

    def overdue(self, today: str) -> list[str]:
        """The parts whose review date has passed on that day (ISO 8601); empty text stands for the whole entry."""
        review = self._fields["review"]
        parts = [part for part, due in review.get("per", {}).items() if due < today]
        return [""] * (review["due"] < today) + parts


class Catalogue:
    """A compiled catalogue, open for reading. `open_catalogue()` gives one."""

    def __init__(
        self,
        database: sqlite3.Connection,
        problems: tuple[str, ...] = (),
        mend: Callable[[], sqlite3.Connection] | None = None,
    ) -> None:
        self._database = database
        self._mend = mend
        self.problems = problems  # what of which layer could not be used

    def rows(self, sql: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a question; a damaged file is made again once before giving up."""
        parameters = tuple(values)
        try:
            return self._database.execute(sql, parameters).fetchall()
        except sqlite3.DatabaseError as error:
            if self._mend is None:
                raise _damaged(error) from error
            mend, self._mend = self._mend, None
            self._database = mend()
            return self.rows(sql, parameters)

    @property
    def date(self) -> str:
        """The day of the newest check of a source, ISO 8601: how old the catalogue is."""
        return self._fact("date")

    @property
    def unknowns(self) -> int:
        """How many values are honestly not known."""
        return int(self._fact("unknowns") or 0)

    def counts(self) -> dict[str, int]:
        """Kind → number of entries."""
        counts: dict[str, int] = json.loads(self._fact("counts") or "{}")
        return counts

    def layer_counts(self) -> dict[str, int]:
        """Layer → number of entries that have words of it."""
        counts: dict[str, int] = {}
        for text, number in self.rows("SELECT layers, count(*) FROM entry GROUP BY layers"):
            for layer in json.loads(text):
                counts[layer] = counts.get(layer, 0) + number
        return counts

    def due(self, today: str) -> list[Due]:
        """The reviews whose date has passed on that day (ISO 8601), oldest first."""
        due: list[list[str]] = json.loads(self._fact("due") or "[]")
        return [(day, kind, id_, part) for day, kind, id_, part in due if day < today]

    def entries(self, kind: str) -> Iterator[Entry]:
        """All entries of a kind, by id."""
        for row in self.rows(f"{_ENTRY} WHERE kind = ? ORDER BY id", (kind,)):
            yield _entry(row)

    def names(self, kinds: Iterable[str] | None = None) -> list[tuple[str, str, str]]:
        """Kind, id and name of all entries, without reading them."""
        name = "name_da" if language() == "da" else "name_en"
        found = self.rows(f"SELECT kind, id, {name} FROM entry ORDER BY kind, id")  # noqa: S608 - one of two literals
        wanted = None if kinds is None else set(kinds)
        return [(kind, id_, shown) for kind, id_, shown in found if wanted is None or kind in wanted]

    def get(self, id: str, kind: str | None = None) -> Entry:  # noqa: A002 - what it is called everywhere
        """The entry called `whisper` or `tool:whisper`; old ids and other names are understood. Raises UserError."""
        wanted, word = kind, id.strip()
        if ":" in word:
            prefix, _, rest = word.partition(":")
            if kind is None or prefix == kind:
                wanted, word = prefix, rest
        word = "-".join(word.encode("utf-8", "replace").decode().lower().replace("_", " ").split())
        found = self._find(word, wanted)
        if len(found) == 1:
            return found[0]
        if not found:
            raise self._no_such(id, word, wanted)
        raise UserError(
            t("“{id}” is the name of {n} entries", id=id, n=len(found)),
            code="ambiguous-entry",
            hint=t("say which: {names}", names=", ".join(f"{one.kind}:{one.id}" for one in found)),
        )

    def numbered(self, numbers: Iterable[int]) -> dict[int, Entry]:
        """Entries by the index's own numbers."""
        wanted = list(numbers)
        marks = ", ".join("?" * len(wanted))
        return {row[-1]: _entry(row) for row in self.rows(f"{_ENTRY} WHERE number IN ({marks})", wanted)}

    @cached_property
    def runs(self) -> dict[str, tuple[int, int]]:
        """Kind → first and last of the index's own numbers: entries are numbered kind by kind."""
        return {kind: (a, b) for kind, a, b in self.rows("SELECT kind, min(number), max(number) FROM entry GROUP BY 1")}

    def briefs(self, numbers: Iterable[int]) -> dict[int, Entry]:
        """Entries without their long texts, by the index's own numbers (see brief.py)."""
        wanted = list(numbers)
        marks = ", ".join("?" * len(wanted))
        return {row[-1]: _entry(row) for row in self.rows(f"{_BRIEF} WHERE number IN ({marks})", wanted)}

    def briefs_of(self, kind: str) -> Iterator[Entry]:
        """All entries of a kind without their long texts, by id."""
        for row in self.rows(f"{_BRIEF} WHERE kind = ? ORDER BY id", (kind,)):
            yield _entry(row)

    def search(self, query: str, kinds: Iterable[str] | None = None, limit: int = 20) -> list[Hit]:
        """The entries that fit a query in Danish or English, best first, each with what matched."""
        from dkai.catalogue.search import search

        return search(self, query, kinds, limit)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _fact(self, key: str) -> str:
        rows = self.rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else ""

    def _find(self, word: str, kind: str | None) -> list[Entry]:
        of_kind, values = ("AND kind = ?", (word, kind)) if kind else ("", (word,))
        by_alias = "number IN (SELECT number FROM alias WHERE alias = ?)"
        rows = self.rows(f"{_ENTRY} WHERE id = ? {of_kind} ORDER BY kind", values)
        rows = rows or self.rows(f"{_ENTRY} WHERE {by_alias} {of_kind} ORDER BY kind", values)
        return [_entry(row) for row in rows]

    def _no_such(self, id_: str, word: str, kind: str | None) -> UserError:
        from dkai.catalogue.problems import either
        from dkai.core.clean import one_line

        shown = one_line(id_, 60)
        messages = {
            "tool": t("no tool is called “{id}”", id=shown),
            "provider": t("no place to compute is called “{id}”", id=shown),
            "gpu": t("no GPU is called “{id}”", id=shown),
            "course": t("no course is called “{id}”", id=shown),
            "portal": t("no data portal is called “{id}”", id=shown),
            "contact": t("no contact is called “{id}”", id=shown),
        }
        message = messages.get(kind or "") or t("nothing in the catalogue is called “{id}”", id=shown)
        near = self._near(id_, kind)
        if kind is not None and (others := self._find(word, None)):
            other = others[0]
            hint = t(
                "there is an entry of another kind ({kind}): dkai catalogue show {id}",
                kind=kind_name(other.kind),
                id=f"{other.kind}:{word}",
            )
        elif near:
            hint = t("did you mean {names}?", names=either(near))
        elif kind == "provider":
            hint = t("find places to compute by words with: dkai compute connect")
        else:
            hint = t("look for it with: dkai radar search …")
        return UserError(message, code="unknown-entry", hint=hint, details={"near": near})

    def _near(self, id_: str, kind: str | None) -> list[str]:
        """Ids whose id or name is spelt like this."""
        from difflib import get_close_matches

        known: dict[str, str] = {}
        for _, one_id, name in self.names(None if kind is None else (kind,)):
            known |= {one_id: one_id, name.lower(): one_id}
        return list(dict.fromkeys(known[word] for word in get_close_matches(id_[:100].lower(), known, n=3, cutoff=0.6)))


def kind_name(kind: str) -> str:
    """What a kind of entry is called in the language in use."""
    return {
        "tool": t("tool"),
        "provider": t("place to compute"),
        "gpu": t("GPU"),
        "course": t("course"),
        "portal": t("data portal"),
        "contact": t("contact"),
        "grid": t("electricity grid"),
    }.get(kind, kind)


_ENTRY = "SELECT kind, id, body, layers, origin, number FROM entry"
_BRIEF = "SELECT kind, id, brief, layers, origin, number FROM entry"


def _entry(row: tuple[Any, ...]) -> Entry:
    kind, id_, body, layers, origin, _ = row
    return Entry(kind, id_, json.loads(body), _layers(layers), json.loads(origin) if origin != "{}" else None)


@cache
def _layers(text: str) -> tuple[str, ...]:
    """The names of the layers; nearly all entries have the same."""
    return tuple(json.loads(text))


def _damaged(error: sqlite3.Error) -> DkaiError:
    return DkaiError(
        t("the catalogue's index cannot be read: {why}", why=error),
        code="damaged-catalogue",
        hint=t("install dkai again, or remove its cache folder"),
    )
