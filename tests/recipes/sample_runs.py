"""Every recipe's own sample: how its light path is run, and what must have come out, by content."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Check = Callable[[Path], None]


def read_json(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def read_rows(path: Path) -> list[dict[str, str]]:
    """A CSV as the recipes write it, whichever separator the language wants."""
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.splitlines()[0] else ","))


def gpu_check(out: Path) -> None:
    found = read_json(out, "report.json")
    assert found["verdict"]["code"] == "none", found["verdict"]  # no GPU was asked for
    assert {one["id"]: one["result"] for one in found["correctness"] if one["device"] == "cpu"} == {
        "minstd": "right", "sha256": "right", "fibonacci": "right",
    }, found["correctness"]  # fmt: skip


def tabular_baseline(out: Path) -> None:
    found = read_json(out, "results.json")
    # Both models know the sex of a penguin far better than a guess, which is right half of the time.
    assert found["verdict"]["code"] == "yes", found["verdict"]
    assert found["models"]["linear"]["balanced_accuracy"]["mean"] == pytest.approx(0.9, abs=0.03)
    assert found["models"]["guess"]["balanced_accuracy"]["mean"] == 0.5
    assert len(read_rows(out / "predictions.csv")) == 333


def transcribe(out: Path) -> None:
    (one,) = read_json(out, "results.json")["recordings"]
    # The sample's script put these turns there, the first speaker's on the first channel.
    turns = [(0.8, 2.6, 0), (3.4, 7.1, 1), (7.9, 8.6, 0), (9.6, 13.4, 1), (12.9, 14.2, 0), (15.2, 17.3, 1)]
    assert len(one["turns"]) == len(turns)
    for found, (start, end, channel) in zip(one["turns"], turns, strict=True):
        assert (found["start"], found["end"]) == (pytest.approx(start, abs=0.2), pytest.approx(end, abs=0.2))
        assert found["channel"] == channel
    said = (out / "interview.txt").read_text(encoding="utf-8-sig")
    assert "INTET ER SKREVET UD" in said or "NOTHING HAS BEEN TRANSCRIBED" in said


def image_segmentation(out: Path) -> None:
    found = read_json(out, "results.json")
    assert [one["objects"] for one in found["per_image"]] == [18, 26, 22]  # as drawn
    assert found["against_masks"]["f1"] > 0.95
    assert len(read_rows(out / "objects.csv")) == 66


def lora_finetune(out: Path) -> None:
    found = read_json(out, "results.json")
    assert found["examples"] == {"train": 192, "val": 24, "test": 24, "left_out": 2, "kinds": ["pairs"]}
    assert found["loss"]["after"] < 0.5 < found["loss"]["guesses"]["bigram"] < found["loss"]["before"]
    assert found["largest_difference_when_merged"] < 1e-4


def r_regression(out: Path) -> None:
    found = read_json(out, "results.json")
    # Least squares by numpy on the same 333 penguins (tests/recipes/test_r_regression.py works it out).
    estimates = {one["term"]: one["estimate"] for one in found["coefficients"]}
    assert estimates["sex = female"] == pytest.approx(-465.395, abs=0.001)
    assert estimates["flipper_length_mm"] == pytest.approx(17.84651, abs=1e-4)
    assert found["rows"]["used"] == 333
    assert found["cross_validation"]["skill"] == pytest.approx(0.863, abs=0.01)
    assert len(read_rows(out / "table.csv")) == 6


def multi_gpu_check(out: Path) -> None:
    found = read_json(out, "report.json")
    assert found["wrong_sums"] == 0 and found["strangers"] == 0
    assert found["rounds"]["done"] == 3
    assert len({rank["sums"]["numbers"] for rank in found["ranks"]}) == 1


def topic_model(out: Path) -> None:
    found = read_json(out, "results.json")
    assert found["verdict"]["code"] == "yes" and found["number_of_topics"] == 3  # as the letters were invented
    words = [set(topic["words"]) for topic in found["topics"]]
    for theme in ("skolen", "cyklisterne", "affald"):
        assert sum(theme in some for some in words) == 1, (theme, words)
    assert [topic["texts"] for topic in found["topics"]] == [30, 30, 30]


def text_classifier(out: Path) -> None:
    found = read_json(out, "results.json")
    assert found["verdict"]["code"] == "yes"
    assert found["classes"] == {"affald": 29, "skole": 57, "trafik": 64}
    assert found["models"]["guess"]["balanced_accuracy"]["mean"] == pytest.approx(1 / 3, abs=0.001)
    assert found["score"] == pytest.approx(0.91, abs=0.04)
    assert len(read_rows(out / "predicted.csv")) == 40


def embedding_search(out: Path) -> None:
    found = read_json(out, "results.json")
    assert found["quality"]["both"]["recall_at_5"] >= 0.9 > found["quality"]["chance"]["recall_at_5"]
    first = {one["search"]: one["hits"][0]["file"] for one in found["searches"]}
    assert first["Hvornår slettes lydfilerne fra interviewene?"] == "03-datahaandtering.md"
    assert found["near_duplicates"] == 1


def document_qa(out: Path) -> None:
    found = read_json(out, "results.json")
    answers = {one["question"]: one for one in found["questions"]}
    there = answers["Hvor længe må man fremleje sin lejlighed?"]
    assert there["found"] and there["places"][0]["quotation"]
    assert found["found"] < len(answers)  # what is not in the documents is said not to be there


# The parameters beside the sample's own, and the check of its output/ folder.
CHECKS: dict[str, tuple[dict[str, Any], Check]] = {
    "document-qa": ({}, document_qa),
    "embedding-search": ({}, embedding_search),
    "gpu-check": ({"speed": False}, gpu_check),
    "image-segmentation": ({}, image_segmentation),
    "lora-finetune": ({}, lora_finetune),
    "multi-gpu-check": ({"rounds": 3}, multi_gpu_check),
    "r-regression": ({}, r_regression),
    "tabular-baseline": ({"folds": 3, "repeats": 1}, tabular_baseline),
    "text-classifier": ({"repeats": 1}, text_classifier),
    "topic-model": ({}, topic_model),
    "transcribe": ({}, transcribe),
}
