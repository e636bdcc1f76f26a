"""Values from the command line are what typer would make of them, only sooner."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import pytest
import typer
from typer.core import TyperCommand

from dkai.cli.help import Commands


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def both_ways(words: list[str]) -> tuple[Any, Any]:
    """What a command gets with dkai's class and with typer's own."""
    results = []
    for ours in (True, False):
        seen: dict[str, Any] = {}
        app = Commands(help="x")

        @app.command(**({} if ours else {"cls": TyperCommand}))
        def run(
            word: Annotated[str, typer.Argument()],
            more: Annotated[list[str] | None, typer.Argument()] = None,
            n: Annotated[int, typer.Option(min=0, max=9)] = 3,
            x: Annotated[float | None, typer.Option()] = None,
            flag: Annotated[bool, typer.Option("--flag/--no-flag")] = True,
            colour: Annotated[Colour, typer.Option()] = Colour.RED,
            colours: Annotated[list[Colour] | None, typer.Option("--also")] = None,
            _seen: Annotated[str, typer.Option(hidden=True)] = "",
        ) -> None:
            seen.update(word=word, more=more, n=n, x=x, flag=flag, colour=colour, colours=colours)  # noqa: B023 - this run's

        command = typer.main.get_command(app)
        try:
            command.main(args=words, prog_name="x", standalone_mode=False)
            results.append({name: (type(value), value) for name, value in seen.items()})
        except Exception as error:
            results.append((type(error), str(error)))
    return results[0], results[1]


@pytest.mark.parametrize(
    "line",
    [
        "a", "a b c", "a --n 5", "a --n 0", "a --n -1", "a --n 007", "a --n +5", "a --n 1_0", "a --n 9", "a --flag",
        "a --n 10", "a --n x", "a --x 1", "a --x 1.5", "a --x one", "a --no-flag",
        "a --colour blue", "a --colour green", "a --also red --also blue", "a --also green", "a --colour RED", "",
        "a --unknown", "æøå", "a --n 3 --x 0",
    ],
)  # fmt: skip
def test_the_same_as_typer(line: str) -> None:
    ours, typers = both_ways(line.split())
    assert ours == typers
