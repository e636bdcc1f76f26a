"""Words that stand together in a phrase mean more than words scattered over an entry."""

from __future__ import annotations

from catalogue.samples import tool
from dkai.catalogue.matcher import HOW, Matcher, Meets


def matcher(word: str, **more: tuple) -> Matcher:
    return Matcher(word, **{"exact": (word,), "beginnings": (), "parts": (), "akin": (), "spelt_alike": (), **more})


def test_together_beats_scattered(made) -> None:
    asks = {"da": ["tælle celler", "måle afstand", "billeder af planter"], "en": []}
    shelf = made(
        tool("together", asks={"da": ["tælle celler i billeder", "måle afstand"], "en": []}),
        tool("scattered", asks=asks),
    )
    first, second = shelf.search("celler billeder")[:2]
    assert (first.entry.id, second.entry.id) == ("together", "scattered")
    assert first.score > second.score


def test_how_people_ask_is_a_reason(made) -> None:
    (hit,) = made(tool("x", asks={"da": [], "en": ["count cells in a picture"]})).search("counting")
    assert [(m.words, m.field, m.how) for m in hit.matches] == [("count cells in a picture", "asks", "word")]


def test_the_surest_way_is_the_one_that_counts() -> None:
    meets = Meets([matcher("cell", parts=("celle", "cell")), matcher("tal", beginnings=("tal",), akin=("\ue0007",))])
    assert meets.in_phrase("cell other") == {0: HOW.index("word")}
    assert meets.in_phrase("celle") == {0: HOW.index("part")}
    assert meets.in_phrase("taler \ue0007") == {1: HOW.index("beginning")}
    assert meets.in_phrase("\ue0007") == {1: HOW.index("synonym")}
    assert meets.in_phrase("nothing") == {}
    assert Meets(()).in_phrase("anything at all") == {}


def test_a_private_sign_is_no_word_of_a_query(made) -> None:
    """The index marks groups of the thesaurus with a sign that nobody can ask for."""
    assert made(tool("x")).search("\ue0000 \ue0001") == []
