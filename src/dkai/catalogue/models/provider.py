"""A place to compute: what is there, who may use it, what it costs, what data may go there."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

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
    Positive,
    Slug,
    SourceId,
    TextOrWord,
    Url,
    Whole,
)
from dkai.core.i18n import t

# Words that a job takes as they are: nothing in them that a shell, or a module system, could read as something else.
ModuleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+:/-]{0,199}$")]
Folder = Annotated[str, Field(pattern=r"^/[A-Za-z0-9_.+/-]{1,300}$")]
Package = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.]{0,99}$")]


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


class SiteRule(Rule):
    """A rule that dkai itself keeps, in the place's own sense; the partitions are those that it is said of."""

    partitions: list[Line] = Field(default_factory=list, description="only in these; empty: in the whole place")


class Ruling(SiteRule):
    """Whether something may be done."""

    rule: Literal["forbidden", "discouraged", "allowed"]


class Polling(SiteRule):
    """How often one may ask where jobs stand."""

    seconds: Positive = Field(description="least time between two questions")


class JobCount(SiteRule):
    """How many jobs one person may have."""

    queued: Whole | None = Field(None, description="waiting and running together")
    running: Whole | None = Field(None, description="running at once")


class UnusedCut(SiteRule):
    """An allocation of which little was used is cut."""

    after_months: Positive = Field(description="counted from its start")
    used_share: Annotated[float, Field(strict=True, gt=0, le=1)] = Field(description="less used than this: it is cut")


class Portion(SiteRule):
    """An allocation is handed out bit by bit."""

    every: Literal["month", "quarter", "year"]
    lost: bool | None = Field(None, description="whether what is left at the end is lost; null: not said")


class Policy(Model):
    """Rules that dkai keeps by itself. What is absent is not known; nothing is taken from another place."""

    poll: Polling | None = None
    jobs: list[JobCount] = Field(default_factory=list)
    cpu_only: Ruling | None = Field(None, description="jobs without GPU")
    interactive: Ruling | None = Field(None, description="sessions that somebody sits at")
    login_node: Ruling | None = Field(None, description="computing where one logs in")
    account: SiteRule | None = Field(None, description="an account must be named")
    whole_nodes: SiteRule | None = Field(None, description="whole nodes are given, and counted, there")
    unused: UnusedCut | None = None
    portion: Portion | None = None


class Internet(Claims):
    """Whether jobs can fetch something from the internet."""

    compute: Literal["yes", "no", "unknown"] = Field(description="from the nodes that jobs run on")
    note: Bilingual | None = None


class Offer(Claims):
    """Something of the place's own that jobs can run in: modules, a container image, or an interpreter."""

    id: Slug
    provides: Annotated[list[Package], Field(min_length=1, description="what can be imported in it (R: packages)")]
    language: Literal["python", "r"] = "python"
    accelerator: Literal["cuda", "rocm"] | None = Field(None, description="the GPUs that it is built for; null: none")
    modules: list[ModuleName] = Field(default_factory=list)
    use: list[Folder] = Field(default_factory=list, description="folders for `module use`")
    image: Folder | None = Field(None, description="path of a container image there; modules are loaded beside it")
    bind: list[Folder] = Field(default_factory=list, description="folders of the place that the image must see")
    python: Line | None = Field(None, description="path of the interpreter, or its name in the image")
    gpu_libraries: bool = Field(True, description="whether the host's GPU libraries go in (--nv, --rocm)")
    note: Bilingual | None = None

    @model_validator(mode="after")
    def _has_a_way(self) -> Self:
        if not (self.modules or self.image or self.python):
            raise ValueError(t("modules, an image or an interpreter is expected"))
        return self


class Environments(Model):
    """How programs find their interpreter and packages there."""

    internet: Internet | None = Field(None, description="null: not known")
    offers: list[Offer] = Field(default_factory=list)


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
    policy: Policy | None = Field(None, description="rules that dkai keeps by itself")
    environments: Environments | None = Field(None, description="what jobs there can run in; null: not known")
    recommended_for: Bilingual | None = None
    limitations: list[Bilingual] = Field(default_factory=list)
