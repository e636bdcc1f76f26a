"""Jobs of this person that were found at a site and that this ledger does not know: taken in with what they tell.

The plan travels in the job's folder. It comes from outside: it is believed where it fits (this job, this version, names
as ours are), without control characters, and with the folder and the site it was found at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from posixpath import dirname
from typing import Any

from dkai.compute.job import JobStatus, made_at
from dkai.compute.ledger import Ledger
from dkai.compute.plan import Plan, plan_text, read_plan
from dkai.compute.scheduler import Found, Search
from dkai.compute.site import Site
from dkai.core.clean import no_controls
from dkai.core.errors import UserError
from dkai.core.i18n import t

# Accounting is asked about jobs of the last weeks; older ones tell by their own record how they ended.
SINCE_S = 30 * 86400.0
MOST_PLACES = 5
_RECIPE = re.compile(r"^[a-z0-9][a-z0-9._-]{0,79}$")
UNREADABLE = "?"  # the recipe's name where the plan cannot be read


def search_for(folders: Sequence[str], known: Sequence[str], base: str | None, now: float) -> Search:
    """Where to look: below the site's base folder, and beside the folders of jobs that are known there."""
    places = dict.fromkeys(dirname(folder) for folder in folders if folder.startswith("/"))
    return Search(base, tuple(places)[:MOST_PLACES], tuple(known), now - SINCE_S)


def adopt(found: Found, status: JobStatus | None, site: Site, ledger: Ledger) -> bool:
    """Take the job in; False when the ledger has it already, whose view is then left alone."""
    evidence: dict[str, Any] = {"by": "adopted", "folder": found.folder}
    recipe, version, text = UNREADABLE, "", ""
    try:
        plan = checked_plan(found, site)
        recipe, version, text = plan.spec.recipe, plan.spec.recipe_version, plan_text(plan)
    except UserError as error:
        evidence |= {"plan": "unreadable", "why": error.message}
    return ledger.adopt(
        job_id=found.job_id, created_at=made_at(found.job_id), recipe=recipe, recipe_version=version, site=site.id,
        folder=found.folder, plan=text, status=status, evidence=evidence,
    )  # fmt: skip


def checked_plan(found: Found, site: Site) -> Plan:
    """The plan of a found job, with the site and folder it was found at. Raises UserError when it is not believed."""
    if not found.plan.strip():
        raise UserError(
            t("no plan is in its folder"),
            code="plan-unreadable",
            hint=t("older versions of dkai sent none; log and results can be had all the same"),
        )
    try:
        content = _clean(json.loads(found.plan))
    except (ValueError, RecursionError) as error:
        raise _not_believed(str(error)) from error
    try:
        plan = read_plan(json.dumps(content))
    except RecursionError as error:
        raise _not_believed(str(error)) from error
    if plan.spec.job_id != found.job_id:
        raise _not_believed(plan.spec.job_id)
    if not _RECIPE.match(plan.spec.recipe):
        raise _not_believed(plan.spec.recipe)
    here = replace(plan.spec, site=site.id)
    files = tuple(replace(file, source=None, text=None) for file in plan.files)
    return replace(plan, site=site, spec=here, folder=found.folder, files=files, script="")


def _clean(value: Any) -> Any:
    """The same without control characters, whoever wrote it."""
    if isinstance(value, str):
        return no_controls(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {no_controls(key): _clean(item) for key, item in value.items()}
    return value


def _not_believed(why: str) -> UserError:
    return UserError(
        t("the plan in its folder is not this job's ({why})", why=no_controls(why)[:100]),
        code="plan-unreadable",
        hint=t("log and results can be had all the same"),
    )
