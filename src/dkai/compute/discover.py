"""What a place offers, from one round trip, and for a while from this computer's cache."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

from dkai.compute.cluster import Cluster
from dkai.compute.host import Host
from dkai.compute.scheduler import Scheduler
from dkai.compute.site import Site
from dkai.core.errors import UserError
from dkai.core.files import read_text, write_private
from dkai.core.paths import cache_dir
from dkai.core.plain import to_plain
from dkai.core.revive import revive

SCHEMA = "dkai/cluster/2"
MAX_AGE_S = 3600.0
# What could not be asked is asked again soon: a database comes back, a limit would stay unknown for an hour.
MAX_AGE_INCOMPLETE_S = 60.0
# What a place never tells does not come back within a minute: reservations kept private, a login shell that is refused.
_STAYS_AWAY = frozenset({"reservations", "login", "python"})


def discover(host: Host, scheduler: Scheduler, now: float, python: str | None = None) -> Cluster:
    """Ask the place itself. `now` in Unix seconds; `python` is the site's own choice. Raises RemoteError."""
    question = scheduler.discover(python)
    return scheduler.parse_discovery(host.run(question.argv, stdin=question.stdin, timeout=question.timeout), now)


def last_said(site: Site) -> Cluster | None:
    """What the place said when it was last asked, however long ago; None when nothing (readable) was kept."""
    try:
        found = json.loads(read_text(_file(site)))
        if not isinstance(found, dict) or found.get("schema") != SCHEMA or found.get("site") != site_key(site):
            return None
        return revive(Cluster, found.get("cluster"))
    except (UserError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        # Not there, not readable, of an older shape: the place knows better anyway.
        return None


def remembered(site: Site, now: float, max_age_s: float = MAX_AGE_S) -> Cluster | None:
    """What the place said not longer ago than `max_age_s`; None when it must be asked (again)."""
    cluster = last_said(site)
    if cluster is None:
        return None
    incomplete = not _STAYS_AWAY.issuperset(cluster.missing)
    limit = min(max_age_s, MAX_AGE_INCOMPLETE_S) if incomplete else max_age_s
    age = now - cluster.asked_at
    return cluster if 0 <= age <= limit else None


def remember(site: Site, cluster: Cluster) -> None:
    """Keep what the place said. Raises UserError when the cache cannot be written."""
    text = json.dumps({"schema": SCHEMA, "site": site_key(site), "cluster": to_plain(cluster)}, ensure_ascii=False)
    write_private(_file(site), text)


def cluster_of(site: Site, host: Host, scheduler: Scheduler, now: float, *, max_age_s: float = MAX_AGE_S) -> Cluster:
    """What the place offers: from the cache where that is fresh enough, else asked and kept. 0 asks always."""
    known = remembered(site, now, max_age_s) if max_age_s > 0 else None
    if known is not None:
        return known
    found = discover(host, scheduler, now, site.python)
    # A full disk at home is no reason to do without the answer.
    with contextlib.suppress(UserError):
        remember(site, found)
    return found


def forget(site: Site) -> None:
    """Ask again next time."""
    _file(site).unlink(missing_ok=True)


def site_key(site: Site) -> str:
    """Changes with everything that decides who answers and as whom."""
    parts = (site.host, site.scheduler, site.address, site.user, site.port, site.ssh_config, site.python,
             site.account if site.host == "ucloud" else None)  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _file(site: Site) -> Path:
    # A site's name is the person's own; it may hold what a file name may not.
    return cache_dir() / "clusters" / f"{hashlib.sha256(site.id.encode()).hexdigest()[:16]}.json"
