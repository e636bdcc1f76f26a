"""The table of a sweep: a row a task, with its parameters, how it went, and the figures that its recipe names."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dkai.compute.causes import find_cause
from dkai.compute.job import Outcome
from dkai.compute.sweep.tally import TaskResult
from dkai.core.clean import one_line
from dkai.core.i18n import t
from dkai.core.numbers import finite

TABLE, LIST = "results.csv", "results.json"
SCHEMA = "dkai/sweep-results/1"
_MOST_BYTES = 10_000_000  # of a file in which a figure is looked for
_LOG_BYTES = 64_000  # of a log's end


@dataclass(frozen=True, slots=True)
class Row:
    """One task. A figure is None where it could not be read, and `reason` says why."""

    task: int
    parameters: dict[str, Any]
    state: str
    outcome: str | None
    exit_code: int | None
    seconds: float | None
    memory_mb: float | None
    metrics: dict[str, float | None]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """The table: the names of parameters and figures in their order, and the rows by task."""

    parameters: tuple[str, ...]
    metrics: tuple[str, ...]
    rows: tuple[Row, ...]


def make_results(
    own: Sequence[Mapping[str, Any]], tasks: Sequence[TaskResult], metrics: Mapping[str, str], outputs: Path
) -> Results:
    """The table. `outputs` is the folder in which each task's results lie, below its number."""
    names = tuple(dict.fromkeys(name for task in own for name in task))
    rows = []
    for parameters, task in zip(own, tasks, strict=True):
        figures, why = _figures(outputs / str(task.number), metrics)
        reason = task.reason or _why(task, outputs / f"{task.number}.log", why)
        rows.append(
            Row(
                task.number,
                dict(parameters),
                task.state,
                task.outcome.value if task.outcome else None,
                task.exit_code,
                task.seconds,
                task.memory_mb,
                figures,
                one_line(reason, 200),
            )
        )
    return Results(names, tuple(metrics), tuple(rows))


def _why(task: TaskResult, log: Path, no_figure: str) -> str:
    """Why a task did not complete, by its log; of one that did, why a figure is missing."""
    if task.state != "ended" or task.outcome is Outcome.COMPLETED:
        return no_figure if task.outcome is Outcome.COMPLETED else ""
    try:
        with log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOG_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        text = ""
    cause = find_cause(task.outcome, exit_code=task.exit_code, log=text)
    return "" if cause is None else cause.says


def _figures(folder: Path, metrics: Mapping[str, str]) -> tuple[dict[str, float | None], str]:
    """The figures in one task's results, and why the first that is not there could not be read."""
    found: dict[str, float | None] = {}
    read: dict[str, Any] = {}
    why = ""
    for name, where in metrics.items():
        file, _, pointer = where.partition("#")
        if file not in read:
            read[file] = _content(folder / file)
        value = finite(follow(read[file], pointer))
        found[name] = value
        if value is None and not why:
            missing = t("there is no file {file}", file=file) if read[file] is None else None
            why = missing or t("there is no number at {where}", where=where)
    return found, why


def _content(path: Path) -> Any:
    """The JSON in a file; None where there is none that can be read."""
    try:
        if path.is_symlink() or path.stat().st_size > _MOST_BYTES:
            return None
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def follow(content: Any, pointer: str) -> Any:
    """What a JSON Pointer (RFC 6901) leads to; None where it leads nowhere."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(content, dict):
            content = content.get(key)
        elif isinstance(content, list) and key.isascii() and key.isdecimal() and int(key) < len(content):
            content = content[int(key)]
        else:
            return None
    return content


def columns(results: Results) -> list[str]:
    """The table's header: ids, the same in every language. A figure named as a parameter is gets a mark."""
    taken = {"task", "state", "exit_code", "seconds", "peak_memory_mb", "reason"}
    parameters = [f"param_{name}" if name in taken else name for name in results.parameters]
    taken |= set(parameters)
    metrics = [f"metric_{name}" if name in taken else name for name in results.metrics]
    return ["task", *parameters, "state", "exit_code", "seconds", "peak_memory_mb", *metrics, "reason"]


def cells(results: Results) -> list[list[Any]]:
    """The table's rows; None is an empty cell."""
    return [
        [
            row.task, *(row.parameters.get(name) for name in results.parameters), row.outcome or row.state,
            row.exit_code, row.seconds, row.memory_mb, *(row.metrics.get(name) for name in results.metrics),
            row.reason,
        ]
        for row in results.rows
    ]  # fmt: skip


def as_csv(results: Results) -> str:
    """The table as CSV (RFC 4180, commas, decimal points), for every program that reads tables."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns(results))
    for row in cells(results):
        writer.writerow(["" if cell is None else _harmless(cell) for cell in row])
    return text.getvalue()


def _harmless(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay as they are."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t")) else cell


def as_json(results: Results, job_id: str) -> str:
    """The same for a program."""
    from dkai.core.plain import to_plain

    return json.dumps({"schema": SCHEMA, "job_id": job_id, **to_plain(results)}, ensure_ascii=False, indent=1) + "\n"
