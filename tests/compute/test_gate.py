from __future__ import annotations

import pytest

from dkai.compute.gate import Gate, judge, refuse
from dkai.compute.site import Site, this_computer
from dkai.core.findings import NOTHING, Findings, Unreadable
from dkai.core.levels import Level

HERE = this_computer()
ASKED = Site("asked", host="ssh", scheduler="slurm", address="a", level=Level.INTERNAL)
SAFE = Site("safe", host="ssh", scheduler="slurm", address="a", level=Level.SENSITIVE)
UNSAID = Site("unsaid", host="ssh", scheduler="slurm", address="a")
LOGIN = Site("login", scheduler="slurm", level=Level.INTERNAL)
CPR = Findings(files=1, cpr_count=3)
CLEAN = Findings(files=1)
BLIND = Findings(files=1, unreadable=(Unreadable("a.mp3", "not text"),))


def gate(findings: Findings, site: Site, declared: Level | None, own: bool = True, accept: bool = False) -> Gate:
    return judge(findings, site, declared=declared, own_data=own, accept=accept)


@pytest.mark.parametrize(
    ("findings", "site", "declared", "passes", "level"),
    [
        (CLEAN, ASKED, Level.PUBLIC, True, "public"),
        (CLEAN, ASKED, Level.INTERNAL, True, "internal"),
        (CLEAN, ASKED, Level.CONFIDENTIAL, False, "confidential"),
        (CLEAN, ASKED, None, False, None),  # nobody said it
        (CLEAN, UNSAID, Level.INTERNAL, True, "internal"),  # up to internal where the site's level was not said
        (CLEAN, UNSAID, Level.CONFIDENTIAL, False, "confidential"),
        (CPR, ASKED, Level.PUBLIC, False, "confidential"),  # a CPR number raises the level
        (CPR, ASKED, None, False, "confidential"),
        (CPR, SAFE, Level.PUBLIC, True, "confidential"),
        (CPR, SAFE, Level.SENSITIVE, True, "sensitive"),  # and never lowers it
        (CPR, LOGIN, Level.PUBLIC, False, "confidential"),  # a cluster's login node is the cluster
        (BLIND, ASKED, None, False, None),
        (BLIND, ASKED, Level.INTERNAL, True, "internal"),
        (CPR, HERE, None, True, "confidential"),  # nothing leaves this computer
        (BLIND, HERE, None, True, None),
    ],
)
def test_levels(findings: Findings, site: Site, declared: Level | None, passes: bool, level: str | None) -> None:
    found = gate(findings, site, declared)
    assert found.passes is passes
    assert found.level == level
    assert (refuse(found, site, []) is None) is passes


def test_what_ships_with_a_recipe_is_public() -> None:
    found = gate(NOTHING, UNSAID, None, own=False)
    assert found.passes and found.level is Level.PUBLIC


def test_the_refusal_says_where_it_would_be_permitted_and_whom_to_ask() -> None:
    error = refuse(gate(CPR, ASKED, Level.PUBLIC), ASKED, [HERE, ASKED, SAFE, UNSAID])
    assert error is not None and error.code == "data-level" and error.exit_code == 3
    hint = error.hint or ""
    assert "local, safe" in hint and "unsaid" not in hint
    assert "DPO" in hint and "--accept-level" in hint and "§ 11" in hint
    error = refuse(gate(CLEAN, UNSAID, Level.CONFIDENTIAL), UNSAID, [])
    assert error is not None and "dkai compute sites set unsaid --level" in (error.hint or "")


def test_it_can_be_overridden_and_that_is_kept() -> None:
    found = gate(CPR, ASKED, Level.PUBLIC, accept=True)
    assert found.passes and found.accepted
    assert refuse(found, ASKED, []) is None


def test_nothing_found_is_not_nothing_there() -> None:
    assert any("not looked for" in line for line in gate(CLEAN, ASKED, Level.PUBLIC).says)
    assert any("could not be looked into: a.mp3" in line for line in gate(BLIND, ASKED, Level.PUBLIC).says)
    assert any("may be" in line for line in gate(Findings(files=1, possible_count=2), ASKED, Level.PUBLIC).says)


def test_the_destination_is_named_before_anything_is_sent() -> None:
    mine = Site("asked", host="ssh", scheduler="slurm", address="login.example.org", user="me", level=Level.INTERNAL)
    assert "they would be sent to me@login.example.org" in gate(CLEAN, mine, Level.PUBLIC).says
    assert not any("sent to" in line for line in gate(NOTHING, mine, None, own=False).says)
    assert not any("sent to" in line for line in gate(CLEAN, HERE, None).says)
