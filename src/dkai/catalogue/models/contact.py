"""Somebody to ask; never invented."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from dkai.catalogue.models.common import Bilingual, Entry, Line, Slug, TextOrWord, Url


class Contact(Entry):
    """One contact."""

    organisation: TextOrWord
    role: Bilingual
    for_: Annotated[list[Slug] | Literal["all"], Field(alias="for", description="institution ids, or all")]
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$")] | None = None
    phone: Line | None = None
    url: Url | None = None
    what_for: Bilingual
    checked: date
