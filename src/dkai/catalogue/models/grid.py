"""A country's electricity: how much CO₂ one kWh stands for."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from dkai.catalogue.models.common import Country, Entry, Model, Positive, SourceId, TextOrWord


class Intensity(Model):
    """One year's figure."""

    year: Annotated[int, Field(strict=True, ge=1990, le=2100)]
    g_co2e_per_kwh: Positive
    method: TextOrWord | None = Field(None, description="what is counted: life cycle or direct, production or use")
    sources: Annotated[list[SourceId], Field(min_length=1)]
    checked: date


class Grid(Entry):
    """One country's grid."""

    country: Country
    intensity: Annotated[list[Intensity], Field(min_length=1)]
    note: TextOrWord | None = None
