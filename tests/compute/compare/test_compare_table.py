"""The rows over the shipped catalogue; each cost recomputed from the place's own published rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from dkai.catalogue.open import open_catalogue
from dkai.compute.compare.job import Job, Reference
from dkai.compute.compare.offers import Offer, best_offers
from dkai.compute.compare.rows import Cost, Hardware, Row
from dkai.compute.compare.runtime import RunTime
from dkai.compute.compare.table import Ground, group_of, in_order, rows_of
from dkai.core.levels import Level
from dkai.core.unknown import Unknown

TODAY = date(2026, 11, 24)
# One GPU, 4 cores, 16 GB, two hours; 20 GB of GPU memory are enough.
JOB = Job("r", 1, 4, 16 * 1024, 7200, gpu="required", gpu_memory_gb=20)


@cache
def catalogue() -> Any:
    return open_catalogue()


def rows(job: Job = JOB, took: Reference | None = None, **more: Any) -> dict[str, Row]:
    settings = {"fetched": {}, "schedulers": ("process", "slurm"), "today": TODAY, **more}
    ground = Ground(job, took, list(catalogue().entries("gpu")), **settings)
    return {row.id: row for row in rows_of(catalogue().entries("provider"), ground)}


def cost(row: Row) -> Cost:
    assert isinstance(row.cost, Cost), row.cost
    return row.cost


def price(row: Row) -> Cost:
    assert isinstance(row.money, Cost), row.money
    return row.money


def test_without_a_measurement_costs_are_for_all_the_time_that_is_asked_for() -> None:
    found = rows()["lumi"]
    assert isinstance(found.run_time, Unknown) and cost(found).low is None
    # LUMI, small-g: 0.5 × 2 h × max(1 GCD, 4/8 → 1, 16/64 → 1) = 1 GPU-hour
    assert cost(found).high == cost(found).at_most == 1 and cost(found).unit == "GPU-hours"


@pytest.mark.parametrize(
    ("place", "job", "expected", "unit"),
    [
        # LUMI user guide, “Billing policy”: 2 h × 0.5 × max(2 GCD, 24/8 = 3, 100/64 → 2)
        ("lumi", replace(JOB, gpus=2, cpus=24, memory_mb=100 * 1024), 2 * 0.5 * 2, "GPU-hours"),
        # UCloud: a MIG slice is a seventh of a GPU-hour an hour; a job of 40 GB takes a whole B200
        ("ucloud", JOB, 2 / 7, "GPU-hours"),
        ("ucloud", replace(JOB, gpu_memory_gb=40), 2, "GPU-hours"),
        # Karolina: GPUs × hours / 8
        ("karolina", JOB, 2 / 8, "node-hours"),
        # Vega: 2 h × 1/2 × MAX(4 CPUs, 16 GB × 0.5, 1 GPU × 64)
        ("vega", JOB, 64, "core-hours"),
        # Leonardo: 2 h × max(4 cores, 1 GPU × 8)
        ("leonardo", JOB, 16, "core-hours"),
        # GenomeDK: a GPU-hour on an L40S is 6.00 / 0.13 billing hours
        ("genomedk", JOB, 2 * 6.0 / 0.13, "billing hours"),
        ("gefion", replace(JOB, gpus=8), 16, "GPU-hours"),
        # Without a GPU: LUMI's small counts max(4 cores, 16 GB / 2 = 8); Hippo counts cores; GenomeDK max(4, 16/8)
        ("lumi", Job("r", 0, 4, 16 * 1024, 7200), 2 * 8, "core-hours"),
        ("deic-large-memory-hippo", Job("r", 0, 4, 16 * 1024, 7200), 2 * 4, "core-hours"),
        ("genomedk", Job("r", 0, 4, 16 * 1024, 7200), 2 * 4, "billing hours"),
        ("vega", Job("r", 0, 4, 16 * 1024, 7200), 2 * 16 / 2, "core-hours"),
    ],
)
def test_costs_by_the_places_own_formulas(place: str, job: Job, expected: float, unit: str) -> None:
    found = cost(rows(job)[place])
    # Where the job asks for more than its GPUs' share of a node, it is given the share (LUMI: 64 cores / 8).
    assert found.at_most == pytest.approx(expected) and found.unit == unit
    assert found.source.startswith("https://") and found.date and found.formula


@pytest.mark.parametrize(
    ("place", "job", "amount", "currency"),
    [
        ("genomedk", JOB, 2 * 6.0, "DKK"),  # an hour of an L40S is 6 DKK
        ("genomedk", Job("r", 0, 4, 64 * 1024, 7200), 2 * 8 * 0.13, "DKK"),  # max(4, 64/8) × 0.13
        ("ovhcloud", JOB, 2 * 0.75, "EUR"),
        ("modal", JOB, 2 * 0.7992, "USD"),
        # Amazon rents machines of eight A100 whole: 8 × 2.7447 an hour, for a job of one GPU as for one of eight
        ("aws", JOB, 2 * 8 * 2.7447, "USD"),
        ("aws", replace(JOB, gpus=8), 2 * 8 * 2.7447, "USD"),
        ("azure", JOB, 2 * 3.673, "USD"),  # one A100 80 GB in NC24ads_A100_v4
        ("nebius", replace(JOB, gpu_memory_gb=80), 2 * 3.85, "USD"),  # not the preemptible one
    ],
)
def test_prices_by_the_places_own_lists(place: str, job: Job, amount: float, currency: str) -> None:
    found = price(rows(job)[place])
    assert found.at_most == pytest.approx(amount) and found.unit == currency and found.date


def test_a_price_older_than_90_days_is_flagged() -> None:
    assert price(rows()["modal"]).old  # of 2026-07-01
    assert not price(rows()["ovhcloud"]).old  # of 2026-10-07
    assert price(rows(today=date(2027, 1, 20))["ovhcloud"]).old


def test_a_fetched_price_is_used_where_it_is_newer_and_dated() -> None:
    def offer(dated: str | None, least: float) -> Offer:
        return Offer("l4", 1, least, least, "EUR", "https://x", dated, "2026-11-24")

    def used(dated: str | None) -> float:
        return price(rows(fetched={"ovhcloud": [offer(dated, 0.5)]})["ovhcloud"]).at_most

    assert used("2026-11-24") == 1.0
    assert used("2026-09-01") == 1.5  # the catalogue's, of 2026-10-07, is newer
    assert used(None) == 1.5  # nobody knows how old it is
    # Of several machines the cheapest that holds the job.
    offers = [replace(offer("2026-11-24", n * 0.4), gpus=n) for n in (8, 4, 2, 1)]
    assert best_offers([], offers, 3)["l4"].gpus == 4 and best_offers([], offers, 9) == {}


def test_run_time_and_cost_are_ranges_over_the_same_hours() -> None:
    found = rows(took=Reference(3600, "a100-80gb", 1, "mine"))["lumi"]
    assert isinstance(found.run_time, RunTime)
    low = cost(found).low
    assert low == pytest.approx(0.5 * found.run_time.low_s / 3600)
    assert cost(found).high == pytest.approx(0.5 * found.run_time.high_s / 3600)


def test_who_may_use_it() -> None:
    asked = rows(replace(JOB, institution="ku"))
    assert asked["lumi"].eligible.answer == asked["aws"].eligible.answer == "yes"
    assert asked["dtu-hpc"].eligible.answer == "no"
    assert [r.code for r in asked["dtu-hpc"].reasons] == ["not-eligible"]
    assert rows(replace(JOB, institution="dtu"))["dtu-hpc"].reasons == ()
    # Who outside those named may use it is not known: that is neither yes nor no.
    assert rows(replace(JOB, institution="other"))["lumi"].eligible.answer == "unknown"
    assert rows()["lumi"].eligible.answer == "not-asked"


def test_what_data_may_go_there() -> None:
    def at(place: str, level: Level | None, institution: str | None = "aau", own: bool = True) -> str:
        return rows(replace(JOB, level=level, own_data=own, institution=institution))[place].data.answer

    assert at("ucloud", Level.SENSITIVE) == "ok" and at("aau-ai-lab", Level.SENSITIVE) == "no"
    # Sensitive data where nothing is written: never ok.
    for place in ("lumi", "aws", "gefion", "genomedk", "karolina", "dtu-hpc"):
        assert at(place, Level.SENSITIVE) == "ask"
        assert at(place, Level.CONFIDENTIAL) == "ask"
        assert at(place, Level.PUBLIC) == "ok"
    assert at("ucloud", Level.SENSITIVE, "ku") == "ask"  # what AAU says of it does not hold for KU
    assert at("ucloud", Level.SENSITIVE, None) == "ask"
    assert at("ucloud", None) == "not-asked" and at("lumi", None, own=False) == "ok"
    assert not any(
        row.data.answer == "ok" and row.data.permitted is None
        for row in rows(replace(JOB, level=Level.SENSITIVE, own_data=True, institution="ku")).values()
    )


def test_no_ok_for_sensitive_data_without_a_source() -> None:
    for institution in ("ku", "au", "sdu", "dtu", "aau", "ruc", "itu", "cbs", None):
        for row in rows(replace(JOB, level=Level.SENSITIVE, own_data=True, institution=institution)).values():
            assert row.data.answer != "ok" or row.data.source, row.id


def test_why_places_are_left_out() -> None:
    def codes(job: Job, took: Reference | None = None) -> dict[str, str]:
        return {row.id: row.reasons[0].code for row in rows(job, took).values() if row.reasons}

    cuda = codes(replace(JOB, accelerators=("cuda",), institution="ku"))
    assert cuda["lumi"] == "accelerator" and cuda["dtu-hpc"] == "not-eligible"
    assert cuda["deic-large-memory-hippo"] == "no-gpu" and cuda["eurohpc-access"] == "no-machines"
    assert codes(replace(JOB, gpu_memory_gb=100))["leonardo"] == "gpu-memory"
    assert codes(replace(JOB, gpus=8))["leonardo"] == "gpu-count"
    assert codes(replace(JOB, walltime_s=13 * 3600))["aau-ai-lab"] == "time-limit"  # at most 12 hours
    # An estimate goes before what is asked for: an H100 needs far less than the 30 hours.
    fast = Reference(2 * 3600, "h100", 1, "mine")
    assert "aau-ai-lab" not in codes(replace(JOB, walltime_s=30 * 3600), Reference(600, "l4", 1, "mine"))
    assert codes(replace(JOB, walltime_s=30 * 3600), replace(fast, seconds=200_000))["ku-hendrix"] == "time-limit"
    sensitive = replace(JOB, own_data=True, level=Level.SENSITIVE, institution="aau")
    assert codes(sensitive)["aau-ai-cloud"] == "data-level"
    without = rows(Job("r", 0, 4, 1024, 60))["aau-ai-lab"].reasons
    assert "cpu-only" in [reason.code for reason in without]


def test_the_order() -> None:
    usable, left_out = in_order(rows(replace(JOB, institution="ku")).values())
    groups = [group_of(row) for row in usable]
    order = ["own", "free", "unknown", "paid", "no-price"]
    assert groups == sorted(groups, key=order.index)
    paid = [price(row) for row in usable if group_of(row) == "paid"]
    assert [one.unit for one in paid] == sorted((one.unit for one in paid), key=["DKK", "EUR", "USD"].index)
    for currency in ("EUR", "USD"):
        amounts = [one.high for one in paid if one.unit == currency]
        assert amounts == sorted(amounts)
    assert all(row.reasons for row in left_out) and len(usable) + len(left_out) == len(rows())


def test_every_number_says_where_it_is_from() -> None:
    for row in rows(took=Reference(3600, "a100-80gb", 1, "mine")).values():
        for one in (row.cost, row.money):
            if isinstance(one, Cost):
                assert one.source.startswith("https://") and one.formula and one.read, row.id
        if isinstance(row.hardware, Hardware):
            assert row.hardware.source.startswith(("https://", "doi:", "pkg:")) and row.hardware.date, row.id
        if isinstance(row.run_time, RunTime):
            assert row.run_time.assumption and row.run_time.formula, row.id
        assert row.eligible.source and row.eligible.date, row.id
