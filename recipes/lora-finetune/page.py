"""The report: does the adapter help on examples it has not seen, and are the examples fit to train on."""

import platform
from typing import Any

import charts
import webpage
from datacheck import Checked
from drawing import Sheet
from outcome import Outcome
from words import Words


def report(checked: Checked, outcome: Outcome, found: dict[str, Any], params: dict[str, Any], words: Words) -> str:
    """The whole page."""
    loss = found["loss"]
    body = [
        webpage.answer(found["verdict"]["text"], words(f"lead-{outcome.engine}")),
        webpage.tiles(_tiles(outcome, found, words)),
        webpage.heading(words("h-loss")),
        webpage.figure(lambda width: _bars(outcome, words, width), words(
            f"caption-loss-{outcome.engine}", low=words.number(loss["gain_interval_95"][0]),
            high=words.number(loss["gain_interval_95"][1]), n=words.whole(found["examples"]["test"]),
        )),
        webpage.heading(words("h-curve")),
        webpage.figure(lambda width: _curve(outcome, words, width), words("caption-curve", best=outcome.best_epoch)),
        webpage.heading(words("h-warnings")),
    ]  # fmt: skip
    if outcome.best_epoch < len(outcome.curve):
        body.append(webpage.note(words("warn-overfit", best=outcome.best_epoch, of=len(outcome.curve))))
    told = [webpage.note(words(key, **_shown(values, words))) for key, values in checked.warnings]
    body += told or [webpage.paragraph(words("no-warnings"))]
    body.append(webpage.paragraph(words("warn-rest"), soft=True))
    body += [
        webpage.heading(words("h-data")),
        _data(checked, found, words),
        webpage.heading(words("h-method")),
        webpage.listed(_method(outcome, params, words)),
        webpage.heading(words("h-next")),
        webpage.listed(words(key) for key in (f"next-{outcome.engine}", "next-try", "next-share", "next-delete")),
    ]
    footer = words("made", when=found["made"], version=found["version"], python=platform.python_version())
    return webpage.page(words, words("title"), body, footer, kicker=words("kicker"))


def _tiles(outcome: Outcome, found: dict[str, Any], words: Words) -> list[tuple[str, str]]:
    share = outcome.trained / outcome.parameters
    percent = words.marks(f"{100 * share:.2f}" if share < 0.095 else f"{100 * share:.0f}")
    return [
        (words.number(outcome.before), words(f"tile-before-{outcome.unit}")),
        (words.number(outcome.after), words("tile-after")),
        (words.whole(found["examples"]["train"]), words("tile-train", n=words.whole(found["examples"]["test"]))),
        (words.whole(outcome.trained), words("tile-trained", share=percent, of=words.whole(outcome.parameters))),
    ]


def _bars(outcome: Outcome, words: Words, width: int) -> Sheet:
    items = [charts.Bar(words(f"guess-{name}"), value, words.number(value), "guess")
             for name, value in outcome.guesses.items()]  # fmt: skip
    items += [
        charts.Bar(words("bar-before"), outcome.before, words.number(outcome.before), "linear"),
        charts.Bar(words("bar-after"), outcome.after, words.number(outcome.after), "boosting",
                   outcome.before - outcome.gain[2], outcome.before - outcome.gain[1]),
    ]  # fmt: skip
    top = max(item.value for item in items) * 1.02
    return charts.bars(items, width, words("alt-loss"), top=top)


def _curve(outcome: Outcome, words: Words, width: int) -> Sheet:
    points = outcome.curve
    values = [point[key] for point in points for key in ("train", "val")]
    room = max(0.05 * max(values), (max(values) - min(values)) * 0.15)
    lines = [
        charts.Line(words("line-train"), [(p["epoch"], p["train"]) for p in points], "guess"),
        charts.Line(words("line-val"), [(p["epoch"], p["val"]) for p in points], "boosting"),
    ]
    ticks = [(p["epoch"], str(int(p["epoch"]))) for p in points]
    if len(ticks) == 1:
        ticks = [(0.5, ""), *ticks, (1.5, "")]
    return charts.lines(
        lines, width, words("alt-curve"), ticks, low=max(0.0, min(values) - room), high=max(values) + room,
        label=words("axis-loss"), show=words.number,
    )  # fmt: skip


def _shown(values: dict[str, Any], words: Words) -> dict[str, str]:
    return {name: words.few(value) if name == "n" else words.whole(value) for name, value in values.items()}


def _data(checked: Checked, found: dict[str, Any], words: Words) -> str:
    counts, lengths = checked.counts, checked.lengths
    spoken = ", ".join(f"{words(f'language-{name}')} {words.whole(n)}" for name, n in checked.languages.items())
    rows = [
        ("row-examples", words.whole(counts["examples"])),
        ("row-left-out", words.whole(counts["left_out"])),
        ("row-parts", f"{found['examples']['train']} / {found['examples']['val']} / {found['examples']['test']}"),
        ("row-length", words("span-characters", low=words.whole(int(lengths["least"])),
                             middle=words.whole(int(lengths["median"])), high=words.whole(int(lengths["most"])))),
        ("row-duplicates", words.whole(counts["duplicates"])),
        ("row-conflicting", words.whole(counts["conflicting"])),
        ("row-overlap", words.whole(counts["test_answers_seen_in_training"])),
        ("row-cpr", words.few(counts["with_cpr"])),
        ("row-email", words.few(counts["with_email"])),
        ("row-languages", spoken),
    ]  # fmt: skip
    return webpage.table(
        [words("col-what"), words("col-count")], [(words(key), value) for key, value in rows], numbers=(1,)
    )


def _method(outcome: Outcome, params: dict[str, Any], words: Words) -> list[str]:
    said = [
        words("method-split", seed=params["seed"]),
        words(f"method-{outcome.engine}", model=outcome.model),
        words("method-lora", rank=params["rank"], alpha=params["alpha"]),
        words("method-answers"),
        words("method-interval"),
    ]
    if outcome.merged_difference is not None:
        said.append(words("method-merged", difference=f"{outcome.merged_difference:.0e}"))
    if "peak_measured" in (outcome.memory or {}):
        said.append(words("method-memory", need=words.number(outcome.memory["all"]),
                          peak=words.number(outcome.memory["peak_measured"])))  # fmt: skip
    if outcome.resumed_from:
        said.append(words("method-resumed", n=outcome.resumed_from))
    return said
