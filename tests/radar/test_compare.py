"""Side by side: differences first, each criterion once, and bad lists are said."""

from __future__ import annotations

from datetime import date

import pytest

from catalogue.samples import SENT_AWAY, both, tool, write
from dkai.catalogue import open as opening
from dkai.catalogue.added import own_folder
from dkai.catalogue.catalogue import Catalogue
from dkai.catalogue.open import open_catalogue
from dkai.core import paths
from dkai.core.errors import UsageError, UserError
from dkai.core.text import Text
from dkai.radar.compare import compare

TODAY = date(2026, 11, 24)


@pytest.fixture
def shelf(tmp_path, monkeypatch) -> Catalogue:
    empty = tmp_path / "entries"
    empty.mkdir()
    monkeypatch.setattr(paths, "entries_dir", lambda: empty)
    monkeypatch.setattr(opening, "shipped_index", lambda: tmp_path / "index.sqlite")
    write(
        own_folder(),
        tool("home", prerequisites__gpu_memory_gb=[{"size": "a", "gb": 2}, {"size": "b", "gb": 10}]),
        tool("away", **SENT_AWAY, effectiveness__score="unknown", review={"due": "2026-11-01"},
             unknown=[{"field": "effectiveness.score", "why": both("Ikke målt.", "Not measured.")}]),
        tool("twin"),
    )  # fmt: skip
    return open_catalogue()


def test_differences_come_first(shelf: Catalogue) -> None:
    found = compare(shelf, ["home", "away"], TODAY)
    same = [row.same for row in found.items]
    assert same == sorted(same)
    assert found.differing == same.count(False) > 0
    rows = {row.id: row for row in found.items}
    assert rows["data_protection.where"].values == ("local", "hosted")
    assert rows["data_protection.law"].values == (None, ("US",))
    assert rows["effectiveness.score"].values == (3, "unknown")
    assert rows["prerequisites.gpu_memory_gb"].values == ((2, 10), None)
    assert rows["licence.code"].same
    assert rows["data_protection.leaving"].values[1] == Text(
        "Eksportér, og slet kontoen.", "Export, then delete the account."
    )
    assert len(rows) == len(found.items)
    assert [one.overdue for one in found.tools] == [(), ("",)]


def test_twins_differ_in_what_they_are_called_only(shelf: Catalogue) -> None:
    found = compare(shelf, ["twin", "home"], TODAY)
    assert [row.id for row in found.items if not row.same] == ["summary", "prerequisites.gpu_memory_gb"]


def test_what_does_not_apply_to_any_is_no_row(shelf: Catalogue) -> None:
    assert "data_protection.law" not in {row.id for row in compare(shelf, ["home", "twin"], TODAY).items}


@pytest.mark.parametrize("ids", [[], ["home"], ["home", "tool:home", "HOME"]])
def test_it_takes_two(shelf: Catalogue, ids: list[str]) -> None:
    with pytest.raises(UsageError) as wrong:
        compare(shelf, ids, TODAY)
    assert wrong.value.code == "cannot-compare"


def test_an_unknown_tool_is_said(shelf: Catalogue) -> None:
    with pytest.raises(UserError) as wrong:
        compare(shelf, ["home", "awya"], TODAY)
    assert wrong.value.code == "unknown-entry"
    assert "away" in (wrong.value.hint or "")
