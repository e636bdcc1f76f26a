"""Data to stdout, talk to stderr; text for people, JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import cache
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from dkai.core.clean import escaped, no_controls
from dkai.core.i18n import t

if TYPE_CHECKING:
    from rich.console import Console


class Output(StrEnum):
    """How a result is written."""

    TEXT = "text"
    JSON = "json"


class TableOutput(StrEnum):
    """How a result that is naturally a table is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    MD = "md"


FormatOpt = Annotated[Output, typer.Option("--format", help=t("text for people, json for programs"))]
TableFormatOpt = Annotated[
    TableOutput, typer.Option("--format", help=t("text for people, json for programs, csv or md for a table"))
]

# Styles by meaning. What they say is always in the words too.
THEME = {
    "good": "green",
    "bad": "bold red",
    "warn": "yellow",
    "muted": "dim",
    "strong": "bold",
    "link": "underline",
}

Table = tuple[Sequence[str], Iterable[Sequence[object]]]
Renderable = Any  # rich renderables and strings; rich itself is imported late

_quiet = False


def be_quiet() -> None:
    """No progress, hints or warnings from now on: the caller reads JSON."""
    global _quiet  # noqa: PLW0603 - one process writes one kind of output
    _quiet = True


def is_quiet() -> bool:
    """Whether talk is off because a program is reading."""
    return _quiet


@cache
def console(stderr: bool = False) -> Console:
    """The rich console for stdout or stderr, in dkai's theme."""
    import os

    stream = sys.stderr if stderr else sys.stdout
    # A file or pipe has no width of its own; rich's 80 would cut what nobody asked to cut.
    width = None if stream.isatty() or os.environ.get("COLUMNS") else 100
    return make_console(None, stderr=stderr, width=width)


def make_console(stream: IO[str] | None, *, stderr: bool = False, width: int | None = None) -> Console:
    """A console on which no text can steer the terminal, whoever wrote it: only dkai's styles become sequences.

    Without a `stream` it writes to what stdout (or stderr) is at each moment.
    """
    from rich.console import Console
    from rich.segment import Segment
    from rich.theme import Theme

    class Harmless(Console):
        def render(self, renderable: Any, options: Any = None) -> Iterable[Segment]:
            for segment in super().render(renderable, options):
                clean = no_controls(segment.text)
                yield segment if segment.control or clean == segment.text else Segment(clean, segment.style)

    return Harmless(
        file=stream, theme=Theme(THEME), stderr=stderr, highlight=False, markup=False, emoji=False, width=width
    )


def show(
    result: object,
    name: str,
    output: Output | TableOutput,
    render: Callable[[Any], Iterable[Renderable]],
    *,
    version: int = 1,
    table: Callable[[Any], Table] | None = None,
) -> None:
    """Write `result` to stdout: JSON under its schema's name, a table, or what `render` makes of it."""
    if output == "json":
        show_json(result, name, version)
    elif output in ("csv", "md") and table is not None:
        headers, rows = table(result)
        _write_table(headers, rows, markdown=output == "md")
    else:
        for part in render(result):
            if isinstance(part, str):
                # Text is wrapped by whoever reads it; a terminal breaks lines itself only at words we give it.
                console().print(part, soft_wrap=not console().is_terminal)
            else:
                console().print(part)


def show_json(result: object, name: str, version: int = 1) -> None:
    """One JSON object on stdout, under its schema name; a list becomes `items`."""
    import json

    from dkai.core.plain import to_plain

    plain = to_plain(result)
    body = {"items": plain} if isinstance(plain, list) else plain
    text = json.dumps({"schema": f"dkai/{name}/{version}", **body}, ensure_ascii=False, indent=1)
    sys.stdout.write(escaped(text) + "\n")


def say(part: Renderable = "") -> None:
    """Talk to the person on stderr; silent when a program is reading."""
    if not _quiet:
        console(stderr=True).print(part)


def _write_table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, markdown: bool) -> None:
    if markdown:

        def cell(value: object) -> str:
            return no_controls(str(value)).replace("|", "\\|").replace("\n", " ")

        sys.stdout.write("| " + " | ".join(map(cell, headers)) + " |\n|" + " --- |" * len(headers) + "\n")
        for row in rows:
            sys.stdout.write("| " + " | ".join(map(cell, row)) + " |\n")
        return
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(headers)
    for row in rows:
        # A spreadsheet runs a cell that begins like a formula; an apostrophe in front makes it text.
        writer.writerow(
            [
                f"'{c}" if str(c).startswith(("=", "+", "-", "@", "\t")) else c
                for c in (no_controls(str(cell)) for cell in row)
            ]
        )
