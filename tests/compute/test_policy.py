"""A place's own rules: read from the catalogue, and how a job stands to them."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from dkai.app import jobs
from dkai.catalogue.open import open_catalogue
from dkai.compute import pace
from dkai.compute.follow import Pause
from dkai.compute.job import JobState, Resources
from dkai.compute.ledger import open_ledger
from dkai.compute.link import Link
from dkai.compute.news import News
from dkai.compute.policy import JobCount, OpenJobs, Policy, Rule, limits, notes, policy_of, read_policy
from dkai.compute.quote.limit import Verdict
from dkai.compute.site import Site, this_computer
from dkai.compute.sites_file import save_site
from dkai.core.i18n import use_language
from dkai.core.text import Text

LUMI = Site("lumi", host="ssh", scheduler="slurm", provider="lumi", address="lumi.csc.fi")
LAB = replace(LUMI, id="ailab", provider="aau-ai-lab")
ONE_GPU, NO_GPU = Resources(gpus=1), Resources()


def ids(found: object) -> dict[str, Verdict]:
    return {limit.id: limit.verdict for limit in found}  # type: ignore[attr-defined]


def test_the_catalogue_says_it_with_source_and_date_in_both_languages() -> None:
    rule = policy_of(LAB).no_cpu_only
    assert rule is not None
    assert "cannot use a GPU" in str(rule.says)
    assert rule.source == "hpc.aau.dk/ai-lab/fair-usage, 2026-11-24"
    use_language("da")
    assert "ikke kan bruge en GPU" in str(rule.says)


def test_every_policy_of_the_catalogue_can_be_read() -> None:
    found = {e.id: read_policy(e) for e in open_catalogue().entries("provider") if e.get("policy")}
    assert {"lumi", "aau-ai-lab", "aau-ai-cloud", "vega", "meluxina"} <= found.keys()
    assert found["meluxina"].portion is not None
    assert found["meluxina"].portion.lost is True
    assert found["leonardo"].portion is not None
    assert found["leonardo"].portion.lost is None  # not said
    assert found["lumi"].unused is not None
    assert (found["lumi"].unused.after_months, found["lumi"].unused.used_share) == (6, 0.4)


def test_what_a_place_does_not_say_is_no_rule() -> None:
    for site in (this_computer(), replace(LUMI, provider=None), replace(LUMI, provider="no-such-place")):
        assert limits(policy_of(site), site, NO_GPU, "cpu", None, mine=10_000) == ()
    assert policy_of(replace(LUMI, provider="genomedk")).no_cpu_only is None


def test_a_job_without_gpu_is_refused_where_that_is_forbidden() -> None:
    policy = policy_of(LAB)
    found = limits(policy, LAB, NO_GPU, "l4", "x")
    assert found[0].verdict is Verdict.REFUSED
    assert found[0].says.endswith("(hpc.aau.dk/ai-lab/fair-usage, 2026-11-24)")
    assert [way.options for way in found[0].remedies] == ["--gpus 1", "--site NAME"]
    assert "policy-cpu-only" not in ids(limits(policy, LAB, ONE_GPU, "l4", "x"))


def test_a_rule_of_one_partition_holds_there_only() -> None:
    vega = replace(LUMI, provider="vega")
    policy = policy_of(vega)
    assert ids(limits(policy, vega, NO_GPU, "gpu", "x")) == {"policy-cpu-only": Verdict.REFUSED}
    assert limits(policy, vega, NO_GPU, "cpu", "x") == ()


def test_an_account_must_be_named_at_lumi() -> None:
    policy = policy_of(LUMI)
    assert ids(limits(policy, LUMI, ONE_GPU, "x", None)) == {"policy-account": Verdict.REFUSED}
    assert limits(policy, LUMI, ONE_GPU, "x", "project_1") == ()


@pytest.mark.parametrize(
    ("mine", "ours", "queued", "running"),
    [
        (None, 0, "ok", "ok"),  # not told: what the ledger has is what is known
        (0, 0, "ok", "ok"),
        (1, 0, "ok", "waits"),  # somewhere at the place, perhaps in this partition
        (2, 0, "waits", "waits"),
        (2, 2, "refused", "waits"),  # the ledger's own are in this partition for certain
        (None, 2, "refused", "waits"),
    ],
)
def test_job_counts(mine: int | None, ours: int, queued: str, running: str) -> None:
    ledger = OpenJobs(ours, {"dev-g": ours} if ours else {})
    found = ids(limits(policy_of(LUMI), LUMI, ONE_GPU, "dev-g", "p", mine=mine, ours=ledger))
    assert found == {"policy-queued-dev-g": queued, "policy-running-dev-g": running}


def test_a_count_for_the_whole_place_is_certain() -> None:
    policy = Policy(jobs=(JobCount(Text("to", "two"), "x", queued=2),))
    assert ids(limits(policy, LUMI, ONE_GPU, "a", "p", mine=2)) == {"policy-queued": Verdict.REFUSED}
    assert ids(limits(policy, LUMI, ONE_GPU, "a", "p", mine=1)) == {"policy-queued": Verdict.OK}


def test_a_process_on_a_login_node_where_nothing_may_run() -> None:
    sophia = Site("sophia", host="ssh", scheduler="process", provider="dtu-sophia", address="sophia.dtu.dk")
    assert ids(limits(policy_of(sophia), sophia, NO_GPU, None, None)) == {"policy-login-node": Verdict.REFUSED}
    slurm = replace(sophia, scheduler="slurm")
    assert limits(policy_of(slurm), slurm, NO_GPU, "workq", None) == ()


def test_notes_refuse_nothing() -> None:
    policy = Policy(discourages_cpu_only=Rule(Text("helst ikke", "rather not"), "x"))
    assert notes(policy, NO_GPU, "cpu") == ("rather not (x)",)
    assert notes(policy, ONE_GPU, "cpu") == ()
    assert notes(policy_of(LUMI), ONE_GPU, "standard-g")
    assert notes(policy_of(LUMI), ONE_GPU, "small-g") == ()


def test_the_pace_of_watching() -> None:
    assert (Policy().shortest_s, Policy().longest_s) == (1.0, 30.0)
    assert (Policy(poll_s=60).shortest_s, Policy(poll_s=60).longest_s) == (60, 60)


# --- pace


def test_twelve_questions_a_minute_and_no_more() -> None:
    pacing = pace.Pacing()
    turns = [pace.take_turn(LUMI, pacing, 1000 + second) for second in range(120)]
    granted = [second for second, wait in enumerate(turns) if wait == 0]
    assert granted == [*range(12), *range(60, 72)]
    assert turns[20] == pytest.approx(40)  # seconds until it may be asked
    assert pace.take_turn(replace(LUMI, address="elsewhere"), pacing, 1020) == 0


def test_the_interval_of_the_place_itself() -> None:
    pacing = pace.pacing_of(LUMI, 300)
    assert pacing is not None
    assert [pace.take_turn(LUMI, pacing, moment) for moment in (0, 10, 299, 300)] == [0, 290, pytest.approx(1), 0]
    assert pace.pacing_of(this_computer(), None) is None


def test_a_clock_that_was_set_back_blocks_nobody() -> None:
    pacing = pace.Pacing(1, 60)
    assert pace.take_turn(LUMI, pacing, 9_000_000) == 0
    assert pace.take_turn(LUMI, pacing, 1000) == 0


def test_the_file_stays_small_and_rubbish_in_it_does_no_harm(own_home: Path) -> None:
    pacing = pace.Pacing()
    for number in range(600):
        pace.take_turn(LUMI, pacing, 1000 + number / 50)
    (file,) = (own_home / "cache" / "pace").iterdir()
    assert file.stat().st_size < 10_000
    assert file.stat().st_mode & 0o077 == 0
    file.write_bytes(b"\x00\xff nonsense\n1e999 x\nnan y\n\n" * 50)
    assert pace.take_turn(LUMI, pacing, 2000) == 0


def test_a_cache_that_cannot_be_written_keeps_nobody_from_asking(own_home: Path) -> None:
    (own_home / "cache").mkdir(parents=True)
    (own_home / "cache" / "pace").write_text("a file where the folder should be")
    assert [pace.take_turn(LUMI, pace.Pacing(1, 60), 1000) for _ in range(3)] == [0, 0, 0]


def test_many_processes_at_once_share_the_turns() -> None:
    program = textwrap.dedent(
        """
        from dkai.compute import pace
        from dkai.compute.site import Site
        site = Site("lumi", host="ssh", scheduler="slurm", address="lumi.csc.fi")
        print(sum(pace.take_turn(site, pace.Pacing(), 1000.0) == 0 for _ in range(20)))
        """
    )
    running = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(6)]
    assert sum(int(one.communicate()[0]) for one in running) == 12


def test_watching_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1000.0)
    pause = pace.pause_of(Link(LUMI))
    for _ in range(12):
        assert pace.take_turn(LUMI, pace.Pacing(), 1000) == 0
    assert pause.next() == pytest.approx(60, abs=0.5)
    assert isinstance(pace.pause_of(Link(this_computer())), Pause)
    assert pace.pause_of(Link(this_computer())).next() == 0.1


def test_a_site_asked_too_often_is_answered_from_the_ledger() -> None:
    assert [pace.too_soon(LUMI) for _ in range(12)] == [""] * 12
    assert "lumi was asked a moment ago" in pace.too_soon(LUMI)
    assert pace.too_soon(this_computer()) == ""


def test_a_script_that_refreshes_in_a_loop_does_not_hammer_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("dkai.compute.refresh.refresh_site", lambda _ledger, link, *_: asked.append(link.site.id) or [])
    save_site(LUMI)
    with open_ledger() as ledger:
        ledger.add(job_id="dkai-0000000001", recipe="r", recipe_version="1", site="lumi", folder="/x", plan="{}",
                   evidence={})  # fmt: skip
        ledger.move("dkai-0000000001", JobState.SENT, expect=[JobState.PLANNED], what="sent", evidence={})
    found = [jobs.list_jobs(ask_sites=True) for _ in range(40)]
    assert asked == ["lumi"] * pace.MOST
    assert [bool(one.notes) for one in found] == [False] * pace.MOST + [True] * (40 - pace.MOST)
    assert not any(one.problems for one in found)
    told: list[News] = []
    assert jobs.look("last", tell=told.append).state is JobState.SENT
    assert asked == ["lumi"] * pace.MOST
    assert "asked a moment ago" in told[0].says
