"""The findings in words: a verdict, and a report to read. The JSON beside it holds the same for a program."""

from typing import Any

import webpage
from words import Words


def verdict(found: dict[str, Any], words: Words) -> list[str]:
    """The answer, in the order in which one asks."""
    if found["processes"] == 1:
        return [words("alone"), *_asked(found, words)]
    lines = [words("talk", processes=words.counted("process", found["processes"]),
                   nodes=words.counted("node", len(found["nodes"])))]  # fmt: skip
    lines += _asked(found, words) or [words("as-asked")]
    torch = found["torch"]
    wrong = found["wrong_sums"] + sum(one["torch"]["sums"]["wrong"] for one in found["ranks"] if one["torch"])
    lines.append(words("sums-wrong", n=words.whole(wrong)) if wrong else words("sums-right"))
    if torch:
        right = all(one["torch"]["step"]["right"] for one in found["ranks"] if one["torch"])
        lines.append(words("step-right" if right else "step-wrong"))
    lines.append(words("uneven", ranks=words.listed(found["slow"])) if found["slow"] else words("even"))
    first = found["ranks"][0]
    lines.append(words("speed", latency=words.number(first["latency_us"]["median"]), size=_size(found, words),
                       rate=words.number(first["mb_per_s"]["median"])))  # fmt: skip
    if torch and torch["mb_per_s"]:
        rate = words.number(torch["mb_per_s"]["median"])
        lines.append(words("speed-torch", backend=torch["backend"], rate=rate))
    if len(found["rounds"]["starts"]) > 1:
        lines.append(words("resumed", n=len(found["rounds"]["starts"])))
    return lines


def _asked(found: dict[str, Any], words: Words) -> list[str]:
    """Where something else came than was asked for."""
    lines = []
    nodes, gpus = found["nodes_asked"], found["gpus_asked"]
    if nodes is not None and nodes != len(found["nodes"]):
        lines.append(words("not-nodes", asked=words.counted("node", nodes),
                           got=words.counted("node", len(found["nodes"]))))  # fmt: skip
    if gpus and gpus != found["processes"]:
        lines.append(words("not-gpus", asked=words.counted("gpu", gpus),
                           got=words.counted("process", found["processes"])))  # fmt: skip
    return lines


def _size(found: dict[str, Any], words: Words) -> str:
    return f"{words.whole(found['params']['kib'])}\u00a0KiB"


def _rows(found: dict[str, Any], words: Words) -> tuple[list[str], list[list[str]]]:
    heads = [words(f"col-{key}") for key in ("rank", "node", "device", "gpus", "work", "latency", "rate")]
    rows = []
    for one in found["ranks"]:
        torch = one["torch"]
        source = torch or one
        gpus = one["visible_gpus"]
        figures = [source[key] for key in ("latency_us", "mb_per_s")]
        rows.append([
            str(one["rank"]), one["node"], torch["device"] if torch else words("cpu"),
            words("not-told") if gpus is None else str(gpus), words.number(source["computing"] * 1000),
            *("–" if figure is None else words.number(figure["median"]) for figure in figures),
        ])  # fmt: skip
    return heads, rows


def _rounds(found: dict[str, Any], words: Words) -> list[str]:
    rounds = found["rounds"]
    lines = [words("rounds-line", done=words.whole(rounds["done"]), number=str(rounds["number"]))]
    if len(rounds["starts"]) > 1:
        lines += [words("rounds-start", first=one["from"] + 1, last=one["to"], node=one["node"])
                  for one in rounds["starts"]]  # fmt: skip
    return lines


def _notes(found: dict[str, Any], words: Words) -> list[str]:
    notes = [] if found["torch"] else [words("note-tcp"), words("note-torch", why=found["why_no_torch"])]
    if found["strangers"]:
        notes.append(words("strangers", n=words.whole(found["strangers"])))
    return notes


def markdown(found: dict[str, Any], words: Words) -> str:
    """The report as Markdown."""
    heads, rows = _rows(found, words)
    lines = [f"# {words('title')}", "", *(f"- {line}" for line in found["verdict"]), "", f"## {words('h-ranks')}", ""]
    lines += ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    lines += ["", f"## {words('h-rounds')}", "", *(f"- {line}" for line in _rounds(found, words))]
    if notes := _notes(found, words):
        lines += ["", f"## {words('h-notes')}", "", *(f"- {line}" for line in notes)]
    return "\n".join([*lines, "", _made(found, words), ""])


def html(found: dict[str, Any], words: Words) -> str:
    """The report as a page that needs nothing else."""
    heads, rows = _rows(found, words)
    first, *rest = found["verdict"]
    body = [
        webpage.answer(first, " ".join(rest[:1])), webpage.listed(rest[1:]),
        webpage.heading(words("h-ranks")), webpage.table(heads, rows, numbers=(0, 4, 5, 6)),
        webpage.heading(words("h-rounds")), webpage.listed(_rounds(found, words)),
    ]  # fmt: skip
    if notes := _notes(found, words):
        body += [webpage.heading(words("h-notes")), webpage.listed(notes)]
    return webpage.page(words, words("title"), body, _made(found, words))


def _made(found: dict[str, Any], words: Words) -> str:
    return words("made", when=found["made"], seconds=words.number(found["seconds"]))
