"""`dkai compute allocations`: what of the allocations stays unused, and when it lapses."""

from __future__ import annotations

from typing import Annotated

import typer

from dkai.cli.complete import site_names
from dkai.cli.help import Commands
from dkai.cli.output import TableFormatOpt, TableOutput, say, show
from dkai.core.i18n import t


def add_to(app: Commands) -> None:
    """Put the command into the group."""
    app.command(
        help=t("What is used and left of your allocations, and what lapses when. Asks each site once."),
        epilog=t("dkai compute allocations --site lumi --all-users    who has used how much"),
    )(allocations)


def allocations(
    site: Annotated[
        str | None, typer.Option("--site", metavar="NAME", help=t("only this site's"), autocompletion=site_names)
    ] = None,
    all_users: Annotated[
        bool, typer.Option("--all-users", help=t("also what each person of the account used, where the site tells"))
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help=t("ask nobody; show what was told last time"))] = False,
    output: TableFormatOpt = TableOutput.TEXT,
) -> None:
    """Show allocations."""
    from dkai.app.allocations import list_allocations
    from dkai.cli import render_allocations
    from dkai.cli.asking import ask
    from dkai.cli.progress import Progress

    with Progress() as progress:
        found = list_allocations(site, everybody=all_users, offline=offline, tell=progress.tell, ask=ask)
    show(found, "compute-allocations", output, render_allocations.table, table=render_allocations.rows)
    if found.problems:
        for problem in found.problems:
            say(t("could not ask {problem}", problem=problem))
        raise typer.Exit(4)
