"""Every place side by side, as text: what can be used, in order; below it what cannot, with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dkai.cli.output import Renderable, Table, console
from dkai.compute.compare.table import CURRENCIES, group_of
from dkai.compute.quote.estimate import show_amount
from dkai.core.clean import one_line
from dkai.core.i18n import language, nt, t
from dkai.core.units import Range, show_duration, show_memory, show_number
from dkai.core.unknown import Unknown

if TYPE_CHECKING:
    from rich.text import Text

    from dkai.compute.compare.rows import Comparison, Cost, Hardware, Row
    from dkai.compute.compare.runtime import RunTime

_WIDE = 120  # columns from which a place fits on one line


def table(found: Comparison, *, whole: bool = False) -> Iterator[Renderable]:
    """What is compared, the usable places in their groups, those left out by reason, and how to read it."""
    from rich.text import Text

    yield from _head(found)
    yield ""
    if not found.items:
        yield Text(t("No place is left for this job; below is why."), style="warn")
    wide = console().width >= _WIDE
    yield from _wide(found.items) if wide else _narrow(found.items)
    if found.left_out:
        yield ""
        yield Text(
            nt("Not for this job: {n} place", "Not for this job: {n} places", len(found.left_out)), style="strong"
        )
        yield _left_out(found.left_out)
    yield ""
    yield from _foot(found, whole=whole)


def explain(found: Comparison) -> Iterator[Renderable]:
    """The same, and below it each place with every number's formula, source and date, and the steps to get in."""
    yield from table(found, whole=True)
    for row in (*found.items, *found.left_out):
        yield ""
        yield from _whole(row)


def _head(found: Comparison) -> Iterator[Renderable]:
    from rich.table import Table as Grid
    from rich.text import Text

    yield Text.assemble((f"  {one_line(found.job.recipe)}", "strong"), f" · {t('every place side by side')}")
    yield ""
    grid = Grid.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="muted")
    grid.add_column()
    grid.add_row(f"  {t('The job')}", Text(_job(found)))
    if isinstance(found.measured, Unknown):
        says = t("not known: {why}; costs are for all the time that is asked for", why=found.measured.why)
        grid.add_row(f"  {t('Run time')}", Text(says))
    else:
        grid.add_row(f"  {t('Run time')}", Text(t("scaled from: {what}", what=one_line(found.measured, 200))))
    grid.add_row(f"  {t('You')}", Text(_you(found)))
    yield grid


def _job(found: Comparison) -> str:
    job = found.job
    parts = [nt("{n} core", "{n} cores", job.cpus), show_memory(job.memory_mb)]
    if job.gpus:
        gpus = nt("{n} GPU", "{n} GPUs", job.gpus)
        if job.gpu_memory_gb is not None:
            gpus = t("{gpus} with at least {gb} GB", gpus=gpus, gb=show_number(job.gpu_memory_gb, 0))
        parts.insert(0, gpus)
    if job.nodes > 1:
        parts.append(nt("{n} node", "{n} nodes", job.nodes))
    return ", ".join([*parts, t("at most {time}", time=show_duration(job.walltime_s))])


def _you(found: Comparison) -> str:
    job = found.job
    where = t("institution not said") if job.institution is None else job.institution.upper()
    if not job.own_data:
        return f"{where} · {t('no data of your own')}"
    level = t("level not said") if job.level is None else job.level.label
    return f"{where} · {t('your data are: {level}', level=level)}"


def _groups(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The rows in their groups, each with its heading."""
    names = {
        "own": t("Your own"),
        "free": t("Free, or free within an allocation"),
        "unknown": t("What it costs is not published"),
        "paid": t("Paid"),
        "no-price": t("Paid, price not known"),
    }
    for group, name in names.items():
        found = [row for row in rows if group_of(row) == group]
        if found:
            yield name, found


# Columns of a place that fits on one line: place, GPU, run time, cost, you, data, dkai.
_WIDTHS = (27, 27, 12, 25, 8, 5, 10)


def _wide(rows: Sequence[Row]) -> Iterator[Renderable]:
    from rich.padding import Padding
    from rich.text import Text

    titles = ("  " + t("place"), t("GPU"), t("run time"), t("cost"), t("eligible"), t("data"), "dkai")
    yield _line(_WIDTHS, [Text(title, style="muted") for title in titles])
    for heading, found in _groups(rows):
        yield Text(heading, style="strong")
        for row in found:
            name = Padding(Text(one_line(row.name, 60)), (0, 0, 0, 2))
            cells = (name, _gpu(row), _time(row.run_time), _cost(row), _eligible(row), _data(row), _submit(row))
            yield _line(_WIDTHS, cells)
            if (waits := _waits(row)) is not None:
                yield Padding(Text(waits, style="muted"), (0, 0, 0, 4))


def _line(widths: Sequence[int], cells: Sequence[Renderable]) -> Renderable:
    """One place; each is a table of its own, so that what follows it may take the whole line."""
    from rich.table import Table as Grid

    grid = Grid.grid(padding=(0, 1, 0, 0), pad_edge=False)
    for width in widths:
        grid.add_column(width=width, overflow="fold")
    grid.add_row(*cells)
    return grid


def _narrow(rows: Sequence[Row]) -> Iterator[Renderable]:
    from rich.padding import Padding
    from rich.text import Text

    rest = max(20, console().width - 30 - 12 - 3)
    for heading, found in _groups(rows):
        yield Text(heading, style="strong")
        for row in found:
            name = Padding(Text(one_line(row.name, 60)), (0, 0, 0, 2))
            yield _line((30, 12, rest), (name, _time(row.run_time), _cost(row)))
            detail = Text(style="muted").append_text(_gpu(row))
            for label, cell in ((t("eligible"), _eligible(row)), (t("data"), _data(row)), ("dkai", _submit(row))):
                detail.append(f" · {label}: ").append_text(cell)
            yield Padding(detail, (0, 0, 0, 4))
            if (waits := _waits(row)) is not None:
                yield Padding(Text(waits, style="muted"), (0, 0, 0, 4))


def _gpu(row: Row) -> Text:
    from rich.text import Text

    hardware = row.hardware
    if isinstance(hardware, Unknown):
        return Text("?", style="muted")
    return Text(_gpu_words(hardware))


def _gpu_words(hardware: Hardware) -> str:
    """`2 × A100 SXM, 40 GB`: without the maker, which the model's name tells."""
    if not hardware.gpus:
        return t("no GPU")
    name = one_line(hardware.name, 60)
    for word in ("NVIDIA ", "AMD ", "Instinct ", "Tesla "):
        name = name.replace(word, "")
    memory = "" if hardware.memory_gb is None else f"{show_number(hardware.memory_gb, 0)} GB"
    if memory and memory not in name:
        name = f"{name}, {memory}"
    elif hardware.memory_gb is None:
        name = f"{name}, {t('memory unknown')}"
    if hardware.part:
        name = f"{name} ({hardware.part})"
    return name if hardware.gpus == 1 else f"{hardware.gpus} × {name}"


def _time(run_time: RunTime | Unknown) -> str:
    """`27–80 min`, `1.2–6.7 h`: both ends in one unit, with no more digits than an estimate deserves."""
    if isinstance(run_time, Unknown):
        return "?"
    low, high = run_time.low_s, run_time.high_s
    for limit, size, unit in (
        (100, 1, "s"),
        (6000, 60, "min"),
        (float("inf"), 3600, "t" if language() == "da" else "h"),
    ):
        if high < limit:
            decimals = 1 if size == 3600 and low / size < 10 else 0
            ends = [show_number(max(end / size, 0.1 if decimals else 1), decimals) for end in (low, high)]
            return f"{ends[0] if ends[0] == ends[1] else '–'.join(ends)} {unit}"
    raise AssertionError


def _cost(row: Row) -> Text:
    from rich.text import Text

    if not isinstance(row.money, Unknown):
        text = Text(_amount(row.money))
        if row.money.old:
            text.append(" !", style="warn")
        return text
    if not isinstance(row.cost, Unknown):
        return Text(_amount(row.cost))
    says = {"free": t("free"), "free-within-allocation": t("free in an allocation"), "paid": row.money.why}
    return Text(one_line(says.get(row.charge, "–"), 80), style="muted" if row.charge in ("paid", "unknown") else "")


def _amount(cost: Cost) -> str:
    unit = one_line(cost.unit, 40)
    if cost.low is None:
        return t("at most {amount}", amount=f"{show_amount(cost.at_most)} {unit}")
    if unit in CURRENCIES:
        ends = [_cents(end) for end in (cost.low, cost.high)]
        return f"{ends[0] if ends[0] == ends[1] else '–'.join(ends)} {unit}"
    return str(Range(cost.low, cost.high, unit))


def _cents(amount: float) -> str:
    """Money with two decimals, whole from 100 on."""
    if amount >= 100:
        return show_number(amount, 0)
    text = f"{amount:.2f}"
    return text.replace(".", ",") if language() == "da" else text


def _eligible(row: Row) -> Text:
    from rich.text import Text

    says, style = {
        "yes": (t("yes"), ""), "no": (t("no"), "bad"), "unknown": (t("perhaps"), "warn"), "not-asked": ("?", "muted"),
    }[row.eligible.answer]  # fmt: skip
    return Text(says, style=style)


def _data(row: Row) -> Text:
    from rich.text import Text

    says, style = {
        "ok": (t("ok"), ""), "ask": (t("ask"), "warn"), "no": (t("no"), "bad"), "not-asked": ("?", "muted"),
    }[row.data.answer]  # fmt: skip
    return Text(says, style=style)


def _submit(row: Row) -> Text:
    from rich.text import Text

    return Text(
        {
            "yes": t("submits"),
            "after-renting": t("rent first"),
            "unverified": t("untried"),
            "hand-off": t("hand-off"),
            "no": t("by hand"),
        }[row.submit.answer]
    )


def _waits(row: Row) -> str | None:
    """How long access takes, in the catalogue's words, as much as a line holds."""
    if row.site is not None or row.access.waiting is None:
        return None
    first = re.split(r"[.;] ", one_line(row.access.waiting, 300))[0].rstrip(".")
    return t("access: {time}", time=one_line(first, 70))


def _left_out(rows: Sequence[Row]) -> Renderable:
    from rich.table import Table as Grid
    from rich.text import Text

    by_reason: dict[str, list[str]] = {}
    for row in rows:
        by_reason.setdefault(row.reasons[0].says, []).append(row.name)
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=2)
    grid.add_column(ratio=2, overflow="fold")
    grid.add_column(ratio=3, overflow="fold", style="muted")
    for reason, names in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
        grid.add_row("", Text(one_line(reason, 160)), Text(", ".join(one_line(name, 60) for name in names)))
    return grid


def _foot(found: Comparison, *, whole: bool) -> Iterator[Renderable]:
    from rich.text import Text

    yield Text(t("Order: {order}.", order=found.order), style="muted")
    yield Text(_legend(found), style="muted")
    for note in found.notes:
        yield Text(f"→ {note}")
    if not whole:
        yield Text(
            t("→ every number with formula, source and date, and the steps to get in: --explain, or --format json")
        )


def _legend(found: Comparison) -> str:
    says = [found.prices + "."]
    if any(not isinstance(row.money, Unknown) and row.money.old for row in found.items):
        says.append(t("“!”: the price is older than 90 days, or nobody says how old."))
    if any(row.data.answer == "ask" for row in found.items):
        says.append(t("“ask”: nothing is written on data of this level there; ask your institution."))
    says.append(
        t("Catalogue of {day}; your sites were asked, and nothing was sent.", day=found.catalogue_date)
        if found.asked
        else t("Catalogue of {day}; nothing was sent or asked.", day=found.catalogue_date)
    )
    return " ".join(says)


def _whole(row: Row) -> Iterator[Renderable]:
    """One place with all that is known of it here."""
    from rich.padding import Padding
    from rich.table import Table as Grid
    from rich.text import Text

    yield Text.assemble((one_line(row.name, 80), "strong"), (f"  {row.id} · {_kind(row.kind)}", "muted"))
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="muted")
    grid.add_column(overflow="fold")
    for label, line in _lines(row):
        grid.add_row(label, Text(line))
    yield Padding(grid, (0, 0, 0, 2))


def _kind(kind: str) -> str:
    return {
        "own": t("your own"), "institution": t("institution"), "national": t("national"), "eurohpc": "EuroHPC",
        "commercial": t("commercial"),
    }.get(kind, kind)  # fmt: skip


def _lines(row: Row) -> Iterator[tuple[str, str]]:
    for reason in row.reasons:
        yield t("Left out because"), one_line(reason.says, 300)
    yield from _machine_lines(row)
    yield from _cost_lines(row)
    yield t("You"), _with_source(row.eligible.says, row.eligible.source, row.eligible.date)
    for number, step in enumerate(row.access.steps, 1):
        yield t("To get in") if number == 1 else "", f"{number}. {one_line(step, 400)}"
    if row.access.waiting is not None:
        yield t("Access takes"), _with_source(row.access.waiting, row.access.source, row.access.date)
    if row.access.apply_url:
        yield t("Apply at"), one_line(row.access.apply_url, 200)
    yield t("Data"), _with_source(row.data.says, row.data.source, row.data.date)
    yield "dkai", one_line(row.submit.says, 200)
    for note in row.notes:
        yield t("Note"), one_line(note, 600)


def _machine_lines(row: Row) -> Iterator[tuple[str, str]]:
    hardware, run_time = row.hardware, row.run_time
    if not isinstance(hardware, Unknown):
        yield t("GPU"), _with_source(_gpu_words(hardware), hardware.source, hardware.date)
        for doubt in hardware.doubts:
            yield "", f"! {one_line(doubt, 300)}"
    if isinstance(run_time, Unknown):
        if not row.reasons:
            yield t("Run time"), str(run_time)
        return
    yield t("Run time"), f"{_time(run_time)} = {run_time.formula}"
    yield "", one_line(run_time.assumption, 300)
    for figure in run_time.figures:
        says = f"{figure.gpu}: {figure.what} {show_number(figure.value)} {figure.unit}"
        yield "", _with_source(says, figure.source, figure.date)


def _cost_lines(row: Row) -> Iterator[tuple[str, str]]:
    for label, cost in ((t("Cost"), row.cost), (t("Money"), row.money)):
        if isinstance(cost, Unknown):
            if not row.reasons:
                yield label, str(cost)
            continue
        yield label, f"{_amount(cost)} = {one_line(cost.formula, 300)}"
        dated = t("of {day}", day=cost.date) if cost.date else t("undated, read on {day}", day=cost.read)
        yield "", _with_source(t("for all the time that is asked for: {amount}",
                                 amount=f"{show_amount(cost.at_most)} {cost.unit}"), cost.source, dated)  # fmt: skip


def _with_source(says: str, source: str, date: str) -> str:
    """A statement with who says so, and when."""
    where = one_line(source, 160).removeprefix("https://").rstrip("/")
    told = ", ".join(part for part in (where, date) if part)
    return f"{one_line(says, 600)} [{told}]" if told else one_line(says, 600)


def cells(found: Comparison) -> Table:
    """A row a place for csv and md; headers are the same in both languages, what is not known stays empty."""
    headers = (
        "usable", "id", "name", "kind", "gpu", "gpus", "gpu_memory_gb", "part", "run_time_low_s", "run_time_high_s",
        "charge", "cost_low", "cost_high", "cost_at_most", "cost_unit", "cost_source", "cost_date", "price_low",
        "price_high", "price_at_most", "currency", "price_source", "price_date", "price_old", "eligible", "data",
        "access_takes", "dkai", "reasons",
    )  # fmt: skip
    rows = [_plain(row, usable) for rows, usable in ((found.items, True), (found.left_out, False)) for row in rows]
    return headers, rows


def _plain(row: Row, usable: bool) -> tuple[object, ...]:
    hardware, run_time = row.hardware, row.run_time
    machine: tuple[object, ...] = ("", "", "", "")
    if not isinstance(hardware, Unknown):
        memory = "" if hardware.memory_gb is None else f"{hardware.memory_gb:g}"
        machine = (hardware.gpu or "", hardware.gpus, memory, hardware.part)
    times = ("", "") if isinstance(run_time, Unknown) else (round(run_time.low_s), round(run_time.high_s))
    return (
        str(usable).lower(), row.id, one_line(row.name, 80), row.kind, *machine, *times, row.charge,
        *_money(row.cost), *_money(row.money),
        "" if isinstance(row.money, Unknown) else str(row.money.old).lower(), row.eligible.answer, row.data.answer,
        one_line(row.access.waiting or "", 200), row.submit.answer,
        "; ".join(one_line(reason.says, 200) for reason in row.reasons),
    )  # fmt: skip


def _money(cost: Cost | Unknown) -> tuple[str, ...]:
    if isinstance(cost, Unknown):
        return ("",) * 6
    low = "" if cost.low is None else f"{cost.low:.6g}"
    return (low, f"{cost.high:.6g}", f"{cost.at_most:.6g}", one_line(cost.unit), one_line(cost.source, 200),
            cost.date or "")  # fmt: skip
