"""Reads `recipe.yaml` and names the field where something is wrong.

Written by hand rather than with a model library: a recipe is read on the way to every submission, and the library
costs more time than all the rest of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from dkai.compute.recipes.recipe import (
    AiModel,
    InputSpec,
    Measured,
    OutputFile,
    Param,
    Recipe,
    Resources,
    Run,
    Variant,
)
from dkai.core.errors import UserError
from dkai.core.files import read_text
from dkai.core.i18n import t
from dkai.core.text import Text
from dkai.core.yaml_text import BadYaml, load_yaml

FILE_NAME = "recipe.yaml"
SCHEMA = "dkai/recipe/1"
_ID = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_PARAM_ID = re.compile(r"^[a-z][a-z0-9_-]{0,39}$")
_ENTRY_KEYS = frozenset((
    "schema", "id", "version", "name", "summary", "purpose", "disciplines", "tasks", "tools", "run", "network", "input",
    "params", "resources", "gpu", "accelerators", "precision", "gpu_memory_gb", "outputs", "metrics", "measured",
    "models", "variants", "notes", "sources", "aliases", "licence",
))  # fmt: skip
T = TypeVar("T")


def read_recipe(folder: Path) -> Recipe:
    """The recipe in `folder`. Raises UserError: file › field: what is wrong."""
    path = folder / FILE_NAME
    try:
        content = load_yaml(read_text(path, limit_bytes=1_000_000))
    except BadYaml as error:
        raise _Fields({}, path, "").wrong("", str(error)) from error
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
    params = tuple(_param(item) for item in f.items("params"))
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
        network=_some(f, "network", _NETWORK) or (),
        input=_input(f.below("input"), folder),
        params=params,
        resources=_resources(f.below("resources")),
        gpu=f.choice("gpu", _GPU, "none"),
        accelerators=_some(f, "accelerators", _ACCELERATORS) or _ACCELERATORS,
        precision=f.choice("precision", _PRECISIONS) if f.content.get("precision") else None,
        gpu_memory_gb=f.maybe_number("gpu_memory_gb"),
        outputs=tuple(OutputFile(item.get("path", str), item.text("text")) for item in f.items("outputs")),
        measured=tuple(_measured(item) for item in f.items("measured")),
        notes=f.texts("notes"),
        models=_models(f),
        variants=tuple(_variant(item, params, folder) for item in f.items("variants")),
        metrics=_metrics(f.below("metrics")),
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
    requirements, builds = _requirements(f, folder)
    return Run(
        script=script,
        language=f.choice("language", ("python", "r"), "python"),
        shared=tuple(_shared(f, name) for name in f.words("shared")),
        launcher=f.choice("launcher", _LAUNCHERS, "none"),
        checkpoint=f.get("checkpoint", bool, False),
        python=str(f.content.get("python") or ">=3.6"),
        imports=f.words("imports"),
        requirements=requirements,
        builds=builds,
    )


def _requirements(f: _Fields, folder: Path) -> tuple[str | None, dict[str, str]]:
    """One file for every place, or a mapping with one for each kind of accelerator."""
    told = f.content.get("requirements")
    if told is None or isinstance(told, str):
        if told is not None:
            _inside(f, "requirements", told, folder)
        return told, {}
    kinds = ("cpu", *_ACCELERATORS)
    if not isinstance(told, dict) or not told or not all(isinstance(name, str) for name in told.values()):
        raise f.wrong("requirements", t("the name of a file with versions and hashes is expected"))
    for kind, name in told.items():
        if kind not in kinds:
            raise f.wrong(f"requirements › {kind}", t("one of: {names}", names=", ".join(kinds)))
        _inside(f, f"requirements › {kind}", name, folder)
    return None, {str(kind): name for kind, name in told.items()}


def _shared(f: _Fields, name: str) -> str:
    """The name of something in `recipes/shared/`: a module without its ending, or a folder."""
    from dkai.compute.recipes.recipes import shared_path

    if not _ID.match(name) or shared_path(name) is None:
        raise f.wrong("shared", t("there is no “{name}” among what recipes share", name=name))
    return name


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
    f.only(frozenset(("gpus", "cpus", "memory_gb", "minutes", "nodes")))
    cpus, minutes, memory = f.number("cpus", 1), f.number("minutes"), f.number("memory_gb", 2)
    nodes = f.number("nodes", 1)
    for key, value in (("cpus", cpus), ("minutes", minutes), ("memory_gb", memory), ("nodes", nodes)):
        if value <= 0:
            raise f.wrong(key, t("a number above 0 is expected"))
    return Resources(
        gpus=int(f.number("gpus", 0)), cpus=int(cpus), memory_mb=round(memory * 1024), walltime_s=round(minutes * 60),
        nodes=int(nodes),
    )  # fmt: skip


def _measured(f: _Fields) -> Measured:
    return Measured(
        minutes=f.number("minutes"),
        date=str(f.content.get("date") or ""),
        where=f.maybe_text("where"),
        device=str(f.content.get("device") or ""),
        input=f.maybe_text("input"),
        gpus=int(f.number("gpus", 0)),
        gpu=f.content.get("gpu"),
        cores=int(f.number("cores", 1)),
        peak_memory_gb=f.maybe_number("peak_memory_gb"),
    )


_GPU = ("none", "optional", "required")
_NETWORK = ("packages", "models")
_ACCELERATORS = ("cuda", "rocm")
_LAUNCHERS = ("none", "srun", "torchrun")
_PRECISIONS = ("fp64", "fp32", "tf32", "bf16", "fp16", "fp8", "int8")
_METRIC = re.compile(r"^[^#]+\.json#(/[^/]+)+$")


def _some(f: _Fields, key: str, allowed: tuple[str, ...]) -> tuple[str, ...] | None:
    """Some of these words; one alone may stand without a list, and `none` for no one. None: nothing is said."""
    value = f.content.get(key)
    if value is None:
        return None
    if value == "none":
        return ()
    words = (value,) if isinstance(value, str) else f.words(key)
    for word in words:
        if word not in allowed:
            raise f.wrong(key, t("one of: {names}", names=", ".join(allowed)))
    return tuple(dict.fromkeys(words))


def _models(f: _Fields) -> tuple[AiModel, ...]:
    return tuple(
        AiModel(
            name=item.get("name", str),
            version=str(item.content.get("version") or ""),
            host=item.content.get("host"),
            size_gb=item.maybe_number("size_gb"),
            licence=str(item.content.get("licence") or ""),
        )
        for item in f.items("models")
    )


def _metrics(f: _Fields) -> dict[str, str]:
    for name, where in f.content.items():
        if not isinstance(where, str) or not _METRIC.match(where):
            raise f.wrong(str(name), t("“{example}” is expected", example="results.json#/score"))
    return {str(name): str(where) for name, where in f.content.items()}


_VARIANT_KEYS = frozenset((
    "when", "imports", "requirements", "launcher", "network", "gpu", "accelerators", "resources", "models",
))  # fmt: skip


def _variant(f: _Fields, params: tuple[Param, ...], folder: Path) -> Variant:
    f.only(_VARIANT_KEYS)
    known = {param.id: param for param in params}
    when = f.below("when")
    values: dict[str, tuple[Any, ...]] = {}
    for name, value in when.content.items():
        if name not in known:
            raise when.wrong(str(name), t("there is no such parameter"))
        values[str(name)] = tuple(value) if isinstance(value, list) else (value,)
    if not values:
        raise f.wrong("when", t("it is missing"))
    requirements, builds = _requirements(f, folder)
    return Variant(
        when=values,
        imports=None if f.content.get("imports") is None else f.words("imports"),
        requirements=requirements,
        builds=builds,
        launcher=None if f.content.get("launcher") is None else f.choice("launcher", _LAUNCHERS),
        network=_some(f, "network", _NETWORK),
        gpu=None if f.content.get("gpu") is None else f.choice("gpu", _GPU),
        accelerators=_some(f, "accelerators", _ACCELERATORS),
        resources=None if f.content.get("resources") is None else _resources(f.below("resources")),
        models=None if f.content.get("models") is None else _models(f),
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
