"""What will run, unchanged: the person sees it, says yes, and exactly this is carried out.

A plan is frozen and serialised into the ledger. Generated files are in it as text; all others with size and SHA-256,
which are checked again before anything is sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dkai import __version__
from dkai.compute.cluster import Cluster
from dkai.compute.environments import WHEELS, Way, as_job
from dkai.compute.gate import Gate, is_this_computer
from dkai.compute.job import JobSpec
from dkai.compute.quote.quote import Quote
from dkai.compute.recipes.inputs import InputFile
from dkai.compute.recipes.recipe import AiModel, Recipe
from dkai.compute.recipes.recipes import travelling_files
from dkai.compute.recipes.requirements import builds_of
from dkai.compute.site import Site
from dkai.core.clean import escaped
from dkai.core.errors import UserError
from dkai.core.findings import Findings
from dkai.core.i18n import language, t
from dkai.core.oserrors import reason
from dkai.core.paths import cache_dir, data_dir
from dkai.core.plain import to_plain
from dkai.core.revive import revive

SCHEMA = "dkai/plan/1"
PLAN_FILE = "plan.json"
MODEL = "model "  # begins the name of an AI model among the versions


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file of the job's folder: its text, or where it is on this computer."""

    to: str
    size: int
    sha256: str
    source: str | None = None
    text: str | None = None
    mode: int = 0o600


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything about one job, decided."""

    site: Site
    spec: JobSpec
    recipe_name: str
    folder: str
    python: str
    script: str  # job.sh; empty where no scheduler reads one
    files: tuple[PlannedFile, ...]
    quote: Quote
    findings: Findings
    gate: Gate
    versions: dict[str, str]  # of dkai, the recipe, the scheduler, and the AI models that the recipe uses
    overrides: tuple[str, ...]
    language: str
    sample: bool
    packages: tuple[str, ...] = ()  # fetched at the place where it lacks them
    models: tuple[AiModel, ...] = ()  # whose weights are fetched at the place
    ways: tuple[Way, ...] = ()  # how it gets its interpreter, in the order in which they are tried there
    metrics: dict[str, str] = field(default_factory=dict)  # the recipe's figures by which a run is judged
    verify: bool = False  # submitted held, and let go once the scheduler's reading of it is this plan's

    @property
    def job_id(self) -> str:
        """The job's id."""
        return self.spec.job_id

    @property
    def longest_s(self) -> int:
        """Seconds that it may run in all: of a job array those of all its tasks together."""
        return self.spec.resources.longest_s * max(1, len(self.spec.tasks))

    @property
    def input_files(self) -> tuple[PlannedFile, ...]:
        """The person's own files, or the sample's."""
        return tuple(f for f in self.files if f.to.startswith("input/"))

    @property
    def size(self) -> int:
        """Bytes to send."""
        return sum(f.size for f in self.files)


def make_plan(
    *, site: Site, spec: JobSpec, recipe: Recipe, cluster: Cluster, quote: Quote, inputs: Sequence[InputFile],
    findings: Findings, gate: Gate, overrides: Sequence[str], sample: bool,
    ways: Sequence[Way] = (), wheels: Sequence[Path] = (),
) -> Plan:  # fmt: skip
    """The plan. It cannot be made without the scan's findings."""
    from dkai.compute.runner import source as runner_source
    from dkai.compute.scheduler import scheduler_for

    folder = job_folder(site, cluster, spec.job_id)
    python = site.python or cluster.python or "python3"
    script = scheduler_for(site.scheduler).script(spec, folder, python)
    files = [
        _text("job.json", _json(_job(site, spec, recipe, cluster, ways))),
        _text("params.json", _json(spec.parameters)),
        _text("runner.py", runner_source().decode("utf-8")),
    ]
    if spec.tasks:
        files.append(_text("tasks.jsonl", "".join(json.dumps(task, ensure_ascii=False) + "\n" for task in spec.tasks)))
    if script:
        files.append(_text("job.sh", script))
    files += [_file(f"script/{name}", path) for name, path in travelling_files(recipe)]
    files += [_file(f"{WHEELS}/{path.name}", path) for path in wheels]
    files += [PlannedFile(f"input/{i.name}", i.size, i.sha256, source=str(i.path)) for i in inputs]
    return Plan(
        site=site, spec=spec, recipe_name=str(recipe.name), folder=folder, python=python, script=script,
        files=tuple(files), quote=quote, findings=findings, gate=gate,
        versions={"dkai": __version__, "recipe": recipe.version, **_scheduler_version(cluster), **_models(recipe)},
        overrides=tuple(overrides), language=language(), sample=sample, metrics=dict(recipe.metrics), ways=tuple(ways),
        packages=recipe.run.imports if "packages" in recipe.network else (),
        models=tuple(model for model in recipe.models if model.host) if "models" in recipe.network else (),
    )  # fmt: skip


def _models(recipe: Recipe) -> dict[str, str]:
    return {f"{MODEL}{model.name}": model.version for model in recipe.models}


def _scheduler_version(cluster: Cluster) -> dict[str, str]:
    return {cluster.scheduler: cluster.version} if cluster.version else {}


def _several(spec: JobSpec, recipe: Recipe) -> dict[str, Any]:
    """What `job.json` says of a job of several processes, and of one that may start several times."""
    found: dict[str, Any] = {}
    want = spec.resources
    if recipe.run.launcher != "none":
        # One process for each GPU, without GPUs for each core.
        cores = -(-want.cpus // want.nodes)
        each = -(-want.gpus // want.nodes) or cores
        found["launch"] = {"kind": recipe.run.launcher, "nodes": want.nodes, "per_node": each, "cpus": cores}
    if spec.checkpoint:
        found |= {"checkpoint": True, "warning_s": want.warning_s, "starts": want.starts}
    return found


def _job(site: Site, spec: JobSpec, recipe: Recipe, cluster: Cluster, ways: Sequence[Way]) -> dict[str, Any]:
    """`job.json`, for the runner."""
    builds = {kind: f"script/{name}" for kind, name in builds_of(recipe).items()}
    return {
        "job_id": spec.job_id,
        "script": f"script/{recipe.run.script}",
        # Recipes say their progress in the person's language, and gpu-check compares what was asked with what it sees.
        "env": {
            "OMP_NUM_THREADS": str(spec.resources.cpus),
            "DKAI_LANG": language(),
            "DKAI_GPUS": str(spec.resources.gpus),
            "DKAI_NODES": str(spec.resources.nodes),
        },
        "walltime_s": spec.resources.walltime_s,
        **_several(spec, recipe),
        **({"at_once": spec.at_once} if spec.tasks else {}),
        "lang": language(),
        "envs_dir": _envs_dir(site, cluster),
        "python": {
            "min_version": recipe.run.python.lstrip(">= ") or "3.6",
            "imports": list(recipe.run.imports),
            "requirements": builds.get("any") or builds or None,
        },
        "language": recipe.run.language,
        "ways": [as_job(way) for way in ways],
    }


def _envs_dir(site: Site, cluster: Cluster) -> str:
    """Where environments are kept; at UCloud on the job's own disk: nothing else of it is a job's."""
    if is_this_computer(site):
        return str(cache_dir() / "envs")
    return "/tmp/dkai-envs" if site.scheduler == "ucloud" else f"{base_folder(site, cluster)}/dkai/envs"  # noqa: S108 - a machine of the job's alone


def base_folder(site: Site, cluster: Cluster) -> str:
    """The folder for jobs at the place: the person's choice, else $SCRATCH, else the home folder."""
    # Which drive at UCloud is the person's is told by themselves, or with a token.
    home = cluster.home or ("/DRIVE" if site.scheduler == "ucloud" else ".")
    if site.base is not None:
        return home.rstrip("/") + site.base[1:] if site.base.startswith("~/") else site.base.rstrip("/")
    return (cluster.scratch or home).rstrip("/")


def job_folder(site: Site, cluster: Cluster, job_id: str) -> str:
    """The job's folder at the place; on this computer it is among dkai's own files."""
    if is_this_computer(site) and site.base is None:
        return str(data_dir() / "jobs" / job_id)
    return f"{base_folder(site, cluster)}/dkai/{job_id}"


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _text(to: str, text: str) -> PlannedFile:
    data = text.encode("utf-8")
    return PlannedFile(to, len(data), hashlib.sha256(data).hexdigest(), text=text)


def _file(to: str, path: Path) -> PlannedFile:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(
            t("cannot read {path}: {why}", path=path, why=reason(error)),
            code="cannot-read",
            hint=t("check that the recipe's folder is whole and that you may read it"),
        ) from error
    return PlannedFile(to, len(data), hashlib.sha256(data).hexdigest(), source=str(path.absolute()))


def plan_text(plan: Plan) -> str:
    """The plan as JSON, for the ledger."""
    # Escaped: the name of an input file may hold bytes that are no UTF-8, which a database cannot keep as text.
    return escaped(json.dumps({"schema": SCHEMA, **to_plain(plan)}, ensure_ascii=False, separators=(",", ":")))


def travelling(plan: Plan) -> PlannedFile:
    """`plan.json` for the job's folder: what another computer, or this one after a loss, needs to know the job again.

    What only this computer needs is not in it: where files are here, how the place is reached; nor are texts that lie
    in the folder anyway.
    """
    site = replace(
        plan.site, address=None, user=None, port=None, identity=None, ssh_config=None, known_hosts=None,
        transport="auto",
    )  # fmt: skip
    files = tuple(replace(file, source=None, text=None) for file in plan.files)
    return _text(PLAN_FILE, plan_text(replace(plan, site=site, files=files, script="")) + "\n")


def read_plan(text: str) -> Plan:
    """The plan that `plan_text` wrote. Raises UserError when this dkai cannot read it."""
    try:
        content = json.loads(text)
        if content.get("schema") != SCHEMA:
            raise ValueError(content.get("schema"))
        return revive(Plan, content)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            t("the stored plan cannot be read by this dkai ({why})", why=error),
            code="plan-unreadable",
            hint=t("it was probably written by another version; the job's folder at the place holds everything"),
        ) from error
