"""What a well-formed entry must keep to besides."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from catalogue.samples import DAY, both, course, provider, tool, write
from dkai.catalogue.load import check_shape, read_documents
from dkai.catalogue.problems import Severity
from dkai.catalogue.rules import check_rules

TODAY = date(2026, 11, 23)


def told(made: dict, tmp_path: Path, severity: Severity = Severity.ERROR) -> list[str]:
    (document,), problems = read_documents(write(tmp_path / made["id"], made))
    entry, wrong = check_shape(document)
    assert entry is not None, (problems, wrong)
    return [f"{p.field}: {p.message}" for p in check_rules(document, entry, TODAY) if p.severity is severity]


def test_the_samples_keep_all_rules(tmp_path: Path) -> None:
    for made in (tool(), provider(), course()):
        assert told(made, tmp_path) == []
        assert told(made, tmp_path, Severity.WARNING) == []


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (tool(ease__sources=["S1", "S7"]), "ease.sources: names the source S7, which the entry does not have"),
        (tool(ease__checked="2026-11-24"), "ease.checked: is in the future (2026-11-24)"),
        (tool(version={"latest": "1", "released": "2027", "checked": DAY}), "version.released: is in the future"),
        (tool(review__per={"easy": "2027-01-01"}), "review.per.easy: is not a group of this entry"),
        (tool(licence__weights="unknown"), "licence.weights: is unknown, and nothing says why"),
        (tool(unknown=[{"field": "licence.wieghts", "why": both("a", "b")}]), "unknown[1].field: names no field"),
        (tool(unknown=[{"field": "price", "why": both("a", "b")}]), "unknown[1].field: names no field"),
        (tool(summary=both("det samme på begge sprog", "det samme på begge sprog")),
         "summary: is the same sentence in both languages"),
        (tool(effectiveness__evidence=[
            {"what": "share of words that were wrong", "value": "3 %", "by": "authors", "sources": ["S1"]}
        ]), "effectiveness.evidence[1].what: is in one language only"),
        (tool(summary=both("Værktøjet er GDPR-godkendt.", "A tool.")), "summary.da: rules on the law"),
        (tool(summary=both("Et værktøj.", "It is GDPR compliant.")), "summary.en: rules on the law"),
        (tool(summary=both("Det er lovligt at bruge.", "A tool.")), "summary.da: rules on the law"),
        (tool(summary=both("Et værktøj.", "Using it is perfectly fine and is legal.")), "summary.en: rules on the law"),
        (tool(summary=both("TODO: skriv det", "A tool.")), "summary.da: is not finished"),
        (tool(summary=both("Et \x1b[31mværktøj", "A tool.")), "summary.da: has control characters in it"),
        (tool(sources__S1__url="https://example.org/x"), "sources.S1.url: is no real address"),
        (tool(ease__install_minutes={"low": 20, "high": 10}), "ease.install_minutes: goes from high to low"),
        (provider(cost__price=[{"what": "GPU", "sources": ["S1"]}]), "cost.price[1]: has no amount"),
    ],
)  # fmt: skip
def test_what_must_be_mended(made: dict, says: str, tmp_path: Path) -> None:
    found = told(made, tmp_path)
    assert any(line.startswith(says) for line in found), found


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (tool(search_words={"da": ["ord"]}), "search_words.en: is empty"),
        (tool(summary=both("The tool is for the ones and not you.", "A.")), "summary.da: seems to be in the other"),
        (tool(tasks=["something-odd"]), "tasks[1]: has no name in Danish and English: “something-odd”"),
        (tool(sources={
            "S1": {"url": "https://a.test", "what": both("a", "b"), "checked": DAY},
            "S2": {"url": "https://b.test", "what": both("a", "b"), "checked": DAY},
        }), "sources.S2: is not used by any group of claims"),
    ],
)  # fmt: skip
def test_what_is_worth_a_look(made: dict, says: str, tmp_path: Path) -> None:
    found = told(made, tmp_path, Severity.WARNING)
    assert any(line.startswith(says) for line in found), found


def test_a_gap_explains_what_lies_below_it(tmp_path: Path) -> None:
    gap = [{"field": "licence", "why": both("Ikke oplyst.", "Not stated.")}]
    assert told(tool(licence={"code": "unknown", "weights": "unknown"}, unknown=gap), tmp_path) == []


def test_names_and_addresses_are_the_same_in_both_languages(tmp_path: Path) -> None:
    assert told(tool(summary=both("Whisper", "Whisper")), tmp_path) == []
