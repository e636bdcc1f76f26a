"""`dkai catalogue`: what dkai knows, where it is from, and how old it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from dkai.cli.complete import entry_ids
from dkai.cli.help import Commands
from dkai.cli.output import FormatOpt, Output, say, show
from dkai.core.errors import UserError
from dkai.core.i18n import t

app = Commands(help=t("What dkai knows, where it is from, and how old it is. Uses no network."))


@app.command(help=t("How many entries, how old, from which layers; what is past its review date."))
def status(output: FormatOpt = Output.TEXT) -> None:
    """Show the catalogue as a whole."""
    from datetime import UTC, datetime

    from dkai.catalogue.open import open_catalogue
    from dkai.catalogue.status import status_of
    from dkai.cli.render_catalogue import state

    show(status_of(open_catalogue(), datetime.now(UTC).date()), "catalogue-status", output, state)


@app.command("show", help=t("Show one entry, field by field: a tool, a place, a GPU, a course, a contact."))
def show_(
    id_: Annotated[
        str, typer.Argument(metavar="ID", help=t("id or name; kind:id where two have it"), autocompletion=entry_ids)
    ],
    origin: Annotated[bool, typer.Option("--origin", help=t("tell which layer said what"))] = False,
    output: FormatOpt = Output.TEXT,
) -> None:
    """Show one entry."""
    from datetime import UTC, datetime

    from dkai.catalogue.open import open_catalogue
    from dkai.catalogue.shown import show_entry
    from dkai.cli.render_catalogue import entry

    shown = show_entry(open_catalogue().get(id_), datetime.now(UTC).date().isoformat())
    show(shown, "catalogue-show", output, lambda one: entry(one, origin=origin))


@app.command(help=t("Check a folder of entries: what is wrong, where, how to mend it. Without DIR: the built-in ones."))
def validate(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help=t("folder with tools/, providers/ …"))] = None,
    output: FormatOpt = Output.TEXT,
) -> None:
    """Show the problems; exit 1 when something must be mended."""
    from datetime import UTC, datetime

    from dkai.catalogue.validate import validate as look
    from dkai.cli.render_catalogue import problems
    from dkai.core.paths import entries_dir, recipes_dir

    today = datetime.now(UTC).date()
    if folder is None:
        found = look(entries_dir(), today, recipes=recipes_dir())
    else:
        _must_be_folder(folder)
        below, name = _layers_below(folder)
        found = look(folder, today, below=below, recipes=recipes_dir(), prefix=name)
    show(found, "catalogue-validate", output, problems)
    if found.errors:
        raise typer.Exit(1)


@app.command(help=t("Add a folder of entries on top of the others: your institution's, or your own."))
def add(
    folder: Annotated[str, typer.Argument(metavar="DIR", help=t("folder with tools/, providers/ …"))],
    name: Annotated[
        str | None, typer.Option("--name", help=t("what to call the layer; else the folder's name"))
    ] = None,
) -> None:
    """Check the folder, then add it."""
    from datetime import UTC, datetime

    from dkai.catalogue.added import OWN, add_layer
    from dkai.catalogue.validate import validate as look
    from dkai.core.paths import recipes_dir

    if re.match(r"^([a-z+]+://|git@)", folder):
        raise UserError(
            t("dkai cannot fetch a layer yet: {address}", address=folder),
            code="layer-not-a-folder",
            hint=t("fetch it yourself (git clone), then add the folder"),
        )
    path = Path(folder)
    _must_be_folder(path)
    layer = name or re.sub(r"[^a-z0-9]+", "-", path.resolve().name.lower()).strip("-")
    if layer in ("dkai", OWN, ""):
        raise UserError(
            t("a layer cannot be called “{name}”", name=layer), code="bad-layer-name", hint=t("name it with --name")
        )
    below, _ = _layers_below(path)
    found = look(path, datetime.now(UTC).date(), below=below, recipes=recipes_dir(), prefix=layer)
    if found.errors:
        raise UserError(
            t("{n} things in {path} must be mended first", n=found.errors, path=path),
            code="bad-layer",
            hint=t("see them with: dkai catalogue validate {path}", path=path),
            details={"problems": [str(problem) for problem in found.items]},
        )
    if not found.counts:
        raise UserError(
            t("there are no entries in {path}", path=path),
            code="empty-layer",
            hint=t("entries are YAML files in tools/, providers/, gpus/, courses/, contacts/ or grid/"),
        )
    add_layer(path, layer)
    say(t("added as “{name}”: {n} entries; see dkai catalogue status", name=layer, n=sum(found.counts.values())))


@app.command(help=t("Forget a layer that was added; its folder stays as it is."))
def remove(name: Annotated[str, typer.Argument(metavar="NAME", help=t("the layer, as status calls it"))]) -> None:
    """Take a layer off the list."""
    from dkai.catalogue.added import remove_layer

    remove_layer(name)
    say(t("“{name}” is no longer part of the catalogue", name=name))


def _must_be_folder(path: Path) -> None:
    if not path.is_dir():
        raise UserError(
            t("{path} is not a folder", path=path),
            code="no-such-folder",
            hint=t("name a folder that holds tools/, providers/, gpus/, courses/, contacts/ or grid/"),
        )


def _layers_below(folder: Path) -> tuple[list[tuple[str, Path]], str | None]:
    """The layers under this folder, and its name where it has been added already."""
    from dkai.catalogue.added import added_layers
    from dkai.core.paths import entries_dir

    below = [("dkai", entries_dir())]
    for name, path in added_layers():
        if path.resolve() == folder.resolve():
            return below, name
        if path.is_dir():
            below.append((name, path))
    return below, None
