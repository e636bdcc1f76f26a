"""Schedulers: text in, values out. Nothing here runs a command, opens a file or looks at a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dkai.compute.host import CommandResult
from dkai.compute.job import Accounting, JobSpec, JobStatus

if TYPE_CHECKING:
    from dkai.compute.cluster import Cluster
    from dkai.core.unknown import Unknown


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run on the host, with what it reads."""

    argv: tuple[str, ...]
    stdin: bytes = b""
    timeout: float = 60


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look for jobs of this person that are not asked for: in the queue, and below `<base>/dkai`.

    `base` is the site's own setting; None is $SCRATCH or the home folder, as there. `known` are not reported.
    """

    base: str | None
    more: tuple[str, ...] = ()  # further folders that hold job folders, absolute
    known: tuple[str, ...] = ()
    since: float = 0.0  # Unix seconds: accounting is asked for those that were made later


@dataclass(frozen=True, slots=True)
class Found:
    """A job that the search met: its folder (absolute) and the text of the `plan.json` in it, empty where none is."""

    job_id: str
    folder: str
    plan: str


class Scheduler(Protocol):
    """One kind of scheduler. `folder` is the job's folder on the host, absolute."""

    name: str
    second_look_s: float  # before a job that no source knows is taken for never submitted, it is asked for once more

    def discover(self, python: str | None = None) -> Command:
        """Ask everything at once; answers come in frames that login banners cannot corrupt.

        `python` is the interpreter the person named for the site: it is tried before those that are found.
        """

    def parse_discovery(self, result: CommandResult, asked_at: float) -> Cluster:
        """What the place said. Probes that failed are named in `missing`. Raises RemoteError when nothing came back."""

    def script(self, spec: JobSpec, folder: str, python: str) -> str:
        """The text of `job.sh`, deterministic. Empty where no script comes between (`process`)."""

    def submit(self, spec: JobSpec, folder: str, python: str, attempt: str = "0", *, hold: bool = False) -> Command:
        """Hand the job over, once. `attempt` names this try, for `status` to settle; `hold`: it must not start yet."""

    def parse_submit(self, result: CommandResult) -> str:
        """The scheduler's own job number. Raises Refused or RemoteError with the scheduler's reason in plain words.

        A RemoteError with code `submission-uncertain` means that the job may or may not have been accepted.
        """

    def status(
        self, jobs: Sequence[tuple[str, str, str | None]], settle: Mapping[str, str] | None = None,
        search: Search | None = None,
    ) -> Command:  # fmt: skip
        """Ask for many jobs, given as (job id, folder, native id or None), with one command.

        `settle` names attempts (by job id) that were cut off: where one has not got to the scheduler yet, the place is
        told that it must not any more, and the answer is `not-submitted`. With `search`, others are looked for.
        """

    def parse_status(self, result: CommandResult) -> dict[str, JobStatus]:
        """By job id. A job that no source knows is absent from the answer."""

    def parse_found(self, result: CommandResult) -> list[Found]:
        """The jobs that `search` met; `parse_status` of the same answer tells where they stand."""

    def accounting(self, job_id: str, folder: str, native_id: str | None) -> Command:
        """Ask what an ended job used."""

    def parse_accounting(self, result: CommandResult) -> Accounting | None:
        """None when accounting does not know the job (yet) or is not there."""

    def cancel(self, job_id: str, folder: str, native_id: str | None) -> Command:
        """End the job, by the number that this very job was given."""

    def parse_cancel(self, result: CommandResult) -> None:
        """Raises RemoteError when the job could not be ended. One that had ended already is no error."""

    def by_hand(self, spec: JobSpec, folder: str, python: str, *, hold: bool = False) -> tuple[str, ...]:
        """What one would type there to do the same, once the files are in the folder."""

    def guess(self, script: str) -> Command | None:
        """Ask when a job of this script could start, submitting nothing; None where that cannot be asked."""

    def parse_guess(self, result: CommandResult) -> float | Unknown:
        """Seconds from now until the job could start; Unknown with the scheduler's reason."""

    def explain(self, status: JobStatus) -> str:
        """The scheduler's reason as a plain sentence; empty when there is nothing to say."""

    def remedy(self, status: JobStatus) -> str:
        """What the person can do about that reason; empty when there is nothing to do but wait."""


def scheduler_for(name: str, local: bool = False) -> Scheduler:
    """The scheduler called `name` (`slurm`, `lsf`, `ucloud` or `process`).

    `local`: it is asked on this computer (`host.is_local`), where dkai's own Python can answer and no shell need be.
    """
    if name == "slurm":
        from dkai.compute.scheduler.slurm import Slurm

        return Slurm()
    if name == "lsf":
        from dkai.compute.scheduler.lsf import Lsf

        return Lsf()
    if name == "ucloud":
        from dkai.compute.scheduler.ucloud import UCloud

        return UCloud()
    from dkai.compute.scheduler.process import Process

    return Process(local)
