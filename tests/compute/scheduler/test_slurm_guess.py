from __future__ import annotations

import pytest

from dkai.compute.host import CommandResult
from dkai.compute.scheduler.slurm_guess import command, parse
from dkai.core.unknown import Unknown


def answer(guess: str, clock: str = "2026-11-23T16:29:30", code: int = 0) -> CommandResult:
    text = f"dkai-frame/1 clock\n|{clock}\ndkai-close/1 0\ndkai-frame/1 guess\n!{guess}\ndkai-close/1 {code}\n"
    return CommandResult(code, text, "")


def test_seconds_until_the_start() -> None:
    said = "sbatch: Job 2 to start at 2026-11-23T16:29:37 using 8 processors on nodes gpu01 in partition gpu"
    assert parse(answer(said)) == 7
    assert parse(answer(said, "2026-11-23T16:31:00")) == 0
    assert parse(answer(said.replace("23T16", "24T16"))) == 86_407


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (answer("sbatch: error: invalid partition specified: nosuch", code=1), "invalid partition"),
        (answer("to start at 2026-99-99T00:00:00"), "did not say"),
        (answer("to start at 2026-11-23T16:29:37", clock="now"), "did not say"),
        (CommandResult(0, "Welcome!\n", ""), "did not answer"),
    ],
)
def test_no_guess_is_unknown_with_the_reason(result: CommandResult, why: str) -> None:
    found = parse(result)
    assert isinstance(found, Unknown) and why in found.why


def test_the_script_is_a_word_and_never_shell() -> None:
    evil = "#!/bin/bash\n'; rm -rf ~; `x`\n"
    assert command(evil).argv[-1] == evil
    assert "rm -rf" not in command(evil).argv[2]
