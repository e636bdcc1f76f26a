"""Packages fetched here for a place that has no internet: by a real pip, from a folder in the place of an index."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from clusters import cluster
from test_runner import wheel

from dkai.compute.wheels import Target, fetch_wheels, target_of
from dkai.core.errors import UserError

OLD, NEW = Target("3.9.18", "x86_64", "2.28"), Target("3.11.2", "x86_64", "2.36")


def test_what_a_place_takes() -> None:
    """As PEP 600 has it: a wheel for any glibc up to the place's own, and the three older names that mean one."""
    tags = OLD.tags
    assert tags[0] == "manylinux_2_28_x86_64" and "manylinux_2_17_x86_64" in tags
    assert tags[-4:] == ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"]
    arm = Target("3.12.1", "aarch64", "2.17").tags
    assert arm == ["manylinux_2_17_aarch64", "manylinux2014_aarch64", "linux_aarch64"]
    assert OLD.markers["python_version"] == "3.9" and OLD.markers["platform_machine"] == "x86_64"


def test_a_place_that_does_not_tell() -> None:
    with pytest.raises(UserError) as error:
        target_of(cluster(python_version="3.11.2"))
    assert error.value.code == "no-target" and "--ask-now" in (error.value.hint or "")
    assert target_of(cluster(python_version="3.9.18", machine="x86_64", glibc="2.28")) == OLD


def for_system(folder: Path, tag: str) -> None:
    """A package whose wheels are for one Python and system each."""
    info = "tied_for_dkai-1.0.dist-info"
    with zipfile.ZipFile(folder / f"tied_for_dkai-1.0-{tag}.whl", "w") as archive:
        archive.writestr("tied_for_dkai.py", f"tag = {tag!r}\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tied-for-dkai\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: false\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where pip looks instead of an index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    return folder


def hashes_of(folder: Path, name: str) -> str:
    import hashlib

    found = sorted(folder.glob(f"{name}-*.whl"))
    return " ".join(f"--hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in found)


def test_each_place_gets_what_is_built_for_it_and_it_is_kept(index: Path, tmp_path: Path) -> None:
    tags = ("cp39-cp39-manylinux_2_28_x86_64", "cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-manylinux_2_39_x86_64",
            "cp311-cp311-win_amd64", "cp311-cp311-manylinux_2_17_aarch64")  # fmt: skip
    for tag in tags:
        for_system(index, tag)
    file = tmp_path / "requirements.txt"
    file.write_text(f"tied-for-dkai==1.0 ; python_version < '3.12' \\\n    {hashes_of(index, 'tied_for_dkai')}\n")
    said: list[str] = []
    (got,) = fetch_wheels(file, NEW, lambda news: said.append(news.says))
    assert got.name == "tied_for_dkai-1.0-cp311-cp311-manylinux_2_17_x86_64.whl"
    (other,) = fetch_wheels(file, OLD)
    assert other.name == "tied_for_dkai-1.0-cp39-cp39-manylinux_2_28_x86_64.whl"
    assert len(said) == 1 and "3.11.2" in said[0]
    for path in index.iterdir():
        path.unlink()
    assert fetch_wheels(file, NEW, lambda news: said.append(news.says)) == (got,)
    assert len(said) == 1  # kept: nothing is fetched, and nothing is said
    with pytest.raises(UserError) as error:
        fetch_wheels(file, Target("3.10.1", "x86_64", "2.28"))
    assert error.value.code == "no-wheel" and "tied-for-dkai" in error.value.message


def test_a_package_that_is_not_the_one_that_was_pinned(index: Path, tmp_path: Path) -> None:
    wheel(index)
    file = tmp_path / "requirements.txt"
    file.write_text(f"tiny-for-dkai==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(UserError) as error:
        fetch_wheels(file, NEW)
    assert error.value.code == "no-wheels" and not list(error.value.details)


@pytest.mark.slow
def test_a_dkai_whose_python_has_no_pip_makes_one(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tmp_path / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    monkeypatch.setattr(sys, "executable", str(bare / "bin/python"))
    monkeypatch.setenv("PATH", str(bare / "bin"))
    _, digest = wheel(index)
    file = tmp_path / "requirements.txt"
    file.write_text(f"tiny-for-dkai==1.0 --hash=sha256:{digest}\n")
    (got,) = fetch_wheels(file, NEW)
    assert got.name == "tiny_for_dkai-1.0-py3-none-any.whl"
