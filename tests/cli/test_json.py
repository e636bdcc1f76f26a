"""What programs read: one JSON object on stdout under its schema, nothing else there, the same in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dkai.app.schemas import SCHEMAS, make_schema

CLI = Path(__file__).resolve().parents[2] / "src" / "dkai" / "cli"

# Command lines that need no job; those about jobs are checked after one has run, below.
QUIET = [
    ["doctor"],
    ["radar", "search", "transskribere interviews"],
    ["radar", "search", "zzzzqqq"],
    ["radar", "list"],
    ["radar", "list", "--runs", "eu", "--sort", "ease"],
    ["radar", "show", "whisper"],
    ["radar", "compare", "whisper", "chatgpt", "nnunet"],
    ["radar", "plot"],
    ["catalogue", "status"],
    ["catalogue", "show", "lumi", "--origin"],
    ["catalogue", "validate"],
    ["advise", "--no-questions", "--set", "task=speech"],
    ["advise", "rules"],
    ["advise", "questions"],
    ["compute", "recipes"],
    ["compute", "recipes", "gpu-check"],
    ["compute", "sites"],
    ["compute", "jobs"],
    ["compute", "quote", "gpu-check"],
]


def read(dkai: Any, words: list[str], lang: str = "en") -> dict[str, Any]:
    done = dkai(*words, "--format", "json", "--lang", lang)
    found: dict[str, Any] = json.loads(done.stdout)
    name = found["schema"].removeprefix("dkai/").removesuffix("/1")
    jsonschema.validate(found, make_schema(name), cls=jsonschema.Draft202012Validator)
    return found


def keys(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{path}.{key}"
            yield from keys(item, f"{path}.{key}")
    elif isinstance(value, list) and value:
        yield from keys(value[0], f"{path}[]")


@pytest.mark.parametrize("words", QUIET, ids=" ".join)
def test_output_follows_its_schema_in_both_languages(dkai: Any, words: list[str]) -> None:
    english, danish = read(dkai, words), read(dkai, words, "da")
    assert english["schema"] == danish["schema"]
    assert set(english) == set(danish)
    for item in english.get("items", []):
        assert "id" in item
        assert "name" in item


def test_a_job_from_plan_to_receipt(dkai: Any, tmp_path: Path) -> None:
    assert read(dkai, ["compute", "submit", "gpu-check", "--dry-run"])["schema"] == "dkai/compute-plan/1"
    job = read(dkai, ["compute", "submit", "gpu-check", "--yes", "--follow"])
    assert (job["state"], job["outcome"]) == ("ended", "completed")
    assert read(dkai, ["compute", "status"])["id"] == job["id"]
    assert read(dkai, ["compute", "jobs"])["items"][0]["id"] == job["id"]
    assert read(dkai, ["compute", "fetch", "--into", str(tmp_path / "out")])["schema"] == "dkai/compute-fetch/1"
    assert read(dkai, ["compute", "receipt"])["id"] == job["id"]


def test_every_schema_can_be_printed(dkai: Any) -> None:
    names = dkai("schema").stdout.split()
    assert names == sorted(SCHEMAS)
    for name in names:
        jsonschema.Draft202012Validator.check_schema(make_schema(name))
    assert json.loads(dkai("schema", "dkai/radar-search/1").stdout)["title"] == "dkai/radar-search/1"
    refused = dkai("schema", "radar-serch", check=1)
    assert "radar-search" in refused.stderr


def test_every_command_that_shows_has_a_schema() -> None:
    for path in CLI.glob("*.py"):
        for name in re.findall(r'\bshow\(.*?, "([a-z-]+)", output', path.read_text(encoding="utf-8")):
            assert name in SCHEMAS, f"{path.name} shows {name}, which has no schema"
