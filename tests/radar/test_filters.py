"""What a wish leaves out, and whether that is known or only not known."""

from __future__ import annotations

from typing import Any

import pytest

from catalogue.samples import tool
from dkai.catalogue.catalogue import Entry
from dkai.core.levels import Level
from dkai.radar.filters import Filters, objections


def against(wishes: Filters, **changes: Any) -> list[tuple[str, bool]]:
    return [(o.filter, o.known) for o in objections(Entry("tool", "x", tool("x", **changes)), wishes)]


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
