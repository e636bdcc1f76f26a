"""What all kinds of entry share: both languages, sources and dates, review dates, honest gaps."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
)

from dkai.core.i18n import t

_URL = re.compile(r"^(https?://[^\s/$.?#][^\s]*|pkg:[a-z]+/[^\s]+|doi:10\.[^\s]+)$", re.IGNORECASE)
_PART_OF_DATE = re.compile(r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")


class Model(BaseModel):
    """Frozen, and strict about names: a misspelt field is a mistake, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)


class Bilingual(Model):
    """A text in both languages."""

    da: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


def _one_or_both(value: Any) -> str:
    return "both" if isinstance(value, (dict, Bilingual)) else "one"


def _url(value: str) -> str:
    if not _URL.match(value):
        raise ValueError(t("is not an address: write https://…, pkg:pypi/NAME or doi:10.…"))
    return value


def _part_of_date(value: Any) -> Any:
    """YAML reads 2026 as a number and 2026-11-23 as a date: all are kept as text."""
    if isinstance(value, bool):
        return value
    text = value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, int) else value
    if isinstance(text, str) and text != "unknown" and not _PART_OF_DATE.match(text):
        raise ValueError(t("is not a date: write 2026, 2026-11 or 2026-11-23"))
    return text


Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
SourceId = Annotated[str, Field(pattern=r"^S[0-9]+$")]
Url = Annotated[str, AfterValidator(_url)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166 code, such as DK")]
Line = Annotated[str, Field(min_length=1, max_length=500)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
Whole = Annotated[int, Field(strict=True, ge=0, le=10**9)]
Score = Annotated[int, Field(strict=True, ge=1, le=5)]
# A day, a month or a year, as much of it as the source says; kept as text.
Moment = Annotated[
    str,
    BeforeValidator(_part_of_date),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": rf"{_PART_OF_DATE.pattern}|^unknown$"}, {"type": "integer"}]}
    ),
]
UNKNOWN = Literal["unknown"]
# A name, a number with its unit, `unknown`: the same in both languages; or a text in both.
TextOrWord = Annotated[Annotated[Bilingual, Tag("both")] | Annotated[Line, Tag("one")], Discriminator(_one_or_both)]


class Claims(Model):
    """A group of claims: where they are from, and when somebody looked."""

    sources: Annotated[list[SourceId], Field(min_length=1, description="keys of the entry's own sources")]
    checked: Annotated[date, Field(description="the day on which the claims were compared with the sources")]


class Source(Model):
    """Something that can be looked up again."""

    url: Url
    what: TextOrWord = Field(description="what it was used for")
    checked: date = Field(description="the day on which it was read")
    stored: Moment | None = Field(
        None, description="the date of the copy that was read, where it was not the live page"
    )


class Review(Model):
    """When somebody should look again, for the whole entry and for parts that age faster."""

    due: date
    per: dict[str, date] = Field(default_factory=dict, description="group of claims → its own date")


class Gap(Model):
    """A value that was wanted and is not known, and why."""

    field: Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$", description="path such as licence.weights")]
    why: TextOrWord


class SearchWords(Model):
    """Words that people look for, in the forms that they use."""

    da: list[Line] = Field(default_factory=list)
    en: list[Line] = Field(default_factory=list)


class Money(Model):
    """One price, as the source states it."""

    what: TextOrWord
    dkk: Annotated[float, Field(strict=True, ge=0)] | None = None
    eur: Annotated[float, Field(strict=True, ge=0)] | None = None
    usd: Annotated[float, Field(strict=True, ge=0)] | None = None
    per: TextOrWord | None = Field(None, description="unit, such as gpu-hour, month, person")
    note: TextOrWord | None = None
    dated: Moment | None = None
    sources: Annotated[list[SourceId], Field(min_length=1)]


class Entry(Model):
    """What every entry has."""

    schema_: Annotated[str, Field(alias="schema", pattern=r"^dkai/[a-z]+/1$")]
    id: Slug
    name: TextOrWord
    aliases: list[Slug] = Field(default_factory=list, description="other names, and ids that it had before")
    summary: Bilingual
    search_words: SearchWords = Field(default_factory=SearchWords)
    asks: SearchWords = Field(
        default_factory=SearchWords, description="needs and questions in the words of somebody who has them"
    )
    sources: Annotated[dict[SourceId, Source], Field(min_length=1)]
    review: Review
    unknown: list[Gap] = Field(default_factory=list)
