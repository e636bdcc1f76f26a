"""The repository speaks of itself alone, and its files are what they say they are."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout: an unpacked source archive has nothing to list")
    return [ROOT / name for name in done.stdout.decode().split("\0") if name]


def test_requirement_files_carry_hashes_and_name_no_index() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")) + sorted((ROOT / "recipes").glob("*/requirements.txt")):
        text = path.read_text(encoding="utf-8")
        assert "://" not in text, path
        assert not re.search(r"^--?(i|f|index|extra|find)", text, re.MULTILINE), path
        for block in re.split(r"\n(?=\S)", text.strip()):
            assert "==" in block, (path, block)
            assert "--hash=sha256:" in block, (path, block[:80])


def test_no_address_of_a_package_index() -> None:
    hosts = re.compile("pypi" + r"\.org|pythonhosted" + r"\.org|registry\.npm" + r"js|deb\.debian" + r"\.org")
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        assert not hosts.search(text), path


def test_every_text_file_ends_with_one_newline() -> None:
    for path in tracked():
        if path.suffix in {".py", ".md", ".yaml", ".yml", ".toml", ".po"} and path.exists() and path.stat().st_size:
            assert path.read_bytes().endswith(b"\n"), path
