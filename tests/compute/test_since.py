"""An answer of the place that is kept: what was submitted since then is counted in, and a no is never said by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clusters import choice, cluster

from dkai.app import submit_walk
from dkai.app.submit_walk import Request, prepare
from dkai.compute.discover import remember, remembered
from dkai.compute.quote.balance import balances
from dkai.compute.quote.quote import Place, make_quote
from dkai.compute.since import with_jobs
from dkai.compute.site import Site
from dkai.compute.sites_file import save_site
from dkai.core.levels import Level


class OnePlan:
    """As much of a plan as counts."""

    def __init__(self, where: Any, **wishes: Any) -> None:
        decided = choice(where, **wishes)
        self.quote = make_quote(decided, where, Place("c"))


def test_jobs_sent_since_then_hold_what_they_may_use() -> None:
    before = cluster()
    sent: Any = [OnePlan(before, account="a", gpus=2, walltime_s=3600)]
    after = with_jobs(before, sent)
    assert after.my_jobs == 1
    (mine,) = [a for a in after.associations or () if a.account == "a"]
    assert mine.limits.running_tres_mins == {"gres/gpu": 120}
    (other,) = [a for a in after.associations or () if a.account == "poor"]
    assert not other.limits.running_tres_mins
    ask = choice(after, account="a").ask
    assert ask is not None
    (balance,) = balances(ask, after)
    assert balance.left == 8
    assert with_jobs(before, []) is before


def test_what_was_not_told_stays_unknown() -> None:
    before = cluster(my_jobs=None, associations=None)
    after = with_jobs(before, [OnePlan(cluster(), account="a")])  # type: ignore[list-item]
    assert after.my_jobs is None and after.associations is None


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A site whose place is asked without a network; the list tells how often."""
    times: list[str] = []
    site = Site("c", host="ssh", scheduler="slurm", address="c.invalid", level=Level.INTERNAL)
    save_site(site)

    def discover(link: Any, tell: Any = None) -> Any:
        times.append("asked")
        found = replace(cluster(), asked_at=submit_walk.time.time())
        remember(site, found)
        return found

    monkeypatch.setattr(submit_walk, "discover", discover)
    monkeypatch.setattr(submit_walk, "_start", lambda *_: None)
    return times


def test_a_kept_answer_says_yes_and_never_no(asked: list[str], tmp_path: Path) -> None:
    def ask(**more: Any) -> Any:
        return prepare(Request("gpu-check", "c", wishes=submit_walk.Wishes(**more)))

    assert ask().refusal is None
    assert ask().refusal is None
    assert len(asked) == 1
    assert ask(gpus=8, walltime_s=86_400).refusal is not None
    assert len(asked) == 2
    with pytest.raises(Exception, match="nosuch"):
        ask(partition="nosuch")
    assert len(asked) == 3
    prepare(Request("gpu-check", "c", ask_now=True))
    assert len(asked) == 4
    assert remembered(Site("c", host="ssh", scheduler="slurm", address="c.invalid"), submit_walk.time.time())
