"""What only the person at the terminal can give a connection: a one-time code, a key's passphrase."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dkai.compute.link import Links


def ask(prompt: str, secret: bool) -> str | None:
    """What was typed; None when there is nobody to ask."""
    from dkai.cli.prompts import ask_line, interactive

    if not interactive():
        return None
    return ask_line(prompt, option="ssh-agent", secret=secret)


def links() -> Links:
    """Connections to sites for one command, asking at the terminal where they must."""
    from dkai.compute.link import Links

    return Links(ask)
