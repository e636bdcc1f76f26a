"""The demo's walk: the very command lines that a person would type, on data that ships with dkai."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dkai.core.files import private_folder, write_private
from dkai.core.i18n import t
from dkai.core.paths import package_file

RECIPE = "tabular-baseline"


@dataclass(frozen=True, slots=True)
class Step:
    """One command line, what it is for, and the exit code with which it is expected to end."""

    title: str
    words: tuple[str, ...]
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Demo:
    """The steps, the folder that they write to, and the page to open at the end."""

    folder: Path
    steps: tuple[Step, ...]
    report: Path


def prepare(folder: Path) -> Demo:
    """The walk, with the demo researcher's answers laid into `folder`. Raises UserError."""
    private_folder(folder)
    answers = folder / "answers.yaml"
    write_private(answers, package_file("app/demo_answers.yaml").read_bytes())
    screening = folder / "screening.yaml"
    results = folder / "results"
    steps = (
        Step(
            t("An ecologist has a table of penguins and has heard of AI. dkai asks; these are her answers."),
            ("advise", "--answers", str(answers), "--no-questions", "--save", str(screening)),
        ),
        Step(
            t("First she asks for too much, to see what happens. Nothing is sent."),
            ("compute", "quote", "--screening", str(screening), "--sample", "--gpus", "8"),
            exit_code=3,
        ),
        Step(
            t("Now with what the recipe needs: a quote, then a real job on this computer, followed to its end."),
            ("compute", "submit", "--screening", str(screening), "--sample", "--yes", "--follow"),
        ),
        Step(t("The results come home, each file checked."), ("compute", "fetch", "last", "--into", str(results))),
        Step(t("What it really cost, beside the estimate."), ("compute", "receipt", "last")),
    )
    return Demo(folder, steps, results / "report.html")


def free_folder(wanted: Path) -> Path:
    """`wanted`, or the first of `wanted-2`, `wanted-3` … that is not there yet: an earlier demo's results stay."""
    if not wanted.exists():
        return wanted
    number = 2
    while (candidate := wanted.with_name(f"{wanted.name}-{number}")).exists():
        number += 1
    return candidate
