"""The hand-off: what is written, that it runs as it is, and that what comes back is read and not believed."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from clusters import recipe

from dkai.app import handoff
from dkai.app import jobs as work
from dkai.app import submit_walk as walk
from dkai.app.receipts import receipt
from dkai.compute.gate import Gate
from dkai.compute.job import JobSpec, JobState, Outcome
from dkai.compute.ledger import open_ledger
from dkai.compute.link import Link
from dkai.compute.plan import Plan, PlannedFile
from dkai.compute.quote.choose import Wishes
from dkai.compute.quote.formulas import Formula
from dkai.compute.quote.machines import on_machines
from dkai.compute.quote.quote import Place, make_quote
from dkai.compute.refresh import refresh
from dkai.compute.scheduler import scheduler_for
from dkai.compute.scheduler.ucloud import UCloud
from dkai.compute.site import Site
from dkai.compute.sites_file import load_sites
from dkai.core.errors import Refused, UserError
from dkai.core.findings import NOTHING
from dkai.core.i18n import speaking
from dkai.core.levels import Level
from dkai.core.text import Text

GOLDEN = Path(__file__).parent / "golden"
JOB = "dkai-s2eb5wrff5"
RULES = (Text("AAU: kun i godkendte projekter", "AAU: in approved projects only"),)
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def cluster_untold():  # type: ignore[no-untyped-def]
    """What is known of UCloud without a token."""
    answer = "".join(
        json.dumps({"key": key, "status": 0, "why": "no-token"}) + "\n"
        for key in ("products", "wallets", "drives", "application")
    )
    from dkai.compute.host import CommandResult

    return UCloud().parse_discovery(CommandResult(0, answer, ""), 1_800_000_000.0)


def plan(level: Level, *, gpus: int = 1, base: str | None = None, account: str | None = None, name: str = "r") -> Plan:
    """A plan in which nothing depends on this computer, the day, or the catalogue."""
    site = Site("ucloud", host="ucloud", scheduler="ucloud", provider="ucloud", base=base, account=account, level=level)
    cluster = cluster_untold()
    choice = on_machines(recipe(gpus=gpus), Wishes(), cluster, site, 21)
    formula = Formula("ucloud-gpu", {"factor": 1, "mig_slices_per_gpu": 7}, "source")
    spec = JobSpec(
        JOB, "r", "1", "ucloud", choice.resources, partition=choice.ask.partition.name if choice.ask else None,
        place=choice.place,
    )  # fmt: skip
    folder = f"{base or '/DRIVE'}/dkai/{JOB}"
    return Plan(
        site=site, spec=spec, recipe_name=name, folder=folder, python="python3",
        script=scheduler_for("ucloud").script(spec, folder, "python3"),
        files=(PlannedFile("job.sh", 1, "0"), PlannedFile("runner.py", 1, "0")),
        quote=make_quote(choice, cluster, Place("UCloud", site, formula=formula)), findings=NOTHING,
        gate=Gate(level, level, level, False, False, ()), versions={}, overrides=(), language="en", sample=False,
    )  # fmt: skip


# --- what is written

CASES = {
    "slice": plan(Level.PUBLIC),
    "drive": plan(Level.CONFIDENTIAL, gpus=0, base="/12345", account="1f1d2a4e-0000-4000-8000-000000000000"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_lies_beside_the_job_is_what_was_agreed_on(case: str) -> None:
    for name, text in {**handoff.pages_of(CASES[case], RULES), "job.sh": CASES[case].script}.items():
        path = GOLDEN / case / name
        if os.environ.get("DKAI_GOLDEN") == "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), name


@pytest.mark.parametrize("case", CASES)
def test_the_parameters_are_what_the_page_imports(case: str) -> None:
    """The checks of `cleanupImportResult` in UCloud's ImportParameters.tsx."""
    found = json.loads(handoff.pages_of(CASES[case], RULES)["ucloud-parameters.json"])
    assert found["siteVersion"] == 3
    request = found["request"]
    assert isinstance(request["parameters"], dict) and isinstance(request["resources"], list)
    for one in request["parameters"].values():
        assert isinstance(one["path"], str) and isinstance(one["readOnly"], bool)
    assert all(isinstance(one["path"], str) for one in request["resources"] if one["type"] == "file")
    assert all(isinstance(request["product"][key], str) for key in ("id", "category", "provider"))
    assert type(request["replicas"]) is int and isinstance(request["name"], str)
    assert all(type(request["timeAllocation"][key]) is int for key in ("hours", "minutes", "seconds"))
    assert set(request["application"]) == {"name", "version"}


class _Page(HTMLParser):
    """What a browser would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            if name in ("src", "href"):
                self.links.append(f"{tag} {value}")


def test_the_page_needs_nothing_else_and_says_nothing_of_its_own_accord() -> None:
    bad = replace(CASES["slice"], recipe_name="<script>alert(1)</script><img src=x>")
    text = handoff.pages_of(bad, RULES)["STEPS.html"]
    page = _Page()
    page.feed(text)
    assert not {"script", "img", "link", "iframe", "object"} & set(page.tags)
    assert all(link.startswith("a https://cloud.sdu.dk") for link in page.links)
    assert "<li><script" not in text and "&lt;script&gt;" in text
    assert "\n<script" not in handoff.pages_of(bad, RULES)["STEPS.md"]


def test_both_languages_are_whole_and_the_readers_comes_first() -> None:
    english = handoff.pages_of(CASES["slice"], RULES)["STEPS.md"]
    assert english.index("Start the job") < english.index("Start jobbet")
    danish = handoff.pages_of(replace(CASES["slice"], language="da"), RULES)["STEPS.md"]
    assert danish.index("Start jobbet") < danish.index("Start the job")
    with speaking("da"):
        assert handoff.pages_of(CASES["slice"], RULES)["STEPS.md"] == english


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    script = tmp_path / "job.sh"
    script.write_text(CASES["slice"].script, encoding="utf-8")
    done = subprocess.run(["shellcheck", str(script)], check=False,
                          capture_output=True, text=True)  # fmt: skip
    assert not done.stdout, done.stdout


# --- the walk, with nobody asked


def test_a_hand_off_is_written_run_and_read_back(dkai: Run, tmp_path: Path) -> None:
    out = tmp_path / "for ucloud"
    said = dkai("compute", "handoff", "gpu-check", "--sample", "--param", "speed=false", "--out", str(out))
    assert "nothing was sent" in said.stdout and "unverified" in said.stderr
    (folder,) = (path for path in out.iterdir() if path.is_dir())
    job_id = folder.name
    assert {path.name for path in out.iterdir()} == {"STEPS.html", "STEPS.md", "ucloud-parameters.json", job_id}
    assert {"runner.py", "job.json", "params.json", "plan.json", "job.sh", "script"} <= {
        p.name for p in folder.iterdir()
    }
    assert "handed to you" in dkai("compute", "jobs").stdout
    assert dkai("compute", "jobs", "--refresh").returncode == 0
    assert "handed to you" in dkai("compute", "fetch", check=1).stderr

    archive = run_as_ucloud_does(folder, tmp_path)
    home = tmp_path / "home"
    dkai("compute", "fetch", job_id, "--from", str(archive), "--into", str(home))
    assert json.loads((home / "report.json").read_text(encoding="utf-8"))
    status = json.loads(dkai("compute", "status", job_id, "--format", "json").stdout)
    assert (status["state"], status["outcome"], status["exit_code"]) == ("ended", "completed", 0)
    assert dkai("compute", "logs", job_id).stdout.strip()
    assert "completed" in dkai("compute", "receipt", job_id, "--format", "json").stdout


def run_as_ucloud_does(folder: Path, tmp_path: Path) -> Path:
    """Run the batch script with the job's folder in place of UCloud's mount; gives the archive to download."""
    text = (folder / "job.sh").read_text(encoding="utf-8")
    (tmp_path / "job.sh").write_text(text.replace(f"/work/{folder.name}", f"'{folder}'"), encoding="utf-8")
    done = subprocess.run(["bash", str(tmp_path / "job.sh")], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / f"results-{folder.name}.tar.gz"


def test_data_that_may_not_go_there_write_nothing(tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("a,b\n1,2\n", encoding="utf-8")
    place = handoff.site_for(None)
    assert place.id == "ucloud" and load_sites()["ucloud"].host == "ucloud"
    request = walk.Request("tabular-baseline", "ucloud", inputs=(mine,), level=Level.SENSITIVE)
    found = walk.prepare(request)
    with pytest.raises(Refused) as caught:
        handoff.hand_over(found, tmp_path / "out")
    assert caught.value.code == "data-level"
    assert not (tmp_path / "out").exists()
    with open_ledger() as ledger:
        assert not ledger.recent(include_planned=True)


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("x", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        handoff.must_be_free(tmp_path / "out")
    assert caught.value.code == "folder-not-empty"


# --- what comes back


@pytest.fixture
def handed(tmp_path: Path) -> str:
    """A job that was handed over."""
    handoff.site_for(None)
    found = walk.prepare(walk.Request("gpu-check", "ucloud", sample=True))
    return handoff.hand_over(found, tmp_path / "out").id


def brought(tmp_path: Path, job_id: str, **record: object) -> Path:
    """A folder as it is downloaded file by file."""
    folder = tmp_path / "Downloads" / job_id
    (folder / "output").mkdir(parents=True)
    (folder / "output/result.txt").write_text("42", encoding="utf-8")
    (folder / "log").write_text("a line\x1b[31m\n", encoding="utf-8")
    if record:
        text = json.dumps({"schema": "dkai/record/1", "job_id": job_id, **record})
        (folder / "record.json").write_text(text, encoding="utf-8")
    return folder


ENDED = {"state": "ended", "outcome": "failed", "exit_code": 3, "started_at": 1_800_000_000.0, "node": "j-1-job-0",
         "ended_at": 1_800_000_100.0}  # fmt: skip


def test_a_folder_with_a_record_tells_how_the_job_ended(tmp_path: Path, handed: str) -> None:
    folder = brought(tmp_path, handed, **ENDED)
    found = handoff.fetch_from(folder, None, tmp_path / "home", overwrite=False)
    assert found.files == ("result.txt",)
    seen = work.look(handed)
    assert (seen.state, seen.outcome, seen.exit_code, seen.site) == (JobState.ENDED, Outcome.FAILED, 3, "ucloud")
    assert receipt(handed).outcome == "failed"


def test_a_folder_without_a_record_leaves_it_open(tmp_path: Path, handed: str) -> None:
    found = handoff.fetch_from(brought(tmp_path, handed), handed, tmp_path / "home", overwrite=False)
    assert found.files == ("result.txt",)
    assert work.look(handed, ask_site=False).state is JobState.UNKNOWN
    # Looking again later does not make “never submitted” of it, however long ago it was handed over.
    with open_ledger() as ledger:
        job = ledger.get(handed)
        with Link(walk.site_of(job, ledger)) as link:
            after = refresh([job], ledger, link, now=time.time() + 3600, sleep=lambda _: None)
    assert [one.state for one in after] == [JobState.UNKNOWN]


def test_the_folder_as_it_was_handed_over_is_not_taken_for_results(tmp_path: Path, handed: str) -> None:
    for folder in (tmp_path / "out", tmp_path / "out" / handed):
        with pytest.raises(UserError) as caught:
            handoff.fetch_from(folder, None, tmp_path / "home", overwrite=False)
        assert caught.value.code == "not-started" and f"results-{handed}.tar.gz" in (caught.value.hint or "")
    assert work.look(handed).state is JobState.HANDED_OVER


def test_of_a_job_that_was_handed_over_only_the_person_can_bring_something(handed: str) -> None:
    for ask_for in (lambda: list(work.log_text(handed, 0)), lambda: walk.follow(handed), lambda: receipt(handed)):
        with pytest.raises(UserError) as caught:
            ask_for()
        assert caught.value.code == "handed-over"
    with pytest.raises(UserError, match="cannot be cancelled") as caught:
        work.cancel(handed)
    assert "browser" in (caught.value.hint or "")


def test_every_step_has_words(dkai: Callable[..., Any], handed: str) -> None:
    shown = dkai("compute", "status", handed).stdout
    assert "handed to you" in shown and "handing-over" not in shown and "handed-over" not in shown


def test_another_jobs_folder_is_not_taken_for_it(tmp_path: Path, handed: str) -> None:
    with pytest.raises(UserError) as caught:
        handoff.fetch_from(brought(tmp_path, "dkai-0000000000", **ENDED), handed, tmp_path / "home", overwrite=False)
    assert caught.value.code == "another-job"
    with open_ledger() as ledger:
        assert ledger.get(handed).state is JobState.HANDED_OVER


def test_a_job_of_another_computers_ledger_is_taken_in(tmp_path: Path) -> None:
    folder = brought(tmp_path, "dkai-0000000000", **ENDED)
    found = handoff.fetch_from(folder, None, tmp_path / "home", overwrite=False)
    assert found.job_id == "dkai-0000000000"
    assert work.look("dkai-0000000000", ask_site=False).outcome is Outcome.FAILED


def archive_of(path: Path, members: dict[str, bytes], links: dict[str, str] | None = None) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return path


def test_an_archive_writes_nothing_outside(tmp_path: Path, handed: str) -> None:
    record = json.dumps({"job_id": handed, **ENDED}).encode()
    evil = archive_of(tmp_path / f"results-{handed}.tar.gz", {"record.json": record, "../../../evil": b"x"})
    with pytest.raises(Exception, match="leads out"):
        handoff.fetch_from(evil, None, tmp_path / "home", overwrite=False)
    good = archive_of(
        tmp_path / f"results-{handed} (1).tar.gz",
        {"record.json": record, "output/a": b"1"},
        {"output/b": "/etc/passwd"},
    )
    found = handoff.fetch_from(good, None, tmp_path / "home", overwrite=False)
    assert found.files == ("a",)
    assert not list(tmp_path.rglob("evil"))


def test_a_download_that_was_cut_off_or_damaged_is_said(tmp_path: Path, handed: str) -> None:
    whole = archive_of(tmp_path / "whole.tar.gz", {"record.json": b"{}", "output/a": os.urandom(200_000)}).read_bytes()
    for bad in (whole[:100_000], whole[:1000] + bytes(500) + whole[1500:]):
        path = tmp_path / f"results-{handed}.tar.gz"
        path.write_bytes(bad)
        with pytest.raises(UserError) as caught:
            handoff.fetch_from(path, None, tmp_path / "home", overwrite=False)
        assert caught.value.code == "bad-archive"
    assert not (Path(os.environ["DKAI_HOME"]) / "data/brought" / handed).exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "it is empty"), (b"not an archive", "no tar archive"), (b"\x1f\x8b\x08\x00" + bytes(40), "")],
)
def test_what_is_no_archive_is_said(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "results-dkai-0000000000.tar.gz"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        handoff.fetch_from(path, None, tmp_path / "home", overwrite=False)
    assert caught.value.code in ("bad-archive", "no-job-there")
    assert says in caught.value.message and "ReadError" not in caught.value.message


# --- the site


def test_a_site_of_ucloud_is_one_whatever_is_said_of_its_host() -> None:
    from dkai.app.sites import add, change
    from dkai.cli.compute_sites import site_fields

    words = {"level": None, "scheduler": None, "transport": None}
    add("mine", site_fields(host="cloud.example.org", provider="ucloud", base="/7", **words))  # type: ignore[arg-type]
    site = load_sites()["mine"]
    assert (site.host, site.scheduler, site.address, site.base) == ("ucloud", "ucloud", "cloud.example.org", "/7")
    change("mine", site_fields(host="cloud.sdu.dk", **words))  # type: ignore[arg-type]
    assert (load_sites()["mine"].host, load_sites()["mine"].address) == ("ucloud", "cloud.sdu.dk")
    with pytest.raises(UserError) as caught:
        change("mine", site_fields(host="local", **{**words, "scheduler": "slurm"}))  # type: ignore[arg-type]
    assert caught.value.code == "bad-site-field"


def test_project_and_drive_are_kept_with_the_site() -> None:
    first = handoff.site_for(None, "1f1d2a4e-0000-4000-8000-000000000000", "/12345")
    assert handoff.site_for(None) == first == load_sites()["ucloud"]
    assert handoff.site_for("ucloud", drive="/777").base == "/777"
    with pytest.raises(UserError) as caught:
        handoff.site_for("local")
    assert caught.value.code == "not-ucloud"
