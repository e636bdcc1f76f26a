#!/bin/bash
#BSUB -J dkai-s2eb5wrff5
#BSUB -W 1:31
#BSUB -q gpuv100
#BSUB -P 02456
#BSUB -n 8
#BSUB -R "span[hosts=1] rusage[mem=2001MB]"
#BSUB -M 2001MB
#BSUB -gpu "num=1:mode=exclusive_process:gmodel=TeslaV100_PCIE_32GB"
#BSUB -rn
#BSUB -o lsf

exec >>/work3/me/dkai/dkai-s2eb5wrff5/log 2>&1

set -euo pipefail
unset LC_ALL PYTHONPATH PYTHONHOME PYTHONSTARTUP SLURM_EXPORT_ENV
export PYTHONUTF8=1
job=/work3/me/dkai/dkai-s2eb5wrff5
cd -- "$job"
for python in /opt/python/bin/python3 python3 /usr/bin/python3 /usr/libexec/platform-python; do
  if "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 6))' </dev/null >/dev/null 2>&1; then
    exec "$python" -I "$job/runner.py" run "$job"
  fi
done
printf '%s\n' 'dkai: there is no Python 3.6 or newer on this node; name one as the site'"'"'s python'
if mkdir lock 2>/dev/null; then
  printf '{"schema": "dkai/record/1", "job_id": "%s", "state": "ended", "outcome": "failed"' dkai-s2eb5wrff5 >record.new
  printf ', "exit_code": 78, "reason": "no-python", "ended_at": %s}\n' "$(date +%s)" >>record.new
  mv record.new record.json
fi
exit 78
