"""Move finished jobs into the past, so that sreport, which knows whole hours only, shows them."""

from __future__ import annotations

import time

from .daemons import start_one
from .places import CLUSTER, say
from .processes import stop, wait_for
from .slurm import sql

JOB_TIMES = ("time_submit", "time_eligible", "time_start", "time_end")


def backdate(hours: float) -> None:
    """Move ended jobs `hours` back and roll the usage up anew."""
    seconds = int(hours * 3600)
    stop("slurmdbd", 15)  # slurmctld runs on: started anew, it would send ended jobs again
    begin = time.localtime(time.time() - seconds - 3600)
    hour = int(time.mktime((*begin[:4], 0, 0, 0, 0, -1)))
    day = int(time.mktime((*begin[:3], 0, 0, 0, 0, 0, -1)))
    month = int(time.mktime((*begin[:2], 1, 0, 0, 0, 0, 0, -1)))

    def earlier(*columns: str) -> str:  # 0 means "never" and stays
        return ", ".join(f"{name}=if({name}>{seconds},{name}-{seconds},{name})" for name in columns)

    usage = [f"{kind}usage_{span}_table" for kind in ("", "assoc_") for span in ("hour", "day", "month")]
    statements = [
        "use slurm_acct_db",
        f"update {CLUSTER}_step_table s join {CLUSTER}_job_table j using (job_db_inx)"
        f" set {earlier('s.time_start', 's.time_end')} where j.time_end>0",
        f"update {CLUSTER}_job_table set {earlier(*JOB_TIMES)} where time_end>0",
        f"update {CLUSTER}_event_table set {earlier('time_start')} where time_end=0",
        f"update {CLUSTER}_assoc_table set {earlier('creation_time')}",
        f"update {CLUSTER}_last_ran_table set hourly_rollup={hour}, daily_rollup={day}, monthly_rollup={month}",
        *(f"delete from {CLUSTER}_{table}" for table in usage),
    ]
    try:
        sql(";\n".join(statements) + ";\n")
    finally:
        start_one("slurmdbd")

    def rolled() -> bool:
        ask = f"select hourly_rollup from slurm_acct_db.{CLUSTER}_last_ran_table"
        out = sql(ask, check=False).stdout.strip()
        return out.isdigit() and int(out) > time.time() - 3700

    if not wait_for(rolled, 30, 0.5):
        say("usage is not rolled up yet; sreport may show less")
