"""The entry point: language first, then the commands, and one place where errors are shown."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, NoReturn

from dkai.core import i18n
from dkai.core.errors import Bug, DkaiError, Interrupted, UsageError
from dkai.core.i18n import t


def main(argv: list[str] | None = None) -> NoReturn:
    """Run dkai and exit with the promised code."""
    words, lang, as_json = look_ahead(list(sys.argv[1:] if argv is None else argv))
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a letter shows a question mark; it never ends the program.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    i18n.use_language(lang or i18n.language_from_environment())
    raise SystemExit(run(words, lang_asked=lang, as_json=as_json))


def look_ahead(argv: list[str]) -> tuple[list[str], str | None, bool]:
    """The line without `--lang`, the language it asked for, and whether it asks for JSON.

    Both must be known before commands are imported: help texts are read on import, and errors follow the format.
    """
    words: list[str] = []
    lang: str | None = None
    as_json = False
    rest = iter(argv)
    for word in rest:
        if word == "--":
            words += [word, *rest]
        elif word == "--lang":
            lang = next(rest, "")
        elif word.startswith("--lang="):
            lang = word.partition("=")[2]
        else:
            as_json = as_json or word == "--format=json" or (word == "json" and bool(words) and words[-1] == "--format")
            words.append(word)
    return words, lang, as_json


def run(words: list[str], *, lang_asked: str | None = None, as_json: bool = False) -> int:
    """Run one command line; returns the exit code after any error has been shown."""
    if as_json:
        from dkai.cli.output import be_quiet

        be_quiet()
    try:
        if lang_asked is not None and lang_asked not in i18n.LANGUAGES:
            raise UsageError(
                t("dkai does not speak “{lang}”", lang=lang_asked),
                code="unknown-language",
                hint=t("write --lang da or --lang en"),
            )
        return _call(words)
    except DkaiError as error:
        return show_error(error, as_json=as_json)
    except KeyboardInterrupt:
        return show_error(Interrupted(t("interrupted"), code="interrupted"), as_json=as_json)
    except BrokenPipeError:
        # The reader has gone (`dkai … | head`): nothing is wrong, and nothing can be said.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return show_bug(error, as_json=as_json)


def _call(words: list[str]) -> int:
    import typer
    from typer._click.exceptions import ClickException, NoArgsIsHelpError  # typer ships its own click

    from dkai.cli.app import app

    command = typer.main.get_command(app)
    if "_DKAI_COMPLETE" in os.environ:
        from dkai.cli.completion import prepare

        prepare()
    try:
        code = command.main(args=words, prog_name="dkai", standalone_mode=False)
    except NoArgsIsHelpError as error:
        typer.echo(error.format_message())
        return 0
    except ClickException as error:
        from dkai.cli.usage import usage_error

        raise usage_error(error) from error
    except typer.Abort:
        raise Interrupted(t("interrupted"), code="interrupted") from None
    except typer.Exit as leave:
        return leave.exit_code
    sys.stdout.flush()
    return code if isinstance(code, int) and not isinstance(code, bool) else 0


def show_error(error: DkaiError, *, as_json: bool) -> int:
    """What happened, then what to do next, on stderr; returns the exit code."""
    if as_json:
        import json

        from dkai.core.clean import escaped
        from dkai.core.plain import to_plain

        body: dict[str, Any] = {"code": error.code, "message": error.message, "hint": error.hint}
        body |= {"exit_code": error.exit_code, "details": to_plain(error.details)}
        sys.stderr.write(escaped(json.dumps({"schema": "dkai/error/1", "error": body}, ensure_ascii=False)) + "\n")
        return error.exit_code
    lines = [_paragraph(t("error:"), error.message, "\x1b[1;31m")]
    if error.hint:
        lines += ["", _paragraph(t("hint:"), error.hint, "\x1b[1;36m")]
    lines.append(t("[{code} · exit {number}]", code=error.code, number=error.exit_code))
    sys.stderr.write("\n".join(lines) + "\n")
    return error.exit_code


def _paragraph(label: str, text: str, colour: str) -> str:
    """A labelled paragraph, wrapped to the terminal; later lines start under the first one's words."""
    import shutil
    import textwrap

    from dkai.core.clean import no_controls

    width = min(shutil.get_terminal_size((80, 24)).columns, 100)
    indent = " " * (len(label) + 1)
    lines = no_controls(text).splitlines() or [""]
    wrapped = [
        textwrap.fill(
            line.strip(), width, initial_indent=indent, subsequent_indent=indent, break_long_words=False,
            break_on_hyphens=False,
        )
        for line in lines
    ]  # fmt: skip
    body = "\n".join(wrapped)[len(indent) :]
    plain = not sys.stderr.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return f"{label} {body}" if plain else f"{colour}{label}\x1b[0m {body}"


def show_bug(error: Exception, *, as_json: bool) -> int:
    """Our own mistake: the traceback goes to a file that the person can send; exit code 70."""
    import time
    import traceback

    from dkai import __version__
    from dkai.core.files import write_private
    from dkai.core.paths import cache_dir

    kept = f"dkai {__version__}\n" + "".join(traceback.format_exception(error))
    path = cache_dir() / "crashes" / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    try:
        write_private(path, kept)
        where = t("the details are in {path}", path=path)
    except DkaiError:
        where = kept
    hint = t("{where}\nplease report it with that file; it may hold names from your command line", where=where)
    message = t("dkai made a mistake: {kind}", kind=type(error).__name__)
    return show_error(Bug(message, code="internal-error", hint=hint), as_json=as_json)
