"""One job, whatever happens while it is submitted: through a stand-in for LSF that keeps a queue and runs jobs."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faulty import LOST, Faulty

from dkai.app.submit_walk import Request, prepare, resume
from dkai.compute.job import JobState, Outcome
from dkai.compute.ledger import Job, open_ledger
from dkai.compute.link import Link
from dkai.compute.plan import Plan
from dkai.compute.quote.choose import Wishes
from dkai.compute.refresh import refresh, refresh_site
from dkai.compute.site import Site
from dkai.compute.submit import carry_out, record
from dkai.core.errors import DkaiError, Refused, RemoteError
from dkai.core.levels import Level


@pytest.fixture
def quick(tmp_path: Path) -> Path:
    """A recipe that ends at once and says how often it was begun."""
    folder = tmp_path / "quick"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(
        "schema: dkai/recipe/1\nid: quick\nname: quick\nsummary: {da: kort, en: short}\n"
        "run: {script: main.py}\nresources: {cpus: 1, memory_gb: 0.2, minutes: 5}\n",
        encoding="utf-8",
    )
    (folder / "main.py").write_text("open('output/begun', 'a').write('x')\n", encoding="utf-8")
    return folder


def plan_for(site: Site, recipe: Path) -> Plan:
    prepared = prepare(Request(str(recipe), site.id, wishes=Wishes(gpus=0), level=Level.PUBLIC))
    assert prepared.refusal is None
    return prepared.plan


def go(plan: Plan, faults: Faulty, sleep: Callable[[float], None] = time.sleep) -> Job:
    with open_ledger() as ledger, Link(plan.site, None, faults) as link:
        record(plan, ledger)
        return carry_out(plan, ledger, link, sleep=sleep)


def refreshed(job_id: str, site: Site, later: float = 0.0) -> Job:
    with open_ledger() as ledger, Link(site) as link:
        return refresh([ledger.get(job_id)], ledger, link, now=time.time() + later, sleep=lambda _: None)[0]


def ended(job_id: str, site: Site) -> Job:
    for _ in range(100):
        job = refreshed(job_id, site)
        if not job.is_open:
            return job
        time.sleep(0.1)
    raise AssertionError(job)


def begun(plan: Plan) -> int:
    file = Path(plan.folder) / "output" / "begun"
    return len(file.read_text()) if file.exists() else 0


def test_the_answer_is_lost_after_bsub(lsf: Any, lsf_site: Site, quick: Path) -> None:
    plan = plan_for(lsf_site, quick)
    job = go(plan, Faulty(after={"submit": LOST}))
    assert (job.state, job.native_id) == (JobState.SENT, "4701")
    assert ended(plan.job_id, lsf_site).outcome is Outcome.COMPLETED
    assert (len(lsf.jobs), begun(plan)) == (1, 1)


def test_it_never_arrived_and_the_place_knows(lsf: Any, lsf_site: Site, quick: Path) -> None:
    plan = plan_for(lsf_site, quick)
    with pytest.raises(RemoteError) as error:
        go(plan, Faulty(before={"submit": LOST}))
    assert "nothing was submitted" in (error.value.hint or "")
    assert lsf.submissions == 0
    job = resume(plan.job_id)
    assert job.native_id == "4701"
    assert ended(plan.job_id, lsf_site).outcome is Outcome.COMPLETED
    assert (lsf.submissions, begun(plan)) == (1, 1)


def test_lsf_takes_it_and_bsub_dies(lsf: Any, lsf_site: Site, quick: Path) -> None:
    """Nothing tells the number but the job's name, which bjobs shows a moment later (a copy of mbatchd answers)."""
    lsf.set(bsub={"lose": True}, wait_s=1.0, stale_s=0.5)
    plan = plan_for(lsf_site, quick)
    job = go(plan, Faulty())
    assert job.native_id == "4701"
    assert ended(plan.job_id, lsf_site).outcome is Outcome.COMPLETED
    assert (len(lsf.jobs), begun(plan)) == (1, 1)


def test_bsub_dies_before_lsf_takes_it(lsf: Any, lsf_site: Site, quick: Path) -> None:
    """Nobody can know that at once; a minute later nobody there knows the job, and it may be sent again."""
    lsf.set(bsub={"die": True})
    plan = plan_for(lsf_site, quick)
    with pytest.raises(RemoteError) as error:
        go(plan, Faulty(), sleep=lambda _: None)
    assert error.value.code == "submission-uncertain"
    assert refreshed(plan.job_id, lsf_site).state is JobState.UNKNOWN
    assert refreshed(plan.job_id, lsf_site, later=300).outcome is Outcome.NOT_SUBMITTED
    lsf.set()
    assert resume(plan.job_id).native_id == "4701"
    assert ended(plan.job_id, lsf_site).outcome is Outcome.COMPLETED
    assert begun(plan) == 1


def test_mbatchd_is_away(lsf: Any, lsf_site: Site, quick: Path) -> None:
    plan = plan_for(lsf_site, quick)
    lsf.set(down=True)
    with pytest.raises(RemoteError) as error:
        go(plan, Faulty())
    assert error.value.code == "lsf-down"
    assert lsf.submissions == 0
    lsf.set()
    resume(plan.job_id)
    assert ended(plan.job_id, lsf_site).outcome is Outcome.COMPLETED


def test_mbatchd_goes_away_later(lsf: Any, lsf_site: Site, quick: Path) -> None:
    lsf.set(wait_s=0.5)
    plan = plan_for(lsf_site, quick)
    go(plan, Faulty())
    lsf.set(down=True)
    job = refreshed(plan.job_id, lsf_site)
    assert (job.state, job.status["reason"]) == (JobState.UNKNOWN, "lsf-down")
    lsf.set()
    assert ended(plan.job_id, lsf_site).outcome is Outcome.COMPLETED


def test_lsf_refuses(lsf: Any, lsf_site: Site, quick: Path) -> None:
    plan = plan_for(lsf_site, quick)
    lsf.set(bsub={"refuse": "hpc: User cannot use the queue. Job not submitted."})
    with pytest.raises(Refused) as error:
        go(plan, Faulty())
    assert error.value.code == "lsf-denied"
    with open_ledger() as ledger:
        assert ledger.get(plan.job_id).outcome is Outcome.NOT_SUBMITTED
    lsf.set()
    assert resume(plan.job_id).native_id == "4701"


def test_a_slow_bsub_is_waited_for(lsf: Any, lsf_site: Site, quick: Path) -> None:
    """Whoever asks meanwhile hears that it is on its way, and gives nothing up."""
    lsf.set(bsub={"slow_s": 1.5}, stale_s=1.0)
    plan = plan_for(lsf_site, quick)
    thread = threading.Thread(target=go, args=(plan, Faulty()))
    thread.start()
    folder = Path(plan.folder)
    for _ in range(100):
        if claims := list(folder.glob("claim-*")):
            break
        time.sleep(0.02)
    with Link(lsf_site) as link:
        attempt = claims[0].name.removeprefix("claim-")
        question = link.scheduler.status([(plan.job_id, plan.folder, None)], {plan.job_id: attempt})
        status = link.scheduler.parse_status(link.run(question))[plan.job_id]
    assert (status.state, status.reason) == (JobState.UNKNOWN, "in-flight")
    thread.join()
    assert ended(plan.job_id, lsf_site).outcome is Outcome.COMPLETED
    assert (lsf.submissions, begun(plan)) == (1, 1)


def test_who_was_given_up_comes_too_late(lsf: Any, lsf_site: Site, quick: Path) -> None:
    plan = plan_for(lsf_site, quick)
    with Link(lsf_site) as link:
        link.host.send(plan.folder, [])
        asked = link.run(link.scheduler.status([(plan.job_id, plan.folder, None)], {plan.job_id: "late"}))
        assert link.scheduler.parse_status(asked)[plan.job_id].outcome is Outcome.NOT_SUBMITTED
        late = link.run(link.scheduler.submit(plan.spec, plan.folder, plan.python, "late"))
        with pytest.raises(RemoteError) as error:
            link.scheduler.parse_submit(late)
    assert error.value.code == "given-up"
    assert lsf.submissions == 0


def test_a_script_that_is_handed_in_twice_runs_once(lsf: Any, lsf_site: Site, quick: Path) -> None:
    plan = plan_for(lsf_site, quick)
    go(plan, Faulty())
    assert ended(plan.job_id, lsf_site).outcome is Outcome.COMPLETED
    subprocess.run("bsub < job.sh", shell=True, cwd=plan.folder, check=True, capture_output=True)
    for _ in range(100):
        if list((Path(plan.folder) / "lock").glob("second-*")):
            break
        time.sleep(0.05)
    assert begun(plan) == 1
    with Link(lsf_site) as link:
        asked = link.run(link.scheduler.status([(plan.job_id, plan.folder, "4701")]))
        status = link.scheduler.parse_status(asked)[plan.job_id]
    assert (status.outcome, status.native_id) == (Outcome.COMPLETED, "4701")


def test_whatever_fails_it_runs_once(lsf: Any, lsf_site: Site, quick: Path) -> None:
    """A small campaign: faults of the connection and of LSF, in any order; each job is begun once or never."""
    chance = random.Random(5)
    for _ in range(6):
        trick = chance.choice(({}, {}, {"lose": True}, {"die": True}, {"refuse": "No such queue. Job not submitted."}))
        lsf.set(bsub=trick, stale_s=chance.choice((0.0, 0.3)))
        plan = plan_for(lsf_site, quick)
        step = chance.choice(("send", "submit", "status"))
        faults = Faulty(**{chance.choice(("before", "after")): {step: LOST}}) if chance.random() < 0.7 else Faulty()
        try:
            go(plan, faults, sleep=lambda s: time.sleep(min(s, 0.3)))
        except DkaiError as error:
            assert error.code
        lsf.set()
        job = refreshed(plan.job_id, lsf_site, later=300)
        if job.outcome is Outcome.NOT_SUBMITTED:
            resume(plan.job_id)
        assert ended(plan.job_id, lsf_site).outcome is Outcome.COMPLETED
        assert begun(plan) == 1
        assert len([one for one in lsf.jobs.values() if one["name"] == plan.job_id]) == 1


def test_jobs_that_another_computer_sent_are_found(lsf: Any, lsf_site: Site, quick: Path) -> None:
    plan = plan_for(lsf_site, quick)
    go(plan, Faulty())
    assert ended(plan.job_id, lsf_site).outcome is Outcome.COMPLETED
    with open_ledger() as ledger:
        path = ledger.path
    path.unlink()
    with open_ledger() as ledger, Link(lsf_site) as link:
        assert refresh_site(ledger, link, lsf_site.base) == [plan.job_id]
        assert ledger.get(plan.job_id).outcome is Outcome.COMPLETED
