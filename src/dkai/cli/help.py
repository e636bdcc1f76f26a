"""Help pages: typer's commands, laid out and translated by us.

Typer's own help imports rich and hard-codes some English. These classes write the same facts as plain text with the
headings of the language in use, which also makes `--help` the fastest thing dkai does.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from dkai.cli.quick import make_quick
from dkai.core.i18n import t

_REMARKS = re.compile(r"\s*\[([^\[\]]*)\]$")


_TYPE = re.compile(r"<([^<>]+)>")
_TYPES = {"int": "N", "int range": "N", "float": "N", "float range": "N", "str": "TEXT", "path": "PATH", "file": "FILE"}


def _plain_type(match: re.Match[str]) -> str:
    """Typer writes an option's Python type; people read what to type."""
    return _TYPES.get(match[1], match[1])


def _remark(part: str) -> str:
    """One of typer's remarks in our language; a number's range is left out, for the error tells it when it matters."""
    if part == "required":
        return t("required")
    if part.startswith("default: "):
        return t("default: {value}", value=part.removeprefix("default: "))
    return "" if re.search(r"\bx\b|[<>]=?", part) else part


def _heading(text: str) -> str:
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
        return f"\x1b[1m{text}\x1b[0m"
    return text


def _record(param: Any, ctx: Any) -> tuple[str, str] | None:
    """A parameter's line: its spelling, and its help with the remarks in our language."""
    record = param.get_help_record(ctx)
    if record is None:
        return None
    names, text = record
    if "--help" in param.opts:
        return names, t("show this page")
    names = names.partition(" <")[0] if param.param_type_name == "argument" else _TYPE.sub(_plain_type, names)
    if match := _REMARKS.search(text):
        remarks = [said for part in match[1].split("; ") if (said := _remark(part))]
        text = "  ".join([text[: match.start()], *(f"[{remark}]" for remark in remarks)])
    return names, text


class _Page:
    """What commands and groups share: usage, text, arguments, options."""

    def format_usage(self: Any, ctx: Any, formatter: Any) -> None:
        pieces = [
            t("[OPTIONS]") if piece == "[OPTIONS]" else re.sub("[{}]", "", piece)
            for piece in self.collect_usage_pieces(ctx)
        ]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=_heading(t("Usage:")) + " ")

    def write_parameters(self: Any, ctx: Any, formatter: Any) -> None:
        arguments: list[tuple[str, str]] = []
        options: list[tuple[str, str]] = []
        for param in self.get_params(ctx):
            if (record := _record(param, ctx)) is not None:
                (arguments if param.param_type_name == "argument" else options).append(record)
        for title, rows in ((t("Arguments"), arguments), (t("Options"), options)):
            if rows:
                with formatter.section(_heading(title)):
                    formatter.write_dl(rows, col_max=28)


class Command(_Page, TyperCommand):
    """One command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the line, without pydantic where that is possible."""
        make_quick(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments and options."""
        self.write_parameters(ctx, formatter)


class Group(_Page, TyperGroup):
    """A command with commands below it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the line, without pydantic where that is possible."""
        make_quick(self.get_params(ctx))
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Options, then the commands in the order in which one meets them."""
        self.format_commands(ctx, formatter)
        self.write_parameters(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands with their one-line help."""
        rows = [
            (name, command.get_short_help_str(200))
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None and not command.hidden
        ]
        if rows:
            with formatter.section(_heading(t("Commands"))):
                formatter.write_dl(rows, col_max=28)


class Commands(typer.Typer):
    """A typer app whose groups and commands have our help pages: `app = Commands(help=t("…"))`."""

    def __init__(self, *, help: str, cls: type[Group] = Group, **settings: Any) -> None:  # noqa: A002 - typer's word
        settings.setdefault("no_args_is_help", not settings.get("invoke_without_command"))
        super().__init__(
            cls=cls,
            help=help,
            rich_markup_mode=None,
            add_completion=False,
            pretty_exceptions_enable=False,
            subcommand_metavar=t("COMMAND …"),
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
            **settings,
        )

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Typer's decorator, with our help page."""
        settings.setdefault("cls", Command)
        settings.setdefault("options_metavar", "[OPTIONS]")
        return super().command(name, **settings)
