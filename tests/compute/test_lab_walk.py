"""The whole walk against a real Slurm over real SSH, as a person types it."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from dkai.compute.site import Site

pytestmark = pytest.mark.lab


def of(lab: Any, job: str, fields: str) -> list[str]:
    """What sacct itself says of a job, asked with OpenSSH."""
    for _ in range(20):
        done = lab.ssh(f"sacct -X -n -P -S now-2hours --name {job} -o {fields}")
        assert done.returncode == 0, done.stderr
        if done.stdout:
            break
        time.sleep(1)  # accounting is a few seconds behind
    return str(done.stdout).splitlines()


def words_of(text: str) -> str:
    """Text without its line breaks."""
    return " ".join(text.split())


def job_of(done: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_submitted_job_runs_and_its_results_come_back_byte_for_byte(
    lab: Any, lab_site: Site, dkai: Any, tmp_path: Path
) -> None:
    table = tmp_path / "målinger æøå.csv"
    rows = "\n".join(f"{n};{n % 7},5;{'ja' if n % 7 > 3 else 'nej'}" for n in range(80))
    table.write_text(f"id;måling;svar\n{rows}\n", encoding="utf-8")
    done = dkai(
        "compute", "submit", "tabular-baseline", "--site", "lab", "--input", str(table), "--param", "target=svar",
        "--level", "internal", "--yes", "--follow", "--format", "json", timeout=180,
    )  # fmt: skip
    job = job_of(done)
    assert (job["state"], job["outcome"]) == ("ended", "completed")
    into = tmp_path / "resultater"
    dkai("compute", "fetch", "last", "--into", str(into))
    there = lab.ssh(f"cd {job['folder']}/output && find . -type f -exec sha256sum {{}} +").stdout
    wanted = {line.split("  ./")[1]: line.split()[0] for line in there.splitlines()}
    here = {
        p.relative_to(into).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in into.rglob("*")
        if p.is_file() and ".dkai" not in p.parts
    }
    assert here == wanted
    assert "report.html" in here
    assert (into / ".dkai" / "log").stat().st_size > 0
    # The input arrived as it was.
    sent = lab.ssh(f"sha256sum {job['folder']}/input/*").stdout.split()[0].lstrip("\\")
    assert sent == hashlib.sha256(table.read_bytes()).hexdigest()
    # Nothing of it is open to other users.
    modes = lab.ssh(f"stat -c %a {job['folder']} {job['folder']}/input").stdout.split()
    assert modes == ["700", "700"]


def test_the_receipt_agrees_with_sacct(lab: Any, lab_site: Site, dkai: Any) -> None:
    done = dkai("compute", "submit", "gpu-check", "--site", "lab", "--cpus", "4", "--memory", "6G", "--yes",
                "--follow", "--format", "json", timeout=180)  # fmt: skip
    job = job_of(done)
    receipt = job_of(dkai("compute", "receipt", job["id"], "--format", "json"))
    (line,) = of(lab, job["id"], "jobidraw,state,elapsedraw,alloctres,start,end")
    number, state, elapsed, tres, *_ = line.split("|")
    assert state == "COMPLETED"
    assert receipt["native_id"] == number
    assert receipt["used"]["elapsed_s"] == float(elapsed)
    billing = next(int(pair.split("=")[1]) for pair in tres.split(",") if pair.startswith("billing="))
    assert receipt["used"]["billing"] == billing == 21  # 4 + 6/4 + 16, cut off
    assert receipt["sources"] == ["sacct", "record"]
    assert receipt["disagreements"] == []
    rows = {row["id"]: row for row in receipt["rows"]}
    assert rows["hours"]["agrees"] and rows["billing"]["agrees"] and rows["time"]["agrees"]


def test_over_budget_is_refused_before_anything_is_sent(lab: Any, lab_site: Site, dkai: Any) -> None:
    done = dkai("compute", "submit", "gpu-check", "--site", "lab", "--account", "project_empty", "--yes", check=3)
    assert "over-budget · exit 3" in done.stderr
    assert "--account project_a" in words_of(done.stderr)
    assert lab.ssh(f"ls {lab_site.base}").stdout == ""
    assert job_of(dkai("compute", "jobs", "--format", "json"))["items"] == []


def test_what_would_make_it_pass_does_make_it_pass(lab: Any, lab_site: Site, dkai: Any) -> None:
    ask = ("compute", "quote", "gpu-check", "--site", "lab", "--partition", "gpu", "--gpus", "8")
    done = dkai(*ask, "--time", "20h", check=3)  # 160 of 10 GPU-hours
    assert "--gpus" not in done.stderr  # not one GPU fits into 10 GPU-hours for 20 h
    less = next(w for w in done.stderr.replace(")", " ").split() if w.count(":") == 2)
    dkai(*ask, "--time", less)
    done = dkai(*ask, "--time", "4h", check=3)  # 32
    assert "--gpus 2" in words_of(done.stderr)
    dkai(*ask[:-1], "2", "--time", "4h")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--partition", "nope"), 1, "no-such-partition"),
        (("--account", "nope"), 1, "no-such-account"),
        (("--qos", "nope"), 1, "no-such-qos"),
        (("--gpu-type", "b200"), 3, "no GPU of type b200"),
        (("--gpus", "9"), 3, "over-limit"),
        (("--partition", "cpu"), 3, "has no GPUs"),
        (("--time", "3-00:00:00", "--partition", "gpu"), 3, "2 d allowed"),
        (("--memory", "9T"), 3, "less memory"),
        (("--qos", "debug", "--time", "2h", "--partition", "gpu"), 3, "--qos normal"),
        (("--time", "soon"), 1, "bad-duration"),
    ],
)
def test_refusals(lab_site: Site, dkai: Any, words: tuple[str, ...], code: int, says: str) -> None:
    done = dkai("compute", "submit", "gpu-check", "--site", "lab", "--yes", *words, check=code)
    assert says in words_of(done.stderr)
    assert job_of(dkai("compute", "jobs", "--format", "json"))["items"] == []


def test_a_job_that_fails_is_exit_5(lab_site: Site, dkai: Any) -> None:
    done = dkai("compute", "submit", "gpu-check", "--site", "lab", "--param", "strict=yes", "--yes", "--follow",
                check=5, timeout=120)  # fmt: skip
    assert "job-failed · exit 5" in done.stderr


def test_cancel(lab: Any, lab_site: Site, dkai: Any, slow_recipe: Path) -> None:
    done = dkai(
        "compute", "submit", str(slow_recipe), "--site", "lab", "--level", "internal", "--yes", "--format", "json"
    )
    job = job_of(done)
    ended = job_of(dkai("compute", "cancel", job["id"], "--format", "json"))
    if ended["state"] != "ended":
        dkai("compute", "logs", "-f", job["id"], check=5)
        ended = job_of(dkai("compute", "status", job["id"], "--format", "json"))
    assert ended["outcome"] == "cancelled"
    assert of(lab, job["id"], "state")[0].startswith("CANCELLED")
    dkai("compute", "cancel", job["id"], check=1)


def test_data_above_the_sites_level_are_refused(lab: Any, lab_site: Site, dkai: Any, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("cpr;svar\n070761-4285;1\n010190-1234;2\n", encoding="utf-8")
    ask = ("compute", "submit", "tabular-baseline", "--site", "lab", "--input", str(people), "--yes")
    for words in ((), ("--level", "public"), ("--level", "internal"), ("--level", "sensitive")):
        done = dkai(*ask, *words, check=3)
        assert "data-level · exit 3" in done.stderr
        assert "0707" not in done.stderr + done.stdout
    assert lab.ssh(f"ls {lab_site.base}").stdout == ""
    plan = job_of(dkai(*ask, "--accept-level", "--dry-run", "--format", "json"))
    assert plan["overrides"] == ["accept-level"]
    assert plan["gate"]["level"] == "confidential"
    assert plan["findings"]["cpr_count"] == 2


def test_processes_over_ssh(lab: Any, workstation: Site, dkai: Any, tmp_path: Path) -> None:
    done = dkai("compute", "submit", "gpu-check", "--site", "workstation", "--yes", "--follow", "--format", "json",
                timeout=120)  # fmt: skip
    job = job_of(done)
    assert job["outcome"] == "completed"
    dkai("compute", "fetch", "--into", str(tmp_path / "out"))
    here = (tmp_path / "out" / "report.json").read_bytes()
    assert (
        hashlib.sha256(here).hexdigest() == lab.ssh(f"sha256sum {job['folder']}/output/report.json").stdout.split()[0]
    )
    receipt = job_of(dkai("compute", "receipt", "--format", "json"))
    assert receipt["sources"] == ["record"]


def test_slurm_on_the_login_node_itself(lab: Any, installed_dkai: Any) -> None:
    home = {"DKAI_HOME": f"{lab.user('alice').home}/dkai-home-{os.getpid()}", "DKAI_LANG": "en"}

    def run(*words: str) -> Any:
        return lab.as_alice([installed_dkai.dkai, *words], home, timeout=120)

    assert run("compute", "sites", "add", "here", "--host", "local", "--scheduler", "slurm").returncode == 0
    done = run("compute", "submit", "gpu-check", "--site", "here", "--yes", "--follow", "--format", "json")
    assert done.returncode == 0, done.stderr
    job = job_of(done)
    assert job["outcome"] == "completed"
    assert of(lab, job["id"], "state") == ["COMPLETED"]
    receipt = run("compute", "receipt", "--format", "json")
    assert job_of(receipt)["sources"] == ["sacct", "record"]
