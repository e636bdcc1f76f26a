"""Whatever a file holds: values and lines, or a problem in plain words; never an exception."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dkai.catalogue.yaml_file import dotted, parse_yaml, read_yaml


def problem_of(text: str) -> str:
    read = parse_yaml(text, "x.yaml")
    assert read.value is None
    return str(read.problems[0])


def test_values_and_their_lines() -> None:
    read = parse_yaml("a: 1\nb:\n  - {c: æøå}\n  - no\n", "x.yaml")
    assert read.value == {"a": 1, "b": [{"c": "æøå"}, False]}
    assert read.lines["b", 0, "c"] == 3
    assert read.lines["b", 1] == 4


def test_a_place_is_written_as_people_count() -> None:
    assert dotted(("limits", 1, "value")) == "limits[2].value"
    assert dotted(()) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "x.yaml: is empty"),
        ("# only a comment\n", "x.yaml: is empty"),
        ("a: 1\nb: 2\na: 3\n", "x.yaml:3 › a: is there twice"),
        ("a: {b: {c: 1, c: 2}}\n", "x.yaml:1 › a.b.c: is there twice"),
        ("a:\n\tb: 1\n", "x.yaml:2: is not YAML: found character that cannot start any token"),
        ("a: 'open\n", "x.yaml:2: is not YAML: found unexpected end of stream"),
        ("a: b: c\n", "x.yaml:1: is not YAML: mapping values are not allowed in this context"),
        ("a: &x [1]\nb: *x\n", "x.yaml:1: uses an anchor (& and *), which entries do not have"),
        ("no: 1\n", "x.yaml:1: has the key no, which is not text"),
        ("2026-11-23: 1\n", "x.yaml:1: has the key 2026-11-23, which is not text"),
        ("? [a]\n: 1\n", "x.yaml:1: has the key ?, which is not text"),
        ("a: 2026-13-45\n", "x.yaml:1 › a: is not a date: month must be in 1..12"),
        ("--- 1\n--- 2\n", "x.yaml:2: is not YAML: but found another document"),
        ("a: !!python/name:os.system x\n", "x.yaml:1: uses a tag (tag:yaml.org,2002:python/name:os.system)"),
        ("a: !!int x\n", "x.yaml:1: uses a tag (tag:yaml.org,2002:int)"),
    ],
)
def test_what_an_entry_may_not_have(text: str, says: str) -> None:
    assert problem_of(text).startswith(says)


def test_every_problem_says_how_to_mend_it() -> None:
    for text in ("a: 1\na: 2\n", "a:\n\tb: 1", "no: 1\n", "a: *x\n", "", "a: [" * 60):
        assert all(problem.hint for problem in parse_yaml(text, "x").problems), text


def test_a_bomb_of_anchors_is_refused_before_it_is_built() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "anchor" in problem_of("\n".join(lines))


@pytest.mark.parametrize("bracket", ["[", "{a: ", "- ", "? "])
def test_nesting_has_an_end(bracket: str) -> None:
    assert "nested too deeply" in problem_of(bracket * 30_000)


def test_a_huge_number_is_a_problem_of_the_file() -> None:
    assert "is not YAML" in problem_of("a: " + "9" * 10_000)


def test_files_that_are_no_text(tmp_path: Path) -> None:
    cases = {
        "empty": b"",
        "nul": b"a: \x00",
        "binary": bytes(range(256)),
        "latin-1": "navn: Sønderborg\n".encode("latin-1"),
        "utf-16": "a: 1\n".encode("utf-16"),
        "huge": b"a: " + b"x" * 10_000_000,
    }
    says = {
        "empty": "is empty",
        "nul": "is not YAML: control characters are not allowed",
        "binary": "is not UTF-8 text",
        "latin-1": "is not UTF-8 text (byte 7)",
        "utf-16": "is not UTF-8 text (byte 0)",
        "huge": "is larger than a file of this kind can be",
    }
    for name, data in cases.items():
        path = tmp_path / f"{name}.yaml"
        path.write_bytes(data)
        read = read_yaml(path, path.name)
        assert says[name] in str(read.problems[0])
        assert len(read.problems) == 1


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml(path, "bom.yaml").value == {"a": 1}


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").mkdir()
    assert "cannot read" in str(read_yaml(tmp_path / "x.yaml", "x.yaml").problems[0])


yaml_like = st.text(alphabet="abc:-?[]{}&*!|>%@`'\"#,\n \t\\0123456789.~<=é", max_size=200)


@given(st.one_of(yaml_like, st.text(max_size=200)))
@settings(max_examples=300, deadline=None)
def test_no_text_brings_it_down(text: str) -> None:
    read = parse_yaml(text, "x.yaml")
    assert read.problems or read.lines
