"""document-qa run for real on papers whose answers are known, and the check of a model's quotations by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from recipe_runs import Ended
from text_runs import prepare, sample, start

ANSWERS = {
    "Hvor længe må man fremleje sin lejlighed?": ("vedtaegter.md", "højst to år"),
    "Hvornår er vaskekælderen åben?": ("husorden.md", "kl. 7 til kl. 21"),
    "Hvad kostede det nye tag?": ("referat-2025.md", "2,1 millioner kroner"),
    "Hvor mange ladestandere bliver der opstillet?": ("referat-2025.md", "fire ladestandere"),
    "What does the guest room cost per night?": ("guest-guide.md", "150 kroner a night"),
}
NOWHERE = "Hvem vandt folketingsvalget i Grønland?"


@pytest.fixture(scope="module", params=["da", "en"])
def papers(request, tmp_path_factory) -> tuple[str, Ended]:  # type: ignore[no-untyped-def]
    """The sample run in each language."""
    folder = prepare("document-qa", tmp_path_factory.mktemp("papers"), {}, sample("document-qa", "papers"))
    ended = start(folder, request.param)
    assert ended.code == 0, ended.error
    return request.param, ended


class TestPapers:
    def test_each_answer_is_quoted_from_the_right_paper(self, papers):  # type: ignore[no-untyped-def]
        _, ended = papers
        found = {one["question"]: one for one in ended.json("results.json")["questions"]}
        for question, (file, words) in ANSWERS.items():
            assert found[question]["found"], question
            best = found[question]["places"][0]
            assert best["file"] == file, question
            assert words in " ".join(best["quotation"]), question

    def test_what_is_nowhere_is_not_found(self, papers):  # type: ignore[no-untyped-def]
        language, ended = papers
        found = {one["question"]: one for one in ended.json("results.json")["questions"]}
        assert not found[NOWHERE]["found"]
        assert {"da": "Ikke fundet i dokumenterne.", "en": "Not found in the documents."}[language] in ended.text(
            "report.html"
        )

    def test_meaningless_questions_seldom_slip_through(self, papers):  # type: ignore[no-untyped-def]
        _, ended = papers
        assert ended.json("results.json")["false_alarms"] <= 0.1

    def test_it_says_that_no_model_wrote(self, papers):  # type: ignore[no-untyped-def]
        language, ended = papers
        said = {"da": "Ingen model har skrevet noget.", "en": "No model has written anything."}[language]
        assert said in ended.text("report.html")
        assert all(one["model"] is None for one in ended.json("results.json")["questions"])

    def test_every_quotation_stands_in_its_file(self, papers):  # type: ignore[no-untyped-def]
        _, ended = papers
        texts = {name: " ".join(content.decode().split()) for name, content in sample("document-qa", "papers").items()}
        for one in ended.json("results.json")["questions"]:
            for place in one["places"]:
                for sentence in place["quotation"]:
                    assert " ".join(sentence.split()) in texts[place["file"]]

    def test_the_same_seed_gives_the_same(self, papers, tmp_path):  # type: ignore[no-untyped-def]
        language, ended = papers
        again = start(prepare("document-qa", tmp_path / "again", {}, sample("document-qa", "papers")), language)
        assert again.text("answers.csv") == ended.text("answers.csv")


class TestStops:
    @pytest.mark.parametrize(
        ("params", "files", "said"),
        [
            ({}, {"a.txt": b"x", "b.txt": b"y"}, "There are no questions. Write them in the parameter questions"),
            ({"questions": "why?"}, {"a.txt": b"only one"}, "There is only 1 passage to look in."),
            ({"questions": ";".join(f"q{n}" for n in range(300))}, {"a.txt": b"x"}, "There are 300 questions"),
        ],
    )
    def test_with_a_sentence(self, run_recipe, params, files, said):  # type: ignore[no-untyped-def]
        ended = run_recipe("document-qa", params, files=files)
        assert ended.code == 1
        assert said in ended.error


PASSAGES = {
    1: "Vaskekælderen er åben fra kl. 7 til kl. 21 alle dage.",
    2: "The guest room can be booked for 150 kroner a night – for at most five nights.",
}


class TestCitations:
    def check(self, modules: Any, text: str) -> Any:
        (citations,) = modules("document-qa", "citations")
        return citations.check(text, PASSAGES)

    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("Den er åben hele dagen [1] »åben fra kl. 7 til kl. 21«.", "checked"),
            (
                "It costs 150 kroner [2] “booked for 150  Kroner a night - for at most”.",
                "checked",
            ),  # spaces, dash, case
            ("Den er åben hele natten [1] »åben fra kl. 7 til kl. 23«.", "wrong"),  # one figure is another
            ("Den er åben [2] »åben fra kl. 7 til kl. 21«.", "wrong"),  # it stands in another passage
            ("Den er åben [7] »åben fra kl. 7 til kl. 21«.", "wrong"),  # there is no such passage
            ("Den er åben om dagen [1].", "cited"),
            ("Den er åben [1] »åben«.", "cited"),  # one word proves nothing
            ("Den er åben om dagen.", "uncited"),
            ("Begge dele [1, 2] »for at most five nights«.", "checked"),
        ],
    )
    def test_one_sentence(self, modules, text, status):  # type: ignore[no-untyped-def]
        answer = self.check(modules, text)
        assert [claim.status for claim in answer.claims] == [status]
        assert answer.checked is (status == "checked")

    def test_sentence_by_sentence(self, modules):  # type: ignore[no-untyped-def]
        answer = self.check(
            modules,
            "- Åben til kl. 21. [1] »fra kl. 7 til kl. 21«\n- Det koster 150. [2] “150 kroner a night”\nOg mere.",
        )
        assert [(c.status, c.numbers) for c in answer.claims] == [("checked", (1,)), ("checked", (2,)), ("uncited", ())]
        assert not answer.checked

    @pytest.mark.parametrize("text", ["IKKE I DOKUMENTERNE", "<think>who knows [1]</think>\nNot in the documents."])
    def test_a_no_is_a_no(self, modules, text):  # type: ignore[no-untyped-def]
        answer = self.check(modules, text)
        assert answer.refused
        assert not answer.checked

    @pytest.mark.parametrize("language", ["da", "en"])
    def test_the_model_is_told_and_sees_no_person_number(self, modules, language):  # type: ignore[no-untyped-def]
        ask, documents, passages, prompts, personal, words = modules(
            "document-qa", "ask", "documents", "passages", "prompts", "personal", "words"
        )
        said = words.Words({**documents.TEXTS, **personal.TEXTS}, language)
        piece = documents.Piece("a.pdf", "page", 3, "")
        source = ask.Source(1, passages.Passage(piece, 1, "Bo 010203-1234 bor her."), 1.0, ())
        system, user = prompts.messages("Hvem bor her?", language, [source], said)
        assert prompts.NOT_THERE[language] in system["content"]
        assert "010203" not in user["content"]
        assert {"da": "Uddrag [1] fra a.pdf, side 3:", "en": "Passage [1] from a.pdf, page 3:"}[language] in user[
            "content"
        ]
        assert user["content"].endswith("Hvem bor her?")


class TestModel:
    """The GPU engine with stand-ins for torch and transformers: prompt, answer, check, checkpoint run."""

    def job(self, tmp_path: Path, name: str = "job") -> Path:
        return prepare("document-qa", tmp_path / name, {"engine": "llm"}, sample("document-qa", "papers"))

    def test_answers_are_written_and_checked(self, tmp_path):  # type: ignore[no-untyped-def]
        ended = start(self.job(tmp_path), "da", fakes=True)
        assert ended.code == 0, ended.error
        found = ended.json("results.json")
        assert found["answers_with_all_quotations_found"] == 5
        by_question = {one["question"]: one["model"] for one in found["questions"]}
        assert by_question[NOWHERE]["not_in_the_documents"]
        assert by_question["Hvornår er vaskekælderen åben?"]["sentences"][0]["cites"] == [1]
        page = ended.text("report.html")
        assert "5 af 6 svar står helt på citater, der er set efter." in page
        assert "Qwen/Qwen3-4B-Instruct-2507" in page
        assert "Pretended GPU" in page

    def test_a_quotation_that_stands_nowhere_is_called_out(self, tmp_path):  # type: ignore[no-untyped-def]
        ended = start(self.job(tmp_path), "da", fakes=True, FAKE_LIE="1")
        assert ended.json("results.json")["answers_with_all_quotations_found"] == 0
        page = ended.text("report.html")
        assert "CITATET STÅR IKKE DER" in page
        assert "Brug den ikke." in page

    def test_answers_are_kept_for_a_job_that_goes_on(self, tmp_path):  # type: ignore[no-untyped-def]
        folder, log = self.job(tmp_path), tmp_path / "log"
        first = start(folder, "da", fakes=True, FAKE_LOG=str(log))
        kept = (folder / "checkpoint" / "answers.json").read_text()
        assert log.read_text().count("answer") == 6
        again = start(folder, "da", fakes=True, FAKE_LOG=str(log))
        assert log.read_text().count("answer") == 6  # none was written anew
        assert again.text("answers.csv") == first.text("answers.csv")
        (folder / "checkpoint" / "answers.json").write_text(kept[:40])  # cut off half-way
        assert start(folder, "da", fakes=True).text("answers.csv") == first.text("answers.csv")

    def test_without_a_gpu_and_without_the_model(self, tmp_path):  # type: ignore[no-untyped-def]
        ended = start(self.job(tmp_path, "a"), "en", fakes=True, FAKE_NO_GPU="1")
        assert ended.code == 0
        assert "! There is no GPU here: the model runs on the CPU" in ended.said
        ended = start(self.job(tmp_path, "b"), "en", fakes=True, FAKE_ABSENT="1")
        assert ended.code == 1
        assert "The model Qwen/Qwen3-4B-Instruct-2507 cannot be fetched or loaded here" in ended.error
