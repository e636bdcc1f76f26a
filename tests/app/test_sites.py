"""All that is known of a site without asking it."""

from __future__ import annotations

import time

from dkai.app.cluster_view import cluster_view
from dkai.app.sites import card
from dkai.compute.cluster import Allocation, Association, Cluster, Gres, Limits, NodeKind, Partition
from dkai.compute.discover import remember
from dkai.compute.site import Site
from dkai.compute.sites_file import save_site

CLUSTER = Cluster(
    name="c", scheduler="slurm", version="23.02", user="me", home="/home/me", scratch=None,
    partitions=(
        Partition("gpu", True, max_time_s=7200.0, nodes=(
            NodeKind(2, 64, 1000, (Gres("gpu", "nvidia_h100_80gb_hbm3", 4),), "idle"),
            NodeKind(1, 64, 1000, (Gres("gpu", "nvidia_h100_80gb_hbm3", 4),), "mix"),
            NodeKind(1, 64, 1000, (Gres("gpu", "banana", 2),), "idle"),
            NodeKind(1, 64, 1000, (Gres("gpu", None, 1),), "idle"),
        )),
        Partition("cpu"),
    ),
    associations=(
        Association("a", is_default=True, limits=Limits(
            grp_tres_mins={"gres/gpu": 600.0, "cpu": float("inf")}, used_tres_mins={"gres/gpu": 60.0})),
        Association("a", partition="gpu"),
        Association("b", limits=Limits(grp_tres_mins={"billing": 6000.0})),
    ),
    allocations=(Allocation("b", "gpu-hour", None, 100.0, "2027-03-31", "lumi-allocations"),),
    missing={"use": "denied"}, asked_at=1_800_000_000.0,
)  # fmt: skip


def test_gpus_by_their_raw_and_their_catalogue_names() -> None:
    gpu, cpu = cluster_view(CLUSTER).partitions
    assert [(g.raw, g.per_node, g.in_all) for g in gpu.gpus] == [
        ("nvidia_h100_80gb_hbm3", 4, 12), ("banana", 2, 2), ("gpu", 1, 1),
    ]  # fmt: skip
    assert gpu.gpus[0].name is not None and "H100" in gpu.gpus[0].name
    assert gpu.gpus[1].name is None and gpu.gpus[2].name is None
    assert cpu.gpus == () and gpu.nodes == 5


def test_accounts_with_what_is_left_and_what_is_not_told() -> None:
    a, b = cluster_view(CLUSTER).accounts or ()
    assert (a.name, a.is_default, b.is_default) == ("a", True, False)
    assert [(x.limit, x.left) for x in a.budgets] == [(10.0, 9.0)]
    assert [(x.limit, x.left, x.ends) for x in b.budgets] == [(100.0, None, None), (100.0, None, "2027-03-31")]


def test_a_site_is_shown_with_what_it_said_however_long_ago() -> None:
    site = Site("s", host="ssh", scheduler="slurm", address="h.example.org", user="me")
    save_site(site)
    assert card("s").cluster is None
    # What was told incompletely is asked again soon, but it is still what is known.
    remember(site, CLUSTER)
    found = card("s")
    assert found.cluster is not None and found.cluster.missing == {"use": "denied"}
    assert found.age_s is not None and abs(found.age_s - max(0.0, time.time() - CLUSTER.asked_at)) < 60
