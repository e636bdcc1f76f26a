"""`dkai schema`: the JSON Schema of every output, generated from the very types that are written."""

from __future__ import annotations

from typing import Annotated

import typer

from dkai.cli.help import Commands
from dkai.core.errors import UserError
from dkai.core.i18n import t

app = Commands(help=t("The JSON Schema of an output or a file."), no_args_is_help=False)


@app.command("schema", help=t("Print the JSON Schema of an output or of a file; without a name, list the names."))
def schema(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help=t("for example radar-search or tool"))] = None,
) -> None:
    """Print one schema, or the list of names."""
    import json

    from dkai.app.schemas import SCHEMAS, make_schema

    if name is None:
        for known in sorted(SCHEMAS):
            typer.echo(known)
        return
    word = name.removeprefix("dkai/").partition("/")[0]
    if word not in SCHEMAS:
        from difflib import get_close_matches

        near = get_close_matches(word, SCHEMAS, n=3)
        raise UserError(
            t("there is no schema “{name}”", name=name),
            code="unknown-schema",
            hint=t("did you mean {names}?", names=" / ".join(near)) if near else t("list them with: dkai schema"),
        )
    typer.echo(json.dumps(make_schema(word), ensure_ascii=False, indent=1))
