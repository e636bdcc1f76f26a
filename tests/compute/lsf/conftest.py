"""The stand-in's commands in front of PATH, and a site that uses them on this computer."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dkai.compute.site import Site
from dkai.compute.sites_file import save_site
from dkai.core.levels import Level


def load_standin() -> ModuleType:
    """The stand-in as a module; pytest imports by path, so it has no name to be imported by."""
    spec = importlib.util.spec_from_file_location("lsf_standin", Path(__file__).with_name("standin.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Lsf:
    """The stand-in as a test sees it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        load_standin().install(folder)

    def set(self, **how: Any) -> None:
        """How it behaves from now on (see standin.py)."""
        (self.folder / "conf.json").write_text(json.dumps(how))

    @property
    def jobs(self) -> dict[str, dict[str, Any]]:
        """Its queue, by number."""
        found: dict[str, dict[str, Any]] = json.loads((self.folder / "jobs.json").read_text())
        return found

    @property
    def submissions(self) -> int:
        """How often bsub was called."""
        file = self.folder / "calls"
        return len(file.read_text().splitlines()) if file.exists() else 0


@pytest.fixture
def lsf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lsf]:
    """LSF's commands, with a queue of this test's own; whatever still runs at its end is ended."""
    found = Lsf(tmp_path / "lsf")
    monkeypatch.setenv("PATH", f"{found.folder}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    yield found
    found.set(wait_s=3600)
    for job in found.jobs.values():
        if job.get("pid") and job["ended"] is None:
            try:
                os.killpg(job["pid"], signal.SIGKILL)
            except OSError:
                continue


@pytest.fixture
def lsf_site(lsf: Lsf, tmp_path: Path) -> Site:
    """`lsf`: on this computer, with DTU's entry of the catalogue."""
    site = Site("lsf", scheduler="lsf", provider="dtu-hpc", base=str(tmp_path / "work"), level=Level.INTERNAL)
    (tmp_path / "work").mkdir()
    save_site(site)
    return site
