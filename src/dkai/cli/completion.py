"""`dkai completion`, and what the Tab key completes."""

from __future__ import annotations

from typing import Annotated

import typer

from dkai.cli.help import Commands
from dkai.core.errors import UserError
from dkai.core.i18n import t
from dkai.core.oserrors import reason

app = Commands(help=t("Make the Tab key complete names in your shell."), no_args_is_help=False)

SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
VARIABLE = "_DKAI_COMPLETE"


@app.command(
    "completion",
    help=t("Print the script that makes Tab complete dkai's commands, catalogue ids, sites, recipes and jobs."),
    epilog=t('bash: eval "$(dkai completion bash)" in ~/.bashrc; or let --install write it for you.'),
)
def completion(
    shell: Annotated[str | None, typer.Argument(metavar="[SHELL]", help=", ".join(SHELLS))] = None,
    install: Annotated[bool, typer.Option("--install", help=t("write it into the shell's own start-up file"))] = False,
) -> None:
    """Print or install the completion script."""
    from typer._completion_shared import get_completion_script
    from typer._completion_shared import install as write_it

    chosen = shell or _current_shell()
    if chosen not in SHELLS:
        raise UserError(
            t("dkai has no completion for “{shell}”", shell=chosen or "?"),
            code="unknown-shell",
            hint=t("name one of: {names}", names=", ".join(SHELLS)),
        )
    if install:
        try:
            _, path = write_it(shell=chosen, prog_name="dkai", complete_var=VARIABLE)
        except OSError as error:
            raise UserError(
                t("cannot write the completion: {why}", why=reason(error)),
                code="cannot-write",
                hint=t("print it instead: dkai completion {shell}", shell=chosen),
            ) from error
        typer.echo(t("written to {path}; open a new terminal to use it", path=path))
    else:
        typer.echo(get_completion_script(prog_name="dkai", complete_var=VARIABLE, shell=chosen))


def _current_shell() -> str | None:
    import os
    from pathlib import Path

    return Path(os.environ.get("SHELL", "")).name or None


def prepare() -> None:
    """Make typer answer the shell's questions (it is asked through the environment)."""
    from typer._completion_classes import completion_init

    completion_init()
