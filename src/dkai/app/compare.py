"""The same job on every place that this person may use: own sites, this computer, and all that the catalogue knows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from dkai.app.prices import fetched_offers
from dkai.app.submit_walk import Request, choose, has_own_data, quote_for
from dkai.app.submit_walk import discover as ask_site
from dkai.catalogue.open import open_catalogue
from dkai.compute.cluster import Cluster
from dkai.compute.compare.costs import hours_of
from dkai.compute.compare.facts import Gpu, read_gpus
from dkai.compute.compare.fit import Fit, Reason, fit
from dkai.compute.compare.job import Job, Reference
from dkai.compute.compare.own import Offered, gpu_names_of, machines_of, row_of, unasked_row
from dkai.compute.compare.rows import Comparison, Row, Wanted
from dkai.compute.compare.runtime import scale
from dkai.compute.compare.table import Ground, in_order, order_words, rows_of
from dkai.compute.discover import last_said
from dkai.compute.gate import is_this_computer
from dkai.compute.news import Tell, silent
from dkai.compute.quote.choose import Wishes
from dkai.compute.quote.place import find_gpus
from dkai.compute.quote.quote import Quote, refuse
from dkai.compute.recipes.params import bind
from dkai.compute.recipes.recipe import Measured, Recipe, bound
from dkai.compute.recipes.recipes import get_recipe
from dkai.compute.site import LOCAL_ID, SchedulerKind, Site
from dkai.compute.sites_file import load_sites
from dkai.core.errors import DkaiError, UserError
from dkai.core.i18n import nt, t
from dkai.core.units import parse_duration, parse_memory
from dkai.core.unknown import Unknown

if TYPE_CHECKING:
    from pathlib import Path

    from dkai.catalogue.catalogue import Catalogue, Entry
    from dkai.compute.link import Links


@dataclass(frozen=True, slots=True)
class Question:
    """The job as `quote` has it, and what only a comparison needs: as typed, unchecked; None where nothing was said."""

    request: Request
    institution: str | None = None
    took: str | None = None  # `2h@a100-80gb`, `90m@2xh100`
    gpu_memory: str | None = None  # of each GPU, `24G`
    screening: Path | None = None


def compare_places(
    question: Question, today: date, tell: Tell = silent, links: Links | None = None
) -> Comparison:  # fmt: skip
    """All places side by side. Opens no connection, unless the request says `ask_now`. Raises UserError."""
    request = question.request
    for path in request.inputs:
        if not path.expanduser().exists():
            raise UserError(
                t("there is no file or folder {path}", path=path),
                code="cannot-read",
                hint=t("check the path and your permissions"),
            )
    catalogue = open_catalogue()
    places = {entry.id: entry for entry in catalogue.entries("provider")}
    gpu_entries = list(catalogue.entries("gpu"))
    recipe = _recipe(request)
    job = _job(question, recipe, catalogue, places)
    reference = _took(question.took, catalogue) if question.took else _measured(recipe, job)
    ground = Ground(job, reference, gpu_entries, fetched_offers(), _schedulers(), today)
    rows = {row.id: row for row in rows_of(places.values(), ground)}
    own = list(_own_rows(recipe, request, ground, catalogue, rows, tell=tell, links=links))
    # A place where the person has a site of their own is shown once, as that site.
    taken = {site.provider for site in load_sites().values()} | {"this-computer"}
    usable, left_out = in_order([*own, *(row for row in rows.values() if row.id not in taken)])
    return Comparison(
        job=_wanted(job),
        measured=Unknown(_why_not_measured(recipe, job)) if reference is None else reference.says,
        items=tuple(usable),
        left_out=tuple(left_out),
        order=order_words(),
        catalogue_date=catalogue.date,
        prices=_prices_say(ground, today),
        asked=request.ask_now,
        notes=tuple(_notes(job)),
    )


def _recipe(request: Request) -> Recipe:
    """The recipe as it is with these parameters; one that is missing or wrong is no matter for a comparison."""
    recipe = get_recipe(request.recipe)
    try:
        return bound(recipe, bind(recipe, request.params, sample=request.sample))
    except UserError:
        return recipe


def _job(question: Question, recipe: Recipe, catalogue: Catalogue, places: dict[str, Entry]) -> Job:
    request = question.request
    wishes, base = request.wishes, recipe.resources
    # Who speaks of a GPU wants one, though the recipe could do without.
    speaks_of_gpu = any((wishes.gpu_type, question.gpu_memory, question.took))
    gpus = (base.gpus or int(speaks_of_gpu)) if wishes.gpus is None else wishes.gpus
    cpus = base.cpus if wishes.cpus is None else wishes.cpus
    if wishes.cpus_per_gpu and gpus:
        cpus = wishes.cpus_per_gpu * gpus
    memory = recipe.gpu_memory_gb if question.gpu_memory is None else _gpu_memory(question.gpu_memory)
    return Job(
        recipe=recipe.id,
        gpus=gpus,
        cpus=cpus,
        memory_mb=base.memory_mb if wishes.memory_mb is None else wishes.memory_mb,
        walltime_s=wishes.walltime_s or base.walltime_s,
        nodes=wishes.nodes or base.nodes,
        gpu="required" if wishes.gpus or speaks_of_gpu else recipe.gpu,
        gpu_memory_gb=memory,
        accelerators=recipe.accelerators,
        precision=recipe.precision,
        only_gpus=_only(wishes.gpu_type, catalogue),
        level=request.level,
        # Who says how confidential the data are has some, though the files are not named yet.
        own_data=request.level is not None or has_own_data(request, recipe),
        institution=_institution(question, places),
    )


def _gpu_memory(text: str) -> float:
    """GB of each GPU. Raises UserError, also for `24`, which would be 24 MB as Slurm counts."""
    gb = parse_memory(text) / 1024
    if gb < 1:
        raise UserError(
            t("no GPU has as little memory as “{text}”", text=text),
            code="bad-memory",
            hint=t("write for example --gpu-memory 24G"),
        )
    return gb


def _only(gpu_type: str | None, catalogue: Catalogue) -> tuple[str, ...]:
    if gpu_type is None:
        return ()
    found = find_gpus(catalogue, gpu_type)
    if not found:
        raise _no_such_gpu(gpu_type)
    return tuple(gpu.id for gpu in found)


def _no_such_gpu(name: str) -> UserError:
    return UserError(
        t("the catalogue knows no GPU called “{name}”", name=name),
        code="no-such-gpu",
        hint=t("write it as the catalogue does, such as a100-80gb, h100 or mi250x"),
    )


def _institution(question: Question, places: dict[str, Entry]) -> str | None:
    """The institution's id: as typed, else as the screening has it."""
    word = question.institution
    if word is None and question.screening is not None:
        from dkai.app.screening import load_screening

        said = load_screening(question.screening).answers.get("institution")
        return str(said) if said not in (None, "unknown") else None
    if word is None:
        return None
    known = sorted({one for entry in places.values() for one in entry["access"]["eligible"]} - {"anyone"})
    wanted = word.strip().lower()
    if wanted in (*known, "other"):
        return wanted
    raise UserError(
        t("no institution is called “{name}”", name=word),
        code="no-such-institution",
        hint=t("they are: {names}", names=", ".join((*known, "other"))),
    )


def _took(text: str, catalogue: Catalogue) -> Reference:
    """What the person knows: `2h@a100-80gb`, or `2h@4xa100-80gb` for several. Raises UserError."""
    duration, _, rest = text.partition("@")
    count, sign, name = rest.partition("x")
    if not (sign and count.strip().isdecimal()):
        count, name = "1", rest
    if not name.strip():
        raise UserError(
            t("“{text}” does not say on which GPU", text=text),
            code="bad-took",
            hint=t("write time and GPU, such as --took 2h@a100-80gb or --took 30m@2xh100"),
        )
    found = find_gpus(catalogue, name.strip())
    if not found:
        raise _no_such_gpu(name.strip())
    if len(found) > 1:
        raise UserError(
            t("“{name}” is one of several GPUs", name=name.strip()),
            code="ambiguous-gpu",
            hint=t("say which: {names}", names=", ".join(gpu.id for gpu in found)),
        )
    seconds = parse_duration(duration)
    if seconds <= 0:
        raise UserError(t("a job needs some time"), code="bad-took", hint=t("such as --took 2h@a100-80gb"))
    gpus = max(1, int(count))
    return Reference(seconds, found[0].id, gpus, t("your own figure: {text}", text=text))


def _measured(recipe: Recipe, job: Job) -> Reference | None:
    """The recipe's newest measurement on as many GPUs, where it says on which."""
    found = [one for one in recipe.measured if one.gpu and max(one.gpus, 1) == job.gpus]
    if not found:
        return None
    newest = max(found, key=lambda one: one.date)
    what = "" if newest.input is None else str(newest.input)
    says = t("measured {day} on {device}: {input}", day=newest.date, device=newest.device or newest.gpu, input=what)
    return Reference(newest.minutes * 60, str(newest.gpu), max(newest.gpus, 1), says.rstrip(": "), newest.date)


def _why_not_measured(recipe: Recipe, job: Job) -> str:
    if not job.gpus:
        return t("the job asks for no GPU")
    if any(one.gpu for one in recipe.measured):
        return t("the recipe was not measured with {n} GPUs", n=job.gpus)
    return t("the recipe was not measured on a GPU yet; --took 2h@a100-80gb says what you know")


def _schedulers() -> tuple[str, ...]:
    from typing import get_args

    return get_args(SchedulerKind)


def _own_rows(
    recipe: Recipe, request: Request, ground: Ground, catalogue: Catalogue, rows: dict[str, Row], *, tell: Tell,
    links: Links | None,
) -> Iterator[Row]:  # fmt: skip
    """A row for each of the person's sites, this computer among them."""
    gpus = read_gpus(ground.gpu_entries)
    for site in load_sites().values():
        entry = _entry(catalogue, site)
        cluster, why = _said(site, request, tell, links)
        if cluster is not None and cluster.scheduler != "process" and not cluster.partitions:
            cluster, why = None, t("it did not tell what machines it has")
        if cluster is None:
            base = rows.get(site.provider or "")
            yield unasked_row(site, entry, base, why, ground.job)
            continue
        meant = {name: _meant(catalogue, entry, name, gpus) for name in gpu_names_of(cluster)}
        offered = machines_of(cluster, meant, ground.job)
        found = fit(ground.job, [one.machine for one in offered])
        if isinstance(found, Reason) and found.code == "no-gpu":
            found = Reason(found.code, t("no GPU that its driver or its scheduler tells of"))
        run_time = scale(ground.reference, _gpu_of(found), ground.job, gpus)
        if not ground.job.gpus:
            run_time = Unknown(t("times of jobs without GPU are not scaled between CPUs"))
        hours = hours_of(run_time, ground.job.walltime_s)
        chosen = next((one for one in offered if isinstance(found, Fit) and one.machine == found.machine), None)
        quote = None
        if chosen is not None and isinstance(found, Fit) and site.scheduler != "process":
            quote = _quote(recipe, _asked_for(request, chosen, found), site, cluster)
        yield row_of(site, entry, cluster, found, job=ground.job, run_time=run_time, quote=quote, hours=hours)


def _gpu_of(found: Fit | Reason) -> Gpu | None:
    gpu = found.machine.gpu if isinstance(found, Fit) and found.gpus else None
    return gpu if gpu is not None and gpu.id else None


def _entry(catalogue: Catalogue, site: Site) -> Entry | None:
    try:
        return catalogue.get(site.provider, "provider") if site.provider else None
    except UserError:
        return None


def _meant(catalogue: Catalogue, entry: Entry | None, name: str, gpus: dict[str, Gpu]) -> Sequence[Gpu]:
    """The GPUs that may be meant, the one of least memory first."""
    there = {one["gpu"] for one in entry.get("hardware", ()) if one.get("gpu")} if entry is not None else set()
    return sorted((gpus[one.id] for one in find_gpus(catalogue, name, there)), key=lambda gpu: gpu.memory_gb)


def _said(site: Site, request: Request, tell: Tell, links: Links | None) -> tuple[Cluster | None, str]:
    """What the site said of itself when it was last asked, or says now; else why nothing is known."""
    if is_this_computer(site):
        return _this_computer(), ""
    if request.ask_now and links is not None:
        try:
            return ask_site(links.to(site), tell), ""
        except DkaiError as error:
            return last_said(site), t("it could not be asked: {why}", why=error.message)
    return last_said(site), t("it was not asked yet: --ask-now asks your sites")


def _this_computer() -> Cluster:
    """This machine, looked at from inside: no other program is started unless a GPU's own tool is there."""
    from dkai.compute.runner import machine
    from dkai.compute.runner.gpus import Gpus

    return Cluster(
        name=LOCAL_ID, scheduler="process", version=None, user="", home=None, scratch=None, cpus=machine.cpus(),
        memory_mb=machine.memory_mb(), gpus=tuple(Gpus().names() or ()), asked_at=time.time(),
    )  # fmt: skip


def _asked_for(request: Request, chosen: Offered, found: Fit) -> Wishes:
    """The person's wishes, with the machine that was found filled in."""
    return replace(
        request.wishes,
        partition=request.wishes.partition or chosen.partition,
        gpu_type=chosen.gpu_type if found.gpus else None,
        gpus=found.gpus,
    )


def _quote(recipe: Recipe, wishes: Wishes, site: Site, cluster: Cluster) -> Quote | Reason:
    """The quote for all the time that is asked for; a reason where the job would be refused."""
    minutes = (wishes.walltime_s or recipe.resources.walltime_s) / 60
    # As if it always took all the time that is asked for: least and most are then what an hour may count there.
    whole = replace(recipe, measured=(Measured(minutes, "", gpus=wishes.gpus or 0),))
    try:
        choice = choose(whole, wishes, cluster, site)
        made = quote_for(whole, choice, cluster, site)
    except DkaiError as error:
        return Reason(error.code, error.message)
    refused = refuse(made, choice, cluster)
    return made if refused is None else Reason(refused.code, refused.message)


def _wanted(job: Job) -> Wanted:
    return Wanted(
        job.recipe, job.gpus, job.gpu_memory_gb, job.cpus, job.memory_mb, job.walltime_s, job.nodes, job.accelerators,
        job.precision, job.level, job.own_data, job.institution,
    )  # fmt: skip


def _prices_say(ground: Ground, today: date) -> str:
    """Where the prices of clouds are from."""
    days = [date.fromisoformat(offer.read) for offers in ground.fetched.values() for offer in offers]
    if not days:
        return t("Prices are the catalogue's, each with its date; newer ones: dkai compute prices update")
    age = (today - min(days)).days
    return nt(
        "Prices fetched {n} day ago are used where they are newer than the catalogue's",
        "Prices fetched {n} days ago are used where they are newer than the catalogue's",
        age,
    )


def _notes(job: Job) -> Iterator[str]:
    if job.institution is None:
        yield t("say where you work, to see who may use what: --institution ku")
    if job.own_data and job.level is None:
        yield t("say how confidential the data are, to see where they may be: --level")
    if job.gpus and job.gpu_memory_gb is None:
        yield t("how much GPU memory the job needs is not known, so the smallest GPU is shown: --gpu-memory 24G")
