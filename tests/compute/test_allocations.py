"""What is left of allocations: from the answer of a site to what an adviser reads."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from dkai.app import allocations as walk
from dkai.app.allocations import AllocationList
from dkai.cli import render_allocations
from dkai.compute.allocations import Line, lines, period_of
from dkai.compute.cluster import UNLIMITED, Allocation, Association, Cluster, Limits
from dkai.compute.discover import remember
from dkai.compute.host import CommandResult
from dkai.compute.policy import Policy, policy_of
from dkai.compute.quote.estimate import Estimate
from dkai.compute.scheduler import slurm_allocations
from dkai.compute.scheduler.slurm_allocations import Lately, Spent
from dkai.compute.site import Site
from dkai.compute.sites_file import save_site
from dkai.core.errors import UserError
from dkai.core.i18n import use_language
from dkai.core.unknown import Unknown

NOW = datetime(2026, 10, 2, 12, tzinfo=UTC)
LUMI = Site("lumi", host="ssh", scheduler="slurm", provider="lumi", address="lumi.csc.fi")


def cluster(**limits: Any) -> Cluster:
    one = Association("project_a", limits=Limits(**limits))
    return Cluster("c", "slurm", "22.05", "alice", "/home/alice", None, associations=(one,), asked_at=NOW.timestamp())


def lately(month: float = 0, week: float = 0, **more: Any) -> Lately:
    """`month` and `week`: GPU minutes of the account in the last 30 and 7 days."""
    return Lately(
        clock=NOW.timestamp(), reset=more.pop("reset", "YEARLY"), half_life_s=more.pop("half_life_s", 0.0),
        days_30=(Spent("project_a", "", {"gres/gpu": month}),), days_7=(Spent("project_a", "", {"gres/gpu": week}),),
        **more,
    )  # fmt: skip


BUDGET = {"grp_tres_mins": {"gres/gpu": 6000.0}, "used_tres_mins": {"gres/gpu": 1200.0},
          "running_tres_mins": {"gres/gpu": 600.0}}  # fmt: skip


def one(found: tuple[Line, ...]) -> Line:
    assert len(found) == 1
    return found[0]


def test_the_arithmetic() -> None:
    line = one(lines("x", cluster(**BUDGET), lately(month=1800, week=840), Policy()))
    assert (line.unit, line.limit, line.used, line.set_aside, line.left) == ("GPU-hours", 100, 20, 10, 70)
    assert (line.share_used, line.starts, line.ends) == (0.2, date(2026, 1, 1), date(2027, 1, 1))
    assert line.share_of_time == pytest.approx(274.5 / 365)
    assert line.a_day == Estimate(1, 2, "GPU-hours")  # 30 hours in 30 days, 14 in 7
    assert isinstance(line.projected, Estimate)
    assert line.projected.low == pytest.approx(20 + 90.5 * 1)
    assert line.projected.high == pytest.approx(20 + 90.5 * 2)
    assert "20 used + 90 days × 1–2 GPU-hours a day" in line.how
    assert line.warnings == ("at the present rate it may be used up in 40 days",)


def test_what_will_lapse() -> None:
    line = one(lines("x", cluster(**BUDGET), lately(month=60, week=14), Policy()))
    assert line.warnings == ("at the present rate at least 77 GPU-hours of 100 lapse on 2027-01-01",)


def test_overspent() -> None:
    over = BUDGET | {"used_tres_mins": {"gres/gpu": 7200.0}}
    line = one(lines("x", cluster(**over), lately(), Policy()))
    assert (line.left, line.share_used) == (-30, 1.2)
    assert line.warnings[0] == "nothing is left: new jobs on project_a wait"


def test_unknown_is_never_zero() -> None:
    asked = lately(missing={"spent-30": "slurmdbd is away", "spent-7": "slurmdbd is away"})
    line = one(lines("x", cluster(grp_tres_mins={"gres/gpu": 6000.0}), asked, Policy()))
    assert line.limit == 100
    for value in (line.used, line.set_aside, line.left, line.share_used, line.projected):
        assert isinstance(value, Unknown)
    assert line.a_day == Unknown("slurmdbd is away")
    text = shown(AllocationList((line,)))
    assert "what is used was not told" in text
    assert " 0 " not in text


def test_no_budget_is_not_unknown() -> None:
    line = one(lines("x", cluster(used_tres_mins={"cpu": 60.0}), lately(), Policy()))
    assert (line.limit, line.left, line.share_used, line.used) == (None, None, None, 1)
    assert "no hour budget there" in shown(AllocationList((line,)))
    unlimited = one(lines("x", cluster(grp_tres_mins={"cpu": UNLIMITED}), lately(), Policy()))
    assert unlimited.limit is None


@pytest.mark.parametrize(
    ("reset", "now", "starts", "ends"),
    [
        ("DAILY", "2026-12-31", "2026-12-31", "2027-01-01"),
        ("WEEKLY", "2026-11-24", "2026-11-22", "2026-11-29"),  # Sunday to Sunday
        ("WEEKLY", "2026-11-22", "2026-11-22", "2026-11-29"),
        ("MONTHLY", "2026-12-31", "2026-12-01", "2027-01-01"),
        ("QUARTERLY", "2026-11-24", "2026-10-01", "2027-01-01"),
        ("QUARTERLY", "2026-03-31", "2026-01-01", "2026-04-01"),
        ("YEARLY", "2024-02-29", "2024-01-01", "2025-01-01"),
    ],
)
def test_periods(reset: str, now: str, starts: str, ends: str) -> None:
    period = period_of(lately(reset=reset), datetime.fromisoformat(now).replace(hour=15, tzinfo=UTC))
    assert period.starts is not None
    assert period.ends is not None
    assert (period.starts.date().isoformat(), period.ends.date().isoformat()) == (starts, ends)


@pytest.mark.parametrize("more", [{"reset": "NONE"}, {"reset": None}, {"half_life_s": 1209600.0}])
def test_no_period(more: dict[str, Any]) -> None:
    line = one(lines("x", cluster(**BUDGET), lately(**more), Policy()))
    assert line.ends is None
    assert isinstance(line.share_of_time, Unknown)
    assert isinstance(line.projected, Unknown)
    assert line.share_of_time.why


def test_lumis_rule_bites_where_little_was_used() -> None:
    line = one(lines("lumi", cluster(**BUDGET), lately(), policy_of(LUMI)))
    assert any("20 % is used, 20 GPU-hours less than the rule asks for after 6 months" in w for w in line.warnings)
    much = BUDGET | {"used_tres_mins": {"gres/gpu": 2400.0}}
    assert not any("rule" in w for w in one(lines("lumi", cluster(**much), lately(), policy_of(LUMI))).warnings)


def test_allocations_that_the_place_tells_itself() -> None:
    told = Allocation("project_465000001", "gpu-hour", 120, 1000, "2026-12-01", "lumi-allocations")
    here = replace(cluster(), associations=(Association("project_465000001"),), allocations=(told,))
    line = one(lines("lumi", here, lately(), policy_of(LUMI)))
    assert (line.source, line.limit, line.used, line.left, line.share_used) == (
        "lumi-allocations",
        1000,
        120,
        880,
        0.12,
    )
    assert line.ends == date(2026, 12, 1)
    assert line.warnings[0] == "880 GPU-hours are left for 60 days"
    assert any("12 % is used" in warning for warning in line.warnings)
    bare = Allocation("p", "gpu-hour", None, None, "soon", "x")
    line = one(lines("lumi", replace(here, allocations=(bare,), associations=()), lately(), Policy()))
    assert isinstance(line.left, Unknown)
    assert (line.ends, line.warnings) == (None, ())


def test_people() -> None:
    told = lately(people=(Spent("project_a", "alice", {"gres/gpu": 60}), Spent("project_a", "bob", {"gres/gpu": 600})))
    line = one(lines("x", cluster(**BUDGET), told, Policy(), everybody=True))
    assert isinstance(line.people, tuple)
    assert [(person.name, person.used) for person in line.people] == [("bob", 10), ("alice", 1)]
    denied = lately(missing={"people": "Access denied"})
    assert one(lines("x", cluster(**BUDGET), denied, Policy(), everybody=True)).people == Unknown("Access denied")


def test_the_answer_is_read() -> None:
    text = "\n".join(
        (
            "Welcome!", "dkai-frame/1 config", "|PriorityUsageResetPeriod = MONTHLY",
            "|PriorityDecayHalfLife   = 7-00:00:00", "dkai-close/1 0", "dkai-frame/1 zone", "|1795549947 +0130",
            "dkai-close/1 0", "dkai-frame/1 spent-30", "|c|project_a|||gres/gpu|90", "|c|project_a|||mem|512",
            "|c|project_a|alice|Alice A.|gres/gpu|90", "|rubbish", "|c|project_a|||cpu|many", "dkai-close/1 0",
            "dkai-frame/1 spent-7", "!Problem with the database", "dkai-close/1 1", "dkai-frame/1 people",
            "|ClusterName=c Account=project_a UserName=alice(1001) GrpTRESMins=gres/gpu=N(30)", "dkai-close/1 0",
        )
    )  # fmt: skip
    found = slurm_allocations.parse(CommandResult(0, text, ""), everybody=True)
    assert (found.clock, found.utc_offset_s, found.reset, found.half_life_s) == (1795549947, 5400, "MONTHLY", 604800)
    assert found.days_30 == (
        Spent("project_a", "", {"gres/gpu": 90, "mem": 512}), Spent("project_a", "alice", {"gres/gpu": 90}),
    )  # fmt: skip
    assert found.missing == {"spent-7": "Problem with the database"}
    assert found.people == (Spent("project_a", "alice", {"gres/gpu": 30}),)


def shown(found: AllocationList, width: int = 80) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.theme import Theme

    from dkai.cli.output import THEME

    console = Console(file=StringIO(), width=width, theme=Theme(THEME), markup=False, highlight=False, emoji=False)
    for part in render_allocations.table(found):
        console.print(part)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("language", ["en", "da"])
def test_it_fits_the_terminal(width: int, language: str) -> None:
    use_language(language)
    found = lines("lumi", cluster(**BUDGET), lately(month=1800, week=840), policy_of(LUMI))
    text = shown(AllocationList(found), width)
    assert max(map(len, text.splitlines())) <= width
    assert "2027-01-01" in text
    assert text.splitlines()[1].startswith("lumi/project_a")


def test_csv_leaves_the_unknown_empty() -> None:
    headers, rows = render_allocations.rows(AllocationList(lines("x", cluster(**BUDGET), Lately(), Policy())))
    (row,) = [dict(zip(headers, cells, strict=True)) for cells in rows]
    assert (row["limit"], row["used"], row["left"], row["a_day_low"], row["ends"]) == ("100", "20", "70", "", "")


def test_offline_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "Link", lambda *_: pytest.fail("a site was asked"))
    save_site(LUMI)
    assert walk.list_allocations("lumi", offline=True).problems == ("lumi: nothing is known of it yet",)
    remember(LUMI, cluster(**BUDGET))
    found = walk.list_allocations(offline=True)
    assert (found.items[0].left, found.items[0].a_day) == (70, Unknown("it was not asked"))
    with pytest.raises(UserError):
        walk.list_allocations("no-such-site")
    assert walk.list_allocations("local").notes == ("local has no scheduler: nobody counts hours there",)


# --- in the lab


def test_in_the_lab(lab: Any, lab_site: Site, dkai: Any) -> None:
    done = dkai("compute", "allocations", "--site", "lab", "--all-users", "--format", "json")
    items = {item["id"]: item for item in json.loads(done.stdout)["items"]}
    a, empty = items["lab/project_a/gres/gpu"], items["lab/project_empty/gres/gpu"]
    assert a["limit"] == 10
    assert a["left"] == pytest.approx(10 - a["used"] - a["set_aside"])
    assert a["ends"].endswith("-01-01")
    assert [person["name"] for person in a["people"]] == ["alice"]
    assert empty["left"] <= 0
    assert any("nothing is left" in warning for warning in empty["warnings"])
    assert "high" in empty["a_day"]  # sreport answered
    again = dkai("compute", "allocations", "--offline", "--format", "csv")
    assert "lab,project_a,gres/gpu,GPU-hours,10," in again.stdout
    assert lab_site.id in again.stdout


@pytest.mark.lab(alone=True)
def test_in_the_lab_without_its_database(lab: Any, lab_site: Site, dkai: Any) -> None:
    lab.reset()
    with lab.fault("slurmdbd-down"):
        done = dkai("compute", "allocations", "--site", lab_site.id, "--format", "json", timeout=120)
    found = json.loads(done.stdout)
    (a,) = [item for item in found["items"] if item["account"] == "project_a"]
    assert (a["limit"], a["left"]) == (10, 10)  # the controller knows
    assert "unknown" in a["a_day"]
    assert "did not tell what was used lately" in found["notes"][0]
