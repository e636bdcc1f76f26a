"""The report: each question with its places, and, where a model wrote, its answer with every quotation checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import webpage
from ask import CONTROLS, Looked, Source
from charts import Bar, bars
from citations import CHECKED, CITED, Answer
from drawing import Sheet
from evidence import LEAST, MOST
from personal import masked, texts_with, warnings
from words import Words

SHOWN = 2  # places that are open; the others are folded away


@dataclass(frozen=True)
class Report:
    """All that the page shows."""

    looked: Sequence[Looked]
    answers: Sequence[Answer]  # of the model, one a question; empty without one
    files: int
    passages: int
    texts: Sequence[str]
    alarms: float | None
    remarks: Sequence[str]
    params: Mapping[str, Any]
    origin: Mapping[str, Any]


def page(report: Report, words: Words) -> str:
    """The whole report."""
    looked, answers = report.looked, report.answers
    found = sum(one.found for one in looked)
    if answers:
        good = sum(answer.checked for answer in answers)
        model = {"model": report.origin["model"], "device": report.origin["device"]}
        top = webpage.answer(words("answer-llm", n=good, all=len(looked)), words("lead-llm", **model))
    else:
        good = 0
        top = webpage.answer(words("answer-quotes", n=found, all=len(looked)), words("lead-quotes"))
    tiles = [
        (str(len(looked)), words("tile-questions")),
        (str(found), words("tile-found")),
        (str(len(looked) - found), words("tile-not")),
    ]
    if answers:
        tiles.append((str(good), words("tile-checked")))
    elif report.alarms is not None:
        tiles.append((words.share(report.alarms), words("tile-alarm")))
    body = [
        top,
        webpage.tiles(tiles),
        *_cover(report, words),
        webpage.heading(words("h-answers")),
        *(part for at in range(len(looked)) for part in _one(report, at, words)),
        webpage.heading(words("h-warnings")),
        *(webpage.note(text) for text in [*report.remarks, words("warn-words")]),
        *(webpage.note(text) for text in warnings(texts_with(report.texts), words)),
        webpage.heading(words("h-not")),
        webpage.listed(words(key) for key in ("not-absent", "not-true", "not-all")),
        webpage.heading(words("h-method")),
        webpage.listed(_method(report, words)),
    ]
    files = words.whole(report.files)
    title = words("title-one", files=files) if len(looked) == 1 else words("title", questions=len(looked), files=files)
    return webpage.page(words, title, body, words("footer", **report.origin), kicker=words("kicker"))


def _cover(report: Report, words: Words) -> list[str]:
    def draw(width: int) -> Sheet:
        items = [
            Bar(one.question, one.cover, words.share(one.cover), "linear" if one.found else "guess")
            for one in report.looked
        ]
        alt = words("alt-cover", values=words.listed(f"{item.name} {item.text}" for item in items))
        return bars(items, width, alt)

    return [webpage.heading(words("h-cover")), webpage.figure(draw, words("caption-cover"))]


def _one(report: Report, at: int, words: Words) -> list[str]:
    """One question and what there is on it."""
    looked = report.looked[at]
    made = [webpage.subheading(masked(looked.question, words))]
    if report.answers:
        made += _written(report.answers[at], looked, words)
        made.append(webpage.details(words("places"), "".join(_quoted(source, words) for source in looked.sources)))
        return made
    if not looked.found:
        made.append(webpage.note(words("not-found")))
        if not looked.sources or looked.cover == 0:
            return [*made, webpage.paragraph(words("not-found-nothing"), soft=True)]
        made.append(webpage.paragraph(words("not-found-note"), soft=True))
        return [*made, _quoted(looked.sources[0], words)]
    useful = [source for source in looked.sources if source.cover > 0]
    first = min(SHOWN, sum(source.cover >= looked.limit for source in useful))
    made += [_quoted(source, words) for source in useful[:first]]
    if len(useful) > first:
        rest = "".join(_quoted(source, words) for source in useful[first:])
        made.append(webpage.details(words("more", n=len(useful) - first), rest))
    return made


def _quoted(source: Source, words: Words) -> str:
    marked = [masked(sentence, words) for sentence in source.quoted]
    where = f"[{source.number}] {source.passage.piece.place(words)}"
    return webpage.quotation(masked(source.passage.text, words), where, marked=marked)


def _written(answer: Answer, looked: Looked, words: Words) -> list[str]:
    if answer.refused:
        return [webpage.note(words("model-no"))]
    rows = [(masked(claim.text, words), words(f"claim-{claim.status}")) for claim in answer.claims]
    made = [webpage.paragraph(words("model-says"), soft=True), webpage.table(("", ""), rows)]
    if any(claim.status not in (CHECKED, CITED) for claim in answer.claims):
        made.append(webpage.note(words("doubtful")))
    elif not looked.found:
        made.append(webpage.note(words("disagree")))
    return made


def _method(report: Report, words: Words) -> list[str]:
    said = [words("method-passages", n=report.params["passage_words"]), words("method-find")]
    alarm = "–" if report.alarms is None else words.share(report.alarms)
    said.append(words("method-limit", least=words.share(LEAST), most=words.share(MOST), n=CONTROLS, alarm=alarm))
    if report.answers:
        said.append(words("method-llm", n=report.params["places"]))
    return said
