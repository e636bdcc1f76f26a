"""Where 1,000 jobs stand, against the same question asked by hand: `ssh … sacct --name=…`. One connection, one command.

Needs the Slurm lab (root on Debian). The jobs are real ones that have ended, each with a folder and a record.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from paired import command, compare

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
JOBS = 1000
BOUND = 1.5
RECORD = (
    '{"schema": "dkai/record/1", "job_id": "%s", "state": "ended", "outcome": "completed", "exit_code": 0,'
    ' "samples": [' + ", ".join(f"[{n}.0, 20.5, null, null]" for n in range(100)) + '], "ended_at": 1795000000}'
)
# Reads lines `NAME RECORD`; a job of each name, a few hundred at once; waits until the database knows the last.
MAKE = r"""
base=$1
while read -r name record; do
  mkdir -p "$base/dkai/$name/lock" && printf '%s\n' "$record" >"$base/dkai/$name/record.json"
  sbatch --parsable -J "$name" --chdir="$base/dkai/$name" -o /dev/null -p cpu -t 1 --mem=10M --wrap true </dev/null ||
    exit 1
done
while [ -n "$(squeue -h --me -t PD,R,CG -o %j | grep '^dkai-' | head -n 1)" ]; do sleep 1; done
sleep 5
"""


def main() -> bool:
    """Print the line; False when the bound is missed."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not Path("/usr/bin/apt-get").exists():
        print("status: the Slurm lab needs root on Debian; not measured")
        return True
    from lab.fixture import Lab  # type: ignore[import-not-found]
    from lab.lablib.session import Session  # type: ignore[import-not-found]

    with Session() as session, session.turn(), tempfile.TemporaryDirectory() as home:
        os.environ["DKAI_HOME"] = home
        os.environ["DKAI_LANG"] = "en"
        return _compare(Path(home), Lab(session).ssh_config)


def _compare(home: Path, config: Path) -> bool:
    from dkai.compute.job import JobState, new_job_id
    from dkai.compute.ledger import ledger_path, open_ledger
    from dkai.compute.link import Link
    from dkai.compute.refresh import refresh
    from dkai.compute.site import Site

    def ssh(line: str, text: str = "") -> str:
        argv = ["ssh", "-F", str(config), "lab", line]
        done = subprocess.run(argv, input=text, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    base = ssh("mktemp -d ~/status-XXXXXX")
    try:
        names: list[str] = []
        while len(set(names)) < JOBS:
            names.append(new_job_id())
        names = sorted(set(names))
        lines = "".join(f"{name} {RECORD % name}\n" for name in names)
        made = ssh(shlex.join(["sh", "-c", MAKE, "make", base]), lines)
        numbers = dict(zip(names, made.split(), strict=True))
        site = Site("lab", host="ssh", scheduler="slurm", address="lab", ssh_config=str(config), base=base)
        with open_ledger() as ledger:
            for name in names:
                ledger.add(
                    job_id=name, recipe="r", recipe_version="1", site="lab", folder=f"{base}/dkai/{name}", plan="{}"
                )
                ledger.move(
                    name, JobState.SENT, expect=[JobState.PLANNED], what="sent", evidence={}, native_id=numbers[name]
                )
        kept = home / "kept.sqlite"
        shutil.copy(ledger_path(), kept)
        commands: list[int] = []

        def status() -> None:
            for file in ledger_path().parent.glob("ledger.sqlite*"):
                file.unlink()
            shutil.copy(kept, ledger_path())
            asked: list[int] = []
            with open_ledger() as ledger, Link(site) as link:
                run = link.host.run

                def counted(*words: Any, **more: Any) -> Any:
                    asked.append(1)
                    return run(*words, **more)

                link.host.run = counted  # type: ignore[method-assign]
                found = refresh(ledger.open_jobs(), ledger, link)
            commands.append(len(asked))
            wrong = [job.job_id for job in found if job.outcome != "completed"]
            assert not wrong, wrong[:3]

        fields = "JobIDRaw,JobName,State,ExitCode,Submit,Start,End,NodeList"
        raw = f"sacct -nPX -S now-1days -E now -o {fields} --name={','.join(names)}"
        by_hand = command(["ssh", "-n", "-F", str(config), "lab", raw])
        line = compare(f"status of {JOBS:,} jobs", status, "ssh sacct", by_hand, pairs=7, bound=BOUND)
        print(f"    {max(commands)} remote command")
        return line.ratio <= BOUND and max(commands) == 1
    finally:
        ssh(f"rm -rf {base}")


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
