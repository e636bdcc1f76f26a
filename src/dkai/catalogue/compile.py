"""Layers of YAML → the rows of an index. A file with mistakes is left out, and said; the rest works."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from dkai.catalogue.index import Row
from dkai.catalogue.layers import merge_layers
from dkai.catalogue.load import Document, check_shape, entry_files, read_documents
from dkai.catalogue.problems import Problem
from dkai.catalogue.thesaurus import thesaurus_file

Layer = tuple[str, Path]  # its name and its folder


def compile_layers(layers: Sequence[Layer]) -> tuple[list[Row], list[Problem]]:
    """The rows of all layers together, earliest first, and what is wrong with their files."""
    problems: list[Problem] = []
    texts: list[tuple[str, list[Document]]] = []
    for name, folder in layers:
        documents, wrong = read_documents(folder)
        problems += wrong
        texts.append((name, documents))
    rows: list[Row] = []
    for key, stages in merge_layers(texts).items():
        # A layer's mistake does not take away what the layers below it say.
        for count in range(len(stages), 0, -1):
            stage = stages[count - 1]
            entry, wrong = check_shape(stage.document, stage.raw)
            problems += wrong
            if entry is not None:
                rows.append(Row(*key, entry, tuple(s.layer for s in stages[:count]), stage.origin))
                break
    return rows, problems


def built_in_hash(folder: Path) -> str:
    """One hash over the built-in entries and the thesaurus that is compiled with them."""
    return hashlib.sha256(content_hash(folder).encode() + thesaurus_file().read_bytes()).hexdigest()


def content_hash(folder: Path) -> str:
    """One hash over the names and contents of a layer's files."""
    digest = hashlib.sha256()
    for path in entry_files(folder):
        try:
            data = path.read_bytes()
        except OSError:
            data = b""
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(data)}\0".encode("utf-8", "surrogateescape") + data)
    return digest.hexdigest()
