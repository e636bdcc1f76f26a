"""`dkai demo`: the whole walk, once, with the real commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dkai.cli.help import Commands
from dkai.core.errors import DkaiError
from dkai.core.i18n import t

app = Commands(help=t("Watch the whole walk on real data."), no_args_is_help=False)


@app.command(
    "demo",
    help=t(
        "Walk from a screening to a job that ran and its receipt, on this computer, with sample data. "
        "Uses the network only to install the recipe's packages, once, when they are missing."
    ),
)
def demo(
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help=t("where the results go"))] = Path("dkai-demo"),
) -> None:
    """Run each step as the person would, and say what it is."""
    import shlex

    from dkai.app.demo import free_folder, prepare
    from dkai.cli.entry import run
    from dkai.cli.output import console

    walk = prepare(free_folder(into))
    for number, step in enumerate(walk.steps, 1):
        console().print(f"\n{number} · {step.title}", style="strong")
        console().print(f"$ dkai {shlex.join(step.words)}\n", style="muted", soft_wrap=True)
        console().file.flush()
        code = run(list(step.words))
        if code == 130:
            raise typer.Exit(code)
        if code != step.exit_code:
            raise DkaiError(
                t("the demo stopped at step {number} (exit {code})", number=number, code=code),
                code="demo-stopped",
                hint=t("what went wrong stands above; check the installation with: dkai doctor"),
            )
    console().print("\n" + t("That was the whole walk. Open the report in a browser:"), style="strong")
    console().print(f"  {walk.report}", soft_wrap=True)
    console().print(t("Now with your own question: dkai advise. With your own table:"))
    console().print("  dkai compute submit tabular-baseline --input FILE.csv --param target=COLUMN", soft_wrap=True)
