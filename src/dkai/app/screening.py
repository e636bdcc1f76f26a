"""From answers to a screening, and from a screening to a job: advise joined with the catalogue and the courses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dkai.advise.answer_file import check_answers
from dkai.advise.explain import Explanation, explain
from dkai.advise.facts import place_candidate, tool_candidate
from dkai.advise.join import Desk, both, level_of, screen
from dkai.advise.knowledge import shipped_knowledge
from dkai.advise.model import Answers, CourseNeed, Knowledge
from dkai.advise.screening import Learn, Params, Person, Screening
from dkai.advise.screening_file import read_screening
from dkai.core.clean import one_line
from dkai.core.errors import UserError
from dkai.core.i18n import en_and_da, t
from dkai.core.levels import Level
from dkai.core.text import Text

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Entry

_FOUND = 12  # as many tools as a search for one's own words may bring


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a job needs of a screening. `level` is what the data count as; `sample`: run on the recipe's own sample."""

    recipe: str
    site: str
    level: Level
    params: Params
    sample: bool


def open_desk(knowledge: Knowledge | None = None) -> Desk:
    """Everything that advice is made from: the shipped knowledge and the catalogue as it is now. Raises DkaiError."""
    from dkai.catalogue.open import open_catalogue

    known = knowledge or shipped_knowledge()
    catalogue = open_catalogue()

    def find(words: str) -> Sequence[str]:
        return [hit.entry.id for hit in catalogue.search(words, kinds=("tool",), limit=_FOUND)]

    def courses(needs: Sequence[CourseNeed]) -> Sequence[Learn]:
        """The best course for each thing that people with these answers often want to learn."""
        from dkai.skills.courses import find_courses

        chosen: dict[str, Learn] = {}
        for need in needs:
            fresh = (h for h in find_courses(catalogue, need.trains, limit=_FOUND) if h.id not in chosen)
            if (hit := next(fresh, None)) is not None:
                name = catalogue.get(hit.id, "course").text("name") or Text.of(hit.name)
                chosen[hit.id] = Learn(hit.id, name, need.text, hit.url)
        return tuple(chosen.values())

    return Desk(
        known,
        tools=tuple(tool_candidate(entry, known) for entry in catalogue.entries("tool")),
        places=tuple(place_candidate(entry, known) for entry in catalogue.entries("provider")),
        find=find,
        courses=courses,
        people={entry.id: _person(entry) for entry in catalogue.entries("contact")},
    )


def _person(entry: Entry) -> Person:
    name = entry.text("name") or Text.of(entry.id)
    return Person(entry.id, name, entry.text("what_for") or name, entry.get("url"), entry.get("email"))


def make_screening(answers: Answers, *, today: date, desk: Desk | None = None) -> Screening:
    """The screening for these answers. Raises UserError when they cannot be right."""
    from dkai import __version__

    at = desk or open_desk()
    check_answers(answers, at.knowledge)
    return screen(answers, at, today=today, version=__version__)


def load_screening(path: Path) -> Screening:
    """The screening in a file. Raises UserError."""
    return read_screening(path, shipped_knowledge())


def explain_item(item: str, screening: Screening | None) -> Explanation | None:
    """Why an item is in the screening or not; also for a tool or place that it did not even consider."""
    from dkai.catalogue.open import open_catalogue

    if (found := explain(item, screening, shipped_knowledge())) is not None:
        return found
    try:
        entry = open_catalogue().get(item)
    except UserError:
        return None
    name, summary = entry.text("name"), entry.text("summary")
    if entry.kind not in ("tool", "provider") or name is None:
        return None
    verdict = both(en_and_da("not considered: it is for something else than your answers ask for"))
    return Explanation(entry.id, name, "tool" if entry.kind == "tool" else "place", verdict, summary,
                       url=entry.get("home"))  # fmt: skip


def hand_over(screening: Screening, knowledge: Knowledge | None = None) -> HandOver:
    """What `dkai compute submit` needs. Raises UserError when the file's data level is lower than its own answers say.

    A screening is a file that anybody can edit: the level is worked out again from the answers in it.
    """
    known = knowledge or shipped_knowledge()
    check_answers(screening.answers, known)
    level, _ = level_of(screening.answers, known)
    if level.rank > screening.data.level.rank:
        raise UserError(
            t(
                "the screening counts the data as {said}, but its own answers make them {level}",
                said=screening.data.level.label,
                level=level.label,
            ),
            code="contradictory-screening",
            hint=t("make it again with: dkai advise --answers FILE --save FILE"),
        )
    now = screening.try_now
    if now.recipe not in {choice.recipe for choice in known.recipes}:
        # A path here would make a file that somebody was sent run somebody else's program.
        raise UserError(
            t("the screening names the recipe “{name}”, which advice never names", name=one_line(now.recipe, 60)),
            code="contradictory-screening",
            hint=t("submit that recipe by its own name: dkai compute submit RECIPE"),
        )
    return HandOver(now.recipe, now.site, screening.data.level, dict(now.params), now.sample)
