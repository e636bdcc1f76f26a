"""Write what is generated: docs/commands.md from the help pages. `--check` only says whether it is stale."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "commands.md"
HEAD = """# Commands

Generated from the help pages by `python scripts/generate.py`; `dkai --lang da COMMAND --help` shows them in Danish.
"""


def pages() -> Iterator[tuple[str, str]]:
    """Every command's path and help page, groups before what is in them."""
    os.environ["NO_COLOR"] = "1"
    import typer

    from dkai.cli.app import GROUPS, app, load

    def walk(command: Any, path: str, parent: Any) -> Iterator[tuple[str, str]]:
        context = command.make_context(path.rsplit(maxsplit=1)[-1], [], parent=parent, resilient_parsing=True)
        context.terminal_width = 88
        yield path, command.get_help(context)
        for name, below in getattr(command, "commands", {}).items():
            if not below.hidden:
                yield from walk(below, f"{path} {name}", context)

    root = typer.main.get_command(app)
    context = root.make_context("dkai", [], resilient_parsing=True)
    context.terminal_width = 88
    yield "dkai", root.get_help(context)
    for name, module, _ in GROUPS:
        yield from walk(load(module, name), f"dkai {name}", context)


def text() -> str:
    """The whole page."""
    parts = [HEAD]
    for path, page in pages():
        parts.append(f"\n{'#' * min(1 + len(path.split()), 4)} {path}\n\n```text\n{page.rstrip()}\n```\n")
    return "".join(parts)


def main() -> None:
    fresh = text()
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != fresh:
            sys.exit("docs/commands.md is stale: python scripts/generate.py")
        return
    PAGE.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main()
