"""A place to compute: what is there, who may use it, what it costs, what data may go there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

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
    Number,
    Slug,
    SourceId,
    TextOrWord,
    Url,
    Whole,
)


class Hardware(Claims):
    """One kind of node."""

    gpu: Slug | None = Field(None, description="gpu id; null: nodes without GPU")
    gpus_per_node: Whole | UNKNOWN | None = None
    nodes: Whole | UNKNOWN | None = None
    cpus_per_node: Whole | UNKNOWN | None = None
    memory_gb_per_node: Number | UNKNOWN | None = None
    partition: Line | None = Field(None, description="partition or product that holds these nodes")
    note: TextOrWord | None = None


class SchedulerInfo(Claims):
    """What one hands jobs to."""

    name: Literal["slurm", "kubernetes", "process", "lsf", "pbs", "htcondor", "none", "unknown"]
    version: Line | None = None
    note: TextOrWord | None = None


class Fingerprint(Model):
    """A host key as the place itself publishes it."""

    host: Line | None = None
    type: Literal["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"]
    fingerprint: Annotated[str, Field(pattern=r"^(SHA256:[A-Za-z0-9+/]{43}|MD5:([0-9a-f]{2}:){15}[0-9a-f]{2})$")]
    source: SourceId


class Login(Claims):
    """How one gets in."""

    hosts: list[Line] = Field(default_factory=list)
    web: Url | None = None
    ssh: bool | UNKNOWN
    host_key_fingerprints: list[Fingerprint] = Field(default_factory=list)
    note: TextOrWord | None = None


class Access(Claims):
    """Who may use it, and how to ask."""

    eligible: list[Slug] = Field(description="institution ids, or `anyone`")
    who: Bilingual
    steps: list[Bilingual] = Field(default_factory=list)
    waiting_time: TextOrWord | None = None
    apply_url: Url | None = None
    outsiders: Bilingual | None = Field(None, description="how somebody from elsewhere may get in")


class Billing(Model):
    """How use is counted."""

    formula: Slug | None = Field(None, description="name of dkai's formula, where it has one")
    text: Bilingual
    parameters: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]+$")], Number] = Field(default_factory=dict)


class ProviderCost(Claims):
    """What use costs."""

    model: Literal["free-within-allocation", "paid", "free", "unknown"]
    unit: list[Slug] = Field(default_factory=list, description="what an allocation is counted in: gpu-hour, core-hour")
    billing: Billing | None = None
    price: list[Money] = Field(default_factory=list)
    note: TextOrWord | None = None


class DataLevel(Model):
    """What one institution says may be there."""

    institution: Slug
    level: Literal["public", "internal", "confidential", "sensitive"] | None = Field(
        None, description="the highest level that it names; null: it names none"
    )
    says: Bilingual
    dated: Moment | None = None
    sources: Annotated[list[SourceId], Field(min_length=1)]


class DataHandling(Claims):
    """Where data lies, and in what role the place handles it."""

    levels: list[DataLevel] = Field(default_factory=list)
    where: Country | UNKNOWN | Literal["own-machine"]
    roles: Bilingual | None = Field(None, description="who is data controller, who is processor")
    note: Bilingual | None = None


class Limit(Claims):
    """One limit."""

    what: Slug
    value: Number | Line | None = None
    unit: Line | None = None
    text: Bilingual | None = None


class Carbon(Claims):
    """What emissions are computed from."""

    grid: Country | UNKNOWN
    pue: Annotated[float, Field(strict=True, ge=1, le=3)] | None = Field(
        None, description="power usage effectiveness: the whole centre's power over the machines'"
    )
    note: TextOrWord | None = None


class Rule(Claims):
    """A rule of the house that surprises newcomers."""

    da: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class Provider(Entry):
    """One place."""

    operator: TextOrWord
    country: Country | Literal["any"]
    kind: Literal["national", "institution", "eurohpc", "commercial", "own"]
    home: Url | None = None
    docs: Url | None = None
    hardware: list[Hardware] = Field(default_factory=list)
    scheduler: SchedulerInfo
    login: Login
    access: Access
    cost: ProviderCost
    data: DataHandling
    limits: list[Limit] = Field(default_factory=list)
    carbon: Carbon | None = None
    rules: list[Rule] = Field(default_factory=list)
    recommended_for: Bilingual | None = None
    limitations: list[Bilingual] = Field(default_factory=list)
