"""Sites in the lab, and dkai as alice would use it from her own computer."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from dkai.compute.site import Site
from dkai.compute.sites_file import save_site
from dkai.core.levels import Level


@pytest.fixture
def lab_base(lab: Any) -> str:
    """A folder of alice's for this test's jobs: other runs share the lab."""
    folder = f"{lab.user('alice').home}/base-{secrets.token_hex(6)}"
    assert lab.ssh(f"mkdir {folder}").returncode == 0
    return folder


@pytest.fixture
def lab_site(lab: Any, lab_base: str) -> Site:
    """`lab`: Slurm over SSH, as alice, for public and internal data."""
    site = Site(
        "lab", host="ssh", scheduler="slurm", address="lab", ssh_config=str(lab.ssh_config), python=str(lab.python),
        base=lab_base, level=Level.INTERNAL,
    )  # fmt: skip
    save_site(site)
    return site


@pytest.fixture
def workstation(lab: Any, lab_base: str) -> Site:
    """`workstation`: processes over SSH, on the same machine."""
    site = Site(
        "workstation", host="ssh", scheduler="process", address="lab", ssh_config=str(lab.ssh_config),
        python=str(lab.python), base=lab_base, level=Level.INTERNAL,
    )  # fmt: skip
    save_site(site)
    return site


@pytest.fixture
def slow_recipe(tmp_path: Path) -> Path:
    """A recipe that sleeps until it is ended, and says when it began."""
    folder = tmp_path / "slow"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(
        "schema: dkai/recipe/1\nid: slow\nname: slow\nsummary: {da: sover, en: sleeps}\n"
        "run: {script: main.py}\nresources: {cpus: 1, memory_gb: 0.2, minutes: 5}\n",
        encoding="utf-8",
    )
    (folder / "main.py").write_text("import time\nprint('began', flush=True)\ntime.sleep(240)\n", encoding="utf-8")
    return folder
