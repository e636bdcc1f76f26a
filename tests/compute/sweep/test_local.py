"""A sweep on this computer: the runner itself starts the tasks, so many at once, and ends them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dkai.compute.runner import source
from dkai.compute.runner.words import MARK

posix = pytest.mark.skipif(os.name != "posix", reason="signals")


def test_the_whole_walk(dkai: Any, toy: Path, tmp_path: Path) -> None:
    done = dkai("compute", "sweep", str(toy), "--grid", "size=1:3", "--grid", "mode=plain,dies", "--at-once", "3",
                "--yes", "--follow", check=5)  # fmt: skip
    assert "3 of 6 tasks done, 3 failed" in " ".join(done.stderr.split())
    into = tmp_path / "out"
    shown = dkai("compute", "fetch", "last", "--into", str(into))
    assert "results.csv" in shown.stdout
    rows = list(csv.DictReader((into / "results.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["size"], row["mode"], row["state"]) for row in rows] == [
        (str(size), mode, "completed" if mode == "plain" else "failed")
        for size in (1, 2, 3) for mode in ("plain", "dies")
    ]  # fmt: skip
    assert [row["product"] for row in rows[::2]] == ["0.5", "1.0", "1.5"]
    receipt = json.loads(dkai("compute", "receipt", "last", "--format", "json").stdout)
    assert receipt["used"]["longest_s"] <= receipt["used"]["elapsed_s"]
    # Only what failed, with the same inputs and values, and now to its end.
    again = dkai("compute", "sweep", "--again", "last", "--time", "9m", "--dry-run", "--format", "json")
    assert json.loads(again.stdout)["spec"]["resources"]["walltime_s"] == 540
    assert json.loads(again.stdout)["spec"]["tasks"] == [{"size": size, "mode": "dies"} for size in (1, 2, 3)]


def test_another_table_is_not_written_over(dkai: Any, toy: Path, tmp_path: Path) -> None:
    dkai("compute", "sweep", str(toy), "--grid", "size=1,2", "--yes", "--follow")
    into = tmp_path / "out"
    into.mkdir()
    (into / "results.csv").write_text("mine")
    done = dkai("compute", "fetch", "last", "--into", str(into), check=1)
    assert "would-overwrite" in done.stderr and (into / "results.csv").read_text() == "mine"
    dkai("compute", "fetch", "last", "--into", str(into), "--overwrite")
    dkai("compute", "fetch", "last", "--into", str(into))
    assert (into / "results.csv").read_text().startswith("task,size,")
    again = dkai("compute", "sweep", "--again", "last", check=1)
    assert "all tasks" in again.stderr


@posix
def test_cancelled_in_the_middle(dkai: Any, toy: Path) -> None:
    dkai("compute", "sweep", str(toy), "--grid", "size=1:4", "--param", "mode=sleeps", "--at-once", "2", "--yes")
    end = time.monotonic() + 20
    while json.loads(dkai("compute", "status", "last", "--format", "json").stdout)["tasks"]["running"] != 2:
        assert time.monotonic() < end
    job = json.loads(dkai("compute", "cancel", "last", "--format", "json").stdout)
    assert (job["state"], job["outcome"]) == ("ended", "cancelled")
    # Those that had not begun never will.
    assert job["tasks"]["cancelled"] == 4 and job["tasks"]["running"] == 0
    folder = Path(job["folder"])
    assert sorted(path.name for path in (folder / "tasks").iterdir()) == ["0", "1"]
    time.sleep(0.3)
    assert not [p for p in Path("/proc").glob("[0-9]*/cmdline") if str(folder).encode() in _content(p)]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


class Folder:
    """A sweep's folder, ready to start."""

    def __init__(self, path: Path, script: str, tasks: list[dict[str, Any]], **more: Any) -> None:
        self.path = path
        (path / "script").mkdir(parents=True)
        (path / "script/main.py").write_text(script, encoding="utf-8")
        (path / "runner.py").write_bytes(source())
        job = {"job_id": path.name, "script": "script/main.py", "walltime_s": 60, "lang": "en", **more}
        (path / "job.json").write_text(json.dumps(job), encoding="utf-8")
        (path / "params.json").write_text('{"shared": "ja"}', encoding="utf-8")
        (path / "tasks.jsonl").write_text("".join(json.dumps(task) + "\n" for task in tasks), encoding="utf-8")

    def runner(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-I", str(self.path / "runner.py"), *words, str(self.path)]
        return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, env=os.environ | env)

    def ask(self, word: str) -> dict[str, Any]:
        return dict(json.loads(self.runner(word).stdout.removeprefix(MARK)))

    def marks(self) -> list[str]:
        return sorted(path.name for path in (self.path / "ended").iterdir())


SHOWS = """\
import json, os
print(sorted(os.listdir(".")))
p = json.load(open("params.json"))
open("output/seen", "w").write(json.dumps([p, os.getcwd(), os.environ.get("CUDA_VISIBLE_DEVICES")]))
"""


def test_one_task_sees_a_jobs_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "dkai-a", SHOWS, [{"x": 1}, {"x": 2, "shared": "nej"}])
    assert folder.runner("run", "--task=1").returncode == 0
    params, where, _ = json.loads((folder.path / "output/tasks/1/seen").read_text())
    assert params == {"x": 2, "shared": "nej"} and where == str(folder.path / "tasks/1")
    log = (folder.path / "output/tasks/1.log").read_text()
    for name in ("input", "output", "params.json", "script"):
        assert f"'{name}'" in log
    assert folder.marks() == ["1.completed.0"]
    told = folder.ask("tally")
    assert [row["state"] for row in told["tasks"]] == [None, "ended"]
    # A second start of the same task does nothing, and says so.
    assert folder.runner("run", "--task=1").returncode == 75
    assert folder.marks() == ["1.completed.0"]


def test_a_cancelled_sweep_starts_no_task(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "dkai-a", SHOWS, [{"x": 1}])
    (folder.path / "lock").mkdir()
    (folder.path / "lock/cancelled").write_text("")
    assert folder.runner("run", "--task=0").returncode == 75
    assert folder.marks() == ["0.cancelled.75"]
    assert folder.runner("run", "--task=7").returncode == 78


@posix
def test_a_task_ends_when_its_time_is_up(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "dkai-a", "import time; time.sleep(60)", [{"x": 1}, {"x": 2}], walltime_s=1, at_once=2)
    assert folder.runner("run").returncode == 1
    assert folder.marks() == ["0.timeout.143", "1.timeout.143"]
    assert json.loads((folder.path / "record.json").read_text())["outcome"] == "timeout"


def test_each_task_has_gpus_of_its_own(tmp_path: Path) -> None:
    tasks = [{"x": n} for n in range(4)]
    folder = Folder(
        tmp_path / "dkai-a", SHOWS + "import time; time.sleep(0.5)", tasks, at_once=2, env={"DKAI_GPUS": "2"}
    )
    assert folder.runner("run", CUDA_VISIBLE_DEVICES="4,5,6,7").returncode == 0
    seen = [json.loads((folder.path / f"output/tasks/{n}/seen").read_text())[2] for n in range(4)]
    assert set(seen) == {"4,5", "6,7"} and seen[0] != seen[1]


def test_a_task_is_put_back_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plain number of an array's last task is that of the whole array, whose every task Slurm would put back."""
    from types import SimpleNamespace

    from dkai.compute.runner import again

    asked: list[list[str]] = []
    monkeypatch.setattr(again, "output_of", lambda argv, _timeout: asked.append(argv))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "checkpoint").mkdir()
    (tmp_path / "checkpoint/1").write_text("")
    for name, value in (("JOB_ID", "7"), ("ARRAY_JOB_ID", "7"), ("ARRAY_TASK_ID", "3"), ("RESTART_COUNT", "0")):
        monkeypatch.setenv(f"SLURM_{name}", value)
    nothing = SimpleNamespace(job={"starts": 3}, say=lambda *_, **__: None, save=lambda: None, record={}, stopped="")
    again.put_back(nothing)  # type: ignore[arg-type]
    assert asked == [["scontrol", "requeue", "7_3"]]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ([], 2, "missing-grid"),
        (["--grid", "size"], 1, "bad-grid"),
        (["--grid", "size=1,x"], 1, "“size” is not right"),
        (["--grid", "sise=1,2"], 1, "did you mean size"),
        (["--grid-file", "nothing.csv"], 1, "cannot-read"),
        (["--again", "last", "--grid", "size=1"], 2, "bad-option"),
        (["--grid", "size=1", "--resume", "x"], 2, "--resume"),
    ],
)
def test_wrong_words(dkai: Any, toy: Path, words: list[str], code: int, says: str) -> None:
    done = dkai("compute", "sweep", str(toy), *words, check=code)
    assert says in " ".join(done.stderr.split())


def test_what_is_shown_before_anything_is_sent(dkai: Any, toy: Path) -> None:
    done = dkai(
        "compute", "sweep", str(toy), "--grid", "size=1:50", "--grid", "rate=0.5,1", "--at-once", "7", "--dry-run"
    )
    says = " ".join(done.stdout.split())
    assert "100 tasks, each with values of its own: size = 1, 2, 3, 4, 5, 6, … (50 values) rate = 0.5, 1" in says
    assert "at most 7 at once: up to 1 h 15 min in all" in says  # 15 rounds of 5 minutes
    assert "0 size=1, rate=0.5 1 size=1, rate=1.0 2 size=2, rate=0.5 … and 97 more" in says
    assert "tasks.jsonl" in says
