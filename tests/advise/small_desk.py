"""A handful of tools and places with plain facts, and the knowledge that ships: so that expectations can be exact."""

from __future__ import annotations

from datetime import date

from dkai.advise.join import Desk, screen
from dkai.advise.knowledge import shipped_knowledge
from dkai.advise.model import Answer, Candidate
from dkai.advise.questions import next_question
from dkai.advise.screening import Screening
from dkai.advise.stakes import all_stakes
from dkai.core.levels import Level
from dkai.core.text import Text

TODAY = date(2026, 11, 24)
UNIVERSITIES = ("ku", "au", "sdu", "dtu", "aau", "ruc", "itu", "cbs")
ALL_LEVELS = tuple(level.value for level in Level)


def tool(
    id_: str, tasks: tuple[str, ...], *, scores: tuple[float, float, float] = (3, 3, 3), **facts: str
) -> Candidate:
    """A tool; facts as words divided by blanks, and `ring`, `trains`, … at their usual values where nothing is said."""
    usual = {
        "ring": "adopt", "where": "local", "trains": "never", "commercial": "allowed", "cost": "free",
        "os": "windows macos linux", "gpu": "optional", "interfaces": "desktop", "danish": "yes", "field": "all",
    }  # fmt: skip
    values = {name: tuple(words.split()) for name, words in (usual | facts).items() if words != "unknown"}
    numbers = dict(zip(("effectiveness", "ease", "protection"), scores, strict=True))
    return Candidate(
        id_, "tool", Text.of(id_), {"id": (id_,), **values}, numbers=numbers, tasks=tasks, summary=Text.of(id_),
        texts={level: Text.of(f"about {level}") for level in ALL_LEVELS},
    )  # fmt: skip


def place(
    id_: str, *, eligible: tuple[str, ...] | None = None, levels: dict[str, str] | None = None, offers: str = "",
    **facts: str,
) -> Candidate:  # fmt: skip
    """A place; `eligible` None is open to all, `levels` is what each institution says may be there."""
    usual = {"kind": "national", "cost": "free-within-allocation", "scheduler": "slurm", "gpu": "yes"}
    values = {name: tuple(words.split()) for name, words in (usual | facts).items() if words != "unknown"}
    values |= {"id": (id_,), "offers": tuple(offers.split())}
    if eligible is None:
        values["open_to_me"] = ("yes",)
    by_institution: dict[str, dict[str, tuple[str, ...]]] = {}
    question = shipped_knowledge().question("institution")
    assert question is not None
    for option in question.options:
        part: dict[str, tuple[str, ...]] = {}
        if eligible is not None:
            part["open_to_me"] = ("yes",) if option.id in eligible else ("no",)
        if option.id in (levels or {}):
            highest = Level((levels or {})[option.id])
            part["may_hold"] = tuple(level for level in ALL_LEVELS if highest.allows(Level(level)))
        by_institution[option.id] = part
    return Candidate(id_, "place", Text.of(id_), values, by_institution, texts={"who": Text.of("who")})


# fmt: off
TOOLS = (
    tool("window", ("transcription",), scores=(4, 4, 5)),
    tool("terminal", ("transcription", "speech-translation"), interfaces="cli python", scores=(4, 2, 5)),
    tool(
        "online", ("transcription", "writing"), where="hosted", trains="by-default", interfaces="web", scores=(5, 5, 1)
    ),
    tool("both-ways", ("transcription",), where="local hosted", scores=(3, 3, 3)),
    tool("assistant", ("writing", "coding"), where="hosted", trains="unknown", cost="freemium", interfaces="web"),
    tool("own-model", ("writing", "local-llm"), gpu="recommended", interfaces="desktop cli", danish="no"),
    tool("cells", ("cell-segmentation",), field="life-science"),
    tool("scans", ("medical-image-segmentation",), field="health", interfaces="cli python", commercial="not-allowed"),
    tool("tables", ("tabular-prediction", "regression"), interfaces="python"),
    tool("table-service", ("tabular-prediction",), where="hosted", cost="paid", interfaces="web", trains="unknown"),
    tool("old", ("regression",), ring="hold"),
)
# fmt: on
PLACES = (
    place("own", kind="own", scheduler="process", cost="free", gpu="unknown", may_hold=" ".join(ALL_LEVELS)),
    place("browser", eligible=UNIVERSITIES, levels={"au": "sensitive", "aau": "sensitive"}, scheduler="kubernetes"),
    place("aau-cluster", eligible=("aau",), levels={"aau": "internal"}, kind="institution"),
    place("big", eligible=UNIVERSITIES, kind="eurohpc"),
    place("genomedk", eligible=(*UNIVERSITIES, "hospitals", "companies"), offers=" ".join(ALL_LEVELS), cost="paid"),
    place("rented", kind="commercial", cost="paid"),
)
DESK = Desk(shipped_knowledge(), TOOLS, PLACES)


def screened(desk: Desk = DESK, **answers: Answer) -> Screening:
    """The screening for these answers."""
    return screen(answers, desk, today=TODAY, version="0")


def asked(desk: Desk = DESK, today: date = TODAY, **persona: Answer) -> tuple[list[str], dict[str, Answer]]:
    """The questions that a person is asked, in order, and the answers; what the persona lacks is “I don't know”."""
    answers: dict[str, Answer] = {}
    order: list[str] = []
    for _ in range(40):
        stakes = all_stakes(answers, desk.knowledge, desk.tools, desk.places, today)
        question = next_question(answers, desk.knowledge, stakes)
        if question is None:
            return order, answers
        order.append(question.id)
        answers[question.id] = persona.get(question.id, "unknown")
    raise AssertionError(f"the dialogue does not end: {order}")


def certain(screening: Screening) -> set[str]:
    """The rules in force that apply for certain."""
    return {rule.id for rule in screening.rules if rule.certain and rule.standing == "current"}


def maybe(screening: Screening) -> set[str]:
    """The rules in force that may apply."""
    return {rule.id for rule in screening.rules if not rule.certain and rule.standing == "current"}


def out(screening: Screening) -> dict[str, str]:
    """Who is ruled out, and the first cause."""
    return {one.id: one.causes[0].id for one in screening.ruled_out}
