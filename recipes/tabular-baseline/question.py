"""What is predicted from what: the target, the kind of task, the rows and columns that take part, and why."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from columns import Column, decimal_mark, find_column, make_column
from table import Table
from texts import TableWords as Words
from words import CannotGoOn

FEWEST_ROWS = 20
FEWEST_IN_CLASS = 5
MOST_CLASSES = 30
MOST_COLUMNS = 2000
CODE_VALUES = 10  # whole numbers with at most this many different values are taken as classes


@dataclass
class Question:
    """One prediction task, ready for the models."""

    target: str
    task: str  # classification, regression
    why_task: str
    x: np.ndarray
    y: np.ndarray  # numbers, or positions in `classes`
    classes: tuple[str, ...]
    numbers: tuple[int, ...]  # positions in x of number columns
    categories: tuple[int, ...]
    features: tuple[str, ...]
    columns: tuple[Column, ...]  # every column of the file, used or not
    groups: np.ndarray | None
    group: str
    lines: np.ndarray
    no_target: int  # rows left out because the target is missing
    no_group: int
    rare: int  # rows left out because their class has too few
    rare_classes: int
    mark: str
    either: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows take part."""
        return len(self.y)


def ask(table: Table, params: dict[str, object], words: Words) -> Question:
    """The task that the parameters describe; raises `CannotGoOn` with what is wrong and what to say instead."""
    names = table.names
    if not params["target"]:
        raise CannotGoOn(words("stop-no-target", columns=words.quoted(names)))
    target = find_column(names, str(params["target"]), "target", words)
    group = find_column(names, str(params["group"]), "group", words) if params["group"] else ""
    if group == target:
        raise CannotGoOn(words("stop-same", name=words.quote(target)))
    asked_out = {find_column(names, part, "leave_out", words) for part in _parts(params["leave_out"], names)}
    mark, either = decimal_mark(table, str(params["decimal"]))
    columns = [make_column(name, cells, mark) for name, cells in zip(names, table.columns, strict=True)]
    by_name = {column.name: column for column in columns}
    for column in columns:
        if column.name == target:
            column.why_out = "out-target"
        elif column.name == group:
            column.why_out = "out-group"
        elif column.name in asked_out:
            column.why_out = "out-asked"

    cells = table.column(target)
    task, why = _task(by_name[target], str(params["task"]), words)
    known = np.array([cell is not None for cell in cells])
    no_target = int((~known).sum())
    no_group = 0
    if group:
        has_group = np.array([cell is not None for cell in table.column(group)])
        no_group = int((known & ~has_group).sum())
        known &= has_group
    kept = np.flatnonzero(known)
    if len(kept) < FEWEST_ROWS:
        raise CannotGoOn(words("stop-few-rows", n=len(kept), least=FEWEST_ROWS, name=words.quote(target)))
    classes: tuple[str, ...] = ()
    rare = rare_classes = 0
    if task == "classification":
        counts = Counter(str(cells[at]) for at in kept)
        few = {label for label, n in counts.items() if n < FEWEST_IN_CLASS}
        rare, rare_classes = sum(counts[label] for label in few), len(few)
        kept = np.array([at for at in kept if cells[at] not in few], dtype=int)
        classes = _in_order(set(counts) - few)
    _enough(len(kept), classes, task, target, words)

    used = [column for column in columns if not column.why_out]
    if not used:
        raise CannotGoOn(words("stop-no-features"))
    if len(used) > MOST_COLUMNS:
        raise CannotGoOn(words("stop-too-wide", n=words.whole(len(used)), most=words.whole(MOST_COLUMNS)))
    place = {label: at for at, label in enumerate(classes)}
    y = np.array([place[str(cells[at])] for at in kept]) if classes else by_name[target].values[kept]
    groups = None
    if group:
        _, groups = np.unique([str(table.column(group)[at]) for at in kept], return_inverse=True)
    return Question(
        target=target,
        task=task,
        why_task=why,
        x=np.column_stack([column.values[kept] for column in used]),
        y=y,
        classes=classes,
        numbers=tuple(at for at, column in enumerate(used) if column.kind == "number"),
        categories=tuple(at for at, column in enumerate(used) if column.kind != "number"),
        features=tuple(column.name for column in used),
        columns=tuple(columns),
        groups=groups,
        group=group,
        lines=np.array(table.lines)[kept],
        no_target=no_target,
        no_group=no_group,
        rare=rare,
        rare_classes=rare_classes,
        mark=mark,
        either=either,
    )


def _parts(value: object, names: tuple[str, ...]) -> list[str]:
    """Column names from one text: split at semicolons, or at commas where no column's own name holds one."""
    text = str(value or "").strip()
    if not text or text in names:
        return [text] if text else []
    mark = ";" if ";" in text else ","
    return [part.strip() for part in text.split(mark) if part.strip()]


def _in_order(labels: set[str]) -> tuple[str, ...]:
    try:
        return tuple(sorted(labels, key=lambda label: float(label.replace(",", "."))))
    except ValueError:
        return tuple(sorted(labels, key=str.casefold))


def _task(target: Column, wanted: str, words: Words) -> tuple[str, str]:
    """Classification or regression, and why."""
    if target.distinct == 0:
        raise CannotGoOn(words("stop-target-empty", name=words.quote(target.name)))
    if target.distinct == 1:
        raise CannotGoOn(words("stop-target-constant", name=words.quote(target.name)))
    if target.kind == "date":
        raise CannotGoOn(words("stop-target-date", name=words.quote(target.name)))
    if wanted == "regression":
        if target.kind != "number":
            raise CannotGoOn(words("stop-target-text", name=words.quote(target.name)))
        return "regression", words("task-asked")
    if wanted == "classification":
        return "classification", words("task-asked")
    if target.kind != "number":
        return "classification", words("task-text", n=target.distinct)
    if target.distinct == 2:
        return "classification", words("task-two")
    if target.whole and target.distinct <= CODE_VALUES:
        return "classification", words("task-codes", n=target.distinct)
    return "regression", words("task-numbers", n=words.whole(target.distinct))


def _enough(rows: int, classes: tuple[str, ...], task: str, target: str, words: Words) -> None:
    if task == "classification" and len(classes) > MOST_CLASSES:
        raise CannotGoOn(words("stop-classes", name=words.quote(target), n=len(classes), most=MOST_CLASSES))
    if rows < FEWEST_ROWS:
        raise CannotGoOn(words("stop-few-rows", n=rows, least=FEWEST_ROWS, name=words.quote(target)))
    if task == "classification" and len(classes) < 2:
        raise CannotGoOn(words("stop-one-class", name=words.quote(target), least=FEWEST_IN_CLASS))
