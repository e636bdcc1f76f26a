"""`dkai compute` at an LSF site, as a person uses it: through a stand-in, marked unverified wherever one looks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dkai.app.places import get_place
from dkai.compute.host import CommandResult
from dkai.compute.scheduler.lsf import Lsf
from dkai.compute.site import Site

UNVERIFIED = "unverified: dkai's LSF has not been run on a real LSF"
Run = Callable[..., Any]


def flat(text: str) -> str:
    """Text as if the terminal were wide."""
    return " ".join(text.split())


def job_of(lsf: Any, number: str = "4701") -> str:
    return str(lsf.jobs[number]["name"])


def wait_for(lsf: Any, stat: str, number: str = "4701") -> None:
    for _ in range(200):
        if number in lsf.jobs and lsf.jobs[number]["stat"] == stat:
            return
        time.sleep(0.05)
    raise AssertionError(lsf.jobs)


def test_from_quote_to_receipt(lsf: Any, lsf_site: Site, dkai: Run, tmp_path: Path) -> None:
    quote = flat(dkai("compute", "quote", "gpu-check", "--site", "lsf", "--gpus", "0").stdout)
    assert UNVERIFIED in quote
    assert "nothing: the place is free" in quote
    assert "LSF guesses no start" in quote
    done = dkai("compute", "submit", "gpu-check", "--site", "lsf", "--gpus", "0", "--yes", "--follow")
    assert "there called 4701" in done.stdout + done.stderr
    assert "finished" in done.stdout + done.stderr
    job = job_of(lsf)
    into = tmp_path / "mine"
    dkai("compute", "fetch", job, "--into", str(into))
    report = json.loads((into / "report.json").read_text(encoding="utf-8"))
    assert report
    receipt = json.loads(dkai("compute", "receipt", job, "--format", "json").stdout)
    assert receipt["sources"] == ["bjobs", "record"]
    assert "LSF 10.1.0.12" in dkai("compute", "receipt", "--methods", job).stdout
    assert lsf.submissions == 1


def test_the_queue_is_chosen_by_the_gpu(lsf_site: Site, dkai: Run) -> None:
    words = ("compute", "quote", "gpu-check", "--site", "lsf", "--format", "json", "--gpus")
    plan = json.loads(dkai(*words, "1").stdout)
    assert plan["spec"]["partition"] == "gpuv100"
    assert '#BSUB -gpu "num=1:mode=exclusive_process"' in plan["script"]
    plan = json.loads(dkai(*words, "2", "--gpu-type", "TeslaV100_PCIE_16GB").stdout)
    assert "gmodel=TeslaV100_PCIE_16GB" in plan["script"]
    refused = dkai("compute", "submit", "gpu-check", "--site", "lsf", "--gpus", "3", "--yes", check=None)
    assert refused.returncode != 0
    assert "gpuv100" in refused.stderr


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--time", "4-00:00:00", "--gpus", "0"), "4 d asked for, 3 d allowed"),
        (("--cpus", "30", "--gpus", "1"), "cores a person, partition gpuv100: 30 asked for, 24 allowed"),
        (("--memory", "400G", "--gpus", "0"), "no node of"),
        (("--partition", "nope",), "has no partition called"),
    ],
)  # fmt: skip
def test_what_is_over_a_limit_is_not_sent(
    lsf: Any, lsf_site: Site, dkai: Run, words: tuple[str, ...], part: str
) -> None:
    done = dkai("compute", "submit", "gpu-check", "--site", "lsf", "--yes", *words, check=None)
    assert done.returncode != 0
    assert part in flat(done.stdout + done.stderr)
    assert lsf.submissions == 0


def test_a_job_is_cancelled(lsf: Any, lsf_site: Site, dkai: Run, slow_recipe: Path) -> None:
    dkai("compute", "submit", str(slow_recipe), "--site", "lsf", "--yes", "--level", "public")
    wait_for(lsf, "RUN")
    job = job_of(lsf)
    dkai("compute", "cancel", job)
    wait_for(lsf, "EXIT")
    assert "cancelled" in dkai("compute", "status", job, check=None).stdout
    # Once more is no error.
    dkai("compute", "cancel", job, check=None)


def test_a_job_is_cancelled_before_bjobs_knows_it(lsf: Any, lsf_site: Site, dkai: Run, slow_recipe: Path) -> None:
    lsf.set(stale_s=60)
    dkai("compute", "submit", str(slow_recipe), "--site", "lsf", "--yes", "--level", "public")
    wait_for(lsf, "RUN")
    dkai("compute", "cancel", job_of(lsf))
    wait_for(lsf, "EXIT")


def test_a_job_that_waits_is_cancelled_and_never_begins(lsf: Any, lsf_site: Site, dkai: Run, slow_recipe: Path) -> None:
    lsf.set(wait_s=2)
    dkai("compute", "submit", str(slow_recipe), "--site", "lsf", "--yes", "--level", "public")
    job = job_of(lsf)
    status = flat(dkai("compute", "status", job).stdout)
    assert "LSF has not looked at it yet" in status
    dkai("compute", "cancel", job)
    assert lsf.jobs["4701"]["stat"] == "EXIT"
    assert "cancelled" in dkai("compute", "status", job, check=None).stdout


def test_the_run_limit_is_named(lsf: Any, lsf_site: Site, dkai: Run, slow_recipe: Path) -> None:
    """LSF sends SIGUSR2 when time is up: the runner writes its record before it is killed."""
    lsf.set(minute_s=0.3)
    done = dkai(
        "compute", "submit", str(slow_recipe), "--site", "lsf", "--yes", "--follow", "--level", "public", check=None
    )
    assert "its time was up" in flat(done.stdout + done.stderr)
    job = job_of(lsf)
    assert lsf.jobs["4701"]["term"].startswith("TERM_RUNLIMIT")
    record = json.loads((Path(lsf.jobs["4701"]["cwd"]) / "record.json").read_text())
    assert (record["outcome"], record["lsf_job_id"]) == ("timeout", "4701")
    assert "its time was up" in flat(dkai("compute", "receipt", job).stdout)


def test_what_bjobs_has_forgotten(lsf: Any, lsf_site: Site, dkai: Run) -> None:
    lsf.set(clean_s=0)
    dkai("compute", "submit", "gpu-check", "--site", "lsf", "--gpus", "0", "--yes")
    wait_for(lsf, "DONE")
    job, folder = job_of(lsf), Path(lsf.jobs["4701"]["cwd"])
    record = folder / "record.json"
    kept = record.read_text()
    record.unlink()  # not even the record is there: LSF's history is
    assert "finished" in dkai("compute", "status", job).stdout
    record.write_text(kept)
    receipt = json.loads(dkai("compute", "receipt", job, "--format", "json").stdout)
    assert "bacct" in receipt["sources"]


def test_everywhere_it_says_unverified(lsf_site: Site, dkai: Run) -> None:
    for words in (("compute", "sites"), ("compute", "sites", "show", "lsf"), ("compute", "connect", "lsf")):
        done = dkai(*words)
        assert UNVERIFIED in flat(done.stdout + done.stderr), words
    assert json.loads(dkai("compute", "sites", "--format", "json").stdout)["items"][1]["caveat"] == UNVERIFIED
    assert UNVERIFIED in flat(
        dkai("compute", "submit", "gpu-check", "--site", "lsf", "--gpus", "0", "--dry-run").stdout
    )


def test_dtu_is_offered(dkai: Run, own_home: Path) -> None:
    card = get_place("dtu-hpc")
    assert (card.why_not, card.scheduler, card.caveat) == (None, "lsf", UNVERIFIED)
    added = dkai("compute", "sites", "add", "dtu", "--provider", "dtu-hpc", "--user", "s000000", "--level", "internal")
    assert "LSF over SSH, s000000@login.hpc.dtu.dk" in flat(added.stdout)
    assert UNVERIFIED in flat(added.stdout)


def test_verify_is_refused_clearly(lsf: Any, lsf_site: Site, dkai: Run) -> None:
    done = dkai("compute", "submit", "gpu-check", "--site", "lsf", "--gpus", "0", "--yes", "--verify", check=None)
    assert "verify-needs-slurm" in done.stderr
    assert lsf.submissions == 0


def test_lsf_is_down(lsf: Any, lsf_site: Site, dkai: Run) -> None:
    lsf.set(down=True)
    done = dkai("compute", "connect", "lsf", check=None)
    assert "lsf-down" in done.stderr
    done = dkai("compute", "quote", "gpu-check", "--site", "lsf", check=None)
    assert "lsf-down" in done.stderr
    assert "Slurm" not in done.stderr


def test_answers_of_a_hostile_place_are_shown_harmlessly(lsf: Any, lsf_site: Site, dkai: Run) -> None:
    file = lsf.folder / "bin" / "bqueues"
    file.write_text("#!/bin/sh\nprintf 'QUEUE: \\033[31mred\\007 $(touch CANARY)\\n\\nHOSTS: all\\n'\n")
    done = dkai("compute", "connect", "lsf", check=None)
    assert "\x1b" not in done.stdout + done.stderr
    assert "\x07" not in done.stdout + done.stderr
    quoted = dkai("compute", "quote", "gpu-check", "--site", "lsf", check=None)
    assert "\x1b" not in quoted.stdout + quoted.stderr
    assert not list(lsf.folder.parent.rglob("CANARY"))
    assert Lsf().parse_found(CommandResult(0, "", "")) == []
