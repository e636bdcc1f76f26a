"""What a place offers, as text: its GPUs, accounts and budgets, what runs there, and what to try next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.cli.output import Renderable
from dkai.compute.site import has_queue
from dkai.compute.site import title as scheduler_title
from dkai.core.clean import one_line
from dkai.core.i18n import t
from dkai.core.units import show_bytes, show_duration, show_number

if TYPE_CHECKING:
    from rich.table import Table

    from dkai.app.cluster_view import AccountView, BudgetView, ClusterView, GpuView
    from dkai.app.connect import Connection, Step
    from dkai.app.sites import SiteCard, SiteView
    from dkai.core.levels import Level


def step(found: Step) -> Iterator[Renderable]:
    """One step, with its time where that is worth a word; what to do stands below it."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    words = {"bad": t("no"), "warn": t("note"), "good": t("ok")}
    style = "bad" if not found.ok else "warn" if found.note else "good"
    took = f" · {show_number(found.seconds, 1)} s" if found.seconds is not None and found.seconds >= 0.05 else ""
    body = Text.assemble((f"{found.name}: ", "muted"), one_line(found.says, 400), (took, "muted"))
    for line in (found.hint or "").splitlines():
        body.append(f"\n→ {one_line(line)}", style="muted")
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=max(map(len, words.values())), style=style)
    grid.add_column()
    grid.add_row(words[style], body)
    yield Padding(grid, (0, 0, 0, 2))


def connection(found: Connection) -> Iterator[Renderable]:
    """What is there, and what one can do now."""
    yield ""
    yield from cluster(found.cluster)
    yield from _level(found.id, found.level)
    yield ""
    yield t("{site} is ready. The smallest first job:", site=found.id)
    untold = found.cluster.scheduler == "ucloud" and "products" in found.cluster.missing
    yield f"  dkai compute {'handoff' if untold else 'submit'} gpu-check --site {found.id}"


def card(found: SiteCard) -> Iterator[Renderable]:
    """Everything known of a site."""
    from rich.text import Text

    yield Text(found.id if found.name == found.id else f"{found.id} · {found.name}", style="strong")
    yield _facts(_site_rows(found.site))
    yield ""
    if found.cluster is None or found.age_s is None:
        yield t("It has not been asked yet what it offers: dkai compute connect {name}", name=found.id)
        return
    yield t("As it was {age} ago; ask anew with dkai compute connect {name}", age=show_duration(found.age_s),
            name=found.id)  # fmt: skip
    yield from cluster(found.cluster)


def _site_rows(site: SiteView) -> Iterator[tuple[str, str]]:
    queue = has_queue(site.scheduler)
    yield t("scheduler"), scheduler_title(site.scheduler) if queue else t("none: jobs are processes")
    if site.caveat:
        yield "", site.caveat
    if site.host == "ucloud":
        yield t("place"), site.address or "–"
    if site.host == "ssh":
        where = f"{site.user}@{site.address}" if site.user else site.address or "–"
        yield t("log-in"), f"{where} · port {site.port}" if site.port else where
        yield t("key"), site.identity or t("whatever ssh's own settings say")
        yield t("carried by"), site.transport
    for name, value in (
        (t("ssh settings"), site.ssh_config), (t("account"), site.account), (t("partition"), site.partition),
        ("QOS", site.qos), (t("folder for jobs"), site.base), ("Python", site.python),
        (t("environment"), site.environment), (t("modules"), " ".join(site.modules or ()) or None),
        (t("container image"), site.image),
    ):  # fmt: skip
        if value:
            yield name, value
    yield t("data up to"), site.level.label if site.level else t("not said")


def _facts(rows: Iterator[tuple[str, str]]) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="muted", no_wrap=True)
    grid.add_column()
    for name, value in rows:
        grid.add_row(f"  {name}", one_line(value))
    return grid


def cluster(found: ClusterView) -> Iterator[Renderable]:
    """Partitions with GPUs, accounts with what is left, and what else was told."""
    if any(one.gpus for one in found.partitions):
        yield _partitions(found)
    elif has_queue(found.scheduler):
        yield t("No partition there shows a GPU.")
    rows: list[tuple[str, str]] = []
    if found.gpus:
        rows.append(("GPU", ", ".join(_gpu(one) for one in found.gpus)))
    if found.scheduler == "slurm":
        rows += _accounts(found)
    if found.containers:
        rows.append((t("containers"), ", ".join(found.containers)))
    if found.modules:
        rows.append((t("modules"), found.modules))
    for place in found.storage:
        if place.used_mb is not None and place.limit_mb is not None:
            used, limit = show_bytes(place.used_mb * 1024 * 1024), show_bytes(place.limit_mb * 1024 * 1024)
            rows.append((place.name, t("{used} of {limit} used", used=used, limit=limit)))
    if rows:
        yield _facts(iter(rows))


def _partitions(found: ClusterView) -> Renderable:
    """One line for each kind of GPU in a partition."""
    from rich.padding import Padding
    from rich.table import Table

    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in (t("partition"), t("GPU there")):
        grid.add_column(title, header_style="muted")
    for title in (t("per node"), t("in all"), t("at most")):
        grid.add_column(title, header_style="muted", justify="right")
    for one in found.partitions:
        longest = "–"
        if one.max_time_s is not None:
            longest = t("no limit") if one.max_time_s == float("inf") else show_duration(one.max_time_s)
        for number, gpu in enumerate(one.gpus):
            name = "" if number else f"{one.name}{'*' if one.is_default else ''}"
            grid.add_row(one_line(name), _gpu(gpu, count=False), str(gpu.per_node or "–"), str(gpu.in_all),
                         "" if number else longest)  # fmt: skip
    return Padding(grid, (0, 0, 0, 2))


def _gpu(gpu: GpuView, *, count: bool = True) -> str:
    """As the cluster writes it, and as the catalogue calls it."""
    raw = one_line(gpu.raw, 60)
    name = raw if gpu.name is None or gpu.name == raw else f"{raw} ({gpu.name})"
    return f"{gpu.in_all} × {name}" if count and gpu.in_all > 1 else name


def _accounts(found: ClusterView) -> Iterator[tuple[str, str]]:
    if found.accounts is None:
        yield t("accounts"), t("not told")
    for number, one in enumerate(found.accounts or ()):
        yield (t("accounts") if not number else ""), account_words(one)


def account_words(one: AccountView) -> str:
    """An account with what is left of its budgets, on one line."""
    name = t("{name} (default)", name=one.name) if one.is_default else one.name
    left = ", ".join(_budget(budget) for budget in one.budgets)
    return f"{name}: {left or t('no hour budget told')}"


def _budget(one: BudgetView) -> str:
    from dkai.compute.quote.estimate import show_amount

    limit = t("unknown") if one.limit is None else show_amount(one.limit)
    left = t("unknown") if one.left is None else show_amount(max(0.0, one.left))
    says = t("{left} of {limit} {unit} left", left=left, limit=limit, unit=one.unit)
    return t("{what} until {day}", what=says, day=one.ends) if one.ends else says


def _level(site: str, level: Level | None) -> Iterator[Renderable]:
    if level is not None:
        says = t("Data up to the level {level} may go there, as you said.", level=level.label)
    else:
        says = t("Not said yet: which data may be there. Ask, then: dkai compute sites set {name} --level …", name=site)
    yield f"  {says}"
