from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from faulty import LOST, Faulty

from dkai.app.submit_walk import Request, prepare
from dkai.compute.follow import BREATH_S, BURST, PIECE, RETRY_S, LogReader, Pause, follow, last_lines, log_pieces
from dkai.compute.job import JobState, Outcome
from dkai.compute.ledger import Job, open_ledger
from dkai.compute.link import IDLE_S, Link, Links
from dkai.compute.news import News
from dkai.compute.site import Site
from dkai.compute.sites_file import get_site
from dkai.compute.submit import carry_out, record
from dkai.core.errors import RemoteError, UserError


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Writes a log in pieces, some of it nothing a terminal should obey."""
    folder = tmp_path / "talks"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(
        "schema: dkai/recipe/1\nid: talks\nname: x\nsummary: {da: a, en: b}\nrun: {script: main.py}\n"
        "resources: {minutes: 1, memory_gb: 0.1}\n"
    )
    (folder / "main.py").write_text(
        "import sys, time\nout = sys.stdout.buffer\nfor n in range(3):\n    out.write(b'line %d \\xc3\\xa6\\n' % n)\n"
        "    out.flush()\n    time.sleep(0.2)\nout.write(b'\\x1b[31mred\\x07 \\xff no newline')\n"
    )
    with open_ledger() as ledger, Link(get_site("local")) as link:
        plan = prepare(Request(str(folder))).plan
        record(plan, ledger)
        return carry_out(plan, ledger, link)


def watch(job: Job, faults: Faulty, **more: Any) -> tuple[Job, list[News], list[float]]:
    news: list[News] = []
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        import time

        slept.append(seconds)
        time.sleep(0.02)

    with open_ledger() as ledger, Link(get_site("local"), None, faults) as link:
        return follow(job, ledger, link, news.append, sleep=sleep, **more), news, slept


LOG = "line 0 æ\nline 1 æ\nline 2 æ\nred� � no newline"


def test_log_and_states_until_the_end(job: Job) -> None:
    ended, news, _ = watch(job, Faulty())
    assert (ended.state, ended.outcome) == (JobState.ENDED, Outcome.COMPLETED)
    assert "".join(n.text for n in news if n.what == "log") == LOG
    states = [n.says for n in news if n.what == "state"]
    assert states[-1] == "finished" and len(states) == len(set(states))


def test_a_lost_connection_is_opened_again_with_growing_pauses(job: Job) -> None:
    class Often(Faulty):
        left = 4

        def enter(self, step: str) -> None:
            if self.left:
                self.left -= 1
                raise LOST
            super().enter(step)

    faults = Often()
    ended, news, slept = watch(job, faults)
    assert ended.outcome is Outcome.COMPLETED
    assert [n.what for n in news if n.what in ("lost", "back")] == ["lost"] * 4 + ["back"]
    assert slept[:4] == list(RETRY_S[:4])
    assert faults.opened == 5
    assert "".join(n.text for n in news if n.what == "log") == LOG


def test_what_the_person_must_mend_is_not_tried_again(job: Job) -> None:
    with pytest.raises(RemoteError):
        watch(job, Faulty(before={"status": RemoteError("no", code="ssh-key-refused")}))
    with pytest.raises(UserError):
        watch(job, Faulty(before={"status": UserError("changed", code="changed-host-key")}))


def test_giving_up(job: Job) -> None:
    class Never(Faulty):
        def enter(self, step: str) -> None:
            raise LOST

    with pytest.raises(RemoteError):
        watch(job, Never(), give_up_s=0.05)


def test_the_last_lines(job: Job) -> None:
    watch(job, Faulty())
    with Link(get_site("local")) as link:
        assert "".join(log_pieces(job, link)) == LOG
        assert last_lines(job, link, 2) == "line 2 æ\nred� � no newline"
        assert last_lines(job, link, 99) == LOG
        reader = LogReader(job, link)
        assert reader.read().count("\n") == 3  # whole lines only, until it is said to be the end
        assert reader.read(final=True) == "red� � no newline"


@pytest.fixture
def log(job: Job) -> Any:
    """The log of a job that has ended, to be written anew; and a reader of it."""
    watch(job, Faulty())
    path = Path(job.folder) / "log"
    path.write_bytes(b"")
    with Link(get_site("local")) as link:
        yield path, LogReader(job, link), job, link


def test_a_log_begun_anew_is_read_anew(log: Any) -> None:
    path, reader, _, _ = log
    path.write_bytes(b"first run\n" * 100)
    assert reader.read().count("first run") == 100 and not reader.began_anew
    path.write_bytes(b"second run\n")  # shorter
    assert reader.read() == "second run\n" and reader.began_anew
    reader.began_anew = False
    path.write_bytes(b"third, which is longer than the second\n" * 3)
    assert reader.read().count("third") == 3 and reader.began_anew
    reader.began_anew = False
    path.unlink()
    assert reader.read() == "" and reader.began_anew
    path.write_bytes(b"again\n")
    assert reader.read() == "again\n"


def test_a_log_that_is_not_there_yet_is_no_log_begun_anew(log: Any) -> None:
    path, reader, _, _ = log
    path.unlink()
    assert reader.burst() == [] and not reader.began_anew


def test_a_line_of_ten_megabytes_comes_in_pieces_and_bursts(log: Any) -> None:
    path, reader, job, link = log
    path.write_bytes(b"x" * 10_000_000 + b"\nshort\n")
    first = reader.burst()
    assert (len(first), sum(map(len, first)), reader.has_more) == (BURST, BURST * PIECE, True)
    rest = first
    while reader.has_more:
        rest = rest + reader.burst()
    assert sum(map(len, rest)) == 10_000_007
    assert "".join(rest).endswith("x\nshort\n")
    assert last_lines(job, link, 1) == "short\n"
    assert sum(len(piece) for piece in log_pieces(job, link)) == 10_000_007


def test_binary_and_progress_bars(log: Any) -> None:
    path, reader, _, _ = log
    path.write_bytes(bytes(range(256)) * 20 + b"\n")
    text = reader.read()
    assert not [c for c in text if ord(c) < 32 and c != "\n" and c != "\t"]
    with path.open("ab") as file:
        file.write(b" 10%|#  |\r 20%|## |\r 30%|###|")
    assert reader.read() == " 20%|## |\n"  # the bar so far; the last may still be being written
    with path.open("ab") as file:
        file.write(b"\r100%|###|\r\n\x1b[1;32mdone\x1b[0m\n")
    assert reader.read() == "100%|###|\ndone\n"


def test_following_catches_up_without_asking_the_scheduler_more_often(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dkai.compute.follow.PIECE", 10)  # a line
    monkeypatch.setattr("dkai.compute.follow.BURST", 1)
    faults = Faulty()
    ended, news, slept = watch(job, faults)
    assert "".join(n.text for n in news if n.what == "log") == LOG
    assert ended.outcome is Outcome.COMPLETED
    assert BREATH_S in slept
    assert faults.steps.count("status") <= len(slept) - slept.count(BREATH_S) + 1


def test_a_site_may_say_how_often() -> None:
    pause = Pause(Link(Site("c", host="ssh", scheduler="slurm", address="c")), 60, 300)
    waits = [pause.next() for _ in range(10)]
    assert waits[0] == 60 and waits[-1] == 300
    pause.reset()
    assert pause.next() == 60
    assert Pause(Link(Site("c", host="ssh", scheduler="slurm", address="c")), shortest=60).next() == 60


def test_a_login_node_is_asked_seldom() -> None:
    pause = Pause(Link(Site("c", host="ssh", scheduler="slurm", address="c")))
    waits = [pause.next() for _ in range(40)]
    assert waits[0] == 1.0 and waits[-1] == 30.0 and waits == sorted(waits)
    pause.reset()
    assert pause.next() <= 3.0


def test_connections_are_kept_and_renewed_after_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = Faulty()
    site = get_site("local")
    clock = [0.0]
    monkeypatch.setattr("dkai.compute.link.time.monotonic", lambda: clock[0])
    with Links(None, faults) as links:
        assert links.to(site) is links.to(site)
        _ = links.to(site).host
        _ = links.to(site).host
        assert faults.opened == 1
        clock[0] = IDLE_S + 1
        _ = links.to(site).host
        assert faults.opened == 1  # it answers: another might ask for another code
        clock[0] = 2 * IDLE_S + 2
        faults.before["status"] = LOST
        _ = links.to(site).host
        assert faults.opened == 2
