"""Layers: built in < institution < the person's own. A later one adds entries, or changes single fields.

Mappings merge, lists are replaced, `null` deletes. An entry that was renamed is still found by its old id: that is
one of its aliases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dkai.catalogue.load import Document

Origin = dict[str, str]  # dotted field → the layer that said it


@dataclass(slots=True)
class Merged:
    """What the layers together say of one entry."""

    document: Document  # the last one that spoke: problems are told with its file and lines
    raw: dict[str, Any]
    layers: list[str] = field(default_factory=list)
    origin: Origin = field(default_factory=dict)  # only what a later layer said; the rest is the first layer's


def merge_layers(layers: Iterable[tuple[str, Iterable[Document]]]) -> dict[tuple[str, str], Merged]:
    """All entries by kind and id, from (layer's name, its documents), earliest first."""
    merged: dict[tuple[str, str], Merged] = {}
    renamed: dict[tuple[str, str], tuple[str, str]] = {}
    for name, documents in layers:
        for document in documents:
            key = document.key if document.key in merged else renamed.get(document.key, document.key)
            if key not in merged:
                merged[key] = Merged(document, document.raw, [name])
            else:
                below = merged[key]
                change = {k: v for k, v in document.raw.items() if k not in ("schema", "id")}
                raw = overlay(below.raw, change)
                origin = {
                    **{k: v for k, v in below.origin.items() if not _replaced(k, change)},
                    **dict.fromkeys(leaves(change), name),
                }
                moved = Document(key[0], key[1], document.raw, document.file, document.lines)
                merged[key] = Merged(moved, raw, [*below.layers, name], origin)
            aliases = merged[key].raw.get("aliases")
            for alias in aliases if isinstance(aliases, list) else ():
                if isinstance(alias, str):
                    renamed.setdefault((key[0], alias), key)
    return merged


def overlay(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`below` with the fields of `above`: mappings merge, everything else is replaced, None deletes."""
    result = dict(below)
    for name, value in above.items():
        old = result.get(name)
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping) and isinstance(old, Mapping):
            result[name] = overlay(old, value)
        elif isinstance(value, Mapping):
            result[name] = overlay({}, value)
        else:
            result[name] = value
    return result


def leaves(change: Mapping[str, Any], prefix: str = "") -> list[str]:
    """The dotted names of the fields that a change sets or deletes."""
    names: list[str] = []
    for name, value in change.items():
        path = f"{prefix}{name}"
        names += leaves(value, f"{path}.") if isinstance(value, Mapping) and value else [path]
    return names


def _replaced(path: str, change: Mapping[str, Any]) -> bool:
    """Whether a later layer replaced the whole of what `path` is part of."""
    value: Any = change
    for part in path.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
        if not isinstance(value, Mapping):
            return True
    return True
