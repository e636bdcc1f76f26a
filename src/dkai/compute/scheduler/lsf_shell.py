"""What asks LSF: the frames' shell programs, with LSF's settings cleared away and its commands found. Text only.

Names of variables: IBM Spectrum LSF 10.1, configuration reference, “Environment variables” and `lsf.conf`.
"""

from __future__ import annotations

from dkai.compute.scheduler import Command
from dkai.compute.scheduler.frames import prelude

# What changes how LSF's commands answer, or keeps bsub from answering or from submitting, is off. Where LSF is
# (LSF_ENVDIR and its like), the site's default project and queue stay.
_UNSET = r"""
unset_lsf() {
  unset LSB_BJOBS_FORMAT LSB_BQUEUES_FORMAT LSB_BHOSTS_FORMAT LSB_BJOBS_PENDREASON_LEVEL LSB_HMS_TIME_FORMAT
  unset LSB_DISPLAY_YEAR BSUB_BLOCK BSUB_CHK_RESREQ BSUB_QUIET BSUB_QUIET2 BSUB_STDERR
}
unset_lsf
"""
# LSF comes with a profile to be read (`profile.lsf`), which a site's /etc/profile or a login shell does.
_FIND = r"""
if ! command -v bsub >/dev/null 2>&1; then
  [ ! -r /etc/profile ] || . /etc/profile >/dev/null 2>&1 </dev/null
  plain
  unset_lsf
  [ -z "$LSF_BINDIR" ] || PATH=$PATH:$LSF_BINDIR
fi
if ! command -v bsub >/dev/null 2>&1; then
  found=$(login 'command -v bsub >/dev/null 2>&1 || module load lsf >/dev/null 2>&1; env' \
    'which bsub >& /dev/null || module load lsf >& /dev/null; env')
  value() { printf '%s\n' "$found" | sed -n "s/^$1=//p" | tail -n 1; }
  PATH=$PATH:$(value PATH)
  for name in LSF_ENVDIR LSF_BINDIR LSF_SERVERDIR LSF_LIBDIR LD_LIBRARY_PATH; do
    place=$(value "$name")
    [ -z "$place" ] || export "$name=$place"
  done
fi
"""

# listed WORD…: bjobs, one job a line. Where there is no job, LSF says so as an error: that is an empty list. Fields
# that may hold anything come last; no name of a job of ours holds a `|`.
_LISTED = r"""
none='^(No ([a-z]+ )*jobs? found|Job <[^>]*> is not found)'
fields='jobid job_name stat exit_code submit_time start_time finish_time exec_host exit_reason pend_reason sub_cwd'
listed() {
  said=$($limit bjobs "$@" -noheader -o "$fields delimiter='|'" 2>&1) || {
    code=$?
    printf '%s\n' "$said" | grep -qE "$none" || { printf '%s\n' "$said"; return "$code"; }
  }
  printf '%s\n' "$said" | awk -F'|' 'NF > 10'
}
"""
PRELUDE = prelude(_UNSET, _FIND) + _LISTED
FIELDS = 11  # of a line of `listed`


def shell(program: str, *words: str, timeout: float = 60) -> Command:
    """A program for sh, with its words."""
    return Command(("sh", "-c", PRELUDE + program, "dkai", *words), timeout=timeout)
