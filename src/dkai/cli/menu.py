"""Choosing one of a list: arrow keys or numbers at a terminal, numbered lines for screen readers and dumb terminals."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from dkai.cli.keys import CTRL_D, key_presses
from dkai.cli.prompts import ask_line, interactive, left_prompt, needs_answer, plain_prompts
from dkai.core.i18n import t

UP, DOWN, ENTER, HOME, END = "up", "down", "enter", "home", "end"
_KEYS = {
    "\x1b[A": UP, "\x1bOA": UP, "\xe0H": UP, "\x00H": UP, "k": UP, "\x10": UP,
    "\x1b[B": DOWN, "\x1bOB": DOWN, "\xe0P": DOWN, "\x00P": DOWN, "j": DOWN, "\x0e": DOWN,
    "\r": ENTER, "\n": ENTER, "\x1b[H": HOME, "\x1b[F": END, "\xe0G": HOME, "\xe0O": END,
}  # fmt: skip


def choose(options: Sequence[str], *, letters: Mapping[str, str], option: str, start: int = 0) -> int | str:
    """The index of the chosen option, or the letter that was typed.

    `letters` maps a letter to what it does, as in `{"b": "back"}`. `option` is the command-line option that answers
    when there is nobody to ask. Raises UserError without a terminal, Interrupted on Ctrl-C and Ctrl-D.
    """
    if not interactive():
        raise needs_answer(t("choose one of {count}", count=len(options)), option)
    if plain_prompts():
        return _by_line(options, letters, option)
    return _by_key(options, letters, start)


def _help(count: int, letters: Mapping[str, str]) -> str:
    return ", ".join([f"1-{count}", *(f"{key} = {does}" for key, does in letters.items())])


def _by_line(options: Sequence[str], letters: Mapping[str, str], option: str) -> int | str:
    for number, text in enumerate(options, 1):
        sys.stderr.write(f"  {number:>2}  {text}\n")
    while True:
        answer = ask_line(f"[{_help(len(options), letters)}]", option=option).strip().lower()
        if answer in letters:
            return answer
        if answer.isdecimal() and 1 <= int(answer) <= len(options):
            return int(answer) - 1
        sys.stderr.write(t("please type a number from 1 to {count}, or a letter", count=len(options)) + "\n")


def _by_key(options: Sequence[str], letters: Mapping[str, str], start: int) -> int | str:
    """The list is drawn once and again after every key; digits gather until they can only mean one line."""
    here, digits = start, ""
    foot = f"  [{_help(len(options), letters)}]"
    try:
        with key_presses() as press:
            lines = _draw(options, here, foot, above=0)
            while True:
                key = _name(press())
                if key in letters:
                    return key
                if key == ENTER:
                    return here
                here, digits, done = _move(key, here, digits, len(options))
                lines = _draw(options, here, f"{foot} {digits}", above=lines)
                if done:
                    return here
    except KeyboardInterrupt:
        raise left_prompt() from None
    finally:
        sys.stderr.write("\n")
        sys.stderr.flush()


def _name(raw: str) -> str:
    if raw == CTRL_D:
        raise KeyboardInterrupt
    return _KEYS.get(raw, raw.lower())


def _move(key: str, here: int, digits: str, count: int) -> tuple[int, str, bool]:
    """Where a key leads: the line, the digits typed so far, and whether they settle it."""
    if key in (UP, DOWN):
        return (here + (1 if key == DOWN else -1)) % count, "", False
    if key in (HOME, END):
        return (0 if key == HOME else count - 1), "", False
    if key.isdecimal():
        typed = int(digits + key)
        if not 1 <= typed <= count:
            return here, "", False
        return typed - 1, digits + key, typed * 10 > count
    return here, "", False


def _draw(options: Sequence[str], here: int, foot: str, *, above: int) -> int:
    """Draw the list over its old self; returns how many rows up its first line is."""
    import shutil
    import textwrap

    width = max(20, shutil.get_terminal_size((80, 24)).columns - 1)
    rows: list[str] = []
    for index, text in enumerate(options):
        lead = f"{'›' if index == here else ' '} {index + 1:>2}  "
        wrapped = textwrap.wrap(text, width, initial_indent=lead, subsequent_indent=" " * len(lead)) or [lead]
        rows += [f"\x1b[1m{row}\x1b[0m" for row in wrapped] if index == here else wrapped
    rows.append(foot[:width])
    sys.stderr.write((f"\x1b[{above}A" if above else "") + "\r\x1b[J" + "\n".join(rows))
    sys.stderr.flush()
    return len(rows) - 1
