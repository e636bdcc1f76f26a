"""One line on stderr when part of the catalogue could not be used."""

from __future__ import annotations

from dkai.catalogue.catalogue import Catalogue
from dkai.core.i18n import nt


def warn_of(catalogue: Catalogue) -> Catalogue:
    """The catalogue itself, after saying what the person must know of it."""
    if catalogue.problems:
        from dkai.cli.output import say

        n = len(catalogue.problems)
        say(
            nt(
                "! {n} thing in the catalogue could not be used: dkai catalogue status",
                "! {n} things in the catalogue could not be used: dkai catalogue status",
                n,
            )
        )
    return catalogue
