"""What the schedulers that have a queue ask and say alike: the lines of a status question, and errors they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dkai.compute.host import CommandResult
from dkai.compute.scheduler import Search
from dkai.core.clean import one_line
from dkai.core.errors import RemoteError
from dkai.core.i18n import t


def asked_about(
    jobs: Sequence[tuple[str, str, str | None]], settle: Mapping[str, str] | None, search: Search | None
) -> tuple[str, bytes]:
    """Where to look for jobs of this person (empty: nowhere), and the lines that a status question reads."""
    attempts = settle or {}
    lines = [f"ask {job_id} {native or '-'} {attempts.get(job_id, '-')} {folder}" for job_id, folder, native in jobs]
    where = ""
    if search is not None:
        where = search.base or "-"
        lines += [f"place {place}" for place in search.more] + [f"known {job_id}" for job_id in search.known]
    text = "".join(f"{line}\n" for line in lines if "\n" not in line and "\0" not in line)
    return where, text.encode("utf-8", "surrogateescape")


def said(errors: Sequence[str]) -> str:
    """What a command said, in one line; that it said nothing where it did."""
    return one_line(" ".join(errors)) or t("no reason was given")


def no_answer(result: CommandResult, command: str) -> RemoteError:
    """The cluster's answer has not the frames that it must have; `command` is what shows more by hand."""
    return RemoteError(
        t("the cluster did not answer as expected: {why}", why=said([result.stderr])),
        code="no-answer",
        hint=t(
            "log in by hand and run {command}; if that works, look for programs that your login starts", command=command
        ),
    )


def unheard(result: CommandResult, scheduler: str) -> RemoteError:
    """A submission without a number, and without a reason why there is none."""
    if result.returncode == 72:
        return RemoteError(
            t("the job's folder is not there"),
            code="no-job-folder",
            hint=t("submit again; if it stays so, look at the site's base folder"),
        )
    return RemoteError(
        t("it is not known whether {scheduler} took the job", scheduler=scheduler),
        code="submission-uncertain",
        hint=t("ask for its status in a minute; dkai recognises the job by its name"),
        details={"stderr": one_line(result.stderr)},
    )


def not_cancelled(errors: Sequence[str], scheduler: str, command: str) -> RemoteError:
    """The scheduler did not end the job; `command` does it by hand."""
    return RemoteError(
        t("{scheduler} did not cancel the job: {why}", scheduler=scheduler, why=said(errors)),
        code="not-cancelled",
        hint=t("try again in a minute; by hand it is {command} and the job's number", command=command),
    )
