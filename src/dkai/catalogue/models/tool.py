"""A tool on the radar: software, a model or a service, reviewed with evidence."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from dkai.catalogue.models.common import (
    UNKNOWN,
    Bilingual,
    Claims,
    Country,
    Entry,
    Line,
    Model,
    Moment,
    Money,
    Positive,
    Score,
    Slug,
    SourceId,
    TextOrWord,
    Url,
    Whole,
)
from dkai.core.i18n import t

RingName = Literal["adopt", "trial", "assess", "hold"]
Phase = Literal["idea", "design", "collection", "analysis", "writing", "review", "communication"]
Quadrant = Literal["read-write", "collect-prepare", "analyse-model", "build-run"]
LevelName = Literal["public", "internal", "confidential", "sensitive"]


# An SPDX expression or a licence's proper name: capitals, digits, no English prose.
_LICENCE_NAME = re.compile(r"[A-Z0-9][A-Za-z0-9.+-]*(?: (?:AND|OR|WITH|[A-Z0-9][A-Za-z0-9.+-]*|\(v\d+\),?))*")
_LICENCE_WORDS = ("unknown", "not-applicable", "proprietary", "not-released", "follows-the-model")


def _name_or_word(value: Any) -> Any:
    """A name is the same in both languages, and a fixed word has a name in both; other words need their Danish."""
    if isinstance(value, str) and value not in _LICENCE_WORDS and not _LICENCE_NAME.fullmatch(value):
        raise ValueError(t("is neither an SPDX name nor a fixed word: give it as {da: …, en: …}"))
    return value


LicenceTerm = Annotated[TextOrWord, AfterValidator(_name_or_word)]


class Licence(Model):
    """Licences, as the makers state them: SPDX where there is one, a fixed word, or both languages."""

    code: LicenceTerm
    weights: LicenceTerm = "not-applicable"
    training_data: LicenceTerm = "not-applicable"
    sources: list[SourceId] = Field(default_factory=list)


class Cost(Model):
    """What it costs to use, beside the machine it runs on."""

    model: Literal["free", "freemium", "paid", "institutional", "unknown"] = Field(
        description="institutional: covered by the institution's own licence"
    )
    note: Bilingual | None = None
    price: list[Money] = Field(default_factory=list)
    sources: list[SourceId] = Field(default_factory=list)


class Version(Model):
    """The newest version that was seen, and when somebody looked."""

    latest: Line
    released: Moment | None = None
    checked: date
    sources: list[SourceId] = Field(default_factory=list)


class Danish(Model):
    """How it copes with Danish."""

    support: bool | Literal["partly", "unknown", "not-applicable"]
    note: Bilingual | None = None
    sources: list[SourceId] = Field(default_factory=list)


class FormerRing(Model):
    """An earlier place on the radar."""

    ring: RingName
    since: date
    until: date | None = None
    why: Bilingual = Field(description="why it was there; why it is no longer, the next place's reason says")


class Ring(Model):
    """The place on the radar, and why."""

    now: RingName
    since: date
    why: Bilingual
    history: list[FormerRing] = Field(default_factory=list)


class GpuMemory(Model):
    """What one size of the tool needs."""

    size: TextOrWord
    gb: Positive


class Prerequisites(Claims):
    """What a person and a machine need before it runs."""

    os: list[Literal["windows", "macos", "linux", "android", "ios"]]
    needs: list[TextOrWord] = Field(default_factory=list)
    accelerators: list[Literal["cuda", "rocm", "mps", "xpu", "cpu"]] = Field(default_factory=list)
    gpu: Literal["none", "optional", "recommended", "required", "not-applicable", "unknown"]
    gpu_memory_gb: list[GpuMemory] | UNKNOWN = Field(default_factory=list)
    memory_gb: Positive | UNKNOWN | None = None
    disk_gb: Positive | UNKNOWN | None = None
    laptop: Bilingual | None = Field(None, description="how it does on an ordinary laptop")
    skills: list[Annotated[str, Field(pattern=r"^[a-z0-9-]+:[1-4]$")]] = Field(
        default_factory=list, description="competence:level that one needs"
    )
    note: Bilingual | None = None


class Evidence(Model):
    """One result, and who measured it."""

    what: TextOrWord
    value: TextOrWord
    by: Literal["independent", "authors", "vendor", "users", "dkai"]
    peer_reviewed: bool | None = None
    year: Annotated[int, Field(strict=True, ge=1950, le=2100)] | None = None
    sources: Annotated[list[SourceId], Field(min_length=1)]


class Effectiveness(Model):
    """Does it do the job? A score only with named evidence."""

    score: Score | UNKNOWN
    evidence: list[Evidence] = Field(default_factory=list)
    verdict: Bilingual
    reviewer: Line
    checked: date

    @model_validator(mode="after")
    def _score_has_evidence(self) -> Effectiveness:
        if self.score != "unknown" and not self.evidence:
            raise ValueError(t("has a score and no evidence: name the evidence, or write score: unknown"))
        return self


class Minutes(Model):
    """From – to, in minutes."""

    low: Whole
    high: Whole


class Ease(Claims):
    """How hard it is to start."""

    score: Score | UNKNOWN
    interfaces: list[
        Literal["desktop", "web", "local-web", "web-demo", "mobile", "cli", "notebook", "plugin", "api", "python", "r",
                "julia", "matlab", "java", "javascript"]
    ]  # fmt: skip
    install_minutes: Minutes | UNKNOWN | None = None
    easier: list[Slug] = Field(default_factory=list, description="tools that do the same more easily")
    verdict: Bilingual


class Position(Model):
    """What an institution says about using it."""

    institution: Slug
    says: Bilingual
    dated: Moment | None = None
    sources: Annotated[list[SourceId], Field(min_length=1)]


class Levels(Model):
    """What to know at each data level; never a ruling."""

    public: Bilingual
    internal: Bilingual
    confidential: Bilingual
    sensitive: Bilingual


class Handling(Claims):
    """What happens to the data in one way of using the tool. Where nothing is sent away there is no provider to ask."""

    where: Literal["local", "self-hosted", "institution", "hosted", "both", "unknown"] = Field(
        description="local: stays on the machine it runs on; self-hosted: on a server of one's own; institution: on a"
        " service that Danish research institutions run; hosted: sent to the provider; both: depends on the setting"
        " (then the other fields tell of the hosted part)"
    )
    region: Literal["dk", "eu", "outside-eu", "varies", "unknown", "not-applicable"] | None = Field(
        None, description="where a hosted service processes and keeps the data"
    )
    processor: TextOrWord | None = Field(None, description="the company that handles the data for the user, or unknown")
    law: list[Country] | UNKNOWN | None = Field(None, description="whose law the provider is under")
    trains_on_input: Literal["never", "by-default", "opt-in", "opt-out", "unknown", "not-applicable"]
    agreement: Literal["published", "on-request", "institution", "none", "unknown"] | None = Field(
        None,
        description="data processing agreement: published by the provider, on request, only in contracts with"
        " institutions, or none",
    )
    certificates: list[Line] | UNKNOWN | None = Field(None, description="as the provider names them; [] it names none")
    leaving: Bilingual | UNKNOWN | None = Field(None, description="how one gets the data out again, and it deleted")

    @model_validator(mode="after")
    def _sent_away_to_whom(self) -> Handling:
        if self.where in ("hosted", "both", "institution"):
            fields = ("region", "processor", "law", "agreement", "certificates", "leaving")
            if missing := [name for name in fields if getattr(self, name) is None]:
                raise ValueError(
                    t("sends data away and does not say: {fields} (`unknown` is a value)", fields=", ".join(missing))
                )
        return self


class Edition(Handling):
    """Another way to get the same tool, on other terms: a plan, a contract, an installation of one's own."""

    name: TextOrWord
    for_levels: list[LevelName] = Field(
        default_factory=list, description="data levels at which one would ask about this way instead; never a ruling"
    )
    note: Bilingual | None = None


class DataProtection(Handling):
    """Where the data goes in the default set-up, in other editions, and what to think of at each level."""

    score: Score | UNKNOWN
    editions: list[Edition] = Field(default_factory=list)
    levels: Levels
    not_the_same: Bilingual | None = Field(None, description="what is easily confused with it")
    positions: list[Position] = Field(default_factory=list)
    note: Bilingual | None = None


class Related(Model):
    """Neighbours, by id."""

    alternatives: list[Slug] = Field(default_factory=list)
    recipes: list[Slug] = Field(default_factory=list)


class Tool(Entry):
    """One tool."""

    kind: Literal["model", "software", "service", "library", "platform", "plugin"]
    home: Url
    package: Annotated[str, Field(pattern=r"^pkg:[a-z]+/[^\s]+$")] | None = None
    licence: Licence
    commercial_use: Literal["allowed", "not-allowed", "restricted", "unknown"]
    cost: Cost
    version: Version | None = None
    tasks: Annotated[list[Slug], Field(min_length=1)]
    quadrant: Quadrant = Field(description="what a researcher does with it: the radar's quarter")
    phases: Annotated[list[Phase], Field(min_length=1)]
    disciplines: Annotated[list[Slug], Field(min_length=1)]
    danish: Danish
    ring: Ring
    prerequisites: Prerequisites
    effectiveness: Effectiveness
    ease: Ease
    data_protection: DataProtection
    limitations: list[Bilingual]
    related: Related = Field(default_factory=Related)
