"""embedding-search run for real on pages whose right answers are known, and its measures by hand."""

from __future__ import annotations

import io

import numpy as np
import pytest
from recipe_runs import Ended
from text_runs import prepare, sample, start

RIGHT = {
    "Hvornår slettes lydfilerne fra interviewene?": "03-datahaandtering.md",
    "Hvordan måles lyset om natten?": "02-feltarbejde.md",
    "How are the algae dried and weighed?": "07-lab-methods.md",
    "statistical power": "08-statistics.md",
}
NOWHERE = "Hvad koster togbilletter til Bruxelles?"


@pytest.fixture(scope="module", params=["da", "en"])
def project(request, tmp_path_factory) -> tuple[str, Ended]:  # type: ignore[no-untyped-def]
    """The sample run in each language."""
    folder = prepare("embedding-search", tmp_path_factory.mktemp("pages"), {}, sample("embedding-search", "project"))
    ended = start(folder, request.param)
    assert ended.code == 0, ended.error
    return request.param, ended


class TestProject:
    def test_the_right_page_comes_first(self, project):  # type: ignore[no-untyped-def]
        _, ended = project
        found = {one["search"]: one for one in ended.json("results.json")["searches"]}
        for query, file in RIGHT.items():
            assert found[query]["hits"][0]["file"] == file, query
            assert not found[query]["weak"], query

    def test_what_is_nowhere_is_said_to_be_weak(self, project):  # type: ignore[no-untyped-def]
        language, ended = project
        found = {one["search"]: one for one in ended.json("results.json")["searches"]}
        assert found[NOWHERE]["weak"]
        said = {"da": "Intet sted rummer mere af søgningen", "en": "No place holds more of the search"}[language]
        assert said in ended.text("report.html")

    def test_how_good_it_is(self, project):  # type: ignore[no-untyped-def]
        _, ended = project
        quality = ended.json("results.json")["quality"]
        assert ended.json("results.json")["judged"] == 11
        assert quality["both"]["recall_at_5"] >= 0.9
        assert quality["both"]["first_right"] >= 0.8
        assert quality["chance"] == {"first_right": pytest.approx(12 / 11 / 10, abs=1e-3), "recall_at_5": 0.5}

    def test_the_copy_is_found(self, project):  # type: ignore[no-untyped-def]
        _, ended = project
        assert ended.json("results.json")["near_duplicates"] == 1
        rows = ended.text("duplicates.csv").splitlines()
        assert len(rows) == 2
        assert "02-feltarbejde.md" in rows[1]
        assert "10-kopi-af-feltarbejde.md" in rows[1]

    def test_the_index_lies_in_the_passages_order(self, project):  # type: ignore[no-untyped-def]
        _, ended = project
        vectors = np.load(io.BytesIO((ended.folder / "output" / "index.npz").read_bytes()))["vectors"]
        passages = ended.text("passages.csv").splitlines()
        assert len(vectors) == ended.json("results.json")["passages"] == 10
        assert passages[1].startswith("01-projektbeskrivelse.md")
        # The page on field work and its short copy are each other's nearest.
        near = vectors @ vectors.T - 2 * np.eye(10)
        assert near[1].argmax() == 9

    def test_the_page_marks_the_sentence_and_needs_nothing_else(self, project):  # type: ignore[no-untyped-def]
        language, ended = project
        page = ended.text("report.html")
        assert f'<html lang="{language}">' in page
        assert "<mark>Lyset måles om natten med en lysmåler" in page
        assert "http" not in page.replace("http://www.w3.org/2000/svg", "")

    def test_queries_as_a_parameter_and_the_same_seed(self, project, tmp_path):  # type: ignore[no-untyped-def]
        language, ended = project
        files = sample("embedding-search", "project")
        queries = files.pop("queries.txt").decode().strip().replace("\n", " ; ")
        again = start(prepare("embedding-search", tmp_path / "again", {"queries": queries}, files), language)
        assert again.text("hits.csv") == ended.text("hits.csv")


class TestOwnFiles:
    def test_a_table_without_judgements(self, run_recipe):  # type: ignore[no-untyped-def]
        content = "id,note\n1,The boiler broke down in January\n2,A new boiler was bought\n3,The roof is fine\n"
        ended = run_recipe("embedding-search", {"text": "note", "queries": "boiler"}, files={"n.csv": content.encode()})
        assert ended.code == 0, ended.error
        hits = ended.json("results.json")["searches"][0]["hits"]
        assert {hit["row_or_page"] for hit in hits[:2]} == {2, 3}
        assert "No searches are judged" in ended.text("report.html")

    def test_personal_numbers_are_never_shown(self, run_recipe):  # type: ignore[no-untyped-def]
        files = {"a.txt": "Patienten 010203-1234 har ondt i knæet.".encode(), "b.txt": b"Noget helt andet om vejret."}
        ended = run_recipe("embedding-search", {"queries": "knæet"}, files=files, DKAI_LANG="da")
        for name in ("report.html", "hits.csv", "passages.csv", "results.json"):
            assert "010203" not in ended.text(name)
        assert "[CPR-nummer] har ondt" in ended.text("report.html")

    @pytest.mark.parametrize(
        ("params", "files", "said"),
        [
            ({}, {"a.txt": b"x", "b.txt": b"y"}, "There are no questions. Write them in the parameter queries"),
            ({"queries": "x"}, {"a.txt": b"only one"}, "There is only 1 passage to search in."),
            ({"queries": "x"}, {"a.txt": b"1 2 3", "b.txt": b"4 5 6"}, "The documents have no words to search in."),
            (
                {}, {"a.txt": b"One text", "b.txt": b"Another", "judged.csv": b"query;file\nx;c.txt\n"},
                "judged.csv, line 2: “c.txt” is not among the documents.",
            ),
        ],
    )  # fmt: skip
    def test_stops_with_a_sentence(self, run_recipe, params, files, said):  # type: ignore[no-untyped-def]
        ended = run_recipe("embedding-search", params, files=files)
        assert ended.code == 1
        assert said in ended.error


class TestMeasures:
    def test_recall_and_first_by_hand(self, modules):  # type: ignore[no-untyped-def]
        (judge,) = modules("embedding-search", "judge")
        judged = [judge.Judged("q", frozenset({"a", "b"})), judge.Judged("r", frozenset({"c"}))]
        found = judge.quality(judged, [["a", "x", "y", "z", "v", "b"], ["x", "c"]])
        assert (found.first, found.recall) == (0.5, 0.75)
        assert judge.by_chance(judged, 10) == (pytest.approx(0.15), 0.5)

    def test_a_documents_rank_is_its_best_passages(self, modules):  # type: ignore[no-untyped-def]
        (judge,) = modules("embedding-search", "judge")
        scores = np.array([0.1, 0.9, 0.5, 0.0])
        assert judge.documents_in_order(scores, ["a", "b", "a", "c"]) == ["b", "a"]

    def test_better_only_beyond_chance(self, modules):  # type: ignore[no-untyped-def]
        (judge,) = modules("embedding-search", "judge")
        good = judge.Quality(1.0, 1.0, (True,) * 8)
        assert judge.surely_better(good, judge.Quality(0.25, 1.0, (True, True, *(False,) * 6)))  # 6 of 6: p = 0.03
        assert not judge.surely_better(good, judge.Quality(0.5, 1.0, (*(True,) * 4, *(False,) * 4)))  # 4 of 4: 0.125

    def test_near_duplicates_by_hand(self, modules):  # type: ignore[no-untyped-def]
        (near,) = modules("embedding-search", "near")
        one = "a b c d e f g h i j k l"
        pairs = near.near_duplicates(
            [one, "something else that is long enough to count here as a passage", f"{one} m n"], 0.5
        )
        assert [(p.first, p.second) for p in pairs] == [(0, 2)]
        assert pairs[0].alike == pytest.approx(10 / 12)


class TestEmbeddings:
    """The GPU engine with a stand-in for the model."""

    def test_it_searches_and_says_what_it_ran_on(self, tmp_path):  # type: ignore[no-untyped-def]
        files = sample("embedding-search", "project")
        folder = prepare("embedding-search", tmp_path / "job", {"engine": "embeddings"}, files)
        ended = start(folder, "en", fakes=True)
        assert ended.code == 0, ended.error
        found = ended.json("results.json")
        assert found["made_with"]["model"] == "intfloat/multilingual-e5-base"
        assert found["quality"]["both"]["recall_at_5"] >= 0.9
        assert all(one["weak"] is None for one in found["searches"])  # words say nothing about a model's hits
        assert "Embeddings are computed by intfloat/multilingual-e5-base on cuda:0" in ended.said
        assert "The model always finds something." in ended.text("report.html")
