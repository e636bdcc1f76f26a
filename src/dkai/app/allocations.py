"""Allocations of the person's sites: asked with one command each, or as they were told last time."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dkai.compute import discover as discovery
from dkai.compute.allocations import Line, lines
from dkai.compute.cluster import Cluster
from dkai.compute.link import Ask, Link
from dkai.compute.news import News, Tell, silent
from dkai.compute.policy import policy_of
from dkai.compute.scheduler import slurm_allocations
from dkai.compute.scheduler.slurm_allocations import Lately
from dkai.compute.site import Site, title
from dkai.compute.sites_file import get_site, load_sites
from dkai.core.errors import DkaiError, UserError
from dkai.core.files import read_text, write_private
from dkai.core.i18n import t
from dkai.core.paths import cache_dir
from dkai.core.plain import to_plain
from dkai.core.revive import revive

SCHEMA = "dkai/lately/1"


@dataclass(frozen=True, slots=True)
class AllocationList:
    """Allocations, site by site. `problems` are sites that could not be asked, `notes` what one should know besides."""

    items: tuple[Line, ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def list_allocations(
    name: str | None = None, *, everybody: bool = False, offline: bool = False, tell: Tell = silent,
    ask: Ask | None = None,
) -> AllocationList:  # fmt: skip
    """What is left of each allocation, at one site or at all that have a scheduler.

    With `everybody` each account's people too, where the place tells. With `offline` nobody is asked: what was told
    last time is shown, with its age. Raises UserError for an unknown site.
    """
    sites = [get_site(name)] if name is not None else list(load_sites().values())
    found: list[Line] = []
    problems: list[str] = []
    notes: list[str] = []
    for site in sites:
        if site.scheduler != "slurm":
            if name is not None:
                says = t("{site}: {scheduler} counts no hours that dkai could ask for", site=site.id,
                         scheduler=title(site.scheduler))  # fmt: skip
                none = t("{site} has no scheduler: nobody counts hours there", site=site.id)
                notes.append(says if site.has_queue else none)
            continue
        try:
            cluster, lately = _kept(site) if offline else _ask(site, tell, ask, everybody=everybody)
        except DkaiError as error:
            problems.append(f"{site.id}: {error.message}")
            continue
        theirs = lines(site.id, cluster, lately, policy_of(site), everybody=everybody)
        found += theirs
        notes += _notes(site, cluster, lately, told=bool(theirs))
    return AllocationList(tuple(found), tuple(problems), tuple(notes))


def _ask(site: Site, tell: Tell, ask: Ask | None, *, everybody: bool) -> tuple[Cluster, Lately]:
    """Discovery and the questions about allocations, with one remote command; both are kept."""
    tell(News("connecting", t("asking {site} …", site=site.id)))
    with Link(site, ask) as link:
        answer = link.run(slurm_allocations.command(site.python, everybody=everybody))
        cluster = link.scheduler.parse_discovery(answer, time.time())
    lately = slurm_allocations.parse(answer, everybody=everybody)
    discovery.remember(site, cluster)
    text = json.dumps({"schema": SCHEMA, "site": discovery.site_key(site), "lately": to_plain(lately)})
    write_private(_file(site), text)
    return cluster, lately


def _kept(site: Site) -> tuple[Cluster, Lately]:
    """What was told last time. Raises UserError when nothing was."""
    cluster = discovery.last_said(site)
    if cluster is None:
        raise UserError(
            t("nothing is known of it yet"),
            code="not-asked-yet",
            hint=t("ask it once: dkai compute allocations --site {site}", site=site.id),
        )
    try:
        kept = json.loads(read_text(_file(site)))
        if kept.get("schema") == SCHEMA and kept.get("site") == discovery.site_key(site):
            return cluster, revive(Lately, kept["lately"])
    except (UserError, ValueError, TypeError, KeyError, AttributeError):
        pass  # not there, or of an older shape: the cluster's own answer still says most of it
    missing = dict.fromkeys(("spent-30", "spent-7", "people"), t("it was not asked"))
    return cluster, Lately(missing=missing)


def _file(site: Site) -> Path:
    return cache_dir() / "allocations" / f"{hashlib.sha256(site.id.encode()).hexdigest()[:16]}.json"


def _notes(site: Site, cluster: Cluster, lately: Lately, *, told: bool) -> Iterator[str]:
    if cluster.associations is None:
        why = cluster.missing.get("mine") or cluster.missing.get("use") or t("no reason was given")
        yield t("{site} did not tell your accounts: {why}", site=site.id, why=why)
    elif not told:
        yield t("{site}: you have no account there", site=site.id)
    if "spent-30" in lately.missing:
        yield t("{site} did not tell what was used lately: {why}", site=site.id, why=lately.missing["spent-30"])
    budgets = any(a.limits.grp_tres_mins for a in cluster.associations or ())
    if lately.half_life_s and budgets:
        yield t("{site}: what was used fades with time there, so the amount left grows again", site=site.id)
