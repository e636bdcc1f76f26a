"""Puts questions to a person's own documents: quotes the places that answer, or has a local model write from them.

Reads ./params.json and the documents in ./input/, writes ./output/, and says what it does on standard output. The
engine `quotes` contacts nobody and writes nothing of its own; `llm` fetches an open model where the place does not have
it, and keeps its answers in ./checkpoint/, from which a job that was stopped goes on.
"""

from typing import Any

import documents
import personal
import questions
import task
from passages import passages
from texts import TEXTS
from words import CannotGoOn, Words

VERSION = "1.0"
ENDINGS = documents.ENDINGS
QUESTIONS = "questions.txt"
DEFAULTS: dict[str, Any] = {
    "questions": None,
    "text": None,
    "engine": "quotes",
    "model": "qwen3-4b",
    "places": 6,
    "passage_words": 100,
    "seed": 1,
}
CHOICES = {"engine": ("quotes", "llm"), "model": ("qwen3-4b", "apertus-8b")}
RANGES: dict[str, tuple[float, float]] = {"places": (1, 20), "passage_words": (20, 500), "seed": (0, 999_999)}
MOST = 200_000


def work(words: Words) -> None:
    """Read, look, have answers written and checked, write, and say what was found."""
    params = task.read_params(DEFAULTS, words, CHOICES, RANGES)
    task.say(words("doing-read"))
    reading = documents.read_documents(words, params["text"], but=(QUESTIONS,))
    asked = questions.asked(params["questions"], "questions", QUESTIONS, words)
    cut = passages(reading.pieces, params["passage_words"])
    if len(cut) < 2:
        raise CannotGoOn(words("stop-few", n=len(cut)))
    if len(cut) > MOST:
        raise CannotGoOn(words("stop-many", n=words.whole(len(cut)), most=words.whole(MOST)))
    # Late, so that what is wrong with the input is said before seconds go into loading a library.
    import ask
    import page
    import results

    counts = {"files": words.whole(reading.files), "passages": words.whole(len(cut)), "questions": len(asked)}
    task.say(words("did-read", **counts))
    task.say(words("doing-look"))
    try:
        library = ask.Library(cut, params["seed"], words.language)
    except ValueError as error:  # scikit-learn's "empty vocabulary"
        raise CannotGoOn(words("stop-no-words")) from error
    looked = [library.look(question, params["places"]) for question in asked]
    answers, model, device = _written(looked, params, words) if params["engine"] == "llm" else ([], None, None)
    report = page.Report(
        looked=looked,
        answers=answers,
        files=reading.files,
        passages=len(cut),
        texts=reading.texts,
        alarms=library.false_alarms(looked),
        remarks=reading.remarks,
        params=params,
        origin={**task.made_with(VERSION, params["seed"]), "model": model, "device": device},
    )
    task.write_json("results.json", results.summary(report, words), words)
    results.write_answers(report, words)
    task.write("report.html", page.page(report, words), words)
    task.warn([*reading.remarks, *personal.warnings(personal.texts_with(reading.texts), words)[:-1]])
    task.say("")
    good = sum(answer.checked for answer in answers) if answers else sum(one.found for one in looked)
    task.say(words("answer-llm" if answers else "answer-quotes", n=good, all=len(looked)))
    task.say(words("done"))


def _written(looked: Any, params: dict[str, Any], words: Words) -> tuple[list[Any], str, str]:
    """A model's answer to every question, checked; the model's name; and what it ran on."""
    from citations import check
    from llm import Writer
    from prompts import messages

    writer = Writer(params["model"], words)
    task.say(words("llm-device", name=writer.name, device=writer.device))
    if writer.card == "cpu":
        task.say(words("llm-no-gpu"))
    answers = []
    for number, one in enumerate(looked, 1):
        task.say(words("doing-write", n=number, all=len(looked)))
        text = writer.answer(messages(one.question, one.language, one.sources, words))
        # The model saw masked passages, so its quotations are looked for in those.
        seen = {source.number: personal.masked(source.passage.text, words) for source in one.sources}
        answers.append(check(text, seen))
    return answers, writer.name, writer.device


if __name__ == "__main__":
    task.run(work, TEXTS)
