"""text-classifier run for real on letters whose right labels are known, and its pure parts against known answers."""

from __future__ import annotations

import csv
import importlib.util
import io
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recipe_runs import RECIPES, Ended
from text_runs import prepare, sample, start

PARAMS = {
    "da": {"text": "brev", "label": "emne", "group": "afsender", "repeats": 1},
    "en": {"text": "letter", "label": "topic", "group": "sender", "repeats": 1},
}


def table(ended: Ended, name: str, language: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(ended.text(name)), delimiter=";" if language == "da" else ","))[1:]


def made() -> Any:
    """The script that made the sample, with what is right and what is wrong in it."""
    folder = RECIPES / "text-classifier" / "sample"
    sys.path.insert(0, str(RECIPES / "topic-model" / "sample"))
    try:
        spec = importlib.util.spec_from_file_location("classifier_sample", folder / "make_synthetic.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(RECIPES / "topic-model" / "sample"))
        sys.modules.pop("letters", None)


@pytest.fixture(scope="module", params=["da", "en"])
def letters(request, tmp_path_factory) -> tuple[str, Ended]:  # type: ignore[no-untyped-def]
    """The sample run in each language."""
    language = request.param
    folder = prepare(
        "text-classifier", tmp_path_factory.mktemp("labels"), PARAMS[language],
        sample("text-classifier", f"letters-{language}.csv"),
    )  # fmt: skip
    ended = start(folder, language)
    assert ended.code == 0, ended.error
    return language, ended


class TestLetters:
    def test_far_better_than_a_guess(self, letters):  # type: ignore[no-untyped-def]
        _, ended = letters
        found = ended.json("results.json")
        assert found["verdict"]["code"] == "yes"
        assert found["models"]["guess"]["balanced_accuracy"]["mean"] == pytest.approx(1 / 3, abs=1e-4)
        # Six of 150 labels are wrong on purpose, so no honest figure can be much above 0.96.
        assert 0.85 < found["score"] < 0.98
        assert found["texts"]["labelled"] == 150
        assert found["texts"]["without_label"] == 40

    def test_the_suggestions_are_right(self, letters):  # type: ignore[no-untyped-def]
        language, ended = letters
        truth = made().truth(language)
        rows = table(ended, "predicted.csv", language)
        assert len(rows) == 40
        right = sum(truth[int(row[1]) - 1] == row[2] for row in rows)  # row 2 holds letter 1
        assert right >= 37
        sure = [float(row[3].replace(",", ".")) for row in rows]
        assert sure == sorted(sure)  # the unsure first
        asked = [row[4] == "x" for row in rows]
        assert asked == sorted(asked, reverse=True)

    def test_the_labels_set_wrong_are_suspected(self, letters):  # type: ignore[no-untyped-def]
        language, ended = letters
        wrong = {no + 1 for no in made().WRONG}
        suspected = {int(row[1]) for row in table(ended, "labelled.csv", language) if row[5] == "x"}
        assert len(wrong & suspected) >= 4
        assert len(suspected - wrong) <= 5
        said = ended.json("results.json")["doubtful_labels"]
        assert said == (len(suspected) if len(suspected) >= 5 else None)

    def test_the_words_that_tell_belong_to_their_class(self, letters):  # type: ignore[no-untyped-def]
        language, ended = letters
        found = ended.json("results.json")["telling_words"]
        if language == "da":
            assert {"klassen", "skolen"} & set(found["skole"])
            assert {"cykelstien", "cyklisterne"} & set(found["trafik"])
        else:
            assert {"school", "class", "nursery"} & set(found["school"])
            assert {"cycle", "path", "road"} & set(found["traffic"])

    def test_what_is_left_to_the_model_is_as_right_as_asked(self, letters):  # type: ignore[no-untyped-def]
        _, ended = letters
        ask = ended.json("results.json")["ask_a_human"]
        assert 0.5 < ask["left_to_the_model"] < 1
        assert ask["right_of_those"] > ask["right_of_all"] - 0.01
        assert ask["right_of_those"] > 0.9

    def test_no_small_count_is_on_the_page(self, letters):  # type: ignore[no-untyped-def]
        language, ended = letters
        found = ended.json("results.json")
        assert all(n is None or n == 0 or n >= 5 for line in found["confusion"] for n in line)
        page = ended.text("report.html")
        assert {"da": "Ja, klart bedre end at gætte.", "en": "Yes, clearly better than guessing."}[language] in page
        assert {"da": "Havneallé, og", "en": "Harbour Avenue, and"}[language] not in page  # no text is quoted

    def test_the_learning_curve_learns(self, letters):  # type: ignore[no-untyped-def]
        _, ended = letters
        curve = ended.json("results.json")["learning_curve"]
        assert curve["labels"] == [24, 48, 72, 96, 120]
        assert curve["balanced_accuracy"][-1] > curve["balanced_accuracy"][0]


def shuffled() -> bytes:
    """Labels that have nothing to do with the texts."""
    draw = random.Random(3)
    words = [f"ord{chr(97 + a)}{chr(97 + b)}" for a in range(12) for b in range(12)]
    rows = [f"{' '.join(draw.choices(words, k=20))},{draw.choice('ab')}" for _ in range(120)]
    return ("text,label\n" + "\n".join(rows) + "\n").encode()


class TestHonesty:
    def test_labels_by_chance_cannot_be_learned(self, run_recipe):  # type: ignore[no-untyped-def]
        params = {"text": "text", "label": "label", "repeats": 2}
        ended = run_recipe("text-classifier", params, files={"a.csv": shuffled()})
        assert ended.code == 0, ended.error
        found = ended.json("results.json")
        assert found["verdict"]["code"] == "no"
        assert found["ask_a_human"]["confidence_limit"] is None
        assert "a human must look at them all" in ended.text("report.html")

    def test_copies_of_a_text_are_kept_on_one_side(self, run_recipe):  # type: ignore[no-untyped-def]
        """Each chance-labelled text three times over: a model that sees copies would be right every time."""
        head, *rows = shuffled().decode().splitlines()
        content = "\n".join([head, *rows[:60] * 3]) + "\n"
        params = {"text": "text", "label": "label", "repeats": 1}
        ended = run_recipe("text-classifier", params, files={"a.csv": content.encode()})
        found = ended.json("results.json")
        assert found["texts"]["twins"] == 180
        assert found["score"] < 0.7

    def test_labels_from_folders(self, run_recipe):  # type: ignore[no-untyped-def]
        rows = next(iter(sample("text-classifier", "letters-en.csv").values())).decode().splitlines()
        files = {}
        for at, row in enumerate(csv.reader(rows[1:])):
            files[f"{row[3] or 'unlabelled'}/{at}.txt"] = row[2].encode()
        ended = run_recipe("text-classifier", {"repeats": 1, "folds": 3}, files=files)
        assert ended.code == 0, ended.error
        found = ended.json("results.json")
        assert set(found["classes"]) == {"school", "traffic", "waste"}
        assert found["texts"]["without_label"] == 40

    def test_spelling_and_rare_classes_are_told(self, run_recipe):  # type: ignore[no-untyped-def]
        text = shuffled().decode().replace(",a\n", ",A\n", 6).replace(",b\n", ",rare\n", 2)
        ended = run_recipe(
            "text-classifier", {"text": "text", "label": "label", "repeats": 1}, files={"a.csv": text.encode()}
        )
        page = ended.text("report.html")
        assert "6 labels differed only in capitals and are merged." in page
        assert "1 classes have fewer than 5 texts and are left out." in page


class TestStops:
    @pytest.mark.parametrize(
        ("params", "files", "said"),
        [
            ({"text": "t"}, {"a.csv": b"t,l\n" + b"x y,a\n" * 30}, "with the parameter label"),
            ({"text": "t", "label": "l"}, {"a.csv": b"t,l\n" + b"x y,a\n" * 30}, "At least two classes"),
            ({"text": "t", "label": "l"}, {"a.csv": b"t,l\n" + b"x,a\ny,b\n" * 6}, "Only 12 texts have a usable label"),
            ({}, {"a.txt": b"x", "b.txt": b"y"}, "The labels are missing."),
            ({"wanted": 2}, {"a.csv": shuffled()}, "The parameter wanted cannot be 2: between 0.500 and 1.00"),
        ],
    )  # fmt: skip
    def test_with_a_sentence(self, run_recipe, params, files, said):  # type: ignore[no-untyped-def]
        ended = run_recipe("text-classifier", params, files=files)
        assert ended.code == 1
        assert said in ended.error

    def test_a_class_in_one_group(self, run_recipe):  # type: ignore[no-untyped-def]
        rows = [f"word{n} text,{'a' if n < 15 else 'b'},{'one' if n < 15 else n}" for n in range(30)]
        files = {"a.csv": ("t,l,g\n" + "\n".join(rows) + "\n").encode()}
        ended = run_recipe("text-classifier", {"text": "t", "label": "l", "group": "g"}, files=files)
        assert ended.code == 1
        assert "All texts labelled “a” belong to one and the same group" in ended.error


class TestParts:
    def test_groups_join_copies_and_named_groups(self, modules):  # type: ignore[no-untyped-def]
        documents, labelled, rows, words = modules("text-classifier", "documents", "labelled", "rows", "words")
        said = words.Words(rows.TEXTS, "en")
        rows_given = [("x", "1"), ("y", "1"), ("Y ", "2"), ("z", ""), ("q", "")]
        pieces = [documents.Piece("a.csv", "row", n, text, {"g": group}) for n, (text, group) in enumerate(rows_given)]
        groups, twins = labelled._groups(pieces, rows.Rows(("g",), (), "", 0), "g", said)
        assert groups.tolist() == [0, 0, 0, 3, 4]  # x and y by group, y and Y by text
        assert twins == 2

    def test_the_limit_of_confidence_by_hand(self, modules):  # type: ignore[no-untyped-def]
        (doubt,) = modules("text-classifier", "doubt")
        sure = np.linspace(1.0, 0.5, 50)
        right = np.arange(50) < 40  # the 40 surest are right
        limit = doubt.limit_for(sure, right, 0.95)
        # Of the first 42, 40 are right: 0.952; of the first 43, 0.930.
        assert limit == pytest.approx(sure[41])
        assert doubt.limit_for(sure, np.zeros(50, dtype=bool), 0.95) is None

    def test_suspects_by_hand(self, modules):  # type: ignore[no-untyped-def]
        (doubt,) = modules("text-classifier", "doubt")
        probability = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.05, 0.95]])
        y = np.array([0, 0, 0, 1, 1, 1])
        # Class 0 is on average 0.6 likely for its own, class 1 is 0.817: only the third text passes 1's and not 0's.
        assert doubt.suspects(probability, y) == [2]

    def test_the_order_of_learning_holds_every_class_early(self, modules):  # type: ignore[no-untyped-def]
        (learning,) = modules("text-classifier", "learning")
        y = np.array([0] * 90 + [1] * 10)
        order = learning._spread(y, np.random.default_rng(1))
        assert sorted(order.tolist()) == list(range(100))
        assert 1 <= (y[order[:20]] == 1).sum() <= 4

    def test_the_steps_of_fine_tuning(self, modules):  # type: ignore[no-untyped-def]
        (transformer,) = modules("text-classifier", "transformer")
        rates = [transformer.rate(step, 20) for step in range(20)]
        assert rates[:3] == pytest.approx([0.5, 1.0, 1.0])
        assert rates[-1] == pytest.approx(1 / 18)
        assert max(rates) == 1.0
        seen = np.concatenate(transformer.batches(10, 4, 1, 0))
        assert sorted(seen.tolist()) == list(range(10))
        assert [len(b) for b in transformer.batches(10, 4, 1, 0)] == [4, 4, 2]
        assert np.array_equal(seen, np.concatenate(transformer.batches(10, 4, 1, 0)))
        assert not np.array_equal(seen, np.concatenate(transformer.batches(10, 4, 1, 1)))
        weights = transformer.class_weights(np.array([0, 0, 0, 1]), 2)
        assert weights.tolist() == pytest.approx([4 / 6, 2.0])


TUNED = {**PARAMS["da"], "engine": "transformer", "folds": 3, "epochs": 3, "learning_rate": 0.01}


class TestTransformer:
    """The GPU engine with stand-ins for torch and transformers: loop, checkpoints and comparison run."""

    def job(self, tmp_path: Path, name: str, **more: Any) -> Path:
        files = sample("text-classifier", "letters-da.csv")
        return prepare("text-classifier", tmp_path / name, {**TUNED, **more}, files)

    def test_it_is_compared_on_the_same_folds(self, tmp_path):  # type: ignore[no-untyped-def]
        ended = start(self.job(tmp_path, "job"), "da", fakes=True)
        assert ended.code == 0, ended.error
        found = ended.json("results.json")["transformer"]
        assert found["model"] == "FacebookAI/xlm-roberta-base"
        assert found["balanced_accuracy"] > 0.6  # one layer on words learns this much
        gain = found["gain_over_baseline"]
        assert found["earned_its_gpu"] is (gain["interval_95"][0] > 0)
        assert not found["earned_its_gpu"]
        assert "Tjener den store model sin GPU hjem?" in ended.text("report.html")
        assert "ordtællingen: den er gratis" in ended.text("report.html")
        assert list((ended.folder / "checkpoint").glob("*.pt")) == []  # done parts leave only their small answers
        assert len(list((ended.folder / "checkpoint").glob("*.npy"))) == 3

    @pytest.mark.parametrize("stop_after", [2, 4])
    def test_a_job_that_was_cut_off_goes_on_and_ends_the_same(self, tmp_path, stop_after):  # type: ignore[no-untyped-def]
        whole = start(self.job(tmp_path, "whole"), "da", fakes=True)
        folder = self.job(tmp_path, "cut")
        cut = start(folder, "da", fakes=True, FAKE_STOP_AFTER=str(stop_after))
        assert cut.code == 137
        again = start(folder, "da", fakes=True)
        assert again.code == 0, again.error
        assert again.said.count("epoke 1 af 3") == 3 - 1 - (stop_after > 3)  # not begun anew
        assert again.text("labelled.csv") == whole.text("labelled.csv")
        assert again.json("results.json")["transformer"] == whole.json("results.json")["transformer"]

    def test_a_model_that_cannot_be_fetched(self, tmp_path):  # type: ignore[no-untyped-def]
        ended = start(self.job(tmp_path, "job"), "da", fakes=True, FAKE_ABSENT="1")
        assert ended.code == 1
        assert "Modellen FacebookAI/xlm-roberta-base kan ikke hentes" in ended.error

    def test_a_gpu_without_memory_left(self, tmp_path):  # type: ignore[no-untyped-def]
        ended = start(self.job(tmp_path, "job"), "en", fakes=True, FAKE_FULL="1")
        assert ended.code == 1
        assert ended.error.startswith("The GPU ran out of memory with 16 texts at a time. Try fewer (batch)")

    def test_without_torch_the_package_is_named(self, tmp_path):  # type: ignore[no-untyped-def]
        if importlib.util.find_spec("torch"):
            pytest.skip("torch is here")
        ended = start(self.job(tmp_path, "job"), "en")
        assert ended.code == 1
        assert ended.error.startswith("The Python package torch is missing here")
