"""Read questions, rules and recommendations from YAML, checked: what is wrong is said with file, item and field.

Checked here: every name that a condition compares exists and can have that value, a question's `when` looks only at
questions above it, every text is there in both languages, every contact is known. So a mistake is found when the
knowledge is read, never in the middle of somebody's answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, get_args

from dkai.advise.conditions import ALWAYS, UNKNOWN, All, AnyOf, Compare, Condition, Not, comparisons, names_in
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
from dkai.core.errors import UserError
from dkai.core.files import read_text
from dkai.core.i18n import t
from dkai.core.paths import package_file
from dkai.core.text import Text

VERSION = 1
FILES = ("questions", "rules", "recommendations")
GIVEN = "given"


@cache
def shipped_knowledge() -> Knowledge:
    """What ships with dkai."""
    return read_knowledge(package_file("advise/knowledge"))


def read_knowledge(folder: Path) -> Knowledge:
    """The knowledge in a folder's three files. Raises UserError that names file, item and field."""
    return make_knowledge({name: _yaml(folder / f"{name}.yaml") for name in FILES})


def make_knowledge(files: Mapping[str, Any]) -> Knowledge:
    """The knowledge in three files' plain values. Raises UserError."""
    asked = _Reader("questions.yaml", files["questions"], "dkai/questions/1")
    ruled = _Reader("rules.yaml", files["rules"], "dkai/rules/1")
    advised = _Reader("recommendations.yaml", files["recommendations"], "dkai/recommendations/1")
    names = _Names()
    contacts = tuple(advised.each("contacts", _contact))
    roles = {contact.id for contact in contacts}

    def known_contact(item: _Item, id_: str | None) -> None:
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
            known_contact(_Item(reader.file, thing.id, {}), thing.contact)
    if not recipes or recipes[-1].when != ALWAYS:
        raise _wrong("recommendations.yaml", "recipes", t("the last one must hold always (when: {})"))
    return Knowledge(
        questions, derived, contradictions, rules, constraints, preferences, recipes, steps, contacts, needs
    )


class _Names:
    """What conditions may compare so far, and the values that each name can have."""

    def __init__(self) -> None:
        self.values: dict[str, frozenset[str]] = {}
        self.several: set[str] = set()

    def add(self, item: _Item, values: frozenset[str], *, several: bool = False) -> None:
        if item.id in self.values:
            raise item.wrong("id", t("is used twice"))
        self.values[item.id] = values
        if several:
            self.several.add(item.id)

    def check(self, item: _Item, field: str, condition: Condition) -> Condition:
        for compare in comparisons(condition):
            if compare.name not in self.values:
                raise item.wrong(field, t("compares “{name}”, which is no question above it", name=compare.name))
            possible = self.values[compare.name]
            if strange := compare.values - possible:
                raise item.wrong(
                    field,
                    t("{name}: no answer is called “{answer}”", name=compare.name, answer=min(strange)),
                )
            # Any of several, or “says so”, compares even when every answer is named.
            trivial = not compare.said and compare.name not in self.several
            if trivial and compare.values >= possible - {UNKNOWN}:
                raise item.wrong(field, t("{name}: every answer is named, so nothing is compared", name=compare.name))
        return condition


class _Item:
    """One entry of a list in a file; knows how to say what is wrong with it."""

    def __init__(self, file: str, id_: str, fields: Mapping[str, Any]) -> None:
        self.file = file
        self.id = id_
        self.fields = fields
        self.seen: set[str] = {"id"}

    def wrong(self, field: str, why: str) -> UserError:
        return _wrong(self.file, f"{self.id} › {field}", why)

    def get(self, field: str, default: Any = None) -> Any:
        self.seen.add(field)
        return self.fields.get(field, default)

    def word(self, field: str) -> str:
        value = self.get(field)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(field, t("a text is expected"))
        return value

    def maybe(self, field: str) -> str | None:
        return None if self.get(field) is None else self.word(field)

    def words(self, field: str) -> tuple[str, ...]:
        value = self.get(field, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.wrong(field, t("a list of words is expected"))
        return tuple(value)

    def one_of(self, field: str, choices: tuple[str, ...], default: str | None = None) -> Any:
        value = self.get(field, default)
        if value not in choices:
            raise self.wrong(field, t("one of: {names}", names=", ".join(choices)))
        return value

    def number(self, field: str, default: float | None = None) -> float:
        value = self.get(field, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.wrong(field, t("a number is expected"))
        return float(value)

    def named(self, field: str) -> dict[str, str]:
        value = self.get(field, {})
        if not isinstance(value, dict) or not all(isinstance(w, str) for pair in value.items() for w in pair):
            raise self.wrong(field, t("a mapping of words is expected"))
        return dict(value)

    def day(self, field: str) -> date:
        value = self.get(field)
        if type(value) is not date:
            raise self.wrong(field, t("a date is expected, such as 2026-11-23"))
        return value

    def text(self, field: str) -> Text:
        return _text(self, field, self.get(field))

    def maybe_text(self, field: str) -> Text | None:
        return None if self.get(field) is None else self.text(field)

    def condition(self, field: str) -> Condition:
        value = self.get(field)
        return ALWAYS if value is None else _condition(value, lambda why: self.wrong(field, why))

    def when(self, names: _Names) -> Condition:
        return names.check(self, "when", self.condition("when"))

    def no_more(self) -> None:
        for field in self.fields:
            if field not in self.seen:
                raise self.wrong(field, t("there is no such field"))


class _Reader:
    """One file's lists."""

    def __init__(self, file: str, content: Any, schema: str) -> None:
        if not isinstance(content, dict) or content.get("schema") != schema:
            raise _wrong(file, "schema", t("“{schema}” is expected", schema=schema))
        self.file = file
        self.content = content

    def each(self, name: str, make: Callable[[_Item], Any], id_field: str = "id") -> Iterator[Any]:
        items = self.content.get(name, [])
        if not isinstance(items, list):
            raise _wrong(self.file, name, t("a list is expected"))
        ids: set[str] = set()
        for place, fields in enumerate(items):
            if not isinstance(fields, dict) or not isinstance(fields.get(id_field), str):
                raise _wrong(
                    self.file, f"{name} › {place + 1}", t("a mapping with {field} is expected", field=id_field)
                )
            item = _Item(self.file, fields[id_field], fields)
            if item.id in ids:
                raise item.wrong(id_field, t("is used twice"))
            ids.add(item.id)
            made = make(item)
            item.no_more()
            yield made


def _question(item: _Item, names: _Names) -> Question:
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


def _options(question: _Item) -> Iterator[Option]:
    ids: set[str] = set()
    for fields in question.get("options", []):
        if not isinstance(fields, dict) or not isinstance(fields.get("id"), str):
            raise question.wrong("options", t("each answer needs an id that is a text (put no and yes in quotes)"))
        item = _Item(question.file, f"{question.id} › {fields['id']}", fields)
        if fields["id"] in ids:
            raise item.wrong("id", t("is used twice"))
        ids.add(fields["id"])
        option = Option(fields["id"], item.text("text"), item.words("was"), item.words("tasks"), item.words("fields"))
        item.no_more()
        yield option


def _derived(item: _Item, names: _Names) -> Derived:
    cases = []
    for fields in item.get("cases", []):
        if not isinstance(fields, dict):
            raise item.wrong("cases", t("a mapping is expected"))
        case = _Item(item.file, f"{item.id} › {fields.get('value')}", fields)
        cases.append(Case(case.word("value"), case.text("name"), case.when(names), case.text("why")))
        case.no_more()
    if not cases or cases[-1].when != ALWAYS:
        raise item.wrong("cases", t("the last one must hold always (when: {})"))
    names.add(item, frozenset(case.value for case in cases))
    return Derived(item.id, item.text("topic"), tuple(cases))


def _rule(item: _Item, names: _Names) -> Rule:
    sources = []
    for fields in item.get("sources", []):
        if not isinstance(fields, dict) or not str(fields.get("url", "")).startswith("https://"):
            raise item.wrong("sources", t("each source needs an https address"))
        sources.append(Source(fields["url"], _text(item, "sources › what", fields.get("what"))))
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


def _constraint(item: _Item, names: _Names) -> Constraint:
    return Constraint(
        item.id, item.one_of("of", get_args(CandidateKind)), item.text("text"), item.when(names),
        item.condition("entry"), item.one_of("effect", ("out", "caveat"), "out"),
        item.one_of("if_unsure", ("out", "caveat", "ignore"), "out"), item.maybe_text("unsure"), item.maybe("detail"),
    )  # fmt: skip


def _preference(item: _Item, names: _Names) -> Preference:
    return Preference(
        item.id, item.one_of("of", get_args(CandidateKind)), item.number("points"), item.when(names),
        item.condition("entry"), item.maybe("per"), item.maybe_text("text"),
    )  # fmt: skip


def _recipe(item: _Item, names: _Names) -> RecipeChoice:
    sample = item.get("sample", False)
    if not isinstance(sample, bool):
        raise item.wrong("sample", t("true or false is expected"))
    return RecipeChoice(item.word("recipe"), item.when(names), item.text("text"), sample)


def _step(item: _Item, names: _Names) -> Step:
    at = item.one_of("at", ("data", "week", "before"))
    return Step(item.id, at, item.when(names), item.text("text"), item.maybe("contact"))


def _contact(item: _Item) -> ContactRole:
    return ContactRole(
        item.id, item.text("name"), item.text("text"), item.maybe("url"), item.maybe("email"), item.named("pages"),
        item.day("checked_on"), item.named("entries"),
    )  # fmt: skip


def _text(item: _Item, field: str, value: Any) -> Text:
    if not isinstance(value, dict) or set(value) != {"da", "en"}:
        raise item.wrong(field, t("{da: …, en: …} is expected"))
    da, en = value["da"], value["en"]
    if not (isinstance(da, str) and isinstance(en, str) and da.strip() and en.strip()):
        raise item.wrong(field, t("both languages need a text"))
    if da == en and len(da.split()) > 4:
        raise item.wrong(field, t("the Danish and the English are the same sentence"))
    return Text(da, en)


def _condition(value: Any, wrong: Callable[[str], UserError], *, said: bool = False) -> Condition:
    """The condition that YAML spells; `wrong` makes the error."""
    if not isinstance(value, dict):
        raise wrong(t("a condition is a mapping, such as {people: [none]}"))
    if not value:
        return ALWAYS
    if len(value) > 1:
        raise wrong(t("one comparison a mapping: join several with all: or any:"))
    ((name, inner),) = value.items()
    if name in ("all", "any"):
        if not isinstance(inner, list) or not inner:
            raise wrong(t("{name}: a list of conditions is expected", name=name))
        parts = tuple(_condition(part, wrong, said=said) for part in inner)
        return All(parts) if name == "all" else AnyOf(parts)
    if name in ("not", "said"):
        part = _condition(inner, wrong, said=said or name == "said")
        return Not(part) if name == "not" else part
    # YAML reads yes and no as booleans; people who write conditions mean the words.
    words = ["yes" if w is True else "no" if w is False else w for w in inner] if isinstance(inner, list) else []
    if not words or not all(isinstance(word, str) for word in words):
        raise wrong(t("{name}: a list of answers is expected", name=name))
    return Compare(str(name), frozenset(words), said)


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
        raise _wrong(path.name, place, t("it is not valid YAML")) from error


def _wrong(file: str, place: str, why: str) -> UserError:
    return UserError(
        f"{file} › {place}: {why}",
        code="bad-knowledge",
        hint=t("this file ships with dkai: install dkai again, or report it"),
    )
