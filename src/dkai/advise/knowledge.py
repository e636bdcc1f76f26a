"""Read questions, rules and recommendations from YAML, checked: what is wrong is said with file, item and field.

Checked here: every name that a condition compares exists and can have that value, a question's `when` looks only at
questions above it, every text is there in both languages, every contact is known. So a mistake is found when the
knowledge is read, never in the middle of somebody's answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

from dkai.advise.answers import GIVEN
from dkai.advise.conditions import ALWAYS, UNKNOWN, names_in
from dkai.advise.model import (
    SEVERITIES,
    CandidateKind,
    Case,
    Constraint,
    ContactRole,
    Contradiction,
    CourseNeed,
    Derived,
    Knowledge,
    Option,
    Preference,
    Question,
    QuestionKind,
    RecipeChoice,
    Rule,
    Source,
    Step,
)
from dkai.advise.spelling import Item, Names, Reader, text_of, wrong_knowledge
from dkai.core.files import read_text
from dkai.core.i18n import t
from dkai.core.paths import package_file

FILES = ("questions", "rules", "recommendations")


@cache
def shipped_knowledge() -> Knowledge:
    """What ships with dkai."""
    return read_knowledge(package_file("advise/knowledge"))


def read_knowledge(folder: Path) -> Knowledge:
    """The knowledge in a folder's three files. Raises UserError that names file, item and field."""
    return make_knowledge({name: _yaml(folder / f"{name}.yaml") for name in FILES})


def make_knowledge(files: Mapping[str, Any]) -> Knowledge:
    """The knowledge in three files' plain values. Raises UserError."""
    asked = Reader("questions.yaml", files["questions"], "dkai/questions/1")
    ruled = Reader("rules.yaml", files["rules"], "dkai/rules/1")
    advised = Reader("recommendations.yaml", files["recommendations"], "dkai/recommendations/1")
    names = Names()
    contacts = tuple(advised.each("contacts", _contact))
    roles = {contact.id for contact in contacts}

    def known_contact(item: Item, id_: str | None) -> None:
        if id_ is not None and id_ not in roles:
            raise item.wrong("contact", t("no contact is called “{name}”", name=id_))

    questions = tuple(asked.each("questions", lambda item: _question(item, names)))
    derived = tuple(asked.each("derived", lambda item: _derived(item, names)))
    contradictions = tuple(asked.each("contradictions", lambda i: Contradiction(i.id, i.when(names), i.text("text"))))
    rules = tuple(ruled.each("rules", lambda item: _rule(item, names)))
    constraints = tuple(advised.each("constraints", lambda item: _constraint(item, names)))
    preferences = tuple(advised.each("preferences", lambda item: _preference(item, names)))
    recipes = tuple(advised.each("recipes", lambda item: _recipe(item, names), id_field="recipe"))
    steps = tuple(advised.each("steps", lambda item: _step(item, names)))
    needs = tuple(advised.each("courses", lambda i: CourseNeed(i.id, i.when(names), i.words("trains"), i.text("text"))))
    for reader, things in ((asked, questions), (ruled, rules), (advised, steps)):
        for thing in things:
            known_contact(Item(reader.file, thing.id, {}), thing.contact)
    if not recipes or recipes[-1].when != ALWAYS:
        raise wrong_knowledge("recommendations.yaml", "recipes", t("the last one must hold always (when: {})"))
    return Knowledge(
        questions, derived, contradictions, rules, constraints, preferences, recipes, steps, contacts, needs
    )


def _question(item: Item, names: Names) -> Question:
    kind: QuestionKind = item.one_of("kind", get_args(QuestionKind))
    options = tuple(_options(item))
    unknown = item.maybe_text("unknown")
    if bool(options) is (kind == "text"):
        raise item.wrong("options", t("a choice needs answers, and a free text has none"))
    when = item.when(names)
    values = frozenset({GIVEN}) if kind == "text" else frozenset(option.id for option in options)
    if UNKNOWN in values:
        raise item.wrong("options", t("“unknown” is the answer “I don't know”: give the field unknown instead"))
    names.add(item, values | {UNKNOWN}, several=kind != "choice")
    return Question(
        item.id, kind, item.text("topic"), item.text("text"), item.text("why"), item.text("help"), options, when,
        item.number("cost", 1.0), unknown, item.maybe("contact"), item.words("was"),
    )  # fmt: skip


def _options(question: Item) -> Iterator[Option]:
    ids: set[str] = set()
    for fields in question.get("options", []):
        if not isinstance(fields, dict) or not isinstance(fields.get("id"), str):
            raise question.wrong("options", t("each answer needs an id that is a text (put no and yes in quotes)"))
        item = Item(question.file, f"{question.id} › {fields['id']}", fields)
        if fields["id"] in ids:
            raise item.wrong("id", t("is used twice"))
        ids.add(fields["id"])
        option = Option(fields["id"], item.text("text"), item.words("was"), item.words("tasks"), item.words("fields"))
        item.no_more()
        yield option


def _derived(item: Item, names: Names) -> Derived:
    cases = []
    for fields in item.get("cases", []):
        if not isinstance(fields, dict):
            raise item.wrong("cases", t("a mapping is expected"))
        case = Item(item.file, f"{item.id} › {fields.get('value')}", fields)
        cases.append(Case(case.word("value"), case.text("name"), case.when(names), case.text("why")))
        case.no_more()
    if not cases or cases[-1].when != ALWAYS:
        raise item.wrong("cases", t("the last one must hold always (when: {})"))
    names.add(item, frozenset(case.value for case in cases))
    return Derived(item.id, item.text("topic"), tuple(cases))


def _rule(item: Item, names: Names) -> Rule:
    sources = []
    for fields in item.get("sources", []):
        if not isinstance(fields, dict) or not str(fields.get("url", "")).startswith("https://"):
            raise item.wrong("sources", t("each source needs an https address"))
        sources.append(Source(fields["url"], text_of(item, "sources › what", fields.get("what"))))
    if not sources:
        raise item.wrong("sources", t("a rule needs at least one"))
    since = None if item.get("valid_from") == UNKNOWN else item.day("valid_from")
    until = item.day("valid_to") if item.get("valid_to") is not None else None
    if since and until and until < since:
        raise item.wrong("valid_to", t("is before valid_from"))
    return Rule(
        item.id, item.text("title"), item.text("text"), item.when(names), item.one_of("severity", SEVERITIES),
        tuple(sources), since, item.day("checked_on"), item.word("contact"), until,
    )  # fmt: skip


def _constraint(item: Item, names: Names) -> Constraint:
    return Constraint(
        item.id, item.one_of("of", get_args(CandidateKind)), item.text("text"), item.when(names),
        item.condition("entry"), item.one_of("effect", ("out", "caveat"), "out"),
        item.one_of("if_unsure", ("out", "caveat", "ignore"), "out"), item.maybe_text("unsure"), item.maybe("detail"),
    )  # fmt: skip


def _preference(item: Item, names: Names) -> Preference:
    return Preference(
        item.id, item.one_of("of", get_args(CandidateKind)), item.number("points"), item.when(names),
        item.condition("entry"), item.maybe("per"), item.maybe_text("text"),
    )  # fmt: skip


def _recipe(item: Item, names: Names) -> RecipeChoice:
    sample = item.get("sample", False)
    if not isinstance(sample, bool):
        raise item.wrong("sample", t("true or false is expected"))
    return RecipeChoice(item.word("recipe"), item.when(names), item.text("text"), sample)


def _step(item: Item, names: Names) -> Step:
    at = item.one_of("at", ("data", "week", "before"))
    return Step(item.id, at, item.when(names), item.text("text"), item.maybe("contact"))


def _contact(item: Item) -> ContactRole:
    return ContactRole(
        item.id, item.text("name"), item.text("text"), item.maybe("url"), item.maybe("email"), item.named("pages"),
        item.day("checked_on"), item.named("entries"),
    )  # fmt: skip


def facts_compared(knowledge: Knowledge) -> frozenset[str]:
    """Every fact that constraints and preferences look at, and every number they multiply by."""
    conditions = [c.entry for c in knowledge.constraints] + [p.entry for p in knowledge.preferences]
    return frozenset[str]().union(*(names_in(condition) for condition in conditions))


def _yaml(path: Path) -> Any:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(read_text(path), loader)  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = t("line {line}", line=mark.line + 1) if mark is not None else "?"
        raise wrong_knowledge(path.name, place, t("it is not valid YAML")) from error
