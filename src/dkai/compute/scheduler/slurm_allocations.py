"""What was used of allocations lately, by whom, and when Slurm forgets it: asked along with discovery. Pure.

`sreport` has what was used, hour by hour and for everybody (it lags up to an hour, and counts what the database saw).
`PriorityUsageResetPeriod` and `PriorityDecayHalfLife` (slurm.conf(5)) say when the use that counts against a budget is
set to zero, or whether it fades.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from dkai.compute.host import CommandResult
from dkai.compute.scheduler import Command, slurm_probe
from dkai.compute.scheduler.slurm_parse import fields, limit_and_use, number, seconds, settings
from dkai.compute.scheduler.slurm_shell import PRELUDE, Frame, frames
from dkai.core.clean import one_line
from dkai.core.i18n import t

# Whose allocations: those of the accounts that the controller or, where it is down, the database tells of.
_MORE = r"""
ask zone date '+%s %z'
accounts=$($limit scontrol show assoc_mgr flags=assoc users="$me" -o 2>/dev/null | grep -F " UserName=$me(" |
  sed -n 's/.* Account=\([^ ]*\) .*/\1/p' | sort -u | paste -sd, -)
if [ -z "$accounts" ]; then
  accounts=$($limit sacctmgr -nP show assoc where user="$me" format=Account 2>/dev/null | sort -u | paste -sd, -)
fi
spent() {
  $limit sreport -n -P -t minutes cluster AccountUtilizationByUser \
    Accounts="$accounts" Start="now-$1days" End=now -T all
}
people() {
  found=$($limit scontrol show assoc_mgr flags=assoc accounts="$accounts" -o) || return
  printf '%s\n' "$found" | grep -F ' UserName=' | cut -c 1-8000
}
if [ -n "$accounts" ]; then
  ask spent-30 spent 30
  ask spent-7 spent 7
  [ -z "$everybody" ] || ask people people
fi
"""

RESETS = ("NONE", "NOW", "DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "YEARLY")


@dataclass(frozen=True, slots=True)
class Spent:
    """What an account's people used in some days; minutes of each TRES. `user` is empty for the whole account."""

    account: str
    user: str
    minutes: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lately:
    """The answers beside discovery's. A reason stands in `missing` for each that is not there."""

    clock: float | None = None  # the cluster's, Unix seconds
    utc_offset_s: int = 0
    reset: str | None = None  # one of RESETS
    half_life_s: float | None = None  # use fades by half in so long; 0: it does not
    days_30: tuple[Spent, ...] = ()
    days_7: tuple[Spent, ...] = ()
    people: tuple[Spent, ...] = ()  # as the controller counts it against the budgets, since the last reset
    missing: dict[str, str] = field(default_factory=dict)


def command(python: str | None = None, *, everybody: bool = False) -> Command:
    """Discovery and these questions in one program: one remote command."""
    asked = slurm_probe.command(python)
    # Discovery may end where it has heard enough; in parentheses that ends discovery only.
    discovery = asked.argv[2].removeprefix(PRELUDE)
    program = f"{PRELUDE}\n(\n{discovery}\n)\neverybody={'1' if everybody else ''}\n{_MORE}"
    return replace(asked, argv=(*asked.argv[:2], program, *asked.argv[3:]))


def parse(result: CommandResult, *, everybody: bool = False) -> Lately:
    """What was told of these questions; `slurm_probe.parse` reads the rest of the same answer."""
    found = frames(result.stdout)
    missing = {}
    for name in ("spent-30", "spent-7", *(("people",) if everybody else ())):
        frame = found.get(name)
        if frame is None:
            missing[name] = t("no account was told")
        elif not frame.ok:
            missing[name] = one_line(" ".join(frame.errors)) or t("no reason was given")
    config = settings(found["config"].lines if "config" in found and found["config"].ok else ())
    clock, offset = _clock(found.get("zone"))
    reset = config.get("PriorityUsageResetPeriod", "").upper()
    return Lately(
        clock=clock,
        utc_offset_s=offset,
        reset=reset if reset in RESETS else None,
        half_life_s=seconds(config.get("PriorityDecayHalfLife", "")),
        days_30=tuple(_spent(found.get("spent-30"))),
        days_7=tuple(_spent(found.get("spent-7"))),
        people=tuple(_people(found.get("people"))),
        missing=missing,
    )


def _clock(frame: Frame | None) -> tuple[float | None, int]:
    match = re.match(r"^([0-9]{9,11}) ([+-])([0-9]{2})([0-9]{2})$", frame.lines[0]) if frame and frame.lines else None
    if match is None:
        return None, 0
    offset = int(match[3]) * 3600 + int(match[4]) * 60
    return float(match[1]), -offset if match[2] == "-" else offset


def _spent(frame: Frame | None) -> Iterable[Spent]:
    """sreport's `cluster|account|login|proper name|TRES|minutes`, gathered; a name may hold anything but `|`."""
    gathered: dict[tuple[str, str], dict[str, float]] = {}
    for line in frame.lines if frame is not None and frame.ok else ():
        cells = line.split("|")
        minutes = number(cells[5]) if len(cells) == 6 else None
        if minutes is not None and minutes != float("inf"):
            gathered.setdefault((cells[1], cells[2]), {})[cells[4].lower()] = minutes
    return (Spent(account, user, minutes) for (account, user), minutes in gathered.items())


def _people(frame: Frame | None) -> Iterable[Spent]:
    for line in frame.lines if frame is not None and frame.ok else ():
        record = fields(line)
        user = record.get("UserName", "").rsplit("(", 1)[0]
        if record.get("Account") and user:
            yield Spent(record["Account"], user, limit_and_use(record.get("GrpTRESMins", ""))[1])
