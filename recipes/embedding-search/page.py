"""The report: what was found and where, how good the search is, and what says nearly the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import judge
import webpage
from charts import Bar, bars
from drawing import Sheet
from evidence import LEAST, MOST
from judge import Judged, Quality
from near import Pair
from passages import Passage
from personal import masked, texts_with, warnings
from search import Found
from words import Words

SHOWN, MOST_PAIRS = 3, 12


@dataclass(frozen=True)
class Report:
    """All that the page shows."""

    passages: Sequence[Passage]
    files: int
    found: Sequence[Found]
    judged: Sequence[Judged]
    quality: Mapping[str, Quality]  # method -> how good
    pairs: Sequence[Pair]
    remarks: Sequence[str]
    params: Mapping[str, Any]
    origin: Mapping[str, Any]

    @property
    def light(self) -> bool:
        """Whether the engine is the light one."""
        return bool(self.params["engine"] == "light")


def place(passage: Passage, words: Words) -> str:
    """Where a passage stands, for a reader."""
    return passage.piece.place(words)


def method_name(method: str, report: Report, words: Words) -> str:
    """A method's name for a reader."""
    if method != "meaning":
        return words(method)
    return words("meaning-light") if report.light else words("meaning-embeddings", model=report.origin["model"])


def page(report: Report, words: Words) -> str:
    """The whole report."""
    found = report.found
    strong = sum(not one.weak for one in found)
    tiles = [
        (words.whole(report.files), words("tile-files")),
        (words.whole(len(report.passages)), words("tile-passages")),
    ]
    if report.quality:
        tiles.append((words.share(report.quality["both"].recall), words("tile-recall")))
    tiles.append((words.whole(len(report.pairs)), words("tile-near")))
    engine = "" if report.light else "-embeddings"
    body = [
        webpage.answer(words(f"answer{engine}", n=strong, all=len(found)), words(f"lead{engine}")),
        webpage.tiles(tiles),
        *_strength(report, words),
        *_hits(report, words),
        *_quality(report, words),
        *_near(report, words),
        webpage.heading(words("h-warnings")),
        *(webpage.note(text) for text in _notes(report, words)),
        webpage.heading(words("h-not")),
        webpage.listed(words(key) for key in ("not-absent", "not-true", "not-all")),
        webpage.heading(words("h-method")),
        webpage.listed(
            [
                words("method-passages", n=report.params["passage_words"]),
                words(f"method-{report.params['engine']}", model=report.origin["model"]),
                words("method-cover", least=words.share(LEAST), most=words.share(MOST)),
                words("method-index"),
            ]
        ),
    ]
    files = words.whole(report.files)
    title = words("title-one", files=files) if len(found) == 1 else words("title", queries=len(found), files=files)
    return webpage.page(words, title, body, words("footer", **report.origin), kicker=words("kicker"))


def _strength(report: Report, words: Words) -> list[str]:
    if not report.light:
        return []

    def draw(width: int) -> Sheet:
        items = []
        for one in report.found:
            cover = max((hit.cover for hit in one.hits), default=0.0)
            items.append(Bar(one.query, cover, words.share(cover), "guess" if one.weak else "linear"))
        alt = words("alt-strength", values=words.listed(f"{item.name} {item.text}" for item in items))
        return bars(items, width, alt)

    return [webpage.heading(words("h-strength")), webpage.figure(draw, words("caption-strength"))]


def _hits(report: Report, words: Words) -> list[str]:
    made = [webpage.heading(words("h-hits"))]
    for one in report.found:
        made.append(webpage.subheading(masked(one.query, words)))
        if not one.hits:
            made.append(webpage.note(words("nothing")))
            continue
        if report.light and one.weak:
            made.append(webpage.note(words("weak")))
        shown = []
        first = 1 if report.light and one.weak else SHOWN
        if report.light:  # a passage without one word of the search is seldom worth a place at the top
            first = min(first, max(1, sum(hit.cover > 0 for hit in one.hits)))
        for hit in one.hits:
            passage = report.passages[hit.passage]
            text, sentence = masked(passage.text, words), masked(hit.sentence, words)
            shown.append(webpage.quotation(text, place(passage, words), marked=[sentence] if sentence else []))
        made += shown[:first]
        if len(shown) > first:
            made.append(webpage.details(words("more-hits", n=len(shown) - first), "".join(shown[first:])))
    return made


def _quality(report: Report, words: Words) -> list[str]:
    made = [webpage.heading(words("h-quality"))]
    if not report.quality:
        return [*made, webpage.paragraph(words("quality-none", file=judge.FILE))]
    first, recall = judge.by_chance(report.judged, report.files)
    both = report.quality["both"]
    made.append(
        webpage.paragraph(
            words(
                "quality-lead",
                n=len(report.judged),
                first=words.share(both.first),
                chance=words.share(first),
                recall=words.share(both.recall),
            )
        )
    )
    best = judge.best(report.quality)
    better = best != "words" and judge.surely_better(report.quality[best], report.quality["words"])
    said = words("quality-better", best=method_name(best, report, words)) if better else words("quality-same")
    made.append(webpage.paragraph(said[0].upper() + said[1:]))
    if len(report.judged) < judge.FEWEST:
        made.append(webpage.note(words("quality-few", least=judge.FEWEST)))
    names = {method: method_name(method, report, words) for method in report.quality}

    def draw(width: int) -> Sheet:
        items = [
            Bar(names[method], one.first, words.share(one.first), "guess" if method == "words" else "linear")
            for method, one in report.quality.items()
        ]
        return bars(items, width, words("caption-quality"), mark=first, said=words("chance"))

    rows = [(names[method], words.share(one.first), words.share(one.recall)) for method, one in report.quality.items()]
    rows.append((words("chance"), words.share(first), words.share(recall)))
    heads = [words(f"col-{key}") for key in ("method", "first", "recall")]
    return [
        *made,
        webpage.figure(draw, words("caption-quality")),
        webpage.table(heads, rows, numbers=(1, 2)),
    ]


def _near(report: Report, words: Words) -> list[str]:
    made = [webpage.heading(words("h-near"))]
    if not report.pairs:
        return [*made, webpage.paragraph(words("near-none"))]
    least = words.share(report.params["alike"])
    made.append(webpage.paragraph(words("near-note", n=words.whole(len(report.pairs)), least=least)))
    heads = [words(f"col-{key}") for key in ("first-place", "second-place", "alike")]
    rows = [
        (place(report.passages[p.first], words), place(report.passages[p.second], words), words.share(p.alike))
        for p in report.pairs[:MOST_PAIRS]
    ]
    return [*made, webpage.table(heads, rows, numbers=(2,))]


def _notes(report: Report, words: Words) -> list[str]:
    light = [words("warn-light")] if report.light else []
    return [*report.remarks, *light, *warnings(texts_with(p.text for p in report.passages), words)]
