#!/bin/bash
# the batch script of dkai-s2eb5wrff5, for UCloud
set -euo pipefail
unset LC_ALL PYTHONPATH PYTHONHOME PYTHONSTARTUP
export PYTHONUTF8=1
umask 077
job=/work/dkai-s2eb5wrff5
if ! cd -- "$job" 2>/dev/null || ! [ -f runner.py ]; then
  printf '%s\n' 'dkai: the folder dkai-s2eb5wrff5 is not there: add it under “Select folders to use”'
  exit 78
fi
runs=
for python in python3 /usr/bin/python3; do
  if "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 6))' </dev/null >/dev/null 2>&1; then
    runs=$python
    break
  fi
done
if [ -z "$runs" ]; then
  printf '%s\n' 'dkai: there is no Python 3.6 or newer in this application' | tee -a log
  if mkdir lock 2>/dev/null; then
    printf '{"schema": "dkai/record/1", "job_id": "%s", "state": "ended", "outcome": "failed"' dkai-s2eb5wrff5 >record.new
    printf ', "exit_code": 78, "reason": "no-python", "ended_at": %s}\n' "$(date +%s)" >>record.new
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
results="results-dkai-s2eb5wrff5.tar.gz"
set --
for name in output log record.json lock job.json params.json plan.json; do
  if [ -e "$name" ]; then set -- "$@" "$name"; fi
done
if [ "$code" -ne 75 ] && tar -czf "$results.new" -- "$@"; then
  mv -- "$results.new" "$results"
  printf '%s\n' 'dkai: packed for you to download: results-dkai-s2eb5wrff5.tar.gz'
fi
exit "$code"
