"""Jobs as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from dkai.cli.output import Renderable, Table
from dkai.core.clean import one_line
from dkai.core.i18n import nt, t
from dkai.core.units import show_bytes

if TYPE_CHECKING:
    from dkai.app.jobs import JobList, JobView
    from dkai.compute.causes import Cause
    from dkai.compute.fetch import Fetched

_STYLES = {"completed": "good", "failed": "bad", "timeout": "bad", "out-of-memory": "bad", "node-fail": "bad"}


def table(found: JobList) -> Iterator[Renderable]:
    """One line a job."""
    from rich.table import Table as Grid
    from rich.text import Text

    if not found.items:
        yield t("No job has been submitted yet. Try one on this computer: dkai compute submit gpu-check")
        return
    grid = Grid(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title, width in ((t("job"), None), (t("recipe"), 16), (t("site"), 10), (t("submitted"), None)):
        grid.add_column(title, no_wrap=True, header_style="muted", max_width=width, overflow="ellipsis")
    grid.add_column(t("stands"), header_style="muted")
    for job in found.items:
        style = _STYLES.get(job.outcome.value if job.outcome else "", "")
        grid.add_row(job.id, job.recipe, job.site, _short(job.created_at), Text(one_line(job.says), style=style))
    yield grid


def rows(found: JobList) -> Table:
    """The same for csv and md."""
    headers = ("id", "recipe", "site", "state", "outcome", "native_id", "created_at", "says")
    return headers, [
        (j.id, j.recipe, j.site, j.state, j.outcome or "", j.native_id or "", j.created_at.isoformat(), j.says)
        for j in found.items
    ]


def clock(moment: datetime | None) -> str:
    """A time of day in the reader's own zone."""
    return "–" if moment is None else moment.astimezone().strftime("%Y-%m-%d %H:%M")


def _short(moment: datetime) -> str:
    """The same without a year that everybody knows."""
    here, now = moment.astimezone(), datetime.now().astimezone()
    return here.strftime("%m-%d %H:%M" if here.year == now.year else "%Y-%m-%d")


def failure(cause: Cause) -> Iterator[Renderable]:
    """Why a job failed, and what to do about it."""
    from rich.padding import Padding
    from rich.text import Text

    yield Padding(Text(t("why: {says}", says=cause.says), style="bad"), (0, 0, 0, 2), expand=False)
    if cause.do:
        yield Padding(f"→ {cause.do}", (0, 0, 0, 2), expand=False)


def one(job: JobView) -> Iterator[Renderable]:
    """One job with its steps."""
    from rich.padding import Padding
    from rich.text import Text

    from dkai.compute.methods import show_took

    yield Text.assemble((job.id, "strong"), f" · {job.recipe} · {job.site}")
    yield Text(f"  {one_line(job.says)}", style=_STYLES.get(job.outcome.value if job.outcome else "", ""))
    if job.can_do:
        yield Padding(f"→ {job.can_do}", (0, 0, 0, 2), expand=False)
    if job.start_guess is not None:
        yield f"  {t('the scheduler guesses that it starts {time}: no promise', time=clock(job.start_guess))}"
    if job.cause is not None:
        yield from failure(job.cause)
    if job.log_end:
        yield Text(f"  {t('the end of its log:')}", style="muted")
        for line in job.log_end:
            yield Padding(Text(line, style="muted"), (0, 0, 0, 4), expand=False)
    if job.started_at is not None:
        end = job.ended_at or job.seen_at
        took = f" · {show_took((end - job.started_at).total_seconds())}" if end else ""
        yield f"  {t('started {time}', time=clock(job.started_at))}{took}"
    if job.native_id:
        yield f"  {t('there called {native}, in {folder}', native=job.native_id, folder=job.folder)}"
    if job.fetched_to:
        yield f"  {t('results in {folder}', folder=job.fetched_to)}"
    for step in job.steps:
        yield Text(f"    {step.at.astimezone().strftime('%H:%M:%S')}  {_step(step.what)}", style="muted")


def _step(what: str) -> str:
    words = {
        "planned": t("planned"), "sending": t("sending"), "submitting": t("submitting"), "sent": t("accepted"),
        "seen": t("looked at"), "doubt": t("the answer was lost"), "unknown": t("not known"),
        "not-submitted": t("not submitted"), "interrupted": t("interrupted"), "cancelling": t("cancelling"),
        "fetched": t("results fetched"), "handing-over": t("writing the hand-off"),
        "handed-over": t("handed to you"), "brought": t("brought home by you"), "adopted": t("found at the site"),
        "held": t("held"), "compared": t("compared with its quote"), "releasing": t("letting it start"),
        "released": t("let start"), "verify-mismatch": t("not read as it was quoted"), "missed": t("not found there"),
    }  # fmt: skip
    return words.get(what, what)


def submitted(job: JobView) -> Iterator[Renderable]:
    """What was submitted, and what can be done with it."""
    from rich.text import Text

    yield Text.assemble((job.id, "strong"), f" · {job.recipe} · {job.site} · {job.says}")
    yield from _next_steps(job.id, ("watch", "fetch", "receipt"))


def after_end(job_id: str) -> Iterator[Renderable]:
    """What comes next once a followed job has ended."""
    yield from _next_steps(job_id, ("fetch", "receipt"))


def _next_steps(job_id: str, which: tuple[str, ...]) -> Iterator[Renderable]:
    short = job_id[-4:]
    steps = {
        "watch": (t("watch it"), f"dkai compute logs --follow {short}"),
        "fetch": (t("results"), f"dkai compute fetch {short}"),
        "receipt": (t("what it cost"), f"dkai compute receipt {short}"),
    }
    width = max(len(steps[name][0]) for name in which)
    for name in which:
        label, command = steps[name]
        yield f"  {label:<{width}}  {command}"


def fetched(found: Fetched) -> Iterator[Renderable]:
    """Where the results are."""
    if found.files:
        files = nt("{n} file", "{n} files", len(found.files))
        yield t("{folder}: {files}, {size}, checksums ok", folder=found.into, files=files, size=show_bytes(found.size))
    elif found.kept:
        yield t("{folder}: everything was there already, checksums ok", folder=found.into)
    else:
        yield t("The job has written no results; its log is in {folder}", folder=f"{found.into}/.dkai/log")
    if found.table is not None:
        from dkai.cli.render_sweep import table as of_tasks

        yield from of_tasks(found.table)
        yield t("The table is in {file}", file=f"{found.into}/results.csv")
        return
    for name in found.files[:20]:
        yield f"  {one_line(name)}"
    if len(found.files) > 20:
        yield t("  … and {n} more", n=len(found.files) - 20)
