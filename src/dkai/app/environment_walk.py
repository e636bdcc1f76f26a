"""How a job gets its interpreter at its place: the ways, and the packages that travel along where they are to."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from dkai.compute.cluster import Cluster
from dkai.compute.environments import Surroundings, Way, Wish, fits, read_surroundings, ways_for
from dkai.compute.news import Tell, silent
from dkai.compute.recipes.recipe import Recipe
from dkai.compute.recipes.requirements import builds_of
from dkai.compute.site import Site
from dkai.core.errors import DkaiError

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Catalogue


def environment_for(
    recipe: Recipe, wish: Wish, site: Site, cluster: Cluster, *, gpu_names: Collection[str], tell: Tell = silent
) -> tuple[tuple[Way, ...], tuple[Path, ...]]:
    """The ways in their order, and the files that travel along for one of them. Raises UserError.

    Uses the network where packages are to be carried that are not on this computer yet.
    """
    around, builds = surroundings(site, gpu_names), builds_of(recipe)
    ways = ways_for(recipe, site, wish, around=around, builds=builds, python_version=cluster.python_version)
    requirements = fits(builds, around.accelerator)
    if requirements is None or not any(way.kind == "wheels" for way in ways):
        return ways, ()
    from dkai.compute.wheels import fetch_wheels, target_of

    return ways, fetch_wheels(recipe.folder / requirements, target_of(cluster), tell)


def surroundings(site: Site, gpu_names: Collection[str]) -> Surroundings:
    """What the catalogue knows of the site's place, for a job that would get a GPU of one of these names."""
    from dkai.catalogue.open import open_catalogue

    try:
        catalogue = open_catalogue()
        accelerator = accelerator_of(catalogue, gpu_names)
        entry = catalogue.get(site.provider, "provider") if site.provider else None
    except DkaiError:  # `dkai doctor` says what is wrong with it
        return Surroundings()
    return read_surroundings(entry, accelerator)


def accelerator_of(catalogue: Catalogue, gpu_names: Collection[str]) -> str | None:
    """`cuda` or `rocm` where all the GPUs are of one maker; None without GPUs, or where one is not known."""
    from dkai.compute.quote.place import find_gpus

    found = [find_gpus(catalogue, name) for name in gpu_names]
    kinds = {str(gpu["accelerator"]) for gpus in found for gpu in gpus} | ({None} if [] in found else set())
    return kinds.pop() if len(kinds) == 1 else None
