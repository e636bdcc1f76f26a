"""YAML that a person wrote, or was sent by another, as plain values: whatever stands in it is a value or an error.

The C loader overflows its stack on brackets a few thousand deep and takes the whole process with it; an alias can stand
for gigabytes, or for itself. So the depth and the anchors are looked at first, on events, which are built one by one.
"""

from __future__ import annotations

from typing import Any

from dkai.core.i18n import t

MAX_DEPTH = 40


class BadYaml(ValueError):
    """What is wrong with a text as YAML, in the language in use, with the line where it is known."""


def load_yaml(text: str) -> Any:
    """The values in `text`, None for an empty one. Raises BadYaml."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # both are safe
    try:
        _first_look(text, loader)
        return yaml.load(text, Loader=loader)  # noqa: S506
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise BadYaml(t("it is not valid YAML (line {line})", line="?" if mark is None else mark.line + 1)) from error
    except BadYaml:
        raise
    except (ValueError, OverflowError) as error:  # 2026-13-45, or a number of five thousand digits
        raise BadYaml(
            t("it holds a date or a number that cannot be one, such as 2026-13-45; in quotes it is a text")
        ) from error


def _first_look(text: str, loader: Any) -> None:
    import yaml

    depth = 0
    event: Any
    for event in yaml.parse(text, Loader=loader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadYaml(t("it has an anchor (& or *); write the values out where they are needed (line {line})",
                            line=line))  # fmt: skip
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise BadYaml(t("it is nested too deeply (line {line})", line=line))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
