"""One YAML file as plain values, with the line of every field; nothing in it can surprise the reader.

Refused: more than `limit_bytes`, anchors and aliases (a few lines of them can stand for gigabytes), duplicate keys
(YAML would silently keep the last), keys that are not text, and nesting deeper than 40.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from dkai.catalogue.problems import Problem
from dkai.core.clean import one_line
from dkai.core.errors import UserError
from dkai.core.files import read_text
from dkai.core.i18n import t

LIMIT_BYTES = 512 * 1024
MAX_DEPTH = 40
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class YamlFile:
    """What a file says (`value` is None when it could not be read), and what is wrong with it as YAML."""

    value: Any = None
    lines: dict[Where, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_yaml(path: Path, name: str, *, limit_bytes: int = LIMIT_BYTES) -> YamlFile:
    """The file's values; `name` is what problems call it. Raises nothing: whatever is wrong is a problem."""
    try:
        text = read_text(path, limit_bytes=limit_bytes)
    except UserError as error:
        return YamlFile(problems=(Problem(name, "", error.message, error.hint),))
    return parse_yaml(text, name)


def parse_yaml(text: str, name: str) -> YamlFile:
    """The values in `text`."""
    try:
        problem = _first_look(text, name)
        if problem is None:
            loader = _Loader(text)
            node = loader.get_single_node()
            if node is None:
                hint = t("check that it is the file you meant")
                problem = Problem(name, "", t("is empty"), hint)
    except (yaml.YAMLError, ValueError) as error:
        problem = _not_yaml(error, name)
    if problem is not None:
        return YamlFile(problems=(problem,))
    lines: dict[Where, int] = {}
    problems = tuple(_look(node, name, (), lines))
    if problems:
        return YamlFile(lines=lines, problems=problems)
    try:
        return YamlFile(loader.construct_document(node), lines)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        return YamlFile(lines=lines, problems=(_not_yaml(error, name),))


def dotted(where: Where) -> str:
    """`limits[2].value` for ("limits", 1, "value"): places are counted from 1."""
    text = ""
    for part in where:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _first_look(text: str, name: str) -> Problem | None:
    """What must be known before the parser builds anything: how deep it goes, and whether it refers to itself."""
    depth = 0
    event: Any
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            hint = t("write the values out where they are needed")
            return Problem(name, "", t("uses an anchor (& and *), which entries do not have"), hint, line)
        if (tag := getattr(event, "tag", None)) not in (None, "!"):
            hint = t("remove it, and put a text in quotes where YAML reads it as something else")
            return Problem(name, "", t("uses a tag ({tag}), which entries do not have", tag=tag), hint, line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                hint = t("an entry has a few levels only: look at brackets and indentation")
                return Problem(name, "", t("is nested too deeply"), hint, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def _look(node: yaml.Node, name: str, where: Where, lines: dict[Where, int]) -> Iterator[Problem]:
    """What YAML allows and an entry may not have, in the order of the file; fills `lines`."""
    line = node.start_mark.line + 1
    lines.setdefault(where, line)
    if isinstance(node, yaml.SequenceNode):
        for place, child in enumerate(node.value):
            yield from _look(child, name, (*where, place), lines)
    elif isinstance(node, yaml.MappingNode):
        yield from _look_into_mapping(node, name, where, lines)
    elif node.tag == "tag:yaml.org,2002:timestamp":
        try:
            _Loader.construct_yaml_timestamp(yaml.SafeLoader(""), node)
        except ValueError as error:
            hint = t("write it as 2026-11-23; a version number needs quotes")
            yield Problem(name, dotted(where), t("is not a date: {why}", why=one_line(str(error))), hint, line)


def _look_into_mapping(node: yaml.MappingNode, name: str, where: Where, lines: dict[Where, int]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for key, child in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag not in ("tag:yaml.org,2002:str", "tag:yaml.org,2002:null"):
            shown = one_line(key.value, 40) if isinstance(key, yaml.ScalarNode) else "?"
            hint = t("put it in quotes: YAML reads no, on, 1 and dates as something else than text")
            yield Problem(name, dotted(where), t("has the key {key}, which is not text", key=shown), hint, line)
            continue
        here = (*where, key.value)
        if key.value in first:
            hint = t("keep one of them: the first is in line {line}", line=first[key.value])
            yield Problem(name, dotted(here), t("is there twice"), hint, line)
            continue
        first[key.value] = lines[here] = line
        yield from _look(child, name, here, lines)


def _not_yaml(error: Exception, name: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    if "cannot start any token" in said:
        hint = t("YAML is indented with spaces, not tabs; a text that begins with @, ` or % needs quotes")
    elif "mapping values" in said:
        hint = t("a text with “: ” in it needs quotes")
    else:
        hint = t("look at that line and the one above: indentation, quotes, brackets")
    message = t("is not YAML: {said}", said=one_line(said, 160))
    return Problem(name, "", message, hint, mark.line + 1 if mark is not None else None)
