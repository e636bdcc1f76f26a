"""An honest first answer from a table: can one column be predicted from the others, better than by guessing?

Reads ./params.json and the one table in ./input/, writes ./output/, says what it does on standard output and
contacts nobody. Ends with a plain sentence and status 1 when it cannot go on.
"""

import json
import platform
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from table import read_table
from texts import TableWords as Words
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


def read_params(words: Words) -> dict[str, Any]:
    """The parameters, defaults filled in, each checked; without a params.json (a run by hand) all are defaults."""
    params = dict(DEFAULTS)
    file = Path("params.json")
    if file.exists():
        try:
            given = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CannotGoOn(words("stop-params", why=error)) from error
        if not isinstance(given, dict):
            raise CannotGoOn(words("stop-params", why="{}"))
        params.update({name: value for name, value in given.items() if name in DEFAULTS and value is not None})
    for name, value in params.items():
        rule = ""
        if name in RANGES:
            low, high = RANGES[name]
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                rule = words("rule-whole", low=low, high=high)
        elif name in CHOICES:
            if value not in CHOICES[name]:
                rule = words("rule-choice", choices=words.listed(CHOICES[name]))
        elif value is not None and not isinstance(value, str):
            rule = words("rule-text")
        if rule:
            raise CannotGoOn(words("stop-param", name=name, value=value, rule=rule))
    return params


def find_input(words: Words) -> Path:
    """The one table in ./input/."""
    folder = Path("input")
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")) if folder.is_dir() else []
    if not files:
        raise CannotGoOn(words("stop-no-input"))
    tables = [p for p in files if p.suffix.lower() in ENDINGS] or files
    if len(tables) > 1:
        raise CannotGoOn(words("stop-many-inputs", n=len(tables)))
    return tables[0]


def run(words: Words) -> None:
    """Read, ask, validate, look for traps, write, and say the verdict."""
    params = read_params(words)
    path = find_input(words)
    print(words("doing-read", file=path.name))
    more = str(params["missing"] or "").replace(";", ",").split(",")
    try:
        table = read_table(path, words, frozenset(part.strip() for part in more if part.strip()))
    except OSError as error:
        raise CannotGoOn(words("stop-unreadable", file=path.name, why=error.strerror or error)) from error
    key = f"delimiter-{table.delimiter}" if table.delimiter in ";,\t|" else "delimiter-other"
    print(
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
    print(words("doing-task", target=words.quote(question.target), task=words(question.task), why=question.why_task))
    folds = validation.fold_count(question, params["folds"], words)
    outcome = validation.validate(question, folds, params["repeats"], params["seed"], words, say)
    print(words("doing-signals"))
    given = signals.giveaways(question, params["seed"])
    warned = signals.warnings_for(table, question, outcome, given, words)
    leaned = []
    if verdict.conclude(question, outcome, given, words)[0] != "no":  # what a useless model leans on is no news
        print(words("doing-importance"))
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
    write("results.json", json.dumps(found, ensure_ascii=False, indent=2) + "\n", words)
    write("predictions.csv", results.predictions(table, question, outcome), words, bom=table.delimiter == ";")
    alone = picture.scores(question, outcome, words, picture.WIDE)
    title, under = words("title", target=words.quote(question.target)), words("figure-scores")
    write("figure.svg", alone.standalone(title, f"{under}: {words(outcome.main)}"), words)
    write("report.html", page.page(table, question, outcome, warned, given, leaned, origin, words), words)
    for text in warned:
        print("! " + text)
    print()
    print(found["verdict"]["text"])
    print(words("done"))


def say(line: str) -> None:
    """One line of progress, at once."""
    print(line, flush=True)


def write(name: str, text: str, words: Words, bom: bool = False) -> None:
    """One result into ./output/. A byte-order mark makes Danish Excel read æ, ø and å."""
    folder = Path("output")
    try:
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8-sig" if bom else "utf-8")
    except OSError as error:
        raise CannotGoOn(words("stop-output", why=error.strerror or error)) from error


def stop(sentence: str) -> NoReturn:
    """End with a plain sentence on standard error."""
    print(sentence, file=sys.stderr)
    sys.exit(1)


def main() -> None:
    """Run, and turn what cannot go on into its sentence."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)  # type: ignore[union-attr]
    words = Words()
    try:
        run(words)
    except CannotGoOn as reason:
        stop(str(reason))


if __name__ == "__main__":
    main()
