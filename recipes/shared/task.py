"""What every recipe's main.py does: read its parameters and its input, write its results, end with a plain sentence.

A recipe's `main.py` ends with `task.run(work, TEXTS)`; `work(words)` does it all and raises CannotGoOn when it cannot.
"""

import json
import platform
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from words import CannotGoOn, Texts, Words

INPUT, OUTPUT = Path("input"), Path("output")

TEXTS: Texts = {
    "stop-params": ("params.json kan ikke læses: {why}", "params.json cannot be read: {why}"),
    "stop-param": (
        "Parameteren {name} kan ikke være {value}: {rule}",
        "The parameter {name} cannot be {value}: {rule}",
    ),
    "rule-choice": ("vælg mellem {choices}", "choose among {choices}"),
    "rule-range": ("mellem {low} og {high}", "between {low} and {high}"),
    "rule-type": ("{kind} ventes", "{kind} is expected"),
    "kind-bool": ("ja eller nej (true/false)", "yes or no (true/false)"),
    "kind-int": ("et helt tal", "a whole number"),
    "kind-float": ("et tal", "a number"),
    "kind-str": ("en tekst", "a text"),
    "stop-no-input": (
        "Der er ingen filer i input/, som opskriften kan læse. Den læser: {endings}",
        "There are no files in input/ that the recipe can read. It reads: {endings}",
    ),
    "stop-output": ("Resultaterne kan ikke skrives: {why}", "The results cannot be written: {why}"),
    "stop-packages": (
        "Python-pakken {name} mangler her; recipe.yaml siger, hvilke opskriften bruger.",
        "The Python package {name} is missing here; recipe.yaml says which ones the recipe uses.",
    ),
    "stop-memory": (
        "Der er ikke hukommelse nok til det. Bed om mere med --memory, eller giv mindre input.",
        "There is not enough memory for it. Ask for more with --memory, or give less input.",
    ),
}
KINDS = {bool: "kind-bool", int: "kind-int", float: "kind-float", str: "kind-str"}


def read_params(
    defaults: Mapping[str, Any],
    words: Words,
    choices: Mapping[str, Sequence[str]] | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> dict[str, Any]:
    """The parameters with defaults filled in, each checked. Without a params.json (a run by hand) all are defaults.

    dkai has checked them already by recipe.yaml; this is for those who run the script without it. A default of None
    is a text that may be left out, or a number where there is a range.
    """
    file, params = Path("params.json"), dict(defaults)
    if file.exists():
        try:
            given = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CannotGoOn(words("stop-params", why=error)) from error
        if not isinstance(given, dict):
            raise CannotGoOn(words("stop-params", why="{}"))
        params.update({name: value for name, value in given.items() if name in defaults and value is not None})
    for name, value in params.items():
        rule = _broken(name, value, defaults[name], words, choices or {}, ranges or {})
        if rule:
            raise CannotGoOn(words("stop-param", name=name, value=json.dumps(value, ensure_ascii=False), rule=rule))
    return params


def _broken(
    name: str, value: Any, default: Any, words: Words, choices: Mapping[str, Sequence[str]],
    ranges: Mapping[str, tuple[float, float]],
) -> str:  # fmt: skip
    """The rule that a value breaks; empty when it is right."""
    if default is None and value is None:
        return ""
    kind = type(default) if default is not None else float if name in ranges else str
    right = isinstance(value, kind)
    if kind is float and isinstance(value, int):
        right = True
    if kind is not bool and isinstance(value, bool):
        right = False
    if not right:
        return words("rule-type", kind=words(KINDS[kind]))
    if name in choices and value not in choices[name]:
        return words("rule-choice", choices=words.listed(choices[name]))
    if name in ranges and not ranges[name][0] <= value <= ranges[name][1]:
        low, high = (words.whole(end) if isinstance(end, int) else words.number(end) for end in ranges[name])
        return words("rule-range", low=low, high=high)
    return ""


def input_files(endings: Sequence[str], words: Words) -> list[Path]:
    """The files below input/ with one of these endings, in order of their names. Raises CannotGoOn without any."""
    found = sorted(
        path for path in INPUT.rglob("*")
        if path.is_file() and path.suffix.lower() in endings and not path.name.startswith(".")
    ) if INPUT.is_dir() else []  # fmt: skip
    if not found:
        raise CannotGoOn(words("stop-no-input", endings=words.listed(endings)))
    return found


def read_text(path: Path) -> tuple[str, str]:
    """A text file and the encoding it was in: UTF-8 with or without a mark, UTF-16 with one, else Windows-1252."""
    data = path.read_bytes()
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n"), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace"), "utf-8"


def write(name: str, content: str | bytes, words: Words, *, bom: bool = False) -> None:
    """One result into output/. A byte-order mark makes Danish Excel read æ, ø and å."""
    path = OUTPUT / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8-sig" if bom else "utf-8"))
    except OSError as error:
        raise CannotGoOn(words("stop-output", why=error.strerror or error)) from error


def write_json(name: str, value: Any, words: Words) -> None:
    """One result for a program into output/. NaN is not JSON: what is not known is null."""
    write(name, json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n", words)


def say(line: str) -> None:
    """One line of progress, at once."""
    print(line, flush=True)


def warn(lines: Iterable[str]) -> None:
    """What the reader should know before trusting the result."""
    for line in lines:
        say("! " + line)


def made_with(version: str, seed: int) -> dict[str, Any]:
    """When and with what a result was made, for recipes that use scikit-learn."""
    import numpy
    import sklearn

    return {
        "made": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), "version": version,
        "python": platform.python_version(), "sklearn": sklearn.__version__, "numpy": numpy.__version__, "seed": seed,
    }  # fmt: skip


def run(work: Callable[[Any], None], texts: Texts, kind: type[Words] = Words) -> None:
    """Do the work, and turn what cannot go on into its sentence and exit code 1. `kind` may know more words."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)  # type: ignore[union-attr]
    words = kind({**TEXTS, **texts})
    try:
        work(words)
    except CannotGoOn as reason:
        stop(str(reason))
    except ModuleNotFoundError as error:
        stop(words("stop-packages", name=error.name))
    except MemoryError:
        stop(words("stop-memory"))


def stop(sentence: str) -> NoReturn:
    """End with a plain sentence on standard error."""
    print(sentence, file=sys.stderr)
    sys.exit(1)
