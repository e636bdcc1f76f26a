"""The jobs this person submitted, in one SQLite file: what was planned, and every step with its time and evidence.

A step is written before the action it announces, so whatever is cut off can be found out later. Changes of state name
the states they start from: of two processes that want the same step, one gets it. Times are Unix seconds.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from dkai.compute.job import JobState, JobStatus, Outcome
from dkai.core.errors import UserError
from dkai.core.files import cannot_write, private_folder
from dkai.core.i18n import t
from dkai.core.paths import data_dir

FILE_NAME = "ledger.sqlite"
BROUGHT = "brought"  # the step of a job whose folder the person brought to this computer
VERSION = 1

# Each list brings the file one version further.
_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE job (
            job_id TEXT PRIMARY KEY, created_at REAL NOT NULL, recipe TEXT NOT NULL, recipe_version TEXT NOT NULL,
            site TEXT NOT NULL, folder TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT, native_id TEXT,
            plan TEXT NOT NULL, status TEXT NOT NULL DEFAULT '{}', receipt TEXT, fetched_to TEXT)""",
        """CREATE TABLE event (
            number INTEGER PRIMARY KEY, job_id TEXT NOT NULL REFERENCES job(job_id), at REAL NOT NULL,
            what TEXT NOT NULL, state TEXT, evidence TEXT NOT NULL)""",
        "CREATE INDEX event_of_job ON event(job_id, number)",
        "CREATE INDEX job_by_state ON job(state)",
    ),
)
_COLUMNS = (
    "job_id, created_at, recipe, recipe_version, site, folder, state, outcome, native_id, status, fetched_to,"
    " receipt IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the ledger. `status` is what was last seen, with the time under `seen_at`."""

    job_id: str
    created_at: float
    recipe: str
    recipe_version: str
    site: str
    folder: str
    state: JobState
    outcome: Outcome | None
    native_id: str | None
    status: dict[str, Any] = field(default_factory=dict)
    fetched_to: str | None = None
    has_receipt: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something may still happen to it: sent or being sent, and not known to have ended."""
        return self.state not in (JobState.PLANNED, JobState.HANDED_OVER, JobState.ENDED)

    @property
    def never_started(self) -> bool:
        """Whether it was cancelled while it waited: Slurm then gives its end for its start as well."""
        start, end = self.status.get("started_at"), self.status.get("ended_at")
        return self.outcome is Outcome.CANCELLED and (start is None or start == end)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, or was about to."""

    at: float
    what: str
    state: JobState | None
    evidence: dict[str, Any]


_MAKING = threading.Lock()


def _make(path: Path) -> None:
    """An empty file where there is none: private from its first byte; SQLite gives its side files the same mode.

    One that is there is left to SQLite alone. To close a file drops every lock that this process has on it (POSIX),
    also those of another open ledger, whose file others then damage (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise cannot_write(path, error) from error


def ledger_path() -> Path:
    """Where the ledger is."""
    return data_dir() / FILE_NAME


def open_ledger(path: Path | None = None) -> Ledger:
    """The ledger, made or migrated where needed. Raises UserError when it is damaged, too new or not writable."""
    return Ledger(path or ledger_path())


class Ledger:
    """An open ledger; use it in a `with` statement."""

    def __init__(self, path: Path) -> None:
        self.path = path
        private_folder(path.parent)
        with _MAKING:
            _make(path)
            with self._errors():
                self._db = sqlite3.connect(path, timeout=15, isolation_level=None)
        try:
            with self._errors():
                self._open()
        except BaseException:
            self._db.close()
            raise

    def _open(self) -> None:
        version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if version > VERSION:
            raise UserError(
                t("{path} was written by a newer dkai (version {theirs}, this one knows {ours})",
                  path=self.path, theirs=version, ours=VERSION),
                code="ledger-too-new",
                hint=t("install that dkai again: pip install --upgrade dkai; the file was not touched"),
            )  # fmt: skip
        # WAL lets a reader and a writer work at once. Where the file system cannot do it (NFS), SQLite says so by
        # answering with another mode, or fails; the plain journal is slower and just as safe.
        with contextlib.suppress(sqlite3.OperationalError):
            self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA foreign_keys=ON")
        if version < VERSION:
            with self._writing():
                # Another process may have been faster.
                version = int(self._db.execute("PRAGMA user_version").fetchone()[0])
                for steps in _MIGRATIONS[version:]:
                    for step in steps:
                        self._db.execute(step)
                self._db.execute(f"PRAGMA user_version={VERSION}")

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise UserError(
                    t("another dkai has been writing to {path} for long", path=self.path),
                    code="ledger-busy",
                    hint=t("try again in a moment; see whether another dkai hangs"),
                ) from error
            # SQLite tells the system's reason in its own words, in English.
            said = str(error)
            number = errno.ENOSPC if "full" in said else errno.EACCES if "readonly" in said else 0
            raise cannot_write(self.path, OSError(number, said)) from error
        except sqlite3.DatabaseError as error:
            raise UserError(
                t("the ledger {path} is damaged: {why}", path=self.path, why=error),
                code="ledger-damaged",
                hint=t(
                    "nothing was deleted; move the file away and dkai begins a new one (jobs that are under way go on, "
                    "and their folders hold record.json); `sqlite3 FILE .recover` may save its content"
                ),
            ) from error

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What is written inside is on disk at once, at the end: for many things that were seen, none that is begun."""
        with self._errors(), self._writing():
            yield

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # --- writing

    def add(
        self, *, job_id: str, recipe: str, recipe_version: str, site: str, folder: str, plan: str,
        evidence: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Put a plan into the ledger, as `planned`. `plan` is its JSON text."""
        now = time.time()
        with self._errors(), self._writing():
            self._db.execute(
                "INSERT INTO job(job_id, created_at, recipe, recipe_version, site, folder, state, plan)"
                " VALUES(?,?,?,?,?,?,?,?)",
                (job_id, now, recipe, recipe_version, site, folder, JobState.PLANNED, plan),
            )
            self._event(job_id, now, "planned", JobState.PLANNED, evidence or {})

    def adopt(
        self, *, job_id: str, created_at: float, recipe: str, recipe_version: str, site: str, folder: str, plan: str,
        status: JobStatus | None, evidence: dict[str, Any],
    ) -> bool:  # fmt: skip
        """Put in a job that was found at its site; False (and nothing written) when the ledger knows it already."""
        now = time.time()
        state = JobState.UNKNOWN if status is None else status.state
        seen = "{}" if status is None else json.dumps(_plain_status(status) | {"seen_at": now})
        with self._errors(), self._writing():
            done = self._db.execute(
                "INSERT OR IGNORE INTO job(job_id, created_at, recipe, recipe_version, site, folder, state, outcome,"
                " native_id, plan, status) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
                (job_id, created_at, recipe, recipe_version, site, folder, state, status and status.outcome,
                 status and status.native_id, plan, seen),
            )  # fmt: skip
            if done.rowcount != 1:
                return False
            self._event(job_id, now, "adopted", state, evidence)
        return True

    def move(
        self, job_id: str, state: JobState, *, expect: Collection[JobState], what: str, evidence: dict[str, Any],
        outcome: Outcome | None = None, native_id: str | None = None, status: JobStatus | None = None,
        attempt: str | None = None,
    ) -> bool:  # fmt: skip
        """Change the state, if it is one of `expect`; False (and nothing written) when it is not.

        With `attempt` also only while that is the newest attempt to send the job.
        """
        now = time.time()
        with self._errors(), self._writing():
            if attempt is not None and self._attempt(job_id) != attempt:
                return False
            marks = ",".join("?" * len(expect))
            seen = None if status is None else json.dumps(_plain_status(status) | {"seen_at": now})
            done = self._db.execute(
                f"UPDATE job SET state=?, outcome=?, native_id=coalesce(?, native_id), status=coalesce(?, status)"  # noqa: S608 - marks are question marks
                f" WHERE job_id=? AND state IN ({marks})",
                (state, outcome, native_id, seen, job_id, *expect),
            )
            if done.rowcount != 1:
                return False
            self._event(job_id, now, what, state, evidence)
        return True

    def _attempt(self, job_id: str) -> str | None:
        row = self._db.execute(
            "SELECT evidence FROM event WHERE job_id=? AND what='sending' ORDER BY number DESC LIMIT 1", (job_id,)
        ).fetchone()
        return json.loads(row[0]).get("attempt") if row else None

    def see(self, job_id: str, status: JobStatus) -> None:
        """Keep what was last seen, where it changed no state (and nobody else has changed it meanwhile)."""
        seen = json.dumps(_plain_status(status) | {"seen_at": time.time()})
        with self._errors(), self._writing():
            self._db.execute(
                "UPDATE job SET status=?, native_id=coalesce(native_id, ?) WHERE job_id=? AND state=?",
                (seen, status.native_id, job_id, status.state),
            )

    def note(self, job_id: str, what: str, evidence: dict[str, Any]) -> None:
        """Write down a step that changes no state."""
        with self._errors(), self._writing():
            self._event(job_id, time.time(), what, None, evidence)

    def keep_receipt(self, job_id: str, receipt: str) -> None:
        """Keep the receipt's JSON text."""
        with self._errors(), self._writing():
            self._db.execute("UPDATE job SET receipt=? WHERE job_id=?", (receipt, job_id))

    def keep_brought(self, job_id: str, folder: str, evidence: dict[str, Any]) -> None:
        """The person brought the job's folder to this computer: from now on it is read there."""
        with self._errors(), self._writing():
            self._db.execute("UPDATE job SET folder=? WHERE job_id=?", (folder, job_id))
            self._event(job_id, time.time(), BROUGHT, None, evidence)

    def handed_over(self, site: str) -> list[Job]:
        """Jobs of this site that were handed to the person, and have not been seen since."""
        return self._jobs("WHERE state='handed-over' AND site=? ORDER BY created_at", (site,))

    def keep_fetched(self, job_id: str, folder: str, evidence: dict[str, Any]) -> None:
        """Remember where the results went."""
        with self._errors(), self._writing():
            self._db.execute("UPDATE job SET fetched_to=? WHERE job_id=?", (folder, job_id))
            self._event(job_id, time.time(), "fetched", None, evidence)

    def _event(self, job_id: str, at: float, what: str, state: JobState | None, evidence: dict[str, Any]) -> None:
        self._db.execute(
            "INSERT INTO event(job_id, at, what, state, evidence) VALUES(?,?,?,?,?)",
            (job_id, at, what, state, json.dumps(evidence, ensure_ascii=False)),
        )

    # --- reading

    def find(self, word: str) -> Job:
        """The job that `word` means: its id, a unique part of its end, or `last`. Raises UserError."""
        text = word.strip().lower()
        if text in ("last", "sidste"):
            jobs = self.recent(1)
            if not jobs:
                raise UserError(
                    t("no job has been submitted yet"),
                    code="no-jobs",
                    hint=t("try one on this computer: dkai compute submit gpu-check --site local"),
                )
            return jobs[0]
        rows = []
        if text and all(c.isalnum() or c == "-" for c in text):
            rows = self._jobs("WHERE job_id LIKE ? ORDER BY created_at DESC LIMIT 5", (f"%{text}",))
        if len(rows) == 1:
            return rows[0]
        if not rows:
            raise UserError(
                t("no job is called “{word}”", word=word),
                code="no-such-job",
                hint=t("see your jobs with: dkai compute jobs"),
            )
        names = ", ".join(job.job_id for job in rows)
        raise UserError(
            t("“{word}” fits more than one job: {names}", word=word, names=names),
            code="ambiguous-job",
            hint=t("write more of the id"),
        )

    def get(self, job_id: str) -> Job:
        """The job with exactly this id. Raises UserError."""
        jobs = self._jobs("WHERE job_id=?", (job_id,))
        return jobs[0] if jobs else self.find(job_id)

    def recent(self, limit: int = 20, *, site: str | None = None, include_planned: bool = False) -> list[Job]:
        """The newest jobs first; plans that were never sent are left out."""
        where = [] if include_planned else ["state <> 'planned'"]
        values: list[Any] = []
        if site is not None:
            where.append("site=?")
            values.append(site)
        clause = f"WHERE {' AND '.join(where)} " if where else ""
        return self._jobs(f"{clause}ORDER BY created_at DESC, rowid DESC LIMIT ?", (*values, limit))

    def open_jobs(self, site: str | None = None) -> list[Job]:
        """Jobs that were sent, or may have been, and are not known to have ended."""
        jobs = self._jobs("WHERE state NOT IN ('planned', 'handed-over', 'ended') ORDER BY created_at", ())
        return [job for job in jobs if site is None or job.site == site]

    def count_open(self) -> int:
        """How many jobs are not known to have ended."""
        with self._errors():
            row = self._db.execute(
                "SELECT count(*) FROM job WHERE state NOT IN ('planned', 'handed-over', 'ended')"
            ).fetchone()
        return int(row[0])

    def plan(self, job_id: str) -> str:
        """The stored plan's JSON text."""
        with self._errors():
            row = self._db.execute("SELECT plan FROM job WHERE job_id=?", (job_id,)).fetchone()
        return str(row[0]) if row else ""

    def receipt(self, job_id: str) -> str | None:
        """The stored receipt's JSON text, if there is one."""
        with self._errors():
            row = self._db.execute("SELECT receipt FROM job WHERE job_id=?", (job_id,)).fetchone()
        return row[0] if row else None

    def events(self, job_id: str) -> list[Event]:
        """What happened, oldest first."""
        with self._errors():
            rows = self._db.execute(
                "SELECT at, what, state, evidence FROM event WHERE job_id=? ORDER BY number", (job_id,)
            ).fetchall()
        return [Event(at, what, JobState(state) if state else None, json.loads(text)) for at, what, state, text in rows]

    def _jobs(self, clause: str, values: tuple[Any, ...]) -> list[Job]:
        with self._errors():
            rows = self._db.execute(f"SELECT {_COLUMNS} FROM job {clause}", values).fetchall()  # noqa: S608 - clauses are ours
        return [_job(row) for row in rows]


def _job(row: tuple[Any, ...]) -> Job:
    job_id, created, recipe, version, site, folder, state, outcome, native, status, fetched, receipt = row
    return Job(
        job_id, created, recipe, version, site, folder, JobState(state), Outcome(outcome) if outcome else None,
        native, json.loads(status), fetched, bool(receipt),
    )  # fmt: skip


def _plain_status(status: JobStatus) -> dict[str, Any]:
    from dkai.core.plain import to_plain

    plain: dict[str, Any] = to_plain(status)
    return plain
