"""The catalogue as a whole on a given day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from catalogue.samples import both, provider, tool, write
from dkai.catalogue.added import add_layer
from dkai.catalogue.open import open_catalogue
from dkai.catalogue.status import status_of


def test_counts_age_layers_and_what_is_due(made, tmp_path: Path) -> None:
    gap = [{"field": "licence.weights", "why": both("Ikke oplyst.", "Not stated.")}]
    made(
        tool(
            "one", licence__weights="unknown", unknown=gap, review={"due": "2026-12-01", "per": {"ease": "2026-11-10"}}
        ),
        provider("place"),
    )
    add_layer(write(tmp_path / "au", tool("au-one")), "au")
    add_layer(tmp_path / "gone", "gone")
    status = status_of(open_catalogue(), date(2026, 11, 23))
    assert (status.date, status.age_days, status.unknowns) == ("2026-11-01", 22, 1)
    assert status.counts == {"provider": 1, "tool": 2}
    assert [(layer.id, layer.there, layer.entries) for layer in status.layers] == [
        ("dkai", True, 2), ("au", True, 1), ("gone", False, 0),
    ]  # fmt: skip
    assert [(due.id, due.name, due.part, due.due) for due in status.due] == [("one", "One", "ease", "2026-11-10")]
    assert len(status.problems) == 1


def test_an_empty_catalogue(made) -> None:
    status = status_of(made(), date(2026, 11, 23))
    assert (status.date, status.age_days, status.counts, status.due) == ("", 0, {}, ())
