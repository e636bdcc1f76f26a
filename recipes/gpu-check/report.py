"""The written report: Markdown for a reader; the JSON beside it holds the same values for a program."""

from typing import Any, Dict, List

from machine import is_unknown
from verdict import device_name
from words import Words


def _cell(value: Any, words: Words) -> str:
    if is_unknown(value):
        return words("unknown", why=value["unknown"])
    if isinstance(value, bool):
        return words("yes" if value else "no")
    if isinstance(value, float):
        return words.number(value)
    return str(value).replace("|", "\\|").replace("\n", " ")


def _memory(device: Dict[str, Any], words: Words) -> Any:
    value = device["memory_gb"]
    return value if is_unknown(value) else words.number(value) + " GB"


def _table(heads: List[str], rows: List[List[Any]], words: Words) -> List[str]:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return lines + ["| " + " | ".join(_cell(value, words) for value in row) + " |" for row in rows] + [""]


def small(value: Any, words: Words) -> str:
    """An error or a tolerance, written briefly: 6.1e-05."""
    if value is None:
        return "–"
    if value == 0:
        return "0"
    text = "{:.1e}".format(value)
    return text.replace(".", ",") if words.language == "da" else text


def cpu_line(cpu: Dict[str, Any], words: Words) -> str:
    """The CPU and memory of the job in one line."""
    total = _cell(cpu["memory_gb"], words)
    limit = cpu["memory_limit_gb"]
    if limit is None:
        memory = words("memory-all", total=total)
    else:
        memory = words("memory-limit", limit=words.number(limit), total=total)
    cores = cpu["cores_in_job"]
    return words(
        "cpu-line",
        model=_cell(cpu["model"], words),
        cores=words.cores(cores) if isinstance(cores, int) else _cell(cores, words),
        all=_cell(cpu["cores_in_machine"], words),
        memory=memory,
    )


def speed_line(entry: Dict[str, Any], words: Words) -> str:
    """One measurement as a sentence."""
    if "why" in entry:
        return words("speed-failed", device=entry["device"], what=entry["what"], why=entry["why"])
    return words(
        "speed-line",
        device=entry["device"],
        what=entry["what"],
        median=words.number(entry["median"]),
        low=words.number(entry["low"]),
        high=words.number(entry["high"]),
        unit=entry["unit"],
        n=entry["repetitions"],
    )


def markdown(found: Dict[str, Any], words: Words) -> str:
    """The whole report as Markdown."""
    lines = ["# " + words("title"), "", "## " + words("h-verdict"), "", found["verdict"]["text"], ""]
    lines += ["## " + words("h-seen"), ""]
    if found["accelerators"]:
        heads = [words(k) for k in ("col-device", "col-memory", "col-driver", "col-in-job")]
        rows = [[d["name"], _memory(d, words), d["driver"], d["in_job"]] for d in found["accelerators"]]
        lines += _table(heads, rows, words)
    elif found["seen"]:
        lines += ["- " + device_name(d, words) for d in found["seen"]] + [""]
    lines += [cpu_line(found["cpu"], words), ""]
    lines += ["## " + words("h-correct"), ""]
    marks = {"right": words("right"), "wrong": "**" + words("wrong") + "**", "not-run": words("not-run")}
    rows = []
    for r in found["correctness"]:
        allowed = small(r["tolerance"], words) if r["tolerance"] else words("exact")
        rows.append([r["device"], r["what"], small(r["error"], words), allowed, marks[r["result"]]])
    heads = [words(k) for k in ("col-device", "col-what", "col-error", "col-tolerance", "col-result")]
    lines += _table(heads, rows, words)
    if any(r["tolerance"] for r in found["correctness"]):
        lines += [words("tolerance-note"), ""]
    if found["speed"]:
        lines += ["## " + words("h-speed"), ""]
        lines += ["- " + speed_line(entry, words) for entry in found["speed"]] + [""]
    if found["notes"]:
        lines += ["## " + words("h-notes"), ""] + ["- " + note for note in found["notes"]] + [""]
    lines += ["## " + words("h-scheduler"), ""]
    said = found["scheduler"]
    lines += ["- `{}={}`".format(name, said[name]) for name in sorted(said)] or [words("no-scheduler")]
    lines += ["", words("gb-note"), ""]
    lines += [words("made", when=found["made"], python=found["python"], torch=found["torch"]), ""]
    return "\n".join(lines)
