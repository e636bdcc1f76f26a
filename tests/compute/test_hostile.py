"""What a site answers, and what names it uses, may be anything: it is read, refused, or shown harmlessly.

Every parser is fed with generated and mutated answers; the only exception that may come out is a DkaiError. What is
made of them is rendered, in text, JSON, csv and md, and no control character may come out there.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from clusters import recipe
from hostile import PIECES, RAW, Hostile, frame, said

from dkai.app.allocations import AllocationList
from dkai.app.cluster_view import cluster_view
from dkai.app.jobs import JobList, view
from dkai.cli import (
    entry,
    output,
    render_allocations,
    render_cluster,
    render_jobs,
    render_plan,
    render_receipt,
)
from dkai.cli.progress import Progress
from dkai.compute.allocations import lines
from dkai.compute.cluster import Cluster
from dkai.compute.follow import LogReader, describe
from dkai.compute.gate import judge
from dkai.compute.host import CommandResult, wire
from dkai.compute.job import Accounting, JobSpec, JobState, JobStatus, Outcome, Resources
from dkai.compute.ledger import Job, open_ledger
from dkai.compute.link import Link
from dkai.compute.news import News
from dkai.compute.plan import Plan, plan_text, read_plan
from dkai.compute.policy import Policy, policy_of
from dkai.compute.quote.choose import Wishes, on_cluster
from dkai.compute.quote.quote import Place, make_quote
from dkai.compute.receipt import make_receipt
from dkai.compute.refresh import seen
from dkai.compute.scheduler import slurm_allocations, slurm_guess, slurm_verify
from dkai.compute.scheduler.process import Process
from dkai.compute.scheduler.slurm import Slurm
from dkai.compute.scheduler.slurm_allocations import Lately
from dkai.compute.scheduler.slurm_reasons import policy_refusal, refusal
from dkai.compute.scheduler.slurm_script import script
from dkai.compute.site import Site
from dkai.compute.sites_file import get_site, save_site
from dkai.core.clean import no_controls, one_line
from dkai.core.errors import DkaiError
from dkai.core.findings import NOTHING

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures/slurm/22.05"
DISCOVERY = (FIXTURES / "dkai/discovery.out").read_text(encoding="utf-8")
USED = (FIXTURES / "dkai/used.out").read_text(encoding="utf-8")
SITE = Site("c", host="ssh", scheduler="slurm", address="c")
ID = "dkai-0000000001"
RECORD = {
    "schema": "dkai/record/1", "job_id": ID, "state": "ended", "outcome": "failed", "exit_code": 3, "reason": None,
    "started_at": 1795472478.9, "ended_at": 1795472479.1, "node": "gpu01", "gpus": ["H100"], "cpu_s": 1.5,
    "max_rss_mb": 12.6, "python": {"version": "3.11.2"}, "samples": [[5.1, 8.0, None, None]],
}  # fmt: skip
STATUS = (
    frame(
        "queue",
        f"7|{ID}|PENDING|1795472478|N/A|N/A|n/a|AssocGrpGRESMinutes|/home/alice/dkai/{ID}",
        "8|dkai-0000000002|RUNNING|1795472478|1795472478|1795472538|gpu01|None|/home/alice/x",
    )
    + frame("now", "1795472500")
    + frame("jobs", f"{ID} 7", "dkai-0000000002 8", "dkai-0000000003 9")
    + frame("ended", "9|dkai-0000000003|FAILED|3:0|1795472478|1795472478|1795472479|gpu01")
    + frame("records", f"dkai-0000000003|{json.dumps(RECORD)}")
)
LATELY = DISCOVERY + (
    frame("zone", "1795549947 +0100")
    + frame("spent-30", "c|project_a|||gres/gpu|90", "c|project_a|alice|A|gres/gpu|90")
    + frame("spent-7", "c|project_a|||gres/gpu|9")
    + frame("people", "ClusterName=c Account=project_a UserName=alice(1001) GrpTRESMins=gres/gpu=600(30)")
)
RUNNER = "\n".join(
    f"dkai/runner/1 {json.dumps(one)}"
    for one in (
        {"job_id": ID, "native_id": "n:1", "state": "running", "node": "n", "started_at": 1.5},
        {"user": "a", "home": "/home/a", "scratch": "/s", "python": "/p", "python_version": "3.11", "cpus": 4,
         "memory_mb": 100, "gpus": ["x"]},
    )
)  # fmt: skip


def harmless(text: str) -> None:
    """No control character, and something a terminal can be sent."""
    found = RAW.search(text)
    assert found is None, repr(text[max(0, found.start() - 40) : found.start() + 40])
    text.encode("utf-8")


def rendered(parts: Iterator[Any], width: int = 100) -> str:
    """What a terminal would get, through the very console that dkai writes with."""
    stream = StringIO()
    console = output.make_console(stream, width=width)
    for part in parts:
        console.print(part)
    return stream.getvalue()


def shown(capsys: pytest.CaptureFixture[str], result: object, render: Callable[[Any], Any], **more: Any) -> str:
    """The result in all its formats."""
    whole = rendered(render(result))
    output.show_json(result, "x")
    if "table" in more:
        for form in (output.TableOutput.CSV, output.TableOutput.MD):
            output.show(result, "x", form, render, **more)
    whole += capsys.readouterr().out
    harmless(whole)
    return whole


# --- parsers


def plain_answers(seed: int, count: int, base: str) -> Iterator[CommandResult]:
    chance = Hostile(seed)
    for number in range(count):
        text = chance.mutated(base) if number % 8 else frame("x", chance.line()) + chance.text(30)
        yield said(text, chance.choice((0, 0, 1, 72, 124, 255, -1)), chance.text())


PARSERS: list[tuple[str, int, str, Callable[[CommandResult], object]]] = [
    ("discovery", 450, DISCOVERY, lambda a: Slurm().parse_discovery(a, 7.0)),
    ("status", 500, STATUS, Slurm().parse_status),
    ("found", 100, STATUS, Slurm().parse_found),
    ("used", 350, USED, Slurm().parse_accounting),
    ("submit", 300, frame("queue") + frame("sbatch", "4711;c", errors=("sbatch: note",)), Slurm().parse_submit),
    ("refused", 200, frame("sbatch", code=1, errors=("sbatch: error: Invalid account",)), Slurm().parse_submit),
    ("cancel", 150, frame("queue", "7") + frame("scancel 7"), Slurm().parse_cancel),
    ("guess", 150, frame("clock", "2026-11-24T12:00:00") + frame(
        "guess", errors=("sbatch: Job 7 to start at 2026-11-24T13:00:00 using 1 processors on nodes x",)
    ), slurm_guess.parse),
    ("lately", 200, LATELY, slurm_allocations.parse),
    ("verify", 100, frame("job", f"JobId=7 JobName={ID} UserId=alice(1001) TRES=cpu=1,mem=1G,node=1,billing=1"),
     lambda a: slurm_verify.parse(a, ID)),
    ("runner-status", 200, RUNNER, Process(True).parse_status),
    ("runner-submit", 100, RUNNER, Process(True).parse_submit),
    ("runner-discovery", 100, RUNNER, lambda a: Process(True).parse_discovery(a, 7.0)),
    ("runner-used", 100, RUNNER, Process(True).parse_accounting),
    ("runner-cancel", 50, RUNNER, Process(True).parse_cancel),
]  # fmt: skip


@pytest.mark.parametrize(("name", "count", "base", "parse"), PARSERS, ids=[one[0] for one in PARSERS])
def test_an_answer_is_read_or_refused(
    name: str, count: int, base: str, parse: Callable[[CommandResult], object], capfd: pytest.CaptureFixture[str]
) -> None:
    if name != "refused":
        parse(said(base))  # as it is, it can be read
    for answer in plain_answers(sum(name.encode()), count, base):
        try:
            parse(answer)
        except DkaiError as error:
            harmless(error.message.replace("\n", " ") + (error.hint or "").replace("\n", " "))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("name", "base", "parse"), [(n, b, p) for n, _, b, p in PARSERS], ids=[p[0] for p in PARSERS])
def test_a_line_of_ten_megabytes(name: str, base: str, parse: Callable[[CommandResult], object]) -> None:
    for filling in ("x", "9", "=", ",", "|", "(", " "):
        long = filling * (10_000_000 if filling == "x" else 300_000)
        with suppress(DkaiError):
            parse(said(base.replace("\n|", f"\n|{long}\n|", 1), errors=long))


def test_refusals() -> None:
    chance = Hostile(5)
    for _ in range(300):
        error = refusal(chance.choice((0, 1, 255)), chance.text(10))
        harmless(error.message)
        policy = policy_refusal(chance.choice(("sbatch: error: ", "")) + chance.text(10))
        if policy is not None:
            harmless(policy.message)


def test_listings_of_files() -> None:
    chance = Hostile(6)
    for number in range(100):
        line = chance.text(8, nul=True, surrogates=True).encode("utf-8", "surrogateescape")
        for parse in (wire.parse_sums, wire.parse_state):
            with suppress(DkaiError):
                parse(line if number % 2 else b"0" * 64 + b"  " + line)


# --- what is made of them, shown


def clusters(seed: int, count: int, base: str = DISCOVERY) -> Iterator[tuple[Cluster, CommandResult]]:
    for answer in plain_answers(seed, count, base):
        with suppress(DkaiError):
            yield Slurm().parse_discovery(answer, 1795549947.0), answer


def planned(cluster: Cluster, wishes: Wishes, chance: Hostile) -> Plan:
    """A plan on such a cluster; the person's own words in it are no better. Raises DkaiError."""
    policy = Policy()
    chosen = on_cluster(recipe(), wishes, cluster, SITE)
    quote = make_quote(chosen, cluster, Place(chance.line(), facts=(chance.line(),)))
    assert policy.place is None
    spec = JobSpec(ID, "r", "1.2", "c", chosen.resources, {"x": chance.text()})
    return Plan(
        site=SITE, spec=spec, recipe_name="R", folder="/x", python="python3", script=f"#!/bin/sh\n{chance.text()}",
        files=(), quote=quote, findings=NOTHING, gate=judge(NOTHING, SITE, declared=None, own_data=False),
        versions={"dkai": "0.1", "recipe": "1.2"}, overrides=(), language="en", sample=False,
    )  # fmt: skip


def test_quotes_connections_and_allocations(capsys: pytest.CaptureFixture[str]) -> None:
    chance, made = Hostile(10), 0
    for cluster, answer in clusters(11, 160, LATELY):
        shown(capsys, cluster_view(cluster), render_cluster.cluster)
        lately = slurm_allocations.parse(answer, everybody=True)
        found = lines("c", cluster, lately, policy_of(SITE), everybody=True)
        listed = AllocationList(found, (chance.line(),), (chance.line(),))
        shown(capsys, listed, render_allocations.table, table=render_allocations.rows)
        try:
            plan = planned(cluster, Wishes(gpus=1), chance)
        except DkaiError as error:
            entry.show_error(error, as_json=False)
            entry.show_error(error, as_json=True)
            harmless(capsys.readouterr().err)
            continue
        made += 1
        shown(capsys, plan, render_plan.whole)
        harmless(rendered(render_plan.explain(plan)))
        assert read_plan(plan_text(plan)) == plan
    assert made > 60


MOMENTS = (None, 0.0, -1.0, 1.5, 1795472478.5, 1e10, 1e18, 1e308, float("inf"), float("nan"), -1e308)


def test_jobs_and_their_states(capsys: pytest.CaptureFixture[str]) -> None:
    chance = Hostile(20)
    save_site(SITE)
    with open_ledger() as ledger:
        for number in range(120):
            job_id = f"dkai-{number:010}"
            plan_ = planned(Slurm().parse_discovery(said(DISCOVERY), 7.0), Wishes(), chance)
            ledger.add(job_id=job_id, recipe="r", recipe_version="1", site="c", folder=f"/x/{chance.line()}",
                       plan=plan_text(plan_), evidence={})  # fmt: skip
            ledger.move(job_id, JobState.SENT, expect=[JobState.PLANNED], what="sent", evidence={}, native_id="1")
            status = JobStatus(
                chance.choice((JobState.QUEUED, JobState.RUNNING, JobState.ENDED, JobState.UNKNOWN)),
                chance.choice((None, *Outcome)), chance.line(), chance.line(), chance.line(), node=chance.line(),
                started_at=chance.choice(MOMENTS), ended_at=chance.choice(MOMENTS), exit_code=chance.choice((None, -1)),
            )  # fmt: skip
            seen(ledger.get(job_id), status, ledger)
            job = ledger.get(job_id)
            with Link(SITE) as link:
                harmless(describe(job, link).replace("\n", " "))
            shown(capsys, view(job, ledger, steps=True), render_jobs.one)
            harmless(rendered(render_jobs.submitted(view(job, ledger))))
        listed = JobList(tuple(view(job, ledger) for job in ledger.recent(200)), (chance.line(),), (chance.line(),))
    shown(capsys, listed, render_jobs.table, table=render_jobs.rows)


def test_receipts(capsys: pytest.CaptureFixture[str]) -> None:
    chance = Hostile(30)
    cluster = Slurm().parse_discovery(said(DISCOVERY), 7.0)
    plan = planned(cluster, Wishes(gpus=1), Hostile(31))
    job = Job(ID, 0, "r", "1.2", "c", "/x", JobState.ENDED, Outcome.COMPLETED, "17")

    def value() -> Any:
        return chance.choice(
            (chance.line(), chance.text(), -1, 1e308, 0, None, True, [], {}, ["\x1b[31m"], [[1]], 10**400)
        )

    for answer in plain_answers(32, 200, USED):
        accounting: Accounting | None = None
        with suppress(DkaiError):
            accounting = Slurm().parse_accounting(answer)
        record: dict[str, Any] = dict(RECORD)
        for key in chance.sample(sorted(record), 3):
            record[key] = value()
        made = make_receipt(job, plan, accounting, record)
        shown(capsys, made, render_receipt.receipt)
        harmless(rendered(render_receipt.methods(made)))


def test_progress_and_errors(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Hostile(40)
    with Progress() as progress:
        for _ in range(150):
            progress.tell(News(chance.choice(("lost", "warning", "submitted", "connecting")), chance.text()))
            entry.show_error(
                DkaiError(chance.text(surrogates=True), code="x", hint=chance.text(), details={"a": chance.text()}),
                as_json=chance.random() < 0.5,
            )
    harmless(capsys.readouterr().err)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress() as drawn:
        for _ in range(50):
            drawn.tell(News("connecting", chance.text(), 1, 2))
    # On a terminal the line's own control characters are dkai's: back to its beginning, and clear it.
    harmless(capsys.readouterr().err.replace("\r\x1b[K", ""))


def test_markup_is_text() -> None:
    markup = "[bold red]x[/] :smile: [link=http://evil]y[/link]"
    cluster = Slurm().parse_discovery(said(DISCOVERY), 7.0)
    assert cluster.associations
    evil = replace(cluster, associations=(replace(cluster.associations[0], account=markup),))
    found = AllocationList(lines("c", evil, Lately(), Policy()))
    assert markup in rendered(render_allocations.table(found), width=400)
    assert markup in rendered(iter([markup]), width=400)


def test_cleaning_itself() -> None:
    chance = Hostile(50)
    for _ in range(300):
        text = chance.text(nul=True, surrogates=True)
        harmless(no_controls(text))
        line = one_line(text)
        harmless(line)
        assert "\n" not in line
        assert "\t" not in line
        assert len(line) <= 300
        assert no_controls(no_controls(text)) == no_controls(text)
    for piece in PIECES:
        harmless(no_controls(piece))


# --- names that people type, or sites tell


OPTION = re.compile(r"^#SBATCH --[a-z-]+(=[^\n]*)?$")


def test_names_inject_no_option_and_no_command() -> None:
    chance, passed = Hostile(60), 0
    usual = script(JobSpec(ID, "r", "1", "c", Resources(gpus=1, gpu_type="a"), {}, "a", "a", "a"), "/x", "/usr/bin/p")
    names = [line.partition("=")[0] for line in usual.split("\n") if line.startswith("#SBATCH")]
    for number in range(600):
        one = (
            chance.text(2, nul=True, surrogates=True)
            if number % 3
            else chance.choice(("a", "b-1", "é", "x@y", "q+")) * 2
        )
        words = ["a", "a", "a", "a"]
        words[number % 4] = one
        spec = JobSpec(ID, "r", "1", "c", Resources(gpus=1, gpu_type=words[0]), {"p": one}, *words[1:])
        try:
            text = script(spec, "/x", "/usr/bin/p")
        except DkaiError as error:
            entry.show_error(error, as_json=False)
            continue
        passed += 1
        head = [line for line in text.split("\n") if line.startswith("#SBATCH")]
        assert [line.partition("=")[0] for line in head] == [name for name in names if one or name in text]
        assert all(OPTION.match(line) for line in head)
        assert text.partition("\nset -euo")[2] == usual.partition("\nset -euo")[2]
    assert passed > 100


def test_folders_and_interpreters_inject_nothing(tmp_path: Path) -> None:
    import subprocess

    chance = Hostile(70)
    for _ in range(60):
        folder, python = "/" + chance.text(2, surrogates=True), chance.text(2, surrogates=True)
        try:
            text = script(JobSpec(ID, "r", "1", "c", Resources(), {}), folder, python)
        except DkaiError:
            continue
        (tmp_path / "job.sh").write_bytes(text.encode("utf-8", "surrogateescape"))
        done = subprocess.run(["bash", "job.sh"], cwd=tmp_path, capture_output=True, check=False, timeout=20)
        assert done.returncode != 0  # there is no such folder
        assert [path.name for path in tmp_path.iterdir()] == ["job.sh"]


def test_sites_are_saved_as_typed_or_refused() -> None:
    chance, kept = Hostile(80), 0
    for number in range(200):
        word = chance.text(2)
        field = ("address", "user", "account", "partition", "qos", "base", "python", "identity")[number % 8]
        site = replace(SITE, id=f"s{number}", **{field: word})
        try:
            save_site(site)
        except DkaiError as error:
            entry.show_error(error, as_json=False)
            continue
        kept += 1
        assert get_site(f"s{number}") == site
        if field in ("address", "user"):
            assert not word.startswith("-")
            assert not re.search(r"[\s\x00-\x1f]", word)
    for _ in range(100):
        with suppress(DkaiError):
            save_site(replace(SITE, id=chance.text(2)))
    from dkai.compute.sites_file import load_sites

    assert all(re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name) for name in load_sites())
    assert kept > 10


# --- logs


class Log:
    """A host that has one file, and gives it in pieces."""

    is_local = False
    name = "c"

    def __init__(self, data: bytes, piece: int) -> None:
        self.data, self.piece = data, piece

    def read(self, path: str, offset: int = 0, limit: int = 1_000_000) -> bytes:
        return self.data[offset : offset + min(limit, self.piece + 64)]

    def close(self) -> None:
        pass


@pytest.mark.parametrize("seed", range(40))
def test_a_log_cannot_steer_the_terminal(seed: int) -> None:
    chance = Hostile(seed)
    text = "\n".join(chance.text(10, nul=True, surrogates=True) for _ in range(chance.randint(0, 60)))
    data = text.encode("utf-8", "surrogateescape")
    if chance.random() < 0.3:
        data += chance.randbytes(200)
    job = Job(ID, 0, "r", "1", "c", "/x", JobState.RUNNING, None, "1")
    host = Log(data, chance.choice((10**9, 10**9, 700)))
    link = Link(SITE, opener=lambda *_: host)  # type: ignore[arg-type,return-value]
    reader, pieces = LogReader(job, link), []
    for _ in range(2000):
        piece = reader.read(final=True)
        if not piece and not reader.has_more:
            break
        pieces.append(piece)
    whole = "".join(pieces)
    harmless(whole)
    if host.piece > len(data):
        assert whole.count("\n") >= data.decode("utf-8", "replace").count("\n")


def test_the_generator_is_the_same_every_time() -> None:
    assert Hostile(1).text(30) == Hostile(1).text(30)
    assert len({Hostile(seed).text(5) for seed in range(200)}) > 190
