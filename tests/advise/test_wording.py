"""dkai says what applies, why and whom to ask; it never says that something may be done."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from dkai.advise.knowledge import shipped_knowledge
from dkai.core.paths import package_file
from dkai.core.text import Text

CLAIMS = re.compile(
    r"\b(u?lovlig\w*|lovmedholdelig\w*|legal(?!t| effect| or)|lawful\w*|illegal\w*|unlawful\w*)\b"
    r"|GDPR[- ](compliant|safe|approved|sikker|godkendt|klar|ready)|\bcompliant\b"
    r"|\b(er|is|are) (tilladt|permitted|allowed)\b|\bdu må (gerne|godt)\b|\byou (may|can) (freely|safely|always)\b"
    r"|\bno (legal )?problem\b|\bingen problem",
    re.IGNORECASE,
)
TEMPLATES = re.compile(r"\{\{|\{%|\$\{|<%")


def texts(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Text):
        yield f"{where}.da", value.da
        yield f"{where}.en", value.en
    elif isinstance(value, tuple):
        for place, inner in enumerate(value):
            yield from texts(inner, f"{where}/{getattr(inner, 'id', place)}")
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from texts(getattr(value, name), f"{where}.{name}")


ALL = list(texts(shipped_knowledge()))


def test_there_is_something_to_look_at() -> None:
    assert len(ALL) > 500


@pytest.mark.parametrize("language", ["da", "en"])
def test_nothing_is_declared_to_be_in_order(language: str) -> None:
    for where, text in ALL:
        if where.endswith(language):
            assert not CLAIMS.search(text), (where, text)


def test_the_check_finds_what_it_is_for() -> None:
    for bad in (
        "Det er lovligt.",
        "This is legal.",
        "a GDPR-compliant tool",
        "Det er tilladt",
        "du må gerne",
        "is lawful",
    ):
        assert CLAIMS.search(bad), bad
    for fine in ("legal effect", "legally binding is another word"):
        assert not CLAIMS.search(fine), fine


def test_no_templates_and_no_placeholders() -> None:
    for where, text in ALL:
        assert not TEMPLATES.search(text), (where, text)
        assert "{" not in text, (where, text)


def test_terms_of_the_field() -> None:
    pairs = {
        "data processing agreement": "databehandleraftale",
        "sub-processor": "underdatabehandler",
        "third-country transfer": "tredjelandsoverførsel",
        "record of processing": "fortegnelse",
        "impact assessment": "konsekvensanalyse",
        "AI literacy": "AI-færdigheder",
        "front office": "frontoffice",
        "deployer": "idriftsætter",
        "data protection officer": "databeskyttelsesrådgiver",
        "sensitive": "følsom",
    }
    by_place = dict(ALL)
    for where, text in ALL:
        if not where.endswith(".en"):
            continue
        danish = by_place[where.removesuffix("en") + "da"]
        for english, term in pairs.items():
            # “Sensitive bioinformatiske data” is the committee act's own word.
            if english.lower() in text.lower() and "bioinformatic" not in text:
                assert term.lower() in danish.lower(), (where, danish)


@pytest.mark.parametrize("name", ["questions", "rules", "recommendations"])
def test_commands_that_are_named_exist(name: str) -> None:
    from dkai.cli.app import GROUPS

    known = {group for group, _, _ in GROUPS}
    text = package_file(f"advise/knowledge/{name}.yaml").read_text(encoding="utf-8")
    for command in re.findall(r"[“»]dkai ([a-z]+)", text):
        assert command in known
