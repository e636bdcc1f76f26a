"""A catalogue made of a test's own entries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalogue.samples import write
from dkai.catalogue import open as opening
from dkai.catalogue.catalogue import Catalogue
from dkai.catalogue.open import open_catalogue
from dkai.core import paths

Made = Callable[..., Catalogue]


@pytest.fixture
def entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of the built-in entries, without an index of its own."""
    folder = tmp_path / "src" / "dkai" / "catalogue" / "entries"
    folder.mkdir(parents=True)
    monkeypatch.setattr(paths, "entries_dir", lambda: folder)
    monkeypatch.setattr(opening, "shipped_index", lambda: folder.parent / "index.sqlite")
    return folder


@pytest.fixture
def made(entries: Path) -> Made:
    """`made(tool(…), provider(…))` opens a catalogue that has these entries and no others."""

    def make(*few: dict[str, Any]) -> Catalogue:
        return open_catalogue() if not few else (write(entries, *few), open_catalogue())[1]

    return make
