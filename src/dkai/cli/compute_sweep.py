"""`dkai compute sweep`: one recipe with many combinations of parameters, as one job array with one quote."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from dkai.cli.complete import job_ids
from dkai.cli.help import Commands
from dkai.cli.output import Output
from dkai.core.i18n import t

GridOpt = Annotated[
    list[str] | None,
    typer.Option(
        "--grid", metavar="NAME=VALUES",
        help=t("a parameter's values: 0.1,0.01 or 1:5 or 0:10:2 or 1:64:x2; may be repeated, for every combination"),
    ),
]  # fmt: skip
GridFileOpt = Annotated[
    Path | None,
    typer.Option("--grid-file", metavar="FILE", help=t("a CSV or YAML file with the combinations, one a row")),
]
AtOnceOpt = Annotated[
    int | None,
    typer.Option("--at-once", metavar="N", min=1, max=100000, help=t("at most so many tasks run together")),
]
AgainOpt = Annotated[
    str | None,
    typer.Option(
        "--again", metavar="JOB", help=t("the tasks of a sweep that did not complete, as a new job"),
        autocompletion=job_ids,
    ),
]  # fmt: skip
OWN = {"grid": GridOpt, "grid_file": GridFileOpt, "at_once": AtOnceOpt, "again": AgainOpt}
NOT_HERE = ("resume",)  # options of `submit` that a sweep has no use for: --resume goes on with one of any kind


def add_to(app: Commands, submit: Callable[..., None]) -> None:
    """Put the command into the group: its options are those of `submit`, and its own behind the recipe's."""
    hints = get_type_hints(submit, include_extras=True)
    theirs = [one for one in inspect.signature(submit).parameters.values() if one.name not in NOT_HERE]
    own = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=OWN[name]) for name in OWN]

    def sweep(**given: Any) -> None:
        run(**given)

    parameters = [one.replace(annotation=hints[one.name]) for one in theirs]
    parameters[1:1] = own
    sweep.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    sweep.__annotations__ = {one.name: one.annotation for one in parameters}
    app.command(
        help=t(
            "Run a recipe with many combinations of parameters, as one job array: one quote for all, one table of "
            "results. Uses the network when the site is not this computer."
        ),
        epilog=t("dkai compute sweep tabular-baseline --sample --grid folds=3,5,10 --grid seed=1:4"),
    )(sweep)


def run(
    *, grid: list[str] | None, grid_file: Path | None, at_once: int | None, again: str | None, site: str | None,
    yes: bool, dry_run: bool, verify: bool, follow: bool, output: Output, **words: Any,
) -> None:  # fmt: skip
    """Expand the grid, then as `submit` does."""
    from dkai.cli.submitting import go_through_with, links_for, request_of

    with links_for(site) as ways:
        from dkai.app import sweep as sweeps
        from dkai.core.errors import UsageError

        words["params"], words["modules"] = words.pop("param") or (), words.pop("module") or ()
        words["inputs"] = words["inputs"] or ()
        if again is None:
            request = sweeps.sweep_request(request_of(site=site, **words), grid or (), grid_file, at_once)
        else:
            if grid or grid_file or any(words[name] for name in ("recipe", "params", "inputs", "sample", "screening")):
                raise UsageError(
                    t("--again takes recipe, files and values from the sweep that it repeats"),
                    code="bad-option",
                    hint=t("leave them out; resources and site may be given anew"),
                )
            before = sweeps.again(again, at_once=at_once)
            words["recipe"] = before.recipe
            request = sweeps.changed(before, request_of(site=site or before.site, **words))
        go_through_with(request, ways, output, yes=yes, dry_run=dry_run, verify=verify, follow=follow)
