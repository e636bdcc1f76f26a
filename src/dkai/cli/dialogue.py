"""The dialogue of `dkai advise`: one question at a time, why it is asked, and what the answer changed.

Every answer is kept the moment it is given, so that nothing is lost however the dialogue ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dkai.cli.menu import choose
from dkai.cli.output import say
from dkai.cli.prompts import ask_line
from dkai.core.errors import DkaiError, Interrupted
from dkai.core.i18n import nt, t

if TYPE_CHECKING:
    from dkai.advise.effect import Effect
    from dkai.advise.join import Desk
    from dkai.advise.model import Answer, Question
    from dkai.advise.questions import Progress

BACK, EXPLAIN, QUIT = "b", "?", "q"
Keep = Callable[[dict[str, "Answer"]], None]


@dataclass(frozen=True, slots=True)
class Talk:
    """How a dialogue ended: with the answers, and whether the person stopped before the last question."""

    answers: dict[str, Answer]
    stopped: bool


def converse(desk: Desk, answers: dict[str, Answer], today: date, keep: Keep) -> Talk:
    """Ask until nothing more would change the result. Raises Interrupted on Ctrl-C and Ctrl-D, the answers kept."""
    from dkai.advise.effect import effect
    from dkai.advise.questions import next_question, progress
    from dkai.advise.stakes import all_stakes

    given = dict(answers)
    asked: list[str] = []
    while True:
        stakes = all_stakes(given, desk.knowledge, desk.tools, desk.places, today)
        question = next_question(given, desk.knowledge, stakes)
        if question is None:
            return Talk(given, stopped=False)
        try:
            reply = _ask(question, progress(given, desk.knowledge, stakes))
        except (KeyboardInterrupt, EOFError, Interrupted):
            raise _left(len(given)) from None
        if reply == QUIT:
            return Talk(given, stopped=True)
        if reply == BACK:
            if asked:
                del given[asked.pop()]
                keep(given)
            else:
                say(t("  this is the first question"))
            continue
        new = {**given, question.id: reply}
        if (problem := _contradiction(new, desk)) is not None:
            _paragraph(f"! {problem}", "warn")
            continue
        for line in effect_lines(effect(given, new, desk, today), len(desk.tools)):
            _paragraph(line)
        given = new
        asked.append(question.id)
        keep(given)


def _left(count: int) -> Interrupted:
    hint = t("go on where you were with: dkai advise --resume")
    if not count:
        return Interrupted(t("stopped at the first question"), code="interrupted")
    return Interrupted(
        nt("stopped; your {n} answer is kept", "stopped; your {n} answers are kept", count),
        code="interrupted",
        hint=hint,
    )


def _contradiction(answers: dict[str, Answer], desk: Desk) -> str | None:
    from dkai.advise.answer_file import check_answers

    try:
        check_answers(answers, desk.knowledge)
    except DkaiError as error:
        return error.message
    return None


def effect_lines(made: Effect, tools: int) -> list[str]:
    """What the answer changed, one line each; none when it changed nothing that can be seen yet."""
    if made.chose_tools:
        left = made.tools_left
        lines = [nt("✓ noted: {n} of {all} tools does that", "✓ noted: {n} of {all} tools do that", left, all=tools)]
    else:
        lines = [
            nt("✓ noted: {n} tool is out: {why}", "✓ noted: {n} tools are out: {why}", one.count, why=one.name)
            for one in made.tools_out
        ]
    lines += [
        nt("✓ noted: {n} place is out: {why}", "✓ noted: {n} places are out: {why}", one.count, why=one.name)
        for one in made.places_out
    ]
    if made.level is not None:
        lines.append(t("✓ the data count as {level}", level=made.level.label))
    if made.rules:
        names = "; ".join(str(rule) for rule in made.rules[:3])
        rest = len(made.rules) - 3
        more = nt(" and {n} more", " and {n} more", rest) if rest > 0 else ""
        lines.append(t("✓ applies: {names}{more}", names=names, more=more))
    return lines


def _ask(question: Question, at: Progress) -> Answer:
    """The answer, or one of the letters. Raises Interrupted."""
    from dkai.advise.conditions import UNKNOWN

    say()
    _paragraph(t("{n} of about {about} · why I ask: {why}", n=at.number, about=at.about, why=question.why), "muted")
    _paragraph(str(question.text), "strong")
    ids = [option.id for option in question.options]
    texts = [str(option.text) for option in question.options]
    if question.unknown is not None:
        ids.append(UNKNOWN)
        texts.append(t("I don't know"))
    letters = {BACK: t("back"), EXPLAIN: t("explain"), QUIT: t("stop and keep")}
    option = f"--set {question.id}=…"
    while True:
        if question.kind == "text":
            reply = _words(question, letters, option)
        elif question.kind == "several":
            reply = _ticked(ids, texts, letters, option)
        else:
            chosen = choose(texts, letters=letters, option=option)
            reply = ids[chosen] if isinstance(chosen, int) else chosen
        if reply != EXPLAIN:
            return reply
        _paragraph(str(question.help))
        if question.unknown is not None:
            _paragraph(t("“I don't know”: {what}", what=question.unknown))


def _paragraph(text: str, style: str = "") -> None:
    from rich.padding import Padding
    from rich.text import Text

    say(Padding(Text(text, style=style), (0, 2, 0, 2)))


def _ticked(ids: list[str], texts: list[str], letters: dict[str, str], option: str) -> Answer:
    """Any number of the answers, by their numbers: the same on every terminal."""
    from dkai.advise.conditions import UNKNOWN

    for number, text in enumerate(texts, start=1):
        say(f"  {number:>2}  {text}")
    keys = ", ".join(f"{key} = {does}" for key, does in letters.items())
    while True:
        word = ask_line("  " + t("[numbers with commas, 0 = none, {keys}]", keys=keys), option=option).strip().lower()
        if word in letters:
            return word
        places = _numbers(word, len(ids))
        if places is not None:
            chosen = tuple(ids[place] for place in sorted(set(places)))
            return UNKNOWN if UNKNOWN in chosen else chosen
        say(t("  please type numbers from 1 to {count}, or a letter", count=len(ids)))


def _words(question: Question, letters: dict[str, str], option: str) -> Answer:
    from dkai.advise.answer_file import parse_answer

    keys = ", ".join(f"{key} = {does}" for key, does in letters.items())
    while True:
        word = ask_line("  " + t("[your words; {keys}]", keys=keys), option=option).strip()
        if word.lower() in letters:
            return word.lower()
        try:
            return parse_answer(question, word)
        except DkaiError as error:
            say(f"  {error.hint or error.message}")


def _numbers(word: str, most: int) -> list[int] | None:
    """The places that the numbers stand for; None when one of them is not there."""
    if word == "0":
        return []
    places = []
    for piece in word.replace(" ", ",").split(","):
        if piece:
            if not piece.isdecimal() or not 1 <= int(piece) <= most:
                return None
            places.append(int(piece) - 1)
    return places or None
