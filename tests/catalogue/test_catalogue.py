"""Reading entries: by id, by old names, by kind; and what one can ask an entry."""

from __future__ import annotations

import pytest

from catalogue.samples import both, course, provider, tool
from dkai.catalogue.complete import complete_ids
from dkai.catalogue.shown import fields_of, show_entry
from dkai.core.errors import UserError
from dkai.core.i18n import use_language
from dkai.core.text import Text


def test_an_entry_is_a_mapping_of_its_yaml(made) -> None:
    entry = made(tool("one", name=both("En", "One"))).get("one")
    assert (entry.kind, entry.id, entry["commercial_use"]) == ("tool", "one", "allowed")
    assert entry.text("summary") == Text(da="Et eksempel ved navn one.", en="An example called one.")
    assert entry.text("ring.why") == Text(da="God nok.", en="Good enough.")
    assert entry.at("ring.now") == "trial"
    assert entry.at("ring.nothing.there") is None
    assert entry.text("ring") is None
    assert "package" not in entry
    assert entry.checked == "2026-11-01"
    assert entry.name == "One"
    use_language("da")
    assert entry.name == "En"


def test_why_a_value_is_not_known(made) -> None:
    gap = [{"field": "licence.weights", "why": both("Ikke oplyst.", "Not stated.")}]
    entry = made(tool("one", licence__weights="unknown", unknown=gap)).get("one")
    assert entry.why_unknown("licence.weights") == Text(da="Ikke oplyst.", en="Not stated.")
    assert entry.why_unknown("licence.code") is None


def test_what_is_past_its_review_date(made) -> None:
    review = {"due": "2027-02-01", "per": {"ease": "2026-11-01", "effectiveness": "2027-06-01"}}
    catalogue = made(tool("one", review=review), tool("two"))
    one = catalogue.get("one")
    assert one.overdue("2026-11-01") == []
    assert one.overdue("2026-11-02") == ["ease"]
    assert one.overdue("2027-03-01") == ["", "ease"]
    assert catalogue.due("2026-11-02") == [("2026-11-01", "tool", "one", "ease")]
    assert [due[2:] for due in catalogue.due("2028-01-01")] == [
        ("one", "ease"), ("one", ""), ("one", "effectiveness"), ("two", ""),
    ]  # fmt: skip


def test_found_by_id_kind_alias_and_in_any_case(made) -> None:
    catalogue = made(tool("faster-one", aliases=["old-name"]), provider("place"))
    for word in ("faster-one", "Faster-One", " faster one ", "faster_one", "tool:faster-one", "old-name"):
        assert catalogue.get(word).id == "faster-one"
    assert catalogue.get("place", "provider").id == "place"
    assert catalogue.get("provider:place", "provider").id == "place"


def test_an_id_that_two_kinds_have_must_be_said_with_its_kind(made) -> None:
    catalogue = made(tool("lumi"), provider("lumi"))
    with pytest.raises(UserError) as wrong:
        catalogue.get("lumi")
    assert wrong.value.code == "ambiguous-entry"
    assert wrong.value.hint == "say which: provider:lumi, tool:lumi"
    assert catalogue.get("tool:lumi").kind == "tool"
    assert catalogue.get("lumi", "provider").kind == "provider"


def test_an_id_goes_before_an_alias(made) -> None:
    assert made(tool("one", aliases=["two"]), tool("two")).get("two").id == "two"


@pytest.mark.parametrize("word", ["whispr", "Wisper", "whisper-x"])
def test_did_you_mean(made, word: str) -> None:
    with pytest.raises(UserError) as wrong:
        made(tool("whisper"), provider("lumi")).get(word)
    assert wrong.value.code == "unknown-entry"
    assert wrong.value.hint == "did you mean “whisper”?"


@pytest.mark.parametrize(
    "word", ["", ":", "tool:", "a:b:c", "\x00", "'; DROP TABLE entry; --", "x" * 100_000, "\udcff"]
)
def test_no_word_brings_it_down(made, word: str) -> None:
    with pytest.raises(UserError) as wrong:
        made(tool("one")).get(word)
    assert wrong.value.code == "unknown-entry"
    assert len(wrong.value.message) < 200


def test_counts_names_and_order(made) -> None:
    catalogue = made(tool("b"), tool("a"), course("c", name=both("Kursus", "Course")))
    assert catalogue.counts() == {"course": 1, "tool": 2}
    assert [entry.id for entry in catalogue.entries("tool")] == ["a", "b"]
    assert catalogue.names() == [("course", "c", "Course"), ("tool", "a", "A"), ("tool", "b", "B")]
    assert catalogue.names(["tool"]) == [("tool", "a", "A"), ("tool", "b", "B")]
    assert catalogue.date == "2026-11-01"


def test_completion_names_the_kind_only_where_it_must(made) -> None:
    made(tool("lumi"), provider("lumi"), tool("luna"))
    assert complete_ids("l") == [("luna", "Luna")]
    assert complete_ids("provider:") == [("provider:lumi", "Lumi")]
    assert complete_ids("lu", ("provider",)) == [("lumi", "Lumi")]
    assert complete_ids("x") == []


def test_an_entry_reads_field_by_field(made) -> None:
    entry = made(tool("one", unknown=[{"field": "package", "why": both("Nej.", "None.")}])).get("one")
    fields = {field.path: field for field in fields_of(show_entry(entry, "2026-11-02"))}
    assert fields["summary"].value == "An example called one."
    assert fields["ring.now"].value == "trial"
    assert fields["ring"].value is None
    assert fields["prerequisites.os"].value == "linux"
    assert fields["effectiveness.evidence[1].value"].value == "3 %"
    assert fields["danish.support"].value == "true"
    assert fields["sources.S1"].value == "https://a.test/page – the page (2026-11-01)"
    assert list(fields)[-1] == "sources.S1"  # what is read last comes last
    assert {field.layer for field in fields.values()} == {"dkai"}
    use_language("da")
    assert {f.path: f.value for f in fields_of(show_entry(entry, "2026-11-02"))}["unknown[1].why"] == "Nej."
