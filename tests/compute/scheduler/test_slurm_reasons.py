"""Slurm's words in plain ones."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from dkai.compute.host import CommandResult
from dkai.compute.job import JobState, Outcome
from dkai.compute.scheduler.slurm import Slurm
from dkai.compute.scheduler.slurm_reasons import refusal, state
from dkai.core.errors import DkaiError, Refused, RemoteError, UserError

RECORDED = Path(__file__).resolve().parents[2] / "fixtures/slurm/22.05"
# What sbatch says → what kind of error, and its code.
REFUSALS = {
    "refuse-account": (Refused, "slurm-no-account"),
    "refuse-account-not-mine": (Refused, "slurm-no-account"),
    "refuse-partition": (Refused, "slurm-no-partition"),
    "refuse-gres-type": (Refused, "slurm-no-such-node"),
    "refuse-gres-name": (Refused, "slurm-no-gres"),
    "refuse-gres-count": (Refused, "slurm-no-such-node"),
    "refuse-gres-on-cpu": (Refused, "slurm-no-such-node"),
    "refuse-time-partition": (Refused, "slurm-time-limit"),
    "refuse-time-format": (UserError, "slurm-bad-option"),
    "refuse-qos": (Refused, "slurm-no-qos"),
    "refuse-qos-gpus": (Refused, "slurm-over-limit"),
    "refuse-qos-wall": (Refused, "slurm-over-limit"),
    "refuse-memory": (Refused, "slurm-no-such-node"),
    "refuse-cpus": (Refused, "slurm-no-such-node"),
    "refuse-nodes": (Refused, "slurm-no-such-node"),
    "refuse-noscript": (UserError, "slurm-bad-option"),
    "refuse-noshebang": (UserError, "slurm-bad-option"),
    "refuse-option": (UserError, "slurm-bad-option"),
    "refuse-array": (Refused, "slurm-refused"),
    "refuse-submit-limit": (Refused, "slurm-over-limit"),
    "fault-slurmctld-sbatch": (RemoteError, "slurm-down"),
    "fault-hang-sbatch": (RemoteError, "submission-uncertain"),
}


def recorded_refusals() -> list[str]:
    with (RECORDED / "INDEX.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [r["name"] for r in rows if r["exit"] != "0" and (r["name"].startswith("refuse-") or "-sbatch" in r["name"])]


def submit(errors: str, code: int = 1) -> DkaiError:
    frame = "dkai-frame/1 sbatch\n" + "".join(f"!{line}\n" for line in errors.splitlines()) + f"dkai-close/1 {code}\n"
    with pytest.raises(DkaiError) as caught:
        Slurm().parse_submit(CommandResult(0, frame, ""))
    return caught.value


def test_every_recorded_refusal_is_in_the_table() -> None:
    assert set(recorded_refusals()) == set(REFUSALS)


@pytest.mark.parametrize("name", REFUSALS)
def test_recorded_refusals(name: str) -> None:
    kind, code = REFUSALS[name]
    error = submit((RECORDED / f"{name}.err").read_text(encoding="utf-8"))
    assert (type(error), error.code) == (kind, code)
    assert error.hint
    assert error.details["slurm"]


def test_the_limit_is_named() -> None:
    error = submit((RECORDED / "refuse-qos-wall.err").read_text(encoding="utf-8"))
    assert "more time than is allowed" in error.message
    assert error.details["slurm"] == "QOSMaxWallDurationPerJobLimit"


def test_a_word_not_seen_before_is_shown_as_it_is() -> None:
    error = submit("sbatch: error: \x1b[31mthe dean says no")
    assert isinstance(error, Refused)
    assert "the dean says no" in error.message
    assert "\x1b" not in error.message
    assert refusal(1, "").message
    assert refusal(127, "sh: sbatch: not found").code == "no-slurm"


@pytest.mark.parametrize(
    ("word", "own", "now", "outcome"),
    [
        ("PENDING", "PENDING", JobState.QUEUED, None),
        ("RUNNING", "RUNNING", JobState.RUNNING, None),
        ("CANCELLED by 1001", "CANCELLED", JobState.ENDED, Outcome.CANCELLED),
        ("CANCELLED+", "CANCELLED", JobState.ENDED, Outcome.CANCELLED),
        ("OUT_OF_MEMORY", "OUT_OF_MEMORY", JobState.ENDED, Outcome.OUT_OF_MEMORY),
        ("DEADLINE", "DEADLINE", JobState.ENDED, Outcome.TIMEOUT),
        ("", "", JobState.UNKNOWN, None),
        ("FROM_THE_FUTURE", "FROM_THE_FUTURE", JobState.UNKNOWN, None),
    ],
)
def test_states(word: str, own: str, now: JobState, outcome: Outcome | None) -> None:
    assert state(word) == (own, now, outcome)
