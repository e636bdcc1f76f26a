"""What a quote looks like: short, and with its age where it is not fresh."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from typing import Any

import clusters
import pytest
from rich.console import Console

from dkai.cli import render_plan
from dkai.compute.cluster import Allocation, Cluster, Limits
from dkai.compute.gate import judge
from dkai.compute.job import JobSpec
from dkai.compute.plan import Plan
from dkai.compute.quote.quote import Place, make_quote
from dkai.compute.site import Site
from dkai.core.findings import NOTHING
from dkai.core.i18n import use_language


def shown(where: Cluster | None = None, place: Place | None = None, width: int = 80, **wishes: Any) -> str:
    there = where or clusters.cluster(asked_at=time.time())
    made = clusters.choice(there, **wishes)
    site = Site("c", host="ssh", scheduler="slurm", address="c")
    plan = Plan(
        site=site, spec=JobSpec("dkai-0000000001", "r", "1", "c", made.resources), recipe_name="R", folder="/x",
        python="python3", script="", files=(), quote=make_quote(made, there, place or Place("c")), findings=NOTHING,
        gate=judge(NOTHING, site, declared=None, own_data=False), versions={}, overrides=(), language="en",
        sample=False,
    )  # fmt: skip
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=False)
    for part in render_plan.summary(plan):
        console.print(part)
    return out.getvalue()


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("width", [80, 120])
def test_it_is_no_wall_of_text(language: str, width: int) -> None:
    use_language(language)
    lines = shown(width=width).splitlines()
    assert len(lines) <= 24
    assert max(len(line) for line in lines) <= width


def test_an_answer_that_is_not_fresh_says_its_age() -> None:
    assert "--ask-now" not in shown()
    assert "c was asked 5 min ago" in shown(clusters.cluster(asked_at=time.time() - 330))


def test_what_is_asked_for() -> None:
    found = shown(gpus=2, cpus_per_gpu=3, exclusive=True, memory_mb=0)
    assert "6 cores (3 for each GPU)" in found
    assert "whole nodes" in found and "all memory of a node" in found


def test_the_balance_and_its_absence() -> None:
    assert "no hour budget" in shown(account="rich")
    inside = Place("x", model="free-within-allocation")
    assert "free to you inside your allocation" in shown(place=inside, account="rich")
    assert "unknown: the cluster did not tell" in shown(clusters.cluster(associations=None, asked_at=time.time()))
    mine = Allocation("rich", "gpu-hour", 90.0, 100.0, "2027-03-31", "lumi-allocations")
    there = clusters.cluster(allocations=(mine,), asked_at=time.time())
    assert "10 of 100 GPU-hours (rich, until 2027-03-31)" in " ".join(shown(there, account="rich").split())
    first = clusters.cluster().associations[0]
    held = replace(first.limits, running_tres_mins={"gres/gpu": 120})
    there = clusters.cluster(associations=(replace(first, limits=held),), asked_at=time.time())
    assert "2 set aside for jobs that run" in " ".join(shown(there).split())
    assert isinstance(first.limits, Limits)


@pytest.mark.parametrize("verify", [False, True])
def test_a_dry_run_says_the_commands(verify: bool) -> None:
    there = clusters.cluster(asked_at=time.time())
    made = clusters.choice(there)
    site = Site("c", host="ssh", scheduler="slurm", address="c")
    plan = Plan(
        site=site, spec=JobSpec("dkai-0000000001", "r", "1", "c", made.resources), recipe_name="R", folder="/x y",
        python="python3", script="", files=(), quote=make_quote(made, there, Place("c")), findings=NOTHING,
        gate=judge(NOTHING, site, declared=None, own_data=False), versions={}, overrides=(), language="en",
        sample=False, verify=verify,
    )  # fmt: skip
    lines = list(render_plan.commands(plan))
    assert lines[0] == "cd '/x y'" and "dkai-0000000001" in lines[1]
    assert lines[2] == ("sbatch --parsable --hold job.sh" if verify else "sbatch --parsable job.sh")
    assert any("scontrol release" in line for line in lines) is verify
