"""A job handed to the person to start in UCloud's browser page, and its results taken back."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dkai.app.sites import provider_entry
from dkai.compute import submit
from dkai.compute.host import Upload
from dkai.compute.host.local import LocalHost
from dkai.compute.job import JobState
from dkai.compute.ledger import Job, Ledger, open_ledger
from dkai.compute.link import Link
from dkai.compute.news import Tell, silent
from dkai.compute.plan import Plan, PlannedFile, travelling
from dkai.compute.scheduler.own_record import Record
from dkai.compute.scheduler.ucloud_request import PARAMETERS, parameters
from dkai.compute.site import Site, caveat, this_computer
from dkai.compute.sites_file import get_site, load_sites, save_site
from dkai.core.errors import UserError
from dkai.core.files import write_private
from dkai.core.i18n import t
from dkai.core.text import Text

if TYPE_CHECKING:
    from dkai.app.submit_walk import Prepared
    from dkai.compute.fetch import Fetched

STEPS_PAGE, STEPS_TEXT = "STEPS.html", "STEPS.md"
SITE = "ucloud"


@dataclass(frozen=True, slots=True)
class HandOver:
    """What was written. `job_folder` is what the person uploads."""

    id: str
    name: str
    site: str
    folder: str
    job_folder: str
    files: tuple[str, ...]
    machine: str
    hours: int
    rules: tuple[Text, ...] = ()
    caveat: str = ""


def site_for(name: str | None, account: str | None = None, drive: str | None = None) -> Site:
    """The site to hand over for: the person's own, or a new one of UCloud's, saved. Raises UserError.

    What is given of project and drive holds from now on.
    """
    from dkai.app.sites import add

    known = load_sites()
    name = name or next((site.id for site in known.values() if site.scheduler == "ucloud"), SITE)
    if name not in known and name == SITE:
        add(SITE, {"provider": "ucloud", "account": account, "base": drive})
        return load_sites()[SITE]
    site = get_site(name)
    if site.scheduler != "ucloud":
        raise UserError(
            t("“{name}” is no site at UCloud", name=name),
            code="not-ucloud",
            hint=t("a hand-off is for places that are started in the browser: dkai compute handoff RECIPE\n"
                   "elsewhere: dkai compute submit RECIPE --site {name}", name=name),
        )  # fmt: skip
    changed = replace(site, account=account or site.account, base=drive or site.base)
    if changed != site:
        save_site(changed, replace=True)
    return changed


def rules_of(site: Site) -> tuple[Text, ...]:
    """What institutions say of the data that may be there, each with its institution's name."""
    entry = provider_entry(site)
    levels = entry["data"].get("levels") or () if entry is not None else ()
    said = [(str(one["institution"]).upper(), Text.of(one["says"])) for one in levels]
    return tuple(Text(da=f"{name}: {text.da}", en=f"{name}: {text.en}") for name, text in said)


def must_be_free(out: Path) -> None:
    """Raises UserError where the folder cannot be a hand-off's own."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(
            t("{folder} is there already, and not empty", folder=out),
            code="folder-not-empty",
            hint=t("choose another folder with --out"),
        )
    # Said before the job is prepared and shown: the nearest folder that is there must take the new one.
    there = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        why = t("you may not") if there.is_dir() else t("a part of the path is no folder")
        raise UserError(
            t("cannot write {path}: {why}", path=out, why=why),
            code="cannot-write",
            hint=t("choose another folder with --out"),
        )


def hand_over(prepared: Prepared, out: Path) -> HandOver:
    """Write the folder, and the job into the ledger. Raises Refused (nothing is written then) or UserError."""
    from dkai.compute.scheduler.ucloud_request import hours

    if prepared.refusal is not None:
        raise prepared.refusal
    plan = prepared.plan
    must_be_free(out)
    submit.check_files(plan)
    rules = rules_of(plan.site)
    with open_ledger() as ledger:
        submit.record(plan, ledger)
        ledger.note(plan.job_id, "handing-over", {"folder": str(out)})
        written = _write(plan, rules, out)
        ledger.move(
            plan.job_id, JobState.HANDED_OVER, expect=[JobState.PLANNED], what="handed-over",
            evidence={"folder": str(out.absolute())},
        )  # fmt: skip
    return HandOver(
        plan.job_id, plan.recipe_name, plan.site.id, str(out), str(out / plan.job_id), written,
        plan.spec.partition or "", hours(plan.spec), rules, caveat(plan.site.scheduler),
    )  # fmt: skip


def _write(plan: Plan, rules: tuple[Text, ...], out: Path) -> tuple[str, ...]:
    LocalHost().send(str(out / plan.job_id), [_upload(file) for file in (*plan.files, travelling(plan))])
    pages = pages_of(plan, rules)
    for name, content in pages.items():
        write_private(out / name, content)
    return (*pages, plan.job_id + "/")


def pages_of(plan: Plan, rules: tuple[Text, ...]) -> dict[str, str]:
    """What lies beside the job's folder, by name: the same plan gives the same bytes."""
    from dkai.compute.ucloud.page import page, text
    from dkai.compute.ucloud.steps import steps_for

    first = plan.language
    both = [steps_for(plan, rules, code) for code in (first, "en" if first == "da" else "da")]
    return {STEPS_PAGE: page(both), STEPS_TEXT: text(both), PARAMETERS: parameters(plan.spec, plan.folder)}


def _upload(file: PlannedFile) -> Upload:
    source: Path | bytes = Path(file.source) if file.source is not None else (file.text or "").encode("utf-8")
    return Upload(file.to, source, file.size, file.sha256, file.mode)


# --- and back


def fetch_from(path: Path, word: str | None, into: Path | None, tell: Tell = silent, *, overwrite: bool) -> Fetched:
    """Read a folder (or results-….tar.gz) that the person downloaded: outcome and log into the ledger, results home.

    Raises UserError where it is no job's, or another job's than `word` means.
    """
    from dkai.compute.brought import job_folder_of
    from dkai.compute.fetch import default_folder, fetch
    from dkai.compute.refresh import seen

    job_id, folder = job_folder_of(path)
    with open_ledger() as ledger:
        job = _job(job_id, folder, word, ledger)
        here = replace(this_computer(), id=job.site)
        with Link(here) as link:
            ledger.keep_brought(job_id, str(folder), {"from": str(path.absolute())})
            job = ledger.get(job_id)
            record = link.host.read(f"{folder}/record.json", 0, 2_000_000) or b""
            status = Record.of(record.decode("utf-8", "replace"), job_id, None).status
            if status is not None and status.state is JobState.ENDED:
                seen(job, replace(status, native_id=job.native_id), ledger)
            elif job.state is JobState.HANDED_OVER:
                ledger.move(
                    job_id, JobState.UNKNOWN, expect=[JobState.HANDED_OVER], what="unknown",
                    evidence={"why": t("its folder holds no record of an end: it was cut off, or still ran")},
                )  # fmt: skip
            return fetch(ledger.get(job_id), ledger, link, into or default_folder(job, Path.cwd()), tell,
                         overwrite=overwrite)  # fmt: skip


def _job(job_id: str, folder: Path, word: str | None, ledger: Ledger) -> Job:
    """The job in the ledger; taken in where another computer's dkai handed it over."""
    if word is not None and ledger.find(word).job_id != job_id:
        raise UserError(
            t("the folder is of {other}, not of {job}", other=job_id, job=ledger.find(word).job_id),
            code="another-job",
            hint=t("leave the job's name away: the folder tells it"),
        )
    if not any(job.job_id == job_id for job in ledger.recent(10_000, include_planned=True)):
        from dkai.compute.adopt import adopt
        from dkai.compute.scheduler import Found

        plan = folder / "plan.json"
        text = plan.read_text(encoding="utf-8", errors="replace") if plan.is_file() else ""
        adopt(Found(job_id, str(folder), text), None, Site(SITE, host="ucloud", scheduler="ucloud"), ledger)
    return ledger.get(job_id)
