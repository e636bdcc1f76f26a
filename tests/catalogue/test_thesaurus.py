"""Other words for the same: found, said, and worth less than the word itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalogue.samples import tool
from dkai.catalogue import index
from dkai.catalogue import open as opening
from dkai.catalogue.thesaurus import phrases_in, read_thesaurus, thesaurus_file
from dkai.core.errors import UserError

GROUPS = """groups:
  - {da: [transskribere, afskrive, tale til tekst], en: [transcribe, speech to text, type up]}
  - {da: [lydoptagelse, lydfil], en: [sound file, recording]}
"""


@pytest.fixture
def shelf(made, tmp_path: Path, monkeypatch):
    file = tmp_path / "thesaurus.yaml"
    file.write_text(GROUPS, encoding="utf-8")
    monkeypatch.setattr(index, "thesaurus_file", lambda: file)
    return made(
        tool("speech", search_words={"da": ["tale til tekst"], "en": ["speech to text"]}),
        tool("scribe", search_words={"da": ["transskribere"], "en": ["transcribe"]}),
        tool("apart", search_words={"da": ["tekst om noget helt andet, skrevet med mange flere ord, end der er"],
                                    "en": ["a talk"]}),
        tool("sounds", search_words={"da": ["lydfil"], "en": ["sound file"]}),
    )  # fmt: skip


def test_another_word_for_it_finds_it_and_is_said_to_be_one(shelf) -> None:
    hits = {hit.entry.id: hit for hit in shelf.search("afskrive")}
    assert set(hits) == {"speech", "scribe"}
    assert [(m.query, m.words, m.how) for m in hits["scribe"].matches] == [("afskrive", "transcribe", "synonym")]
    assert [(m.words, m.how) for m in hits["speech"].matches] == [("speech to text", "synonym")]


def test_the_word_itself_is_worth_more(shelf) -> None:
    first, second, *_ = shelf.search("transskribere")
    assert (first.entry.id, second.entry.id) == ("scribe", "speech")
    assert first.score > second.score


def test_a_phrase_of_the_query_is_understood(shelf) -> None:
    assert "scribe" in {hit.entry.id for hit in shelf.search("tale til tekst")}
    assert "scribe" in {hit.entry.id for hit in shelf.search("from speech to text")}


def test_the_words_of_a_phrase_must_stand_together(shelf) -> None:
    """`apart` has both words of a synonym, and not near each other."""
    assert "apart" not in {hit.entry.id for hit in shelf.search("transcribe")}


def test_inflections_of_a_synonym_count_too(shelf) -> None:
    assert {hit.entry.id for hit in shelf.search("lydoptagelser")} == {"sounds"}
    assert {hit.entry.id for hit in shelf.search("recordings")} == {"sounds"}


def test_a_phrase_that_its_small_words_make_is_no_synonym_of_one_word() -> None:
    assert "type" not in set(phrases_in({"da": ["afskrive"], "en": ["type up"]}))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "groups: 3", "groups: [3]", "groups: [{da: [one]}]", "groups: [{da: [1, 2]}]",
     "groups: [{xx: [a, b]}]", "groups: [{da: a}]", ":", "\x00", "groups: &a [*a]"],
)  # fmt: skip
def test_a_broken_file_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / "thesaurus.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as wrong:
        read_thesaurus(file)
    assert wrong.value.code == "bad-thesaurus"


def test_the_shipped_one_can_be_read_and_each_group_says_something() -> None:
    groups = read_thesaurus(thesaurus_file())
    assert all(len(list(phrases_in(group))) >= 2 for group in groups)


def test_a_changed_thesaurus_makes_a_new_index(made, monkeypatch, tmp_path: Path) -> None:
    file = tmp_path / "catalogue" / "thesaurus.yaml"
    file.parent.mkdir()
    file.write_text("groups: []\n", encoding="utf-8")
    monkeypatch.setattr(index, "thesaurus_file", lambda: file)
    monkeypatch.setattr("dkai.catalogue.compile.thesaurus_file", lambda: file)
    monkeypatch.setattr(opening.paths, "package_file", lambda relative: tmp_path / relative)
    scribe = tool("scribe", search_words={"da": ["transskribere"], "en": ["transcribe"]})
    assert made(scribe).search("afskrive") == []
    file.write_text(GROUPS, encoding="utf-8")
    assert [hit.entry.id for hit in opening.open_catalogue().search("afskrive")] == ["scribe"]
