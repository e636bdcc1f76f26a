"""Trying UCloud: a token, what it shows, and the folder for jobs. Without a token that is said, and is no fault."""

from __future__ import annotations

from collections.abc import Iterator

from dkai.app.connect_checks import Finding
from dkai.compute.cluster import Cluster
from dkai.compute.site import Site, caveat
from dkai.core.i18n import nt, t
from dkai.core.units import show_number


def machines(site: Site, cluster: Cluster) -> Iterator[Finding]:
    """What UCloud told, or that it was not asked."""
    if "products" in cluster.missing:
        yield Finding(
            t("not asked: {why}", why=cluster.missing["products"]),
            note=True,
            hint=t(
                "without a token, dkai compute handoff RECIPE --site {site} writes a folder for the browser",
                site=site.id,
            ),
        )
    else:
        count = nt("{n} machine type", "{n} machine types", len(cluster.partitions))
        yield Finding(t("UCloud tells {machines}; application {name}", machines=count, name=cluster.version or "?"))
    for one in cluster.allocations or ():
        left = None if one.limit is None or one.used is None else max(0.0, one.limit - one.used)
        yield Finding(t("{name}: {left} hours left", name=one.account, left="?" if left is None else show_number(left)))
    yield Finding(caveat(site.scheduler), note=True)


def folder(site: Site, cluster: Cluster) -> Iterator[Finding]:
    """Where the jobs' files go."""
    if site.base is not None:
        yield Finding(site.base)
    elif cluster.home is not None:
        yield Finding(t("{drive}, your own drive", drive=cluster.home))
    else:
        yield Finding(
            t("your drive's number is not known"),
            note=True,
            hint=t("open the drive in the browser; its number stands in the address. Then: "
                   "dkai compute sites set {site} --base /NUMBER", site=site.id),
        )  # fmt: skip
