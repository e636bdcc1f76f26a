from __future__ import annotations

import json
from dataclasses import replace
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
from dkai.compute.quote.quote import Place, Start, make_quote
from dkai.compute.receipt import Receipt, make_receipt
from dkai.compute.site import Site
from dkai.compute.used import what_was_used
from dkai.core.findings import NOTHING
from dkai.core.i18n import use_language
from dkai.core.plain import to_plain
from dkai.core.revive import revive
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


def job(outcome: Outcome = Outcome.COMPLETED, **status: Any) -> Job:
    return Job("dkai-0000000001", 0, "r", "1.2", "c", "/x", JobState.ENDED, outcome, "17", status)


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
    assert receipt.energy_by == "estimated"
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


# As the runner writes it today: half an hour at 300 W, of a job that says more of itself.
NEW = {
    **RECORD, "columns": ["t", "rss_mb", "gpu_load", "gpu_memory_mb", "cores", "gpu_watts"],
    "samples": [[1, 100, 0, 10, None, 100.0], [101, 100, 100, 9000, 1.5, 300.0], [201, 90, 50, 8000, 1.4, 320.0]],
    "max_used_mb": 3000.0, "group_peak_mb": 9000.0, "group_cpu_s": 2880.0,
    "gpu_energy_wh": 160.0, "gpu_energy_by": "power",
    "devices": [{"name": "NVIDIA A100", "memory_mb": 81920, "peak_mb": 9000, "load": 74.0, "shared": False}],
    "machine": {"cpu": "AMD EPYC 7763", "os": "Rocky Linux 9", "kernel": "5.14", "gpu_driver": "550.54.15",
                "gpu_platform": "CUDA 12.4"},
    "packages": {"scikit-learn": "1.5.1"},
}  # fmt: skip


def test_what_was_measured_is_taken_before_what_is_estimated() -> None:
    receipt = make_receipt(job(), plan(), ACCOUNTING, NEW)
    assert receipt.energy_by == "measured"
    assert isinstance(receipt.energy_kwh, Estimate) and isinstance(receipt.co2e_kg, Estimate)
    assert receipt.energy_kwh.low == receipt.energy_kwh.high == pytest.approx(0.24)  # 160 Wh × PUE 1.5
    assert receipt.co2e_kg.high == pytest.approx(0.024)  # × 100 g
    found = rows(receipt)
    assert found["energy"] == ("0.24 kWh", True)
    assert found["memory"][0] == "2.9 GB" and receipt.used.memory_by == "group"
    assert found["cpus"][0] == "1.6"  # 2880 s of processor in 1797.5 s
    assert found["gpu"][0] == "75 % busy"  # each sample for the time since the one before
    assert found["gpu-memory"][0] == "8.8 GB"
    assert receipt.used.gpu_watts == pytest.approx((100 + 300 * 100 + 320 * 100) / 201)


def test_energy_of_other_devices_than_were_asked_for_is_not_believed() -> None:
    more = {**NEW, "devices": [*NEW["devices"], *NEW["devices"]]}  # type: ignore[misc]
    assert make_receipt(job(), plan(), ACCOUNTING, more).energy_by == "estimated"


def test_without_accounting_the_record_and_the_quoted_rate_tell_most_of_it() -> None:
    receipt = make_receipt(job(), plan(), None, NEW)
    found = rows(receipt)
    assert receipt.sources == ("record",)
    assert found["time"] == ("29 min", True)
    assert found["billing"] == ("12 (quoted rate × time)", None)
    assert found["memory"][0] == "2.9 GB" and found["energy"][0] == "0.24 kWh"


def test_the_wait_stands_beside_the_guess() -> None:
    waited = make_receipt(job(submitted_at=100, started_at=400), plan(), ACCOUNTING, RECORD)
    assert rows(waited)["wait"] == ("5 min", None) and waited.waited_s == 300
    made = plan()
    guessed = replace(made, quote=replace(made.quote, start=Start(900.0, "")))
    row = next(r for r in make_receipt(job(), guessed, None, {}).rows if r.id == "wait")
    assert (row.estimated, row.actual) == ("15 min (a guess)", "–")


def test_a_price_that_the_quote_knew_is_in_the_receipt() -> None:
    made = plan()
    priced = replace(made, quote=replace(made.quote, price_dkk=Estimate(None, 100, "DKK")))
    assert rows(make_receipt(job(), priced, ACCOUNTING, RECORD))["price"] == ("25.00 DKK", True)  # of 2 h, a half
    assert "price" not in rows(make_receipt(job(), made, ACCOUNTING, RECORD))


def test_jobs_that_never_started_or_did_not_finish() -> None:
    waiting = Accounting("17", "CANCELLED", None, 0, started_at=500, ended_at=500)  # as sacct gives it
    was = job(Outcome.CANCELLED, submitted_at=100, started_at=500, ended_at=500)
    receipt = make_receipt(was, plan(), waiting, {})
    assert receipt.started_at is None and receipt.cause is None and receipt.advice == () and receipt.waited_s is None
    assert rows(receipt)["time"] == ("0 s", True)
    failed = make_receipt(job(Outcome.FAILED, exit_code=1), plan(), ACCOUNTING, RECORD, log="x\nMemoryError\n")
    assert failed.cause is not None and failed.cause.id == "memory"
    late = make_receipt(job(Outcome.TIMEOUT), plan(), ACCOUNTING, RECORD)
    assert late.cause is not None and late.cause.id == "walltime"
    assert late.advice[0].option == "--time 04:00:00"


def test_what_slurm_gave_beside_what_was_asked_for() -> None:
    more = Accounting("17", "COMPLETED", 0, 1800, {"cpu": "8"}, 40, started_at=1000, ended_at=2800)
    says = " ".join(make_receipt(job(), plan(), more, {}).disagreements)
    assert "4 cores and were given 8" in says and "at most 24 an hour, accounting counts 40" in says


def test_a_receipt_is_kept_and_read_again() -> None:
    for record in (RECORD, NEW, {}):
        receipt = make_receipt(job(), plan(), ACCOUNTING, record)
        assert revive(Receipt, json.loads(json.dumps(to_plain(receipt)))) == receipt


def test_the_methods_paragraph_has_what_a_reader_must_know() -> None:
    text = make_receipt(job(), plan(), ACCOUNTING, RECORD).methods
    for part in ("“r”", "1.2", "dkai 0.1", "lumi", "1 GPU (NVIDIA A100)", "4 cores", "30 min", "3.11.2", "kWh", "CO₂e"):
        assert part in text, part
    text = make_receipt(job(), plan(), ACCOUNTING, NEW, place="LUMI").methods
    for part in ("on LUMI", "4 cores of AMD EPYC 7763", "scikit-learn 1.5.1", "GPU driver 550.54.15", "up to CUDA 12.4",
                 "Rocky Linux 9", "electricity was 0.24 kWh", "1970-01-01"):  # fmt: skip
        assert part in text, part


def test_nothing_is_invented_in_the_methods_paragraph() -> None:
    text = make_receipt(job(), plan(), None, {}).methods
    assert "How long it ran is not known" in text
    assert "Python" not in text and "kWh" not in text and "None" not in text


def test_the_declaration_on_ai() -> None:
    without = make_receipt(job(), plan(), ACCOUNTING, RECORD).declaration
    assert "No generative AI took part in the run itself as far as dkai knows" in without.text
    assert "No AI is an author" in without.text and without.models == ()
    made = plan()
    with_one = replace(made, versions={**made.versions, "model Whisper": "large-v3"})
    found = make_receipt(job(), with_one, ACCOUNTING, RECORD).declaration
    assert found.models == ("Whisper large-v3",) and "Whisper large-v3" in found.text
    assert found.to_fill and all(part in found.text for part in found.to_fill)
    assert any("ICMJE" in source.title and source.url.startswith("https://www.icmje.org/") for source in found.sources)
    use_language("da")
    danish = make_receipt(job(), made, ACCOUNTING, RECORD).declaration
    assert danish.sources == without.sources


def advice(asked: Resources, outcome: Outcome = Outcome.COMPLETED, elapsed: float = 600, **used: Any) -> str:
    record = {"started_at": 0, "ended_at": elapsed, "cpu_s": used.pop("cores", 1) * elapsed, **used}
    found = list(advise(asked, what_was_used(None, record), outcome))
    assert all(one.option in one.says for one in found)
    return "\n".join(one.says for one in found)


def test_advice() -> None:
    assert "16 cores and used 1.2: next time --cpus 2" in advice(Resources(cpus=16), cores=1.2)
    assert advice(Resources(cpus=16), cores=12) == ""
    assert "--memory 3G" in advice(Resources(memory_mb=65536), max_rss_mb=2000)
    assert advice(Resources(memory_mb=4096), max_rss_mb=3000) == ""
    assert "--time 00:20:00" in advice(Resources(walltime_s=7200))
    assert "--time 04:00:00" in advice(Resources(walltime_s=7200), Outcome.TIMEOUT)
    assert "--memory 8G" in advice(Resources(memory_mb=4096), Outcome.OUT_OF_MEMORY)
    assert "--memory 600M" in advice(Resources(memory_mb=300), Outcome.OUT_OF_MEMORY)
    assert "busy 5 %" in advice(Resources(gpus=1), samples=[[1, 1, 5, 100]])
    idle = [{"name": "A", "load": load} for load in (90, 0, 1, 0)]
    assert "4 GPUs, and 3 did nothing: next time --gpus 1" in advice(Resources(gpus=4), devices=idle)
    # A run of seconds says nothing about the next.
    assert advice(Resources(cpus=16), elapsed=10, cores=0.1) == ""
    assert advice(Resources(cpus=16), Outcome.FAILED, cores=0.1) == ""


def test_advice_carries_the_numbers_behind_it() -> None:
    used = what_was_used(None, {"started_at": 0, "ended_at": 600, "cpu_s": 720})
    (one,) = advise(Resources(cpus=16), used, Outcome.COMPLETED)
    assert (one.id, one.option, one.asked, one.used) == ("cpus", "--cpus 2", 16, 1.2)
