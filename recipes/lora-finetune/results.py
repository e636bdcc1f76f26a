"""The figures of the run, the adapter, the split, and the samples, which belong where the examples belong."""

import math
from typing import Any

import outcome as outcomes
import spreadsheet
import task
from datacheck import Checked
from examples import Material
from outcome import Outcome
from split import Parts
from words import Words


def write_files(material: Material, parts: Parts, outcome: Outcome, words: Words) -> None:
    """The adapter, where each example went, what was left out, and some answers before and after."""
    for name, content in outcome.files.items():
        task.write(name, content, words)
    where = [("train", parts.train), ("val", parts.val), ("test", parts.test)]
    spreadsheet.write_table(
        "split.csv",
        ["file", "line", "part", "why_left_out"],
        sorted(
            [(e.file, e.line, part, None) for part, some in where for e in some]
            + [(file, line, "left out", words(why)) for file, line, why in material.left_out],
            key=lambda row: (row[0], row[1]),
        ),
        words,
    )
    lines = [words("samples-head"), ""]
    for number, sample in enumerate(outcome.samples, 1):
        lines += [f"== {number}", ""]
        for key in ("prompt", "wanted", "before", "after"):
            lines += [f"-- {words(f'sample-{key}')}", sample[key], ""]
    task.write("samples.txt", "\n".join(lines), words, bom=True)


def summary(
    material: Material, checked: Checked, parts: Parts, outcome: Outcome, params: dict[str, Any], version: str,
    made: str, words: Words,
) -> dict[str, Any]:  # fmt: skip
    """All figures for a program; nothing of what the examples say."""
    code = outcomes.conclude(outcome)
    gain, low, high = outcome.gain
    less = gain / outcome.before if outcome.before else 0.0
    text = words(f"verdict-{code}", less=words.share(less), n=words.whole(len(parts.test)))
    if outcome.guesses and outcome.after > min(outcome.guesses.values()):
        text += " " + words("verdict-guess")
    return {
        "recipe": "lora-finetune",
        "version": version,
        "made": made,
        "engine": outcome.engine,
        "model": outcome.model,
        "verdict": {"code": code, "text": text},
        "examples": {
            "train": len(parts.train), "val": len(parts.val), "test": len(parts.test),
            "left_out": len(material.left_out), "kinds": sorted(material.kinds),
        },
        "data": {"counts": checked.counts, "answer_characters": checked.lengths, "languages": checked.languages,
                 "warnings": [key.removeprefix("warn-") for key, _ in checked.warnings]},
        "loss": {
            "unit": f"nats per {outcome.unit[:-1]}",
            "before": round(outcome.before, 5),
            "after": round(outcome.after, 5),
            "gain": round(gain, 5),
            "gain_interval_95": [round(low, 5), round(high, 5)],
            "perplexity_before": round(math.exp(min(outcome.before, 50)), 4),
            "perplexity_after": round(math.exp(min(outcome.after, 50)), 4),
            "guesses": {name: round(value, 5) for name, value in outcome.guesses.items()},
        },
        "curve": outcome.curve,
        "best_epoch": outcome.best_epoch,
        "resumed_from_epoch": outcome.resumed_from,
        "trained_parameters": outcome.trained,
        "base_parameters": outcome.parameters,
        "largest_difference_when_merged": outcome.merged_difference,
        "gpu_memory_gb": outcome.memory or None,
        **outcome.more,
        "parameters": params,
    }  # fmt: skip
