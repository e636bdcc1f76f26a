"""What the Tab key finds: each function gets the beginning of a word and gives (word, help) pairs.

They must answer in milliseconds and never fail: a broken file completes nothing, and the command itself will say why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dkai.core.errors import DkaiError

Pairs = list[tuple[str, str]]


def _quietly(find: Callable[[], Iterable[tuple[str, str]]], incomplete: str) -> Pairs:
    try:
        return [(word, text) for word, text in find() if word.startswith(incomplete)]
    except (DkaiError, OSError):
        return []


def _ids(kinds: tuple[str, ...] | None) -> Callable[[str], Pairs]:
    def find(incomplete: str) -> Pairs:
        from dkai.catalogue.complete import complete_ids

        return _quietly(lambda: complete_ids(incomplete, kinds), incomplete)

    return find


entry_ids = _ids(None)
tool_ids = _ids(("tool",))
provider_ids = _ids(("provider",))


def site_names(incomplete: str) -> Pairs:
    """The person's sites."""

    def find() -> Iterable[tuple[str, str]]:
        from dkai.compute.sites_file import load_sites

        return ((name, site.provider or site.host) for name, site in load_sites().items())

    return _quietly(find, incomplete)


def recipe_ids(incomplete: str) -> Pairs:
    """The recipes that ship with dkai: their folders' names, without reading them."""

    def find() -> Iterable[tuple[str, str]]:
        from dkai.core.paths import recipes_dir

        return ((p.name, "") for p in sorted(recipes_dir().iterdir()) if (p / "recipe.yaml").is_file())

    return _quietly(find, incomplete)


def job_ids(incomplete: str) -> Pairs:
    """The ledger's jobs, newest first."""

    def find() -> Iterable[tuple[str, str]]:
        from dkai.compute.ledger import open_ledger

        with open_ledger() as ledger:
            return [(job.job_id, job.recipe) for job in ledger.recent(50)]

    return _quietly(find, incomplete)
