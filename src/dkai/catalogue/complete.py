"""Ids for the Tab key, in a few milliseconds."""

from __future__ import annotations

from collections.abc import Sequence


def complete_ids(prefix: str, kinds: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """Id and name of every entry whose id begins with `prefix`; `kind:id` where an id is not unique among `kinds`."""
    from dkai.catalogue.open import open_catalogue

    names = open_catalogue().names(kinds)
    counts: dict[str, int] = {}
    for _, id_, _ in names:
        counts[id_] = counts.get(id_, 0) + 1
    found = [(id_ if counts[id_] == 1 else f"{kind}:{id_}", name) for kind, id_, name in names]
    return [(word, name) for word, name in found if word.startswith(prefix)]
