"""The root command: its groups in the order of a first visit, each imported only when it is called."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import typer

from dkai.cli.help import Commands, Group
from dkai.core.i18n import t

# name, module below dkai.cli, and its line in the root help. A literal table: help needs no import to be complete.
GROUPS: tuple[tuple[str, str, Callable[[], str]], ...] = (
    ("demo", "demo", lambda: t("watch the whole walk on real data, on this computer")),
    ("advise", "advise", lambda: t("a few questions, then: tools, a place to compute, rules, the next step")),
    ("radar", "radar", lambda: t("find and compare AI tools for research")),
    ("compute", "compute", lambda: t("run a job; cost and quota are shown before anything is sent")),
    ("catalogue", "catalogue", lambda: t("what dkai knows, where it is from, and how old it is")),
    ("doctor", "doctor", lambda: t("check this installation and say what to mend")),
    ("schema", "schema", lambda: t("the JSON Schema of an output or a file")),
    ("completion", "completion", lambda: t("make the Tab key complete names in your shell")),
)


class Root(Group):
    """Knows every group's name and line; imports the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in GROUPS' order."""
        del ctx
        return [name for name, _, _ in GROUPS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A light stand-in with the help line; `resolve_command` fetches the real one."""
        for name, _, line in GROUPS:
            if name == cmd_name:
                return typer.core.TyperCommand(name, help=line(), callback=lambda: None)
        del ctx
        return None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The real command for the name that was typed."""
        for name, module, _ in GROUPS:
            if args and args[0] == name:
                return name, load(module, name), args[1:]
        # For typer's own "did you mean".
        self.commands = {name: self.get_command(ctx, name) for name, _, _ in GROUPS}
        return super().resolve_command(ctx, args)


def load(module: str, name: str) -> Any:
    """The command object of one group."""
    app = import_module(f"dkai.cli.{module}").app
    command = typer.main.get_command(app)
    command.name = name
    return command


def _version(value: bool) -> None:
    if value:
        from dkai import __version__

        typer.echo(f"dkai {__version__}")
        raise typer.Exit


app = Commands(
    cls=Root,
    help=t("AI compute, tools, data and skills for research in Denmark."),
    invoke_without_command=True,
    epilog=t("dkai COMMAND --help tells more. Nothing leaves this computer unless a command's help says so."),
)


@app.callback()
def root(
    ctx: typer.Context,
    lang: Annotated[str | None, typer.Option("--lang", metavar="da|en", help=t("language; works anywhere"))] = None,
    version: Annotated[
        bool, typer.Option("--version", help=t("show the version"), callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Greet when no command is given."""
    del lang, version  # the entry point has taken --lang from the line already
    if ctx.invoked_subcommand is None:
        from dkai.cli.greeting import greet

        greet()
