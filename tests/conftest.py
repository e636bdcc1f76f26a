"""Every test has its own home: nothing of the person who runs the suite is read or written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dkai.core import i18n, paths

pytest_plugins = ["installed", "lab.fixture"]

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def own_home(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """dkai's folders below tmp_path, English, no colour, no agent."""
    home = tmp_path / "dkai-home"
    monkeypatch.setenv("DKAI_HOME", str(home))
    monkeypatch.setenv("DKAI_LANG", "en")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    # What a command writes "here" lands here too.
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))
    paths.forget_cached_places()
    i18n.use_language("en")
    yield home
    paths.forget_cached_places()
    i18n.use_language("en")


@pytest.fixture
def dkai() -> Run:
    """Run the real program as a process: `dkai("radar", "search", "x")`; stdin is closed unless given."""

    def run(
        *words: str, check: int | None = 0, timeout: float = 60, **more: object
    ) -> subprocess.CompletedProcess[str]:
        more.setdefault("stdin", subprocess.DEVNULL) if "input" not in more else None
        done = subprocess.run(
            [sys.executable, "-m", "dkai", *words],
            capture_output=True, text=True, encoding="utf-8", timeout=timeout, check=False, **more,  # type: ignore[call-overload]
        )  # fmt: skip
        if check is not None:
            assert done.returncode == check, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done  # type: ignore[no-any-return]

    return run
