"""Sites of one's own in a comparison, and the whole of it as a person types it."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import clusters
import pytest

from dkai.app.compare import Question, compare_places
from dkai.app.submit_walk import Request
from dkai.compute.cluster import Cluster, Gres, NodeKind
from dkai.compute.compare.rows import Comparison, Cost, Hardware, Row
from dkai.compute.compare.runtime import RunTime
from dkai.compute.discover import remember
from dkai.compute.quote.choose import Wishes
from dkai.compute.scheduler.ucloud_machines import published
from dkai.compute.site import Site
from dkai.compute.sites_file import save_site
from dkai.core.errors import UserError
from dkai.core.levels import Level
from dkai.core.unknown import Unknown

TODAY = date(2026, 11, 24)


@pytest.fixture
def gpu_recipe(tmp_path: Path) -> str:
    """A recipe that needs a GPU with 20 GB for at most two hours, and was measured on an H100."""
    folder = tmp_path / "needs"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(
        "schema: dkai/recipe/1\nid: needs\nname: needs\nsummary: {da: x, en: x}\nrun: {script: main.py}\n"
        "resources: {gpus: 1, cpus: 4, memory_gb: 16, minutes: 120}\ngpu: required\ngpu_memory_gb: 20\n"
        "precision: bf16\naccelerators: [cuda]\nmeasured:\n"
        "  - {minutes: 30, date: 2026-11-20, gpus: 1, gpu: h100, device: H100, input: {da: prøven, en: the sample}}\n",
        encoding="utf-8",
    )
    (folder / "main.py").write_text("print('hello')\n", encoding="utf-8")
    return str(folder)


def compared(recipe: str, **more: Any) -> Comparison:
    request = Request(recipe, **{k: v for k, v in more.items() if k in ("wishes", "level", "sample")})
    rest = {k: v for k, v in more.items() if k not in ("wishes", "level", "sample")}
    return compare_places(Question(request, **rest), TODAY)


def row(found: Comparison, name: str) -> Row:
    return next(one for one in (*found.items, *found.left_out) if one.id == name)


def site(name: str = "mine", cluster: Cluster | None = None, **fields: Any) -> Site:
    made = Site(name, host="ssh", scheduler="slurm", address="mine.example.org", **fields)
    save_site(made)
    if cluster is not None:
        remember(made, cluster)
    return made


def test_what_a_site_said_of_itself_is_quoted(gpu_recipe: str) -> None:
    site(cluster=clusters.cluster())
    found = row(compared(gpu_recipe), "mine")
    assert found.site == "mine" and not found.reasons and found.submit.answer == "yes"
    # Its a100 may be of 40, 64 or 80 GB: the least counts, and holds the job's 20.
    assert isinstance(found.hardware, Hardware) and found.hardware.gpu == "a100-40gb"
    assert isinstance(found.run_time, RunTime) and isinstance(found.cost, Cost)
    # 4 cores + 0.25 × 16 GB + 16 × 1 GPU = 24 an hour
    assert found.cost.at_most == pytest.approx(24 * 2)
    assert found.cost.low == pytest.approx(24 * found.run_time.low_s / 3600)
    assert any("10 of 10" in note for note in found.notes)  # what is left of the budget


def test_a_gpu_that_is_large_enough_is_picked_and_asked_for(gpu_recipe: str) -> None:
    site(cluster=clusters.cluster())
    found = row(compared(gpu_recipe, gpu_memory="70G"), "mine")
    assert isinstance(found.hardware, Hardware) and found.hardware.gpu == "h100"


def test_over_the_budget_is_left_out_with_the_reason(gpu_recipe: str) -> None:
    site(cluster=clusters.cluster(), account="poor")
    found = row(compared(gpu_recipe, wishes=Wishes(gpus=4)), "mine")
    assert found.reasons[0].code == "over-budget" and "GPU" in found.reasons[0].says


def test_a_site_that_is_down_or_lacks_what_is_asked_for_is_told(gpu_recipe: str) -> None:
    site(cluster=clusters.cluster(), account="nobody-has-this")
    assert row(compared(gpu_recipe), "mine").reasons[0].code == "no-such-account"


def test_a_gpu_that_the_catalogue_does_not_know_is_shown_as_unknown(gpu_recipe: str) -> None:
    blank = replace(clusters.GPU, nodes=(NodeKind(1, 64, 512_000, (Gres("gpu", None, 4),)),))
    site(cluster=clusters.cluster(partitions=(clusters.CPU, blank)))
    found = row(compared(gpu_recipe), "mine")
    assert isinstance(found.hardware, Hardware) and found.hardware.memory_gb is None and found.hardware.doubts
    assert isinstance(found.run_time, Unknown) and not found.reasons


def test_a_site_that_was_never_asked_is_shown_by_the_catalogue(gpu_recipe: str) -> None:
    site("lumi-me", provider="lumi")
    site("nowhere")
    found = compared(gpu_recipe)
    mine = row(found, "lumi-me")
    assert mine.site == "lumi-me" and "--ask-now" in mine.notes[0]
    assert mine.reasons[0].code == "accelerator"  # CUDA alone, and LUMI has AMD
    assert row(found, "nowhere").site == "nowhere"
    assert not any(one.id == "lumi" for one in (*found.items, *found.left_out))  # once, as the person's own


def test_what_may_be_there_is_first_what_the_person_wrote_down(gpu_recipe: str) -> None:
    site("open", cluster=clusters.cluster(), level=Level.SENSITIVE)
    site("closed", cluster=clusters.cluster(), level=Level.INTERNAL)
    site("silent", cluster=clusters.cluster())
    found = compared(gpu_recipe, level=Level.SENSITIVE)
    assert row(found, "open").data.answer == "ok" and row(found, "silent").data.answer == "ask"
    assert row(found, "closed").reasons[0].code == "data-level"
    assert row(found, "local").data.answer == "ok"  # it does not leave this computer


def test_own_sites_come_first(gpu_recipe: str) -> None:
    site("lumi-me", provider="ucloud")
    assert compared(gpu_recipe).items[0].id == "lumi-me"


def test_the_run_time_is_from_the_recipes_measurement_or_from_what_the_person_says(gpu_recipe: str) -> None:
    measured = compared(gpu_recipe)
    assert "2026-11-20" in str(measured.measured) and "the sample" in str(measured.measured)
    own = compared(gpu_recipe, took="2h@a100-80gb")
    assert isinstance(found := row(own, "azure").run_time, RunTime) and found.measured_s == 7200
    assert compared(gpu_recipe, took="30m@2xh100").measured != measured.measured
    for took, code in (
        ("2h@a100", "ambiguous-gpu"), ("2h@nothing", "no-such-gpu"), ("2h", "bad-took"), ("x@h100", "bad-duration"),
        ("0m@h100", "bad-took"), ("2h@", "bad-took"),
    ):  # fmt: skip
        with pytest.raises(UserError) as raised:
            compared(gpu_recipe, took=took)
        assert raised.value.code == code and raised.value.hint


def test_wrong_words_are_told(gpu_recipe: str) -> None:
    with pytest.raises(UserError) as raised:
        compared(gpu_recipe, institution="kuu")
    assert "ku" in str(raised.value.hint)
    with pytest.raises(UserError):
        compared(gpu_recipe, wishes=Wishes(gpu_type="h9000"))
    a100 = compared(gpu_recipe, wishes=Wishes(gpu_type="a100")).items
    kinds = {one.hardware.gpu for one in a100 if isinstance(one.hardware, Hardware)}
    assert kinds <= {"a100-40gb", "a100-64gb", "a100-80gb", "a100-80gb-pcie"} and kinds


JOB = ("compute", "quote", "gpu-check", "--compare", "--institution", "ku", "--gpu-memory", "20G", "--time", "2h",
       "--took", "40m@a100-80gb")  # fmt: skip


def test_as_a_person_types_it(dkai: Any) -> None:
    for width in ("80", "120"):
        shown = dkai(*JOB, env=env(width)).stdout
        assert max(len(line) for line in shown.splitlines()) <= int(width)
        for word in ("UCloud", "GPU-hours", "LUMI", "DKK", "Not for this job", "--explain", "not for people"):
            assert word in shown, word
    explained = dkai(*JOB, "--explain", env=env("120")).stdout
    assert "TFLOPS" in explained and "rarely halves" in explained and "1. " in explained


def env(width: str) -> dict[str, str]:
    return {**os.environ, "COLUMNS": width}


def test_for_programs(dkai: Any) -> None:
    found = json.loads(dkai(*JOB, "--format", "json").stdout)
    assert found["schema"] == "dkai/compute-compare/1"
    lumi = next(one for one in found["items"] if one["id"] == "lumi")
    assert lumi["run_time"]["figures"] and lumi["cost"]["formula"] and lumi["cost"]["date"]
    assert lumi["access"]["steps"] and lumi["access"]["waiting"] and lumi["eligible"]["answer"] == "yes"
    assert all(one["reasons"] for one in found["left_out"])
    table = list(csv.DictReader(io.StringIO(dkai(*JOB, "--format", "csv").stdout)))
    assert len(table) == len(found["items"]) + len(found["left_out"])
    assert next(one for one in table if one["id"] == "genomedk")["currency"] == "DKK"
    assert dkai(*JOB, "--format", "md").stdout.startswith("| usable | id |")


def test_its_options_are_for_comparisons_only(dkai: Any) -> None:
    for words in (("--took", "2h@h100"), ("--institution", "ku"), ("--explain",), ("--format", "csv")):
        done = dkai("compute", "quote", "gpu-check", *words, check=2)
        assert "--compare" in done.stderr
    assert "--site" in dkai("compute", "quote", "gpu-check", "--compare", "--site", "local", check=2).stderr


def test_a_site_that_told_nothing_of_its_machines_is_shown_by_the_catalogue(gpu_recipe: str) -> None:
    site(provider="karolina", cluster=clusters.cluster(partitions=()))
    mine = row(compared(gpu_recipe), "mine")
    assert isinstance(mine.hardware, Hardware) and mine.hardware.gpu == "a100-40gb" and "did not tell" in mine.notes[0]


def test_this_computer_is_looked_at_from_inside(gpu_recipe: str) -> None:
    here = row(compared(gpu_recipe), "local")
    assert here.name == "This computer" and here.submit.answer == "yes" and here.kind == "own"
    if here.reasons:  # most machines that test have no GPU
        assert here.reasons[0].code == "no-gpu" and "driver" in here.reasons[0].says


@pytest.mark.lab
def test_a_real_site_is_asked_only_when_told_to(lab: Any, lab_site: Site, dkai: Any, gpu_recipe: str) -> None:
    words = ("compute", "quote", gpu_recipe, "--compare", "--format", "json")

    def mine(*more: str) -> Any:
        found = json.loads(dkai(*words, *more).stdout)
        return next(one for one in (*found["items"], *found["left_out"]) if one["id"] == "lab")

    assert "unknown" in mine()["hardware"]
    asked = mine("--ask-now")
    # gpu02 has the a100, of whichever memory: the least of them holds the job. 4 + 0.25 × 16 + 16 = 24 an hour.
    assert asked["hardware"]["gpu"] == "a100-40gb" and asked["cost"]["at_most"] == pytest.approx(48)
    assert mine()["hardware"] == asked["hardware"]  # kept


def test_who_states_a_level_has_data_though_no_file_is_named() -> None:
    found = compared("gpu-check", level=Level.SENSITIVE)
    assert found.job.own_data and found.job.level is Level.SENSITIVE
    assert row(found, "google-colab").data.answer != "ok"
    assert not compared("gpu-check").job.own_data


def test_who_speaks_of_a_gpu_gets_one_compared() -> None:
    for more in ({"gpu_memory": "24G"}, {"took": "2h@a100-80gb"}, {"wishes": Wishes(gpu_type="h100")}):
        assert compared("transcribe", **more).job.gpus == 1
    assert compared("transcribe").job.gpus == 0
    assert compared("transcribe", wishes=Wishes(gpus=0), gpu_memory="24G").job.gpus == 0


def test_a_site_that_dkai_never_ran_on_is_shown_as_such() -> None:
    save_site(Site("dtu", host="ssh", scheduler="lsf", address="x.example.org"))
    save_site(Site("ucloud", host="ucloud", scheduler="ucloud", provider="ucloud"))
    site()
    found = compared("gpu-check")
    assert [row(found, name).submit.answer for name in ("dtu", "ucloud", "mine")] == ["unverified", "hand-off", "yes"]


def test_a_job_without_a_gpu_gets_no_gpu_machine_at_ucloud_because_memory_was_not_told() -> None:
    made = Site("ucloud", host="ucloud", scheduler="ucloud", provider="ucloud")
    save_site(made)
    cluster = Cluster(name="UCloud", scheduler="ucloud", version=None, user="", home=None, scratch=None,
                      partitions=published(), asked_at=1_800_000_000.0)  # fmt: skip
    remember(made, cluster)
    hardware = row(compared("transcribe"), "ucloud").hardware
    assert isinstance(hardware, Hardware) and hardware.partition == "cpu-amd-zen5-8-vcpu"
