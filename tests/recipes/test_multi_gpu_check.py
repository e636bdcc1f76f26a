"""multi-gpu-check: real processes that meet over TCP on this computer, as the runner starts them."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from recipe_runs import HIDDEN, lay_out

Modules = Callable[..., list[ModuleType]]
TOKEN = "0123456789abcdef"


class Several:
    """Processes of one job, each with its place in the variables that the runner sets."""

    def __init__(
        self, folder: Path, world: int, params: dict[str, Any], nodes: int = 1, *, start: bool = True, **more: str
    ) -> None:
        self.folder, self.world, self.each, self.more = folder, world, world // nodes, more
        if not folder.exists():
            lay_out("multi-gpu-check", folder)
        (folder / "params.json").write_text(json.dumps(params), encoding="utf-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.running: list[subprocess.Popen[str]] = []
        for rank in range(world if start else 0):
            self.start(rank)

    def start(self, rank: int) -> None:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}
        place = {
            "DKAI_LANG": "en", "RANK": str(rank), "WORLD_SIZE": str(self.world), "LOCAL_RANK": str(rank % self.each),
            "LOCAL_WORLD_SIZE": str(self.each), "DKAI_NODE": f"node{rank // self.each}", "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(self.port), "DKAI_JOB_TOKEN": TOKEN,
        }  # fmt: skip
        self.running.append(
            subprocess.Popen(
                [sys.executable, "script/main.py"], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                encoding="utf-8", env={**plain, **place, **self.more},
            )
        )  # fmt: skip

    def until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not true():
            assert time.monotonic() < end
            time.sleep(0.02)

    def ended(self) -> tuple[list[int], str]:
        """All exit codes, and what the first process said."""
        said = [process.communicate(timeout=60)[0] for process in self.running]
        assert not any("Traceback" in text for text in said), said
        return [process.returncode for process in self.running], said[0]

    def report(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "output/report.json").read_text(encoding="utf-8")))


def number_after(rounds: int, processes: int) -> int:
    found = 1
    for turn in range(rounds):
        total = sum((turn * 31 + rank + k) % 1009 for rank in range(processes) for k in range(1000))
        found = (found * 1_000_003 + total) % (2**61 - 1)
    return found


@pytest.mark.parametrize(("world", "nodes"), [(2, 1), (3, 1), (4, 2)])
def test_they_meet_and_add_up(tmp_path: Path, world: int, nodes: int) -> None:
    several = Several(tmp_path / "job", world, {"kib": 64, "rounds": 8, "repetitions": 3}, nodes)
    codes, said = several.ended()
    assert codes == [0] * world, said
    found = several.report()
    assert (found["processes"], found["wrong_sums"], len(found["nodes"])) == (world, 0, nodes)
    assert found["rounds"]["number"] == number_after(8, world)
    assert [one["rank"] for one in found["ranks"]] == list(range(world))
    assert f"{world} processes on {nodes} node" in said and "All sums were right." in said
    assert {path.name for path in (tmp_path / "job/output").iterdir()} == {"report.md", "report.html", "report.json"}


def test_one_alone_has_nobody_to_talk_to(run_recipe: Any) -> None:
    ended = run_recipe("multi-gpu-check", {"rounds": 3}, DKAI_NODES="2", DKAI_GPUS="2")
    assert ended.code == 0, ended.error
    found = ended.json("report.json")
    assert found["verdict"][0].startswith("There was only one process")
    assert "You asked for 2 nodes and got 1 node." in found["verdict"]
    assert "You asked for 2 GPUs, and 1 process started: one for each GPU was expected." in found["verdict"]
    assert found["rounds"]["number"] == number_after(3, 1)


def test_in_danish(tmp_path: Path) -> None:
    several = Several(tmp_path / "job", 2, {"rounds": 2, "kib": 16, "repetitions": 3}, DKAI_LANG="da")
    assert several.ended()[0] == [0, 0]
    text = (tmp_path / "job/output/report.md").read_text(encoding="utf-8")
    assert "2 processer på 1 node fandt hinanden" in text and "Alle summer var rigtige." in text


def test_who_does_not_know_the_secret_is_not_let_in(tmp_path: Path) -> None:
    several = Several(tmp_path / "job", 2, {"rounds": 2, "kib": 16, "repetitions": 3}, start=False)
    several.start(0)
    for guess in (b"x" * 32, b"", b"{}", b"y" * 64):
        stranger = None
        while stranger is None:
            try:
                stranger = socket.create_connection(("127.0.0.1", several.port), timeout=10)
            except ConnectionRefusedError:
                time.sleep(0.01)  # it does not listen yet
        said = b""
        with stranger:
            # A number of its own, and in place of the proof a guess; then what a member would tell.
            for data in (b"n" * 16, guess, b'{"rank": 1, "port": 1}'):
                try:
                    stranger.sendall(len(data).to_bytes(8, "big") + data)
                except OSError:
                    break  # thrown out already
            try:
                while piece := stranger.recv(1000):
                    said += piece
            except OSError:
                pass
        assert len(said) <= 8 + 16 + 8 + 32  # its number and its proof; where the others are it does not tell
    several.start(1)
    assert several.ended()[0] == [0, 0]
    found = several.report()
    assert found["strangers"] == 4 and found["processes"] == 2
    assert "4 connections without the job's secret were turned away" in (tmp_path / "job/output/report.md").read_text(
        encoding="utf-8"
    )


def test_a_member_with_another_secret_does_not_get_in_either(modules: Modules) -> None:
    (group,) = modules("multi-gpu-check", "group")
    ours, theirs = socket.socketpair()
    ours.settimeout(5)
    theirs.settimeout(5)
    failed: list[Exception] = []

    def waits() -> None:
        try:
            group.prove(theirs, "right", opens=False)
        except ConnectionError as error:
            failed.append(error)

    thread = threading.Thread(target=waits)
    thread.start()
    with pytest.raises(ConnectionError):
        group.prove(ours, "wrong", opens=True)
    thread.join(10)
    assert len(failed) == 1
    # Neither may what one side said be played back to it.
    ours, theirs = socket.socketpair()
    ours.settimeout(5)

    def echo() -> None:
        while data := theirs.recv(100):
            theirs.sendall(data)

    threading.Thread(target=echo, daemon=True).start()
    with pytest.raises(ConnectionError):
        group.prove(ours, "right", opens=True)
    ours.close()


def test_told_to_stop_all_stop_after_the_same_round_and_go_on(tmp_path: Path) -> None:
    params = {"rounds": 60, "pause_ms": 20, "kib": 16, "repetitions": 3}
    several = Several(tmp_path / "job", 3, params)
    state = tmp_path / "job/checkpoint/state.json"
    several.until(state.exists)
    several.running[1].send_signal(signal.SIGUSR1)  # one is told, all stop
    codes, said = several.ended()
    assert codes == [85, 85, 85], said
    done = json.loads(state.read_text())["done"]
    assert 0 < done < 60 and f"stopped after {done} of 60 rounds" in said
    assert not (tmp_path / "job/output/report.json").exists()
    again = Several(tmp_path / "job", 3, params)
    codes, said = again.ended()
    assert codes == [0, 0, 0] and f"{done} of 60 rounds are done" in said
    found = again.report()["rounds"]
    assert found["number"] == number_after(60, 3)
    assert [(one["from"], one["to"]) for one in found["starts"]] == [(0, done), (done, 60)]


def test_another_number_of_processes_begins_anew(tmp_path: Path) -> None:
    (tmp_path / "job").mkdir()
    lay_out("multi-gpu-check", tmp_path / "job/x")
    (tmp_path / "job/x/checkpoint").mkdir()
    old = {"done": 3, "number": 5, "world": 7, "total": 4, "starts": []}
    (tmp_path / "job/x/checkpoint/state.json").write_text(json.dumps(old))
    several = Several(tmp_path / "job/x", 2, {"rounds": 4, "kib": 16, "repetitions": 3})
    assert several.ended()[0] == [0, 0]
    assert several.report()["rounds"]["number"] == number_after(4, 2)


def test_a_lost_neighbour_is_told_of(tmp_path: Path) -> None:
    several = Several(tmp_path / "job", 3, {"rounds": 400, "pause_ms": 20, "kib": 16, "repetitions": 3})
    several.until((tmp_path / "job/checkpoint/state.json").exists)
    several.running[2].kill()
    codes, said = several.ended()
    assert codes == [1, 1, -9]
    assert "lost its connection to the others" in said


def test_without_pytorch_it_says_why_or_stops(tmp_path: Path) -> None:
    if importlib.util.find_spec("torch"):
        pytest.skip("PyTorch is here")
    several = Several(tmp_path / "a", 2, {"rounds": 2, "kib": 16, "repetitions": 3, "backend": "torch"})
    codes, said = several.ended()
    assert codes == [1, 1] and "PyTorch is not installed for all" in said
    several = Several(tmp_path / "b", 2, {"rounds": 2, "kib": 16, "repetitions": 3, "backend": "tcp"})
    assert several.ended()[0] == [0, 0]
    assert several.report()["why_no_torch"] == "backend is set to tcp"


def test_who_is_slow(modules: Modules) -> None:
    (trials,) = modules("multi-gpu-check", "trials")
    assert trials.slow_ones([1.0, 1.1, 1.0, 1.9]) == [3]
    assert trials.slow_ones([1.0, 1.2]) == [] and trials.slow_ones([5.0]) == []
    assert trials.summary([]) is None
    assert trials.summary([3.0, 1.0, 2.0]) == {"median": 2.0, "low": 1.0, "high": 3.0}


def test_the_verdict_names_what_is_wrong(modules: Modules) -> None:
    report, words, texts = modules("multi-gpu-check", "report", "words", "texts")
    rank = {"latency_us": {"median": 20.0}, "mb_per_s": {"median": 400.0}, "torch": None}
    found = {
        "processes": 2, "nodes": {"a": 2}, "nodes_asked": 1, "gpus_asked": 2, "wrong_sums": 3, "slow": [1],
        "torch": None, "ranks": [rank, rank], "params": {"kib": 64}, "rounds": {"starts": []},
    }  # fmt: skip
    said = report.verdict(found, words.Words(texts.TEXTS, "en"))
    assert any("3 sums were WRONG" in line for line in said)
    assert any("25 % slower than the middle one: 1." in line for line in said)
    torch = {"sums": {"wrong": 0}, "step": {"right": False}, "mb_per_s": None, "backend": "nccl"}
    with_torch = {**found, "wrong_sums": 0, "torch": torch, "ranks": [{**rank, "torch": torch}] * 2}
    said = report.verdict(with_torch, words.Words(texts.TEXTS, "en"))
    assert "All sums were right." in said and any("ANOTHER gradient" in line for line in said)
