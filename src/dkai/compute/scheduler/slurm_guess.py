"""When Slurm thinks it could start a job: `sbatch --test-only`, which submits nothing. Text in, values out.

It is a guess from the queue as it is now; it knows nothing of hour budgets and of partition limits that are not
enforced, so limits are never judged by it.
"""

from __future__ import annotations

import re
from datetime import datetime

from dkai.compute.host import CommandResult
from dkai.compute.scheduler import Command
from dkai.compute.scheduler.slurm_shell import frames, shell
from dkai.core.clean import one_line
from dkai.core.i18n import t
from dkai.core.unknown import Unknown

# $1: the job script. Both clocks are the cluster's, so that its time zone does not matter.
_GUESS = r"""
unset SLURM_TIME_FORMAT
ask clock date +%Y-%m-%dT%H:%M:%S
guess() { printf '%s' "$script" | $limit sbatch --test-only; }
script=$1
ask guess guess
"""
_STARTS = re.compile(r"to start at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)")


def command(script: str) -> Command:
    """Ask; nothing is submitted."""
    return shell(_GUESS, script, timeout=40)


def parse(result: CommandResult) -> float | Unknown:
    """Seconds from now until the job could start; Unknown with Slurm's reason."""
    found = frames(result.stdout)
    clock, guess = found.get("clock"), found.get("guess")
    if guess is None or clock is None or not clock.lines:
        return Unknown(t("the cluster did not answer"))
    said = " ".join((*guess.lines, *guess.errors))
    match = _STARTS.search(said)
    if match is None:
        return Unknown(one_line(said, 160) or t("the cluster did not say"))
    try:
        wait = datetime.fromisoformat(match[1]) - datetime.fromisoformat(clock.lines[0].strip())
    except ValueError:
        return Unknown(t("the cluster did not say"))
    return max(0.0, wait.total_seconds())
