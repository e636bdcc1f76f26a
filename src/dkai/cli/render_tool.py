"""One tool as a page: what it is, does it work, is it easy, where does the data go, and what nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from dkai.catalogue.labels import has_label, label
from dkai.cli import radar_words as words
from dkai.cli.output import Renderable
from dkai.cli.tool_data import data_rows
from dkai.cli.tool_text import Rows, cited, score, text
from dkai.core.clean import no_controls, one_line
from dkai.core.i18n import t
from dkai.core.units import show_number

if TYPE_CHECKING:
    from dkai.radar.card import Card


def page(card: Card, level: str | None = None) -> Iterator[Renderable]:
    """The whole page, a heading and its paragraphs at a time; with a data level, what to know at that one only."""
    from rich.table import Table
    from rich.text import Text

    entry = card.entry
    title = Text(one_line(card.name), style="strong")
    title.append(f"  {words.ring(entry['ring']['now'])}", style=words.RING_STYLES.get(entry["ring"]["now"], ""))
    title.append(f"  {label(entry['kind'])} · {one_line(entry['home'])}", style="muted")
    yield title
    yield Text(text(entry["summary"]))
    if card.overdue:
        parts = ", ".join(_part(part) for part in card.overdue)
        yield Text("! " + t("past its review date: {parts}", parts=parts), style="warn")
    yield ""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="strong")
    grid.add_column(overflow="fold")  # an address is worth nothing when its end is cut off
    data = partial(data_rows, level=level)
    for rows in (_ring, _works, _easy, data, _needs, _terms, _limits, _related, _gaps, _sources):
        lines = list(rows(entry))
        for heading, paragraph in lines:
            grid.add_row(heading, Text(no_controls(paragraph)))
        if lines:
            grid.add_row("", "")
    yield grid


def _part(name: str) -> str:
    return {
        "": t("the whole entry"),
        "prerequisites": t("what you need"),
        "effectiveness": t("does it work"),
        "ease": t("is it easy"),
        "data_protection": t("your data"),
    }.get(name, name)


def _ring(entry: Mapping[str, Any]) -> Rows:
    ring = entry["ring"]
    yield t("Why {ring}", ring=words.ring(ring["now"])), f"{text(ring['why'])} ({ring['since']})"
    for former in reversed(ring.get("history", ())):
        told = t("{ring} from {day}", ring=words.ring(former["ring"]), day=former["since"])
        yield "", f"{told}: {text(former['why'])}"


def _works(entry: Mapping[str, Any]) -> Rows:
    part = entry["effectiveness"]
    yield t("Does it work?"), f"{score(part['score'])} · {one_line(part['reviewer'])}, {part['checked']}"
    yield "", text(part["verdict"])
    for one in part.get("evidence", ()):
        about = [label(one["by"]), *([t("peer reviewed")] if one.get("peer_reviewed") else []), *_year(one)]
        yield "", f"· {text(one['what'])}: {text(one['value'])} ({', '.join(about)}){cited(one)}"


def _year(one: Mapping[str, Any]) -> list[str]:
    return [str(one["year"])] if "year" in one else []


def _easy(entry: Mapping[str, Any]) -> Rows:
    part = entry["ease"]
    facts = [score(part["score"]), ", ".join(label(name) for name in part["interfaces"])]
    minutes = part.get("install_minutes")
    if isinstance(minutes, Mapping):
        facts.append(t("{low}–{high} min to install", low=minutes["low"], high=minutes["high"]))
    yield t("Is it easy?"), " · ".join(facts) + cited(part)
    yield "", text(part["verdict"])
    if part.get("easier"):
        yield "", t("Easier: {names}", names=", ".join(part["easier"]))


def _needs(entry: Mapping[str, Any]) -> Rows:
    part = entry["prerequisites"]
    things = [label(text(thing)) for thing in part.get("needs", ())]
    systems = ", ".join(label(name) for name in part["os"])
    yield t("You need"), " · ".join([systems, *([", ".join(things)] if things else [])]) + cited(part)
    gpu = f"GPU: {words.gpu(part['gpu'], None)}"
    sizes = part.get("gpu_memory_gb")
    if isinstance(sizes, list) and sizes:
        gpu += " · " + ", ".join(f"{text(size['size'])} {show_number(size['gb'], 1)} GB" for size in sizes)
    if part.get("accelerators"):
        gpu += " · " + ", ".join(label(name) for name in part["accelerators"])
    yield "", gpu
    for field in ("laptop", "note"):
        if field in part:
            yield "", text(part[field])
    if part.get("skills"):
        skills = (skill.partition(":") for skill in part["skills"])
        names = ", ".join(f"{label(competence)} ({level})" for competence, _, level in skills)
        yield "", t("Skills, of 4 levels: {names}", names=names)


def _terms(entry: Mapping[str, Any]) -> Rows:
    note = entry["danish"].get("note")
    yield t("In Danish"), words.danish(entry["danish"]["support"]) + (f" – {text(note)}" if note else "")
    note = entry["cost"].get("note")
    yield t("Cost"), words.cost(entry["cost"]["model"]) + (f" – {text(note)}" if note else "")
    licence = entry["licence"]
    parts = ((t("code"), "code"), (t("weights"), "weights"), (t("training data"), "training_data"))
    listed = [f"{name} {_licence(licence[key])}" for name, key in parts if licence.get(key, "") != "not-applicable"]
    listed.append(t("commercial use: {use}", use=words.use(entry["commercial_use"])))
    yield t("Licence"), " · ".join(listed)
    if version := entry.get("version"):
        latest = t("unknown") if version["latest"] == "unknown" else version["latest"]
        if latest != "not-applicable":
            yield t("Version"), t("{latest} (looked up {day})", latest=latest, day=version["checked"])


def _licence(value: Any) -> str:
    if value == "unknown":
        return t("unknown")
    return label(value) if isinstance(value, str) and has_label(value) else text(value)


def _limits(entry: Mapping[str, Any]) -> Rows:
    for place, one in enumerate(entry.get("limitations", ())):
        yield t("Know that") if place == 0 else "", f"· {text(one)}"


def _related(entry: Mapping[str, Any]) -> Rows:
    related = entry.get("related", {})
    if related.get("alternatives"):
        yield t("See also"), ", ".join(related["alternatives"])
    if related.get("recipes"):
        yield t("Try"), "\n".join(f"dkai compute submit {name}" for name in related["recipes"])


def _gaps(entry: Mapping[str, Any]) -> Rows:
    for place, gap in enumerate(entry.get("unknown", ())):
        yield t("Not known") if place == 0 else "", f"· {gap['field']}: {text(gap['why'])}"


def _sources(entry: Mapping[str, Any]) -> Rows:
    for place, (name, source) in enumerate(entry["sources"].items()):
        age = words.ago(source["checked"], datetime.now(UTC).date())
        yield t("Sources") if place == 0 else "", f"{name} {source['url']}\n   {text(source['what'])} ({age})"
    yield t("Look again"), entry["review"]["due"]
