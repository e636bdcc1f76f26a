"""What the Tab key finds, asked for as the shell does it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def complete(words: str) -> list[str]:
    env = {
        **os.environ,
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
        "_DKAI_COMPLETE": "complete_bash",
    }
    done = subprocess.run([sys.executable, "-m", "dkai"], env=env, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("dkai ra", "radar"),
        ("dkai radar sho", "show"),
        ("dkai radar show whisp", "whisper"),
        ("dkai catalogue show lum", "lumi"),
        ("dkai compute submit gpu", "gpu-check"),
        ("dkai compute submit --site loc", "local"),
        ("dkai compute quote gpu-check --site loc", "local"),
        ("dkai compute sites add x --provider uclo", "ucloud"),
    ],
)
def test_names_are_completed(words: str, found: str) -> None:
    assert found in complete(words)


def test_jobs_are_completed(dkai: Any) -> None:
    import json

    job = json.loads(dkai("compute", "submit", "gpu-check", "--yes", "--format", "json").stdout)["id"]
    assert job in complete("dkai compute status dkai-")


def test_a_broken_file_completes_nothing_and_says_nothing(own_home: Any) -> None:
    (own_home / "config").mkdir(parents=True)
    (own_home / "config" / "sites.yaml").write_text("{")
    assert complete("dkai compute submit --site l") == []


def test_completing_loads_nothing_heavy(dkai: Any) -> None:
    # A delay is noticed from a tenth of a second on; what would cause one is not loaded. (A source tree's index is
    # checked against its YAML once a home; an installed dkai has nothing to check.)
    dkai("catalogue", "status")
    code = """
import atexit, os, sys
from dkai.cli.entry import run
heavy = {"pydantic", "yaml", "rich", "paramiko", "httpx"}
atexit.register(lambda: sys.stderr.write(" ".join(heavy & set(sys.modules))))
os.environ.update(COMP_WORDS="dkai radar show w", COMP_CWORD="3", _DKAI_COMPLETE="complete_bash")
run([])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "whisper" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_script_for_every_shell(dkai: Any, shell: str) -> None:
    assert "_DKAI_COMPLETE" in dkai("completion", shell).stdout


def test_an_unknown_shell_is_said(dkai: Any) -> None:
    done = dkai("completion", "tcsh", check=1)
    assert "bash, zsh, fish" in done.stderr


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="there is no bash here")
def test_bash_reads_the_script(dkai: Any) -> None:
    script = dkai("completion", "bash").stdout
    done = subprocess.run(
        ["/bin/bash", "-c", f"{script}\ncomplete -p dkai"], capture_output=True, text=True, check=True
    )
    assert "_dkai_completion" in done.stdout
