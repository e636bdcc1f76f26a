"""Jobs as plain processes of one computer: no queue, the runner itself starts, watches and ends them."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from dkai.compute.cluster import Cluster
from dkai.compute.host import CommandResult
from dkai.compute.job import Accounting, JobSpec, JobState, JobStatus, Outcome, TaskCounts
from dkai.compute.runner import source
from dkai.compute.runner.words import MARK
from dkai.compute.scheduler import Command, Found, Search
from dkai.compute.scheduler.own_reasons import own_reason
from dkai.core.clean import one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t
from dkai.core.numbers import finite
from dkai.core.unknown import Unknown

# The first Python on the path that can read the runner, which then comes in on standard input. RHEL hides one.
FIND_PYTHON = (
    'for p in "$1" python3 '
    + " ".join(f"python3.{minor}" for minor in range(14, 5, -1))
    + " /usr/bin/python3 /usr/libexec/platform-python; do"
    + ' if [ -n "$p" ] && "$p" -I -c "import sys; sys.exit(sys.version_info < (3, 6))" </dev/null >/dev/null 2>&1;'
    + ' then shift; exec "$p" -I - "$@"; fi; done; exit 127'
)
_STATES = {"running": JobState.RUNNING, "ended": JobState.ENDED, "unknown": JobState.UNKNOWN}


class Process:
    """The scheduler of a computer that has none.

    `local` says that the host is this computer: then dkai's own Python answers, and neither a shell nor another Python
    need be there. Everything but the start itself is asked of this dkai's runner, sent along on standard input, so an
    older job's folder is read by today's rules.
    """

    name = "process"
    second_look_s = 0.0

    def __init__(self, local: bool = False) -> None:
        self._local = local

    def _ask(self, *words: str, python: str | None = None, timeout: float = 60) -> Command:
        if self._local:
            return Command((python or sys.executable, "-I", "-", *words), source(), timeout)
        return Command(("sh", "-c", FIND_PYTHON, "dkai", python or "", *words), source(), timeout)

    def discover(self, python: str | None = None) -> Command:
        """Ask what the machine is."""
        return self._ask("probe", python=python)

    def parse_discovery(self, result: CommandResult, asked_at: float) -> Cluster:
        """The machine as a cluster without partitions."""
        answers = _answers(result)
        if not answers:
            raise _no_answer(result)
        found = answers[0]
        gpus = found.get("gpus")
        return Cluster(
            name=str(found.get("node") or ""),
            scheduler=self.name,
            version=None,
            user=str(found.get("user") or ""),
            home=found.get("home"),
            scratch=found.get("scratch"),
            python=found.get("python"),
            python_version=found.get("python_version"),
            machine=found.get("machine"),
            glibc=found.get("glibc"),
            cpus=found.get("cpus"),
            memory_mb=found.get("memory_mb"),
            gpus=tuple(str(name) for name in gpus or ()),
            asked_at=asked_at,
        )

    def script(self, spec: JobSpec, folder: str, python: str) -> str:  # noqa: ARG002 - the protocol's
        """Empty: no shell comes between; the runner reads job.json."""
        return ""

    def submit(self, spec: JobSpec, folder: str, python: str, attempt: str = "0", *, hold: bool = False) -> Command:  # noqa: ARG002 - the protocol's
        """Start the runner that was sent, detached."""
        return Command((python, "-I", f"{folder}/runner.py", "start", folder))

    def parse_submit(self, result: CommandResult) -> str:
        """`node:process number`. A second start of the same folder gives the first one's."""
        answers = _answers(result)
        if answers and "error" not in answers[0]:
            return str(answers[0].get("native_id") or answers[0].get("job_id"))
        if result.returncode in (126, 127):
            raise RemoteError(
                t("Python could not be started: {why}", why=one_line(result.stderr)),
                code="no-python",
                hint=t("name an interpreter (3.6 or newer) as the site's python"),
            )
        if answers or result.returncode:
            raise RemoteError(
                t("the job did not start: {why}", why=one_line(result.stderr) or t("no reason was given")),
                code="start-failed",
                hint=t("look at the file log in the job's folder"),
            )
        raise RemoteError(
            t("it is not known whether the job started"),
            code="submission-uncertain",
            hint=t("ask for its status before you try again"),
        )

    def status(
        self, jobs: Sequence[tuple[str, str, str | None]], settle: Mapping[str, str] | None = None,  # noqa: ARG002 - the lock settles
        search: Search | None = None,  # noqa: ARG002
    ) -> Command:  # fmt: skip
        """Ask for all of them at once."""
        return self._ask("status", *(folder for _, folder, _ in jobs))

    def parse_status(self, result: CommandResult) -> dict[str, JobStatus]:
        """By job id, those that were started."""
        answers = _answers(result)
        if result.returncode and not answers:
            raise _no_answer(result)
        return {a["job_id"]: _status(a) for a in answers if "job_id" in a and a.get("state") in _STATES}

    def parse_found(self, result: CommandResult) -> list[Found]:  # noqa: ARG002 - nothing was searched
        """None."""
        return []

    def accounting(self, job_id: str, folder: str, native_id: str | None) -> Command:  # noqa: ARG002
        """The end record has it."""
        return self._ask("status", folder)

    def parse_accounting(self, result: CommandResult) -> Accounting | None:
        """What the runner measured; None while the job runs."""
        ended = [a for a in _answers(result) if a.get("state") == "ended"]
        if not ended:
            return None
        found = ended[0]
        status = _status(found)
        known = status.started_at is not None and status.ended_at is not None
        return Accounting(
            native_id=status.native_id or "",
            state=str(found.get("outcome")),
            exit_code=status.exit_code,
            elapsed_s=round((status.ended_at or 0) - (status.started_at or 0)) if known else None,
            cpu_time_used_s=found.get("cpu_s"),
            max_rss_mb=found.get("max_rss_mb"),
            started_at=status.started_at,
            ended_at=status.ended_at,
            node=status.node,
            source="record",
        )

    def cancel(self, job_id: str, folder: str, native_id: str | None) -> Command:  # noqa: ARG002
        """End the recorded process and its family."""
        return self._ask("cancel", folder)

    def parse_cancel(self, result: CommandResult) -> None:
        """Raises RemoteError when the job could not be ended."""
        answers = _answers(result)
        if not answers:
            raise _no_answer(result)
        if answers[0].get("error") == "other-node":
            raise RemoteError(
                t("the job runs on {node}, and this is another computer", node=one_line(str(answers[0].get("node")))),
                code="other-node",
                hint=t("give the site that computer's own address, and cancel again"),
            )

    def by_hand(self, spec: JobSpec, folder: str, python: str, *, hold: bool = False) -> tuple[str, ...]:  # noqa: ARG002
        """The runner, started."""
        quoted = shlex.quote(folder)
        return (f"{shlex.quote(python)} -I {quoted}/runner.py start {quoted}",)

    def guess(self, script: str) -> Command | None:  # noqa: ARG002
        """None: it starts at once."""
        return None

    def parse_guess(self, result: CommandResult) -> float | Unknown:  # noqa: ARG002
        """At once."""
        return 0.0

    def tally(self, folder: str, python: str) -> Command:
        """Ask what became of each task of a job array, whoever started it."""
        return self._ask("tally", folder, python=python)

    def explain(self, status: JobStatus) -> str:
        """Why it ended as it did, where the runner knows."""
        return own_reason(status.reason)

    def remedy(self, status: JobStatus) -> str:  # noqa: ARG002 - there is no queue to wait in
        """Nothing: what ended is looked into by its log."""
        return ""


_WORDS = ("job_id", "state", "outcome", "native_id", "reason", "node", "error", "user", "home", "scratch", "python")
_NUMBERS = ("started_at", "ended_at", "cpu_s", "max_rss_mb")
_WHOLE = ("exit_code", "cpus", "memory_mb")


def _answers(result: CommandResult) -> list[dict[str, Any]]:
    """The runner's answers, whatever else was printed around them; of each only what is of its proper type."""
    found: list[dict[str, Any]] = []
    for line in result.stdout.splitlines():
        if line.startswith(MARK):
            try:
                value = json.loads(line.removeprefix(MARK))
            except ValueError:
                continue
            if isinstance(value, dict):
                found.append({key: item for key, item in value.items() if _proper(key, item)})
    return [answer for answer in found if "job_id" in answer or "python" in answer]


def _proper(key: str, item: Any) -> bool:
    if key in _WORDS or key in ("python_version", "machine", "glibc"):
        return isinstance(item, str)
    if key in _WHOLE:
        return type(item) is int
    if key in _NUMBERS:
        return finite(item) is not None
    return (key == "gpus" and isinstance(item, list)) or (key == "tasks" and isinstance(item, dict))


def _counts(told: dict[str, Any]) -> TaskCounts | None:
    """How many tasks stand how; None where there are none."""
    names = ("total", "queued", "running", "completed", "failed", "cancelled")
    numbers = {name: told[name] for name in names if type(told.get(name)) is int and 0 <= told[name] < 10**6}
    return TaskCounts(**numbers) if "total" in numbers else None


def _status(found: dict[str, Any]) -> JobStatus:
    outcome = found.get("outcome")
    return JobStatus(
        state=_STATES[str(found["state"])],
        outcome=Outcome(outcome) if outcome in list(Outcome) else None,
        native_id=found.get("native_id"),
        native_state=str(found["state"]),
        reason=found.get("reason"),
        exit_code=found.get("exit_code"),
        submitted_at=found.get("started_at"),
        started_at=found.get("started_at"),
        ended_at=found.get("ended_at"),
        node=found.get("node"),
        evidence="runner",
        tasks=_counts(found.get("tasks", {})),
    )


def _no_answer(result: CommandResult) -> RemoteError:
    if result.returncode == 127:
        return RemoteError(
            t("no Python 3.6 or newer was found there"),
            code="no-python",
            hint=t("install Python, or name an interpreter as the site's python"),
        )
    return RemoteError(
        t("the computer did not answer as expected: {why}", why=one_line(result.stderr) or t("no reason was given")),
        code="no-answer",
        hint=t("try again; if it stays so, run the same command there by hand"),
    )
