"""A place where data for research is found: what it holds, who may have it, and how a program asks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dkai.catalogue.models.common import UNKNOWN, Bilingual, Claims, Entry, Line, Slug, TextOrWord, Url


class PortalAccess(Claims):
    """Who may have the data, and how to ask."""

    model: Literal["open", "account", "application", "mixed", "unknown"] = Field(
        description="application: somebody decides on each project; mixed: differs from data set to data set"
    )
    who: Bilingual
    steps: list[Bilingual] = Field(default_factory=list)
    waiting_time: TextOrWord | None = None
    price: TextOrWord | None = None


class Api(Claims):
    """How a program searches it."""

    protocol: Line = Field(description="such as CKAN, OAI-PMH, REST/JSON, DCAT feed")
    base_url: Url | None = None
    search_request: Line | None = Field(None, description="one request as it is sent, with {word} for what is sought")
    auth: Literal["none", "optional-key", "key", "login", "unknown"]
    answer: TextOrWord | None = Field(None, description="the shape of the answer")
    rate_limit: TextOrWord | None = None
    feeds: list[Url] = Field(default_factory=list, description="whole catalogues to load and search at home")
    pitfalls: list[Bilingual] = Field(default_factory=list)


class Portal(Entry):
    """One portal."""

    owner: TextOrWord
    home: Url
    holds: Annotated[list[Slug], Field(min_length=1)] = Field(
        description="kinds of data, such as registers, text, maps"
    )
    disciplines: Annotated[list[Slug], Field(min_length=1)]
    access: PortalAccess
    api: Api | None = Field(None, description="null: none was found")
    metadata_licence: Line | UNKNOWN | None = None
    data_licence: TextOrWord | UNKNOWN | None = None
    personal_data: bool | Literal["some", "unknown"] = Field(description="whether it holds data about persons")
    contact: Line | None = Field(None, description="mail address or page for questions")
    note: Bilingual | None = None
