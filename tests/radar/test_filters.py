"""What a wish leaves out, and whether that is known or only not known."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from catalogue.samples import SENT_AWAY, both, tool
from dkai.catalogue.catalogue import Entry
from dkai.core.levels import Level
from dkai.radar.filters import judge
from dkai.radar.licences import is_open
from dkai.radar.wishes import Filters


def against(wishes: Filters, **changes: Any) -> list[tuple[str, bool]]:
    return [(o.filter, o.known) for o in judge(Entry("tool", "x", tool("x", **changes)), wishes).objections]


FITS: list[tuple[str, bool]] = []
NEEDS_GPU = {"prerequisites__gpu": "required"}
TWO_SIZES = {**NEEDS_GPU, "prerequisites__gpu_memory_gb": [{"size": "a", "gb": 2}, {"size": "b", "gb": 10}]}
HOSTED = {"data_protection__where": "hosted"}


def test_no_wish_leaves_nothing_out() -> None:
    assert against(Filters()) == FITS
    assert Filters().asked() == []


@pytest.mark.parametrize(
    ("wishes", "changes", "expected"),
    [
        (Filters(task="transcription"), {"tasks": ["ocr", "transcription"]}, FITS),
        (Filters(task="transcription"), {"tasks": ["ocr"]}, [("task", True)]),
        (Filters(discipline="history"), {"disciplines": ["history"]}, FITS),
        (Filters(discipline="history"), {"disciplines": ["all"]}, FITS),
        (Filters(discipline="history"), {"disciplines": ["health"]}, [("discipline", True)]),
        # data that the institution answers for never goes to a provider
        (Filters(data=Level.SENSITIVE), {"data_protection__where": "local"}, FITS),
        (Filters(data=Level.CONFIDENTIAL), {"data_protection__where": "hosted"}, [("data", True)]),
        (Filters(data=Level.SENSITIVE), {"data_protection__where": "hosted"}, [("data", True)]),
        (Filters(data=Level.SENSITIVE), {"data_protection__where": "both"}, FITS),
        (Filters(data=Level.CONFIDENTIAL), {"data_protection__where": "unknown"}, [("data", False)]),
        (Filters(data=Level.INTERNAL), {"data_protection__where": "hosted"}, FITS),
        (Filters(data=Level.PUBLIC), {"data_protection__where": "hosted"}, FITS),
        # where it runs
        (Filters(runs="laptop"), {}, FITS),
        (Filters(runs="laptop"), {"prerequisites__gpu": "recommended"}, FITS),
        (Filters(runs="laptop"), {"prerequisites__gpu": "required"}, [("runs", True)]),
        (Filters(runs="laptop"), {"prerequisites__gpu": "unknown"}, [("runs", False)]),
        (Filters(runs="laptop"), {"data_protection__where": "self-hosted"}, [("runs", True)]),
        (Filters(runs="laptop"), {"data_protection__where": "hosted"}, [("runs", True)]),
        (Filters(runs="server"), {"data_protection__where": "self-hosted"}, FITS),
        (Filters(runs="server"), {"prerequisites__gpu": "required"}, FITS),
        (Filters(runs="server"), {"data_protection__where": "hosted"}, [("runs", True)]),
        (Filters(runs="eu"), {"data_protection__where": "local"}, FITS),
        (Filters(runs="eu"), {"data_protection__where": "hosted"}, [("runs", False)]),
        (Filters(runs="eu"), {**HOSTED, "data_protection__region": "eu"}, FITS),
        (Filters(runs="eu"), {**HOSTED, "data_protection__region": "varies"}, [("runs", True)]),
        (Filters(runs="eu"), {"data_protection__where": "unknown"}, [("runs", False)]),
        # the smallest size decides
        (Filters(gpu_memory_gb=6), TWO_SIZES, FITS),
        (Filters(gpu_memory_gb=1.5), TWO_SIZES, [("gpu-memory", True)]),
        (Filters(gpu_memory_gb=6), {"prerequisites__gpu": "required"}, [("gpu-memory", False)]),
        (Filters(gpu_memory_gb=6), {"prerequisites__gpu": "required", "prerequisites__gpu_memory_gb": "unknown"},
         [("gpu-memory", False)]),
        (Filters(gpu_memory_gb=6), {"prerequisites__gpu": "recommended"}, FITS),
        (Filters(gpu_memory_gb=1), {"prerequisites__gpu": "optional",
                                    "prerequisites__gpu_memory_gb": [{"size": "a", "gb": 8}]}, FITS),
        (Filters(gpu_memory_gb=0), {"prerequisites__gpu": "none"}, FITS),
        (Filters(commercial=True), {"commercial_use": "allowed"}, FITS),
        (Filters(commercial=True), {"commercial_use": "restricted"}, [("commercial", True)]),
        (Filters(commercial=True), {"commercial_use": "unknown"}, [("commercial", False)]),
        (Filters(cost="free"), {"cost__model": "free"}, FITS),
        (Filters(cost="free"), {"cost__model": "freemium"}, [("cost", True)]),
        (Filters(cost="free"), {"cost__model": "institutional"}, [("cost", True)]),
        (Filters(cost="freemium"), {"cost__model": "institutional"}, FITS),
        (Filters(cost="freemium"), {"cost__model": "paid"}, [("cost", True)]),
        (Filters(cost="paid"), {"cost__model": "paid"}, FITS),
        (Filters(cost="paid"), {"cost__model": "unknown"}, [("cost", False)]),
        (Filters(danish=True), {"danish__support": True}, FITS),
        (Filters(danish=True), {"danish__support": "partly"}, FITS),
        (Filters(danish=True), {"danish__support": "not-applicable"}, FITS),
        (Filters(danish=True), {"danish__support": False}, [("danish", True)]),
        (Filters(danish=True), {"danish__support": "unknown"}, [("danish", False)]),
        # a service that the universities run: their own, and not a laptop
        (Filters(data=Level.SENSITIVE), {"data_protection__where": "institution"}, FITS),
        (Filters(runs="server"), {"data_protection__where": "institution"}, FITS),
        (Filters(runs="laptop"), {"data_protection__where": "institution"}, [("runs", True)]),
        (Filters(runs="eu"), {"data_protection__where": "institution", "data_protection__region": "dk"}, FITS),
        (Filters(accelerator="rocm"), {"data_protection__where": "institution"}, FITS),
        (Filters(phase="analysis"), {"phases": ["analysis", "writing"]}, FITS),
        (Filters(phase="writing"), {"phases": ["analysis"]}, [("phase", True)]),
        (Filters(accelerator="apple"), {"prerequisites__accelerators": ["cuda", "mps"]}, FITS),
        (Filters(accelerator="rocm"), {"prerequisites__accelerators": ["cuda", "cpu"]}, [("accelerator", True)]),
        (Filters(accelerator="cuda"), {"prerequisites__gpu": "required"}, [("accelerator", False)]),
        (Filters(accelerator="cuda"), {"prerequisites__gpu": "none"}, [("accelerator", True)]),
        (Filters(accelerator="cpu"), {"prerequisites__gpu": "none"}, FITS),
        (Filters(accelerator="rocm"), {"data_protection__where": "hosted"}, FITS),  # not the person's hardware
        (Filters(licence="open"), {"licence__code": "Apache-2.0"}, FITS),
        (Filters(licence="open"), {"licence__code": "MIT", "licence__weights": "CC-BY-NC-4.0"}, [("licence", True)]),
        (Filters(licence="open"), {"licence__code": "MIT", "licence__weights": "unknown"}, [("licence", False)]),
        (Filters(licence="open"), {"licence__code": "proprietary"}, [("licence", True)]),
        (Filters(licence="open"), {"licence__code": both("MIT, men med vilkår", "MIT, with conditions")},
         [("licence", False)]),
        (Filters(licence="gpl"), {"licence__code": "GPL-3.0-or-later"}, FITS),
        (Filters(licence="GPL-3.0"), {"licence__code": "GPL-3.0-or-later"}, FITS),
        (Filters(licence="gpl"), {"licence__code": "LGPL-3.0"}, [("licence", True)]),
        (Filters(licence="mit"), {"licence__code": "unknown"}, [("licence", False)]),
        (Filters(licence="apache"), {"licence__code": "proprietary", "licence__weights": "Apache-2.0"}, FITS),
        (Filters(reviewed_since=date(2026, 11, 1)), {}, FITS),
        (Filters(reviewed_since=date(2026, 11, 2)), {}, [("reviewed-since", True)]),
        (Filters(rings=("adopt", "trial")), {"ring__now": "trial"}, FITS),
        (Filters(rings=("adopt",)), {"ring__now": "trial"}, [("ring", True)]),
    ],
)  # fmt: skip
def test_each_wish(wishes: Filters, changes: dict[str, Any], expected: list[tuple[str, bool]]) -> None:
    assert against(wishes, **changes) == expected


def test_every_unmet_wish_is_told() -> None:
    wishes = Filters(data=Level.SENSITIVE, runs="laptop", danish=True, commercial=True)
    changes = {"data_protection__where": "hosted", "danish__support": "unknown"}
    assert against(wishes, **changes) == [("data", True), ("runs", True), ("danish", False)]
    assert wishes.asked() == ["data", "runs", "commercial", "danish"]


EDITION = {
    "name": both("Universitetets aftale", "The university's contract"), "where": "hosted", "region": "eu",
    "processor": "Somebody Ltd (IE)", "law": ["IE"], "trains_on_input": "never", "agreement": "institution",
    "certificates": "unknown", "leaving": "unknown", "sources": ["S1"], "checked": "2026-11-01",
}  # fmt: skip


def edition_that_fits(wishes: Filters, *editions: dict[str, Any]) -> str | None:
    made = Entry("tool", "x", tool("x", **SENT_AWAY, data_protection__editions=list(editions)))
    way = judge(made, wishes)
    assert bool(way.objections) == (way.edition is None)
    return None if way.edition is None else str(way.edition)


def test_an_edition_may_meet_what_the_tool_as_it_comes_does_not() -> None:
    own = {**EDITION, "name": "Self-hosted", "where": "self-hosted"}
    assert edition_that_fits(Filters(runs="eu")) is None
    assert edition_that_fits(Filters(runs="eu"), EDITION) == "The university's contract"
    assert edition_that_fits(Filters(data=Level.SENSITIVE), EDITION) is None
    assert edition_that_fits(Filters(data=Level.SENSITIVE), EDITION, own) == "Self-hosted"


def test_one_edition_must_meet_both_wishes() -> None:
    """Not one that is in the EU and another that keeps the data at home."""
    own = {**EDITION, "name": "Self-hosted", "where": "self-hosted"}
    assert edition_that_fits(Filters(runs="laptop", data=Level.SENSITIVE), EDITION, own) is None
    assert edition_that_fits(Filters(runs="server", data=Level.SENSITIVE), EDITION, own) == "Self-hosted"


@pytest.mark.parametrize(
    ("term", "is_it"),
    [
        ("MIT", True), ("Apache-2.0 OR LicenseRef-Other", True), ("BSD-3-Clause AND BSD-3-Clause-LBNL", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", True), ("CC-BY-SA-4.0", True), ("CC-BY-NC-SA-4.0", False),
        ("MIT AND CC-BY-NC-4.0", False), ("proprietary", False), ("not-released", False), ("unknown", None),
        ("follows-the-model", None), ("MIT (older copy)", None), ("open for most tasks", None), ("", None),
    ],
)  # fmt: skip
def test_what_is_an_open_licence(term: str, is_it: bool | None) -> None:
    assert is_open(term) is is_it
