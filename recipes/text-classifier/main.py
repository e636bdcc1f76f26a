"""Sorts texts into the classes a human has given some of them, says how well, and when a human must be asked.

Reads ./params.json and the texts in ./input/, writes ./output/, and says what it does on standard output. The engine
`baseline` contacts nobody; `transformer` fetches an open model where the place does not have it, and keeps what it has
learned in ./checkpoint/, from which a job that was stopped goes on.
"""

from typing import Any

import documents
import personal
import task
from texts import TEXTS
from words import Words

VERSION = "1.0"
ENDINGS = documents.ENDINGS
DEFAULTS: dict[str, Any] = {
    "text": None,
    "label": None,
    "group": None,
    "engine": "baseline",
    "model": "xlm-roberta-base",
    "wanted": 0.95,
    "folds": 5,
    "repeats": 3,
    "epochs": 4,
    "batch": 16,
    "learning_rate": 0.00002,
    "max_tokens": 256,
    "seed": 1,
}
CHOICES = {"engine": ("baseline", "transformer"), "model": ("xlm-roberta-base", "danskbert")}
RANGES: dict[str, tuple[float, float]] = {
    "wanted": (0.5, 1.0),
    "folds": (2, 10),
    "repeats": (1, 20),
    "epochs": (1, 50),
    "batch": (1, 256),
    "learning_rate": (1e-7, 0.01),
    "max_tokens": (16, 512),
    "seed": (0, 999_999),
}


def work(words: Words) -> None:
    """Read, validate, compare, look for doubtful labels, label the rest, write, and say the verdict."""
    params = task.read_params(DEFAULTS, words, CHOICES, RANGES)
    task.say(words("doing-read"))
    reading = documents.read_documents(words, params["text"])
    # Late, so that what is wrong with the input is said before seconds go into loading a library.
    import numpy as np

    import doubt
    import labelled
    import learning
    import models
    import page
    import results
    import telling
    import validation

    data = labelled.label_texts(reading, params["label"], params["group"], words)
    task.say(
        words(
            "did-read",
            labelled=words.whole(len(data.y)),
            unknown=words.whole(len(data.unknown)),
            classes=words.listed(data.classes),
        )
    )
    seed, classes = params["seed"], len(data.classes)
    outcome = validation.validate(
        data, params["folds"], params["repeats"], seed, words,
        lambda n: task.say(words("doing-repeat", n=n, all=params["repeats"])),
    )  # fmt: skip
    task.say(words("doing-curve"))
    curve = learning.curve(data, outcome.splits, seed)
    comparison, tuner = _fine_tuned(data, outcome, params, words) if params["engine"] == "transformer" else (None, None)
    chosen = comparison.probability if comparison and comparison.earned else outcome.probability
    fold = np.zeros(len(data.y), dtype=int)
    for number, (_, test) in enumerate(outcome.splits):
        fold[test] = number
    asked = [piece.text for piece in data.unknown]
    if asked:
        task.say(words("doing-unknown", n=words.whole(len(asked))))
    if asked and tuner is not None and comparison and comparison.earned:
        unknown = tuner.probabilities(data.texts, data.y, asked, words("tune-last"))
    else:
        unknown = models.probabilities(data.texts, data.y, asked, classes, seed)
    report = page.Report(
        data=data,
        outcome=outcome,
        comparison=comparison,
        curve=curve,
        asking=doubt.asking(chosen, data.y, fold, params["wanted"]),
        doubtful=doubt.suspects(chosen, data.y),
        telling=telling.telling_words(data.texts, data.y, classes, seed),
        unknown=unknown,
        remarks=reading.remarks,
        params=params,
        origin={**task.made_with(VERSION, params["seed"]), "files": reading.files},
    )
    task.write_json("results.json", results.summary(report, words), words)
    results.write_tables(report, words)
    task.write("report.html", page.page(report, words), words)
    task.warn([*reading.remarks, *data.remarks, *personal.warnings(personal.texts_with(reading.texts), words)[:-1]])
    task.say("")
    task.say(words(report.verdict))
    task.say(words("done"))


def _fine_tuned(data: Any, outcome: Any, params: dict[str, Any], words: Words) -> tuple[Any, Any]:
    """The fine-tuned model beside the baseline, and what fine-tunes it."""
    from compare import compare
    from transformer import Settings, Tuner

    settings = Settings(
        model=params["model"],
        epochs=params["epochs"],
        batch=params["batch"],
        learning_rate=float(params["learning_rate"]),
        max_tokens=params["max_tokens"],
        seed=params["seed"],
    )
    tuner = Tuner(settings, len(data.classes), words, task.say)
    return compare(data, outcome, tuner, words), tuner


if __name__ == "__main__":
    task.run(work, TEXTS)
