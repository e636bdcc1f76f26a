"""What a collection of texts is about: topics, whether they hold, passages to read, and how they change over the years.

Reads ./params.json and the texts in ./input/, writes ./output/, and says what it does on standard output. The engine
`light` contacts nobody; `embeddings` fetches an open model where the place does not have it.
"""

from typing import Any

import documents
import personal
import task
from texts import TEXTS
from words import CannotGoOn, Words

VERSION = "1.0"
ENDINGS = documents.ENDINGS
DEFAULTS: dict[str, Any] = {
    "text": None,
    "date": None,
    "engine": "light",
    "model": "minilm",
    "topics": 0,
    "unit": "auto",
    "merge_forms": True,
    "leave_out": None,
    "quotes": True,
    "runs": 10,
    "seed": 1,
}
CHOICES = {
    "engine": ("light", "embeddings"),
    "model": ("minilm", "e5-base"),
    "unit": ("auto", "document", "passage"),
}
RANGES = {"topics": (0, 60), "runs": (3, 50), "seed": (0, 999_999)}
FEWEST_A_YEAR = 5


def work(words: Words) -> None:
    """Read, fit, compare with chance, write, and say the verdict."""
    params = task.read_params(DEFAULTS, words, CHOICES, RANGES)
    task.say(words("doing-read"))
    reading = documents.read_documents(words, params["text"])
    date = _date_column(reading, params["date"], words)
    # Late, so that what is wrong with the input is said before seconds go into loading a library.
    import corpus as corpora
    import page
    import results
    import topics
    import trend

    corpus = corpora.build(reading, params, date, words)
    task.say(
        words(
            "did-read",
            texts=words.whole(len(corpus.units)),
            files=words.whole(reading.files),
            words=words.whole(len(corpus.vocabulary)),
        )
    )
    most = min(len(corpus.units) // 3, len(corpus.vocabulary) // 3)
    if params["topics"] == 1 or params["topics"] > most:
        raise CannotGoOn(words("stop-topics", n=params["topics"], texts=len(corpus.units), most=most))
    light, model = None, None
    if params["engine"] == "embeddings":
        found, model, light = _by_meaning(corpus, params, words)
    else:
        found = topics.find(
            corpus, params["topics"], params["runs"], params["seed"], lambda n: task.say(words("doing-topics", n=n))
        )
    dated = trend.by_year([unit.year for unit in corpus.units], found.main, len(found.top))
    years = [year for year in dated if year.texts >= FEWEST_A_YEAR]
    report = page.Report(
        corpus=corpus,
        found=found,
        years=years,
        trends=trend.trends(years, len(found.top)),
        remarks=reading.remarks,
        params=params,
        light_coherence=light,
        origin={**task.made_with(VERSION, params["seed"]), "files": reading.files, "model": model},
    )
    task.write_json("results.json", results.summary(report, words), words)
    results.write_tables(report, words)
    task.write("report.html", page.page(report, words), words)
    task.warn([*reading.remarks, *personal.warnings(personal.texts_with(reading.texts), words)[:-1]])
    task.say("")
    task.say(words(found.verdict, n=len(found.top)))
    for name in page.names(corpus, found):
        task.say("  " + name)
    task.say(words("done"))


def _by_meaning(corpus: Any, params: dict[str, Any], words: Words) -> tuple[Any, str, float]:
    """The topics of the engine `embeddings`, the model's name, and what the light method's coherence is."""
    import numpy as np

    import clustering
    import topics
    from embedding import Embedder

    embedder = Embedder(params["model"], words)
    task.say(words("embed-device", name=embedder.name, device=embedder.device))
    points = embedder.embed([unit.text for unit in corpus.units])
    task.say(words("doing-groups"))
    found = clustering.find(corpus, points, params["topics"], params["runs"], params["seed"])
    if found is None:
        raise CannotGoOn(words("stop-alone"))
    right = topics.fit(_weighted(corpus), len(found.top), params["seed"])[1]
    present = (corpus.counts > 0).astype(float)
    light = float(np.mean([topics.npmi(present, top) for top in topics.top_words(right)]))
    return found, embedder.name, round(light, 4)


def _weighted(corpus: Any) -> Any:
    from corpus import tfidf

    return tfidf(corpus.counts)


def _date_column(reading: documents.Reading, wanted: str | None, words: Words) -> str | None:
    """The column that says when a row is from; None where there is none."""
    if wanted is None or not reading.names:
        return None
    if wanted in reading.names:
        return wanted
    loose = [name for name in reading.names if name.casefold() == wanted.strip().casefold()]
    if len(loose) == 1:
        return loose[0]
    raise CannotGoOn(
        words("rows-no-column", param="date", name=words.quote(wanted), file="", columns=words.quoted(reading.names))
    )


if __name__ == "__main__":
    task.run(work, TEXTS)
