"""`dkai compute recipes`: what there is to run, and a recipe of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dkai.cli.complete import recipe_ids
from dkai.cli.help import Commands, Group
from dkai.cli.output import FormatOpt, Output, show
from dkai.core.i18n import t


class _ByName(Group):
    """A word that is no command is a recipe's name: `recipes gpu-check` shows it."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command of this name, else `show` with it."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            args = ["show", *args]
        return super().resolve_command(ctx, args)


recipes_app = Commands(help=t("The recipes: what there is to run."), cls=_ByName, invoke_without_command=True)

NameArg = Annotated[
    str,
    typer.Argument(metavar="RECIPE", help=t("a recipe's name, or the folder of your own"), autocompletion=recipe_ids),
]


def add_to(app: Commands) -> None:
    """Put the commands into the group."""
    app.add_typer(recipes_app, name="recipes")


@recipes_app.callback()
def recipes(ctx: typer.Context, output: FormatOpt = Output.TEXT) -> None:
    """List them when no command is given."""
    if ctx.invoked_subcommand is None:
        from dkai.app.recipes import all_recipes
        from dkai.cli import render_recipes

        show(all_recipes(), "compute-recipes", output, render_recipes.table)


@recipes_app.command("show", help=t("Show a recipe with its parameters. Its name alone does the same."))
def show_one(recipe: NameArg, output: FormatOpt = Output.TEXT) -> None:
    """Show one."""
    from dkai.app.recipes import one_recipe
    from dkai.cli import render_recipes

    show(one_recipe(recipe), "compute-recipe", output, render_recipes.one)


LanguageOpt = Annotated[
    str | None, typer.Option("--language", metavar="python|r", help=t("what the script is written in"))
]
TakesOpt = Annotated[
    str, typer.Option("--takes", metavar="table|text|files|none", help=t("what a person brings along"))
]
ScriptOpt = Annotated[
    Path | None, typer.Option("--script", metavar="FILE", help=t("a script you have; it is copied into the recipe"))
]
DescribedOpt = Annotated[
    list[str] | None,
    typer.Option("--param", "-p", metavar="NAME:TYPE=DEFAULT", help=t("a parameter it takes; may be repeated")),
]
GpusOpt = Annotated[int, typer.Option("--gpus", metavar="N", min=0, max=1000, help=t("how many GPUs it asks for"))]
InOpt = Annotated[
    Path | None, typer.Option("--in", metavar="FOLDER", help=t("where; default: a folder of its name, here"))
]


@recipes_app.command(
    help=t("Make a recipe of your own: a folder with a description, a script and a sample, that runs as it is."),
    epilog=t("dkai compute recipes new my-analysis --script analysis.py --param folds:integer=5"),
)
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help=t("small letters, digits and hyphens"))],
    *, script: ScriptOpt = None, language: LanguageOpt = None, takes: TakesOpt = "table", param: DescribedOpt = None,
    gpus: GpusOpt = 0, folder: InOpt = None, output: FormatOpt = Output.TEXT,
) -> None:  # fmt: skip
    """Draft it, write it, say what to do next."""
    from dkai.app.recipe_new import make, read_script
    from dkai.cli import render_recipes
    from dkai.cli.usage import one_of
    from dkai.compute.recipes.draft import Wanted, check_id, parse_params

    guessed = "r" if script is not None and script.suffix.lower() == ".r" else "python"
    wanted = Wanted(
        id=check_id(name),
        language=one_of("--language", language or guessed, ("python", "r")),
        takes=one_of("--takes", takes, ("table", "text", "files", "none")),
        gpus=gpus,
        params=parse_params(param or []),
        script=None if script is None else read_script(script),
    )
    show(make(wanted, folder or Path(name)), "compute-recipe-new", output, render_recipes.made)
