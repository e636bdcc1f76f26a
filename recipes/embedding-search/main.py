"""Searches a person's own documents by words and by meaning, and says how good the search is.

Reads ./params.json and the documents in ./input/, writes ./output/, and says what it does on standard output. The
engine `light` contacts nobody; `embeddings` fetches an open model where the place does not have it.
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
QUERIES = "queries.txt"
DEFAULTS: dict[str, Any] = {
    "queries": None,
    "text": None,
    "engine": "light",
    "model": "e5-base",
    "top": 10,
    "passage_words": 120,
    "alike": 0.6,
    "seed": 1,
}
CHOICES = {"engine": ("light", "embeddings"), "model": ("e5-base", "minilm")}
RANGES: dict[str, tuple[float, float]] = {
    "top": (1, 100),
    "passage_words": (20, 1000),
    "alike": (0.3, 1.0),
    "seed": (0, 999_999),
}
MOST = 200_000


def work(words: Words) -> None:
    """Read, index, search, judge, look for repetitions, write, and say what was found."""
    params = task.read_params(DEFAULTS, words, CHOICES, RANGES)
    task.say(words("doing-read"))
    reading = documents.read_documents(words, params["text"], but=(QUERIES, "judged.csv"))
    cut = passages(reading.pieces, params["passage_words"])
    if len(cut) < 2:
        raise CannotGoOn(words("stop-few", n=len(cut)))
    if len(cut) > MOST:
        raise CannotGoOn(words("stop-many", n=words.whole(len(cut)), most=words.whole(MOST)))
    # Late, so that what is wrong with the input is said before seconds go into loading a library.
    import judge
    import near
    import page
    import results
    import search

    files = [passage.piece.file for passage in cut]
    judged = judge.read_judged(list(dict.fromkeys(files)), words)
    queries = questions.asked(params["queries"], "queries", QUERIES, words, required=not judged)
    queries = queries or [one.query for one in judged]
    task.say(words("did-read", files=words.whole(reading.files), passages=words.whole(len(cut)), queries=len(queries)))
    task.say(words("doing-index"))
    try:
        index = search.Index(cut, params["engine"], params["model"], params["seed"], words)
    except ValueError as error:  # scikit-learn's "empty vocabulary"
        raise CannotGoOn(words("stop-no-words")) from error
    model = None
    if index.embedder is not None:
        model = index.embedder.name
        task.say(words("embed-device", name=model, device=index.embedder.device))
    task.say(words("doing-search"))
    found = [index.find(query, params["top"]) for query in queries]
    quality = {}
    if judged:
        scores = [index.scores(one.query) for one in judged]
        for method in search.METHODS:
            rankings = [judge.documents_in_order(one[method], files) for one in scores]
            quality[method] = judge.quality(judged, rankings)
    task.say(words("doing-near"))
    report = page.Report(
        passages=cut,
        files=len(dict.fromkeys(files)),
        found=found,
        judged=judged,
        quality=quality,
        pairs=near.near_duplicates([passage.text for passage in cut], float(params["alike"])),
        remarks=reading.remarks,
        params=params,
        origin={**task.made_with(VERSION, params["seed"]), "model": model},
    )
    task.write_json("results.json", results.summary(report), words)
    results.write_tables(report, index.vectors, words)
    task.write("report.html", page.page(report, words), words)
    task.warn([*reading.remarks, *personal.warnings(personal.texts_with(reading.texts), words)[:-1]])
    task.say("")
    engine = "" if report.light else "-embeddings"
    task.say(words(f"answer{engine}", n=sum(not one.weak for one in found), all=len(found)))
    task.say(words("done"))


if __name__ == "__main__":
    task.run(work, TEXTS)
