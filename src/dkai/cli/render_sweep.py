"""A sweep as text: its grid before it runs, its table afterwards."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dkai.cli.output import Renderable
from dkai.core.clean import one_line
from dkai.core.i18n import nt, t
from dkai.core.units import show_duration, show_memory, show_number

if TYPE_CHECKING:
    from dkai.compute.plan import Plan
    from dkai.compute.quote.quote import Quote
    from dkai.compute.sweep.results import Results, Row

SHOWN_VALUES, SHOWN_ROWS, FIRST_TASKS = 6, 40, 3


def grid(plan: Plan) -> Iterator[str]:
    """How many tasks there are, the values of each parameter, and how long they take at best."""
    tasks, quote = plan.spec.tasks, plan.quote
    names = list(dict.fromkeys(name for task in tasks for name in task))
    yield nt("{n} task, with these values:", "{n} tasks, each with values of its own:", len(tasks))
    for name in names:
        values = list(dict.fromkeys(_value(task[name]) for task in tasks if name in task))
        more = len(values) - SHOWN_VALUES
        rest = "" if more <= 0 else ", … " + t("({n} values)", n=len(values))
        yield f"{name} = {', '.join(values[:SHOWN_VALUES])}{rest}"
    yield at_best(quote)


def at_best(quote: Quote) -> str:
    """How many run together, and how long all of them take at most if none of those waits."""
    together = min(quote.at_once or quote.tasks, quote.tasks)
    rounds = -(-quote.tasks // together)
    longest = show_duration(rounds * quote.resources.longest_s)
    if together == quote.tasks:
        return t("all at once where there is room: at most {time} then, waiting not counted", time=longest)
    return t("at most {n} at once: up to {time} in all, waiting not counted", n=together, time=longest)


def first_tasks(plan: Plan) -> Iterator[str]:
    """The first sets of values, as a task's params.json has them."""
    tasks = plan.spec.tasks
    yield t("--- tasks: each gets params.json with its own values in place of these")
    for number, task in enumerate(tasks[:FIRST_TASKS]):
        yield f"  {number}  {', '.join(f'{name}={_value(value)}' for name, value in task.items())}"
    if len(tasks) > FIRST_TASKS:
        yield t("  … and {n} more", n=len(tasks) - FIRST_TASKS)


def table(found: Results) -> Iterator[Renderable]:
    """A line a task; what went wrong first where not all can be shown."""
    from rich.table import Table as Grid
    from rich.text import Text

    rows = list(found.rows)
    if len(rows) > SHOWN_ROWS:
        rows = sorted(rows, key=lambda row: (row.outcome == "completed", row.task))[:SHOWN_ROWS]
    lines = Grid(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    lines.add_column(t("task"), justify="right", header_style="muted")
    for name in found.parameters:
        lines.add_column(one_line(name, 20), header_style="muted", overflow="ellipsis", max_width=24)
    lines.add_column(t("stands"), header_style="muted")
    lines.add_column(t("time"), justify="right", header_style="muted", no_wrap=True)
    lines.add_column(t("memory"), justify="right", header_style="muted", no_wrap=True)
    for name in found.metrics:
        lines.add_column(one_line(name, 24), justify="right", header_style="muted")
    for row in rows:
        lines.add_row(
            str(row.task), *(_value(row.parameters.get(name)) for name in found.parameters), _stands(row, Text),
            "–" if row.seconds is None else show_duration(row.seconds) if row.seconds >= 60 else _seconds(row.seconds),
            "–" if row.memory_mb is None else show_memory(row.memory_mb),
            *("–" if (v := row.metrics.get(name)) is None else show_figure(v) for name in found.metrics),
        )  # fmt: skip
    yield lines
    if len(found.rows) > len(rows):
        yield t("… and {n} more, in results.csv", n=len(found.rows) - len(rows))
    for row in [row for row in rows if row.reason][:FIRST_TASKS]:
        yield Text(f"  {t('task {n}: {why}', n=row.task, why=row.reason)}", style="warn")


def _seconds(seconds: float) -> str:
    return t("{n} s", n=show_number(seconds, 1 if seconds >= 1 else 2))


def show_figure(value: float) -> str:
    """A figure with four digits that count."""
    size = abs(value)
    if size and not 1e-3 <= size < 1e6:
        return f"{value:.3e}"
    return show_number(value, max(0, 3 - math.floor(math.log10(size))) if size else 0)


def _stands(row: Row, text: Any) -> Any:
    from dkai.compute.follow import outcome_words
    from dkai.compute.job import Outcome

    if row.outcome is not None and row.state == "ended":
        how = outcome_words(Outcome(row.outcome))
        code = f" ({row.exit_code})" if row.outcome == "failed" and row.exit_code else ""
        return text(how + code, style="good" if row.outcome == "completed" else "bad")
    return text({"queued": t("queued"), "running": t("running")}.get(row.state, t("not known")))


def _value(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    return one_line(str(value), 60)
