"""The rules of a place that dkai keeps by itself, read from the catalogue, and how a job stands to them.

A place's documents say more than its scheduler tells: no jobs without a GPU, nothing heavy where one logs in, so many
jobs each. What they do not say stays unknown: no rule of one place is taken for another's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from dkai.compute.gate import is_this_computer
from dkai.compute.job import Resources
from dkai.compute.quote.limit import Limit, Remedy, Verdict
from dkai.compute.site import Site
from dkai.core.errors import DkaiError
from dkai.core.i18n import t
from dkai.core.text import Text
from dkai.core.units import show_number

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Entry
    from dkai.compute.ledger import Ledger

# Watching one job by dkai's own pace, where the place names none: soon at first, twice a minute in the long run.
SHORTEST_S: Final = 1.0
LONGEST_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Rule:
    """What a place says, and where. `str(…)` is both in the language in use, `str(says)` the sentence alone."""

    says: Text
    source: str
    partitions: tuple[str, ...] = ()  # only in these; empty: in the whole place

    def __str__(self) -> str:
        return f"{str(self.says).rstrip('.')} ({self.source})"

    def covers(self, partition: str | None) -> bool:
        """Whether the rule holds in that partition."""
        return not self.partitions or partition in self.partitions


@dataclass(frozen=True, slots=True)
class JobCount(Rule):
    """How many jobs one person may have; None: not said."""

    queued: int | None = None  # waiting and running together
    running: int | None = None


@dataclass(frozen=True, slots=True)
class UnusedCut(Rule):
    """Of an allocation of which less than `used_share` is used after so many months, the difference may be taken."""

    after_months: float = 0
    used_share: float = 0


@dataclass(frozen=True, slots=True)
class Portion(Rule):
    """The allocation is handed out in portions: `month`, `quarter` or `year`; `lost`: what is left of one is lost."""

    every: str = ""
    lost: bool | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one place. None and () mean that it says nothing of the matter (that dkai knows)."""

    place: str | None = None
    poll_s: float | None = None
    poll: Rule | None = None
    jobs: tuple[JobCount, ...] = ()
    no_cpu_only: Rule | None = None
    discourages_cpu_only: Rule | None = None
    no_interactive: Rule | None = None
    no_login_node: Rule | None = None
    account_required: Rule | None = None
    whole_nodes: Rule | None = None
    unused: UnusedCut | None = None
    portion: Portion | None = None

    @property
    def shortest_s(self) -> float:
        """The least wait between two looks at a job that is watched, in seconds."""
        return max(SHORTEST_S, self.poll_s or 0)

    @property
    def longest_s(self) -> float:
        """The wait between two looks once nothing happens, in seconds."""
        return max(LONGEST_S, self.poll_s or 0)


@dataclass(frozen=True, slots=True)
class OpenJobs:
    """How many of this ledger's jobs may be at the place now."""

    total: int = 0
    by_partition: Mapping[str, int] = field(default_factory=dict)


def policy_of(site: Site) -> Policy:
    """What the catalogue says of the site's place; an empty Policy where it says nothing. Raises nothing."""
    if site.provider is None:
        return Policy()
    from dkai.catalogue.open import open_catalogue

    try:
        entry = open_catalogue().get(site.provider, "provider")
    except DkaiError:
        # `dkai doctor` says what is wrong with the catalogue; the place's own scheduler still refuses what it must.
        return Policy()
    return read_policy(entry)


def read_policy(entry: Entry) -> Policy:
    """The policy in a provider's entry."""
    policy: Mapping[str, Any] = entry.get("policy") or {}
    forbidden = {name: _ruling(entry, policy.get(name), "forbidden") for name in ("cpu_only", "interactive")}
    poll = policy.get("poll")
    return Policy(
        place=str(entry.text("name")),
        poll_s=None if poll is None else float(poll["seconds"]),
        poll=None if poll is None else Rule(**_common(entry, poll)),
        jobs=tuple(
            JobCount(**_common(entry, one), queued=one.get("queued"), running=one.get("running"))
            for one in policy.get("jobs") or ()
        ),
        no_cpu_only=forbidden["cpu_only"],
        discourages_cpu_only=_ruling(entry, policy.get("cpu_only"), "discouraged"),
        no_interactive=forbidden["interactive"],
        no_login_node=_ruling(entry, policy.get("login_node"), "forbidden"),
        account_required=_rule(entry, policy.get("account")),
        whole_nodes=_rule(entry, policy.get("whole_nodes")),
        unused=None
        if (cut := policy.get("unused")) is None
        else UnusedCut(**_common(entry, cut), after_months=cut["after_months"], used_share=cut["used_share"]),
        portion=None
        if (part := policy.get("portion")) is None
        else Portion(**_common(entry, part), every=part["every"], lost=part.get("lost")),
    )


def _common(entry: Entry, one: Mapping[str, Any]) -> dict[str, Any]:
    return {"says": Text.of(one), "source": _source(entry, one), "partitions": tuple(one.get("partitions") or ())}


def _rule(entry: Entry, one: Mapping[str, Any] | None) -> Rule | None:
    return None if one is None else Rule(**_common(entry, one))


def _ruling(entry: Entry, one: Mapping[str, Any] | None, what: str) -> Rule | None:
    return _rule(entry, one) if one is not None and one["rule"] == what else None


def _source(entry: Entry, one: Mapping[str, Any]) -> str:
    """The first source's address, without its protocol, and the day on which the rule was compared with it."""
    address = str(entry["sources"][one["sources"][0]]["url"]).removeprefix("https://").rstrip("/")
    return f"{address}, {one['checked']}"


def open_jobs(site_id: str, ledger: Ledger) -> OpenJobs:
    """This ledger's jobs at the site that are not known to have ended, also by partition."""
    from dkai.compute.plan import read_plan

    jobs, total = ledger.open_jobs(site_id), 0
    where: Counter[str] = Counter()
    for job in jobs:
        try:
            spec = read_plan(ledger.plan(job.job_id)).spec
        except DkaiError:
            total += 1  # written by another version: it still counts, its partition is not known
            continue
        count = max(1, len(spec.tasks))  # each task of an array is one
        total += count
        if spec.partition is not None:
            where[spec.partition] += count
    return OpenJobs(total, dict(where))


def limits(
    policy: Policy, site: Site, want: Resources, partition: str | None, account: str | None,
    *, mine: int | None = None, ours: OpenJobs | None = None, tasks: int = 1,
) -> tuple[Limit, ...]:  # fmt: skip
    """How a job stands to the rules: those that it breaks, and the job counts that it touches.

    `mine` is how many jobs of the person's the place itself counts (None: not told), `ours` what the ledger has there.
    """
    ours = ours or OpenJobs()
    return (
        *_forbidden(policy, site, want, partition, account),
        *_counts(policy, site, partition, mine, ours, tasks=tasks),
    )


def _forbidden(
    policy: Policy, site: Site, want: Resources, partition: str | None, account: str | None
) -> Iterator[Limit]:
    queue = site.has_queue
    rule = policy.no_cpu_only
    if queue and rule is not None and not want.gpus and rule.covers(partition):
        ways = [Remedy(t("ask for a GPU, if the job can use one"), "--gpus 1")]
        if rule.partitions:
            ways.append(Remedy(t("use another partition"), "--partition NAME"))
        ways.append(Remedy(t("use another site"), "--site NAME"))
        yield _broken("policy-cpu-only", t("jobs without GPU"), rule, tuple(ways))
    rule = policy.account_required
    if queue and rule is not None and account is None and rule.covers(partition):
        yield _broken("policy-account", t("account"), rule, (Remedy(t("name your account"), "--account NAME"),))
    rule = policy.no_login_node
    if not queue and rule is not None and not is_this_computer(site):
        # Without a scheduler the job runs where one logs in.
        way = t("let Slurm run it: dkai compute sites set {site} --scheduler slurm", site=site.id)
        yield _broken("policy-login-node", t("computing on the login node"), rule, (Remedy(way),))


def _broken(id_: str, name: str, rule: Rule, ways: tuple[Remedy, ...]) -> Limit:
    return Limit(id_, name, "", "", Verdict.REFUSED, str(rule), ways)


def _counts(
    policy: Policy, site: Site, partition: str | None, mine: int | None, ours: OpenJobs, *, tasks: int
) -> Iterator[Limit]:
    if not site.has_queue:
        return
    for rule in policy.jobs:
        if rule.covers(partition):
            yield from _count(rule, partition, mine, ours, tasks)


def _count(rule: JobCount, partition: str | None, mine: int | None, ours: OpenJobs, more: int) -> Iterator[Limit]:
    """The job as so many more. What the place counts is of all partitions: it says how many may be in one of them."""
    where = partition if rule.partitions else None
    possible = max(ours.total, mine or 0)
    certain = possible if where is None else ours.by_partition.get(where, 0)
    tail = "" if where is None else f"-{where}"
    if rule.queued is not None:
        # Over what is certain it is refused; over what may be, it may have to wait.
        too_much = Verdict.REFUSED if certain + more > rule.queued else Verdict.WAITS
        name = t("jobs in the queue, rule of the place")
        yield _counted(f"policy-queued{tail}", name, (possible + more, rule.queued), too_much, rule)
    if rule.running is not None:
        # More may be submitted; they wait until others end.
        name = t("jobs running at once, rule of the place")
        yield _counted(f"policy-running{tail}", name, (possible + more, rule.running), Verdict.WAITS, rule)


def _counted(id_: str, name: str, count: tuple[int, int], too_much: Verdict, rule: Rule) -> Limit:
    asked, allowed = show_number(count[0]), show_number(count[1])
    if count[0] <= count[1]:
        says = t("{name}: {asked} of {allowed}", name=name, asked=asked, allowed=allowed)
        return Limit(id_, name, asked, allowed, Verdict.OK, says)
    says = t("{name}: this would be number {asked}. {rule}", name=name, asked=asked, rule=rule)
    wait = Remedy(t("wait until one ends, or cancel one"), "dkai compute jobs")
    return Limit(id_, name, asked, allowed, too_much, says, (wait,))


def notes(policy: Policy, want: Resources, partition: str | None) -> tuple[str, ...]:
    """What the place asks of people, as sentences; nothing is refused because of these."""
    found = []
    rule = policy.discourages_cpu_only
    if rule is not None and not want.gpus and rule.covers(partition):
        found.append(str(rule))
    whole = policy.whole_nodes
    if whole is not None and whole.covers(partition):
        found.append(str(whole))
    return tuple(found)
