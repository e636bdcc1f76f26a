"""What is wrong with the examples before anything is trained on them. Counts only: nothing of what they say."""

import statistics
from collections import Counter
from dataclasses import dataclass
from typing import Any

import language
import personal
from examples import Example, Material
from split import Parts, key

FEW = 200  # examples; fewer teach a form, seldom a skill
SHORT, LONG = 3, 8000  # characters of an answer
SHINGLE = 8  # words in a row that two texts share when one was made from the other


@dataclass(frozen=True)
class Checked:
    """What was found."""

    counts: dict[str, int]
    lengths: dict[str, float]
    languages: dict[str, int]
    warnings: tuple[tuple[str, dict[str, Any]], ...]  # (key in the texts, its values)


def check(material: Material, parts: Parts) -> Checked:
    """Count it all."""
    examples = material.examples
    whole = Counter((key(e), e.response) for e in examples)
    twice = sum(n - 1 for n in whole.values())
    answers: dict[str, set[str]] = {}
    for example in examples:
        if example.prompt:
            answers.setdefault(key(example), set()).add(example.response)
    conflicting = sum(len(said) > 1 for said in answers.values())
    responses = [e.response for e in examples]
    same = Counter(responses).most_common(1)[0][1]
    sensitive = personal.texts_with("\n".join(text for _, text in e.turns) for e in examples)
    overlap = overlapping(parts)
    lengths = sorted(len(text) for text in responses)
    spoken = language.languages(responses)
    counts = {
        "examples": len(examples), "left_out": len(material.left_out), "duplicates": twice, "conflicting": conflicting,
        "commonest_answer": same, "with_cpr": sensitive["cpr"], "with_email": sensitive["email"],
        "test_answers_seen_in_training": overlap,
        "short_answers": sum(n < SHORT for n in lengths), "long_answers": sum(n > LONG for n in lengths),
    }  # fmt: skip
    return Checked(
        counts,
        {
            "median": statistics.median(lengths), "least": lengths[0], "most": lengths[-1],
            "prompt_median": statistics.median(len(e.prompt) for e in examples),
        },
        spoken,
        tuple(_warnings(counts, spoken, len(parts.test))),
    )  # fmt: skip


def _warnings(counts: dict[str, int], spoken: dict[str, int], tested: int) -> list[tuple[str, dict[str, Any]]]:
    n = counts["examples"]
    told: list[tuple[str, dict[str, Any]]] = [
        (f"warn-{kind}", {"n": counts[f"with_{kind}"]}) for kind in ("cpr", "email") if counts[f"with_{kind}"]
    ]
    if counts["left_out"]:
        told.append(("warn-left-out", {"n": counts["left_out"]}))
    if n < FEW:
        told.append(("warn-few", {"n": n}))
    if counts["duplicates"] > 0.02 * n:
        told.append(("warn-duplicates", {"n": counts["duplicates"]}))
    if counts["conflicting"]:
        told.append(("warn-conflicting", {"n": counts["conflicting"]}))
    if counts["commonest_answer"] > max(3, 0.2 * n):
        told.append(("warn-one-answer", {"n": counts["commonest_answer"], "of": n}))
    if counts["test_answers_seen_in_training"] > 0.1 * tested:
        told.append(("warn-overlap", {"n": counts["test_answers_seen_in_training"], "of": tested}))
    known = {name: count for name, count in spoken.items() if name != "other"}
    if len(known) > 1 and min(known.values()) > 0.1 * n:
        told.append(("warn-languages", {"da": known["da"], "en": known["en"]}))
    if counts["long_answers"]:
        told.append(("warn-long", {"n": counts["long_answers"], "most": LONG}))
    if counts["short_answers"] > 0.2 * n:
        told.append(("warn-short", {"n": counts["short_answers"], "least": SHORT}))
    return told


def overlapping(parts: Parts) -> int:
    """How many test answers share a run of words with a training answer, or are the same."""
    seen: set[tuple[str, ...]] = set()
    whole = {_plain(e) for e in parts.train}
    for example in parts.train:
        seen |= _shingles(example)
    return sum(_plain(e) in whole or bool(_shingles(e) & seen) for e in parts.test)


def _plain(example: Example) -> str:
    return " ".join(example.response.lower().split())


def _shingles(example: Example) -> set[tuple[str, ...]]:
    words = example.response.lower().split()
    return {tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}
