"""LSF's answers as values. The answers are written from documentation (tests/fixtures/lsf/README.md)."""

from __future__ import annotations

from pathlib import Path

import pytest

from dkai.compute.cluster import UNLIMITED
from dkai.compute.host import CommandResult
from dkai.compute.job import JobState, Outcome
from dkai.compute.scheduler.lsf import Lsf
from dkai.compute.scheduler.lsf_ended import pasts
from dkai.compute.scheduler.lsf_hosts import groups, hosts, of_hosts
from dkai.compute.scheduler.lsf_parse import Clock, limit, mebibytes, minutes, number, seconds, table, unwrapped
from dkai.compute.scheduler.lsf_queues import open_to_me, partitions, queues

SAID = Path(__file__).resolve().parents[2] / "fixtures" / "lsf"
CLOCK = Clock("1795593600 +0100")  # 2026-11-25 09:00 in Denmark


def lines(name: str) -> list[str]:
    return (SAID / name).read_text(encoding="utf-8").splitlines()


def test_amounts() -> None:
    assert (number("8"), number("-"), number("8x"), number("1" * 30)) == (8, None, None, None)
    assert (limit("-"), limit("8"), limit("?")) == (UNLIMITED, 8, None)
    assert mebibytes("754.5G") == 754.5 * 1024
    assert mebibytes("5 Mbytes") == 5
    assert mebibytes("192 G") == 192 * 1024
    assert mebibytes("2048") == 2  # KB where no unit is named
    assert mebibytes("-") is None
    assert minutes("1440.0 min of node01") == 86400
    assert minutes("15.0 min") == 900
    assert minutes("unlimited") is None
    assert seconds("67 second(s)") == 67
    assert seconds("0.1 seconds") == 0.1
    assert seconds("-") is None


@pytest.mark.parametrize(
    ("text", "unix"),
    [
        ("Nov 24 10:00", 1_795_510_800),  # this year's
        ("Nov 25 08:59", 1_795_593_540),
        ("Nov 25 09:30 L", 1_795_595_400),  # yet to come, today
        ("Dec 24 10:00", 1_766_566_800),  # last year's: it cannot be to come
        ("Tue Nov 24 10:00:30", 1_795_510_830),
        ("Nov 24 10:00:30 2025", 1_763_974_830),
        ("Jan  1 00:00", 1_767_222_000),
        ("Feb 29 12:00", 1_709_204_400),  # the last one was in 2024
        ("-", None),
        ("Foo 24 10:00", None),
        ("Nov 31 10:00", None),
        ("Nov 24 25:00", None),
    ],
)
def test_times_without_a_year(text: str, unix: int | None) -> None:
    assert CLOCK.moment(text) == unix


@pytest.mark.parametrize("line", ["", "x", "1795593600", "1795593600 CET", "9" * 40 + " +0100"])
def test_a_clock_that_says_nothing_dates_nothing(line: str) -> None:
    assert Clock(line).moment("Nov 24 10:00") is None


def test_tables_are_read_by_their_headers() -> None:
    rows = table(["*** Welcome ***", "B  A   C", "1 2 3 and more", "short", "4 5 6"], "A", "C")
    assert [(row["A"], row.get("C")) for row in rows] == [("2", "3 and more"), ("5", "6")]
    assert table(["A B", "1 2"], "A", "X") == []


def test_lines_that_lsf_broke() -> None:
    assert unwrapped(["Mon: some wo", " " * 21 + "rd", "Tue: x"]) == ["Mon: some word", "Tue: x"]


def test_queues() -> None:
    hpc, v100, a100, owners = queues(lines("bqueues-l.txt"))
    assert (hpc.name, hpc.status, hpc.max_time_s, hpc.default_time_s) == ("hpc", "Open:Active", 259_200, 900)
    assert (hpc.max_slots_per_user, hpc.max_slots_per_job, hpc.max_slots) == (100, 100, UNLIMITED)
    assert (v100.max_time_s, v100.max_memory_mb, v100.max_slots_per_job) == (86_400, 192 * 1024, UNLIMITED)
    assert v100.hosts == ("gpu01+1", "gpu02", "gpu03")
    assert (a100.max_time_s, a100.default_time_s) == (86_400, None)
    # No limit is named: there is none (lsb.queues(5), RUNLIMIT).
    assert (owners.max_time_s, owners.max_slots) == (UNLIMITED, 64)
    assert queues(["QUEUE: x", "garbage"])[0].name == "x"
    assert queues([]) == ()


def test_partitions_are_the_queues_that_are_mine() -> None:
    nodes = hosts(lines("bhosts-w.txt"), lines("lshosts-w.txt"), lines("lshosts-gpu.txt"))
    mine = open_to_me(lines("bqueues-w.txt"))
    found = partitions(
        queues(lines("bqueues-l.txt")), mine, frozenset({"hpc"}), hosts=nodes, groups=groups(lines("bmgroup-w.txt")),
        per_slot=True,
    )  # fmt: skip
    hpc, v100, a100 = found
    assert [(p.name, p.is_default, p.up) for p in found] == [
        ("hpc", True, True), ("gpuv100", False, True), ("gpua100", False, False),
    ]  # fmt: skip
    assert {(n.count, n.cpus, n.memory_mb) for n in hpc.nodes} == {(1, 24, 128_000), (1, 24, 128_512)}
    assert {(n.count, n.gres[0].type, n.gres[0].count) for n in v100.nodes} == {
        (2, "TeslaV100_PCIE_32GB", 2), (1, "TeslaV100_PCIE_16GB", 2),
    }  # fmt: skip
    assert [n.count for n in a100.nodes] == [1]  # gpu09 is taken out, and told no memory
    assert v100.limits is not None
    assert v100.limits.max_tres_per_user == {"cpu": 24}
    assert v100.max_mem_per_cpu_mb == 192 * 1024


def test_hosts_of_a_queue() -> None:
    known = ("a", "b", "c", "d")
    inside = {"g": ("a", "h/"), "h": ("b",), "loop": ("loop",)}
    assert of_hosts(("g/",), known, inside) == ["a", "b"]
    assert of_hosts(("c+3", "~a"), known, inside) == ["c"]
    assert of_hosts(("all", "~g/"), known, inside) == ["c", "d"]
    assert of_hosts(("all", "hosts", "used", "by", "the", "LSF", "system"), known, inside) == list(known)
    assert of_hosts(("loop", "nowhere"), known, inside) == []
    assert of_hosts((), known, inside) == []


def test_hosts_without_gpus_or_with_slots_untold() -> None:
    rows = hosts(["HOST_NAME STATUS JL/U MAX", "a ok - -", "b ok - 4"], lines("lshosts-w.txt"), [])
    assert rows == {}
    base = ["HOST_NAME type model cpuf ncpus maxmem", "a X M 1 16 64G", "b X M 1 - 64G"]
    rows = hosts(["HOST_NAME STATUS JL/U MAX", "a ok - -", "b ok - 4", "c ok - 0"], base, ["No GPUs"])
    assert {name: (kind.cpus, kind.memory_mb, kind.gres) for name, kind in rows.items()} == {
        "a": (16, 65_536, ()), "b": (4, 65_536, ()),
    }  # fmt: skip


def test_a_job_that_bjobs_has_forgotten() -> None:
    (past,) = pasts(lines("bhist-l.txt"), CLOCK)
    status = past.status
    assert status is not None
    assert (status.state, status.outcome, status.reason) == (JobState.ENDED, Outcome.TIMEOUT, "TERM_RUNLIMIT")
    assert (status.native_id, past.name, status.exit_code, status.node) == ("4711", "dkai-s2eb5wrff5", 143, "gpu01")
    assert (status.submitted_at, status.started_at, status.ended_at) == (1_795_424_400, 1_795_424_405, 1_795_429_817)
    (used,) = pasts(lines("bacct-l.txt"), CLOCK)
    accounting = used.accounting
    assert accounting is not None
    assert (accounting.elapsed_s, accounting.cpu_time_used_s, accounting.max_rss_mb) == (600, 1180.25, 1536)
    assert accounting.alloc_tres == {"cpu": "4"}


def test_a_past_without_an_end_says_nothing() -> None:
    (past,) = pasts(
        ["Job <1>, Job Name <dkai-s2eb5wrff5>, User <x>", "Mon Nov 23 10:00:00: Submitted from host <h>;"], CLOCK
    )
    assert past.status is None
    assert past.accounting is None
    killed = "Mon Nov 23 10:00:01: Exited; TERM_OWNER: job killed by owner;"
    (past,) = pasts(["Job <1>, Job Name <n>, User <x>", killed], CLOCK)
    assert past.status is not None
    assert past.status.outcome is Outcome.CANCELLED
    assert past.status.exit_code is None


def answer(*frames: tuple[str, str]) -> CommandResult:
    text = ""
    for name, said in frames:
        marked = "".join(f"|{line}\n" for line in said.splitlines())
        text += f"dkai-frame/1 {name}\n{marked}dkai-close/1 0\n"
    return CommandResult(0, f"banner\n{text}", "")


def test_the_list_of_jobs() -> None:
    said = (SAID / "bjobs-o.txt").read_text(encoding="utf-8")
    names = [f"dkai-s2eb5wrf{x}" for x in ("f5", "f6", "f7", "f8", "f9", "ga", "gb", "gc", "gd")]
    found = Lsf().parse_status(
        answer(("queue", said), ("now", "1795593600 +0100"), ("jobs", "".join(f"{name} -\n" for name in names)))
    )
    assert [found[name].state.value for name in names] == [
        "queued", "running", "ended", "ended", "ended", "ended", "queued", "unknown", "ended",
    ]  # fmt: skip
    ends = [found[name].outcome for name in names if found[name].state is JobState.ENDED]
    assert ends == [Outcome.COMPLETED, Outcome.TIMEOUT, Outcome.OUT_OF_MEMORY, Outcome.CANCELLED, Outcome.FAILED]
    lsf = Lsf()
    assert lsf.explain(found[names[0]]) == "LSF has not looked at it yet"
    assert lsf.explain(found[names[6]]) == "it is held by you: bresume lets it go"
    assert "lost touch" in lsf.explain(found[names[7]])
    assert found[names[1]].node == "gpu01"
    assert found[names[1]].started_at is not None
    assert found[names[1]].ended_at is None  # that it would be killed then is no end
    assert found[names[3]].exit_code == 140
    assert found[names[5]].started_at is None


RECORD = (
    'dkai-s2eb5wrff5|{"job_id": "dkai-s2eb5wrff5", "state": "ended", "outcome": "%s", "exit_code": %d,'
    ' "lsf_job_id": "%s", "started_at": 1795593000.5, "ended_at": 1795593060.25}'
)


def one(row: str, record: str = "", native: str = "7") -> object:
    frames = [("queue", row), ("now", "1795593600 +0100"), ("jobs", f"dkai-s2eb5wrff5 {native}")]
    return Lsf().parse_status(answer(*frames, ("records", record))).get("dkai-s2eb5wrff5")


def test_the_record_says_more_than_exit() -> None:
    row = "7|dkai-s2eb5wrff5|EXIT|75|Nov 25 08:00|Nov 25 08:01|Nov 25 08:02|h|-|-|/x"
    status = one(row, RECORD % ("out-of-memory", 137, "7"))
    assert status is not None
    assert (status.outcome, status.exit_code, status.ended_at) == (Outcome.OUT_OF_MEMORY, 137, 1795593060.25)  # type: ignore[attr-defined]
    # LSF's own reason stands.
    status = one(row.replace("|-|-|", "|TERM_RUNLIMIT: job killed|-|"), RECORD % ("cancelled", 143, "7"))
    assert status.outcome is Outcome.TIMEOUT  # type: ignore[union-attr, attr-defined]


def test_a_second_start_is_not_the_job() -> None:
    row = "8|dkai-s2eb5wrff5|EXIT|75|Nov 25 08:00|Nov 25 08:01|Nov 25 08:02|h|-|-|/x"
    status = one(row, RECORD % ("completed", 0, "7"), native="8")
    assert status.outcome is Outcome.COMPLETED  # type: ignore[union-attr, attr-defined]
    assert status.native_id == "7"  # type: ignore[union-attr, attr-defined]


def test_mbatchd_is_away() -> None:
    text = "dkai-frame/1 queue\n!LSF is down. Please wait ...\ndkai-close/1 255\n"
    text += "dkai-frame/1 jobs\n|dkai-s2eb5wrff5 7\n|dkai-s2eb5wrff6 -\ndkai-close/1 0\n"
    found = Lsf().parse_status(CommandResult(0, text, ""))
    assert {one.state for one in found.values()} == {JobState.UNKNOWN}
    assert Lsf().explain(found["dkai-s2eb5wrff5"]) == "LSF does not answer just now"


def test_answers_that_are_no_answers() -> None:
    for said in ("", "no", "dkai-frame/1 queue\n|1|2\n", "dkai-frame/1 jobs\n|x y\ndkai-close/1 0\n"):
        assert isinstance(Lsf().parse_status(CommandResult(0, said, "")), dict)
        assert Lsf().parse_accounting(CommandResult(0, said, "")) is None
        assert Lsf().parse_found(CommandResult(0, said, "")) == []
