"""The steps of a hand-off, filled in for one job, in one language at a time. Pure but for its own words file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from dkai.compute.plan import Plan
from dkai.compute.scheduler.ucloud_request import APPLICATION, PARAMETERS, VERSION, hours, knows_drive
from dkai.core.i18n import speaking
from dkai.core.levels import Level
from dkai.core.paths import package_file
from dkai.core.text import Text
from dkai.core.units import show_duration
from dkai.core.unknown import Unknown

WEB = "https://cloud.sdu.dk"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and what to type where it is a command."""

    says: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Steps:
    """All of it, in one language."""

    language: str
    title: str
    caveat: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[tuple[str, tuple[Step, ...]], ...]


def results_file(job_id: str) -> str:
    """What job.sh packs at the end."""
    return f"results-{job_id}.tar.gz"


def steps_for(plan: Plan, rules: Sequence[Text], code: str) -> Steps:
    """The steps in the language `code`. `rules` are what the institutions say of data there."""
    with speaking(code):
        words = _words()
        values = _values(plan, code)
        holds = _holds(plan, rules)

        def fill(pair: Mapping[str, str]) -> str:
            return pair[code].format(**values)

        sections = []
        for section in words["sections"]:
            chosen = [one for one in section["steps"] if all(holds[name] for name in one.get("when", ()))]
            filled: list[Step] = []
            for one in chosen:
                for rule in rules if one.get("each") else ("",):
                    values["rule"] = str(rule)
                    filled.append(Step(fill(one), one.get("command", "").format(**values)))
            sections.append((section["heading"][code], tuple(filled)))
        facts = tuple((words["labels"][name][code], fill(pair)) for name, pair in _facts(plan, words))
        return Steps(code, fill(words["title"]), words["caveat"][code], facts, tuple(sections))


@cache
def _words() -> dict[str, Any]:
    import yaml

    found: dict[str, Any] = yaml.safe_load(package_file("compute/ucloud/steps.yaml").read_text(encoding="utf-8"))
    return found


def _holds(plan: Plan, rules: Sequence[Text]) -> dict[str, bool]:
    drive = knows_drive(plan.folder)
    level = plan.gate.level
    return {
        "drive": drive, "no_drive": not drive, "rules": bool(rules), "slice": "mig" in (plan.spec.partition or ""),
        "confidential": level is not None and not Level.INTERNAL.allows(level), "asks": level is not Level.PUBLIC,
        "no_own": level is Level.PUBLIC, "project": bool(plan.site.account), "no_project": not plan.site.account,
    }  # fmt: skip


def _facts(plan: Plan, words: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    facts = words["facts"]
    yield "job", {"da": "{job}", "en": "{job}"}
    yield "machine", facts["machine"]
    yield "time", facts["time"]
    yield "cost", facts["gpu_cost" if plan.spec.resources.gpus else "cpu_cost"]
    yield "project", facts["a_project" if plan.site.account else "no_project"]
    yield "data", facts["level"]


def _values(plan: Plan, code: str) -> dict[str, str]:
    from dkai.compute.quote.estimate import show_amount

    spec, quote = plan.spec, plan.quote
    want = spec.resources
    amount = quote.hours if isinstance(quote.cost, Unknown) or not want.gpus else quote.cost.amount
    told = round(want.memory_mb * 1_048_576 / 10**9)
    category = spec.place.get("category", "")
    chosen = _words()["facts"]["a_project" if plan.site.account else "no_project"][code]
    level, permitted = plan.gate.level, plan.gate.permitted
    unsaid = {"da": "ikke angivet", "en": "not said"}[code]
    return {
        "recipe": plan.recipe_name,
        "job": spec.job_id,
        "machine": spec.partition or "",
        "cores": str(want.cpus),
        "memory": f", {told} GB" if want.gpus else "",
        "category": category,
        "time": show_duration(want.walltime_s),
        "amount": show_amount(amount.high),
        "project": chosen.format(project=plan.site.account or "", category=category),
        "level": level.label if level else unsaid,
        "permitted": permitted.label if permitted else unsaid,
        "web": WEB,
        "create": f"{WEB}/app/jobs/create?app={spec.place.get('application', APPLICATION)}",
        "application": spec.place.get("application", APPLICATION),
        "version": spec.place.get("version", VERSION),
        "parameters": PARAMETERS,
        "hours": str(hours(spec)),
        "drive": plan.folder.split("/")[1] if plan.folder.startswith("/") else "",
        "parent": plan.folder.rpartition("/")[0].partition("/")[2].partition("/")[2] or "dkai",
        "folder": plan.folder,
        "files": str(len(plan.files) + 1),
        "results": results_file(spec.job_id),
    }
