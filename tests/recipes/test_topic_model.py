"""topic-model run for real on letters whose themes and years are known, and its measures against hand-counted ones."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from recipe_runs import Ended
from text_runs import prepare, sample, start

PARAMS = {
    "da": {"text": "brev", "date": "dato", "runs": 5},
    "en": {"text": "letter", "date": "date", "runs": 5},
}
# Words that only one theme's sentences hold, and that are in many of them.
THEMES = {
    "da": {"skole": {"børnehaven", "klassen", "skolen"}, "trafik": {"cykelstien", "cyklisterne", "bilerne"},
           "affald": {"affald", "plast", "madaffald", "beholderen"}},
    "en": {"school": {"school", "children", "class", "kindergarten"}, "traffic": {"cycle", "path", "cyclists"},
           "waste": {"bins", "waste", "emptied"}},
}  # fmt: skip


@pytest.fixture(scope="module", params=["da", "en"])
def letters(request, tmp_path_factory) -> tuple[str, Ended]:  # type: ignore[no-untyped-def]
    """The sample run in each language."""
    language = request.param
    folder = prepare(
        "topic-model", tmp_path_factory.mktemp("letters"), PARAMS[language],
        sample("topic-model", f"letters-{language}.csv"),
    )  # fmt: skip
    ended = start(folder, language)
    assert ended.code == 0, ended.error
    return language, ended


def table(ended: Ended, name: str, language: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(ended.text(name)), delimiter=";" if language == "da" else ","))


class TestLetters:
    def test_the_three_themes_are_found(self, letters):  # type: ignore[no-untyped-def]
        language, ended = letters
        found = ended.json("results.json")
        assert found["verdict"]["code"] == "yes"
        assert found["number_of_topics"] == 3
        assert found["stability"] > max(found["stability_by_chance"]) + 0.15
        for words in THEMES[language].values():
            assert sum(len(words & set(topic["words"])) >= len(words) - 1 for topic in found["topics"]) == 1, words

    def test_the_letters_fall_where_they_were_made(self, letters, monkeypatch):  # type: ignore[no-untyped-def]
        """Each letter's topic against the theme that its words come from."""
        language, ended = letters
        files = sample("topic-model", f"letters-{language}.csv")
        text = next(iter(files.values())).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";" if language == "da" else ","))[1:]
        topics = [next(v for k, v in row.items() if k in ("emne", "topic"))
                  for row in table(ended, "documents.csv", language)]  # fmt: skip
        truth = themes_of(language, [row[2] for row in rows])
        pairs = Counter(zip(truth, topics, strict=True))
        right = sum(max(n for (theme, _), n in pairs.items() if theme == one) for one in set(truth))
        assert right / len(truth) > 0.93

    def test_what_grew_and_what_fell(self, letters):  # type: ignore[no-untyped-def]
        language, ended = letters
        found = ended.json("results.json")
        trends = {}
        for theme, words in THEMES[language].items():
            topic = max(found["topics"], key=lambda t: len(words & set(t["words"])))
            trends[theme] = topic["trend"]["direction"]
        assert list(trends.values()) == ["down", "flat", "up"]  # school, traffic, waste
        assert [year["texts"] for year in found["years"]] == [22, 22, 23, 23]

    def test_small_counts_are_hidden_everywhere(self, letters):  # type: ignore[no-untyped-def]
        language, ended = letters
        counts = [n for year in ended.json("results.json")["years"] for n in year["of_topic"]]
        assert None in counts
        assert all(n is None or n == 0 or n >= 5 for n in counts)
        for row in table(ended, "years.csv", language):
            shown = row["tekster" if language == "da" else "texts"]
            assert shown.startswith("<") or int(shown) >= 5

    def test_the_page_speaks_the_language_and_needs_nothing_else(self, letters):  # type: ignore[no-untyped-def]
        language, ended = letters
        page = ended.text("report.html")
        assert f'<html lang="{language}">' in page
        assert {"da": "Hvad handler 90 tekster om?", "en": "What are 90 texts about?"}[language] in page
        assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
        assert "<script" not in page
        assert page.count("<blockquote>") == 9  # three passages a topic

    def test_the_same_seed_gives_the_same_figures(self, letters, tmp_path):  # type: ignore[no-untyped-def]
        language, ended = letters
        files = sample("topic-model", f"letters-{language}.csv")
        again = start(prepare("topic-model", tmp_path / "again", PARAMS[language], files), language)
        assert again.text("documents.csv") == ended.text("documents.csv")


def themes_of(language: str, texts: list[str]) -> list[str]:
    """The theme that most of a letter's sentences were written for."""
    import re

    bank = _letters().SENTENCES[language]
    found = []
    for text in texts:
        hits = {}
        for theme, sentences in bank.items():
            patterns = [re.escape(s).replace(r"\{p\}", ".{4,20}") for s in sentences]
            hits[theme] = sum(bool(re.search(p, text)) for p in patterns)
        found.append(max(hits, key=lambda theme: hits[theme]))
    return found


def _letters() -> Any:
    import importlib.util

    path = Path(__file__).parents[2] / "recipes" / "topic-model" / "sample" / "letters.py"
    spec = importlib.util.spec_from_file_location("letters", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def noise(n: int, words: int = 200, length: int = 25) -> bytes:
    """Texts of words drawn at random: they are about nothing."""
    import random

    draw = random.Random(5)
    vocabulary = ["".join(draw.choices("bdfgklmnprst", k=4)) + draw.choice("aeiou") for _ in range(words)]
    lines = [" ".join(draw.choices(vocabulary, k=length)) for _ in range(n)]
    return ("text\n" + "\n".join(lines) + "\n").encode()


class TestHonesty:
    def test_texts_about_nothing_have_no_topics(self, run_recipe):  # type: ignore[no-untyped-def]
        ended = run_recipe("topic-model", {"runs": 3}, files={"a.csv": noise(80)})
        assert ended.code == 0, ended.error
        assert ended.json("results.json")["verdict"]["code"] != "yes"

    def test_personal_numbers_are_never_shown(self, run_recipe):  # type: ignore[no-untyped-def]
        files = sample("topic-model", "letters-da.csv")
        text = next(iter(files.values())).replace(b"Venlig hilsen en borger.", b"Hilsen 010203-1234 bo@ek.dk")
        ended = run_recipe(
            "topic-model", {"text": "brev", "topics": 3, "runs": 3}, files={"a.csv": text}, DKAI_LANG="da"
        )
        for name in ("report.html", "results.json", "documents.csv", "topics.csv", "years.csv"):
            assert "010203" not in ended.text(name)
            assert "bo@ek.dk" not in ended.text(name)
        assert "[CPR-nummer] [e-mailadresse]" in ended.text("report.html")
        assert "CPR-numre" in ended.said

    def test_without_quotes_no_text_is_on_the_page(self, run_recipe):  # type: ignore[no-untyped-def]
        params = {"text": "letter", "topics": 3, "runs": 3, "quotes": False}
        ended = run_recipe("topic-model", params, files=sample("topic-model", "letters-en.csv"))
        assert "<blockquote>" not in ended.text("report.html")

    def test_two_languages_are_pointed_out(self, run_recipe):  # type: ignore[no-untyped-def]
        files = {}
        for language, column in (("da", "brev"), ("en", "letter")):
            text = next(iter(sample("topic-model", f"letters-{language}.csv").values())).decode("utf-8-sig")
            for at, row in enumerate(csv.DictReader(io.StringIO(text), delimiter=";" if language == "da" else ",")):
                files[f"2021/{language}-{at}.txt"] = row[column].encode()
        ended = run_recipe("topic-model", {"topics": 2, "runs": 3}, files=files)
        assert "run each language by itself" in ended.text("report.html")
        assert ended.json("results.json")["years"][0]["year"] == 2021  # from the folder's name


class TestStops:
    @pytest.mark.parametrize(
        ("params", "files", "said"),
        [
            ({}, {"a.txt": b"One text only, and no more."}, "There are only 1 texts, and at least 20 are needed"),
            ({}, {"a.csv": b"text\n" + b"same words\n" * 30}, "hardly any words in common"),
            ({"topics": 1}, {"a.csv": noise(30)}, "1 topics are too many for 30 texts; choose at most 10."),
            ({"date": "when", "text": "a"}, {"a.csv": b"a,b\n" + b"x,y\n" * 30}, "date: there is no column “when”"),
            ({"engine": "magic"}, {"a.csv": noise(30)}, "The parameter engine cannot be \"magic\""),
            ({"topics": 99}, {"a.csv": noise(30)}, "The parameter topics cannot be 99: between 0 and 60"),
        ],
    )  # fmt: skip
    def test_with_a_sentence(self, run_recipe, params, files, said):  # type: ignore[no-untyped-def]
        ended = run_recipe("topic-model", params, files=files)
        assert ended.code == 1
        assert said in ended.error

    def test_a_missing_library_is_named(self, tmp_path):  # type: ignore[no-untyped-def]
        folder = prepare("topic-model", tmp_path / "job", {}, {"a.csv": noise(30)})
        (folder / "script" / "sklearn.py").write_text("raise ModuleNotFoundError('gone', name='sklearn')")
        ended = start(folder, "da")
        assert (ended.code, ended.error) == (
            1, "Python-pakken sklearn mangler her; recipe.yaml siger, hvilke opskriften bruger."
        )  # fmt: skip


class TestMeasures:
    def test_likeness_of_ranked_words_by_hand(self, modules):  # type: ignore[no-untyped-def]
        (topics,) = modules("topic-model", "topics")
        # First words: {1} and {2}: 0. First two: {1, 2} and {2, 1}: 1. First three: {1, 2, 3} and {2, 1, 4}: 2 of 4.
        assert topics.likeness((1, 2, 3), (2, 1, 4)) == pytest.approx((0 + 1 + 0.5) / 3)

    def test_npmi_by_hand(self, modules):  # type: ignore[no-untyped-def]
        import math

        from scipy import sparse

        (topics,) = modules("topic-model", "topics")
        always = sparse.csr_matrix([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
        assert topics.npmi(always, (0, 1)) == pytest.approx(1.0)
        never = sparse.csr_matrix([[1.0, 0.0], [0.0, 1.0]])
        assert topics.npmi(never, (0, 1)) == -1.0
        some = sparse.csr_matrix([[1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])  # as often as by chance
        assert topics.npmi(some, (0, 1)) == pytest.approx(math.log(0.25 / 0.25) / -math.log(0.25))

    def test_the_trend_test_by_hand(self, modules):  # type: ignore[no-untyped-def]
        """Cochran-Armitage worked out on paper: 10 texts a year, 2, 5 and 8 of the topic; z squared is 7.2."""
        from scipy import stats

        (trend,) = modules("topic-model", "trend")
        years = [trend.Year(2020 + at, 10, (n,)) for at, n in enumerate((2, 5, 8))]
        (found,) = trend.trends(years, 1)
        assert found.slope == pytest.approx(0.3)
        assert found.p == pytest.approx(stats.chi2.sf(7.2, 1))

    def test_holm_and_wilson(self, modules):  # type: ignore[no-untyped-def]
        (trend,) = modules("topic-model", "trend")
        assert trend.holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
        assert trend.wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)  # as in Wilson's tables

    @pytest.mark.parametrize(
        ("text", "year"),
        [("03-05-2021", 2021), ("2021-05-03", 2021), ("3/5/21", 2021), ("3.5.98", 1998), ("maj 1874", 1874),
         ("brev-2019-nr-3.txt", 2019), ("12345", None), ("uden", None)],
    )  # fmt: skip
    def test_years_in_dates(self, modules, text, year):  # type: ignore[no-untyped-def]
        (corpus,) = modules("topic-model", "corpus")
        assert corpus.year_of(text) == year


class TestEmbeddings:
    """The GPU engine with a stand-in for the model: everything but the model itself runs."""

    def run(self, tmp_path, params, **more):  # type: ignore[no-untyped-def]
        files = sample("topic-model", "letters-da.csv")
        folder = prepare("topic-model", tmp_path / "job", {"text": "brev", "engine": "embeddings", **params}, files)
        return start(folder, "da", fakes=True, **more)

    def test_groups_are_found_and_compared_with_the_light_method(self, tmp_path):  # type: ignore[no-untyped-def]
        ended = self.run(tmp_path, {"topics": 3, "runs": 3, "model": "e5-base"})
        assert ended.code == 0, ended.error
        found = ended.json("results.json")
        for words in THEMES["da"].values():
            assert any(len(words & set(topic["words"])) >= 2 for topic in found["topics"]), words
        assert found["made_with"]["model"] == "intfloat/multilingual-e5-base"
        assert found["coherence_of_light_method"] is not None
        assert "Mod den lette metode" in ended.text("report.html")

    def test_the_number_of_groups_can_be_left_to_it(self, tmp_path):  # type: ignore[no-untyped-def]
        ended = self.run(tmp_path, {"runs": 3})
        assert ended.code in (0, 1)
        assert ended.code == 0 or "Ingen tekster ligger tæt nok" in ended.error

    def test_a_model_that_cannot_be_fetched(self, tmp_path):  # type: ignore[no-untyped-def]
        ended = self.run(tmp_path, {}, FAKE_ABSENT="1")
        assert ended.code == 1
        assert ended.error.startswith(
            "Modellen sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2 kan ikke hentes eller indlæses her:"
        )
        assert "\n" not in ended.error
