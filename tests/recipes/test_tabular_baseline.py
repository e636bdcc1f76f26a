"""tabular-baseline run for real: its numbers against hand-counted and independently computed ones."""

from __future__ import annotations

import csv
import io
import os
import random
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from recipe_runs import RECIPES, Ended, lay_out

QUICK = {"folds": 3, "repeats": 1}


def rows_of(ended, delimiter: str = ",") -> list[dict[str, str]]:  # type: ignore[no-untyped-def]
    return list(csv.DictReader(io.StringIO(ended.text("predictions.csv")), delimiter=delimiter))


def table(heads: str, rows: list[tuple[object, ...]]) -> dict[str, bytes]:
    return {"data.csv": (heads + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)).encode()}


@pytest.fixture(scope="module")
def penguins(tmp_path_factory):  # type: ignore[no-untyped-def]
    """The sample run: made once, looked at by many tests."""
    folder = tmp_path_factory.mktemp("penguins")
    lay_out("tabular-baseline", folder)
    shutil.copy(RECIPES / "tabular-baseline" / "sample" / "penguins.csv", folder / "input")
    (folder / "params.json").write_text('{"target": "sex", "task": "auto", "folds": 5, "repeats": 3, "seed": 1}')
    done = subprocess.run(
        [sys.executable, "script/main.py"],
        cwd=folder,
        env={**os.environ, "DKAI_LANG": "en"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Ended(folder, done.returncode, done.stdout, done.stderr)


class TestPenguins:
    """The sample that ships, with the sample run's own parameters: 344 penguins, counted by hand."""

    def test_rows_and_classes(self, penguins):  # type: ignore[no-untyped-def]
        found = penguins.json("results.json")
        assert found["rows"]["in_file"] == 344
        assert found["rows"]["without_target"] == 11
        assert found["rows"]["used"] == 333
        assert found["classes"] == {"female": 165, "male": 168}
        assert found["file"]["missing_codes"] == {"NA": 19}  # 11 sexes and 4 measures of 2 penguins
        assert found["task"] == "classification"

    def test_the_guess_scores_what_a_guess_must(self, penguins):  # type: ignore[no-untyped-def]
        guess = penguins.json("results.json")["models"]["guess"]
        assert guess["balanced_accuracy"]["mean"] == 0.5
        assert guess["roc_auc"]["mean"] == 0.5
        assert guess["accuracy"]["mean"] == pytest.approx(168 / 333, abs=0.002)  # the larger class's share

    def test_both_models_beat_the_guess_by_far(self, penguins):  # type: ignore[no-untyped-def]
        found = penguins.json("results.json")
        for model in ("linear", "boosting"):
            assert 0.85 < found["models"][model]["balanced_accuracy"]["mean"] < 0.96
            low, high = found["models"][model]["gain_over_guess"]["interval_95"]
            assert 0.3 < low < high < 0.5
        assert found["verdict"]["code"] == "yes"
        assert found["verdict"]["model"] == "linear"  # boosting is not surely better
        assert found["verdict"]["text"] in penguins.said

    def test_the_scores_follow_from_the_predictions(self, penguins):  # type: ignore[no-untyped-def]
        """The first repeat's fold scores, worked out again from predictions.csv with nothing but counting."""
        found, rows = penguins.json("results.json"), rows_of(penguins)
        assert len(rows) == 333
        assert len({row["line"] for row in rows}) == 333
        for model in ("guess", "linear", "boosting"):
            for number in range(1, 6):
                part = [row for row in rows if row["fold"] == str(number)]
                hits = [row["actual"] == row[f"predicted_{model}"] for row in part]
                scores = found["models"][model]
                assert sum(hits) / len(hits) == pytest.approx(scores["accuracy"]["folds"][number - 1], abs=1e-6)
                shares = []
                for label in ("female", "male"):
                    mine = [hit for hit, row in zip(hits, part, strict=True) if row["actual"] == label]
                    shares.append(sum(mine) / len(mine))
                assert np.mean(shares) == pytest.approx(scores["balanced_accuracy"]["folds"][number - 1], abs=1e-6)

    def test_the_auc_is_the_share_of_pairs_in_order(self, penguins):  # type: ignore[no-untyped-def]
        part = [row for row in rows_of(penguins) if row["fold"] == "1"]
        chance = "probability_male_linear"
        men = [float(row[chance]) for row in part if row["actual"] == "male"]
        women = [float(row[chance]) for row in part if row["actual"] == "female"]
        pairs = [(m > w) + 0.5 * (m == w) for m in men for w in women]
        auc = penguins.json("results.json")["models"]["linear"]["roc_auc"]["folds"][0]
        assert np.mean(pairs) == pytest.approx(auc, abs=2e-3)  # the file rounds chances to four digits

    def test_folds_are_stratified_and_disjoint(self, penguins):  # type: ignore[no-untyped-def]
        men = defaultdict(int)
        for row in rows_of(penguins):
            men[row["fold"]] += row["actual"] == "male"
        assert sorted(men.values()) == [33, 33, 34, 34, 34]  # 168 over five folds

    def test_body_measures_count_and_the_year_does_not(self, penguins):  # type: ignore[no-untyped-def]
        ranked = [i["name"] for i in penguins.json("results.json")["importance"]]
        assert set(ranked[:3]) == {"body_mass_g", "bill_depth_mm", "bill_length_mm"}
        assert set(ranked[-3:]) >= {"island", "year"}

    def test_the_page_stands_alone_and_is_well_formed(self, penguins):  # type: ignore[no-untyped-def]
        page = penguins.text("report.html")
        assert re.findall(r"https?://[^\"' <]+", page) == ["http://www.w3.org/2000/svg"] * 6  # the name of SVG itself
        assert not re.search(r"<script|<link|<img|url\(|@import", page)
        assert page.startswith('<!doctype html><html lang="en">')
        assert "prefers-color-scheme: dark" in page
        assert "Can “sex” be predicted?" in page
        assert "333" in page
        assert well_formed(page)

    def test_the_figure_is_an_svg_of_its_own(self, penguins):  # type: ignore[no-untyped-def]
        import xml.etree.ElementTree as ET

        root = ET.fromstring(penguins.text("figure.svg"))
        texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
        assert "Can “sex” be predicted?" in texts
        assert "logistic regression" in texts
        # one dot a fold and repeat, for the two models that vary
        assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 30


def well_formed(page: str) -> bool:
    """Whether every tag that needs closing is closed, in order."""
    void = {"meta", "br", "hr", "img", "input", "link"}

    class Checker(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []
            self.good = True

        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in void:
                self.open.append(tag)

        def handle_endtag(self, tag: str) -> None:
            self.good = self.good and bool(self.open) and self.open.pop() == tag

    checker = Checker()
    checker.feed(page)
    return checker.good and not checker.open


class TestDanishFile:
    def test_read_as_its_author_meant_it(self, run_recipe, sample):  # type: ignore[no-untyped-def]
        data = {"kursus.csv": sample("synthetic-course-dk.csv")}
        ended = run_recipe("tabular-baseline", {"target": "gennemført", **QUICK}, files=data, DKAI_LANG="da")
        found = ended.json("results.json")
        assert {k: found["file"][k] for k in ("encoding", "delimiter", "decimal")} == {
            "encoding": "cp1252", "delimiter": ";", "decimal": ",",
        }  # fmt: skip
        assert set(found["file"]["missing_codes"]) == {".", "", "uoplyst"}
        why = {c["name"]: c["why_not_code"] for c in found["columns"]}
        assert why == {
            "løbenr": "row-number", "hold": None, "region": None, "postnr": "free-text", "alder": None,
            "afstand_km": None, "løn_kr": None, "søvn_timer": None, "tilfredshed": None, "tilmeldt": "date",
            "land": "constant", "bevis": None, "gennemført": "target",
        }  # fmt: skip
        assert {c["name"]: c["kind"] for c in found["columns"]}["løn_kr"] == "number"
        # what gives the answer away, hidden groups and the code for an unknown age are all pointed out
        assert found["verdict"]["code"] == "suspicious"
        assert found["giveaways"] == {"bevis": 1.0}
        text = " ".join(found["warnings"])
        assert "»bevis« rammer alene »gennemført« næsten hver gang" in text
        assert "kør med group=hold" in text
        assert "»alder« har værdien 99 i 10 rækker" in text
        assert "Sandsynligvis for godt til at være sandt." in ended.said
        page = ended.text("report.html")
        assert '<html lang="da">' in page
        assert "Før du tror på det" in page
        assert "balanceret træfsikkerhed" in page

    def test_groups_stay_together_and_numbers_keep_their_marks(self, run_recipe, sample):  # type: ignore[no-untyped-def]
        raw = sample("synthetic-course-dk.csv")
        ended = run_recipe(
            "tabular-baseline",
            {"target": "løn_kr", "group": "hold", "leave_out": "bevis; gennemført", "missing": "99", **QUICK},
            files={"kursus.csv": raw},
            DKAI_LANG="da",
        )
        lines = raw.decode("cp1252").splitlines()
        fold_of = defaultdict(set)
        for row in rows_of(ended, ";"):
            cells = lines[int(row["line"]) - 1].split(";")
            fold_of[cells[1]].add(row["fold"])
            assert row["actual"] == cells[6].replace(".", "")  # 350.400 is 350400
            assert "." not in row["predicted_linear"]  # a decimal comma, as the file has
        assert len(fold_of) == 24
        assert all(len(folds) == 1 for folds in fold_of.values())
        found = ended.json("results.json")
        assert found["validation"]["groups"] == 24
        assert found["task"] == "regression"
        assert found["rows"]["used"] == 240 - sum("uoplyst" in line for line in lines)
        assert "ikke læst som manglende" not in ended.text("report.html")  # as 99 was, when told
        assert found["file"]["missing_codes"]["99"] == sum(line.split(";")[4] == "99" for line in lines)
        errors = [
            abs(float(r["actual"].replace(",", ".")) - float(r["predicted_linear"].replace(",", ".")))
            for r in rows_of(ended, ";")
            if r["fold"] == "2"
        ]
        assert np.mean(errors) == pytest.approx(found["models"]["linear"]["mae"]["folds"][1], rel=1e-6)


class TestHonesty:
    def test_noise_is_no_better_than_guessing(self, run_recipe):  # type: ignore[no-untyped-def]
        """Many columns, few rows, no relation: anything learned outside the folds would shine here."""
        rng = random.Random(5)
        rows = [(rng.choice("ab"), *(f"{rng.gauss(0, 1):.4f}" for _ in range(120))) for _ in range(80)]
        data = table("y," + ",".join(f"x{i}" for i in range(120)), rows)
        ended = run_recipe("tabular-baseline", {"target": "y"}, files=data)
        found = ended.json("results.json")
        assert found["verdict"]["code"] == "no"
        assert "No, no better than guessing." in ended.said
        assert "What the model leans on" not in ended.text("report.html")
        assert any("There are 120 columns for 80 rows" in text for text in found["warnings"])

    def test_a_straight_line_is_found_and_called_too_good(self, run_recipe):  # type: ignore[no-untyped-def]
        rng = random.Random(2)
        rows = [(x := rng.uniform(0, 10), 2 * x + 1, rng.gauss(0, 1)) for _ in range(120)]
        ended = run_recipe("tabular-baseline", {"target": "y", **QUICK}, files=table("x,y,z", rows))
        found = ended.json("results.json")
        assert found["task"] == "regression"
        assert found["models"]["linear"]["r2"]["mean"] > 0.999
        assert list(found["giveaways"]) == ["x"]
        assert found["verdict"]["code"] == "suspicious"

    def test_a_bent_relation_needs_boosting(self, run_recipe):  # type: ignore[no-untyped-def]
        rng = random.Random(3)
        rows = []
        for _ in range(400):
            a, b = rng.uniform(-1, 1), rng.uniform(-1, 1)
            rows.append((a, b, "yes" if a * b > 0 else "no"))
        ended = run_recipe("tabular-baseline", {"target": "y", "folds": 5, "repeats": 2}, files=table("a,b,y", rows))
        found = ended.json("results.json")
        assert found["verdict"]["model"] == "boosting"
        assert found["models"]["linear"]["balanced_accuracy"]["mean"] == pytest.approx(0.5, abs=0.08)
        assert found["models"]["boosting"]["balanced_accuracy"]["mean"] > 0.9
        assert "Only gradient boosting is surely better than a guess." in ended.said

    def test_the_interval_of_a_mean_over_folds(self, tabular):  # type: ignore[no-untyped-def]
        (validation,) = tabular("validation")
        # mean 0.8, variance 0.025, factor 1/5 + 1/4, t(0.975; 4) = 2.776445: 2.776445 * sqrt(0.01125) = 0.294487
        low, high = validation.corrected_interval(np.array([0.8, 0.9, 1.0, 0.7, 0.6]), 5)
        assert low == pytest.approx(0.8 - 0.294487, abs=1e-5)
        assert high == pytest.approx(0.8 + 0.294487, abs=1e-5)

    def test_the_same_seed_gives_the_same_figures(self, run_recipe, sample):  # type: ignore[no-untyped-def]
        data = {"penguins.csv": sample("penguins.csv")}
        first, second = (
            run_recipe("tabular-baseline", {"target": "species", "seed": 7, **QUICK}, files=data) for _ in range(2)
        )
        one, two = first.json("results.json"), second.json("results.json")
        one.pop("made"), two.pop("made")
        assert one == two
        assert first.text("predictions.csv") == second.text("predictions.csv")
        assert one["classes"] == {"Adelie": 152, "Chinstrap": 68, "Gentoo": 124}
        assert one["models"]["guess"]["balanced_accuracy"]["mean"] == pytest.approx(1 / 3, abs=1e-6)
        assert one["models"]["guess"]["accuracy"]["mean"] == pytest.approx(152 / 344, abs=0.004)


class TestPrivacy:
    @pytest.fixture
    def ended(self, run_recipe):  # type: ignore[no-untyped-def]
        rng = random.Random(1)
        rows = []
        for i in range(90):
            group = "rare-illness" if i < 3 else rng.choice(["well", "ill"])
            rows.append((f"Karen Hemmelig {i}", f"{1 + i % 28:02d}0385-{4000 + i}", 40 + rng.random(), i % 7, group))
        return run_recipe(
            "tabular-baseline",
            {"target": "state", **QUICK},
            files=table("name,number,<b>weight</b>,visits,state", rows),
        )

    def test_no_row_value_and_no_rare_class_leaves_the_predictions(self, ended):  # type: ignore[no-untyped-def]
        for name in ("report.html", "results.json", "figure.svg", "predictions.csv"):
            assert "Hemmelig" not in ended.text(name), name
            assert "rare-illness" not in ended.text(name), name
            assert "0385-4" not in ended.text(name), name
        found = ended.json("results.json")
        assert found["rows"]["in_rare_classes"] == {"fewer_than": 5}
        assert "1 classes with fewer than 5 rows were left out (&lt;\u00a05 rows in all)" in ended.text("report.html")

    def test_person_numbers_are_pointed_out_and_not_used(self, ended):  # type: ignore[no-untyped-def]
        found = ended.json("results.json")
        assert {c["name"]: c["why_not_code"] for c in found["columns"]}["number"] == "person-number"
        assert found["warnings"][0].startswith("“number” look like CPR numbers")

    def test_names_are_text_not_markup(self, ended):  # type: ignore[no-untyped-def]
        page = ended.text("report.html")
        assert "<b>weight" not in page
        assert "&lt;b&gt;weight&lt;/b&gt;" in page
        assert well_formed(page)

    def test_small_cells_are_hidden(self, tabular):  # type: ignore[no-untyped-def]
        picture, texts = tabular("picture", "texts")
        english = texts.TableWords(texts.TEXTS, "en")
        row = np.array([149, 3, 0])
        assert [picture._cell(row, at, english) for at in range(3)] == [">\u00a095%", "few", "0%"]
        assert [picture._cell(np.array([30, 10]), at, english) for at in range(2)] == ["75%", "25%"]
        assert [english.few(n) for n in (0, 1, 4, 5, 1240)] == ["0", "<\u00a05", "<\u00a05", "5", "1,240"]


def plain_rows(n: int = 60) -> str:
    return "a;b;c\n" + "".join(f"{i % 7};{i * 1.5:.1f};{'x' if i % 2 else 'y'}\n" for i in range(n))


BROKEN = [
    ("empty", b"", "data.csv is empty.", "data.csv er tom."),
    ("blank", b"  \n\n ", "data.csv is empty.", "data.csv er tom."),
    ("headings", b"a,b,c\n", "data.csv has headings but no rows", "data.csv har overskrifter, men ingen rækker"),
    ("one column", b"name\nA\nB\n", "There is only one column", "Der er kun én kolonne"),
    ("binary", bytes(range(256)) * 20, "data.csv is not a text file", "data.csv er ikke en tekstfil"),
    ("noise", b"\x8f\x01\x02\x03" * 500, "data.csv is not a text file", "data.csv er ikke en tekstfil"),
    ("workbook", b"PK\x03\x04" + b"x" * 99, "data.csv is an Excel sheet", "data.csv er et Excel-ark"),
    ("huge field", b"a,c\n1," + b"x" * 200_000 + b"\n", "data.csv: a field that begins on line 2", "data.csv: et felt"),
    ("open quote", b'a,c\n1,"x\n' + b"1,2\n" * 400, "data.csv: a quotation mark on", "data.csv: et anførselstegn"),
    ("twice", b"a,c,a\n1,2,3\n", "Two columns are called “a” (number 1", "To kolonner hedder »a« (nummer 1"),
    ("no names", b"1,2\n3,4\n5,6\n", "The first line holds only numbers", "Første linje har kun tal"),
    ("ragged", b"a,c\n" + b"1,2,3\n1\n" * 9, "data.csv: 18 lines do not have", "data.csv: 18 linjer har ikke"),
    ("three rows", b"a,c\n1,x\n2,y\n3,x\n", "There are only 3 rows in which “c” can be used", "Der er kun 3 rækker"),
    ("all missing", b"a,c\n" + b"1,\n" * 40, "“c” is missing in every row", "»c« mangler i alle rækker"),
    ("constant", b"a,c\n" + b"1,x\n" * 40, "“c” has the same value in every row", "»c« har samme værdi i alle rækker"),
    ("no target", plain_rows().replace("c\n", "d\n", 1).encode(), "target is “c”, but", "target er »c«"),
    ("only ids", ("id,c\n" + "".join(f"{i},{'xy'[i % 2]}\n" for i in range(40))).encode(),
     "There are no usable columns left", "Der er ingen brugbare kolonner"),
    ("rare classes", ("a,c\n" + "".join(f"{i % 5},k{i // 3}\n" for i in range(60))).encode(),
     "There are only 0 rows", "Der er kun 0 rækker"),
    ("too wide", (",".join(f"x{i}" for i in range(2001)) + ",c\n" + (",".join(["1", "2"] * 1000) + ",1,x\n"
     + ",".join(["2", "1"] * 1000) + ",2,y\n") * 15).encode(),
     "The table has 2,001 usable columns", "Tabellen har 2.001 brugbare kolonner"),
    ("a date", ("a,c\n" + "".join(f"{i % 5},{1 + i % 28}-03-2024\n" for i in range(60))).encode(),
     "“c” holds dates.", "»c« er datoer."),
]  # fmt: skip


@pytest.mark.parametrize(("content", "english", "danish"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_broken_input_ends_with_a_sentence(run_recipe, content, english, danish):  # type: ignore[no-untyped-def]
    for lang, sentence in (("en", english), ("da", danish)):
        ended = run_recipe("tabular-baseline", {"target": "c"}, files={"data.csv": content}, DKAI_LANG=lang)
        assert ended.code == 1
        assert ended.error.startswith(sentence)
        assert "\n" not in ended.error
        assert not list((ended.folder / "output").iterdir())


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        (None, "Say which column to predict (the parameter target). The columns are “a”, “b”, “c”."),
        ({"target": "C"}, ""),  # case may differ
        ({"target": "d"}, "target is “d”, but there is no such column. The columns are “a”, “b”, “c”."),
        ({"target": "c", "group": "z"}, "group is “z”, but there is no such column."),
        ({"target": "c", "group": "c"}, "“c” cannot be both what is predicted and the group."),
        ({"target": "c", "leave_out": "a;z"}, "leave_out is “z”, but there is no such column."),
        ({"target": "c", "leave_out": "a;b"}, "There are no usable columns left"),
        ({"target": "c", "task": "regression"}, "task is regression, but “c” is not a number in every row."),
        ({"target": "c", "task": "magic"}, 'The parameter task cannot be "magic": choose among auto, classification'),
        ({"target": "c", "folds": 1}, "The parameter folds cannot be 1: between 2 and 20"),
        ({"target": 3}, "The parameter target cannot be 3: a text is expected"),
        ("[]", "params.json cannot be read"),
        ("{", "params.json cannot be read"),
    ],
)
def test_parameters_are_checked(run_recipe, params, sentence):  # type: ignore[no-untyped-def]
    if isinstance(params, dict) and not sentence:
        params = {**params, **QUICK}
    ended = run_recipe("tabular-baseline", params, files={"data.csv": plain_rows().encode()})
    assert ended.error.startswith(sentence)
    assert ended.code == (1 if sentence else 0)


def test_input_must_be_one_table(run_recipe):  # type: ignore[no-untyped-def]
    ended = run_recipe("tabular-baseline", {"target": "c"})
    assert ended.error.startswith("There is no table in input/")
    both = {"one.csv": b"a,c\n1,2\n", "two.csv": b"a,c\n1,2\n"}
    assert run_recipe("tabular-baseline", {"target": "c"}, files=both).error.startswith("There are 2 files in input/")


def test_missing_packages_are_named(run_recipe, tmp_path: Path):  # type: ignore[no-untyped-def]
    (tmp_path / "none" / "sklearn").mkdir(parents=True)
    (tmp_path / "none" / "sklearn" / "__init__.py").write_text("raise ImportError('none', name='sklearn')")
    ended = run_recipe(
        "tabular-baseline", {"target": "c"}, files={"data.csv": plain_rows().encode()},
        PYTHONPATH=str(tmp_path / "none"),
    )  # fmt: skip
    assert ended.code == 1
    assert ended.error.startswith("The Python package sklearn is missing here;")


def test_both_languages_say_the_same_things(tabular) -> None:  # type: ignore[no-untyped-def]
    (texts,) = tabular("texts")
    for key, (danish, english) in texts.TEXTS.items():
        assert set(re.findall(r"{(\w+)}", danish)) == set(re.findall(r"{(\w+)}", english)), key
        assert danish.strip(), key
        assert english.strip(), key


def test_numbers_in_both_languages(tabular) -> None:  # type: ignore[no-untyped-def]
    (texts,) = tabular("texts")
    english, danish = texts.TableWords(texts.TEXTS, "en"), texts.TableWords(texts.TEXTS, "da")
    assert [english.number(x) for x in (0, 0.9137, 12.5, 283.4, 37039.2, -4.5)] == [
        "0", "0.914", "12.5", "283", "37,039", "−4.50",
    ]  # fmt: skip
    assert [danish.number(x) for x in (0.9137, 37039.2)] == ["0,914", "37.039"]
    assert (english.share(0.914), danish.share(0.914)) == ("91%", "91\u00a0%")
    assert danish.quoted(["a", "æ"]) == "»a«, »æ«"
