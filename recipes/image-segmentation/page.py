"""The report: the images with what was found, how sure the count is, and what to look at before it is used."""

import platform
from collections.abc import Sequence
from typing import Any

import numpy as np

import results
import webpage
from analysis import Analysed
from drawing import Scale, Sheet
from words import Words

MOST_PICTURES = 8
BINS = 20


def report(
    done: Sequence[Analysed], failed: dict[str, str], found: dict[str, Any], params: dict[str, Any], words: Words
) -> str:
    """The whole page."""
    score = found["against_masks"]
    body = [
        webpage.answer(found["verdict"], words(_lead(found))),
        webpage.tiles(_tiles(found, words)),
        webpage.heading(words("h-pictures")),
    ]
    body += [
        webpage.picture(
            results.preview(one),
            words("alt-picture", file=one.file, n=len(one.things)),
            _caption(one, words),
            "image/jpeg",
        )
        for one in done[:MOST_PICTURES]
    ]
    body.append(webpage.paragraph(words("legend-lines"), soft=True))
    if len(done) > MOST_PICTURES:
        body.append(webpage.paragraph(words("more-images", n=len(done) - MOST_PICTURES), soft=True))
    sizes = sizes_of(done, params)
    if len(sizes) >= 5:
        body += [
            webpage.heading(words("h-sizes")),
            webpage.figure(
                lambda width: histogram(sizes, params, words, width), words("caption-sizes", n=words.whole(len(sizes)))
            ),
        ]
    body.append(webpage.heading(words("h-warnings")))
    told = [webpage.note(words("file-failed", file=file, why=why)) for file, why in failed.items()]
    told += [
        webpage.note(f"{one.file}: {words(key, **shown(values, words))}")
        for one in done
        for key, values in one.warnings
    ]
    told += [
        webpage.note(words("mask-failed", file=one.file, why=one.truth_failed)) for one in done if one.truth_failed
    ]
    body += told or [webpage.paragraph(words("no-warnings"))]
    if score:
        body += [webpage.heading(words("h-truth")), webpage.paragraph(words("truth-lead")), _truth(done, words)]
    body += [
        webpage.heading(words("h-table")),
        _table(done, words),
        webpage.heading(words("h-method")),
        webpage.listed(_method(params, words)),
        webpage.heading(words("h-next")),
        webpage.listed(
            words(key)
            for key in (["next-ok"] if score else ["next-mask"]) + ["next-look", "next-same", "next-cellpose"]
        ),
    ]
    footer = words("made", when=found["made"], version=found["version"], python=platform.python_version())
    return webpage.page(words, words("title"), body, footer, kicker=words("kicker"))


def _lead(found: dict[str, Any]) -> str:
    if not found["objects"]:
        return "lead-none"
    score = found["against_masks"]
    if score is None:
        return "lead-unknown"
    return "lead-good" if score["f1"] >= 0.9 else "lead-fair" if score["f1"] >= 0.7 else "lead-poor"


def _tiles(found: dict[str, Any], words: Words) -> list[tuple[str, str]]:
    tiles = [(words.whole(found["objects"]), words("tile-objects"))]
    if found["objects_range"]:
        low, high = found["objects_range"]
        tiles.append((span(low, high, words), words("tile-range")))
    area = found["area_um2"] or found["area_px"]
    if area:
        unit = "µm²" if found["area_um2"] else "px"
        tiles.append((f"{words.number(area['median'])}\u00a0{unit}", words("tile-area")))
    if found["against_masks"]:
        tiles.append((words.share(found["against_masks"]["f1"]), words("tile-f1")))
    else:
        tiles.append((words.whole(found["images"]), words("tile-images")))
    return tiles


def span(low: int, high: int, words: Words) -> str:
    """A range of counts; one number where both ends are the same."""
    return words.whole(low) if low == high else f"{words.whole(low)}–{words.whole(high)}"


def _caption(one: Analysed, words: Words) -> str:
    said = words("caption-picture", file=one.file, n=words.counted("object", len(one.things)))
    if one.counts and one.counts[0] != one.counts[1]:
        said += " " + words("caption-range", low=one.counts[0], high=one.counts[1])
    if one.truth:
        said += " " + words("caption-truth", true=one.truth.true, f1=words.share(one.truth.f1))
    return said


def sizes_of(done: Sequence[Analysed], params: dict[str, Any]) -> list[float]:
    """The areas of all objects that the border does not cut, in µm² where the pixel's size is known."""
    times = 1.0 if params["pixel_size"] is None else params["pixel_size"] ** 2
    return [thing.area * times for one in done for thing in one.things if not thing.on_border]


def histogram(sizes: Sequence[float], params: dict[str, Any], words: Words, width: int) -> Sheet:
    """How large the objects are."""
    sheet = Sheet(width, words("alt-sizes"))
    top = float(np.percentile(sizes, 99.5)) * 1.02
    counts, edges = np.histogram(np.clip(sizes, 0, top), bins=BINS if width > 500 else BINS // 2, range=(0, top))
    left, bottom, height = 44.0, 236.0, 200.0
    x, y = Scale(0, top, left, width - 8), Scale(0, float(counts.max()), bottom, bottom - height)
    for tick in y.ticks(4):
        if tick == round(tick):
            sheet.line(left, y(tick), width - 8, y(tick), "grid")
            sheet.text(left - 8, y(tick) + 5, words.whole(round(tick)), "small soft end")
    for count, start, end in zip(counts, edges, edges[1:], strict=False):
        sheet.box(x(start) + 1, y(count), x(end) - x(start) - 2, bottom - y(count), "linear bar")
    for tick in x.ticks(5 if width > 500 else 3):
        sheet.text(x(tick), bottom + 20, words.number(tick), "small soft mid")
    half = float(np.median(sizes))
    sheet.line(x(half), bottom - height - 4, x(half), bottom, "dash")
    flip = " end" if x(half) > width * 0.6 else ""
    sheet.text(x(half) + (-6 if flip else 6), 22, words("median", value=words.number(half)), "small" + flip)
    sheet.text(
        width - 8, bottom + 42, words("axis-um" if params["pixel_size"] is not None else "axis-px"), "small soft end"
    )
    sheet.height = bottom + 50
    return sheet


def shown(values: dict[str, float], words: Words) -> dict[str, str]:
    """A warning's values as the language writes them."""
    return {
        name: (words.share(value) if value >= 0.005 else f"<\u00a0{words.share(0.01)}")
        if name == "share" else words.number(value) if name == "px" else words.whole(int(value))
        for name, value in values.items()
    }  # fmt: skip


def _table(done: Sequence[Analysed], words: Words) -> str:
    rows = []
    for one in done:
        area = results.middle([t.area for t in one.things if not t.on_border])
        rows.append([
            one.file, f"{one.shape[1]} × {one.shape[0]}", words.whole(len(one.things)),
            "–" if one.counts is None else span(*one.counts, words),
            words.whole(sum(t.on_border for t in one.things)),
            "–" if area is None else words.number(area["median"]), words.share(one.covered),
        ])  # fmt: skip
    heads = [
        words(key)
        for key in ("col-file", "col-size", "col-objects", "col-range", "col-border", "col-area", "col-covered")
    ]
    return webpage.table(heads, rows, numbers=(1, 2, 3, 4, 5, 6))


def _truth(done: Sequence[Analysed], words: Words) -> str:
    rows = [
        [one.file, words.whole(a.true), words.whole(a.found), words.whole(a.matched), words.share(a.f1),
         words.share(a.dice), words.whole(a.merged), words.whole(a.parted)]
        for one in done if (a := one.truth)
    ]  # fmt: skip
    heads = [
        words(key)
        for key in (
            "col-file",
            "col-true",
            "col-found",
            "col-matched",
            "col-f1",
            "col-dice",
            "col-merged",
            "col-parted",
        )
    ]
    return webpage.table(heads, rows, numbers=(1, 2, 3, 4, 5, 6, 7))


def _method(params: dict[str, Any], words: Words) -> list[str]:
    if params["engine"] == "cellpose":
        keys = ["method-cellpose", "method-measures"]
    else:
        keys = [
            "method-background",
            f"method-{params['threshold']}",
            "method-split" if params["split"] else "method-no-split",
            "method-range",
            "method-measures",
        ]
    said = [words(key) for key in keys]
    said.append(words("method-small", n=words.whole(params["smallest"])))
    return said
