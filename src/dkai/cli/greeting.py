"""What `dkai` alone says: who it is, and five things to do next."""

from __future__ import annotations

from dkai.core.i18n import language, t


def greet() -> None:
    """Write the greeting to stdout; it needs no network and no settings."""
    import typer

    other = "English: --lang en" if language() == "da" else "dansk: --lang da"
    title = t("dkai · AI compute, tools, data and skills for research in Denmark")
    steps = (
        ("dkai demo", t("watch the whole walk on real data, here, in a minute")),
        ("dkai advise", t("a few questions; then tools, a place, a next step")),
        ("dkai radar search …", t("find a tool: “transcribe interviews”")),
        ("dkai compute submit …", t("run a first job; its cost and your quota come first")),
        ("dkai doctor", t("check this installation and what is still missing")),
    )
    typer.echo(f"{title}\n{other:>{max(len(other), 0)}}\n")
    for command, text in steps:
        typer.echo(f"  {command:<23}{text}")
    typer.echo(f"\n  {_catalogue_line()}")


def _catalogue_line() -> str:
    from dkai.catalogue.open import open_catalogue
    from dkai.core.errors import DkaiError

    try:
        catalogue = open_catalogue()
        counts = catalogue.counts()
    except DkaiError as error:
        return t("The catalogue cannot be read: {why}", why=error.message)
    return t(
        "Catalogue of {date} · {tools} tools, {places} places, {courses} courses",
        date=catalogue.date,
        tools=counts.get("tool", 0),
        places=counts.get("provider", 0),
        courses=counts.get("course", 0),
    )
