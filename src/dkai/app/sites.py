"""The person's sites as plain views: list, add, change, remove, and all that is known of one."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

from dkai.app.cluster_view import ClusterView, cluster_view
from dkai.app.places import is_ucloud
from dkai.compute.site import SchedulerKind, Site, caveat
from dkai.compute.sites_file import get_site, load_sites, remove_site, save_site
from dkai.core.errors import DkaiError, UserError
from dkai.core.i18n import t
from dkai.core.levels import Level

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Entry


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
    port: int | None
    identity: str | None
    ssh_config: str | None
    transport: str
    python: str | None
    environment: str | None
    modules: tuple[str, ...] | None
    image: str | None
    caveat: str = ""  # what everybody should know of its scheduler; empty: nothing


@dataclass(frozen=True, slots=True)
class SiteList:
    """The person's sites, this computer first."""

    items: tuple[SiteView, ...]


@dataclass(frozen=True, slots=True)
class SiteCard:
    """All that is known of a site without asking it: what was set, and what it said of itself when last asked."""

    id: str
    name: str
    site: SiteView
    cluster: ClusterView | None  # None: it was not asked yet
    age_s: float | None


def all_sites() -> SiteList:
    """Every site. Raises UserError when the file is wrong."""
    return SiteList(tuple(view(site) for site in load_sites().values()))


def view(site: Site) -> SiteView:
    """The site as people and programs see it."""
    return SiteView(
        id=site.id, name=provider_name(site) or site.id, provider=site.provider, host=site.host,
        scheduler=site.scheduler, address=site.address, user=site.user, account=site.account, partition=site.partition,
        qos=site.qos, base=site.base, level=site.level, port=site.port, identity=site.identity,
        ssh_config=site.ssh_config, transport=site.transport, python=site.python,
        environment=site.environment, modules=site.modules, image=site.image, caveat=caveat(site.scheduler),
    )  # fmt: skip


def card(name: str) -> SiteCard:
    """All that is known of the site called `name`. Asks nobody. Raises UserError."""
    from dkai.compute.discover import last_said

    site = get_site(name)
    known, shown = last_said(site), view(site)
    if known is None:
        return SiteCard(site.id, shown.name, shown, None, None)
    return SiteCard(site.id, shown.name, shown, cluster_view(known), max(0.0, time.time() - known.asked_at))


def provider_entry(site: Site) -> Entry | None:
    """The site's place in the catalogue; None where it has none."""
    if site.provider is None:
        return None
    from dkai.catalogue.open import open_catalogue

    try:
        return open_catalogue().get(site.provider, "provider")
    except DkaiError:
        return None


def provider_name(site: Site) -> str | None:
    """The name of the site's place in the catalogue."""
    entry = provider_entry(site)
    return None if entry is None else str(entry.text("name"))


def add(name: str, fields: dict[str, Any], *, replace_it: bool = False) -> SiteView:
    """A new site from what was given; a provider of the catalogue fills what it knows. Raises UserError."""
    values = {key: value for key, value in fields.items() if value is not None}
    if values.get("provider"):
        values = {**of_provider(values["provider"], values), **values}
    if "host" not in values:
        values["host"] = "ssh" if values.get("address") else "local"
    if values.get("scheduler") == "ucloud":
        values["host"] = "ucloud"
    site = Site(id=name, **values)
    if site.host == "ssh" and not site.address:
        raise UserError(
            t("the site {name} needs the host's name", name=name),
            code="missing-host",
            hint=t("give it with --host login.example.org; or --host local when you are on the login node already"),
        )
    save_site(site, replace=replace_it)
    return view(site)


def of_provider(provider: str, given: dict[str, Any]) -> dict[str, Any]:
    """Login host and scheduler as the catalogue knows them. Raises UserError for an unknown place."""
    from dkai.catalogue.open import open_catalogue

    entry = open_catalogue().get(provider, "provider")
    found: dict[str, Any] = {"provider": entry.id}
    scheduler = (entry.get("scheduler") or {}).get("name")
    if is_ucloud(entry):
        return {**found, "host": "ucloud", "scheduler": "ucloud", "address": _web_host(entry)}
    if scheduler in get_args(SchedulerKind):
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


def _web_host(entry: Entry) -> str | None:
    """The place's own web address without its protocol; None where it has none."""
    web = entry["login"].get("web")
    return str(web).removeprefix("https://").rstrip("/") if web else None


def change(name: str, fields: dict[str, Any]) -> SiteView:
    """The site with some fields changed; an empty text takes a field away. Raises UserError."""
    given: dict[str, Any] = {key: value or None for key, value in fields.items() if value is not None}
    before = get_site(name)
    if before.host == "ucloud" and "host" in given:
        given["host"] = "ucloud"  # another address of it is still no SSH
    site = replace(before, **given)
    save_site(site, replace=True)
    return view(site)


def remove(name: str) -> SiteView:
    """Take the site away; returns what it was. Raises UserError."""
    site = get_site(name)
    remove_site(name)
    return view(site)
