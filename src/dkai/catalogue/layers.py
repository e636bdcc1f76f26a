"""Layers: built in < institution < the person's own. A later one adds entries, or changes single fields.

Mappings merge, lists are replaced, `null` deletes. An entry that was renamed is still found by its old id: that is
one of its aliases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dkai.catalogue.load import Document

Origin = dict[str, str]  # dotted field → the layer that said it


@dataclass(frozen=True, slots=True)
class Stage:
    """An entry as it is up to and including one layer."""

    layer: str
    document: Document  # what that layer's file says: problems are told with its name and lines
    raw: dict[str, Any]  # all layers up to here, merged
    origin: Origin  # only what a later layer said; the rest is the first layer's


Stages = list[Stage]  # of one entry, earliest layer first


def merge_layers(layers: Iterable[tuple[str, Iterable[Document]]]) -> dict[tuple[str, str], Stages]:
    """All entries by kind and id, from (layer's name, its documents), earliest first."""
    merged: dict[tuple[str, str], Stages] = {}
    renamed: dict[tuple[str, str], tuple[str, str]] = {}
    for layer, documents in layers:
        spoken = []
        for document in documents:
            key = document.key if document.key in merged else renamed.get(document.key, document.key)
            stages = merged.setdefault(key, [])
            stages.append(_stage(layer, document, stages[-1]) if stages else Stage(layer, document, document.raw, {}))
            spoken.append(key)
        # Old names are what *later* layers may still call an entry.
        for key in spoken:
            aliases = merged[key][-1].raw.get("aliases")
            for alias in aliases if isinstance(aliases, list) else ():
                if isinstance(alias, str):
                    renamed.setdefault((key[0], alias), key)
    return merged


def _stage(layer: str, document: Document, below: Stage) -> Stage:
    change = {name: value for name, value in document.raw.items() if name not in ("schema", "id")}
    origin = {path: name for path, name in below.origin.items() if not _replaced(path, change)}
    return Stage(layer, document, overlay(below.raw, change), origin | dict.fromkeys(leaves(change), layer))


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
