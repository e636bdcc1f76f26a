"""Try a site step by step: everything that a job will need, each fault with its remedy.

One connection: discovery is one channel of it, and `compute.tryout` another.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dkai.app import connect_checks as checks
from dkai.app.cluster_view import ClusterView, cluster_view
from dkai.app.connect_checks import Finding
from dkai.app.fingerprints import Verdict, verdict
from dkai.app.sites import provider_entry, provider_name
from dkai.compute import tryout
from dkai.compute.cluster import Cluster
from dkai.compute.discover import remember
from dkai.compute.link import Ask, Link
from dkai.compute.plan import base_folder
from dkai.compute.site import Site
from dkai.compute.sites_file import get_site
from dkai.core.clean import one_line
from dkai.core.errors import DkaiError, RemoteError
from dkai.core.i18n import nt, t
from dkai.core.levels import Level
from dkai.core.plain import to_plain

Trust = Callable[[dict[str, Any]], bool]
_PAYLOAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Step:
    """One step of trying a site. `seconds` is None where it was measured together with the one after it."""

    id: str
    name: str
    ok: bool
    says: str
    seconds: float | None = None
    note: bool = False  # nothing is wrong, but it is worth knowing
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """How a site answered."""

    id: str
    name: str
    steps: tuple[Step, ...]
    transport: str | None
    level: Level | None
    cluster: ClusterView


# Which step an error of the connection belongs to; what is not here is about reaching the host at all.
_STEP_OF_CODE = {
    "bad-host-name": "config", "bad-ssh-config": "config", "ssh-config-needs-ssh": "config",
    "host-not-found": "name",
    "connection-closed": "handshake", "handshake-failed": "handshake",
    "unknown-host-key": "host-key", "no-known-hosts": "host-key", "changed-host-key": "host-key",
    "revoked-host-key": "host-key", "host-key-mismatch": "host-key",
    "ssh-key-refused": "login", "login-not-accepted": "login", "second-factor-needed": "login",
    "wrong-passphrase": "login", "login-ended": "login",
}  # fmt: skip


def step_name(step: str) -> str:
    """A step in words."""
    return {
        "config": t("SSH configuration"), "name": t("find the host"), "connect": t("connect"),
        "handshake": t("speak SSH"), "host-key": t("check the host key"), "login": t("log in"),
        "scheduler": t("find the scheduler"), "accounts": t("find your accounts"), "choices": t("check your choices"),
        "shell": t("log-in shell"), "folder": t("find a folder for jobs"), "file": t("send a file and get it back"),
        "clock": t("compare clocks"), "python": t("find Python"),
    }[step]  # fmt: skip


class _Run:
    """The steps so far, each told when it is done."""

    def __init__(self, tell: Callable[[Step], None]) -> None:
        self.steps: list[Step] = []
        self.failures: list[DkaiError] = []
        self._tell = tell

    def passed(self, step: str, says: str, seconds: float | None = None) -> None:
        self._add(Step(step, step_name(step), True, one_line(says, 400), seconds))

    def found(self, step: str, findings: Iterator[Finding], seconds: float | None = None) -> None:
        """What a check found. A fault does not end the walk: one sees all there is to mend at once."""
        for finding in findings:
            error, says = finding.error, one_line(finding.says, 400)
            self._add(Step(step, step_name(step), error is None, says, seconds, finding.note, finding.hint))
            if error is not None:
                self.failures.append(_at_step(error, step))
            seconds = None

    def _add(self, step: Step) -> None:
        self.steps.append(step)
        self._tell(step)

    @contextmanager
    def at(self, step: str) -> Iterator[None]:
        """Errors inside belong to this step, and end the walk."""
        try:
            yield
        except DkaiError as error:
            raise self.ended(error, step) from error

    def ended(self, error: DkaiError, step: str) -> DkaiError:
        """The error that ends the walk, with what had been done by then."""
        named = _at_step(error, step)
        last = Step(step, step_name(step), False, one_line(error.message, 400), hint=error.hint)
        named.details["steps"] = to_plain([*self.steps, last])
        return named

    def raise_failures(self) -> None:
        """The one fault, or all of them in one error. Raises it."""
        if not self.failures:
            return
        first = self.failures[0]
        details = {**first.details, "steps": to_plain(self.steps)}
        if len(self.failures) == 1:
            raise type(first)(first.message, code=first.code, hint=first.hint, details=details)
        # What the other side failed at counts for more than what one can mend oneself.
        worst = next((e for e in self.failures if isinstance(e, RemoteError)), first)
        names = "; ".join(e.message for e in self.failures)
        message = nt("{n} step failed: {names}", "{n} steps failed: {names}", len(self.failures), names=names)
        hint = t("mend each as said beside it, and try again")
        raise type(worst)(message, code=worst.code, hint=hint, details=details)


def try_site(name: str, tell: Callable[[Step], None], ask: Ask | None = None, trust: Trust | None = None) -> Connection:
    """Try everything a job will need. Each step is told when it is done; a fault raises its error at the end.

    `trust(details)` is asked about an unknown host key (host, type, fingerprint, verdict) and says whether to remember
    it. What the place said of itself is kept for `sites show` and for the next quote.
    """
    site = get_site(name)
    run = _Run(tell)
    if site.host == "ssh":
        _whereabouts(site, run)
    began = time.monotonic()
    with _open(site, ask, trust, run) as link:
        carried: str | None = getattr(link.host, "transport", None)  # a host behind SSH has one
        if site.host == "ssh":
            run.passed("host-key", t("the host key is the known one"))
            run.passed("login", _login_words(link, carried), time.monotonic() - began)
        began = time.monotonic()
        cluster = _discover(site, link, run)
        if site.host == "ucloud":
            return _ucloud(site, cluster, run, time.monotonic() - began)
        run.found("scheduler", checks.scheduler(site, cluster), time.monotonic() - began)
        if site.scheduler == "slurm":
            run.found("accounts", checks.accounts(site, cluster, provider_entry(site)))
        if site.has_queue:
            run.found("choices", checks.choices(site, cluster))
        if site.host == "ssh":
            _try_more(site, cluster, link, run)
        else:
            run.found("folder", checks.own_folder(site, cluster))
        run.found("python", checks.python(site, cluster))
    if not run.failures:
        remember(site, cluster)
    run.raise_failures()
    return Connection(
        site.id, provider_name(site) or site.id, tuple(run.steps), carried, site.level, cluster_view(cluster)
    )


def _ucloud(site: Site, cluster: Cluster, run: _Run, seconds: float) -> Connection:
    """UCloud has no log-in and no shell: what it tells, and where the files go."""
    from dkai.app import connect_ucloud

    run.found("scheduler", connect_ucloud.machines(site, cluster), seconds)
    run.found("folder", connect_ucloud.folder(site, cluster))
    remember(site, cluster)
    return Connection(
        site.id, provider_name(site) or site.id, tuple(run.steps), None, site.level, cluster_view(cluster)
    )


def _whereabouts(site: Site, run: _Run) -> None:
    """What the configuration says, and the name's address: neither sends anything to the site."""
    from dkai.compute.host.keys import shown
    from dkai.compute.host.lookup import addresses, whereabouts

    began = time.monotonic()
    with run.at("config"):
        where = whereabouts(site)
    keys = ", ".join(shown(path) for path in where.keys) or t("no key file")
    run.passed("config", t("{who}, keys: {keys}", who=where.target, keys=keys), time.monotonic() - began)
    began = time.monotonic()
    if where.via:
        run.passed("name", t("{host} is reached through {via}", host=where.hostname, via=where.via))
    elif found := addresses(where.hostname):
        run.passed("name", t("{host} is {addresses}", host=where.hostname, addresses=", ".join(found[:3])),
                   time.monotonic() - began)  # fmt: skip


def _login_words(link: Link, carried: str | None) -> str:
    why = getattr(link.host, "why", None)
    how = t("carried by {program}", program={"openssh": "OpenSSH"}.get(carried or "", carried or "–"))
    if why:
        how = t("{how} ({why})", how=how, why=why)
    return t("logged in as {who}, {how}", who=link.host.name, how=how)


def _discover(site: Site, link: Link, run: _Run) -> Cluster:
    """What the place says of itself. A place without its scheduler's commands is asked where it hides them."""
    try:
        return link.scheduler.parse_discovery(link.run(link.scheduler.discover(site.python)), time.time())
    except DkaiError as error:
        hidden = {"no-slurm": ("squeue", "slurm"), "no-lsf": ("bsub", "lsf")}.get(error.code)
        if hidden is not None and site.host == "ssh":
            with run.at("scheduler"):
                place = tryout.place_of(link.run(tryout.where_is(*hidden)))
            raise run.ended(checks.no_commands(error, *place), "scheduler") from error
        raise run.ended(error, "scheduler") from error


def _try_more(site: Site, cluster: Cluster, link: Link, run: _Run) -> None:
    """The folder for jobs, a file there and back, the log-in shell, the clock: one more channel."""
    base = base_folder(site, cluster).rstrip("/") or "/"
    payload = secrets.token_bytes(_PAYLOAD_BYTES)
    began, asked_at = time.monotonic(), time.time()
    with run.at("folder"):
        said = tryout.parse(link.run(tryout.command(base, payload)), payload)
    answered_at = time.time()
    run.found("folder", checks.folder(site, base, said, cluster))
    run.found("file", checks.file(said, len(payload)), time.monotonic() - began)
    run.found("shell", checks.shell(said))
    run.found("clock", checks.clock(said, cluster, asked_at, answered_at))


def _open(site: Site, ask: Ask | None, trust: Trust | None, run: _Run) -> Link:
    """The site, connected. On the way each unknown host key (jump hosts have their own) may be trusted."""
    from dkai.compute.host.lookup import offered, remember_host_key

    for _ in range(6):
        link = Link(site, ask)
        try:
            _ = link.host
        except DkaiError as error:
            if error.code == "unknown-host-key":
                said = verdict(site, error.details)
                published = {Verdict.SAME: True, Verdict.OTHER: False}.get(said)
                error.details |= {"verdict": said, "published": published}
                if trust is not None and trust(error.details):
                    remember_host_key(site, error.details, ask)
                    continue
            if error.code == "ssh-key-refused":
                checks.with_keys(error, offered(site))
            raise run.ended(checks.explained(error, provider_entry(site)),
                            _STEP_OF_CODE.get(error.code, "connect")) from error  # fmt: skip
        return link
    raise RemoteError(
        t("{site} shows one unknown host key after another", site=site.id),
        code="unknown-host-key",
        hint=t("ask the place for its fingerprints"),
    )


def _at_step(error: DkaiError, step: str) -> DkaiError:
    message = t("step “{step}”: {why}", step=step_name(step), why=error.message)
    return type(error)(message, code=error.code, hint=error.hint, details={**error.details, "step": step})
