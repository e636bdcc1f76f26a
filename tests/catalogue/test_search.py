"""Danish and English, inflected, in compounds, misspelt: the right entry comes first, and says why."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.samples import both, course, provider, tool
from dkai.catalogue.catalogue import Catalogue
from dkai.catalogue.matcher import query_words
from dkai.catalogue.stem import fold, stems, trigrams, words_in
from dkai.core.i18n import use_language


def words(da: str, en: str) -> dict[str, list[str]]:
    return {"da": da.split(", "), "en": en.split(", ")}


@pytest.fixture
def shelf(made) -> Catalogue:
    return made(
        tool("whisper", name="Whisper", tasks=["transcription"],
             search_words=words("transskribere, udskrift af interview, tale til tekst", "transcribe, speech to text")),
        tool("faster-whisper", name="faster-whisper", aliases=["fw"], search_words=words("hurtig", "fast")),
        tool("cellpose", name="Cellpose", tasks=["cell-segmentation"],
             search_words=words("celler, mikroskopbilleder, segmentere", "cells, microscopy, segmentation")),
        tool("asreview", name="ASReview", tasks=["systematic-review"],
             search_words=words("litteratursøgning, systematisk review", "systematic review, screening")),
        tool("transkribus", name="Transkribus", tasks=["ocr"],
             search_words=words("håndskrift, gotisk skrift, kirkebøger", "handwriting")),
        tool("chat", name="Chat", tasks=["writing"], search_words=words("skrivehjælp", "writing"),
             summary=both("Kan også transskribere lidt.", "Can transcribe a little too.")),
        provider("lumi", name="LUMI", search_words=words("supercomputer, regnekraft", "supercomputer")),
        course("genai", name=both("Kom i gang med generativ AI", "Getting started with generative AI"),
               search_words=words("begynder", "beginner")),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("transskribere", "whisper"),
        ("transskription af interviews", "whisper"),  # inflected, and a word that says nothing
        ("interviews", "whisper"),  # Danish texts use English plurals
        ("transcribing interviews", "whisper"),
        ("transcribe", "whisper"),
        ("wisper", "whisper"),
        ("Whispr", "whisper"),
        ("WHISPER", "whisper"),
        ("faster whisper", "faster-whisper"),
        ("fasterwhisper", "faster-whisper"),
        ("fw", "faster-whisper"),
        ("celle", "cellpose"),
        ("mikroskop", "cellpose"),  # the beginning of a compound
        ("billeder", "cellpose"),  # the end of one
        ("mikroskopbilledanalyse", "cellpose"),
        ("cell segmentation", "cellpose"),
        ("cellesegmentering", "cellpose"),  # the task's Danish name
        ("søgning i litteratur", "asreview"),
        ("litteratursogning", "asreview"),  # no ø on the keyboard
        ("litteratursoegning", "asreview"),
        ("kirkebog", "transkribus"),
        ("gotiske håndskrifter", "transkribus"),
        ("supercomputere", "lumi"),
        ("generativ kunstig intelligens", "genai"),
        ("review systematic", "asreview"),
    ],
)
def test_the_right_one_comes_first(shelf: Catalogue, query: str, first: str) -> None:
    hits = shelf.search(query)
    assert hits, query
    assert hits[0].entry.id == first, [(hit.entry.id, hit.score) for hit in hits]


def test_a_word_in_passing_counts_less(shelf: Catalogue) -> None:
    scores = {hit.entry.id: hit.score for hit in shelf.search("transskribere")}
    assert max(scores, key=scores.__getitem__) == "whisper"
    assert scores["whisper"] > 1.3 * scores["chat"]
    assert (
        scores["faster-whisper"] > scores["chat"]
    )  # whose task is transcription: another word for it, but not in passing


def test_all_words_go_before_some(shelf: Catalogue) -> None:
    ids = [hit.entry.id for hit in shelf.search("transskribere håndskrift")]
    assert {"whisper", "transkribus"} <= set(ids)
    both_words = shelf.search("skrift kirkebøger")
    assert both_words[0].entry.id == "transkribus"


def test_kinds_and_limit(shelf: Catalogue) -> None:
    assert [hit.entry.kind for hit in shelf.search("supercomputer", ["provider"])] == ["provider"]
    assert shelf.search("supercomputer", ["tool"]) == []
    assert shelf.search("supercomputer", []) == []
    assert len(shelf.search("example", limit=3)) == 3
    assert shelf.search("example", limit=0) == []


def test_the_reason_is_told_in_the_entrys_words(shelf: Catalogue) -> None:
    (hit, *_) = shelf.search("transskription")
    assert [(m.query, m.words, m.field, m.how) for m in hit.matches] == [
        ("transskription", "transskription", "words", "word")
    ]
    (hit, *_) = shelf.search("wisper")
    assert [(m.words, m.field, m.how) for m in hit.matches] == [("Whisper", "name", "spelling")]
    (hit,) = shelf.search("mikroskop")
    assert [(m.words, m.how) for m in hit.matches] == [("mikroskopbilleder", "beginning")]
    chat = next(hit for hit in shelf.search("transcribe") if hit.entry.id == "chat")
    assert [(m.words, m.field) for m in chat.matches] == [("transcribe", "summary")]


def test_the_reason_is_in_the_readers_language_where_it_can(shelf: Catalogue) -> None:
    # `review` is a word of both languages.
    assert shelf.search("review")[0].matches[0].words == "systematic review"
    use_language("da")
    assert shelf.search("review")[0].matches[0].words == "systematisk review"


def test_words_that_say_nothing_are_left_out_unless_there_are_no_others() -> None:
    assert query_words("Hvordan kan jeg transskribere et interview?") == ["transskribere", "interview"]
    assert query_words("how do I do it") == ["how", "do", "i", "it"]
    assert query_words("  ") == []
    assert query_words("a " * 10_000) == ["a"]


def test_words_and_stems() -> None:
    assert words_in("large-v3: C++ & Ærø's «data»") == ["large", "v3", "c", "ærø", "s", "data"]
    assert fold("kørsel") == "koersel"
    assert fold("naïve") == "naive"
    assert stems("interviews") == ("interviews", "interview")
    assert "transskrib" in stems("transskribere")
    assert set(stems("tumorer")) & set(stems("tumor"))
    assert set(stems("cells")) & set(stems("cell"))
    assert trigrams("abc") == ["9ab", "abc", "bc9"]


@pytest.mark.parametrize(
    "query",
    [
        "", " ", '"', "'", "''", '"" OR ""', "AND", "OR NOT", "NEAR(a b)", "a*", "*", "^a", "name:whisper", "{name}: x",
        "a AND (b OR", ")", "-whisper", "+whisper", "whisper;--", "'; DROP TABLE entry; --", "\x00", "\x1b[31m", "😀",
        "😀 whisper 😀", "\u202e", "\udcff", "a" * 10_000, "whisper " * 2_000, "%", "_", "\\", "[a-z]+",
        "مرحبا", "转录", "т", "ﬁ", "İ", "ß", "𝓦𝓱𝓲𝓼𝓹𝓮𝓻", "1", "3.5", "--format json", "$(reboot)",
    ],
)  # fmt: skip
def test_hostile_queries_are_queries_like_others(shelf: Catalogue, query: str) -> None:
    assert isinstance(shelf.search(query), list)


def test_letters_of_another_shape_are_the_same_letters(shelf: Catalogue) -> None:
    for query in ("ｗｈｉｓｐｅｒ", "𝓦𝓱𝓲𝓼𝓹𝓮𝓻", "😀 whisper 😀", '"whisper" AND', "whisper*"):
        assert shelf.search(query)[0].entry.id == "whisper", query


fts_words = st.sampled_from(
    ["AND", "OR", "NOT", "NEAR", '"', "*", "^", "(", ")", "{", "}", ":", "-", "+", "whisper", "ø"]
)


@given(st.one_of(st.text(max_size=80), st.lists(fts_words, max_size=12).map(" ".join)))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_is_an_engine_error(shelf: Catalogue, query: str) -> None:
    try:
        hits = shelf.search(query)
    except sqlite3.Error as error:  # pragma: no cover - what must not happen
        raise AssertionError(query) from error
    assert all(hit.score > 0 for hit in hits)
