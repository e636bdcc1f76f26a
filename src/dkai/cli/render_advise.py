"""A screening as a person reads it: what you said, what to use, where, what applies, and what to do today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dkai.cli.advise_text import heading, paragraph, reason, severity_words, short, whole
from dkai.cli.output import Renderable
from dkai.core.clean import no_controls, one_line
from dkai.core.i18n import nt, t
from dkai.core.levels import Level
from dkai.core.units import show_number

if TYPE_CHECKING:
    from dkai.advise.screening import Applies, Pick, Screening

_SHOWN = 4  # reasons, causes, contacts shown before the rest is counted
_BRIEF = 120  # longer details are in `explain`


def result(made: Screening, saved: Path | None = None) -> Iterator[Renderable]:
    """The whole screening."""
    yield paragraph(_you_said(made), 0, style="muted")
    yield from _picks(t("Tools"), "tool", made.tools, made)
    yield from _picks(t("Where to compute"), "place", made.places, made)
    yield from _data(made)
    yield from _rules(made)
    yield from _contacts(made)
    yield from _courses(made)
    yield from _next(made, saved)


def _you_said(made: Screening) -> str:
    """The answers in one sentence; what was denied, and what cannot stand alone, is left to --format json."""
    shown = [
        short(str(said.answer))
        for said in made.said
        if made.answers.get(said.id) not in ("none", "unknown", ()) and said.id in _SAYS_ENOUGH
    ]
    count = nt("{n} answer", "{n} answers", len(made.said))
    return f"{count}: {' · '.join(shown)}" if shown else count


_SAYS_ENOUGH = ("task", "words", "discipline", "institution", "kinds", "registry", "purpose")


def _picks(title: str, kind: str, picks: Sequence[Pick], made: Screening) -> Iterator[Renderable]:
    yield ""
    yield heading(title)
    if not picks:
        none = t("None of the tools in the catalogue is left.") if kind == "tool" else t("No place is left.")
        yield paragraph(none, 2)
    for number, pick in enumerate(picks, start=1):
        head = len(f"{number}  {pick.name}")
        yield paragraph(f"{pick.name} · {pick.summary}", 2, lead=f"{number}  ", style="strong", head=head)
        for line in _for_and_against(pick):
            style = "good" if line[0] == "+" else "warn"
            yield paragraph(line[2:], 5, lead=line[:2], style=style, head=1)
        if pick.note is not None and made.data.level is not Level.PUBLIC:
            yield paragraph(
                t("at the level {level}: {note}", level=made.data.level.label, note=pick.note), 5, style="muted"
            )
        if number == 1 and kind == "place" and pick.steps:
            yield paragraph(t("begin: {step}", step=pick.steps[0]), 5, style="muted")
    yield from _losers(made, kind)


def _for_and_against(pick: Pick) -> Iterator[str]:
    """The reasons on as few lines as they need, each warning on its own."""
    from dkai.catalogue.labels import label

    reasons = [str(why.name) for why in pick.reasons[:_SHOWN]]
    if pick.tasks:
        reasons[0] = t("does: {tasks}", tasks=", ".join(label(task) for task in pick.tasks[:_SHOWN]))
    elif pick.of == "place" and len(reasons) > 1:
        del reasons[0]  # that nothing rules it out says little beside what speaks for it
    yield f"+ {'; '.join(reasons)}"
    for why in pick.caveats[:_SHOWN]:
        brief = why.detail is not None and len(str(why.detail)) <= _BRIEF
        yield f"! {reason(why) if brief else why.name}"


def _losers(made: Screening, kind: str) -> Iterator[Renderable]:
    """Who is out, by cause; and who was merely behind."""
    causes: dict[str, list[str]] = {}
    for out in made.ruled_out:
        if out.of == kind:
            causes.setdefault(str(out.causes[0].name), []).append(str(out.name))
    for cause, names in causes.items():
        yield paragraph(t("out: {names}: {cause}", names=", ".join(names), cause=cause), 2, hang=3)
    behind = [one for one in made.behind if one.of == kind]
    if behind:
        shown = ", ".join(f"{one.name} (−{show_number(one.points)})" for one in behind[:_SHOWN])
        more = len(behind) - _SHOWN
        rest = nt(" and {n} more", " and {n} more", more) if more > 0 else ""
        yield paragraph(t("would do, but behind in points: {names}{rest}", names=shown, rest=rest), 2, hang=3)


def _data(made: Screening) -> Iterator[Renderable]:
    yield ""
    yield heading(t("Your data"))
    data = made.data
    level = t("{level} until settled", level=data.level.label) if not data.settled else data.level.label
    yield paragraph(f"{level}: {data.why}", 2)
    for todo in data.first:
        yield paragraph(f"- {todo.name}", 2, hang=2)


def _rules(made: Screening) -> Iterator[Renderable]:
    words = severity_words()
    certain = [r for r in made.rules if r.certain and r.standing == "current"]
    maybe = [r for r in made.rules if not r.certain and r.standing == "current"]
    later = [r for r in made.rules if r.standing == "not-yet"]
    expired = [r for r in made.rules if r.standing == "expired"]
    yield ""
    yield heading(t("What applies (text, source and reason: dkai advise explain ID)"))
    if not made.rules:
        yield paragraph(t("none of the rules that dkai knows"), 2)
    for rule in certain:
        style = {"stop": "bad", "approval": "warn"}.get(rule.severity, "")
        word = f"{words[rule.severity]:<{max(map(len, words.values()))}}"
        stale = " " + t("(not checked since {day})", day=rule.checked_on) if rule.stale else ""
        yield paragraph(f"{rule.name} · {rule.id}{stale}", 2, lead=f"{word}  ", style=style, head=len(word))
    if maybe:
        yield paragraph(t("may apply, once it is known: {names}", names=_titles(maybe)), 2, hang=2)
    if later:
        names = "; ".join(f"{rule.name} ({rule.valid_from})" for rule in later)
        yield paragraph(t("not in force yet: {names}", names=names), 2, hang=2, style="muted")
    for rule in expired:
        yield paragraph(f"{rule.name}: {rule.text}", 2, hang=2, style="warn")


def _titles(rules: Sequence[Applies]) -> str:
    names = "; ".join(str(rule.name) for rule in rules[:_SHOWN])
    more = len(rules) - _SHOWN
    return names + (nt(" and {n} more", " and {n} more", more) if more > 0 else "")


def _contacts(made: Screening) -> Iterator[Renderable]:
    if not made.contacts:
        return
    yield ""
    yield heading(t("Whom to ask"))
    for person in made.contacts[: _SHOWN + 2]:
        about = [rule.id for rule in made.rules if rule.contact == person.id and rule.standing == "current"]
        head = str(person.name)
        yield paragraph(
            f"{head}: {', '.join(about[:_SHOWN]) or person.text}", 2, hang=3, style="strong", head=len(head)
        )
        for reach in (person.email, person.url):
            if reach:
                yield whole(reach, 5)


def _courses(made: Screening) -> Iterator[Renderable]:
    if not made.courses:
        return
    yield ""
    yield heading(t("Worth learning"))
    for course in made.courses[:_SHOWN]:
        yield paragraph(f"{no_controls(str(course.name))}: {course.why}", 2, hang=3)
        if course.url:
            yield whole(course.url, 5)


def _next(made: Screening, saved: Path | None) -> Iterator[Renderable]:
    yield ""
    yield heading(t("Today: on this computer, no account needed"))
    yield whole(command(made, saved), 2)
    yield paragraph(str(made.try_now.why), 2, style="muted")
    for title, todos in ((t("This week"), made.week), (t("Before you start"), made.before)):
        for todo in todos:
            yield paragraph(f"{title}: {todo.name}", 2, hang=3)
    for settle in made.to_settle:
        yield paragraph(t("To settle: {what}. {how}", what=settle.name, how=settle.text), 2, hang=3, style="warn")
    yield ""
    matters = [str(question.name) for question in made.not_asked if question.matters]
    others = [str(question.name) for question in made.not_asked if not question.matters]
    if made.clear:
        yield paragraph(t("No obstacle found in your answers."), 0, style="good")
    if matters:
        yield paragraph(t("Not asked, and could still change this: {names}.", names="; ".join(matters)), 0)
    if others:
        yield paragraph(t("Not asked: {names}.", names="; ".join(others)), 0, style="muted")
    yield paragraph(
        t("dkai says what applies and whom to ask; what you may do is for them to say. Why something is here or not: "
          "dkai advise explain ID"), 0, style="muted",
    )  # fmt: skip


def command(made: Screening, saved: Path | None) -> str:
    """What to type today."""
    import shlex

    if saved is not None:
        return f"dkai compute submit --screening {shlex.quote(str(saved))}"
    sample = " --sample" if made.try_now.sample else ""
    site = f" --site {made.try_now.site}"
    return f"dkai compute submit {one_line(made.try_now.recipe, 60)}{site}{sample}"
