"""The person's sites as plain views, and trying one step by step."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from dkai.compute.cluster import Cluster
from dkai.compute.link import Ask, Link
from dkai.compute.plan import base_folder, job_folder
from dkai.compute.site import LOCAL_ID, Site
from dkai.compute.sites_file import get_site, load_sites, remove_site, save_site
from dkai.core.errors import DkaiError, RemoteError, UserError
from dkai.core.i18n import nt, t
from dkai.core.levels import Level


@dataclass(frozen=True, slots=True)
class SiteView:
    """One site."""

    id: str
    name: str
    provider: str | None
    host: str
    scheduler: str
    address: str | None
    user: str | None
    account: str | None
    partition: str | None
    qos: str | None
    base: str | None
    level: Level | None


@dataclass(frozen=True, slots=True)
class SiteList:
    """The person's sites, this computer first."""

    items: tuple[SiteView, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of trying a site."""

    id: str
    name: str
    ok: bool
    says: str


@dataclass(frozen=True, slots=True)
class Connection:
    """How a site answered."""

    id: str
    name: str
    steps: tuple[Step, ...]
    partitions: tuple[str, ...]
    accounts: tuple[str, ...] | None
    gpus: tuple[str, ...]


def all_sites() -> SiteList:
    """Every site. Raises UserError when the file is wrong."""
    return SiteList(tuple(view(site) for site in load_sites().values()))


def view(site: Site) -> SiteView:
    """The site as people and programs see it."""
    return SiteView(
        id=site.id, name=_provider_name(site) or site.id, provider=site.provider, host=site.host,
        scheduler=site.scheduler, address=site.address, user=site.user, account=site.account, partition=site.partition,
        qos=site.qos, base=site.base, level=site.level,
    )  # fmt: skip


def _provider_name(site: Site) -> str | None:
    if site.provider is None:
        return None
    from dkai.catalogue.open import open_catalogue

    try:
        return str(open_catalogue().get(site.provider, "provider").text("name"))
    except DkaiError:
        return None


def add(name: str, fields: dict[str, Any], *, replace_it: bool = False) -> SiteView:
    """A new site from what was given; a provider of the catalogue fills what it knows. Raises UserError."""
    values = {key: value for key, value in fields.items() if value is not None}
    if values.get("provider"):
        values = {**_of_provider(values["provider"], values), **values}
    if "host" not in values:
        values["host"] = "ssh" if values.get("address") else "local"
    site = Site(id=name, **values)
    if site.host == "ssh" and not site.address:
        raise UserError(
            t("the site {name} needs the host's name", name=name),
            code="missing-host",
            hint=t("give it with --host login.example.org; or --host local when you are on the login node already"),
        )
    save_site(site, replace=replace_it)
    return view(site)


def _of_provider(provider: str, given: dict[str, Any]) -> dict[str, Any]:
    """Login host and scheduler as the catalogue knows them. Raises UserError for an unknown place."""
    from dkai.catalogue.open import open_catalogue

    entry = open_catalogue().get(provider, "provider")
    found: dict[str, Any] = {"provider": entry.id}
    scheduler = (entry.get("scheduler") or {}).get("name")
    if scheduler in ("slurm", "process"):
        found["scheduler"] = scheduler
    elif "scheduler" not in given and given.get("host") != "local":
        raise UserError(
            t("dkai cannot submit to {name}: jobs there are started with {scheduler}", name=entry.text("name"),
              scheduler=scheduler or "?"),
            code="no-such-scheduler",
            hint=t("see how one gets in: dkai catalogue show {name}", name=entry.id),
        )  # fmt: skip
    hosts = (entry.get("login") or {}).get("hosts") or []
    if hosts and given.get("host") != "local":
        found |= {"host": "ssh", "address": str(hosts[0])}
    return found


def change(name: str, fields: dict[str, Any]) -> SiteView:
    """The site with some fields changed. Raises UserError."""
    site = replace(get_site(name), **{key: value for key, value in fields.items() if value is not None})
    save_site(site, replace=True)
    return view(site)


def remove(name: str) -> SiteView:
    """Take the site away; returns what it was. Raises UserError."""
    site = get_site(name)
    remove_site(name)
    return view(site)


# --- trying one

_STEP_OF_CODE = {
    "host-not-found": "name", "bad-host-name": "name", "bad-ssh-config": "name", "ssh-config-needs-ssh": "name",
    "unknown-host-key": "host-key", "changed-host-key": "host-key", "revoked-host-key": "host-key",
    "ssh-key-refused": "login", "login-not-accepted": "login", "second-factor-needed": "login",
    "wrong-passphrase": "login", "login-ended": "login",
}  # fmt: skip


def step_name(step: str) -> str:
    """A step in words."""
    return {
        "name": t("find the host"), "connect": t("connect"), "host-key": t("check the host key"), "login": t("log in"),
        "scheduler": t("find the scheduler"), "accounts": t("find your accounts"),
        "folder": t("find a folder for jobs"), "python": t("find Python"),
    }[step]  # fmt: skip


def try_site(
    name: str, tell: Callable[[Step], None], ask: Ask | None = None,
    trust: Callable[[dict[str, Any]], bool] | None = None,
) -> Connection:  # fmt: skip
    """Try everything a job will need. Each step is told when it is done; the first that fails raises its error.

    `trust(details)` is asked about an unknown host key (host, type, fingerprint) and says whether to remember it.
    """
    site = get_site(name)
    done: list[Step] = []

    def passed(step: str, says: str) -> None:
        done.append(Step(step, step_name(step), True, says))
        tell(done[-1])

    with _open(site, ask, trust) as link:
        if site.host == "ssh":
            passed("login", t("logged in to {host}; its host key is the known one", host=link.host.name))
        cluster = link.scheduler.parse_discovery(link.run(link.scheduler.discover(site.python)), time.time())
        passed("scheduler", _scheduler_words(site, cluster))
        if site.scheduler == "slurm":
            passed("accounts", _account_words(site, cluster))
        passed("folder", _folder_words(site, cluster, link))
        passed("python", f"{cluster.python or '–'} {cluster.python_version or ''}".strip())
    accounts = None
    if cluster.associations is not None:
        accounts = tuple(dict.fromkeys(a.account for a in cluster.associations))
    gpus = sorted({g.raw or g.name for p in cluster.partitions for n in p.nodes for g in n.gres}) or list(cluster.gpus)
    return Connection(
        site.id, _provider_name(site) or site.id, tuple(done), tuple(p.name for p in cluster.partitions), accounts,
        tuple(gpus),
    )  # fmt: skip


def _open(site: Site, ask: Ask | None, trust: Callable[[dict[str, Any]], bool] | None) -> Link:
    """The site, connected. On the way each unknown host key (jump hosts have their own) may be trusted."""
    for _ in range(6):
        link = Link(site, ask)
        try:
            _ = link.host
        except DkaiError as error:
            details = {**error.details, "published": published(site, str(error.details.get("fingerprint")))}
            if error.code == "unknown-host-key" and trust is not None and trust(details):
                from dkai.compute.host.ssh_connect import trust_host_key

                _remember(site, str(error.details["fingerprint"]), ask, trust_host_key)
                continue
            raise _at_step(error, _STEP_OF_CODE.get(error.code, "connect")) from error
        return link
    raise RemoteError(
        t("{site} shows one unknown host key after another", site=site.id),
        code="unknown-host-key",
        hint=t("ask the place for its fingerprints"),
    )


def published(site: Site, fingerprint: str) -> bool | None:
    """Whether the catalogue knows this fingerprint as the place's own; None where it knows none of the place."""
    if site.provider is None:
        return None
    from dkai.catalogue.open import open_catalogue

    try:
        login = open_catalogue().get(site.provider, "provider")["login"]
    except DkaiError:
        return None
    known = {item["fingerprint"] for item in login.get("host_key_fingerprints") or ()}
    return fingerprint in known if known else None


def _remember(site: Site, fingerprint: str, ask: Ask | None, trust_host_key: Callable[..., list[str]]) -> None:
    try:
        trust_host_key(site, fingerprint, ask)
    except DkaiError as error:
        # The key was remembered; what else is wrong (the next jump host's key, the log-in) comes up again at once.
        if error.code in ("changed-host-key",):
            raise


def _at_step(error: DkaiError, step: str) -> DkaiError:
    message = t("step “{step}”: {why}", step=step_name(step), why=error.message)
    return type(error)(message, code=error.code, hint=error.hint, details={**error.details, "step": step})


def _scheduler_words(site: Site, cluster: Cluster) -> str:
    if site.scheduler == "process":
        parts = [nt("{n} core", "{n} cores", cluster.cpus or 0) if cluster.cpus else t("cores unknown")]
        parts.append(nt("{n} GPU", "{n} GPUs", len(cluster.gpus)))
        return t("no scheduler, jobs are processes: {machine}", machine=", ".join(parts))
    names = ", ".join(p.name for p in cluster.partitions)
    return t(
        "Slurm {version}, cluster {name}: {partitions}",
        version=cluster.version or "?",
        name=cluster.name,
        partitions=names or "–",
    )


def _account_words(site: Site, cluster: Cluster) -> str:
    if cluster.associations is None:
        return t("the cluster does not tell: {why}", why=cluster.missing.get("associations", "–"))
    names = list(dict.fromkeys(a.account for a in cluster.associations))
    if site.account is not None and site.account not in names:
        raise UserError(
            t(
                "step “{step}”: you have no account called “{name}” there",
                step=step_name("accounts"),
                name=site.account,
            ),
            code="no-such-account",
            hint=t("your accounts there are: {names}", names=", ".join(names) or t("none")),
            details={"step": "accounts"},
        )
    return ", ".join(names) or t("none")


def _folder_words(site: Site, cluster: Cluster, link: Link) -> str:
    if site.id == LOCAL_ID:
        return job_folder(site, cluster, "")
    base = base_folder(site, cluster)
    answer = link.host.run(["test", "-w", base])
    if answer.returncode != 0:
        raise UserError(
            t("step “{step}”: {folder} is not there or cannot be written", step=step_name("folder"), folder=base),
            code="no-folder",
            hint=t("choose another with: dkai compute sites set {site} --base /path", site=site.id),
            details={"step": "folder"},
        )
    return f"{base}/dkai"
