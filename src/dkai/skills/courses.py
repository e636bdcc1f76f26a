"""Courses for what somebody wants to learn, each with the reasons for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dkai.catalogue.labels import label
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Catalogue, Entry

LEVELS = ("basic", "intermediate", "advanced")


@dataclass(frozen=True, slots=True)
class CourseHit:
    """A course, and what speaks for and against it."""

    id: str
    name: str
    provider: str
    url: str
    languages: tuple[str, ...]
    format: str  # self-paced, scheduled or series
    level: str
    trains: tuple[str, ...]  # of the competences that were asked for
    requires: tuple[str, ...]  # competences that it takes for granted
    free: bool | None  # None: not known, or it depends on who asks
    next_start: str | None  # ISO 8601; None: no date known
    reasons: tuple[str, ...]
    caveats: tuple[str, ...]


def find_courses(
    catalogue: Catalogue,
    trains: Iterable[str],
    *,
    level: str | None = None,
    language: str | None = None,
    today: date | None = None,
    limit: int = 5,
) -> list[CourseHit]:
    """Courses that train any of the competences, the best first.

    `level` (basic, intermediate, advanced) and `language` (da, en) are wishes: a course that misses one comes later
    and says so. A course all of whose dates have passed, and of which no repetition is known, is not shown when
    `today` is given.
    """
    wanted = tuple(dict.fromkeys(trains))
    ranked: list[tuple[tuple[int | str, ...], CourseHit]] = []
    for course in catalogue.entries("course"):
        covered = tuple(name for name in wanted if name in course["trains"])
        if not covered or (today is not None and _is_over(course, today)):
            continue
        hit = _hit(course, covered, level, language, today)
        distance = abs(LEVELS.index(course["level"]) - LEVELS.index(level)) if level in LEVELS else 0
        order = (
            -len(covered),
            distance,
            0 if language is None or language in course["languages"] else 1,
            0 if hit.format == "self-paced" or hit.next_start else 1,
            0 if hit.free else 1,
            len(course.get("requires", ())),
            course.id,
        )
        ranked.append((order, hit))
    return [hit for _, hit in sorted(ranked, key=lambda pair: pair[0])[: max(limit, 0)]]


def _hit(
    course: Entry, covered: Sequence[str], level: str | None, language: str | None, today: date | None
) -> CourseHit:
    free, start = _is_free(course), _next_start(course, today)
    reasons = [t("trains {names}", names=", ".join(map(label, covered)))]
    caveats: list[str] = []
    if level is not None:
        (reasons if course["level"] == level else caveats).append(t("level: {level}", level=_level(course["level"])))
    if language is not None:
        names = ", ".join(_language(code) for code in course["languages"])
        (reasons if language in course["languages"] else caveats).append(t("in {languages}", languages=names))
    if free:
        reasons.append(t("free"))
    if course["format"] == "self-paced":
        reasons.append(t("at your own pace"))
    elif start is not None:
        reasons.append(t("starts {day}", day=start))
    else:
        caveats.append(t("no coming date known"))
    if requires := course.get("requires"):
        caveats.append(t("needs {names} first", names=", ".join(map(label, requires))))
    return CourseHit(
        id=course.id,
        name=course.name,
        provider=str(course.text("provider")),
        url=course["url"],
        languages=tuple(course["languages"]),
        format=course["format"],
        level=course["level"],
        trains=tuple(covered),
        requires=tuple(course.get("requires", ())),
        free=free,
        next_start=start,
        reasons=tuple(reasons),
        caveats=tuple(caveats),
    )


def _is_free(course: Entry) -> bool | None:
    """True when nobody pays; None when it is not known, or some pay."""
    price = course["price"]
    if price == "unknown":
        return None
    amounts = [one.get(currency, 0) for one in _list(price) for currency in ("dkk", "eur", "usd") if currency in one]
    if not amounts:
        return None
    return True if not any(amounts) else None if not all(amounts) else False


def _list(price: object) -> list[dict[str, float]]:
    return price if isinstance(price, list) else [price]  # type: ignore[list-item] # the model lets nothing else pass


def _next_start(course: Entry, today: date | None) -> str | None:
    starts = sorted(run["start"] for run in course.get("dates", ()))
    return next((day for day in starts if today is None or day >= today.isoformat()), None)


def _is_over(course: Entry, today: date) -> bool:
    """All known dates have passed and nothing says that it comes again."""
    dates = course.get("dates", ())
    return (
        course["format"] != "self-paced"
        and bool(dates)
        and "recurs" not in course
        and all(run.get("end", run["start"]) < today.isoformat() for run in dates)
    )


def _level(name: str) -> str:
    return {"basic": t("basic"), "intermediate": t("intermediate"), "advanced": t("advanced")}.get(name, name)


def _language(code: str) -> str:
    return {"da": t("Danish"), "en": t("English"), "sv": t("Swedish"), "no": t("Norwegian"), "de": t("German")}.get(
        code, code
    )
