"""A grid of parameters: what a person wrote, as one set of values for each task. Pure but for reading a grid's file.

`lr=0.1,0.01` is a list, `depth=1:5` a range with both ends, `n=0:10:2` one with a step, `lr=1e-4:1e-1:x10` one whose
step multiplies. With semicolons between the values a comma is a decimal mark: `lr=0,1;0,01`. Ranges are for parameters
that are numbers; a list's values may be quoted as in CSV. Several parameters make every combination, the last one
changing fastest; a file holds the combinations themselves.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from dkai.compute.recipes.params import bind
from dkai.compute.recipes.recipe import Recipe, bound
from dkai.compute.site import Site
from dkai.core.clean import one_line
from dkai.core.errors import UserError
from dkai.core.files import read_text
from dkai.core.i18n import t
from dkai.core.yaml_text import BadYaml, load_yaml

MOST = 5000  # tasks in one sweep
Task = dict[str, Any]
_RANGE = re.compile(r"^\s*([^:\s]+)\s*:\s*([^:\s]+)\s*(?::\s*(x?)([^:\s]+)\s*)?$")


def expand(recipe: Recipe, grids: Sequence[str] = (), file: Path | None = None) -> tuple[Task, ...]:
    """One set of values, as typed or read, for each task. Raises UserError naming the parameter."""
    words: dict[str, str] = {}
    for word in grids:
        name, equals, text = word.partition("=")
        if not equals or not name.strip() or name.strip() in words:
            raise UserError(
                t("“{word}” is given twice", word=f"--grid {name.strip()}")
                if equals and name.strip()
                else t("“{word}” is no parameter with values", word=f"--grid {word}"),
                code="bad-grid",
                hint=_hint(),
            )
        words[name.strip()] = text
    rows: list[Task] = [{}] if file is None else read_grid(file)
    for name in words:
        if any(name in row for row in rows):
            raise UserError(
                t("“{name}” is both in {file} and in --grid", name=name, file=file),
                code="bad-grid",
                hint=t("leave it out of one of them"),
            )
    lists = [[(name, value) for value in values_of(recipe, name, text)] for name, text in words.items()]
    if len(rows) * math.prod(map(len, lists)) > MOST:
        raise _too_large(t("give fewer values, or a file with the combinations that matter: --grid-file"))
    return tuple({**row, **dict(combination)} for row in rows for combination in itertools.product(*lists))


def _too_large(hint: str) -> UserError:
    # Without a number: a range is not counted to its end.
    return UserError(
        t("the grid has more than {most} combinations, which is the most that a sweep may have", most=MOST),
        code="grid-too-large",
        hint=hint,
    )


def _hint() -> str:
    return t("write for example --grid size=1,2,4 or --grid depth=1:5")


def values_of(recipe: Recipe, name: str, text: str) -> list[str]:
    """The values of one parameter, in their order. Raises UserError."""
    kind = next((param.type for param in recipe.params if param.id == name), "string")
    try:
        parts = next(csv.reader([text], delimiter=";" if ";" in text else ",", skipinitialspace=True), [])
    except csv.Error:
        raise UserError(
            t("the values of “{name}” cannot be told apart: {why}", name=name, why=_why_not_csv()),
            code="bad-grid",
            hint=_hint(),
        ) from None
    found: list[str] = []
    for part in parts:
        match = _RANGE.match(part) if kind in ("integer", "number") else None
        try:
            found += list(_range(*match.groups())) if match else [part.strip()]
        except (ArithmeticError, ValueError) as error:
            why = str(error) if type(error) is ValueError else t("both ends and the step must be numbers")
            raise UserError(
                t("the range {text} of “{name}” is not right: {why}", text=part.strip(), name=name, why=why),
                code="bad-grid",
                hint=_hint(),
            ) from None
        if len(found) > MOST:
            break  # said with the number of combinations
    if not found or "" in found:
        raise UserError(t("“{name}” has an empty value in --grid", name=name), code="bad-grid", hint=_hint())
    return found


def _range(first: str, last: str, times: str | None, step_text: str | None) -> Iterator[str]:
    """The values of a range, exact: binary fractions would make 0.30000000000000004 of 0.1, 0.2 …

    Raises ArithmeticError, or ValueError with the reason.
    """
    start, stop = Decimal(first.replace(",", ".")), Decimal(last.replace(",", "."))
    step = Decimal((step_text or "1").replace(",", "."))
    if not (start.is_finite() and stop.is_finite() and step.is_finite()):
        raise InvalidOperation
    if times:
        if step <= 1 or start <= 0 or stop < start:
            raise ValueError(
                t("a multiplying step is above 1, and goes from a smaller positive number to a larger one")
            )
    elif step == 0 or (stop - start) * step < 0:
        raise ValueError(t("the step does not lead from the first to the last"))
    value = start
    for _ in range(MOST + 1):
        if value > stop if step > 0 else value < stop:
            return
        yield _plain(value)
        value = value * step if times else value + step


def _plain(value: Decimal) -> str:
    whole = value == value.to_integral_value()
    return str(int(value)) if whole and abs(value) < 10**15 else str(value.normalize())


def read_grid(path: Path) -> list[Task]:
    """The rows of a grid's file: CSV with the parameters' names in its first line, or YAML. Raises UserError.

    An empty cell leaves the parameter at its default.
    """
    text = read_text(path, limit_bytes=5_000_000)
    rows = _table(path, text) if _is_table(path) else _listed(path, text)
    if not rows or not all(rows):
        raise _bad_file(path, t("there are no values in it") if not any(rows) else t("a row of it has no values"))
    if len(rows) > MOST:
        raise _too_large(t("split it into several files"))
    return rows


def _table(path: Path, text: str) -> list[Task]:
    first = text.partition("\n")[0]
    delimiter = max((";", "\t", ","), key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise _bad_file(path, _why_not_csv()) from error
    header = [cell.strip() for cell in rows[0]] if rows else []
    if not all(header) or len(set(header)) != len(header):
        raise _bad_file(path, t("its first line must name each column, and each once"))
    found = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) > len(header):
            raise _bad_file(path, t("row {n} has more cells than there are names", n=number))
        found.append({name: cell.strip() for name, cell in zip(header, row, strict=False) if cell.strip()})
    return found


def _listed(path: Path, text: str) -> list[Task]:
    """A list of mappings, or one mapping whose lists make every combination."""
    try:
        content = load_yaml(text)
    except BadYaml as error:
        raise _bad_file(path, str(error)) from error
    if isinstance(content, dict) and content:
        lists = [value if isinstance(value, list) else [value] for value in content.values()]
        if any(not one for one in lists):
            raise _bad_file(path, t("there are no values in it"))
        content = [
            dict(zip(content, one, strict=True)) for one in itertools.islice(itertools.product(*lists), MOST + 1)
        ]
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise _bad_file(path, t("a list of mappings is expected, or a mapping of lists"))
    for row in content:
        for name, value in row.items():
            if not isinstance(value, (str, int, float, bool, type(None))):
                raise _bad_file(path, t("“{name}” must be a number, a text, or yes or no", name=name))
    return [{str(name): value for name, value in row.items() if value is not None} for row in content]


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in (".csv", ".tsv", ".txt")


def _why_not_csv() -> str:
    # The csv module tells it in English, and in terms of its own arguments.
    return t("a quotation mark or a line break is out of place, or a cell is too large")


def _bad_file(path: Path, why: str) -> UserError:
    return UserError(
        t("{path} is no grid: {why}", path=path, why=why),
        code="bad-grid",
        hint=t("a CSV file has a column for each parameter and a row for each task")
        if _is_table(path)
        else t("a YAML file has a line such as “size: [1, 2, 4]” for each parameter; a table's name ends in .csv"),
    )


def bind_all(
    recipe: Recipe, params: Mapping[str, Any], tasks: Sequence[Mapping[str, Any]], *, sample: bool
) -> tuple[Recipe, dict[str, Any], tuple[Task, ...]]:
    """The recipe as it is for all tasks, the parameters that they share, and each task's own, typed and checked.

    Raises UserError: a value is not right, two tasks are the same, or tasks need different things of the place.
    """
    swept = list(dict.fromkeys(name for task in tasks for name in task))
    for name in swept:
        if name in params:
            raise UserError(
                t("“{name}” is both in --param and in the grid", name=name),
                code="bad-grid",
                hint=t("leave it out of one of them"),
            )
    whole: list[dict[str, Any]] = []
    for task in tasks:
        try:
            whole.append(bind(recipe, {**params, **task}, sample=sample))
        except UserError as error:
            which = show_task(task)
            raise UserError(
                t("{what} (task {which})", what=error.message, which=which), code=error.code, hint=error.hint
            ) from error
    own = [{name: values[name] for name in swept if name in values} for values in whole]
    seen: dict[str, int] = {}
    for number, task in enumerate(own):
        key = json.dumps(task, sort_keys=True)
        if key in seen:
            raise UserError(
                t("two tasks are the same: {which}", which=show_task(task)),
                code="same-task",
                hint=t("each combination runs once; for repeated runs, sweep a seed"),
            )
        seen[key] = number
    needed = [bound(recipe, values) for values in whole]
    other = next((n for n, one in enumerate(needed) if one != needed[0]), None)
    if other is not None:
        raise UserError(
            t("the tasks {first} and {other} need different things of the place", first=show_task(own[0]),
              other=show_task(own[other])),
            code="tasks-differ",
            hint=t("sweep them apart, each with its own quote"),
        )  # fmt: skip
    return needed[0], {name: value for name, value in whole[0].items() if name not in swept}, tuple(own)


def must_be_possible(site: Site) -> None:
    """Raises UserError where dkai cannot start a job array."""
    if site.scheduler not in ("slurm", "process"):
        raise UserError(
            t(
                "dkai starts sweeps with Slurm and on computers without a scheduler, and {site} has neither",
                site=site.id,
            ),
            code="sweep-not-there",
            hint=t("submit the combinations one by one, or use another site: --site NAME"),
        )


def show_task(task: Mapping[str, Any]) -> str:
    """The parameters of a task in a few words."""
    return one_line(", ".join(f"{name}={value}" for name, value in task.items()))
