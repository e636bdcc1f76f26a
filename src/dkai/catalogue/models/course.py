"""A course, or material that one can learn from alone."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from dkai.catalogue.models.common import UNKNOWN, Bilingual, Entry, Line, Model, Positive, Slug, TextOrWord, Url


class Price(Model):
    """What it costs whom; 0 is free."""

    dkk: Annotated[float, Field(strict=True, ge=0)] | None = None
    eur: Annotated[float, Field(strict=True, ge=0)] | None = None
    for_: Annotated[TextOrWord | None, Field(alias="for")] = None
    note: TextOrWord | None = None


class Run(Model):
    """One time that it was or will be held."""

    start: date
    end: date | None = None
    place: TextOrWord | None = None


class Course(Entry):
    """One course."""

    provider: TextOrWord
    url: Url
    languages: Annotated[list[Literal["da", "en", "sv", "no", "de"]], Field(min_length=1)]
    format: Literal["self-paced", "scheduled", "series"]
    level: Literal["basic", "intermediate", "advanced"]
    ects: Positive | UNKNOWN | None = None
    hours: Positive | UNKNOWN | None = None
    price: list[Price] | Price | UNKNOWN
    dates: list[Run] = Field(default_factory=list)
    recurs: Bilingual | None = None
    trains: Annotated[list[Slug], Field(min_length=1, description="competence ids")]
    requires: list[Slug] = Field(default_factory=list)
    audience: Bilingual
    licence: Line | None = None
    note: Bilingual | None = None
    checked: date
