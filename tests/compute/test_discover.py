"""What a place said, kept for a while."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from dkai.compute import discover as d
from dkai.compute.cluster import UNLIMITED, Cluster
from dkai.compute.host import CommandResult
from dkai.compute.host.local import LocalHost
from dkai.compute.scheduler.process import Process
from dkai.compute.scheduler.slurm import Slurm
from dkai.compute.site import Site
from dkai.core.errors import UserError

SITE = Site(id="lumi/æ: 1", host="ssh", scheduler="slurm", address="lumi.example")
RECORDED = Path(__file__).resolve().parents[1] / "fixtures/slurm/22.05/dkai/discovery.out"


class FakeHost(LocalHost):
    """Answers every question with the recorded discovery."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, ...]] = []

    def run(self, argv: object, **_: object) -> CommandResult:  # type: ignore[override]
        self.asked.append(tuple(argv))  # type: ignore[arg-type]
        return CommandResult(0, RECORDED.read_text(encoding="utf-8"), "")


def cluster(asked_at: float) -> Cluster:
    return d.discover(FakeHost(), Slurm(), asked_at)


def test_nothing_is_lost_in_the_cache() -> None:
    whole = cluster(1000.0)
    assert whole.partitions[0].max_nodes == UNLIMITED
    d.remember(SITE, whole)
    assert d.remembered(SITE, 1000.0) == whole
    file = d._file(SITE)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("missing", "later", "found"),
    [
        ({}, 3600, True),
        ({}, 3601, False),
        ({"qos": "x"}, 60, True),
        ({"qos": "x"}, 61, False),
        ({}, -1, False),
        ({"reservations": "x", "login": "x"}, 3600, True),
        ({"reservations": "x", "use": "x"}, 61, False),
    ],
)
def test_age(missing: dict[str, str], later: float, found: bool) -> None:
    d.remember(SITE, replace(cluster(1000.0), missing=missing))
    assert (d.remembered(SITE, 1000.0 + later) is not None) is found


def test_asked_once_and_again_when_wished() -> None:
    host = FakeHost()
    site = replace(SITE, python="/opt/python")
    for now, max_age, count in (
        (0.0, 3600.0, 1),
        (5.0, 3600.0, 1),
        (5.0, 0.0, 2),
        (6.0, 3600.0, 2),
        (90_000.0, 3600.0, 3),
    ):
        d.cluster_of(site, host, Slurm(), now, max_age_s=max_age)
        assert len(host.asked) == count
    assert host.asked[0][-1] == "/opt/python"


def test_another_address_is_another_place() -> None:
    d.remember(SITE, cluster(0.0))
    assert d.remembered(replace(SITE, address="elsewhere"), 1.0) is None
    assert d.remembered(replace(SITE, user="bob"), 1.0) is None
    assert d.remembered(replace(SITE, id="other"), 1.0) is None
    assert d.remembered(replace(SITE, partition="gpu"), 1.0) is not None
    d.forget(SITE)
    assert d.remembered(SITE, 1.0) is None
    d.forget(SITE)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:200],
        lambda text: "[]",
        lambda text: text.replace("dkai/cluster/2", "dkai/cluster/1"),
        lambda text: json.dumps({**json.loads(text), "cluster": None}),
        lambda text: json.dumps({**json.loads(text), "cluster": {"name": 7}}),
        lambda text: json.dumps({**json.loads(text), "cluster": {**json.loads(text)["cluster"], "partitions": 3}}),
        lambda text: text.replace("86400", '"long"'),
        lambda text: text.replace("86400", "9" * 400),
        lambda text: "[" * 100_000,
        lambda text: "\x00\xff",
    ],
)
def test_a_damaged_cache_is_asked_again(damage: object) -> None:
    d.remember(SITE, cluster(0.0))
    file = d._file(SITE)
    file.write_text(damage(file.read_text(encoding="utf-8")), encoding="latin-1")  # type: ignore[operator]
    assert d.remembered(SITE, 1.0) is None
    assert d.cluster_of(SITE, FakeHost(), Slurm(), 1.0).name == "labcluster"


def test_a_cache_that_takes_nothing_keeps_no_answer_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise UserError("no space", code="cannot-write", hint="")

    monkeypatch.setattr(d, "write_private", full)
    assert d.cluster_of(SITE, FakeHost(), Slurm(), 1.0).name == "labcluster"


def test_many_at_once_read_a_whole_answer_or_none() -> None:
    """Two dkai at once: who reads while another writes finds the one or the other."""
    answers = [cluster(float(n)) for n in (1, 2)]
    d.remember(SITE, answers[0])

    def write(n: int) -> None:
        for _ in range(20):
            d.remember(SITE, answers[n % 2])

    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(write, n) for n in range(3)]
        while not all(one.done() for one in writing):
            assert d.last_said(SITE) in answers
        for one in writing:
            one.result()
    assert [file.suffix for file in d._file(SITE).parent.iterdir()] == [".json"]


def test_this_computer_for_real() -> None:
    here = Site(id="local")
    found = d.cluster_of(here, LocalHost(), Process(local=True), 5.0)
    assert d.remembered(here, 6.0) == found
