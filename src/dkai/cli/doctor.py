"""`dkai doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.cli.help import Commands
from dkai.cli.output import FormatOpt, Output, Renderable, show
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.app.doctor import Report

app = Commands(help=t("Check this installation."), no_args_is_help=False)


@app.command(
    "doctor",
    help=t("Check the installation, the folders, SSH, the catalogue and your sites. Uses no network."),
)
def doctor(output: FormatOpt = Output.TEXT) -> None:
    """Show the report; exit 1 when dkai itself is broken."""
    from datetime import UTC, datetime

    import typer

    from dkai.app.doctor import examine

    report = examine(datetime.now(UTC).date())
    show(report, "doctor", output, render)
    if not report.healthy:
        raise typer.Exit(1)


def render(report: Report) -> Iterator[Renderable]:
    """One line a check; hints below the line they belong to."""
    from rich.table import Table
    from rich.text import Text

    from dkai.app.doctor import Verdict

    words = {
        Verdict.OK: (t("ok"), "good"),
        Verdict.NOTE: (t("note"), "muted"),
        Verdict.WARN: (t("mend"), "warn"),
        Verdict.BAD: (t("broken"), "bad"),
    }
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column()
    for check in report.items:
        word, style = words[check.verdict]
        body = Text(check.says)
        if check.hint:
            body.append(f"\n→ {check.hint}", style="muted")
        grid.add_row(Text(word, style=style), check.name, body)
    yield grid
    bad = sum(check.verdict in (Verdict.WARN, Verdict.BAD) for check in report.items)
    yield ""
    yield t("All is well.") if not bad else t("{n} to mend.", n=bad)
