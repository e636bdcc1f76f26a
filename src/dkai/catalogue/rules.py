"""What a well-formed entry must keep to besides: sources, explained gaps, both languages, no ruling on the law."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from dkai.catalogue.explain import models_at
from dkai.catalogue.load import Document
from dkai.catalogue.models.registry import MODELS
from dkai.catalogue.problems import Problem, Severity, did_you_mean
from dkai.catalogue.words import DISCIPLINES, TASKS
from dkai.catalogue.yaml_file import Where, dotted
from dkai.core.clean import no_controls
from dkai.core.i18n import t

# dkai says what applies and whom to ask; that something is lawful is nobody's to say here.
_RULING = re.compile(
    r"GDPR[\s-]*(compliant|compatible|approved|safe|godkendt|kompatibel|sikker)"
    r"|(complies|compliant|compliance) with (the )?GDPR"
    r"|overholder (alle )?(GDPR|databeskyttelses)|(is|are) (fully |completely )?(legal|lawful)\b"
    r"|\ber (fuldt |helt )?lovlig(t|e)?\b|juridisk sikker|legally safe",
    re.IGNORECASE,
)
_DATES = ("checked", "since", "until", "dated", "released", "stored")
_ENGLISH = re.compile(r"\b(the|and|of|is|are|with|your|you|not)\b", re.IGNORECASE)
_DANISH = re.compile(r"\b(og|er|det|den|af|til|på|ikke|med|som|du|din|dit)\b", re.IGNORECASE)
_TEXT_FIELDS = ("what", "why", "note", "waiting_time", "text", "verdict")

Leaf = tuple[Where, Any]


def check_rules(document: Document, entry: Mapping[str, Any], today: date) -> Iterator[Problem]:
    """Everything in one entry that its model cannot see. `entry` is what `check_shape` gave."""

    def problem(where: Where, message: str, hint: str | None = None, severity: Severity = Severity.ERROR) -> Problem:
        line = where
        while line and line not in document.lines:
            line = line[:-1]
        return Problem(document.file, dotted(where), message, hint, document.lines.get(line), severity)

    for rule in (_sources, _dates, _gaps, _languages, _wording, _words, _other):
        for complaint in rule(document.kind, entry, today):
            yield problem(*complaint)


Complaint = tuple[Where, str, str | None, Severity]
ERROR, WARNING = Severity.ERROR, Severity.WARNING


def walk(value: Any, where: Where = ()) -> Iterator[Leaf]:
    """Every mapping, list and value below `value`, with its place."""
    yield where, value
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from walk(inner, (*where, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from walk(inner, (*where, place))


def _sources(kind: str, entry: Mapping[str, Any], today: date) -> Iterator[Complaint]:
    del kind, today
    known, used = set(entry["sources"]), set()
    for where, value in walk(entry):
        if where and where[-1] in ("sources", "source") and where != ("sources",):
            for name in [value] if isinstance(value, str) else value:
                used.add(name)
                if name not in known:
                    hint = did_you_mean(name, known) or t("add it under sources: with url, what and checked")
                    yield where, t("names the source {name}, which the entry does not have", name=name), hint, ERROR
    if used:
        for name in sorted(known - used):
            hint = t("name it where it was used, or remove it")
            yield ("sources", name), t("is not used by any group of claims"), hint, WARNING
    for name, source in entry["sources"].items():
        if re.search(r"//(www\.)?example\.(com|org|net)|\blocalhost\b", source["url"]):
            yield ("sources", name, "url"), t("is no real address"), None, ERROR


def _dates(kind: str, entry: Mapping[str, Any], today: date) -> Iterator[Complaint]:
    del kind
    for where, value in walk(entry):
        if (
            where
            and where[-1] in _DATES
            and isinstance(value, str)
            and value != "unknown"
            and value > today.isoformat()
        ):
            yield where, t("is in the future ({date})", date=value), None, ERROR
    for name in entry["review"].get("per", {}):
        if name not in entry:
            hint = did_you_mean(name, entry)
            yield ("review", "per", name), t("is not a group of this entry"), hint, ERROR


def _gaps(kind: str, entry: Mapping[str, Any], today: date) -> Iterator[Complaint]:
    """Each `unknown` has its reason, and each reason its field."""
    del today
    explained = {gap["field"] for gap in entry.get("unknown", ())}
    for where, value in walk(entry):
        if value == "unknown" and where[:1] != ("unknown",):
            path = ".".join(str(part) for part in where if not isinstance(part, int))
            if not any(path == field or path.startswith(f"{field}.") for field in explained):
                hint = t("add under unknown: {{field: {path}, why: {{da: …, en: …}}}}", path=path)
                yield where, t("is unknown, and nothing says why"), hint, ERROR
    for place, gap in enumerate(entry.get("unknown", ())):
        parts = tuple(gap["field"].split("."))
        for depth in range(1, len(parts) + 1):
            fields = [f for one in models_at(MODELS[kind], parts[: depth - 1]) for f in _names(one)]
            if fields and parts[depth - 1] not in fields and not _in_mapping(entry, parts[:depth]):
                near = did_you_mean(parts[depth - 1], fields)
                yield ("unknown", place, "field"), t("names no field ({name})", name=gap["field"]), near, ERROR
                break


def _names(model: Any) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


def _in_mapping(entry: Any, parts: tuple[str, ...]) -> bool:
    for part in parts:
        if isinstance(entry, list):
            return True
        if not isinstance(entry, Mapping) or part not in entry:
            return False
        entry = entry[part]
    return True


def _languages(kind: str, entry: Mapping[str, Any], today: date) -> Iterator[Complaint]:
    del today
    for where, value in walk(entry):
        if isinstance(value, Mapping) and "da" in value and "en" in value and isinstance(value["da"], str):
            yield from _both(where, value["da"], value["en"])
        elif isinstance(value, str) and where[-1] in _TEXT_FIELDS and len(_small_words(value)) > 3:
            yield where, t("is in one language only"), t("write it as {da: …, en: …}"), ERROR
    words = entry.get("search_words", {})
    if kind in ("tool", "provider", "course"):
        for lang in ("da", "en"):
            if not words.get(lang):
                hint = t("the words that somebody would type who does not know the name")
                yield ("search_words", lang), t("is empty"), hint, WARNING


def _both(where: Where, da: str, en: str) -> Iterator[Complaint]:
    if da.strip() == en.strip() and len(_small_words(da)) > 3:
        yield where, t("is the same sentence in both languages"), t("translate one of them"), ERROR
    for code, text, own, other in (("da", da, _DANISH, _ENGLISH), ("en", en, _ENGLISH, _DANISH)):
        if len(other.findall(text)) > 2 and not own.search(text):
            hint = t("da is Danish and en is English: were they swapped?")
            yield (*where, code), t("seems to be in the other language"), hint, WARNING


def _words(kind: str, entry: Mapping[str, Any], today: date) -> Iterator[Complaint]:
    """Words that readers would see as bare ids."""
    del today
    if kind == "tool":
        for field, names in (("tasks", TASKS), ("disciplines", DISCIPLINES)):
            for place, word in enumerate(entry[field]):
                if word not in names:
                    hint = did_you_mean(word, names) or t("its name in both languages belongs into catalogue/words.py")
                    yield (field, place), t("has no name in Danish and English: “{word}”", word=word), hint, WARNING


def _small_words(text: str) -> list[str]:
    """Words of three letters and more that are no names: what makes a text a sentence in some language."""
    return re.findall(r"\b[a-zæøå]{3,}\b", re.sub(r"\S*[/._@]\S*", " ", text))


def _wording(kind: str, entry: Mapping[str, Any], today: date) -> Iterator[Complaint]:
    del kind, today
    for where, value in walk(entry):
        if not isinstance(value, str):
            continue
        if found := _RULING.search(value):
            hint = t("say what applies, why, and whom to ask")
            yield where, t("rules on the law (“{words}”), which dkai never does", words=found[0]), hint, ERROR
        if no_controls(value) != value:
            yield where, t("has control characters in it"), t("remove them"), ERROR
        if re.search(r"\b(TODO|FIXME|XXX|lorem ipsum)\b", value):
            yield where, t("is not finished"), None, ERROR


def _other(kind: str, entry: Mapping[str, Any], today: date) -> Iterator[Complaint]:
    del today
    for where, value in walk(entry):
        if where and where[-1] == "price" and isinstance(value, list):
            for place, price in enumerate(value):
                if kind != "course" and not any(c in price for c in ("dkk", "eur", "usd")):
                    yield (*where, place), t("has no amount"), t("write dkk:, eur: or usd:"), ERROR
    if kind == "tool":
        minutes = entry["ease"].get("install_minutes")
        if isinstance(minutes, Mapping) and minutes["low"] > minutes["high"]:
            yield ("ease", "install_minutes"), t("goes from high to low"), None, ERROR
