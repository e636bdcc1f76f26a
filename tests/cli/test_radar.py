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
SEVEN = ("whisper", "noscribe", "atrain", "hviske", "whisperx", "transkribus", "kraken")


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
        ("show", "chatgpt", "--data", "confidential"),
        ("compare", "whisper", "noscribe"),
        ("compare", "whisper", "noscribe", "atrain", "hviske", "whisperx", "transkribus"),
        ("plot",),
        ("plot", "--phase", "writing", "--since", "2026-01-01"),
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
        (("search", "x", "--phase", "sleep"), 2, "bad-value"),
        (("search", "x", "--accelerator", "abacus"), 2, "bad-value"),
        (("search", "x", "--sort", "colour"), 2, "bad-value"),
        (("search", "x", "--reviewed-since", "yesterday"), 2, "bad-date"),
        (("show", "whisper", "--data", "secret"), 2, "bad-value"),
        (("compare", "whisper"), 2, "cannot-compare"),
        (("compare", "whisper", "wisper"), 1, "unknown-entry"),
        (("compare", "a"), 1, "unknown-entry"),
        (("compare", *SEVEN), 2, "cannot-compare"),
        (("plot", "--since", "2026-13-01"), 2, "bad-date"),
        (("plot", "--ring", "hold", "--licence", "no-such-licence"), 1, "empty-plot"),
        (("plot", "--output", "."), 1, "not-a-file"),
        (("plot", "--output", "/dev/full"), 1, "not-a-file"),
        (("plot", "--output", "/proc/radar.svg"), 1, "cannot-write"),
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


def test_a_limit_may_be_as_large_as_one_likes(dkai) -> None:
    whole = dkai("radar", "search", "interview", "--limit", "0").stdout
    assert dkai("radar", "search", "interview", "--limit", "9" * 30).stdout == whole


def test_a_discipline_that_only_general_tools_serve(dkai) -> None:
    found = json.loads(dkai("radar", "list", "--discipline", "teologi", "--format", "json").stdout)
    assert found["filters"]["discipline"] == "theology"
    assert found["items"]


def test_one_level_of_the_data_part(dkai) -> None:
    whole = dkai("radar", "show", "chatgpt").stdout
    part = dkai("radar", "show", "chatgpt", "--data", "internal").stdout
    assert "sensitive: " in whole
    assert "sensitive: " not in part
    assert "internal: " in part
    assert "data processing agreement" in " ".join(part.split())


def test_side_by_side(dkai) -> None:
    done = dkai("radar", "compare", "whisper", "chatgpt")
    first, *_ = done.stdout.splitlines()
    assert first.startswith("They differ in ")
    assert done.stdout.index("They differ") < done.stdout.index("The same in")
    found = json.loads(dkai("radar", "compare", "whisper", "chatgpt", "--format", "json").stdout)
    assert found["schema"] == "dkai/radar-compare/1"
    assert [tool["id"] for tool in found["tools"]] == ["whisper", "chatgpt"]
    assert all(item["id"] and item["name"] and len(item["values"]) == 2 for item in found["items"])
    rows = list(csv.DictReader(io.StringIO(dkai("radar", "compare", "whisper", "chatgpt", "--format", "csv").stdout)))
    assert {row["criterion"] for row in rows} == {item["id"] for item in found["items"]}


def test_the_picture_is_written_whole_and_over_nothing_else(dkai, tmp_path: Path) -> None:
    target = tmp_path / "my radar æøå.svg"
    done = dkai("radar", "plot", "-o", str(target))
    assert done.stdout == ""
    assert "tools drawn" in done.stderr
    svg = target.read_text(encoding="utf-8")
    assert svg.startswith("<svg ") and svg.rstrip().endswith("</svg>")
    dkai("radar", "plot", "-o", str(target), "--ring", "adopt")  # its own picture may be drawn again
    assert len(target.read_text(encoding="utf-8")) < len(svg)
    thesis = tmp_path / "thesis.svg"
    thesis.write_text("<svg>mine</svg>", encoding="utf-8")
    refused = dkai("radar", "plot", "-o", str(thesis), check=1)
    assert "[file-exists · exit 1]" in refused.stderr
    assert thesis.read_text(encoding="utf-8") == "<svg>mine</svg>"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_the_picture_as_numbers(dkai) -> None:
    found = json.loads(dkai("radar", "plot", "--ring", "adopt", "--format", "json").stdout)
    assert found["schema"] == "dkai/radar-plot/1"
    assert [item["number"] for item in found["items"]] == list(range(1, len(found["items"]) + 1))
    assert {item["ring"] for item in found["items"]} == {"adopt"}


@pytest.mark.parametrize("command", ["search", "list", "plot"])
def test_all_lists_take_the_same_filters(dkai, command: str) -> None:
    def options(name: str) -> set[str]:
        return {word for word in dkai("radar", name, "--help").stdout.split() if word.startswith("--")}

    filters = {
        "--task", "--phase", "--discipline", "--data", "--runs", "--gpu-memory", "--accelerator", "--licence",
        "--commercial", "--cost", "--danish", "--ring", "--reviewed-since",
    }  # fmt: skip
    assert filters <= options(command)


def test_the_edition_that_fits_is_named(dkai) -> None:
    found = json.loads(dkai("radar", "list", "--runs", "eu", "--format", "json").stdout)
    editions = {item["id"]: item["edition"] for item in found["items"] if item["edition"]}
    assert editions
    first = next(iter(editions))
    row = next(item for item in found["items"] if item["id"] == first)
    assert row["region"] in ("dk", "eu") or row["where"] != "hosted"


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
