"""`dkai compute jobs, status, logs, fetch, cancel, receipt`: what can be done with a job once it was sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dkai.cli.complete import job_ids, site_names
from dkai.cli.help import Commands
from dkai.cli.output import FormatOpt, Output, TableFormatOpt, TableOutput, is_quiet, say, show
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.compute.link import Links

JobArg = Annotated[
    str,
    typer.Argument(metavar="JOB", help=t("a job's id, the end of it, or last (the default)"), autocompletion=job_ids),
]
FromOpt = Annotated[
    Path | None,
    typer.Option("--from", metavar="PATH", help=t("what you downloaded: results-….tar.gz, or the job's folder")),
]
OverwriteOpt = Annotated[bool, typer.Option("--overwrite", help=t("replace files that differ"))]


def add_to(app: Commands) -> None:
    """Put the commands into the group."""
    app.command(help=t("List the jobs you submitted. Uses the network with --refresh only."))(jobs)
    app.command(help=t("Where a job stands, and why it failed. Asks the job's site unless it ended well."))(status)
    app.command(help=t("Show a job's log. Reads it at the job's site."))(logs)
    app.command(help=t("Bring a job's results home, with checksums. Reads them at the job's site."))(fetch)
    app.command(help=t("End a job. Asks the job's site."))(cancel)
    app.command(help=t("What a job cost, beside what was estimated. Asks the job's site."))(receipt)


def jobs(
    refresh: Annotated[
        bool, typer.Option("--refresh", help=t("ask the sites first, also for jobs this list lacks"))
    ] = False,
    site: Annotated[
        str | None,
        typer.Option("--site", metavar="NAME", help=t("only this site's"), autocompletion=site_names),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=10000, help=t("how many"))] = 20,
    output: TableFormatOpt = TableOutput.TEXT,
) -> None:
    """List jobs."""
    from dkai.app.jobs import list_jobs
    from dkai.cli import render_jobs
    from dkai.cli.asking import ask
    from dkai.cli.progress import Progress

    with Progress() as progress:
        found = list_jobs(limit, site=site, ask_sites=refresh, tell=progress.tell, ask=ask)
    show(found, "compute-jobs", output, render_jobs.table, table=render_jobs.rows)
    if found.problems:
        for problem in found.problems:
            say(t("could not ask {problem}", problem=problem))
        raise typer.Exit(4)


def status(job: JobArg = "last", output: FormatOpt = Output.TEXT) -> None:
    """Show one job."""
    from dkai.app.jobs import look
    from dkai.cli import render_jobs
    from dkai.cli.asking import ask
    from dkai.cli.progress import Progress

    with Progress() as progress:
        found = look(job, tell=progress.tell, ask=ask)
    show(found, "compute-job", output, render_jobs.one)


def logs(
    job: JobArg = "last",
    follow: Annotated[bool, typer.Option("--follow", "-f", help=t("stay until the job ends"))] = False,
    lines: Annotated[
        int, typer.Option("--lines", "-n", metavar="N", min=0, help=t("only the last N lines; 0: all"))
    ] = 0,
) -> None:
    """Show the log; with --follow, as it grows. Exit 5 when the followed job failed."""
    import sys

    from dkai.app.jobs import log_text
    from dkai.cli.asking import ask, links

    if follow:
        with links() as ways:
            watch(job, ways)
        return
    last = "\n"
    for piece in log_text(job, lines, ask):
        sys.stdout.write(piece)
        last = piece[-1:] or last
    sys.stdout.write("" if last == "\n" else "\n")


def fetch(
    job: JobArg = "last",
    into: Annotated[
        Path | None, typer.Option("--into", metavar="DIR", help=t("where to; default: a new folder here"))
    ] = None,
    overwrite: OverwriteOpt = False,
    brought: FromOpt = None,
    output: FormatOpt = Output.TEXT,
) -> None:
    """Fetch results."""
    from dkai.app.handoff import fetch_from
    from dkai.app.jobs import fetch as bring
    from dkai.cli import render_jobs
    from dkai.cli.asking import ask
    from dkai.cli.progress import Progress

    with Progress() as progress:
        if brought is not None:
            word = None if job == "last" else job
            found = fetch_from(brought, word, into, progress.tell, overwrite=overwrite)
        else:
            found = bring(job, into, progress.tell, ask, overwrite=overwrite)
    show(found, "compute-fetch", output, render_jobs.fetched)


def cancel(job: JobArg = "last", output: FormatOpt = Output.TEXT) -> None:
    """Cancel a job."""
    from dkai.app.jobs import cancel as end
    from dkai.cli import render_jobs
    from dkai.cli.asking import ask
    from dkai.cli.progress import Progress

    with Progress() as progress:
        found = end(job, progress.tell, ask)
    show(found, "compute-job", output, render_jobs.one)


def receipt(
    job: JobArg = "last",
    methods: Annotated[
        bool, typer.Option("--methods", help=t("only what your paper needs: methods and AI declaration"))
    ] = False,
    output: FormatOpt = Output.TEXT,
) -> None:
    """Show the receipt."""
    from dkai.app.receipts import receipt as make
    from dkai.cli import render_receipt
    from dkai.cli.asking import ask
    from dkai.cli.progress import Progress

    with Progress() as progress:
        found = make(job, progress.tell, ask)
    show(found, "compute-receipt", output, render_receipt.methods if methods else render_receipt.receipt)


def after_submit(job_id: str, output: Output, links: Links, *, follow: bool) -> None:
    """Say what was submitted and what comes next; with `follow`, stay until it ends."""
    from dkai.app.jobs import look
    from dkai.cli import render_jobs

    if follow and not is_quiet():
        say(t("Following {job}; Ctrl-C leaves it running.", job=job_id))
        watch(job_id, links)
        for part in render_jobs.after_end(job_id):
            say(part)
        return
    if follow:
        watch(job_id, links)
    show(look(job_id, ask_site=False), "compute-job", output, render_jobs.submitted)


def watch(word: str, links: Links | None = None) -> None:
    """Follow a job to its end: log to stdout, news to stderr. Raises Interrupted on Ctrl-C, JobFailed."""
    import sys

    from dkai.app import submit_walk as walk
    from dkai.app.jobs import why_failed
    from dkai.cli.progress import Progress
    from dkai.compute.job import Outcome
    from dkai.compute.news import News
    from dkai.core.errors import Interrupted

    with Progress() as progress:

        def tell(news: News) -> None:
            if news.what == "log" and not is_quiet():
                progress.clear()
                sys.stdout.write(news.text)
                sys.stdout.flush()
            elif news.what == "state":
                progress.clear()
                say(f"· {news.says}")
            else:
                progress.tell(news)

        try:
            job = walk.follow(word, tell, links, log=not is_quiet())
        except KeyboardInterrupt:
            raise Interrupted(
                t("stopped watching; the job goes on"),
                code="interrupted",
                hint=t(
                    "watch it again with: dkai compute logs --follow {job}; end it with: dkai compute cancel {job}",
                    job=word,
                ),
            ) from None
    if job.outcome is not Outcome.COMPLETED:
        raise why_failed(walk.failed(job), job.job_id, links)
