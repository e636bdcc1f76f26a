"""What the documentation says exists, and what exists is documented."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_command_page_is_fresh() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} → {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_in_the_text_exist(page: Path) -> None:
    known = {
        match[1] for match in re.finditer(r"^#+ (dkai[a-z -]*)$", (ROOT / "docs/commands.md").read_text(), re.MULTILINE)
    }
    groups = {path.split()[1] for path in known if " " in path}
    blocks = re.findall(r"^```\w*\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for line in re.findall(r"^\s*(?:\$ )?(dkai [a-z].*)$", "\n".join(blocks), re.MULTILINE):
        words = line.split()
        assert words[1] in groups, f"{page.name}: {line}"
        children = {path.split()[2] for path in known if path.startswith(f"dkai {words[1]} ")}
        if children and len(words) > 2 and re.fullmatch(r"[a-z]+", words[2]):
            assert words[2] in children, f"{page.name}: {line}"
