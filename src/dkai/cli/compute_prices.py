"""`dkai compute prices`: what clouds charge by the hour, how old that is, and fetching it anew."""

from __future__ import annotations

from typing import Annotated

import typer

from dkai.cli.help import Commands
from dkai.cli.output import TableFormatOpt, TableOutput, show
from dkai.core.i18n import t

app = Commands(help=t("Prices of clouds by the hour: what there is, how old it is, and newer ones."),
               invoke_without_command=True)  # fmt: skip


def add_to(parent: Commands) -> None:
    """Put the group into `dkai compute`."""
    parent.add_typer(app, name="prices")


@app.callback()
def prices(ctx: typer.Context, output: TableFormatOpt = TableOutput.TEXT) -> None:
    """Show what was fetched."""
    if ctx.invoked_subcommand is not None:
        return
    from datetime import date

    from dkai.app.prices import list_prices
    from dkai.cli import render_prices

    show(list_prices(date.today()), "compute-prices", output, render_prices.table, table=render_prices.rows)


@app.command(
    help=t(
        "Fetch prices by the hour from the public SkyPilot catalogue. Uses the network: raw.githubusercontent.com, "
        "one file a cloud, and only files that changed."
    ),
    epilog=t("dkai compute prices update aws nebius    only these"),
)
def update(
    clouds: Annotated[list[str] | None, typer.Argument(metavar="CLOUD", help=t("only these; default: all"))] = None,
    base: Annotated[
        str | None,
        typer.Option("--from", metavar="URL", envvar="DKAI_PRICES_URL", help=t("another address with the same files")),
    ] = None,
    output: TableFormatOpt = TableOutput.TEXT,
) -> None:
    """Fetch, then show; exit 4 when a file could not be had."""
    from datetime import date

    from dkai.app.prices import update_prices
    from dkai.cli import render_prices
    from dkai.cli.progress import Progress

    with Progress() as progress:
        found = update_prices(date.today(), clouds=clouds or (), base=base, tell=progress.tell)
    show(found, "compute-prices", output, render_prices.table, table=render_prices.rows)
    if any(one.news == "failed" for one in found.items):
        raise typer.Exit(4)
