"""A plan as text: read in ten seconds, trusted in a minute."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dkai.cli.output import Renderable
from dkai.compute.site import title
from dkai.core.clean import no_controls, one_line
from dkai.core.i18n import nt, t
from dkai.core.units import show_bytes, show_duration, show_memory, show_number
from dkai.core.unknown import Unknown

_FRESH_S = 60.0  # an answer that is older says how old it is
_SHOWN = 3

if TYPE_CHECKING:
    from dkai.compute.plan import Plan
    from dkai.compute.quote.balance import Balance
    from dkai.compute.quote.quote import Quote
    from dkai.compute.recipes.recipe import AiModel


def summary(plan: Plan) -> Iterator[Renderable]:
    """What is asked for, what it costs, what is left, what touches a limit, and how the data stand."""
    from rich.table import Table
    from rich.text import Text

    quote = plan.quote
    yield Text.assemble((f"  {plan.spec.recipe}", "strong"), _title(plan))
    yield ""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for label, lines in _rows(plan, quote):
        body = Text("\n").join(line if isinstance(line, Text) else Text(line) for line in lines)
        grid.add_row(Text(f"  {label}", style="muted"), body)
    yield grid


def _title(plan: Plan) -> str:
    parts = []
    inputs = plan.input_files
    if inputs:
        files = nt("{n} file", "{n} files", len(inputs))
        parts.append(
            f"{files}, {show_bytes(sum(f.size for f in inputs))}" + (f" ({t('sample')})" if plan.sample else "")
        )
    where = plan.site.id + (f" ({plan.quote.partition})" if plan.quote.partition else "")
    parts.append(where)
    if plan.quote.account:
        parts.append(t("account {name}", name=plan.quote.account))
    return "".join(f" · {part}" for part in parts)


def _rows(plan: Plan, quote: Quote) -> Iterator[tuple[str, list[Renderable]]]:
    from rich.text import Text

    if plan.spec.tasks:
        from dkai.cli.render_sweep import grid

        yield t("Sweep"), [one_line(line, 300) for line in grid(plan)]
    asked = ", ".join(_asked(quote))
    if plan.spec.tasks:
        asked = t("for each task: {what}", what=asked)
    yield t("You ask for"), [asked, *(Text(line, style="muted") for line in quote.chosen)]
    if lines := list(_interpreter(plan)):
        yield t("Runs with"), lines
    cost = list(_cost(quote))
    if plan.spec.tasks and not quote.is_free:
        cost.insert(1, Text(t("all {n} tasks together", n=len(plan.spec.tasks)), style="muted"))
    yield t("It will cost"), cost
    if not quote.is_free:
        yield t("You have"), list(_balances(quote))
    carbon = quote.carbon
    yield t("Carbon"), [str(carbon.co2e_kg), *([Text(carbon.how, style="muted")] if carbon.how else [])]
    if quote.partition is not None:
        start = quote.start
        yield t("Start"), [str(start) if isinstance(start, Unknown) else start.says]
    if quote.at_wall:
        yield t("Time is up"), [quote.at_wall]
    yield t("Limits"), list(_limits(quote))
    yield t("Data"), [_level(plan), *(Text(line, style="muted") for line in plan.gate.says)]
    warnings = list(quote.warnings)
    if plan.packages and any(way.kind == "venv" and not way.offline for way in plan.ways):
        names = ", ".join(plan.packages)
        warnings.append(t("the place fetches {names} from the Python package index where it lacks them", names=names))
    warnings += [_fetched(model) for model in plan.models]
    if warnings:
        yield t("Note"), [Text(f"! {one_line(line, 400)}", style="warn") for line in warnings]
    age = time.time() - quote.asked_at
    if quote.partition is not None and age > _FRESH_S:
        says = t(
            "{site} was asked {time} ago; --ask-now asks anew", site=plan.site.id, time=show_duration(age // 60 * 60)
        )
        yield t("As of"), [says]
    if plan.overrides:
        names = ", ".join(f"--{name}" for name in plan.overrides)
        yield t("Override"), [Text(t("at your own responsibility, and recorded: {names}", names=names), style="warn")]


def _fetched(model: AiModel) -> str:
    size = t("unknown size") if model.size_gb is None else t("{gb} GB", gb=show_number(model.size_gb))
    return t("the place fetches the model {name} from {host} ({size}, licence: {licence}) unless it is there already",
             name=model.name, host=model.host, size=size, licence=model.licence or t("unknown"))  # fmt: skip


def _asked(quote: Quote) -> list[str]:
    want = quote.resources
    cores = nt("{n} core", "{n} cores", want.cpus)
    if want.cpus_per_gpu:
        cores = t("{cores} ({n} for each GPU)", cores=cores, n=want.cpus_per_gpu)
    memory = show_memory(want.memory_mb) if want.memory_mb else t("all memory of a node")
    if want.memory_mb and want.nodes > 1:
        memory = t("{size} on each node", size=memory)
    parts = [cores, memory]
    if want.gpus:
        parts.insert(0, nt("{n} GPU", "{n} GPUs", want.gpus) + (f" ({want.gpu_type})" if want.gpu_type else ""))
    if want.nodes > 1:
        parts.append(nt("{n} node", "{n} nodes", want.nodes))
    if want.exclusive:
        parts.append(t("whole nodes"))
    return [*parts, t("at most {time}", time=show_duration(want.walltime_s))]


def _interpreter(plan: Plan) -> Iterator[Renderable]:
    """In which ways it gets its interpreter, in their order; nothing where what is there will do."""
    from rich.text import Text

    from dkai.compute.environments import WHEELS, shown

    if [way.kind for way in plan.ways] in ([], ["present"]):
        return
    yield one_line(t(", else ").join(shown(way) for way in plan.ways), 400)
    carried = [file for file in plan.files if file.to.startswith(f"{WHEELS}/")]
    if carried:
        size = show_bytes(sum(file.size for file in carried))
        says = nt("{n} package, {size}, travels along", "{n} packages, {size}, travel along", len(carried), size=size)
        yield Text(says, style="muted")
    elif plan.ways[-1].offline:
        yield Text(t("packages that are missing there: send them along with --carry-wheels"), style="muted")


def _cost(quote: Quote) -> Iterator[Renderable]:
    from rich.text import Text

    if quote.is_free:
        yield t("nothing: your own machine") if quote.partition is None else t("nothing: the place is free")
        return
    if isinstance(quote.cost, Unknown):
        yield str(quote.hours)
        if quote.partition is not None:
            yield Text(t("in the cluster's own unit: {unknown}", unknown=quote.cost), style="muted")
    elif quote.cost.source == "cluster":
        yield str(quote.hours)
        yield Text(f"{quote.cost.amount} ({quote.cost.formula})", style="muted")
    else:
        yield str(quote.cost.amount)
        yield Text(t("time × {formula}", formula=quote.cost.formula), style="muted")
        yield Text(quote.cost.source, style="muted")
    price = quote.price_other if isinstance(quote.price_dkk, Unknown) else quote.price_dkk
    if price is not None:
        yield str(price)
        yield Text(quote.price_how, style="muted")


def _balances(quote: Quote) -> Iterator[Renderable]:
    if quote.balances:
        for balance in quote.balances:
            yield _balance(balance)
    elif quote.budget == "none":
        yield t("no hour budget that this job draws on")
    elif quote.budget == "free":
        yield t("free to you inside your allocation; how much of it is left was not told")
    else:
        yield t("unknown: the cluster did not tell your budgets")


def _balance(balance: Balance) -> str:
    from dkai.compute.quote.estimate import show_amount

    limit, unit = show_amount(balance.limit), balance.unit
    owner = balance.owner if balance.ends is None else t("{owner}, until {day}", owner=balance.owner, day=balance.ends)
    if balance.left is None or balance.after is None:
        return t("{limit} {unit} ({owner}); how much is used is not known", limit=limit, unit=unit, owner=owner)
    if balance.running:
        running = show_amount(balance.running)
        owner = t("{owner}; {running} set aside for jobs that run", owner=owner, running=running)
    left = show_amount(max(balance.left, 0))
    if balance.after < 0:
        return t("{left} of {limit} {unit} ({owner}): up to {short} too little", left=left, limit=limit, unit=unit,
                 owner=owner, short=show_amount(-balance.after))  # fmt: skip
    return t("{left} of {limit} {unit} ({owner}) → {after} left at most used", left=left, limit=limit, unit=unit,
             owner=owner, after=show_amount(balance.after))  # fmt: skip


def _limits(quote: Quote) -> Iterator[Renderable]:
    from rich.text import Text

    from dkai.compute.quote.limit import Verdict

    good = [limit.says for limit in quote.limits if limit.verdict is Verdict.OK]
    if good:
        # The first say what people ask about first: does it fit, is there time. `explain` shows them all.
        more = len(good) - _SHOWN
        rest = "" if more <= 0 else " · " + nt("{n} more kept", "{n} more kept", more)
        yield Text(t("ok: {list}", list=" · ".join(good[:_SHOWN])) + rest)
    words = {
        Verdict.WAITS: (t("waits"), "warn"),
        Verdict.REFUSED: (t("refused"), "bad"),
        Verdict.UNKNOWN: (t("unknown"), "muted"),
    }
    for limit in quote.limits:
        if limit.verdict in words:
            word, style = words[limit.verdict]
            yield Text.assemble((f"{word}: ", style), limit.says)
            for remedy in limit.remedies:
                yield f"  → {remedy}"
    if not quote.limits:
        yield t("none that dkai can see")


def _level(plan: Plan) -> str:
    gate = plan.gate
    level = gate.level.label if gate.level else t("level not said")
    if gate.stays_here:
        return level
    permitted = gate.permitted.label if gate.permitted else t("not said")
    return t("{level} (permitted there: {permitted})", level=level, permitted=permitted)


def script(plan: Plan) -> Iterator[Renderable]:
    """The job's script as it will be sent, or what is started where no scheduler reads one."""
    if plan.script:
        yield no_controls(plan.script)
    else:
        yield t("No job script: {python} starts script/ in {folder}, detached from this window.",
                python=plan.python, folder=plan.folder)  # fmt: skip
    for name in ("params.json", "job.json"):
        text = next((f.text for f in plan.files if f.to == name), None)
        if text:
            yield f"--- {name}"
            yield no_controls(text)
    if plan.spec.tasks:
        from dkai.cli.render_sweep import first_tasks

        yield from first_tasks(plan)


def explain(plan: Plan) -> Iterator[Renderable]:
    """What happens after yes, step by step, and what every number means."""
    quote = plan.quote
    yield t(
        "1. {n} files ({size}) are sent to {folder}.", n=len(plan.files), size=show_bytes(plan.size), folder=plan.folder
    )
    if plan.site.has_queue:
        yield t("2. The script is handed to {scheduler} once; the job's name there is {job}.",
                scheduler=title(plan.site.scheduler), job=plan.job_id)  # fmt: skip
    else:
        yield t("2. The job is started once, and goes on when this window is closed.")
    yield t("3. dkai follows it when you want; results stay there until you fetch them.")
    if not quote.is_free and not isinstance(quote.cost, Unknown):
        yield t("Cost: {amount} = time × {formula}.", amount=quote.cost.amount, formula=quote.cost.formula)
    for limit in quote.limits:
        if limit.verdict == "ok":
            yield t("Limit: {says}.", says=limit.says)
    yield t("“At most” is what it would be if the job took all the time it asks for.")
    if quote.carbon.how:
        yield t("Carbon: {how}.", how=quote.carbon.how)


def whole(plan: Plan) -> Iterator[Renderable]:
    """Everything: the summary, the script, and every file with its size and checksum."""
    yield from summary(plan)
    yield ""
    yield from script(plan)
    yield t("--- files, sent to {folder}", folder=plan.folder)
    for file in plan.files:
        yield f"  {file.sha256[:12]}  {show_bytes(file.size):>9}  {one_line(file.to)}"
    yield t("--- commands, run there in this order")
    for line in commands(plan):
        yield f"  {one_line(line)}"


def commands(plan: Plan) -> Iterator[str]:
    """What would be typed by hand to do the same, once the files are there."""
    from dkai.compute.scheduler import scheduler_for

    yield from scheduler_for(plan.site.scheduler).by_hand(plan.spec, plan.folder, plan.python, hold=plan.verify)
