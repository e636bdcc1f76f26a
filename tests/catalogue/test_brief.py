"""What lists and filters read of an entry."""

from __future__ import annotations

from catalogue.samples import SENT_AWAY, both, tool
from dkai.catalogue.brief import brief_of
from dkai.catalogue.catalogue import Entry
from dkai.catalogue.open import open_catalogue
from dkai.radar.filters import judge
from dkai.radar.line import line_of
from dkai.radar.wishes import Filters


def test_facts_stay_and_texts_go() -> None:
    edition = {"name": both("Aftale", "Contract"), "where": "self-hosted", "note": both("Læs den.", "Read it.")}
    brief = brief_of(tool("x", **SENT_AWAY, data_protection__editions=[edition]))
    assert brief["summary"] == both("Et eksempel ved navn x.", "An example called x.")
    assert brief["prerequisites"]["gpu"] == "none"
    assert brief["data_protection"]["editions"] == [{"name": both("Aftale", "Contract"), "where": "self-hosted"}]
    assert brief["ring"] == {"now": "trial", "since": "2026-11-01"}
    assert not {"sources", "search_words", "limitations"} & set(brief)
    assert not {"levels", "leaving"} & set(brief["data_protection"])
    assert "verdict" not in brief["ease"]


def test_a_brief_is_judged_and_listed_as_its_entry_is() -> None:
    from datetime import date

    today = date(2026, 11, 24)
    wishes = Filters(data=None, runs="eu", licence="open", accelerator="cuda", cost="free", gpu_memory_gb=8)
    for entry, brief in zip(open_catalogue().entries("tool"), open_catalogue().briefs_of("tool"), strict=True):
        assert isinstance(brief, Entry)
        assert judge(brief, wishes) == judge(entry, wishes)
        way = judge(entry, wishes)
        assert line_of(brief, way, today) == line_of(entry, way, today)
