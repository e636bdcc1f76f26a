"""UCloud as a scheduler: questions out, values in. Written from its public source; never run on the real UCloud.

Shapes: provider-integration/shared/pkg/orchestrators/jobs.go and accounting/accounting.go of
https://github.com/SDU-eScience/UCloud (commit 63551f4 of 2026-08-21). A job is found by its name, which is dkai's own.
UCloud calls a job that somebody ended `SUCCESS` as well (the comment at `JobState`), so how one ended is read from the
job's own record first.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dkai.compute.cluster import Allocation, Cluster
from dkai.compute.host import CommandResult
from dkai.compute.host.questions import Answer, Question, job_in, read_answers, state_of, write_questions
from dkai.compute.job import Accounting, JobSpec, JobState, JobStatus, Outcome
from dkai.compute.scheduler import Command, Found, Search
from dkai.compute.scheduler.own_reasons import own_reason
from dkai.compute.scheduler.ucloud_machines import machines_in, published
from dkai.compute.scheduler.ucloud_request import APPLICATION, hours, must_be_complete, specification
from dkai.compute.scheduler.ucloud_script import script as batch_script
from dkai.core.clean import one_line
from dkai.core.errors import DkaiError, Refused, RemoteError
from dkai.core.i18n import t
from dkai.core.numbers import finite, utc
from dkai.core.unknown import Unknown

NAME = "ucloud"
_JOB_ID = re.compile(r"^dkai-[0-9a-z]{10}$")
_STATES = {"IN_QUEUE": JobState.QUEUED, "SUSPENDED": JobState.QUEUED, "RUNNING": JobState.RUNNING,
           "SUCCESS": JobState.ENDED, "FAILURE": JobState.ENDED, "EXPIRED": JobState.ENDED}  # fmt: skip
_PAGE = {"itemsPerPage": 250}
_SOME = 100  # numbers in one question: an address has a length
_AN_HOUR = {"PERIODIC_MINUTE": 60.0, "PERIODIC_HOUR": 1.0, "PERIODIC_DAY": 1 / 24}  # of an accounting period


class UCloud:
    """The scheduler."""

    name = NAME
    second_look_s = 20.0

    # --- what there is

    def discover(self, python: str | None = None) -> Command:  # noqa: ARG002 - Python is in the application
        """Ask what there is. Without a token nothing is asked, and what was published counts."""
        questions = [
            Question("products", path="/api/jobs/retrieveProducts", optional=True),
            Question("wallets", path="/api/accounting/v2/browseWallets", pages=10, optional=True,
                     query={**_text(_PAGE), "filterType": "COMPUTE"}),
            Question("drives", path="/api/files/collections/browse", query=_text(_PAGE), pages=10, optional=True),
            Question("application", "POST", "/api/hpc/apps/search", body={"query": APPLICATION, "itemsPerPage": 50},
                     optional=True),
        ]  # fmt: skip
        return Command(write_questions(questions))

    def parse_discovery(self, result: CommandResult, asked_at: float) -> Cluster:
        """The machines as partitions, the wallets as allocations. What was not told is named in `missing`."""
        answers = read_answers(result.stdout)
        if not answers:
            raise RemoteError(t("UCloud did not answer"), code="no-answer", hint=t("try again in a while"))
        missing = {key: one.why or f"status {one.status}" for key, one in answers.items() if not one.ok}
        if any(one.why == "no-token" for one in answers.values()):
            missing = {"products": t("there is no token to ask with; this is what was published")}
        told = machines_in(_body(answers, "products"))
        if not told and "products" not in missing:
            missing["products"] = t("no machine was told")
        wallets = answers.get("wallets")
        return Cluster(
            name="UCloud", scheduler=NAME, version=_application(answers.get("application")), user="",
            home=_drive(answers.get("drives")), scratch=None, partitions=told or published(),
            allocations=tuple(_allocations(wallets)) if wallets is not None and wallets.ok else None,
            python="python3", missing=missing, asked_at=asked_at,
        )  # fmt: skip

    # --- one job

    def script(self, spec: JobSpec, folder: str, python: str) -> str:  # noqa: ARG002 - it is mounted under its own name
        """The batch script."""
        return batch_script(spec, python)

    def submit(self, spec: JobSpec, folder: str, python: str, attempt: str = "0", *, hold: bool = False) -> Command:  # noqa: ARG002 - the protocol's
        """Look for a job of this name, and create one only where there is none."""
        must_be_complete(spec, folder)
        before, name = f"before:{spec.job_id}", spec.job_id
        create = Question(f"create:{name}", "POST", "/api/jobs", body={"items": [specification(spec, folder)]},
                          lacks=(before, name), changes=True)  # fmt: skip
        return Command(write_questions([_by_name(before, name), create]), timeout=180)

    def parse_submit(self, result: CommandResult) -> str:
        """UCloud's number of the job."""
        answers = {key.partition(":")[0]: (key.partition(":")[2], one) for key, one in
                   read_answers(result.stdout).items()}  # fmt: skip
        name, before = answers.get("before", ("", None))
        _, create = answers.get("create", ("", None))
        if before is None or not before.ok:
            raise _not_asked(before)
        if (there := job_in(before, name)) is not None:
            return str(there["id"])
        if create is None or create.status in (0, 408) or create.status >= 500:
            raise _uncertain(create)
        if not create.ok:
            raise _refused(create)
        responses = create.body.get("responses") if isinstance(create.body, dict) else None
        first = responses[0] if isinstance(responses, list) and responses else None
        number = first.get("id") if isinstance(first, dict) else None
        if not isinstance(number, (str, int)) or not re.fullmatch(r"[\w-]{1,80}", str(number)):
            raise _uncertain(create)
        return str(number)

    def status(
        self, jobs: Sequence[tuple[str, str, str | None]], settle: Mapping[str, str] | None = None,  # noqa: ARG002 - the lock in its folder settles
        search: Search | None = None,  # noqa: ARG002 - only jobs that are known are looked for
    ) -> Command:  # fmt: skip
        """Those with a number by it, the others by name; and the records of those that have ended."""
        questions: list[Question] = []
        numbered = [(job_id, number) for job_id, _, number in jobs if number]
        where: dict[str, tuple[str, str]] = {}
        for begin in range(0, len(numbered), _SOME):
            some = numbered[begin : begin + _SOME]
            key = "jobs:" + ",".join(f"{number}={job_id}" for job_id, number in some)
            ids = ",".join(number for _, number in some)
            questions.append(Question(key, path="/api/jobs/browse", pages=4,
                                      query={**_text(_PAGE), "filterIds": ids, "includeUpdates": "true"}))  # fmt: skip
            where |= {job_id: (key, number) for job_id, number in some}
        for job_id, _, number in jobs:
            if not number:
                questions.append(_by_name(f"name:{job_id}", job_id))
                where[job_id] = (f"name:{job_id}", job_id)
        questions += [
            Question(f"record:{job_id}", read=f"{folder}/record.json", limit=2_000_000, ended=where[job_id])
            for job_id, folder, _ in jobs
        ]
        return Command(write_questions(questions), timeout=180)

    def parse_status(self, result: CommandResult) -> dict[str, JobStatus]:
        """By job id, those that UCloud has. Raises RemoteError where it did not say."""
        answers = read_answers(result.stdout)
        found = {}
        for key, answer in answers.items():
            kind, _, rest = key.partition(":")
            if kind not in ("jobs", "name"):
                continue
            if not answer.ok:
                raise _not_asked(answer)
            pairs = [pair.partition("=") for pair in rest.split(",")] if kind == "jobs" else [(rest, "", rest)]
            for word, _, job_id in pairs:
                job = job_in(answer, word)
                if job is not None and _JOB_ID.match(job_id) and state_of(job) in _STATES:
                    found[job_id] = _status(job, answers.get(f"record:{job_id}"))
        return found

    def parse_found(self, result: CommandResult) -> list[Found]:  # noqa: ARG002 - nothing was searched
        """None."""
        return []

    def accounting(self, job_id: str, folder: str, native_id: str | None) -> Command:  # noqa: ARG002
        """The job's own record: UCloud tells no job's use."""
        return Command(write_questions([Question("record", read=f"{folder}/record.json", limit=2_000_000)]))

    def parse_accounting(self, result: CommandResult) -> Accounting | None:
        """What the runner measured; None where there is no record of an end."""
        record = _record(read_answers(result.stdout).get("record"))
        if record.get("state") != "ended":
            return None
        began, ended = finite(record.get("started_at")), finite(record.get("ended_at"))
        return Accounting(
            native_id="", state=str(record.get("outcome")), exit_code=_whole(record.get("exit_code")),
            elapsed_s=None if began is None or ended is None else round(ended - began),
            cpu_time_used_s=finite(record.get("cpu_s")), max_rss_mb=finite(record.get("max_rss_mb")),
            started_at=began, ended_at=ended, node=_word(record.get("node")), source="record",
        )  # fmt: skip

    def cancel(self, job_id: str, folder: str, native_id: str | None) -> Command:  # noqa: ARG002
        """End it, by UCloud's own number. Raises RemoteError where that is not known."""
        if native_id is None:
            raise RemoteError(
                t("it is not known (yet) which number {job} has at UCloud", job=job_id),
                code="no-native-id",
                hint=t("find out with: dkai compute jobs --refresh; or end it in the browser"),
            )
        body = {"items": [{"id": native_id}]}
        return Command(write_questions([Question("cancel", "POST", "/api/jobs/terminate", body=body, changes=True)]))

    def parse_cancel(self, result: CommandResult) -> None:
        """Raises RemoteError when it was not ended."""
        answer = read_answers(result.stdout).get("cancel")
        if answer is None or not answer.ok:
            why = (answer.why if answer else "") or t("no reason was given")
            raise RemoteError(
                t("UCloud did not end the job: {why}", why=why),
                code="cancel-failed",
                hint=t("see whether it still runs: dkai compute status; or end it in the browser"),
            )

    def by_hand(self, spec: JobSpec, folder: str, python: str, *, hold: bool = False) -> tuple[str, ...]:  # noqa: ARG002
        """Nothing is typed there: what is asked, in order."""
        return (
            f"POST /api/files/upload {folder}",
            f"POST /api/jobs/search {spec.job_id}  # {t('one of this name that is there already is the one')}",
            f"POST /api/jobs {spec.partition} {hours(spec)} h",
        )

    def guess(self, script: str) -> Command | None:  # noqa: ARG002 - the protocol's
        """None: UCloud guesses no start."""
        return None

    def parse_guess(self, result: CommandResult) -> float | Unknown:  # noqa: ARG002
        """Unknown: it was not asked."""
        return Unknown(t("the scheduler was not asked"))

    def explain(self, status: JobStatus) -> str:
        """UCloud's own last words about it, or the runner's reason."""
        return own_reason(status.reason) or (status.reason or "")

    def remedy(self, status: JobStatus) -> str:  # noqa: ARG002 - there is nothing to do but wait
        """Nothing."""
        return ""


# --- questions


def _text(numbers: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in numbers.items()}


def _by_name(key: str, job_id: str) -> Question:
    """Jobs that have the word in their name, application or number; the name is compared whole in the answer."""
    body = {**_PAGE, "query": job_id, "includeUpdates": True}
    return Question(key, "POST", "/api/jobs/search", body=body, pages=4)


# --- answers


def _body(answers: Mapping[str, Answer], key: str) -> Any:
    answer = answers.get(key)
    return answer.body if answer is not None and answer.ok else None


def _application(answer: Answer | None) -> str | None:
    """`pytorch-te 26.05`: the application, with the version that is offered now."""
    for item in answer.items if answer is not None and answer.ok else ():
        metadata = item.get("metadata")
        if isinstance(metadata, dict) and metadata.get("name") == APPLICATION:
            version = metadata.get("version")
            if isinstance(version, str) and re.fullmatch(r"[\w.+-]{1,40}", version):
                return f"{APPLICATION} {version}"
    return None


def _drive(answer: Answer | None) -> str | None:
    """The person's own drive as a path: the first of their own files, else the only one."""
    drives = [(str(item.get("id")), item.get("specification")) for item in (answer.items if answer else ())]
    known = [(id_, one.get("title")) for id_, one in drives if id_.isdecimal() and isinstance(one, dict)]
    own = [id_ for id_, title in known if isinstance(title, str) and title.startswith(("Member Files", "Home"))]
    chosen = own[:1] or ([known[0][0]] if len(known) == 1 else [])
    return f"/{chosen[0]}" if chosen else None


def _allocations(answer: Answer) -> Iterator[Allocation]:
    """Each wallet's hours, under the name of what it pays for."""
    for wallet in answer.items:
        pays = wallet.get("paysFor")
        if not isinstance(pays, dict) or not isinstance(pays.get("name"), str):
            continue
        per = _AN_HOUR.get(str(pays.get("accountingFrequency")))
        quota, usage = finite(wallet.get("quota")), finite(wallet.get("totalUsage"))
        if per is None or quota is None or usage is None:
            continue
        usable = finite(wallet.get("maxUsable"))
        # Of a wallet whose parent is used up less may be usable than is left of it.
        used = max(usage, quota - usable) if usable is not None else usage
        unit = "gpu-hour" if pays["name"].startswith("gpu") else "core-hour"
        yield Allocation(one_line(pays["name"], 60), unit, used / per, quota / per, _ends(wallet), "UCloud")


def _ends(wallet: Mapping[str, Any]) -> str | None:
    """The day on which the first of its allocations ends."""
    moments = []
    for group in wallet.get("allocationGroups") or ():
        inner = group.get("group") if isinstance(group, dict) else None
        for one in (inner.get("allocations") if isinstance(inner, dict) else None) or ():
            end = finite(one.get("endDate")) if isinstance(one, dict) and not one.get("retired") else None
            if end is not None:
                moments.append(end / 1000)
    first = utc(min(moments)) if moments else None
    return None if first is None else first.date().isoformat()


def _record(answer: Answer | None) -> dict[str, Any]:
    if answer is None or not answer.ok or not isinstance(answer.body, str):
        return {}
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _status(job: Mapping[str, Any], record_answer: Answer | None) -> JobStatus:
    record = _record(record_answer)
    native = state_of(job)
    state = _STATES[native]
    said = [update for update in job.get("updates") or () if isinstance(update, dict)]
    words = next((one_line(text, 200) for update in reversed(said) if (text := _word(update.get("status")))), "")
    ended = record.get("state") == "ended"
    began = finite(record.get("started_at")) or _seconds((job.get("status") or {}).get("startedAt"))
    last = max((at for update in said if (at := _seconds(update.get("timestamp")))), default=None)
    outcome = None
    if state is JobState.ENDED:
        outcome = _outcome(native, record, words, is_read=bool(record), has_started=began is not None)
    return JobStatus(
        state=state,
        outcome=outcome,
        native_id=str(job["id"]),
        native_state=native,
        reason=(_word(record.get("reason")) if ended else None) or (words or None),
        exit_code=_whole(record.get("exit_code")) if ended else _exit_code(words),
        submitted_at=_seconds(job.get("createdAt")),
        started_at=began,
        ended_at=(finite(record.get("ended_at")) if ended else None) or (last if state is JobState.ENDED else None),
        node=_word(record.get("node")),
        evidence="record" if ended else NAME,
    )


def _outcome(native: str, record: Mapping[str, Any], words: str, *, is_read: bool, has_started: bool) -> Outcome:
    """How it ended: by its own record, else by UCloud's state and words (`terminatedPodState` in its monitor.go)."""
    own = record.get("outcome")
    if record.get("state") == "ended" and own in list(Outcome):
        return Outcome(own)
    if native == "EXPIRED":
        return Outcome.TIMEOUT
    if native == "FAILURE":
        if "OOMKilled" in words or "memory limit" in words:
            return Outcome.OUT_OF_MEMORY
        return Outcome.NODE_FAIL if "node was no longer available" in words else Outcome.FAILED
    # A job that somebody ended is a SUCCESS to UCloud; one that ended by itself has written so.
    if is_read or not has_started:
        return Outcome.CANCELLED
    return Outcome.UNKNOWN


def _exit_code(words: str) -> int | None:
    found = re.search(r"exit code (\d{1,3})\b", words)
    return int(found[1]) if found else None


def _seconds(value: Any) -> float | None:
    """A moment of UCloud's, which counts milliseconds."""
    moment = finite(value)
    return None if moment is None else moment / 1000


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: Any) -> int | None:
    return value if type(value) is int else None


# --- errors


def _not_asked(answer: Answer | None) -> DkaiError:
    status, why = (answer.status, answer.why) if answer else (0, "")
    return RemoteError(
        t("UCloud did not say which jobs there are (status {status}): {why}", status=status,
          why=why or t("no reason was given")),
        code="ucloud-failed",
        hint=t("try again in a while; whether UCloud is up is seen in the browser"),
    )  # fmt: skip


def _uncertain(answer: Answer | None) -> RemoteError:
    status, why = (answer.status, answer.why) if answer else (0, "")
    return RemoteError(
        t("UCloud's answer does not say whether it took the job (status {status}): {why}", status=status,
          why=why or t("no reason was given")),
        code="submission-uncertain",
        hint=t("ask for its status before you try again"),
    )  # fmt: skip


def _refused(answer: Answer) -> Refused:
    why = answer.why or t("no reason was given")
    if answer.status == 402:
        return Refused(
            t("UCloud does not take the job, as nothing is left to pay for it with: {why}", why=why),
            code="out-of-funds",
            hint=t("choose another project (--account), a smaller machine, or apply for more: "
                   "dkai catalogue show ucloud"),
        )  # fmt: skip
    return Refused(
        t("UCloud does not take the job (status {status}): {why}", status=answer.status, why=why),
        code="ucloud-refused",
        hint=t("its machines and applications change: see them with --ask-now, or start the job in the browser with "
               "dkai compute handoff"),
        details={"status": answer.status},
    )  # fmt: skip
