"""One item of advice explained, and the lists of rules and questions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.cli.advise_text import paragraph, reason, severity_words, short, whole
from dkai.cli.output import Renderable, Table
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.advise.explain import Explanation
    from dkai.advise.lists import QuestionList, RuleList


def explanation(found: Explanation) -> Iterator[Renderable]:
    """One item with everything that led to its place."""
    kinds = {
        "rule": t("rule"), "tool": t("tool"), "place": t("place to compute"), "question": t("question"),
        "contact": t("contact"),
    }  # fmt: skip
    yield paragraph(f"{found.name} · {kinds[found.kind]} {found.id}", 0, style="strong")
    yield paragraph(str(found.verdict), 2)
    if found.text is not None:
        yield ""
        yield paragraph(str(found.text), 2)
    for sign, reasons in (("+" if found.kind != "question" else "-", found.why), ("!", found.against)):
        for why in reasons:
            led = f" [{', '.join(why.because)}]" if why.because else ""
            unsure = f" [{t('not known')}: {', '.join(why.unsure)}]" if why.unsure else ""
            yield paragraph(f"{sign} {reason(why)}{led}{unsure}", 2, hang=2)
    yield from _compared(found)
    if found.change:
        label = t("It is asked for:") if found.kind == "question" else t("Another answer here could change it:")
        yield ""
        yield paragraph(f"{label} {'; '.join(str(name) for name in found.change)}", 2)
    yield from _provenance(found)


def _compared(found: Explanation) -> Iterator[Renderable]:
    if not found.compared:
        return
    words = {"yes": t("yes"), "no": t("no"), "maybe": t("not known")}
    yield ""
    for one in found.compared:
        wanted = t(" or ").join(f"“{short(str(text))}”" for text in one.wanted)
        answer = short(str(one.answer)) if one.answer is not None else t("not answered")
        line = t("{holds}: {name}: asks for {wanted}; you: {answer}",
                 holds=words[one.holds], name=one.name, wanted=wanted, answer=answer)  # fmt: skip
        yield paragraph(f"- {line}", 2, hang=2)


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
        yield paragraph(fact, 2)
    if found.url:
        yield whole(found.url, 2)
    for source in found.sources:
        yield paragraph(f"{source.what}:", 2)
        yield whole(source.url, 5)


def rule_rows(found: RuleList) -> Table:
    """The rules as a table."""
    words = severity_words()
    headers = (t("id"), t("rule"), t("severity"), t("since"), t("until"), t("checked"), t("sources"))
    rows = [
        (
            rule.id, rule.name, words[rule.severity], rule.valid_from or t("not found"),
            rule.valid_to or "", rule.checked_on, " ".join(source.url for source in rule.sources),
        )
        for rule in found.items
    ]  # fmt: skip
    return headers, rows


def rules_table(found: RuleList) -> Iterator[Renderable]:
    """The rules, two lines each; text and sources are in `explain`."""
    words = severity_words()
    for rule in found.items:
        yield paragraph(f"{rule.id} · {rule.name}", 0, style="strong", head=len(rule.id))
        facts = [words[rule.severity], t("in force from: {day}", day=rule.valid_from or t("not found"))]
        facts += [t("until: {day}", day=rule.valid_to)] if rule.valid_to else []
        facts.append(t("checked: {day}", day=rule.checked_on))
        yield paragraph(" · ".join(facts), 4, style="muted")
    yield ""
    yield paragraph(t("Text, sources and whom to ask: dkai advise explain ID"), 0, style="muted")


def question_rows(found: QuestionList) -> Table:
    """The questions as a table."""
    return (t("id"), t("question"), t("answers")), [
        (
            question.id, question.name,
            ", ".join([*(answer.id for answer in question.answers), "unknown"])
            if question.answers
            else t("a short text"),
        )
        for question in found.items
    ]  # fmt: skip


def questions_table(found: QuestionList) -> Iterator[Renderable]:
    """The questions with the answers that `--set` takes."""
    _, rows = question_rows(found)
    for id_, name, answers in rows:
        yield paragraph(f"{id_} · {name}", 0, style="strong", head=len(str(id_)))
        yield paragraph(str(answers), 4, style="muted")
