#!/bin/bash
#SBATCH --job-name=dkai-s2eb5wrff5
#SBATCH --array=0-2%2
#SBATCH --time=01:30:00
#SBATCH --partition=gpu
#SBATCH --account=project_a
#SBATCH --qos=normal
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=8
#SBATCH --mem=16000M
#SBATCH --gres=gpu:h100:1
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
    exec "$python" -I "$job/runner.py" run "$job" --task="$SLURM_ARRAY_TASK_ID"
  fi
done
printf '%s\n' 'dkai: there is no Python 3.6 or newer on this node; name one as the site'"'"'s python'
mkdir -p ended && : >"ended/$SLURM_ARRAY_TASK_ID.failed.78"
exit 78
