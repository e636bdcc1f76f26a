"""Tools for a wish: the best first, what the filters left out, and what else there is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from catalogue.samples import SENT_AWAY, course, tool, write
from dkai.catalogue import open as opening
from dkai.catalogue.added import own_folder
from dkai.catalogue.catalogue import Catalogue
from dkai.catalogue.open import open_catalogue
from dkai.core import paths
from dkai.core.errors import UserError
from dkai.core.levels import Level
from dkai.radar.card import card_of
from dkai.radar.search import list_tools, search
from dkai.radar.wishes import Filters

TODAY = date(2026, 11, 23)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    empty = tmp_path / "entries"
    empty.mkdir()
    monkeypatch.setattr(paths, "entries_dir", lambda: empty)
    monkeypatch.setattr(opening, "shipped_index", lambda: tmp_path / "index.sqlite")
    interview = {"da": ["interview"], "en": ["interview"]}
    write(
        own_folder(),
        tool("good", ring__now="adopt", search_words=interview),
        tool("fair", ring__now="trial", search_words=interview),
        tool("old", ring__now="hold", search_words=interview, review={"due": "2026-11-01"}),
        tool("cloud", search_words=interview, danish__support="unknown", **SENT_AWAY),
        tool("cells", tasks=["cell-segmentation"], search_words={"da": ["celler"], "en": ["cells"]}),
        course("talks", search_words={"da": ["havearbejde"], "en": ["gardening"]}),
    )  # fmt: skip
    return open_catalogue()


def test_a_better_ring_tips_the_scales(shelf: Catalogue) -> None:
    found = search(shelf, "interview", Filters(), TODAY)
    ids = [hit.id for hit in found.items]
    assert ids[0] == "good"
    assert ids[-1] == "old"
    assert (found.found, found.fitting, found.filtered, found.left_out) == (4, 4, (), ())


def test_filters_say_what_they_left_out(shelf: Catalogue) -> None:
    found = search(shelf, "interview", Filters(data=Level.CONFIDENTIAL, danish=True, rings=("adopt", "trial")), TODAY)
    assert [hit.id for hit in found.items] == ["good", "fair"]
    assert (found.found, found.fitting) == (4, 2)
    assert [(f.filter, f.count, f.unknown) for f in found.filtered] == [
        ("data", 1, 0), ("danish", 1, 1), ("ring", 1, 0),
    ]  # fmt: skip
    assert {tool.id: [o.filter for o in tool.objections] for tool in found.left_out} == {
        "cloud": ["data", "danish"], "old": ["ring"],
    }  # fmt: skip


def test_a_limit_shows_fewer_and_counts_all(shelf: Catalogue) -> None:
    found = search(shelf, "interview", Filters(), TODAY, limit=1)
    assert (len(found.items), found.fitting, found.found) == (1, 4, 4)
    assert len(search(shelf, "interview", Filters(), TODAY, limit=0).items) == 4


def test_what_is_past_its_review_date_says_so(shelf: Catalogue) -> None:
    overdue = {hit.id: hit.overdue for hit in search(shelf, "interview", Filters(), TODAY).items}
    assert overdue["old"] == ("",)
    assert overdue["good"] == ()


def test_when_no_tool_fits_there_may_be_something_else(shelf: Catalogue) -> None:
    found = search(shelf, "gardening", Filters(), TODAY)
    assert found.items == ()
    assert [(other.kind, other.id) for other in found.elsewhere] == [("course", "talks")]


def test_the_list_goes_by_ring_then_name(shelf: Catalogue) -> None:
    found = list_tools(shelf, Filters(), TODAY)
    assert [hit.id for hit in found.items] == ["good", "cells", "cloud", "fair", "old"]
    assert all(hit.matches == () for hit in found.items)
    assert [hit.id for hit in list_tools(shelf, Filters(rings=("hold",)), TODAY).items] == ["old"]


@pytest.mark.parametrize("word", ["cell-segmentation", "cellesegmentering", "Cell Segmentation", "cell segmentation"])
def test_a_task_is_understood_in_both_languages(shelf: Catalogue, word: str) -> None:
    assert [hit.id for hit in list_tools(shelf, Filters(task=word), TODAY).items] == ["cells"]


def test_a_task_that_no_tool_has_is_a_slip_of_the_pen(shelf: Catalogue) -> None:
    with pytest.raises(UserError) as wrong:
        list_tools(shelf, Filters(task="cell-segmentering"), TODAY)
    assert wrong.value.code == "unknown-task"
    assert wrong.value.hint == "did you mean cell-segmentation?"
    with pytest.raises(UserError) as wrong:
        search(shelf, "nothing at all", Filters(discipline="alchemy"), TODAY)
    assert wrong.value.code == "unknown-discipline"


def test_a_card_is_the_entry(shelf: Catalogue) -> None:
    card = card_of(shelf.get("old", "tool"), TODAY)
    assert (card.id, card.name, card.overdue, card.layers) == ("old", "Old", ("",), ("own",))
    assert card.entry["licence"]["code"] == "MIT"


@pytest.mark.parametrize(
    ("query", "among_first", "wanted"),
    [
        ("transskribere interviews", 4, {"noscribe", "whisper"}),
        ("segmentere tumorer", 2, {"nnunet", "totalsegmentator"}),
        ("forudsige sygdom ud fra tabeldata", 3, {"tabpfn", "scikit-learn"}),
        ("gammel håndskrift kirkebøger", 3, {"transkribus"}),
        ("genkende fuglestemmer", 1, {"birdnet"}),
        ("finde emner i mange tekster", 1, {"bertopic"}),
        ("proteinstruktur", 5, {"alphafold3", "colabfold"}),
        ("sprogmodel på egen computer", 3, {"ollama"}),
        ("screening af artikler til systematisk review", 2, {"asreview"}),
        ("satellitbilleder", 4, {"segment-geospatial", "torchgeo"}),
        ("celletælling i mikroskopi", 4, {"cellpose"}),
        ("Danish dialect speech to text", 3, {"hviske"}),
        ("wisper", 3, {"whisper"}),
        ("machine learning on tables", 4, {"scikit-learn"}),
    ],
)
def test_the_shipped_radar_answers_what_researchers_ask(query: str, among_first: int, wanted: set[str]) -> None:
    found = search(open_catalogue(), query, Filters(), TODAY)
    assert wanted <= {hit.id for hit in found.items[:among_first]}, [hit.id for hit in found.items]
