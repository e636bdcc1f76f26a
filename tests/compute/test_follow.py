from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from faulty import LOST, Faulty

from dkai.app.submit_walk import Request, prepare
from dkai.compute.follow import RETRY_S, LogReader, Pause, follow, last_lines
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


LOG = "line 0 æ\nline 1 æ\nline 2 æ\n�[31mred� � no newline"


def test_log_and_states_until_the_end(job: Job) -> None:
    ended, news, _ = watch(job, Faulty())
    assert (ended.state, ended.outcome) == (JobState.ENDED, Outcome.COMPLETED)
    assert "".join(n.text for n in news if n.what == "log") == LOG
    states = [n.says for n in news if n.what == "state"]
    assert states[-1] == "finished" and len(states) == len(set(states))


def test_a_lost_connection_is_opened_again_with_growing_pauses(job: Job) -> None:
    class Often(Faulty):
        left = 4

        def do(self, step: str, action: Any) -> Any:
            if self.left:
                self.left -= 1
                raise LOST
            return super().do(step, action)

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
        def do(self, step: str, action: Any) -> Any:
            raise LOST

    with pytest.raises(RemoteError):
        watch(job, Never(), give_up_s=0.05)


def test_the_last_lines(job: Job) -> None:
    watch(job, Faulty())
    with Link(get_site("local")) as link:
        assert last_lines(job, link, 0) == LOG
        assert last_lines(job, link, 2).endswith("line 2 æ\n�[31mred� � no newline")
        reader = LogReader(job, link)
        assert reader.read().count("\n") == 3  # whole lines only, until it is said to be the end
        assert reader.read(final=True) == "�[31mred� � no newline"


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
