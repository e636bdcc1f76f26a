"""What a paper must say of a run: the methods paragraph, and the declaration on AI that journals ask for. Pure.

Only what is known is written. What only the authors can know stands in square brackets, to be filled in by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from dkai.compute.footprint import Footprint
from dkai.compute.gate import is_this_computer
from dkai.compute.plan import MODEL, Plan
from dkai.compute.quote.estimate import Estimate
from dkai.compute.site import QUEUES
from dkai.compute.used import Used
from dkai.core.clean import one_line
from dkai.core.i18n import t
from dkai.core.numbers import utc
from dkai.core.units import show_duration


@dataclass(frozen=True, slots=True)
class Source:
    """Who asks for it: a short citation."""

    title: str
    url: str
    date: str  # when it is from, or when a copy of it was read


@dataclass(frozen=True, slots=True)
class Declaration:
    """The declaration on AI. `to_fill` are the parts of `text` that only the authors can write."""

    text: str
    models: tuple[str, ...]
    to_fill: tuple[str, ...]
    sources: tuple[Source, ...]


# They agree: an AI is no author, people answer for its work, its use is told (in the methods where it did research).
_SOURCES = (
    Source("ICMJE, Recommendations", "https://www.icmje.org/icmje-recommendations.pdf", "2026-01"),
    Source(
        "COPE, Authorship and AI tools",
        "https://publicationethics.org/guidance/cope-position/authorship-and-ai-tools",
        "2023-02",
    ),
    Source(
        "European Commission, Living guidelines on the responsible use of generative AI in research",
        "https://european-research-area.ec.europa.eu/news/updated-guidance-generative-ai-research",
        "2026-05-08",
    ),
    Source(
        "Danish Code of Conduct for Research Integrity",
        "https://ufsn.dk/english/research-and-innovation/framework-for-research-and-innovation/integrity-in-research",
        "2025-12",
    ),
    Source(
        "Elsevier, The use of AI and AI-assisted writing technologies in scientific writing",
        "https://www.elsevier.com/about/policies/publishing-ethics/"
        "the-use-of-ai-and-ai-assisted-writing-technologies-in-scientific-writing",
        "2026-11-23",
    ),
    Source(
        "Nature Portfolio, as Nature Methods explains it", "https://www.nature.com/articles/s41592-026-03020-1", "2026"
    ),
)


def show_took(seconds: float) -> str:
    """How long something took, also when that was no whole second."""
    return t("under 1 s") if 0 < seconds < 0.5 else show_duration(seconds)


def paragraph(plan: Plan, used: Used, footprint: Footprint, place: str = "") -> str:
    """The paragraph for the methods section. `place` is the place's full name, where it is known."""
    if used.elapsed_s is None:
        return _sentences([_what(plan, place, used), t("How long it ran is not known")])
    found = [_what(plan, place, used)]
    if plan.spec.tasks:
        found.append(t("It was run {n} times, each with other values of {names}", n=len(plan.spec.tasks),
                       names=", ".join(dict.fromkeys(name for task in plan.spec.tasks for name in task))))  # fmt: skip
    if (began := utc(used.started_at)) is not None:
        day = began.date().isoformat()
        found.append(t("It took {time} on {day}", time=show_took(used.elapsed_s), day=day))
    else:
        found.append(t("It took {time}", time=show_took(used.elapsed_s)))
    software = _software(plan, used)
    if software:
        found.append(t("It used {software}", software=", ".join(software)))
    energy, co2e = footprint.energy_kwh, footprint.co2e_kg
    if not isinstance(energy, Estimate):
        found.append(t("Its electricity and emissions are not known"))
    elif footprint.by == "measured":
        found.append(t("Its electricity was {energy} ({how})", energy=energy, how=footprint.how))
    else:
        found.append(t("Its electricity is estimated at {energy} ({how})", energy=energy, how=footprint.how))
    if isinstance(energy, Estimate) and isinstance(co2e, Estimate):
        found.append(t("Its emissions are estimated at {co2e}", co2e=co2e))
    return _sentences(found)


def _sentences(found: list[str]) -> str:
    return ". ".join(found) + "."


def _what(plan: Plan, place: str, used: Used) -> str:
    """What ran where, on what."""
    want = plan.spec.resources
    cores = t("1 core") if want.cpus == 1 else t("{n} cores", n=want.cpus)
    kind = used.gpu_name or t("type not recorded")
    device = t("{gpus} GPU ({kind}) and {cores}", gpus=want.gpus, kind=one_line(kind, 80), cores=cores)
    if used.machine.cpu:
        cores = t("{cores} of {cpu}", cores=cores, cpu=one_line(used.machine.cpu, 80))
        device = t("{gpus} GPU ({kind}) and {cores}", gpus=want.gpus, kind=one_line(kind, 80), cores=cores)
    return t(
        "The analysis “{recipe}” (version {version}, run with dkai {dkai}) ran on {site} with {what}",
        recipe=plan.spec.recipe,
        version=plan.versions.get("recipe", "?"),
        dkai=plan.versions.get("dkai", "?"),
        site=one_line(_where(plan, place), 80),
        what=device if want.gpus else cores,
    )


def _where(plan: Plan, place: str) -> str:
    return (
        t("the authors' own computer") if is_this_computer(plan.site) else place or plan.site.provider or plan.site.id
    )


def _software(plan: Plan, used: Used) -> list[str]:
    """Programs and their versions, as they name themselves."""
    machine, found = used.machine, []
    if used.python:
        found.append(f"Python {used.python}")
    found += used.runtime
    found += [f"{name} {version}" for name, version in sorted(used.packages.items())]
    found += [f"{name[len(MODEL) :]} {version}".strip() for name, version in _models(plan).items()]
    if machine.gpu_driver:
        found.append(t("GPU driver {version}", version=machine.gpu_driver))
    if machine.gpu_platform:
        cuda = machine.gpu_platform.startswith("CUDA")  # of CUDA the driver tells only the newest that it can run
        found.append(t("up to {version}", version=machine.gpu_platform) if cuda else machine.gpu_platform)
    if machine.os:
        found.append(machine.os)
    found += [f"{name} {version}" for key, name in QUEUES.items() if (version := plan.versions.get(key))]
    return [one_line(word, 100) for word in found]


def _models(plan: Plan) -> dict[str, str]:
    return {name: version for name, version in plan.versions.items() if name.startswith(MODEL)}


def declaration(plan: Plan) -> Declaration:
    """The declaration on AI, with what the authors must fill in."""
    purpose, checked = t("[WHAT FOR]"), t("[WHO CHECKED IT]")
    tool = t("[AI TOOL AND VERSION, OR: no AI tool]")
    models = tuple(f"{name[len(MODEL) :]} {version}".strip() for name, version in _models(plan).items())
    if models:
        run = t("The run itself used the AI model {models} for {purpose}; its output was checked by {checked}.",
                models=", ".join(models), purpose=purpose, checked=checked)  # fmt: skip
    else:
        run = t("No generative AI took part in the run itself as far as dkai knows: the recipe names no AI model.")
    rest = t("For the other work on this paper {tool} was used for {purpose}, and the result was checked by {checked}.",
             tool=tool, purpose=purpose, checked=checked)  # fmt: skip
    author = t("No AI is an author; the authors answer for all of the content.")
    return Declaration(" ".join((run, rest, author)), models, (tool, purpose, checked), _SOURCES)
