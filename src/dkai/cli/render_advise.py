"""A screening as a person reads it: what you said, what to use, where, what applies, and what to do today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dkai.cli.output import Renderable, Table
from dkai.core.clean import no_controls, one_line
from dkai.core.i18n import nt, t
from dkai.core.units import show_number

if TYPE_CHECKING:
    from dkai.advise.explain import Explanation
    from dkai.advise.screening import Applies, Pick, Screening, Why

_SHOWN = 4  # reasons, causes, contacts shown before the rest is counted
_BRIEF = 120  # longer details are in `explain`


def result(made: Screening, saved: Path | None = None) -> Iterator[Renderable]:
    """The whole screening."""
    yield _paragraph(_you_said(made), 0, style="muted")
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
        _short(str(said.answer))
        for said in made.said
        if made.answers.get(said.id) not in ("none", "unknown", ()) and said.id in _SAYS_ENOUGH
    ]
    count = nt("{n} answer", "{n} answers", len(made.said))
    return f"{count}: {' · '.join(shown)}" if shown else count


_SAYS_ENOUGH = ("task", "words", "discipline", "institution", "kinds", "registry", "purpose")


def _picks(title: str, kind: str, picks: Sequence[Pick], made: Screening) -> Iterator[Renderable]:
    yield ""
    yield _heading(title)
    if not picks:
        none = t("None of the tools in the catalogue is left.") if kind == "tool" else t("No place is left.")
        yield _paragraph(none, 2)
    for number, pick in enumerate(picks, start=1):
        head = len(f"{number}  {pick.name}")
        yield _paragraph(f"{pick.name} · {pick.summary}", 2, lead=f"{number}  ", style="strong", head=head)
        for line in _for_and_against(pick):
            style = "good" if line[0] == "+" else "warn"
            yield _paragraph(line[2:], 5, lead=line[:2], style=style, head=1)
        if pick.note is not None:
            yield _paragraph(
                t("at the level {level}: {note}", level=made.data.level.label, note=pick.note), 5, style="muted"
            )
        if number == 1 and kind == "place" and pick.steps:
            yield _paragraph(t("begin: {step}", step=pick.steps[0]), 5, style="muted")
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
        yield f"! {_why(why) if brief else why.name}"


def _losers(made: Screening, kind: str) -> Iterator[Renderable]:
    """Who is out, by cause; and who was merely behind."""
    causes: dict[str, list[str]] = {}
    for out in made.ruled_out:
        if out.of == kind:
            causes.setdefault(str(out.causes[0].name), []).append(str(out.name))
    for cause, names in causes.items():
        yield _paragraph(t("out: {names}: {cause}", names=", ".join(names), cause=cause), 2, hang=3)
    behind = [one for one in made.behind if one.of == kind]
    if behind:
        shown = ", ".join(f"{one.name} (−{show_number(one.points)})" for one in behind[:_SHOWN])
        more = len(behind) - _SHOWN
        rest = nt(" and {n} more", " and {n} more", more) if more > 0 else ""
        yield _paragraph(t("would do, but behind in points: {names}{rest}", names=shown, rest=rest), 2, hang=3)


def _data(made: Screening) -> Iterator[Renderable]:
    yield ""
    yield _heading(t("Your data"))
    data = made.data
    level = t("{level} until settled", level=data.level.label) if not data.settled else data.level.label
    yield _paragraph(f"{level}: {data.why}", 2)
    for todo in data.first:
        yield _paragraph(f"- {todo.name}", 2, hang=2)


def _rules(made: Screening) -> Iterator[Renderable]:
    words = severity_words()
    certain = [r for r in made.rules if r.certain and r.standing == "current"]
    maybe = [r for r in made.rules if not r.certain and r.standing == "current"]
    later = [r for r in made.rules if r.standing == "not-yet"]
    expired = [r for r in made.rules if r.standing == "expired"]
    yield ""
    yield _heading(t("What applies (text, source and reason: dkai advise explain ID)"))
    if not made.rules:
        yield _paragraph(t("none of the rules that dkai knows"), 2)
    for rule in certain:
        style = {"stop": "bad", "approval": "warn"}.get(rule.severity, "")
        word = f"{words[rule.severity]:<{max(map(len, words.values()))}}"
        stale = " " + t("(not checked since {day})", day=rule.checked_on) if rule.stale else ""
        yield _paragraph(f"{rule.name} · {rule.id}{stale}", 2, lead=f"{word}  ", style=style, head=len(word))
    if maybe:
        yield _paragraph(t("may apply, once it is known: {names}", names=_titles(maybe)), 2, hang=2)
    if later:
        names = "; ".join(f"{rule.name} ({rule.valid_from})" for rule in later)
        yield _paragraph(t("not in force yet: {names}", names=names), 2, hang=2, style="muted")
    for rule in expired:
        yield _paragraph(f"{rule.name}: {rule.text}", 2, hang=2, style="warn")


def _titles(rules: Sequence[Applies]) -> str:
    names = "; ".join(str(rule.name) for rule in rules[:_SHOWN])
    more = len(rules) - _SHOWN
    return names + (nt(" and {n} more", " and {n} more", more) if more > 0 else "")


def severity_words() -> dict[str, str]:
    """What each severity says, shortly."""
    return {
        "stop": t("settle first"),
        "approval": t("approval"),
        "document": t("document it"),
        "inform": t("inform people"),
        "advise": t("advice"),
    }


def _contacts(made: Screening) -> Iterator[Renderable]:
    if not made.contacts:
        return
    yield ""
    yield _heading(t("Whom to ask"))
    for person in made.contacts[: _SHOWN + 2]:
        about = [rule.id for rule in made.rules if rule.contact == person.id and rule.standing == "current"]
        head = str(person.name)
        yield _paragraph(
            f"{head}: {', '.join(about[:_SHOWN]) or person.text}", 2, hang=3, style="strong", head=len(head)
        )
        for reach in (person.email, person.url):
            if reach:
                yield _whole(reach, 5)


def _courses(made: Screening) -> Iterator[Renderable]:
    if not made.courses:
        return
    yield ""
    yield _heading(t("Worth learning"))
    for course in made.courses[:_SHOWN]:
        yield _paragraph(f"{no_controls(str(course.name))}: {course.why}", 2, hang=3)
        if course.url:
            yield _whole(course.url, 5)


def _next(made: Screening, saved: Path | None) -> Iterator[Renderable]:
    yield ""
    yield _heading(t("Today: on this computer, no account needed"))
    yield _whole(command(made, saved), 2)
    yield _paragraph(str(made.try_now.why), 2, style="muted")
    for title, todos in ((t("This week"), made.week), (t("Before you start"), made.before)):
        for todo in todos:
            yield _paragraph(f"{title}: {todo.name}", 2, hang=3)
    for settle in made.to_settle:
        yield _paragraph(t("To settle: {what}. {how}", what=settle.name, how=settle.text), 2, hang=3, style="warn")
    yield ""
    matters = [str(question.name) for question in made.not_asked if question.matters]
    others = [str(question.name) for question in made.not_asked if not question.matters]
    if made.clear:
        yield _paragraph(t("No obstacle found in your answers."), 0, style="good")
    if matters:
        yield _paragraph(t("Not asked, and could still change this: {names}.", names="; ".join(matters)), 0)
    if others:
        yield _paragraph(t("Not asked: {names}.", names="; ".join(others)), 0, style="muted")
    yield _paragraph(
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


def _why(why: Why) -> str:
    detail = f" ({one_line(str(why.detail), 240)})" if why.detail is not None else ""
    return f"{why.name}{detail}"


def _short(text: str) -> str:
    """An answer without its explanation in brackets, for the line that repeats them all."""
    flat = one_line(text, 90)
    return flat.partition(" (")[0] if flat.endswith(")") else flat


def _heading(text: str) -> Renderable:
    from rich.text import Text

    return Text(text, style="strong")


def _paragraph(text: str, indent: int, *, hang: int = 0, style: str = "", head: int = 0, lead: str = "") -> Renderable:
    """`text` wrapped to the terminal, later lines indented by `hang` more, or by the room that `lead` takes.

    With `head` only that many characters from the beginning have the style. Wrapped here and not by rich, which fills
    every line with blanks.
    """
    import textwrap

    from rich.text import Text

    from dkai.cli.output import console

    lines = textwrap.wrap(
        " ".join(no_controls(text).split()),
        max(40, console().width),
        initial_indent=" " * indent + lead,
        subsequent_indent=" " * (indent + (len(lead) or hang)),
        break_long_words=False,
        break_on_hyphens=False,
    )
    body = Text("\n".join(lines), style="" if head else style)
    if head:
        body.stylize(style, indent, indent + head)
    return body


def _whole(text: str, indent: int) -> Renderable:
    """A command or an address: never broken where it may be copied from, and a link where a terminal knows links."""
    from rich.style import Style
    from rich.text import Text

    from dkai.cli.output import console

    line = " " * indent + one_line(text, 2000)
    if not console().is_terminal:
        return line
    return Text(line, style=Style(link=text) if text.startswith("https://") else "strong")


def explanation(found: Explanation) -> Iterator[Renderable]:
    """One item with everything that led to its place."""
    kinds = {
        "rule": t("rule"), "tool": t("tool"), "place": t("place to compute"), "question": t("question"),
        "contact": t("contact"),
    }  # fmt: skip
    yield _paragraph(f"{found.name} · {kinds[found.kind]} {found.id}", 0, style="strong")
    yield _paragraph(str(found.verdict), 2)
    if found.text is not None:
        yield ""
        yield _paragraph(str(found.text), 2)
    for sign, reasons in (("+" if found.kind != "question" else "-", found.why), ("!", found.against)):
        for why in reasons:
            led = f" [{', '.join(why.because)}]" if why.because else ""
            unsure = f" [{t('not known')}: {', '.join(why.unsure)}]" if why.unsure else ""
            yield _paragraph(f"{sign} {_why(why)}{led}{unsure}", 2, hang=2)
    yield from _compared(found)
    if found.change:
        label = t("It is asked for:") if found.kind == "question" else t("Another answer here could change it:")
        yield ""
        yield _paragraph(f"{label} {'; '.join(str(name) for name in found.change)}", 2)
    yield from _provenance(found)


def _compared(found: Explanation) -> Iterator[Renderable]:
    if not found.compared:
        return
    words = {"yes": t("yes"), "no": t("no"), "maybe": t("not known")}
    yield ""
    for one in found.compared:
        wanted = t(" or ").join(f"“{_short(str(text))}”" for text in one.wanted)
        answer = _short(str(one.answer)) if one.answer is not None else t("not answered")
        line = t("{holds}: {name}: asks for {wanted}; you: {answer}",
                 holds=words[one.holds], name=one.name, wanted=wanted, answer=answer)  # fmt: skip
        yield _paragraph(f"- {line}", 2, hang=2)


def _provenance(found: Explanation) -> Iterator[Renderable]:
    facts = []
    if found.contact is not None:
        facts.append(t("ask: {who}", who=found.contact))
    if found.kind == "rule":
        since = found.valid_from or t("not found")
        facts.append(t("in force from: {day}", day=since))
        if found.valid_to is not None:
            facts.append(t("until: {day}", day=found.valid_to))
    if found.checked_on is not None:
        facts.append(t("checked: {day}", day=found.checked_on))
    if facts or found.sources or found.url:
        yield ""
    for fact in facts:
        yield _paragraph(fact, 2)
    if found.url:
        yield _whole(found.url, 2)
    for source in found.sources:
        yield _paragraph(f"{source.what}:", 2)
        yield _whole(source.url, 5)


def rule_rows(items: list[dict[str, Any]]) -> Table:
    """The rules as a table."""
    words = severity_words()
    headers = (t("id"), t("rule"), t("severity"), t("since"), t("until"), t("checked"), t("sources"))
    rows = [
        (
            rule["id"], rule["name"], words[rule["severity"]], rule["valid_from"] or t("not found"),
            rule["valid_to"] or "", rule["checked_on"], " ".join(source.url for source in rule["sources"]),
        )
        for rule in items
    ]  # fmt: skip
    return headers, rows


def rules_table(items: list[dict[str, Any]]) -> Iterator[Renderable]:
    """The rules, two lines each; text and sources are in `explain`."""
    words = severity_words()
    for rule in items:
        yield _paragraph(f"{rule['id']} · {rule['name']}", 0, style="strong", head=len(rule["id"]))
        facts = [words[rule["severity"]], t("in force from: {day}", day=rule["valid_from"] or t("not found"))]
        facts += [t("until: {day}", day=rule["valid_to"])] if rule["valid_to"] else []
        facts.append(t("checked: {day}", day=rule["checked_on"]))
        yield _paragraph(" · ".join(facts), 4, style="muted")
    yield ""
    yield _paragraph(t("Text, sources and whom to ask: dkai advise explain ID"), 0, style="muted")


def question_rows(items: list[dict[str, Any]]) -> Table:
    """The questions as a table."""
    return (t("id"), t("question"), t("answers")), [
        (
            question["id"], question["name"],
            ", ".join([*(option.id for option in question["options"]), "unknown"])
            if question["options"]
            else t("a short text"),
        )
        for question in items
    ]  # fmt: skip


def questions_table(items: list[dict[str, Any]]) -> Iterator[Renderable]:
    """The questions with the answers that `--set` takes."""
    _, rows = question_rows(items)
    for id_, name, answers in rows:
        yield _paragraph(f"{id_} · {name}", 0, style="strong", head=len(str(id_)))
        yield _paragraph(str(answers), 4, style="muted")
