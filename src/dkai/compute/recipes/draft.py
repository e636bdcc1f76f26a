"""A recipe of one's own, begun: the files of its folder as text. Pure; whoever calls it writes them.

What is drafted runs as it is, on its own sample, so that there is something to change rather than something to finish.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dkai.compute.recipes.params import check_value
from dkai.compute.recipes.recipe import Param
from dkai.compute.recipes.recipe_file import FILE_NAME, SCHEMA
from dkai.core.errors import UserError
from dkai.core.i18n import t
from dkai.core.numbers import finite

_ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_PARAM = re.compile(r"^([a-z][a-z0-9_-]{0,39})(?::([a-z]+))?(?:=(.*))?$", re.DOTALL)
_TYPES = ("string", "integer", "number", "boolean")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person said of the recipe."""

    id: str
    language: str = "python"  # python, r
    takes: str = "table"  # table, text, files, none: the input
    gpus: int = 0
    params: tuple[Param, ...] = ()
    script: str | None = None  # the text of a script that is there already
    imports: tuple[str, ...] = field(default=())


def check_id(name: str) -> str:
    """A recipe's id. Raises UserError."""
    if not _ID.match(name) or len(name) > 60:
        raise UserError(
            t("“{name}” cannot be a recipe's name", name=name),
            code="bad-name",
            hint=t("use small letters, digits and single hyphens, such as my-first-recipe"),
        )
    return name


def parse_params(words: Sequence[str]) -> tuple[Param, ...]:
    """`name:type=default` as parameters; without a type it is that of the default. Raises UserError."""
    found: dict[str, Param] = {}
    for word in words:
        match = _PARAM.match(word)
        if match is None or (match[2] or "string") not in _TYPES or match[1] in found:
            raise UserError(
                t("“{word}” does not describe a parameter", word=word),
                code="bad-parameter",
                hint=t(
                    "write name:type=default, such as folds:integer=5, each name once; the types are {types}",
                    types=", ".join(_TYPES),
                ),
            )
        found[match[1]] = _param(match[1], match[2], match[3])
    return tuple(found.values())


def _param(name: str, kind: str | None, default: str | None) -> Param:
    kind = kind or _kind_of(default)
    value: Any = default
    try:
        if default is not None and kind in ("integer", "number"):
            value = int(default) if kind == "integer" else float(default.replace(",", "."))
            if finite(value) is None:
                raise ValueError(default)
        elif default is not None and kind == "boolean":
            value = {"true": True, "yes": True, "ja": True, "false": False, "no": False, "nej": False}[default.lower()]
        if value is not None:
            check_value(Param(name, kind), value)
    except (ValueError, KeyError) as error:
        raise UserError(
            t("the default of “{name}” is no {kind}: {value}", name=name, kind=kind, value=default or ""),
            code="bad-parameter",
            hint=t("write name:type=default, such as folds:integer=5"),
        ) from error
    return Param(name, kind, required=value is None, default=value)


def _kind_of(default: str | None) -> str:
    if default is None:
        return "string"
    if default.lower() in ("true", "false", "ja", "nej", "yes", "no"):
        return "boolean"
    if re.fullmatch(r"[+-]?\d+", default):
        return "integer"
    return "number" if re.fullmatch(r"[+-]?\d*[.,]\d+([eE][+-]?\d+)?", default) else "string"


def imports_of(script: str) -> tuple[str, ...]:
    """The modules that a Python script imports and Python does not bring along, in order. Raises UserError."""
    try:
        tree = ast.parse(script)
    except (SyntaxError, ValueError) as error:
        raise UserError(
            t("the script is not Python: {why}", why=error.args[0] if error.args else error),
            code="bad-script",
            hint=t("give a Python script that runs; for R say --language r"),
        ) from error
    names: dict[str, None] = {}
    for node in ast.walk(tree):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level and node.module:
            modules = [node.module]
        names.update(dict.fromkeys(name.partition(".")[0] for name in modules))
    return tuple(name for name in names if name not in sys.stdlib_module_names)


def draft(wanted: Wanted) -> dict[str, str]:
    """The files of the folder, by their path in it."""
    script = "main.R" if wanted.language == "r" else "main.py"
    files = {FILE_NAME: _description(wanted, script)}
    files[script] = wanted.script if wanted.script is not None else _script(wanted)
    if wanted.takes != "none":
        table = "group;value\na;1,5\nb;2,5\na;3,0\n"
        files[f"sample/{_SAMPLES[wanted.takes]}"] = table if wanted.takes == "table" else t("A sample.") + "\n"
    return files


_SAMPLES = {"table": "sample.csv", "text": "sample.txt", "files": "sample.txt"}
_ACCEPTS = {"table": "[.csv, .tsv, .txt]", "text": "[.txt, .md]", "files": "[]"}


def _description(wanted: Wanted, script: str) -> str:
    """`recipe.yaml`, with a word on each field."""
    imports = wanted.imports or (imports_of(wanted.script) if wanted.script and wanted.language == "python" else ())
    title = wanted.id.replace("-", " ").capitalize()
    lines = [
        f"# {t('A recipe of your own. What each field means: docs/recipes.md.')}",
        f"schema: {SCHEMA}",
        f"id: {wanted.id}",
        'version: "0.1"',
        f"# {t('Both languages are shown to whoever chooses it.')}",
        f"name: {{da: {title}, en: {title}}}",
        "summary:",
        "  da: Hvad opskriften gør, i én sætning.",
        "  en: What the recipe does, in one sentence.",
        "run:",
        f"  script: {script}",
    ]
    if wanted.language == "r":
        lines += ["  language: r", '  python: ">=4.0"']
    else:
        lines.append('  python: ">=3.8"')
    lines += [
        f"  # {t('Modules that must be there; how to fetch them, with versions and hashes: requirements.')}",
        f"  imports: [{', '.join(imports)}]",
        f"# {t('What it contacts the network for: none, packages, models.')}",
        "network: none",
        f"gpu: {'optional' if wanted.gpus else 'none'}",
        f"# {t('How much it asks for, when nothing else is said.')}",
        f"resources: {{gpus: {wanted.gpus}, cpus: 2, memory_gb: 4, minutes: 30}}",
    ]
    lines += _input(wanted.takes)
    if wanted.params:
        lines.append("params:")
        for param in wanted.params:
            lines += _param_lines(param)
    lines += [
        "outputs:",
        "  - path: results.json",
        "    text: {da: Tallene, en: The figures}",
    ]
    return "\n".join(lines) + "\n"


def _input(takes: str) -> list[str]:
    if takes == "none":
        return ["input: {required: false, kind: none}"]
    return [
        "input:",
        "  required: true",
        f"  kind: {'file' if takes == 'table' else 'files'}",
        f"  accepts: {_ACCEPTS[takes]}",
        f"  sample: sample/{_SAMPLES[takes]}",
    ]


def _param_lines(param: Param) -> list[str]:
    import yaml

    # In double quotes, whatever a text holds is one line.
    style = '"' if isinstance(param.default, str) else None
    default = yaml.safe_dump(param.default, allow_unicode=True, width=1_000_000, default_style=style)
    return [
        f"  - id: {param.id}",
        f"    type: {param.type}",
        f"    required: {'true' if param.required else 'false'}",
        f"    default: {default.removesuffix('...' + chr(10)).strip()}",
    ]


def _script(wanted: Wanted) -> str:
    """A script that runs: it reads the parameters and the input, and writes a result."""
    about = t("Reads params.json and input/, writes output/.")
    return (_R if wanted.language == "r" else _PYTHON).replace("@ABOUT@", about)


_PYTHON = '''\
"""@ABOUT@"""

import json
from pathlib import Path

params = json.loads(Path("params.json").read_text(encoding="utf-8"))
files = sorted(path for path in Path("input").rglob("*") if path.is_file())
result = {"params": params, "files": {path.name: path.stat().st_size for path in files}}

Path("output").mkdir(exist_ok=True)
Path("output/results.json").write_text(json.dumps(result, ensure_ascii=False, indent=2), encoding="utf-8")
print(json.dumps(result, ensure_ascii=False))
'''

_R = """\
# @ABOUT@
files <- sort(list.files("input", recursive = TRUE, full.names = TRUE))
dir.create("output", showWarnings = FALSE)
sizes <- file.size(files)
lines <- sprintf('  "%s": %d', gsub('(["\\\\\\\\])', '\\\\\\\\\\\\1', basename(files)), as.integer(sizes))
result <- paste0("{\\n", paste(lines, collapse = ",\\n"), "\\n}\\n")
writeLines(result, "output/results.json", useBytes = TRUE)
cat(result)
"""
