"""What asks Slurm: the frames' shell programs, with Slurm's settings cleared away and its commands found. Text only."""

from __future__ import annotations

from dkai.compute.scheduler import Command
from dkai.compute.scheduler.frames import SIDE_BY_SIDE, Frame, exit_status, frames, prelude

__all__ = ["PRELUDE", "SIDE_BY_SIDE", "Frame", "exit_status", "frames", "shell"]

# Everyone's Slurm settings are off (SQUEUE_FORMAT and friends change what is printed); a site's SLURM_CONF stays. Times
# come as Unix seconds.
_UNSET = r"""
for name in $(env | sed -nE 's/^(S(LURM|BATCH|ALLOC|RUN|QUEUE|INFO|ACCT|CANCEL|CONTROL|ACCTMGR)_[^=]*)=.*/\1/p'); do
  [ "$name" = SLURM_CONF ] || unset "$name" 2>/dev/null
done
"""
# Where a plain login does not find Slurm, its profile, the usual folders, and at last a login shell of the person's own
# are tried.
_FIND = r"""
if ! command -v squeue >/dev/null 2>&1; then
  [ ! -r /etc/profile ] || . /etc/profile >/dev/null 2>&1 </dev/null
  plain
  for place in /opt/slurm/bin /usr/local/slurm/bin /opt/slurm/default/bin /cm/shared/apps/slurm/current/bin; do
    [ ! -x "$place/squeue" ] || PATH=$PATH:$place
  done
fi
if ! command -v squeue >/dev/null 2>&1; then
  found=$(login 'command -v squeue >/dev/null 2>&1 || module load slurm >/dev/null 2>&1; env' \
    'which squeue >& /dev/null || module load slurm >& /dev/null; env')
  value() { printf '%s\n' "$found" | sed -n "s/^$1=//p" | tail -n 1; }
  PATH=$PATH:$(value PATH)
  place=$(value LD_LIBRARY_PATH)
  [ -z "$place" ] || export LD_LIBRARY_PATH="$place"
  place=$(value SLURM_CONF)
  [ -z "$place" ] || export SLURM_CONF="$place"
fi
"""
PRELUDE = prelude(_UNSET, _FIND, "SLURM_TIME_FORMAT=%s")


def shell(program: str, *words: str, timeout: float = 60) -> Command:
    """A program for sh, with its words."""
    return Command(("sh", "-c", PRELUDE + program, "dkai", *words), timeout=timeout)
