from __future__ import annotations

from typing import Any

import pytest
from clusters import choice, cluster

from dkai.compute.advice import advise
from dkai.compute.gate import judge
from dkai.compute.job import Accounting, JobSpec, JobState, Outcome, Resources
from dkai.compute.ledger import Job
from dkai.compute.plan import Plan
from dkai.compute.quote.carbon import Power
from dkai.compute.quote.estimate import Estimate
from dkai.compute.quote.quote import Place, make_quote
from dkai.compute.receipt import Receipt, make_receipt
from dkai.compute.site import Site
from dkai.compute.used import what_was_used
from dkai.core.findings import NOTHING
from dkai.core.unknown import Unknown

SITE = Site("c", host="ssh", scheduler="slurm", address="c", provider="lumi")
POWER = Power(gpu_watts=(400, 400), gpu_name="A100", pue=1.5, grams_per_kwh=100, grid="DK 2023")


def plan(**wishes: Any) -> Plan:
    there = cluster()
    made = choice(there, **wishes)
    quote = make_quote(made, there, Place("c", power=POWER))
    spec = JobSpec("dkai-0000000001", "r", "1.2", "c", made.resources)
    return Plan(
        site=SITE, spec=spec, recipe_name="R", folder="/x", python="python3", script="", files=(), quote=quote,
        findings=NOTHING, gate=judge(NOTHING, SITE, declared=None, own_data=False),
        versions={"dkai": "0.1", "recipe": "1.2"}, overrides=(), language="en", sample=False,
    )  # fmt: skip


def job(outcome: Outcome = Outcome.COMPLETED) -> Job:
    return Job("dkai-0000000001", 0, "r", "1.2", "c", "/x", JobState.ENDED, outcome, "17")


# 1 GPU, 4 cores, 16 GB: 24 an hour. It ran for half an hour, on one and a half cores.
ACCOUNTING = Accounting(
    "17", "COMPLETED", 0, 1800, {"cpu": "4", "billing": "24"}, 24, cpu_time_used_s=0.003, max_rss_mb=900,
    started_at=1000, ended_at=2800, node="gpu01",
)  # fmt: skip
RECORD = {
    "started_at": 1001.5, "ended_at": 2799.0, "exit_code": 0, "cpu_s": 2700.0, "max_rss_mb": 4000.0,
    "gpus": ["NVIDIA A100"], "python": {"version": "3.11.2"}, "node": "gpu01",
    "samples": [[5, 100, 40, 7000], [10, 100, 60, 9000], [15, None, None, None]],
}  # fmt: skip


def rows(receipt: Receipt) -> dict[str, tuple[str, bool | None]]:
    return {row.id: (row.actual, row.agrees) for row in receipt.rows}


def test_the_estimate_beside_the_actual() -> None:
    receipt = make_receipt(job(), plan(), ACCOUNTING, RECORD)
    found = rows(receipt)
    assert found["time"] == ("30 min", True)
    assert found["hours"] == ("0.5", True)
    assert found["billing"] == ("12", True)  # 24 × 0.5 h
    assert found["cpus"] == ("1.5", None)
    assert found["memory"] == ("3.9 GB", None)  # the larger of what both saw
    assert found["gpu"] == ("50 % busy", None)
    assert found["gpu-memory"] == ("8.8 GB", None)
    assert receipt.sources == ("sacct", "record") and receipt.disagreements == ()
    # half an hour × 0.4 kW × 1.5 = 0.3 kWh at full load, 30 % of it at the least
    assert isinstance(receipt.energy_kwh, Estimate)
    assert receipt.energy_kwh.low == pytest.approx(0.09) and receipt.energy_kwh.high == pytest.approx(0.3)


def test_more_than_estimated_differs() -> None:
    longer = Accounting("17", "TIMEOUT", 0, 9000, billing=100)
    found = rows(make_receipt(job(Outcome.TIMEOUT), plan(), longer, {}))
    assert found["time"][1] is False and found["hours"][1] is False and found["billing"][1] is False


def test_what_nobody_tells_stays_unknown() -> None:
    receipt = make_receipt(job(), plan(), None, {})
    assert receipt.sources == ()
    assert isinstance(receipt.energy_kwh, Unknown)
    assert rows(receipt)["time"] == ("–", None)
    assert "not known" in receipt.methods
    receipt = make_receipt(job(), plan(), None, RECORD)
    assert rows(receipt)["hours"] == ("0.5", True)  # 1797.5 s


def test_two_sources_that_disagree_are_both_named() -> None:
    other = {**RECORD, "ended_at": 1301.5, "exit_code": 1}
    receipt = make_receipt(job(), plan(), ACCOUNTING, other)
    assert len(receipt.disagreements) == 2


def test_wrong_types_in_a_record_are_not_believed() -> None:
    record = {"started_at": "x", "ended_at": None, "samples": "no", "gpus": [], "python": "3", "cpu_s": True}
    used = what_was_used(None, record)
    assert used.elapsed_s is None and used.cores is None and used.gpu_name is None and used.python is None


def test_the_methods_paragraph_has_what_a_reader_must_know() -> None:
    text = make_receipt(job(), plan(), ACCOUNTING, RECORD).methods
    for part in ("“r”", "1.2", "dkai 0.1", "lumi", "1 GPU (NVIDIA A100)", "4 cores", "30 min", "3.11.2", "kWh", "CO₂e"):
        assert part in text, part


def advice(asked: Resources, outcome: Outcome = Outcome.COMPLETED, elapsed: float = 600, **used: Any) -> str:
    record = {"started_at": 0, "ended_at": elapsed, "cpu_s": used.pop("cores", 1) * elapsed, **used}
    return "\n".join(advise(asked, what_was_used(None, record), outcome))


def test_advice() -> None:
    assert "16 cores and used 1.2: next time --cpus 2" in advice(Resources(cpus=16), cores=1.2)
    assert advice(Resources(cpus=16), cores=12) == ""
    assert "--memory 3G" in advice(Resources(memory_mb=65536), max_rss_mb=2000)
    assert advice(Resources(memory_mb=4096), max_rss_mb=3000) == ""
    assert "--time 00:20:00" in advice(Resources(walltime_s=7200))
    assert "--time 04:00:00" in advice(Resources(walltime_s=7200), Outcome.TIMEOUT)
    assert "--memory 8192M" in advice(Resources(memory_mb=4096), Outcome.OUT_OF_MEMORY)
    assert "busy 5 %" in advice(Resources(gpus=1), samples=[[1, 1, 5, 100]])
    # A run of seconds says nothing about the next.
    assert advice(Resources(cpus=16), elapsed=10, cores=0.1) == ""
    assert advice(Resources(cpus=16), Outcome.FAILED, cores=0.1) == ""
