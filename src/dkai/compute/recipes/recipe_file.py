"""Reads `recipe.yaml` and names the field where something is wrong.

Written by hand rather than with a model library: a recipe is read on the way to every submission, and the library
costs more time than all the rest of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from dkai.compute.recipes.recipe import AiModel, InputSpec, Measured, OutputFile, Param, Recipe, Resources, Run
from dkai.core.errors import UserError
from dkai.core.files import read_text
from dkai.core.i18n import t
from dkai.core.text import Text

FILE_NAME = "recipe.yaml"
SCHEMA = "dkai/recipe/1"
_ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_PARAM_ID = re.compile(r"^[a-z][a-z0-9_-]{0,39}$")
_ENTRY_KEYS = frozenset((
    "schema", "id", "version", "name", "summary", "purpose", "disciplines", "tasks", "tools", "run", "network", "input",
    "params", "resources", "gpu", "outputs", "measured", "models", "notes", "sources", "aliases", "licence",
))  # fmt: skip
T = TypeVar("T")


def read_recipe(folder: Path) -> Recipe:
    """The recipe in `folder`. Raises UserError: file › field: what is wrong."""
    import yaml

    path = folder / FILE_NAME
    try:
        # Safe as yaml.safe_load, in C where libyaml is there.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        content = yaml.load(read_text(path, limit_bytes=1_000_000), Loader=loader)  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else "?"
        raise _Fields({}, path, "").wrong("", t("it is not valid YAML (line {line})", line=line)) from error
    if not isinstance(content, dict):
        raise _Fields({}, path, "").wrong("", t("a mapping is expected"))
    return _recipe(_Fields(content, path, ""), folder)


class _Fields:
    """One mapping of the file; every question names the place it asks about."""

    def __init__(self, content: Mapping[str, Any], path: Path, place: str) -> None:
        self.content, self.path, self.place = content, path, place

    def wrong(self, key: str, why: str) -> UserError:
        places = [f"{self.path.parent.name}/{self.path.name}", self.place, key]
        return UserError(
            f"{' › '.join(p for p in places if p)}: {why}",
            code="bad-recipe",
            hint=t("mend it in {path}", path=self.path),
        )

    def only(self, known: frozenset[str]) -> None:
        for key in self.content:
            if key not in known:
                raise self.wrong(str(key), t("there is no such field"))

    def get(self, key: str, kind: type[T], default: T | None = None) -> T:
        value = self.content.get(key)
        if value is None:
            if default is None:
                raise self.wrong(key, t("it is missing"))
            return default
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(key, _expected(kind))
        return value

    def number(self, key: str, default: float | None = None) -> float:
        value = self.content.get(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e9:
            raise self.wrong(key, t("a number is expected"))
        return float(value)

    def maybe_number(self, key: str) -> float | None:
        value = self.content.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.wrong(key, t("a number is expected"))
        return value

    def maybe_text(self, key: str) -> Text | None:
        return None if self.content.get(key) is None else self.text(key)

    def text(self, key: str) -> Text:
        value = self.content.get(key)
        if isinstance(value, dict) and all(isinstance(value.get(x), str) and value[x].strip() for x in ("da", "en")):
            # `{da: Navn, der er langt, en: …}` without quotes: YAML ends the text at the comma.
            if stray := [str(k) for k in value if k not in ("da", "en")]:
                raise self.wrong(key, t("put quotes around a text with a comma: “{words}” was cut off", words=stray[0]))
            return Text(da=value["da"].strip(), en=value["en"].strip())
        if isinstance(value, str) and key == "name":
            return Text.of(value)
        raise self.wrong(key, t("a text in both languages is expected: {da: …, en: …}"))

    def words(self, key: str) -> tuple[str, ...]:
        value = self.content.get(key) or []
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise self.wrong(key, t("a list of words is expected"))

    def texts(self, key: str) -> tuple[Text, ...]:
        items = self.content.get(key) or []
        if not isinstance(items, list):
            raise self.wrong(key, t("a list is expected"))
        below = self._below(key)
        return tuple(_Fields({str(n): item}, self.path, below).text(str(n)) for n, item in enumerate(items, 1))

    def below(self, key: str) -> _Fields:
        value = self.content.get(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self.wrong(key, t("a mapping is expected"))
        return _Fields(value, self.path, self._below(key))

    def items(self, key: str) -> list[_Fields]:
        value = self.content.get(key) or []
        if not isinstance(value, list):
            raise self.wrong(key, t("a list is expected"))
        found = []
        for number, item in enumerate(value, 1):
            if not isinstance(item, dict):
                raise self.wrong(f"{key} {number}", t("a mapping is expected"))
            found.append(_Fields(item, self.path, self._below(f"{key} {number}")))
        return found

    def _below(self, key: str) -> str:
        return f"{self.place} › {key}" if self.place else key

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        value = self.get(key, str, default)
        if value not in allowed:
            raise self.wrong(key, t("one of: {names}", names=", ".join(allowed)))
        return value


def _expected(kind: type) -> str:
    return t("true or false is expected") if kind is bool else t("a text is expected")


def _recipe(f: _Fields, folder: Path) -> Recipe:
    if f.content.get("schema") != SCHEMA:
        raise f.wrong("schema", t("“{schema}” is expected", schema=SCHEMA))
    f.only(_ENTRY_KEYS)
    recipe_id = f.get("id", str)
    if not _ID.match(recipe_id):
        raise f.wrong("id", t("small letters, digits and single hyphens are expected"))
    return Recipe(
        id=recipe_id,
        version=str(f.content.get("version", "1")),
        name=f.text("name"),
        summary=f.text("summary"),
        purpose=f.maybe_text("purpose"),
        disciplines=f.words("disciplines"),
        tasks=f.words("tasks"),
        tools=f.words("tools"),
        run=_run(f.below("run"), folder),
        network=f.choice("network", ("none", "packages"), "none"),
        input=_input(f.below("input"), folder),
        params=tuple(_param(item) for item in f.items("params")),
        resources=_resources(f.below("resources")),
        gpu=f.choice("gpu", ("none", "optional", "required"), "none"),
        outputs=tuple(OutputFile(item.get("path", str), item.text("text")) for item in f.items("outputs")),
        measured=tuple(_measured(item) for item in f.items("measured")),
        notes=f.texts("notes"),
        models=tuple(
            AiModel(item.get("name", str), str(item.content.get("version") or "")) for item in f.items("models")
        ),
        folder=folder,
    )


def _inside(f: _Fields, key: str, relative: str, folder: Path) -> Path:
    """A path named in the recipe: inside its folder, and there."""
    pure = PurePosixPath(relative)
    if pure.is_absolute() or ".." in pure.parts or "\\" in relative:
        raise f.wrong(key, t("a path inside the recipe's folder is expected"))
    path = folder / pure
    if not path.exists():
        raise f.wrong(key, t("there is no file or folder “{path}”", path=relative))
    return path


def _run(f: _Fields, folder: Path) -> Run:
    script = f.get("script", str)
    path = _inside(f, "script", script, folder)
    if not path.is_file():
        raise f.wrong("script", t("a file is expected"))
    requirements = f.content.get("requirements")
    if requirements is not None:
        if not isinstance(requirements, str):
            raise f.wrong("requirements", t("the name of a file with versions and hashes is expected"))
        _inside(f, "requirements", requirements, folder)
    return Run(
        script=script,
        python=str(f.content.get("python") or ">=3.6"),
        imports=f.words("imports"),
        requirements=requirements,
    )


def _input(f: _Fields, folder: Path) -> InputSpec:
    sample = f.content.get("sample")
    if sample is not None:
        if not isinstance(sample, str):
            raise f.wrong("sample", _expected(str))
        _inside(f, "sample", sample, folder)
    accepts = f.words("accepts")
    return InputSpec(
        required=f.get("required", bool, False),
        kind=f.choice("kind", ("none", "file", "files", "folder"), "none"),
        accepts=tuple(a.lower() if a.startswith(".") else f".{a.lower()}" for a in accepts),
        max_files=int(f.number("max_files", 1000)),
        text=f.maybe_text("text"),
        sample=sample,
    )


def _resources(f: _Fields) -> Resources:
    f.only(frozenset(("gpus", "cpus", "memory_gb", "minutes")))
    cpus, minutes, memory = f.number("cpus", 1), f.number("minutes"), f.number("memory_gb", 2)
    for key, value in (("cpus", cpus), ("minutes", minutes), ("memory_gb", memory)):
        if value <= 0:
            raise f.wrong(key, t("a number above 0 is expected"))
    return Resources(
        gpus=int(f.number("gpus", 0)), cpus=int(cpus), memory_mb=round(memory * 1024), walltime_s=round(minutes * 60)
    )


def _measured(f: _Fields) -> Measured:
    return Measured(
        minutes=f.number("minutes"),
        date=str(f.content.get("date") or ""),
        where=f.maybe_text("where"),
        device=str(f.content.get("device") or ""),
        input=f.maybe_text("input"),
        gpus=int(f.number("gpus", 0)),
        cores=int(f.number("cores", 1)),
        peak_memory_gb=f.maybe_number("peak_memory_gb"),
    )


_TYPES = ("string", "integer", "number", "boolean", "choice")


def _param(f: _Fields) -> Param:
    param_id = f.get("id", str)
    if not _PARAM_ID.match(param_id):
        raise f.wrong("id", t("small letters, digits, - and _ are expected"))
    kind = f.choice("type", _TYPES)
    choices = f.content.get("choices") or []
    # A choice may carry its own words, {id: …, name: {da, en}}; the id alone is the value.
    values = [c.get("id") if isinstance(c, dict) else c for c in choices] if isinstance(choices, list) else [None]
    if not all(isinstance(c, (str, int, float)) and not isinstance(c, bool) for c in values):
        raise f.wrong("choices", t("a list of words is expected"))
    if kind == "choice" and not values:
        raise f.wrong("choices", t("it is missing"))
    param = Param(
        id=param_id,
        type=kind,
        name=f.maybe_text("name"),
        help=f.maybe_text("help"),
        required=f.get("required", bool, False),
        default=f.content.get("default"),
        sample=f.content.get("sample"),
        min=f.maybe_number("min"),
        max=f.maybe_number("max"),
        choices=tuple(str(c) for c in values),
    )
    from dkai.compute.recipes.params import check_value

    for key, value in (("default", param.default), ("sample", param.sample)):
        if value is not None:
            try:
                check_value(param, value)
            except ValueError as error:
                raise f.wrong(key, str(error)) from None
    return param
