"""r-regression: R's numbers against numpy's and scipy's, its JSON against Python's, and plain endings."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from recipe_runs import HIDDEN, RECIPES, Ended, lay_out
from scipy import stats

RSCRIPT = shutil.which("Rscript")
pytestmark = pytest.mark.skipif(
    RSCRIPT is None, reason="SKIPPED: no R here (Debian's r-base-core; tests/lab/lab install)"
)
RECIPE = RECIPES / "r-regression"
PENGUINS = {"penguins.csv": (RECIPE / "sample" / "penguins.csv").read_bytes()}
SAMPLE = {"outcome": "body_mass_g", "predictors": "species;sex;flipper_length_mm;bill_length_mm"}
QUICK = {"bootstrap": 100, "folds": 3, "repeats": 1}

Run = Callable[..., Ended]


@pytest.fixture
def run_r(tmp_path: Path) -> Run:
    """`run_r({"outcome": "y"}, {"data.csv": b"…"}, DKAI_LANG="da")`."""

    def run(params: Any = None, files: dict[str, bytes] | None = None, **more: str) -> Ended:
        folder = tmp_path / f"job-{len(list(tmp_path.glob('job-*')))}"
        lay_out("r-regression", folder)
        if params is not None:
            text = params if isinstance(params, str) else json.dumps(params)
            (folder / "params.json").write_text(text, encoding="utf-8")
        for name, content in (files or {}).items():
            (folder / "input" / name).write_bytes(content)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(HIDDEN)}
        done = subprocess.run(
            ["Rscript", "--vanilla", "script/main.R"], cwd=folder, capture_output=True, encoding="utf-8", check=False,
            env={**environment, "DKAI_LANG": "en", "LC_ALL": "C", "SLURM_CPUS_PER_TASK": "2", **more}, timeout=120,
        )  # fmt: skip
        return Ended(folder, done.returncode, done.stdout, done.stderr.strip())

    return run


def made(n: int = 200, seed: int = 3) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Two predictors and three outcomes that follow from them: an amount, yes/no, and a count."""
    rng = np.random.default_rng(seed)
    x, z = np.round(rng.normal(size=n), 3), np.round(rng.normal(size=n), 3)
    line = 0.5 + 0.8 * x - 0.4 * z
    return x, z, {
        "amount": np.round(line + rng.normal(size=n), 3),
        "event": (rng.random(n) < 1 / (1 + np.exp(-line))).astype(int),
        "count": rng.poisson(np.exp(0.3 + 0.5 * x)),
    }  # fmt: skip


def table(columns: dict[str, Any], delimiter: str = ",", mark: str = ".") -> dict[str, bytes]:
    rows = zip(*columns.values(), strict=True)
    text = (
        delimiter.join(columns)
        + "\n"
        + "".join(delimiter.join(str(c).replace(".", mark) for c in row) + "\n" for row in rows)
    )
    return {"data.csv": text.encode()}


def coefficients(ended: Ended) -> dict[str, dict[str, Any]]:
    return {one["term"]: one for one in ended.json("results.json")["coefficients"]}


def newton(design: np.ndarray, y: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Maximum likelihood by Newton's method: coefficients, standard errors, fitted values."""
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        mean = 1 / (1 + np.exp(-design @ beta)) if kind == "logistic" else np.exp(design @ beta)
        weight = mean * (1 - mean) if kind == "logistic" else mean
        beta = beta + np.linalg.solve(design.T @ (weight[:, None] * design), design.T @ (y - mean))
    return beta, np.sqrt(np.diag(np.linalg.inv(design.T @ (weight[:, None] * design)))), mean


@pytest.fixture(scope="module")
def penguins(tmp_path_factory):  # type: ignore[no-untyped-def]
    """The sample run: made once, looked at by many tests."""
    if RSCRIPT is None:
        pytest.skip("SKIPPED: no R here")
    folder = tmp_path_factory.mktemp("penguins")
    lay_out("r-regression", folder)
    (folder / "input" / "penguins.csv").write_bytes(PENGUINS["penguins.csv"])
    (folder / "params.json").write_text(json.dumps(SAMPLE))
    done = subprocess.run(
        ["Rscript", "--vanilla", "script/main.R"], cwd=folder, capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "DKAI_LANG": "en", "LC_ALL": "C"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Ended(folder, done.returncode, done.stdout, done.stderr)


class TestPenguins:
    """The sample that ships, with the sample run's own parameters."""

    @pytest.fixture
    def reference(self):  # type: ignore[no-untyped-def]
        """Least squares by numpy on the same rows and columns."""
        rows = list(csv.DictReader(io.StringIO(PENGUINS["penguins.csv"].decode())))
        used = ("species", "sex", "flipper_length_mm", "bill_length_mm", "body_mass_g")
        rows = [row for row in rows if not any(row[name] in ("NA", "") for name in used)]
        design = np.array([
            [1, row["species"] == "Gentoo", row["species"] == "Chinstrap", row["sex"] == "female",
             float(row["flipper_length_mm"]), float(row["bill_length_mm"])] for row in rows
        ], float)  # fmt: skip
        y = np.array([float(row["body_mass_g"]) for row in rows])
        beta = np.linalg.lstsq(design, y, rcond=None)[0]
        rest = y - design @ beta
        free = len(y) - design.shape[1]
        error = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * (rest @ rest) / free)
        return beta, error, free, 1 - rest @ rest / ((y - y.mean()) ** 2).sum()

    def test_estimates_and_intervals_are_numpys(self, penguins, reference):  # type: ignore[no-untyped-def]
        beta, error, free, explained = reference
        found = penguins.json("results.json")
        terms = [
            "(intercept)",
            "species = Gentoo",
            "species = Chinstrap",
            "sex = female",
            "flipper_length_mm",
            "bill_length_mm",
        ]
        assert [one["term"] for one in found["coefficients"]] == terms
        for one, b, e in zip(found["coefficients"], beta, error, strict=True):
            assert one["estimate"] == pytest.approx(b, rel=1e-6)
            assert one["standard_error"] == pytest.approx(e, rel=1e-6)
            wide = stats.t.ppf(0.975, free) * e
            assert one["interval"] == pytest.approx([b - wide, b + wide], rel=1e-6)
            assert one["p"] == pytest.approx(2 * stats.t.sf(abs(b / e), free), rel=1e-5)
        assert found["rows"] == {"used": 333, "without_outcome": 2, "left_out_for_gaps": 9}
        assert found["explained_in_sample"] == pytest.approx(explained, rel=1e-8)

    def test_the_bootstrap_agrees_where_the_model_holds(self, penguins):  # type: ignore[no-untyped-def]
        for one in penguins.json("results.json")["coefficients"]:
            low, high = one["interval"]
            assert one["bootstrap_interval"] == pytest.approx([low, high], abs=0.2 * (high - low))

    def test_new_rows_are_explained_nearly_as_well(self, penguins):  # type: ignore[no-untyped-def]
        found = penguins.json("results.json")
        skill = found["cross_validation"]["skill"]
        assert 0.83 < skill < found["explained_in_sample"]
        low, high = found["cross_validation"]["interval"]
        assert low < skill < high
        assert found["verdict"]["code"] == "yes"
        assert "Yes: the columns explain about 86% of the variation in “body_mass_g”" in penguins.said
        assert found["flags"] == ["collinear"]

    def test_the_table_has_the_same_numbers(self, penguins):  # type: ignore[no-untyped-def]
        rows = {row["term"]: row for row in csv.DictReader(io.StringIO(penguins.text("table.csv")))}
        for name, one in coefficients(penguins).items():
            assert float(rows[name]["estimate"]) == pytest.approx(one["estimate"], rel=1e-6)
            assert float(rows[name]["bootstrap_high"]) == pytest.approx(one["bootstrap_interval"][1], rel=1e-6)

    def test_the_page_and_pictures_stand_alone(self, penguins):  # type: ignore[no-untyped-def]
        page = penguins.text("report.html")
        assert page.startswith('<!doctype html><html lang="en">')
        assert not re.search(r"<script|<link|<img|url\(|@import", page)
        assert set(re.findall(r"https?://[^\"' <]+", page)) == {"http://www.w3.org/2000/svg"}
        assert "prefers-color-scheme: dark" in page
        for name in ("coefficients.svg", "fit.svg", "normal.svg"):
            root = ET.fromstring(penguins.text(name))
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
        dots = len(list(ET.fromstring(penguins.text("coefficients.svg")).iter("{http://www.w3.org/2000/svg}circle")))
        assert dots == 5  # all terms but the intercept

    def test_outputs_are_those_that_the_recipe_names(self, penguins):  # type: ignore[no-untyped-def]
        named = {one["path"] for one in yaml.safe_load((RECIPE / "recipe.yaml").read_text("utf-8"))["outputs"]}
        assert {path.name for path in (penguins.folder / "output").iterdir()} == named


@pytest.mark.parametrize(("outcome", "kind"), [("event", "logistic"), ("count", "poisson")])
def test_yes_no_and_counts_are_what_newton_gives(run_r, outcome, kind):  # type: ignore[no-untyped-def]
    x, z, y = made()
    ended = run_r({"outcome": outcome, **QUICK}, table({outcome: y[outcome], "x": x, "z": z}))
    assert ended.code == 0, ended.error
    found = ended.json("results.json")
    assert found["family"] == kind
    design = np.column_stack([np.ones(len(x)), x, z])
    beta, error, mean = newton(design, y[outcome], kind)
    spread = ((y[outcome] - mean) ** 2 / mean).sum() / (len(x) - 3)
    assert found["dispersion"] == (1 if kind == "logistic" or spread < 1.5 else pytest.approx(spread))
    for one, b, e in zip(found["coefficients"], beta, error, strict=True):
        assert one["estimate"] == pytest.approx(b, rel=1e-5, abs=1e-7)
        assert one["standard_error"] == pytest.approx(e, rel=1e-4)
        assert one["ratio"] == pytest.approx(np.exp(b), rel=1e-5)
        assert one["interval"] == pytest.approx([b - 1.959964 * e, b + 1.959964 * e], rel=1e-3, abs=1e-6)


def test_cross_validation_is_what_numpy_does_with_one_row_a_fold(run_r):  # type: ignore[no-untyped-def]
    """As many folds as rows leaves chance no part. (20 folds at most, so 20 groups.)"""
    x, _, y = made(60)
    group = np.arange(60) % 20
    ended = run_r(
        {"outcome": "amount", "predictors": "x", "group": "g", "bootstrap": 100, "folds": 20, "repeats": 1},
        table({"amount": y["amount"], "x": x, "g": group}),
    )
    assert ended.code == 0, ended.error
    skill = []
    for left in range(20):
        train, test = group != left, group == left
        design = np.column_stack([np.ones(60), x])
        beta = np.linalg.lstsq(design[train], y["amount"][train], rcond=None)[0]
        wrong = ((y["amount"][test] - design[test] @ beta) ** 2).mean()
        skill.append(1 - wrong / ((y["amount"][test] - y["amount"][train].mean()) ** 2).mean())
    assert ended.json("results.json")["cross_validation"]["skill"] == pytest.approx(np.mean(skill), rel=1e-6)


def test_the_numbers_do_not_depend_on_the_cores(run_r):  # type: ignore[no-untyped-def]
    x, z, y = made(80)
    files = table({"amount": y["amount"], "x": x, "z": z})
    found = [
        run_r({"outcome": "amount", **QUICK}, files, SLURM_CPUS_PER_TASK=cores).json("results.json")
        for cores in ("1", "3")
    ]
    for one in found:
        one.pop("made")
    assert found[0] == found[1]


def test_a_danish_file_in_danish(run_r):  # type: ignore[no-untyped-def]
    x, _, y = made(80)
    place = np.where(np.arange(80) % 3 == 0, "Ærø", "Århus")
    text = table({"vægt": y["amount"], "højde": x, "sted": place}, ";", ",")["data.csv"].decode()
    found = []
    for encoding in ("utf-8-sig", "cp1252", "utf-16"):
        ended = run_r({"outcome": "Vægt", **QUICK}, {"data.csv": text.encode(encoding)}, DKAI_LANG="da")
        assert ended.code == 0, ended.error
        found.append(coefficients(ended))
        assert set(found[-1]) == {"(intercept)", "højde", "sted = Ærø"}
        assert found[-1]["højde"]["estimate"] == pytest.approx(found[0]["højde"]["estimate"])
    page = ended.text("report.html")
    assert '<html lang="da">' in page
    assert "Hvad hænger »vægt« sammen med?" in page
    assert "mod Århus" in page
    assert ended.text("table.csv").splitlines()[0].startswith("term;estimate;")
    assert re.search(r"højde\";0,\d+", ended.text("table.csv"))
    design = np.column_stack([np.ones(80), x, place == "Ærø"])
    assert found[0]["sted = Ærø"]["estimate"] == pytest.approx(np.linalg.lstsq(design, y["amount"], rcond=None)[0][2])


def test_columns_that_no_model_should_use_are_left_out_and_named(run_r):  # type: ignore[no-untyped-def]
    x, _, y = made(60)
    ended = run_r({"outcome": "amount", **QUICK}, table({
        "nr": range(1, 61), "amount": y["amount"], "x": x, "twice": 2 * x, "same": ["a"] * 60,
        "cpr": [f"{1 + n % 28:02d}0385-{1000 + n}" for n in range(60)],
        "day": [f"{1 + n % 28}-03-2024" for n in range(60)],
        "name": [f"p{n}" for n in range(60)], "none": [""] * 60,
    }))  # fmt: skip
    found = ended.json("results.json")
    assert found["left_out"] == {
        "nr": "row-number", "same": "constant", "cpr": "person", "day": "date", "name": "many-levels", "none": "empty",
    }  # fmt: skip
    assert found["determined_by_others"] == ["twice"]
    assert "aliased" in found["flags"]
    assert "“cpr”: looks like Danish person numbers" in ended.text("report.html").replace("&quot;", '"')


def flags(run_r: Run, columns: dict[str, Any], **params: Any) -> list[str]:
    ended = run_r({"outcome": "y", **QUICK, **params}, table(columns))
    assert ended.code == 0, ended.error
    return ended.json("results.json")["flags"]  # type: ignore[no-any-return]


def test_assumptions_that_do_not_hold_are_said(run_r):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(5)
    x, noise = rng.uniform(0, 4, 300), rng.normal(size=300)
    assert flags(run_r, {"y": 2 * x + noise, "x": x}) == []
    assert "bend" in flags(run_r, {"y": x**2 + 0.3 * noise, "x": x})
    assert "spread" in flags(run_r, {"y": 2 * x + x * noise, "x": x})
    assert "skew" in flags(run_r, {"y": 2 * x + np.exp(1.2 * noise), "x": x})
    assert "overdispersed" in flags(run_r, {"y": rng.negative_binomial(1, 0.3, 300), "x": x})
    assert "separation" in flags(run_r, {"y": (x > 2).astype(int), "x": x})
    assert "influence" in flags(run_r, {"y": np.append(noise[:60], 90), "x": np.append(x[:60], 40)})
    assert "missing" in flags(run_r, {"y": noise, "x": [v if n % 4 else "" for n, v in enumerate(x)]})


BROKEN = [
    ({}, {"outcome": "y"}, "There is no table in input/.", "Der er ingen tabel i input/."),
    ({"a.csv": b"a,b\n1,2\n", "b.csv": b"a,b\n1,2\n"}, {"outcome": "a"}, "There are 2 files", "Der er 2 filer"),
    ({"a.csv": b""}, {"outcome": "y"}, "a.csv is empty.", "a.csv er tom."),
    ({"a.csv": b"PK\x03\x04\0\0"}, {"outcome": "y"}, "a.csv is not text.", "a.csv er ikke tekst."),
    ({"a.csv": b"y,x\n"}, {"outcome": "y"}, "a.csv has no rows", "a.csv har ingen rækker"),
    ({"a.csv": b"y\n1\n2\n3\n"}, {"outcome": "y"}, "a.csv has only one column.", "a.csv har kun én kolonne."),
    ({"a.csv": b"y,y\n1,2\n"}, {"outcome": "y"}, "Two columns are called “y”", "To kolonner hedder »y«"),
    ({"a.csv": b"y,x\n1,2\n3,4\n"}, {"outcome": "y"}, "Only 2 rows can be used; 2 terms", "Kun 2 rækker kan bruges"),
    ({"a.csv": b"y,x\n" + b"1,2\n" * 30}, {"outcome": "y"}, "“y” has the same value", "»y« har samme værdi"),
    ({"a.csv": b"y,x\n" + b"a,2\nb,3\nc,4\n" * 10}, {"outcome": "y"}, "“y” is 3 categories.", "»y« er 3 kategorier."),
    (PENGUINS, None, "Say what is to be explained (the parameter outcome). The columns are “species”",
     "Sig, hvad der skal"),
    (PENGUINS, {"outcome": "weight"}, "outcome is “weight”, but there is no such column.", "outcome er »weight«, men"),
    (PENGUINS, {"outcome": "sex", "event": "hen"}, "event is “hen”, but the values are “female”, “male”.",
     "event er »hen«"),
    (PENGUINS, {"outcome": "sex", "family": "linear"}, "“sex” is not a number in every row", "»sex« er ikke tal"),
    (PENGUINS, {"outcome": "sex", "folds": 1}, "The parameter folds cannot be 1: a whole number between 2 and 20",
     "Parameteren folds"),
    (PENGUINS, {"outcome": 3}, "The parameter outcome cannot be 3: a text is expected",
     "Parameteren outcome kan ikke være 3"),
    (PENGUINS, "[1]", "params.json cannot be read", "params.json kan ikke læses"),
    (PENGUINS, '{"outcome": "sex",}', "params.json cannot be read", "params.json kan ikke læses"),
]  # fmt: skip


@pytest.mark.parametrize("lang", [0, 1])
@pytest.mark.parametrize("at", range(len(BROKEN)))
def test_what_cannot_go_on_ends_with_a_sentence(run_r, at, lang):  # type: ignore[no-untyped-def]
    files, params, *sentences = BROKEN[at]
    ended = run_r(params, files, DKAI_LANG=("en", "da")[lang])
    assert ended.code == 1
    assert ended.error.startswith(sentences[lang])
    assert "\n" not in ended.error
    assert not list((ended.folder / "output").iterdir())


def test_its_json_is_pythons(tmp_path: Path) -> None:
    """Values of every kind go through R's reader and writer and come back; what is no JSON is refused."""
    value = {"æ \"q\" \\ /": ["1;2", "\t\n\u0001", "é😀", ""], "n": [0, -1.5, 1e-7, 123456789, 1e300],
             "t": True, "f": False, "none": None, "deep": {"a": {"b": []}}}  # fmt: skip
    source = tmp_path / "in.json"
    script = (
        f'Sys.setlocale("LC_CTYPE", "C.UTF-8"); source("{RECIPE / "json.R"}", encoding="UTF-8");'
        "args <- commandArgs(TRUE); text <- paste(readLines(args[1], encoding='UTF-8', warn=FALSE), collapse='\\n');"
        "cat(tryCatch(to_json(from_json(text)), error=function(e) paste('REFUSED', conditionMessage(e))))"
    )

    def through(text: str) -> str:
        source.write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["Rscript", "--vanilla", "-e", script, str(source)], capture_output=True, encoding="utf-8", check=True
        )
        return done.stdout.split("\n", 1)[1]

    for ascii_only in (True, False):
        back = json.loads(through(json.dumps(value, ensure_ascii=ascii_only)))
        assert back.pop("deep") == {"a": {"b": []}}
        assert back.pop("n") == pytest.approx(value["n"], rel=1e-11)
        assert back == {key: one for key, one in value.items() if key not in ("deep", "n")}
    bad = ["", "{", "[1,]", "{'a':1}", "01", "1.", "nul", '"\t"', '"a', "1 2", '{"a" 1}', '"\\x"', '"\\ud800"', "NaN"]
    joined = "c(" + ",".join(json.dumps(text) for text in bad) + ")"
    script = (
        script.split("args <-", maxsplit=1)[0]
        + f"for (t in {joined}) cat(inherits(try(from_json(t), silent=TRUE), 'try-error'), '')"
    )
    done = subprocess.run(["Rscript", "--vanilla", "-e", script], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split("\n", 1)[1].split() == ["TRUE"] * len(bad)


def test_defaults_choices_and_ranges_are_the_scripts_own() -> None:
    recipe = yaml.safe_load((RECIPE / "recipe.yaml").read_text(encoding="utf-8"))
    script = (
        f'source("{RECIPE / "json.R"}", encoding="UTF-8"); source("{RECIPE / "params.R"}", encoding="UTF-8");'
        "cat(to_json(list(defaults = DEFAULTS[PARAMETERS], names = PARAMETERS, choices = CHOICES, ranges = RANGES)))"
    )
    done = subprocess.run(["Rscript", "--vanilla", "-e", script], capture_output=True, encoding="utf-8", check=True)
    found = json.loads(done.stdout)
    assert found["names"] == [p["id"] for p in recipe["params"]]
    given = {name: value for name, value in found["defaults"].items() if value is not None}
    assert given == {p["id"]: p["default"] for p in recipe["params"] if p["default"] is not None}
    assert found["choices"] == {
        p["id"]: [c["id"] for c in p["choices"]] for p in recipe["params"] if p["type"] == "choice"
    }
    assert found["ranges"] == {p["id"]: [p["min"], p["max"]] for p in recipe["params"] if "min" in p}
    assert f'VERSION <- "{recipe["version"]}"' in (RECIPE / "main.R").read_text(encoding="ascii")


def test_both_languages_say_the_same_things() -> None:
    text = (RECIPE / "texts.R").read_text(encoding="utf-8")
    pairs = re.findall(r'^  "([\w-]+)" = c\("((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\),?$', text, re.M)
    assert len(pairs) == text.count('" = c(') > 100
    assert len({key for key, *_ in pairs}) == len(pairs)
    for key, danish, english in pairs:
        assert set(re.findall(r"{(\w+)}", danish)) == set(re.findall(r"{(\w+)}", english)), key
    used = set()
    for path in RECIPE.glob("*.R"):
        used |= set(re.findall(r'(?:words|h2|cannot_go_on|tell)\("([\w-]+)"', path.read_text(encoding="utf-8")))
    known = {key for key, *_ in pairs}
    assert {key for key in used if key not in known and f"flag-{key}" not in known} == set()
