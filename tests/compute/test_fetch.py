"""Results come home once, whole, and over nothing else; a lost connection is opened again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sh_shell import sh_host

from dkai.compute.fetch import Fetched, fetch
from dkai.compute.host import transfer_down
from dkai.compute.ledger import open_ledger
from dkai.compute.link import Link
from dkai.compute.news import News
from dkai.compute.reconnect import WAITS_S, Carrier
from dkai.compute.site import Site
from dkai.core.errors import DkaiError, Interrupted, RemoteError, UserError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sh and GNU's tools")
JOB = "dkai-0000000000"
SITE = Site("far", host="ssh", scheduler="process", address="far")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A job's folder, with 3 MB of results."""
    out = tmp_path / "job" / "output"
    (out / "sub" / "empty").mkdir(parents=True)
    (out / "a.txt").write_text("one", encoding="utf-8")
    (out / "sub" / "æ ø").write_bytes(os.urandom(3_000_000))
    (tmp_path / "job" / "log").write_text("said", encoding="utf-8")
    return tmp_path / "job"


class Opened:
    """An opener of hosts; each connection is cut off after so many bytes a channel, in turn."""

    def __init__(self, *cuts: list[int], errors: list[DkaiError | None] | None = None) -> None:
        self.cuts, self.errors, self.count, self.down = list(cuts), errors or [], 0, 0

    def __call__(self, _site: Site, _ask: object = None) -> Any:
        self.count += 1
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        host, shell = sh_host(*(self.cuts.pop(0) if self.cuts else []))
        self.shell = shell
        return host


def go(
    folder: Path, into: Path, opener: Callable[..., Any], told: list[News] | None = None, **more: Any
) -> tuple[Fetched, list[float]]:
    waits: list[float] = []
    with open_ledger() as ledger, Link(SITE, None, opener) as link:
        if not ledger.open_jobs() and not ledger.recent(include_planned=True):
            ledger.add(job_id=JOB, recipe="r", recipe_version="1", site="far", folder=str(folder), plan="{}")
        tell = (told if told is not None else []).append
        return fetch(ledger.get(JOB), ledger, link, into, tell, sleep=waits.append, **more), waits


def test_all_of_it_comes_with_log_and_empty_folders(folder: Path, tmp_path: Path) -> None:
    found, _ = go(folder, tmp_path / "home", Opened())
    assert found.files == ("a.txt", "sub/æ ø")
    assert (tmp_path / "home/sub/æ ø").read_bytes() == (folder / "output/sub/æ ø").read_bytes()
    assert (tmp_path / "home/sub/empty").is_dir()
    assert (tmp_path / "home/.dkai/log").read_text() == "said"
    assert [p.name for p in (tmp_path / "home/.dkai").iterdir()] == ["log"]
    with open_ledger() as ledger:
        assert ledger.get(JOB).fetched_to == str(tmp_path / "home")
    again, _ = go(folder, tmp_path / "home", Opened())
    assert (again.files, again.kept) == ((), ("a.txt", "sub/æ ø"))


def test_what_differs_stops_everything_before_anything_is_written(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "a.txt").write_text("two")
    with pytest.raises(UserError) as caught:
        go(folder, home, Opened())
    assert caught.value.code == "would-overwrite"
    assert [p.name for p in home.iterdir()] == ["a.txt"]
    go(folder, home, Opened(), overwrite=True)
    assert (home / "a.txt").read_text() == "one"


def test_links_are_named_and_left(folder: Path, tmp_path: Path) -> None:
    (folder / "output/link").symlink_to("/etc/passwd")
    (folder / "output/up").symlink_to("/etc")
    told: list[News] = []
    found, _ = go(folder, tmp_path / "home", Opened(), told)
    assert len(found.files) == 2
    assert [n.says for n in told if n.what == "warning"] == [
        "2 links or other things that are no plain files are not fetched, link among them"
    ]


def test_a_lost_connection_is_opened_again(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_down, "LARGE", 1000)
    # listing, the small file, then the large one is cut
    opener = Opened([20_000, 20_000, 2_000_000], [1_100_000])
    told: list[News] = []
    found, waits = go(folder, tmp_path / "home", opener, told)
    assert found.files == ("a.txt", "sub/æ ø")
    assert waits == [1.0] * (opener.count - 1)
    assert opener.count >= 2
    assert [n.what for n in told].count("lost") == opener.count - 1
    done = [n.done for n in told if n.what == "fetching" and n.done is not None]
    assert done[-1] == 3_000_003
    assert (tmp_path / "home/sub/æ ø").read_bytes() == (folder / "output/sub/æ ø").read_bytes()


def test_a_run_that_ended_half_way_is_gone_on_with(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer_down, "LARGE", 1000)

    def stop(news: News) -> None:
        if (news.done or 0) > 2_000_000:
            raise KeyboardInterrupt

    class Stopping(list[News]):
        append = staticmethod(stop)  # type: ignore[assignment]

    with pytest.raises(Interrupted) as caught:
        go(folder, tmp_path / "home", Opened(), Stopping())
    assert "goes on from there" in (caught.value.hint or "")
    opener = Opened()
    found, _ = go(folder, tmp_path / "home", opener)
    assert opener.shell.down < 1_100_000
    assert set(found.files) | set(found.kept) == {"a.txt", "sub/æ ø"}
    assert (tmp_path / "home/sub/æ ø").read_bytes() == (folder / "output/sub/æ ø").read_bytes()


CHILD = """
import os, signal, sys
from sh_shell import sh_host
from dkai.compute.host.transfer_home import Home
host, _ = sh_host()
there = host.listing(sys.argv[1])
def stop(done, total):
    if done > 8_000_000:
        os.kill(os.getpid(), signal.SIGKILL)
host.fetch(sys.argv[1], there.files, Home(__import__("pathlib").Path(sys.argv[2]), [f.path for f in there.files]), stop)
"""


def test_killed_outright_it_is_gone_on_with(folder: Path, tmp_path: Path) -> None:
    (folder / "output/large").write_bytes(os.urandom(12_000_000))
    argv = [sys.executable, "-c", CHILD, str(folder / "output"), str(tmp_path / "home")]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    assert subprocess.run(argv, env=here, check=False).returncode == -signal.SIGKILL
    opener = Opened()
    found, _ = go(folder, tmp_path / "home", opener)
    assert (tmp_path / "home/large").read_bytes() == (folder / "output/large").read_bytes()
    assert len(found.files) + len(found.kept) == 3
    assert opener.shell.down < 8_000_000


# --- when it is tried again

LOST = RemoteError("it was lost", code="connection-lost")


def carry(errors: list[DkaiError | None], moved: int, site: Site = SITE) -> list[float]:
    waits: list[float] = []
    with Link(site, None, lambda *_: sh_host()[0]) as link:
        carrier = Carrier(link, lambda _: None, waits.append)

        def action() -> None:
            carrier.moved(moved)
            error = errors.pop(0)
            if error is not None:
                raise error

        carrier.run(action)
    return waits


def test_while_it_gets_on_there_is_no_end_of_it() -> None:
    assert carry([LOST] * 50 + [None], 2_000_000) == [1.0] * 50


def test_a_way_that_is_gone_is_waited_for_and_then_given_up() -> None:
    got_on = [2_000_000, *[0] * 20]
    waits: list[float] = []
    with Link(SITE, None, lambda *_: sh_host()[0]) as link:
        carrier = Carrier(link, lambda _: None, waits.append)

        def action() -> None:
            carrier.moved(got_on.pop(0))
            raise LOST

        with pytest.raises(RemoteError) as caught:
            carrier.run(action)
    assert caught.value is LOST
    assert waits == list(WAITS_S)


@pytest.mark.parametrize("code", ["changed-host-key", "ssh-key-refused", "remote-disk-full", "damaged-transfer"])
def test_what_the_person_must_mend_is_not_tried_again(code: str) -> None:
    errors: list[DkaiError | None] = [RemoteError("no", code=code), None]
    with pytest.raises(RemoteError):
        carry(errors, 2_000_000)
    assert len(errors) == 1


def test_a_place_that_cannot_be_reached_at_all_is_said_at_once(folder: Path, tmp_path: Path) -> None:
    opener = Opened(errors=[RemoteError("no computer is called so", code="host-not-found")])
    with pytest.raises(RemoteError):
        go(folder, tmp_path / "home", opener)
    assert opener.count == 1


def test_this_computer_cannot_be_lost() -> None:
    with pytest.raises(RemoteError):
        carry([LOST, None], 2_000_000, Site("local"))
