"""A site: a place in the catalogue, and this person's own account on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dkai.core.i18n import t
from dkai.core.levels import Level

LOCAL_ID = "local"
HostKind = Literal["local", "ssh", "ucloud"]
SchedulerKind = Literal["process", "slurm", "lsf", "ucloud"]
Transport = Literal["auto", "paramiko", "openssh"]
QUEUES = {"slurm": "Slurm", "lsf": "LSF", "ucloud": "UCloud"}


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
    base: str | None = None  # folder for jobs; default $SCRATCH or $HOME; at UCloud below a drive: `/12345`
    python: str | None = None  # interpreter to use there
    environment: str | None = None  # how a job gets its interpreter there; None: auto (`compute/environments.py`)
    modules: tuple[str, ...] | None = None  # environment modules to load
    image: str | None = None  # a container image on the place, or `docker://…`
    level: Level | None = None  # highest data level the person's institution permits there; None: not said

    @property
    def has_queue(self) -> bool:
        """Whether a scheduler starts the jobs there, so that they wait, have partitions and are asked about."""
        return has_queue(self.scheduler)


def has_queue(scheduler: str) -> bool:
    """Whether a scheduler of this kind has a queue; `process` has none."""
    return scheduler in QUEUES


def title(scheduler: str) -> str:
    """A scheduler with a queue as people call it: `Slurm`, `LSF`."""
    return QUEUES.get(scheduler, scheduler)


def caveat(scheduler: str) -> str:
    """What everybody should know who uses such a scheduler through dkai; empty when there is nothing."""
    caveats = {
        "lsf": t("unverified: dkai's LSF has not been run on a real LSF"),
        "ucloud": t("unverified: dkai's way to UCloud has never been run on the real UCloud"),
    }
    return caveats.get(scheduler, "")


def this_computer() -> Site:
    """The site that is always there."""
    return Site(id=LOCAL_ID, provider="this-computer", level=Level.SENSITIVE)
