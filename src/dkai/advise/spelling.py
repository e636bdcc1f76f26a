"""How YAML spells knowledge: items with checked fields, texts in both languages, conditions. Every mistake is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from dkai.advise.conditions import ALWAYS, UNKNOWN, All, AnyOf, Compare, Condition, Not, comparisons
from dkai.core.errors import UserError
from dkai.core.i18n import t
from dkai.core.text import Text


class Names:
    """What conditions may compare so far, and the values that each name can have."""

    def __init__(self) -> None:
        self.values: dict[str, frozenset[str]] = {}
        self.several: set[str] = set()

    def add(self, item: Item, values: frozenset[str], *, several: bool = False) -> None:
        """From now on conditions may compare the item, which can have these values."""
        if item.id in self.values:
            raise item.wrong("id", t("is used twice"))
        self.values[item.id] = values
        if several:
            self.several.add(item.id)

    def check(self, item: Item, field: str, condition: Condition) -> Condition:
        """The condition, when everything it compares is known. Raises UserError."""
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


class Item:
    """One entry of a list in a file; knows how to say what is wrong with it."""

    def __init__(self, file: str, id_: str, fields: Mapping[str, Any]) -> None:
        self.file = file
        self.id = id_
        self.fields = fields
        self.seen: set[str] = {"id"}

    def wrong(self, field: str, why: str) -> UserError:
        """The error that names file, item and field."""
        return wrong_knowledge(self.file, f"{self.id} › {field}", why)

    def get(self, field: str, default: Any = None) -> Any:
        """The field as it is."""
        self.seen.add(field)
        return self.fields.get(field, default)

    def word(self, field: str) -> str:
        """A text that is no sentence: an id, an address."""
        value = self.get(field)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(field, t("a text is expected"))
        return value

    def maybe(self, field: str) -> str | None:
        """A word, or None where there is none."""
        return None if self.get(field) is None else self.word(field)

    def words(self, field: str) -> tuple[str, ...]:
        """A list of words; empty where there is none."""
        value = self.get(field, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.wrong(field, t("a list of words is expected"))
        return tuple(value)

    def one_of(self, field: str, choices: tuple[str, ...], default: str | None = None) -> Any:
        """One of a few words."""
        value = self.get(field, default)
        if value not in choices:
            raise self.wrong(field, t("one of: {names}", names=", ".join(choices)))
        return value

    def number(self, field: str, default: float | None = None) -> float:
        """A number."""
        value = self.get(field, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.wrong(field, t("a number is expected"))
        return float(value)

    def named(self, field: str) -> dict[str, str]:
        """Words by name; empty where there are none."""
        value = self.get(field, {})
        if not isinstance(value, dict) or not all(isinstance(w, str) for pair in value.items() for w in pair):
            raise self.wrong(field, t("a mapping of words is expected"))
        return dict(value)

    def day(self, field: str) -> date:
        """A date."""
        value = self.get(field)
        if type(value) is not date:
            raise self.wrong(field, t("a date is expected, such as 2026-11-23"))
        return value

    def text(self, field: str) -> Text:
        """A text in both languages."""
        return text_of(self, field, self.get(field))

    def maybe_text(self, field: str) -> Text | None:
        """A text in both languages, or None where there is none."""
        return None if self.get(field) is None else self.text(field)

    def condition(self, field: str) -> Condition:
        """A condition; where there is none, one that always holds."""
        value = self.get(field)
        return ALWAYS if value is None else condition_of(value, lambda why: self.wrong(field, why))

    def when(self, names: Names) -> Condition:
        """The condition over answers, checked."""
        return names.check(self, "when", self.condition("when"))

    def no_more(self) -> None:
        """Raise UserError when the item has a field that nobody asked for."""
        for field in self.fields:
            if field not in self.seen:
                raise self.wrong(field, t("there is no such field"))


class Reader:
    """One file's lists."""

    def __init__(self, file: str, content: Any, schema: str) -> None:
        if not isinstance(content, dict) or content.get("schema") != schema:
            raise wrong_knowledge(file, "schema", t("“{schema}” is expected", schema=schema))
        self.file = file
        self.content = content

    def each(self, name: str, make: Callable[[Item], Any], id_field: str = "id") -> Iterator[Any]:
        """What `make` makes of each item in the list `name`. Raises UserError."""
        items = self.content.get(name, [])
        if not isinstance(items, list):
            raise wrong_knowledge(self.file, name, t("a list is expected"))
        ids: set[str] = set()
        for place, fields in enumerate(items):
            if not isinstance(fields, dict) or not isinstance(fields.get(id_field), str):
                raise wrong_knowledge(
                    self.file, f"{name} › {place + 1}", t("a mapping with {field} is expected", field=id_field)
                )
            item = Item(self.file, fields[id_field], fields)
            if item.id in ids:
                raise item.wrong(id_field, t("is used twice"))
            ids.add(item.id)
            made = make(item)
            item.no_more()
            yield made


def text_of(item: Item, field: str, value: Any) -> Text:
    """The text in both languages that `value` is. Raises UserError."""
    if not isinstance(value, dict) or set(value) != {"da", "en"}:
        raise item.wrong(field, t("{da: …, en: …} is expected"))
    da, en = value["da"], value["en"]
    if not (isinstance(da, str) and isinstance(en, str) and da.strip() and en.strip()):
        raise item.wrong(field, t("both languages need a text"))
    if da == en and len(da.split()) > 4:
        raise item.wrong(field, t("the Danish and the English are the same sentence"))
    return Text(da, en)


def condition_of(value: Any, wrong: Callable[[str], UserError], *, said: bool = False) -> Condition:
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
        parts = tuple(condition_of(part, wrong, said=said) for part in inner)
        return All(parts) if name == "all" else AnyOf(parts)
    if name in ("not", "said"):
        part = condition_of(inner, wrong, said=said or name == "said")
        return Not(part) if name == "not" else part
    # YAML reads yes and no as booleans; people who write conditions mean the words.
    words = ["yes" if w is True else "no" if w is False else w for w in inner] if isinstance(inner, list) else []
    if not words or not all(isinstance(word, str) for word in words):
        raise wrong(t("{name}: a list of answers is expected", name=name))
    return Compare(str(name), frozenset(words), said)


def wrong_knowledge(file: str, place: str, why: str) -> UserError:
    """The error for a mistake in a file of knowledge."""
    return UserError(
        f"{file} › {place}: {why}",
        code="bad-knowledge",
        hint=t("this file ships with dkai: install dkai again, or report it"),
    )
