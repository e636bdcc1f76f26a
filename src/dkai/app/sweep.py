"""Sweeps: from a grid to a request, from fetched results to one table, and from a sweep to one of what failed in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from dkai.app.submit_walk import Request, site_of
from dkai.compute.job import Outcome
from dkai.compute.ledger import Job, open_ledger
from dkai.compute.link import Ask, Link
from dkai.compute.plan import Plan, read_plan
from dkai.compute.quote.choose import Wishes
from dkai.compute.recipes.recipes import get_recipe
from dkai.compute.sweep import tally
from dkai.compute.sweep.grid import expand
from dkai.compute.sweep.results import LIST, SCHEMA, TABLE, Results, as_csv, as_json, make_results
from dkai.compute.sweep.tally import Tally, make_tally
from dkai.core.errors import UsageError, UserError
from dkai.core.files import write_private
from dkai.core.i18n import t


def sweep_request(request: Request, grids: Sequence[str], file: Path | None, at_once: int | None) -> Request:
    """The request with the tasks of a grid. Raises UserError or UsageError."""
    if not grids and file is None:
        raise UsageError(
            t("a grid is missing"),
            code="missing-grid",
            hint=t("write for example --grid size=1,2,4, or name a file with --grid-file"),
        )
    tasks = expand(get_recipe(request.recipe), grids, file)
    return replace(request, tasks=tasks, wishes=replace(request.wishes, tasks=len(tasks), at_once=at_once))


def tally_of(job: Job, plan: Plan, link: Link) -> Tally:
    """What became of each task, asked of the place. Raises RemoteError."""
    told = tally.ask(link, job.folder, plan.python)
    done = {row.get("task") for row in told.get("tasks", ()) if isinstance(row, dict) and row.get("state") == "ended"}
    counted = None
    if len(done) < len(plan.spec.tasks):
        counted = tally.accounting_of(link, (job.job_id, job.folder, job.native_id))
    return make_tally(len(plan.spec.tasks), told, counted)


def must_be_free(into: Path, *, overwrite: bool) -> None:
    """Raises UserError where a table of another origin lies in the folder."""
    try:
        ours = json.loads((into / LIST).read_text(encoding="utf-8")).get("schema") == SCHEMA
    except (OSError, ValueError, AttributeError):
        ours = False
    there = [name for name in (TABLE, LIST) if (into / name).exists()]
    if there and not ours and not overwrite:
        raise UserError(
            t("{file} is there already, and not from a sweep", file=into / there[0]),
            code="would-overwrite",
            hint=t("nothing was written; choose another folder with --into, or replace them with --overwrite"),
        )


def gather(job: Job, plan: Plan, link: Link, into: Path) -> Results:
    """Put the fetched results into one table, beside them. Raises RemoteError or UserError."""
    found = make_results(plan.spec.tasks, tally_of(job, plan, link).tasks, plan.metrics, into / "tasks")
    write_private(into / TABLE, as_csv(found))
    write_private(into / LIST, as_json(found, job.job_id))
    return found


def again(word: str, *, at_once: int | None = None, ask: Ask | None = None) -> Request:
    """A request for the tasks of an ended sweep that did not complete. Raises UserError or RemoteError."""
    with open_ledger() as ledger:
        job = ledger.find(word)
        plan = read_plan(ledger.plan(job.job_id))
        if not plan.spec.tasks:
            raise UserError(
                t("{job} is no sweep", job=job.job_id),
                code="no-sweep",
                hint=t("submit it again with: dkai compute submit {recipe}", recipe=plan.spec.recipe),
            )
        with Link(site_of(job, ledger), ask) as link:
            tasks = tally_of(job, plan, link).tasks
    going = [task for task in tasks if task.state in ("running", "queued")]
    left = [plan.spec.tasks[task.number] for task in tasks if task.outcome is not Outcome.COMPLETED]
    if job.is_open or going or not left:
        raise UserError(
            t("all tasks of {job} completed", job=job.job_id) if not left else t("{job} has not ended", job=job.job_id),
            code="nothing-to-repeat",
            hint=t("see where it stands: dkai compute status {job}", job=job.job_id),
        )
    return request_from(plan, left, at_once)


def changed(before: Request, typed: Request) -> Request:
    """The request with what was typed for it: other resources, another site, another interpreter."""
    plain, wishes = Wishes(), before.wishes
    if typed.wishes.cpus is not None:
        wishes = replace(wishes, cpus_per_gpu=None)
    said = {
        one.name: value
        for one in fields(Wishes)
        if (value := getattr(typed.wishes, one.name)) != getattr(plain, one.name)
    }
    return replace(
        before, site=typed.site, wishes=replace(wishes, **said), level=typed.level or before.level,
        accept_level=typed.accept_level, allow_over=typed.allow_over, ask_now=typed.ask_now,
        environment=typed.environment,
    )  # fmt: skip


def request_from(plan: Plan, tasks: Sequence[dict[str, object]], at_once: int | None) -> Request:
    """The request that would make such a plan again, of these tasks."""
    sources = {file.to: file.source for file in plan.files}
    if any(sources[file.to] is None for file in plan.input_files):
        raise UserError(
            t("the files of {job} are not on this computer: it was submitted from another one", job=plan.job_id),
            code="files-elsewhere",
            hint=t("submit it anew from the recipe: dkai compute submit {recipe}", recipe=plan.spec.recipe),
        )
    inputs = () if plan.sample else tuple(Path(str(sources[file.to])) for file in plan.input_files)
    want, spec = plan.spec.resources, plan.spec
    wishes = Wishes(
        gpus=want.gpus, gpu_type=want.gpu_type, cpus=None if want.cpus_per_gpu else want.cpus,
        memory_mb=want.memory_mb, walltime_s=want.walltime_s, partition=spec.partition, account=spec.account,
        qos=spec.qos, exclusive=want.exclusive, cpus_per_gpu=want.cpus_per_gpu, nodes=want.nodes, starts=want.starts,
        tasks=len(tasks), at_once=at_once or spec.at_once,
    )  # fmt: skip
    return Request(
        recipe=_recipe_of(plan), site=plan.site.id, inputs=inputs, sample=plan.sample, params=dict(spec.parameters),
        wishes=wishes, level=plan.gate.level, tasks=tuple(tasks),
    )  # fmt: skip


def _recipe_of(plan: Plan) -> str:
    """The recipe's name, or the folder of the person's own."""
    script = next((f.source for f in plan.files if f.to.startswith("script/") and f.source), None)
    if script is None:
        return plan.spec.recipe
    for folder in Path(script).parents:
        if (folder / "recipe.yaml").exists():
            return str(folder)
    return plan.spec.recipe
