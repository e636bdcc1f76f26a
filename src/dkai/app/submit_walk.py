"""The walk from a recipe to a receipt: look into the files, plan, carry out, follow, fetch.

It joins data (the scan) and compute (all the rest), which do not know each other. The command line uses it, so does
`dkai demo`; whoever calls it hears what happens through `tell`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from dkai.app.environment_walk import environment_for
from dkai.compute.cluster import Cluster
from dkai.compute.environments import Wish
from dkai.compute.gate import is_this_computer, judge
from dkai.compute.gate import refuse as refuse_level
from dkai.compute.job import JobSpec, JobState, Outcome, new_job_id
from dkai.compute.ledger import BROUGHT, Job, Ledger, open_ledger
from dkai.compute.link import Link, Links
from dkai.compute.news import News, Tell, silent
from dkai.compute.plan import Plan, job_folder, make_plan, read_plan
from dkai.compute.policy import open_jobs
from dkai.compute.quote.choose import Choice, Wishes, on_cluster, on_machine
from dkai.compute.quote.limit import Limit, Remedy, Verdict, compare
from dkai.compute.quote.quote import Quote, Start, make_quote
from dkai.compute.quote.quote import refuse as refuse_quote
from dkai.compute.recipes.inputs import InputFile, gather
from dkai.compute.recipes.params import bind
from dkai.compute.recipes.recipe import Recipe, bound
from dkai.compute.recipes.recipes import get_recipe, is_shipped, script_files
from dkai.compute.site import Site, this_computer, title
from dkai.compute.sites_file import get_site, load_sites
from dkai.core.errors import DkaiError, JobFailed, Refused, RemoteError, UserError
from dkai.core.findings import NOTHING, Findings
from dkai.core.i18n import t
from dkai.core.levels import Level
from dkai.core.units import show_bytes, show_duration
from dkai.core.unknown import Unknown

# How long an answer of the place is good enough to say yes by; it carries its age, and a no is never said by it.
KEPT_S = 900.0


@dataclass(frozen=True, slots=True)
class Request:
    """What the person asked for. `recipe` is a name or a folder's path, `params` values as typed."""

    recipe: str
    site: str = "local"
    inputs: tuple[Path, ...] = ()
    sample: bool = False
    params: Mapping[str, Any] = field(default_factory=dict)
    wishes: Wishes = field(default_factory=Wishes)
    level: Level | None = None
    accept_level: bool = False
    allow_over: bool = False
    ask_now: bool = False  # ask the place anew, however lately it answered
    environment: Wish = field(default_factory=Wish)  # how the job gets its interpreter
    ask_start: bool = True  # ask for the scheduler's guess at the start; not where nobody waits to read it
    tasks: tuple[Mapping[str, Any], ...] = ()  # of a sweep: for each task the values that are its own

    @property
    def texts(self) -> dict[str, str]:
        """What the person wrote as values, by a name for it."""
        found = {f"--param {name}": value for name, value in self.params.items() if isinstance(value, str) and value}
        for name in dict.fromkeys(name for task in self.tasks for name in task):
            values = dict.fromkeys(str(task[name]) for task in self.tasks if name in task)
            found[f"--grid {name}"] = "\n".join(values)
        return found


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, and why it must not be carried out, if so."""

    plan: Plan
    recipe: Recipe
    refusal: Refused | None


def prepare(request: Request, tell: Tell = silent, links: Links | None = None) -> Prepared:
    """The plan for a request: nothing is sent, nothing is written. Raises UserError, Refused or RemoteError.

    The place is asked what it has (that is all the network this needs). `links` keeps the connection for what follows.
    """
    recipe = get_recipe(request.recipe)
    site = get_site(request.site)
    recipe, parameters, tasks = _bound(recipe, request, site)
    with _links(links) as ways:
        link = ways.to(site)
        link.open_early()  # it takes as long as the looking into the files; nothing is sent by it
        inputs = gather(
            recipe, request.inputs, sample=request.sample, progress=_progress(tell, "reading", t("reading the input"))
        )
        findings = look_into(_own_files(recipe, request, inputs), request.texts, tell)
        own_data = has_own_data(request, recipe) or findings.cpr_count > 0
        cluster, choice, quote = _decide(recipe, request, link, tell)
        spec = replace(_spec(recipe, request, choice, parameters, site), tasks=tasks, at_once=choice.at_once)
        if choice.ask is not None and not request.ask_start:
            quote = replace(quote, start=Unknown(t("not asked, as nobody waits for it: --yes")))
        elif choice.ask is not None and quote.verdict is not Verdict.REFUSED:
            quote = replace(quote, start=_start(link, spec, job_folder(site, cluster, spec.job_id)))
    tries, wheels = environment_for(
        recipe, request.environment, site, cluster, gpu_names=_gpu_names(choice, cluster), tell=tell
    )
    if site.host == "local":
        quote = replace(quote, limits=(*quote.limits, *_disk(job_folder(site, cluster, spec.job_id), inputs)))
    gate = judge(findings, site, declared=request.level, own_data=own_data, accept=request.accept_level)
    refusals = [refuse_level(gate, site, list(load_sites().values())), refuse_quote(quote, choice, cluster)]
    overrides = []
    if request.accept_level and refuse_level(replace(gate, accepted=False), site, []) is not None:
        overrides.append("accept-level")
    if request.allow_over and refusals[1] is not None:
        overrides.append("allow-over")
        refusals[1] = None
    plan = make_plan(
        site=site, spec=spec, recipe=recipe, cluster=cluster, quote=quote, inputs=inputs, findings=findings, gate=gate,
        overrides=overrides, sample=request.sample, ways=tries, wheels=wheels,
    )  # fmt: skip
    return Prepared(plan, recipe, next((r for r in refusals if r is not None), None))


def _bound(recipe: Recipe, request: Request, site: Site) -> tuple[Recipe, dict[str, Any], tuple[dict[str, Any], ...]]:
    """The recipe as it is with the parameters, these, and what each task of a sweep has for itself."""
    if not request.tasks:
        parameters = bind(recipe, request.params, sample=request.sample)
        return bound(recipe, parameters), parameters, ()
    from dkai.compute.sweep.grid import bind_all, must_be_possible

    must_be_possible(site)
    return bind_all(recipe, request.params, request.tasks, sample=request.sample)


def look_into(files: Sequence[tuple[str, Path]], texts: Mapping[str, str], tell: Tell = silent) -> Findings:
    """What the scanner finds in the person's files (shown name, path) and texts (by what they are called)."""
    sources: list[tuple[str, int, Callable[[], BinaryIO]]] = [
        (name, path.stat().st_size if path.exists() else 0, _opener(path)) for name, path in files
    ]
    sources += [(name, len(text), _opener(text)) for name, text in texts.items()]
    if not sources:
        return NOTHING
    from dkai.data.personal import scan

    return scan(sources, _progress(tell, "scanning", t("looking for CPR numbers")))


def _own_files(recipe: Recipe, request: Request, inputs: Sequence[InputFile]) -> list[tuple[str, Path]]:
    """Files that did not come with dkai: the input, and the folder of a recipe of one's own, which travels whole."""
    found = [] if request.sample and is_shipped(recipe) else [(file.name, file.path) for file in inputs]
    if not is_shipped(recipe):
        found += [(f"{recipe.id}/{p.relative_to(recipe.folder).as_posix()}", p) for p in script_files(recipe)]
    return found


def _opener(source: Path | str) -> Callable[[], BinaryIO]:
    if isinstance(source, str):
        import io

        return lambda: io.BytesIO(source.encode("utf-8", "surrogateescape"))
    return lambda: source.open("rb")


def _progress(tell: Tell, what: str, says: str) -> Callable[[int], None]:
    done = 0

    def heard(count: int) -> None:
        nonlocal done
        done += count
        tell(News(what, f"{says}: {show_bytes(done)}", done))

    return heard


def _decide(recipe: Recipe, request: Request, link: Link, tell: Tell) -> tuple[Cluster, Choice, Quote]:
    """What will be asked for and what it costs, from what the place said lately or says now.

    An answer that was kept may only say yes: whatever stands in the way is asked about again before it is said.
    """
    site = link.site
    kept = None if request.ask_now else _kept(site)
    if kept is not None:
        try:
            choice = choose(recipe, request.wishes, kept, site)
            quote = quote_for(recipe, choice, kept, site)
        except DkaiError:
            quote = None
        if quote is not None and quote.verdict is Verdict.OK and quote.budget != "unknown":
            return kept, choice, quote
    cluster = discover(link, tell)
    choice = choose(recipe, request.wishes, cluster, site)
    return cluster, choice, quote_for(recipe, choice, cluster, site)


def _kept(site: Site) -> Cluster | None:
    """What the place said lately, with what this person submitted since then counted in; None: it must be asked."""
    from dkai.compute import discover as discovery
    from dkai.compute.since import with_jobs

    if is_this_computer(site):
        return None
    cluster = discovery.remembered(site, time.time(), KEPT_S)
    if cluster is None:
        return None
    with open_ledger() as ledger:
        sent = [ledger.plan(job.job_id) for job in ledger.open_jobs(site.id) if job.created_at >= cluster.asked_at]
    return with_jobs(cluster, [read_plan(text) for text in sent])


def discover(link: Link, tell: Tell = silent) -> Cluster:
    """What the place says of itself now, in one round trip; kept for a while. Raises RemoteError or UserError."""
    from dkai.compute import discover as discovery

    tell(News("connecting", t("asking {site} …", site=link.site.id)))
    cluster = discovery.discover(link.host, link.scheduler, time.time(), link.site.python)
    if not is_this_computer(link.site):
        discovery.remember(link.site, cluster)
    return cluster


def _spec(recipe: Recipe, request: Request, choice: Choice, parameters: dict[str, Any], site: Site) -> JobSpec:
    ask = choice.ask
    return JobSpec(
        job_id=new_job_id(),
        recipe=recipe.id,
        recipe_version=recipe.version,
        site=site.id,
        resources=choice.resources,
        parameters=parameters,
        partition=ask.partition.name if ask else None,
        account=ask.association.account if ask and ask.association else None,
        # Only what was asked for: a cluster gives its default by itself.
        qos=request.wishes.qos or site.qos,
        checkpoint=recipe.run.checkpoint,
        place=choice.place,
    )


def _disk(folder: str, inputs: Sequence[InputFile]) -> tuple[Limit, ...]:
    """Whether the copies of the input fit on this computer's disk; nothing where there is no disk to ask about."""
    import shutil

    try:
        there = next((p for p in Path(folder).parents if p.exists()), Path("/"))
        disk = shutil.disk_usage(there)
    except OSError:
        return ()  # writing will say why it cannot be
    if not disk.total:
        return ()  # a file system of the kernel's own, such as /proc, has no size
    name, size = t("disk"), sum(file.size for file in inputs)
    move = Remedy(t("free some space, or move dkai's folders with DKAI_HOME"))
    fits = size < disk.free
    return (
        compare("disk", name, asked=show_bytes(size), allowed=show_bytes(disk.free), passes=fits, remedies=(move,)),
    )


def _start(link: Link, spec: JobSpec, folder: str) -> Start | Unknown:
    """The scheduler's guess at the start; it costs one more question over the same connection."""
    scheduler = link.scheduler
    question = scheduler.guess(scheduler.script(spec, folder, "python3"))
    if question is None:
        return Unknown(t("{name} guesses no start before a job is submitted", name=title(link.site.scheduler)))
    try:
        guess = scheduler.parse_guess(link.run(question))
    except RemoteError as error:
        return Unknown(error.message)
    if isinstance(guess, Unknown):
        return guess
    when = t("at once") if guess < 60 else t("in about {time}", time=show_duration(guess))
    return Start(time.time() + guess, t("{when}: the scheduler's guess, not a promise", when=when))


def choose(recipe: Recipe, wishes: Wishes, cluster: Cluster, site: Site) -> Choice:
    """What will be asked for: what the person said, and the rest with reasons."""
    if not site.has_queue:
        return on_machine(recipe, wishes, cluster)
    if site.scheduler == "ucloud":
        from dkai.compute.quote.machines import on_machines

        return on_machines(recipe, wishes, cluster, site, _slice_gb(site))
    return on_cluster(recipe, wishes, cluster, site)


def _slice_gb(site: Site) -> float | None:
    """GPU memory that a slice has at least, by the catalogue."""
    from dkai.app.sites import provider_entry

    entry = provider_entry(site)
    billing = (entry["cost"].get("billing") if entry is not None else None) or {}
    return (billing.get("parameters") or {}).get("mig_slice_memory_gb")


def quote_for(recipe: Recipe, choice: Choice, cluster: Cluster, site: Site) -> Quote:
    """The quote, with what the catalogue knows of the place."""
    from dkai.compute.quote.place import place_of

    place = place_of(site, _gpu_names(choice, cluster))
    with open_ledger() as ledger:
        ours = open_jobs(site.id, ledger)
    return make_quote(choice, cluster, place, low_minutes=_low(recipe, choice), ours=ours)


def _gpu_names(choice: Choice, cluster: Cluster) -> set[str]:
    """The kinds of GPU that the job may get, as the place calls them."""
    want, ask = choice.resources, choice.ask
    if not want.gpus:
        return set()
    if ask is None:
        return set(cluster.gpus[: want.gpus])
    gres = [g for shape in ask.shapes(cluster) for node, _ in shape.nodes for g in node.gres if g.name == "gpu"]
    return {g.type or "?" for g in gres if want.gpu_type in (None, g.type)}


def _low(recipe: Recipe, choice: Choice) -> float | None:
    """The shortest time that was measured on the same kind of machine, in minutes."""
    times = [m.minutes for m in recipe.measured if bool(m.gpus) == bool(choice.resources.gpus)]
    return min(times, default=None)


def carry_out(plan: Plan, tell: Tell = silent, links: Links | None = None, *, verify: bool = False) -> Job:
    """Record the plan, send it and submit it, once. Raises what `dkai.compute.submit.carry_out` raises.

    `verify`: the scheduler's own reading of the job must be the plan's before it may start.
    """
    from dkai.compute import submit

    plan = replace(plan, verify=verify)
    with open_ledger() as ledger, _links(links) as ways:
        submit.record(plan, ledger)
        return submit.carry_out(plan, ledger, ways.to(plan.site), tell)


def must_be_verifiable(request: Request) -> None:
    """Raises UserError where the site's scheduler cannot hold a job and tell how it reads it."""
    from dkai.compute.verify import must_be_possible

    must_be_possible(get_site(request.site))


def resume(word: str, tell: Tell = silent, links: Links | None = None) -> Job:
    """Go on with a submission that was cut off: find out what became of it, and submit only if it never arrived.

    A job that is still held is compared with its plan, and let go or cancelled, as `submit --verify` does it.
    """
    from dkai.compute import submit, verify
    from dkai.compute.refresh import refresh

    with open_ledger() as ledger, _links(links) as ways:
        job = ledger.find(word)
        plan = read_plan(ledger.plan(job.job_id))
        link = ways.to(plan.site)
        was_open = job.is_open
        if was_open:
            job = refresh([job], ledger, link)[0]
        if was_open and job.outcome is not Outcome.NOT_SUBMITTED and not job.is_open:
            return job
        if job.is_open:
            held = job.state is not JobState.RUNNING and verify.is_waiting(ledger, job.job_id)
            if held and job.native_id is not None:
                return verify.held(plan, job.native_id, ledger, link, tell=tell)
            return job
        return submit.carry_out(plan, ledger, link, tell)


def follow(job_id: str, tell: Tell = silent, links: Links | None = None, *, log: bool = True) -> Job:
    """The job once it has ended; Ctrl-C ends the watching only."""
    from dkai.compute import follow as watching
    from dkai.compute import pace

    with open_ledger() as ledger, _links(links) as ways:
        job = ledger.find(job_id)
        must_be_ours(job)
        link = ways.to(site_of(job, ledger))
        return watching.follow(job, ledger, link, tell, log=log, pause=pace.pause_of(link))


def _links(links: Links | None) -> AbstractContextManager[Links]:
    """The caller's connections, left open; or connections of our own, closed afterwards."""
    return Links() if links is None else nullcontext(links)


def site_of(job: Job, ledger: Ledger) -> Site:
    """The site a job was sent to: as it is called now, else as it was then.

    Of a job whose folder the person brought to this computer it is this one, under the same name.
    """
    if any(event.what == BROUGHT for event in ledger.events(job.job_id)):
        return replace(this_computer(), id=job.site)
    sites = load_sites()
    return sites[job.site] if job.site in sites else read_plan(ledger.plan(job.job_id)).site


def must_be_ours(job: Job) -> None:
    """Raises UserError for a job that was handed to the person: what became of it, they alone can bring."""
    if job.state is JobState.HANDED_OVER:
        raise UserError(
            t("{job} was handed to you: dkai does not know whether it was started", job=job.job_id),
            code="handed-over",
            hint=t("download results-{job}.tar.gz in the browser, then: "
                   "dkai compute fetch {job} --from results-{job}.tar.gz", job=job.job_id),
        )  # fmt: skip


def failed(job: Job) -> JobFailed:
    """The error that tells how a job failed."""
    from dkai.compute.follow import outcome_words, show_counts, status_of

    code, counts = job.status.get("exit_code"), status_of(job).tasks
    message = t("{job}: {how}", job=job.job_id, how=outcome_words(job.outcome))
    if code and counts is None:
        message += t(" (its exit code was {code})", code=code)
    if counts is not None:
        message += f": {show_counts(counts)}"
    return JobFailed(
        message, code="job-failed", hint=t("its log says why: dkai compute logs {job}", job=job.job_id),
        details={"job_id": job.job_id, "outcome": job.outcome, "exit_code": code},
    )  # fmt: skip


# A parameter up to this long is a setting, such as a column's name; a longer text is data.
SETTING_CHARACTERS = 200


def has_own_data(request: Request, recipe: Recipe) -> bool:
    """Whether data of the person's own are sent, and not only what ships with a recipe."""
    values = [*request.params.values(), *(value for task in request.tasks for value in task.values())]
    return (
        bool(request.inputs and not request.sample)
        or not is_shipped(recipe)
        or any(isinstance(value, str) and len(value) > SETTING_CHARACTERS for value in values)
    )


def leaves_this_computer(request: Request) -> bool:
    """Whether data of the person's own would be sent elsewhere. Raises UserError for an unknown site or recipe."""
    return has_own_data(request, get_recipe(request.recipe)) and not is_this_computer(get_site(request.site))
