"""How little a submission asks of a login node: one connection, few channels, one question for many jobs."""

from __future__ import annotations

import socket
from typing import Any

import paramiko
import pytest

from dkai.app.jobs import list_jobs
from dkai.app.submit_walk import Request, carry_out, prepare
from dkai.compute.link import Links
from dkai.compute.quote.choose import Wishes
from dkai.compute.site import Site

pytestmark = pytest.mark.lab
ASK = Request("gpu-check", "lab", wishes=Wishes(gpus=0, partition="cpu", walltime_s=300))


@pytest.fixture
def traffic(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Connections and channels that were opened."""
    count = {"connections": 0, "channels": 0}
    connect, session = socket.create_connection, paramiko.Transport.open_session

    def counted_connect(*words: Any, **more: Any) -> Any:
        count["connections"] += 1
        return connect(*words, **more)

    def counted_session(*words: Any, **more: Any) -> Any:
        count["channels"] += 1
        return session(*words, **more)

    monkeypatch.setattr(socket, "create_connection", counted_connect)
    monkeypatch.setattr(paramiko.Transport, "open_session", counted_session)
    return count


def test_a_submission_is_one_connection_and_three_channels(lab_site: Site, traffic: dict[str, int]) -> None:
    with Links() as links:
        carry_out(prepare(ASK, links=links).plan, links=links)
    assert traffic["connections"] == 1
    assert traffic["channels"] <= 4  # the discovery is one of them
    traffic.update(connections=0, channels=0)
    with Links() as links:
        links.expect(lab_site.id)
        carry_out(prepare(ASK, links=links).plan, links=links)
    assert traffic["connections"] == 1
    assert traffic["channels"] <= 3


def test_many_jobs_are_one_question(lab_site: Site, traffic: dict[str, int]) -> None:
    with Links() as links:
        mine = {carry_out(prepare(ASK, links=links).plan, links=links).job_id for _ in range(3)}
    traffic.update(connections=0, channels=0)
    # Other runs share the lab: their jobs of the same user are taken in as well.
    assert mine <= {job.id for job in list_jobs(10_000, ask_sites=True).items}
    assert traffic == {"connections": 1, "channels": 1}
