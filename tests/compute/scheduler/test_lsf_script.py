"""job.sh for LSF: what no name may do, what is refused, how amounts are counted. Its whole text is a golden file."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from hostile import Hostile

from dkai.compute.cluster import Cluster
from dkai.compute.job import JobSpec, Resources
from dkai.compute.scheduler.lsf import Lsf
from dkai.compute.scheduler.lsf_request import place_words
from dkai.compute.scheduler.lsf_script import run_limit
from dkai.core.errors import UserError

SPEC = JobSpec(
    "dkai-s2eb5wrff5", "gpu-check", "1", "dtu", Resources(gpus=1, cpus=4, memory_mb=16_000, walltime_s=5400),
    partition="gpuv100", place={"memory": "slot"},
)  # fmt: skip
FOLDER = "/work3/me/dkai/dkai-s2eb5wrff5"


def script(spec: JobSpec = SPEC, folder: str = FOLDER) -> str:
    return Lsf().script(spec, folder, "/usr/bin/python3")


def options(text: str) -> dict[str, str]:
    """bsub's options as LSF would read them."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#BSUB "):
            name, *value = shlex.split(line.removeprefix("#BSUB "))
            assert len(value) < 2, line
            found[name] = value[0] if value else ""
    return found


def test_memory_is_a_slots_share_or_the_jobs() -> None:
    assert "rusage[mem=4000MB]" in options(script())["-R"]
    assert options(script())["-M"] == "4000MB"
    whole = options(script(replace(SPEC, place={"memory": "job", "memory_limit": "job"})))
    assert "rusage[mem=16000MB]" in whole["-R"]
    assert whole["-M"] == "16000MB"
    # What is reserved and what is the most are counted each in its own way.
    mixed = options(script(replace(SPEC, place={"memory": "slot", "memory_limit": "job"})))
    assert "rusage[mem=4000MB]" in mixed["-R"]
    assert mixed["-M"] == "16000MB"
    # Rounded up, so that all slots together have no less than was asked for.
    assert "mem=3334MB" in options(script(replace(SPEC, resources=Resources(cpus=3, memory_mb=10_000))))["-R"]


@pytest.mark.parametrize(
    ("reserved", "limit", "words"),
    [
        (None, None, ("slot", "slot")), (True, None, ("slot", "slot")), (False, None, ("job", "job")),
        (True, False, ("slot", "job")), (False, True, ("job", "slot")), (True, True, ("slot", "slot")),
    ],
)  # fmt: skip
def test_what_was_told_of_memory(reserved: bool | None, limit: bool | None, words: tuple[str, str]) -> None:
    cluster = Cluster(
        "c", "lsf", None, "me", None, None, memory_per_slot=reserved, memory_limit_per_slot=limit,
    )  # fmt: skip
    assert place_words(cluster) == {"memory": words[0], "memory_limit": words[1]}


def test_all_is_on_one_host_and_is_never_started_again() -> None:
    found = options(script())
    assert "span[hosts=1]" in found["-R"]
    assert "-rn" in found
    assert not {"-B", "-N", "-u", "-cwd", "-e"} & set(found)
    assert "-x" in options(script(replace(SPEC, resources=Resources(exclusive=True))))


def test_gpus_by_number_and_model() -> None:
    assert options(script())["-gpu"] == "num=1:mode=exclusive_process"
    typed = replace(SPEC, resources=Resources(gpus=2, gpu_type="NVIDIAA100_80GB-80G"))
    assert options(script(typed))["-gpu"] == "num=2:mode=exclusive_process:gmodel=NVIDIAA100_80GB-80G"
    assert "-gpu" not in options(script(replace(SPEC, resources=Resources(gpu_type="a100"))))


@pytest.mark.parametrize(
    ("seconds", "said"), [(1, "0:01"), (60, "0:01"), (61, "0:02"), (5400, "1:30"), (86400, "24:00"), (259_200, "72:00")]
)
def test_run_limits_are_whole_minutes(seconds: int, said: str) -> None:
    assert run_limit(seconds) == said


@pytest.mark.parametrize("field", ["partition", "account"])
@pytest.mark.parametrize(
    "name", ["a b", "a\n#BSUB -u x@y", "$(id)", "a;b", "'", '"', "a#b", "a\n", "-q", "", "æ", "a\x0bb", "x" + "\u2028"]
)
def test_no_name_becomes_another_option(field: str, name: str) -> None:
    spec = replace(SPEC, **{field: name})
    if not name:
        assert {"partition": "-q", "account": "-P"}[field] not in options(script(spec))
        return
    with pytest.raises(UserError) as caught:
        script(spec)
    assert caught.value.code == "bad-lsf-name"


def test_hostile_names_steer_nothing() -> None:
    """Whatever is taken stands there as one word of its own option; everything else is refused in words."""
    chance, usual = Hostile(11), set(options(script(replace(SPEC, account="x"))))
    for _ in range(1500):
        word = chance.text()
        field = chance.choice(("partition", "account", "gpu_type"))
        spec = replace(SPEC, account="x", resources=replace(SPEC.resources, gpu_type="x"))
        spec = (
            replace(spec, resources=replace(spec.resources, gpu_type=word or None))
            if field == "gpu_type"
            else replace(spec, **{field: word or None})
        )
        try:
            text = script(spec)
        except UserError as error:
            assert error.code == "bad-lsf-name"
            continue
        assert set(options(text)) <= usual
        assert "CANARY" not in text


def test_hostile_folders_are_quoted_or_refused() -> None:
    chance = Hostile(12)
    for _ in range(500):
        folder = "/" + chance.text()
        try:
            text = script(folder=folder)
        except UserError as error:
            assert error.code == "bad-folder"
            continue
        assert f"job={shlex.quote(folder)}\n" in text
        assert folder not in "".join(line for line in text.splitlines() if line.startswith("#BSUB")) or folder == "/"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"resources": Resources(nodes=2)}, "lsf-one-node"),
        ({"resources": Resources(memory_mb=0)}, "lsf-memory"),
        ({"qos": "normal"}, "lsf-no-qos"),
        ({"tasks": ({"x": 1}, {"x": 2})}, "lsf-no-sweep"),
    ],
)
def test_what_lsf_is_not_asked_for(change: dict[str, object], code: str) -> None:
    with pytest.raises(UserError) as caught:
        script(replace(SPEC, **change))
    assert caught.value.code == code
    assert caught.value.hint


def test_a_held_submission_is_refused() -> None:
    with pytest.raises(UserError) as caught:
        Lsf().submit(SPEC, FOLDER, "python3", hold=True)
    assert caught.value.code == "verify-needs-slurm"
