"""One entry field by field, each with the layer that said it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dkai.catalogue.catalogue import Entry
from dkai.core.i18n import language
from dkai.core.text import Text


@dataclass(frozen=True, slots=True)
class Field:
    """A value and its place: `depth` says how far inside it stands."""

    path: str  # dotted, as in the YAML; places in lists are counted from 1
    label: str  # the last part
    depth: int
    value: str | None  # in the language in use; None: a group, whose fields follow
    layer: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as it is, and as it reads."""

    id: str
    name: str
    kind: str
    layers: tuple[str, ...]
    overdue: tuple[str, ...]
    origin: Mapping[str, str]  # field → the later layer that said it; the rest is the first layer's
    entry: Mapping[str, Any]


def show_entry(entry: Entry, today: str) -> Shown:
    """The entry with what is past its review date on that day (ISO 8601)."""
    return Shown(entry.id, entry.name, entry.kind, entry.layers, tuple(entry.overdue(today)), dict(entry.origin), entry)


_ABOVE = ("schema", "id", "name")  # stand in the title
_LAST = ("unknown", "review", "search_words", "aliases", "sources")


def fields_of(shown: Shown) -> Iterator[Field]:
    """The entry's fields in the order of their importance to a reader."""
    first = shown.layers[0]
    names = [name for name in shown.entry if name not in (*_ABOVE, *_LAST)]
    for name in (*names, *(name for name in _LAST if name in shown.entry)):
        if name == "sources":
            yield from _sources(shown.entry[name], shown.origin, first)
        else:
            yield from _fields(name, name, 0, shown.entry[name], shown.origin, first)


def _sources(sources: Mapping[str, Any], origin: Mapping[str, str], layer: str) -> Iterator[Field]:
    """Each source on one line: where, what it was used for, when it was read."""
    yield Field("sources", "sources", 0, None, layer)
    for name, source in sources.items():
        path = f"sources.{name}"
        said = {origin[key] for key in origin if key == path or key.startswith(f"{path}.")}
        text = f"{source['url']} – {Text.of(source['what'])} ({source['checked']})"
        yield Field(path, name, 1, text, " + ".join(sorted(said)) or layer)


def _fields(  # noqa: PLR0917 - a place in a tree has these six coordinates
    path: str, label: str, depth: int, value: Any, origin: Mapping[str, str], layer: str
) -> Iterator[Field]:
    layer = origin.get(path, layer)
    if isinstance(value, Mapping) and set(value) == {"da", "en"} and isinstance(value["da"], str):
        said = {origin.get(f"{path}.{code}") for code in ("da", "en")} - {None}
        yield Field(path, label, depth, str(Text.of(value)), " + ".join(sorted(str(s) for s in said)) or layer)
    elif isinstance(value, Mapping):
        yield Field(path, label, depth, None, layer)
        other = "en" if language() == "da" else "da"
        for name, inner in value.items():
            if name == other and "da" in value and "en" in value and isinstance(inner, str):
                continue  # a text with fields beside it: one language is enough
            yield from _fields(f"{path}.{name}", name, depth + 1, inner, origin, layer)
    elif isinstance(value, list) and all(not isinstance(item, (Mapping, list)) for item in value):
        if value:
            yield Field(path, label, depth, ", ".join(_plain(item) for item in value), layer)
    elif isinstance(value, list):
        yield Field(path, label, depth, None, layer)
        for place, inner in enumerate(value, start=1):
            yield from _fields(f"{path}[{place}]", str(place), depth + 1, inner, origin, layer)
    else:
        yield Field(path, label, depth, _plain(value), layer)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, float) else str(value)
