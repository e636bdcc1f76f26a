"""The report: the topics, their words and passages, why so many, and how they change over the years."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import webpage
from charts import Bar, Line, bars, lines
from corpus import PASSAGE, Corpus
from drawing import Sheet
from language import languages, sentences
from personal import masked, texts_with, warnings
from topics import SHUFFLES, TOP, Found
from trend import Trend, Year, wilson
from words import SMALL, Words

NAMED = 4  # words in a topic's name
QUOTED, LONGEST = 3, 420  # passages a topic, and characters of each


@dataclass(frozen=True)
class Report:
    """All that the page shows."""

    corpus: Corpus
    found: Found
    years: Sequence[Year]
    trends: Sequence[Trend]
    remarks: Sequence[str]
    params: Mapping[str, Any]
    origin: Mapping[str, Any]
    light_coherence: float | None  # of the light method with as many topics, where the engine is another


def names(corpus: Corpus, found: Found) -> list[str]:
    """A short name for each topic: its number and first words."""
    return [f"{at}. {', '.join(corpus.shown[word] for word in top[:NAMED])}" for at, top in enumerate(found.top, 1)]


def sizes(found: Found) -> list[int]:
    """How many texts have each topic as their main one."""
    return [int((found.main == at).sum()) for at in range(len(found.top))]


def page(report: Report, words: Words) -> str:
    """The whole report."""
    corpus, found = report.corpus, report.found
    engine = report.params["engine"]
    chance = words.number(float(np.mean(found.chance)), 2)
    count = len(corpus.units)
    body = [
        webpage.answer(
            words(found.verdict, n=len(found.top)),
            words(f"lead-{engine}", stability=words.number(found.stability, 2), chance=chance),
        ),
        webpage.paragraph(words("lead-names")),
        webpage.tiles(
            [
                (words.whole(count), words("tile-passages" if corpus.kind == "passage" else "tile-texts")),
                (str(len(found.top)), words("tile-topics")),
                (words.number(found.stability, 2), words("tile-stability", chance=chance)),
                (words.share(found.clear), words("tile-clear")),
            ]
        ),
        *_topics(report, words),
        *_passages(report, words),
        *_trend(report, words),
        *_number(report, words),
        *_compare(report, words),
        webpage.heading(words("h-warnings")),
        *(webpage.note(text) for text in _notes(report, words)),
        webpage.heading(words("h-not")),
        webpage.listed(words(key) for key in ("not-meaning", "not-stance", "not-number", "not-rare")),
        webpage.heading(words("h-method")),
        webpage.listed(_method(report, words)),
    ]
    title = words("title", n=words.whole(count))
    return webpage.page(words, title, body, words("footer", **report.origin), kicker=words("kicker"))


def _topics(report: Report, words: Words) -> list[str]:
    corpus, found = report.corpus, report.found
    counts, total, named = sizes(found), len(corpus.units), names(corpus, found)
    shown = [f"{words.share(n / total) if n >= SMALL else words.few(n)}" for n in counts]

    def draw(width: int) -> Sheet:
        items = [Bar(name, n / total, text) for name, n, text in zip(named, counts, shown, strict=True)]
        alt = words("alt-sizes", values=words.listed(f"{a} {b}" for a, b in zip(named, shown, strict=True)))
        return bars(items, width, alt, top=max(0.05, max(counts) / total))

    rows = [
        (
            f"{at + 1}",
            ", ".join(corpus.shown[word] for word in top),
            words.few(counts[at]),
            words.number(found.each[at], 2),
            words.number(found.coherence[at], 2),
        )
        for at, top in enumerate(found.top)
    ]
    heads = [words(f"col-{key}") for key in ("topic", "words", "texts", "stability", "coherence")]
    weak = [str(at + 1) for at, value in enumerate(found.each) if value <= max(found.chance)]
    return [
        webpage.heading(words("h-topics")),
        webpage.figure(draw, words("caption-sizes")),
        webpage.table(heads, rows, numbers=(2, 3, 4), wide_only=(4,)),
        webpage.paragraph(words("measures"), soft=True),
        webpage.note(words("unsteady", topics=", ".join(weak))) if weak else "",
    ]


def excerpt(text: str, top: Sequence[str]) -> str:
    """The sentences of a text that hold most of a topic's words, in their order, no longer than LONGEST."""
    parts = sentences(text)
    hits = [sum(word in part.lower() for word in top) for part in parts]
    chosen: list[int] = []
    length = 0
    for at in sorted(range(len(parts)), key=lambda i: (-hits[i], i)):
        if chosen and length + len(parts[at]) > LONGEST:
            break
        chosen.append(at)
        length += len(parts[at])
    shown, last = [], -1
    for at in sorted(chosen):
        shown.append(("… " if at != last + 1 else "") + parts[at])
        last = at
    joined = " ".join(shown) + (" …" if last != len(parts) - 1 else "")
    return joined if len(joined) <= 2 * LONGEST else joined[: 2 * LONGEST] + "…"


def _passages(report: Report, words: Words) -> list[str]:
    if not report.params["quotes"]:
        return []
    corpus, found = report.corpus, report.found
    made = [webpage.heading(words("h-passages")), webpage.paragraph(words("passages-note"), soft=True)]
    for at, (name, n) in enumerate(zip(names(corpus, found), sizes(found), strict=True)):
        if n < SMALL:
            continue
        made.append(webpage.subheading(name))
        mine = np.flatnonzero(found.main == at)
        best = mine[np.argsort(-found.weights[mine, at], kind="stable")][:QUOTED]
        for row in best:
            unit = corpus.units[row]
            text = excerpt(unit.text, [corpus.shown[word] for word in found.top[at]])
            made.append(webpage.quotation(masked(text, words), unit.piece.place(words)))
    return made


def _trend(report: Report, words: Words) -> list[str]:
    if not report.years:
        return []
    made = [webpage.heading(words("h-trend"))]
    if not report.trends:
        return [*made, webpage.paragraph(words("trend-none"))]
    named = names(report.corpus, report.found)
    said = []
    for at, trend in enumerate(report.trends):
        first, last = report.years[0], report.years[-1]
        values = {
            "topic": named[at],
            "first": _share(first.of_topic[at], first.texts, words),
            "last": _share(last.of_topic[at], last.texts, words),
            "from_year": first.year,
            "to_year": last.year,
            "p": words.number(trend.p, 2) if trend.p >= 0.001 else f"<\u00a0{words.marks('0.001')}",
        }
        said.append(words(f"trend-{trend.direction}", **values))
    made.append(webpage.listed(said))
    moving = [at for at, trend in enumerate(report.trends) if trend.direction != "flat"][:6] or list(range(len(named)))[
        :3
    ]
    made += [webpage.figure(_drawn(report, at, named[at], words.share), named[at]) for at in moving]
    return [*made, webpage.paragraph(words("caption-trend"), soft=True), webpage.paragraph(words("trend-what"))]


def _share(n: int, of: int, words: Words) -> str:
    return words("few-texts", n=SMALL) if 0 < n < SMALL else words.share(n / of)


def _drawn(report: Report, topic: int, name: str, show: Callable[[float], str]) -> Callable[[int], Sheet]:
    years = report.years
    points = [(float(y.year), y.of_topic[topic] / y.texts if y.of_topic[topic] >= SMALL else None) for y in years]
    spread = [wilson(y.of_topic[topic], y.texts) for y in years]
    high = min(1.0, max([high for (_, high), (_, v) in zip(spread, points, strict=True) if v is not None] or [0.5]))
    line = Line(name, points, "boosting" if topic % 2 else "linear", spread)
    ticks = [(float(y.year), str(y.year)) for y in years]
    return lambda width: lines([line], width, name, ticks, high=max(0.1, high), show=show, height=150)


def _number(report: Report, words: Words) -> list[str]:
    found = report.found
    made = [webpage.heading(words("h-number", n=len(found.top)))]
    if len(found.tried) < 2:
        return [*made, webpage.paragraph(words("given-number", n=len(found.top)))] if report.params["topics"] else []
    steady = Line(words("stability"), [(float(t.topics), t.stability) for t in found.tried])
    sense = Line(words("coherence"), [(float(t.topics), max(0.0, t.coherence)) for t in found.tried], "boosting")
    ticks = [(float(t.topics), str(t.topics)) for t in found.tried]

    def draw(width: int) -> Sheet:
        mark = float(len(found.top))
        label, show = words("axis-number"), lambda value: words.marks(f"{value:g}")
        return lines([steady, sense], width, words("caption-number"), ticks, label=label, mark=mark, show=show)

    return [*made, webpage.figure(draw, words("caption-number"))]


def _compare(report: Report, words: Words) -> list[str]:
    if report.light_coherence is None:
        return []
    ours = float(np.mean(report.found.coherence))
    verdict = words("compare-better" if ours > report.light_coherence + 0.02 else "compare-not")
    text = words("compare", ours=words.number(ours, 2), light=words.number(report.light_coherence, 2), verdict=verdict)
    return [webpage.heading(words("h-compare")), webpage.paragraph(text)]


def _notes(report: Report, words: Words) -> list[str]:
    texts = [unit.text for unit in report.corpus.units]
    counts = languages(texts)
    notes = list(report.remarks)
    known = counts.get("da", 0) + counts.get("en", 0)
    if known and min(counts.get("da", 0), counts.get("en", 0)) > 0.1 * known:
        said = words.listed(words(f"language-{name}", n=words.few(n)) for name, n in counts.items())
        notes.append(words("warn-language", counts=said))
    if counts.get("other", 0) > 0.2 * len(texts):
        notes.append(words("warn-other", share=words.share(counts["other"] / len(texts))))
    if report.corpus.no_words:
        notes.append(words("warn-no-words", n=words.few(report.corpus.no_words)))
    if report.years and report.corpus.no_year:
        notes.append(words("warn-no-year", n=words.few(report.corpus.no_year)))
    return notes + warnings(texts_with(texts), words)


def _method(report: Report, words: Words) -> list[str]:
    params = report.params
    if params["engine"] == "light":
        said = [words("method-light")]
    else:
        how = "k-means" if params["topics"] else "HDBSCAN"
        said = [words("method-embeddings", model=report.origin["model"], how=how)]
    if params["merge_forms"]:
        said.append(words("method-merge"))
    if report.corpus.kind == "passage":
        said.append(words("method-unit", n=PASSAGE))
    if params["engine"] == "light":
        said.append(words("method-stability", runs=params["runs"], top=TOP, shuffles=SHUFFLES))
    return [*said, words("method-trend")] if report.trends else said
