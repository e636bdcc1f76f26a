"""`dkai radar` as people and programs meet it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalogue.samples import tool, write

WIDTHS = ["80", "120"]


@pytest.mark.parametrize("lang", ["en", "da"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "words",
    [
        ("search", "transskribere", "interviews"),
        ("search", "interview", "--data", "confidential", "--danish", "--why-not"),
        ("search", "nothing-like-it-zzz"),
        ("search", "interview", "--ring", "hold", "--commercial", "--danish"),
        ("list", "--ring", "adopt"),
        ("show", "whisper"),
    ],
    ids=" ".join,
)
def test_pages_fit_the_terminal_and_have_no_colour(dkai, words: tuple[str, ...], width: str, lang: str) -> None:
    done = dkai("--lang", lang, "radar", *words, env={**os.environ, "COLUMNS": width})
    assert done.stdout.strip()
    assert "\x1b" not in done.stdout
    too_long = [line for line in done.stdout.splitlines() if len(line) > int(width) and "http" not in line]
    assert not too_long
    assert done.stderr == ""


def test_the_answer_and_the_reason(dkai) -> None:
    done = dkai("radar", "search", "transskribere interviews", env={**os.environ, "COLUMNS": "120"})
    header, first, *_ = done.stdout.splitlines()
    assert header.split()[:2] == ["ring", "tool"]
    assert "why it matched" in header
    assert "adopt" in first
    assert "transskribere · interview" in done.stdout
    assert "more of one: dkai radar show" in done.stdout


def test_the_query_needs_no_quotes(dkai) -> None:
    one = dkai("radar", "search", "transskribere interviews", "--format", "json").stdout
    two = dkai("radar", "search", "transskribere", "interviews", "--format", "json").stdout
    assert one == two


def test_json_is_one_object_with_ids_and_names(dkai) -> None:
    done = dkai("radar", "search", "interview", "--data", "fortrolig", "--format", "json")
    found = json.loads(done.stdout)
    assert found["schema"] == "dkai/radar-search/1"
    assert all(item["id"] and item["name"] for item in found["items"])
    assert found["filters"]["data"] == "confidential"
    assert found["found"] == found["fitting"] + len(found["left_out"])
    assert done.stderr == ""


def test_json_is_the_same_in_both_languages_but_for_the_texts(dkai) -> None:
    def bare(lang: str) -> list[tuple[str, str, float]]:
        done = dkai("--lang", lang, "radar", "list", "--format", "json")
        return [(item["id"], item["ring"], item["score"]) for item in json.loads(done.stdout)["items"]]

    assert sorted(bare("en")) == sorted(bare("da"))


def test_csv_and_markdown(dkai) -> None:
    rows = list(csv.DictReader(io.StringIO(dkai("radar", "list", "--format", "csv").stdout)))
    assert {"id", "name", "ring", "gpu", "where"} <= set(rows[0])
    assert any(row["id"] == "whisper" and row["gpu_memory_gb_to"] == "10.0" for row in rows)
    lines = dkai("radar", "search", "wisper", "--format", "md").stdout.splitlines()
    assert lines[0].startswith("| id | name | ring |")
    assert set(lines[1]) <= set("| -")
    assert "| whisper |" in lines[2]


def test_nothing_found_is_an_answer_and_says_what_next(dkai) -> None:
    done = dkai("radar", "search", "qqqqqqq")
    assert "No tool matches “qqqqqqq”." in done.stdout
    assert "dkai radar list" in done.stdout


def test_nothing_left_shows_the_nearest_and_why_not(dkai) -> None:
    done = dkai("radar", "search", "interview", "--danish", "--commercial", "--ring", "hold")
    assert "The nearest:" in done.stdout
    assert "(--ring)" in done.stdout


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("search",), 2, "missing-argument"),
        (("search", "x", "--runs", "moon"), 2, "bad-value"),
        (("search", "x", "--limit", "-1"), 2, "bad-value"),
        (("search", "x", "--gpu-memory", "much"), 2, "bad-value"),
        (("search", "x", "--data", "secret"), 1, "unknown-data-level"),
        (("list", "--task", "dancing"), 1, "unknown-task"),
        (("show", "wisper"), 1, "unknown-entry"),
        (("show", "lumi"), 1, "unknown-entry"),
        (("frobnicate",), 2, "no-such-command"),
    ],
)
def test_mistakes(dkai, words: tuple[str, ...], code: int, says: str) -> None:
    done = dkai("radar", *words, check=code)
    assert f"[{says} · exit {code}]" in done.stderr
    assert "hint:" in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "query", ['"', "AND OR", "a*", "😀", "'; DROP TABLE entry", "\x1b[31mred", "x" * 10_000, "-- -x"]
)
def test_hostile_queries(dkai, query: str) -> None:
    done = dkai("radar", "search", "--", query)
    assert "\x1b" not in done.stdout
    assert "Traceback" not in done.stderr


def test_a_tool_page_tells_gaps_and_sources(dkai) -> None:
    page = dkai("radar", "show", "whisper").stdout
    for heading in ("Does it work?", "Is it easy?", "Your data", "You need", "Know that", "Not known", "Sources"):
        assert heading in page
    assert "licence.training_data:" in page
    card = json.loads(dkai("radar", "show", "openai-whisper", "--format", "json").stdout)
    assert card["schema"] == "dkai/radar-show/1"
    assert card["entry"]["schema"] == "dkai/tool/1"
    assert set(card["entry"]["summary"]) == {"da", "en"}


def test_a_broken_layer_is_said_once_and_stops_nothing(dkai, own_home: Path) -> None:
    layer = write(own_home / "config" / "catalogue", tool("mine", search_words={"da": ["interview"], "en": []}))
    (layer / "tools/broken.yaml").write_text("a: [", encoding="utf-8")
    done = dkai("radar", "search", "interview", "--limit", "0")
    assert "Mine" in done.stdout
    assert done.stderr.strip() == "! 1 thing in the catalogue could not be used: dkai catalogue status"
    assert dkai("radar", "search", "interview", "--format", "json").stderr == ""
    status = dkai("catalogue", "status").stdout
    assert "is not YAML: did not find expected node content" in status


def test_searching_loads_no_model_library(own_home: Path) -> None:
    code = (
        "import sys\nfrom dkai.cli.entry import run\ncode = run(['radar', 'search', 'interview', '--danish'])\n"
        "heavy = {'pydantic', 'yaml', 'paramiko', 'httpx', 'hashlib'} & set(sys.modules)\n"
        "sys.stderr.write(' '.join(sorted(heavy)))\nraise SystemExit(code)"
    )
    for _ in range(2):  # the first one may have to compile the catalogue of a source tree
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
