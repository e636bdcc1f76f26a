"""`job.sh` for UCloud: what its application is given as batch script. Deterministic.

The job's folder is mounted below /work under its own name (UCloud's containers/mounts.go). The script starts the
runner, passes on UCloud's signal to end, and packs what is worth taking home into one file: the browser downloads
files only, no folders. The job ends when the script does.
"""

from __future__ import annotations

import re
import shlex

from dkai.compute.job import JobSpec
from dkai.core.i18n import t

_JOB_ID = re.compile(r"^dkai-[0-9a-z]{10}$")
# UCloud mounts a folder that is chosen for a job at /work/NAME.
# The runner keeps the time itself (--detached), so that there is time left to pack.
_TEXT = r"""#!/bin/bash
# {title}
set -euo pipefail
unset LC_ALL PYTHONPATH PYTHONHOME PYTHONSTARTUP
export PYTHONUTF8=1
umask 077
job=/work/{job_id}
if ! cd -- "$job" 2>/dev/null || ! [ -f runner.py ]; then
  printf '%s\n' {unmounted}
  exit 78
fi
runs=
for python in {pythons}; do
  if "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 6))' </dev/null >/dev/null 2>&1; then
    runs=$python
    break
  fi
done
if [ -z "$runs" ]; then
  printf '%s\n' {sorry} | tee -a log
  if mkdir lock 2>/dev/null; then
    printf '{{"schema": "dkai/record/1", "job_id": "%s", "state": "ended", "outcome": "failed"' {job_id} >record.new
    printf ', "exit_code": 78, "reason": "no-python", "ended_at": %s}}\n' "$(date +%s)" >>record.new
    mv record.new record.json
  fi
  exit 78
fi
"$runs" -I "$job/runner.py" run "$job" --detached >>log 2>&1 &
child=$!
trap 'kill -TERM "$child" 2>/dev/null || :' TERM INT
code=0
wait "$child" || code=$?
while kill -0 "$child" 2>/dev/null; do
  code=0
  wait "$child" || code=$?
done
trap - TERM INT
tail -n 40 log || :
results="results-{job_id}.tar.gz"
set --
for name in output log record.json lock job.json params.json plan.json; do
  if [ -e "$name" ]; then set -- "$@" "$name"; fi
done
if [ "$code" -ne 75 ] && tar -czf "$results.new" -- "$@"; then
  mv -- "$results.new" "$results"
  printf '%s\n' {packed}
fi
exit "$code"
"""


def script(spec: JobSpec, python: str) -> str:
    """The text. Raises ValueError for a name that is none of dkai's."""
    if not _JOB_ID.match(spec.job_id):
        raise ValueError(spec.job_id)
    pythons = dict.fromkeys([python, "python3", "/usr/bin/python3"])
    return _TEXT.format(
        title=t("the batch script of {job}, for UCloud", job=spec.job_id),
        job_id=spec.job_id,
        pythons=" ".join(shlex.quote(one) for one in pythons if one),
        unmounted=shlex.quote(
            "dkai: " + t("the folder {job} is not there: add it under “Select folders to use”", job=spec.job_id)
        ),
        sorry=shlex.quote("dkai: " + t("there is no Python 3.6 or newer in this application")),
        packed=shlex.quote("dkai: " + t("packed for you to download: {file}", file=f"results-{spec.job_id}.tar.gz")),
    )
