"""A hand-off as text: what the institutions say of the data, what was written, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dkai.cli.output import Renderable
from dkai.core.i18n import nt, t
from dkai.core.levels import Level
from dkai.core.text import Text

if TYPE_CHECKING:
    from dkai.app.handoff import HandOver
    from dkai.compute.plan import Plan


def rules(said: Sequence[Text], plan: Plan) -> Iterator[Renderable]:
    """What institutions say of data there, before anything is written; not where the data may be anywhere."""
    from rich.padding import Padding

    level = plan.gate.level
    if level is Level.PUBLIC:
        return
    yield ""
    yield t("  What institutions say of data there:")
    for one in said:
        yield Padding(str(one), (0, 2, 0, 4))
    yours = t("Your own institution decides, not dkai: ask it, or your DPO, where you are in doubt.")
    yield Padding(yours, (0, 2, 0, 4))
    yield ""


def written(found: HandOver) -> Iterator[Renderable]:
    """What lies where, and the next thing to do."""
    from rich.table import Table

    yield t("Written to {folder}; nothing was sent.", folder=found.folder)
    grid = Table.grid(padding=(0, 2))
    for name, says in (
        ("STEPS.html", t("open it: every click, in Danish and English (STEPS.md: the same as text)")),
        (f"{found.id}/", t("the folder to upload")),
        ("ucloud-parameters.json", t("what “Import parameters” takes: {machine}, {hours}", machine=found.machine,
                                     hours=nt("{n} hour", "{n} hours", found.hours))),
    ):  # fmt: skip
        grid.add_row(f"  {name}", says)
    yield grid
    yield t("When it has ended, download results-{job}.tar.gz, and give it to dkai:", job=found.id)
    yield t("  dkai compute fetch {job} --from results-{job}.tar.gz", job=found.id)
