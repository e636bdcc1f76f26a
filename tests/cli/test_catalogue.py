"""`dkai catalogue` as people and programs meet it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from catalogue.samples import tool, write


def test_the_built_in_catalogue_is_valid(dkai) -> None:
    done = dkai("catalogue", "validate")
    assert "Nothing to mend." in done.stdout


def test_a_problem_says_file_field_what_and_how(dkai, tmp_path: Path) -> None:
    root = write(tmp_path, tool("mine", ring__now="adapt"))
    done = dkai("catalogue", "validate", str(root), check=1)
    assert "tools/mine.yaml:" in done.stdout
    assert " › ring.now: is “adapt”; it may be: adopt, trial, assess, hold" in done.stdout
    assert "→ did you mean “adopt”?" in done.stdout
    assert "1 thing must be mended." in done.stdout
    found = json.loads(dkai("catalogue", "validate", str(root), "--format", "json", check=1).stdout)
    assert found["schema"] == "dkai/catalogue-validate/1"
    (problem,) = found["items"]
    assert (problem["file"], problem["field"], problem["severity"]) == ("tools/mine.yaml", "ring.now", "error")
    danish = dkai("--lang", "da", "catalogue", "validate", str(root), check=1).stdout
    assert "› ring.now: er »adapt«; det kan være: adopt, trial, assess, hold" in danish
    assert "→ mente du »adopt«?" in danish


def test_a_folder_that_is_none(dkai, tmp_path: Path) -> None:
    done = dkai("catalogue", "validate", str(tmp_path / "none"), check=1)
    assert "[no-such-folder · exit 1]" in done.stderr


@pytest.mark.parametrize("lang", ["en", "da"])
def test_status(dkai, lang: str) -> None:
    done = dkai("--lang", lang, "catalogue", "status", env={**os.environ, "COLUMNS": "80"})
    assert "dkai" in done.stdout
    assert done.stderr == ""
    found = json.loads(dkai("catalogue", "status", "--format", "json").stdout)
    assert found["schema"] == "dkai/catalogue-status/1"
    assert found["counts"]["tool"] >= 12
    assert found["layers"][0]["id"] == "dkai"
    assert found["unknowns"] > 0


def test_show(dkai) -> None:
    page = dkai("catalogue", "show", "lumi").stdout
    assert "LUMI" in page
    assert "provider:lumi" in page
    found = json.loads(dkai("catalogue", "show", "lumi", "--format", "json").stdout)
    assert (found["schema"], found["kind"], found["id"]) == ("dkai/catalogue-show/1", "provider", "lumi")
    assert found["entry"]["summary"]["da"]
    done = dkai("catalogue", "show", "lumy", check=1)
    assert "did you mean “lumi”" in done.stderr


def test_a_layer_is_added_shows_its_origin_and_is_removed(dkai, tmp_path: Path) -> None:
    layer = write(tmp_path / "au", tool("au-tool"))
    (layer / "tools/whisper.yaml").write_text("schema: dkai/tool/1\nid: whisper\nring: {now: hold}\n", encoding="utf-8")
    done = dkai("catalogue", "add", str(layer))
    assert done.stdout == ""
    assert "added as “au”: 2 entries" in done.stderr
    lines = dkai("catalogue", "show", "tool:whisper", "--origin").stdout.splitlines()
    assert any(line.split()[:3] == ["now", "au", "hold"] for line in lines)
    assert any(line.split()[:2] == ["commercial_use", "dkai"] for line in lines)
    found = json.loads(dkai("catalogue", "show", "tool:whisper", "--format", "json").stdout)
    assert found["origin"] == {"ring.now": "au"}
    assert found["layers"] == ["dkai", "au"]
    layers = json.loads(dkai("catalogue", "status", "--format", "json").stdout)["layers"]
    assert [(one["id"], one["entries"]) for one in layers if one["id"] == "au"] == [("au", 2)]
    dkai("catalogue", "remove", "au")
    assert "hold" not in dkai("radar", "search", "au-tool").stdout
    done = dkai("catalogue", "remove", "au", check=1)
    assert "[unknown-layer · exit 1]" in done.stderr


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda root: write(root, tool("x", ring__now="y")), "bad-layer"),
        (lambda root: root.mkdir() or root, "empty-layer"),
        (lambda root: "https://a.test/catalogue.git", "layer-not-a-folder"),
        (lambda root: "git@a.test:catalogue", "layer-not-a-folder"),
        (lambda root: root / "none", "no-such-folder"),
    ],
)
def test_what_cannot_be_added(dkai, tmp_path: Path, made, code: str, own_home: Path) -> None:
    done = dkai("catalogue", "add", str(made(tmp_path / "layer")), check=1)
    assert f"[{code} · exit 1]" in done.stderr
    assert not (own_home / "config").exists()


def test_a_layer_needs_a_name_of_its_own(dkai, tmp_path: Path) -> None:
    layer = write(tmp_path / "dkai", tool("x"))
    done = dkai("catalogue", "add", str(layer), check=1)
    assert "[bad-layer-name · exit 1]" in done.stderr
    dkai("catalogue", "add", str(layer), "--name", "ours")
