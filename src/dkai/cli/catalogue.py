"""`dkai catalogue`: what dkai knows, where it is from, and how old it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dkai.cli.help import Commands
from dkai.cli.output import FormatOpt, Output, show
from dkai.core.i18n import t

app = Commands(help=t("What dkai knows, where it is from, and how old it is."))


@app.callback()
def catalogue() -> None:
    """A group, however many commands it has."""


@app.command(
    help=t("Check a folder of entries: what is wrong, where, and how to mend it. Without DIR: the built-in ones.")
)
def validate(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help=t("folder with tools/, providers/ …"))] = None,
    output: FormatOpt = Output.TEXT,
) -> None:
    """Show the problems; exit 1 when something must be mended."""
    from datetime import UTC, datetime

    from dkai.catalogue.validate import validate as look
    from dkai.cli.render_catalogue import problems
    from dkai.core.errors import UserError
    from dkai.core.paths import entries_dir, recipes_dir

    root = folder or entries_dir()
    if not root.is_dir():
        raise UserError(
            t("{path} is not a folder", path=root),
            code="no-such-folder",
            hint=t("name a folder that holds tools/, providers/, gpus/, courses/ or contacts/"),
        )
    below = [] if folder is None else [("dkai", entries_dir())]
    found = look(root, datetime.now(UTC).date(), below=below, recipes=recipes_dir())
    show(found, "catalogue-validate", output, problems)
    if found.errors:
        raise typer.Exit(1)
