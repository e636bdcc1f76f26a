"""Typer's usage errors in the person's language."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from dkai.core.clean import one_line
from dkai.core.errors import UsageError
from dkai.core.i18n import t


def usage_error(error: Any) -> UsageError:
    """The error that says what is wrong with the line, and which help page tells more.

    `error` is one of typer's own exceptions; they are told apart by class name since typer keeps its click private.
    """
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "dkai"
    see = t("see {command} --help", command=path)
    say = _BY_KIND.get(type(error).__name__, _other)
    return say(error, path, see)


def one_of(option: str, value: str, values: tuple[str, ...]) -> str:
    """The value, when it is one of these. Raises UsageError naming them."""
    if value not in values:
        raise UsageError(
            t("{name} is not right: {why}", name=option, why=t("it is none of the possible values")),
            code="bad-value",
            hint=t("one of: {names}", names=", ".join(values)),
        )
    return value


def _no_such_option(error: Any, _path: str, see: str) -> UsageError:
    message = t("there is no option {name}", name=one_line(error.option_name))
    return UsageError(message, code="no-such-option", hint=_did_you_mean(list(error.possibilities or []), see))


def _missing(error: Any, _path: str, see: str) -> UsageError:
    message = t("{name} is missing", name=_name(error))
    return UsageError(message, code="missing-argument", hint=_choices(error, see))


def _bad_value(error: Any, _path: str, see: str) -> UsageError:
    message = t("{name} is not right: {why}", name=_name(error), why=_why(error))
    return UsageError(message, code="bad-value", hint=_choices(error, see))


def _bad_option(error: Any, _path: str, see: str) -> UsageError:
    message = t("the option {name} needs a value, or takes none", name=error.option_name)
    return UsageError(message, code="bad-option", hint=see)


def _other(error: Any, path: str, see: str) -> UsageError:
    """Typer tells these three apart by their English words only."""
    if (word := _unknown_command(error)) is not None:
        names = error.ctx.command.list_commands(error.ctx) if error.ctx is not None else []
        near = [f"{path} {name}" for name in get_close_matches(word, names, n=2, cutoff=0.5)]
        message = t("there is no command “{name}”", name=one_line(word))
        return UsageError(message, code="no-such-command", hint=_did_you_mean(near, see))
    if error.message.startswith("Got unexpected extra argument"):
        words = one_line(error.message.partition("(")[2].rstrip(")."))
        message = t("more words than the command takes: {words}", words=words)
        return UsageError(message, code="extra-argument", hint=t("put quotes around text with blanks; {see}", see=see))
    if error.message.startswith("Missing command"):
        return UsageError(t("a command is missing"), code="missing-command", hint=see)
    return UsageError(one_line(error.format_message()), code="bad-usage", hint=see)


_BY_KIND = {
    "NoSuchOption": _no_such_option,
    "MissingParameter": _missing,
    "BadParameter": _bad_value,
    "BadOptionUsage": _bad_option,
}


def _unknown_command(error: Any) -> str | None:
    message: str = error.message
    if not message.startswith("No such command "):
        return None
    quoted = message.removeprefix("No such command ")
    return quoted[1:].split(quoted[0])[0]


def _name(error: Any) -> str:
    param = getattr(error, "param", None)
    if param is None:
        hint = getattr(error, "param_hint", None)
        return one_line(hint if isinstance(hint, str) else " / ".join(hint or [])).strip("'")
    return str(param.metavar or param.name).upper() if param.param_type_name == "argument" else str(param.opts[0])


def _allowed(error: Any) -> list[str]:
    description = getattr(getattr(error, "param", None), "type_descriptor", None)
    choices = getattr(description, "choices", None) or ()
    return [str(getattr(choice, "value", choice)) for choice in choices]


def _choices(error: Any, see: str) -> str:
    allowed = _allowed(error)
    return t("one of: {names}", names=", ".join(allowed)) + f"\n{see}" if allowed else see


def _why(error: Any) -> str:
    if _allowed(error):
        return t("it is none of the possible values")
    words: str = error.message
    # Typer passes on what pydantic says, in English; what a command line can get wrong is said in ours.
    for english, ours in (
        ("valid integer", t("a whole number is needed")),
        ("valid int", t("a whole number is needed")),
        ("valid number", t("a number is needed")),
        ("valid float", t("a number is needed")),
        ("does not exist", t("there is no such file or folder")),
        ("is not readable", t("it may not be read")),
    ):
        if english in words:
            return ours
    if match := re.search(r"(greater|less) than (or equal to )?(-?[\d.]+)", words):
        bound = match[3]
        if match[1] == "greater":
            return (
                t("at least {bound} is needed", bound=bound)
                if match[2]
                else t("more than {bound} is needed", bound=bound)
            )
        return (
            t("at most {bound} is possible", bound=bound) if match[2] else t("less than {bound} is needed", bound=bound)
        )
    if "is not in the range" in words:
        return t("the number is out of range")
    return one_line(words)


def _did_you_mean(near: list[str], see: str) -> str:
    if not near:
        return see
    return t("did you mean {names}?", names=" / ".join(near)) + f"\n{see}"
