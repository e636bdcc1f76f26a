"""A job of several processes, and one that goes on from its checkpoint: the runner as it is sent, on this computer.

What srun and Slurm's requeue do is tried on a real Slurm in test_lab_multi.py; here stands in for it only `scontrol`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dkai.compute.runner import source
from dkai.compute.runner.words import GO_ON

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and /proc")
TELL = (
    "import json, os, sys, time\n"
    "names = ('RANK', 'WORLD_SIZE', 'LOCAL_RANK', 'LOCAL_WORLD_SIZE', 'NODE_RANK', 'MASTER_ADDR', 'MASTER_PORT',\n"
    "         'OMP_NUM_THREADS', 'DKAI_JOB_TOKEN', 'DKAI_RANK')\n"
    "rank = os.environ['RANK']\n"
    "json.dump({name: os.environ.get(name) for name in names}, open('output/%s.json' % rank, 'w'))\n"
)
LAUNCH = {"kind": "srun", "nodes": 1, "per_node": 3, "cpus": 6}


class Job:
    """A job's folder, and the runner in it."""

    def __init__(self, path: Path, script: str, **more: Any) -> None:
        self.path = path
        (path / "script").mkdir(parents=True)
        (path / "output").mkdir()
        (path / "script/main.py").write_text(script, encoding="utf-8")
        (path / "runner.py").write_bytes(source())
        job = {"job_id": path.name, "script": "script/main.py", "walltime_s": 60, "lang": "en", **more}
        (path / "job.json").write_text(json.dumps(job), encoding="utf-8")

    def popen(self, **env: str) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-I", str(self.path / "runner.py"), "run", str(self.path)]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SLURM_")}
        with (self.path / "log").open("ab") as log:
            return subprocess.Popen(argv, stdout=log, stderr=log, env={**clean, **env})

    def run(self, **env: str) -> int:
        return self.popen(**env).wait(60)

    def until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not true():
            assert time.monotonic() < end, self.log
            time.sleep(0.02)

    @property
    def record(self) -> dict[str, Any]:
        return dict(json.loads((self.path / "record.json").read_text()))

    @property
    def log(self) -> str:
        return (self.path / "log").read_text(encoding="utf-8")


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Callable[..., Job]]:
    yield lambda script, **more: Job(tmp_path / "mappe æ" / "dkai-0000000001", script, **more)


def test_each_process_is_told_its_place(job: Callable[..., Job]) -> None:
    one = job(TELL, launch=LAUNCH)
    assert one.run() == 0, one.log
    told = [json.loads((one.path / f"output/{n}.json").read_text()) for n in range(3)]
    assert [(t["RANK"], t["LOCAL_RANK"], t["NODE_RANK"]) for t in told] == [
        ("0", "0", "0"),
        ("1", "1", "0"),
        ("2", "2", "0"),
    ]
    assert {(t["WORLD_SIZE"], t["LOCAL_WORLD_SIZE"], t["OMP_NUM_THREADS"]) for t in told} == {("3", "3", "2")}
    assert {t["MASTER_ADDR"] for t in told} == {"127.0.0.1"} and len({t["MASTER_PORT"] for t in told}) == 1
    assert len({t["DKAI_JOB_TOKEN"] for t in told}) == 1 and len(told[0]["DKAI_JOB_TOKEN"]) == 32
    assert told[0]["DKAI_RANK"] is None
    assert one.record["outcome"] == "completed"
    assert (one.path / "launch.json").stat().st_mode & 0o077 == 0  # the token is nobody else's


def test_the_first_that_fails_is_named_and_ends_the_others(job: Callable[..., Job]) -> None:
    one = job(TELL + "time.sleep(0.3 if rank == '1' else 60); sys.exit(7)\n", launch=LAUNCH)
    began = time.monotonic()
    assert one.run() == 7
    assert time.monotonic() - began < 15
    failed = one.record["failed_rank"]
    assert (failed["rank"], failed["local_rank"], failed["exit_code"]) == (1, 1, 7) and failed["node"]
    assert (one.record["outcome"], one.record["exit_code"]) == ("failed", 7)
    assert "process 1 on" in one.log and "exit code 7" in one.log


def test_cancelling_ends_all_of_them(job: Callable[..., Job]) -> None:
    one = job(TELL + "open('output/%s.pid' % rank, 'w').write(str(os.getpid())); time.sleep(60)\n", launch=LAUNCH)
    running = one.popen()
    one.until(lambda: len([p for p in one.path.glob("output/*.pid") if p.read_text()]) == 3)
    pids = [int(path.read_text()) for path in one.path.glob("output/*.pid")]
    subprocess.run([sys.executable, "-I", one.path / "runner.py", "cancel", one.path], capture_output=True, check=True)
    running.wait(30)
    assert one.record["outcome"] == "cancelled" and "failed_rank" not in one.record
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


TORCHRUN = (  # what this program needs of torch.distributed.run: its options, and that it starts so many processes
    "import os, subprocess, sys\n"
    "options = dict(word[2:].split('=', 1) for word in sys.argv[1:-1])\n"
    "open('output/options', 'w').write(repr(sorted(options)))\n"
    "assert options['rdzv-conf'] == 'is_host=1' and options['max-restarts'] == '0' and options['nnodes'] == '1'\n"
    "for n in range(int(options['nproc-per-node'])):\n"
    "    address, port = options['rdzv-endpoint'].split(':')\n"
    "    place = {'RANK': str(n), 'WORLD_SIZE': '3', 'MASTER_ADDR': address, 'MASTER_PORT': port}\n"
    "    subprocess.check_call([sys.executable, sys.argv[-1]], env=dict(os.environ, **place))\n"
)


def test_torchrun_starts_them_where_a_recipe_wants_it(job: Callable[..., Job]) -> None:
    one = job(TELL, launch={**LAUNCH, "kind": "torchrun"})
    (one.path / "torch/distributed").mkdir(parents=True)
    for name in ("torch/__init__.py", "torch/distributed/__init__.py"):
        (one.path / name).write_text("")
    (one.path / "torch/distributed/run.py").write_text(TORCHRUN)
    assert one.run() == 0, one.log
    told = [json.loads((one.path / f"output/{n}.json").read_text()) for n in range(3)]
    assert [t["RANK"] for t in told] == ["0", "1", "2"] and {t["OMP_NUM_THREADS"] for t in told} == {"2"}
    assert "rdzv-backend" in (one.path / "output/options").read_text()


def test_a_container_is_handed_what_is_each_processes_own(job: Callable[..., Job]) -> None:
    from dkai.compute.runner.ranks import Rank

    one = job("pass")
    launch = {**LAUNCH, "prefix": "APPTAINERENV_", "token": "t", "master_addr": "n1", "master_port": 15_000}
    (one.path / "launch.json").write_text(json.dumps(launch))
    slurms = {"SLURM_PROCID": "2", "SLURM_LOCALID": "2", "SLURM_NODEID": "0", "APPTAINERENV_SLURM_PROCID": "0"}
    here, mask = Path.cwd(), os.umask(0o077)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in slurms.items():
            patch.setenv(name, value)
        found = Rank(str(one.path)).variables()
    os.chdir(here)
    os.umask(mask)
    assert (found["RANK"], found["APPTAINERENV_RANK"], found["APPTAINERENV_SLURM_PROCID"]) == ("2", "2", "2")
    assert found["APPTAINERENV_MASTER_ADDR"] == "n1"


# --- checkpoints

COUNTS = (  # counts up, a step each 20 ms, and writes down where it is when told that the time is nearly up
    "import json, os, signal, sys, time\n"
    "told = []\n"
    "signal.signal(signal.SIGUSR1, lambda *_: told.append(1))\n"
    "signal.signal(signal.SIGTERM, lambda *_: told.append(1))\n"
    "path = 'checkpoint/at'\n"
    "at = int(open(path).read()) if os.path.exists(path) else 0\n"
    "open('output/began', 'a').write('%d ' % at)\n"
    "while at < LAST:\n"
    "    at += 1\n"
    "    time.sleep(0.02)\n"
    "    if told:\n"
    "        open(path, 'w').write(str(at))\n"
    "        sys.exit(85)\n"
    "open('output/result', 'w').write(str(at))\n"
)


def slurm(number: str = "7", restart: int = 0, path: Path | None = None) -> dict[str, str]:
    env = {"SLURM_JOB_ID": number}
    if restart:
        env["SLURM_RESTART_COUNT"] = str(restart)
    return {**env, "PATH": f"{path}:{os.environ['PATH']}"} if path else env


@pytest.fixture
def scontrol(tmp_path: Path) -> Path:
    """A folder with a `scontrol` that writes down what it is asked, and ends who asked, as a requeue does."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "scontrol"
    program.write_text(f'#!/bin/sh\necho "$*" >>{folder}/asked\n(sleep 0.3; kill -TERM "$PPID"; kill -KILL $PPID) &\n')
    program.chmod(0o755)
    return folder


def test_it_goes_on_where_the_start_before_stopped(job: Callable[..., Job], scontrol: Path) -> None:
    one = job(COUNTS.replace("LAST", "60"), checkpoint=True, starts=2, warning_s=10)
    first = one.popen(**slurm(path=scontrol))
    one.until((one.path / "output/began").exists)
    time.sleep(0.2)
    first.send_signal(signal.SIGUSR1)  # as Slurm does by --signal=B:USR1
    one.until((scontrol / "asked").exists)
    first.wait(20)
    assert (scontrol / "asked").read_text() == "requeue 7\n"
    assert (one.record["state"], one.record["stopped"], one.record["outcome"]) == ("interrupted", "requeue", None)
    stopped = int((one.path / "checkpoint/at").read_text())
    assert 0 < stopped < 60
    assert one.run(**slurm(restart=1, path=scontrol)) == 0, one.log
    assert (one.path / "output/result").read_text() == "60"
    assert (one.path / "output/began").read_text() == f"0 {stopped} "
    record = one.record
    assert (record["state"], record["outcome"], record["restart"]) == ("ended", "completed", 1)
    assert [start["stopped"] for start in record["starts"]] == ["requeue"]
    assert "start 2" in one.log


def test_a_script_that_is_deaf_goes_on_from_what_it_wrote_last(job: Callable[..., Job], scontrol: Path) -> None:
    """It writes checkpoints now and then, and does not hear the warning: it is put back before Slurm ends it."""
    one = job(
        "import time; open('checkpoint/at', 'w').write('3'); time.sleep(60)",
        checkpoint=True, starts=2, walltime_s=4, warning_s=2,
    )  # fmt: skip
    one.popen(**slurm(path=scontrol)).wait(20)
    assert (scontrol / "asked").read_text() == "requeue 7\n"
    assert (one.record["state"], one.record["stopped"]) == ("interrupted", "requeue")


def test_where_slurm_does_not_put_it_back_its_time_is_up(job: Callable[..., Job], scontrol: Path) -> None:
    (scontrol / "scontrol").write_text("#!/bin/sh\nexit 1\n")
    one = job("import sys; open('checkpoint/at', 'w').write('3'); sys.exit(85)", checkpoint=True, starts=2)
    assert one.run(**slurm(path=scontrol)) == GO_ON
    assert (one.record["state"], one.record["outcome"]) == ("ended", "timeout")
    assert "did not put the job back" in one.log


def test_after_the_last_start_its_time_is_up(job: Callable[..., Job], scontrol: Path) -> None:
    one = job(COUNTS.replace("LAST", "10000"), checkpoint=True, starts=1, warning_s=10)
    first = one.popen(**slurm(path=scontrol))
    one.until((one.path / "output/began").exists)
    first.send_signal(signal.SIGUSR1)
    assert first.wait(20) == GO_ON
    assert (one.record["state"], one.record["outcome"]) == ("ended", "timeout")
    assert not (scontrol / "asked").exists()
    assert "checkpoint/" in one.log


def test_a_script_that_does_not_listen_is_not_ended_by_the_warning(job: Callable[..., Job]) -> None:
    one = job("import time; open('output/up', 'w').close(); time.sleep(1.5)", checkpoint=True, starts=1)
    running = one.popen(**slurm())
    one.until((one.path / "output/up").exists)
    running.send_signal(signal.SIGUSR1)
    assert running.wait(20) == 0 and one.record["outcome"] == "completed"


def test_a_start_that_is_ended_from_outside_may_be_followed_by_another(job: Callable[..., Job]) -> None:
    """As when the staff put it back, or its node fails: nobody asked dkai to cancel it."""
    one = job(COUNTS.replace("LAST", "100"), checkpoint=True, starts=1)
    first = one.popen(**slurm())
    one.until((one.path / "output/began").exists)
    first.terminate()
    first.wait(20)
    assert (one.record["state"], one.record["outcome"], one.record["stopped"]) == ("interrupted", None, "cancelled")
    assert one.run(**slurm(restart=1)) == 0
    assert (one.path / "output/result").read_text() == "100"


@pytest.mark.parametrize(
    ("env", "more"),
    [
        (slurm("8", 1), {"checkpoint": True}),  # another job
        (slurm("7"), {"checkpoint": True}),  # the same start a second time
        ({}, {"checkpoint": True}),  # by hand
        (slurm("7", 1), {}),  # a job that would do its work twice
    ],
    ids=["another job", "the same start", "by hand", "no checkpoint"],
)
def test_any_other_start_still_ends(job: Callable[..., Job], env: dict[str, str], more: dict[str, Any]) -> None:
    one = job("open('output/n', 'a').write('x')", **more)
    assert one.run(**slurm("7")) == 0
    assert one.run(**env) == 75
    assert (one.path / "output/n").read_text() == "x" and one.record["second_starts"] == 1


def test_of_two_equal_restarts_one_takes_over(job: Callable[..., Job]) -> None:
    one = job("open('output/n', 'a').write('x'); import time; time.sleep(0.5)", checkpoint=True)
    assert one.run(**slurm("7")) == 0
    both = [one.popen(**slurm("7", 1)) for _ in range(2)]
    assert sorted(each.wait(20) for each in both) == [0, 75]
    assert (one.path / "output/n").read_text() == "xx"


def test_what_was_cancelled_is_not_started_again(job: Callable[..., Job]) -> None:
    one = job(COUNTS.replace("LAST", "10000"), checkpoint=True)
    first = one.popen(**slurm())
    one.until((one.path / "output/began").exists)
    subprocess.run([sys.executable, "-I", one.path / "runner.py", "cancel", one.path], capture_output=True, check=True)
    first.wait(20)
    assert one.record["outcome"] == "cancelled"
    assert one.run(**slurm(restart=1)) == 75
    assert one.record["outcome"] == "cancelled"


def test_a_start_that_was_taken_for_dead_ends_itself(job: Callable[..., Job]) -> None:
    """Its node could not be reached, Slurm started the job again, and now both run: the older must touch nothing."""
    one = job("import time; open('output/up', 'w').close(); time.sleep(60)", checkpoint=True)
    text = (one.path / "runner.py").read_text(encoding="utf-8")
    quick = text.replace("HEARTBEAT, GRACE = 30.0, 10.0", "HEARTBEAT, GRACE = 0.1, 1.0")
    quick = quick.replace("FIRST, INTERVAL, SAMPLES, COST = 0.5, 5.0,", "FIRST, INTERVAL, SAMPLES, COST = 0.2, 0.2,")
    (one.path / "runner.py").write_text(quick, encoding="utf-8")
    first = one.popen(**slurm())
    one.until((one.path / "output/up").exists)
    owner = json.loads((one.path / "lock/owner.json").read_text())
    (one.path / "lock/owner.json").write_text(json.dumps({**owner, "restart": 1}))
    (one.path / "record.json").write_text('{"the": "other start\'s"}')
    assert first.wait(20) == 75
    assert one.record == {"the": "other start's"}
    assert "started this job again elsewhere" in one.log


def test_on_ones_own_computer_the_warning_comes_from_the_runner(job: Callable[..., Job]) -> None:
    one = job(COUNTS.replace("LAST", "10000"), checkpoint=True, starts=1, walltime_s=3, warning_s=2, launch=None)
    argv = [sys.executable, "-I", one.path / "runner.py", "start", one.path]
    subprocess.run(argv, capture_output=True, check=True)
    one.until(lambda: (one.path / "record.json").exists() and one.record["state"] == "ended")
    assert one.record["outcome"] == "timeout" and one.record["exit_code"] == GO_ON
    assert int((one.path / "checkpoint/at").read_text()) > 10
