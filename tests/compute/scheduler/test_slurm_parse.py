"""Slurm's ways of writing values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dkai.compute.cluster import UNLIMITED, Gres
from dkai.compute.scheduler import slurm_parse as p


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2-00:00:00", 172_800), ("1-12", 129_600), ("1-12:30", 131_400), ("00:30:00", 1800), ("30:00", 1800),
        ("0:20", 20), ("00:00.088", 0.088), ("01:02.5", 62.5), ("3-01:02:03.004", 262_923.004), ("60", 3600),
        ("UNLIMITED", UNLIMITED), ("INFINITE", UNLIMITED), ("NONE", None), ("N/A", None), ("", None),
        ("Partition_Limit", None), ("garbage", None),
    ],
)  # fmt: skip
def test_durations(text: str, expected: float | None) -> None:
    assert p.seconds(text) == expected


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("16000M", "M", 16_000), ("1.5T", "M", 1_572_864), ("64G", "M", 65_536), ("3372K", "K", 3.29296875),
        ("1048576", "K", 1024), ("0", "M", 0), ("4000Mc", "M", 4000), ("UNLIMITED", "M", UNLIMITED), ("", "M", None),
        ("?", "M", None),
    ],
)  # fmt: skip
def test_memory(text: str, unit: str, expected: float | None) -> None:
    assert p.mebibytes(text, unit) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CPU=1.0,Mem=0.25G,GRES/gpu=16", {"cpu": 1.0, "mem": 0.25, "gres/gpu": 16.0}),
        ("Mem=0.25", {"mem": 256.0}),  # per MiB
        ("Mem=0.25M", {"mem": 256.0}),
        ("Mem=512T", {"mem": 0.5}),
        ("GRES/gpu:a100=.5,License/matlab=3", {"gres/gpu:a100": 0.5, "license/matlab": 3.0}),
        ("", {}),
        ("(null)", {}),
        ("CPU=x,Node=1", {"node": 1.0}),
    ],
)
def test_billing_weights(text: str, expected: dict[str, float]) -> None:
    assert p.weights(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(null)", []),
        ("", []),
        ("gpu:4", [("gpu", None, 4)]),
        ("gpu", [("gpu", None, 1)]),
        ("gpu:h100", [("gpu", "h100", 1)]),
        ("gpu:h100:4", [("gpu", "h100", 4)]),
        ("gpu:h100:4(S:0-1)", [("gpu", "h100", 4)]),
        ("gpu:h100:4(S:0,1),gpu:a100:2(IDX:0-1,3)", [("gpu", "h100", 4), ("gpu", "a100", 2)]),
        (
            "gpu:nvidia_h100_80gb_hbm3_1g.10gb:7,shard:28",
            [("gpu", "nvidia_h100_80gb_hbm3_1g.10gb", 7), ("shard", None, 28)],
        ),
        ("nvme:no_consume:1K", [("nvme", "no_consume", 1024)]),
        ("gpu:mi250x:8", [("gpu", "mi250x", 8)]),
    ],
)
def test_gres(text: str, expected: list[tuple[str, str | None, int]]) -> None:
    found = p.gres(text)
    assert [(g.name, g.type, g.count) for g in found] == expected
    assert all(isinstance(g, Gres) and g.raw in text for g in found)


def test_limits_and_what_is_used_of_them() -> None:
    limits, used = p.limit_and_use("cpu=N(486),mem=N(1366),gres/gpu=600(12),gres/gpu:h100=N(0)")
    assert limits == {"gres/gpu": 600}
    assert used == {"cpu": 486, "mem": 1366, "gres/gpu": 12, "gres/gpu:h100": 0}
    assert p.limit_and_use("") == ({}, {})


def test_tres_has_memory_in_mebibytes() -> None:
    assert p.tres("cpu=64,mem=250G,gres/gpu:a100=8") == {"cpu": 64, "mem": 256_000, "gres/gpu:a100": 8}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1795472478", 1795472478.0),
        ("Unknown", None),
        ("None", None),
        ("N/A", None),
        ("0", None),
        ("2026-11-23T16:29:44", None),
    ],
)
def test_moments(text: str, expected: float | None) -> None:
    # A time without a zone is not a time: our questions ask for Unix seconds.
    assert p.moment(text) == expected


def test_whole_numbers_of_nodes_that_differ() -> None:
    assert [p.whole(w) for w in ("64", "64+", "2K", "", "UNLIMITED")] == [64, 64, 2048, None, None]


def test_names_and_all() -> None:
    assert p.names("ALL") is None
    assert p.names("a,b") == ("a", "b")


@given(st.text(max_size=60))
def test_nothing_that_slurm_could_print_breaks_a_reader(text: str) -> None:
    for read in (p.number, p.mebibytes, p.seconds, p.moment):
        value = read(text)
        assert value is None or not math.isnan(value)
    for read_more in (p.pairs, p.tres, p.limit_and_use, p.weights, p.gres, p.names, p.fields, p.whole):
        read_more(text)
    p.settings([text])
    p.rows([text, text])
