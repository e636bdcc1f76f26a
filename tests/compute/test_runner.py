"""The runner as it is sent: one file, alone, started by real interpreters."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dkai.compute.runner import files, job, once, processes, source
from dkai.compute.runner.words import MARK, TEXTS

posix = pytest.mark.skipif(os.name != "posix", reason="signals and /proc")


def interpreters() -> list[str]:
    """This Python, and older and newer ones where they are installed (pyenv's shims lead to some that are not on)."""
    places = [*sorted(Path.home().glob(".pyenv/versions/3.*/bin/python")), *map(Path, filter(None, [which("python3")]))]
    found = {sys.executable: None}
    for place in places:
        done = subprocess.run(
            [place, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, check=False
        )
        if done.returncode == 0:
            found[str(place)] = None
    return list(found)


def which(name: str) -> str | None:
    return shutil.which(name, path="/usr/bin:/usr/local/bin")


class Folder:
    """A job's folder, ready to start."""

    def __init__(self, path: Path, script: str, **more: Any) -> None:
        self.path = path
        (path / "script").mkdir(parents=True)
        (path / "script/main.py").write_text(script, encoding="utf-8")
        (path / "runner.py").write_bytes(source())
        self.job = {"job_id": path.name, "script": "script/main.py", "walltime_s": 60, "lang": "en", **more}
        (path / "job.json").write_text(json.dumps(self.job), encoding="utf-8")

    def runner(self, *words: str, python: str = sys.executable, **more: Any) -> subprocess.CompletedProcess[bytes]:
        argv = [python, "-I", str(self.path / "runner.py"), *words, str(self.path)]
        return subprocess.run(argv, capture_output=True, timeout=60, check=False, **more)

    def ask(self, *words: str, python: str = sys.executable) -> dict[str, Any]:
        lines = [line for line in self.runner(*words, python=python).stdout.decode().splitlines() if line]
        assert len(lines) == 1
        return dict(json.loads(lines[0].removeprefix(MARK)))

    @property
    def record(self) -> dict[str, Any]:
        return dict(json.loads((self.path / "record.json").read_text()))

    @property
    def log(self) -> str:
        return (self.path / "log").read_text(encoding="utf-8")

    def until(self, true: Callable[[], bool], seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, (self.log, self.record)
            time.sleep(0.05)

    def wait(self) -> dict[str, Any]:
        self.until(lambda: self.ask("status")["state"] == "ended")
        return self.record


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Callable[..., Folder]]:
    made: list[Folder] = []

    def make(script: str, name: str = "dkai-0000000001", **more: Any) -> Folder:
        made.append(Folder(tmp_path / "mappe med blanke" / name, script, **more))
        return made[-1]

    yield make
    for one in made:
        owner = one.path / "lock/owner.json"
        if owner.exists():
            one.runner("cancel")


def test_it_is_one_file_that_python_3_6_reads_and_nothing_of_dkai_is_imported() -> None:
    tree = ast.parse(source(), feature_version=(3, 6))
    names = [
        alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    ]
    assert not [name for name in names if name.startswith("dkai")]
    assert {name.split(".")[0] for name in names} <= set(sys.stdlib_module_names)
    # Walrus, positional-only and match came later, and so did these arguments.
    assert "capture_output" not in source().decode()
    assert source.__wrapped__() == source()


def test_its_parts_define_no_name_twice() -> None:
    tree = ast.parse(source())
    names = [n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
    assert len(names) == len(set(names))


def test_both_languages_take_the_same_values() -> None:
    import string

    for english, danish in TEXTS.values():
        assert english != danish
        fields = [sorted(f for _, f, _, _ in string.Formatter().parse(s) if f) for s in (english, danish)]
        assert fields[0] == fields[1]


@pytest.mark.parametrize("python", interpreters())
def test_a_job_from_start_to_record(folder: Callable[..., Folder], python: str) -> None:
    one = folder(
        "import os, sys\n"
        "print(os.environ['DKAI_JOB_ID'], os.getcwd() == os.environ['DKAI_JOB_DIR'])\n"
        "sys.stderr.write('to stderr\\n')\n"
        "os.write(1, os.environb[b'NAME'] + b'\\n')\n"
        "open('done', 'w').close()\n",
        env={"NAME": "æøå 'x'"},
    )
    plain = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C",
        "HOME": str(one.path),
    }  # an old Python then takes text for ASCII
    started = one.runner("start", python=python, env=plain)
    assert started.returncode == 0, started.stderr
    record = one.wait()
    assert (record["outcome"], record["exit_code"], record["signal"]) == ("completed", 0, None)
    assert record["schema"] == "dkai/record/1"
    assert record["second_starts"] == 0
    assert record["ended_at"] >= record["started_at"]
    assert record["cpu_s"] > 0
    assert record["max_rss_mb"] > 1
    assert one.log.splitlines() == ["dkai-0000000001 True", "to stderr", "æøå 'x'"]
    assert (one.path / "done").exists()
    assert (one.path / "log").stat().st_mode & 0o777 == 0o600
    assert (one.path / "record.json").stat().st_mode & 0o777 == 0o600


def test_start_gives_its_terminal_back_at_once_and_twice_is_once(folder: Callable[..., Folder]) -> None:
    one = folder("import time; print('began', flush=True); time.sleep(3)")
    begun = time.monotonic()
    first = one.ask("start")
    assert time.monotonic() - begun < 2
    second = one.ask("start")
    assert (first["again"], second["again"]) == (False, True)
    assert first["native_id"] == second["native_id"]
    assert one.ask("status")["state"] == "running"
    assert one.wait()["outcome"] == "completed"
    assert one.log == "began\n"
    assert one.ask("start")["again"] is True


def test_many_starts_at_once_run_it_once(folder: Callable[..., Folder]) -> None:
    one = folder("import time; print('once', flush=True); time.sleep(1)")
    argv = [sys.executable, "-I", str(one.path / "runner.py"), "start", str(one.path)]
    crowd = [subprocess.Popen(argv, stdout=subprocess.PIPE) for _ in range(6)]
    ids = {json.loads(p.communicate()[0].decode().removeprefix(MARK))["native_id"] for p in crowd}
    assert len(ids) == 1
    one.wait()
    assert one.log.count("once") == 1


def test_a_second_run_ends_with_75_and_is_counted(folder: Callable[..., Folder]) -> None:
    one = folder("print('once')")
    assert one.runner("run").returncode == 0
    again = one.runner("run")
    assert again.returncode == 75
    assert "nothing runs twice" in again.stdout.decode()
    assert one.record["second_starts"] == 1
    assert one.record["exit_code"] == 0


@posix
@pytest.mark.parametrize(
    ("script", "exit_code", "number"),
    [("import sys; sys.exit(3)", 3, None), ("import os; os.kill(os.getpid(), 9)", 137, 9), ("1/0", 1, None)],
)
def test_a_job_that_fails(folder: Callable[..., Folder], script: str, exit_code: int, number: int | None) -> None:
    one = folder(script)
    assert one.runner("run").returncode == exit_code
    assert (one.record["outcome"], one.record["exit_code"], one.record["signal"]) == ("failed", exit_code, number)


@posix
def test_cancel_ends_the_whole_family_and_nothing_else(folder: Callable[..., Folder]) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    one = folder(
        "import subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('child', 'w').write(str(p.pid)); print('up', flush=True); time.sleep(60)"
    )
    one.ask("start")
    one.until(lambda: (one.path / "child").exists() and (one.path / "child").read_text() != "")
    grandchild = int((one.path / "child").read_text())
    answer = one.ask("cancel")
    assert (answer["state"], answer["outcome"]) == ("ended", "cancelled")
    assert one.record["outcome"] == "cancelled"
    assert processes.born(grandchild) is None
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()
    # Cancelling again changes nothing.
    assert one.ask("cancel")["outcome"] == "cancelled"


@posix
def test_a_job_deaf_to_sigterm_is_killed(folder: Callable[..., Folder], monkeypatch: pytest.MonkeyPatch) -> None:
    one = folder("import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(90)")
    text = (one.path / "runner.py").read_text(encoding="utf-8")
    short = text.replace("HEARTBEAT, GRACE = 30.0, 10.0", "HEARTBEAT, GRACE = 30.0, 1.0")
    assert short != text
    (one.path / "runner.py").write_text(short, encoding="utf-8")
    one.ask("start")
    one.until(lambda: "deaf" in one.log)
    begun = time.monotonic()
    assert one.ask("cancel")["outcome"] == "cancelled"
    assert time.monotonic() - begun < 8
    assert one.record["signal"] == 9


def test_cancelled_before_it_began_it_never_runs(folder: Callable[..., Folder]) -> None:
    one = folder("print('no')")
    assert one.ask("cancel")["outcome"] == "cancelled"
    assert one.runner("run").returncode == 75
    assert one.ask("status")["outcome"] == "cancelled"
    assert one.ask("start")["again"] is True


@posix
def test_time_is_up(folder: Callable[..., Folder]) -> None:
    one = folder("import time; print('on and on', flush=True); time.sleep(60)", walltime_s=1, lang="da")
    one.ask("start")
    record = one.wait()
    assert record["outcome"] == "timeout"
    assert record["ended_at"] - record["started_at"] < 10
    assert "tiden er gået: jobbet bad om 1 sekunder" in one.log


@posix
@pytest.mark.parametrize("victim", ["runner", "both"])
def test_kill_9_is_told_from_running(folder: Callable[..., Folder], victim: str) -> None:
    one = folder("import os, time; open('pid', 'w').write(str(os.getpid())); print('up', flush=True); time.sleep(60)")
    one.ask("start")
    one.until(lambda: "up" in one.log)
    owner = json.loads((one.path / "lock/owner.json").read_text())
    os.kill(owner["pid"], signal.SIGKILL)
    if victim == "both":
        with contextlib.suppress(ProcessLookupError):
            os.kill(int((one.path / "pid").read_text()), signal.SIGKILL)
    one.until(lambda: one.ask("status")["state"] == "ended")
    answer = one.ask("status")
    assert (answer["outcome"], answer["reason"]) == ("failed", "runner-gone")
    if sys.platform.startswith("linux"):  # no orphan goes on using the GPU
        one.until(lambda: processes.born(int((one.path / "pid").read_text())) is None)


def test_a_number_that_another_process_has_now_is_not_the_job(folder: Callable[..., Folder]) -> None:
    one = folder("import time; time.sleep(60)")
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (one.path / "lock").mkdir()
    mine = job.this_process()
    (one.path / "lock/owner.json").write_text(json.dumps({**mine, "pid": bystander.pid, "born": "another-boot/1"}))
    (one.path / "record.json").write_text(json.dumps({"state": "running", "updated_at": 12.0}))
    answer = one.ask("status")
    assert (answer["state"], answer["outcome"], answer["reason"]) == ("ended", "failed", "runner-gone")
    one.ask("cancel")
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


@pytest.mark.parametrize(("age", "state"), [(5, "running"), (10_000, "unknown")])
def test_another_machines_process_is_believed_while_its_record_is_fresh(
    folder: Callable[..., Folder], age: float, state: str
) -> None:
    one = folder("pass")
    (one.path / "lock").mkdir()
    (one.path / "lock/owner.json").write_text(json.dumps({"pid": 1, "born": "x", "node": "elsewhere"}))
    (one.path / "record.json").write_text(json.dumps({"state": "running", "updated_at": time.time() - age}))
    assert one.ask("status")["state"] == state
    assert one.runner("cancel").returncode == (1 if state in ("running", "unknown") else 0)
    shutil.rmtree(one.path / "lock")


def test_status_of_many_and_of_none(folder: Callable[..., Folder], tmp_path: Path) -> None:
    one, two = folder("pass"), folder("pass", "dkai-0000000002")
    one.runner("run")
    argv = [sys.executable, "-I", "-", "status", str(one.path), str(two.path), str(tmp_path / "dkai-gone")]
    done = subprocess.run(argv, input=source(), capture_output=True, check=True)
    answers = [json.loads(line.removeprefix(MARK)) for line in done.stdout.decode().splitlines()]
    assert [(a["job_id"], a["state"]) for a in answers] == [
        ("dkai-0000000001", "ended"), ("dkai-0000000002", "absent"), ("dkai-gone", "absent"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{", '{"script": 7}', '{"script": "script/none.py"}', '{"script": "x", "walltime_s": "long"}',
        '{"script": "x", "python": 3}', '{"script": "script/main.py", "env": [1]}',
    ],
)  # fmt: skip
def test_a_description_that_cannot_be_used(folder: Callable[..., Folder], content: str) -> None:
    one = folder("pass")
    (one.path / "job.json").write_text(content)
    done = one.runner("run")
    assert done.returncode != 0
    assert b"Traceback" not in done.stderr
    assert one.record["state"] == "ended"
    assert one.record["outcome"] == "failed"


@posix
def test_a_full_disk_does_not_end_the_job(folder: Callable[..., Folder]) -> None:
    one = folder("print('goes on')")
    (one.path / "record.json").mkdir()  # as good as full: the record cannot be written
    done = one.runner("run")
    assert done.returncode == 0
    assert b"goes on" in done.stdout
    assert b"record.json" in done.stderr


def test_a_signal_in_the_middle_of_writing_leaves_a_whole_record(tmp_path: Path) -> None:
    import threading

    path = str(tmp_path / "record.json")
    values = [{"n": n, "long": "x" * (n % 7) * 3000} for n in range(150)]
    writers = [threading.Thread(target=lambda: [files.write_json(path, v) for v in values]) for _ in range(3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        if Path(path).exists():
            assert set(files.read_json(path)) == {"n", "long"}
    assert [left.name for left in tmp_path.iterdir()] == ["record.json"]


# --- interpreters and environments


def test_a_python_too_old_is_said(folder: Callable[..., Folder]) -> None:
    one = folder("print('no')", python={"min_version": "3.99"}, lang="da")
    done = one.runner("run")
    assert done.returncode == 78
    assert "jobbet kræver Python 3.99 eller nyere" in done.stdout.decode()
    assert (one.record["reason"], one.record["outcome"]) == ("python-too-old", "failed")


def test_missing_packages_are_named(folder: Callable[..., Folder]) -> None:
    one = folder("print('no')", python={"imports": ["json", "no_such_package"]})
    done = one.runner("run")
    assert done.returncode == 78
    assert "missing on" in done.stdout.decode()
    assert "no_such_package" in done.stdout.decode()
    assert "json" not in done.stdout.decode()
    assert one.record["reason"] == "no-packages"


def wheel(folder: Path) -> tuple[Path, str]:
    """A package of one module, `tiny_for_dkai`."""
    path = folder / "tiny_for_dkai-1.0-py3-none-any.whl"
    info = "tiny_for_dkai-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny_for_dkai.py", "answer = 42\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-for-dkai\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.slow
def test_an_environment_is_made_once_for_all_jobs(folder: Callable[..., Folder], tmp_path: Path) -> None:
    path, digest = wheel(tmp_path)
    envs = tmp_path / "dkai" / "envs"
    asked = {"imports": ["tiny_for_dkai"], "requirements": "script/requirements.txt"}
    jobs = []
    for number in range(3):
        script = "import tiny_for_dkai, sys; print(tiny_for_dkai.answer, sys.prefix)"
        one = folder(script, f"dkai-000000000{number}", python=asked, envs_dir=str(envs))
        requirement = f"tiny-for-dkai @ {path.as_uri()} --hash=sha256:{digest}\n"
        (one.path / "script/requirements.txt").write_text(requirement)
        jobs.append(one)
    for one in jobs[:2]:  # both at once: one makes it, the other waits
        one.ask("start")
    for one in jobs[:2]:
        one.until(lambda one=one: one.ask("status")["state"] == "ended", 120)  # type: ignore[misc]
    assert [one.record["outcome"] for one in jobs[:2]] == ["completed"] * 2, jobs[0].log + jobs[1].log
    assert sum("making a Python environment" in one.log for one in jobs[:2]) == 1
    assert sum("waiting for it" in one.log for one in jobs[:2]) == 1
    made = list(envs.iterdir())
    assert len(made) == 1  # no lock, no half-made one
    assert f"42 {made[0]}" in jobs[0].log
    again = jobs[2].runner("run")
    assert again.returncode == 0
    assert b"making" not in again.stdout
    # Its interpreter goes away (a site updates Python): the environment is made anew.
    (made[0] / "bin/python").unlink()
    other = folder("import tiny_for_dkai", "dkai-0000000009", python=asked, envs_dir=str(envs))
    shutil.copy(jobs[0].path / "script/requirements.txt", other.path / "script/requirements.txt")
    assert other.runner("run").returncode == 0
    assert len(list(envs.iterdir())) == 1


@pytest.mark.slow
def test_an_environment_that_cannot_be_made_is_said_and_leaves_nothing(
    folder: Callable[..., Folder], tmp_path: Path
) -> None:
    path, _ = wheel(tmp_path)
    asked = {"imports": ["tiny_for_dkai"], "requirements": "script/requirements.txt"}
    one = folder("pass", python=asked, envs_dir=str(tmp_path / "envs"))
    (one.path / "script/requirements.txt").write_text(f"tiny-for-dkai @ {path.as_uri()} --hash=sha256:{'0' * 64}\n")
    done = one.runner("run")
    assert done.returncode == 78
    assert "could not be made" in done.stdout.decode()
    assert one.record["reason"] == "no-environment"
    assert list((tmp_path / "envs").iterdir()) == []


class Held:
    """What `only_one` needs of a run."""

    stopped = ""

    def __init__(self) -> None:
        self.owner = job.this_process()
        self.job: dict[str, Any] = {"job_id": "dkai-0000000001"}
        self.said: list[str] = []

    def say(self, key: str, **_: object) -> None:
        self.said.append(key)


def test_a_lock_whose_owner_was_killed_is_taken_over(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    lock.mkdir()
    (lock / "owner.json").write_text(json.dumps({**job.this_process(), "born": "another-boot/1"}))
    run = Held()
    with once.only_one(run, str(lock)):  # type: ignore[arg-type]
        assert json.loads((lock / "owner.json").read_text())["job_id"] == "dkai-0000000001"
    assert list(tmp_path.iterdir()) == []


def test_a_lock_on_another_node_is_taken_over_when_it_falls_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "x.lock"
    lock.mkdir()
    (lock / "owner.json").write_text(json.dumps({"pid": 1, "born": "x", "node": "elsewhere"}))
    monkeypatch.setattr(once, "SILENT", 1.5)
    run, begun = Held(), time.monotonic()
    with once.only_one(run, str(lock)):  # type: ignore[arg-type]
        assert time.monotonic() - begun >= 1.5
    assert run.said == ["waiting"]


# --- pieces


def test_the_machine_describes_itself() -> None:
    done = subprocess.run([sys.executable, "-I", "-", "probe"], input=source(), capture_output=True, check=True)
    found = json.loads(done.stdout.decode().removeprefix(MARK))
    assert found["python_version"] == ".".join(map(str, sys.version_info[:3]))
    assert 1 <= found["cpus"] <= (os.cpu_count() or 1)
    assert found["memory_mb"] > 100
    assert found["home"] == str(Path.home())


def tool(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
    path.chmod(0o755)


@posix
def test_accelerators_as_their_drivers_tell_them(tmp_path: Path) -> None:
    def probe(path: Path, **env: str) -> Any:
        full = {"PATH": f"{path}:/usr/bin:/bin", "HOME": str(tmp_path), **env}
        argv = [sys.executable, "-I", "-", "probe"]
        done = subprocess.run(argv, input=source(), capture_output=True, check=True, env=full)
        return json.loads(done.stdout.decode().removeprefix(MARK))["gpus"]

    broken = tmp_path / "b"
    broken.mkdir()
    tool(broken, "nvidia-smi", "echo 'NVIDIA-SMI has failed'; exit 9")
    assert probe(broken) is None
    whole = tmp_path / "n"
    whole.mkdir()
    tool(whole, "nvidia-smi", "echo 'GPU-1, NVIDIA H100 80GB HBM3, 81559, 550.54.15, Disabled'")
    assert probe(whole) == ["NVIDIA H100 80GB HBM3"]
    assert probe(whole, CUDA_VISIBLE_DEVICES="") is None


@posix
def test_samples_are_thinned_and_a_gpu_is_in_them(folder: Callable[..., Folder], tmp_path: Path) -> None:
    tool(
        tmp_path, "nvidia-smi",
        'case "$*" in *util*) echo "GPU-1, 70, 1000, 300.00"; echo "GPU-2, 30, 500, 100.00";;'
        ' *query-gpu=*) echo "GPU-1, A, 80000, 550.1, Disabled"; echo "GPU-2, A, 80000, 550.1, Disabled";;'
        ' *MEMORY*) echo "CUDA Version                              : 12.4";; esac',
    )  # fmt: skip
    one = folder("import time; x = bytearray(60_000_000)\nwhile time.process_time() < 2: pass")
    text = (one.path / "runner.py").read_text(encoding="utf-8")
    quick = text.replace("0.5, 5.0, 500, 0.02", "0.02, 0.02, 8, 9.9").replace("GRACE = 30.0", "GRACE = 0.1")
    assert quick != text
    (one.path / "runner.py").write_text(quick, encoding="utf-8")
    one.runner("run", env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    record = one.record
    assert record["gpus"] == ["A", "A"]
    assert record["columns"] == ["t", "rss_mb", "gpu_load", "gpu_memory_mb", "cores", "gpu_watts"]
    assert 4 <= len(record["samples"]) < 8
    t, _, load, memory, cores, watts = record["samples"][-1]
    assert (load, memory, watts) == (50.0, 1500.0, 400.0)
    assert 0.3 < cores < 1.5
    times = [sample[0] for sample in record["samples"]]
    assert times == sorted(times)
    assert 60 < record["max_rss_mb"] < 200
    elapsed = record["ended_at"] - record["started_at"]
    # From the first measurement to the last, which on a busy machine is well after the last sample that was kept.
    assert 400 * t / 3600 * 0.65 <= record["gpu_energy_wh"] <= 400 * elapsed / 3600 * 1.05
    assert record["gpu_energy_by"] == "power"
    assert [(d["peak_mb"], d["load"], d["memory_mb"]) for d in record["devices"]] == [
        (1000, 70, 80000),
        (500, 30, 80000),
    ]
    assert record["machine"]["gpu_driver"] == "550.1"
    assert record["machine"]["gpu_platform"] == "CUDA 12.4"
    assert record["machine"]["cpu"] and record["machine"]["os"]


@posix
def test_a_tool_that_hangs_or_lies_costs_the_job_nothing(folder: Callable[..., Folder], tmp_path: Path) -> None:
    tool(
        tmp_path,
        "nvidia-smi",
        'case "$*" in *util*) echo "what, is, this";; *) echo "GPU-1, A, [N/A], x, [N/A]";; esac',
    )
    tool(tmp_path, "rocm-smi", "kill -9 $$")
    tool(tmp_path, "amd-smi", "echo '{\"gpu_data\": [3, null]}'")
    tool(tmp_path, "xpu-smi", "echo '['")
    one = folder("import time; time.sleep(1.2); print('done')")
    assert one.runner("run", env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}).returncode == 0
    assert one.record["gpu_energy_wh"] is None
    assert one.record["samples"] and all(row[2:4] == [None, None] for row in one.record["samples"])


@posix
def test_sampling_costs_little(folder: Callable[..., Folder]) -> None:
    one = folder("import time; time.sleep(4)")
    before = os.times()
    one.runner("run")
    after = os.times()
    used = (after.children_user - before.children_user) + (after.children_system - before.children_system)
    bare = folder("pass", "dkai-0000000002")
    bare.runner("run")
    start = os.times()
    base = (start.children_user - after.children_user) + (start.children_system - after.children_system)
    assert used - base < 0.02 * 4 + 0.05


def test_the_versions_of_what_is_imported_are_recorded(folder: Callable[..., Folder]) -> None:
    one = folder("print('yes')", python={"imports": ["yaml", "json"]})
    one.runner("run")
    import yaml

    assert one.record["packages"] == {"PyYAML": yaml.__version__}


TREES = st.dictionaries(st.integers(1, 30), st.integers(0, 30), max_size=30)


@settings(max_examples=200)
@given(TREES, st.integers(1, 30))
def test_a_family_is_everyone_who_came_from_one(parents: dict[int, int], root: int) -> None:
    table = {pid: processes.Process(parent, 0, 0.0, "", None) for pid, parent in parents.items()}
    found = processes.family(root, table)
    assert len(found) == len(set(found))  # also where parents form a ring

    def comes_from(pid: int) -> bool:
        seen: set[int] = set()
        while pid not in seen and pid in parents:
            seen.add(pid)
            pid = parents[pid]
            if pid == root:
                return True
        return False

    assert set(found) == {root} | {pid for pid in parents if comes_from(pid)}
