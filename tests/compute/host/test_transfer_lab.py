"""40 MB there and home over a real connection that is cut three times each way."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from dkai.compute.fetch import fetch
from dkai.compute.host import Upload, wire
from dkai.compute.ledger import open_ledger
from dkai.compute.link import Link
from dkai.compute.news import News
from dkai.compute.reconnect import Carrier
from dkai.compute.site import Site
from dkai.core.errors import RemoteError
from lab.fixture import Lab
from lab.lablib.session import SCRIPT

pytestmark = pytest.mark.lab
SIZE = 30_000_000
Way = Callable[[int], AbstractContextManager[Site]]


@pytest.fixture
def way(lab: Lab) -> Way:
    """A site behind a way of its own that ends each connection after so many bytes."""

    @contextmanager
    def open_way(cut_after: int) -> Iterator[Site]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        argv = [str(SCRIPT), "proxy", "--listen", str(port), "--cut-after", str(cut_after)]
        argv += ["--target", f"127.0.0.1:{lab.port}"]
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as proxy:
            assert proxy.stdout is not None
            proxy.stdout.readline()
            try:
                yield Site(
                    "lab", host="ssh", scheduler="slurm", address="lab-slow", port=port, ssh_config=str(lab.ssh_config),
                    transport="paramiko",
                )  # fmt: skip
            finally:
                proxy.terminate()

    return open_way


def test_three_cuts_each_way(way: Way, lab_base: str, tmp_path: Path) -> None:
    large = tmp_path / "stor fil"
    large.write_bytes(os.urandom(SIZE))
    files = [Upload("output/stor fil", large, SIZE, hashlib.sha256(large.read_bytes()).hexdigest())]
    for number in range(20):
        data = os.urandom(500_000)
        files.append(Upload(f"output/æ{number}", data, len(data), hashlib.sha256(data).hexdigest()))
    told: list[News] = []
    waits: list[float] = []
    with way(12_000_000) as site, Link(site) as link, open_ledger() as ledger:
        carrier = Carrier(link, told.append, waits.append)
        job = f"{lab_base}/dkai-0000000000"
        seen: list[int] = []

        def progress(done: int, _: int) -> None:
            carrier.moved(done - seen[-1] if seen else done)
            seen.append(done)

        carrier.run(lambda: link.host.send(job, files, progress, again=carrier.again))
        assert [news.what for news in told] == ["lost"] * 3
        assert "the connection to" in told[0].says and "going on in 1 s" in told[0].says
        assert waits == [1.0] * 3
        assert seen[-1] == 40_000_000
        told.clear()
        ledger.add(job_id="dkai-0000000000", recipe="r", recipe_version="1", site="lab", folder=job, plan="{}")
        found = fetch(ledger.get("dkai-0000000000"), ledger, link, tmp_path / "hjem", told.append, sleep=waits.append)
    assert sum(news.what == "lost" for news in told) >= 3
    assert len(found.files) == 21
    assert found.size == 40_000_000
    for file in files:
        home = tmp_path / "hjem" / file.to.removeprefix("output/")
        assert hashlib.sha256(home.read_bytes()).hexdigest() == file.sha256
    assert sorted(p.name for p in (tmp_path / "hjem/.dkai").iterdir()) == []


def test_what_was_cut_off_lies_beside_and_is_gone_on_with_later(
    way: Way, lab: Lab, lab_base: str, tmp_path: Path
) -> None:
    data = os.urandom(3_000_000)
    large = Upload("f", data + data, 6_000_000, hashlib.sha256(data + data).hexdigest())
    with way(3_000_000) as site, Link(site) as link, pytest.raises(RemoteError) as caught:
        link.host.send(f"{lab_base}/job", [large])
    assert caught.value.code == "connection-lost"
    assert lab.ssh(f"ls {lab_base}").stdout == "job.incoming\n"
    assert wire.IN in lab.ssh(f"ls -A {lab_base}/job.incoming").stdout
    with way(6_000_000) as site, Link(site) as link:  # too little for all of it
        link.host.send(f"{lab_base}/job", [large], again=True)
    assert lab.ssh(f"ls -A {lab_base} {lab_base}/job").stdout.split() == [
        f"{lab_base}:", "job", f"{lab_base}/job:", "f",
    ]  # fmt: skip
    assert lab.ssh(f"sha256sum {lab_base}/job/f").stdout.startswith(large.sha256)
