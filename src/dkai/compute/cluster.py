"""What a place says of itself: partitions, GRES, QOS, associations and what is left of them. Values only.

None means that the place did not say or may not say (it is shown as unknown); UNLIMITED means that it said there is
no limit. They are never mixed up, and neither is ever zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

UNLIMITED: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Gres:
    """A generic resource on a kind of node, e.g. raw `gpu:h100:4(S:0-1)`."""

    name: str  # `gpu`
    type: str | None  # `h100` as the cluster writes it; None when untyped
    count: int  # per node
    raw: str = ""


@dataclass(frozen=True, slots=True)
class NodeKind:
    """Nodes that look alike in one partition."""

    count: int
    cpus: int
    memory_mb: int
    gres: tuple[Gres, ...] = ()
    state: str = ""  # sinfo's short state: idle, mix, alloc, drain …
    threads_per_core: int = 1
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition. Times are seconds, memory MiB."""

    name: str
    is_default: bool = False
    up: bool = True
    max_time_s: float | None = None
    default_time_s: float | None = None
    nodes: tuple[NodeKind, ...] = ()
    billing_weights: dict[str, float] | None = None  # TRESBillingWeights, memory per GiB; {} when none are set
    max_cpus_per_node: float | None = None
    max_nodes: float | None = None
    def_mem_per_cpu_mb: float | None = None
    def_mem_per_node_mb: float | None = None
    max_mem_per_cpu_mb: float | None = None
    max_mem_per_node_mb: float | None = None
    def_cpu_per_gpu: float | None = None
    def_mem_per_gpu_mb: float | None = None
    allow_accounts: tuple[str, ...] | None = None  # None: all
    deny_accounts: tuple[str, ...] = ()
    allow_qos: tuple[str, ...] | None = None
    deny_qos: tuple[str, ...] = ()
    qos: str | None = None  # the partition's own QOS
    exclusive: bool = False  # OverSubscribe=EXCLUSIVE: whole nodes are allocated and billed
    reference: tuple[str, str] | None = None  # UCloud: category and provider, which belong to a machine's name
    limits: Limits | None = None  # of the partition itself, where it has them without a QOS (LSF's queues)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a QOS or an association, as sacctmgr or `scontrol show assoc_mgr` give them.

    TRES mappings are by TRES name (`cpu`, `mem` in MiB, `node`, `billing`, `gres/gpu`, `gres/gpu:h100`);
    a missing key is no limit. `grp_tres_mins` is minutes for the whole group; `used_tres_mins` what is used of it, and
    `running_tres_mins` what jobs that run now may still use of it (Slurm sets that aside before it starts another).
    """

    grp_tres: dict[str, float] = field(default_factory=dict)
    used_tres: dict[str, float] | None = None  # of grp_tres, what is not free now; None: not known
    grp_tres_mins: dict[str, float] = field(default_factory=dict)
    used_tres_mins: dict[str, float] | None = None  # None: not known
    running_tres_mins: dict[str, float] | None = None  # None: not known
    grp_tres_run_mins: dict[str, float] = field(default_factory=dict)
    max_tres_per_account: dict[str, float] = field(default_factory=dict)
    max_tres_per_job: dict[str, float] = field(default_factory=dict)
    max_tres_per_user: dict[str, float] = field(default_factory=dict)
    max_tres_mins_per_job: dict[str, float] = field(default_factory=dict)
    max_wall_s: float | None = None
    max_jobs_per_user: float | None = None
    max_submit_per_user: float | None = None
    grp_jobs: float | None = None
    grp_submit: float | None = None


@dataclass(frozen=True, slots=True)
class Qos:
    """A quality of service with its limits."""

    name: str
    limits: Limits = field(default_factory=Limits)
    deny_on_limit: bool = False  # flag DenyOnLimit: too much is refused instead of waiting
    priority: int | None = None
    usage_factor: float | None = None  # UsageFactor: what a minute under this QOS counts of a budget; None: not told


@dataclass(frozen=True, slots=True)
class Association:
    """One account of this user on this cluster. `limits` are the tightest of the account's own and its parents'."""

    account: str
    partition: str | None = None
    is_default: bool = False
    qos: tuple[str, ...] = ()  # allowed QOS; empty: not said
    default_qos: str | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Reservation:
    """Nodes set aside, often for maintenance. Times are Unix seconds on the cluster's clock."""

    name: str
    starts_at: float | None
    ends_at: float | None
    partition: str | None = None
    nodes: str = ""  # as Slurm lists them: `gpu[01-04]`; `ALL` where all are meant
    node_count: int | None = None
    flags: tuple[str, ...] = ()  # MAINT, IGNORE_JOBS …
    users: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Storage:
    """Room in one place, in MiB; None where it was not told."""

    name: str  # `home`, `scratch`, or what the place calls it
    path: str
    used_mb: float | None = None
    limit_mb: float | None = None
    files_used: int | None = None
    files_limit: int | None = None
    source: str = ""  # the command that said it: `quota`, `df`, `lumi-quota` …


@dataclass(frozen=True, slots=True)
class Allocation:
    """One allocation as the place's own command tells it (`lumi-allocations`), in that command's units."""

    account: str
    unit: str  # `gpu-hour`, `core-hour`, `tb-hour`
    used: float | None
    limit: float | None
    ends: str | None = None  # ISO date
    source: str = ""


BillingRule = Literal["sum", "max", "max-gres"]
HourBudget = Literal["none", "known", "unknown"]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Everything one framed round trip brought home. `missing` names each probe that did not answer, and why."""

    name: str
    scheduler: str  # `slurm`, `lsf`, `ucloud` or `process`
    version: str | None
    user: str
    home: str | None
    scratch: str | None  # $SCRATCH where the login shell has one
    partitions: tuple[Partition, ...] = ()
    qos: tuple[Qos, ...] = ()
    associations: tuple[Association, ...] | None = None  # None: could not be asked
    billing_rule: BillingRule = "sum"  # PriorityFlags: MAX_TRES is `max`, MAX_TRES_GRES `max-gres`
    my_jobs: int | None = None  # jobs of mine in the queue now
    accounting: bool | None = None  # False: Slurm keeps no accounts there, so there are none and no budget
    enforced: tuple[str, ...] = ()  # AccountingStorageEnforce
    tracked_tres: tuple[str, ...] = ()
    max_array: int | None = None
    whole_cores: bool = False  # SelectTypeParameters has CR_Core…: threads of one core go to one job
    enforce_part_limits: bool | None = None  # jobs over a partition's limits are refused, else they wait for ever
    reservations: tuple[Reservation, ...] | None = None  # None: could not be asked
    containers: tuple[str, ...] = ()  # programs that run them, with version: `apptainer 1.3.4`
    modules: str | None = None  # `lmod`, `tcl`, or None where no module command was found
    storage: tuple[Storage, ...] = ()
    allocations: tuple[Allocation, ...] | None = None  # of the site's own command; None: it has none that dkai knows
    clock_offset_s: float | None = None  # the cluster's clock minus the asking computer's
    python: str | None = None  # interpreter found on the place, and
    python_version: str | None = None
    machine: str | None = None  # the architecture as uname has it: `x86_64`, `aarch64`
    glibc: str | None = None  # version of the C library that its Linux has, `2.34`; None: not told, or another library
    limits: Limits | None = None  # of this person, where no account or QOS holds them (LSF)
    memory_per_slot: bool | None = None  # LSF: memory is reserved for each slot, else for the job; None: not told
    memory_limit_per_slot: bool | None = None  # LSF: and a limit of memory (-M) is for each; None: not told
    cpus: int | None = None  # of the machine itself; used for `process`
    memory_mb: int | None = None
    gpus: tuple[str, ...] = ()  # names as the driver gives them; used for `process`
    missing: dict[str, str] = field(default_factory=dict)
    asked_at: float = 0.0  # Unix seconds, the asking computer's clock


def hour_budget(cluster: Cluster, association: Association | None) -> HourBudget:
    """Whether jobs of this account draw on a budget of hours, by what the cluster told.

    `none`: it told all that could hold one, and nothing does. `known`: there is one, and what is used of it was told.
    `unknown`: something that could hold one was not told, or what is used of it was not. Whether such hours cost
    anything is no matter of the cluster's: the catalogue's cost model says `free-within-allocation`.
    """
    if cluster.accounting is False:
        return "none"
    if association is None:
        return "unknown"
    if any(one.account == association.account and one.limit is not None for one in cluster.allocations or ()):
        return "known"
    # A QOS that the account may not use holds none for it; a partition may add its own to any job.
    usable = {*association.qos, *(part.qos for part in cluster.partitions)}
    qos = [one for one in cluster.qos if not association.qos or one.name in usable]
    having = [limits for limits in (association.limits, *(one.limits for one in qos)) if limits.grp_tres_mins]
    if any(limits.used_tres_mins is None for limits in having):
        return "unknown"
    if having:
        return "known"
    told = cluster.associations is not None and association in cluster.associations and "qos" not in cluster.missing
    return "none" if told else "unknown"
