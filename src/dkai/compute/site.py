"""A site: a place in the catalogue, and this person's own account on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dkai.core.levels import Level

LOCAL_ID = "local"
HostKind = Literal["local", "ssh"]
SchedulerKind = Literal["process", "slurm"]
Transport = Literal["auto", "paramiko", "openssh"]


@dataclass(frozen=True, slots=True)
class Site:
    """How to reach one place. The combination of `host` and `scheduler` is free."""

    id: str
    host: HostKind = "local"
    scheduler: SchedulerKind = "process"
    provider: str | None = None  # catalogue id of the place
    # ssh: what OpenSSH's own configuration does not say already
    address: str | None = None  # host name or alias in ssh_config
    user: str | None = None
    port: int | None = None
    identity: str | None = None  # path of a private key
    ssh_config: str | None = None  # another file than ~/.ssh/config
    known_hosts: str | None = None
    transport: Transport = "auto"  # auto: paramiko, or OpenSSH where the configuration needs it
    # the person's choices on that place
    account: str | None = None
    partition: str | None = None
    qos: str | None = None
    base: str | None = None  # folder for jobs; default $SCRATCH or $HOME
    python: str | None = None  # interpreter to use there
    level: Level | None = None  # highest data level the person's institution permits there; None: not said


def this_computer() -> Site:
    """The site that is always there."""
    return Site(id=LOCAL_ID, provider="this-computer", level=Level.SENSITIVE)
