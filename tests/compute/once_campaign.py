"""Submissions to a real Slurm while everything goes wrong, and an account of how often the work really ran.

Each submission is the real program in a process of its own. Its connection goes through a proxy that cuts it after a
random number of bytes, there or back; it is killed or interrupted at a random moment or right after a step that the
ledger shows; two of them want the same plan. `Faults` says what happens to one. Afterwards one `jobs --refresh` must
know of every job what became of it, and the counter that the recipe writes must agree; then what was never submitted is
submitted again, undisturbed, and in the end each job has run exactly once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from dkai.app.submit_walk import Request, prepare
from dkai.compute.job import JobState, Outcome
from dkai.compute.ledger import Job, ledger_path, open_ledger
from dkai.compute.link import Link, Links
from dkai.compute.quote.choose import Wishes
from dkai.compute.refresh import refresh_site
from dkai.compute.site import Site
from dkai.compute.sites_file import save_site
from dkai.compute.submit import record
from dkai.core.levels import Level
from lab.lablib.proxy import Budget, serve

AT_ONCE = 4
SETTLED_S = 62.0  # after this `--refresh` no longer says "not yet"
CONFIG = """Include {lab}
Host cut
  HostName 127.0.0.1
  Port {port}
  User alice
  IdentitiesOnly yes
  IdentityFile {key}
  UserKnownHostsFile {known}
  HostKeyAlias [127.0.0.1]:{lab_port}
"""


@dataclass(frozen=True)
class Faults:
    """What happens to one submission. Bytes are cut on its first connection, and with luck on later ones."""

    there: int = 0  # bytes to the site until the cut; 0: none
    back: int = 0
    kill_after: float | None = None  # seconds after the start
    kill_at: str | None = None  # right after the ledger shows this step
    by: int = signal.SIGKILL
    twice: bool = False  # two dkai carry out the same plan at once
    verify: bool = False

    @property
    def name(self) -> str:
        """For the table of results."""
        words = ["cut there"] * bool(self.there) + ["cut back"] * bool(self.back)
        how = "killed" if self.by == signal.SIGKILL else "interrupted"
        words += [how] * (self.kill_after is not None) + [f"{how} at {self.kill_at}"] * bool(self.kill_at)
        words += ["two at once"] * self.twice + ["held"] * self.verify
        return ", ".join(words) or "none"


def chance(luck: random.Random) -> Faults:
    """One submission's fate. A whole submission carries about 35 kB there and 5 kB back."""
    kind = luck.choice(["there", "there", "back", "back", "kill", "kill", "step", "step", "interrupt", "twice", "both"])
    verify = luck.random() < 0.2
    cut = {"there": luck.randrange(1, 42_000)} if luck.random() < 0.5 else {"back": luck.randrange(1, 7_000)}
    steps = ("sending", "submitting", "held", "releasing") if verify else ("sending", "submitting", "sent")
    return {
        "there": Faults(there=luck.randrange(1, 42_000), verify=verify),
        "back": Faults(back=luck.randrange(1, 7_000), verify=verify),
        "kill": Faults(kill_after=luck.uniform(0.3, 2.5), verify=verify),
        "step": Faults(kill_at=luck.choice(steps), verify=verify),
        "interrupt": Faults(kill_at=luck.choice(steps), by=signal.SIGINT, verify=verify),
        "twice": Faults(twice=True, verify=verify, **cut if luck.random() < 0.5 else {}),
        "both": Faults(kill_at="submitting", verify=verify, **cut),
    }[kind]


@dataclass
class Result:
    """What came of it all. The numbers of the three lists are what must be none."""

    faults: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)  # what dkai said after the refresh
    unknown: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # said to be submitted, and never ran; or never ran at all
    duplicates: list[str] = field(default_factory=list)  # ran, or is in Slurm, more often than dkai says
    problems: list[str] = field(default_factory=list)


class Campaign:
    """One base folder, one ledger (DKAI_HOME), one proxy."""

    def __init__(self, home: Path, base: str, ssh: Callable[[str], str], lab_config: Path, lab_port: int) -> None:
        self.home, self.base, self.ssh = home, base, ssh
        self.budgets: Callable[[], tuple[Budget, Budget]] = _unlimited
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        config = home / "campaign_ssh_config"
        places = {
            "lab": lab_config,
            "key": lab_config.parent / "keys/alice",
            "known": lab_config.parent / "known_hosts",
        }
        config.write_text(CONFIG.format(port=self.port, lab_port=lab_port, **places), encoding="utf-8")
        self.target = f"127.0.0.1:{lab_port}"
        self.site = Site("cut", host="ssh", scheduler="slurm", address="cut", ssh_config=str(config), base=base,
                         python="/usr/bin/python3", level=Level.INTERNAL)  # fmt: skip
        save_site(self.site, replace=True)
        self.recipe = home / "count"
        self.recipe.mkdir(exist_ok=True)
        (self.recipe / "recipe.yaml").write_text(
            "schema: dkai/recipe/1\nid: count\nname: count\nsummary: {da: tæller, en: counts}\nrun: {script: main.py}\n"
            "resources: {cpus: 1, minutes: 2, memory_gb: 0.1}\n",
            encoding="utf-8",
        )
        (self.recipe / "main.py").write_text(
            "import os\n"
            f"fd = os.open({base + '/counter'!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)\n"
            "os.write(fd, (os.environ['DKAI_JOB_ID'] + '\\n').encode())\n",
            encoding="utf-8",
        )

    # --- the proxy

    def __enter__(self) -> Campaign:
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda *_: None)  # connections that end with the campaign
        main = serve(self.port, self.target, 0, self._next)
        self._task = self._loop.create_task(main)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def _next(self) -> tuple[Budget, Budget]:
        return self.budgets()

    def _serve(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)

        async def finish() -> None:
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

        self._loop.run_until_complete(finish())

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(5)

    # --- submitting

    def plans(self, count: int) -> list[str]:
        """Ids of so many plans, in the ledger and not sent."""
        found = []
        wishes = Wishes(gpus=0, partition="cpu", walltime_s=120)
        with open_ledger() as ledger, Links() as links:
            first = prepare(Request(str(self.recipe), "cut", wishes=wishes, level=Level.INTERNAL), links=links)
            assert first.refusal is None, first.refusal
            for _ in range(count):
                plan = prepare(Request(str(self.recipe), "cut", wishes=wishes, level=Level.INTERNAL), links=links).plan
                record(plan, ledger)
                found.append(plan.job_id)
        return found

    def submit(self, job_id: str, faults: Faults, luck: random.Random) -> None:
        """Carry out one plan while `faults` happen to it."""
        if faults.verify:
            _want_verified(job_id)
        dkais = [self.start("submit", "--resume", job_id) for _ in range(1 + faults.twice)]
        if faults.kill_after is not None:
            time.sleep(faults.kill_after)
            dkais[0].send_signal(faults.by)
        elif faults.kill_at is not None:
            while dkais[0].poll() is None and faults.kill_at not in _steps(job_id):
                time.sleep(0.002)
            time.sleep(luck.choice([0, 0, 0.005, 0.02, 0.08]))
            dkais[0].send_signal(faults.by)
        for dkai in dkais:
            out, _ = dkai.communicate(timeout=240)
            if b"Traceback" in out or dkai.returncode == 70:
                raise AssertionError(out.decode())

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """One dkai."""
        argv = [sys.executable, "-m", "dkai", "compute", *words]
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(
        self, fates: Sequence[Faults], luck: random.Random, during: AbstractContextManager[object] | None = None
    ) -> list[str]:
        """Submit one job for each fate, a few at once, inside `during`; their ids."""
        self.budgets = _unlimited
        jobs = self.plans(len(fates))
        # All run through one proxy: whoever connects next gets the next cut. Whose it is does not matter.
        cuts = [(f.there, f.back) for f in fates if f.there or f.back]
        luck.shuffle(cuts)
        share = len(cuts) / max(1, len(fates))
        guard = threading.Lock()

        def budgets() -> tuple[Budget, Budget]:
            with guard:
                if cuts and luck.random() < share:
                    there, back = cuts.pop()
                    return Budget(there), Budget(back)
            return _unlimited()

        self.budgets = budgets
        with during or contextlib.nullcontext(), ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda pair: self.submit(*pair, random.Random(pair[0])), zip(jobs, fates, strict=True)))
        self.budgets = _unlimited
        return jobs

    # --- looking

    def refresh(self, ahead_s: float = 0.0) -> str:
        """`dkai compute jobs --refresh`; why it failed. With `ahead_s` as if it were so much later."""
        if ahead_s:
            with open_ledger() as ledger, Link(self.site) as link:
                refresh_site(ledger, link, now=time.time() + ahead_s)
            return ""
        # The place's own pace (twelve questions a minute) is not what is tested here.
        for file in self.home.rglob("pace/*"):
            file.unlink(missing_ok=True)
        dkai = self.start("jobs", "--refresh", "--limit", "1")
        out, _ = dkai.communicate(timeout=240)
        return "" if dkai.returncode == 0 else out.decode()

    def ran(self) -> Counter[str]:
        """How often each job's work was done."""
        return Counter(self.ssh(f"cat {self.base}/counter 2>/dev/null || true").split())

    def in_slurm(self, jobs: Sequence[str]) -> dict[str, set[str]]:
        """Slurm's numbers for each name, from both of its sources."""
        found: dict[str, set[str]] = {job: set() for job in jobs}
        lines = self.ssh("squeue -h -t all -o '%j|%i'").splitlines()
        for begin in range(0, len(jobs), 100):
            names = ",".join(jobs[begin : begin + 100])
            lines += self.ssh(f"sacct -X -n -P -S now-6hours --name {names} -o jobname,jobidraw").splitlines()
        for line in lines:
            name, _, number = line.partition("|")
            if name in found:
                found[name].add(number)
        return found


def account(
    campaign: Campaign, jobs: Sequence[str], fates: Sequence[Faults], result: Result, *, wait: bool = True
) -> None:
    """Refresh, compare with what Slurm and the counter say, submit the rest undisturbed, and compare again.

    Without `wait` the refresh is told that a minute has gone.
    """
    if wait:
        time.sleep(SETTLED_S)
    if problem := campaign.refresh(0 if wait else SETTLED_S):
        result.problems.append(problem)
    result.faults.update(fate.name for fate in fates)
    known = {job: _get(job) for job in jobs}
    for job in known.values():
        result.said[job.outcome or job.state] += 1
        if job.state in (JobState.UNKNOWN, JobState.SENDING):
            result.unknown.append(f"{job.job_id} {job.state}: {_steps(job.job_id)}")
    never = [job.job_id for job in known.values() if job.outcome is Outcome.NOT_SUBMITTED or job.state == "planned"]
    numbers, ran = campaign.in_slurm(jobs), campaign.ran()
    for job in never:
        if numbers[job] or ran[job]:
            result.duplicates.append(
                f"{job} was said not to be submitted: Slurm {numbers[job]}, ran {ran[job]}: {_story(job)}"
            )
    again = never + [job.job_id for job in known.values() if job.is_open]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for out in pool.map(lambda job: campaign.start("submit", "--resume", job).communicate(timeout=120)[0], again):
            if b"Traceback" in out:
                result.problems.append(out.decode())
    end = time.monotonic() + 240
    while (ran := campaign.ran()).keys() != set(jobs) and time.monotonic() < end:
        time.sleep(2)
    time.sleep(5)
    ran, numbers = campaign.ran(), campaign.in_slurm(jobs)
    for job in jobs:
        if not ran[job]:
            result.lost.append(f"{job}: {_get(job).state} {_steps(job)}, in Slurm {numbers[job]}")
        if ran[job] > 1 or len(numbers[job]) > 1:
            result.duplicates.append(f"{job}: ran {ran[job]}, in Slurm {numbers[job]}: {_steps(job)}")
    if problem := campaign.refresh():
        result.problems.append(problem)
    for name in jobs:
        if (last := _get(name)).outcome is not Outcome.COMPLETED:
            result.problems.append(f"{name} ran, and dkai says {last.state} {last.outcome}: {_steps(name)}")


def _unlimited() -> tuple[Budget, Budget]:
    return Budget(0), Budget(0)


def _get(job_id: str) -> Job:
    with open_ledger() as ledger:
        return ledger.get(job_id)


def _steps(job_id: str) -> list[str]:
    with contextlib.closing(sqlite3.connect(ledger_path(), timeout=15)) as db:
        return [row[0] for row in db.execute("SELECT what FROM event WHERE job_id=? ORDER BY number", (job_id,))]


def _story(job_id: str) -> str:
    with open_ledger() as ledger:
        return "; ".join(f"{event.at:.2f} {event.what} {event.evidence}" for event in ledger.events(job_id))


def _want_verified(job_id: str) -> None:
    """The plan as `submit --verify` records it."""
    with contextlib.closing(sqlite3.connect(ledger_path(), timeout=15)) as db, db:
        (text,) = db.execute("SELECT plan FROM job WHERE job_id=?", (job_id,)).fetchone()
        plan = json.dumps({**json.loads(text), "verify": True}, ensure_ascii=False)
        db.execute("UPDATE job SET plan=? WHERE job_id=?", (plan, job_id))
