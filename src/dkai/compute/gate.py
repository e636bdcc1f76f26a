"""The gate: may data of this level go to this place? Pure.

Nothing here says that something is lawful. It compares what the person said, and what was found in the files, with what
the person's institution permits at the place, and says whom to ask.
"""

from __future__ import annotations

from dataclasses import dataclass

from dkai.compute.site import LOCAL_ID, Site
from dkai.core.errors import Refused
from dkai.core.findings import Findings
from dkai.core.i18n import nt, t
from dkai.core.levels import Level


@dataclass(frozen=True, slots=True)
class Gate:
    """How the data stand to the place. `level` is None when nobody knows."""

    level: Level | None
    declared: Level | None
    permitted: Level | None  # what is permitted at the site; None: not said
    stays_here: bool  # the job runs on this computer: nothing is sent
    accepted: bool  # the person took it upon themselves (--accept-level)
    says: tuple[str, ...]

    @property
    def passes(self) -> bool:
        """Whether the data may go."""
        if self.stays_here or self.accepted:
            return True
        return self.level is not None and (self.permitted or Level.INTERNAL).allows(self.level)


def judge(findings: Findings, site: Site, *, declared: Level | None, own_data: bool, accept: bool = False) -> Gate:
    """The gate's view. `own_data`: files or texts of the person's own are sent, not only what ships with a recipe."""
    says: list[str] = []
    level = declared if own_data else (declared or Level.PUBLIC)
    if not own_data:
        says.append(t("no data of your own"))
    if findings.cpr_count:
        says.append(nt("{n} place looks like a CPR number", "{n} places look like CPR numbers", findings.cpr_count))
        if level is None or not level.allows(Level.CONFIDENTIAL):
            level = Level.CONFIDENTIAL
            says.append(
                t("so the data count as at least confidential (databeskyttelsesloven § 11 has rules for CPR numbers)")
            )
    elif own_data and findings.files > len(findings.unreadable):
        says.append(t("no CPR numbers found; names, health and other personal data are not looked for"))
    if findings.possible_count:
        says.append(
            nt("{n} more number has a valid date and may be one", "{n} more numbers have a valid date and may be some",
               findings.possible_count)
        )  # fmt: skip
    if findings.unreadable:
        first = findings.unreadable[0]
        count = nt("{n} file could not be looked into", "{n} files could not be looked into", len(findings.unreadable))
        says.append(f"{count}: {first.file} ({first.why})")
    stays = is_this_computer(site)
    if stays:
        says.append(t("the data do not leave this computer"))
    elif own_data and site.host != "local":
        says.append(t("they would be sent to {where}", where=_destination(site)))
    return Gate(level, declared, site.level, stays, accept, tuple(says))


def _destination(site: Site) -> str:
    """The computer that the files are sent to, as the person knows it."""
    return f"{site.user}@{site.address}" if site.user else site.address or site.id


def is_this_computer(site: Site) -> bool:
    """Whether a job at this site runs on this very computer: no SSH, and no cluster behind it."""
    return site.host == "local" and site.scheduler == "process"


def refuse(gate: Gate, site: Site, others: list[Site]) -> Refused | None:
    """The error that says why the data may not go, and what would make it pass; None when they may."""
    if gate.passes:
        return None
    found = " ".join(f"{line}." for line in gate.says)
    if gate.level is None:
        message = t("nobody has said how confidential your data are, and {site} is not this computer", site=site.id)
        hint = [t("say it: --level public, internal, confidential or sensitive"), found]
    elif gate.permitted is None:
        message = t(
            "the data are {level}, and it is not known which data may be on {site}",
            level=gate.level.label,
            site=site.id,
        )
        hint = [
            found,
            t(
                "ask your institution, then write down what is permitted: dkai compute sites set {site} --level …",
                site=site.id,
            ),
        ]
    else:
        message = t(
            "the data are {level}; at {site} data up to {permitted} are permitted",
            level=gate.level.label, site=site.id, permitted=gate.permitted.label,
        )  # fmt: skip
        hint = [found]
    able = [
        s.id
        for s in others
        if s.id != site.id and gate.level and (is_this_computer(s) or (s.level and s.level.allows(gate.level)))
    ]
    if gate.level is not None:
        hint.append(t("sites of yours where it is permitted: {names}", names=", ".join(able) or LOCAL_ID))
        hint.append(
            t("or take out what makes the data {level}: a key instead of CPR numbers, no names", level=gate.level.label)
        )
        hint.append(
            t("ask your DPO when in doubt; to go on at your own responsibility: --accept-level (it is recorded)")
        )
    return Refused(message, code="data-level", hint="\n".join(line for line in hint if line), details={"gate": gate})
