"""YAML from a person: values, or an error with the line; never a crash."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dkai.core.yaml_text import BadYaml, load_yaml


def test_values() -> None:
    assert load_yaml("a: [1, 2.5, true, hej]\n") == {"a": [1, 2.5, True, "hej"]}
    assert load_yaml("") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "line 2"),
        ("a: 1\nb: *x\n", "line 2"),
        ("a: &x [*x]\n", "anchor"),
        ("[" * 41 + "]" * 41, "too deeply"),
        ("a: 2026-13-45\n", "date or a number"),
        ("a: " + "1" * 5000 + "\n", "date or a number"),
        ('a: !!int "x"\n', "date or a number"),
        ("!!python/object/apply:os.system [id]", "line 1"),
        ("? [a]\n: 1\n", "line 1"),
    ],
)
def test_what_is_none_is_said(text: str, says: str) -> None:
    with pytest.raises(BadYaml, match=says):
        load_yaml(text)


def test_a_hundred_thousand_brackets_end_no_process() -> None:
    code = (
        "from dkai.core.yaml_text import load_yaml, BadYaml\ntry: load_yaml('[' * 100_000)\nexcept BadYaml: print('ok')"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60)
    assert done.stdout == "ok\n"
