"""How a walk asks: a title, a paragraph, a line with letters. An answer is a site's fields, or one of the letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dkai.app import new_site
from dkai.cli.output import say
from dkai.cli.prompts import ask_line
from dkai.core.i18n import t

BACK, EXPLAIN, QUIT, AGAIN = "b", "?", "q", "again"
Answer = dict[str, Any] | str


def letters(*, explain: bool = True) -> dict[str, str]:
    """The letters that every question takes, and what each does."""
    return {BACK: t("back"), **({EXPLAIN: t("explain")} if explain else {}), QUIT: t("stop and keep")}


def paragraph(text: str, style: str = "", indent: int = 2) -> None:
    """A paragraph within the terminal's width."""
    from rich.padding import Padding
    from rich.text import Text

    say(Padding(Text(text, style=style), (0, 2, 0, indent)))


def numbered(steps: Sequence[str]) -> None:
    """Steps, each beside its number."""
    from rich.padding import Padding
    from rich.table import Table

    grid = Table.grid(padding=(0, 1))
    for number, step in enumerate(steps, 1):
        grid.add_row(f"{number}.", step)
    if steps:
        say(Padding(grid, (0, 2, 0, 4)))


def title(text: str) -> None:
    """A question, on a line of its own."""
    say()
    paragraph(text, "strong")


def line(question: str, option: str, explain: str | None) -> str:
    """What was typed, or a letter; `?` explains and asks again."""
    known = letters(explain=explain is not None)
    keys = ", ".join(f"{key} = {does}" for key, does in known.items())
    while True:
        word = ask_line(f"  {question} [{keys}]", option=option).strip()
        if word != EXPLAIN or explain is None:
            return word
        paragraph(explain)


def typed(question: str, field: str, option: str, explain: str | None, *, needed: bool) -> Answer:
    """One typed field, checked; empty sets nothing, where that may be."""
    while True:
        word = line(question, option, explain)
        if word in (BACK, QUIT):
            return word
        if not word and not needed:
            return {}
        why = new_site.problem(field, word) if word else t("please type it, or one of the letters")
        if why is None:
            return {field: word}
        paragraph(why, "warn")
