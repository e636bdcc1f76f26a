"""Submission, status, log, results and end of a job over UCloud's interface, against a server in its shapes.

The batch script and the runner in it are run for real; what is not real is UCloud.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ucloud_server import TOKEN, Cloud, wallet

from dkai.app import jobs as work
from dkai.app import submit_walk as walk
from dkai.app.receipts import receipt
from dkai.compute.host.questions import Question, write_questions
from dkai.compute.job import JobState, Outcome
from dkai.compute.ledger import Job, ledger_path, open_ledger
from dkai.compute.link import Link
from dkai.compute.quote.choose import Wishes
from dkai.compute.refresh import refresh_site
from dkai.compute.scheduler import Command
from dkai.compute.site import Site
from dkai.compute.sites_file import get_site, save_site
from dkai.core.errors import DkaiError, Refused, RemoteError, UserError

pytestmark = pytest.mark.usefixtures("token")


@pytest.fixture
def recipe(tmp_path: Path) -> str:
    """A recipe that writes what it was given, in Danish, and ends as it is told."""
    folder = tmp_path / "echo"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(
        "schema: dkai/recipe/1\nid: echo\nname: echo\nsummary: {da: gentager, en: repeats}\n"
        "run: {script: main.py}\nresources: {gpus: 1, cpus: 1, memory_gb: 1, minutes: 5}\ngpu: optional\n"
        "params:\n  - {id: end, type: integer, default: 0}\n  - {id: wait, type: number, default: 0}\n",
        encoding="utf-8",
    )
    (folder / "main.py").write_text(
        "import json, pathlib, sys, time\n"
        "given = json.load(open('params.json'))\n"
        "print('rødgrød', flush=True)\n"
        "out = pathlib.Path('output/sub')\nout.mkdir()\n"
        "(out / 'æble.txt').write_text('pære', encoding='utf-8')\n"
        "(out / 'big.bin').write_bytes(bytes(300_000))\n"
        "time.sleep(given['wait'])\n"
        "sys.exit(given['end'])\n",
        encoding="utf-8",
    )
    return str(folder)


def prepared(recipe: str, **params: Any) -> walk.Prepared:
    found = walk.prepare(walk.Request(recipe, "ucloud", params=params, accept_level=True))
    assert found.refusal is None
    return found


def submit(recipe: str, **params: Any) -> Job:
    return walk.carry_out(prepared(recipe, **params).plan)


def ended(job_id: str) -> work.JobView:
    """Asked without the pace that people's commands keep."""
    for _ in range(100):
        refreshed()
        if job_of(job_id).state is JobState.ENDED:
            return work.look(job_id, ask_site=False)
        time.sleep(0.1)
    raise AssertionError(job_of(job_id))


def refreshed() -> None:
    with open_ledger() as ledger, Link(get_site("ucloud")) as link:
        refresh_site(ledger, link)


def job_of(job_id: str) -> Job:
    with open_ledger() as ledger:
        return ledger.get(job_id)


def created(cloud: Cloud) -> int:
    return sum(path == "/api/jobs" for _, path, _ in cloud.requests)


# --- the walk


def test_from_submission_to_receipt(cloud: Cloud, site: Site, recipe: str, tmp_path: Path) -> None:
    job = submit(recipe)
    assert (job.state, job.native_id) == (JobState.SENT, "5000000")
    there = cloud.jobs["5000000"]["specification"]
    assert there["name"] == job.job_id
    assert there["product"] == {"id": "gpu-nvidia-b200-1-mig.1g", "category": "gpu-nvidia-b200", "provider": "ucloud"}
    assert there["timeAllocation"] == {"hours": 1, "minutes": 0, "seconds": 0}
    seen = ended(job.job_id)
    assert (seen.outcome, seen.exit_code, seen.says) == (Outcome.COMPLETED, 0, "finished")
    assert "rødgrød\n" in "".join(work.log_text(job.job_id, 0))
    found = work.fetch(job.job_id, tmp_path / "home")
    assert set(found.files) == {"sub/big.bin", "sub/æble.txt"}
    assert (tmp_path / "home/sub/æble.txt").read_text(encoding="utf-8") == "pære"
    assert (tmp_path / "home/sub/big.bin").read_bytes() == bytes(300_000)
    assert json.loads((tmp_path / "home/.dkai/record.json").read_text())["outcome"] == "completed"
    again = work.fetch(job.job_id, tmp_path / "home")
    assert not again.files and len(again.kept) == 2
    paid = receipt(job.job_id)
    assert paid.outcome == "completed" and paid.sources == ("record",)
    assert created(cloud) == 1


def test_every_request_is_for_the_project_and_the_token_goes_nowhere_else(
    cloud: Cloud, site: Site, recipe: str, tmp_path: Path
) -> None:
    job = submit(recipe)
    ended(job.job_id)
    work.fetch(job.job_id, tmp_path / "home")
    api = [head for (_, path, _), head in zip(cloud.requests, cloud.headers, strict=True) if path != "/auth/refresh"]
    assert {head.get("Project") for head in api} == {site.account}
    assert not any(TOKEN in json.dumps(head) for head in api)
    assert TOKEN not in json.dumps([given for _, _, given in cloud.requests])
    home = Path(os.environ["DKAI_HOME"])
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert job.job_id.encode() in kept and TOKEN.encode() not in kept and b"minted-here" not in kept


def test_a_job_that_fails_says_why_although_ucloud_calls_it_a_success(cloud: Cloud, site: Site, recipe: str) -> None:
    job = submit(recipe, end=3)
    ended(job.job_id)
    assert job_of(job.job_id).outcome is Outcome.FAILED
    cloud.jobs["5000000"]["status"]["state"] = "SUCCESS"  # as was seen with batch scripts
    with Link(site) as link:
        asked = link.scheduler.status([(job.job_id, job.folder, job.native_id)])
        seen = link.scheduler.parse_status(link.run(asked))[job.job_id]
    assert (seen.outcome, seen.exit_code) == (Outcome.FAILED, 3)


def test_a_job_is_followed_and_ended(cloud: Cloud, site: Site, recipe: str) -> None:
    job = submit(recipe, wait=60)
    for _ in range(100):
        if "rødgrød" in "".join(_log(job.job_id)):
            break
        time.sleep(0.1)
    after = work.cancel(job.job_id)
    assert (after.state, after.outcome) == (JobState.ENDED, Outcome.CANCELLED)
    assert cloud.jobs["5000000"]["status"]["state"] == "SUCCESS"


def _log(job_id: str) -> list[str]:
    try:
        return list(work.log_text(job_id, 0))
    except UserError:
        return []


def test_many_jobs_are_asked_for_with_one_question_each_kind(cloud: Cloud, site: Site, recipe: str) -> None:
    cloud.run_jobs = False
    cloud.faults.page = 2
    ids = [submit(recipe).job_id for _ in range(5)]
    cloud.requests.clear()
    refreshed()
    paths = [path for _, path, _ in cloud.requests]
    assert paths.count("/api/jobs/browse") == 3  # pages of two
    assert "/api/jobs/search" not in paths
    assert {job_of(job_id).state for job_id in ids} == {JobState.QUEUED}


# --- exactly once


def test_a_cut_connection_after_the_job_was_taken_is_found_by_name(
    cloud: Cloud, site: Site, recipe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dkai.compute.submit.DOUBT_WAITS", (0.0, 0.05, 0.05))
    cloud.faults.cut_after_accept, cloud.faults.hide_for = True, 2
    plan = prepared(recipe).plan
    cloud.faults.hide_for = 2  # the look before it, and the first one after it
    job = walk.carry_out(plan)
    assert (job.state, job.native_id) == (JobState.SENT, "5000000")
    assert created(cloud) == 1
    assert ended(job.job_id).outcome is Outcome.COMPLETED


def test_a_doubt_that_nobody_settles_stays_one_and_is_not_tried_again(
    cloud: Cloud, site: Site, recipe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dkai.compute.submit.DOUBT_WAITS", (0.0, 0.0))
    plan = prepared(recipe).plan
    cloud.faults.cut_after_accept, cloud.faults.hide_for = True, 3
    with pytest.raises(RemoteError) as caught:
        walk.carry_out(plan)
    assert caught.value.code == "submission-uncertain"
    assert job_of(plan.job_id).state is JobState.UNKNOWN
    assert created(cloud) == 1
    refreshed()
    assert job_of(plan.job_id).native_id == "5000000"
    assert walk.resume(plan.job_id).native_id == "5000000"
    assert created(cloud) == 1


def test_a_job_of_this_name_that_is_there_is_the_one(cloud: Cloud, site: Site, recipe: str) -> None:
    cloud.run_jobs = False
    plan = prepared(recipe).plan
    cloud.jobs["42"] = {
        "id": "42", "createdAt": 0, "specification": {"name": plan.job_id}, "updates": [],
        "status": {"state": "IN_QUEUE", "startedAt": None},
    }  # fmt: skip
    cloud.jobs["43"] = {**cloud.jobs["42"], "id": "43", "specification": {"name": f"{plan.job_id}x"}}
    assert walk.carry_out(plan).native_id == "42"
    assert created(cloud) == 0


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(400, "ucloud-refused", Refused), (402, "out-of-funds", Refused), (403, "ucloud-refused", Refused)],
)
def test_what_ucloud_refuses_was_never_submitted(
    cloud: Cloud, site: Site, recipe: str, status: int, code: str, kind: type[DkaiError]
) -> None:
    plan = prepared(recipe).plan
    cloud.faults.create_status, cloud.faults.create_why = status, "no \x1b[31mfunds\x07 left"
    with pytest.raises(kind) as caught:
        walk.carry_out(plan)
    assert caught.value.code == code
    assert "\x1b" not in caught.value.message and "funds" in caught.value.message
    assert job_of(plan.job_id).outcome is Outcome.NOT_SUBMITTED
    cloud.faults.create_status = 0
    assert walk.resume(plan.job_id).state is JobState.SENT


def test_a_server_error_is_a_doubt(cloud: Cloud, site: Site, recipe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dkai.compute.submit.DOUBT_WAITS", (0.0,))
    plan = prepared(recipe).plan
    cloud.faults.create_status = 502
    with pytest.raises(RemoteError) as caught:
        walk.carry_out(plan)
    assert caught.value.code == "submission-uncertain"
    assert job_of(plan.job_id).state is JobState.UNKNOWN


@pytest.mark.parametrize("fault", ["search_status", "lose_uploads"])
def test_what_fails_before_it_is_certain(cloud: Cloud, site: Site, recipe: str, fault: str) -> None:
    plan = prepared(recipe).plan
    setattr(cloud.faults, fault, 503 if fault == "search_status" else True)
    with pytest.raises(RemoteError) as caught:
        walk.carry_out(plan)
    assert "nothing was submitted" in (caught.value.hint or "")
    assert job_of(plan.job_id).outcome is Outcome.NOT_SUBMITTED
    assert created(cloud) == 0


def test_a_second_start_in_the_same_folder_does_nothing(cloud: Cloud, site: Site, recipe: str) -> None:
    job = submit(recipe)
    ended(job.job_id)
    copy = {**cloud.jobs["5000000"], "id": "5000001", "status": {}, "updates": []}
    cloud.jobs["5000001"] = copy
    cloud.start(copy)
    assert cloud.processes["5000001"].wait(20) == 75
    refreshed()
    assert job_of(job.job_id).outcome is Outcome.COMPLETED


def test_without_a_drive_nothing_is_begun(cloud: Cloud, site: Site, recipe: str) -> None:
    save_site(replace(site, base=None), replace=True)
    cloud.faults.page = 1  # the first drive is not the person's own
    plan = prepared(recipe).plan
    assert plan.folder.startswith("/12345/dkai/")
    bare = replace(plan, folder=f"/DRIVE/dkai/{plan.job_id}")
    with pytest.raises(UserError) as caught:
        walk.carry_out(bare)
    assert caught.value.code == "missing-base"
    assert job_of(plan.job_id).state is JobState.PLANNED and created(cloud) == 0


# --- tokens


def test_an_access_token_that_runs_out_is_renewed(cloud: Cloud, site: Site, recipe: str) -> None:
    cloud.faults.access_tokens_good_for = 2
    job = submit(recipe)
    assert ended(job.job_id).outcome is Outcome.COMPLETED
    assert len(cloud.jobs) == 1  # what was refused for its token was never looked at
    assert len(cloud.access) > 5


def test_a_token_that_is_refused_is_said_and_nothing_is_begun(cloud: Cloud, site: Site, recipe: str) -> None:
    plan = prepared(recipe).plan
    cloud.faults.refuse_refresh = True
    with pytest.raises(UserError) as caught:
        walk.carry_out(plan)
    assert caught.value.code == "ucloud-token-refused" and TOKEN not in str(caught.value.hint)
    assert job_of(plan.job_id).outcome is Outcome.NOT_SUBMITTED


def test_without_a_token_there_is_a_quote_and_the_way_without(
    cloud: Cloud, site: Site, recipe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DKAI_UCLOUD_TOKEN")
    plan = prepared(recipe).plan
    assert plan.spec.partition == "gpu-nvidia-b200-1-mig.1g"
    assert any("there is no token" in line for line in plan.quote.warnings)
    with pytest.raises(UserError) as caught:
        walk.carry_out(plan)
    assert caught.value.code == "no-ucloud-token" and "handoff" in (caught.value.hint or "")
    assert not cloud.requests
    assert not work.list_jobs(ask_sites=True).problems


def test_a_token_file_must_be_private(cloud: Cloud, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from dkai.compute.host.ucloud_token import kept_token, token_file

    monkeypatch.delenv("DKAI_UCLOUD_TOKEN")
    assert kept_token() is None
    token_file().parent.mkdir(parents=True, exist_ok=True)
    token_file().write_text(f"{TOKEN}\n", encoding="utf-8")
    token_file().chmod(0o600)
    assert kept_token() == TOKEN
    token_file().chmod(0o644)
    with pytest.raises(UserError) as caught:
        kept_token()
    assert caught.value.code == "token-not-private"


# --- what the other side may do


def test_a_name_that_leads_out_is_not_fetched(cloud: Cloud, site: Site, recipe: str, tmp_path: Path) -> None:
    job = submit(recipe)
    ended(job.job_id)
    for evil in ("../../evil.txt", "a/../../evil.txt", ".."):
        cloud.faults.evil_name = evil
        with pytest.raises(RemoteError) as caught:
            work.fetch(job.job_id, tmp_path / "home")
        assert caught.value.code == "unsafe-path"
    assert not list(tmp_path.rglob("evil.txt"))


def test_a_project_that_gives_no_files_says_so(cloud: Cloud, site: Site, recipe: str, tmp_path: Path) -> None:
    job = submit(recipe)
    ended(job.job_id)
    cloud.faults.downloads = "Downloads are disabled for this project"
    with pytest.raises(RemoteError) as caught:
        work.fetch(job.job_id, tmp_path / "home")
    assert caught.value.code == "downloads-disabled"


def test_a_slow_server_is_waited_for(cloud: Cloud, site: Site, recipe: str) -> None:
    cloud.faults.slow_s = 0.2
    assert submit(recipe).state is JobState.SENT


def test_a_server_that_is_not_there_is_said(cloud: Cloud, site: Site, recipe: str) -> None:
    plan = prepared(recipe).plan
    gone = Link(Site("ucloud", host="ucloud", scheduler="ucloud", address="127.0.0.1:9", base="/12345"))
    with open_ledger() as ledger, gone as link:
        from dkai.compute import submit as submission

        submission.record(plan, ledger)
        with pytest.raises(RemoteError) as caught:
            submission.carry_out(plan, ledger, link)
    assert caught.value.code == "connection-failed"
    assert job_of(plan.job_id).outcome is Outcome.NOT_SUBMITTED
    assert ledger_path().exists()


# --- the quote


def test_the_balance_is_the_wallets(cloud: Cloud, site: Site, recipe: str) -> None:
    quote = prepared(recipe).plan.quote
    (balance,) = quote.balances
    assert (balance.limit, balance.left, balance.ends) == (500, 480, "2026-12-31")
    assert balance.need == pytest.approx(5 / 60 / 7)


def test_a_wallet_that_is_used_up_refuses_the_job(cloud: Cloud, site: Site, recipe: str) -> None:
    cloud.wallets = [wallet("gpu-nvidia-b200", quota=600, used=0, usable=0)]
    found = walk.prepare(walk.Request(recipe, "ucloud", accept_level=True))
    assert found.refusal is not None and found.refusal.code == "over-budget"


def test_machines_of_the_offer_can_be_named(cloud: Cloud, site: Site, recipe: str) -> None:
    request = walk.Request(recipe, "ucloud", accept_level=True, wishes=Wishes(gpus=2))
    spec = walk.prepare(request).plan.spec
    assert (spec.partition, spec.resources.cpus, spec.resources.gpus) == ("gpu-nvidia-b200-2-gpu", 96, 2)
    wrong = walk.Request(recipe, "ucloud", accept_level=True, wishes=Wishes(partition="u1-gpu-1"))
    with pytest.raises(UserError) as caught:
        walk.prepare(wrong)
    assert caught.value.code == "no-such-partition"


# --- a hand-off, and a token


def test_a_job_that_the_person_started_is_found_by_its_name(
    cloud: Cloud, site: Site, recipe: str, tmp_path: Path
) -> None:
    from dkai.app import handoff

    given = handoff.hand_over(prepared(recipe), tmp_path / "out")
    assert not work.list_jobs(ask_sites=True).problems
    assert job_of(given.id).state is JobState.HANDED_OVER
    # What the person does in the browser: upload the folder, import the parameters, submit.
    shutil.copytree(given.job_folder, cloud.path(f"/12345/dkai/{given.id}"))
    asked = json.loads((tmp_path / "out/ucloud-parameters.json").read_text(encoding="utf-8"))["request"]
    with Link(site) as link:
        link.run(Command(write_questions([Question("x", "POST", "/api/jobs", body={"items": [asked]}, changes=True)])))
    assert ended(given.id).outcome is Outcome.COMPLETED
    assert len(work.fetch(given.id, tmp_path / "home").files) == 2
