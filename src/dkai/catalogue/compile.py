"""Layers of YAML → the rows of an index. A file with mistakes is left out, and said; the rest works."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from dkai.catalogue.index import Row
from dkai.catalogue.layers import merge_layers
from dkai.catalogue.load import Document, check_shape, entry_files, read_documents
from dkai.catalogue.problems import Problem

Layer = tuple[str, Path]  # its name and its folder


def compile_layers(layers: Sequence[Layer], ready: Iterable[Row] = ()) -> tuple[list[Row], list[Problem], str]:
    """Rows, problems, and the hash of all that was read, from the earliest layer to the latest.

    `ready` are rows of an index that is compiled already and lies below all layers: they are checked again only where
    a layer changes them.
    """
    problems: list[Problem] = []
    texts: list[tuple[str, list[Document]]] = []
    below = {(row.kind, row.id): row for row in ready}
    if below:
        texts.append(("dkai", [Document(row.kind, row.id, dict(row.entry), "") for row in below.values()]))
    for name, folder in layers:
        documents, wrong = read_documents(folder)
        problems += wrong
        texts.append((name, documents))
    rows: list[Row] = []
    for key, stages in merge_layers(texts).items():
        if key in below and len(stages) == 1:
            rows.append(below[key])
            continue
        # A layer's mistake does not take away what the layers below it say.
        for count in range(len(stages), 0, -1):
            stage = stages[count - 1]
            entry, wrong = check_shape(stage.document, stage.raw)
            problems += wrong
            if entry is not None:
                rows.append(Row(*key, entry, tuple(s.layer for s in stages[:count]), stage.origin))
                break
    return rows, problems, content_hash(layers)


def content_hash(layers: Sequence[Layer]) -> str:
    """One hash over names and contents of all files."""
    digest = hashlib.sha256()
    for name, folder in layers:
        digest.update(f"{name}\0".encode())
        for path in entry_files(folder):
            try:
                data = path.read_bytes()
            except OSError:
                data = b""
            digest.update(f"{path.relative_to(folder).as_posix()}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()
