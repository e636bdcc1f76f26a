"""The catalogue's results as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.cli.output import Renderable
from dkai.core.i18n import nt, t

if TYPE_CHECKING:
    from dkai.catalogue.validate import Validation


def problems(found: Validation) -> Iterator[Renderable]:
    """File › field: what is wrong, and below it how to mend it."""
    from rich.text import Text

    from dkai.catalogue.problems import Severity

    for problem in found.items:
        serious = problem.severity is Severity.ERROR
        line = Text(t("error") if serious else t("look at this"), style="bad" if serious else "warn")
        line.append(f"  {problem}", style="")
        if problem.hint:
            line.append(f"\n       → {problem.hint}", style="muted")
        yield line
    if found.items:
        yield ""
    total = sum(found.counts.values())
    kinds = ", ".join(f"{n} {kind}" for kind, n in found.counts.items())
    yield nt("{n} entry is well-formed", "{n} entries are well-formed", total) + (f" ({kinds})" if kinds else "")
    warnings = len(found.items) - found.errors
    if found.errors:
        yield nt("{n} thing must be mended.", "{n} things must be mended.", found.errors)
    elif warnings:
        yield nt("Nothing must be mended; {n} thing to look at.", "Nothing must be mended; {n} to look at.", warnings)
    else:
        yield t("Nothing to mend.")
