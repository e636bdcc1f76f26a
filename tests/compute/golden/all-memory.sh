#!/bin/bash
#SBATCH --job-name=dkai-s2eb5wrff5
#SBATCH --time=00:10:00
#SBATCH --partition=gpu
#SBATCH --account=project_a
#SBATCH --qos=normal
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=0M
#SBATCH --chdir=/scratch/project_a/dkai/dkai-s2eb5wrff5
#SBATCH --output=/scratch/project_a/dkai/dkai-s2eb5wrff5/log
#SBATCH --open-mode=append
#SBATCH --export=ALL
#SBATCH --no-requeue

set -euo pipefail
unset LC_ALL PYTHONPATH PYTHONHOME PYTHONSTARTUP SLURM_EXPORT_ENV
export PYTHONUTF8=1
job=/scratch/project_a/dkai/dkai-s2eb5wrff5
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
