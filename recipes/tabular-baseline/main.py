"""An honest first answer from a table: can one column be predicted from the others, better than by guessing?

Reads ./params.json and the one table in ./input/, writes ./output/, says what it does on standard output and
contacts nobody. Ends with a plain sentence and status 1 when it cannot go on.
"""

import platform
import time
from pathlib import Path
from typing import Any

import task
from table import read_table
from texts import TEXTS, TableWords
from words import CannotGoOn

VERSION = "1.0"
ENDINGS = (".csv", ".tsv", ".txt")
DEFAULTS: dict[str, Any] = {
    "target": None,
    "task": "auto",
    "group": None,
    "leave_out": None,
    "missing": None,
    "decimal": "auto",
    "folds": 5,
    "repeats": 3,
    "seed": 1,
}
RANGES = {"folds": (2, 20), "repeats": (1, 20), "seed": (0, 999_999)}
CHOICES = {"task": ("auto", "classification", "regression"), "decimal": ("auto", "comma", "point")}


def find_input(words: TableWords) -> Path:
    """The one table in ./input/."""
    folder = Path("input")
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")) if folder.is_dir() else []
    if not files:
        raise CannotGoOn(words("stop-no-input"))
    tables = [p for p in files if p.suffix.lower() in ENDINGS] or files
    if len(tables) > 1:
        raise CannotGoOn(words("stop-many-inputs", n=len(tables)))
    return tables[0]


def run(words: TableWords) -> None:
    """Read, ask, validate, look for traps, write, and say the verdict."""
    params = task.read_params(DEFAULTS, words, CHOICES, RANGES)
    path = find_input(words)
    task.say(words("doing-read", file=path.name))
    more = str(params["missing"] or "").replace(";", ",").split(",")
    try:
        table = read_table(path, words, frozenset(part.strip() for part in more if part.strip()))
    except OSError as error:
        raise CannotGoOn(words("stop-unreadable", file=path.name, why=error.strerror or error)) from error
    key = f"delimiter-{table.delimiter}" if table.delimiter in ";,\t|" else "delimiter-other"
    task.say(
        words(
            "did-read",
            rows=words.whole(len(table.lines)),
            columns=len(table.names),
            encoding=table.encoding,
            delimiter=words(key),
        )
    )
    try:
        import numpy as np
        import sklearn
    except ImportError as error:
        raise CannotGoOn(words("stop-packages", name=error.name)) from error
    # Late, so that what is wrong with the input is said before seconds go into loading a library.
    import page
    import picture
    import results
    import signals
    import validation
    import verdict
    from question import ask

    question = ask(table, params, words)
    task.say(words("doing-task", target=words.quote(question.target), task=words(question.task), why=question.why_task))
    folds = validation.fold_count(question, params["folds"], words)
    outcome = validation.validate(question, folds, params["repeats"], params["seed"], words, task.say)
    task.say(words("doing-signals"))
    given = signals.giveaways(question, params["seed"])
    warned = signals.warnings_for(table, question, outcome, given, words)
    leaned = []
    if verdict.conclude(question, outcome, given, words)[0] != "no":  # what a useless model leans on is no news
        task.say(words("doing-importance"))
        leaned = signals.importances(question, outcome, verdict.chosen(outcome), params["seed"])
    origin = page.Provenance(
        file=path.name,
        made=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        version=VERSION,
        python=platform.python_version(),
        sklearn=sklearn.__version__,
        numpy=np.__version__,
        seed=params["seed"],
    )
    found = results.summary(table, question, outcome, warned, given, leaned, params, origin, words)
    task.write_json("results.json", found, words)
    task.write("predictions.csv", results.predictions(table, question, outcome), words, bom=table.delimiter == ";")
    alone = picture.scores(question, outcome, words, picture.WIDE)
    title, under = words("title", target=words.quote(question.target)), words("figure-scores")
    task.write("figure.svg", alone.standalone(title, f"{under}: {words(outcome.main)}"), words)
    task.write("report.html", page.page(table, question, outcome, warned, given, leaned, origin, words), words)
    task.warn(warned)
    task.say("")
    task.say(found["verdict"]["text"])
    task.say(words("done"))


if __name__ == "__main__":
    task.run(run, TEXTS, TableWords)
