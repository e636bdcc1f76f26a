"""Paragraphs of advice: wrapped here, so that no line is filled with blanks and no address is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dkai.cli.output import Renderable
from dkai.core.clean import no_controls, one_line
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.advise.screening import Why


def severity_words() -> dict[str, str]:
    """What each severity says, shortly."""
    return {
        "stop": t("settle first"),
        "approval": t("approval"),
        "document": t("document it"),
        "inform": t("inform people"),
        "advise": t("advice"),
    }


def reason(why: Why) -> str:
    """A reason with its detail."""
    detail = f" ({one_line(str(why.detail), 240)})" if why.detail is not None else ""
    return f"{why.name}{detail}"


def short(text: str) -> str:
    """An answer without its explanation in brackets, for the line that repeats them all."""
    flat = one_line(text, 90)
    return flat.partition(" (")[0] if flat.endswith(")") else flat


def heading(text: str) -> Renderable:
    """A title above paragraphs."""
    from rich.text import Text

    return Text(text, style="strong")


def paragraph(text: str, indent: int, *, hang: int = 0, style: str = "", head: int = 0, lead: str = "") -> Renderable:
    """`text` wrapped to the terminal, later lines indented by `hang` more, or by the room that `lead` takes.

    With `head` only that many characters from the beginning have the style. Wrapped here and not by rich, which fills
    every line with blanks.
    """
    import textwrap

    from rich.text import Text

    from dkai.cli.output import console

    lines = textwrap.wrap(
        " ".join(no_controls(text).split()),
        max(40, console().width),
        initial_indent=" " * indent + lead,
        subsequent_indent=" " * (indent + (len(lead) or hang)),
        break_long_words=False,
        break_on_hyphens=False,
    )
    body = Text("\n".join(lines), style="" if head else style)
    if head:
        body.stylize(style, indent, indent + head)
    return body


def whole(text: str, indent: int) -> Renderable:
    """A command or an address: never broken where it may be copied from, and a link where a terminal knows links."""
    from rich.style import Style
    from rich.text import Text

    from dkai.cli.output import console

    line = " " * indent + one_line(text, 2000)
    if not console().is_terminal:
        return line
    return Text(line, style=Style(link=text) if text.startswith("https://") else "strong")
